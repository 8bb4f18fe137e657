"""What resampled prompts would choose: each value that is tried is computed once, for all of them.

Resampling prompts does not change the loop within a prompt. So for one λ and K the limited quantity
is computed by prompt, and its mean over the prompts that were drawn follows for every resampled
table. The values that are tried lie about the table's own answer; the answers of the others are
interpolated. ``docs/choosing.md`` says how accurate that is.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline

from recurate.numerics.fixed_points.by_prompt import prepared, state_of
from recurate.numerics.inference.limits import CANDIDATES, HORIZON, LEAST_MIXING, MIXINGS, Limit
from recurate.numerics.inference.resampled_prompts import counts_of_prompts
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.prompts.paper_run import PartStep
from recurate.numerics.prompts.part import PromptPart
from recurate.numerics.validation import FloatArray

_FIRST, _CLOSE = 0.1, 0.15  # of log λ or log K: first distance from the table's own, and the last
_MANY = 16  # pairs of neighbours that hold answers
_HALVINGS = 50
_ROUNDING = 1e-8  # of a share


def choices(
    law: RewardLaw,
    limit: Limit,
    own: float,
    *,
    K: float | None,
    lam: float | None,
    steps: int | None,
    horizon: int = HORIZON,
    replicates: int,
    generator: np.random.Generator | None = None,
    on_try: Callable[[], None] | None = None,
) -> FloatArray:
    """Return the largest λ, or the largest K, that each resampled table of prompts allows.

    Parameters
    ----------
    law : RewardLaw
        Law of the table's rows, with prompts.
    limit : Limit
        The limit.
    own : float
        The table's own answer.
    K, lam, steps, horizon, replicates, generator
        As of `resampled_choices.choices`; of no replicates, the table itself is searched.
    on_try : callable, optional
        Called after each value that is tried.

    Returns
    -------
    ndarray, shape (replicates,)
        As of `resampled_choices.choices`, without the table itself if there are others.
    """
    tables = _Tables(law, limit, steps, horizon, replicates, generator)
    if K == 1 or lam == 0:
        return np.where(tables.allowed, math.inf, 1.0 if K is None else 0.0)

    def excess(value: float) -> FloatArray:
        return tables.excess(value, float(lam or 0)) if K is None else tables.excess(K, value)

    return answers(excess, own, tables.allowed, seeks_mixing=K is not None, on_try=on_try)


class _Tables:
    """Resampled tables, as the numbers of times that each prompt counts."""

    def __init__(
        self,
        law: RewardLaw,
        limit: Limit,
        steps: int | None,
        horizon: int,
        replicates: int,
        generator: np.random.Generator | None,
    ) -> None:
        self._limit, self._for_ever = limit, steps is None
        first = 0 if limit.is_monotone else horizon
        self._steps = first if steps is None else steps
        self._levels = PromptLevels.of(prepared(law), None)
        counts = counts_of_prompts(replicates, law.prompt_probs.size, generator)
        self._counts = counts[1:] if replicates else counts
        self._totals = self._counts @ law.prompt_probs
        self.allowed = self._excess(self._means(1.0, 0.0, 0, False)) <= 0

    def excess(self, K: float, lam: float) -> FloatArray:
        """Return how far each table's loop is beyond its limit at the worst step that counts."""
        return self._excess(self._means(K, lam, self._steps, self._for_ever))

    def _means(self, K: float, lam: float, steps: int, for_ever: bool) -> FloatArray:
        """Return the limited quantity of each table at each step that is looked at."""
        means = np.zeros((len(self._counts), steps + 1 + for_ever))
        for part in self._levels.parts():
            weights = self._counts[:, part.prompts] * part.masses
            state, step = part.log_start_density, PartStep(part, K, lam) if steps else None
            values = [self._values(part, state)]
            for _ in range(steps):
                assert step is not None
                state = step(state)
                values.append(self._values(part, state))
            if for_ever:
                values.append(self._values(part, state_of(part, K, lam)))
            means += weights @ np.stack(values, axis=1)
        return means / self._totals[:, None]

    def _values(self, part: PromptPart, state: FloatArray) -> FloatArray:
        """Return the limited quantity of each prompt, shape (prompts,)."""
        group = self._limit.group
        if group is None:
            return part.measure_by_prompt(state).kl_to_reference
        return part.masses_of_groups(state, [group])[:, 0] / part.masses

    def _excess(self, means: FloatArray) -> FloatArray:
        allowance = 0.0 if self._limit.is_monotone else _ROUNDING
        excess: FloatArray = (self._limit.sign * (means - self._limit.value)).max(axis=1)
        return excess - allowance


class _Scale(ABC):
    """The values among which an answer is looked for."""

    least: float
    largest: float

    @abstractmethod
    def further(self, value: float, times: int, *, up: bool) -> float:
        """Return a value further out, after so many others in this direction."""

    @abstractmethod
    def between(self, low: float, high: float, cells: int) -> float | None:
        """Return a value between two, or None if they are close enough to interpolate.

        That is a matter of how many such pairs the answers of all tables fall in.
        """

    @abstractmethod
    def answers(self, roots: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
        """Return the answers between values that are allowed and values that are not."""


class _Mixings(_Scale):
    least, largest = LEAST_MIXING, MIXINGS[-1]

    def further(self, value: float, times: int, *, up: bool) -> float:
        moved = value * math.exp(_FIRST * 2.0**times * (1 if up else -1))
        return float(min(max(moved, self.least), self.largest))

    def between(self, low: float, high: float, cells: int) -> float | None:
        return None if _are_close(low, high, cells) else math.sqrt(low * high)

    def answers(self, roots: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
        return roots


class _Candidates(_Scale):
    least, largest = 1.0, float(CANDIDATES[-1])

    def further(self, value: float, times: int, *, up: bool) -> float:
        away = max(1.0, round(value * math.expm1(_FIRST * 2.0**times)))
        return min(max(value + away if up else value - away, self.least), self.largest)

    def between(self, low: float, high: float, cells: int) -> float | None:
        is_close = high - low <= 1 or _are_close(low, high, cells)
        return None if is_close else float(math.floor((low + high) / 2))

    def answers(self, roots: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
        return np.clip(np.floor(roots), low, high - 1)


def _are_close(low: float, high: float, cells: int) -> bool:
    width = math.log(high / low)
    # Answers that differ by far more than this need not be known so well.
    return width <= _CLOSE or (cells >= _MANY and width <= 4 * _CLOSE)


def answers(
    excess_at: Callable[[float], FloatArray],
    own: float,
    allowed: npt.NDArray[np.bool_],
    *,
    seeks_mixing: bool,
    on_try: Callable[[], None] | None,
) -> FloatArray:
    """Return the largest value that each table allows, from values about the table's own answer.

    Parameters
    ----------
    excess_at : callable
        From a value of λ or K to how far each table is beyond its limit, shape (tables,).
    own : float
        The table's own answer.
    allowed : ndarray of bool, shape (tables,)
        Whether the real data of each are within the limit.
    seeks_mixing : bool
        Whether it is λ that is searched for, and not K.
    on_try : callable, optional
        Called after each value that is tried.

    Returns
    -------
    ndarray, shape (tables,)
        0 (for K: 1) of tables that are not allowed.
    """

    def excess(value: float) -> FloatArray:
        found = excess_at(value)
        if on_try is not None:
            on_try()
        return found

    scale: _Scale = _Mixings() if seeks_mixing else _Candidates()
    none = 0.0 if seeks_mixing else 1.0
    start = min(max(own, scale.least), scale.largest)
    known = {start: excess(start)}
    downward = upward = 0
    while True:
        values, excesses, first = _first_failing(known)
        low, high = values[0], values[-1]
        down = (allowed & (first == 0)).any() and low > scale.least
        up = (allowed & (first == values.size)).any() and high < scale.largest
        if down:
            value, downward = scale.further(low, downward, up=False), downward + 1
            known[value] = excess(value)
        if up:
            value, upward = scale.further(high, upward, up=True), upward + 1
            known[value] = excess(value)
        if down or up:
            continue
        inside = np.flatnonzero(allowed & (first > 0) & (first < values.size))
        cells = [(values[i - 1], values[i]) for i in np.unique(first[inside])]
        new = [middle for cell in cells if (middle := scale.between(*cell, len(cells))) is not None]
        known |= {middle: excess(middle) for middle in new}
        if not new:
            break
    found = np.full(allowed.size, none)
    top = np.flatnonzero(first == values.size)  # those that allow the largest finite value
    if (allowed[top]).any():
        found[top] = np.where(excess(math.inf)[top] > 0, values[-1], math.inf)
    if inside.size:
        place = first[inside]
        roots = np.exp(_roots(np.log(values), excesses[:, inside], place))
        found[inside] = scale.answers(roots, values[place - 1], values[place])
    return np.where(allowed, found, none)


def _first_failing(
    known: dict[float, FloatArray],
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.intp]]:
    """Return the values, ascending, their excesses, and each table's first value that fails."""
    values = np.array(sorted(known))
    excesses = np.stack([known[value] for value in values])
    fails = excesses > 0
    return values, excesses, np.where(fails.any(axis=0), fails.argmax(axis=0), values.size)


def _roots(points: FloatArray, excesses: FloatArray, first: npt.NDArray[np.intp]) -> FloatArray:
    """Return where each table's interpolant is zero, before its first point above."""
    cubic = CubicSpline(points, excesses, axis=0).c[:, first - 1, np.arange(first.size)]
    low, high = np.zeros(first.size), points[first] - points[first - 1]
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = np.polyval(cubic, middle) > 0
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    roots: FloatArray = points[first - 1] + low
    return roots
