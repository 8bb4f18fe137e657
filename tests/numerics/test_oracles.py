"""The oracles agree with one another where two of them apply."""

import math
from fractions import Fraction

import mpmath
import pytest

from .oracles import (
    binomial,
    enumerated,
    limit,
    mpf,
    normalised,
    precise,
    precise_weights,
    quadrature,
    ratio_by_tuples,
)


def relative_gap(found, expected):
    return max(float(abs(x / y - 1)) for x, y in zip(found, expected, strict=True))


def test_winner_over_all_tuples_is_a_known_ratio():
    # Closed form: weights 1 and 3, masses 1/2, best of two.
    half = [Fraction(1, 2), Fraction(1, 2)]
    assert ratio_by_tuples([1, 3], half, 2) == [Fraction(3, 4), Fraction(5, 4)]


@pytest.mark.parametrize("K", [2, 3, 6])
def test_quadrature_meets_the_enumeration_of_the_definition(K):
    rewards, probs = [-40.0, 0.0, 0.5, 0.5], normalised([0.1, 0.6, 0.2, 0.1])
    found, expected = quadrature(rewards, K)(probs), enumerated(rewards, K)(probs)
    assert relative_gap(found, expected) < 1e-38


@pytest.mark.parametrize("K", [3, 300])
def test_quadrature_meets_the_binomial_sum(K):
    rewards, probs = [0.0, 3.0], normalised([0.9, 0.1])
    assert relative_gap(quadrature(rewards, K)(probs), binomial(rewards, K)(probs)) < 1e-38


def test_quadrature_meets_tanh_sinh():
    # mpmath's tanh-sinh rule in s itself, on intervals split by hand.
    rewards, probs, K = [0.0, 1.0, 2.5], normalised([0.2, 0.5, 0.3]), 1000
    w = precise_weights(rewards)
    with mpmath.workdps(40):

        def integrand(s):
            transform = sum(p * mpmath.exp(-s * x) for p, x in zip(probs, w, strict=True))
            return mpmath.exp(-s * w[0]) * transform ** (K - 1)

        integral = mpmath.quad(integrand, [0, 1e-3, 1e-2, 0.1, 1, 10, mpmath.inf])
    assert abs(K * w[0] * integral / quadrature(rewards, K)(probs)[0] - 1) < 1e-25


def test_quadrature_tends_to_the_limit():
    # K = inf; the next term is of order 1/K (mathematics.md, lemma-2.1).
    rewards, probs = [0.0, 1.0], normalised([0.5, 0.5])
    assert relative_gap(quadrature(rewards, 1e9)(probs), limit(rewards)(probs)) < 1e-8


def test_probabilities_are_normalised_in_sixty_digits():
    for probs in (normalised([0.1] * 10), normalised(log_probs=[-1e5, math.log(0.5), -0.7])):
        assert abs(precise.fsum(probs) - 1) < mpf("1e-58")
