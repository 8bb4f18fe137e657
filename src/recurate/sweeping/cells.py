"""A cell of a sweep: one loop on one law, and its figures at every step and at its fixed point."""

from __future__ import annotations

import hashlib
import pickle
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recurate import __version__
from recurate.numerics.compression.compressor import begin_again
from recurate.numerics.fixed_points.fixed_point import FixedPoint
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.text import shown
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray
from recurate.settlement import limit_of

IN_UNIT = "expected_reward_in_unit"
"""The mean of the reward as it stands in its table, before its unit and scale."""


@dataclass(frozen=True)
class Place:
    """Where a cell stands in a sweep: its value on each axis, NaN where it has none."""

    table: str
    K: float
    lam: float
    real_fraction: float
    rule: str
    scale: float

    def __str__(self) -> str:
        numbers = (("K", self.K), ("λ", self.lam), ("scale", self.scale))
        named = [f"{name} = {value:g}" for name, value in numbers if value == value]
        return ", ".join([shown(self.table), shown(self.rule), *named])


@dataclass(frozen=True)
class Swept:
    """A law of a sweep, with what its columns are.

    Attributes
    ----------
    law : RewardLaw
        In log-odds, times the scale.
    in_unit : str or None
        The score that is the reward as it stands in the table; None if that is the law's reward.
    followed : tuple of str
        The scores whose means are wanted.
    """

    law: RewardLaw
    in_unit: str | None = None
    followed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """A loop of a sweep: sent to another process, it is small.

    Attributes
    ----------
    place : Place
        Where it stands.
    law : int
        Number of its law among those of the sweep.
    loop : dict
        Arguments of `CurationLoop`, beside the law.
    """

    place: Place
    law: int
    loop: dict[str, Any]


@dataclass(frozen=True)
class CellFigures:
    """The figures of a cell.

    Attributes
    ----------
    steps : ndarray, shape (steps + 1, columns)
        `FIGURES`, `IN_UNIT`, the shares of the groups, and the means of the scores followed.
    limit : ndarray, shape (columns,), or None
        The same of its fixed point.
    missing : str
        Why there is none; nothing if it was not asked for.
    remarks : tuple of str
        What was warned of.
    """

    steps: FloatArray
    limit: FloatArray | None
    missing: str = ""
    remarks: tuple[str, ...] = ()


def arguments_of(loop: CurationLoop) -> dict[str, Any]:
    """Return the arguments that make a loop again on its law."""
    schedule = loop.schedule
    if schedule.training is not None:
        return {"rule": schedule.rule, "training": schedule.training}
    return {"rule": schedule.rule, "lam": schedule.lam, "retained": schedule.retained}


def measured(cell: Cell, steps: int, wants_limit: bool, laws: Sequence[Swept]) -> CellFigures:
    """Return the figures of a cell: they depend on its law and loop alone, to the last bit.

    Raises
    ------
    ValueError
        If the loop cannot run; it names the cell.
    """
    swept = laws[cell.law]
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", RuntimeWarning)
        try:
            loop = CurationLoop(swept.law, **cell.loop)
            begin_again(swept.law)
            run = loop.run(steps=steps)
            limit = limit_of(loop) if wants_limit else ""
        except (ValueError, ArithmeticError) as error:
            raise ValueError(f"{cell.place}: {error}") from error
    found = None if isinstance(limit, str) else _row(swept, limit)[0]
    return CellFigures(
        _row(swept, run),
        found,
        limit if isinstance(limit, str) else "",
        tuple(dict.fromkeys(str(one.message) for one in warned)),
    )


def _row(swept: Swept, of: Trajectory | FixedPoint) -> FloatArray:
    """Return the figures of a run, a row a step, or of a fixed point, one row."""
    scores = np.atleast_2d(of.expected_scores)
    places = [swept.law.score_names.index(name) for name in swept.followed]
    own = np.atleast_1d(of.expected_reward)
    if swept.in_unit is not None:
        own = scores[:, swept.law.score_names.index(swept.in_unit)]
    columns = [np.atleast_1d(getattr(of, name)) for name in FIGURES]
    groups = np.atleast_2d(of.group_proportions)
    return np.column_stack([*columns, own, groups, scores[:, places]])


def keys_of(
    cells: Sequence[Cell], steps: int, wants_limit: bool, laws: Sequence[Swept]
) -> list[str]:
    """Return what tells cells apart: their laws, their loops, what is wanted, and the version."""
    digests = [_digest(swept) for swept in laws]
    keys = []
    for cell in cells:
        wanted = pickle.dumps((__version__, cell.loop, steps, wants_limit), protocol=4)
        keys.append(hashlib.sha256(digests[cell.law] + wanted).hexdigest())
    return keys


def _digest(swept: Swept) -> bytes:
    """Return a hash of all that a law's figures depend on."""
    law, made = swept.law, hashlib.sha256()
    named = law.group_names, law.prompt_names, law.score_names, swept.in_unit, swept.followed
    made.update(repr((type(law).__name__, law.size, law.max_reward, *named)).encode())
    for array in (
        law.rewards,
        law.level_rewards if law.is_continuous else None,
        law.probs,
        law.group_index,
        law.prompt_index,
        *law.scores.values(),
    ):
        made.update(b"none" if array is None else np.ascontiguousarray(array).data)
    return made.digest()
