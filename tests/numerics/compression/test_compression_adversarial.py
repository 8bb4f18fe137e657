"""Compressed loops against the dense engine, on laws drawn to be hard to compress.

A seeded sample is the test; a wide search is run by hand:

    python tests/numerics/compression/test_compression_adversarial.py CASES [SEED]
"""

import math
import sys
import warnings

import numpy as np
import pytest

from recurate.numerics.compression import bins, compressor
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop

INF = math.inf
CANDIDATES = (2, 3, 4, 16, 100, 10_000, INF)
MIXINGS = (0.5, 1.0, INF)


def body(draw, n):
    """Rewards of a usual shape, dense or thin at the top."""
    return (
        lambda: draw.standard_normal(n),
        lambda: draw.random(n),
        lambda: -draw.exponential(size=n),
        lambda: draw.exponential(size=n),
        lambda: np.log(draw.random(n)),
        lambda: -np.abs(draw.standard_cauchy(n)).clip(max=200.0),
        lambda: draw.gumbel(size=n),
        lambda: draw.beta(0.3, 0.3, size=n),
    )[draw.integers(8)]()


def rewards_of(draw, n):
    """Rewards with no difficulty, one, or several."""
    rewards = body(draw, n) * 10.0 ** draw.uniform(-3, 0.7)
    if draw.random() < 0.3:  # two clusters, one of them narrow
        far = 10.0 ** draw.uniform(-1, 2.5)
        second = draw.random(n) < draw.choice([0.5, 0.05, 0.95])
        rewards = np.where(second, far + rewards * 10.0 ** draw.uniform(-4, 0), rewards)
    if draw.random() < 0.3:  # heavy ties, everywhere or at a few places
        places = draw.integers(2, 60)
        tied = draw.random(n) < draw.choice([1.0, 0.9, 0.3])
        width = (np.ptp(rewards) or 1.0) / places
        rewards = np.where(tied, np.round(rewards / width) * width, rewards)
    if draw.random() < 0.15:  # ties at the top
        rewards = np.minimum(rewards, np.quantile(rewards, draw.uniform(0.5, 0.999)))
    if draw.random() < 0.3:  # a lone outlier above, or below
        outlier = 10.0 ** draw.uniform(0, 2.8)
        rewards[0] = rewards.max() + outlier if draw.random() < 0.7 else rewards.min() - outlier
    if draw.random() < 0.12:  # wide: the dense matrix is large, so fewer of them
        rewards = draw.choice([100.0, 1_000.0]) * draw.random(n // 4)
    return rewards


def law_of(draw):
    rewards = rewards_of(draw, int(draw.integers(2_000, 6_000)))
    n = rewards.size
    probs = (
        np.ones(n),
        draw.random(n) + 1e-3,
        10.0 ** draw.uniform(-9, 0, size=n),  # most of the mass on few
    )[draw.choice(3, p=[0.6, 0.25, 0.15])]
    # Groups by the reward, by a rough function of it, and by chance.
    groups = (
        (rewards > np.quantile(rewards, draw.random())) * 1,
        (rewards * 10.0 ** draw.uniform(0, 3)).astype(int) % 3,
        draw.integers(0, 5, n),
    )[draw.integers(3)]
    scores = {"score": score_of(draw.spawn(1)[0], rewards)}  # leaves the other draws as they are
    return RewardLaw(rewards, probs / probs.sum(), groups, scores=scores)


def score_of(draw, rewards):
    """A score by the reward, by a rough function of it, or by chance; some have gaps."""
    score = (
        (rewards > np.quantile(rewards, draw.random())) * 2.0 - 1.0,
        np.sin(rewards * 10.0 ** draw.uniform(0, 8)),
        draw.standard_cauchy(rewards.size),
        1e6 * np.expm1(rewards - rewards.max()) + draw.random(rewards.size),
        (rewards * 10.0 ** draw.uniform(6, 12)) % 1.0,  # by what sets near ties apart
    )[draw.integers(5)]
    if draw.random() < 0.5:
        gaps = rewards > np.quantile(rewards, 0.9) if draw.random() < 0.5 else score > score.mean()
        score = np.where(
            gaps & (draw.random(rewards.size) < draw.choice([0.5, 0.99])), np.nan, score
        )
    return score


def distance(found, expected):
    """Largest difference of two trajectories' figures, or of two fixed points'.

    That of a score's mean is in units of its range over the mass that has a value, without the
    rounding of large values.
    """
    values = expected.law.scores["score"]
    present = ~np.isnan(values)
    probs = [expected.probs(t) for t in range(expected.steps + 1)]
    mass = np.array([p[present].sum() for p in probs])
    scores = np.abs(found.expected_scores[:, 0] - expected.expected_scores[:, 0])
    scores = np.maximum(scores - 2.0**-53 * values.size * np.abs(values[present]).max(), 0.0)
    return max(
        *(np.abs(getattr(found, name) - getattr(expected, name)).max() for name in FIGURES),
        np.abs(found.group_proportions - expected.group_proportions).max(),
        (scores * mass).max() / (np.ptp(values[present]) or 1.0),
    )


def allowance(law, steps):
    """How far rounding may move the figures, in the dense engine as in the other.

    Each step's log-ratio is right to some 1e-15, and so is the mean of the rewards to that of their
    span; `bincount` adds up to n atoms one by one, each time with an error of half an ulp.
    """
    return 1e-13 + ((2 + steps) * 1e-15 + 2.0**-53 * law.size) * max(1.0, np.ptp(law.rewards))


def one_case(seed):
    """Compare one drawn loop in both modes; return what it was, and the differences."""
    draw = np.random.default_rng(seed)
    law = law_of(draw)
    K, lam = CANDIDATES[draw.integers(len(CANDIDATES))], MIXINGS[draw.integers(len(MIXINGS))]
    steps = int(draw.choice([1, 7, 40, 200]))
    if np.ptp(law.rewards) > 60 and K < INF:
        steps = min(steps, 12)
    loop = CurationLoop(law, K=K, lam=lam)
    few = draw.random() < 0.5  # bins up to the top
    kept = bins._KEPT_TOP, bins._KEPT_BOTTOM
    bins._KEPT_TOP, bins._KEPT_BOTTOM = (1, 1) if few else kept
    try:
        found = loop.run(steps=steps, compress=True)
    finally:
        bins._KEPT_TOP, bins._KEPT_BOTTOM = kept
    error = distance(found, loop.run(steps=steps, compress=False))
    what = f"seed {seed}: n = {law.size}, span {np.ptp(law.rewards):.3g}, K = {K}, lam = {lam}, "
    return what + f"{steps} steps", error, found.error_estimate, allowance(law, steps)


# Found by searches, when groups' shares were wrong for clusters much narrower than a bin.
ONCE_WRONG = (1000510, 1000565, 2000037, 2001081, 2002223)


@pytest.mark.parametrize("seed", [*range(40), *ONCE_WRONG])
def test_drawn_loops_have_the_dense_engines_figures(seed):
    what, error, estimate, rounding = one_case(seed)
    assert estimate <= compressor.TOLERANCE, what
    assert error <= estimate + rounding, what


def search(cases, seed):
    """Try many, and print the worst ones and those that were not compressed."""
    worst, largest, failed = 0.0, 0.0, 0
    for case in range(seed, seed + cases):
        try:
            what, error, estimate, rounding = one_case(case)
        except compressor.CompressionError as refusal:
            failed += 1
            print(f"seed {case}: {refusal}")
            continue
        over, largest = error / (estimate + rounding), max(largest, error)
        if over > worst:
            worst = over
            print(f"{what}: error {error:.3g}, estimate {estimate:.3g}, {over:.3g} of allowed")
    print(
        f"{cases} cases: errors up to {largest:.3g}, worst {worst:.3g} of allowed, {failed} refused"
    )


if __name__ == "__main__":
    warnings.simplefilter("error")
    search(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
