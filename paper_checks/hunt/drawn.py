"""Where a hunt over any loops searches: around loops that a Hypothesis strategy draws."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st

from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import Accept, Stages, Voters
from recurate.numerics.schedules import Accumulate
from recurate.numerics.validation import FloatArray, shown
from recurate.paper_checks.hunt.margins import Case
from recurate.paper_checks.hunt.simpler import columns_of, law_like, loop_like, simpler_loops
from recurate.paper_checks.hunt.space import fewer_steps
from recurate.paper_checks.runs.drawing import by_the_seed_alone

_BATCH = 50  # loops drawn at once
_UNIT = 1e-3  # values below this are one to a coordinate, larger ones are even in their logarithms
_REACH = math.asinh(1000 / _UNIT)
_LOG_MASS = math.log(1e-12)
_LOGIT = 14.0  # of λ/(1+λ), at the ends


class Kept(NamedTuple):
    """What all loops of a batch have in common, and a hunt leaves as it is.

    Attributes
    ----------
    names : frozenset of str
        Arguments of the loops: "law", "rule", "lam", "retained", "training".
    kind : type or None
        The class of all rules.
    chances : frozenset of str or None
        Columns of probabilities, all from 0 to 1; None is the reward.
    """

    names: frozenset[str]
    kind: type | None
    chances: frozenset[str | None]

    @classmethod
    def by(cls, loops: list[CurationLoop]) -> Kept:
        """Return what these loops have in common."""
        values = [_arguments(loop) for loop in loops]
        names = {name for name in values[0] if all(v[name] == values[0][name] for v in values)}
        kinds = {type(loop.rule) for loop in loops}
        columns = [columns_of(loop.law) for loop in loops]
        shared = set.intersection(*map(set, columns))
        chances = {name for name in shared if all(_within_one(c[name]) for c in columns)}
        return cls(frozenset(names), kinds.pop() if len(kinds) == 1 else None, frozenset(chances))

    def admits(self, loop: CurationLoop, other: CurationLoop) -> bool:
        """Return whether a simpler loop has it, too."""
        old, new = _arguments(loop), _arguments(other)
        are_same = all(old[name] == new[name] for name in self.names)
        return are_same and self.kind in (None, type(other.rule))


class DrawnShape(NamedTuple):
    """A loop whose numbers are to be varied; its rules, ties and schedules' kinds stay.

    Attributes
    ----------
    loop : CurationLoop
        The loop.
    steps : int
        Number of steps; of a loop with sequences, their length.
    kept : Kept
        What is not varied.
    """

    loop: CurationLoop
    steps: int
    kept: Kept

    @property
    def dimension(self) -> int:
        """Number of coordinates, each in [0, 1]."""
        return self.point().size

    def point(self) -> FloatArray:
        """Return the loop's own coordinates: columns, masses, and what training sets are made of.

        Values that are equal have one coordinate, so that ties are kept at this point.
        """
        law, schedule = self.loop.law, self.loop.schedule
        parts: list[Any] = []
        if "law" not in self.kept.names:
            chances = self._chances
            parts += [_place(x, name in chances) for name, x in columns_of(law).items()]
            with np.errstate(divide="ignore"):
                parts.append(1 - np.log(law.probs) / _LOG_MASS)
        if self._varies("lam"):
            parts.append([_odds_place(schedule.lam)])
        if self._varies("retained"):
            parts.append([schedule.retained])
        training = schedule.training
        if training is not None and self._varies("training"):
            parts.append([_odds_place(training.real / training.per_round)])
        point: FloatArray = np.clip(np.concatenate([np.empty(0), *parts]), 0.0, 1.0)
        return point

    def case(self, point: FloatArray) -> Case:
        """Return the loop at a point, shape (dimension,)."""
        law, left = self.loop.law, point
        if "law" not in self.kept.names:
            size = (len(law.scores) + 2) * law.size
            *parts, masses = point[:size].reshape(-1, law.size)
            left = point[size:]
            columns = {
                name: _at(part, name in self._chances)
                for name, part in zip(columns_of(law), parts, strict=True)
            }
            probs = np.exp((1 - masses) * _LOG_MASS)
            law = law_like(law, columns, probs / probs.sum())
        mixed = iter(left.tolist())
        changes: dict[str, Any] = {}
        if self._varies("lam"):
            changes["lam"] = _odds_at(next(mixed))
        if self._varies("retained"):
            changes["retained"] = next(mixed)
        if self._varies("training"):
            changes["training"] = Accumulate(_odds_at(next(mixed)))
        return Case(loop_like(self.loop, law, **changes), _own_steps(self.loop) or self.steps)

    @property
    def _chances(self) -> set[str | None]:
        return _accepted_by(self.loop.rule) | self.kept.chances

    def _varies(self, name: str) -> bool:
        """Return whether one number of the schedule is to be varied: λ and ε not at an end."""
        value = getattr(self.loop.schedule, name)
        is_inside = isinstance(value, float) and 0.0 < value < math.inf
        return name not in self.kept.names and (is_inside or isinstance(value, Accumulate))


class DrawnSpace:
    """The loops about those that a strategy draws.

    Parameters
    ----------
    loops : search strategy of CurationLoop
        What loops there are.
    steps : tuple of int
        Least and largest number of steps, of loops without sequences.
    """

    def __init__(self, loops: st.SearchStrategy[CurationLoop], steps: tuple[int, int]) -> None:
        self.steps = steps
        self._loops = loops
        self._drawn: list[CurationLoop] = []
        self._kept: Kept | None = None

    def shape(self, source: np.random.Generator) -> DrawnShape:
        """Draw a loop, and how many steps it takes."""
        if not self._drawn:
            self._drawn = _drawn(self._loops, int(source.integers(2**32)))
            self._kept = self._kept or Kept.by(self._drawn)
        loop = self._drawn.pop()
        low, high = self.steps
        steps = math.exp(source.uniform(math.log(low), math.log(high + 1)))
        assert self._kept is not None
        return DrawnShape(loop, _own_steps(loop) or min(int(steps), high), self._kept)

    def start(self, shape: DrawnShape, source: np.random.Generator) -> FloatArray:
        """Return the loop's own point, or every other time one with half of it drawn anew."""
        point = shape.point()
        if source.random() < 0.5:
            moved = source.random(point.size) < 0.5
            point[moved] = source.random(int(moved.sum()))
        return point

    def simpler(self, case: Case) -> Iterator[Case]:
        """Yield simpler cases: fewer steps first."""
        yield from (case.until(t) for t in fewer_steps(self.steps[0], case.steps))
        for loop in simpler_loops(case.loop):
            if self._kept is None or self._kept.admits(case.loop, loop):
                yield replace(case, loop=loop)


def _drawn(loops: st.SearchStrategy[CurationLoop], number: int) -> list[CurationLoop]:
    """Return a batch of loops; the seed decides which.

    Raises
    ------
    TypeError
        If the strategy draws something else.
    """
    batch: list[CurationLoop] = []

    @with_seed(number)
    @settings(
        max_examples=_BATCH,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(loops)
    def keep(loop: CurationLoop) -> None:
        if not isinstance(loop, CurationLoop):
            raise TypeError(f"loops must be a strategy for CurationLoop; it drew {shown(loop)}")
        batch.append(loop)

    with by_the_seed_alone():
        keep()
    return batch


def _own_steps(loop: CurationLoop) -> int | None:
    """Return the number of steps of a loop with sequences."""
    schedule = loop.schedule
    given = (schedule.rule, schedule.lam, schedule.retained)
    return next((len(value) for value in given if isinstance(value, tuple)), None)


def _accepted_by(rule: Any) -> set[str | None]:
    """Return the columns that are probabilities of being accepted."""
    if isinstance(rule, Accept):
        return {rule.by}
    parts: Any = ()
    if isinstance(rule, Voters):
        parts = (part for _, part in rule.voters)
    elif isinstance(rule, Stages | tuple):
        parts = getattr(rule, "rules", rule)
    return set().union(*map(_accepted_by, parts))


def _arguments(loop: CurationLoop) -> dict[str, Any]:
    """Return a loop's arguments, to be compared; a law is the same only if it is one object."""
    schedule = loop.schedule
    names = ("rule", "lam", "retained", "training")
    return {"law": id(loop.law), **{name: getattr(schedule, name) for name in names}}


def _within_one(values: FloatArray) -> bool:
    return bool(((values >= 0) & (values <= 1)).all())


def _place(values: FloatArray, are_chances: bool) -> FloatArray:
    place: FloatArray = values if are_chances else (1 + np.arcsinh(values / _UNIT) / _REACH) / 2
    return place


def _at(point: FloatArray, are_chances: bool) -> FloatArray:
    values: FloatArray = point if are_chances else _UNIT * np.sinh(_REACH * (2 * point - 1))
    return values


def _odds_place(odds: float) -> float:
    return (math.log(odds) / _LOGIT + 1) / 2


def _odds_at(place: float) -> float:
    return math.exp(_LOGIT * (2 * place - 1))
