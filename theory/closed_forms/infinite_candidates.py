"""K = inf with real data mixed in: the fixed point is one number z, and may condense.

p_inf = m p_ref/(1 - z w) with z = a/W and W the mean weight at the fixed point; its total mass is
one if ∫ p_ref/(1 - z w) = 1 + λ. If even z = 1/w_* leaves mass over, the rest is an atom at w_*
(Kingman's house of cards). Derivations: docs/mathematics.md, fixed-point-k-inf and
condensation-threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from recurate.theory.closed_forms.closed_form import exact_number
from recurate.theory.language import *

scalar = sympy.Symbol("z", nonnegative=True)
"""z = a/W, with W the mean weight at the fixed point."""


def transform(density: Any, upper: Any = 1) -> Any:
    """Return ∫_0^upper density(w)/(1 - z w) dw, unevaluated, for a density in `notation.weight`."""
    return sympy.Integral(density / (1 - scalar * weight), (weight, 0, upper))


def condensation_integral(density: Any) -> Any:
    """Return m ∫_0^{w_*} density(w)/(1 - w/w_*) dw, unevaluated: an atom forms iff it is below 1.

    The atom at w_* then has the mass that is missing to 1, and the mean weight is a w_*.
    """
    return real_fraction * sympy.Integral(
        density / (1 - weight / max_weight), (weight, 0, max_weight)
    )


def self_consistency(weights: Sequence[Any], probabilities: Sequence[Any]) -> Any:
    """Return Σ p_i/(1 - z w_i) - (1 + λ), which vanishes at the fixed point's z.

    It is strictly increasing in z on [0, 1/w_*), from -λ to inf: there is exactly one root, and a
    law with finitely many weights never condenses.
    """
    terms = (p / (1 - scalar * w) for w, p in zip(*_law(weights, probabilities), strict=True))
    return sympy.Add(*terms) - 1 - lam


def discrete_limit(weights: Sequence[Any], probabilities: Sequence[Any], lam: Any) -> list[Any]:
    """Return the probabilities at the fixed point of a discrete law, exactly.

    Parameters
    ----------
    weights, probabilities : sequence of int, Fraction or float
        Distinct positive weights, and probabilities whose sum is 1. Floats count as the dyadic
        rationals that they are.
    lam : int, Fraction or float
        λ, finite and at least 0.

    Returns
    -------
    list of sympy numbers
        Rationals, or expressions in one root of a polynomial (`sympy.CRootOf`).

    Raises
    ------
    ValueError
        If weights and probabilities are not those of a law, or λ is negative or infinite.

    Examples
    --------
    >>> discrete_limit([1, 2], [sympy.Rational(2, 3), sympy.Rational(1, 3)], lam=1)
    [1/2, 1/2]
    """
    ws, ps = _law(weights, probabilities)
    rate = exact_number("lam", lam)
    if not 0 <= rate < sympy.oo:
        raise ValueError(f"lam must be finite and at least 0; got {lam}")
    if rate == 0 or len(ws) == 1:
        return ps
    kept = [(w, p) for w, p in zip(ws, ps, strict=True) if p > 0]
    equation = self_consistency(*zip(*kept, strict=True)).subs(_LAM, rate)
    numerator = sympy.numer(sympy.together(equation))
    top = max(w for w, _ in kept)
    roots = sympy.Poly(numerator, scalar).real_roots()
    z = next(root for root in roots if bool(root > 0) and bool(root * top < 1))
    return [p / (1 + rate) / (1 - z * w) for w, p in zip(ws, ps, strict=True)]


_LAM = lam


def _law(weights: Sequence[Any], probabilities: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    ws = [exact_number("a weight", w) for w in weights]
    ps = [exact_number("a probability", p) for p in probabilities]
    if len(ws) != len(ps) or not ws:
        raise ValueError(
            "weights and probabilities must be equal in number, and at least one; "
            f"got {len(ws)} and {len(ps)}"
        )
    if len(set(ws)) < len(ws) or not all(0 < w < sympy.oo for w in ws):
        raise ValueError(f"weights must be distinct, positive and finite; got {list(weights)}")
    if not all(p >= 0 for p in ps) or sum(ps) != 1:
        raise ValueError(
            "probabilities must be at least 0, with the sum 1 exactly; "
            f"got {list(probabilities)} with the sum {sum(ps)}"
        )
    return ws, ps
