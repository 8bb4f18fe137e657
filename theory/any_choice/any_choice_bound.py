"""Whatever people choose among K, a group keeps at least the K-th power of its share."""

from __future__ import annotations

import sympy

from recurate.theory.any_choice.group_shares import any_choice
from recurate.theory.language import *
from recurate.theory.proving import Combination, Proof, Step, UnderMean
from recurate.theory.statement import Statement

curated_share = sympy.Symbol("T(p)(L)", nonnegative=True)
"""Share T(p)(L) of the group L among what is chosen."""


class _chance(Drawn):
    """Chance that the chosen candidate is in the group, given the K candidates from a law."""

    tacit = frozenset({K})
    plain, typeset = "C_{}", r"C_{@}"
    is_nonnegative = True


class _all_inside(Drawn):
    """Indicator that all K candidates from a law are in the group."""

    tacit = frozenset({K})
    plain, typeset = "J_{}", r"J_{@}"


_in_group, _all = _chance(one_law), _all_inside(one_law)

_bound = share**K
_claim = at_least(curated_share, _bound)

_proof = Proof(
    supposed={
        "indicator": equal(_all**2, _all),
        "all inside": equal(_all * (1 - _in_group), 0),
        "independent": equal(Mean(_all), share**K),
        "chosen": equal(curated_share, Mean(_in_group)),
    },
    steps=(
        Step(
            "not all",
            at_least(1 - _all, 0),
            "Let J be 1 if all K candidates are in the group, and 0 otherwise: 1 - J is its own "
            "square.",
            Combination({"indicator": -1}, remainder=(1 - _all) ** 2),
        ),
        Step(
            "chance",
            at_least(_in_group, 0),
            "Given the candidates, a member of the group is chosen with some probability C >= 0.",
            Combination({}, remainder=_in_group),
        ),
        Step(
            "sample",
            at_least(_in_group, _all),
            "If all are in the group, so is the one that is chosen: J (1 - C) = 0. So C - J = "
            "(1 - J) C >= 0.",
            Combination({"all inside": -1, ("not all", "chance"): 1}),
        ),
        Step(
            "mean",
            at_least(Mean(_in_group), Mean(_all)),
            "The same in the mean over the candidates.",
            UnderMean("sample"),
        ),
        Step(
            "claim",
            _claim,
            "The candidates are independent, so all are in the group with probability u^K.",
            Combination({"mean": 1, "chosen": 1, "independent": 1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="any-choice-bound",
    label="Any choice among K",
    title="Whatever people choose among K, a group keeps at least the K-th power of its share",
    kind="ours",
    hypotheses=(any_choice("all inside", "independent", "chosen"),),
    claim=_claim,
    bound=_bound,
    equality_cases=("K = 1", "u = 0 or 1", "a member is chosen only if all K are members"),
    proof=_proof,
    law="over K independent candidates from p; C and J say what becomes of them",
    uses=(),
    remarks=(
        "The rule may look at p, and at anything else but the fate of the candidates. So p^K <= "
        "T(p) <= 1 - (1-p)^K <= K p for every set: the second is the first for the complement, "
        "attained by a rule that chooses a member whenever there is one.",
        "Mark each candidate x with an independent uniform number, at which no rule can look: so "
        "it holds for the mean of every φ with values in [0, 1].",
        "It generalises all-candidates-inside (Bradley–Terry's choice) and ratio-bound (H <= K).",
    ),
)
