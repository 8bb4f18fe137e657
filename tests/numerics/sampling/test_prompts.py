"""Choices within prompts, and indices drawn from many laws in one array.

The laws of winners are tested in tests/statistical; here only what is certain.
"""

import math

import numpy as np
import pytest

from recurate import curate
from recurate.numerics.sampling.segments import Segments, cumulative_within
from recurate.numerics.sampling.streams import NumpyStream

PROMPTS = ["b", "a", "b", "c", "b", "a"]
REWARDS = [0.0, 5.0, 2.0, 9.0, 2.0, 4.0]
ROWS = [{0, 2, 4}, {1, 5}, {3}]
"""The answers to b, a and c, in the order of their first appearance."""


def test_indices_of_each_segment_are_those_of_its_own_law():
    rng = np.random.default_rng(0)
    starts = np.array([0, 1, 4, 5, 20])
    weights = rng.random(20)
    weights[[1, 7, 19]] = 0.0
    which, uniforms = rng.integers(0, 4, 500), rng.random((3, 500))
    uniforms[:, :2] = np.array([[0.0, np.nextafter(1.0, 0.0)]])
    drawn = Segments(starts, weights).draw(which, uniforms)
    even = Segments(starts).draw(which, uniforms)
    for k in range(3):
        for j, z in enumerate(which):
            own = weights[starts[z] : starts[z + 1]]
            target = uniforms[k, j] * own.sum()
            # The first whose cumulative weight exceeds u of the total, by a search of its own.
            found = next(i for i, sum_ in enumerate(np.cumsum(own)) if sum_ > target and own[i] > 0)
            assert drawn[k, j] == starts[z] + found
            assert even[k, j] == starts[z] + math.floor(uniforms[k, j] * own.size)


def test_sums_of_a_segment_know_nothing_of_the_others():
    """A weight of 1e-12 beside others of 1e9 keeps its digits."""
    weights = np.array([1e9, 3e9, 1e-12, 2e-12, 4e-12, 7e9])
    found = cumulative_within(weights, np.array([0, 2, 5, 6]))
    assert found == pytest.approx([1e9, 4e9, 1e-12, 3e-12, 7e-12, 7e9], rel=1e-15, abs=0)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("options", [{}, {"method": "gumbel"}, {"dtype": "float32"}], ids=str)
@pytest.mark.parametrize("K", [1, 3, 40, math.inf])
def test_winners_answer_the_prompt_of_their_row(K, options, backend):
    if backend == "torch":
        pytest.importorskip("torch")
    for probs in (None, [0.1, 0.2, 0.0, 0.3, 0.3, 0.1]):
        made = curate(
            REWARDS, K, 200, prompts=PROMPTS, probs=probs, rng=1, backend=backend, **options
        )
        assert tuple(made.shape) == (3, 200)
        for row, answers in zip(np.asarray(made), ROWS, strict=True):
            assert set(row.tolist()) == answers - ({2} if probs else set())


def test_the_best_of_each_prompt_wins_at_temperature_zero():
    """Also where another prompt's best is better, and ties are shared."""
    for K in (200, math.inf):
        rows = curate(REWARDS, K, 100, prompts=PROMPTS, temperature=0, rng=1)
        assert [set(row) for row in rows.tolist()] == [{2, 4}, {1}, {3}]


def test_rewards_of_prompts_that_are_far_apart_keep_their_digits_in_float32():
    """Relative to the highest of all, 0 and ln 3 would both be rounded to -1e9."""
    rewards = [0.0, math.log(3.0), 1e9]
    rows = curate(rewards, math.inf, 100_000, prompts=[0, 0, 1], rng=1, dtype="float32")
    # Null: binomial(100,000, 3/4); eight deviations, 1e-15.
    assert abs(rows[0].mean() - 0.75) < 8 * math.sqrt(3 / 16 / 100_000)


def test_one_prompt_is_a_pool_without():
    """The same law: with as many uniforms drawn in the same order, the same winners at K = inf."""
    rewards = np.random.default_rng(0).normal(size=50)
    one = curate(rewards, math.inf, 1000, prompts=["only"] * 50, rng=3)
    assert one.tolist() == [curate(rewards, math.inf, 1000, rng=3).tolist()]


def test_memory_is_bounded_by_the_block_and_the_result():
    import tracemalloc

    prompts = np.repeat(np.arange(2_000), 10)
    rewards = np.random.default_rng(0).normal(size=prompts.size)
    tracemalloc.start()
    curate(rewards, 4, 500, prompts=prompts, rng=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24 * 8 * NumpyStream.block + 2 * 8 * 10**6


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"prompts": ["a"]}, ValueError, r"prompts must have one entry per reward \(2\); got 1"),
        ({"prompts": ["a", None]}, ValueError, "prompts, position 1: must be a label; got None"),
        ({"prompts": "ab", "probs": [1.0, 0.0]}, ValueError, "must each have a positive mass; 'b'"),
        ({"prompts": 7}, TypeError, "prompts must be hashable labels"),
    ],
)
def test_bad_prompts(arguments, error, message):
    with pytest.raises(error, match=message):
        curate([0.0, 1.0], 2, 3, **arguments)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_many_rows_at_once_have_the_winners_of_each_by_itself(monkeypatch, temperature):
    """K = inf: the same uniforms in the same order, whether rows are gone through or not."""
    from recurate.numerics.sampling import choice_rule
    from recurate.numerics.sampling.choice_rule import ChoiceRule, Pool

    rows = np.round(np.random.default_rng(0).normal(size=(70, 30)) * 3)
    rows -= rows.max(axis=1, keepdims=True)
    rule = ChoiceRule(math.inf, temperature)
    found = []
    for few in (64, 70):
        monkeypatch.setattr(choice_rule, "_FEW_ROWS", few)
        stream = NumpyStream(np.random.default_rng(5))
        found.append(rule.winners(Pool(rows, None, stream), 500))
    np.testing.assert_array_equal(*found)
    assert found[0].max() < 30
