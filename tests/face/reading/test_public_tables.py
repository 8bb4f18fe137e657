"""What is read of public tables: rows, labels, and means at t = 0.

The files in ``inputs`` are public tables with other names. The expected means are those of a dense
oracle of its own, which came with the files (``inputs/README.md``); the counts are what the files
say of themselves. `tests/face/commands/test_real_tables.py` has the values along the loop.
"""

from pathlib import Path

import numpy as np
import pytest

from recurate.reading.asked import Asked
from recurate.reading.tables import read_rewards

INPUTS = Path(__file__).parent / "inputs"


def law_of(file, **asked):
    said = []
    if isinstance(asked.get("reward"), str):
        asked["reward"] = (asked["reward"],)
    return read_rewards(str(INPUTS / file), Asked(**asked), on_note=said.append).law, said


@pytest.mark.parametrize(
    ("file", "asked", "rows", "prompts", "groups", "mean"),
    [
        ("raters.tsv", {"reward": "rater_a", "scale": 5.0}, 630, 0, 0, 3.256902),
        ("raters.tsv", {"reward": "rater_a", "scale": 5.0, "group": "model"}, 630, 0, 7, 3.256902),
        ("raters.tsv", {"reward": "rater_a", "prompts": ("prompt",)}, 630, 90, 0, 0.65138),
        ("judged.csv", {"reward": "score"}, 160, 0, 0, 1.10),
        ("judged.csv", {"reward": "score", "sentinels": ("-1",)}, 40, 0, 0, 7.4),
        ("annotations.json", {"reward": "preference"}, 200, 0, 0, 1.7269),
        (
            "rankings.json",
            {"reward": "ranking", "prompts": ("prompt",), "scale": -1.0},
            *(696, 120, 0, -2.7601),
        ),
        ("scores_by_prompt.npy", {}, 776, 60, 0, 6.2668),
        ("capital.csv", {}, 6, 0, 3, 1.7083),
        ("rollouts_lists.jsonl", {"reward": "rewards"}, 800, 200, 0, -3.0207),
        ("rollouts_lists.jsonl", {"reward": "correct"}, 800, 200, 0, 0.3175),
        (
            "agent_runs.parquet",
            {"reward": "score", "prompts": ("case_id",), "group": "model"},
            *(588, 28, None, 0.779422),
        ),
        ("agent_runs.parquet", {"reward": "action_correct"}, 588, 0, 0, 0.850340),
        (
            "agent_runs.parquet",
            {"reward": "mechanism_correct", "prompts": ("case_id",), "missing": "drop"},
            *(300, None, 0, 0.923333),
        ),
        (
            "by_problem.json",
            {"reward": "speedup", "prompts": ("key",), "group": "model"},
            *(383, 156, None, 0.818111),
        ),
        ("elo.csv", {"reward": "arena_score", "group": "model"}, 19, 0, 19, 1029.842),
        ("elo.csv", {"reward": "arena_score", "weight": "votes"}, 19, 0, 0, 1026.444),
    ],
)
def test_rows_labels_and_means(file, asked, rows, prompts, groups, mean):
    law, _ = law_of(file, **asked)
    assert law.size == rows
    assert prompts is None or len(law.prompt_names) == prompts
    assert groups is None or len(law.group_names) == groups
    digits = len(f"{mean!r}".partition(".")[2])
    assert law.probs @ law.rewards == pytest.approx(mean, abs=0.501 * 10.0**-digits)


@pytest.mark.parametrize(
    ("file", "asked", "means"),
    [
        (
            "rollouts_lists.jsonl",
            {"reward": "rewards", "follow": ("correct", "lengths")},
            {"correct": 0.3175, "lengths": 332.675},
        ),
        (
            "agent_runs.parquet",
            {"reward": "score", "follow": ("cost_usd",)},
            {"cost_usd": 0.027015},
        ),
        # Of 288 rows without one, none is dropped.
        (
            "agent_runs.parquet",
            {"reward": "score", "follow": ("mechanism_correct",)},
            {"mechanism_correct": 0.923333},
        ),
        (
            "leaderboard.csv",
            {"reward": "win_rate", "follow": ("Avg_Length",)},
            {"avg_length": 1794.05},
        ),
    ],
)
def test_means_of_columns_that_are_followed(file, asked, means):
    law, _ = law_of(file, **asked)
    for name, mean in means.items():
        digits = len(f"{mean!r}".partition(".")[2])
        found = np.nanmean(law.scores[name])
        assert found == pytest.approx(mean, abs=0.501 * 10.0**-digits)


def test_what_is_said_of_a_table_by_key():
    _, said = law_of("by_problem.json", reward=("speedup",), prompts=("key",))
    assert "by_problem.json: 94 of 250 prompts have no answer, and are left out" in said
    pooled, said = law_of("by_problem.json", reward=("speedup",))
    assert pooled.size == 383
    assert "by_problem.json: 94 of 477 candidates are absent, and left out" in said
    assert any("--prompt-column key chooses within each" in line for line in said)


def test_raters_in_columns_may_be_candidates():
    # 630 answers, each rated by three; the mean over all is that of the three columns.
    wide, _ = law_of("raters.tsv", candidate_columns="rater_*", prompts=("prompt", "model"))
    assert (wide.size, len(wide.prompt_names)) == (3 * 630, 630)
    means = [
        law.probs @ law.rewards
        for law, _ in (law_of("raters.tsv", reward=(f"rater_{rater}",)) for rater in "abc")
    ]
    assert wide.probs @ wide.rewards == pytest.approx(np.mean(means), rel=1e-12)
