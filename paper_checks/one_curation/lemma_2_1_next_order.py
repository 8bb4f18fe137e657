"""Evidence that K (H^K - w/μ) tends to (w/μ)(E w²/μ² - w/μ), with an explicit remainder.

The remainder is of order 1/K and comes from the proof (docs/mathematics.md): the series of
1/(w + S), to the third power from below and to the fifth from above. It is a rational function of
the law, so exact evidence tests it at small K, and balls up to K = 10^6, where it shows the limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy.core.function import AppliedUndef

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.one_curation.lemma_2_1_limit import (
    curations_by_number,
    moderate_loops,
    moments_of_others,
)
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.instances import hierarchy, two_points
from recurate.paper_checks.runs.run import Curation, Number, Numbers, Run
from recurate.theory.language.means import Moment
from recurate.theory.language.notation import K as NUMBER_OF_OTHERS
from recurate.theory.language.notation import weight
from recurate.theory.one_curation.lemma_2_1_next_order import statement

_Limit = Callable[[Run, Number, Number, Number], Number]
"""What K (H - w/μ) tends to, from the run, w, μ and E w²."""

_mean, _square = Moment(0, 1), Moment(0, 2)
_scaled = statement.claim.lhs.args[0]  # K (H - w/μ), in which K - 1 others are counted
(_ratio,) = _scaled.atoms(AppliedUndef)


def _margins_of(limit: _Limit) -> Margins:
    """Return the margins of: K (H - w/μ) is within the remainder of a limit."""

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        for where, curation in curations_by_number(run):
            mean, K = curation.mean_weight, int(curation.K)
            square, others = curation.variance_weight + mean * mean, moments_of_others(curation, 6)
            for i, (w, h) in enumerate(zip(run.weights, curation.ratio, strict=True)):
                values = {weight: w, _mean: mean, NUMBER_OF_OTHERS: K - 1, _ratio: h}
                excess = value_of(run, _scaled, values) - limit(run, w, mean, square)
                yield Margin(_remainder(curation, others, w) - abs(excess), f"{where}, atom {i}")

    return margins


def _remainder(curation: Curation, others: Numbers, w: Number) -> Number:
    """Return a bound on the distance of K (H - w/μ) from its limit.

    With n = K - 1 and x = w + n μ, the first two terms of the series, K² w/x and K² w n V/x³, less
    K w/μ, differ from the limit by w (μ-w)²/(μ² x) and (w V/μ³)(K² n μ³ - x³)/x³. All further terms
    are taken by their absolute values.
    """
    mean, variance, K = curation.mean_weight, curation.variance_weight, int(curation.K)
    _, third, fourth, fifth, sixth = others
    x, e, full = w + (K - 1) * mean, w - mean, K * mean
    # x³ - K² n μ³, without its leading terms, which cancel.
    cubes = full * full * (3 * w - 2 * mean) + 3 * full * e * e + e * e * e
    mean3, x3 = mean * mean * mean, x * x * x
    first_terms = w * e * e / (mean * mean * x) + w * variance * abs(cubes) / (mean3 * x3)
    series = w * (abs(third) / x + fourth / (x * x) + abs(fifth) / x3) + sixth / x3
    return first_terms + K * K * series / x3


def _true_limit(run: Run, w: Number, mean: Number, square: Number) -> Number:
    return value_of(run, statement.claim.rhs, {weight: w, _mean: mean, _square: square})


def _wrong_sign(run: Run, w: Number, mean: Number, square: Number) -> Number:
    return -_true_limit(run, w, mean, square)


def _no_error(run: Run, w: Number, mean: Number, square: Number) -> Number:
    return 0 * w


def _without_own_weight(run: Run, w: Number, mean: Number, square: Number) -> Number:
    return w / mean * (square / (mean * mean) - 1)


def _variance_for_square(run: Run, w: Number, mean: Number, square: Number) -> Number:
    return w / mean * (square / (mean * mean) - 1 - w / mean)


def _mean_for_square(run: Run, w: Number, mean: Number, square: Number) -> Number:
    return w / mean * (1 - w / mean)


def _whatever_the_moments(run: Run, bound: Bound) -> Iterator[Margin]:
    """K (H - w/μ) is within (w/μ)(E w²/μ²)/K of the limit, whatever the higher moments."""
    for where, curation in curations_by_number(run):
        mean, K = curation.mean_weight, int(curation.K)
        square = curation.variance_weight + mean * mean
        for i, (w, h) in enumerate(zip(run.weights, curation.ratio, strict=True)):
            excess = K * (h - w / mean) - _true_limit(run, w, mean, square)
            allowed = w / mean * square / (mean * mean)
            yield Margin(allowed - K * abs(excess), f"{where}, atom {i}")


check = Check(
    statement=statement,
    margins=_margins_of(_true_limit),
    loops=moderate_loops(),
    instances=(
        two_points("1/3", "1/2"),
        two_points("9/10", "1/2"),
        two_points("1/10", "1/10"),
        hierarchy(3, ratio=10, K=2),
    ),
    mutants=(
        Mutant("the error is of order 1/K²: the limit is 0", margins=_margins_of(_no_error)),
        Mutant("the limit with the wrong sign", margins=_margins_of(_wrong_sign)),
        Mutant(
            "Var w in place of E w²: (w/μ)(V/μ² - w/μ)", margins=_margins_of(_variance_for_square)
        ),
        Mutant(
            "the candidate's own weight left out: (w/μ) V/μ²",
            margins=_margins_of(_without_own_weight),
        ),
        Mutant(
            "the others at their mean weight, no variance: (w/μ)(1 - w/μ)",
            margins=_margins_of(_mean_for_square),
        ),
        Mutant(
            "within (w/μ)(E w²/μ²)/K of the limit, whatever the law and its moments",
            margins=_whatever_the_moments,
            instances=(two_points("1/1000", "1/1000"),),
        ),
    ),
)
