"""Evidence for the KL-regularised reward, which is largest at p', for several laws p and β.

That its value β log Z is attained is tested at p' = p_0 e^{r/β}/Z, at the K = inf step (β = 1), and
at t steps of the pure K = inf loop (β = 1/t). The rational core: these steps are p' exactly, and
E_p[p/p'] >= 1, which is KL(p‖p') >= 0 with the chi-square divergence in place of KL, equality at p'
only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import sympy
from hypothesis import strategies as st

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant, equation_margins
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Numbers, Run, dot
from recurate.paper_checks.runs.strategies import curation_loops
from recurate.theory.one_curation.kl_regularised_reward import statement

_COEFFICIENTS = (Fraction(1, 3), Fraction(1), Fraction(4))

# The symbols of the claim, whose sides are evaluated as they are.
_reward, _regulariser = sympy.symbols("E_{p}r KL(p|p_0)", real=True)
_best = dict(
    zip(sympy.symbols("E_{p'}r KL(p'|p_0)", real=True), (_reward, _regulariser), strict=True)
)
_distance = sympy.Symbol("h(p,p')", nonnegative=True)
_coefficient = sympy.Symbol("beta", positive=True)


def _gibbs(run: Run, start: Numbers, exponent: Number) -> tuple[Number, Numbers]:
    """Return Z = E_0 w^(1/β) and p' = p_0 w^(1/β)/Z, for the exponent 1/β."""
    powers = [w**exponent for w in run.weights]
    partition = dot(start, powers)
    return partition, [p * power / partition for p, power in zip(start, powers, strict=True)]


def _divergence(law: Numbers, start: Numbers) -> Number:
    """Return KL(p‖p_0), where p is either certainly positive or zero."""
    pairs = zip(law, start, strict=True)
    return sum((p * (p / q).log() for p, q in pairs if p > 0), 0)


def _objective(run: Run, law: Numbers, start: Numbers, beta: Number) -> Number:
    """Return E_p r - β KL(p‖p_0), with the reward log w."""
    values = {
        _reward: dot(law, [w.log() for w in run.weights]),
        _regulariser: _divergence(law, start),
        _coefficient: beta,
    }
    return value_of(run, statement.claim.rhs.xreplace(_best), values)


def _distance_from(law: Numbers, optimum: Numbers) -> Number:
    """Return h = sum of (p^{1/2} - p'^{1/2})², where p is certainly positive or else zero."""
    pairs = zip(law, optimum, strict=True)
    roots = [p.sqrt() - q.sqrt() for p, q in pairs if p > 0]
    return dot(roots, roots)


def _gap(run: Run, law: Numbers, optimum: Numbers, beta: Number) -> Number:
    """Return by how much the claim holds for p, from p_0 = p_ref."""
    value = _objective(run, law, run.reference, beta)
    # What stands before the distance in the claim is the value that the right-hand side has at p.
    extra = statement.claim.lhs - statement.claim.rhs.xreplace(_best)
    distance = {_distance: _distance_from(law, optimum), _coefficient: beta}
    best = _objective(run, optimum, run.reference, beta)
    return best - value - value_of(run, extra, distance)


def _are_distinct(left: Numbers, right: Numbers) -> bool:
    """Whether two laws certainly differ; otherwise they are taken for equal."""
    return any(x < y or x > y for x, y in zip(left, right, strict=True))


def _laws(run: Run) -> Iterator[tuple[str, Numbers]]:
    yield "second law", run.second
    yield "p_ref", run.reference
    yield f"p_{run.steps}", run.law(run.steps)


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for coefficient in _COEFFICIENTS:
        beta = run.number(coefficient)
        _, optimum = _gibbs(run, run.reference, 1 / beta)
        for name, law in _laws(run):
            yield Margin(
                _gap(run, law, optimum, beta),
                f"β = {coefficient}, {name}",
                tight=not _are_distinct(law, optimum),
            )
        yield _attained(run, optimum, run.reference, beta, f"β = {coefficient}, p'")
    for t in (0, run.steps):
        step = run.curation(t, math.inf)
        yield _attained(run, step.curated, step.probs, run.number(1), f"the step from t = {t}")
    if run.K == math.inf and run.lam == math.inf:
        for t in range(1, run.steps + 1):
            beta = 1 / run.number(t)
            yield _attained(run, run.law(t), run.reference, beta, f"{t} steps of the pure loop")


def _attained(run: Run, law: Numbers, start: Numbers, beta: Number, where: str) -> Margin:
    """Return the margin of: the law attains β log Z."""
    partition, _ = _gibbs(run, start, 1 / beta)
    value = _objective(run, law, start, beta)
    return Margin(-abs(beta * partition.log() - value), where, tight=True)


def _core_margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for t in (0, run.steps):
        step = run.curation(t, math.inf)
        _, optimum = _gibbs(run, step.probs, 1)
        yield from equation_margins(step.curated, optimum, f"the step from t = {t}")
    if run.K == math.inf and run.lam == math.inf:
        yield from _pure_steps(run, bound)
    for exponent in (1, 2, 3):
        _, optimum = _gibbs(run, run.reference, exponent)
        for name, law in _laws(run):
            square = sum((p * p / q for p, q in zip(law, optimum, strict=True)), 0)
            is_optimum = not _are_distinct(law, optimum)
            yield Margin(square - 1, f"β = 1/{exponent}, {name}", tight=is_optimum)


def _pure_steps(run: Run, bound: Bound) -> Iterator[Margin]:
    """p_t is the optimum for β = 1/t from p_0."""
    for t in range(1, run.steps + 1):
        _, optimum = _gibbs(run, run.reference, t)
        yield from equation_margins(run.law(t), optimum, f"{t} steps of the pure loop")


def _without_coefficient(run: Run, bound: Bound) -> Iterator[Margin]:
    """The largest value is log E_0 e^r, whatever β."""
    for coefficient in _COEFFICIENTS:
        beta = run.number(coefficient)
        _, optimum = _gibbs(run, run.reference, 1 / beta)
        value = _objective(run, optimum, run.reference, beta)
        yield Margin(run.mean_weight.log() - value, f"β = {coefficient}")


def _reversed(run: Run, bound: Bound) -> Iterator[Margin]:
    """E_p r - KL(p_0‖p) <= log Z."""
    reward = dot(run.second, [w.log() for w in run.weights])
    value = reward - _divergence(run.reference, run.second)
    yield Margin(run.mean_weight.log() - value, "β = 1, second law")


def _negative(run: Run, bound: Bound) -> Iterator[Margin]:
    """The claim for β = -1."""
    partition, _ = _gibbs(run, run.reference, -1)
    yield Margin(-partition.log() - _objective(run, run.reference, run.reference, -1), "p_ref")


def _finite_candidates(run: Run, bound: Bound) -> Iterator[Margin]:
    """Curation by K candidates attains β log Z for β = K/(K-1)."""
    step = run.curation(0)
    beta = run.number(int(run.K)) / (int(run.K) - 1)
    yield _attained(run, step.curated, step.probs, beta, "first step")


_pure_loops = curation_loops(candidates=st.just(math.inf), mixing=lambda K: st.just(math.inf))

check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_core_margins,
    loops=st.one_of(curation_loops(), _pure_loops),
    instances=(
        two_points("1/3", "1/2", K=math.inf, steps=3),
        hierarchy(3, ratio=100, K=math.inf, steps=3),
        two_points("999/1000", "1/2"),
    ),
    mutants=(
        Mutant(
            "the largest value is log E_0 e^r, for every β",
            margins=_without_coefficient,
            is_exact=False,
        ),
        Mutant(
            "KL(p_0‖p) in place of KL(p‖p_0)",
            margins=_reversed,
            is_exact=False,
            instances=(
                Instance.of("1/20000 1", "999999/1000000 1/1000000", second="1/100 99/100"),
            ),
        ),
        Mutant(
            "for β < 0, too",
            margins=_negative,
            admits=lambda run: True,
            is_exact=False,
        ),
        Mutant(
            "curation by K candidates is the optimum for β = K/(K-1)",
            margins=_finite_candidates,
            admits=lambda run: 1 < run.K < math.inf,
            is_exact=False,
            instances=(two_points("1/3", "1/2"),),
        ),
        Mutant(
            "t steps of the pure loop are the optimum for β = 1/t, for every K",
            margins=_pure_steps,
            admits=lambda run: run.lam == math.inf,
            instances=(two_points("1/3", "1/2", steps=2),),
        ),
    ),
)
