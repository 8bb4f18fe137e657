"""With real data mixed in, the first step has the lowest mean of every increasing reward."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.draws import paired_quantity, paired_weight, random_quantity, random_weight
from recurate.theory.notation import (
    curated_mean_at,
    curation_gain,
    density_of,
    expectation_at,
    mean_weight,
    mean_weight_at,
    real_fraction,
    synthetic_fraction,
    t,
)
from recurate.theory.proving.cases import Conclusion
from recurate.theory.proving.justifications import Combination
from recurate.theory.proving.means import Mean
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.sampling import OverPairs
from recurate.theory.proving.signs import at_least, equal
from recurate.theory.statement import DERIVED_HERE, Hypothesis, Statement

_a, _m = synthetic_fraction, real_fraction
_bound = mean_weight + _a * curation_gain
_claim = at_least(mean_weight_at(t + 1), _bound)


class curated_density_of(sympy.Function):  # type: ignore[misc, unused-ignore]  # noqa: N801
    """Density of T(p_t) over T(p_ref), as a function of the step and of the weight."""

    nargs = 2

    def _eval_is_positive(self) -> bool:
        return True

    def _sympystr(self, printer: Any) -> str:
        return "l_{}({})".format(*(printer._print(argument) for argument in self.args))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        step, weight = (printer._print(argument) for argument in self.args)
        text = rf"\ell_{{{step}}}\left({weight}\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"


_reference = sympy.Symbol("E_ref f", real=True)
"""Mean of an increasing function f under p_ref."""


def _increasing(function: Any) -> Any:
    """The inequality (g(w) - g(w')) (w - w') >= 0 that says that g increases."""
    pair = function(random_weight) - function(paired_weight)
    return at_least(pair * (random_weight - paired_weight), 0)


_density = _increasing(lambda weight: density_of(t, weight))
_likelihood = curated_density_of(t, random_weight)
_apart = _likelihood - curated_density_of(t, paired_weight)
_by = random_weight - paired_weight
# Of f between two weights, another one for each pair.
_slope = sympy.Function("slope", nonnegative=True)(random_weight, paired_weight)
"""Slope of f between two weights, a nonnegative number for each pair."""

_proof = Proof(
    supposed={
        "density-monotone": _density,
        "curation-order": sympy.Implies(
            _density,
            _increasing(lambda weight: curated_density_of(t, weight)),
            evaluate=False,
        ),
        # Means are under T(p_ref), of which T(p_t) has the density l_t.
        "total": equal(Mean(_likelihood), 1),
        "increasing": equal(random_quantity - paired_quantity, _slope * _by),
        "mixture": equal(
            expectation_at(t + 1), _m * _reference + _a * Mean(random_quantity * _likelihood)
        ),
        "first mixture": equal(expectation_at(1), _m * _reference + _a * Mean(random_quantity)),
        "mixture of weights": equal(
            mean_weight_at(t + 1), _m * mean_weight + _a * curated_mean_at(t)
        ),
        "curated": equal(curated_mean_at(t), Mean(random_weight * _likelihood)),
        "gain": equal(curation_gain, Mean(random_weight) - mean_weight),
    },
    steps=(
        Step(
            "curated density",
            _increasing(lambda weight: curated_density_of(t, weight)),
            "The density d_t = p_t/p_ref increases with the weight, and curation keeps that "
            "order: so does the density l_t of T(p_t) over T(p_ref).",
            Conclusion("curation-order", "density-monotone"),
        ),
        Step(
            "alike",
            at_least((random_quantity - paired_quantity) * _apart, 0),
            "An increasing f and l_t are ordered alike: f(w) - f(w') is a nonnegative multiple of "
            "w - w'.",
            Combination({"increasing": _apart, "curated density": _slope}),
        ),
        Step(
            "covariance",
            at_least(
                2 * Mean(random_quantity * _likelihood)
                - 2 * Mean(random_quantity) * Mean(_likelihood),
                0,
            ),
            "Over two independent draws from T(p_ref): f and l_t have a nonnegative covariance.",
            OverPairs("alike"),
        ),
        Step(
            "every increasing function",
            at_least(expectation_at(t + 1), expectation_at(1)),
            "So E f under T(p_t) is at least E f under T(p_ref), and E_{t+1} f at least E_1 f: for "
            "every increasing f and every t.",
            Combination(
                {
                    "covariance": _a / 2,
                    "total": _a * Mean(random_quantity),
                    "mixture": 1,
                    "first mixture": -1,
                }
            ),
        ),
        Step(
            "covariance of weights",
            at_least(
                2 * Mean(random_weight * _likelihood) - 2 * Mean(random_weight) * Mean(_likelihood),
                0,
            ),
            "For f = w the same covariance.",
            OverPairs("curated density"),
        ),
        Step(
            "claim",
            _claim,
            "So the mean weight is never again below E_1 w = μ + a G_K.",
            Combination(
                {
                    "covariance of weights": _a / 2,
                    "total": _a * Mean(random_weight),
                    "mixture of weights": 1,
                    "curated": _a,
                    "gain": -_a,
                }
            ),
        ),
    ),
)

statement = Statement(
    id="theorem-2.3-optimal",
    label="Theorem 2.3, optimal",
    title="No later step has a lower mean of an increasing reward than the first",
    source=f"{DERIVED_HERE}#theorem-23-optimal",
    kind="sharpened",
    hypotheses=(
        Hypothesis(
            "start", "the loop starts at the reference, p_0 = p_ref, and takes t + 1 >= 1 steps"
        ),
        Hypothesis("finite_mean", "the reference's mean weight is finite"),
        Hypothesis(
            "finite_gain",
            "K is finite, or the reference's mean of w^2 is: otherwise G_K is infinite",
        ),
    ),
    claim=_claim,
    bound=_bound,
    bound_law="p_ref",
    equality_cases=("t = 1, that is, after the first step", "K = 1", "λ = 0", "one atom"),
    proof=_proof,
    infinite_candidates=(
        "the same proof: curation-order is immediate there, and the mean weights are finite by "
        "hypothesis"
    ),
    law="over T(p_ref), from which W and its independent copy W' are drawn; G is f at W",
    uses=("density-monotone", "curation-order"),
    remarks=(
        "E_t f >= E_1 f for every increasing f and t >= 1: p_t is stochastically above p_1. "
        "Indicators of upper sets {w >= c} are enough, and stay exact in rationals.",
        "G_K = E w under T(p_ref) - μ is one curation's exact gain, so the bound is attained at "
        "t = 1 and no larger constant holds for all t >= 1. With Lemma 2.2 for G_K it becomes "
        "theorem-2.3-sharp, with lemma-2.2-sharp something better than that.",
        "Rewards need not be bounded.",
    ),
)
