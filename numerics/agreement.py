"""Whether counts of winners, or a simulated trajectory, agree with the exact theory: p-values.

Every p-value here is a proved bound for winners, and one to first order in 1/n for trajectories
(``docs/simulation.md``); several looks at the same data are joined by Bonferroni's inequality.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from recurate.numerics import curation
from recurate.numerics.finite_samples import finite_sample_error
from recurate.numerics.loop import CurationLoop
from recurate.numerics.simulated_trajectory import SimulatedTrajectory
from recurate.numerics.validation import FloatArray

MOST_OUTCOMES = 20_000
"""Most outcomes of a multinomial that are enumerated."""


@dataclass(frozen=True)
class Verdict:
    """How well something simulated agrees with the theory.

    Attributes
    ----------
    p_value : float
        Bound on the probability, if the theory holds, of a departure as large as the one found.
    null : str
        The null hypothesis, with the sample size.
    departure : str
        Where the departure is largest: what was found, what is expected.
    """

    p_value: float
    null: str
    departure: str


def curated_law(loop: CurationLoop, t: int = 0) -> FloatArray:
    """Return the law of a winner among K candidates from p_t, p_t · H, at the atoms, shape (n,)."""
    log_probs = loop.run(steps=t).log_probs(t)
    log_probs = log_probs - math.log(np.exp(log_probs).sum())
    log_ratio = curation.log_curation_ratio(loop.law.rewards, K=loop.K, log_probs=log_probs)
    probs = np.exp(log_probs + log_ratio)
    law: FloatArray = probs / probs.sum()
    return law


def winners_verdict(
    counts: npt.NDArray[np.integer], probs: FloatArray, rewards: FloatArray, what: str = "winners"
) -> Verdict:
    """Hold counts of independent winners against their law.

    Parameters
    ----------
    counts : ndarray of int, shape (n,)
        How often each atom won.
    probs : ndarray, shape (n,)
        The law of one winner.
    rewards : ndarray, shape (n,)
        Rewards of the atoms: curation moves mass from low to high ones, so that is looked at.
    what : str
        What is counted, for the message.

    Returns
    -------
    Verdict
        Null hypothesis: the counts are multinomial with these probabilities. Exact multinomial
        test if there are at most `MOST_OUTCOMES` outcomes. Otherwise the least of two: exact
        binomial tails, of each atom and of all atoms from a reward upwards; and the G-test, by
        Agrawal's bound on its tail in place of the χ² approximation, which fails far out.
    """
    number = int(counts.sum())
    null = f"{number:,} independent {what}, multinomial over {probs.size} atoms"
    outcomes = math.comb(number + probs.size - 1, probs.size - 1) if probs.size < 50 else math.inf
    tails = _tails(counts, probs, rewards, number)
    least = min(tails, key=lambda tail: tail.p_value)
    if outcomes <= MOST_OUTCOMES:
        return Verdict(multinomial_p_value(counts, probs), null, least.departure)
    together = min(1.0, least.p_value * 2 * len(tails))  # two-sided
    return Verdict(min(1.0, 2 * min(together, g_p_value(counts, probs))), null, least.departure)


def multinomial_p_value(counts: npt.NDArray[np.integer], probs: FloatArray) -> float:
    """Return the probability of all outcomes at most as likely as the one found, exactly."""
    number, size = int(counts.sum()), probs.size
    if size == 1:
        return 1.0
    # Stars and bars: the outcomes are the positions of size - 1 bars among number + size - 1.
    bars = np.array(
        list(itertools.combinations(range(number + size - 1), size - 1)), dtype=np.int64
    )
    bars = bars.reshape(-1, size - 1)
    ends = np.full((bars.shape[0], 1), number + size - 1)
    outcomes = np.diff(np.hstack([np.full_like(ends, -1), bars, ends]), axis=1) - 1
    log_likelihood = _log_multinomial(outcomes, probs)
    found = _log_multinomial(counts[None, :], probs)[0]
    # Equally likely outcomes may differ by the rounding of their logarithms.
    return float(min(1.0, np.exp(log_likelihood[log_likelihood <= found + 1e-9]).sum()))


def g_p_value(counts: npt.NDArray[np.integer], probs: FloatArray) -> float:
    """Return a bound on the p-value of the G-test, G = 2 Σ counts log(counts/expected).

    Notes
    -----
    Agrawal 2020 (IEEE Transactions on Information Theory 66, 6297), Theorem I.2: the tail of G/2 at
    x > k - 1 is at most e^{-x} (e x/(k-1))^{k-1}, for every multinomial over k atoms.
    """
    if (counts[probs == 0] > 0).any():
        return 0.0
    number, freedom = int(counts.sum()), int((probs > 0).sum()) - 1
    half = float(special.rel_entr(counts[probs > 0], number * probs[probs > 0]).sum())
    if freedom == 0 or half <= freedom:
        return 1.0
    return math.exp(-half + freedom * (1 + math.log(half / freedom)))


@dataclass(frozen=True)
class _Tail:
    p_value: float
    departure: str


def _tails(
    counts: npt.NDArray[np.integer], probs: FloatArray, rewards: FloatArray, number: int
) -> list[_Tail]:
    """Return the lesser binomial tail of each atom, and of the atoms from each reward upwards."""
    levels, level = np.unique(rewards, return_inverse=True)
    found = np.bincount(level, weights=counts, minlength=levels.size)[::-1].cumsum()[::-1]
    upper = np.bincount(level, weights=probs, minlength=levels.size)[::-1].cumsum()[::-1]
    seen = np.concatenate([counts, found[1:]]).astype(np.int64)
    chances = np.clip(np.concatenate([probs, upper[1:]]), 0.0, 1.0)
    names = [f"atom {i} (reward {rewards[i]:g})" for i in range(counts.size)]
    names += [f"rewards of at least {value:g}" for value in levels[1:]]
    below, above = stats.binom.cdf(seen, number, chances), stats.binom.sf(seen - 1, number, chances)
    return [
        _Tail(
            float(min(low, high)),
            f"{name}: {int(n)} of {number}, expected {number * chance:.1f}",
        )
        for name, n, chance, low, high in zip(names, seen, chances, below, above, strict=True)
    ]


def _log_multinomial(outcomes: npt.NDArray[np.integer], probs: FloatArray) -> FloatArray:
    number = outcomes.sum(axis=1)
    terms = special.xlogy(outcomes, probs) - special.gammaln(outcomes + 1)
    log_likelihood: FloatArray = special.gammaln(number + 1) + terms.sum(axis=1)
    return log_likelihood


LEAST_COUNT = 100
"""Fewest samples, at p_ref, of the best rewards that come to hold `COUNTING_SHARE` of some p_t."""

COUNTING_SHARE = 0.1

COMPARED = ("expected_weight", "variance_weight", "expected_reward", "mass_at_max")
"""Figures of a trajectory that are compared, beside the groups' shares."""


@dataclass(frozen=True)
class Band:
    """A simultaneous confidence band around the mean of a simulated figure.

    Attributes
    ----------
    centre : ndarray
        The exact value plus the bias of finite samples.
    deviation : ndarray
        Standard deviation of the mean over the replicates.
    jump : float or ndarray
        A third of what one sample can change, to first order: Bernstein's second constant.
    allowance : ndarray
        Further half-width, for what the first order leaves out: the size of the bias; and rounding.
    """

    centre: FloatArray
    deviation: FloatArray
    jump: FloatArray
    allowance: FloatArray

    def half_width(self, log_rate: float) -> FloatArray:
        """Return the half-width with an error rate of 2 e^{-log_rate} at each point."""
        bernstein = self.deviation * math.sqrt(2 * log_rate) + self.jump * log_rate
        width: FloatArray = bernstein + self.allowance
        return width

    def log_rate(self, found: FloatArray) -> FloatArray:
        """Return the log_rate at which the band's edge is at what was found; inf for NaN."""
        excess = np.maximum(np.abs(found - self.centre) - self.allowance, 0.0)
        # excess = σ sqrt(2 L) + c L, solved for sqrt(L)
        sigma, c = self.deviation * math.sqrt(2), self.jump
        root = 2 * excess / (sigma + np.sqrt(sigma**2 + 4 * c * excess) + 1e-300)
        rate: FloatArray = np.where(np.isnan(root), np.inf, root**2)
        return rate


def bands(simulated: SimulatedTrajectory, loop: CurationLoop) -> dict[str, Band]:
    """Return the bands of a simulated loop's figures, by name.

    Raises
    ------
    ValueError
        If the law has too many atoms for the covariance of its samples.
    """
    sizes, replicates, steps = simulated.sizes, simulated.replicates, simulated.steps
    if simulated.lam == loop.lam and 0 < loop.lam < math.inf:
        loop = CurationLoop(loop.law, K=loop.K, lam=sizes.lam)  # the mixture as it is realised
    exact = loop.run(steps=steps)
    error = finite_sample_error(loop, steps, sizes)
    growth = _growth(loop, steps)
    smallest = min(n for n in (sizes.generated, sizes.curated, sizes.real, sizes.initial) if n)
    relative = loop.law.rewards[loop.law.probs > 0] - loop.law.max_reward
    ranges = {"expected_reward": float(np.ptp(relative)), "variance_weight": 2.0}
    made = {}
    for name in (*COMPARED, "group_proportions"):
        value, bias = getattr(exact, name), error.bias[name]
        jump = growth * ranges.get(name, 1.0) / (3 * smallest * replicates)
        made[name] = Band(
            centre=value + bias,
            deviation=error.deviation[name] / math.sqrt(replicates),
            jump=jump if value.ndim == 1 else jump[:, None],
            # Means of rewards far from zero are rounded, both of them.
            allowance=np.abs(bias) + 4 * np.spacing(np.abs(value)) + 1e-12,
        )
    return made


def sparse_samples(simulated: SimulatedTrajectory, loop: CurationLoop) -> str | None:
    """Say why the samples are too few for bands, or return None.

    Where a rare class takes over, it may die out by chance, and its first few samples decide what
    follows: neither is of first order in 1/n. With a hundred samples of it at the start nothing of
    this is seen (``docs/testing.md``).
    """
    sizes, law = simulated.sizes, loop.law
    smallest = min(n for n in (sizes.generated, sizes.curated, sizes.real, sizes.initial) if n)
    exact = loop.run(steps=simulated.steps)
    levels, level = law.distinct
    laws = np.array([exact.probs(t) for t in range(simulated.steps + 1)])
    above = np.array([np.bincount(level, p, levels.size)[::-1].cumsum()[::-1] for p in laws])
    # The least set of best rewards that comes to count.
    least = int(np.flatnonzero(above.max(axis=0) >= COUNTING_SHARE)[-1])
    number = smallest * above[0, least]
    if number >= LEAST_COUNT:
        return None
    needed = math.ceil(LEAST_COUNT / above[0, least])
    return (
        f"at least {LEAST_COUNT} samples of the best rewards that come to hold "
        f"{COUNTING_SHARE:.0%} of the samples are needed at the start, or chance decides what "
        f"becomes of them; got {number:.3g}, of {smallest:,}: take {needed:,} or more"
    )


def trajectory_verdict(simulated: SimulatedTrajectory, loop: CurationLoop) -> Verdict:
    """Hold a simulated trajectory against the exact one, all figures and steps together.

    Null hypothesis: it is the mean of independent runs of this loop with samples of its sizes,
    retraining being resampling.

    Raises
    ------
    ValueError
        If the samples are too few for that (`sparse_samples`), or the law has too many atoms.
    """
    sparse = sparse_samples(simulated, loop)
    if sparse is not None:
        raise ValueError(f"simulated must have larger samples: {sparse}")
    worst, where, points = 0.0, "", 0
    for name, band in bands(simulated, loop).items():
        found = getattr(simulated, name)
        rates = band.log_rate(found)
        points += rates.size
        if rates.size and rates.max() >= worst:
            at = np.unravel_index(int(rates.argmax()), rates.shape)
            worst = float(rates[at])
            label = f"{name}[{', '.join(map(str, at))}]"
            where = f"{label}: {found[at]:.6g}, expected {band.centre[at]:.6g} (index t first)"
    sizes = simulated.sizes
    null = (
        f"{simulated.replicates:,} independent runs with {sizes.generated:,} generated, "
        f"{sizes.curated:,} curated and {sizes.real:,} real samples a step"
    )
    return Verdict(min(1.0, 2 * points * math.exp(-worst)), null, where)


def _growth(loop: CurationLoop, steps: int) -> FloatArray:
    """Return how much, at most, a change of a sample's law at some step has grown at each step.

    A step is Lipschitz in total variation with a H(w_max), to first order (`curation-lipschitz`).
    """
    trajectory = loop.run(steps=steps)
    growth = np.ones(steps + 1)
    top = int(np.argmax(np.where(loop.law.probs > 0, loop.law.rewards, -np.inf)))
    for t in range(steps):
        log_probs = trajectory.log_probs(t)
        log_probs = log_probs - math.log(np.exp(log_probs).sum())
        log_ratio = curation.log_curation_ratio(loop.law.rewards, K=loop.K, log_probs=log_probs)
        factor = loop.synthetic_fraction * math.exp(log_ratio[top])
        growth[t + 1] = max(1.0, growth[t] * factor)
    return growth
