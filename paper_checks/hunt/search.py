"""The optimisers of a hunt: restarts from many shapes of loop, until a counterexample is certain.

Margins tend to zero at degenerate laws, and an optimiser that runs there finds nothing. So it
minimises in turn the least margin over the largest of its run, the least margin over the geometric
mean of its neighbours, and the margin itself. Margins within their noise are left out.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy import optimize

from recurate.numerics.validation import FloatArray
from recurate.paper_checks.evidence.check import shown as shown_margin
from recurate.paper_checks.hunt.drawn import DrawnSpace
from recurate.paper_checks.hunt.in_balls import NoBallError, certified_margin
from recurate.paper_checks.hunt.margins import (
    Case,
    CertainMargin,
    CheckConjecture,
    Conjecture,
    Look,
    described,
)
from recurate.paper_checks.hunt.space import Space
from recurate.paper_checks.runs.instances import Instance

_MEASURES = (0, 1, 0, 2)  # in turn: share of the run's largest margin, dip, the margin itself
_SILENT = 40  # evaluations after which a restart ends if the conjecture never said anything
_FAILURES = 5  # candidates on which the function fails in balls, before the hunt is given up
_SHRINKS = 200  # simpler loops tried for a witness
_KEPT = 0.1  # of the share first found, so that the witness stays clear
_NOTHING = 1e6  # objective where no margin stands out of the noise
_CAUTION = 1024.0  # the noise is taken this many times larger at most, after false candidates


AnyShape = Any
"""A `Shape` or a `DrawnShape`, as the space has them."""


class _SpentError(Exception):
    """The budget is spent."""


class _BarrenError(Exception):
    """The conjecture says nothing about the loops of this restart."""


class _FoundError(Exception):
    """A counterexample is certified."""


class _BrokenError(Exception):
    """The user's function failed: wrapped, since scipy turns some exceptions into others."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class Violation(NamedTuple):
    """A margin negative beyond its noise, with the reason why no ball decides its sign."""

    case: Case
    margin: float
    where: str
    cause: str


class Found(NamedTuple):
    """What came of a search, or of several one after another.

    Attributes
    ----------
    evaluations : int
        Number of loops looked at in floating point.
    shares : tuple of float
        The least share of the largest margin of a run, and the lowest dip.
    best : tuple of Case, margin and place, or None
        Where the least share is.
    violated : Violation or None
        The worst violation in floating point that could not be computed in balls.
    refuted : tuple of Case, margin, place and ball, or None
        A certified counterexample, made small; of its ball the text.
    is_given_up : bool
        Whether the function failed in balls so often that there is no use in more.
    """

    evaluations: int = 0
    shares: tuple[float, float] = (math.inf, math.inf)
    best: tuple[Case, float, str] | None = None
    violated: Violation | None = None
    refuted: tuple[Case, float, str, str] | None = None
    is_given_up: bool = False

    def then(self, later: Found) -> Found:
        """Return what came of both searches; of equals, what the first found."""
        violations = [v for v in (self.violated, later.violated) if v is not None]
        return Found(
            self.evaluations + later.evaluations,
            (min(self.shares[0], later.shares[0]), min(self.shares[1], later.shares[1])),
            later.best if later.shares[0] < self.shares[0] else self.best,
            min(violations, key=lambda violation: violation.margin, default=None),
            self.refuted or later.refuted,
            self.is_given_up or later.is_given_up,
        )


class Search:
    """A search under way, and the best it has seen.

    Parameters
    ----------
    conjecture : Conjecture
        What is hunted.
    space : Space or DrawnSpace
        Where.
    source : numpy.random.Generator
        Source of randomness.
    deadline : float
        Reading of `time.perf_counter` at which it ends; may be infinite.
    limit : int or None
        Number of loops to look at, at most.
    on_progress : callable or None
        Called with the number of evaluations and the least share so far, after each restart.

    Attributes
    ----------
    found : tuple of Case and CertainMargin, or None
        A certified counterexample, made small.
    best : tuple of Case, margin and place, or None
        The least margin over the largest of its run.
    shares : list of float
        The least share of the largest margin of a run, and the lowest dip.
    violated : Violation or None
        The worst violation in floating point that could not be computed in balls.
    """

    def __init__(
        self,
        conjecture: Conjecture,
        space: Space | DrawnSpace,
        source: np.random.Generator,
        deadline: float,
        limit: int | None,
        on_progress: Callable[[int, float], None] | None,
    ) -> None:
        self.conjecture, self.space, self.source = conjecture, space, source
        self.deadline, self.limit, self.on_progress = deadline, limit, on_progress
        self.evaluations = 0
        self.shares = [math.inf, math.inf]
        self.best: tuple[Case, float, str] | None = None
        self.best_points: list[tuple[float, AnyShape, FloatArray] | None] = [None, None, None]
        self.found: tuple[Case, CertainMargin] | None = None
        self.violated: Violation | None = None
        self._silent: float = 0
        self._failures = 0
        self._caution = 1.0

    def run(self, restart: int, *, has_own_cases: bool) -> Found:
        """Search until the budget is spent or a counterexample is certified.

        Parameters
        ----------
        restart : int
            Evaluations of one restart.
        has_own_cases : bool
            Whether the cases that a check of the catalogue tries itself are looked at first.
        """
        number = 0
        try:
            for case in self._own_cases() if has_own_cases else []:
                self._objective(case, 0)
            while True:
                with contextlib.suppress(_BarrenError):
                    self._restart(number, restart)
                number += 1
                if self.on_progress is not None:
                    self.on_progress(self.evaluations, self.shares[0])
        except _SpentError:
            pass
        except _FoundError:
            assert self.found is not None
            self.found = self._made_small(*self.found)
        except _BrokenError as broken:
            raise broken.error from None
        refuted = None
        if self.found is not None:
            case, certain = self.found
            ball = certain.ball
            refuted = (case, float(ball.mid()), certain.where, shown_margin(ball))
        shares = (self.shares[0], self.shares[1])
        is_given_up = self._failures == _FAILURES
        return Found(self.evaluations, shares, self.best, self.violated, refuted, is_given_up)

    def _own_cases(self) -> list[Case]:
        if not isinstance(self.conjecture, CheckConjecture):
            return []
        cases = []
        for instance in self.conjecture.check.instances:
            if not isinstance(instance, Instance) or instance.initial is not None:
                continue
            second = None if instance.second is None else np.array([*map(float, instance.second)])
            cases.append(Case(instance.loop, instance.steps, second))
        return cases

    def _restart(self, number: int, evaluations: int) -> None:
        """Search from one start: methods and measures in turn, half globally and half locally."""
        measure, method = _MEASURES[number // 4 % 4], number % 4
        self._silent = 0
        best = self.best_points[measure]
        if method == 3 and best is not None:
            # Around the best so far: a smaller simplex, from a point nearby, and a longer run.
            _, shape, point = best
            if self.source.random() < 0.5:
                shape = shape._replace(steps=min(2 * shape.steps, self.space.steps[1]))
            start = np.clip(point + self.source.normal(0, 0.02, point.size), 0.0, 1.0)
            self._descend(shape, start, measure, evaluations, 0.05)
            return
        shape, start = self._screened(measure, evaluations // 4)
        evaluations -= evaluations // 4

        def objective(point: FloatArray) -> float:
            return self._at(shape, point, measure)

        bounds = [(0.0, 1.0)] * shape.dimension
        if method == 1:
            population = max(5, min(3 * shape.dimension, evaluations // 8))
            initial = self.source.random((population, shape.dimension))
            initial[0] = start
            start = optimize.differential_evolution(
                objective, bounds, init=initial, maxiter=max(1, evaluations // (2 * population)),
                polish=False, tol=0.0, rng=self.source,
            ).x  # fmt: skip
            evaluations //= 2
        elif method == 2:
            start = optimize.dual_annealing(
                objective, bounds, x0=start, maxfun=evaluations // 2, no_local_search=True,
                rng=self.source,
            ).x  # fmt: skip
            evaluations //= 2
        self._descend(shape, start, measure, evaluations, 0.2)

    def _screened(self, measure: int, evaluations: int) -> tuple[AnyShape, FloatArray]:
        """Return the best of some random shapes and points."""
        drawn = []
        for _ in range(max(1, evaluations)):
            shape: AnyShape = self.space.shape(self.source)
            point = self.space.start(shape, self.source)
            drawn.append((self._at(shape, point, measure), shape, point))
        _, shape, point = min(drawn, key=lambda one: one[0])
        return shape, point

    def _descend(
        self, shape: AnyShape, start: FloatArray, measure: int, evaluations: int, size: float
    ) -> None:
        simplex = np.vstack([start, np.tile(start, (start.size, 1))])
        for i in range(start.size):
            simplex[i + 1, i] += size if start[i] < 0.5 else -size
        optimize.minimize(
            lambda point: self._at(shape, point, measure),
            start,
            method="Nelder-Mead",
            bounds=[(0.0, 1.0)] * start.size,
            options={"initial_simplex": simplex, "maxfev": evaluations, "xatol": 1e-6, "fatol": 0},
        )

    def _at(self, shape: AnyShape, point: FloatArray, measure: int) -> float:
        value = self._objective(shape.case(np.clip(point, 0.0, 1.0)), measure)
        best = self.best_points[measure]
        if best is None or value < best[0]:
            self.best_points[measure] = (value, shape, np.array(point))
        return value

    def _objective(self, case: Case, measure: int) -> float:
        """Return how small the margins are, by one of three measures; small is near refuted."""
        if time.perf_counter() > self.deadline or self.evaluations == self.limit:
            raise _SpentError
        self.evaluations += 1
        try:
            look = self.conjecture.look(case)
        except Exception as error:
            error.add_note(f"in a hunt, for {described(case)}")
            raise _BrokenError(error) from None
        self._silent = -math.inf if look.values.size else self._silent + 1
        if self._silent > _SILENT:
            raise _BarrenError
        clear = np.flatnonzero(np.abs(look.values) > self._caution * look.noise)
        worst = int(clear[np.argmin(look.values[clear])]) if clear.size else -1
        if clear.size and look.values[worst] < 0 and not self._try(case, look, worst):
            clear = clear[look.values[clear] > 0]  # they were noise
        if not clear.size:
            return _NOTHING
        values = np.clip(look.values[clear], -1e300, 1e300)
        shares = values / np.abs(values).max()
        # A dip below both neighbours: differences that shrink like a geometric series have none.
        root = np.sqrt(np.abs(values))
        dips = values[1:-1] / (root[:-2] * root[2:]) if values.size > 2 else shares
        if shares.min() < self.shares[0]:
            i = int(clear[np.argmin(shares)])
            self.best = (case, float(look.values[i]), look.where(i))
        self.shares = [
            min(known, float(new.min()))
            for known, new in zip(self.shares, (shares, dips), strict=True)
        ]
        return float((shares, dips, values)[measure].min())

    def _try(self, case: Case, look: Look, i: int) -> bool:
        """Compute a candidate in balls; raise `_FoundError` if it is a certain counterexample.

        Return whether it is still a candidate, because no ball decides its sign.
        """
        case = case.until(look.steps(i))
        try:
            certain = certified_margin(self.conjecture, case)
        except NoBallError as failure:
            if self.violated is None or look.values[i] < self.violated.margin:
                self.violated = Violation(
                    case, float(look.values[i]), look.where(i), failure.args[0]
                )
            self._failures += 1
            if self._failures == _FAILURES:
                raise _SpentError from None
            return True
        if certain is None:
            # The noise was larger than estimated.
            self._caution = min(2 * self._caution, _CAUTION)
            return False
        self.found = (case, certain)
        raise _FoundError

    def _made_small(self, case: Case, certain: CertainMargin) -> tuple[Case, CertainMargin]:
        """Return a simpler counterexample, which is certain, too, and not far closer to zero."""
        largest = _KEPT * self._clear_share(case)
        tries = 0
        while True:
            for simpler in self.space.simpler(case):
                if tries == _SHRINKS:
                    return case, certain
                tries += 1
                margin = self._refuting(simpler, largest)
                if margin is not None:
                    case, certain = simpler, margin
                    break
            else:
                return case, certain

    def _refuting(self, case: Case, largest: float) -> CertainMargin | None:
        try:
            return (
                certified_margin(self.conjecture, case)
                if self._clear_share(case) < largest
                else None
            )
        except Exception:  # a loop that the function cannot take is not a simpler witness
            return None

    def _clear_share(self, case: Case) -> float:
        """Return the least margin beyond its noise over the largest of its run; 0 if none is."""
        look = self.conjecture.look(case)
        values = look.values[np.abs(look.values) > self._caution * look.noise]
        return float(values.min() / np.abs(values).max()) if values.size else 0.0
