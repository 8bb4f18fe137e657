"""A law's bins and cells, divided as finely as the runs on it have needed so far."""

from __future__ import annotations

from copy import copy
from threading import RLock

import numpy as np
import numpy.typing as npt

from recurate.numerics.compression.bins import BinnedLaw
from recurate.numerics.compression.cells import (
    Cell,
    cells_between,
    divided,
    first_edges,
    shifted,
    snapped,
)
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.validation import FloatArray


class Partition:
    """The cells that stand for a law, and the bins that they are made of.

    It holds the law's arrays and not the law itself, so that a weak cache by law may hold it.

    Parameters
    ----------
    law : RewardLaw
        Every reward must have positive probability.

    Attributes
    ----------
    lock : RLock
        Held while cells are used and divided, so that no other thread divides them meanwhile.
    """

    def __init__(self, law: RewardLaw) -> None:
        self.lock = RLock()
        bins = BinnedLaw(law)
        self._first = bins, bins.atoms()
        self.begin_again()

    def begin_again(self) -> None:
        """Go back to the first bins: what earlier runs needed finer is forgotten."""
        bins, self._atoms = self._first
        self._bins = copy(bins)  # which is divided by giving it other arrays
        self._edges = np.empty(0)
        self._known: dict[tuple[float, float], Cell] = {}

    def cells(self, steps: int) -> list[Cell]:
        """Return the cells; the first ones are made to suit loops of that number of steps."""
        if not self._edges.size:
            self._edges = first_edges(self._atoms, steps)
        return cells_between(self._atoms, self._edges, self._known)

    def other_cells(self) -> list[Cell]:
        """Return as many cells as now, but others, of bins twice as wide."""
        atoms = self._bins.atoms(coarse=True)
        return cells_between(atoms, shifted(atoms, self._edges), {})

    def divide(
        self, parts: FloatArray, factors: FloatArray, drifting: npt.NDArray[np.bool_]
    ) -> bool:
        """Divide cells and make their bins narrower; return whether anything was divided.

        Parameters
        ----------
        parts, factors, drifting : ndarray, shape (cells,)
            As `ErrorEstimates.remedies` returns them.
        """
        former = self._edges
        self._edges = divided(self._atoms, former, parts)
        narrower = (factors > 1).any() or drifting.any()
        if narrower and self._bins.divide(former, factors, drifting):
            self._atoms, self._known = self._bins.atoms(), {}
            self._edges = snapped(self._atoms, self._edges)
            return True
        return self._edges.size > former.size
