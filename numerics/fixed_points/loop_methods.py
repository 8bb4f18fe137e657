"""The methods of `CurationLoop` about fixed points: where it settles, and when it is near."""

from __future__ import annotations

from typing import Any

from recurate.numerics.fixed_points import of_paper_loop
from recurate.numerics.fixed_points.fixed_point import FixedPoint
from recurate.numerics.fixed_points.of_rules import all_found, by_kind
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.schedules import Schedule
from recurate.numerics.validation import count, positive_number

MOST_STEPS = 10**7
"""Largest number of steps that a loop runs."""


class FixedPointMethods:
    """Base of `CurationLoop`: its fixed points, and the number of steps that leads near them."""

    law: RewardLaw
    schedule: Schedule
    _K: float | None  # of the paper's loop

    def fixed_point(self, *, compress: bool | None = None) -> FixedPoint:
        """Return the law that a step leaves unchanged, which the loop from p_ref approaches.

        For K=… and 0 < λ < inf, K >= 2, it is the only such law with mass wherever p_ref has some.
        For the pure loop it is p_ref conditioned on the largest reward; without a loop or a choice
        it is p_ref. With prompts it is that within each of them. For a law with a density, some of
        its mass may have no density (``condensed_mass``); for the pure loop all is at the top.

        Parameters
        ----------
        compress : bool, optional
            Whether to solve on a compressed law, as for `run`; by default from 8,000 rewards. That
            of the pure loop is always taken from all rewards.

        Returns
        -------
        FixedPoint

        Raises
        ------
        ArithmeticError
            If it cannot be found to full accuracy; the message states the distance that remained
            (and the prompt). A `CyclingError` if the loop of another rule does not settle.
        CompressionError
            If `compress` is True and the tolerance is not reached.
        TypeError, ValueError
            If `compress` is not valid, or is True and the law has prompts, a density or rewards of
            probability zero, or the rule is not one Bradley–Terry voter's; or if the loop changes
            with t.

        Warns
        -----
        RuntimeWarning
            If a law is compressed by default and the tolerance is not reached; it states the error
            that was reached.

        Notes
        -----
        Derived in ``docs/fixed_points.md``.

        Examples
        --------
        Weights 1 and 2, a third of the data at 2, best of two, two synthetic samples per real one.

        >>> import math
        >>> from recurate import CurationLoop, RewardLaw
        >>> law = RewardLaw([0.0, math.log(2.0)], [2 / 3, 1 / 3])
        >>> CurationLoop(law, K=2, lam=2.0).fixed_point().probs.round(12).tolist()
        [0.5, 0.5]
        """
        if self._K is None:
            return by_kind.find(self.law, self.schedule, compress)
        return of_paper_loop.find(self.law, self._K, self.schedule.lam, compress)

    def fixed_points(self, starts: Any = None, *, rng: Any = None) -> list[FixedPoint]:
        """Return all laws that a step leaves unchanged, as far as they are found.

        Where one is known to be the only one, or the loop from p_ref is known to climb to it, it is
        that of `fixed_point`. Else Newton's method starts at several laws, and at what the loop
        makes of each in 64 steps. There may be others.

        Parameters
        ----------
        starts : sequence of array_like, shape (n,), optional
            Probabilities at which to start, beside p_ref. By default 16 laws with most of their
            mass on one level of reward, the heaviest ones, and 16 laws drawn at random.
        rng : None, int or numpy.random.Generator
            For the random laws.

        Returns
        -------
        list of FixedPoint
            Distinct by 1e-8 in total variation; the one that the loop from p_ref reaches comes
            first, if it reaches one. Each has its `spectral_radius` (for a law without a density,
            of at most 20,000 levels), and `is_unique`.

        Raises
        ------
        TypeError, ValueError
            If a start is no law, the law has prompts, or the loop changes with t.

        Examples
        --------
        A majority among three candidates of two kinds: from a half each stays as it is, but the
        least difference grows.

        >>> import numpy as np
        >>> from recurate import CurationLoop, RewardLaw
        >>> from recurate.rules import Rule
        >>> class Majority(Rule):
        ...     most_candidates = 3
        ...
        ...     def log_ratio(self, law, log_probs):
        ...         return np.log(np.exp(log_probs) * (3 - 2 * np.exp(log_probs)))
        >>> loop = CurationLoop(RewardLaw([0.0, 1.0]), rule=Majority(), lam=8.0)
        >>> for found in sorted(loop.fixed_points(rng=0), key=lambda one: one.probs[0]):
        ...     print(found.probs.round(4).tolist(), round(found.spectral_radius, 4))
        [0.067, 0.933] 0.3333
        [0.5, 0.5] 1.3333
        [0.933, 0.067] 0.3333
        """
        return all_found.find_all(self.law, self.schedule, starts, rng)

    def steps_to_fixed_point(
        self, limit: FixedPoint, *, within: float = 0.01, most: int = 1000
    ) -> int | None:
        """Return the first step at which the loop from p_ref is near its fixed point.

        Parameters
        ----------
        limit : FixedPoint
            The loop's fixed point, as `fixed_point` returns it.
        within : float
            Largest distance, in total variation: no event's probability differs by more. With
            prompts it is that of the joint law, the mean of the prompts' distances.
        most : int
            Number of steps after which to give up, at least 0.

        Returns
        -------
        int or None
            None if `most` steps are not enough.

        Raises
        ------
        TypeError, ValueError
            If `within` or `most` is out of range, or `limit` is that of a loop on another law.

        Examples
        --------
        >>> from recurate import CurationLoop, RewardLaw
        >>> loop = CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=1.0)
        >>> loop.steps_to_fixed_point(loop.fixed_point())
        4
        """
        if not isinstance(limit, FixedPoint):
            raise TypeError(f"limit must be a FixedPoint; got {type(limit).__name__}")
        law = self.law
        if self._K is None and law.prompt_index is not None:
            by_kind.constants(self.schedule)
            law = by_kind.law_of(law, self.schedule)
        if limit.law is not self.law and (law is self.law or limit.law.size != law.size):
            raise ValueError(
                f"limit must be that of a loop on this law, {self.law!r}; got one on {limit.law!r}"
            )
        if positive_number(within, "within") > 1:
            raise ValueError(f"within must be above 0 and at most 1; got {within}")
        most = count(most, "most", MOST_STEPS)
        if self._K is None:
            return by_kind.steps_near(self.law, self.schedule, limit, within, most)
        return of_paper_loop.steps_near(self.law, self._K, self.schedule.lam, limit, within, most)
