"""Many pools in one array, one after the other and of any sizes: indices drawn from each."""

from __future__ import annotations

from array_api_compat import array_namespace

from recurate.numerics.sampling.arrays import Array, device_of, looked_up
from recurate.numerics.sampling.winners import indices_from_uniforms


class Segments:
    """Laws of indices, each on a segment of one array.

    Parameters
    ----------
    starts : array of int, shape (segments + 1,)
        Where each segment begins, and the end of the last; none is empty.
    weights : array of float64, shape (n,), optional
        An index is drawn in proportion to its weight among those of its segment, and each segment
        has a positive one; evenly without weights.
    """

    def __init__(self, starts: Array, weights: Array | None = None) -> None:
        self._places = None
        if weights is not None:
            # Without what has no weight, which rounding could find otherwise.
            xp = array_namespace(weights)
            there = weights > 0
            before = xp.cumulative_sum(xp.astype(there, xp.int64), include_initial=True)
            starts = xp.take(before, starts)
            self._places = xp.nonzero(there)[0]
            self._cumulative = cumulative_within(weights[there], starts)
        self._first, self._size = starts[:-1], starts[1:] - starts[:-1]

    def draw(self, which: Array, uniforms: Array) -> Array:
        """Return indices drawn from some of the segments.

        Parameters
        ----------
        which : array of int, shape (m,)
            Numbers of the segments.
        uniforms : array of float64, shape (…, m)
            Uniforms in [0, 1).

        Returns
        -------
        array of int, shape (…, m)
        """
        xp = array_namespace(uniforms)
        first, size = xp.take(self._first, which), xp.take(self._size, which)
        if self._places is None:
            return first + indices_from_uniforms(uniforms, size)
        low = xp.broadcast_to(first, uniforms.shape)
        high = low + (size - 1)
        target = uniforms * looked_up(self._cumulative, first + size - 1)
        # The first index whose cumulative weight exceeds the target; the last, if none does.
        for _ in range(int(xp.max(self._size)).bit_length()):
            middle = (low + high) // 2
            passed = (looked_up(self._cumulative, middle) <= target) & (low < high)
            low, high = xp.where(passed, middle + 1, low), xp.where(passed, high, middle)
        return looked_up(self._places, low)


def cumulative_within(weights: Array, starts: Array) -> Array:
    """Return the cumulative sums of each segment's weights, shape (n,).

    Sums of 1, 2, 4, … neighbours: the difference of two sums over all segments would have lost the
    digits of a small weight.
    """
    xp = array_namespace(weights)
    sizes = starts[1:] - starts[:-1]
    place = xp.arange(weights.shape[0], device=device_of(weights))
    place = place - xp.repeat(starts[:-1], sizes)
    reach, longest = 1, int(xp.max(sizes))
    while reach < longest:
        shifted = xp.where(place[reach:] >= reach, weights[:-reach], xp.zeros_like(weights[reach:]))
        weights = xp.concat([weights[:reach], weights[reach:] + shifted])
        reach *= 2
    return weights
