"""Best-of-n sampling: the numbers of the documents, by hand."""

import math
from fractions import Fraction

import pytest

from recurate.paper_checks.literature.best_of_n import ONE_CHOICE, BestOfN, equal_masses, numbers_of
from recurate.theory.language.compile import compile_expression
from recurate.theory.literature.best_of_n import (
    collision,
    divergence_of_best,
    largest_divergence,
    win_rate_of_best,
)


@pytest.mark.parametrize("n", [2, 3, 10])
def test_the_example_of_two_answers(n):
    """KL = log 2 - h(2^-n), which the paper's example has, and the formula has more."""
    numbers = numbers_of(ONE_CHOICE.certified_run(equal_masses(2, n), 128), divergence=True)
    rare = 2.0**-n
    entropy = -rare * math.log(rare) - (1 - rare) * math.log1p(-rare)
    found = float(numbers[divergence_of_best])
    assert found == pytest.approx(math.log(2) - entropy, rel=1e-13)
    formula = float(compile_expression(largest_divergence, "float")(K=n))
    assert formula - found == pytest.approx(math.log(n) - 1 + 1 / n - math.log(2) + entropy)
    assert formula > found + 0.05


def test_win_rates_by_hand():
    # four equal answers, two drawn: P(best = i) = (2i - 1)/16, which beats (i - 1/2)/4 of a sample
    numbers = numbers_of(ONE_CHOICE.exact_run(equal_masses(4, 2)))
    assert numbers[win_rate_of_best] == Fraction(1 + 9 + 25 + 49, 128) == Fraction(21, 32)
    assert numbers[collision] == Fraction(1, 4)


def test_ties_that_count_as_wins():
    choice = BestOfN.of(ONE_CHOICE.exact_run(equal_masses(4, 2)))
    assert choice.wins(Fraction(1)) == Fraction(1 * 1 + 3 * 2 + 5 * 3 + 7 * 4, 64)
