"""A loop and its trajectory in balls, with the float engine's names: for a user's own functions.

A function written for `CurationLoop` and `Trajectory` runs on these unchanged, if it keeps to
arithmetic and NumPy. Its numbers are `Ball`, not `flint.arb` itself: with an arb, ``float(x)`` and
``math.log(x)`` silently take the midpoint, and ``x > y`` is False where it is not known. Either
would turn a certificate into a guess, so a ball refuses both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import flint
import numpy as np

from recurate.numerics.curation import balls as certified
from recurate.numerics.loop import LARGEST_STEPS, CurationLoop
from recurate.numerics.schedules import Schedule
from recurate.numerics.validation import count
from recurate.paper_checks.runs.ball import Ball, NumberArray
from recurate.paper_checks.runs.certified_law import CertifiedLaw, balls
from recurate.paper_checks.runs.operands import arb_of
from recurate.paper_checks.runs.rules_in_balls import rule_trajectory

_GUARD = 32  # bits beyond those of the laws, for what a function does with them


class CertifiedLoop:
    """A curated retraining loop; attributes and `run` as those of `CurationLoop`, in balls.

    ``type(loop)(loop.law, K=loop.K + 1, lam=loop.lam)`` is the loop of one more candidate, here
    as there.

    Parameters
    ----------
    law : CertifiedLaw
        Law of the rewards under p_ref.
    K, rule, lam, retained, training
        As `CurationLoop` takes them. K and λ may be exact balls, and λ a Fraction.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range.
    """

    def __init__(
        self,
        law: CertifiedLaw,
        *,
        K: Any = None,
        rule: Any = None,
        lam: Any = None,
        retained: Any = None,
        training: Any = None,
    ) -> None:
        if not isinstance(law, CertifiedLaw):
            raise TypeError(f"law must be a CertifiedLaw; got {type(law).__name__}")
        self.law = law
        K, lam = _exact(K), _exact(lam)
        self.schedule = Schedule(K, rule, lam, retained, training)
        self.rule, self.retained = self.schedule.rule, self.schedule.retained
        self.training = self.schedule.training
        if not self.schedule.beyond:
            number: Any = self.schedule.K if K is None else K
            self.exact_K = math.inf if number == math.inf else int(number)
            self.exact_lam = lam

    @classmethod
    def of(cls, loop: CurationLoop, *, bits: int) -> CertifiedLoop:
        """Return the loop whose numbers are exactly the floats of another.

        Raises
        ------
        ValueError
            If its law stands for a density, which is not known from its floats, or has prompts.
        """
        grown = loop.training is not None
        return cls(
            CertifiedLaw.of(loop.law, bits=bits),
            rule=loop.rule,
            lam=None if grown else loop.schedule.lam,
            retained=None if grown else loop.retained,
            training=loop.training,
        )

    # Infinity stays a float, in which all that it meets is exact: 1/inf, 1 + inf.

    @property
    def K(self) -> Any:
        """Number of candidates; ValueError where `CurationLoop.K` raises it."""
        if self.schedule.beyond:
            raise self.schedule.refusal()
        return math.inf if self.exact_K == math.inf else Ball(self.exact_K)

    @property
    def lam(self) -> Any:
        """λ; ValueError where `CurationLoop.lam` raises it."""
        lam = self.schedule.lam
        if self.schedule.beyond == "training" or not isinstance(lam, float):
            raise self.schedule.refusal()
        return (
            math.inf if lam == math.inf else Ball(lam if self.schedule.beyond else self.exact_lam)
        )

    @property
    def real_fraction(self) -> Any:
        """Share of real data, 1/(1+λ)."""
        return 1 / (1 + self.lam)

    @property
    def synthetic_fraction(self) -> Any:
        """Share of curated samples, λ/(1+λ)."""
        return 1 - self.real_fraction

    def run(self, *, steps: int, initial: Any = None) -> CertifiedTrajectory:
        """Run the loop from p_ref, or from another start, as `CurationLoop.run` does."""
        steps = count(_exact(steps), "steps", LARGEST_STEPS)
        law = self.law
        start = None if initial is None else [arb_of(p) for p in initial]
        if self.schedule.beyond:
            laws = rule_trajectory(law, self.schedule, steps, start, bits=law.bits)
            return CertifiedTrajectory(law, [balls(probs) for probs in laws])
        laws = certified.trajectory(
            [w.arb for w in law.relative_weights], law.exact_probs, self.exact_K, self.exact_lam,
            steps, start, bits=law.bits,
        )  # fmt: skip
        return CertifiedTrajectory(law, [balls(probs) for probs in laws])


class CertifiedTrajectory:
    """The laws p_0, …, p_steps in balls; attributes as those of `Trajectory`, arrays of `Ball`.

    Parameters
    ----------
    law : CertifiedLaw
        The law of the rewards under p_ref.
    laws : list of ndarray of Ball, each of shape (n,)
        The laws.
    """

    def __init__(self, law: CertifiedLaw, laws: list[NumberArray]) -> None:
        self.law = law
        self._laws = laws

    @property
    def steps(self) -> int:
        """Number of retraining steps."""
        return len(self._laws) - 1

    def until(self, t: int) -> CertifiedTrajectory:
        """Return the trajectory of the first t steps."""
        return CertifiedTrajectory(self.law, self._laws[: t + 1])

    @cached_property
    def expected_weight(self) -> NumberArray:
        """Mean of the relative weight under p_t, shape (steps + 1,)."""
        return self._each(lambda p: p @ self.law.relative_weights)

    @cached_property
    def variance_weight(self) -> NumberArray:
        """Variance of the relative weight under p_t, shape (steps + 1,)."""
        w = self.law.relative_weights
        return self._each(lambda p: p @ (w - p @ w) ** 2)

    @cached_property
    def expected_reward(self) -> NumberArray:
        """Mean of the reward under p_t, shape (steps + 1,)."""
        return self._each(lambda p: p @ self.law.rewards)

    @cached_property
    def kl_to_reference(self) -> NumberArray:
        """KL(p_t‖p_ref) in nats, shape (steps + 1,)."""
        reference, bits = self.law.exact_probs, self.law.bits + _GUARD
        return self._each(
            lambda p: certified.kullback_leibler([x.arb for x in p], reference, bits=bits)
        )

    @cached_property
    def mass_at_max(self) -> NumberArray:
        """Mass of the largest reward under p_t, shape (steps + 1,)."""
        top = max(self.law.exact_rewards)
        at_max = [r == top for r in self.law.exact_rewards]
        return self._each(lambda p: p[at_max].sum())

    @cached_property
    def win_rate(self) -> NumberArray:
        """Probability that a sample of p_t has more reward than one of p_0, ties half."""
        rewards, start = self.law.exact_rewards, self._laws[0]
        beaten = [
            sum(p * Fraction((r > s) + (r >= s), 2) for p, s in zip(start, rewards, strict=True))
            for r in rewards
        ]
        return self._each(lambda p: p @ NumberArray.of(beaten))

    @property
    def group_proportions(self) -> NumberArray:
        """Mass of each group under p_t, shape (steps + 1, n_groups)."""
        numbers = range(len(self.law.group_names))
        return self._columns([[int(i == j) for i in self.law.group_index] for j in numbers])

    @property
    def expected_scores(self) -> NumberArray:
        """Mean of each score under p_t, shape (steps + 1, n_scores)."""
        return self._columns(list(self.law.scores.values()))

    def probs(self, t: int) -> NumberArray:
        """Return p_t, shape (n,)."""
        number = count(_exact(t), "t")
        if number > self.steps:
            raise ValueError(f"t must be an integer from 0 to {self.steps}; got {t}")
        return self._laws[number].copy()

    def log_probs(self, t: int) -> NumberArray:
        """Return log p_t, shape (n,)."""
        return _logs(self.probs(t))

    def log_density(self, t: int) -> NumberArray:
        """Return log(p_t/p_ref) in nats, shape (n,)."""
        return _logs(self.probs(t) / self.law.probs)

    def _each(self, figure: Callable[[NumberArray], Any]) -> NumberArray:
        # Dividing by the mass, one, would only widen the balls.
        return balls([figure(probs) for probs in self._laws])

    def _columns(self, columns: Sequence[Any]) -> NumberArray:
        """Return the means under p_t of columns, shape (steps + 1, number of them)."""
        means = np.empty((self.steps + 1, len(columns)), dtype=object)
        for number, column in enumerate(columns):
            means[:, number] = [probs @ column for probs in self._laws]
        return means.view(NumberArray)


def _logs(values: NumberArray) -> NumberArray:
    # Of an exact zero it is minus infinity, as in floating point.
    zero = flint.arb.neg_inf()
    return balls([zero if value.arb.is_zero() else value.arb.log() for value in values])


def certified_margins(
    margin: Callable[[Any, Any], Any], loop: CurationLoop, *, steps: int, bits: int = 128
) -> list[flint.arb]:
    """Balls that contain the true values of a function of a loop and its trajectory.

    Parameters
    ----------
    margin : callable
        Function of a loop and its trajectory, as `hunt` takes it.
    loop : CurationLoop
        Each of its floats stands for itself exactly.
    steps : int
        Number of steps.
    bits : int
        Precision.

    Returns
    -------
    list of flint.arb
        In the order of the function's flattened array.

    Raises
    ------
    TypeError
        If the function makes floats of the balls, or returns no balls.
    UndecidedError
        If it compares balls that overlap.

    Notes
    -----
    What the function computes of floats that it made itself (``math.log(2)``, ``int(loop.K) / 3``)
    is taken as exact.

    Examples
    --------
    >>> from recurate.numerics.laws.reward_law import RewardLaw
    >>> loop = CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=1.0)
    >>> for ball in certified_margins(
    ...     lambda loop, trajectory: np.diff(trajectory.expected_weight), loop, steps=2
    ... ):
    ...     print(ball.str(8, radius=False))
    0.036514219
    0.017769754
    """
    with flint.ctx.workprec(bits + _GUARD):
        certain = CertifiedLoop.of(loop, bits=bits)
        values = np.asarray(margin(certain, certain.run(steps=steps)), dtype=object).ravel()
        if values.size and not any(isinstance(value, Ball) for value in values):
            raise TypeError(
                f"margin must compute its result from the balls it is given; got "
                f"{type(values[0]).__name__}, which does not depend on them"
            )
        return [arb_of(value) for value in values]


def _exact(value: Any) -> Any:
    """Return an exact ball as a Fraction, or as an integer; anything else as it is."""
    if not isinstance(value, Ball):
        return value
    number = value.exact()
    return int(number) if number.denominator == 1 else number
