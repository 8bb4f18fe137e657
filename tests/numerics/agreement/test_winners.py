"""What is said of winners that are not as expected."""

import math

import numpy as np
import pytest

from recurate.numerics.agreement.verdict import furthest
from recurate.numerics.agreement.winners import winners_verdict
from recurate.numerics.agreement.winners_by_prompt import _Table
from recurate.numerics.laws.reward_law import RewardLaw


@pytest.mark.parametrize("seed", range(20))
def test_rounding_does_not_decide_what_is_named(seed):
    # All winners at the first atom are none at the others: the two events have one probability.
    probs = np.random.default_rng(seed).dirichlet(np.ones(3))
    counts, rewards = np.array([50, 0, 0]), np.arange(3.0)
    said = "atom 0 (reward 0) won 50 of 50 times"
    assert winners_verdict(counts, probs, rewards).departure.startswith(said)
    table = _Table.of(counts, probs, RewardLaw(rewards, probs, prompts="aaa"))
    assert table.least_tail().departure.startswith(f"prompt 'a': {said}")


@pytest.mark.parametrize(
    ("log_ratios", "place"),
    [
        ([1.0, 2.0, 1.5], 1),
        ([1.0, 1.0 + 1e-15], 0),  # but for rounding
        ([3e5, 3e5 * (1 + 1e-15)], 0),
        ([1.0, 1.0 + 1e-6], 1),
        ([0.0, math.inf, math.inf], 1),
    ],
)
def test_of_equal_departures_the_first_is_the_furthest(log_ratios, place):
    assert furthest(log_ratios) == place
