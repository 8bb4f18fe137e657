"""Rules within the prompts of a law: where nothing can be accepted, and one prompt at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from recurate.numerics.laws.of_prompts import arguments_of_prompt, rows_by_prompt
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.log_sums import sums_of_masses
from recurate.numerics.text import shown
from recurate.numerics.validation import (
    SUM_TOLERANCE,
    FloatArray,
    float_vector,
    real_numbers,
    require_at_each,
    require_length,
)

if TYPE_CHECKING:
    from recurate.numerics.rules.rule import Rule


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


def prompt_by_prompt(rule: Rule, law: RewardLaw) -> Callable[[FloatArray], FloatArray]:
    """Return a rule on a law with prompts, from log p given the prompt, one after the other.

    The function raises NothingAcceptedError with all prompts at which the rule does.
    """
    all_rows = rows_by_prompt(law)
    ratios = [
        rule.prepared(RewardLaw(**arguments_of_prompt(law, number, rows)))
        for number, rows in enumerate(all_rows)
    ]

    def log_ratio(log_probs: FloatArray) -> FloatArray:
        found = np.empty(law.size)
        refused: dict[int, NothingAcceptedError] = {}
        for number, (rows, ratio) in enumerate(zip(all_rows, ratios, strict=True)):
            try:
                of_prompt = ratio(log_probs[rows])
            except NothingAcceptedError as error:
                refused[number] = error
                continue
            where = f" at prompt {shown(law.prompt_names[number])}"
            found[rows] = one_of_each(of_prompt, log_ratio_of(rule), rows.shape, where)
        if refused:
            first = next(iter(refused.values()))
            message = f"{_counted(list(refused), law)}: {first}"
            raise NothingAcceptedError(message, first.may_drop, list(refused))
        return found

    return log_ratio


def log_ratio_of(rule: Rule) -> str:
    """Return what a rule gives by its name, for errors."""
    return f"log_ratio of {type(rule).__name__}"


def one_of_each(found: Any, what: str, shape: tuple[int, ...], where: str = "") -> FloatArray:
    """Return what a rule gives as an array; raise unless it is one number for each entry.

    Raises
    ------
    TypeError, ValueError
        If it is not; the message says `where`.
    """
    log_ratio = np.asarray(real_numbers(found, what), dtype=np.float64)
    if log_ratio.shape != shape:
        raise ValueError(
            f"{what} must have one number for each entry of log_probs, shape {shape}; got shape "
            f"{log_ratio.shape}{where}"
        )
    return log_ratio


def stacks(index: IntArray) -> Iterator[IntArray]:
    """Yield the atoms of the prompts with equally many: numbers of shape (prompts, atoms).

    Parameters
    ----------
    index : ndarray of int, shape (n,)
        Each atom's prompt.
    """
    order = np.argsort(index, kind="stable")
    for rows in stacked_places(np.bincount(index)):
        yield order[rows]


def stacked_places(counts: IntArray) -> Iterator[IntArray]:
    """Yield the places of runs of equal length, shape (runs, length), of runs one after another."""
    begins = np.cumsum(counts) - counts
    for count in np.unique(counts[counts > 0]):
        yield begins[counts == count, None] + np.arange(count)


def conditional_log_probs(values: Any, name: str, law: RewardLaw) -> FloatArray:
    """Return log-probabilities given the prompt, shape (n,), normalised within each.

    Raises
    ------
    TypeError, ValueError
        If they are not the logarithms of one probability for each atom, of sum one at each prompt.
    """
    log_probs = float_vector(values, name)
    require_length(log_probs.size, name, law.size)
    require_at_each(log_probs < np.inf, log_probs, f"{name} must be finite or -inf")
    prompt = law.prompt_of_atoms
    with np.errstate(over="ignore"):
        masses = sums_of_masses(prompt, np.exp(log_probs), law.prompt_probs.size)
    wrong = ~(np.abs(masses - 1.0) <= SUM_TOLERANCE)
    if wrong.any():
        z = int(np.argmax(wrong))
        is_joint = abs(masses.sum() - 1.0) <= SUM_TOLERANCE
        hint = " (law.probs / law.prompt_probs[law.prompt_index] are those given the prompt)"
        raise ValueError(
            f"exp({name}) must sum to 1 within {SUM_TOLERANCE:g} at each prompt; got a sum of "
            f"{masses[z]:.15g} at {shown(law.prompt_names[z])}{hint if is_joint else ''}"
        )
    conditional: FloatArray = log_probs - np.log(masses)[prompt]
    return conditional


def nothing_accepted(
    what: str, may_drop: bool, prompts: Sequence[int], law: RewardLaw
) -> NothingAcceptedError:
    """Return the error for the prompts, by number, where nothing has mass and can be accepted."""
    where = "somewhere in each prompt" if law.prompt_index is not None else "somewhere"
    got = "nothing to accept" if not prompts else _counted(prompts, law)
    found = f"{what} must be above 0 {where} where the law has mass; got {got}"
    ways = "none='keep' leaves such a law as it is, none='drop' takes such a prompt out"
    if may_drop and not prompts:
        ways = "there is no other prompt to take its weight: none='keep' leaves it as it is"
    elif may_drop:
        ways = "none='drop' is for loops, which take such prompts out; none='keep' leaves them"
    return NothingAcceptedError(f"{found}: {ways}", may_drop, prompts)


def _counted(prompts: Sequence[int], law: RewardLaw) -> str:
    names = law.prompt_names
    return (
        f"nothing to accept in {len(prompts):,} of {len(names):,} prompts, such as "
        f"{shown(names[prompts[0]])}"
    )
