"""Where a loop of any rule settles: it is run, and Newton's method ends what it began.

A fixed point counts as reached only if the loop itself goes there; a loop that goes round is
reported as cycling. ``docs/fixed_points.md`` says how both are told.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from recurate.numerics.fixed_points.fixed_point import RADIUS_ERROR, FixedPoint, Found, Method
from recurate.numerics.fixed_points.of_rules.cycling import cycling, lingering
from recurate.numerics.fixed_points.of_rules.linearised_step import Linear, newton
from recurate.numerics.fixed_points.of_rules.rule_loop import RuleLoop
from recurate.numerics.rules.best_of import BestOf
from recurate.numerics.rules.bradley_terry import BradleyTerry
from recurate.numerics.rules.pairwise_preference import PairwisePreference
from recurate.numerics.rules.rule import Rule
from recurate.numerics.rules.stages import Stages
from recurate.numerics.validation import FloatArray

_FIRST, _LAST = 64, 2**14  # steps before Newton's method is tried, again and again
_MOST_KEPT = 2**27  # numbers of a run's laws that are kept to look back on: 1 GiB
STILL = 1e-13  # of a log-mass in a step: the loop has stopped
_RARE, _GONE = -20.0, -60.0  # log-masses of levels that grow or die out, without real data
_NEAR, _AT = 0.05, 1e-9  # of a fixed point, in total variation
_NEARER = 0.999  # of the distance, from the first third of a run to the last
_PUSH = 0.1  # of log-masses, away from a balance that is not kept
_SEEN = 12  # laws of each part of a run that ends at a point that it will leave


def find(loop: RuleLoop) -> FixedPoint:
    """Return the fixed point reached from p_ref.

    Raises
    ------
    CyclingError
        If the loop goes round.
    ArithmeticError
        If it has not settled, with the residual that is left.
    """
    begin = begun(loop)
    return begin if isinstance(begin, FixedPoint) else _reached(begin)


def begun(loop: RuleLoop) -> FixedPoint | Search:
    """Return p_ref if the loop stays there, else the search that begins; errors as `find`."""
    start = loop.levels.log_start_density
    if _change(loop, start, loop.step(start)) <= STILL:
        return _from_balance(loop, start)
    return Search(loop, start)


def _from_balance(loop: RuleLoop, state: FloatArray) -> FixedPoint:
    """Return p_ref, which a step leaves as it is; unless the loop cycles if it is disturbed."""
    linear = Linear(loop, state)
    limit = checked(loop, state, linear)
    if limit.spectral_radius is not None and limit.spectral_radius > 1.0 + RADIUS_ERROR:
        values, vectors = np.linalg.eig(linear.matrix)
        leading = int(np.argmax(np.abs(values)))
        if values[leading].imag != 0.0:
            away = vectors[:, leading].real
            pushed = linear.log_probs + _PUSH * away / np.abs(away).max()
            _reached(Search(loop, linear.state(pushed - np.log(np.exp(pushed).sum()))))
    return limit


def _reached(search: Search) -> FixedPoint:
    """Return the fixed point that a loop goes to."""
    while True:
        limit = search.judged(search.run())
        if limit is not None:
            return limit


class Search:
    """A run that looks for the fixed point it goes to: ever longer parts, and a look after each.

    Parameters
    ----------
    loop : RuleLoop
        The loop.
    state : ndarray, shape (levels,)
        Where it begins.

    Attributes
    ----------
    steps, horizon : int
        Steps that were run, and those after which it is looked at.
    """

    def __init__(self, loop: RuleLoop, state: FloatArray) -> None:
        self.loop, self.state, self.steps = loop, state, 0
        self._most = _MOST_KEPT // state.size
        self.horizon = max(1, min(_FIRST, self._most))
        self._ends: list[FloatArray] = []

    def run(self) -> FloatArray:
        """Run to the horizon, or until nothing moves; return the laws, shape (steps, levels)."""
        laws: list[FloatArray] = []
        while self.steps < self.horizon:
            before, self.state = self.state, self.loop.step(self.state)
            self.steps += 1
            laws.append(self.loop.levels.masses(self.state))
            if _change(self.loop, before, self.state) <= STILL:
                break
        return np.array(laws)

    def followed(self, states: FloatArray) -> FloatArray:
        """Take the states of a run from here, of shape (steps, levels), as `run` does."""
        states = states[: self.horizon - self.steps]
        moved = changes(np.vstack([self.state, states[:-1]]), states, self.loop.present)
        still = np.flatnonzero(moved.max(axis=1) <= STILL)
        states = states[: still[0] + 1] if still.size else states
        self.state, self.steps = states[-1], self.steps + len(states)
        return self.loop.levels.masses(states)

    def judged(self, laws: FloatArray) -> FixedPoint | None:
        """Return the fixed point that a part of the run goes to; None if it has to go on.

        Parameters
        ----------
        laws : ndarray, shape (steps, levels)
            Masses after the steps since the last look.

        Raises
        ------
        ArithmeticError
            As `find`, where it would have to go on for too long.
        """
        loop, state, steps = self.loop, self.state, self.steps
        candidate = newton(loop, without_what_dies_out(loop, state))
        if candidate is not None:
            far = np.abs(laws - loop.levels.masses(candidate)).sum(axis=1) / 2
            third = max(1, far.size // 3)
            end = float(far[-third:].max())
            linear = Linear(loop, candidate)
            comes_nearer = end <= _NEAR and end < _NEARER * float(far[:third].max())
            if (end <= _AT or comes_nearer) and linear.spectral_radius < 1.0 + RADIUS_ERROR:
                return checked(loop, candidate, linear, steps)
        if _lingers(loop, state) and steps > _FIRST:
            self._ends.extend(laws[:: max(1, len(laws) // _SEEN)])
        if self.horizon >= _LAST or 3 * self.horizon > self._most:
            raise self._error(laws)
        self.horizon *= 4
        return None

    def _error(self, laws: FloatArray) -> ArithmeticError:
        error = cycling(laws, self.steps) or lingering(np.array(self._ends), self.steps)
        if error is not None:
            return error
        residual = self.loop.levels.distance(self.state, self.loop.step(self.state))
        return ArithmeticError(
            f"the loop must settle within {self.steps:,} steps to have a fixed point that it "
            f"reaches; got a residual of {residual:.3g}, the total variation between its law and "
            "the next: it is slow, or goes round slowly; loop.run(steps=…) has its laws, "
            "loop.fixed_points() what Newton's method finds"
        )


def _lingers(loop: RuleLoop, state: FloatArray) -> bool:
    """Return whether the loop hardly moves, but some level's mass grows from nearly nothing."""
    rare = loop.present & (loop.levels.log_base + state < _RARE)
    grows = bool((loop.log_growth(state)[rare] > _AT).any())
    return grows and loop.levels.distance(state, loop.step(state)) <= _AT


def checked(loop: RuleLoop, state: FloatArray, linear: Linear, steps: int = 0) -> FixedPoint:
    """Return a fixed point that was found, with its figures; ArithmeticError if it is none."""
    method: Method = "newton" if steps else "reference"
    found = Found(state[loop.present], None, steps, method, linear.error())
    return loop.fixed_point(
        found,
        is_unique=True if is_contraction(loop) else None,
        spectral_radius=linear.spectral_radius,
    )


def _change(loop: RuleLoop, before: FloatArray, after: FloatArray) -> float:
    """Return the largest change of a log-mass in a step, relative to its size if that is large."""
    return float(changes(before, after, loop.present).max())


def changes(before: FloatArray, after: FloatArray, present: npt.NDArray[np.bool_]) -> FloatArray:
    """Return the changes of log-masses, relative to their size if that is large.

    Parameters
    ----------
    before, after : ndarray, shape (…, levels)
        States.
    present : ndarray of bool, shape (levels,)
        Where p_ref has mass; elsewhere nothing counts as changed.
    """
    same = (before == after) | ~present
    first = np.where(same, 0.0, before)
    moved: FloatArray = np.abs(np.where(same, 0.0, after) - first) / (1.0 + np.abs(first))
    return moved


def without_what_dies_out(loop: RuleLoop, state: FloatArray) -> FloatArray:
    """Return the state on the levels that keep their mass, without real data."""
    if loop.lam < math.inf:
        return state
    log_probs = loop.levels.log_base + state
    dying = loop.present & (log_probs < _GONE) & (loop.log_growth(state) < 0)
    kept = np.where(dying, -np.inf, state)
    kept -= np.log(np.exp(loop.levels.log_base + kept).sum())
    return kept


def is_contraction(loop: RuleLoop) -> bool:
    """Return whether a step is known to contract total variations: a Σ π_u K_u < 1.

    For rules that see the candidates only; one's own may see the law.
    """
    voters, lam = loop.collected
    if lam == math.inf or not all(_sees_candidates_only(rule) for _, rule in voters):
        return False
    candidates = sum(share * rule.most_candidates for share, rule in voters)
    return lam / (1.0 + lam) * candidates < 1.0


def _sees_candidates_only(rule: Rule) -> bool:
    if isinstance(rule, Stages):
        return all(map(_sees_candidates_only, rule.rules))
    return isinstance(rule, BradleyTerry | BestOf | PairwisePreference)
