"""More candidates push the curated law up in likelihood-ratio order."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.proving import (
    Combination,
    Decreasing,
    OverPairs,
    Proof,
    Sign,
    Step,
    Substitution,
    UnderMean,
)
from recurate.theory.statement import Hypothesis, Statement

_w, _z = sympy.symbols("w z", positive=True)
"""A weight; any positive number."""

_y = sympy.Symbol("y", nonnegative=True)
"""How much larger the larger weight is; any nonnegative number."""

_W, _paired = random_weight, paired_weight
"""W, the weight w and that of K - 1 others."""

_law = sympy.Symbol("p")
"""The law p of all candidates; W is a sum, and has another law."""

_one_more = drawn_weight(_law)
"""Weight of one more candidate."""

wins = sympy.Function("P", positive=True)
"""P(z), the probability that z wins against one more candidate."""

per_weight = sympy.Function("c", positive=True)
"""c(z) = 1/z, the probability to win per unit of weight, if all candidates weigh z together."""

_ratios = sympy.Function("Q", positive=True)
"""Ratio of the curation ratios for K + 1 candidates and for K, in the weight."""

_claim = at_least(_ratios(_w + _y), _ratios(_w))


def _ratios_at(step: sympy.Expr) -> sympy.Eq:
    """Return that H^{K+1}/H^K at w + y is (K+1) E 1/(y + W + W_p) over K E 1/(y + W)."""
    all_candidates = per_weight(_W + step)
    more, fewer = Mean(wins(_W + step) * all_candidates), Mean(all_candidates)
    return equal(_ratios(_w + step), (K + 1) / K * more / fewer)


_apart = wins(_W) - wins(_paired)
_totals = {"W": _W, "W'": _paired, "W + y": _W + _y, "W' + y": _paired + _y}
_c, _paired_c, _later_c, _paired_later_c = (per_weight(total) for total in _totals.values())

_proof = Proof(
    general={"one more": (_z,), "per weight": (_z,), "ratios": (_y,)},
    supposed={
        # The mean over the one more is taken first: 1/(z + W_p) has the mean P(z)/z.
        "one more": equal(wins(_z), Mean(_z / (_z + _one_more))),
        "per weight": equal(_z * per_weight(_z), 1),
        "ratios": _ratios_at(_y),
    },
    steps=(
        Step(
            "chances",
            at_least((_z + _y) / (_z + _y + _one_more), _z / (_z + _one_more)),
            "Let y be nonnegative. A larger weight wins more often against one more candidate.",
            Sign(form=_y * _one_more / ((_z + _one_more) * (_z + _y + _one_more))),
        ),
        Step(
            "mean chances",
            at_least(Mean((_z + _y) / (_z + _y + _one_more)), Mean(_z / (_z + _one_more))),
            "The same in the mean.",
            UnderMean("chances"),
        ),
        Step(
            "one more, later",
            equal(wins(_z + _y), Mean((_z + _y) / (_z + _y + _one_more))),
            "Let P(z) be the probability that z wins against it. The two means are P(z + y) and "
            "P(z).",
            Substitution("one more", {_z: _z + _y}),
        ),
        Step(
            "rises",
            at_least(wins(_z + _y), wins(_z)),
            "So P increases.",
            Combination({"mean chances": 1, "one more, later": 1, "one more": -1}),
        ),
        Step(
            "later",
            at_least(wins(_W + _y), wins(_W)),
            "Let W be w and the weight of the K - 1 others. P is larger at W + y than at W.",
            Substitution("rises", {_z: _W}),
        ),
        Step(
            "later chance",
            at_least(wins(_W + _y) * _later_c, wins(_W) * _later_c),
            "Divide by W + y.",
            Combination({"later": _later_c}),
        ),
        Step(
            "mean later chance",
            at_least(Mean(wins(_W + _y) * _later_c), Mean(wins(_W) * _later_c)),
            "In the mean.",
            UnderMean("later chance"),
        ),
        Step(
            "drawn alike",
            at_least(_apart * (_W - _paired), 0),
            "Of two draws of W, the larger one has the larger P.",
            Decreasing("rises", -wins(_z), _z, _y, (_W, _paired)),
        ),
        *(
            Step(
                f"per weight at {name}",
                equal(total * per_weight(total), 1),
                f"Let c(z) = 1/z, here at {name}.",
                Substitution("per weight", {_z: total}),
            )
            for name, total in _totals.items()
        ),
        Step(
            "pairs",
            at_least(_apart * (_later_c * _paired_c - _c * _paired_later_c), 0),
            "The larger one also has the larger W/(W + y), which is c(W + y)/c(W).",
            Combination(
                {
                    "drawn alike": _y * _c * _paired_c * _later_c * _paired_later_c,
                    "per weight at W": -_apart
                    * _paired_c
                    * _later_c
                    * _paired_later_c
                    * (_paired + _y),
                    "per weight at W' + y": -_apart * _paired_c * _later_c,
                    "per weight at W'": _apart * _c * _later_c * _paired_later_c * (_W + _y),
                    "per weight at W + y": _apart * _c * _paired_later_c,
                }
            ),
        ),
        Step(
            "association",
            at_least(
                2 * Mean(wins(_W) * _later_c) * Mean(_c) - 2 * Mean(wins(_W) * _c) * Mean(_later_c),
                0,
            ),
            "In the mean over independent pairs that is Chebyshev's association inequality, for P "
            "and W/(W + y) under the density 1/W.",
            OverPairs("pairs"),
        ),
        Step(
            "ratios at w",
            _ratios_at(sympy.S.Zero),
            "H^{K+1}/H^K at w + y is (K+1)/K times E[P(W + y) c(W + y)] over E[c(W + y)]. In "
            "particular for y = 0.",
            Substitution("ratios", {_y: sympy.S.Zero}),
        ),
        Step(
            "claim",
            _claim,
            "So it increases in w.",
            Combination(
                {
                    "ratios": 1,
                    "ratios at w": -1,
                    "mean later chance": (K + 1) / (K * Mean(_later_c)),
                    "association": (K + 1) / (2 * K * Mean(_c) * Mean(_later_c)),
                }
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="candidates-order",
    label="Candidates order",
    title="More candidates push the curated law up in likelihood-ratio order",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "finite_K",
            "K is finite, and both curate the same law p",
            carried_by=("one more", "ratios"),
        ),
    ),
    claim=_claim,
    equality_cases=("one atom", "y = 0"),
    proof=_proof,
    law=(
        "over K independent draws from p: W is w and the weight of K - 1 of them, W_p that of one "
        "more; W' is an independent copy of W"
    ),
    uses=("lemma-2.1",),
    remarks=(
        "It says that T_{K+1}(p) dominates T_K(p) in likelihood-ratio order. With K = 1 it is "
        "ratio-monotone for two candidates.",
        "In the pure loop, with curation-order, p_t of more candidates dominates p_t of fewer.",
    ),
)
