"""A limit that a loop is to keep, and the values of λ and K among which one is looked for."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from recurate.numerics.fixed_points.fixed_point import FixedPoint
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.text import listed, shown
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray, finite_number, positive_number

HORIZON = 64
"""Without a number of steps, this many are checked, and then the fixed point."""

LARGEST_HORIZON = 10**5
"""Most steps for which a limit can be asked for: each of some dozen loops runs as long."""

LONG_HORIZON = 1024
"""For shares, steps that are checked if `HORIZON` is too few: a share may rise before it falls."""

LEAST_MIXING = 1e-6
"""Smallest λ that is tried."""

MIXINGS = [LEAST_MIXING * 10.0 ** (j / 2) for j in range(25)]
"""Values of λ that are tried before λ = inf."""

CANDIDATES: list[int] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, *(4**j for j in range(3, 11))]
"""Values of K that are tried before K = inf. Far up they are as far apart as those of λ."""

_ROUNDING = 1e-13  # of a share that stays where it is

Quantity = Literal["kl", "max_share", "min_share", "max_score", "min_score"]


@dataclass(frozen=True)
class Limit:
    """What is limited: `sign` times the quantity must be at most `sign` times `value`.

    Attributes
    ----------
    quantity : {"kl", "max_share", "min_share", "max_score", "min_score"}
        KL(p_t‖p_ref) from above, or a group's share, or a score's mean, from above or below.
    value : float
        The limit, in nats, a share, or in the score's unit.
    group : int or None
        Number of the group.
    score : int or None
        Number of the score.
    ends : (float, float)
        What the quantity is between.
    is_everywhere : bool
        Whether every atom has it; some atoms may have no score.
    """

    quantity: Quantity
    value: float
    group: int | None
    score: int | None = None
    ends: tuple[float, float] = (0.0, 1.0)
    is_everywhere: bool = True

    @classmethod
    def of(
        cls,
        law: RewardLaw,
        group: Hashable,
        max_kl: float | None,
        max_share: float | None,
        min_share: float | None,
        score: str | None = None,
        max_score: float | None = None,
        min_score: float | None = None,
    ) -> Limit:
        """Return the one limit that is given, or raise TypeError or ValueError."""
        limits: dict[Quantity, float | None] = {
            "kl": max_kl,
            "max_share": max_share,
            "min_share": min_share,
            "max_score": max_score,
            "min_score": min_score,
        }
        given = {name: value for name, value in limits.items() if value is not None}
        if len(given) != 1:
            raise TypeError(
                "exactly one of max_kl, max_share, min_share, max_score and min_score must be "
                "given; got "
                + (", ".join("max_kl" if name == "kl" else name for name in given) or "none")
            )
        ((quantity, value),) = given.items()
        for name, of, what in (("group", group, "share"), ("score", score, "score")):
            if of is not None and not quantity.endswith(what):
                got = "max_kl" if quantity == "kl" else quantity
                raise TypeError(f"{name} goes with max_{what} or min_{what}; got {got}")
        if quantity == "kl":
            return cls(quantity, positive_number(value, "max_kl"), None)
        value = finite_number(value, quantity)
        if quantity.endswith("score"):
            return cls(quantity, value, None, *_score_of(law, score))
        if not 0 <= value <= 1:
            raise ValueError(f"{quantity} must be from 0 to 1; got {value}")
        if not isinstance(group, Hashable) or group not in law.group_names:
            names = listed(law.group_names, 5) or "which has none"
            raise ValueError(f"group must be one of the law's ({names}); got {shown(group)}")
        return cls(quantity, float(value), law.group_names.index(group))

    @property
    def sign(self) -> float:
        """-1 for a limit from below."""
        return -1.0 if self.quantity.startswith("min") else 1.0

    @property
    def is_monotone(self) -> bool:
        """Whether the quantity is taken to grow with t, λ and K."""
        return self.quantity == "kl"

    def excess(self, reached: float) -> float:
        """Return by how much a value is beyond the limit; a share is allowed its rounding."""
        excess = self.sign * (reached - self.value)
        return excess if self.is_monotone else excess - self.rounding(_ROUNDING)

    def rounding(self, of_a_share: float) -> float:
        """Return the allowance for rounding, from that for a share: in units of the range."""
        return of_a_share * (self.ends[1] - self.ends[0])

    def free_fraction(self, start: float) -> float:
        """Return a share of synthetic samples up to which no loop leaves the limit; 0 for KL.

        With the share a of them, p_t = (1 - a) p_ref + a q for some law q, at every t and at the
        fixed point. So a group's share is between (1 - a) `start` and (1 - a) `start` + a, and
        likewise a score that every atom has, in units of its range.
        """
        if self.is_monotone or not self.is_everywhere:
            return 0.0
        room = self.sign * (self.value - start)
        whole = start - self.ends[0] if self.sign < 0 else self.ends[1] - start
        if room >= whole:
            return 1.0
        return room / whole if room > 0 else 0.0

    def values(self, trajectory: Trajectory) -> FloatArray:
        """Return the limited quantity at each step, shape (steps + 1,).

        A score has no mean where no mass has a value; that is within every limit.
        """
        if self.score is not None:
            means = trajectory.expected_scores[:, self.score]
            return np.where(np.isnan(means), -self.sign * np.inf, means)
        if self.group is not None:
            shares: FloatArray = trajectory.group_proportions[:, self.group]
            return shares
        return trajectory.kl_to_reference

    def value_at(self, limit: FixedPoint) -> float:
        """Return the limited quantity at a fixed point, as `values`."""
        if self.score is not None:
            mean = float(limit.expected_scores[self.score])
            return -self.sign * math.inf if math.isnan(mean) else mean
        if self.group is not None:
            return float(limit.group_proportions[self.group])
        return limit.kl_to_reference


def _score_of(law: RewardLaw, score: str | None) -> tuple[int, tuple[float, float], bool]:
    """Return the number of a score, its ends, and whether every atom has it."""
    if not isinstance(score, str) or score not in law.score_names:
        names = listed(law.score_names, 5) or "which has none"
        raise ValueError(f"score must be one of the law's ({names}); got {shown(score)}")
    values = law.scores[score][law.probs > 0]
    ends = float(np.nanmin(values)), float(np.nanmax(values))
    return law.score_names.index(score), ends, not np.isnan(values).any()
