"""Means of scores along a loop: against sums over the atoms, and numbers of real tables."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurate import CurationLoop, RewardLaw
from recurate.numerics.compression.compressor import LEAST_LAW, TOLERANCE

INPUTS = Path(__file__).parents[1] / "face" / "reading" / "inputs"
INF = math.inf


def by_sums(run, t):
    """The means at a step, one by one, from the law at that step: exact sums, nothing shared."""
    means = []
    for values in run.law.scores.values():
        probs = run.probs(t)
        rows = [i for i in range(values.size) if not math.isnan(values[i])]
        mass = math.fsum(probs[i] for i in rows)
        means.append(math.fsum(probs[i] * values[i] for i in rows) / mass if mass else math.nan)
    return means


@st.composite
def runs(draw):
    """Runs of two steps on up to a dozen atoms: ties, zero masses, gaps, prompts, other starts."""
    n = draw(st.integers(2, 12))
    numbers = st.lists(st.integers(-3, 3), min_size=n, max_size=n)
    masses = st.lists(st.integers(0, 4), min_size=n, max_size=n).map(lambda m: [m[0] + 1, *m[1:]])
    rewards = np.array(draw(numbers)) / 2
    probs = np.array(draw(masses), dtype=float)
    gaps = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    score = np.where(gaps & (np.arange(n) > 0), np.nan, 100.0 * np.array(draw(numbers)) + 7)
    scores = {"score": score, "all": np.array(draw(numbers), dtype=float)}
    prompts = draw(st.none() | st.lists(st.integers(0, 2), min_size=n, max_size=n))
    start = None if draw(st.booleans()) else np.array(draw(masses), dtype=float)
    if prompts is not None:
        probs += 1
        start = None
    law = RewardLaw(rewards, probs / probs.sum(), prompts=prompts, scores=scores)
    loop = CurationLoop(
        law, K=draw(st.sampled_from([1, 2, 5, INF])), lam=draw(st.sampled_from([0.5, 2, INF]))
    )
    return loop.run(steps=2, initial=None if start is None else start / start.sum())


@given(runs())
def test_means_are_sums_over_the_atoms_that_have_a_value(run):
    assert run.score_names == ("score", "all")
    assert run.expected_scores.shape == (3, 2)
    for t in range(3):
        expected = by_sums(run, t)
        assert run.expected_scores[t] == pytest.approx(expected, rel=1e-12, abs=1e-11, nan_ok=True)


def test_means_within_prompts_from_another_start_and_with_equal_weights():
    draw = np.random.default_rng(0)
    prompts = draw.integers(0, 40, 300)
    score = np.where(draw.random(300) < 0.3, np.nan, draw.exponential(size=300))
    for weights in ("rows", "equal"):
        law = RewardLaw(
            draw.normal(size=300).round(1),
            prompts=prompts,
            prompt_weights=weights,
            scores={"score": score},
        )
        start = draw.random(300)
        start *= (law.prompt_probs / np.bincount(law.prompt_index, start))[law.prompt_index]
        for initial in (None, start):
            run = CurationLoop(law, K=4, lam=2.0).run(steps=3, initial=initial)
            for t in range(4):
                assert run.expected_scores[t] == pytest.approx(by_sums(run, t), rel=1e-12)


def test_a_mean_of_nothing_is_no_number():
    # All mass goes to the best reward, which has no value.
    law = RewardLaw([0.0, 1.0], scores={"a": [5.0, np.nan], "b": [1.0, 2.0]})
    limit = CurationLoop(law, K=2, lam=INF).fixed_point()
    assert np.isnan(limit.expected_scores[0])
    assert limit.expected_scores[1] == 2.0
    run = CurationLoop(law, K=2, lam=INF).run(steps=1)
    assert run.expected_scores[:, 0].tolist() == [5.0, 5.0]
    law = RewardLaw([0.0, 1.0], [1.0, 0.0], scores={"a": [5.0, np.nan]})
    assert np.isnan(CurationLoop(law, K=2, lam=1.0).run(steps=0, initial=[0, 1]).expected_scores)


def test_a_fixed_point_has_means_too():
    # Weights 1 and 2, K = 2 and λ = 2: p = (1/2, 1/2), as in the docstring of `fixed_point`.
    law = RewardLaw([0.0, math.log(2.0)], [2 / 3, 1 / 3], scores={"length": [10.0, 30.0]})
    limit = CurationLoop(law, K=2, lam=2.0).fixed_point()
    assert limit.expected_scores == pytest.approx([20.0], abs=1e-10)


def jagged(size, probs=False):
    """A law whose scores jump from atom to atom, with gaps."""
    draw = np.random.default_rng(3)
    rewards = np.where(draw.random(size) < 0.3, draw.integers(0, 4, size), draw.normal(size=size))
    scores = {
        "noise": draw.standard_normal(size),
        "jump": (rewards > 0.7) * 1.0,
        "gaps": np.where(draw.random(size) < 0.3 + 0.6 * (rewards > 1), np.nan, rewards**2 + 50),
        "constant": np.full(size, 3.25),
    }
    masses = draw.random(size) if probs else np.ones(size)
    return RewardLaw(rewards, masses / masses.sum(), scores=scores)


@pytest.mark.parametrize("probs", [False, True])
@pytest.mark.parametrize(("K", "lam"), [(4, 1.0), (3, INF), (INF, 0.5)])
def test_compressed_means_are_the_dense_engines(K, lam, probs):
    loop = CurationLoop(jagged(LEAST_LAW, probs), K=K, lam=lam)
    found, dense = loop.run(steps=12), loop.run(steps=12, compress=False)
    assert 0 < found.error_estimate <= TOLERANCE
    # The stated error: the estimate, times a score's range (at most 70) over the mass with a value.
    assert np.abs(found.expected_scores - dense.expected_scores).max() < 1e-10
    assert found.expected_scores[:, 3] == pytest.approx(3.25, abs=1e-13)
    assert dense.expected_scores[12] == pytest.approx(by_sums(dense, 12), rel=1e-11)


def test_a_compressed_fixed_point_has_the_dense_ones_means():
    loop = CurationLoop(jagged(LEAST_LAW), K=4, lam=2.0)
    found, dense = loop.fixed_point(), loop.fixed_point(compress=False)
    assert found.error_estimate > 0
    assert np.abs(found.expected_scores - dense.expected_scores).max() < 1e-10


def test_a_compressed_law_notices_scores_that_its_cells_do_not_resolve():
    # Three places, each a cluster far narrower than a bin, and a score that tells apart what no bin
    # resolves: the error is part of the estimate, and all rewards are used instead.
    draw = np.random.default_rng(0)
    size = LEAST_LAW
    within = draw.choice([-1.0, 1.0], size)
    rewards = draw.integers(0, 3, size) * 4.0 + 1e-8 * within
    law = RewardLaw(rewards, scores={"side": within})
    loop = CurationLoop(law, K=4, lam=INF)
    dense = loop.run(steps=30, compress=False)
    with pytest.warns(RuntimeWarning, match="computed on all 8,000 rewards"):
        found = loop.run(steps=30)
    assert np.abs(found.expected_scores - dense.expected_scores).max() < 1e-12
    CurationLoop(RewardLaw(rewards), K=4, lam=INF).run(steps=30, compress=True)  # no error
    assert loop.compressed(horizon=30).size < 10  # which has no scores, and no error


def test_runs_without_scores_have_none():
    run = CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=1.0).run(steps=2)
    assert run.score_names == ()
    assert run.expected_scores.shape == (3, 0)
    assert run.to_dict()["expected_scores"] == [[], [], []]


def test_columns_of_scores_collide_with_no_others(tmp_path):
    names = ["expected_reward", "a", "b\x1b", repr("b\x1b"), "proportion[x]"]
    law = RewardLaw([0.0, 1.0], groups="xy", scores={name: [0.0, 1.0] for name in names})
    run = CurationLoop(law, K=2, lam=1.0).run(steps=1)
    assert run.score_labels == [f"score[{i}: {name!r}]" for i, name in enumerate(names)]
    run.to_csv(tmp_path / "run.csv")
    table = pandas.read_csv(tmp_path / "run.csv")
    assert list(table.columns) == list(run.to_dataframe().columns)
    assert len(set(table.columns)) == 6 + 2 + 5
    assert table[run.score_labels].to_numpy() == pytest.approx(run.expected_scores, abs=0)
    found = run.to_dict()
    assert found["score_names"] == names
    assert found["expected_scores"] == run.expected_scores.tolist()


# The expected numbers of the tests below are of an independent oracle: a dense trapezoid rule in
# NumPy, checked against the enumeration of all K-tuples.


def test_lengths_of_a_leaderboards_answers():
    with (INPUTS / "leaderboard.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    percent = np.array([float(row["win_rate"]) for row in rows])
    lengths = [float(row["avg_length"]) for row in rows]
    law = RewardLaw(np.log(percent / (100 - percent)), scores={"length": lengths})
    run = CurationLoop(law, K=4, lam=INF).run(steps=5)
    expected = [1794.05, 1968.17, 2071.40, 2109.52, 2121.16, 2128.32]
    assert run.expected_scores[:, 0] == pytest.approx(expected, abs=0.005)


def test_correctness_and_length_within_questions():
    with (INPUTS / "rollouts_lists.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    reward, correct, length = (
        np.concatenate([np.array(row[name], dtype=float) for row in rows])
        for name in ("rewards", "correct", "lengths")
    )
    prompts = np.repeat(np.arange(len(rows)), [len(row["rewards"]) for row in rows])
    scores = {"correct": correct, "length": length}
    run = CurationLoop(RewardLaw(reward, prompts=prompts, scores=scores), K=4, lam=INF).run(steps=3)
    assert run.expected_scores[:, 0] == pytest.approx([0.3175, 0.4038, 0.4255, 0.4275], abs=5e-5)
    assert run.expected_scores[:, 1] == pytest.approx([332.675, 305.84, 298.56, 297.54], abs=0.005)
    pooled = CurationLoop(RewardLaw(reward, scores=scores), K=4, lam=INF).run(steps=3)
    assert pooled.expected_scores[3, 0] == pytest.approx(0.971293, abs=5e-7)
    mixed = CurationLoop(RewardLaw(reward, prompts=prompts, scores=scores), K=4, lam=1.0)
    assert mixed.run(steps=5).expected_scores[5, 0] == pytest.approx(0.371096, abs=5e-7)


def test_cost_of_an_agents_runs():
    table = pandas.read_parquet(INPUTS / "agent_runs.parquet")
    law = RewardLaw(
        table["score"].astype(float),
        prompts=table["case_id"],
        scores={"cost": table["cost_usd"].astype(float)},
    )
    run = CurationLoop(law, K=4, lam=INF).run(steps=3)
    assert run.expected_reward == pytest.approx([0.779422, 0.820328, 0.853108, 0.878005], abs=5e-7)
    assert run.expected_scores[[0, 3], 0] == pytest.approx([0.027015, 0.024367], abs=5e-7)
