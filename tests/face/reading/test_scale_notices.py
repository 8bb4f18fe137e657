"""Remarks on what rewards may be, if not log-odds: where they are made, and where not."""

import math

import numpy as np
import pytest

ROWS = 12


def column(name, values):
    return f'"{name}",group\n' + "".join(f"{v},m{i % 3}\n" for i, v in enumerate(values))


def remarks(read, name, values, **asked):
    return read(column(name, values), reward=name, **asked)[1]


def spread(low, high, rows=ROWS):
    return [round(low + (high - low) * i / (rows - 1) + 0.001 * (i % 2), 3) for i in range(rows)]


def test_what_half_of_the_pairs_have_is_said_if_rewards_are_flat(read):
    # Of each prompt the gaps .4, .5 and .9, and .2, .3 and .5: half are at most .4; e^.4 = 1.49.
    text = "prompt,reward\n" + "a,0\na,.4\na,.9\nb,10\nb,10.2\nb,10.5\n" * 2
    assert read(text, prompts=("prompt",))[1] == [
        "rewards are nearly flat: half of all pairs have odds below 1.49 to 1; --scale, which "
        "recurate calibrate finds, multiplies rewards"
    ]
    assert read(text, prompts=("prompt",), scale=2.0)[1] == []
    assert read(text, prompts=("prompt",), unit="log-odds")[1] == []
    assert not [line for line in read(text)[1] if "flat" in line]  # of prompts together
    assert read("reward\n" + "0\n.2\n.4\n" * 3)[1] == []  # of so few rows nothing is said


def test_what_half_of_the_pairs_have_is_said_if_rewards_are_steep(read):
    # Gaps from 10 to 110: half of the pairs are 40 apart or more; e^40 = 2.4e17.
    said = remarks(read, "reward", range(-10, 110, 10))
    assert said == [
        "half of all pairs of rewards have odds above 2.4e+17 to 1: are they in log-odds? "
        "--reward-is names another unit, --scale a factor"
    ]
    # Gaps of 7.5 and more; e^7.5 = 1808.
    (said,) = remarks(read, "reward", [-7.5, 0] * 6)
    assert "above 1,808 to 1" in said
    assert remarks(read, "reward", [-6.9, 0] * 6) == []  # e^6.9 = 992
    assert "above 22,026 to 1" in remarks(read, "reward", [-10, 0])[0]  # e^10, of so few rows too
    assert "above 1e+300 to 1" in remarks(read, "reward", [-1e4, 1e4] * 6)[0]
    assert remarks(read, "reward", [-7.5, 0] * 6, unit="log-odds") == []
    assert "are these percentages?" in remarks(read, "score", spread(3, 98))[0]
    assert "are these Elo ratings?" in remarks(read, "score", spread(903, 1298))[0]


@pytest.mark.parametrize(
    ("name", "values", "option"),
    [
        *((name, spread(12, 93, 4), "percent") for name in ("win_rate", "accuracy", "pass %")),
        ("pct_correct", spread(2, 6, 4), "percent"),
        *((name, spread(0.1, 0.9, 4), "probability") for name in ("winRate", "prob", "acc")),
        ("win_rate", [0, 0.25, 0.5, 1], "probability"),
        ("anything", spread(0.1, 0.9), "probability"),
        ("anything", [0, 0.25, 0.5, 1] * 3, "probability"),  # with --trials
        *((name, [903, 1102, 1298], "elo") for name in ("Elo", "arena_score", "rating")),
        ("elo", [-198, 1, 101], "elo"),  # about their mean
        *((name, [0.4, 1.3, 2.2], "ratio") for name in ("speedup", "cost ratio")),
    ],
)
def test_other_units_are_known_by_name_and_range(read, name, values, option):
    (said,) = remarks(read, name, values)
    assert f"--reward-is {option} takes" in said
    if name != "anything":
        assert said.startswith(f"column '{name}' looks like ")
    for given in ({"unit": "log-odds"}, {"scale": 0.5}):
        assert remarks(read, name, values, **given) == []


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("accuracy", [0, 1] * 6),
        ("win_rate", [0, 1, 1, 1] * 3),
        ("rating", [1, 2, 3, 4, 5] * 3),  # stars
        ("accuracy", [1, 2, 3, 4, 5] * 3),
        ("score", spread(-4.6, 3.1)),  # of a reward model
        ("rewards", np.random.default_rng(0).normal(0, 3, 50).round(3).tolist()),
        ("score", [0, 0.5, 1] * 4),
        ("label", [0, 1] * 6),
        ("preference", [1, 2, 3, 4, 5, 4] * 2),
        ("preference", [-1.5, 0.2, 1.5] * 4),
        ("chosen_reward", [0, 1] * 6),
        ("grade", range(10)),
        ("position_score", spread(-1, 2)),
        ("position", spread(1, 3)),
        ("PageRank", spread(0.9, 3)),
        ("n_steps", [1, 4, 2, 8] * 3),
        ("step_reward", [0, 2, 1, 3] * 3),
        ("rank_score", [1, 4, 2, 3] * 3),
    ],
)
def test_rewards_as_they_often_are_get_no_remark(read, name, values):
    assert remarks(read, name, values) == []


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        *((name, [1, 3, 2, 2], "ranks") for name in ("rank", "Ranking", "final_place", "position")),
        ("mean rank", [1.5, 2, 2.5, 4], "ranks"),
        ("rank", range(1, 41), "ranks"),
        *((name, [0.4, 2.5, 3, 0], "losses") for name in ("loss", "Perplexity", "FID")),
        *((name, [4, 7, 9, 12], "numbers of rows") for name in ("id", "idx", "model_id", "index")),
        ("score", np.random.default_rng(1).permutation(24).tolist(), "numbers of rows"),
        *((name, [10, 10, 20, 20], "steps or times") for name in ("step", "global_step", "epoch")),
        ("timestamp", [1.7e9, 1.7e9 + 5.5, 1.7e9 + 9], "steps or times"),
        *((name, [0, 1, 2, 2], "votes (0, 1, 2)") for name in ("winner", "label", "annotator1")),
        *((name, [1, 2, 2], "votes (1, 2)") for name in ("preferred", "choice")),
        *((name, [0, 1, 0], "votes (0, 1)") for name in ("chosen", "selected", "human_preference")),
        *((name, [-3, 1, 3], "degrees by which") for name in ("preference", "preference.score")),
    ],
)
def test_what_is_no_reward_is_named(read, name, values, kind):
    (said,) = (line for line in remarks(read, name, values) if "pooled" not in line)
    assert said.startswith(f"column '{name}' looks like {kind}"), said
    assert "is read as rewards, of which larger is better" in said
    # The unit says nothing of it, nor a scale above zero.
    assert f"looks like {kind}" in "".join(remarks(read, name, values, scale=2.0, unit="log-odds"))


def test_smaller_ranks_are_better_with_a_negative_scale(read):
    (said,) = remarks(read, "rank", [1, 2, 3])
    assert said.endswith("if 1 is the best, --scale -1 turns them round")
    assert remarks(read, "rank", [1, 2, 3], scale=-1.0) == []
    assert remarks(read, "loss", [1.5, 2, 3], scale=-1.0) == []
    assert remarks(read, "loss", [-1.5, 2, 3]) == []  # of a sign of its own


def test_percentages_that_are_probabilities_are_remarked(read):
    (said,) = remarks(read, "win_rate", [0.25, 0.5], unit="percent")
    assert said == (
        "no percentage of column 'win_rate' is above 1: if they are probabilities, --reward-is "
        "probability takes their logit"
    )
    assert remarks(read, "win_rate", [0.25, 50.0], unit="percent") == []


def test_rates_without_log_odds_are_announced(read):
    assert "--trials N lets rates of 0 and 100% in" in remarks(read, "win_rate", [0, 30, 60])[0]
    assert "--trials N lets rates of 0 and 1 in" in remarks(read, "win_rate", [0.5, 0.25, 1])[0]
    assert "--trials" not in remarks(read, "win_rate", [10, 30, 60])[0]


def test_a_long_table_is_judged_by_a_sample_and_described_by_all(read):
    rng = np.random.default_rng(5)
    rewards = rng.normal(0, 300, 3000).round(3)
    gaps = np.abs(np.subtract.outer(rewards, rewards))
    median = np.median(gaps[gaps > 0])
    (said,) = remarks(read, "reward", rewards.tolist())
    assert f"above {math.exp(median):.2g} to 1" in said
    prompts = {"prompts": ("group",)}
    assert "odds above" in remarks(read, "reward", rewards.tolist(), **prompts)[0]
    assert remarks(read, "reward", (rewards / 300).tolist()) == []
    assert remarks(read, "reward", (rewards / 300).tolist(), **prompts) == []


@pytest.mark.parametrize(
    ("file", "asked", "said"),
    [
        # The README of the inputs: percentages read as log-odds are odds of 2e7.
        ("leaderboard.csv", {"reward": "win_rate"}, "'win_rate' looks like percentages, and is re"),
        ("leaderboard.csv", {"reward": "win_rate"}, "odds above 2.4e+07 to 1: --reward-is percent"),
        # And preferences in [1, 2] odds of 1.28.
        ("annotations.json", {"reward": "preference"}, "nearly flat: half of all pairs have odds "),
        ("annotations.json", {"reward": "preference"}, "odds below 1.28 to 1; --scale, which"),
        ("annotations.json", {"reward": "id"}, "'id' looks like numbers of rows"),
        ("judged.csv", {"reward": "score"}, "120 of 160 rewards are -1"),
        ("judged.csv", {"reward": "turn"}, "'turn' looks like steps or times"),
        ("elo.csv", {"reward": "arena_score"}, "'arena_score' looks like Elo ratings"),
        ("elo.csv", {"reward": "rank"}, "'rank' looks like ranks"),
        ("rankings.json", {"reward": "ranking"}, "'ranking' looks like ranks"),
        ("by_problem.json", {"reward": "speedup"}, "'speedup' looks like ratios"),
        ("leaderboard.md", {"reward": "Hallucination Rate"}, "--reward-is percent takes their log"),
        ("agent_runs.parquet", {"reward": "run_idx"}, "'run_idx' looks like numbers of rows"),
    ],
)
def test_what_is_said_of_public_tables(read_input, file, asked, said):
    lines = read_input(file, **asked)[1]
    assert len(lines) <= 3
    (line,) = (line for line in lines if said in line)
    kinds = ("looks like", "flat", "odds above", "--sentinel")
    assert [any(kind in other for kind in kinds) for other in lines].count(True) == 1
    assert len(line) < 240


@pytest.mark.parametrize(
    ("file", "asked"),
    [
        ("rollouts_lists.jsonl", {"reward": "rewards"}),
        ("rollouts_lists.jsonl", {"reward": "correct"}),
        ("scores_by_prompt.npy", {}),
        ("capital.csv", {}),
        ("judged.csv", {"reward": "score", "sentinels": ("-1",)}),
        ("agent_runs.parquet", {"reward": "action_correct", "prompts": ("case_id",)}),
        ("leaderboard.csv", {"reward": "win_rate", "unit": "percent"}),
        ("elo.csv", {"reward": "arena_score", "unit": "elo"}),
        ("by_problem.json", {"reward": "speedup", "unit": "ratio"}),
        ("rankings.json", {"reward": "ranking", "scale": -1.0}),
    ],
)
def test_nothing_is_said_of_the_scale_of_other_public_tables(read_input, file, asked):
    for line in read_input(file, **asked)[1]:
        assert not any(kind in line for kind in ("looks like", "flat", "odds above", "--reward-is"))
