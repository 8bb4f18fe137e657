"""The number of winners that tells two laws apart, against enumeration and SciPy's own test."""

import math

import numpy as np
import pytest
from scipy import stats

from recurate.numerics.agreement import winners
from recurate.numerics.agreement.power import MOST_WINNERS, WinnersTest, _g_threshold
from recurate.numerics.agreement.winners import (
    all_outcomes,
    g_p_value,
    log_multinomial,
    winners_verdict,
)

REWARDS = np.array([0.0, 1.0, 2.0])
LAW, OTHER = np.array([0.5, 0.3, 0.2]), np.array([0.3, 0.3, 0.4])


def test_two_atoms_by_scipys_binomial_test():
    """Both are the exact two-sided test that adds up all counts at most as likely."""
    p, q, alpha = 0.3, 0.55, 1e-2
    test = WinnersTest(np.array([1 - p, p]), np.array([1 - q, q]), np.array([0.0, 1.0]), alpha)

    def power(number):
        return sum(
            stats.binom.pmf(k, number, q)
            for k in range(number + 1)
            if stats.binomtest(k, number, p).pvalue < alpha
        )

    number = test.winners_needed(0.8)
    assert test.power(number) == pytest.approx(power(number), rel=1e-9)
    assert power(number) >= 0.8 > power(number - 1)


@pytest.fixture
def _nothing_enumerated(monkeypatch):
    monkeypatch.setattr(winners, "MOST_OUTCOMES", 0)


@pytest.mark.usefixtures("_nothing_enumerated")
@pytest.mark.parametrize("other", [OTHER, np.array([0.35, 0.6, 0.05])])
def test_the_power_is_at_least_that_by_enumeration(other):
    """Run the test itself on all counts of 30 winners."""
    alpha, number = 0.01, 30
    outcomes = all_outcomes(number, 3)
    chances = np.exp(log_multinomial(outcomes, other))
    rejects = [winners_verdict(counts, LAW, REWARDS).p_value < alpha for counts in outcomes]
    exact = chances[rejects].sum()
    assert 0.2 < exact < 0.9
    assert exact - 0.15 < WinnersTest(LAW, other, REWARDS, alpha).power(number) <= exact


def test_the_power_of_the_g_test_by_enumeration():
    alpha, number = 0.01, 140
    outcomes = all_outcomes(number, 3)
    chances = np.exp(log_multinomial(outcomes, OTHER))
    exact = chances[[2 * g_p_value(counts, LAW) < alpha for counts in outcomes]].sum()
    assert 0.8 < exact < 0.95
    assert exact - 0.5 < WinnersTest(LAW, OTHER, REWARDS, alpha)._g_power(number) <= exact


def test_the_threshold_of_the_g_test():
    """Agrawal's bound e^{-x} (e x/(k-1))^{k-1} there, k = 3."""
    half = _g_threshold(2, math.log(1e6))
    assert math.exp(-half) * (math.e * half / 2) ** 2 == pytest.approx(1e-6, rel=1e-6)


def test_one_winner_fewer_is_not_enough():
    for other, alpha in ((OTHER, 1e-3), (OTHER, 1e-9), (np.array([0.49, 0.3, 0.21]), 1e-6)):
        test = WinnersTest(LAW, other, REWARDS, alpha)
        number = test.winners_needed(0.9)
        assert test.power(number) >= 0.9 > test.power(number - 1)


def test_what_never_happens_is_noticed_at_once():
    # An atom of probability 0 that has 1/2: n winners show it but for (1/2)^n.
    law, other = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.5, 0.5])
    assert WinnersTest(law, other, REWARDS, 1e-6).winners_needed(0.99) == 7


def test_laws_that_are_the_same_are_never_told_apart():
    assert WinnersTest(LAW, LAW, REWARDS, 1e-6).winners_needed(0.5) is None
    nearly = LAW + np.array([1e-9, -1e-9, 0.0])
    assert WinnersTest(LAW, nearly, REWARDS, 1e-6).winners_needed(0.5) is None
    assert MOST_WINNERS == 10**12
