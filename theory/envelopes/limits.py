"""What is left for ever, if every step is made alike, and the largest λ for what must be left.

The floor G_t(u) falls to the one root y < 1 of y = α u + β y + Σ γ y^K for u < 1, and the slope of
u as a function of y is σ = 1 + Σ γ (1 - K y^{K-1})/α. If that is nowhere negative, S_t rises to

    ∫_0^1 (σ - 1 - log σ) dy,

which for one K is S*(λ, K) of theorem-2.4-optimal; else without end.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from recurate.theory.envelopes.divergence import worst_divergence
from recurate.theory.envelopes.panels import log_excess, over_unit_interval
from recurate.theory.envelopes.rounds import Round, fresh
from recurate.theory.envelopes.shares import chosen_parts, minus_log

FloatArray = NDArray[np.float64]

HALVINGS = 64
"""How often the ends for ever are halved."""


def envelope_for_ever(
    u: FloatArray, step: Round, gap: float | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return the limits of floor and ceiling, if every step is this one.

    Parameters
    ----------
    u : ndarray
        Shares of the real data.
    step : Round
        The step.
    gap : float, optional
        Δ, as of `share_envelope`.

    Returns
    -------
    floor, ceiling : ndarray, shape of u
    """
    return _root(u, 1.0 - u, step, gap)[0], _root(1.0 - u, u, step, gap)[1]


def _root(
    share: FloatArray, rest: FloatArray, step: Round, gap: float | None
) -> tuple[FloatArray, FloatArray]:
    """Return the limit of G_t of a share, and its complement, by halving in log s, s = -log G."""
    share, rest = np.asarray(share, dtype=np.float64), np.asarray(rest, dtype=np.float64)
    if step.most_candidates == 1.0 or gap == 0.0:
        return share.copy(), rest.copy()
    if step.real == 0.0:  # all but a share of one is lost
        is_all = rest == 0.0
        return np.where(is_all, 1.0, 0.0), np.where(is_all, 0.0, 1.0)
    inner = (share > 0.0) & (rest > 0.0)
    least = minus_log(np.where(inner, share, 0.5), np.where(inner, rest, 0.5))
    most = least - math.log(step.real / (1.0 - step.kept)) + 1e-12
    for _ in range(HALVINGS):
        s = np.sqrt(least) * np.sqrt(most)  # whose product may be no double
        falls = _next(s, share, rest, step, gap) > s
        least, most = np.where(falls, s, least), np.where(falls, most, s)
    s = np.sqrt(least) * np.sqrt(most)
    return np.where(inner, np.exp(-s), share), np.where(inner, -np.expm1(-s), rest)


def _next(
    s: FloatArray, share: FloatArray, rest: FloatArray, step: Round, gap: float | None
) -> FloatArray:
    inside = step.real * share + step.kept * np.exp(-s)
    outside = step.real * rest + step.kept * -np.expm1(-s)
    for part, number in step.chosen:
        kept, lost = chosen_parts(s, number, gap)
        inside, outside = inside + part * kept, outside + part * lost
    return minus_log(inside, outside)


def divergence_for_ever(step: Round) -> float:
    """Return the limit of S_t if every step is this one, in nats; infinite if it has none."""
    if step.most_candidates == 1.0:
        return 0.0
    if step.real == 0.0 or step.most_candidates == math.inf:
        return math.inf
    rates = [(part / step.real, number) for part, number in step.chosen if part > 0.0]
    # The slope at y = 1, which is positive or zero; λ = 1/(K-1) is allowed, and rounds either way.
    room = 1.0 - sum(rate * (number - 1.0) for rate, number in rates)
    if room < -1e-15 * (1.0 + sum(rate * number for rate, number in rates)):
        return math.inf

    def integrand(y: FloatArray, rest: FloatArray) -> FloatArray:
        s = minus_log(y, rest)
        # σ = room + Σ γ K (1 - y^{K-1})/α, of terms that do not cancel near y = 1.
        slope = max(room, 0.0) + sum(
            rate * number * -np.expm1(-(number - 1.0) * s) for rate, number in rates
        )
        off = sum(rate * (1.0 - number * np.exp(-(number - 1.0) * s)) for rate, number in rates)
        near = np.where(slope < 0.5, slope, 1.0)
        return np.where(slope < 0.5, near - 1.0 - np.log(near), log_excess(np.maximum(off, -0.5)))

    largest = max(number for _, number in rates)
    end = 45.0 + math.log(largest) + math.log1p(max(rate for rate, _ in rates))
    return float(over_unit_interval(integrand, end))


def largest_mixing_for_share(
    u: float, share: float, K: float, *, retained: float = 0.0, is_least: bool = True
) -> float:
    """Return the largest λ that keeps a group's share on one side of a limit for ever.

    Parameters
    ----------
    u : float
        The group's share of the real data.
    share : float
        The limit: its least share if `is_least`, else its largest.
    K : float
        Number of candidates.
    retained : float
        Share of the model's own samples that are kept uncurated.
    is_least : bool
        Which of the two.

    Returns
    -------
    float
        λ = (u - y)/((1-ε)(y - y^K)), y the least share; infinite if nothing is chosen. NaN if u is
        beyond the limit itself.

    Notes
    -----
    The floor for ever is the root of y = m u + a y^K; solved for λ = a/m. Derived here,
    docs/mathematics.md#share-envelope.

    Examples
    --------
    >>> largest_mixing_for_share(0.2, 0.1, K=4)
    1.001001001001001
    """
    if (u < share) if is_least else (u > share):
        return math.nan
    y, rest = (share, 1.0 - share) if is_least else (1.0 - share, share)
    lost = u - share if is_least else share - u
    if K == 1.0 or retained == 1.0 or y == 0.0 or u in (0.0, 1.0):
        return math.inf  # a group that is nobody or all stays so
    if lost == 0.0:  # no room: nothing may be chosen
        return 0.0
    # y - y^K = y (1 - y^{K-1})
    log_share = math.log(y) if y < 0.5 else math.log1p(-rest)
    chosen = y * -math.expm1((K - 1.0) * log_share) if K < math.inf else y
    return lost / ((1.0 - retained) * chosen)


def largest_mixing_for_divergence(
    most: float, K: float, *, steps: int | None = None, retained: float = 0.0
) -> float:
    """Return the largest λ for which the divergence is at most so much, whatever people choose.

    Parameters
    ----------
    most : float
        Largest KL(p_t‖p_ref), in nats, above 0.
    K, retained
        As of `largest_mixing_for_share`.
    steps : int, optional
        Steps for which it has to hold; for ever by default.

    Returns
    -------
    float
        λ, rounded down to where it was computed to hold; infinite if the pure loop does.
    """
    if K == 1.0 or retained == 1.0:
        return math.inf
    if K == math.inf:
        return 0.0

    def reached(lam: float) -> float:
        if steps is None:
            return divergence_for_ever(fresh(lam, [(1.0, K)], retained))
        return float(worst_divergence(K=K, lam=lam, steps=steps, retained=retained)[-1])

    edge = 1.0 / ((K - 1.0) * (1.0 - retained))
    return largest_within(lambda lam: reached(lam) <= most, edge if steps is None else math.inf)


def largest_within(holds: Callable[[float], bool], edge: float) -> float:
    """Return the largest λ up to an edge for which something holds that holds for all smaller ones.

    It is found to a relative 1e-12, from below. 0 if it does not hold at 1e-300.
    """
    if holds(edge):
        return edge
    low, high = 1e-300, min(edge, 1e300)
    if not holds(low):
        return 0.0
    for _ in range(400):
        if high / low - 1.0 <= 1e-12:
            break
        # By halving the logarithm; that is halving, once the two are near.
        middle = math.sqrt(low) * math.sqrt(high)
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
