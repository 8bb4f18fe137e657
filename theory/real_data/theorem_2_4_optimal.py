"""The largest divergence from the reference that the loop can reach, over all rewards."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import from_reference, one_candidate
from recurate.theory.language import *
from recurate.theory.proving import Antiderivative, Cited, Combination, Proof, Step
from recurate.theory.real_data.lowest_share import (
    GENERAL,
    STEPS,
    SUPPOSED,
    density,
    fuzzy_set,
    lowest,
    share,
    slope,
    value,
)
from recurate.theory.statement import Hypothesis, Statement
from recurate.theory.textbook.majorisation import CHANGE_OF_VARIABLES, entropy, majorised_entropy

_bound = OptimalDivergence(lam, K)
_claim = at_most(divergence_at(t), _bound)

_x = sympy.Symbol("x", positive=True)
"""A density."""

_entropy = entropy(_x)
_curve = {"curve": lowest, "slope": density, "variable": share}

_DIVERGENCE = (
    *majorised_entropy(
        _x,
        fuzzy_set,
        _curve,
        {"total": "total", "curve": "distribution", "above": "domination"},
        text="As E[d_t φ] >= G(E φ) for every φ, the density d_t is majorised by that of G, and so "
        "the mean of d log d is at most the one for G.",
    ),
    Step(
        "unit",
        equal(sympy.Integral(sympy.S.One, (value, 0, 1)), 1),
        "The interval has length 1.",
        Antiderivative(value),
    ),
    Step(
        "in terms of y",
        equal(sympy.Integral(-sympy.log(slope), (value, 0, 1)), _bound),
        "S* = -log(1+λ) - ∫_0^1 log(1 - c y^{K-1}) dy is the integral of -log of the slope.",
        Combination({"S*": -1, "unit": -sympy.log(1 + lam)}),
    ),
    Step(
        "in terms of u",
        equal(sympy.Integral(_entropy.subs(_x, density), (share, 0, 1)), _bound),
        "With y = G(u) it is that of the density's x log x.",
        Cited(
            CHANGE_OF_VARIABLES,
            {"integrand": -sympy.log(slope), "argument": value, "total": _bound, **_curve},
            {"curve": "distribution", "total": "in terms of y"},
        ),
    ),
    Step(
        "claim",
        _claim,
        "So the divergence is at most S*.",
        Combination({"majorised": 1, "in terms of u": -1, "divergence": -1}),
    ),
)

_proof = Proof(
    general=GENERAL,
    supposed={
        **SUPPOSED,
        "total": equal(Mean(density_at(t)), 1),
        "divergence": equal(divergence_at(t), Mean(density_at(t) * sympy.log(density_at(t)))),
        "S*": equal(_bound, _bound.rewrite(sympy.Integral).xreplace({_x: value})),
    },
    steps=(*STEPS, *_DIVERGENCE),
)

statement = Statement(
    module=__name__,
    id="theorem-2.4-optimal",
    label="Theorem 2.4, optimal",
    title="The largest divergence from the reference that any reward can lead to",
    kind="sharpened",
    hypotheses=(
        from_reference("start"),
        one_candidate("several candidates"),
        Hypothesis(
            "small_lam",
            "λ (lam) at most 1/(K - 1)",
            # The same twice: infinity times zero is not a number, and 1/(K-1) may be rounded.
            sympy.Or(at_most(lam * (K - 1), 1), at_most(synthetic_fraction, inverse_candidates)),
            carried_by=("safe",),
        ),
    ),
    claim=_claim,
    bound=_bound,
    equality_cases=(
        "K = 1",
        "λ = 0",
        "approached as t grows, by many small atoms whose weights' ratios grow without bound",
    ),
    proof=_proof,
    infinite_candidates="only λ = 0 is left, where the loop stays at p_ref",
    law="over p_ref, at a draw from which d_t, H_t and the membership φ are taken",
    uses=("all-candidates-inside", "lemma-2.1"),
    remarks=(
        "S*(λ, K) = -log(1+λ) - ∫_0^1 log(1 - c x^{K-1}) dx with c = λK/(1+λ). For K = 2 it is "
        "1 - log(1+λ) + ((1-λ)/(2λ)) log((1-λ)/(1+λ)): .0452 at λ = 1/2, where theorem-2.4 has "
        ".6931.",
        "With the logarithm's series S* is -log(1+λ) + sum over j >= 1 of c^j/(j (1 + (K-1) j)).",
        "No smaller bound holds for all rewards and references. Rewards need not be bounded, and "
        "every f-divergence is bounded in the same way. The proof only needs that the winner is "
        "inside a set if all candidates are, and so holds for every way of choosing among K.",
        "Exact evidence: P = p_t(φ), the mean of φ under p_t, satisfies (1+λ) P - λ P^K >= "
        "p_ref(φ) for every function φ with values in [0, 1], which is rational.",
    ),
)
