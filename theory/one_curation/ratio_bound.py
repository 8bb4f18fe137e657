"""The curation ratio is at most K."""

from __future__ import annotations

from recurate.theory.hypotheses import one_candidate
from recurate.theory.language import *
from recurate.theory.language import notation
from recurate.theory.proving import Combination, Proof, Sign, Step, UnderMean
from recurate.theory.source import Source
from recurate.theory.statement import Statement

_claim = at_most(ratio, K)
_chance = K * weight / (weight + others_weight)

_proof = Proof(
    supposed={"ratio": equal(ratio, Mean(_chance))},
    steps=(
        Step(
            "pointwise",
            at_most(_chance, K),
            "Whatever the other candidates weigh, w/(w + S) is at most 1.",
            Sign(),
        ),
        Step(
            "mean",
            at_most(Mean(_chance), K),
            "So is its mean over the others.",
            UnderMean("pointwise"),
        ),
        Step(
            "claim",
            _claim,
            "That mean, times K, is the curation ratio (Lemma 2.1).",
            Combination({"mean": 1, "ratio": -1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="ratio-bound",
    label="Ratio bound",
    title="Curation multiplies no density by more than K",
    source=Source("Equation 6", seen="restated", note="The restatement is that H is in (0, K)."),
    kind="reported",
    hypotheses=(one_candidate("ratio"),),
    claim=_claim,
    bound=notation.K,
    equality_cases=("K = 1", "approached as the other candidates' weights vanish"),
    proof=_proof,
    infinite_candidates="the claim is then empty, H <= inf",
    law="over the K - 1 other candidates, drawn from the law p that is curated",
    uses=("lemma-2.1",),
    remarks=("K works as a regulariser: however extreme the rewards, one step is bounded.",),
)
