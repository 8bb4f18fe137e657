"""Who searches the resampled tables changes nothing."""

import math

import numpy as np
import pytest

from recurate.numerics.inference import resampled_choices
from recurate.numerics.inference.choosing import choose
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.processes import Processes
from recurate.numerics.rules import BestOf

REWARDS = np.random.default_rng(0).normal(size=120)
ROWS = RewardLaw(REWARDS, groups=["ab"[n % 2] for n in range(120)])


class Estimates:
    """Laws of moved rewards, in place of those of resampled data."""

    def what(self, law):
        return "votes"

    def units(self, law):
        return 100

    def laws(self, law, replicates, generator):
        for n in range(replicates):
            moved = law.rewards + generator.normal(0, 0.1, law.size)
            yield None if n == 3 else RewardLaw(moved)


QUESTIONS = {
    "blocks of rows": (ROWS, {"K": 4, "max_kl": 0.05}),
    "a share": (ROWS, {"lam": 1.0, "group": "a", "max_share": 0.6, "steps": 4}),
    "another rule": (ROWS, {"rule": BestOf(3), "max_kl": 0.1, "steps": 4}),
    "estimates": (RewardLaw(REWARDS), {"K": 4, "max_kl": 0.05, "estimates": Estimates()}),
    "prompts": (
        RewardLaw(REWARDS, prompts=np.repeat(range(30), 4)),
        {"K": 4, "max_kl": 0.05, "steps": 4},
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_processes_choose_the_same(name, monkeypatch):
    law, asked = QUESTIONS[name]
    # Blocks of 1 to 30 tables, so that there are many.
    monkeypatch.setattr(resampled_choices, "BLOCK_ENTRIES", 30 * 120)
    alone = choose(law, **asked, replicates=120, rng=5)
    with Processes(2) as executor:
        together = choose(law, **asked, replicates=120, rng=5, executor=executor)
    assert together.resampled.size == 120 - (name == "estimates")
    assert together.resampled.tobytes() == alone.resampled.tobytes()
    assert (together.lam, together.K) == (alone.lam, alone.K)
    assert np.unique(alone.resampled[alone.resampled < math.inf]).size > 1
