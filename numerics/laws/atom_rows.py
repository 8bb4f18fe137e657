"""What the atoms of a law stand for, where they are not one row each."""

from __future__ import annotations

from typing import NamedTuple

from recurate.numerics.validation import FloatArray


class AtomRows(NamedTuple):
    """The rows behind the atoms of a law that was made of a summary of them.

    Attributes
    ----------
    total : int
        Number of all rows.
    counts : ndarray, shape (n,)
        Number of rows of each atom; a fraction where several atoms stand for the rows of a bin.
    squares : ndarray, shape (n,)
        Sum of the squares of the probabilities of each atom's rows.
    widths : ndarray, shape (n,)
        Width of the bin that an atom stands for; 0 if it is a reward of the rows.
    """

    total: int
    counts: FloatArray
    squares: FloatArray
    widths: FloatArray

    @property
    def are_binned(self) -> bool:
        """Whether some atoms stand for bins, so that figures have the error of these."""
        return bool(self.widths.any())
