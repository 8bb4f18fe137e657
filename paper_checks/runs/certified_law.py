"""A reward law in balls, with the names that it has in floating point."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from recurate.numerics.curation import balls as certified
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.paper_checks.runs.ball import Ball, NumberArray


class CertifiedLaw:
    """A reward law of exact numbers; attributes as those of `RewardLaw`, in balls.

    Parameters
    ----------
    rewards, probs : sequences of numbers, length n
        Each number stands for itself exactly; probabilities, all positive, are divided by their
        sum.
    bits : int
        Precision of all that is computed from the law.
    scores : mapping, optional
        Further columns of numbers, each of length n, by their names.
    group_index, group_names : ndarray of int, shape (n,), and tuple
        As those of a `RewardLaw`.

    Raises
    ------
    ValueError
        If a probability is not positive.
    """

    def __init__(
        self,
        rewards: Sequence[float],
        probs: Sequence[float],
        *,
        bits: int,
        scores: Mapping[str, Sequence[float]] | None = None,
        group_index: Any = None,
        group_names: tuple[Any, ...] = (),
    ) -> None:
        self.bits = bits
        self.group_index, self.group_names = group_index, group_names
        self._scores = scores or {}
        self.exact_rewards = [Fraction(r) for r in rewards]
        masses = [Fraction(p) for p in probs]
        if min(masses) <= 0:
            raise ValueError(f"probs must be positive; got {float(min(masses))}")
        self.exact_probs = [mass / sum(masses) for mass in masses]
        self.size = len(masses)

    @classmethod
    def of(cls, law: RewardLaw, *, bits: int) -> CertifiedLaw:
        """Return the law whose numbers are exactly the floats of another.

        Raises
        ------
        ValueError
            If it stands for a density, which is not known from its floats, or has prompts.
        """
        law.require_no_prompts("a certified loop")
        if law.is_continuous:
            raise ValueError(f"loop must be on a finite law to be certified; got {law!r}")
        return cls(
            law.rewards.tolist(),
            law.probs.tolist(),
            bits=bits,
            scores={name: column.tolist() for name, column in law.scores.items()},
            group_index=law.group_index,
            group_names=law.group_names,
        )

    @property
    def score_names(self) -> tuple[str, ...]:
        """Names of the scores."""
        return tuple(self._scores)

    @cached_property
    def scores(self) -> dict[str, NumberArray]:
        """Scores, each of shape (n,)."""
        return {name: balls(self.exact_column(name)) for name in self._scores}

    def exact_column(self, by: str | None) -> list[Fraction]:
        """Return the rewards, or a score by its name, length n, exactly.

        Raises
        ------
        ValueError
            If the score has no value at some atom.
        """
        if by is None:
            return self.exact_rewards
        column = self._scores[by]
        if any(math.isnan(value) for value in column):
            raise ValueError(f"scores[{by!r}] must have a value at every atom to be certified")
        return [Fraction(value) for value in column]

    @cached_property
    def rewards(self) -> NumberArray:
        """Rewards, shape (n,)."""
        return balls(self.exact_rewards)

    @cached_property
    def probs(self) -> NumberArray:
        """Probabilities under p_ref, shape (n,)."""
        return balls(self.exact_probs)

    @property
    def max_reward(self) -> Ball:
        """Largest reward."""
        return Ball(max(self.exact_rewards))

    @cached_property
    def relative_weights(self) -> NumberArray:
        """Relative weights e^{r - r_max}, shape (n,)."""
        return balls(certified.weights_of(self.exact_rewards, bits=self.bits))


def balls(values: Sequence[Any]) -> NumberArray:
    """Return an array of balls, shape (n,), that contain these numbers."""
    return NumberArray.of(map(Ball, values))
