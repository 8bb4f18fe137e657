"""How much one curation lowers the odds against the top weight, by the mean of the others."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.proving import (
    Combination,
    Exchangeability,
    Independence,
    Proof,
    Step,
    UnderMean,
)
from recurate.theory.pure_loop.theorem_2_1_odds import (
    FIRST,
    LAW,
    POSITIVE,
    TOP,
    gap_to_top,
    odds_steps,
    rate,
    supposed,
    two_weights,
)
from recurate.theory.statement import Hypothesis, Statement

_ratio = sympy.Symbol("rho_t", nonnegative=True)
"""ρ_t, the mean under p_t of the weights off A, over w_*; 1 - δ in the proof."""
_claim = at_most(odds_against_at(t + 1), rate(_ratio) * odds_against_at(t))

_g, _W, _J = random_quantity, random_weight, others_quantity
_number, _weights, _top_weights = PowerSum(1, 0), PowerSum(0, 1), PowerSum(1, 1)
_two_weights = two_weights(_ratio)
_weight_off_top = Moment(0, 1) - Moment(1, 1)


def _slope(number: Any) -> Any:
    """Return j/(j + (K-j) ρ_t)², the slope of j/(j + S) at S = (K-j) ρ_t, its sign changed."""
    return number / (_ratio * K + gap_to_top * number) ** 2


_at_number, _set_apart, _if_out = _slope(_number), _slope(_g + _J), _slope(_J)
# what the candidates off A weigh above their mean
_excess = _weights - _top_weights - _ratio * max_weight * (K - _number)
_own_excess = (1 - _g) * (_W - _ratio * max_weight)
_change = ((_ratio * K) ** 2 - gap_to_top**2 * _J * (_g + _J)) / (
    (_ratio * K + gap_to_top * (_g + _J)) ** 2 * (_ratio * K + gap_to_top * _J) ** 2
)

_proof = Proof(
    supposed={
        **supposed(_ratio),
        "some off A": less(Moment(1, 0), 1),
        "others' mean": equal(_ratio, _weight_off_top / (max_weight * (1 - Moment(1, 0)))),
    },
    steps=(
        *FIRST,
        Step(
            "weight off A",
            equal(_weight_off_top, _ratio * max_weight * (1 - Moment(1, 0))),
            "There is some mass off A, and its mean weight is ρ_t w_*.",
            Combination({"others' mean": -max_weight * (1 - Moment(1, 0))}, given=("some off A",)),
        ),
        Step(
            "tangent",
            at_least(
                max_weight * _top_weights / _weights,
                max_weight * _number / _two_weights - _at_number * _excess,
            ),
            "Given that j candidates are in A, and the others weigh S w_*, the winner is in A with "
            "probability j/(j + S). That is convex in S: it lies above its tangent at (K - j) ρ_t.",
            Combination(
                {
                    "number": max_weight**2
                    * (_weights / max_weight - _two_weights) ** 2
                    / (_weights * _two_weights**2),
                    "top weights": max_weight / _weights - _at_number,
                    "ratio and gap": max_weight * _number * _at_number,
                },
                given=("positive ratio", "number"),
            ),
        ),
        Step(
            "mean tangent",
            at_least(
                max_weight * Mean(_top_weights / _weights),
                max_weight * Mean(_number / _two_weights) - Mean(_at_number * _excess),
            ),
            "The same in the mean.",
            UnderMean("tangent"),
        ),
        *(
            Step(
                f"{name} set apart",
                equal(
                    Mean(PowerSum(*powers) * _at_number),
                    K * Mean(_g ** powers[0] * _W ** powers[1] * _set_apart),
                ),
                "The candidates are exchangeable: K times what the first one adds"
                + (" in weight." if powers[1] else " in number.")
                + (" The same in A." if powers[0] else ""),
                Exchangeability(powers, _at_number),
            )
            for name, powers in (
                ("weight", (0, 1)),
                ("weight in A", (1, 1)),
                ("candidate", (0, 0)),
                ("candidate in A", (1, 0)),
            )
        ),
        Step(
            "excess off A",
            equal(_own_excess * _set_apart, _own_excess * _if_out),
            "A candidate off A is not among the j.",
            Combination(
                {"indicator": -_change * (_W - _ratio * max_weight)},
                given=POSITIVE,
            ),
        ),
        Step(
            "mean excess off A",
            equal(Mean(_own_excess * _set_apart), Mean(_own_excess * _if_out)),
            "The same in the mean.",
            UnderMean("excess off A"),
        ),
        Step(
            "independent excess",
            equal(Mean(_own_excess * _if_out), Mean(_own_excess) * Mean(_if_out)),
            "The first candidate is independent of the others.",
            Independence(_own_excess, _if_out),
        ),
        Step(
            "no excess",
            equal(Mean(_at_number * _excess), 0),
            "Off A the mean weight is ρ_t w_*: in the mean nothing is left.",
            Combination(
                {
                    "weight set apart": 1,
                    "weight in A set apart": -1,
                    "candidate set apart": -_ratio * max_weight,
                    "candidate in A set apart": _ratio * max_weight,
                    "mean excess off A": K,
                    "independent excess": K,
                    "weight off A": K * Mean(_if_out),
                },
                given=POSITIVE,
            ),
        ),
        Step(
            "worst case",
            at_least(Mean(_top_weights / _weights), Mean(_number / _two_weights)),
            "So two weights, w_* and ρ_t w_*, are the worst case.",
            Combination({"mean tangent": 1 / max_weight, "no excess": -1 / max_weight}),
        ),
        *odds_steps(_ratio, "ρ_t"),
    ),
)

statement = Statement(
    module=__name__,
    id="theorem-2.1-odds-sharp",
    label="Theorem 2.1, one step, sharper",
    title="The odds against the top weight fall by K/(1 + (K-1) ρ_t), ρ_t w_* the others' mean",
    kind="ours",
    hypotheses=(
        TOP,
        Hypothesis("rest", "some mass is off A: p_t(A) < 1", carried_by=("some off A",)),
        Hypothesis(
            "others",
            "all other weights are below w_*, and ρ_t w_* = E_t[w | w < w_*] is their mean",
            carried_by=("others' mean", "ratio and gap"),
        ),
    ),
    claim=_claim,
    equality_cases=(
        "K = 1",
        "K = inf",
        "approached, for two weights, as p_t(A) tends to 0",
    ),
    proof=_proof,
    infinite_candidates=(
        "T(p)(A) = p(A) w_*/E_p w (lemma-2.1-limit), so that the odds against A are multiplied by "
        "ρ_t"
    ),
    law=LAW,
    uses=("lemma-2.1",),
    remarks=(
        "ρ_t is at most the ρ of theorem-2.1-odds, the largest weight off A over w_*; it may be "
        "far below it. If p_t(A) = 1, so is p_{t+1}(A).",
        "In the pure loop ρ_t grows with t, as curation favours the heavier ones off A too: so "
        "ρ_0 cannot stand for ρ in theorem-2.1-rate.",
    ),
)
