"""A log of choices: the rewards that were shown, and the position chosen each time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recurate.numerics.agreement.concave import maximum
from recurate.numerics.read_only import ReadOnlyArrays, read_only
from recurate.numerics.sampling.arrays import on_cpu
from recurate.numerics.validation import LARGEST_SPAN, FloatArray, real_numbers

BoolArray = npt.NDArray[np.bool_]

__tracebackhide__ = True  # for recurate.testing: pytest shows the line that called

LARGEST_SCALE = 1e250
"""Largest size of a scale: its product with the largest span is still a double."""

_MOST_POSITIONS = 16


class Event(NamedTuple):
    """An event of a choice: that one of its members is chosen.

    Attributes
    ----------
    name : str
        The members, in words.
    members : ndarray of bool, shape (n, K)
        Which of the rewards shown are members.
    """

    name: str
    members: BoolArray


@dataclass(frozen=True, eq=False)
class ChoiceLog(ReadOnlyArrays):
    """Rewards shown, and positions chosen.

    Attributes
    ----------
    rewards : ndarray, shape (n, K)
        Rewards minus the highest of their row; 0 where nothing was shown.
    present : ndarray of bool, shape (n, K)
        Where something was shown.
    chosen : ndarray of int, shape (n,)
        Positions chosen.
    offset : float
        Mean of the rows' highest rewards.
    """

    rewards: FloatArray
    present: BoolArray
    chosen: npt.NDArray[np.intp]
    offset: float

    @property
    def size(self) -> int:
        """Number of choices n."""
        return self.chosen.size

    def of_chosen(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the chosen entries of `values`, shape (n, K), as an array of shape (n,)."""
        return values[np.arange(self.size), self.chosen]

    def rows(self, index: Any) -> ChoiceLog:
        """Return some of the choices."""
        return ChoiceLog(self.rewards[index], self.present[index], self.chosen[index], self.offset)

    def log_probs(self, scale: float, tilt: FloatArray | float = 0.0) -> FloatArray:
        """Return the logarithms of Bradley–Terry's probabilities, shape (n, K).

        The weights are e^{scale r + tilt}. An infinite scale is the limit, where all of the highest
        (for -inf, of the lowest) rewards are equally likely.
        """
        if math.isinf(scale):
            logits = np.where(self._extreme(scale > 0), 0.0, -np.inf)
        else:
            logits = np.where(self.present, scale * self.rewards + tilt, -np.inf)
            logits -= logits.max(axis=1, keepdims=True)
        log_probs: FloatArray = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return read_only(log_probs)

    def log_likelihood(self, scale: float, tilt: FloatArray | float = 0.0) -> float:
        """Return the logarithm of the probability of all the choices, in nats."""
        return float(self.of_chosen(self.log_probs(scale, tilt)).sum())

    @cached_property
    def unit(self) -> float:
        """One over the root mean square of `rewards`; 0 if all rewards shown together are equal."""
        span = float(-self.rewards.min())
        if span == 0.0:
            return 0.0
        return min(
            1.0 / (span * float(np.sqrt(np.mean((self.rewards / span) ** 2)))), LARGEST_SCALE
        )

    @cached_property
    def fitted_scale(self) -> float:
        """The scale of greatest likelihood, to a millionth of its standard error.

        Infinite if each choice was one of the highest rewards shown (-inf: of the lowest); NaN if
        all rewards shown together are equal.
        """
        if self.unit == 0.0:
            return math.nan
        for scale in (math.inf, -math.inf):
            if self.of_chosen(self._extreme(scale > 0)).all():
                return scale
        total = float(self.of_chosen(self.rewards).sum())

        def slope(scale: float) -> tuple[float, float]:
            mean, variance = self.moments(scale)
            return total - float(mean.sum()), float(variance.sum())

        return maximum(slope, step=self.unit)

    def moments(self, scale: float) -> tuple[FloatArray, FloatArray]:
        """Return mean and variance of the reward chosen, relative to the highest, shape (n,)."""
        probs = np.exp(self.log_probs(scale))
        mean = (probs * self.rewards).sum(axis=1)
        return read_only((mean, (probs * (self.rewards - mean[:, None]) ** 2).sum(axis=1)))

    def events(self) -> list[Event]:
        """Return what is counted: each position, and the g highest rewards, for g = 1, 2, ….

        Above 16 positions: the first 1, 2, 4, … positions, and g = 1, 2, 4, …. Events that are
        certain or impossible in every choice are left out; this depends only on what was shown.
        """
        K = self.rewards.shape[1]
        numbers = range(1, K) if K <= _MOST_POSITIONS else [2**j for j in range(K.bit_length())]
        place = np.arange(K)
        if K <= _MOST_POSITIONS:
            found = [Event(f"position {k}", self.present & (place == k)) for k in range(K)]
        else:
            found = [Event(f"a position below {g}", self.present & (place < g)) for g in numbers]
        higher = self._higher()
        for g in numbers:
            name = "a highest reward" if g == 1 else f"one of the {g} highest rewards"
            found.append(Event(name, self.present & (higher < g)))
        return [
            event
            for event in found
            if (event.members.any(axis=1) & (self.present & ~event.members).any(axis=1)).any()
        ]

    def _higher(self) -> npt.NDArray[np.intp]:
        """Return how many rewards of the same row are higher than each, shape (n, K)."""
        keys = np.where(self.present, -self.rewards, np.inf)
        order = np.argsort(keys, axis=1)
        ranked = np.take_along_axis(keys, order, axis=1)
        places = np.broadcast_to(np.arange(keys.shape[1]), keys.shape)
        is_new = np.concatenate(
            [np.ones((self.size, 1), dtype=bool), ranked[:, 1:] > ranked[:, :-1]], axis=1
        )
        first = np.maximum.accumulate(np.where(is_new, places, 0), axis=1)
        higher = np.empty_like(first)
        np.put_along_axis(higher, order, first, axis=1)
        return higher

    def _extreme(self, highest: bool) -> BoolArray:
        """Return which rewards are the highest of their row, or the lowest, shape (n, K)."""
        end: Any = 0.0
        if not highest:
            end = np.where(self.present, self.rewards, np.inf).min(axis=1, keepdims=True)
        extreme: BoolArray = self.present & (self.rewards == end)
        return extreme


def read_log(shown: Any, chosen: Any) -> ChoiceLog:
    """Return a checked log.

    Parameters
    ----------
    shown : array_like, shape (n, K)
        Rewards; NaN where nothing was shown.
    chosen : array_like of int, shape (n,)
        Positions chosen, from 0.

    Raises
    ------
    TypeError
        If the rewards are not real numbers, or the positions not integers.
    ValueError
        If a shape is wrong; if a row has no reward, an infinite one, or two that differ by more
        than 1e12; if nothing was shown at a chosen position, or it is out of range.
    """
    rewards, places = _rewards(shown), _positions(chosen)
    n, K = rewards.shape
    if places.shape != (n,):
        raise ValueError(
            f"chosen must have one position for each row of shown, shape ({n},); got shape "
            f"{places.shape}"
        )
    present = ~np.isnan(rewards)
    _refuse(np.isinf(rewards).any(axis=1), "shown must have finite rewards, or NaN", rewards)
    _refuse(~present.any(axis=1), "shown must have at least one reward in each row", rewards)
    outside = np.flatnonzero((places < 0) | (places >= K))
    if outside.size:
        raise ValueError(
            f"chosen must be positions from 0 to {K - 1}; got {places[outside[0]]} in row "
            f"{outside[0]}"
        )
    absent = np.flatnonzero(~present[np.arange(n), places])
    if absent.size:
        row = absent[0]
        raise ValueError(
            f"chosen must be positions where something was shown; got {places[row]} in row {row}, "
            f"where shown has NaN (allowed: {np.flatnonzero(present[row]).tolist()})"
        )
    highest = np.where(present, rewards, -np.inf).max(axis=1)
    with np.errstate(over="ignore"):  # infinite, and refused
        relative = np.where(present, rewards - highest[:, None], 0.0)
    _refuse(
        relative.min(axis=1) < -LARGEST_SPAN,
        f"shown must have rewards that span at most {LARGEST_SPAN:g} in each row",
        rewards,
    )
    return ChoiceLog(relative, present, places.astype(np.intp), float((highest / n).sum()))


def _rewards(shown: Any) -> FloatArray:
    if np.ma.is_masked(shown):
        raise ValueError("shown must have NaN where nothing was shown; got a masked array")
    try:
        array = real_numbers(shown, "shown")
    except ValueError as error:  # nested lists of different lengths
        raise ValueError("shown must have rows of one length, filled up with NaN") from error
    rewards = np.asarray(on_cpu(array), dtype=np.float64)
    if rewards.ndim != 2 or rewards.size == 0:
        raise ValueError(
            f"shown must have shape (n, K), n and K at least 1; got shape {rewards.shape}"
        )
    return rewards


def _positions(chosen: Any) -> npt.NDArray[Any]:
    places = np.asarray(on_cpu(chosen))
    if places.dtype.kind not in "iu":
        raise TypeError(f"chosen must be integers; got an array of type {places.dtype}")
    return places


def _refuse(is_wrong: Any, allowed: str, rewards: FloatArray) -> None:
    wrong = np.flatnonzero(is_wrong)
    if wrong.size:
        row = wrong[0]
        cut = ", ..." if rewards.shape[1] > 8 else ""
        values = ", ".join(f"{value:g}" for value in rewards[row, :8])
        raise ValueError(f"{allowed}; got [{values}{cut}] in row {row}")
