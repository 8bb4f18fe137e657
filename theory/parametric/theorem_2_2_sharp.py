"""Theorem 2.2 with a rate below 1 for every λ."""

from __future__ import annotations

from recurate.theory.language import *
from recurate.theory.parametric.parametric_retraining import (
    DEFECT,
    DIVERGENCE_RATE,
    GENERAL,
    HYPOTHESES,
    INNER,
    LAW,
    LOCAL,
    OUTER,
    SUPPOSED,
    convergence,
)
from recurate.theory.proving import Combination, Proof, Step, StrictCombination
from recurate.theory.statement import Hypothesis, Statement

_a, _m = synthetic_fraction, real_fraction
_bound = _a * (curvature + DEFECT) / (curvature + _a * DEFECT)
_claim = at_most(DIVERGENCE_RATE, _bound)

_denominator = curvature + lam * (curvature + DEFECT)  # of the rate, written in λ
_rate = lam * (curvature + DEFECT) / _denominator

_proof = Proof(
    general=GENERAL,
    supposed={**SUPPOSED, "real data": less(0, _m)},
    steps=(
        *LOCAL,
        Step(
            "upper",
            at_most(OUTER, -_rate * INNER),
            "The quotient λ v'Bv/(v'Av + λ v'Bv) increases with v'Bv and decreases with v'Av: it "
            "is largest for v'Bv = v'Av + Lε and v'Av = α.",
            Combination(
                {
                    "curvatures": lam * curvature / _denominator,
                    "curved": lam * DEFECT / _denominator,
                    "information": -lam,
                }
            ),
        ),
        Step(
            "below one",
            less(_rate, 1),
            "That is below 1 for every finite λ.",
            StrictCombination(
                Combination({"real data": (1 + lam) * curvature / _denominator}),
                strict="real data",
            ),
        ),
        *convergence(_rate, _claim),
    ),
)

statement = Statement(
    module=__name__,
    id="theorem-2.2-sharp",
    label="Theorem 2.2, sharpened",
    title="Retraining without curation converges at a rate below one, for every λ",
    kind="sharpened",
    hypotheses=(
        *HYPOTHESES,
        Hypothesis("real_data", "λ (lam) finite", less(0, _m), carried_by=("real data",)),
    ),
    claim=_claim,
    bound=_bound,
    equality_cases=(
        "Lε = 0 (an exponential family, or a perfect model): the rate is λ/(1+λ)",
        "one parameter with B = A + Lε and A = α: a mixture family at the squares of its scores, "
        "x = s(x)², and data stochastically below the best model",
    ),
    proof=_proof,
    law=LAW,
    remarks=(
        "In λ the rate is λ(α+εL)/(α+λ(α+εL)), where the paper has λ(α+εL)/(α+λ(α-εL)): it is "
        "smaller, and below 1 for every finite λ, where the paper's reaches 1 at λ = α/(2Lε). "
        "Neither that nor Lε < α is needed.",
        "The paper bounds the norms of λ A^{-1}B and of (1 + λ A^{-1}B)^{-1} apart; each "
        "eigenvalue of J is λb/(1+λb) with b an eigenvalue of A^{-1}B, 0 <= b <= 1 + Lε/α.",
        "It is the best bound in α, L and ε: it is attained where v'Av = α and v'Bv = α + Lε, as "
        "in the mixture family on the points 1, 4, 9 with score 1, -2, 3, best model ¼, ½, ¼ and "
        "data ¼ + 5c, ½ - 2c, ¼ - 3c, 0 < c <= 1/12.",
    ),
)
