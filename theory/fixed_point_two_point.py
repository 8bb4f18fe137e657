"""Two weights: the mixed loop moves toward its only fixed point, for every K and λ."""

from __future__ import annotations

import sympy

from recurate.theory.draws import random_time
from recurate.theory.notation import real_fraction, synthetic_fraction, top_mass
from recurate.theory.proving.generalising import UnderMean
from recurate.theory.proving.justifications import Combination, Sign
from recurate.theory.proving.means import Mean
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.shapes import Comonotone
from recurate.theory.proving.signs import at_least, at_most, equal, less
from recurate.theory.statement import DERIVED_HERE, Hypothesis, Statement

# Masses at the lower weight ρ: of the law at hand and of the fixed point. x and p are those at 1.
_below = sympy.Symbol("u", nonnegative=True)
"""u = 1 - x, mass at the lower weight ρ; x is that at 1."""

_below_fixed = sympy.Symbol("v", nonnegative=True)
"""v = 1 - p, mass at ρ under a fixed point; p is that at 1."""

_x, _p = 1 - _below, 1 - _below_fixed
_next = sympy.Symbol("x'", real=True)
"""Mass at 1 one step later."""

_ratio, _ratio_fixed = sympy.symbols("H_x H_p", positive=True)
"""Curation ratios at the weight 1, of the law at hand and of the fixed point."""

_others = sympy.Symbol("n", nonnegative=True)
"""n = K - 1, the number of other candidates."""

_a, _m = synthetic_fraction, real_fraction

_distance = _below - _below_fixed  # p - x
_claim = at_least(_distance * (_next - _x), _m * top_mass * _distance**2 / _p)

# E[K/(1 + S)] = K ∫ e^{-s} (x e^{-s} + (1-x) e^{-ρs})^{K-1} ds, with s exponential of rate K.
_term, _term_fixed = 1 + _below * random_time, 1 + _below_fixed * random_time
_base = sympy.Symbol("y", positive=True)

_proof = Proof(
    supposed={
        "masses": at_most(_below, 1),
        "fixed point's mass": less(_below_fixed, 1),
        "ratio": equal(_ratio, Mean(_term**_others)),
        "ratio at the fixed point": equal(_ratio_fixed, Mean(_term_fixed**_others)),
        "loop": equal(_next, _m * top_mass + _a * _x * _ratio),
        "fixed point": equal(_p, _m * top_mass + _a * _p * _ratio_fixed),
    },
    steps=(
        Step(
            "terms",
            at_least(_distance * (_term - _term_fixed), 0),
            "The curation ratio at the top is H_x = E (1 + (1-x) Theta)^{K-1}, with Theta + 1 = "
            "e^{(1-ρ) s} and s exponential of rate K; what is in the bracket decreases in x.",
            Sign(),
        ),
        Step(
            "powers",
            at_least(_distance * (_term**_others - _term_fixed**_others), 0),
            "So does its power.",
            Comonotone("terms", _distance, (_term, _term_fixed), _base**_others, _base),
        ),
        Step(
            "means",
            at_least(_distance * (Mean(_term**_others) - Mean(_term_fixed**_others)), 0),
            "And so does the mean of that power.",
            UnderMean("powers"),
        ),
        Step(
            "ratios",
            at_least(_distance * (_ratio - _ratio_fixed), 0),
            "So H_x decreases in the mass x at the top: the top's own competition grows with it.",
            Combination({"means": 1, "ratio": _distance, "ratio at the fixed point": -_distance}),
        ),
        Step(
            "claim",
            _claim,
            "With x' = m q + a x H_x and p = m q + a p H_p, the product (p-x)(x'-x) is "
            "(m q/p)(p-x)^2 + a x (p-x)(H_x-H_p).",
            Combination(
                {
                    "ratios": _a * _x,
                    "loop": _distance,
                    "fixed point": -_distance * _x / _p,
                },
                given=("masses", "fixed point's mass"),
            ),
        ),
    ),
)

statement = Statement(
    id="fixed-point-two-point",
    label="Fixed point, two weights",
    title="With two weights the mixed loop moves toward its only fixed point",
    source=f"{DERIVED_HERE}#fixed-point-two-point",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "two_points",
            "weights ρ < 1 and 1 only, with p_ref(1) = q > 0; x = p_t(1), x' = p_{t+1}(1), "
            "and p > 0 that of a fixed point",
        ),
        Hypothesis("candidates", "K >= 1 candidates"),
    ),
    claim=_claim,
    bound=None,
    equality_cases=("x = p", "x = 0", "K = 1", "λ = 0"),
    proof=_proof,
    infinite_candidates="the same proof, with H_x = 1/(x+(1-x)ρ)",
    law=(
        "over Θ = e^{(1-ρ)s} - 1 with s exponential of rate K, by which E[K/(1 + S)] = E[(1 + "
        "uΘ)^{K-1}]"
    ),
    uses=("lemma-2.1",),
    remarks=(
        "So for m q > 0 a second fixed point x' = x would have p = x: it is unique, for every K "
        "and λ. Since x' increases with x, the loop approaches it monotonically from every start.",
        "In the claim u = 1-x and v = 1-p are the masses at ρ, so u-v = p-x.",
        "p is the only root in (0, 1) of a polynomial of degree K, m q + a T(p) - p with T(p) = "
        "sum_j C(K,j) p^j (1-p)^{K-j} j/(j+(K-j)ρ): explicit for K = 2, 3 and inf in "
        "recurate.theory.closed_forms, exact for every K.",
        "K = 2: a(1-2/(1+ρ)) p^2 + (2a/(1+ρ)-1) p + m q = 0; ρ = 1/2, q = 1/3, λ = 2: p = 1/2.",
        "K = inf: (1-ρ) p^2 + (ρ-a-m q (1-ρ)) p - m q ρ = 0; ρ = 1/2, q = 1/3, λ = 1: p = 1/2. "
        "The proof holds there too, with H_x = 1/(x+(1-x)ρ).",
        "For λ = inf the claim says that x moves up, to p = 1; x = 0 stays where it is.",
    ),
)
