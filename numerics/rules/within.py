"""Rules within the prompts of a law: one prompt at a time, or those with equally many atoms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from recurate.numerics.laws.of_prompts import arguments_of_prompt, rows_by_prompt
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.log_sums import sums_of_masses
from recurate.numerics.rules.nothing_accepted import NothingAcceptedError, in_so_many
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


def prompt_by_prompt(rule: Rule, law: RewardLaw) -> Callable[[FloatArray], FloatArray]:
    """Return a rule on a law with prompts, from log p given the prompt, one after the other.

    The function raises NothingAcceptedError with all prompts at which the rule does.
    """
    ratios = [(rows, rule.prepared(of_prompt)) for rows, of_prompt in laws_of_prompts(law)]

    def log_ratio(log_probs: FloatArray) -> FloatArray:
        found = np.empty(law.size)
        refused: dict[int, NothingAcceptedError] = {}
        for number, (rows, ratio) in enumerate(ratios):
            try:
                of_prompt = ratio(log_probs[rows])
            except NothingAcceptedError as error:
                refused[number] = error
                continue
            where = f" at prompt {shown(law.prompt_names[number])}"
            found[rows] = one_of_each(of_prompt, log_ratio_of(rule), rows.shape, where)
        if refused:
            first = next(iter(refused.values()))
            message = f"{in_so_many(list(refused), law)}: {first}"
            raise NothingAcceptedError(message, first.may_drop, list(refused))
        return found

    return log_ratio


def laws_of_prompts(law: RewardLaw) -> list[tuple[IntArray, RewardLaw]]:
    """Return the numbers of the atoms of each prompt, and their law."""
    return [
        (rows, RewardLaw(**arguments_of_prompt(law, number, rows)))
        for number, rows in enumerate(rows_by_prompt(law))
    ]


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
