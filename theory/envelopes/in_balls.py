"""The envelopes in rationals and in balls, at one step t and for one λ and one K.

A ball of S_t comes from Arb's rigorous quadrature (Petras' algorithm: Gauss's rule with bounds on
ellipses, bisected until these are small). The integrand (1+δ) log(1+δ) - δ cancels to δ^2 for
small λ, so more digits are carried; the result has the 64 bits that a comparison needs.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import flint

_BITS = 64
_MOST_DIGITS = 4096  # of the digits that rounding may cost
_MOST_IN_SUM = 64  # candidates up to which f is a sum
_LEAST_KNOWN = 32  # bits of a share, of which powers are taken as they are


def share_floor_exact(u: Any, lam: Any, K: Any, t: Any) -> Fraction:
    """Return G_t(u) exactly; λ and K may be infinite."""
    share = value = Fraction(u)
    real, synthetic = (Fraction(0), Fraction(1)) if lam == math.inf else _fractions(Fraction(lam))
    for _ in range(int(t)):
        if K == math.inf:
            chosen = Fraction(int(value == 1))
        else:
            if K != int(K):
                raise ValueError(f"K must be an integer of at least 1 or infinity; got {K}")
            chosen = value ** int(K)
        value = real * share + synthetic * chosen
    return value


def _fractions(lam: Fraction) -> tuple[Fraction, Fraction]:
    return 1 / (1 + lam), lam / (1 + lam)


def share_ceiling_exact(u: Any, lam: Any, K: Any, t: Any) -> Fraction:
    """Return 1 - G_t(1-u) exactly."""
    return 1 - share_floor_exact(1 - Fraction(u), lam, K, t)


def share_floor_ball(u: flint.arb, lam: flint.arb, K: flint.arb, t: flint.arb) -> flint.arb:
    """Return a ball that contains G_t(u)."""
    return _increasing(u, lambda share: _iterated(share, lam, K, t, lambda x: _power(x, K)))


def share_ceiling_ball(u: flint.arb, lam: flint.arb, K: flint.arb, t: flint.arb) -> flint.arb:
    """Return a ball that contains 1 - G_t(1-u)."""
    return _complement(u, lambda rest: share_floor_ball(rest, lam, K, t))


def gap_floor_ball(
    u: flint.arb, lam: flint.arb, K: flint.arb, gap: flint.arb, t: flint.arb
) -> flint.arb:
    """Return a ball that contains the least share if rewards differ by at most Δ."""
    return _increasing(u, lambda share: _iterated(share, lam, K, t, lambda x: _drawn(x, K, gap)))


def gap_ceiling_ball(
    u: flint.arb, lam: flint.arb, K: flint.arb, gap: flint.arb, t: flint.arb
) -> flint.arb:
    """Return a ball that contains the largest share if rewards differ by at most Δ."""
    return _complement(u, lambda rest: gap_floor_ball(rest, lam, K, gap, t))


def worst_divergence_ball(lam: flint.arb, K: flint.arb, t: flint.arb) -> flint.arb:
    """Return a ball that contains S_t(λ, K)."""
    steps, parts = _count(t), _parts(lam)
    if steps == 0 or K == 1 or lam == 0:
        return flint.arb(0)
    if not K.is_finite():
        return flint.arb("inf")
    if parts[0] == 0:  # the pure loop
        logarithm = steps * K.log()
        return logarithm - 1 + (-logarithm).exp()
    size = _log2(K)
    # δ is of the size a K, and S_t of its square; 1/K^t is the scale near u = 1.
    small = max(0, -_log2(parts[1])) * 2
    with flint.ctx.workprec(2 * _BITS + 2 * small + (steps + 1) * size + 64):
        real, synthetic = _parts(lam)
        value = _integral(real, synthetic, int(K.unique_fmpz()), steps, small + size)
    return +value


def _integral(real: Any, synthetic: Any, K: int, steps: int, small: int) -> flint.arb:
    def integrand(u: flint.acb, analytic: bool) -> flint.acb:
        value, slope = u, flint.acb(1)
        for _ in range(steps):
            power = value ** (K - 1)
            slope = real + synthetic * K * power * slope
            value = real * u + synthetic * value * power
        return slope * slope.log(analytic=analytic) - slope + 1

    found = flint.acb.integral(
        integrand,
        0,
        1,
        rel_tol=flint.arb(2) ** -_BITS,
        abs_tol=flint.arb(2) ** (-_BITS - 2 * small - 8),
        eval_limit=10**6,
        depth_limit=10**4,
    )
    return found.real


def _iterated(share: flint.arb, lam: flint.arb, K: flint.arb, t: flint.arb, chosen: Any) -> Any:
    steps = _count(t)
    if share in (0, 1):  # of nobody, and of all
        return share
    digits = min(_MOST_DIGITS, (steps + 1) * (_log2(K) if K.is_finite() else 1)) + 64
    with flint.ctx.extraprec(digits):
        real, synthetic = _parts(lam)
        value = share
        for _ in range(steps):
            value = real * share + synthetic * chosen(value)
    return +value


def _increasing(u: flint.arb, function: Any) -> flint.arb:
    """Return the range of an increasing function of the shares in a ball."""
    if u.is_exact():
        return function(u)
    least, most = u.lower().max(flint.arb(0)), u.upper().min(flint.arb(1))
    return function(least).union(function(most))


def _complement(u: flint.arb, function: Any) -> flint.arb:
    """Return 1 - function(1-u) with all the digits of a small u."""
    if u in (0, 1):
        return u
    small = 64 if not u > 0 else max(0, -_log2(u))
    with flint.ctx.extraprec(min(_MOST_DIGITS, small) + 64):
        value = 1 - function(1 - u)
    return +value


def _power(x: flint.arb, K: flint.arb) -> flint.arb:
    """Return x^K for x from 0 to 1; a K that is infinite takes all but 1 to 0."""
    if K.is_finite():
        if x.contains(0):
            return flint.arb(0).union(x.abs_upper() ** K)
        return x**K
    if x == 1:
        return x
    return flint.arb(0) if x < 1 else flint.arb(0).union(flint.arb(1))


def _drawn(x: flint.arb, K: flint.arb, gap: flint.arb) -> flint.arb:
    """Return the share chosen by Bradley–Terry of a group whose reward is lower by Δ."""
    odds = gap.exp()
    if not K.is_finite():
        return flint.arb(0) if x == 0 else x / (x + (1 - x) * odds)
    number = int(K.unique_fmpz())
    if number == 1 or gap == 0:
        return x
    if number <= _MOST_IN_SUM:
        total = flint.arb(0)
        for j in range(1, number + 1):
            chance = math.comb(number, j) * x**j * (1 - x) ** (number - j)
            total += chance * j / (j + (number - j) * odds)
        return total
    if x.rel_accuracy_bits() < _LEAST_KNOWN:
        # Powers of a wide ball are no numbers: it is increasing, and the ends are exact.
        return _increasing(x, lambda share: share * _laplace(share, number, odds))
    return x * _laplace(x, number, odds)


def _laplace(x: flint.arb, K: int, odds: flint.arb) -> flint.arb:
    """Return ∫_0^∞ e^{-v} (x + (1-x) e^{-v(R-1)/K})^{K-1} dv."""
    end = math.ceil(flint.ctx.prec * math.log(2))  # e^{-end} is at most 2^-prec
    rate = (odds - 1) / K

    def integrand(v: flint.acb, analytic: bool) -> flint.acb:
        base = x + (1 - x) * (-v * rate).exp()
        power = ((K - 1) * base.log()).exp() if base.real > 0 else base ** (K - 1)
        return (-v).exp() * power

    # What the inputs leave open is not made smaller by more points.
    known = min(x.rel_accuracy_bits(), odds.rel_accuracy_bits()) + 16
    tolerance = flint.arb(2) ** -min(flint.ctx.prec - 32, 4 * _BITS, known)
    found = flint.acb.integral(
        integrand, 0, end, rel_tol=tolerance, abs_tol=tolerance * 2**-64, eval_limit=10**6
    )
    return found.real + flint.arb(0).union((-flint.arb(end)).exp())


def _parts(lam: flint.arb) -> tuple[flint.arb, flint.arb]:
    """Return 1/(1+λ) and λ/(1+λ)."""
    if not lam.is_finite() and lam.is_exact():
        return flint.arb(0), flint.arb(1)
    return 1 / (1 + lam), lam / (1 + lam)


def _count(t: flint.arb) -> int:
    return int(t.unique_fmpz())


def _log2(x: flint.arb) -> int:
    """Return the whole part of log2 of a positive ball's middle, rounded up in size."""
    middle = float((x.mid().log() / flint.arb(2).log()).mid())
    return math.ceil(middle) if middle > 0 else math.floor(middle)
