"""Choices against Bradley–Terry's rule: p-values by hand, and their validity by enumeration."""

import itertools
import math

import numpy as np
import pytest

from recurate.numerics.agreement import choices
from recurate.numerics.agreement.choice_log import read_log
from recurate.numerics.agreement.choices import (
    choices_verdict,
    fitted_verdict,
    predictive_ratios,
)
from recurate.numerics.agreement.concave import maximum

NAN = math.nan


def even(n, root):
    """A sequence that fills (0, 1) evenly, so that the test below has no randomness."""
    return (0.5 + np.arange(n) * math.sqrt(root)) % 1.0


SMALL = {
    "positions differ": ([[0.0, 1.0, 0.5], [2.0, 0.0, 0.1], [0.3, 0.3, 1.0], [0.0, 0.2, 0.9]], 1.0),
    "ties": ([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]], 0.7),
    "absent": ([[0.0, NAN, 1.0], [NAN, 2.0, 0.0], [0.0, 1.0, NAN], [NAN, NAN, 5.0]], -1.0),
    "far apart": ([[0.0, 1000.0], [3.0, 0.0], [0.0, -1000.0], [1e9, 1e9 + 1]], 1.0),
    "no preference": ([[0.0, 1.0], [4.0, 0.0], [0.0, 2.0], [0.0, 1.0], [1.0, 0.0]], 0.0),
}


def outcomes(shown):
    """All logs of these rewards."""
    present = ~np.isnan(np.array(shown))
    for chosen in itertools.product(*(np.flatnonzero(row) for row in present)):
        yield read_log(shown, chosen)


def assert_valid(p_values, chances):
    """P(p <= u) <= u for every u, exactly: at each p-value that occurs."""
    order = np.argsort(p_values)
    p_values, chances = p_values[order], chances[order]
    last_of_equals = np.append(np.diff(p_values) > 0, True)
    assert (chances.cumsum() <= p_values * (1 + 1e-9))[last_of_equals].all()


@pytest.mark.parametrize(("shown", "scale"), SMALL.values(), ids=SMALL)
def test_p_values_are_valid_by_enumeration(shown, scale):
    logs = list(outcomes(shown))
    chances = np.exp([log.log_likelihood(scale) for log in logs])
    assert chances.sum() == pytest.approx(1.0, rel=1e-12)
    p_values = np.array([choices_verdict(log, scale).p_value for log in logs])
    assert_valid(p_values, chances)


@pytest.mark.parametrize("scale", [0.0, 1.0, 6.0, -2.0])
def test_at_every_scale_the_mean_ratio_is_at_most_one_by_enumeration(scale):
    """Markov's bound needs no more."""
    shown = [[0.0, 1.0], [1.0, 0.0], [0.0, 0.4], [0.5, 0.0], [0.0, 1.0]]
    ratios = np.array(
        [
            np.exp(predictive_ratios(log, log.events())) * math.exp(log.log_likelihood(scale))
            for log in outcomes(shown)
        ]
    )
    assert ratios.shape == (32, 3)
    assert (ratios.sum(axis=0) <= 1 + 1e-9).all()


def test_the_p_value_at_the_fitted_scale_is_one_over_the_mean_ratio():
    shown = np.stack([np.zeros(64), 2 * even(64, 2) - 1], axis=1)
    log = read_log(shown, [0] * 60 + [1] * 4)
    ratios = np.exp(predictive_ratios(log, log.events()))
    verdict, scale = fitted_verdict(log)
    assert 1e-15 < verdict.p_value < 1e-6
    assert verdict.p_value == pytest.approx(1 / ratios.mean(), rel=1e-9)
    assert scale == log.fitted_scale


def test_an_alternative_is_a_probability():
    """The likelihoods of all continuations of the first choice sum to one."""
    shown = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 0.4], [2.0, 0.0], [0.0, 1.0], [0.3, 0.0]])
    members = np.tile([True, False], (6, 1))
    following = [log for log in outcomes(shown) if log.chosen[0] == 1]
    total = sum(math.exp(choices._predictive(log, members, [1, 3, 6])) for log in following)
    assert total == pytest.approx(1.0, rel=1e-12)


def test_by_hand_the_first_of_two_ties_each_time():
    # Chance of position 0 ten times: 2^-10; two looks, at either position, two-sided.
    verdict = choices_verdict(read_log(np.zeros((10, 2)), np.zeros(10, dtype=int)), 1.0)
    assert verdict.p_value == pytest.approx(4 * 2.0**-10, rel=1e-9)
    assert verdict.departure == "position 0 was chosen 10 of 10 times, expected 5.0 ± 1.6"


def test_by_hand_the_better_of_two_nine_times_in_ten():
    # One probability p of the better one, and every look is its count: e^{-10 KL(0.9, p)}, for
    # the sum of rewards, both positions, and the highest reward; two-sided.
    p = 1 / (1 + math.exp(-0.25))
    divergence = 0.9 * math.log(0.9 / p) + 0.1 * math.log(0.1 / (1 - p))
    verdict = choices_verdict(read_log([[1.0, 1.5]] * 10, [1] * 9 + [0]), 0.5)
    assert verdict.p_value == pytest.approx(8 * math.exp(-10 * divergence), rel=1e-9)
    mean, deviation = 1 + p / 2, math.sqrt(p * (1 - p) / 10) / 2
    assert verdict.departure == (
        f"the mean reward chosen is 1.450, expected {mean:.3f} ± {deviation:.2g}"
    )


def test_by_hand_a_chance_that_one_minus_it_would_lose():
    # The worse of two once: e^-46 / (1 + e^-46), in four looks, two-sided.
    verdict = choices_verdict(read_log([[46.0, 0.0]], [1]), 1.0)
    assert verdict.p_value == pytest.approx(8 * math.exp(-46), rel=1e-9)


def test_the_scale_is_fitted_by_hand():
    # Odds of 3 to 1 at a gap of 2: s = log(3)/2; with the worse one more often it is negative.
    for chosen, scale in (([1, 1, 1, 0], math.log(3) / 2), ([0, 0, 0, 1], -math.log(3) / 2)):
        assert read_log([[0.0, 2.0]] * 4, chosen).fitted_scale == pytest.approx(scale, rel=1e-6)
    assert read_log([[0.0, 1e-3], [0.0, 1e3]], [0, 1]).fitted_scale == pytest.approx(
        # The slope of the likelihood, by bisection; a millionth of a standard error is promised.
        _bisected(lambda s: -1e-3 / (1 + math.exp(-1e-3 * s)) + 1e3 / (1 + math.exp(1e3 * s))),
        rel=1e-4,
    )


def _bisected(decreasing, low=0.0, high=0.5):
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if decreasing(middle) > 0 else (low, middle)
    return low


def test_there_may_be_no_fitted_scale():
    shown = [[0.0, 1.0, 1.0], [2.0, NAN, 1.0], [5.0, NAN, NAN]]
    assert read_log(shown, [2, 0, 0]).fitted_scale == math.inf
    assert read_log(shown, [0, 2, 0]).fitted_scale == -math.inf
    assert math.isnan(read_log([[1.0, 1.0]], [0]).fitted_scale)
    log = read_log(shown, [2, 0, 0])
    assert log.log_likelihood(math.inf) == pytest.approx(math.log(0.5))  # a tie of two
    assert log.log_likelihood(math.inf) == pytest.approx(log.log_likelihood(60.0))


def test_events_by_hand():
    log = read_log([[3.0, 1.0, 3.0, NAN], [0.0, 2.0, 1.0, 5.0]], [0, 3])
    events = {event.name: event.members.astype(int).tolist() for event in log.events()}
    assert events == {
        "position 0": [[1, 0, 0, 0], [1, 0, 0, 0]],
        "position 1": [[0, 1, 0, 0], [0, 1, 0, 0]],
        "position 2": [[0, 0, 1, 0], [0, 0, 1, 0]],
        "position 3": [[0, 0, 0, 0], [0, 0, 0, 1]],
        "a highest reward": [[1, 0, 1, 0], [0, 0, 0, 1]],
        # Fewer than two are higher than 3, and two are higher than 1.
        "one of the 2 highest rewards": [[1, 0, 1, 0], [0, 1, 0, 1]],
        "one of the 3 highest rewards": [[1, 1, 1, 0], [0, 1, 1, 1]],
    }


def test_many_positions_are_looked_at_by_powers_of_two():
    names = [event.name for event in read_log(np.arange(20.0)[None, :], [3]).events()]
    assert names == [f"a position below {g}" for g in (1, 2, 4, 8, 16)] + [
        "a highest reward", *(f"one of the {g} highest rewards" for g in (2, 4, 8, 16))
    ]  # fmt: skip


def test_what_cannot_go_otherwise_is_not_looked_at():
    log = read_log([[1.0, NAN], [NAN, 2.0]], [0, 1])
    assert log.events() == []
    assert choices_verdict(log, 1.0).p_value == 1.0


def test_what_all_but_cannot_happen_is_refused():
    """The chance of the worse one is e^-1000, which underflows."""
    verdict = choices_verdict(read_log([[0.0, 1000.0]], [0]), 1.0)
    assert verdict.p_value == choices.LEAST_P_VALUE
    assert choices_verdict(read_log([[0.0, 1000.0]], [1]), 1.0).p_value == 1.0


@pytest.mark.parametrize(("bias", "is_refused"), [(0.0, False), (0.5, True)])
def test_a_position_that_is_preferred_shows_at_every_scale(bias, is_refused):
    n = 4_000
    shown = np.stack([np.zeros(n), 2 * even(n, 2) - 1], axis=1)
    chance = 1 / (1 + np.exp(-(0.8 * shown[:, 1] + bias)))
    verdict, scale = fitted_verdict(read_log(shown, (even(n, 3) < chance).astype(int)))
    # Unbiased: even numbers follow the rule better than chance would; the fit is close.
    assert (verdict.p_value < 1e-6) == is_refused
    if is_refused:
        assert "position" in verdict.departure
    else:
        assert scale == pytest.approx(0.8, abs=0.1)


def test_maxima():
    assert maximum(lambda x: (3.0 - x, 1.0)) == pytest.approx(3.0)
    # x - e^x/100 is largest at log 100; Newton's first step from 0 would leap to 99.
    slope = lambda x: (1 - math.exp(x) / 100, math.exp(x) / 100)  # noqa: E731
    assert maximum(slope) == pytest.approx(math.log(100), abs=1e-5)
    # Rising for ever: the limit.
    assert maximum(lambda x: (1.0, 0.0), limit=7.0) == 7.0
    assert maximum(lambda x: (-1.0, 0.0), start=2.0, limit=7.0) == -5.0
