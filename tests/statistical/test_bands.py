"""Bootstrap bands: how often they cover the truth, and the numbers that they are drawn with."""

import math

import numpy as np
import pytest
from scipy import stats

from recurate import CurationLoop, RewardLaw
from recurate.numerics.inference import resampled_tables
from recurate.numerics.inference.bootstrap import bootstrap_bands


@pytest.mark.error_rate(rate=2e-9, null="mean Σ v_i and variance Σ v_i²", size=40_000)
def test_the_scaled_poisson_number_has_the_moments_of_its_rows():
    # Rows of masses v in one cell: Σ v_i Poisson(1) has the mean Σ v_i and the variance Σ v_i².
    # A hundred rows beside it: no table is empty, which would be drawn again.
    masses = np.array([0.05, 0.1, 0.15, 0.2])
    law = RewardLaw([0.0] * 4 + [1.0] * 100, [*masses, *[0.005] * 100])
    table = resampled_tables.binned(law, ())
    draws = 40_000
    factors = resampled_tables.resampled(table, draws, np.random.default_rng(5))
    drawn = factors[:, 0] * table.cell_mass[0]
    mean, variance = masses.sum(), (masses**2).sum()
    # Null: these moments; normal limits, error rate 1e-9 each. A Poisson number of mean ν has the
    # fourth central moment 3ν² + ν.
    z = stats.norm.isf(5e-10)
    count = mean**2 / variance
    assert abs(drawn.mean() - mean) < z * math.sqrt(variance / draws)
    assert abs(drawn.var() / variance - 1.0) < z * math.sqrt((2 + 1 / count) / draws)


@pytest.mark.error_rate(rate=3e-8, null="coverage of at least .85 at each of three steps", size=100)
def test_bands_cover_the_law_behind_the_table():
    # The true curve: normal rewards by 200 Gauss–Hermite nodes.
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    keep = weights > 0
    truth = RewardLaw(nodes[keep], weights[keep] / weights[keep].sum())
    expected = CurationLoop(truth, K=4, lam=math.inf).run(steps=2).expected_reward
    hits, tables = np.zeros(3), 100
    for i in range(tables):
        law = RewardLaw(np.random.default_rng(100 + i).normal(size=800))
        loop = CurationLoop(law, K=4, lam=math.inf)
        bands = bootstrap_bands(loop, loop.run(steps=2), rng=i)
        low, high = bands.low["expected_reward"], bands.high["expected_reward"]
        hits += (low <= expected) & (expected <= high)
    # Null: covered with probability at least .85 (nominal .95). 100 tables; error rate 1e-8 each.
    # Power: bands that cover 2 in 5 times pass with a probability below 1e-4.
    least = stats.binom.ppf(1e-8, tables, 0.85)
    assert (hits >= least).all()
    assert stats.binom.sf(least - 1, tables, 0.4) < 1e-4
