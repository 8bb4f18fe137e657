"""Falahati et al., Theorem 3.6: two basins keep a variance."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.language.draws import Drawn, one_law
from recurate.theory.literature.papers import two_basins
from recurate.theory.literature.two_basins import separated, separation, tolerance
from recurate.theory.proving import Combination, Proof, Step, UnderMean
from recurate.theory.statement import Hypothesis, Statement

variance_of_reward = sympy.Symbol("Var_p(r_i)", nonnegative=True)
"""Variance of voter i's reward under p."""

basin_share = sympy.Symbol("p(S_i)", nonnegative=True)
"""Share of voter i's own basin, S_1 or S_2."""

largest_reward, _centre = sympy.symbols("r_i* mu_i", real=True)
"""Voter i's largest reward r_i*, and the mean of r_i under p."""


class _reward(Drawn):
    """Voter i's reward r_i at a sample of a law."""

    plain, typeset = "R_{}", "R_{@}"


class _is_own(Drawn):
    """1 if a sample of a law is in voter i's own basin, else 0."""

    plain, typeset = "J_{}", "J_{@}"


_R, _J = _reward(one_law), _is_own(one_law)
_positive_part = sympy.Max(separation - 2 * tolerance, 0)
_own, _other = largest_reward - tolerance, largest_reward - separation + tolerance
_product = basin_share * (1 - basin_share)
_claim = at_least(variance_of_reward, _product * _positive_part**2)
_square = (_R - _centre - _positive_part * (_J - basin_share)) ** 2

_proof = Proof(
    supposed={
        "variance": equal(variance_of_reward, Mean((_R - _centre) ** 2)),
        "indicator": equal(_J**2, _J),
        "share": equal(basin_share, Mean(_J)),
        "own": at_least(_J * _R, _J * _own),
        "other": at_most((1 - _J) * _R, (1 - _J) * _other),
        # x_+ is x or 0
        "positive part": equal(_positive_part**2, _positive_part * (separation - 2 * tolerance)),
    },
    steps=(
        Step(
            "not in it",
            at_least(1 - _J, 0),
            "Let J be 1 in the voter's own basin, and 0 in the other one: 1 - J is its own square.",
            Combination({"indicator": -1}, remainder=(1 - _J) ** 2),
        ),
        Step(
            "mean of that",
            at_least(1 - Mean(_J), 0),
            "In the mean over p.",
            UnderMean("not in it"),
        ),
        Step(
            "at most one",
            at_most(basin_share, 1),
            "So the share of her basin is at most one.",
            Combination({"mean of that": 1, "share": -1}),
        ),
        Step(
            "mean own",
            at_least(Mean(_J * _R), Mean(_J) * _own),
            "In her own basin the reward is at least r_i* - ε.",
            UnderMean("own"),
        ),
        Step(
            "mean other",
            at_most(Mean((1 - _J) * _R), (1 - Mean(_J)) * _other),
            "In the other one it is at most r_i* - Δ_i + ε.",
            UnderMean("other"),
        ),
        Step(
            "covariance",
            at_least(
                Mean(_J * _R) - basin_share * Mean(_R), _product * (separation - 2 * tolerance)
            ),
            "So its covariance with J is at least p(S_i) (1 - p(S_i)) (Δ_i - 2ε).",
            Combination(
                {
                    ("mean own", "at most one"): 1,
                    "mean other": basin_share,
                    "share": -(1 - basin_share) * _own - basin_share * _other,
                },
            ),
        ),
        Step(
            "square",
            at_least(_square, 0),
            "Let x be (Δ_i - 2ε)_+, and subtract x (J - p(S_i)) from the reward.",
            Combination({}, remainder=_square),
        ),
        Step(
            "mean square",
            at_least(Mean(_square), 0),
            "The mean of its square is not negative.",
            UnderMean("square"),
        ),
        Step(
            "mean indicator",
            equal(Mean(_J**2), Mean(_J)),
            "J² is J.",
            UnderMean("indicator"),
        ),
        Step(
            "claim",
            _claim,
            "It is the variance, less 2 x times the covariance, plus x² p(S_i) (1 - p(S_i)).",
            Combination(
                {
                    "variance": 1,
                    "mean square": 1,
                    "covariance": 2 * _positive_part,
                    "share": 2 * _positive_part * _centre
                    + _positive_part**2 * (1 - 2 * basin_share),
                    "mean indicator": -(_positive_part**2),
                    "positive part": -2 * _product,
                },
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="two-basins-variance",
    label="Two basins, Theorem 3.6",
    title="Two basins of shares a and 1-a leave a reward the variance a(1-a)(Δ - 2ε)²",
    kind="literature",
    source=two_basins(
        "Theorem 3.6",
        place="section 3",
        note=(
            "In the form of the appendix, Theorem B.6: an inequality, where the main text has one "
            "up to a constant."
        ),
    ),
    hypotheses=(
        separated("own", "other"),
        Hypothesis(
            "inside",
            "all of p's mass is in S_1 and S_2, which are disjoint",
            carried_by=("own", "other", "indicator", "share"),
        ),
    ),
    claim=_claim,
    proof=_proof,
    law="over a sample of p: R is r_i there, J is 1 in voter i's basin and 0 in the other one",
    equality_cases=("r_i takes two values only, r_i* - ε and r_i* - Δ_i + ε, one on each basin",),
    remarks=(
        "It is about any law p of two groups, not about loops.",
        "Where r_i <= r_i* - Δ_i on the other basin, as the main text assumes, Δ_i - ε may stand "
        "in the place of Δ_i - 2ε.",
    ),
)
