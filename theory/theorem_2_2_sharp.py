"""Theorem 2.2 with a rate below 1 for every λ."""

from __future__ import annotations

from recurate.theory.notation import (
    curvature,
    hessian_lipschitz,
    model_error,
    real_fraction,
    synthetic_fraction,
)
from recurate.theory.proving.justifications import Combination
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.signs import at_most, less
from recurate.theory.statement import DERIVED_HERE, Hypothesis, Statement
from recurate.theory.theorem_2_2 import DIVERGENCE_RATE, HYPOTHESES, LOCAL, SUPPOSED

_a = synthetic_fraction
_defect = hessian_lipschitz * model_error
_bound = _a * (curvature + _defect) / (curvature + _a * _defect)
_claim = at_most(DIVERGENCE_RATE, _bound)

_proof = Proof(
    supposed=SUPPOSED,
    steps=(
        *LOCAL,
        Step(
            "claim",
            _claim,
            "So the rate at which KL^(1/2) falls is at most the bound of the largest eigenvalue.",
            Combination({"divergence": 1, "parameters": 1, "eigenvalue": 1}),
        ),
    ),
)

statement = Statement(
    id="theorem-2.2-sharp",
    label="Theorem 2.2, sharpened",
    title="Retraining without curation converges at a rate below one, for every λ",
    source=f"{DERIVED_HERE}#theorem-22-sharp",
    kind="sharpened",
    hypotheses=(*HYPOTHESES, Hypothesis("real_data", "λ (lam) finite", less(0, real_fraction))),
    claim=_claim,
    bound=_bound,
    equality_cases=(
        "Lε = 0 (an exponential family, or a perfect model): the rate is λ/(1+λ)",
        "one parameter with B = A + Lε and A = α: a mixture family at the squares of its scores, "
        "x = s(x)², and data stochastically below the best model",
    ),
    proof=_proof,
    remarks=(
        "In λ the rate is λ(α+εL)/(α+λ(α+εL)), where the paper has λ(α+εL)/(α+λ(α-εL)): it is "
        "smaller, and below 1 for every finite λ, where the paper's reaches 1 at λ = α/(2Lε). "
        "Neither that nor Lε < α is needed.",
        "The paper bounds the norms of λ A^{-1}B and of (1 + λ A^{-1}B)^{-1} apart; each "
        "eigenvalue of J is λb/(1+λb) with b one of A^{-1}B, 0 <= b <= 1 + Lε/α.",
        "It is the best bound in α, L and ε: attained by j where v'Av = α and v'Bv = α + Lε, as "
        "in the mixture family on the points 1, 4, 9 with score 1, -2, 3, best model ¼, ½, ¼ and "
        "data ¼ + 5c, ½ - 2c, ¼ - 3c, 0 < c <= 1/12.",
    ),
)
