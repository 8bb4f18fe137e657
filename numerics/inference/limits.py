"""A limit that a loop is to keep, and the values of λ and K among which one is looked for."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.text import listed, shown
from recurate.numerics.validation import finite_number, positive_number

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

Quantity = Literal["kl", "max_share", "min_share"]


@dataclass(frozen=True)
class Limit:
    """What is limited: `sign` times the quantity must be at most `sign` times `value`.

    Attributes
    ----------
    quantity : {"kl", "max_share", "min_share"}
        KL(p_t‖p_ref) from above, or a group's share from above or below.
    value : float
        The limit, in nats or a share.
    group : int or None
        Number of the group.
    """

    quantity: Quantity
    value: float
    group: int | None

    @classmethod
    def of(
        cls,
        law: RewardLaw,
        group: Hashable,
        max_kl: float | None,
        max_share: float | None,
        min_share: float | None,
    ) -> Limit:
        """Return the one limit that is given, or raise TypeError or ValueError."""
        limits: dict[Quantity, float | None] = {
            "kl": max_kl,
            "max_share": max_share,
            "min_share": min_share,
        }
        given = {name: value for name, value in limits.items() if value is not None}
        if len(given) != 1:
            raise TypeError(
                "exactly one of max_kl, max_share and min_share must be given; got "
                + (", ".join("max_kl" if name == "kl" else name for name in given) or "none")
            )
        ((quantity, value),) = given.items()
        if quantity == "kl":
            value = positive_number(value, "max_kl")
            if group is not None:
                raise TypeError("group goes with max_share or min_share; got max_kl")
            return cls(quantity, value, None)
        if not 0 <= finite_number(value, quantity) <= 1:
            raise ValueError(f"{quantity} must be from 0 to 1; got {value}")
        if not isinstance(group, Hashable) or group not in law.group_names:
            names = listed(law.group_names, 5) or "which has none"
            raise ValueError(f"group must be one of the law's ({names}); got {shown(group)}")
        return cls(quantity, float(value), law.group_names.index(group))

    @property
    def sign(self) -> float:
        """-1 for a limit from below."""
        return -1.0 if self.quantity == "min_share" else 1.0

    @property
    def is_monotone(self) -> bool:
        """Whether the quantity is taken to grow with t, λ and K."""
        return self.quantity == "kl"

    def excess(self, reached: float) -> float:
        """Return by how much a value is beyond the limit; a share is allowed its rounding."""
        excess = self.sign * (reached - self.value)
        return excess if self.is_monotone else excess - _ROUNDING

    def free_fraction(self, start: float) -> float:
        """Return a share of synthetic samples up to which no loop leaves the limit; 0 for KL.

        With the share a of them, p_t = (1 - a) p_ref + a q for some law q, at every t and at the
        fixed point. So a group's share is between (1 - a) `start` and (1 - a) `start` + a.
        """
        if self.is_monotone:
            return 0.0
        room = self.sign * (self.value - start)
        whole = start if self.quantity == "min_share" else 1.0 - start
        if room >= whole:
            return 1.0
        return room / whole if room > 0 else 0.0
