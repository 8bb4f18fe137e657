"""Means of ratings: which ratings count, and that equal ratings have equal means."""

from itertools import permutations

import numpy as np
import pytest

from recurate.numerics.inference.ratings import Ratings


def ratings_of(candidate, values, rater=None):
    rater = np.arange(len(values)) if rater is None else np.array(rater)
    return Ratings(np.array(candidate), rater, np.array(values, float), (), lambda means: means)


def test_means_are_over_the_ratings_of_each_candidate():
    # By hand: (1 + 5)/2, 4, (2 + 3 + 4)/3.
    ratings = ratings_of([2, 0, 1, 2, 0, 2], [4, 5, 4, 2, 1, 3])
    assert ratings.means().tolist() == [3.0, 4.0, 3.0]


def test_ratings_are_kept_candidate_by_candidate_with_their_raters():
    ratings = ratings_of([1, 0, 1, 0], [7, 6, 5, 8], rater=[10, 11, 12, 13])
    kept = zip(ratings.candidate, ratings.rater, ratings.values, strict=True)
    assert list(kept) == [(0, 11, 6), (0, 13, 8), (1, 12, 5), (1, 10, 7)]
    with pytest.raises(ValueError, match="read-only"):
        ratings.values[0] = 1


def test_weights_count_ratings_several_times():
    rng = np.random.default_rng(0)
    candidate, values = np.repeat(np.arange(40), 5), rng.integers(-9, 9, 200)  # exact sums
    ratings = ratings_of(candidate, values)
    counts = rng.integers(1, 4, 200)
    many = (np.repeat(kept, counts) for kept in (ratings.candidate, ratings.values))
    often = ratings_of(*many)
    np.testing.assert_array_equal(ratings.means(counts.astype(float)), often.means())
    only = np.where(ratings.rater % 5 == 3, 1.0, 0.0)  # of the candidate's fourth rating
    np.testing.assert_array_equal(ratings.means(only), values[3::5])


def test_equal_ratings_have_equal_means_in_any_order():
    # 0.1 + 0.2 + 0.3 is 0.6000000000000001 from the left, 0.6 from the right.
    orders = list(permutations((0.1, 0.2, 0.3, 0.7071)))
    candidate = np.repeat(np.arange(len(orders)), 4)
    assert np.unique(ratings_of(candidate, np.ravel(orders)).means()).size == 1


def test_the_mean_of_ratings_that_agree_is_their_value():
    # The sum of three 0.1 is 0.30000000000000004.
    counts = np.arange(1, 60)
    ratings = ratings_of(np.repeat(np.arange(59), counts), np.full(counts.sum(), 0.1))
    assert set(ratings.means().tolist()) == {0.1}
