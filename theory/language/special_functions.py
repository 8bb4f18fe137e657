"""Two functions in which bounds of divergences keep their digits, and their values.

`OptimalDivergence` is S*(λ, K), the bound of theorem-2.4-optimal:

    S*(λ, K) = -log(1+λ) - ∫_0^1 log(1 - c x^{K-1}) dx,    c = λK/(1+λ),

for λ(K-1) <= 1, that is, c <= 1. By the series of the logarithm it is

    -log(1+λ) + sum_{j >= 1} c^j / (j (1 + (K-1) j)),

whose first term is λ/(1+λ). That and -log(1+λ) cancel to the order λ^2, so the two are computed
together, as -LogExcess(-λ/(1+λ)) with LogExcess(x) = x - log(1+x). All other terms are one integral
of a positive function. Derived here, docs/mathematics.md#theorem-24-optimal.
"""

from __future__ import annotations

from typing import Any

import flint
import numpy as np
import sympy

_SERIES_TERMS = 24  # (1/3)^48 < 1e-22


class LogExcess(sympy.Function):  # type: ignore[misc, unused-ignore]
    """x - log(1 + x), nonnegative for x > -1."""

    nargs = 1

    def _eval_is_real(self) -> bool | None:
        return True if (self.args[0] + 1).is_positive else None

    def fdiff(self, argindex: int = 1) -> Any:
        """Return the derivative x/(1+x)."""
        return self.args[0] / (1 + self.args[0])

    def _eval_expand_func(self, **hints: Any) -> Any:
        return self.args[0] - sympy.log(1 + self.args[0])

    def _eval_rewrite_as_log(self, x: Any, **hints: Any) -> Any:
        return x - sympy.log(1 + x)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"\left({printer._print(self.rewrite(sympy.log))}\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"


class OptimalDivergence(sympy.Function):  # type: ignore[misc, unused-ignore]
    """S*(λ, K), the largest divergence from the reference that the loop can reach."""

    nargs = 2

    def _eval_is_real(self) -> bool | None:
        return True

    def _eval_expand_func(self, **hints: Any) -> Any:
        return self.rewrite(sympy.Integral)

    def _eval_rewrite_as_Integral(self, lam: Any, K: Any, **hints: Any) -> Any:
        x = sympy.Symbol("x", positive=True)
        inner = sympy.log(1 - lam * K / (1 + lam) * x ** (K - 1))
        return -sympy.log(1 + lam) - sympy.Integral(inner, (x, 0, 1))

    def _eval_rewrite_as_Sum(self, lam: Any, K: Any, **hints: Any) -> Any:
        j = sympy.Symbol("j", integer=True, positive=True)
        term = (lam * K / (1 + lam)) ** j / (j * (1 + (K - 1) * j))
        return -sympy.log(1 + lam) + sympy.Sum(term, (j, 1, sympy.oo))

    def _sympystr(self, printer: Any) -> str:
        return "S⁎({}, {})".format(*(printer._print(argument) for argument in self.args))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        inside = ", ".join(printer._print(argument) for argument in self.args)
        return rf"S^*{'' if exp is None else f'{{}}^{{{exp}}}'}\left({inside}\right)"


def log_excess(x: Any) -> Any:
    """Return x - log(1 + x) to full relative precision.

    Parameters
    ----------
    x : array of float
        Above -1.

    Returns
    -------
    array of float
    """
    x = np.asarray(x, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        direct = x - np.log1p(x)
    small = np.where(np.abs(x) <= 0.5, x, 0.0)
    # log(1+x) = 2 artanh(r) = 2 (r + r^3/3 + …) with r = x/(2+x), and x - 2 r = r x.
    r = small / (2.0 + small)
    series = np.zeros_like(r)
    for k in range(_SERIES_TERMS, -1, -1):
        series = series * r * r + 1.0 / (2 * k + 3)
    return np.where(np.abs(x) <= 0.5, r * (small - 2.0 * r * r * series), direct)[()]


def log_excess_ball(x: flint.arb) -> flint.arb:
    """Return a ball that contains x - log(1 + x), for a ball above -1."""
    if not abs(x) < flint.arb(1) / 4:
        return x - x.log1p()
    r = x / (2 + x)
    terms = flint.ctx.prec // 5 + 4  # r^2 < 1/49 < 2^-5
    # Products, since Arb has no powers of a ball about zero.
    series = flint.arb(0)
    for k in range(terms - 1, -1, -1):
        series = series * r * r + flint.arb(1) / (2 * k + 3)
    series += _tail(r.abs_upper() ** (2 * terms) / ((2 * terms + 3) * (1 - r * r)))
    return r * (x - 2 * r * r * series)


def optimal_divergence(lam: Any, K: Any) -> Any:
    """Return S*(λ, K) in floats; arrays broadcast.

    The relative error is below 5e-15 for every λ and K, however small or large. Where λ(K-1) > 1
    the value is nan.

    Parameters
    ----------
    lam : array of float
        λ >= 0.
    K : array of float
        Number of candidates, at least 1. Infinity allows λ = 0 only.

    Returns
    -------
    array of float

    Examples
    --------
    >>> round(float(optimal_divergence(0.5, 2)), 4)  # 1 - log(3/2) - log(3)/2
    0.0452
    """
    lam, candidates = np.broadcast_arrays(
        np.asarray(lam, dtype=np.float64), np.asarray(K, dtype=np.float64)
    )
    trivial = (lam == 0.0) | (candidates == 1.0)  # no loop, or no choice
    lam = np.where(trivial, 0.0, lam)
    others = np.where(trivial, 1.0, candidates - 1.0)
    with np.errstate(invalid="ignore", over="ignore"):
        room = 1.0 - lam * others  # 1 - c, times 1 + λ
        # λ = 1/(K-1) is allowed, and rounds to either side.
        room = np.where((room < 0.0) & (room > -1e-15), 0.0, room)
        room = np.where(room < 0.0, np.nan, room)
    rest = _rest_of_series(lam, others, room / (1.0 + lam))
    return (rest - log_excess(-lam / (1.0 + lam)))[()]


def _rest_of_series(lam: Any, others: Any, room: Any) -> Any:
    """Return the sum of c^j/(j (1 + (K-1) j)) over j >= 2.

    With n = K-1 and x = e^{-v/n} it is

        (1/n) ∫_0^∞ [-log(1 - c e^{-v}) - c e^{-v}] e^{-v/n} dv,

    by the double exponential rule v = exp(u - e^{-u}), which copes with the logarithmic singularity
    at v = 0 as c -> 1.
    """
    c = lam * (others + 1.0) / (1.0 + lam)
    total = np.zeros_like(c)
    for node, mass in zip(_NODES, _MASSES, strict=True):
        small = c * np.exp(-node)
        # 1 - c e^{-v}, of two nonnegative terms
        left = room * np.exp(-node) - np.expm1(-node)
        near = np.where(small > 0.5, -np.log(left) - small, 0.0)
        total += (
            mass
            * np.exp(-node / others)
            * np.where(small > 0.5, near, log_excess(-np.minimum(small, 0.5)))
        )
    return np.where(np.isnan(room), np.nan, total / others)


_u = np.arange(-64, 64) / 16.0  # from -4 to 4
_NODES = np.exp(_u - np.exp(-_u))
_MASSES = _NODES * (1.0 + np.exp(-_u)) / 16.0


def optimal_divergence_ball(lam: flint.arb, K: flint.arb) -> flint.arb:
    """Return a ball that contains S*(λ, K) for all λ >= 0 and K >= 1 in balls with λ(K-1) <= 1.

    Parameters
    ----------
    lam, K : flint.arb
        Values with λ(K-1) > 1 in the balls are passed over (the ball of λ = 1/3 has some at K = 4).
        If all are such, the result is nan.

    Returns
    -------
    flint.arb
    """
    if K == 1 or lam == 0:
        return flint.arb(0)
    digits = flint.ctx.prec
    with flint.ctx.extraprec(2 * digits + 64):
        c = lam * K / (1 + lam)
        if c < flint.arb(1) / 2:
            rest = _short_sum(c, K - 1)
        elif c.lower() > 1:
            return flint.arb("nan")
        else:  # the sum increases with c, up to c = 1
            rest = _long_sum(c.lower(), K - 1).union(_long_sum(c.upper(), K - 1))
        value = rest - log_excess_ball(-lam / (1 + lam))
    return +value


def _short_sum(c: flint.arb, others: flint.arb) -> flint.arb:
    """Sum c^j/(j (1 + (K-1) j)) over j >= 2 term by term, for c < 1/2."""
    terms = flint.ctx.prec + 8
    total = _tail(c ** (terms + 1) / ((terms + 1) * (1 + others * (terms + 1)) * (1 - c)))
    for j in range(terms, 1, -1):
        total += c**j / (j * (1 + others * j))
    return total


def _long_sum(c: flint.arb, others: flint.arb) -> flint.arb:
    """Sum the same for one number c >= 1/2 and K >= 2; a larger c than 1 counts as 1.

    By 1/(j(1+nj)) = 1/j - 1/(j + 1/n) it is -log(1-c) - c L - c/K with L the sum of c^j/(j + β),
    j >= 0 and β = 1 + 1/n, which in powers of 1-c (Abramowitz and Stegun 15.3.10) is the sum of

        (β)_k/k! [ψ(k+1) - ψ(k+β) - log(1-c)] (1-c)^k.
    """
    beta = 1 + 1 / others
    rest = 1 - c
    gap = flint.arb(1).digamma() - beta.digamma()
    if not rest > 0:
        return -gap - 1 / (1 + others)
    logarithm, terms = rest.log(), flint.ctx.prec + 8
    # β is at most 2, so (β)_k/k! is at most k + 1 and the digammas differ by at most 1.
    bound = (1 - logarithm) * (terms + 1) * rest**terms / (1 - rest) ** 2
    total, factor = _tail(bound).union(_tail(-bound)), flint.arb(1)
    for k in range(terms):
        total += factor * (gap - logarithm)
        factor *= (beta + k) / (k + 1) * rest
        gap += flint.arb(1) / (k + 1) - 1 / (beta + k)
    return -logarithm - c * total - c / (1 + others)


def _tail(bound: flint.arb) -> flint.arb:
    """Return a ball for the tail of a sum, which lies between zero and a bound."""
    return flint.arb(0).union(bound)
