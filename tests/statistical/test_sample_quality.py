"""Means for two samples of one law: precision, recall, density, coverage, bias."""

import math

import numpy as np
import pytest

from recurate.numerics.agreement.sample_quality import (
    frechet_bias,
    frechet_distance,
    precision_recall,
)

RATE = 1e-9
REPLICATES = 4_000
GENERATED, REAL = 15, 20


def divergence(found, expected):
    """KL of a coin of one chance from one of another, in nats."""
    pairs = ((found, expected), (1 - found, 1 - expected))
    return sum(p * math.log(p / q) for p, q in pairs if p > 0)


def on_a_circle(size, rng):
    angles = rng.uniform(0, 2 * math.pi, size)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@pytest.mark.error_rate(
    rate=4 * RATE,
    null="even samples on a circle have the means of docs/simulation.md",
    size=f"{REPLICATES} pairs of {GENERATED} and {REAL}",
)
@pytest.mark.parametrize("k", [1, 2])
def test_samples_of_one_law_have_the_means_that_are_derived(k):
    rng = np.random.default_rng(20 + k)
    found = np.mean(
        [
            precision_recall(on_a_circle(GENERATED, rng), on_a_circle(REAL, rng), k)
            for _ in range(REPLICATES)
        ],
        axis=0,
    )
    factors = [(REAL - i) / (REAL + GENERATED - i) for i in range(1, k + 1)]
    means = [1 - 4.0**-k, 1 - 4.0**-k, 1.0, 1 - math.prod(factors)]
    # All are in [0, 1] but density, at most 2: on a circle no point is in more than 2k balls, k to
    # each side. The mean of such numbers is no farther from its own than that of coins (Chernoff).
    ranges = [1.0, 1.0, 2.0, 1.0]
    for value, mean, largest in zip(found, means, ranges, strict=True):
        evidence = REPLICATES * divergence(value / largest, mean / largest)
        assert evidence <= math.log(2 / RATE), (value, mean)


@pytest.mark.error_rate(
    rate=2e-9,  # of a normal law, six deviations to both sides
    null="the mean Fréchet distance of samples of one Gaussian is its bias, within 3 d/n of it",
    size="4,000 pairs of 300 and 400",
)
def test_samples_of_one_gaussian_have_the_bias_that_is_derived():
    rng, sizes = np.random.default_rng(7), (300, 400)
    deviations = np.array([1.0, 0.7, 0.3])
    distances = [
        frechet_distance(*(deviations * rng.standard_normal((size, 3)) for size in sizes))
        for _ in range(REPLICATES)
    ]
    # Two samples whose covariance is the law's, exactly: HADAMARD's trick in three features.
    signs = np.array([[1, 1, 1], [-1, 1, -1], [1, -1, -1], [-1, -1, 1]]) * math.sqrt(3) / 2
    bias = frechet_bias(signs * deviations, *sizes)
    error = np.std(distances) / math.sqrt(REPLICATES)
    assert np.mean(distances) == pytest.approx(bias, abs=6 * error + 3 * 3 / 300 * bias)
    assert 6 * error < 0.1 * bias  # less than a term's share: without 1/4 tr Σ it is 0.13 less
