"""Whether counts of winners agree with the exact theory: p-values that are proved bounds.

Several tests of the same counts are joined by Bonferroni's inequality.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from recurate.numerics import curation
from recurate.numerics.agreement.counted_runs import without_dropped
from recurate.numerics.agreement.verdict import Verdict, counted, furthest
from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.log_sums import sums_of_masses
from recurate.numerics.loop import CurationLoop
from recurate.numerics.prompts import paper_run
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.rules import Rule
from recurate.numerics.rules.within import one_of_each
from recurate.numerics.validation import FloatArray


def curated_law(loop: CurationLoop, t: int = 0, *, is_pooled: bool = False) -> FloatArray:
    """Return the law of a winner among candidates from p_t, p_t · H, at the atoms, shape (n,).

    With prompts H is that of the winner's prompt, so that p(z) stays; if it is pooled, candidates
    are drawn from the answers to all prompts together. Atoms of prompts that are dropped have 0.
    """
    if loop.schedule.K is None:
        return _ruled_law(loop, t, is_pooled=is_pooled)
    log_probs = normalised(loop.run(steps=t).log_probs(t))
    probs = np.exp(log_probs + log_ratio(loop, log_probs, is_pooled=is_pooled))
    law: FloatArray = probs / probs.sum()
    return law


def rule_at(loop: CurationLoop, t: int) -> Rule:
    """Return the rule of the step from t.

    Raises
    ------
    ValueError
        If the loop's sequences have no such step.
    """
    return loop.schedule.plan(_steps(loop, t))(t).rule


def _steps(loop: CurationLoop, t: int) -> int:
    """Return a number of steps of a run that has the one from t."""
    schedule = loop.schedule
    given = (schedule.rule, schedule.lam, schedule.retained)
    steps = next((len(part) for part in given if isinstance(part, tuple)), t + 1)
    if t >= steps:
        raise ValueError(f"t must be below {steps}, as the loop has so many steps; got {t}")
    return steps


def _ruled_law(loop: CurationLoop, t: int, *, is_pooled: bool) -> FloatArray:
    """Return p_t · H of a loop of more than one K and one λ."""
    steps = _steps(loop, t)
    loop, rows = without_dropped(loop, steps)
    law, rule = loop.law, rule_at(loop, t)
    joint = normalised(loop.run(steps=steps).log_probs(t))
    if is_pooled:
        groups = None if law.group_index is None else Labels(law.group_names, law.group_index)
        law = RewardLaw(law.rewards, law.probs, groups, scores=law.scores)
    given = law.prompt_of_atoms
    masses = sums_of_masses(given, np.exp(joint), int(given.max()) + 1)
    what = f"log_ratio of {type(rule).__name__}"
    found = one_of_each(rule.prepared(law)(joint - np.log(masses)[given]), what, (law.size,))
    probs = np.zeros(rows.size)
    probs[rows] = np.exp(joint + found)
    curated: FloatArray = probs / probs.sum()
    return curated


def normalised(log_probs: FloatArray) -> FloatArray:
    """Return logarithms of probabilities that sum to one."""
    return log_probs - math.log(np.exp(log_probs).sum())


def log_ratio(loop: CurationLoop, log_probs: FloatArray, *, is_pooled: bool = False) -> FloatArray:
    """Return the logarithm of the curation ratio at the loop's atoms, of a law on them."""
    law, K = loop.law, loop.K
    if law.prompt_index is None or is_pooled:
        return curation.log_curation_ratio(law.rewards, K=K, log_probs=log_probs)
    levels = PromptLevels.of(law, np.exp(log_probs))
    return paper_run.log_ratio(levels, levels.log_start_density, K)[levels.index]


MOST_OUTCOMES = 20_000
"""Most outcomes of a multinomial that are enumerated."""


def winners_verdict(
    counts: npt.NDArray[np.integer], probs: FloatArray, rewards: FloatArray, what: str = "winners"
) -> Verdict:
    """Test counts of independent winners against their law.

    Parameters
    ----------
    counts : ndarray of int, shape (n,)
        How often each atom won.
    probs : ndarray, shape (n,)
        The law of one winner.
    rewards : ndarray, shape (n,)
        Rewards of the atoms: curation moves mass from low to high ones, which is tested.
    what : str
        What is counted, for the message.

    Returns
    -------
    Verdict
        Null hypothesis: the counts are multinomial with these probabilities. With at most
        `MOST_OUTCOMES` outcomes the multinomial test is exact. Otherwise the smaller of two
        p-values counts, doubled: exact binomial tails, of each atom and of all atoms from a reward
        upwards; and the G-test, with Agrawal's bound on its tail in place of the χ² approximation,
        which fails far out.
    """
    number = int(counts.sum())
    null = f"{number:,} independent {what}, multinomial over {probs.size} atoms"
    tails = _tails(counts, probs, rewards, number)
    p_values = np.array([tail.p_value for tail in tails])
    with np.errstate(divide="ignore"):
        departure = tails[furthest(-np.log(p_values))].departure
    if is_enumerated(number, probs.size):
        return Verdict(multinomial_p_value(counts, probs), null, departure)
    # One two-sided tail among all, and two tests: the tails and the G-test.
    p_value = 2 * min(2 * len(tails) * float(p_values.min()), g_p_value(counts, probs))
    return Verdict(min(1.0, p_value), null, departure)


def is_enumerated(number: int, size: int) -> bool:
    """Return whether the multinomial test is exact, for these numbers of winners and atoms."""
    return size < 50 and math.comb(number + size - 1, size - 1) <= MOST_OUTCOMES


def multinomial_p_value(counts: npt.NDArray[np.integer], probs: FloatArray) -> float:
    """Return the probability of all outcomes at most as likely as the one found, exactly."""
    log_likelihood = log_multinomial(all_outcomes(int(counts.sum()), probs.size), probs)
    found = log_multinomial(counts[None, :], probs)[0]
    return float(min(1.0, np.exp(log_likelihood[log_likelihood <= found + TIE]).sum()))


TIE = 1e-9
"""The rounded logarithms of equally likely outcomes differ by less than this."""


def all_outcomes(number: int, size: int) -> npt.NDArray[np.int64]:
    """Return all counts of `size` atoms that sum to `number`, one outcome per row."""
    if size == 1:
        return np.array([[number]])
    # Stars and bars: the outcomes are the positions of size - 1 bars among number + size - 1.
    bars = np.array(
        list(itertools.combinations(range(number + size - 1), size - 1)), dtype=np.int64
    )
    bars = bars.reshape(-1, size - 1)
    ends = np.full((bars.shape[0], 1), number + size - 1)
    return np.diff(np.hstack([np.full_like(ends, -1), bars, ends]), axis=1) - 1


def g_p_value(counts: npt.NDArray[np.integer], probs: FloatArray) -> float:
    """Return a bound on the p-value of the G-test, G = 2 Σ counts log(counts/expected).

    Notes
    -----
    Agrawal 2020 (IEEE Transactions on Information Theory 66, 6297), Theorem I.2: the tail of G/2 at
    x > k - 1 is at most e^{-x} (e x/(k-1))^{k-1}, for every multinomial over k atoms.
    """
    return math.exp(log_g_p_value(counts, int(counts.sum()) * probs, int((probs > 0).sum()) - 1))


def log_g_p_value(counts: npt.NDArray[np.integer], expected: FloatArray, freedom: int) -> float:
    """Return the logarithm of the bound, for the sum of independent multinomials' G as well.

    Agrawal's Theorem I.3: the moment generating function of G/2 is at most that of a gamma law with
    shape `freedom`. So that of the sum is, with the sum of these.
    """
    half = float(special.rel_entr(counts, expected).sum())
    if half == math.inf:
        return -math.inf
    if freedom == 0 or half <= freedom:
        return 0.0
    return -half + freedom * (1 + math.log(half / freedom))


def looked_at(values: npt.NDArray[Any], rewards: FloatArray) -> npt.NDArray[Any]:
    """Return each atom's value, and the sum over the atoms from each reward upwards.

    The lowest reward is left out, since its sum is over all atoms: shape (n + levels - 1,).
    """
    levels, level = np.unique(rewards, return_inverse=True)
    return np.concatenate([values, upper_sums(values, level, levels.size)[1:]])


def upper_sums(values: npt.NDArray[Any], level: npt.NDArray[Any], size: int) -> FloatArray:
    """Return the sums of the values at each level and above, shape (size,)."""
    return np.bincount(level, weights=values, minlength=size)[::-1].cumsum()[::-1]


@dataclass(frozen=True)
class _Tail:
    p_value: float
    departure: str


def _tails(
    counts: npt.NDArray[np.integer], probs: FloatArray, rewards: FloatArray, number: int
) -> list[_Tail]:
    """Return the smaller binomial tail of each atom, and of the atoms from each reward upwards."""
    seen = looked_at(counts, rewards).astype(np.int64)
    chances = np.clip(looked_at(probs, rewards), 0.0, 1.0)
    names = [f"atom {i} (reward {rewards[i]:g})" for i in range(counts.size)]
    names += [f"a reward of at least {value:g}" for value in np.unique(rewards)[1:]]
    below, above = stats.binom.cdf(seen, number, chances), stats.binom.sf(seen - 1, number, chances)
    variances = number * chances * (1.0 - chances)
    return [
        _Tail(float(tail), f"{name} won {counted(int(n), number, number * chance, variance)}")
        for name, n, chance, variance, tail in zip(
            names, seen, chances, variances, np.minimum(below, above), strict=True
        )
    ]


def log_multinomial(outcomes: npt.NDArray[np.integer], probs: FloatArray) -> FloatArray:
    """Return the logarithms of the probabilities of outcomes, one outcome per row."""
    number = outcomes.sum(axis=1)
    terms = special.xlogy(outcomes, probs) - special.gammaln(outcomes + 1)
    log_likelihood: FloatArray = special.gammaln(number + 1) + terms.sum(axis=1)
    return log_likelihood
