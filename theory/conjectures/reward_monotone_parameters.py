"""Conjecture: the expected weight grows with λ and with K."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import from_reference
from recurate.theory.language import *
from recurate.theory.statement import Statement

_more_mixing = sympy.Symbol("delta", nonnegative=True)
"""δ, how much larger the larger λ is."""

_more_candidates = sympy.Symbol("n", integer=True, nonnegative=True)
"""How many candidates more the larger K has."""

statement = Statement(
    module=__name__,
    id="reward-monotone-parameters",
    label="Conjecture 2",
    title="The expected weight grows with λ and with K, at every step",
    kind="conjecture",
    hypotheses=(from_reference(),),
    claim=at_least(
        mean_weight_under(t, lam + _more_mixing, K + _more_candidates),
        mean_weight_under(t, lam, K),
    ),
    equality_cases=(
        "t = 0",
        "one atom",
        "K = 1 on both sides",
        "λ = 0 on both sides",
        "λ and K the same",
    ),
    remarks=(
        "Open in general. Proved for t = 1, where E_1 w = μ + a G_K(p_ref) and a grows with λ and "
        "G_K with K; from λ = 0 or K = 1, where nothing moves; against the pure loop, λ = inf, and "
        "in K for it, by curation-order; in λ for K = inf, by the renewal equation of the total "
        "mass; and for two weights, where the step increases with the mass at the top, with λ and "
        "with K. The proofs are in docs/mathematics.md. Evidence counts other cases only.",
        "λ = inf and K = inf count as the largest values.",
    ),
)
