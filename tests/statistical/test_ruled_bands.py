"""Bands of a loop of several voters, from tables of rows: how often they hold the truth."""

import numpy as np
import pytest
from scipy import stats

from recurate import CurationLoop, RewardLaw, bootstrap_bands
from recurate.rules import BestOf, BradleyTerry, Voters

TABLES, ROWS, STEPS, RATE = 100, 200, 3, 1e-11
PROBS = [0.3, 0.2, 0.2, 0.2, 0.1]
REWARDS, SCORES = np.array([0.0, 1, 1, 2, 3]), np.array([1.0, 0, 2, 1, 0])
LABELS = np.array(list("aabbc"))
RULE = Voters([(0.6, BradleyTerry(3)), (0.4, BestOf(2, by="score"))])


def loop_on(kinds, probs=None):
    law = RewardLaw(REWARDS[kinds], probs, LABELS[kinds].tolist(), scores={"score": SCORES[kinds]})
    return CurationLoop(law, rule=RULE, lam=2.0, retained=0.1)


@pytest.mark.error_rate(rate=3 * RATE, null="coverage of at least 0.9", size="100 tables of 200")
def test_bands_of_voters_cover_the_law_that_rows_were_drawn_from():
    whole = loop_on(np.arange(5), PROBS).run(steps=STEPS)
    truth = np.array(
        [whole.expected_reward[-1], whole.expected_scores[-1, 0], whole.group_proportions[-1, 0]]
    )
    covered, closely = np.zeros((2, 3))
    for number in range(TABLES):
        rng = np.random.default_rng([11, number])
        loop = loop_on(rng.choice(5, size=ROWS, p=PROBS))
        bands = bootstrap_bands(loop, loop.run(steps=STEPS), replicates=100, rng=rng)
        group = loop.law.group_names.index("a")
        low, high = (
            np.array([of["expected_reward"][-1], of["score[score]"][-1], shares[-1, group]])
            for of, shares in (
                (bands.low, bands.low_proportions),
                (bands.high, bands.high_proportions),
            )
        )
        covered += (low <= truth) & (truth <= high)
        closely += np.abs(truth - (low + high) / 2) <= (high - low) / 4
    # Null: each of three bands at the last step holds the truth in at least 90 of 100 tables.
    least = stats.binom.ppf(RATE, TABLES, 0.9)
    assert (covered >= least).all()
    # Power: bands of half the width are refused.
    assert (closely < least).all()
