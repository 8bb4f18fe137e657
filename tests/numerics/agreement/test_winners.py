"""What is said of winners that are not as expected."""

import numpy as np
import pytest

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
