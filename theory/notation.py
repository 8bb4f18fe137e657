"""The symbols of the statements, and the names under which a program passes their values.

Bounds are written in m = 1/(1+λ), a = λ/(1+λ) and κ = 1/K where that makes λ = inf and K = inf
ordinary values; a caller gives λ and K, and the others follow (`recurate.theory.printers`).
"""

from __future__ import annotations

import sympy

K = sympy.Symbol("K", positive=True)
"""Number of candidates."""

inverse_candidates = sympy.Symbol("kappa", nonnegative=True)
"""κ = 1/K, zero for K = inf."""

lam = sympy.Symbol("lambda", nonnegative=True)
"""λ, synthetic samples per real one."""

real_fraction = sympy.Symbol("m", nonnegative=True)
"""m = 1/(1+λ), zero for the pure loop."""

synthetic_fraction = sympy.Symbol("a", nonnegative=True)
"""a = λ/(1+λ), one for the pure loop."""

mean_weight = sympy.Symbol("mu", positive=True)
"""Mean of the weight under the law that the bound starts from."""

variance_weight = sympy.Symbol("V", nonnegative=True)
"""Variance of the weight under that law."""

max_weight = sympy.Symbol("w_*", positive=True)
"""Essential supremum of the weight; 1 for relative weights."""

ratio = sympy.Symbol("H", positive=True)
"""Curation ratio H^K_p at one reward."""

next_mean_weight = sympy.Symbol("E_{t+1}w", positive=True)
"""Mean of the weight after one more curation."""

later_mean_weight = sympy.Symbol("E_{t}w", positive=True)
"""Mean of the weight under p_t."""

divergence = sympy.Symbol(r"KL(p_{t}\|p_{ref})", nonnegative=True)
"""Kullback–Leibler divergence of p_t from p_ref, in nats."""

ARGUMENTS = {
    K: "K",
    lam: "lam",
    mean_weight: "mean_weight",
    variance_weight: "variance_weight",
    max_weight: "max_weight",
}
"""Symbols that a caller gives, with the keyword for each."""

DERIVED = {
    inverse_candidates: K,
    real_fraction: lam,
    synthetic_fraction: lam,
}
"""Symbols that follow from a given one."""
