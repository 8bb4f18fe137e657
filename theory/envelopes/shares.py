"""The least and the largest share of a group at each step, in floats.

The floor is G_{t+1} = α u + β G_t + Σ γ G_t^K, and s = -log G is what is carried: s_{t+1} is a
concave function of s_t, and not negative at 0, so that a relative error of s never grows. Near
G = 1 the next s is made of the complements 1 - G^K, which are all positive, by expm1 and log1p;
elsewhere of the powers. In the pure loop G_t = u^P, P the product of all K, is taken as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurate.theory.envelopes.rounds import Round, real_number, rounds_of
from recurate.theory.envelopes.two_rewards import chosen_share

FloatArray = NDArray[np.float64]


def share_envelope(
    u: Any,
    *,
    K: Any,
    lam: Any = None,
    steps: int,
    retained: Any = 0.0,
    training: tuple[float, float] | None = None,
    gap: float | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Return the least and the largest share of a group at each step, whatever people choose.

    A group whose share of the real data is u, from which the loop starts, has a share between
    these two after t steps, by any rule that picks one of K candidates: for whatever reason, at
    random or not, another one at each step. Both ends are attained for every t at once, by the rule
    that avoids the group, or takes it, whenever it can.

    Parameters
    ----------
    u : float or array of floats
        The group's share of the real data, from 0 to 1.
    K : int or math.inf, or a sequence of them
        Number of candidates; of a sequence entry t is that of the step from t to t+1. For users who
        see unequal numbers take the largest.
    lam : float or math.inf, or a sequence of them
        λ, synthetic samples per real one.
    steps : int
        Number of steps.
    retained : float or sequence of floats
        Share of the model's own samples that are kept uncurated.
    training : pair of floats, optional
        In place of `lam`: number of real samples at the start, and of curated ones that each round
        adds. Nothing is thrown away.
    gap : float, optional
        Δ, by how much rewards differ at most, in log-odds. Then people choose by Bradley–Terry's
        model, each by rewards of their own, which may change; the envelope is narrower.

    Returns
    -------
    floor, ceiling : ndarray, shape (steps + 1, ...)
        The least and the largest share at t = 0, …, steps, for each u. Their relative error is
        below 1e-13; a floor below 1e-308 is 0.

    Raises
    ------
    TypeError, ValueError
        If something is missing, is no number or is out of range.

    Notes
    -----
    With m = 1/(1+λ) and a = λ/(1+λ) the floor is G_0 = u, G_{t+1} = m u + a G_t^K, and the ceiling
    is 1 - G_t of 1 - u. With Δ the power x^K becomes E[J/(J + (K-J) e^Δ)], J binomial of K and x.
    With infinitely many candidates and no Δ, only the real data m u are certain. Derived here,
    docs/mathematics.md#share-envelope-general and #bounded-gap-envelope.

    Examples
    --------
    One in five samples is about a topic. Half of each training set is real, and people pick one of
    four: whatever they like, the topic keeps a tenth of the samples, and never has more than 0.57.

    >>> floor, ceiling = share_envelope(0.2, K=4, lam=1.0, steps=3)
    >>> floor.round(4).tolist()
    [0.2, 0.1008, 0.1001, 0.1001]
    >>> ceiling.round(4).tolist()
    [0.2, 0.3952, 0.5331, 0.5762]

    If their rewards span no more than log 2, it is between 0.14 and 0.30.

    >>> floor, ceiling = share_envelope(0.2, K=4, lam=1.0, steps=3, gap=math.log(2))
    >>> round(float(floor[-1]), 4), round(float(ceiling[-1]), 4)
    (0.1465, 0.2912)
    """
    rounds = rounds_of(K, lam, steps, retained, training)
    if gap is not None:
        allowed = "a finite number of at least 0"
        gap = real_number(gap, "gap", allowed)
        if not 0.0 <= gap < math.inf:
            raise ValueError(f"gap must be {allowed}; got {gap}")
    return envelope(checked_shares(u), rounds, gap)


def checked_shares(u: Any) -> FloatArray:
    """Return shares as an array of floats, or raise TypeError or ValueError."""
    allowed = "u must be a share from 0 to 1, or an array of them"
    try:
        shares = np.asarray(u)
    except ValueError:  # of rows of unequal lengths
        raise ValueError(f"{allowed}; got rows of unequal lengths") from None
    if shares.dtype.kind not in "iuf":
        got = repr(u) if shares.ndim == 0 else f"an array of type {shares.dtype}"
        raise TypeError(f"{allowed}; got {got}")
    shares = shares.astype(np.float64)
    is_share = (shares >= 0.0) & (shares <= 1.0)
    if not np.all(is_share):
        raise ValueError(f"{allowed}; got {shares[~is_share].flat[0]:g}")
    return shares


def envelope(
    u: FloatArray, rounds: Sequence[Round], gap: float | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return floor and ceiling for steps that may be of any kind, as `share_envelope` does."""
    size = (len(rounds) + 1, *u.shape)
    floor, ceiling = np.empty(size), np.empty(size)
    for t, (least, _) in enumerate(_curve(u, 1.0 - u, rounds, gap)):
        floor[t] = least
    for t, (_, most) in enumerate(_curve(1.0 - u, u, rounds, gap)):
        ceiling[t] = most
    return floor, ceiling


def _curve(
    share: FloatArray, rest: FloatArray, rounds: Sequence[Round], gap: float | None
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield G_t and 1 - G_t of a share, whose complement is given too, for each t."""
    start = minus_log(share, rest)
    yield share, rest
    s, least, most = start, share, rest
    product, is_pure = 1.0, gap is None
    before, is_settled = None, False
    for step in rounds:
        if is_settled and step is before:
            yield least, most
            continue
        number = step.candidates
        is_pure = is_pure and number is not None
        if is_pure and number is not None:
            product *= number
            now = times(product, start)
            is_exact = 1.0 - share == rest  # and not rounded, as 1 - u may be
            with np.errstate(under="ignore"):
                least = np.where(is_exact, share**product, np.exp(-now))
            most = -np.expm1(-now)
        else:
            now, least, most = _next(s, share, rest, step, gap)
        is_settled, s, before = bool(np.all(now == s)), now, step
        yield least, most


def _next(
    s: FloatArray, share: FloatArray, rest: FloatArray, step: Round, gap: float | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return -log G, G and 1 - G after one more step."""
    least = step.real * share + step.kept * np.exp(-s)
    most = step.real * rest + step.kept * -np.expm1(-s)
    for part, number in step.chosen:
        inside, outside = chosen_parts(s, number, gap)
        least, most = least + part * inside, most + part * outside
    return minus_log(least, most), least, most


def chosen_parts(s: FloatArray, number: float, gap: float | None) -> tuple[FloatArray, FloatArray]:
    """Return the share chosen from a group of share e^{-s} that is avoided, and the rest.

    It is avoided whenever it can be or, with Δ, its reward is lower by that.
    """
    if gap is None:
        scaled = times(number, s)
        with np.errstate(under="ignore"):
            return np.exp(-scaled), -np.expm1(-scaled)
    inside, outside = np.exp(-s), -np.expm1(-s)
    return (
        chosen_share(inside, outside, gap, number),
        chosen_share(outside, inside, -gap, number),
    )


def minus_log(share: FloatArray, rest: FloatArray) -> FloatArray:
    """Return -log of a share whose complement is given too."""
    with np.errstate(divide="ignore"):
        return np.where(rest < 0.5, -np.log1p(-np.minimum(rest, 0.5)), -np.log(share))


def times(number: float, s: FloatArray) -> FloatArray:
    """Return a multiple of s, 0 where s is 0 though the number be infinite."""
    with np.errstate(over="ignore"):  # a share that is lost is infinitely far
        return number * s if number < math.inf else np.where(s == 0.0, 0.0, math.inf)
