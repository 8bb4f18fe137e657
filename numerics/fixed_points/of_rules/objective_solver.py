"""The law that many voters' loop climbs to, for K = inf: the maximum of a concave objective.

F(p) = a Σ π_u log W_u(p) - m KL(p_ref‖p) with W_u = E_p w_u. Its conditions, for the rates c_u =
a π_u/W_u and the slack s = 1 - Σ c_u w_u >= 0, are s p = m p_ref at each level: those of a weighted
central path. They are solved as such, from a law far inside, and then by Newton's method for c and
the masses of the few levels that are much heavier than in p_ref. ``docs/fixed_points.md`` derives
this.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recurate.numerics.fixed_points.bounds import ROUNDING
from recurate.numerics.log_sums import log_masses
from recurate.numerics.validation import FloatArray

_INSIDE = 0.995  # of the way to the nearest slack, mass or rate of zero
_LESS = 0.1  # of what the products s p are aimed at, from one step to the next
_LAST = 1e-14  # of the products' mean over the least mass that a voter gives, where the path ends
_MET = 0.5  # relative error of 1/W, so that the path goes on
_MOST_STEPS = 200
_HEAVY, _MOST_HEAVY = 30.0, 256  # p over m p_ref of levels whose masses are unknowns of their own
_MOST_HALVINGS = 60
_NOISE = 8.0 * ROUNDING


class Welfare(NamedTuple):
    """The maximiser on levels that all have mass.

    Attributes
    ----------
    log_probs : ndarray, shape (levels,)
        log p; -inf where there is no mass.
    log_slacks : ndarray, shape (levels,)
        log s; -inf where it is zero: there p > 0 = m.
    error : float
        Estimated error of log p where there is mass, the largest.
    steps : int
        Passes over the levels.
    """

    log_probs: FloatArray
    log_slacks: FloatArray
    error: float
    steps: int


class Problem(NamedTuple):
    """The loop on levels: masses of p_ref, log w of each voter, shares, m and a.

    Attributes
    ----------
    log_reference : ndarray, shape (levels,)
        log p_ref, finite.
    log_weights : ndarray, shape (voters, levels)
        log w_u, whose largest is 0 for each voter; -inf where a verifier accepts nothing.
    shares : ndarray, shape (voters,)
        π_u, positive; they sum to one.
    real, synthetic : float
        m and a.
    """

    log_reference: FloatArray
    log_weights: FloatArray
    shares: FloatArray
    real: float
    synthetic: float

    @property
    def log_targets(self) -> FloatArray:
        """log(m p_ref)."""
        return self.log_reference + log_masses(np.array(self.real))

    @property
    def last(self) -> float:
        """Where the path ends: the mass that a voter gives to one level then exceeds its slack."""
        return _LAST * self.synthetic * float(self.shares.min())


def solve(problem: Problem) -> Welfare:
    """Return the maximiser; for m = 0 one of them, with mass on as many levels as any.

    Raises
    ------
    ArithmeticError
        If Newton's method does not converge, as where a voter gives a mass below 1e-15 to a level
        of hardly any.
    """
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            return _solved(problem)
    except (FloatingPointError, np.linalg.LinAlgError) as error:
        raise ArithmeticError(
            "the voters' objective must be climbed within what floats hold; got voters who give "
            f"{problem.synthetic * float(problem.shares.min()):.3g} of the samples, and a level of "
            f"log p_ref = {float(problem.log_reference.min()):.4g}: run the loop instead, or leave "
            "such voters, or levels, out"
        ) from error


def _solved(problem: Problem) -> Welfare:
    rates, probs, slacks, steps = _path(problem)
    if problem.real == 0.0:
        heavy = np.flatnonzero(probs > slacks)
    else:
        # The slack is m p_ref/p. Where the path has not come so far, the larger of the two stays.
        is_known = np.exp(problem.log_targets) * slacks.size >= problem.last
        heavy = np.flatnonzero((slacks * _HEAVY < 1.0) & (is_known | (probs > slacks)))
        if heavy.size > _MOST_HEAVY:
            heavy = heavy[np.argsort(slacks[heavy])[:_MOST_HEAVY]]
    return _polished(problem, np.log(rates), heavy, np.log(probs[heavy]), steps)


def _path(problem: Problem) -> tuple[FloatArray, FloatArray, FloatArray, int]:
    """Return rates c, masses and slacks near the solution, by a primal-dual interior-point method.

    The products s p are aimed at the larger of m p_ref and a number that shrinks; so levels of
    small p_ref are met on the way from a law with mass everywhere.
    """
    weights, shares = np.exp(problem.log_weights), problem.shares
    targets = np.exp(problem.log_targets)
    scale = problem.synthetic
    rates, size = 0.5 * scale * shares, weights.shape[1]
    probs, slacks, aim = np.full(size, 1.0 / size), 1.0 - rates @ weights, 0.5 / size
    steps = 0
    while steps < _MOST_STEPS:
        steps += 1
        aimed = np.maximum(targets, aim)
        gap = 1.0 - rates @ weights - slacks
        stiffness = probs / slacks
        own = aimed / slacks - probs  # the change of p were the slack to stay
        excess = scale * shares / rates - weights @ probs
        matrix = (weights * stiffness) @ weights.T
        matrix[np.diag_indices_from(matrix)] += scale * shares / rates**2
        move = _solution(matrix, excess - weights @ (own - stiffness * gap))
        slack_move = gap - move @ weights
        prob_move = own - stiffness * slack_move
        length = min(
            1.0,
            _INSIDE * _room(rates, move),
            _INSIDE * _room(probs, prob_move),
            _INSIDE * _room(slacks, slack_move),
        )
        # Products may meet their aim while a voter's favourite has not got its mass yet.
        is_met = float(np.abs(excess * rates / (scale * shares)).max()) < _MET
        rates, probs = rates + length * move, probs + length * prob_move
        slacks = slacks + length * slack_move
        if length > 0.9 and is_met:
            if aim * size <= problem.last:
                break
            aim = aim * _LESS
        elif length < 0.1:
            aim = 2.0 * aim
    return rates, probs, slacks, steps


def _polished(
    problem: Problem,
    log_rates: FloatArray,
    heavy: npt.NDArray[np.intp],
    log_masses_of_heavy: FloatArray,
    steps: int,
) -> Welfare:
    """Return the solution by Newton's method for log c and the log-masses of the heavy levels."""
    system = _System(problem, heavy)
    unknowns = np.concatenate([log_rates, log_masses_of_heavy])
    state = system.at(unknowns)
    before = np.inf
    for _ in range(_MOST_STEPS):
        move = _solution(state.matrix, -state.residual)
        size = float(np.abs(move).max())
        length = min(1.0, 2.0 / size) if size > 0 else 1.0
        for _ in range(_MOST_HALVINGS):
            after = system.at(unknowns + length * move)
            if after.is_inside:
                break
            length /= 2.0
        unknowns, state, steps = unknowns + length * move, after, steps + 1
        if size < 1e-13 or (size < 1e-9 and size >= before / 2):
            break
        before = size
    else:
        raise ArithmeticError(
            f"the voters' objective must have been climbed after {_MOST_STEPS} steps; got moves "
            f"of {size:.3g}: run the loop for many steps instead, and please report the law, the "
            "rule and lam"
        )
    return system.solution(unknowns, state, steps)


class _State(NamedTuple):
    residual: FloatArray
    matrix: FloatArray
    log_probs: FloatArray
    slacks: FloatArray
    is_inside: bool


class _System:
    """The equations for log c and the log-masses of the heavy levels, and their derivative."""

    def __init__(self, problem: Problem, heavy: npt.NDArray[np.intp]) -> None:
        self._problem, self._heavy = problem, heavy
        self._log_targets = problem.log_targets
        self._weights = np.exp(problem.log_weights)
        self._deficits: FloatArray | None = None

    def _set_top(self, log_probs: FloatArray) -> None:
        """Take all slacks from that of the level that is heaviest against p_ref.

        Differences of weights that are nearly tied keep their digits so.
        """
        excess = log_probs - self._problem.log_reference
        self._top = int(np.argmax(excess))
        log_weights = self._problem.log_weights
        top = log_weights[:, self._top, None]
        with np.errstate(invalid="ignore"):
            apart = log_weights - top
        # w_top - w, without cancellation whichever is larger.
        lower = np.exp(top) * -np.expm1(np.where(apart < 0, apart, 0.0))
        higher = np.exp(log_weights) * np.expm1(np.where(apart > 0, -apart, 0.0))
        self._deficits = np.where(apart > 0, higher, np.where(apart < 0, lower, 0.0))

    def at(self, unknowns: FloatArray) -> _State:
        problem, heavy, weights = self._problem, self._heavy, self._weights
        count = problem.shares.size
        rates, log_heavy = np.exp(unknowns[:count]), unknowns[count:]
        slacks = 1.0 - rates @ weights
        slack_heavy = np.exp(self._log_targets[heavy] - log_heavy)
        if self._deficits is not None:
            # The top level's own slack is known best from its mass.
            place = np.flatnonzero(heavy == self._top)
            its = slack_heavy[place[0]] if place.size else slacks[self._top]
            slacks = its + rates @ self._deficits
        own = slacks[heavy]
        if self._deficits is not None:
            at_top = 1.0 - rates @ weights[:, self._top] - slacks[self._top]
            own = own + at_top
        slacks = slacks.copy()
        slacks[heavy] = slack_heavy
        light = np.ones(slacks.size, dtype=bool)
        light[heavy] = False
        is_inside = bool((slacks[light] > 0).all())
        safe = np.where(slacks > 0, slacks, 1.0)
        log_probs = np.where(slacks > 0, self._log_targets - np.log(safe), -np.inf)
        log_probs[heavy] = log_heavy
        probs = np.exp(np.minimum(log_probs, 700.0))
        factors = rates / (problem.synthetic * problem.shares)
        taken = weights * probs
        balance = factors * taken.sum(axis=1) - 1.0
        matrix = np.zeros((count + heavy.size, count + heavy.size))
        moved = np.divide(probs, slacks, out=np.zeros(slacks.size), where=light & (slacks > 1e-200))
        matrix[:count, :count] = factors[:, None] * ((weights * moved) @ weights.T) * rates
        matrix[np.diag_indices(count)] += 1.0 + balance
        matrix[:count, count:] = factors[:, None] * taken[:, heavy]
        matrix[count:, :count] = -(weights[:, heavy] * rates[:, None]).T
        places = np.arange(count, count + heavy.size)
        matrix[places, places] = slack_heavy
        residual = np.concatenate([balance, own - slack_heavy])
        return _State(residual, matrix, log_probs, slacks, is_inside)

    def solution(self, unknowns: FloatArray, state: _State, steps: int) -> Welfare:
        """Return what was found, after a last step with all slacks from the top level's."""
        self._set_top(state.log_probs)
        for _ in range(3):
            state = self.at(unknowns)
            unknowns = unknowns - _solution(state.matrix, state.residual)
        state = self.at(unknowns)
        return Welfare(
            state.log_probs, log_masses(state.slacks), self._error(unknowns, state), steps
        )

    def _error(self, unknowns: FloatArray, state: _State) -> float:
        """Estimate the error of log p, from what rounding leaves of each equation."""
        count = self._problem.shares.size
        spread = np.abs(np.linalg.pinv(state.matrix)).sum(axis=1) * _NOISE
        log_rates, log_heavy = spread[:count], spread[count:]
        error = float(log_heavy.max(initial=0.0))
        light = np.ones(state.slacks.size, dtype=bool)
        light[self._heavy] = False
        if self._problem.real > 0.0 and light.any() and self._deficits is not None:
            rates = np.exp(unknowns[:count])[:, None]
            terms = rates * np.abs(self._deficits)
            moved = (log_rates + _NOISE) @ terms
            place = np.flatnonzero(self._heavy == self._top)
            if place.size:
                moved = moved + state.slacks[self._top] * (log_heavy[place[0]] + _NOISE)
            else:
                moved = moved + (log_rates + _NOISE) @ (rates[:, 0] * self._weights[:, self._top])
            error = max(error, float((moved[light] / state.slacks[light]).max()))
        largest = np.abs(state.log_probs[state.log_probs > -np.inf]).max()
        return error + _NOISE * (1.0 + float(largest))


def _room(values: FloatArray, moves: FloatArray) -> float:
    """Return how far along the moves the first value becomes zero; inf if none does."""
    falling = moves < 0
    return 1.0 / float((-moves[falling] / values[falling]).max()) if falling.any() else np.inf


def _solution(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """Return the solution, that of least norm where it is not unique; rows and columns scaled."""
    rows = np.abs(matrix).max(axis=1)
    rows[rows == 0.0] = 1.0
    scaled = matrix / rows[:, None]
    columns = np.abs(scaled).max(axis=0)
    columns[columns == 0.0] = 1.0
    found: FloatArray = np.linalg.lstsq(scaled / columns, right / rows, rcond=1e-14)[0]
    found /= columns
    return found
