"""Whether a simulated trajectory agrees with the exact one: p-values to first order in 1/n.

``docs/simulation.md`` derives them; figures and steps are joined by Bonferroni's inequality.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from recurate.numerics.agreement.first_order import finite_sample_error
from recurate.numerics.agreement.verdict import Verdict, compared, furthest
from recurate.numerics.agreement.winners import log_ratio, normalised
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.read_only import ReadOnlyArrays, read_only
from recurate.numerics.sampling.segments import cumulative_within
from recurate.numerics.simulation.simulated_trajectory import SimulatedTrajectory
from recurate.numerics.text import shown
from recurate.numerics.validation import FloatArray

__tracebackhide__ = True  # for recurate.testing: pytest shows the line that called

LEAST_COUNT, LEAST_OF_MANY = 100, 25
"""Fewest samples of p_ref among the best rewards that come to hold `COUNTING_SHARE` of some p_t; of
a prompt that is one of many, whose chances even out."""

COUNTING_SHARE = 0.1

COMPARED = ("expected_weight", "variance_weight", "expected_reward", "mass_at_max")
"""Figures of a trajectory that are compared, besides the groups' shares."""


@dataclass(frozen=True)
class Band(ReadOnlyArrays):
    """A simultaneous confidence band around the mean of a simulated figure.

    Attributes
    ----------
    centre : ndarray
        The exact value plus the bias of finite samples.
    deviation : ndarray
        Standard deviation of the mean over the replicates.
    jump : float or ndarray
        A third of the most that one sample can change, to first order: Bernstein's constant.
    allowance : ndarray
        Extra half-width for what the first order omits: the size of the bias, and rounding.
    """

    centre: FloatArray
    deviation: FloatArray
    jump: FloatArray
    allowance: FloatArray

    def half_width(self, log_rate: float) -> FloatArray:
        """Return the half-width with an error rate of 2 e^{-log_rate} at each point."""
        bernstein = self.deviation * math.sqrt(2 * log_rate) + self.jump * log_rate
        width: FloatArray = bernstein + self.allowance
        return read_only(width)

    def log_rate(self, found: FloatArray) -> FloatArray:
        """Return the log_rate at which the band's edge meets the value found; inf for NaN."""
        excess = np.maximum(np.abs(found - self.centre) - self.allowance, 0.0)
        # excess = σ sqrt(2 L) + c L, solved for sqrt(L)
        sigma, c = self.deviation * math.sqrt(2), self.jump
        root = 2 * excess / (sigma + np.sqrt(sigma**2 + 4 * c * excess) + 1e-300)
        rate: FloatArray = np.where(np.isnan(root), np.inf, root**2)
        return read_only(rate)


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
    ranges = {"expected_reward": _spans(loop.law), "variance_weight": np.array([2.0])}
    made = {}
    for name in (*COMPARED, "group_proportions"):
        value, bias = getattr(exact, name), error.bias[name]
        reach = (growth * loop.law.prompt_probs * ranges.get(name, np.ones(1))).max(axis=1)
        jump = reach / (3 * sizes.smallest * replicates)
        made[name] = Band(
            centre=value + bias,
            deviation=error.deviation[name] / math.sqrt(replicates),
            jump=jump if value.ndim == 1 else jump[:, None],
            # Both means of rewards far from zero are rounded.
            allowance=error.bias_size[name] + 4 * np.spacing(np.abs(value)) + 1e-12,
        )
    return made


def _spans(law: RewardLaw) -> FloatArray:
    """Return the span of the rewards with mass of each prompt, or of all, shape (prompts,)."""
    there = law.probs > 0
    span = np.zeros(law.prompt_probs.size)
    prompt = law.prompt_of_atoms
    np.maximum.at(span, prompt[there], -law.relative_rewards[there])
    return span


def sparse_samples(simulated: SimulatedTrajectory, loop: CurationLoop) -> str | None:
    """Return why the samples are too few for bands, or None.

    A rare class that is to take over may die out by chance, and its first few samples decide what
    follows; neither is of first order in 1/n. With a hundred samples of it at the start, neither is
    seen; nor with 25 at each of four prompts or more (``docs/testing.md``).
    """
    smallest, law = simulated.sizes.smallest, loop.law
    exact = loop.run(steps=simulated.steps)
    prompt = law.prompt_of_atoms
    order = np.lexsort((-law.rewards, prompt))  # from the best reward of each prompt downwards
    starts = np.searchsorted(prompt[order], np.arange(law.prompt_probs.size + 1))
    is_end = np.diff(law.rewards[order], append=math.nan) != 0
    is_end[starts[1:] - 1] = True
    laws = (exact.probs(t)[order] / law.prompt_probs[prompt[order]] for t in range(exact.steps + 1))
    above = (cumulative_within(probs, starts) for probs in laws)
    first = most = next(above)
    for shares in above:
        most = np.maximum(most, shares)
    # The smallest set of best rewards of each prompt that comes to count.
    counts = is_end & (most >= COUNTING_SHARE)
    place = np.where(counts, np.arange(law.size), law.size)
    share = first[np.minimum.reduceat(place, starts[:-1])]
    due = np.full(share.size, float(LEAST_COUNT))
    if law.prompt_index is not None:
        due = np.maximum(LEAST_OF_MANY, LEAST_COUNT * law.prompt_probs)
    least = int((share / due).argmin())
    number, enough = smallest * share[least], due[least]
    if number >= enough:
        return None
    needed = math.ceil(enough / share[least])
    which = "" if law.prompt_index is None else f" to prompt {shown(law.prompt_names[least])}"
    return (
        f"at least {enough:.3g} samples of the best rewards{which} that come to hold "
        f"{COUNTING_SHARE:.0%} of the samples are needed at the start, or chance decides what "
        f"becomes of them; got {number:.3g}, of {smallest:,}: take {needed:,} or more"
    )


def trajectory_verdict(simulated: SimulatedTrajectory, loop: CurationLoop) -> Verdict:
    """Test a simulated trajectory against the exact one, all figures and steps together.

    Null hypothesis: it is the mean of independent runs of this loop with samples of its sizes,
    retrained by resampling.

    Raises
    ------
    ValueError
        If the samples are too few (`sparse_samples`), or the law has too many atoms.
    """
    sparse = sparse_samples(simulated, loop)
    if sparse is not None:
        raise ValueError(f"simulated must have larger samples: {sparse}")
    points, looks = 0, []
    for name, band in bands(simulated, loop).items():
        found = getattr(simulated, name)
        rates = band.log_rate(found)
        points += rates.size
        if rates.size:
            at = np.unravel_index(furthest(rates.ravel()), rates.shape)
            label = name if len(at) == 1 else f"share of group {simulated.group_names[at[1]]!r}"
            text = compared(found[at], float(band.centre[at]), float(band.deviation[at]))
            looks.append((float(rates.max()), f"t = {at[0]}: {label} is {text}"))
    worst = [rate for rate, _ in looks]
    p_value = min(1.0, 2 * points * math.exp(-max(worst)))
    return Verdict(p_value, null_of(simulated), looks[furthest(worst)][1])


def null_of(simulated: SimulatedTrajectory) -> str:
    """Return the null hypothesis for a simulated trajectory, in words."""
    sizes = simulated.sizes
    kept = f", {sizes.retained:,} retained" if sizes.retained else ""
    return (
        f"{simulated.replicates:,} independent runs with {sizes.generated:,} generated, "
        f"{sizes.curated:,} curated{kept} and {sizes.real:,} real samples a step"
        + (" at first" if simulated.sizes_by_step else "")
        + (f" for each of {simulated.prompts:,} prompts" if simulated.prompts else "")
    )


def _growth(loop: CurationLoop, steps: int) -> FloatArray:
    """Return the most by which an earlier change of each prompt's sampled law has grown.

    A step is Lipschitz in total variation with a H(w_max), to first order (`curation-lipschitz`).
    Without prompts there is one law; shape (steps + 1, prompts).
    """
    law = loop.law
    trajectory = loop.run(steps=steps)
    best = np.flatnonzero((law.relative_rewards == 0.0) & (law.probs > 0))
    prompt = law.prompt_of_atoms
    _, places = np.unique(prompt[best], return_index=True)
    growth = np.ones((steps + 1, law.prompt_probs.size))
    for t in range(steps):
        ratio = np.exp(log_ratio(loop, normalised(trajectory.log_probs(t)))[best[places]])
        growth[t + 1] = np.maximum(1.0, growth[t] * loop.synthetic_fraction * ratio)
    return growth
