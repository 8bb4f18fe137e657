"""Retraining without curation converges to the best model, if that is good enough."""

from __future__ import annotations

import sympy

from recurate.theory.notation import (
    curvature,
    hessian_lipschitz,
    lam,
    model_error,
    real_fraction,
    synthetic_fraction,
)
from recurate.theory.proving.justifications import Cited, Combination, Sign
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.signs import at_least, at_most, equal, less
from recurate.theory.source import Source
from recurate.theory.statement import Hypothesis, Statement

_a, _m = synthetic_fraction, real_fraction
_defect = hessian_lipschitz * model_error  # L ε

# An eigenvector v of the Jacobian J at θ*, |v| = 1: v'Av and v'Bv, where A is minus the data's mean
# Hessian of log p_θ and B the Fisher information, both at θ*; J v = j v.
DATA_CURVATURE = sympy.Symbol("x_A", positive=True)
"""v'Av, with A minus the data's mean Hessian of log p_θ at θ*, for a unit eigenvector v of J."""

FISHER = sympy.Symbol("x_B", nonnegative=True)
"""v'Bv, with B the Fisher information at θ*."""

EIGENVALUE = sympy.Symbol("j", nonnegative=True)
"""Eigenvalue of J = (A + λB)^{-1} λB, the Jacobian of the update at θ*: J v = j v."""

WASSERSTEIN = sympy.Symbol("W_1", nonnegative=True)
"""Wasserstein distance W1(p_θ*, p_data) of the best model from the data."""

PARAMETER_RATE = sympy.Symbol("r_theta", nonnegative=True)
"""Limes superior of |θ_t - θ*|^(1/t)."""

DIVERGENCE_RATE = sympy.Symbol("r_KL", nonnegative=True)
"""Limes superior of KL(p_θ*|p_θt)^(1/2t): KL is at most (r_KL + ε)^2t in the end, for any ε > 0."""

_total = DATA_CURVATURE + lam * FISHER
_best, _worst = (curvature + lam * (curvature + sign * _defect) for sign in (1, -1))

THRESHOLD = curvature / (2 * _defect)
"""Below it λ makes the paper's rate less than 1."""

HYPOTHESES = (
    Hypothesis(
        "parametric", "parametric retraining without curation, λ synthetic samples per real one"
    ),
    Hypothesis("lipschitz", "the Hessian in θ of log p_θ(x) is L-Lipschitz in x near θ*"),
    Hypothesis("curved", "minus its mean under the data is at least α times the identity at θ*"),
    Hypothesis("close", "W1(p_θ*, p_data) <= ε"),
    Hypothesis("near", "the loop starts near enough to θ* (the statement is local)"),
)

SUPPOSED = {
    "curvature": at_least(DATA_CURVATURE, curvature),
    "error": at_most(WASSERSTEIN, model_error),
}
"""What Theorem 2.2 and its sharper form start from, beside smoothness."""

LOCAL = (
    Step(
        "Jacobian",
        equal(EIGENVALUE * _total, lam * FISHER),
        "The update solves E_data grad log p_θ' + λ E_{p_θ} grad log p_θ' = 0. Its derivatives in "
        "θ' and θ at θ* are -(A + λB) and λB, so J = (A + λB)^{-1} λB, and for J v = j v: "
        "j v'(A + λB)v = λ v'Bv.",
        Cited("Rudin, Principles of Mathematical Analysis, Theorem 9.28 (implicit functions)"),
    ),
    Step(
        "duality",
        at_most(FISHER, DATA_CURVATURE + hessian_lipschitz * WASSERSTEIN),
        "v'Bv and v'Av are the means of one L-Lipschitz function of x, minus v'Hess v, under the "
        "model and under the data: they differ by at most L W1.",
        Cited("Villani, Optimal Transport, Remark 6.5 (Kantorovich–Rubinstein)"),
    ),
    Step(
        "curvatures",
        at_most(FISHER, DATA_CURVATURE + _defect),
        "So v'Bv is at most v'Av + Lε.",
        Combination({"duality": 1, "error": hessian_lipschitz}),
    ),
    Step(
        "eigenvalue",
        at_most(EIGENVALUE, _a * (curvature + _defect) / (curvature + _a * _defect)),
        "j = λ v'Bv/(v'Av + λ v'Bv) increases with v'Bv and decreases with v'Av: it is largest for "
        "v'Bv = v'Av + Lε and v'Av = α.",
        Combination(
            {
                "Jacobian": -1 / _total,
                "curvatures": lam * curvature / (_total * _best),
                "curvature": lam * _defect / (_total * _best),
            },
        ),
    ),
    Step(
        "parameters",
        at_most(PARAMETER_RATE, EIGENVALUE),
        "J is similar to a symmetric matrix with eigenvalues in [0, 1); for the largest j, "
        "|θ_t - θ*|^(1/t) has a limes superior r_theta of at most j, from any start near θ*.",
        Cited(
            "Ortega and Rheinboldt, Iterative Solution of Nonlinear Equations in Several "
            "Variables, Theorem 10.1.4 (linear convergence)"
        ),
    ),
    Step(
        "divergence",
        at_most(DIVERGENCE_RATE, PARAMETER_RATE),
        "KL(p_θ*|p_θ) is (θ-θ*)'B(θ-θ*)/2 up to smaller terms, so at most a constant times "
        "|θ-θ*|^2: the limes superior r_KL of KL^(1/2t) is at most r_theta.",
        Cited("Kullback, Information Theory and Statistics, section 2.6"),
    ),
)
"""From the update's Jacobian to the rate at which the divergence falls."""

_bound = _a * (curvature + _defect) / (curvature - _a * _defect)
_claim = at_most(DIVERGENCE_RATE, _bound)

_proof = Proof(
    supposed={**SUPPOSED, "good model": less(_defect, curvature)},
    steps=(
        *LOCAL,
        Step(
            "denominator",
            less(0, curvature - lam * _defect / (1 + lam)),
            "Since Lε < α, also α - aLε is positive.",
            Sign(given=("good model",)),
        ),
        Step(
            "claim",
            _claim,
            "The paper's rate λ(α+εL)/(α+λ(α-εL)) has α - εL for the α + εL in the denominator, "
            "which is less, and positive since Lε < α.",
            Combination(
                {"divergence": 1, "parameters": 1, "eigenvalue": 1},
                given=("good model", "denominator"),
                remainder=2 * lam**2 * _defect * (curvature + _defect) / (_worst * _best),
            ),
        ),
    ),
)

statement = Statement(
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
            less(_defect, curvature),
        ),
        Hypothesis("small_lam", "λ (lam) below α/(2Lε)", less(2 * _a * _defect, _m * curvature)),
    ),
    claim=_claim,
    bound=_bound,
    equality_cases=("Lε = 0 (an exponential family, or a perfect model): the rate is λ/(1+λ)",),
    proof=_proof,
    remarks=(
        "Noted from the paper: KL(p_θ*|p_θt) = Õ((λ(α+εL)/(α+λ(α-εL)))^{2t}), which is more. "
        "The claim is on r_KL, the limes superior of KL^(1/2t), and leaves factors open that grow "
        "slower than every exponential. With a = λ/(1+λ) the rate is a(α+εL)/(α-aεL).",
        "λ < α/(2Lε) says that this rate is below 1. It is sufficient, not necessary: the "
        "eigenvalues of J are in [0, 1) for every λ (theorem-2.2-sharp).",
        "Exponential families have A = B and L = 0 in their natural parameters: the rate is "
        "λ/(1+λ) exactly, and the mean of the sufficient statistic moves by that factor.",
        "Logistic location model, data ½(δ_{log y} + δ_{-log y}): for y = 3, λ = 1 the true rate "
        "is 8/17 = .4706, the paper's .9267, the sharper one .5907; for y = 5, λ = ½ they are "
        "3/8, .7093 and .4535.",
        "Verified is the algebra of the rate; the implicit function theorem, Kantorovich–"
        "Rubinstein duality, the linear convergence theorem and the expansion of KL are cited.",
    ),
)
