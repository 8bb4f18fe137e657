"""Public tables of rewards, from the command line as a user types it.

The files in ``tests/face/reading/inputs`` are public tables with other names. The expected numbers
are those of a dense oracle of its own, which came with the files: the integral of the curation
ratio by the trapezoid rule in plain NumPy, within each prompt, checked against enumeration of all
K-tuples to 3e-15. K = 4 and the pure loop, unless said; lists begin at t = 0.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from recurate.cli import app

INPUTS = Path(__file__).parents[1] / "reading" / "inputs"
RATERS = ("raters.tsv", "--reward-column", "rater_a", "--group-column", "model", "--scale", "5")
LIKERT = ("likert.csv", "--reward-column", "answer", "--prompt-column", "item_id")
LIKERT += ("--group-column", "model", "--rater-column", "worker_id")
ROLLOUTS = ("rollouts_lists.jsonl", "--reward-column", "rewards")
ROLLOUTS += ("--follow", "correct", "--follow", "lengths")
RUNS = ("agent_runs.parquet", "--prompt-column", "case_id", "--group-column", "model")
SPEEDUPS = ("by_problem.json", "--reward-column", "speedup", "--prompt-column", "key")
SPEEDUPS += ("--group-column", "model")
SIX = [1.7083, 2.2269, 2.5606]


def run(file, *options, command="predict"):
    done = CliRunner().invoke(app, [command, str(INPUTS / file), *options])
    if not isinstance(done.exception, SystemExit | None):
        raise done.exception
    return done


def predicted(file, *options, steps=3):
    """Return the JSON of a prediction, and what was said beside it."""
    done = run(file, *options, "--steps", str(steps), "--bands", "0", "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def column(document, name):
    """Return a figure, the share of a group or the mean of a score, at each step."""
    trajectory = document["trajectory"]
    if name in trajectory:
        return trajectory[name]
    for names, values in (
        (trajectory["group_names"], "group_proportions"),
        (trajectory["score_names"], "expected_scores"),
    ):
        if name in names:
            return [row[names.index(name)] for row in trajectory[values]]
    raise KeyError(name)


def last_digit(number):
    """Return half a unit of the last digit that a number is given to, or a little more."""
    return 0.501 * 10.0 ** -len(f"{number!r}".partition(".")[2])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            RATERS,  # pooled
            {
                "expected_reward": {3: 4.891077},
                "kl_to_reference": {3: 1.175423},
                "m7": {3: 0.338686},
            },
        ),
        (
            (*RATERS, "--prompt-column", "prompt"),
            {
                "expected_reward": [3.256902, 3.934037, 4.399349, 4.631412],
                "kl_to_reference": {3: 1.007447},
                "m7": {3: 0.360052},
            },
        ),
        (
            ("judged.csv", "--reward-column", "score", "--sentinel", "-1"),
            {"expected_reward": [7.4, 9.0292, 9.2639, 9.4593]},
        ),
        (
            ("annotations.json", "--reward-column", "preference"),
            {"expected_reward": [1.7269, 1.8169, 1.8774, 1.9154]},
        ),
        (
            ("scores_by_prompt.npy",),
            {
                "expected_reward": [6.2668, 8.3405, 9.1745, 9.4634],
                "kl_to_reference": {3: 1.2318},
            },
        ),
        (
            LIKERT,
            {
                "expected_reward": [3.862687, 4.068422, 4.207450, 4.294278],
                "expected_reward_in_unit": [3.862687, 4.068422, 4.207450, 4.294278],
                "kl_to_reference": {3: 0.373588},
                "m4": {3: 0.291351},
            },
        ),
        (("semicolon.csv",), {"expected_reward": SIX}),
        (("decimal_comma.csv",), {"expected_reward": SIX}),
        (("utf16.csv",), {"expected_reward": SIX}),
        (("plain.csv.gz",), {"expected_reward": SIX}),
        (("capital.csv",), {"expected_reward": SIX}),
        (("no_header.csv",), {"expected_reward": SIX}),
        (
            ROLLOUTS,
            {
                "expected_reward": [-3.0207, -0.6991, 0.0551, 0.1789],
                "correct": [0.3175, 0.4038, 0.4255, 0.4275],
                "lengths": [332.675, 305.84, 298.56, 297.54],
                "kl_to_reference": [0, 0.3944, 0.8700, 1.0585],
            },
        ),
        (
            (*RUNS, "--reward-column", "score", "--follow", "cost_usd"),
            {
                "expected_reward": [0.779422, 0.820328, 0.853108, 0.878005],
                "cost_usd": {0: 0.027015, 3: 0.024367},
                "kl_to_reference": {3: 0.099410},
            },
        ),
        ((*RUNS, "--reward-column", "action_correct"), {"expected_reward": {3: 0.979615}}),
        (SPEEDUPS, {"expected_reward": {0: 0.818111, 3: 0.985097}}),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, tuple) else "",
)
def test_a_table_gives_what_the_oracle_says(arguments, expected):
    document, _ = predicted(*arguments)
    for name, values in expected.items():
        figures = column(document, name)
        for t, value in values.items() if isinstance(values, dict) else enumerate(values):
            assert figures[t] == pytest.approx(value, abs=last_digit(value))


def test_ranks_of_which_1_is_best():
    options = ("--prompt-column", "prompt", "--reward-column", "ranking", "--scale", "-1")
    document, _ = predicted("rankings.json", *options, steps=2)
    assert document["parameters"]["rewards"] == 696
    assert document["parameters"]["prompts"]["count"] == 120
    expected = [-2.7601, -1.9296, -1.4602]
    assert column(document, "expected_reward") == pytest.approx(expected, abs=5.1e-5)
    # In the user's units, where the ranks themselves are followed.
    ranks, _ = predicted("rankings.json", *options, "--follow", "ranking", steps=2)
    assert column(ranks, "ranking") == pytest.approx(np.negative(expected), abs=5.1e-5)


def test_with_half_of_the_data_real():
    document, _ = predicted(*ROLLOUTS, "--lam", "1", steps=5)
    assert column(document, "correct")[5] == pytest.approx(0.371096, abs=5.1e-7)


def test_prompts_that_weigh_the_same():
    document, _ = predicted(*SPEEDUPS, "--prompt-weights", "equal", steps=0)
    problems = json.loads((INPUTS / "by_problem.json").read_text())
    means = [np.mean([run["speedup"] for run in runs]) for runs in problems.values() if runs]
    assert len(means) == document["parameters"]["prompts"]["count"] == 250 - 94
    assert document["parameters"]["prompts"]["weights"] == "equal"
    assert column(document, "expected_reward")[0] == pytest.approx(np.mean(means), rel=1e-12)


def test_two_columns_of_prompts_make_pairs():
    document, _ = predicted(*RATERS, "--prompt-column", "prompt", "--prompt-column", "model")
    assert document["parameters"]["prompts"]["with_one_answer"] == 90 * 7
    rewards = column(document, "expected_reward")  # of one answer each: nothing is chosen
    assert rewards == pytest.approx([rewards[0]] * 4, rel=1e-13)


@pytest.mark.parametrize(
    ("arguments", "remark"),
    [
        (("judged.csv", "--reward-column", "score"), "120 of 160 rewards are -1"),
        (
            ("judged.csv", "--reward-column", "score", "--sentinel", "-1"),
            "120 of 160 rows are left out",
        ),
        (("annotations.json", "--reward-column", "preference"), "rewards are nearly flat"),
        (("scores_by_prompt.npy",), "4 of 780 candidates are absent, and left out"),
        (SPEEDUPS, "94 of 250 prompts have no answer, and are left out"),
        (SPEEDUPS, "55 of 156 prompts have one answer only: nothing is chosen there"),
        (RATERS, "--prompt-column prompt"),
    ],
)
def test_what_is_remarked_stands_on_standard_error(arguments, remark):
    _, said = predicted(*arguments)
    assert remark in said


def test_missing_values_are_dropped_if_asked_for():
    options = (*RUNS, "--reward-column", "mechanism_correct")
    done = run(*options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "mechanism_correct" in done.stderr
    document, said = predicted(*options, "--missing", "drop")
    assert document["parameters"]["rewards"] == 588 - 288
    assert "288 of 588 rows are left out" in said
    # .923333 at t = 0, which no rule of choice changes.
    assert column(document, "expected_reward")[0] == pytest.approx(0.923333, abs=5.1e-7)


def test_a_training_log_is_named_and_refused():
    done = run("training_log.csv")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "a training run's log, one row a step" in done.stderr
    assert run("training_log.csv", "--reward-column", "run_a - _step").exit_code == 2
    assert done.stderr.count("\n") == 1


def test_a_table_in_markdown_is_read():
    document, _ = predicted("leaderboard.md", "--reward-column", "Average Summary Length (Words)")
    # The mean length of the oracle's 114.302, which is that of all models.
    assert column(document, "expected_reward")[0] == pytest.approx(114.302, abs=5.1e-4)
    rates = ("leaderboard.md", "--reward-column", "Answer Rate", "--reward-is", "percent")
    done = run(*rates)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "leaderboard.md, row 12 (line 18), column 'Answer Rate': must be a perc" in done.stderr
    assert "got 100.0; --trials N" in done.stderr
    _, said = predicted(*rates, "--trials", "1000")
    assert "percent signs of column 'Answer Rate' were left out" in said


@pytest.mark.parametrize("command", ["predict", "fixed-point", "simulate", "choose"])
def test_every_command_chooses_within_prompts(command):
    more = {
        "predict": ("--steps", "1", "--bands", "0"),
        "simulate": ("--steps", "1", "--replicates", "2", "--generated", "50"),
        "choose": ("--max-kl", ".1", "--bands", "0", "-K", "2"),
        "fixed-point": (),
    }[command]
    table = (*RATERS, "--prompt-column", "prompt")
    done = run(*table, *more, "--json", command=command)
    assert done.exit_code == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["parameters"]["prompts"] == {
        "count": 90,
        "weights": "rows",
        "with_one_answer": 0,
    }
    assert document["parameters"]["table"]["prompts"] == ["prompt"]
    shown = run(*table, *more, command=command)
    assert "90 prompts, 630 rows: curation within each prompt" in shown.stdout


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("predict", ("--steps", "1", "--bands", "4")),
        ("predict", ("--steps", "1", "--bands", "4", "--rows", "sampled")),
        ("fixed-point", ("--lam", "1")),
        ("simulate", ("--steps", "1", "--replicates", "2", "--generated", "50")),
        ("choose", ("--max-kl", ".1", "--bands", "4", "-K", "2")),
    ],
)
def test_every_command_takes_the_means_of_raters(command, more):
    done = run(*LIKERT, *more, command=command)
    assert done.exit_code == 0, done.stderr
    assert "likert.csv: 800 rewards, means of 3,995 ratings by 5 raters, best 5.0" in done.stdout
    assert "160 prompts, 800 candidates: curation within each prompt" in done.stdout
    assert "weighted by candidates" in done.stdout
    assert "candidates have 3 to 5 ratings" in done.stderr
    document = json.loads(run(*LIKERT, *more, "--json", command=command).stdout)
    assert document["parameters"]["rewards"] == 800
    assert document["parameters"]["table"]["rater"] == "worker_id"
