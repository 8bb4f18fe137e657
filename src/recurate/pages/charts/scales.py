"""Axes of a chart: from values to places, and the ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

LARGEST = 1e300
"""Largest value that is drawn, for differences of larger ones overflow; its inverse is nothing."""

_NARROW = 1e-9  # a range, beside its values, below which they are all the same
_PADDING = 0.06  # of the range, beyond the outermost values
_NEAR = 0.3  # of the range: an end that values cannot pass is shown if it is so near
_LONGEST = 307.0  # exponent of a double
_PLAIN = 5  # digits before the point, or zeros after it, up to which ticks have no power of ten
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Scale:
    """An axis: `low` has its place at `start`, and `high` at `end`."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    @classmethod
    def of(
        cls,
        values: Iterable[float],
        start: float,
        end: float,
        *,
        ends: tuple[float, float] = (-math.inf, math.inf),
        is_log: bool = False,
    ) -> Scale:
        """Return an axis that holds some values; those that are not finite do not count.

        Parameters
        ----------
        values : iterable of float
            The values; for a logarithmic axis only those above 0 count.
        start, end : float
            Places of the ends of the axis.
        ends : (float, float)
            What values cannot pass, such as 0 and 1 of shares: the axis does not either.
        is_log : bool
            Whether the axis is logarithmic.
        """
        found = np.asarray([*values], dtype=np.float64)
        found = found[np.isfinite(found)].clip(-LARGEST, LARGEST)
        found = np.where(abs(found) < 1.0 / LARGEST, 0.0, found)
        if is_log:
            found = np.log10(found[found > 0])
            least, most = (found.min(), found.max()) if found.size else (-1.0, 0.0)
            margin = _PADDING * (most - least) or 1.0
            least, most = max(least - margin, -_LONGEST), min(most + margin, _LONGEST)
            return cls(10.0**least, min(10.0**most, ends[1]), start, end, True)
        low, high = (float(found.min()), float(found.max())) if found.size else (0.0, 0.0)
        span = high - low
        if span <= _NARROW * max(abs(low), abs(high)):
            span = abs(high) / 5 or 1.0
            low, high = low - span / 2, high + span / 2
            near = margin = 0.0
        else:
            near, margin = _NEAR * span, _PADDING * span
        least, most = ends
        low = least if low - near <= least else low - margin
        high = most if high + near >= most else high + margin
        return cls(low, high, start, end)

    def place(self, value: float) -> float:
        """Return where a value is."""
        low, high = self.low, self.high
        if self.is_log:
            low, high, value = map(math.log10, (low, high, value))
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Return whether a value is within the ends of the axis; NaN is not."""
        return self.low <= value <= self.high

    @property
    def exponent(self) -> int:
        """The power of ten that the ticks' labels leave out; 0 if they leave out none."""
        largest = max(abs(self.low), abs(self.high))
        exponent = math.floor(math.log10(largest)) if largest else 0
        return 0 if self.is_log or -_PLAIN < exponent <= _PLAIN else exponent

    def counted(self, words: str) -> str:
        """Return the words of an axis with the power of ten that its ticks leave out."""
        return f"{words} × {power_of_ten(self.exponent)}" if self.exponent else words

    def ticks(self, most: int = 6, *, are_whole: bool = False) -> list[tuple[float, str]]:
        """Return values at round distances and their labels, of numbers over 10^`exponent`."""
        if self.is_log:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
            every = max(1, math.ceil((last - first) / (most - 1)))
            return [(10.0**n, power_of_ten(n)) for n in range(first, last + 1, every)]
        unit = 10.0**self.exponent
        low, high = self.low / unit, self.high / unit
        step, digits = _round_step((high - low) / (most - 1), are_whole)
        # Half a step of 1e-6 is not missed for rounding.
        first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
        values = [i * step for i in range(first, last + 1)]
        return [(value * unit, f"{value:,.{digits}f}".replace("-", "−")) for value in values]


def power_of_ten(exponent: int) -> str:
    """Return a power of ten as it is written."""
    return "1" if exponent == 0 else f"10{str(exponent).translate(_SUPERSCRIPTS)}"


def _round_step(least: float, is_whole: bool) -> tuple[float, int]:
    """Return a round distance that is at least so large, and the digits that it has."""
    exponent = math.floor(math.log10(least))
    if is_whole and exponent < 0:
        return 1.0, 0
    unit = 10.0**exponent
    factor = next(f for f in (1.0, 2.0, 5.0, 10.0) if f * unit >= least * (1 - 1e-9))
    return factor * unit, max(0, -exponent - (factor == 10.0))
