"""Whether winners agree with the theory within prompts: a p-value that is a proved bound.

Given how many choices each prompt had, the counts of its answers are multinomial, independently of
the other prompts'. ``docs/testing.md`` derives what follows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from recurate.numerics.agreement.concave import maximum
from recurate.numerics.agreement.verdict import Verdict, compared, counted, furthest
from recurate.numerics.agreement.winners import (
    MOST_OUTCOMES,
    TIE,
    all_outcomes,
    log_g_p_value,
    log_multinomial,
)
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.sampling.segments import cumulative_within
from recurate.numerics.text import shown
from recurate.numerics.validation import FloatArray

_LARGEST_LOG_RATIO = 50.0
_ROUNDING = 1e-12
_LARGEST_TILT = 700.0  # e^700 is a double


def winners_by_prompt_verdict(
    counts: npt.NDArray[np.integer], probs: FloatArray, pooled: FloatArray, law: RewardLaw
) -> Verdict:
    """Test counts of independent winners against their law within prompts.

    Parameters
    ----------
    counts : ndarray of int, shape (n,)
        How often each atom won.
    probs : ndarray, shape (n,)
        The law of one winner; only its ratios within a prompt matter.
    pooled : ndarray, shape (n,)
        The law of a winner among candidates of all prompts, the likeliest mistake: it is looked at.
    law : RewardLaw
        The law with the prompts.

    Returns
    -------
    Verdict
        Null hypothesis: given the number of choices of each prompt, the counts of its answers are
        multinomial, independent of other prompts'. With at most `MOST_OUTCOMES` outcomes the test
        is exact. Otherwise the smallest of three p-values counts, times three: Chernoff's bounds
        for sums over all choices; exact binomial tails of each answer and of a prompt's answers
        from a reward upwards; and the sum of the prompts' G statistics, with Agrawal's bound.
    """
    gone = np.bincount(law.prompt_of_atoms, weights=probs) == 0
    if (counts[gone[law.prompt_of_atoms]] > 0).any():
        name = shown(law.prompt_names[int(np.argmax(gone))])
        null = f"{counts.sum():,} independent winners, none of the prompts that are taken out"
        return Verdict(0.0, null, f"there are winners of prompts such as {name}, expected none")
    table = _Table.of(counts, probs, law)
    number = table.numbers.size
    within = "1 prompt" if number == 1 else f"each of {number:,} prompts"
    null = f"{table.numbers.sum():,} independent winners, multinomial within {within}"
    sums = [look for values, text in table.sums(pooled) if (look := table.look(values, text))]
    tails = table.least_tail()
    looks = [*sums, tails]
    first = looks[furthest([-look.log_p_value for look in looks])]
    if table.is_enumerated:
        return Verdict(table.exact_p_value(), null, first.departure)
    freedom = int((table.probs > 0).sum()) - table.numbers.size
    log_g = log_g_p_value(table.counts, table.numbers[table.prompt] * table.probs, freedom)
    log_sums = min((look.log_p_value for look in sums), default=0.0) + math.log(max(1, len(sums)))
    log_p_value = math.log(3) + min(log_sums, tails.log_p_value, log_g)
    return Verdict(math.exp(min(0.0, log_p_value)), null, first.departure)


class _Look(NamedTuple):
    """The logarithm of a p-value, and a departure in words."""

    log_p_value: float
    departure: str


@dataclass(frozen=True, eq=False)
class _Table:
    """Counts of the answers to the prompts that had choices, best first in each prompt.

    Attributes
    ----------
    law : RewardLaw
        The law with the prompts.
    atoms : ndarray of int, shape (m,)
        Their numbers in the law.
    counts : ndarray of int, shape (m,)
        How often each won.
    probs : ndarray, shape (m,)
        The law of a winner given its prompt.
    starts : ndarray of int, shape (prompts + 1,)
        Where each prompt begins, and the end of the last.
    """

    law: RewardLaw
    atoms: IntArray
    counts: npt.NDArray[np.integer]
    probs: FloatArray
    starts: IntArray

    @classmethod
    def of(cls, counts: npt.NDArray[np.integer], probs: FloatArray, law: RewardLaw) -> _Table:
        prompt = law.prompt_of_atoms
        numbers = np.bincount(prompt, weights=counts)
        masses = np.bincount(prompt, weights=probs)
        atoms = np.lexsort((-law.rewards, prompt))
        atoms = atoms[numbers[prompt[atoms]] > 0]
        found = prompt[atoms]
        starts = np.flatnonzero(np.concatenate([[True], np.diff(found) > 0, [True]]))
        return cls(law, atoms, counts[atoms], probs[atoms] / masses[found], starts)

    @cached_property
    def numbers(self) -> npt.NDArray[np.integer]:
        """Number of choices of each prompt."""
        return np.add.reduceat(self.counts, self.starts[:-1])

    @cached_property
    def prompt(self) -> IntArray:
        """Each atom's prompt, counted among those with choices."""
        return np.repeat(np.arange(self.numbers.size), np.diff(self.starts))

    @cached_property
    def is_enumerated(self) -> bool:
        """Whether there are few enough outcomes to go through."""
        outcomes = 1
        for number, size in zip(self.numbers.tolist(), np.diff(self.starts).tolist(), strict=True):
            if size >= 50 or (outcomes := outcomes * math.comb(number + size - 1, size - 1)) > (
                MOST_OUTCOMES
            ):
                return False
        return True

    def exact_p_value(self) -> float:
        """Return the probability of all outcomes at most as likely as the one found."""
        parts = [slice(a, b) for a, b in zip(self.starts[:-1], self.starts[1:], strict=True)]
        likelihoods = [
            log_multinomial(all_outcomes(int(number), part.stop - part.start), self.probs[part])
            for number, part in zip(self.numbers, parts, strict=True)
        ]
        found = sum(log_multinomial(self.counts[None, p], self.probs[p])[0] for p in parts)
        # One axis at a time: prompts with one answer may be more than the axes of an array.
        every = reduce(lambda some, more: np.add.outer(some, more).ravel(), likelihoods)
        return float(min(1.0, np.exp(every[every <= found + TIE]).sum()))

    def sums(self, pooled: FloatArray) -> Iterator[tuple[FloatArray, str]]:
        """Yield what is summed over all choices, a value for each atom, and what it is."""
        rewards = self.law.rewards[self.atoms]
        yield (
            rewards - rewards[self.starts[:-1]][self.prompt],
            "reward relative to its prompt's best",
        )
        place = np.arange(rewards.size) - self.starts[:-1][self.prompt]
        is_level = (place == 0) | (np.diff(rewards, prepend=math.nan) != 0)
        higher = place[np.maximum.accumulate(np.where(is_level, np.arange(rewards.size), 0))]
        for g in 2 ** np.arange(int(place.max()).bit_length()):
            share = "share of winners among " + (
                "the best answers" if g == 1 else f"the {g} best answers"
            )
            yield (higher < g).astype(np.float64), f"{share} to their prompt"
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.log(pooled[self.atoms] / self.probs)
            ratio -= np.log(np.add.reduceat(pooled[self.atoms], self.starts[:-1]))[self.prompt]
        yield (
            np.clip(np.nan_to_num(ratio), -_LARGEST_LOG_RATIO, _LARGEST_LOG_RATIO),
            "log-ratio in favour of candidates drawn from all prompts",
        )

    def look(self, values: FloatArray, text: str) -> _Look | None:
        """Return a look at the sum of these values over the winners; None if it is certain."""
        probs, prompt, starts = self.probs, self.prompt, self.starts[:-1]
        mean = np.add.reduceat(probs * values, starts)
        centred = values - mean[prompt]
        number = int(self.numbers.sum())
        variance = float(self.numbers[prompt] @ (probs * centred**2)) / number
        if variance <= _ROUNDING**2:  # of log-ratios that are all one, say
            return None
        # In units of the standard deviation of one choice.
        centred /= math.sqrt(variance)
        total = float(self.counts @ centred)
        possible = np.where(self.probs > 0, centred, 0.0)

        def at(tilt: float) -> tuple[float, FloatArray]:
            exponents = np.where(self.probs > 0, tilt * possible, -np.inf)
            peak = np.maximum.reduceat(exponents, starts)
            weights = probs * np.exp(exponents - peak[prompt])
            masses = np.add.reduceat(weights, starts)
            return float(self.numbers @ (peak + np.log(masses))), weights / masses[prompt]

        def slope(tilt: float) -> tuple[float, float]:
            tilted = at(tilt)[1]
            means = np.add.reduceat(tilted * centred, starts)
            spread = float(self.numbers[prompt] @ (tilted * (centred - means[prompt]) ** 2))
            return total - float(self.numbers @ means), spread

        tilt = maximum(slope, limit=_LARGEST_TILT / float(np.abs(possible).max()))
        rate = max(0.0, tilt * total - at(tilt)[0])
        expected = float(self.numbers @ mean) / number
        found = expected + math.sqrt(variance) * total / number
        said = compared(found, expected, math.sqrt(variance / number))
        return _Look(min(0.0, math.log(2) - rate), f"the mean {text} is {said}")

    def least_tail(self) -> _Look:
        """Return the least binomial tail, of an answer or those from a reward upwards, of all."""
        rewards, prompt = self.law.rewards[self.atoms], self.prompt
        # The last of each reward, except the lowest of each prompt, whose sum is everything.
        is_end = np.diff(rewards, append=math.nan) != 0
        is_end[self.starts[1:] - 1] = False
        ends = np.flatnonzero(is_end)
        above = cumulative_within(self.probs, self.starts)[ends]
        below = np.cumsum(self.counts) - (np.cumsum(self.numbers) - self.numbers)[prompt]
        chances = np.clip(np.concatenate([self.probs, above]), 0.0, 1.0)
        seen = np.concatenate([self.counts, below[ends]]).astype(np.int64)
        numbers = self.numbers[np.concatenate([prompt, prompt[ends]])].astype(np.int64)
        tails = np.minimum(
            stats.binom.logcdf(seen, numbers, chances),
            stats.binom.logsf(seen - 1, numbers, chances),
        )
        least = furthest(-tails)
        where = least if least < self.atoms.size else int(ends[least - self.atoms.size])
        atom = int(self.atoms[where])
        name = shown(self.law.prompt_names[self.law.prompt_of_atoms[atom]])
        what = f"atom {atom} (reward {rewards[where]:g})"
        if least >= self.atoms.size:
            what = f"a reward of at least {rewards[where]:g}"
        number, chance = int(numbers[least]), float(chances[least])
        times = counted(int(seen[least]), number, number * chance, number * chance * (1 - chance))
        log_p_value = min(0.0, float(tails[least]) + math.log(2 * tails.size))
        return _Look(log_p_value, f"prompt {name}: {what} won {times}")
