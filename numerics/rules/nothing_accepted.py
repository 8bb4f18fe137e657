"""The error of a rule that can accept nothing of what a model makes, in some prompts or at all."""

from __future__ import annotations

from collections.abc import Sequence

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.text import shown


class NothingAcceptedError(ValueError):
    """Nothing that the model makes can be accepted.

    Attributes
    ----------
    may_drop : bool
        Whether the rule said ``none="drop"``: where others are left, the prompt is to be taken out.
    prompts : tuple of int
        Numbers of the law's prompts where it is so; none for a law without prompts.
    """

    def __init__(self, message: str, may_drop: bool, prompts: Sequence[int] = ()) -> None:
        super().__init__(message, may_drop, tuple(prompts))  # pickles make it again from these
        self._message, self.may_drop, self.prompts = message, may_drop, tuple(prompts)

    def __str__(self) -> str:
        return self._message


def nothing_accepted(
    what: str, may_drop: bool, prompts: Sequence[int], law: RewardLaw
) -> NothingAcceptedError:
    """Return the error for the prompts, by number, where nothing has mass and can be accepted."""
    where = "somewhere in each prompt" if law.prompt_index is not None else "somewhere"
    got = "nothing to accept" if not prompts else in_so_many(prompts, law)
    found = f"{what} must be above 0 {where} where the law has mass; got {got}"
    ways = "none='keep' leaves such a law as it is, none='drop' takes such a prompt out"
    if may_drop and not prompts:
        ways = "there is no other prompt to take its weight: none='keep' leaves it as it is"
    elif may_drop:
        ways = "none='drop' is for loops, which take such prompts out; none='keep' leaves them"
    return NothingAcceptedError(f"{found}: {ways}", may_drop, prompts)


def in_so_many(prompts: Sequence[int], law: RewardLaw) -> str:
    """Return in how many prompts, by number, there is nothing to accept, for an error."""
    names = law.prompt_names
    return (
        f"nothing to accept in {len(prompts):,} of {len(names):,} prompts, such as "
        f"{shown(names[prompts[0]])}"
    )
