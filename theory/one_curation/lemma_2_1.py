"""One curation multiplies the density by the curation ratio."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.proving import Combination, Conditioning, Exchangeability, Proof, Step
from recurate.theory.source import CO_EVOLVING, RESTATEMENT, Source
from recurate.theory.statement import Hypothesis, Statement

_curated = sympy.Symbol("E_{t+1}g", real=True)
"""Mean under p_{t+1} of any quantity g, which is G at a draw."""

_claim = equal(_curated, Mean(random_quantity * curation_ratio(random_weight)))
_winner = PowerSum(1, 1) / PowerSum(0, 1)  # sum of g_k w_k / sum of w
_one = K * random_weight / (random_weight + others_weight)

_proof = Proof(
    general={"ratio": (weight,)},
    supposed={
        "choice": equal(_curated, Mean(_winner)),
        "ratio": equal(curation_ratio(weight), Mean(K * weight / (weight + others_weight))),
    },
    steps=(
        Step(
            "exchange",
            equal(Mean(_winner), Mean(random_quantity * _one)),
            "Candidate k is chosen with probability w_k / sum w. The candidates are exchangeable, "
            "so each of the K terms has the mean of the first, E[g w/(w + S)].",
            Exchangeability((1, 1), 1 / PowerSum(0, 1)),
        ),
        Step(
            "condition",
            equal(
                Mean(random_quantity * _one),
                Mean(random_quantity * curation_ratio(random_weight)),
            ),
            "Given the candidate, the mean over the others is H(w) = E[K w/(w + S)], because they "
            "are independent of it.",
            Conditioning("ratio", K * weight / (weight + others_weight), random_quantity),
        ),
        Step(
            "claim",
            _claim,
            "So the mean of every g under p_{t+1} is that of g H under p_t: p_t H is the density.",
            Combination({"choice": 1, "exchange": 1, "condition": 1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="lemma-2.1",
    label="Lemma 2.1",
    title="One curation multiplies the density by the curation ratio",
    source=Source(
        "Equation 6",
        seen="restated",
        restated_in=(RESTATEMENT, CO_EVOLVING),
        note="Lemma 2.1 itself is its limit: lemma-2.1-limit.",
    ),
    kind="reported",
    hypotheses=(
        Hypothesis(
            "unrestricted",
            "the model class is unrestricted, and the loop is pure or one curation",
            carried_by=("choice",),
        ),
        Hypothesis(
            "choice",
            "K candidates, independent and from p_t; Bradley–Terry choice",
            carried_by=("choice", "ratio"),
        ),
    ),
    claim=_claim,
    equality_cases=("it is an equation",),
    proof=_proof,
    law=(
        "over K independent candidates from p_t: G and W are those of one, S the weight of the "
        "others"
    ),
    remarks=(
        "The claim is in weak form, for the mean of every bounded g; with g the indicator of a "
        "set it is p_{t+1} = p_t H.",
        "With g = 1 it says E_t H = 1: curated mass is neither lost nor made.",
        "The second half of the lemma, K = inf, is lemma-2.1-limit; lemma-2.1-next-order says how "
        "fast the limit is approached.",
        "p_{t+1} proportional to p_t e^r is false at finite K: for w = 1, 3 with masses 1/2 and "
        "K = 2, H(3) = 5/4, and not 3/2.",
    ),
)
