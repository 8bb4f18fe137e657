"""How much accumulating data leave of what a rate would take away in each round, with its values.

With n_0 real samples and n curated ones added in each round, the curated data of round s are the
share η_s = 1/(ν + s + 1) of all, ν = n_0/n. `AccumulationProduct` is the product of 1 - κ η_s over
the rounds s < t. It is Γ(ν+1+t-κ) Γ(ν+1)/(Γ(ν+1-κ) Γ(ν+1+t)), of order t^-κ. Derived here,
docs/mathematics.md#accumulation-rate.
"""

from __future__ import annotations

from typing import Any

import flint
import numpy as np
import sympy

from recurate.theory.language.notation import WithIndex

_SHIFT = 32
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680)  # the next term is below 1e-15 at x = 32
"""Coefficients of 1/x, 1/x³, 1/x⁵, 1/x⁷ in log Γ(x)."""


class AccumulationProduct(WithIndex):
    """Product of 1 - x/(ν+s+1) over the rounds s < t, as a function of x <= 1, ν > 0 and t."""

    nargs = 3
    is_nonnegative = True
    plain = "prod_[s<{2}](1 - {0}/({1} + s + 1))"

    def _eval_expand_func(self, **hints: Any) -> Any:
        """Return the product with its last factor apart, and all of them if t is a number."""
        kappa, rounds, t = self.args
        if t == 0:
            return sympy.S.One
        before = t - 1
        if not before.is_nonnegative:
            return self
        earlier = self.func(kappa, rounds, before)
        if before.is_Integer:
            earlier = earlier._eval_expand_func(**hints)
        return earlier * (1 - kappa / (rounds + t))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        kappa, rounds, t = map(printer._print, self.args)
        text = rf"\prod_{{s<{t}}}\left(1-\frac{{{kappa}}}{{{rounds}+s+1}}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


def accumulation_product(kappa: Any, rounds: Any, t: Any) -> Any:
    """Return the product of 1 - κ/(ν+s+1) over s < t in floats; arrays broadcast.

    The relative error is below 4e-15 (1 + κ log(ν + t)), over 1 - κ + ν where that is below 1: near
    its end 1 the number κ itself has too few digits.

    Parameters
    ----------
    kappa : array of float
        κ, from 0 to 1.
    rounds : array of float
        ν > 0.
    t : array of float
        Number of rounds.

    Returns
    -------
    array of float

    Examples
    --------
    >>> round(float(accumulation_product(0.5, 1.0, 2)), 10)  # (3/4)(5/6)
    0.625
    """
    kappa, first = np.asarray(kappa, dtype=np.float64), np.asarray(rounds, dtype=np.float64) + 1.0
    return np.exp(_log_ratio(first + t, kappa) - _log_ratio(first, kappa))


def _log_ratio(x: Any, kappa: Any) -> Any:
    """Return log Γ(x-κ) - log Γ(x), for x > κ."""
    shifts = sum(np.log1p(-kappa / (x + j)) for j in range(_SHIFT))
    y = x + _SHIFT
    lower = y - kappa
    series = sum(c * (lower ** -(2 * k + 1) - y ** -(2 * k + 1)) for k, c in enumerate(_STIRLING))
    return (y - 0.5) * np.log1p(-kappa / y) + kappa - kappa * np.log(lower) + series - shifts


def accumulation_product_ball(kappa: flint.arb, rounds: flint.arb, t: flint.arb) -> flint.arb:
    """Return a ball that contains the product; for large t it needs about log_2 t bits more."""
    return (rounds + 1 - kappa).rising(t) / (rounds + 1).rising(t)
