"""Random clicks and retained samples leave the fixed points of a loop with smaller λ."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import real_data
from recurate.theory.language import *
from recurate.theory.proving import Combination, Proof, Step
from recurate.theory.statement import Hypothesis, Statement

noise = sympy.Symbol("epsilon", nonnegative=True)
"""ε, share of the synthetic data that nobody chose: random clicks, or samples kept as they are."""

mass = sympy.Symbol("p(x)", nonnegative=True)
"""Mass of a point x under a law p."""

_reference = sympy.Symbol("p_ref(x)", nonnegative=True)
"""Its mass under the reference."""

_curated = sympy.Symbol("Tp(x)", nonnegative=True)
"""Its mass under T(p), the law of what people choose from p."""

noisy = sympy.Symbol("F_epsilon p(x)", nonnegative=True)
"""Its mass after a step F_ε(p) = m p_ref + a (ε p + (1-ε) T(p)) of the loop with noise."""

quiet = sympy.Symbol("Fp(x)", nonnegative=True)
"""Its mass after a step F of the loop without noise, with λ' = λ(1-ε) in place of λ."""

smaller_lam = lam * (1 - noise)
"""λ' = λ(1-ε)."""

_claim = equal((1 + smaller_lam) * (mass - quiet), (1 + lam) * (mass - noisy))

_proof = Proof(
    supposed={
        # both times what the data of a step are, by sample
        "noisy loop": equal(
            (1 + lam) * noisy, _reference + lam * (noise * mass + (1 - noise) * _curated)
        ),
        "quiet loop": equal((1 + smaller_lam) * quiet, _reference + smaller_lam * _curated),
    },
    steps=(
        Step(
            "claim",
            _claim,
            "Both sides are p + λ(1-ε) (p - T(p)) - p_ref: collect what p and T(p) contribute.",
            Combination({"noisy loop": 1, "quiet loop": -1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="noise-equivalence",
    label="Noise as less synthetic data",
    title="Random clicks and retained samples leave the fixed points of a loop with smaller λ",
    kind="ours",
    hypotheses=(
        real_data("noisy loop", "quiet loop"),
        Hypothesis(
            "noise",
            "a share ε of the synthetic data, 0 <= ε <= 1, is a fresh sample from p, not chosen",
            carried_by=("noisy loop",),
        ),
        Hypothesis(
            "choice",
            "T(p) is any law that the law p determines: any way of choosing",
            carried_by=("noisy loop", "quiet loop"),
        ),
    ),
    claim=_claim,
    equality_cases=("always: it is an equation",),
    proof=_proof,
    remarks=(
        "So p = F_ε(p) if and only if p = F(p): the loop with the share ε of random clicks, or of "
        "samples kept as they are, has the fixed points of the loop with λ(1-ε), and no other. In "
        "the pure loop p - F_ε(p) = (1-ε) (p - T(p)).",
        "The noise changes the speed, since F_ε(p) - p = (1-aε) (F(p) - p): each step goes that "
        "part of the way.",
        "It changes whether a fixed point attracts, too. An eigenvalue θ of T's derivative there "
        "becomes a'θ in the loop without noise, a' = λ'/(1+λ'), and 1 - (1-aε)(1-a'θ) in the loop "
        "with it, which is nearer to 1. Rock, paper, scissors (the better one of two wins surely, "
        "p_ref uniform): λ = 10 drives away from the fixed point (1.0497 in size), λ = 20 with ε "
        "= 1/2 toward it (.9913).",
        "Flipped votes, K = 2: if the other one of the two candidates is taken with probability φ, "
        "the winner's law is 2φ p + (1-2φ) T(p), as the laws of winner and loser add up to 2p. So "
        "for φ < 1/2 they are noise with ε = 2φ, and the fixed points are those of λ(1-2φ); for "
        "φ = 1/2 nothing is selected; for φ > 1/2 they are those of the opposite preferences with "
        "λ(2φ-1).",
    ),
)
