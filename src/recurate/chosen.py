"""A choice of K or λ, with the loop that was chosen: it is run once for all that tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from recurate.any_choice import any_choice
from recurate.numerics.fixed_points.fixed_point import FixedPoint
from recurate.numerics.inference.choice import Choice
from recurate.numerics.inference.limits import Limit
from recurate.numerics.loop import CurationLoop
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray
from recurate.reading.table import RewardTable

STEPS = 20
"""Steps that are shown of a loop that is to keep its limit for ever."""


@dataclass(frozen=True)
class Chosen:
    """What was chosen for a table.

    Attributes
    ----------
    table : RewardTable
        What was read.
    group : str or None
        The group whose share is limited, as it was named; None for a limit of KL.
    choice : Choice
        What was chosen.
    is_worst_case : bool
        Whether the limit is to hold whatever people choose.
    """

    table: RewardTable
    group: str | None
    choice: Choice
    is_worst_case: bool = False

    @cached_property
    def loop(self) -> CurationLoop:
        """The loop that was chosen."""
        return self.choice.loop(self.table.law)

    @cached_property
    def limit(self) -> Limit:
        """What it is to keep."""
        law, choice = self.table.law, self.choice
        label = next((label for label in law.group_names if str(label) == self.group), None)
        names = ("kl", "max_share", "min_share")
        kl, most, least = (choice.limit if choice.quantity == name else None for name in names)
        return Limit.of(law, label, kl, most, least)

    @cached_property
    def run(self) -> Trajectory:
        """Its run, for as long as the limit is to hold; `STEPS` steps if that is for ever."""
        return self.loop.run(steps=STEPS if self.choice.steps is None else self.choice.steps)

    @cached_property
    def end(self) -> FixedPoint | None:
        """Its fixed point, if the limit is to hold for ever."""
        return self.loop.fixed_point() if self.choice.steps is None else None

    @property
    def expected_reward(self) -> float:
        """The expected reward at the fixed point, or after the last step that counts."""
        return float(self.run.expected_reward[-1] if self.end is None else self.end.expected_reward)

    @cached_property
    def worst(self) -> tuple[FloatArray, float | None]:
        """What is limited, if people choose as badly as they can: at each t, and for ever."""
        if self.limit.group is None:
            ends = any_choice(self.loop, self.run.steps, ()).ends
            return ends.divergence, ends.divergence_for_ever
        ends = any_choice(self.loop, self.run.steps, (self.limit.group,)).ends
        shares, for_ever = (
            (ends.ceiling, ends.ceiling_for_ever)
            if self.limit.sign > 0
            else (ends.floor, ends.floor_for_ever)
        )
        return shares[:, 0], None if for_ever is None else float(for_ever[0])
