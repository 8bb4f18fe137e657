"""Bands of what is extrapolated from prompts' samples of answers: how often they hold the truth."""

import math

import numpy as np
import pytest
from scipy import stats

from recurate import CurationLoop, RewardLaw
from recurate.numerics.inference.sampled_rows import extrapolated

PROMPTS, ROWS, TABLES, STEPS = 100, 8, 100, 3


def law_and_draw(name):
    """Return the law of each kind of prompt, all equally frequent, and a sampler of rewards."""
    if name == "normal":
        nodes, weights = np.polynomial.hermite_e.hermegauss(120)
        keep = weights > 0
        exact, probs = nodes[keep] / 2, weights[keep] / weights[keep].sum()
        return RewardLaw(
            exact, probs, prompts=np.zeros(exact.size)
        ), lambda generator: generator.normal(scale=0.5, size=(PROMPTS, ROWS))
    rates = np.array([0.1, 0.3, 0.5, 0.9])
    probs = np.column_stack([1 - rates, rates]).ravel() / 4
    exact = RewardLaw([0.0, 1.0] * 4, probs, prompts=np.repeat(np.arange(4), 2))

    def draw(generator):
        of_prompt = generator.choice(rates, size=(PROMPTS, 1))
        return (generator.random((PROMPTS, ROWS)) < of_prompt).astype(float)

    return exact, draw


@pytest.mark.error_rate(rate=8e-9, null="coverage of at least .93 where known", size=200)
@pytest.mark.parametrize("name", ["normal", "successes"])
def test_bands_cover_all_answers_or_the_step_is_not_known(name):
    exact, draw = law_and_draw(name)
    truth = CurationLoop(exact, K=4, lam=math.inf).run(steps=STEPS)
    missed, plainly, known = np.zeros((2, STEPS + 1)), np.zeros(STEPS + 1), np.zeros(STEPS + 1)
    for i in range(TABLES):
        rewards = draw(np.random.default_rng([7, i]))
        law = RewardLaw(rewards.ravel(), prompts=np.repeat(np.arange(PROMPTS), ROWS))
        loop = CurationLoop(law, K=4, lam=math.inf)
        found = extrapolated(loop, STEPS, splits=2, rng=i)
        for k, figure in enumerate(("expected_reward", "kl_to_reference")):
            value = getattr(truth, figure)
            missed[k] += (value < found.low[figure]) | (value > found.high[figure])
        known += ~np.isnan(found.low["expected_reward"])
        # The table as it stands, with a band over its prompts.
        by_prompt = loop.run(steps=STEPS).by_prompt.expected_reward
        half = 2 * by_prompt.std(axis=1) / math.sqrt(PROMPTS)
        plainly += np.abs(by_prompt.mean(axis=1) - truth.expected_reward) > half
    # Null: at each of four steps and for each figure, at most 7 of 100 tables have a band without
    # the truth. 100 tables; error rate 5e-10 for each of the eight, and for each of two laws.
    most = stats.binom.isf(5e-10, TABLES, 0.07)
    assert (missed <= most).all()
    # Power: at the last step the table's own bands are wrong more often, and as often as not some
    # steps are known.
    assert plainly[STEPS] > most
    assert known[0] == TABLES
    assert known[1] > TABLES / 2
