"""The winner is in a set when all candidates are (F3)."""

from __future__ import annotations

import sympy

from recurate.theory.means import Mean, PowerSum
from recurate.theory.notation import K
from recurate.theory.proof import Combination, Identity, Proof, Step
from recurate.theory.signs import at_least, equal
from recurate.theory.statement import DERIVED_HERE, Hypothesis, Statement

_curated = sympy.Symbol("T(p)(L)", nonnegative=True)
_mass = sympy.Symbol("p(L)", nonnegative=True)
_inside = sympy.Symbol("P(L|all)", nonnegative=True)
_mixed = sympy.Symbol("P(L,notall)", nonnegative=True)
_claim = at_least(_curated, _mass**K)

# g_k is the indicator of L at candidate k; with all of them in L it is 1 for each.
_winner_inside = PowerSum(1, 1) / PowerSum(0, 1)
_all_inside = _winner_inside.subs(PowerSum(1, 1), PowerSum(0, 1))

_proof = Proof(
    supposed={
        "total probability": equal(_curated, _inside * _mass**K + _mixed),
        "all inside": equal(_inside, Mean(_all_inside)),
    },
    steps=(
        Step(
            "sample",
            equal(_all_inside, 1),
            "The winner is in L with probability (sum of g_k w_k)/(sum of w_k), with g the "
            "indicator of L. If all candidates are in L, every g_k is 1, and it surely is.",
            Identity(),
        ),
        Step(
            "certain",
            equal(_inside, 1),
            "So, given that all are in L, the winner is in L with probability one.",
            Combination({"all inside": 1, "sample": 1}),
        ),
        Step(
            "claim",
            _claim,
            "All K are in L with probability p(L)^K, and what the other draws add is a "
            "probability, which is nonnegative.",
            Combination({"total probability": 1, "certain": _mass**K}, remainder=_mixed),
        ),
    ),
)

statement = Statement(
    id="all-candidates-inside",
    label="All candidates inside",
    title="Curation leaves a set at least the K-th power of its mass",
    source=f"{DERIVED_HERE}#all-candidates-inside",
    kind="ours",
    hypotheses=(Hypothesis("K is finite and the candidates are independent"),),
    claim=_claim,
    bound=None,
    equality_cases=(
        "K = 1",
        "p(L) = 0 or 1",
        "approached as the weights in L vanish against those outside",
    ),
    proof=_proof,
    uses=("lemma-2.1",),
    remarks=(
        "In the mixed loop p_{t+1}(L) >= m p_ref(L) + a p_t(L)^K, for every set L.",
        "In the pure loop p_t(L) >= p_0(L)^(K^t): no curation is faster than this.",
    ),
)
