"""A probability density as it is given, evaluated at distances from the ends of its support.

Near an end e the argument is e - d or e + d, and a double keeps d only to half a unit in the last
place of e. A singular or vanishing density loses digits by that, which are restored here: between
doubles, and below the resolved distances, the density is continued as the power of d that it is
there (``docs/continuous_laws.md``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

from recurate.numerics.validation import FloatArray, shown

End = Literal["lowest", "highest"]

LEAST_EXPONENT = 1e-9
"""Smaller exponents of a power of the distance count as zero: doubles cannot tell them from it."""

_DEPTHS = (46, 40, 34, 28, 22)  # the exponent is measured at distances 2^-depth
_STRETCH, _STRETCHES = 2, 4  # from each depth over a factor 2^2 of distance, four times
_SETTLED = 1e-5  # the stretches' exponents agree so well, relative to one plus their size
_NO_ROUND_NUMBER = 0.7236067977  # powers of two would hide how a density rounds the others
_LEAST = 1e-300
_DEEP = 2.0**-60  # of an end at zero, near which every distance is resolved


class Power(NamedTuple):
    """How a density ends: like coefficient · d^exponent, for distances d of at most `resolved`.

    The exponent is None if none was found, and infinite if the density is zero there. Its estimated
    error is relative to one plus its size.
    """

    exponent: float | None
    resolved: float
    error: float


class Density:
    """A density on a support, checked value by value.

    Parameters
    ----------
    function : callable
        The density as a function of z = (x - location)/scale, for arrays of shape (n,) or, if it
        does not take them, for one float at a time.
    support : tuple of two floats
        The ends of z; either may be infinite.
    location, scale : float
        Those of a distribution. Apart from z, they do not round its distance from an end.
    """

    def __init__(
        self,
        function: Callable[[Any], Any],
        support: tuple[float, float],
        location: float = 0.0,
        scale: float = 1.0,
    ) -> None:
        self._function = function
        self._ends = {"lowest": support[0], "highest": support[1]}
        self.lowest, self.highest = (location + scale * end for end in support)
        self._location, self._scale = location, scale
        self._is_vectorised: bool | None = None
        self._powers: dict[End, Power] = {}

    def at(self, points: FloatArray) -> FloatArray:
        """Return the density at points, shape (n,).

        Raises
        ------
        TypeError
            If it does not return real numbers.
        ValueError
            If a value is negative, infinite or NaN.
        """
        return self._at((points - self._location) / self._scale)

    def near(self, end: End, distances: FloatArray) -> FloatArray:
        """Return the density at distances from an end, shape (n,), all inside the support."""
        power = self.power(end)
        points, taken = self._points(end, np.maximum(distances, power.resolved))
        values = self._at(points)
        if power.exponent in (None, math.inf) or power.resolved == 0.0:
            return values
        corrected: FloatArray = values * (distances / taken) ** power.exponent
        return corrected

    def power(self, end: End) -> Power:
        """Return how the density ends."""
        if end not in self._powers:
            self._powers[end] = self._measured(end)
        return self._powers[end]

    def uncertain_mass(self, end: End) -> float:
        """Return about how much mass an error of the power used near an end may move."""
        power = self.power(end)
        if power.resolved == 0.0 or power.exponent == math.inf:
            return 0.0
        at_depth = float(self.near(end, np.array([power.resolved]))[0]) * power.resolved
        if power.exponent is None:
            return at_depth
        # The integral over distances below of f (d/resolved)^k log(resolved/d) (1 + k).
        return power.error * at_depth / max(1.0 + power.exponent, 1e-300)

    def blur(self, end: End) -> float:
        """Return how much the distance from an end may be rounded in an argument."""
        return 2.0**-53 * self._scale * abs(self._ends[end])

    def _measured(self, end: End) -> Power:
        """Measure the exponent at the depth where two stretches in succession agree best."""
        length = min(1.0, (self.highest - self.lowest) / self._scale)
        place = abs(self._ends[end])
        size = _NO_ROUND_NUMBER * self._scale * (min(length, place) if place else length * _DEEP)
        depths = np.array(_DEPTHS)[:, None] - _STRETCH * np.arange(_STRETCHES + 1.0)
        points, taken = self._points(end, size * np.exp2(-depths.ravel()))
        values, taken = (array.reshape(depths.shape) for array in (self._at(points), taken))
        # At an end at zero every distance is resolved.
        resolved = taken[:, 0] * bool(place)
        if not values[:, 1:].any():
            return Power(math.inf, float(resolved[0]), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            slopes = np.diff(np.log(values)) / np.diff(np.log(taken))
            changes = np.abs(np.diff(slopes)) / (1.0 + np.abs(slopes[:, :1]))
        # What a power lacks falls with the distance, stretch by stretch; rounding grows.
        smooth = (np.diff(changes) >= 0).all(axis=1)
        disagreement = np.where(smooth, changes[:, 0], changes.max(axis=1))
        disagreement[np.isnan(disagreement)] = math.inf
        best = int(np.argmin(disagreement))
        if disagreement[best] > _SETTLED:
            return Power(None, float(resolved[0]), 0.0)
        exponent = float(slopes[best, 0])
        exponent = exponent if abs(exponent) >= LEAST_EXPONENT else 0.0
        # Rounding that deeper stretches show is here too, in proportion to the distances.
        known = disagreement[: best + 1] * (resolved[: best + 1] / max(resolved[best], 5e-324))
        error = max(float(disagreement[best]), float(known[np.isfinite(known)].max(initial=0.0)))
        return Power(exponent, float(resolved[best]), error)

    def _points(self, end: End, distances: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return arguments of the function at about these distances, and them exactly."""
        place, steps = self._ends[end], distances / self._scale
        points: FloatArray = place + (steps if end == "lowest" else -steps)
        return points, np.abs(points - place) * self._scale

    def _at(self, arguments: FloatArray) -> FloatArray:
        values = self._values(arguments)
        bad = np.flatnonzero(~((values >= 0) & (values < np.inf)))
        if bad.size:
            place = self._location + self._scale * float(arguments[bad[0]])
            raise ValueError(
                "density must be finite and at least 0 inside its support; "
                f"got {values[bad[0]]} at {place!r}"
            )
        # Denormal numbers have too few digits to be resolved.
        return np.where(values < _LEAST, 0.0, values) / self._scale

    def _values(self, points: FloatArray) -> FloatArray:
        if self._is_vectorised is None:
            self._is_vectorised = self._takes_arrays(points)
        if self._is_vectorised:
            # Warnings at the very ends do not matter: the values are checked.
            with np.errstate(all="ignore"):
                raw = self._function(points)
        else:
            raw = [self._function(point) for point in points.tolist()]
        try:
            values = np.asarray(raw)
            if values.dtype.kind not in "biuf":
                raise TypeError
            return np.broadcast_to(values.astype(np.float64), points.shape)
        except (TypeError, ValueError):
            raise TypeError(
                "density must return one real number for each point of an array; "
                f"got {shown(raw)} for {points.size} points"
            ) from None

    def _takes_arrays(self, points: FloatArray) -> bool:
        """Return whether the function takes arrays; those of one float raise one of two errors."""
        try:
            with np.errstate(all="ignore"):
                self._function(points)
        except (TypeError, ValueError):
            self._function(float(points[0]))  # the user should see an error of the function's own
            return False
        return True
