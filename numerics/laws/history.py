"""The states of a run, and the last step at which a law with a density is still resolved."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np

from recurate.numerics.laws.density_law import EDGE_TOLERANCE
from recurate.numerics.read_only import read_only
from recurate.numerics.validation import FloatArray

_HISTORY_BYTES = 64 * 2**20


class History:
    """The states of a run, by step: some kept (at most 64 MiB), the others computed again.

    Parameters
    ----------
    start : ndarray, shape (levels,)
        State at t = 0.
    step : callable
        The map from one state to the next.
    steps : int
        Largest t for which a state is needed.
    is_timed : bool
        Whether the map depends on t, the step of the state it is given: its second argument then.
    """

    def __init__(
        self,
        start: FloatArray,
        step: Callable[..., FloatArray],
        steps: int,
        is_timed: bool = False,
    ) -> None:
        self._step, self._is_timed = step, is_timed
        self._stride = 1 + (steps + 1) * start.nbytes // _HISTORY_BYTES
        start = read_only(start)
        self._kept = [start]
        self._latest = (0, start)

    def at(self, t: int) -> FloatArray:
        """Return the state at step t, shape (levels,)."""
        known = min(t // self._stride, len(self._kept) - 1)
        now, state = known * self._stride, self._kept[known]
        if now < self._latest[0] <= t:
            now, state = self._latest
        while now < t:
            state = read_only(self._step(state, now) if self._is_timed else self._step(state))
            now += 1
            if now == len(self._kept) * self._stride:
                self._kept.append(state)
        self._latest = (now, state)
        return state


def last_trusted(edge_masses: FloatArray) -> int:
    """Return the last step before p_t leaves the resolved rewards; warn if there is such a step.

    Parameters
    ----------
    edge_masses : ndarray, shape (steps + 1,)
        ``Levels.edge_mass`` of p_0, …, p_steps.
    """
    outside = np.flatnonzero(edge_masses > EDGE_TOLERANCE)
    if outside.size == 0:
        return edge_masses.size - 1
    first = int(outside[0])
    warnings.warn(
        f"the run is right until step {first - 1}: p_{first} has a mass of "
        f"{edge_masses[first]:.2g} at the highest rewards that the law's nodes resolve, and "
        "so some beyond them; later figures are those of a law that ends there",
        RuntimeWarning,
        stacklevel=5,
    )
    return first - 1
