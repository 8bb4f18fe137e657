"""Loops that do not settle: what their laws go round, and how far."""

from __future__ import annotations

import numpy as np
import scipy.spatial

from recurate.numerics.validation import FloatArray

_LEAST_AMPLITUDE = 1e-6
_MOST_LAWS = 256  # whose distances are taken, all with all
_KEPT = 0.99  # of the amplitude: a loop that settles loses more, from one half to the next


class CyclingError(ArithmeticError):
    """The loop from p_ref does not settle: its laws go round, and come no nearer to each other.

    Attributes
    ----------
    amplitude : float
        Largest total variation between two laws of the second half of the steps.
    period : float or None
        Mean number of steps of a round in that half; None if there was not one whole round.
    steps : int
        Number of steps that were run.
    """

    def __init__(self, message: str, amplitude: float, period: float | None, steps: int) -> None:
        super().__init__(message, amplitude, period, steps)  # all, as pickles make it again of them
        self._message = message
        self.amplitude, self.period, self.steps = amplitude, period, steps

    def __str__(self) -> str:
        return self._message


def cycling(laws: FloatArray, steps: int) -> CyclingError | None:
    """Return the error for a run that cycles; None if it comes to rest.

    Parameters
    ----------
    laws : ndarray, shape (steps taken, levels)
        Masses after the steps of the last half of a run.
    steps : int
        Number of all steps.
    """
    half = len(laws) // 2
    before, amplitude = _amplitude(laws[:half]), _amplitude(laws[half:])
    if amplitude < max(_LEAST_AMPLITUDE, _KEPT * before):
        return None
    period = _period(laws[half:])
    rounds = "less than one round" if period is None else f"a round takes {period:.4g}"
    return CyclingError(
        f"the loop must settle to have a fixed point that it reaches; got a cycle after {steps:,} "
        f"steps, in which laws differ by up to {amplitude:.4g}, in total variation, and "
        f"{rounds} of the last {len(laws) - half:,} steps: loop.fixed_points() has the balance "
        "that it goes round, loop.run(steps=…) the cycle",
        amplitude,
        period,
        steps,
    )


def lingering(laws: FloatArray, steps: int) -> CyclingError | None:
    """Return the error for a run that goes from one repelling point to the next, ever more slowly.

    Parameters
    ----------
    laws : ndarray, shape (points, levels)
        Masses where it was found at such a point.
    steps : int
        Number of all steps.
    """
    if len(laws) < 2 or (amplitude := _amplitude(laws)) < _LEAST_AMPLITUDE:
        return None
    return CyclingError(
        f"the loop must settle to have a fixed point that it reaches; got a cycle after {steps:,} "
        "steps that takes ever longer, from one law to another that it stays near and leaves "
        f"again: they differ by up to {amplitude:.4g}, in total variation",
        amplitude,
        None,
        steps,
    )


def _amplitude(laws: FloatArray) -> float:
    some = laws[:: max(1, len(laws) // _MOST_LAWS)]
    return float(scipy.spatial.distance.pdist(some, "cityblock").max(initial=0.0)) / 2


def _period(laws: FloatArray) -> float | None:
    """Return the mean time between two rises through the mean, of the mass that moves most."""
    mass = laws[:, np.argmax(np.ptp(laws, axis=0))]
    is_above = mass > (mass.min() + mass.max()) / 2
    rises = np.flatnonzero(is_above[1:] & ~is_above[:-1])
    return float(np.diff(rises).mean()) if rises.size > 1 else None
