"""Integrals of scores that a cell does not resolve, and where an atom is in no cell's middle."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from recurate.numerics.compression.compressor import compressor_of
from recurate.numerics.compression.levels import CompressedLevels
from recurate.numerics.laws.of_scores import factors_of_scores
from recurate.numerics.laws.reward_law import RewardLaw


def levels_of(law, steps=40):
    return CompressedLevels.on(law, compressor_of(law)._partition.cells(steps))


def test_what_a_cell_does_not_resolve_is_left_out_and_part_of_its_error():
    # Half the mass in a cluster, a small part of a bin: the polynomials of the cell are orthonormal
    # on the bins' rules, and may be very large at the rewards themselves.
    draw = np.random.default_rng(0)
    rewards = np.concatenate([draw.normal(size=4000), 1e-3 * draw.normal(size=4000) - 20])
    score = np.sign(draw.random(8000) - 0.5)
    levels = levels_of(RewardLaw(rewards, scores={"side": score}))
    scored, start, seen = levels.with_scores(), 0, 0
    for before, cell in zip(levels.cells, scored.cells, strict=True):
        nodes = slice(start, start + cell.nodes.size)
        start = nodes.stop
        if cell.exact or not (lost := cell.lost > before.lost).any():
            continue
        # What is left of the score has none of those polynomials.
        left = cell.values @ (scored.level_scores[0, 0, nodes] / np.sqrt(cell.weights))
        assert np.abs(left[lost]).max() < 1e-12
        assert (cell.lost[lost] > 2 * np.sqrt(cell.weights.sum())).all()
        seen += lost.sum()
    assert seen > 0


def test_sums_over_polynomials_of_the_reward_are_exact():
    # Scores that are polynomials, of which a rule of twelve nodes has the integral too.
    rewards = np.random.default_rng(1).normal(size=10_000)
    law = RewardLaw(rewards, scores={"line": rewards, "cube": rewards**3})
    levels = levels_of(law).with_scores()
    found = levels.level_scores @ np.ones(levels.rewards.size)
    assert_allclose(found[0], [rewards.mean(), (rewards**3).mean()], atol=1e-13)
    assert_allclose(found[1], 1.0, atol=1e-13)
    found = levels.level_scores[0] @ levels.rewards
    assert_allclose(found, [(rewards**2).mean(), (rewards**4).mean()], atol=1e-12)


def test_multiples_of_the_rewards_are_told_from_scores_that_nearly_are():
    rewards = np.random.default_rng(3).normal(loc=2, size=200_000)
    own = rewards / 0.7  # as a table has them whose γ is 0.7
    columns = {name: own.copy() for name in ("off", "missing")}
    columns["off"][150_000] *= 1 + 1e-12
    columns["missing"][150_000] = np.nan
    law = RewardLaw(rewards, scores={"own": own, **columns, "shifted": own + 1e-9})
    assert factors_of_scores(law) == {"own": pytest.approx(1 / 0.7, rel=1e-15)}
    sums, masses = levels_of(law).with_scores().level_scores.sum(axis=2)
    assert_allclose(sums, [np.nansum(values) / law.size for values in law.scores.values()])
    assert_allclose(masses, [1, 1, 1 - 1 / law.size, 1], rtol=1e-13)
    assert factors_of_scores(RewardLaw(np.zeros(9), scores={"any": np.arange(9)})) == {}
