"""Divergences between two laws on the same atoms, in log space, near equality as elsewhere.

Every function takes the laws p and q in the same way, as log-densities with respect to a common
measure, on which a divergence does not depend:

- ``f(log_density, reference)``: q is `reference`, probabilities, and p = e^{log_density} q;
- ``f(log_p, log_q=log_q)``: log-probabilities of both;
- ``f(log_p, reference, log_q=log_q)``: p = e^{log_p} `reference` and q = e^{log_q} `reference`.

Each number stands for itself exactly, and what is left of a total mass other than one is divided
out to full *relative* accuracy of the laws' difference: ``docs/engine.md``, "Divergences".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.log_sums import log_sum_exp
from recurate.numerics.validation import SUM_TOLERANCE, FloatArray, real_vector, shown

DIVERGENCE_ERROR = 1e-14
"""Stated relative error, times the largest of 1 and of the |log p| and |log q| that are finite."""

_SERIES_RADIUS = 0.5
_SERIES_DEGREE = 18  # 0.5^19 * 18/19! is 1e-21 of the leading term 0.5^2/2
_CENTRINGS = 4
_BALANCE = 2.0**-50  # of sum (p - q) to sum |p - q|


def kullback_leibler(log_p: Any, reference: Any = None, *, log_q: Any = None) -> float:
    """Kullback–Leibler divergence KL(p‖q) = sum p log(p/q), in nats.

    Parameters
    ----------
    log_p : array_like, shape (n,)
        log(p/reference) at each atom, or log p without a reference; -inf where p has no mass.
    reference : array_like, shape (n,), optional
        The measure that both log-densities refer to; q itself where `log_q` is not given. Atoms at
        which it is zero do not count.
    log_q : array_like, shape (n,), optional
        log(q/reference), or log q without a reference.

    Returns
    -------
    float
        At least 0; inf where p has mass and q has none.

    Raises
    ------
    TypeError
        If neither `reference` nor `log_q` is given, or entries are not real numbers.
    ValueError
        If lengths differ, an entry is NaN or a logarithm is +inf, the reference is negative, or a
        law does not sum to one within 1e-9 (within that it is normalised).

    Notes
    -----
    The sum of q φ(log p/q) with φ(δ) = δe^δ - e^δ + 1 >= 0, which equals KL because both laws have
    mass one, and in which nothing cancels (derived in ``docs/engine.md``).

    Examples
    --------
    >>> round(kullback_leibler(np.log([1.5, 0.5]), [0.5, 0.5]), 6)
    0.130812
    >>> kullback_leibler(np.log([0.5, 0.5]), log_q=[0.0, -np.inf])
    inf
    """
    pair = _pair(log_p, reference, log_q)
    if (pair.ratio == math.inf).any():
        return math.inf
    some = pair.p > 0
    terms = -pair.excess
    terms[some] += pair.p[some] * pair.ratio[some]
    near = np.abs(pair.ratio) < _SERIES_RADIUS
    terms[near] = pair.q[near] * _bregman_series(pair.ratio[near], 1.0)
    return float(terms.sum())


def kullback_leibler_of_state(log_density: FloatArray, reference: FloatArray) -> float:
    """KL(p‖q) in nats, of p = e^{log_density} q, as a loop needs it at each step.

    Parameters
    ----------
    log_density : ndarray, shape (n,)
        log(p/q) at each atom; -inf where p has no mass.
    reference : ndarray, shape (n,)
        Probabilities q. Atoms with q = 0 do not count.

    Returns
    -------
    float
        As `kullback_leibler`, at half the cost: the input is not checked, and both laws are taken
        to have mass one, as a loop's state has to rounding.
    """
    positive = reference > 0
    log_density, reference = log_density[positive], reference[positive]
    probs = np.exp(np.log(reference) + log_density)
    terms = reference.copy()
    some = probs > 0
    terms[some] += probs[some] * (log_density[some] - 1.0)
    near = np.abs(log_density) < _SERIES_RADIUS
    terms[near] = reference[near] * _bregman_series(log_density[near], 1.0)
    return float(terms.sum())


def total_variation(log_p: Any, reference: Any = None, *, log_q: Any = None) -> float:
    """Total variation distance, sum |p - q| / 2: the largest difference of any event's chances.

    Parameters
    ----------
    log_p, reference, log_q
        The two laws, as in `kullback_leibler`.

    Returns
    -------
    float
        From 0 to 1; 1 where no atom has mass of both.

    Raises
    ------
    TypeError, ValueError
        As `kullback_leibler`.

    Notes
    -----
    |p - q| is summed as max(p, q) (1 - e^{-|log p/q|}).

    Examples
    --------
    >>> round(total_variation(np.log([0.75, 0.25]), log_q=np.log([0.5, 0.5])), 12)
    0.25
    """
    pair = _pair(log_p, reference, log_q)
    return min(1.0, 0.5 * float(np.abs(pair.excess).sum()))


def chi_square(log_p: Any, reference: Any = None, *, log_q: Any = None) -> float:
    """Pearson's chi-square divergence χ²(p‖q) = sum (p - q)²/q, the variance under q of p/q.

    Parameters
    ----------
    log_p, reference, log_q
        The two laws, as in `kullback_leibler`.

    Returns
    -------
    float
        At least 0; inf where p has mass and q has none, and where the value is above 1.8e308:
        ``renyi(..., order=2)`` is log(1 + χ²), also then.

    Raises
    ------
    TypeError, ValueError
        As `kullback_leibler`.

    Notes
    -----
    van Erven and Harremoës 2014, IEEE Trans. Inf. Theory 60(7), eq. (6), for the link to Rényi's.

    Examples
    --------
    >>> round(chi_square(np.log([1.5, 0.5]), [0.5, 0.5]), 12)
    0.25
    """
    pair = _pair(log_p, reference, log_q)
    terms = np.empty_like(pair.ratio)
    far = pair.ratio > 1
    terms[~far] = pair.q[~far] * np.expm1(pair.ratio[~far]) ** 2
    # p²/q (1 - q/p)², since neither q nor p/q need be in a double's range.
    with np.errstate(over="ignore"):
        terms[far] = np.exp(pair.log_p[far] + pair.ratio[far]) * np.expm1(-pair.ratio[far]) ** 2
        return float(terms.sum())


def renyi(log_p: Any, reference: Any = None, *, order: float, log_q: Any = None) -> float:
    """Rényi divergence D_α(p‖q) = log(sum p^α q^{1-α}) / (α - 1), in nats.

    Parameters
    ----------
    log_p, reference, log_q
        The two laws, as in `kullback_leibler`.
    order : float
        α, above 0. Order 1 is the limit, KL(p‖q); order infinity is the largest log(p/q) at the
        atoms of p; D_α is nondecreasing in α.

    Returns
    -------
    float
        At least 0. For α >= 1, inf where p has mass and q has none; for α < 1, inf only where no
        atom has mass of both.

    Raises
    ------
    TypeError, ValueError
        As `kullback_leibler`, and if `order` is not a number above 0 or infinity.

    Notes
    -----
    van Erven and Harremoës 2014, "Rényi divergence and Kullback–Leibler divergence", IEEE Trans.
    Inf. Theory 60(7). How it keeps its digits is derived in ``docs/engine.md``.

    Examples
    --------
    A point mass against the uniform law on four atoms: log 4, whatever the order.

    >>> point = [0.0, -np.inf, -np.inf, -np.inf]
    >>> [round(renyi(point, log_q=np.log([0.25] * 4), order=a), 6) for a in (0.5, 2, np.inf)]
    [1.386294, 1.386294, 1.386294]
    """
    order = _order(order)
    if order == 1.0:
        return kullback_leibler(log_p, reference, log_q=log_q)
    pair = _pair(log_p, reference, log_q)
    top = float(pair.ratio.max())
    if order > 1 and not math.isfinite(order * top):
        return top  # also infinity, where p has mass outside q
    with np.errstate(over="ignore"):  # to -inf, of atoms far below the largest
        joint = _joint(pair, order)
        logarithm = float(log_sum_exp(joint, axis=0))
    if abs(logarithm) < _SERIES_RADIUS:
        logarithm = math.log1p(_sum_less_one(pair, order, joint))
    return abs(logarithm / (order - 1.0))  # both have one sign; no -0.0


@dataclass(frozen=True)
class _Pair:
    """Two laws at the atoms where either has mass: p, q, their logarithms, log p/q and p - q.

    The last two have full relative precision, also where p and q nearly agree.
    """

    p: FloatArray
    q: FloatArray
    log_p: FloatArray
    log_q: FloatArray
    ratio: FloatArray
    excess: FloatArray

    @property
    def swapped(self) -> _Pair:
        return _Pair(self.q, self.p, self.log_q, self.log_p, -self.ratio, -self.excess)


def _pair(density_p: Any, reference: Any, density_q: Any) -> _Pair:
    if reference is None and density_q is None:
        raise TypeError("a second law must be given, as reference or as log_q; got neither")
    first = _vector(density_p, "log_p")
    size = first.size
    second = np.zeros(size) if density_q is None else _vector(density_q, "log_q", size)
    log_measure = np.zeros(size) if reference is None else _log_measure(reference, size)
    counts = log_measure > -np.inf
    _require_logarithms(first, "log_p", counts)
    _require_logarithms(second, "log_q", counts)
    counts &= (first > -np.inf) | (second > -np.inf)
    if not counts.all():
        first, second, log_measure = first[counts], second[counts], log_measure[counts]
    log_p, log_q = log_measure + first, log_measure + second
    with np.errstate(over="ignore"):  # refused below, as a sum
        p, q = np.exp(log_p), np.exp(log_q)
    measured = "" if reference is None else " * reference"
    mass_p = _mass(p, f"exp(log_p){measured}")
    mass_q = _mass(q, "reference" if density_q is None else f"exp(log_q){measured}")
    p /= mass_p
    q /= mass_q
    ratio = first - second
    excess = _centre(p, q, ratio, math.log(mass_p / mass_q))
    return _Pair(p, q, log_p - math.log(mass_p), log_q - math.log(mass_q), ratio, excess)


def _centre(p: FloatArray, q: FloatArray, ratio: FloatArray, shift: float) -> FloatArray:
    """Take from log p/q, in place, what the laws' normalisation adds to it; return p - q.

    A quotient of two rounded sums gives that constant up to 1e-16 only, and log p/q may be as small
    itself: so the rest is read off the sum of p - q, which must be zero.
    """
    for _ in range(_CENTRINGS):
        ratio -= shift
        excess = _excess(p, q, ratio)
        surplus = float(excess.sum())
        if abs(surplus) <= _BALANCE * float(np.abs(excess).sum()):
            break
        shift = math.log1p(surplus)
    return excess


def _excess(p: FloatArray, q: FloatArray, ratio: FloatArray) -> FloatArray:
    """Return p - q from log p/q, with all its digits."""
    excess: FloatArray = -np.expm1(-np.abs(ratio)) * np.where(ratio > 0, p, -q)
    return excess


def _bregman_series(argument: FloatArray, order: float) -> FloatArray:
    """Return (e^u - 1 - α(e^{u/α} - 1))/(α - 1) for small u: at α = 1, ue^u - e^u + 1.

    It is the sum over k >= 2 of u^k/k! (α^-1 + … + α^-(k-1)), here by Horner's rule.
    """
    total = np.zeros_like(argument)
    for coefficient in _coefficients(order):
        total *= argument
        total += coefficient
    total *= argument
    total *= argument
    return total


@lru_cache(maxsize=16)
def _coefficients(order: float) -> tuple[float, ...]:
    """Return those of u^_SERIES_DEGREE, …, u^2 in `_bregman_series`."""
    sums = accumulate(order**-j for j in range(1, _SERIES_DEGREE))
    falling = [total / math.factorial(k) for k, total in enumerate(sums, start=2)]
    return tuple(reversed(falling))


def _joint(pair: _Pair, order: float) -> FloatArray:
    """Return log(p^α q^{1-α}) at each atom, for α < 1 or p without mass outside q."""
    both = np.isfinite(pair.ratio)
    joint = np.full_like(pair.ratio, -np.inf)
    joint[both] = pair.log_p[both] + (order - 1.0) * pair.ratio[both]
    return joint


def _sum_less_one(pair: _Pair, order: float, joint: FloatArray) -> float:
    """Return sum p^α q^{1-α} - 1 where it is small, to full relative accuracy.

    It equals the sum of p^α q^{1-α} - p - (α - 1) (p - q), whose terms have one sign.
    """
    less_one = order - 1.0
    if order < 0.5:  # below, the terms would cancel: p^α q^{1-α} is symmetric
        pair, order, less_one = pair.swapped, 1.0 - order, -order
    mass = np.exp(joint)
    near = order * np.abs(pair.ratio) < _SERIES_RADIUS
    terms = mass - pair.p
    slow = np.abs(less_one * pair.ratio) < 1
    terms[slow] = pair.p[slow] * np.expm1(less_one * pair.ratio[slow])
    terms -= less_one * pair.excess
    terms[near] = less_one * pair.q[near] * _bregman_series(order * pair.ratio[near], order)
    return float(terms.sum())


def _order(order: Any) -> float:
    allowed = "order must be a number above 0 or infinity"
    if isinstance(order, bool | np.bool_) or not isinstance(order, Real):
        raise TypeError(f"{allowed}; got {shown(order)}")
    try:
        number = float(order)
    except OverflowError as error:
        raise ValueError(f"{allowed}; got a number beyond 1e308, not infinity") from error
    if not number > 0:
        raise ValueError(f"{allowed}; got {shown(order)}")
    return number


def _vector(values: Any, name: str, size: int | None = None) -> FloatArray:
    """Return `values` as a new one-dimensional float64 array, infinities and NaN as they are."""
    try:
        raw = np.asarray(values)
    except ValueError:  # nested lists of different lengths
        raw = np.empty(0)
    if raw.dtype.kind != "f" or raw.ndim != 1 or raw.size == 0 or np.ma.is_masked(values):
        array = real_vector(values, name)  # integers, or what it refuses
    else:
        array = np.array(raw, dtype=np.float64)
    _require_size(array, name, size)
    return array


def _require_logarithms(array: FloatArray, name: str, where: npt.NDArray[np.bool_]) -> None:
    bad = where & ~(array < np.inf)
    if bad.any():
        position = int(np.flatnonzero(bad)[0])
        raise ValueError(
            f"{name} must be finite or -inf; got {array[position]} at position {position}"
        )


def _log_measure(values: Any, size: int) -> FloatArray:
    """Return the logarithm of the masses of a measure, shape (size,)."""
    measure = real_vector(values, "reference")
    _require_size(measure, "reference", size)
    if (measure < 0).any():
        position = int(np.flatnonzero(measure < 0)[0])
        raise ValueError(
            f"reference must be at least 0 (log-probabilities of a second law go into log_q); "
            f"got {measure[position]:g} at position {position}"
        )
    with np.errstate(divide="ignore"):
        logarithm: FloatArray = np.log(measure)
    return logarithm


def _require_size(array: FloatArray, name: str, size: int | None) -> None:
    if size is not None and array.size != size:
        raise ValueError(f"{name} must have one entry per atom of log_p ({size}); got {array.size}")


def _mass(masses: FloatArray, name: str) -> float:
    mass = float(masses.sum())
    if not abs(mass - 1.0) <= SUM_TOLERANCE:
        raise ValueError(f"{name} must sum to 1 within {SUM_TOLERANCE:g}; got a sum of {mass!r}")
    return mass
