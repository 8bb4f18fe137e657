"""Divergences between two laws on the same atoms, in log space, accurate for nearly equal laws too.

Every function takes the laws p and q in the same way: as log-densities with respect to a common
measure, which does not affect the divergence.

- ``f(log_density, reference)``: q is `reference`, probabilities, and p = e^{log_density} q;
- ``f(log_p, log_q=log_q)``: log-probabilities of both;
- ``f(log_p, reference, log_q=log_q)``: p = e^{log_p} `reference` and q = e^{log_q} `reference`.

The numbers given count as exact. A total mass that is not quite one is divided out so that the
difference of the laws keeps its full *relative* accuracy: ``docs/engine.md``, "Divergences".
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import accumulate
from typing import Any

import numpy as np

from recurate.numerics.laws.law_pair import LawPair
from recurate.numerics.log_sums import log_sum_exp
from recurate.numerics.validation import FloatArray, positive_or_infinite

DIVERGENCE_ERROR = 1e-14
"""Stated relative error, to be multiplied by the largest of 1 and all finite |log p|, |log q|."""

SERIES_RADIUS = 0.5
"""A log-ratio below it is taken by a power series, with `series_coefficients`."""

_SERIES_DEGREE = 18  # 0.5^19 * 18/19! is 1e-21 of the leading term 0.5^2/2
_FEW = 16  # atoms up to which plain floats are quicker than arrays, with the same digits


def kullback_leibler(log_p: Any, reference: Any = None, *, log_q: Any = None) -> float:
    """Kullback–Leibler divergence KL(p‖q) = sum p log(p/q), in nats.

    Parameters
    ----------
    log_p : array_like, shape (n,)
        log(p/reference) at each atom, or log p without a reference; -inf where p has no mass.
    reference : array_like, shape (n,), optional
        The measure that both log-densities refer to; q itself if `log_q` is not given. Atoms where
        it is zero do not count.
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
    pair = LawPair.of(log_p, reference, log_q)
    if (pair.ratio == math.inf).any():
        return math.inf
    some = pair.p > 0
    terms = -pair.excess
    terms[some] += pair.p[some] * pair.ratio[some]
    near = np.abs(pair.ratio) < SERIES_RADIUS
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
        As `kullback_leibler`, at half the cost: the input is not checked, and both laws are assumed
        to have mass one, which a loop's states have up to rounding.
    """
    positive = reference > 0
    return float(kullback_leibler_terms(log_density[positive], reference[positive]).sum())


def kullback_leibler_terms(log_density: FloatArray, reference: FloatArray) -> FloatArray:
    """Return the terms of KL(p‖q), none negative: q (g log g - g + 1) at each atom, g = p/q, q > 0.

    They sum to KL over any part of the atoms where p and q have the same mass.
    """
    probs = np.exp(np.log(reference) + log_density)
    terms = reference.copy()
    some = probs > 0
    terms[some] += probs[some] * (log_density[some] - 1.0)
    near = np.abs(log_density) < SERIES_RADIUS
    terms[near] = reference[near] * _bregman_series(log_density[near], 1.0)
    return terms


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
    pair = LawPair.of(log_p, reference, log_q)
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
    pair = LawPair.of(log_p, reference, log_q)
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
    A point mass against the uniform law on four atoms: log 4 for every order.

    >>> point = [0.0, -np.inf, -np.inf, -np.inf]
    >>> [round(renyi(point, log_q=np.log([0.25] * 4), order=a), 6) for a in (0.5, 2, np.inf)]
    [1.386294, 1.386294, 1.386294]
    """
    order = positive_or_infinite(order, "order")
    if order == 1.0:
        return kullback_leibler(log_p, reference, log_q=log_q)
    pair = LawPair.of(log_p, reference, log_q)
    top = float(pair.ratio.max())
    if order > 1 and not math.isfinite(order * top):
        return top  # also infinity, where p has mass outside q
    with np.errstate(over="ignore"):  # to -inf, of atoms far below the largest
        joint = _joint(pair, order)
        logarithm = float(log_sum_exp(joint, axis=0))
    if abs(logarithm) < SERIES_RADIUS:
        logarithm = math.log1p(_sum_less_one(pair, order, joint))
    return abs(logarithm / (order - 1.0))  # both have one sign; no -0.0


def _bregman_series(argument: FloatArray, order: float) -> FloatArray:
    """Return (e^u - 1 - α(e^{u/α} - 1))/(α - 1) for small u: at α = 1, ue^u - e^u + 1.

    It is the sum over k >= 2 of u^k/k! (α^-1 + … + α^-(k-1)), here by Horner's rule.
    """
    coefficients = series_coefficients(order)
    if argument.size <= _FEW:
        few = [_horner(number, coefficients) * number * number for number in argument.tolist()]
        return np.array(few, dtype=np.float64)
    total = np.zeros_like(argument)
    for coefficient in coefficients:
        total *= argument
        total += coefficient
    total *= argument
    total *= argument
    return total


def _horner(argument: float, coefficients: tuple[float, ...]) -> float:
    total = 0.0
    for coefficient in coefficients:
        total = total * argument + coefficient
    return total


@lru_cache(maxsize=16)
def series_coefficients(order: float) -> tuple[float, ...]:
    """Return the coefficients of u^_SERIES_DEGREE, …, u^2 in `_bregman_series`."""
    sums = accumulate(order**-j for j in range(1, _SERIES_DEGREE))
    falling = [total / math.factorial(k) for k, total in enumerate(sums, start=2)]
    return tuple(reversed(falling))


def _joint(pair: LawPair, order: float) -> FloatArray:
    """Return log(p^α q^{1-α}) at each atom, for α < 1 or p without mass outside q."""
    both = np.isfinite(pair.ratio)
    joint = np.full_like(pair.ratio, -np.inf)
    joint[both] = pair.log_p[both] + (order - 1.0) * pair.ratio[both]
    return joint


def _sum_less_one(pair: LawPair, order: float, joint: FloatArray) -> float:
    """Return sum p^α q^{1-α} - 1 where it is small, to full relative accuracy.

    It equals the sum of p^α q^{1-α} - p - (α - 1) (p - q), whose terms have one sign.
    """
    less_one = order - 1.0
    if order < 0.5:  # below, the terms would cancel: p^α q^{1-α} is symmetric
        pair, order, less_one = pair.swapped, 1.0 - order, -order
    mass = np.exp(joint)
    near = order * np.abs(pair.ratio) < SERIES_RADIUS
    terms = mass - pair.p
    slow = np.abs(less_one * pair.ratio) < 1
    terms[slow] = pair.p[slow] * np.expm1(less_one * pair.ratio[slow])
    terms -= less_one * pair.excess
    terms[near] = less_one * pair.q[near] * _bregman_series(order * pair.ratio[near], order)
    return float(terms.sum())
