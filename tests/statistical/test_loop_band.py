"""How often a perfect model leaves the band of finite samples."""

import numpy as np
import pytest
from scipy.stats import binom

from recurate.numerics.agreement.deviation import LoopDeviation
from recurate.numerics.agreement.recorder import RewardSample
from recurate.numerics.agreement.resampled_loops import (
    BAND_ERROR,
    band_of,
    resampled_loops,
)
from recurate.numerics.simulation.simulated_trajectory import Sizes

RATE, RUNS = 1e-9, 1_000


@pytest.mark.error_rate(
    rate=2 * RATE,
    null=f"a perfect model leaves the band in at most {3 * BAND_ERROR:.0%} of the loops",
    size=f"{RUNS} loops",
)
@pytest.mark.parametrize("share", [0.1, 0.005])
def test_a_perfect_model_leaves_the_band_in_one_loop_of_a_hundred(share):
    """4,000 generated, 1,000 curated, five steps.

    Five of ten groups have the share. Of 5 in 1,000 there are some five curated samples, which are
    skew: a normal quantile was left by 10 to 15% of the loops. The band's quantiles are estimates
    themselves, of 4,000 loops the four most extreme of each of eleven figures: the true chance is
    1% give or take a fifth, and three times that is not reached by chance.
    """
    rng = np.random.default_rng(5)
    shares = np.array([share] * 5 + [0.2 - share] * 5)
    start = RewardSample(10 * rng.beta(4, 3, 4_000), rng.choice(10, 4_000, p=shares))
    settings = {
        "K": 4, "sizes": Sizes(4_000, 1_000, 0), "steps": 5, "n_groups": 10,
    }  # fmt: skip
    loops = resampled_loops(start, None, **settings, replicates=4_000, rng=1)
    centre = loops.mean(axis=0)  # no exact value is needed: both are about their mean
    band, still = band_of(loops, centre, 4_000), np.zeros_like(centre)
    left = 0
    for measured in resampled_loops(start, None, **settings, replicates=RUNS, rng=777):
        found = LoopDeviation(measured, centre, still, still, **band)
        allowed = np.maximum(found.band, found.resolution)[1:]
        left += bool((np.abs(found.deviation)[1:] > allowed + 1e-12).any())
    assert left <= binom.isf(RATE, RUNS, 3 * BAND_ERROR)
