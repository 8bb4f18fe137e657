"""A prediction in words and in JSON: within prompts, and with columns that are followed."""

import io
import json
import math

import numpy as np
import pytest
from rich.console import Console

from recurate import CurationLoop, RewardLaw
from recurate.prediction import predict_loop
from recurate.printing.answers.prediction import print_prediction
from recurate.printing.loops_as_json import prediction_json
from recurate.reading.asked import Asked
from recurate.reading.table import RewardTable

PROMPTS = [*"aabbbc"]
LENGTHS = [10.0, 20.0, 30.0, 20.0, 10.0, 60.0]


def law(prompts=PROMPTS, groups=None, scores=None, weights="rows"):
    rewards = [0.0, 1.0, 0.0, 1.0, 2.0, 5.0]
    return RewardLaw(rewards, None, groups, prompts=prompts, prompt_weights=weights, scores=scores)


def predicted(law, asked=None, *, steps=2, replicates=0, K=2, lam=math.inf):
    asked = Asked() if asked is None else asked
    return predict_loop(
        RewardTable("t.csv", asked, law),
        CurationLoop(law, K=K, lam=lam),
        steps=steps,
        replicates=replicates,
    )


def printed(prediction, width=120, **more):
    file = io.StringIO()
    print_prediction(prediction, Console(file=file, width=width), **more)
    return file.getvalue()


@pytest.mark.parametrize(
    ("weights", "words"), [("rows", "weighted by rows"), ("equal", "which weigh the same")]
)
def test_the_second_line_says_what_the_figures_are_means_over(weights, words):
    lines = printed(predicted(law(weights=weights), Asked(prompt_weights=weights))).splitlines()
    assert lines[0] == "t.csv: 6 rewards, best 5.0000"
    assert lines[1] == (
        f"3 prompts, 6 rows: curation within each prompt; figures are means over prompts, {words}"
    )
    assert "prompts" not in printed(predicted(law(prompts=None))).splitlines()[1]


def test_figures_of_prompts_stand_in_the_table():
    # Prompt a, K = 2, one step: the better of rewards 0 and 1 wins with e/(1 + e) where both are
    # shown, so p_1(1) = 1/4 + 1/2 e/(1+e).
    two = RewardLaw([0.0, 1.0, 7.0], prompts=[*"aab"], prompt_weights="equal")
    share = 0.25 + 0.5 * math.e / (1 + math.e)
    text = printed(predicted(two, steps=1))
    row = next(line.split() for line in text.splitlines() if line.split()[:1] == ["1"])
    assert float(row[1]) == pytest.approx((share + 7) / 2, abs=5e-5)
    assert float(row[3]) == pytest.approx((share + 1) / 2, abs=5e-5)  # at the best of their prompt
    assert "at max: share of the samples that have the best reward of their prompt" in " ".join(
        text.split()
    )


def test_followed_columns_stand_beside_the_reward():
    text = printed(predicted(law(scores={"length": LENGTHS, "a b": [1.0] * 6}, groups=PROMPTS)))
    header = next(line for line in text.splitlines() if "E[r]" in line)
    assert header.split() == [
        *("t", "E[r]", "length", "a", "b"),
        *("group", "a", "group", "b", "group", "c", "KL", "at", "max"),
    ]
    first, last = (
        next(line.split() for line in text.splitlines() if line.split()[:1] == [t])
        for t in ("0", "∞")
    )
    assert float(first[2]) == 25.0  # the mean of LENGTHS
    # In the end each prompt's best answer: two rows of 20, three of 10 and one of 60.
    assert float(last[2]) == pytest.approx((2 * 20 + 3 * 10 + 60) / 6, abs=5e-5)
    assert "length, a b: their means;" in text
    assert "length: its mean;" in printed(predicted(law(scores={"length": LENGTHS})))


def test_a_narrow_table_leaves_out_groups_and_then_scores_and_says_their_change():
    found = predicted(law(scores={"length": LENGTHS}, groups=PROMPTS), lam=1.0, steps=1)
    wide, narrow, least = (printed(found, width) for width in (120, 50, 40))
    assert "Shares that changed most" not in wide
    assert "Shares that changed most" in narrow
    assert "Columns followed" not in narrow
    assert "Columns followed" in least
    mean = found.trajectory.expected_scores[1, 0]
    assert f"length: 25.0000 to {mean:.4f} ({mean - 25:+.4g})" in least
    assert "group a: 0.3333 to 0.3333 (+0.0000)" in least  # the prompts' masses do not change


def test_a_change_that_is_a_rounding_error_has_no_sign():
    # Shares of prompts stay as they are: here that of a falls by 6e-17.
    probs = np.array([7, 1, 2, 2, 2, 7]) / 21
    rewards = RewardLaw([0.0, 1.0, 0.0, 2.0, 3.0, 7.0], probs, PROMPTS, prompts=PROMPTS)
    found = predicted(rewards, lam=1.0, steps=3)
    assert found.trajectory.group_proportions[3, 0] < found.trajectory.group_proportions[0, 0]
    assert "group a: 0.3810 to 0.3810 (+0.0000)" in printed(found, width=40)


def test_a_mean_of_scores_is_zero_if_all_cancels_and_small_if_it_is():
    half = np.random.default_rng(3).normal(size=200)
    scores = {
        "zero": np.concatenate([half, -half]),
        "small": np.concatenate([np.full(200, 1e-15), np.full(200, 1e-15)]),
    }
    found = predicted(RewardLaw(np.zeros(400), scores=scores), K=1, lam=1.0, steps=1)
    assert found.trajectory.expected_scores[0, 0] != 0
    for t in ("0", "1", "∞"):
        row = next(line.split() for line in printed(found).splitlines() if line.split()[:1] == [t])
        assert row[2:4] == ["0.0000", "1.00e-15"]


def test_json_has_prompts_scores_and_what_was_asked():
    asked = Asked(
        prompts=("prompt",), follow=("length",), scale=2.0, where="r > 0", sentinels=("-1",)
    )
    found = predicted(law(scores={"length": LENGTHS}), asked)
    document = json.loads(prediction_json(found))
    assert document["parameters"]["prompts"] == {
        "count": 3,
        "weights": "rows",
        "with_one_answer": 1,
    }
    assert document["parameters"]["reward_is"] == "log-odds"
    assert document["parameters"]["scale"] == 2.0
    assert document["parameters"]["table"] == {
        "reward": [],
        "group": None,
        "weight": None,
        "prompts": ["prompt"],
        "prompt_weights": "rows",
        "follow": ["length"],
        "by": [],
        "trials": None,
        "where": "r > 0",
        "missing": "error",
        "sentinels": ["-1"],
        "candidate_columns": None,
        "rater": None,
        "candidate": None,
        "lists": "candidates",
        "raters": "mean",
        "shares": [],
    }
    for part in ("trajectory", "fixed_point"):
        assert document[part]["score_names"] == ["length"]
    assert document["trajectory"]["expected_scores"] == found.trajectory.expected_scores.tolist()
    assert (
        document["fixed_point"]["expected_scores"]
        == found.settlement.limit.expected_scores.tolist()
    )
    assert "by_prompt" not in document["trajectory"]
    assert (
        json.loads(prediction_json(predicted(law(prompts=None))))["parameters"]["prompts"] is None
    )


def test_very_many_prompts_are_followed_towards_the_fixed_point_for_fewer_steps(monkeypatch):
    monkeypatch.setattr("recurate.settlement._MOST_ROW_STEPS", 6 * 11)
    # Nearly equal rewards take long.
    slow = RewardLaw([0.0, 1e-3] * 3, prompts=[0, 0, 1, 1, 2, 2])
    found = predicted(slow)
    assert (found.settlement.steps, found.settlement.most) == (None, 11)
    assert "more than 11 steps lead to within 1% of it" in printed(found)
    assert json.loads(prediction_json(found))["fixed_point"]["most_steps"] == 11
    assert predicted(RewardLaw([0.0, 1e-3])).settlement.most == 1000


def test_names_of_columns_are_told_from_figures_and_do_not_fill_the_screen():
    scores = {"E[r]": LENGTHS, "x" * 5000: LENGTHS} | {f"c{i}": LENGTHS for i in range(9)}
    text = " ".join(printed(predicted(law(scores=scores))).split())
    head, rest = text.split(" t: retraining steps")
    assert " t E[r] 'E[r]' " in head
    legend = rest.split(" their means")[0]
    assert "'E[r]', xxx" in legend
    assert "xx ... xx" in legend
    assert legend.endswith("c5, …:")
    assert len(legend) < 200


def test_a_long_name_of_the_rewards_column_is_short_in_the_table_which_keeps_it():
    name = "x" * 5000
    rewards = law(scores={name: LENGTHS, "length": LENGTHS})
    table = RewardTable("t.csv", Asked(scale=2.0), rewards, in_unit=name)
    found = predict_loop(table, CurationLoop(rewards, K=2, lam=1.0), steps=2, replicates=2)
    text = printed(found, width=100)
    assert max(map(len, text.splitlines())) <= 100
    assert "Columns followed\n  length: " in text
    header = next(line.split() for line in text.splitlines() if "E[r]" in line)
    assert header[:2] == ["t", "E[r]"]
    assert header[-3:] == ["KL", "at", "max"]
    assert header[2].strip("x") == ""
