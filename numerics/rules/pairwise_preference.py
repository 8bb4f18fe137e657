"""Any preference between two samples, by a matrix."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.log_sums import SMALLEST_SUM, log_masses, log_sum_exp, log_sums_by_index
from recurate.numerics.read_only import read_only
from recurate.numerics.rules.rule import Columns, LogRatio, PreparedRule
from recurate.numerics.rules.within import stacks
from recurate.numerics.validation import (
    SUM_TOLERANCE,
    FloatArray,
    on_cpu,
    real_numbers,
    require_unmasked,
    shown,
)

_BLOCK = 2**20  # entries of the matrix at once
_MOST_PRINTED = 12


@dataclass(frozen=True, repr=False, eq=False)
class PairwisePreference(PreparedRule):
    """One of two candidates is chosen, with any probabilities; no reward need explain them.

    Parameters
    ----------
    matrix : array_like, shape (n, n)
        At [x, y] the probability that x is preferred to y; ½ on the diagonal, and [x, y] and [y, x]
        sum to one within 1e-9 (the smaller of the two is kept, and the other is one minus it).
    of : {"atoms", "groups"}
        Whether x and y are atoms of the law or its groups, in the order of `group_names`.

    Raises
    ------
    TypeError, ValueError
        If the matrix is not one of preferences, or `of` is neither.

    Notes
    -----
    H(x) = 2 Σ_y p(y) P(x over y), so T(p)(x) = p(x)(1 + Σ_y A(x, y) p(y)) with A = 2P - 1: the
    replicator step of a symmetric zero-sum game, whose equilibria are maximal lotteries (Fishburn
    1984, Review of Economic Studies 51). Derived here, ``docs/fixed_points.md``. For n atoms it
    takes n² products, for G groups G².

    Examples
    --------
    Rock, paper, scissors, of which there is less rock.

    >>> import numpy as np
    >>> from recurate import RewardLaw
    >>> law = RewardLaw([0.0, 0.0, 0.0], [0.2, 0.4, 0.4])
    >>> rule = PairwisePreference([[0.5, 0.0, 1.0], [1.0, 0.5, 0.0], [0.0, 1.0, 0.5]])
    >>> np.exp(rule.log_ratio(law, np.log(law.probs))).round(12).tolist()
    [1.0, 0.8, 1.2]
    """

    matrix: FloatArray
    of: Literal["atoms", "groups"] = "atoms"

    most_candidates = 2.0

    def __post_init__(self) -> None:
        if self.of not in ("atoms", "groups"):
            raise ValueError(f"of must be 'atoms' or 'groups'; got {shown(self.of)}")
        self._set(matrix=read_only(_preferences(self.matrix)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PairwisePreference):
            return NotImplemented
        return self.of == other.of and np.array_equal(self.matrix, other.matrix)

    def __hash__(self) -> int:
        return hash((self.of, self.matrix.tobytes()))

    def __repr__(self) -> str:
        size = len(self.matrix)
        if size > _MOST_PRINTED:
            return f"<PairwisePreference of {size} {self.of}>"
        of = "" if self.of == "atoms" else ", of='groups'"
        return f"PairwisePreference({self.matrix.tolist()}{of})"

    def columns_read(self, law: RewardLaw) -> Columns | None:
        """Return the groups, or None where each atom has a row of its own."""
        index = self._groups_of(law)
        return None if index is None else [index]

    def _prepared(self, law: RewardLaw) -> LogRatio:
        index = self._groups_of(law)
        size = len(self.matrix)

        def log_ratio(log_probs: FloatArray) -> FloatArray:
            if index is None:
                return _log_ratio(self.matrix, log_probs)
            return _log_ratio(self.matrix, log_sums_by_index(index, log_probs, size))[index]

        return log_ratio

    def _prepared_within(self, law: RewardLaw) -> LogRatio:
        groups = self._groups_of(law)
        # Those that meet within a prompt: of many groups it may have few.
        size = len(self.matrix)
        of_atoms = np.arange(law.size) if groups is None else groups
        pairs, index = np.unique(law.prompt_of_atoms * size + of_atoms, return_inverse=True)
        players = pairs % size
        blocks = [
            block
            for rows in stacks(pairs // size)
            for block in np.array_split(rows, 1 + rows.size * rows.shape[1] // _BLOCK)
        ]

        def log_ratio(log_probs: FloatArray) -> FloatArray:
            log_pairs = log_sums_by_index(index, log_probs, pairs.size)
            found = np.empty(pairs.size)
            for rows in blocks:
                here = players[rows]
                matrices = self.matrix[here[:, :, None], here[:, None]]
                found[rows] = _log_ratio(matrices, log_pairs[rows])
            return found[index]

        return log_ratio

    def _groups_of(self, law: RewardLaw) -> IntArray | None:
        """Return the group of each atom, or None for atoms; raise ValueError if they do not fit."""
        if self.of == "groups" and law.group_index is None:
            raise ValueError(
                "PairwisePreference of groups needs a law with groups; got one without: "
                "RewardLaw(groups=…)"
            )
        size = law.size if self.of == "atoms" else len(law.group_names)
        if size != len(self.matrix):
            raise ValueError(
                f"matrix must have a row for each of the law's {size} {self.of}; "
                f"got {len(self.matrix)}"
            )
        return law.group_index if self.of == "groups" else None


def _log_ratio(matrix: FloatArray, log_probs: FloatArray) -> FloatArray:
    """Return log H of laws, shape (…, n), with a matrix of each, shape (…, n, n)."""
    preferred: FloatArray = (matrix @ np.exp(log_probs)[..., None])[..., 0]
    log_ratio = log_masses(preferred)
    # What is preferred only to the rarest of all: there the products underflow.
    tiny = np.argwhere(preferred < SMALLEST_SUM)
    height = max(1, _BLOCK // log_probs.shape[-1])
    for start in range(0, len(tiny), height):
        *laws, rows = tiny[start : start + height].T
        terms = log_masses(matrix[*laws, rows]) + log_probs[*laws]
        log_ratio[*laws, rows] = log_sum_exp(terms, axis=1)
    return log_ratio + math.log(2.0)


def _preferences(values: Any) -> FloatArray:
    """Return a checked matrix of preferences."""
    require_unmasked(values, "matrix")
    _require_one_order(values)
    try:
        matrix = np.array(real_numbers(on_cpu(values), "matrix"), dtype=np.float64)
    except ValueError as error:  # nested lists of different lengths
        raise ValueError(f"matrix must be square; got {shown(values)}") from error
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise ValueError(f"matrix must be square; got an array of shape {matrix.shape}")
    _require(~((matrix >= 0) & (matrix <= 1)), matrix, "must be probabilities, from 0 to 1")
    diagonal = np.eye(len(matrix), dtype=bool)
    _require(diagonal & (matrix != 0.5), matrix, "must be 0.5 on its diagonal")
    total = matrix + matrix.T
    _require(
        np.abs(total - 1.0) > SUM_TOLERANCE, total, "must have [x, y] + [y, x] = 1", "a sum of "
    )
    return np.where(matrix > 0.5, 1.0 - matrix.T, matrix)


def _require_one_order(values: Any) -> None:
    """Raise ValueError if a table's rows and columns have the same labels in two orders."""
    if hasattr(values, "columns") and hasattr(values, "index"):
        rows, columns = list(values.index), list(values.columns)
        if rows != columns and set(rows) == set(columns):
            raise ValueError(
                "matrix must have its rows and columns in one order; got a table with rows "
                f"{shown(rows)} and columns {shown(columns)}: table[table.index] has them in one"
            )


def _require(is_bad: Any, values: FloatArray, requirement: str, what: str = "") -> None:
    if is_bad.any():
        x, y = map(int, np.argwhere(is_bad)[0])
        raise ValueError(f"matrix {requirement}; got {what}{values[x, y]:g} at [{x}, {y}]")
