"""A conjecture's margins as a hunt computes them: in floats with their noise, and in balls."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple, Protocol

import flint
import numpy as np

from recurate.numerics.laws.expressions import law_expression
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.loop import CurationLoop, state_error
from recurate.numerics.rules import NothingAcceptedError
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray, shown
from recurate.paper_checks.evidence.check import Check
from recurate.paper_checks.runs.certified_trajectory import certified_margins
from recurate.paper_checks.runs.instances import Instance
from recurate.paper_checks.runs.kinds import CertifiedRun, EngineRun
from recurate.paper_checks.runs.setting import replay_lines

_FIGURE_ERROR = 1e-13  # of a figure after a step, relative, as the stated error of log p_t
_FLOAT_ERROR = 4e-16
# Signs of the jitter, by step and atom. Where neighbours agree in the first pattern, so that their
# difference stays put, they disagree in the second; the third is for all else that may cancel.
_SIGNS = np.random.default_rng(0).choice([-1.0, 1.0], size=(3, 4096))
_SIGNS[1] = _SIGNS[0] * np.resize([1.0, -1.0], 4096)


@dataclass(frozen=True, eq=False)
class Case:
    """A loop, its number of steps, and a second law for claims about two."""

    loop: CurationLoop
    steps: int
    second: FloatArray | None = None

    def until(self, steps: int) -> Case:
        """Return the case of fewer steps; sequences of a loop, one entry for each, are cut."""
        return replace(self, loop=_cut(self.loop, steps), steps=steps)

    def instance(self) -> Instance:
        """Return the same loop as exact numbers, those of its floats."""
        return Instance.of_loop(self.loop, self.steps, self.second)


class Look(NamedTuple):
    """Margins of one case in floating point.

    Attributes
    ----------
    values, noise : ndarray, shape (m,)
        Margins, and how far rounding may have moved them; empty where the claim says nothing.
    where : callable
        The place of the i-th in words.
    steps : callable
        Number of steps after which the i-th is found: fewer than the case's for a function that
        returns one number.
    """

    values: FloatArray
    noise: FloatArray
    where: Callable[[int], str]
    steps: Callable[[int], int]


class CertainMargin(NamedTuple):
    """A margin in a ball, and its place."""

    ball: flint.arb
    where: str


class Conjecture(Protocol):
    """What can be hunted."""

    name: str

    def look(self, case: Case) -> Look:
        """Return the margins in floating point."""

    def certify(self, case: Case, bits: int) -> list[CertainMargin]:
        """Return the margins in balls; empty where the claim says nothing."""

    def replay(self, case: Case) -> str:
        """Return lines of Python that show the margins again."""


class FunctionConjecture:
    """A user's function of a loop and its trajectory, conjectured to be nonnegative.

    A function that returns one number is looked at after every step up to the last, since its
    conjecture is about any number of steps.
    """

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        self.function = function
        self.name = getattr(function, "__name__", type(function).__name__)

    def look(self, case: Case) -> Look:
        try:
            trajectory = case.loop.run(steps=case.steps, compress=False)
        except NothingAcceptedError:  # such a loop has no laws that a claim might be about
            return _SILENT
        values, shape = self._values(case, trajectory)
        noise = _FLOAT_ERROR * np.abs(values)
        for signs in _SIGNS:
            moved, shape_moved = self._values(case, _jittered(trajectory, signs))
            if shape_moved != shape:  # it chooses by the numbers where to speak: too close to tell
                return _SILENT
            with np.errstate(invalid="ignore"):
                noise = noise + np.abs(moved - values)
        noise = np.where(values == -np.inf, 0.0, noise)
        return Look(
            values,
            np.where(np.isnan(noise), np.inf, noise),
            lambda i: _place(shape, i + 1, i),
            lambda i: i + 1 if shape is None else case.steps,
        )

    def certify(self, case: Case, bits: int) -> list[CertainMargin]:
        balls = certified_margins(self.function, case.loop, steps=case.steps, bits=bits)
        # The place in words: the shape is not that of the list of balls.
        shape = self._values(
            case, case.loop.run(steps=case.steps, compress=False), each_step=False
        )[1]
        if shape is not None and math.prod(shape) != len(balls):
            raise ValueError(f"margin must return as many numbers in balls; got {len(balls)}")
        return [CertainMargin(ball, _place(shape, case.steps, i)) for i, ball in enumerate(balls)]

    def replay(self, case: Case) -> str:
        schedule = case.loop.schedule
        accumulate = "Accumulate, " if schedule.training is not None else ""
        rules = "from recurate.rules import *\n" if schedule.beyond == "rule" else ""
        return (
            f"from recurate import {accumulate}CurationLoop, RewardLaw\n{rules}"
            "from recurate.paper_checks.runs.certified_trajectory import certified_margins\n"
            f"law = {law_expression(case.loop.law)}\n"
            f"loop = CurationLoop(law, {schedule})\n"
            f"print(margin(loop, loop.run(steps={case.steps})))  # margin is your function\n"
            f"print(certified_margins(margin, loop, steps={case.steps}))"
        )

    def _values(
        self, case: Case, trajectory: Trajectory, *, each_step: bool = True
    ) -> tuple[FloatArray, tuple[int, ...] | None]:
        """Return the margins, flat, and their shape: None for one number after each step."""
        with np.errstate(all="ignore"):
            array = self._checked(self.function(case.loop, trajectory), case)
            if array.ndim or not each_step:
                return array.ravel(), array.shape if array.ndim else None
            each = [
                self._checked(self.function(case.until(t).loop, _until(trajectory, t)), case)
                for t in range(1, trajectory.steps)
            ]
        return np.array([*each, array], dtype=np.float64), None

    def _checked(self, result: Any, case: Case) -> FloatArray:
        try:
            array = np.asarray(result)
        except ValueError as error:  # nested lists of different lengths
            raise ValueError(f"margin must return a number or an array; got {shown(result)}") from (
                error
            )
        if array.dtype.kind not in "iuf":
            hint = ": return a difference, not a comparison" if array.dtype.kind == "b" else ""
            raise TypeError(
                f"margin must return a real number or an array of them; got "
                f"{type(result).__name__} of type {array.dtype}{hint}"
            )
        if np.isnan(array).any():
            raise ValueError(
                f"margin must return numbers; got nan at position {_first_nan(array)} for "
                f"{described(case)}. Return an empty array where the conjecture does not speak"
            )
        return array.astype(np.float64)


class CheckConjecture:
    """A claim of the catalogue, or one of its mutants, with its own margins and hypotheses."""

    def __init__(self, name: str, check: Check) -> None:
        self.name, self.check = name, check

    def look(self, case: Case) -> Look:
        run = EngineRun(case.loop, case.steps, case.second)
        with flint.ctx.workprec(64):
            margins = self.check.margins_of(run) if self.check.speaks_of(run) else []
        margins = [margin for margin in margins if margin.value.is_finite()]
        return Look(
            np.array([float(margin.value.mid()) for margin in margins], dtype=np.float64),
            np.array([float(margin.value.rad()) for margin in margins], dtype=np.float64),
            lambda i: margins[i].where,
            lambda i: case.steps,
        )

    def certify(self, case: Case, bits: int) -> list[CertainMargin]:
        run = CertifiedRun(case.instance(), bits)
        with flint.ctx.workprec(bits):
            if not self.check.speaks_of(run):
                return []
            return [CertainMargin(m.value, m.where) for m in self.check.margins_of(run)]

    def replay(self, case: Case) -> str:
        return replay_lines(case.instance(), repr(self.name), "certified")


def described(case: Case) -> str:
    """Return a case as the arguments that make it."""
    if case.loop.schedule.beyond:
        return f"{case.loop!r}, steps={case.steps}"
    K, lam = _numbers(case.loop)
    text = f"{law_expression(case.loop.law)}, K={K}, lam={lam}, steps={case.steps}"
    return text if case.second is None else f"{text}, second={case.second.tolist()}"


_SILENT = Look(np.empty(0), np.empty(0), lambda i: "", lambda i: 0)


@dataclass(frozen=True, eq=False)
class _Jittered(Trajectory):
    """A trajectory moved by about its stated error, to see how far a function's values move."""

    _signs: FloatArray = field(default_factory=lambda: _SIGNS[0], repr=False)

    def log_probs(self, t: int) -> FloatArray:
        log_probs = super().log_probs(t)
        return log_probs + self._moved(t, log_probs)

    def log_density(self, t: int, atoms: IntArray | None = None) -> FloatArray:
        moved = super().log_density(t) + self._moved(t, super().log_probs(t))
        return moved if atoms is None else moved[atoms]

    def _moved(self, t: int, log_probs: FloatArray) -> FloatArray:
        signs = np.resize(np.roll(self._signs, -131 * t), log_probs.size)
        return signs * (state_error(t, log_probs) + _FLOAT_ERROR)


def _jittered(trajectory: Trajectory, signs: FloatArray) -> Trajectory:
    values = {f.name: getattr(trajectory, f.name) for f in fields(Trajectory)}
    t = np.arange(trajectory.steps + 1)
    for number, name in enumerate(FIGURES):
        chosen = np.resize(np.roll(signs, 77 * number), t.size)
        moved = chosen * (_FIGURE_ERROR * t + _FLOAT_ERROR)
        # Absolute, too: a reward's mean and a divergence are sums whose terms cancel.
        values[name] = values[name] * (1 + moved) + chosen * _FLOAT_ERROR * (t > 0)
    for number, name in enumerate(("group_proportions", "expected_scores", "_win_rate")):
        if values[name] is not None:
            chosen = np.resize(np.roll(signs, 131 * number), values[name].shape)
            each = t.reshape(-1, *[1] * (values[name].ndim - 1))
            moved = chosen * (_FIGURE_ERROR * each + _FLOAT_ERROR)
            values[name] = values[name] * (1 + moved) + chosen * _FLOAT_ERROR
    return _Jittered(**values, _signs=signs)


def _until(trajectory: Trajectory, t: int) -> Trajectory:
    values = {f.name: getattr(trajectory, f.name) for f in fields(Trajectory)}
    figures: Any = {n: x[: t + 1] for n, x in values.items() if isinstance(x, np.ndarray)}
    return replace(trajectory, **figures)


def _cut(loop: CurationLoop, steps: int) -> CurationLoop:
    schedule = loop.schedule
    given = {name: getattr(schedule, name) for name in ("rule", "lam", "retained")}
    cut = {name: value[:steps] for name, value in given.items() if isinstance(value, tuple)}
    return CurationLoop(loop.law, **given | cut) if cut else loop


def _numbers(loop: CurationLoop) -> tuple[float, float]:
    return (loop.K if loop.K == math.inf else int(loop.K)), loop.lam


def _place(shape: tuple[int, ...] | None, steps: int, i: int) -> str:
    if shape is None:
        return f"after {steps} step{'s' * (steps != 1)}"
    index = [int(j) for j in np.unravel_index(i, shape)]
    return f"position {index[0] if len(index) == 1 else tuple(index)}"


def _first_nan(array: FloatArray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(np.isnan(array))[0])
