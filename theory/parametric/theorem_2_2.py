"""Retraining without curation converges to the best model, if that is good enough."""

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
from recurate.theory.proving import Combination, Proof, Sign, Step, StrictCombination
from recurate.theory.source import Source
from recurate.theory.statement import Hypothesis, Statement

_a, _m = synthetic_fraction, real_fraction
_bound = _a * (curvature + DEFECT) / (curvature - _a * DEFECT)
_claim = at_most(DIVERGENCE_RATE, _bound)

_total = curvature + lam * (curvature - DEFECT)
_rate = lam * (curvature + DEFECT) / _total  # the bound, in λ

THRESHOLD = curvature / (2 * DEFECT)
"""Below it λ makes the paper's rate less than 1."""

_proof = Proof(
    general=GENERAL,
    supposed={
        **SUPPOSED,
        "good model": less(DEFECT, curvature),
        "small λ": less(2 * _a * DEFECT, _m * curvature),
    },
    steps=(
        *LOCAL,
        Step(
            "denominator in λ",
            less(0, _total),
            "Since Lε < α, also α + λ(α - εL) is positive.",
            Sign(given=("good model",)),
        ),
        Step(
            "denominator",
            less(0, curvature - lam * DEFECT / (1 + lam)),
            "So is a (1+λ)-th of it.",
            StrictCombination(
                Combination({"denominator in λ": 1 / (1 + lam)}), strict="denominator in λ"
            ),
        ),
        Step(
            "upper, multiplied",
            at_most(_total * OUTER, -lam * (curvature + DEFECT) * INNER),
            "As v'Bv <= v'Av + Lε and v'Av >= α, λ v'Bv (α + λ(α - εL)) is at most λ(α + εL) times "
            "v'Av + λ v'Bv.",
            Combination(
                {
                    "curvatures": lam * curvature,
                    "curved": lam * DEFECT,
                    "square": 2 * lam**2 * DEFECT,
                    "information": -lam * _total - 2 * lam**2 * DEFECT,
                },
            ),
        ),
        Step(
            "upper",
            at_most(OUTER, -_rate * INNER),
            "So λ v'Bv is at most the paper's rate λ(α+εL)/(α+λ(α-εL)) times v'Av + λ v'Bv.",
            Combination(
                {"upper, multiplied": 1 / _total}, given=("good model", "denominator in λ")
            ),
        ),
        Step(
            "below one",
            less(_rate, 1),
            "The rate is below 1 exactly if λ < α/(2Lε).",
            StrictCombination(
                Combination(
                    {"small λ": (1 + lam) / _total}, given=("good model", "denominator in λ")
                ),
                strict="small λ",
            ),
        ),
        *convergence(_rate, _claim, given=("denominator",)),
    ),
)

statement = Statement(
    module=__name__,
    id="theorem-2.2",
    label="Theorem 2.2",
    title="Retraining without curation converges to the best model, if that is good enough, with "
    "limsup KL^(1/2t) at most a rate below 1",
    source=Source(
        "Theorem 2.2",
        seen="words",
        note="It goes back to Bertrand et al. 2024, arXiv:2310.00429, whose abstract was read.",
    ),
    kind="reported",
    hypotheses=(
        *HYPOTHESES,
        Hypothesis(
            "small_error",
            "L ε below α (hessian_lipschitz, model_error, curvature)",
            less(DEFECT, curvature),
            carried_by=("good model",),
        ),
        Hypothesis(
            "small_lam",
            "λ (lam) below α/(2Lε)",
            less(2 * _a * DEFECT, _m * curvature),
            carried_by=("small λ",),
        ),
    ),
    claim=_claim,
    bound=_bound,
    equality_cases=("Lε = 0 (an exponential family, or a perfect model): the rate is λ/(1+λ)",),
    proof=_proof,
    law=LAW,
    remarks=(
        "The notes of the paper have KL(p_θ*|p_θt) = Õ((λ(α+εL)/(α+λ(α-εL)))^{2t}), which says "
        "more. The claim is on r_KL, the limit superior of KL^(1/2t), and leaves factors open "
        "that grow slower than every exponential. With a = λ/(1+λ) the rate is a(α+εL)/(α-aεL).",
        "λ < α/(2Lε) says that this rate is below 1. It is sufficient, not necessary: the "
        "eigenvalues of J are in [0, 1) for every λ (theorem-2.2-sharp).",
        "Exponential families have A = B and L = 0 in their natural parameters: the rate is "
        "λ/(1+λ) exactly, and the mean of the sufficient statistic moves by that factor.",
        "Logistic location model, data ½(δ_{log y} + δ_{-log y}): for y = 3, λ = 1 the true rate "
        "is 8/17 = .4706, the paper's .9267, the sharper one .5907; for y = 5, λ = ½ they are "
        "3/8, .7093 and .4535.",
        "The algebra of the rate is verified, and so are all premises of what is cited: "
        "Kantorovich–Rubinstein duality, the information identity, the implicit function theorem, "
        "Rayleigh quotients, linear convergence and the expansion of KL.",
    ),
)
