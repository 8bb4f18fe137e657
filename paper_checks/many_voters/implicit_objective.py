"""Evidence for the implicit objective, on loops of one voter that are built around their limits.

For a law p and λ the reference is chosen so that p is the fixed point. The rational core: p is
fixed, and the mean growth of the sources is one if any law q takes the place of p; the logarithm of
that growth has a mean of at most zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

from hypothesis import strategies as st

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant, equation_margins
from recurate.paper_checks.fixed_points.objectives import (
    VotersLoop,
    are_distinct,
    divergence,
    other_laws,
    positive_laws,
)
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.instances import Instance, two_points
from recurate.paper_checks.runs.run import Number, Numbers, Run, dot, log_of
from recurate.paper_checks.runs.strategies import curation_loops
from recurate.theory.language.notation import lam, mean_weight_at, reverse_divergence_at
from recurate.theory.language.notation import t as number_of_steps
from recurate.theory.many_voters.implicit_objective import (
    other_divergence,
    other_value,
    other_weight,
    statement,
)
from recurate.theory.many_voters.pluralistic_objective import optimum_divergence_at

_GROWTHS = tuple(Fraction(g) for g in ("9/10", "1/4", "99/100"))
"""a over its largest value for which a law is the fixed point."""

_STEPS = 3
"""Number of steps of a loop on its way to the limit, from the uniform law."""

Value = Callable[[Run, VotersLoop, Numbers], Number]


def _built(run: Run) -> Iterator[tuple[str, VotersLoop, Numbers]]:
    """Yield loops with a law that is the fixed point."""
    for i, (name, law) in enumerate(positive_laws(run)):
        growth = run.number(_GROWTHS[i % len(_GROWTHS)])
        loop = VotersLoop.around(law, [run.number(1)], [run.weights], growth)
        if loop is not None:
            yield name, loop, law


def _value(run: Run, loop: VotersLoop, law: Numbers) -> Number:
    """Return log E w - KL(p_ref‖p)/λ, as the statement has it."""
    numbers = {
        other_weight: dot(law, run.weights),
        other_divergence: divergence(loop.reference, law),
        lam: loop.a / loop.m,
    }
    return value_of(run, other_value, numbers)


def _gaps(run: Run, of: Value = _value) -> Iterator[Margin]:
    """Yield by how much the value at the limit is above that at other laws."""
    for where, loop, law in _built(run):
        most = of(run, loop, law)
        for name, other in other_laws(run, loop, law):
            is_one = not are_distinct(law, other)
            margin = most - of(run, loop, other)
            yield Margin(margin, f"limit: {where}; q: {name}", tight=is_one)


def _approach(run: Run, times: int = 1) -> Iterator[Margin]:
    """Yield the margins of the claim on the way to the limit, or with so many times the steps."""
    for where, loop, limit in _built(run):
        laws = loop.laws([run.number(Fraction(1, run.size))] * run.size, _STEPS)
        for name, law in [("the limit", limit), ("the start", laws[0])]:
            for t, reached in enumerate(laws):
                numbers = {
                    other_weight: dot(law, run.weights),
                    other_divergence: divergence(loop.reference, law),
                    mean_weight_at(number_of_steps): dot(reached, run.weights),
                    reverse_divergence_at(number_of_steps): divergence(loop.reference, reached),
                    optimum_divergence_at(0): divergence(limit, laws[0]),
                    lam: loop.a / loop.m,
                    number_of_steps: times * (t + 1) - 1,
                }
                margin = value_of(run, statement.claim.rhs - statement.claim.lhs, numbers)
                is_one = not are_distinct(law, reached) and not are_distinct(limit, laws[0])
                yield Margin(margin, f"limit: {where}; q: {name}, t = {t}", tight=is_one)


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    yield from _gaps(run)
    yield from _approach(run)


def _core_margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for where, loop, law in _built(run):
        yield from equation_margins(loop.ratio(law), [1] * run.size, f"{where}, fixed")
        for name, other in other_laws(run, loop, law):
            grown = [q / p for q, p in zip(other, law, strict=True)]
            real = dot(loop.reference, grown)
            chosen = dot(other, run.weights) / dot(law, run.weights)
            mean = loop.m * real + loop.a * chosen
            yield Margin(-abs(mean - 1), f"{where}; q: {name}, growth", tight=True)


def _backwards(run: Run, loop: VotersLoop, law: Numbers) -> Number:
    weighted = log_of(dot(law, run.weights))
    return weighted - divergence(law, loop.reference) * loop.m / loop.a


def _times_lam(run: Run, loop: VotersLoop, law: Numbers) -> Number:
    return log_of(dot(law, run.weights)) - divergence(loop.reference, law) * loop.a / loop.m


def _mean_reward(run: Run, loop: VotersLoop, law: Numbers) -> Number:
    rewards = [log_of(w) for w in run.weights]
    return dot(law, rewards) - divergence(loop.reference, law) * loop.m / loop.a


def _of_one_atom(run: Run, bound: Bound) -> Iterator[Margin]:
    """The value at p_ref, which is the fixed point if it has one weight, and at the second law."""
    if run.number_of_weights(0) == 1 and run.lam not in (0, math.inf):
        loop = VotersLoop([run.number(1)], [run.weights], run.synthetic_fraction, run.reference)
        values = (_value(run, loop, law) for law in (run.reference, run.second))
        first, second = values
        yield Margin(first - second, "second law")


def _finite_candidates(run: Run, bound: Bound) -> Iterator[Margin]:
    """The law where the value is largest is the fixed point for the run's own K."""
    for where, loop, law in _built(run):
        curated = run.curation_of(law).curated
        following = [loop.m * q + loop.a * p for q, p in zip(loop.reference, curated, strict=True)]
        yield Margin(-run.total_variation(following, law), where)


check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_core_margins,
    admits=lambda run: bool(run.K == math.inf),
    loops=curation_loops(candidates=st.just(math.inf)),
    instances=(
        two_points("1/2", "1/3", K=math.inf, lam=1),
        two_points("1/100", "1/3", K=math.inf, lam=1),
        Instance.of("1/10 1/2 1", "1/2 3/10 1/5", second="1/10 1/5 7/10", K=math.inf, lam=2),
    ),
    mutants=(
        Mutant(
            "KL(p‖p_ref), as in RLHF, in place of KL(p_ref‖p)",
            margins=lambda run, bound: _gaps(run, _backwards),
            is_exact=False,
        ),
        Mutant(
            "within KL(p*‖p_0)/(t+1) divided by 3",
            margins=lambda run, bound: _approach(run, times=3),
            is_exact=False,
        ),
        Mutant(
            "λ KL in place of KL/λ",
            margins=lambda run, bound: _gaps(run, _times_lam),
            is_exact=False,
        ),
        Mutant(
            "the mean reward E r in place of log E e^r",
            margins=lambda run, bound: _gaps(run, _mean_reward),
            is_exact=False,
        ),
        Mutant(
            "q may have mass where p_ref has none",
            margins=_of_one_atom,
            is_exact=False,
            admits=lambda run: bool(run.K == math.inf),
            instances=(Instance.of("1 4 4", "1 0 0", second="2/3 1/6 1/6", K=math.inf, lam=1),),
        ),
        Mutant(
            "the fixed point for finite K is that law, too",
            margins=_finite_candidates,
            admits=lambda run: bool(1 < run.K < math.inf),
            instances=(two_points("1/2", "1/3", lam=1),),
        ),
    ),
)
