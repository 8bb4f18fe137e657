"""The winner is in a set if all candidates are."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.proving import Combination, Proof, Step, Summed, UnderMean
from recurate.theory.statement import Hypothesis, Statement

curated_mass = sympy.Symbol("T(p)(L)", nonnegative=True)
"""Mass of a set L under T(p), the curated law."""

mass = sympy.Symbol("p(L)", nonnegative=True)
"""Mass of L under p."""

_claim = at_least(curated_mass, mass**K)

# G indicates that a candidate is in L, and J that all K are. J depends on the sum of G over the
# candidates, so it is random, but the same for each candidate.
_in_set, _all = random_quantity, sympy.Function("J", real=True)(PowerSum(1, 0))
"""J indicates that all candidates are in L; it depends on how many are, the sum of G."""

_winner = PowerSum(1, 1) / PowerSum(0, 1)

_proof = Proof(
    supposed={
        "indicator of L": equal(_in_set**2, _in_set),
        "indicator of all": equal(_all**2, _all),
        "all in L": equal(_all * (1 - _in_set), 0),
        "independent": equal(Mean(_all), mass**K),
        "curated": equal(curated_mass, Mean(_winner)),
    },
    steps=(
        Step(
            "each",
            equal(_all * random_weight * (1 - _in_set), 0),
            "Let G be 1 for a candidate in L and 0 for another, and J, a function of the sum of "
            "the G, be 1 if all candidates are in L and 0 otherwise: where J is 1, so is G.",
            Combination({"all in L": random_weight}),
        ),
        Step(
            "all",
            equal(_all * (PowerSum(0, 1) - PowerSum(1, 1)), 0),
            "So if all are in L, the weights of those in L add up to the whole.",
            Summed("each"),
        ),
        Step(
            "certain",
            equal(_all * (_winner - 1), 0),
            "The winner is in L with probability (sum of g_k w_k)/(sum of w_k), which is then 1.",
            Combination({"all": -1 / PowerSum(0, 1)}),
        ),
        Step(
            "not all",
            at_least(1 - _all, 0),
            "An indicator equals its square, and so does 1 minus it.",
            Combination({"indicator of all": -1}, remainder=(1 - _all) ** 2),
        ),
        Step(
            "weight in L",
            at_least(_in_set * random_weight, 0),
            "An indicator is its square, so it is nonnegative, and so is its weight in L.",
            Combination({"indicator of L": -random_weight}, remainder=_in_set**2 * random_weight),
        ),
        Step(
            "weights in L",
            at_least(PowerSum(1, 1), 0),
            "So are these weights together.",
            Summed("weight in L"),
        ),
        Step(
            "sample",
            at_least(_winner, _all),
            "So the winner's chance of being in L is at least J: it is 1 if all are in L, and "
            "nonnegative if not.",
            Combination({"certain": 1, ("not all", "weights in L"): 1 / PowerSum(0, 1)}),
        ),
        Step(
            "mean",
            at_least(Mean(_winner), Mean(_all)),
            "The same in the mean over the candidates.",
            UnderMean("sample"),
        ),
        Step(
            "claim",
            _claim,
            "The candidates are independent, so all K are in L with probability p(L)^K.",
            Combination({"mean": 1, "curated": 1, "independent": 1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="all-candidates-inside",
    label="All candidates inside",
    title="Curation leaves a set at least the K-th power of its mass",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "independent",
            "K is finite and the candidates are independent",
            carried_by=("independent", "curated"),
        ),
    ),
    claim=_claim,
    equality_cases=(
        "K = 1",
        "p(L) = 0 or 1",
        "approached as the weights in L vanish against those outside",
    ),
    proof=_proof,
    law="over K independent candidates from p; G says whether one is in L",
    uses=("lemma-2.1",),
    remarks=(
        "In the mixed loop p_{t+1}(L) >= m p_ref(L) + a p_t(L)^K, for every set L.",
        "In the pure loop p_t(L) >= p_0(L)^(K^t): no curation is faster than this.",
        "E φ under T(p) is at least (E φ)^K under p, for every φ with values in [0, 1]: mark each "
        "candidate x with an independent uniform number that plays no part in the choice, and let "
        "L be the candidates whose mark is at most φ(x).",
    ),
)
