"""Evidence for wrong rewards: one curation by r and by r', and the fixed points of both loops.

Every law p is a fixed point for r, as in global_attraction. The end of the loop for r' is computed
in floating point. For the law y found, as for any other, TV(p, y) is at most the claim's bound plus
TV(y, F'(y)) p(A)/(m q), where F' is the step for r' (finite_sample_drift); at a fixed point that is
next to nothing. In rationals one curation is tested, and for K = inf the fixed points for the
rewards r' for which a given law is the winner's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Curation, Number, Numbers, Run, normalised
from recurate.theory.fixed_points.finite_sample_drift import limit_top
from recurate.theory.fixed_points.wrong_rewards import largest_error, statement
from recurate.theory.language.notation import lam, top_mass

_FACTOR = Fraction(3, 2)  # e^δ
_CASES = ((1, Fraction(9, 10)), (-1, Fraction(1, 20)))
"""Whether r' is higher for light or for heavy atoms, and a H(w_*) for the loops for r."""


class _Loop(NamedTuple):
    """The loop for r with a given fixed point, and the law y that the loop for r' ends near."""

    limit: Curation
    a: Number
    real: Numbers  # m p_ref
    factor: Number  # e^δ
    end: Numbers
    residual: Number  # TV(y, F'(y))


Claimed = Callable[[Run, _Loop], Number]


def _tanh(factor: Number) -> Number:
    """Return the hyperbolic tangent of δ/2, for e^δ."""
    return (factor - 1) / (factor + 1)


def _claimed(run: Run, loop: _Loop, error: Callable[[Number], Number] = _tanh) -> Number:
    """Return the claim's bound."""
    values = {
        largest_error: error(loop.factor),
        limit_top: run.at_top(loop.limit.probs),
        top_mass: run.at_top(loop.real) / (1 - loop.a),
        lam: loop.a / (1 - loop.a),
    }
    return value_of(run, statement.claim.rhs, values)


def _raised(run: Run, sign: int) -> Numbers:
    """Return e^{r'}, r' being δ off: up for the lighter half of the atoms, or down."""
    light = set(run.order[: (run.size + 1) // 2])
    factor = run.number(_FACTOR)
    pairs = enumerate(run.weights)
    return [w * factor if (i in light) == (sign > 0) else w / factor for i, w in pairs]


def _loops(run: Run, p: Curation) -> Iterator[tuple[str, _Loop]]:
    """Yield loops for r with the fixed point p, which has mass at the top."""
    for sign, growth in _CASES:
        a = run.number(growth) / p.ratio[run.top[0]]
        real = [mass * (1 - a * h) for mass, h in zip(p.probs, p.ratio, strict=True)]
        if run.kind == "exact":
            if run.K == math.inf and all(mass > 0 for mass in run.second):
                yield f"a = {a}", _to_given_winners(run, p, a, real)
            continue
        wrong = _raised(run, sign)
        end = run.curation_of(_fixed_point(run, wrong, a, real), None, wrong)
        following = [x + a * y for x, y in zip(real, end.curated, strict=True)]
        residual = run.total_variation(end.probs, following)
        loop = _Loop(p, a, real, run.number(_FACTOR), end.probs, residual)
        yield f"fixed points, r' higher for {'light' if sign > 0 else 'heavy'} atoms", loop


def _to_given_winners(run: Run, p: Curation, a: Number, real: Numbers) -> _Loop:
    """Return the loop for the rewards r' by which T(p_inf') is the second law, for K = inf."""
    end = [x + a * y for x, y in zip(real, run.second, strict=True)]
    rises = [y / x / w for x, y, w in zip(end, run.second, run.weights, strict=True)]
    # r' is known up to a constant: δ is half the range of r' - r. A rational from above.
    spread = max(rises) / min(rises) * 4**20
    factor = Fraction(math.isqrt(math.ceil(spread)) + 1, 2**20)
    return _Loop(p, a, real, factor, end, run.number(0))


def _fixed_point(run: Run, weights: Numbers, a: Number, real: Numbers) -> Numbers:
    """Return the fixed point of the loop with these weights, computed in floating point."""
    rewards = [float(w.log().mid()) for w in weights]
    masses = [float(x.mid()) for x in real]
    share = float(a.mid())
    law = RewardLaw(rewards, [x / sum(masses) for x in masses])
    end = CurationLoop(law, K=run.K, lam=share / (1 - share)).fixed_point().probs
    return normalised([run.number(x) for x in end.tolist()])


def _one_curation(
    run: Run, p: Curation, error: Callable[[Number], Number] = _tanh
) -> Iterator[Margin]:
    wrong = run.curation_of(run.reference, None, _raised(run, 1))
    value = error(run.number(_FACTOR)) - run.total_variation(p.curated, wrong.curated)
    yield Margin(value, "one curation", tight=_is_attained(run))


def _is_attained(run: Run) -> bool:
    """Whether K = inf and the odds of the heavier atoms, which r' lowers, are e^δ under r."""
    if run.K < math.inf or run.size == 1:
        return False
    weight = [p * w for p, w in zip(run.reference, run.weights, strict=True)]
    light = sum((weight[i] for i in run.order[: (run.size + 1) // 2]), 0)
    odds, factor = (sum(weight, 0) - light) / light, run.number(_FACTOR)
    return not (odds < factor or odds > factor)


def _limits(run: Run, p: Curation, claimed: Claimed) -> Iterator[Margin]:
    top = run.at_top(p.probs)
    if not top > 0:
        return
    for where, loop in _loops(run, p):
        allowed = claimed(run, loop) + loop.residual * top / run.at_top(loop.real)
        yield Margin(allowed - run.total_variation(p.probs, loop.end), where)


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    p = run.curation_of(run.reference)
    yield from _one_curation(run, p)
    yield from _limits(run, p, _claimed)


def _limits_by(claimed: Claimed) -> Margins:
    """Return the margins of another bound for the fixed points."""
    return lambda run, bound: _limits(run, run.curation_of(run.reference), claimed)


def _half(factor: Number) -> Number:
    return _tanh(factor.sqrt())


def _half_error(run: Run, loop: _Loop) -> Number:
    return _claimed(run, loop, _half)


def _half_error_once(run: Run, bound: Bound) -> Iterator[Margin]:
    """TV(T_r p, T_r' p) <= tanh(δ/4)."""
    yield from _one_curation(run, run.curation_of(run.reference), _half)


def _without_dilution(run: Run, loop: _Loop) -> Number:
    return (1 - loop.a) * _claimed(run, loop)


def _without_top(run: Run, loop: _Loop) -> Number:
    return loop.a / (1 - loop.a) * _tanh(loop.factor)


def _wrong_top(run: Run, loop: _Loop) -> Number:
    top = run.at_top(loop.end) / run.at_top(loop.limit.probs)
    return top * _claimed(run, loop)


check = Check(
    statement=statement,
    margins=_margins,
    instances=(
        Instance.of("1/2 1", "4/7 3/7", K=math.inf, lam=1),
        two_points("19/20", "3/8", K=math.inf, lam=1),
        two_points("37/40", "39/40", K=math.inf, lam=1),
        two_points("1/92", "1/73", K=math.inf, lam=1),
        hierarchy(3, ratio=100, K=3, lam=1),
    ),
    mutants=(
        Mutant("tanh(δ/4) for the fixed points", margins=_limits_by(_half_error), is_exact=False),
        Mutant("tanh(δ/4) for one curation", margins=_half_error_once, is_exact=False),
        Mutant(
            "a tanh(δ/2) p_inf(A)/q in place of λ tanh(δ/2) p_inf(A)/q",
            margins=_limits_by(_without_dilution),
        ),
        Mutant("λ tanh(δ/2), without p_inf(A)/q", margins=_limits_by(_without_top)),
        Mutant("p_inf'(A) in place of p_inf(A)", margins=_limits_by(_wrong_top)),
    ),
)
