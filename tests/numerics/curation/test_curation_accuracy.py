"""log H within 2e-13 max(1, |log H|) of independent values: rationals, sums, quadrature, limits."""

import math
from fractions import Fraction

import numpy as np
import pytest

from recurate.numerics import curation
from recurate.numerics.curation import log_curation_ratio
from recurate.numerics.curation.rationals import curation_ratio

from ..oracles import (
    RATIO_ERROR,
    binomial,
    enumerated,
    limit,
    logs,
    normalised,
    quadrature,
    random_law,
    worst,
)


def test_stated_error_is_that_of_the_design():
    assert curation.RATIO_ERROR == RATIO_ERROR


@pytest.mark.parametrize("K", [2, 3, 4, 5, 6, math.inf])
@pytest.mark.parametrize("seed", range(8))
def test_small_laws_against_rationals(seed, K):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 6))
    weights = [Fraction(int(a), int(b)) for a, b in rng.integers(1, 100, size=(n, 2))]
    masses = rng.integers(0, 10, size=n) ** 2
    masses[-1] += 1
    probs = [Fraction(int(m), int(masses.sum())) for m in masses]
    # log(a) - log(b) is off the exact reward by about 1e-15, and log H by no more.
    rewards = [math.log(w.numerator) - math.log(w.denominator) for w in weights]
    found = log_curation_ratio(rewards, [float(p) for p in probs], K)
    assert worst(found, logs(curation_ratio(weights, probs, K))) < RATIO_ERROR


@pytest.mark.parametrize("K", [2, 3, 10, 1000, 10**6, 10**9])
@pytest.mark.parametrize("seed", range(3))
def test_random_laws_against_quadrature(seed, K):
    rewards, probs = random_law(seed, span=10.0 ** (seed % 3))
    found = log_curation_ratio(rewards, probs, K)
    assert worst(found, logs(quadrature(rewards, K, per_unit=5)(normalised(probs)))) < RATIO_ERROR


WIDE = [-1500.0, -700.25, -3.0, 0.0]


@pytest.mark.parametrize("K", [2, 4, 10**4, 10**9])
@pytest.mark.parametrize(
    "probs",
    [[0.25] * 4, [1e-300, 1e-160, 1e-20, 1.0], [1.0, 1e-20, 1e-160, 1e-300]],
    ids=["even", "rare below", "rare above"],
)
def test_wide_spans_against_quadrature(probs, K):
    found = log_curation_ratio(WIDE, probs, K)
    expected = logs(quadrature(WIDE, K, per_unit=5)(normalised(probs)))
    assert worst(found, expected) < RATIO_ERROR


@pytest.mark.parametrize("K", [2, 3, 10**5, 10**9])
@pytest.mark.parametrize(
    "log_probs",
    [
        [-1e5, -1e5 + 3.0, math.log(0.5), math.log(0.5)],
        [math.log(0.3), -800.0, math.log(0.7), -1e5],
    ],
    ids=["below", "above"],
)
def test_probabilities_that_underflow_against_quadrature(log_probs, K):
    for rewards in ([-20.0, 2.0, 0.0, 1.0], [-900.0, -300.0, 0.0, 500.0]):
        found = log_curation_ratio(rewards, K=K, log_probs=log_probs)
        ratio = quadrature(rewards, K, per_unit=5)
        assert worst(found, logs(ratio(normalised(log_probs=log_probs)))) < RATIO_ERROR


@pytest.mark.parametrize("K", [2, 3, 5])
@pytest.mark.parametrize("span", [50.0, 500.0, 1500.0, 1e9, 1e12])
@pytest.mark.parametrize("rare", [0.25, 1e-12, 1e-300])
def test_few_candidates_against_the_definition(rare, span, K):
    rewards = [-span, -span / 3, 0.0, 0.0]
    for probs in ([rare, 0.5 - rare, 0.25, 0.25], [0.5 - rare, 0.5, 0.0, rare]):
        expected = logs(enumerated(rewards, K)(normalised(probs)))
        assert worst(log_curation_ratio(rewards, probs, K), expected) < RATIO_ERROR


@pytest.mark.parametrize("K", [10**6, 10**9])
@pytest.mark.parametrize("low", [-30.0, -300.0, -600.0])
def test_a_best_atom_seen_about_once_among_many_candidates(low, K):
    # (K - 1) log M is of order one while 1 - M is 1/K: the digits of 1 - M are needed.
    rewards, probs = [low, low + 1.0, 0.0], [0.5, 0.5 - 1 / K, 1 / K]
    expected = logs(quadrature(rewards, K, per_unit=5)(normalised(probs)))
    assert worst(log_curation_ratio(rewards, probs, K), expected) < RATIO_ERROR


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_rare_atom_of_the_design(order):
    # p_min = 1e-300, span 1500, K = 3: log1p(sum p expm1) alone would be wrong by 118.
    rewards, probs = np.array([0.0, 1500.0]), np.array([1.0, 1e-300])[order]
    expected = logs(enumerated(rewards, 3)(normalised(probs)))
    assert worst(log_curation_ratio(rewards, probs, 3), expected) < RATIO_ERROR


@pytest.mark.parametrize("K", [2, 7, 64, 400])
@pytest.mark.parametrize("reward", [0.0, 1e-9, 0.3, 20.0, 499.0, 501.0, 1e9])
@pytest.mark.parametrize("top", [1e-300, 1e-5, 0.5, 1.0 - 2.0**-53])
def test_two_points_against_the_binomial_sum(top, reward, K):
    probs = [1.0 - top, top]
    expected = logs(binomial([0.0, reward], K)(normalised(probs)))
    assert worst(log_curation_ratio([0.0, reward], probs, K), expected) < RATIO_ERROR


@pytest.mark.parametrize("K", [2, 3, 6])
def test_lone_outlier_far_below(K):
    rewards, probs = [-1e9, -1.0, 0.0], [0.2, 0.3, 0.5]
    expected = logs(enumerated(rewards, K)(normalised(probs)))
    assert worst(log_curation_ratio(rewards, probs, K), expected) < RATIO_ERROR


def test_lone_outlier_far_below_among_many_candidates():
    # Up to e^{-1e9}: the outlier wins only among outliers, with chance 0.2^{K-1} and H = 1 there.
    # The best is beaten by nobody: it wins unless absent, so p H = 1 - 0.2^K.
    K = 10**6
    outlier, best = log_curation_ratio([-1e9, 0.0], [0.2, 0.8], K)
    assert outlier == pytest.approx((K - 1) * math.log(0.2), rel=RATIO_ERROR)
    assert best == pytest.approx(-math.log(0.8), abs=RATIO_ERROR)


@pytest.mark.parametrize("K", [2, 5, 10**6])
@pytest.mark.parametrize("above", [1500.3, 1e5 + 0.3, 1e9])
def test_massless_atom_far_above_does_not_round_the_others(above, K):
    # p = 0 at an atom cannot change M, hence not H elsewhere, but for the rounding of r - r_max,
    # which the stated error counts from a span of 1500 on.
    rewards, probs = [0.123, 1.777], [0.5, 0.5]
    found = log_curation_ratio([*rewards, above], [*probs, 0.0], K)[:2]
    expected = logs(quadrature(rewards, K, per_unit=5)(normalised(probs)))
    assert worst(found, expected) < RATIO_ERROR + (1.2e-16 * above if above > 1501 else 0.0)


@pytest.mark.parametrize("K", [2, 3, 5, 10**3, 10**9])
def test_massless_atoms_have_a_candidates_ratio(K):
    # The last is above every atom of positive mass, the first below.
    rewards, probs = [-4.0, 0.0, 1.0, 0.5, 6.0], [0.0, 0.6, 0.4, 0.0, 0.0]
    found = log_curation_ratio(rewards, probs, K)
    assert worst(found, logs(quadrature(rewards, K, per_unit=5)(normalised(probs)))) < RATIO_ERROR
    inner = log_curation_ratio([0.0, 1.0], [0.6, 0.4], K)
    assert found[1:3] == pytest.approx(inner, abs=RATIO_ERROR)


@pytest.mark.parametrize("K", [2, 10**4])
def test_massless_atom_far_above(K):
    # Closed form: a candidate that outweighs all others by e^700 wins for certain, H = K.
    found = log_curation_ratio([0.0, 1.0, 700.0], [0.5, 0.5, 0.0], K)
    assert found[2] == pytest.approx(math.log(K), abs=RATIO_ERROR * max(1, math.log(K)))
    inner = log_curation_ratio([0.0, 1.0], [0.5, 0.5], K)
    assert found[:2] == pytest.approx(inner, abs=RATIO_ERROR)


def test_infinitely_many_candidates():
    for seed in range(5):
        rewards, probs = random_law(seed, span=100.0**seed)
        expected = logs(limit(rewards)(normalised(probs)))
        assert worst(log_curation_ratio(rewards, probs, math.inf), expected) < RATIO_ERROR


@pytest.mark.parametrize("offset", [0.0, -1e3, 2.0**20, 1e9])
def test_infinitely_many_candidates_at_an_offset(offset):
    rewards, probs = [offset, offset + 1.0, offset + 2.5], [0.3, 0.3, 0.4]
    expected = logs(limit(rewards)(normalised(probs)))
    assert worst(log_curation_ratio(rewards, probs, math.inf), expected) < RATIO_ERROR


def test_infinitely_many_candidates_far_apart():
    # Closed form: the top atom with p = 1e-300 carries the mean weight once the gap beats 690.8.
    found = log_curation_ratio([0.0, 1500.0], [1.0, 1e-300], math.inf)
    expected = logs(limit([0.0, 1500.0])(normalised([1.0, 1e-300])))
    assert worst(found, expected) < RATIO_ERROR
    assert found[1] == pytest.approx(300 * math.log(10), rel=1e-14)


@pytest.mark.parametrize("K", [1, 2, 10**9, math.inf])
def test_single_atom_and_equal_rewards_have_ratio_one(K):
    for rewards, probs in (([3.7], [1.0]), ([2.0] * 3, [0.2, 0.3, 0.5])):
        assert np.abs(log_curation_ratio(rewards, probs, K)).max() < RATIO_ERROR


def test_one_candidate_is_no_curation():
    assert log_curation_ratio([0.0, 9.0, -1e4], [0.1, 0.2, 0.7], 1).tolist() == [0.0] * 3


def test_more_candidates_than_doubles_count():
    # K = 1e250, the largest allowed, is the limit to within 1/K.
    found = log_curation_ratio([0.0, 1.0, 3.0], [0.2, 0.5, 0.3], 1e250)
    expected = logs(limit([0.0, 1.0, 3.0])(normalised([0.2, 0.5, 0.3])))
    assert worst(found, expected) < RATIO_ERROR
