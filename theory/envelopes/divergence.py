"""The largest divergence from the reference at each step, in floats.

It is S_t = ∫_0^1 g log g du, g the slope of the floor G_t of `shares`. Since g is a density, the
integrand may be (1+δ) log(1+δ) - δ with δ = g - 1, which is never negative; and

    δ_{t+1} = β δ_t + Σ γ (K G_t^{K-1} (1+δ_t) - 1)

does not cancel for small λ. All that happens near u = 1 has logarithmic scales, from 1 down to
1/(aK)^t. So it is integrated by `panels`, for all t at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurate.theory.envelopes.panels import TOLERANCE, over_panels, weighed
from recurate.theory.envelopes.rounds import Round, rounds_of
from recurate.theory.envelopes.shares import minus_log

FloatArray = NDArray[np.float64]

_FIRST, _WINDOW = 128, 16  # steps that are looked at first, and over which growth is compared
_DEEP = 600.0  # 1 - u = e^{-v} is a double up to here


def worst_divergence(
    *,
    K: Any,
    lam: Any = None,
    steps: int,
    retained: Any = 0.0,
    training: tuple[float, float] | None = None,
) -> FloatArray:
    """Return the largest divergence from the real data at each step, whatever people choose.

    KL(p_t‖p_ref) is at most S_t for any rule that picks one of K candidates, if the loop starts
    from the real data. The hard best of K attains it where no two rewards are equal.

    Parameters
    ----------
    K, lam, steps, retained, training : int, float or tuple
        As of `share_envelope`.

    Returns
    -------
    ndarray, shape (steps + 1,)
        S_0, …, S_steps in nats, to a relative 1e-13. With infinitely many candidates it is
        infinite, as soon as anything is chosen.

    Raises
    ------
    TypeError, ValueError
        If something is missing, is no number or is out of range.

    Notes
    -----
    S_t = ∫_0^1 g log g du with g the derivative of the floor of `share_envelope` with respect to u.
    In the pure loop it is t log K - 1 + K^{-t}. For λ(K-1) <= 1 it rises to S*(λ, K) of
    `theorem-2.4-optimal`, else without end. Derived here,
    docs/mathematics.md#any-choice-divergence.

    Examples
    --------
    >>> worst_divergence(K=4, lam=math.inf, steps=2).round(4).tolist()
    [0.0, 0.6363, 1.8351]
    >>> worst_divergence(K=2, lam=0.5, steps=60).round(4)[[1, 5, 60]].tolist()
    [0.0187, 0.0435, 0.0452]
    """
    return divergences(rounds_of(K, lam, steps, retained, training))


def divergences(rounds: Sequence[Round]) -> FloatArray:
    """Return S_t for steps that may be of any kind, as `worst_divergence` does."""
    found = np.zeros(len(rounds) + 1)
    # A choice among infinitely many goes anywhere at once; a pure loop has a closed form.
    unbounded = [t for t, step in enumerate(rounds) if step.most_candidates == math.inf]
    last = unbounded[0] if unbounded else len(rounds)
    found[last + 1 :] = math.inf
    logarithm = 0.0
    for t, step in enumerate(rounds[:last]):
        number = step.candidates
        if number is None:
            break
        logarithm += math.log(number)
        found[t + 1] = logarithm + math.expm1(-logarithm) if logarithm > 0.5 else 0.0
    else:
        return found
    first = next((t for t, step in enumerate(rounds[:last]) if step.most_candidates > 1.0), last)
    if first < last:
        known = t
        found[known + 1 : last + 1] = _followed(rounds[:last])[known:]
    return found


def _followed(rounds: Sequence[Round]) -> FloatArray:
    """Return S_1, … for finite K; of equal steps, until it grows by the same at each.

    It comes to that geometrically: the curve G_t comes to its root on every scale but those of the
    last steps, and these look alike, one step deeper each time.
    """
    steps, few = len(rounds), _FIRST
    while few < steps and all(step is rounds[0] for step in rounds):
        found = _integrals(rounds[:few])
        rises = np.diff(found[-2 * _WINDOW - 1 :])
        early, late = rises[:_WINDOW].mean(), rises[_WINDOW:].mean()
        if abs(late - early) * _WINDOW <= TOLERANCE * found[-1]:
            rise = late if late > 4.0 * TOLERANCE * found[-1] else 0.0
            return np.concatenate([found, found[-1] + rise * np.arange(1.0, steps - few + 1.0)])
        few *= 2
    return _integrals(rounds)


def _integrals(rounds: Sequence[Round]) -> FloatArray:
    """Return S_1, … by the quadrature, for finite K."""
    growth = _largest_slopes(rounds)
    candidates = max(step.most_candidates for step in rounds)
    end = float(growth[-1] + math.log(candidates) + 40.0)

    def integrand(v: FloatArray) -> FloatArray:
        out = np.empty((len(rounds), len(v)))
        is_deep = v[:, 0] >= _DEEP
        for these, values in (
            (~is_deep, _shallow(v[~is_deep], rounds)),
            (is_deep, _deep(v[is_deep], rounds, growth)),
        ):
            if these.any():
                for t, one in enumerate(values):
                    out[t, these] = weighed(one)
        return out

    return over_panels(integrand, end)


def _largest_slopes(rounds: Sequence[Round]) -> FloatArray:
    """Return log g_t at u = 1, for t = 0, …."""
    logs, log_slope = [0.0], np.longdouble(0.0)
    for step in rounds:
        rate = np.longdouble(step.kept + sum(part * number for part, number in step.chosen))
        real = np.longdouble(step.real)
        with np.errstate(divide="ignore"):
            log_slope = np.logaddexp(np.log(real), np.log(rate) + log_slope)
        logs.append(log_slope)
    return np.array(logs, dtype=np.longdouble)


def _shallow(v: FloatArray, rounds: Sequence[Round]) -> Iterator[FloatArray]:
    """Yield the integrand over v for each t >= 1."""
    width = np.exp(-v)  # 1 - u
    rest = -np.expm1(-v)
    start = s = minus_log(rest, width)
    delta = np.zeros_like(v)
    for step in rounds:
        following = step.kept * delta
        for part, number in step.chosen:
            with np.errstate(under="ignore"):
                power = np.exp(-(number - 1.0) * s)
            following = following + part * (number * power * (1.0 + delta) - 1.0)
        s = _next(s, start, step)
        delta = np.maximum(following, -1.0)
        yield _entropy(delta) * width


def _next(s: FloatArray, start: FloatArray, step: Round) -> FloatArray:
    """Return -log G after one more step."""
    parts = ((step.real, start), (step.kept, s), *((p, k * s) for p, k in step.chosen))
    with np.errstate(under="ignore"):
        rest = sum(-part * np.expm1(-one) for part, one in parts)
        return minus_log(sum(part * np.exp(-one) for part, one in parts), rest)


def _entropy(delta: FloatArray) -> FloatArray:
    """Return (1+δ) log(1+δ) - δ to full relative precision."""
    # δ log(1+δ) less δ - log(1+δ), which for small δ is δ^2/2 - δ^3/3 + …: half of the former.
    small = np.where(np.abs(delta) < 0.05, delta, 0.0)
    series = np.zeros_like(delta)
    for n in range(16, 1, -1):
        series = 1.0 / (n * (n - 1)) - small * series
    with np.errstate(divide="ignore", invalid="ignore"):
        g = 1.0 + delta
        direct = np.where(g > 0.0, g * np.log1p(delta), 0.0) - delta
    return np.where(np.abs(delta) < 0.05, small * small * series, direct)


def _deep(v: FloatArray, rounds: Sequence[Round], growth: FloatArray) -> Iterator[FloatArray]:
    """Yield the same where 1 - u = e^{-v} may be no double: for slopes that grow above e^500.

    There s = -log G and e^{-v} g, both e^{-v} times the largest slope as long as s is tiny, are
    carried.
    """
    s = scaled = width = np.exp(-v)
    for t, step in enumerate(rounds, start=1):
        with np.errstate(under="ignore"):
            slope = step.real * width + step.kept * scaled
            for part, number in step.chosen:
                slope = slope + part * number * np.exp(-(number - 1.0) * s) * scaled
            s = _next(s, width, step)
            log_size = growth[t] - v
            is_linear = log_size < -500.0
            tiny = np.exp(np.minimum(log_size, 0.0)).astype(np.float64)
            s, scaled = np.where(is_linear, tiny, s), np.where(is_linear, tiny, slope)
            with np.errstate(divide="ignore", invalid="ignore"):
                entropy = np.where(scaled > 0.0, scaled * (np.log(scaled) + v - 1.0), 0.0)
        yield entropy + width
