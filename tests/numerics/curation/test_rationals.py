"""The rational oracle against the definition, by an enumeration of its own."""

import math
from fractions import Fraction

import numpy as np
import pytest

from recurate.numerics.curation import rationals

from ..oracles import ratio_by_tuples

HALF = [Fraction(1, 2), Fraction(1, 2)]


def rational_law(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 5))
    weights = [Fraction(int(a), int(b)) for a, b in rng.integers(1, 20, size=(n, 2))]
    masses = rng.integers(1, 10, size=n)
    return weights, [Fraction(int(x), int(masses.sum())) for x in masses]


@pytest.mark.parametrize("K", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("seed", range(4))
def test_ratio_is_the_winners_law_over_all_tuples(seed, K):
    weights, probs = rational_law(seed)
    assert rationals.curation_ratio(weights, probs, K) == ratio_by_tuples(weights, probs, K)


def test_ratio_at_a_massless_atom_is_that_of_a_candidate_with_its_weight():
    # Closed form, K = 2: 2 w / (w + 1) beside a point mass at weight 1.
    found = rationals.curation_ratio([1, 5], [Fraction(1), Fraction(0)], 2)
    assert found == [Fraction(1), Fraction(5, 3)]


def test_ratio_for_infinitely_many_candidates_is_weight_over_mean():
    assert rationals.curation_ratio([1, 3], HALF, math.inf) == [Fraction(1, 2), Fraction(3, 2)]


@pytest.mark.parametrize("lam", [Fraction(1, 3), 2, 0])
def test_trajectory_follows_the_definition(lam):
    weights, reference = rational_law(7)
    synthetic = Fraction(lam) / (1 + Fraction(lam))
    law = reference
    laws = rationals.trajectory(weights, reference, 3, lam, 2)
    for t in range(3):
        assert laws[t] == law
        ratio = ratio_by_tuples(weights, law, 3)
        law = [
            (1 - synthetic) * q + synthetic * p * h
            for q, p, h in zip(reference, law, ratio, strict=True)
        ]


def test_trajectory_from_another_start():
    # By hand: masses 1/2 on weights 1, 2, start at 2, lam = 1, K = 2: E w goes 2 -> 7/4.
    laws = rationals.trajectory([1, 2], HALF, 2, 1, 1, initial=[0, 1])
    assert [p[0] + 2 * p[1] for p in laws] == [2, Fraction(7, 4)]


def test_pure_trajectory():
    # By hand: w = (1, 2), masses 9/10 and 1/10, K = 2: the variance goes .09 -> .1131.
    laws = rationals.trajectory([1, 2], [Fraction(9, 10), Fraction(1, 10)], 2, math.inf, 1)
    variances = [p[0] * p[1] for p in laws]
    assert variances == [Fraction(9, 100), Fraction(87, 100) * Fraction(13, 100)]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([1.0, 2], HALF, 2), TypeError, r"^weights must be integers or Fractions; got 1\.0 at"),
        (([1, 2], [0.5, 0.5], 2), TypeError, r"^probs must be integers or Fractions; got 0\.5 at"),
        (([1, True], HALF, 2), TypeError, "^weights must be integers or Fractions; got True at"),
        (([], [], 2), ValueError, "^weights must have at least one entry; got none$"),
        (([1, 0], HALF, 2), ValueError, "^weights must be positive; got 0 at position 1$"),
        (([1, 2], [2, -1], 2), ValueError, "^probs must be at least 0; got -1 at position 1$"),
        (([1, 2], [1, 1], 2), ValueError, "^probs must sum to exactly 1; got a sum of 2$"),
        (([1, 2], [1], 2), ValueError, r"^probs must have one entry per reward \(2\); got 1$"),
        (([1, 2], HALF, 0), ValueError, "^K must be an integer of at least 1 or infinity; got 0$"),
    ],
)
def test_bad_ratio_input(arguments, error, message):
    with pytest.raises(error, match=message):
        rationals.curation_ratio(*arguments)


@pytest.mark.parametrize(
    ("lam", "error", "message"),
    [
        (0.5, TypeError, r"^lam must be an integer, a Fraction or math\.inf; got 0\.5$"),
        (-1, ValueError, "^lam must be a number of at least 0 or infinity; got -1$"),
    ],
)
def test_bad_mixing(lam, error, message):
    with pytest.raises(error, match=message):
        rationals.retraining_step([1, 2], HALF, HALF, 2, lam)


def test_bad_start_and_steps():
    with pytest.raises(ValueError, match=r"^initial must sum to exactly 1; got a sum of 3$"):
        rationals.trajectory([1, 2], HALF, 2, 1, 1, initial=[1, 2])
    with pytest.raises(ValueError, match=r"^steps must be an integer of at least 0; got -1$"):
        rationals.trajectory([1, 2], HALF, 2, 1, -1)


def test_large_numpy_integers_do_not_overflow():
    # Equal weights: H = 1, whatever their size.
    assert rationals.curation_ratio([np.int64(2**62)] * 2, HALF, K=2) == [1, 1]
