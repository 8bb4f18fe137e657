"""Whether choices follow Bradley–Terry's rule, given what was shown: p-values that are bounds.

All statements are conditional on the rewards shown, given which choices are independent; the proofs
are in ``docs/testing.md``. At a given scale the sum of the rewards chosen and several counts have
Chernoff bounds, joined by Bonferroni's inequality. At a fitted scale Markov's bound applies to
a ratio of likelihoods whose mean is at most one at every scale.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy import special

from recurate.numerics.agreement.choice_log import BoolArray, ChoiceLog, Event
from recurate.numerics.agreement.concave import maximum
from recurate.numerics.agreement.verdict import Verdict, compared, counted, furthest
from recurate.numerics.validation import FloatArray

LEAST_P_VALUE = 1e-300
"""Least p-value that is returned: smaller ones would underflow."""

__tracebackhide__ = True  # for recurate.testing: pytest shows the line that called

_ROUNDING = 1e-12

_LARGEST_TILT = 700.0  # e^700 is a double

_PARTS = (16, 8, 4, 2, 1)  # an alternative learns from the first n/16, n/8, … and predicts the next

_PRIOR = np.array([1e-6, 0.04])  # precisions of an alternative's scale, in units, and its tilt


def choices_verdict(log: ChoiceLog, scale: float) -> Verdict:
    """Test choices against Bradley–Terry's rule at a given scale.

    Null hypothesis: in each row position k is chosen with probability e^{s r_k} / Σ_j e^{s r_j},
    independently of the other rows.
    """
    log_probs = log.log_probs(scale)
    looks = [_rewards_look(log, scale)] if log.unit > 0.0 else []
    looks += [count_look(log, log_probs, event) for event in log.events()]
    null = f"{log.size:,} independent choices, Bradley–Terry with weights e^(s r), s = {scale:g}"
    if not looks:
        return Verdict(1.0, null, "there was nothing to choose from")
    best = looks[furthest([look.log_ratio for look in looks])]
    p_value = 2 * len(looks) * math.exp(-best.log_ratio)  # each look is two-sided
    return Verdict(min(1.0, max(p_value, LEAST_P_VALUE)), null, best.departure)


def fitted_verdict(log: ChoiceLog) -> tuple[Verdict, float]:
    """Test choices against Bradley–Terry's rule at any scale; return the fitted scale, too.

    Null hypothesis: as in `choices_verdict`, for some scale s.

    Raises
    ------
    ValueError
        If no finite scale is fitted: every choice was one of the highest rewards shown, or one of
        the lowest, or rewards shown together are always equal.
    """
    fitted = _finite_scale(log)
    null = (
        f"{log.size:,} independent choices, Bradley–Terry with weights e^(s r) at some s; fitted "
        f"s = {fitted:.6g}"
    )
    events = log.events()
    log_ratios = predictive_ratios(log, events)
    log_mean = float(special.logsumexp(log_ratios)) - math.log(len(events))
    p_value = math.exp(min(0.0, -log_mean))
    look = count_look(log, log.log_probs(fitted), events[furthest(log_ratios)])
    return Verdict(max(p_value, LEAST_P_VALUE), null, look.departure), fitted


def predictive_ratios(log: ChoiceLog, events: list[Event]) -> FloatArray:
    """Return log-ratios of the likelihoods of alternatives, one per event, to Bradley–Terry's.

    At every scale each ratio has a mean of at most one: given the first choices, an alternative is
    a probability of the others, and Bradley–Terry is taken at its likeliest scale.
    """
    order = np.random.default_rng(0).permutation(log.size)  # undoes any order of the log
    mixed = replace(log, rewards=log.rewards * log.unit).rows(order)
    ends = sorted({log.size // part for part in _PARTS} - {0})
    left = mixed.rows(slice(ends[0], None))
    if left.size == 0:
        return np.zeros(len(events))
    likeliest = left.fitted_scale
    most = left.log_likelihood(0.0 if math.isnan(likeliest) else likeliest)
    return np.array([_predictive(mixed, event.members[order], ends) - most for event in events])


class Look(NamedTuple):
    """The logarithm of a ratio of likelihoods, in nats, and a departure in words."""

    log_ratio: float
    departure: str


def _rewards_look(log: ChoiceLog, scale: float) -> Look:
    """Look at the sum of the rewards chosen, against the scale at which it would be expected."""
    log_ratio = log.log_likelihood(log.fitted_scale) - log.log_likelihood(scale)
    mean, variance = log.moments(scale)
    found = log.offset + float(log.of_chosen(log.rewards).mean())
    expected = log.offset + float(mean.mean())
    deviation = math.sqrt(float(variance.sum())) / log.size
    return Look(log_ratio, f"the mean reward chosen is {compared(found, expected, deviation)}")


def sum_look(
    log: ChoiceLog, log_probs: FloatArray, values: FloatArray, name: str, offset: float = 0.0
) -> Look:
    """Look at the sum of values, shape (n, K), of what was chosen; their mean has an offset."""
    probs = np.exp(log_probs)
    mean = (probs * values).sum(axis=1)
    away = values - mean[:, None]
    variance = (probs * away**2).sum(axis=1)
    found, deviation = float(log.of_chosen(away).sum()), math.sqrt(float(variance.sum()))
    expected = offset + float(mean.mean())
    said = compared(expected + found / log.size, expected, deviation / log.size)
    departure = f"the mean {name} is {said}"
    largest = float(np.abs(away).max(initial=0.0, where=probs > 0))
    if deviation <= _ROUNDING * largest * math.sqrt(log.size):
        return Look(0.0, departure)  # it is certain
    unit = deviation / math.sqrt(log.size)
    scaled = away / unit

    def tilted(tilt: float) -> tuple[FloatArray, FloatArray]:
        exponents = np.where(probs > 0, log_probs + tilt * scaled, -np.inf)
        peak = exponents.max(axis=1, keepdims=True)
        weights = np.exp(exponents - peak)
        total = weights.sum(axis=1, keepdims=True)
        return weights / total, (peak + np.log(total))[:, 0]

    def slope(tilt: float) -> tuple[float, float]:
        weights = tilted(tilt)[0]
        means = (weights * scaled).sum(axis=1)
        spread = (weights * (scaled - means[:, None]) ** 2).sum()
        return found / unit - float(means.sum()), float(spread)

    tilt = maximum(slope, limit=_LARGEST_TILT * unit / largest)
    log_ratio = tilt * found / unit - float(tilted(tilt)[1].sum())
    return Look(max(0.0, log_ratio), departure)


def count_look(log: ChoiceLog, log_probs: FloatArray, event: Event) -> Look:
    """Look at how often an event happens: a sum of independent indicators."""
    probs = np.exp(log_probs)
    happens = np.where(event.members, probs, 0.0).sum(axis=1)
    fails = np.where(event.members, 0.0, probs).sum(axis=1)  # 1 - happens would lose its digits
    found = int(log.of_chosen(event.members).sum())
    with np.errstate(divide="ignore"):
        log_happens, log_fails = np.log(happens), np.log(fails)

    def slope(tilt: float) -> tuple[float, float]:
        tilted = special.expit(tilt + log_happens - log_fails)
        return found - float(tilted.sum()), float((tilted * (1.0 - tilted)).sum())

    tilt = maximum(slope, limit=_LARGEST_TILT)
    log_ratio = tilt * found - float(np.logaddexp(log_fails, log_happens + tilt).sum())
    times = counted(found, log.size, float(happens.sum()), float((happens * fails).sum()))
    return Look(log_ratio, f"{event.name} was chosen {times}")


def _finite_scale(log: ChoiceLog) -> float:
    scale = log.fitted_scale
    if math.isfinite(scale):
        return scale
    if math.isnan(scale):
        raise ValueError(
            "shown must have different rewards in some row for a scale to be fitted; got rows of "
            "equal rewards only: give a scale"
        )
    end = "highest" if scale > 0 else "lowest"
    raise ValueError(
        f"chosen must not always be the {end} reward for a scale to be fitted: each of {log.size} "
        f"choices was one of the {end} rewards shown, and the fitted scale is {scale:g}: give a "
        "scale"
    )


def _predictive(log: ChoiceLog, members: BoolArray, ends: list[int]) -> float:
    """Return the log-likelihood of the choices from `ends[0]` on, by an alternative that learns.

    Its weights are e^{s r + θ} for an event's members and e^{s r} for others; s and θ are learned
    from the choices before each part, so that the product of the likelihoods is a probability.
    """
    total, point = 0.0, np.zeros(2)
    for end, next_end in itertools.pairwise(ends):
        point = _learned(log.rows(slice(end)), members[:end], point)
        part = slice(end, next_end)
        total += log.rows(part).log_likelihood(point[0], point[1] * members[part])
    return total


def _learned(log: ChoiceLog, members: BoolArray, start: FloatArray) -> FloatArray:
    """Return the likeliest s and θ under a wide prior, which keeps them finite."""

    def evaluated(point: FloatArray) -> tuple[float, FloatArray]:
        log_probs = log.log_probs(point[0], point[1] * members)
        value = float(log.of_chosen(log_probs).sum()) - float(_PRIOR @ point**2) / 2
        return value, np.exp(log_probs)

    point, (value, probs) = start, evaluated(start)
    for _ in range(50):
        mean = np.stack([(probs * x).sum(axis=1) for x in (log.rewards, members)])
        away = [log.rewards - mean[0][:, None], members - mean[1][:, None]]
        gradient = np.array([log.of_chosen(x).sum() for x in away]) - _PRIOR * point
        hessian = np.array([[(probs * x * y).sum() for y in away] for x in away])
        step = np.linalg.solve(hessian + np.diag(_PRIOR), gradient)
        if gradient @ step < 1e-4:  # nats: near enough, as any alternative is allowed
            break
        new, (new_value, new_probs) = point + step, evaluated(point + step)
        while new_value < value:
            step /= 2
            new, (new_value, new_probs) = point + step, evaluated(point + step)
        point, value, probs = new, new_value, new_probs
    return point
