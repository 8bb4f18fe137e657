"""A sweep's table: a row for each cell and step, and one for its fixed point at t = inf."""

from __future__ import annotations

import math
import os
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np
import numpy.typing as npt

from recurate.numerics.files import write_csv, written
from recurate.numerics.laws.groups import column_labels
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.text import listed, shown
from recurate.numerics.validation import mixing
from recurate.sweeping.cells import IN_UNIT, Cell, CellFigures, Swept

if TYPE_CHECKING:
    import pandas
    import polars

Column = npt.NDArray[Any]

AXES = ("table", "K", "lam", "real_fraction", "rule", "scale", "t")
"""The columns that say which cell and step a row is of."""

WHY_NOT = "no_fixed_point"
"""The column that says why a cell has no fixed point, in its row of t = inf."""

MOST_NUMBERS = 10**8
"""Most numbers of a table: they take 0.8 gigabytes."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """The figures of many loops, as a table. Made by `recurate.sweep`.

    Attributes
    ----------
    columns : dict of str to ndarray, shape (rows,)
        ``table``, ``K``, ``lam``, ``real_fraction``, ``rule``, ``scale`` and ``t`` say of which
        cell and step a row is (NaN where a loop has no K, or no λ); then the figures, as attributes
        of `Trajectory`, the mean of the reward before unit and scale (`expected_reward_in_unit`),
        the groups' shares and the means of the scores, NaN in rows of tables without them. The
        fixed point of a cell is its row with ``t`` inf; where there is none its figures are NaN,
        and ``no_fixed_point`` says why.
    laws : dict of (str, float) to RewardLaw
        The law of each table, by its name and the scale.
    mixing : {"lam", "real_fraction"}
        The column of what was swept.
    """

    columns: dict[str, Column]
    laws: Mapping[tuple[str, float], RewardLaw] = field(repr=False)
    mixing: Literal["lam", "real_fraction"] = "lam"

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the columns of figures."""
        return tuple(name for name in self.columns if name not in (*AXES, WHY_NOT))

    @property
    def steps(self) -> int:
        """Number of retraining steps of each loop."""
        t = self.columns["t"]
        return int(t[t < math.inf].max())

    def best(self, max_kl: float = math.inf) -> list[dict[str, Any]]:
        """Return, for each table and scale, the row of the largest expected reward.

        Parameters
        ----------
        max_kl : float
            Largest divergence ``kl_to_reference``, in nats, of the rows among which it is looked
            for.

        Returns
        -------
        list of dict
            By column; none for a table without such a row.
        """
        max_kl = mixing(max_kl, "max_kl")
        reward = np.where(
            self.columns["kl_to_reference"] <= max_kl, self.columns["expected_reward"], -np.inf
        )
        found = []
        for rows in self._by("table", "scale"):
            row = rows[np.argmax(np.nan_to_num(reward[rows], nan=-np.inf))]
            if reward[row] > -np.inf:
                found.append({name: _plain(column[row]) for name, column in self.columns.items()})
        return found

    def to_csv(self, path: str | os.PathLike[str] | BinaryIO) -> None:
        """Write the table as CSV, every digit kept; whole or not at all. A NaN is an empty cell."""
        write_csv(
            path,
            {
                name: ["" if value != value else value for value in column.tolist()]
                for name, column in self.columns.items()
            },
        )

    def to_parquet(self, path: str | os.PathLike[str] | BinaryIO) -> None:
        """Write the table as Parquet; whole or not at all. A NaN is a missing value."""
        with written(path) as file:
            self._frame().write_parquet(file)

    def plot(
        self,
        path: str | os.PathLike[str] | BinaryIO,
        figure: str = "kl_to_reference",
        t: float | None = None,
        *,
        ending: str | None = None,
    ) -> None:
        """Draw a figure over K and λ, a panel for each table, rule and scale.

        Parameters
        ----------
        path : path or binary file
            Where it is written.
        figure : str
            One of `figures`.
        t : float, optional
            The step, by default the last one; inf for the fixed points.
        ending : {"png", "svg", "pdf"}, optional
            The format; by default the path's.
        """
        from recurate.figures.making import style
        from recurate.sweeping.pictures import heat_maps

        checked_figure(figure, self.figures)
        at = checked_step(t, self.steps, has_limit=self.columns["t"].max() == math.inf)
        style.save(heat_maps(self, figure, at), _path(path), ending)

    def plot_frontier(
        self,
        path: str | os.PathLike[str] | BinaryIO,
        t: float | None = None,
        *,
        max_kl: float | None = None,
        ending: str | None = None,
    ) -> None:
        """Draw the expected reward against the divergence from the real data.

        A line for each K goes along λ, if there are at least three, or along t. Beside them stand
        the best of n samples of the real data, and the largest reward that a law of that divergence
        has (`numerics.inference.frontiers`).

        Parameters
        ----------
        path : path or binary file
            As of `plot`.
        t : float, optional
            As of `plot`.
        max_kl : float, optional
            A divergence that is marked.
        ending : str, optional
            As of `plot`.
        """
        from recurate.figures.making import style
        from recurate.sweeping.pictures import frontier

        if max_kl is not None:
            max_kl = mixing(max_kl, "max_kl")
        at = checked_step(t, self.steps, has_limit=self.columns["t"].max() == math.inf)
        style.save(frontier(self, at, max_kl), _path(path), ending)

    def to_dataframe(self) -> pandas.DataFrame:
        """Return the table as a pandas data frame (needs pandas)."""
        try:
            import pandas
        except ImportError as error:
            raise ImportError("to_dataframe needs pandas: pip install pandas") from error
        return pandas.DataFrame(self.columns)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Hand the table to any library that reads Arrow: ``polars.DataFrame(sweep)``."""
        return self._frame().__arrow_c_stream__(requested_schema)

    def _frame(self) -> polars.DataFrame:
        import polars
        import polars.selectors

        return polars.DataFrame(self.columns).with_columns(polars.selectors.float().fill_nan(None))

    def _by(self, *names: str) -> Iterator[npt.NDArray[np.intp]]:
        """Yield the rows of each combination of values, in their order."""
        keys = list(zip(*(self.columns[name].tolist() for name in names), strict=True))
        rows: dict[tuple[Any, ...], list[int]] = {}
        for row, key in enumerate(keys):
            rows.setdefault(key, []).append(row)
        yield from map(np.array, rows.values())


def table_of(
    cells: Sequence[Cell], found: Sequence[CellFigures], laws: Sequence[Swept]
) -> dict[str, Column]:
    """Return the columns of a sweep, cell after cell."""
    names = figures_of(laws)
    groups, scores = _groups(laws), _scores(laws)
    first = len(FIGURES) + 1
    where = [
        [
            *range(first),
            *(first + groups[type(name), name] for name in swept.law.group_names),
            *(first + len(groups) + scores[str, name] for name in swept.followed),
        ]
        for swept in laws
    ]
    sizes = [one.steps.shape[0] + bool(one.missing or one.limit is not None) for one in found]
    values = np.full((sum(sizes), len(names)), np.nan)
    t, why_not = np.empty(len(values)), np.full(len(values), "", dtype=object)
    begins = np.cumsum([0, *sizes])
    for cell, one, begin, end in zip(cells, found, begins, begins[1:], strict=False):
        steps = one.steps.shape[0]
        block = values[begin:end]
        block[:steps, where[cell.law]] = one.steps
        if one.limit is not None:
            block[steps:, where[cell.law]] = one.limit
        t[begin:end] = [*range(steps), math.inf][: end - begin]
        why_not[begin + steps : end] = one.missing
    of_cells = {
        axis: np.repeat(np.array([getattr(cell.place, axis) for cell in cells], dtype=kind), sizes)
        for axis, kind in zip(AXES, (object, *[float] * 3, object, float), strict=False)
    }
    columns = dict(zip(names, np.ascontiguousarray(values.T), strict=True))
    return {**of_cells, "t": t, **columns, WHY_NOT: why_not}


def checked_figure(name: str, figures: Sequence[str], what: str = "figure") -> str:
    """Return the name of a column of figures; ValueError, which names `what`, for another."""
    if name not in figures:
        raise ValueError(f"{what} must be one of {listed(figures)}; got {shown(name)}")
    return name


def checked_step(t: float | None, steps: int, what: str = "t", *, has_limit: bool) -> float:
    """Return a step of a table, by default the last one; ValueError for one that it has not."""
    if t is None:
        return float(steps)
    if not (t == math.inf and has_limit) and t not in range(steps + 1):
        also = ", or inf for the fixed point" if has_limit else ""
        raise ValueError(f"{what} must be an integer from 0 to {steps}{also}; got {shown(t)}")
    return float(t)


def figures_of(laws: Sequence[Swept]) -> list[str]:
    """Return the names of the columns of figures."""
    return [
        *FIGURES,
        IN_UNIT,
        *column_labels([name for _, name in _groups(laws)]),
        *column_labels([name for _, name in _scores(laws)], "score"),
    ]


def _groups(laws: Sequence[Swept]) -> dict[tuple[type, Hashable], int]:
    return _numbered(name for swept in laws for name in swept.law.group_names)


def _scores(laws: Sequence[Swept]) -> dict[tuple[type, Hashable], int]:
    return _numbered(name for swept in laws for name in swept.followed)


def _numbered(names: Iterable[Hashable]) -> dict[tuple[type, Hashable], int]:
    """Return names of all laws by first appearance, numbered; True is not 1 here."""
    distinct = dict.fromkeys((type(name), name) for name in names)
    return {name: number for number, name in enumerate(distinct)}


def _path(path: str | os.PathLike[str] | BinaryIO) -> Path | BinaryIO:
    return Path(path) if isinstance(path, str | os.PathLike) else path


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
