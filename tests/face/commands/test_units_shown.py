"""Rewards in their own unit, beside those in log-odds: on the terminal, in JSON, CSV and pictures.

Files and expected numbers as in test_real_tables.py: of a dense oracle that came with the files,
K = 4 and the pure loop, unless said.
"""

import csv
import io
import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from recurate import CurationLoop, RewardLaw
from recurate.cli import app
from recurate.figures.for_commands import predicted_trajectory
from recurate.prediction import predict_loop
from recurate.printing.answers.prediction import print_prediction
from recurate.printing.words import scale_in_words
from recurate.reading.asked import Asked
from recurate.reading.tables import read_rewards

INPUTS = Path(__file__).parents[1] / "reading" / "inputs"
LEADERBOARD = ("leaderboard.csv", "--reward-column", "win_rate", "--reward-is", "percent")
LENGTHS = (*LEADERBOARD, "--follow", "avg_length")
ELO = ("elo.csv", "--reward-column", "arena_score", "--reward-is", "elo")
RATERS = ("raters.tsv", "--reward-column", "rater_a", "--scale", "5")
RANKS = ("rankings.json", "--reward-column", "ranking", "--prompt-column", "prompt", "--scale=-1")
LOGITS = [-0.6970, -0.1710, 0.3172, 0.6485, 0.8397, 0.9529]
ELOS = [1029.842, 1046.393, 1062.097, 1076.162]


def run(command, file, *options):
    arguments = [command, str(INPUTS / file), *options]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def run_json(command, *arguments):
    return run(command, *arguments, "--json")


def predicted(*arguments, steps=3, bands=0):
    options = ("--steps", str(steps), "--bands", str(bands), "--json")
    return json.loads(run("predict", *arguments, *options))


def cells(text, t):
    """Return what stands in the row of a step, or of a figure."""
    lines = (line.split() for line in text.splitlines() if line.startswith(" "))
    return next(words for words in lines if words[:1] == [str(t)])


def titles(text):
    return next(line.split() for line in text.splitlines() if "E[r]" in line)


def loop_on_win_rates():
    """Return the loop on the leaderboard, and its win rates, without recurate's reading."""
    with (INPUTS / "leaderboard.csv").open(encoding="utf-8") as file:
        rates = np.array([float(row["win_rate"]) for row in csv.DictReader(file)])
    return CurationLoop(RewardLaw(np.log(rates / (100 - rates))), K=4, lam=math.inf), rates


@pytest.mark.parametrize(
    ("arguments", "name", "expected", "digits"),
    [
        (LEADERBOARD, "expected_reward", LOGITS, 4),
        (ELO, "expected_reward_in_unit", ELOS, 3),
        (RATERS, "expected_reward", {3: 4.891077}, 6),
        (RATERS, "expected_reward_in_unit", {3: 4.891077 / 5}, 6),
        (RANKS, "expected_reward", [-2.7601, -1.9296, -1.4602], 4),
        (RANKS, "expected_reward_in_unit", [2.7601, 1.9296, 1.4602], 4),
    ],
)
def test_json_has_the_reward_in_both_units(arguments, name, expected, digits):
    figures = predicted(*arguments, steps=5)["trajectory"]
    for t, value in expected.items() if isinstance(expected, dict) else enumerate(expected):
        assert figures[name][t] == pytest.approx(value, abs=0.501 * 10**-digits)
    assert figures["score_names"] == []
    assert figures["expected_scores"] == [[]] * 6


def test_the_mean_in_the_unit_is_that_of_the_column_under_each_step_and_the_fixed_point():
    pure, rates = loop_on_win_rates()
    loop = CurationLoop(pure.law, K=4, lam=1.0)
    trajectory, limit = loop.run(steps=3), loop.fixed_point()
    own = [trajectory.probs(t) @ rates for t in range(4)]
    document = predicted(*LENGTHS, "--lam", "1")
    assert document["trajectory"]["expected_reward_in_unit"] == pytest.approx(own, rel=1e-12)
    settled = json.loads(run_json("fixed-point", *LENGTHS, "--lam", "1"))["fixed_point"]
    for found in (document["fixed_point"], settled):
        assert found["expected_reward_in_unit"] == pytest.approx(limit.probs @ rates, rel=1e-12)
        assert found["score_names"] == ["avg_length"]
        assert len(found["expected_scores"]) == 1


def test_without_a_unit_the_two_are_the_same():
    document = predicted("semicolon.csv", bands=40)
    for part in (
        document["trajectory"],
        document["fixed_point"],
        document["uncertainty"]["low"],
        document["uncertainty"]["high"],
    ):
        assert part["expected_reward_in_unit"] == part["expected_reward"]
    assert document["parameters"]["reward_is"] == "log-odds"
    assert document["parameters"]["reward_unit_column"] is None


def test_json_says_the_unit_and_its_column_and_has_its_bands():
    document = predicted(*LENGTHS, bands=40)
    assert document["parameters"]["reward_is"] == "percent"
    assert document["parameters"]["reward_unit_column"] == "win_rate"
    assert document["trajectory"]["score_names"] == ["avg_length"]
    low, high = document["uncertainty"]["low"], document["uncertainty"]["high"]
    assert "score[avg_length]" in low
    assert "score[win_rate]" not in low
    for t, mean in enumerate(document["trajectory"]["expected_reward_in_unit"]):
        assert low["expected_reward_in_unit"][t] < mean < high["expected_reward_in_unit"][t]


def test_the_reward_column_is_among_the_scores_where_it_is_followed():
    # In letters of another size, as names may be typed.
    document = predicted(*LEADERBOARD, "--follow", "Win_Rate", bands=40)
    figures = document["trajectory"]
    assert figures["score_names"] == ["win_rate"]
    assert [row[0] for row in figures["expected_scores"]] == figures["expected_reward_in_unit"]
    low = document["uncertainty"]["low"]
    assert low["score[win_rate]"] == low["expected_reward_in_unit"]


@pytest.mark.parametrize("follow", [(), ("--follow", "win_rate")])
def test_the_terminal_shows_both_side_by_side_once(follow):
    text = run("predict", *LEADERBOARD, "--follow", "avg_length", *follow, "--bands", "40")
    assert titles(text) == ["t", "E[r]", "win_rate", "avg_length", "KL", "at", "max"]
    assert cells(text, 0)[1:3] == ["-0.6970", "35.2429"]  # the column's mean, by awk
    said = " ".join(text.split())
    assert (
        "E[r]: expected reward, in log-odds; win_rate: its mean, as it stands in the table; "
        "avg_length: its mean;"
    ) in said
    assert "best 1.2555 (win_rate 77.8250)" in said  # log(77.825/22.175)
    bands = said[said.index("resampled tables: ") :]
    assert [bands.index(name) for name in ("E[r]", "win_rate", "avg_length", "KL")] == sorted(
        bands.index(name) for name in ("E[r]", "win_rate", "avg_length", "KL")
    )


def test_a_narrow_terminal_keeps_the_unit_and_drops_what_is_followed():
    asked = Asked(reward=("win_rate",), unit="percent", follow=("avg_length",))
    table = read_rewards(str(INPUTS / "leaderboard.csv"), asked)
    loop = CurationLoop(table.law, K=4, lam=math.inf)
    file = io.StringIO()
    found = predict_loop(table, loop, steps=3, replicates=0)
    print_prediction(found, Console(file=file, width=50))
    text = file.getvalue()
    assert titles(text) == ["t", "E[r]", "win_rate", "KL", "at", "max"]
    assert "Columns followed\n  avg_length: 1794.0500 to " in text
    assert "win_rate: 35" not in text


def test_the_fixed_point_has_the_unit_beside_the_reward():
    text = run("fixed-point", *ELO, "--lam", "1")
    names = [line.split()[0] for line in text.splitlines() if line.startswith(" ")][1:]
    assert names == ["E[r]", "arena_score", "E[e^r]/e^max", "KL", "at"]
    assert cells(text, "arena_score")[1] == "1029.8421"
    assert "arena_score: its mean, as it stands in the table" in " ".join(text.split())


def test_a_simulation_has_the_exact_mean_in_the_unit():
    few = ("--steps", "2", "--generated", "200", "--replicates", "2")
    text = run("simulate", *ELO, *few)
    assert titles(text)[:5] == ["t", "E[r]", "simulated", "z", "arena_score"]
    exact = json.loads(run_json("simulate", *ELO, *few))["exact"]
    assert exact["expected_reward_in_unit"] == pytest.approx(ELOS[:3], abs=5.1e-4)
    for t, elo in enumerate(ELOS[:3]):
        numbers = [float(cell) for cell in cells(text, t) if cell != "±"]
        assert min(abs(number - elo) for number in numbers) < 5.1e-4


def test_a_choice_reads_the_unit():
    # README of the inputs: choose --max-kl 0.2 -K 4: λ <= 2.2521.
    choice = json.loads(run_json("choose", *ELO, "--max-kl", "0.2", "-K", "4", "--bands", "0"))
    assert 1 / choice["parameters"]["real_fraction"] - 1 == pytest.approx(2.2521, abs=5.1e-5)


def test_sampled_rows_have_estimates_in_the_unit(tmp_path):
    generator = np.random.default_rng(0)
    lines = [f"{p},{r}" for p in range(150) for r in generator.normal(size=32)]
    path = tmp_path / "rollouts.csv"
    path.write_text("\n".join(["prompt,reward", *lines]))
    options = ("--prompt-column", "prompt", "--scale", "2", "--rows", "sampled", "--steps", "1")
    options += ("-K", "2")
    text = run("predict", path, *options)
    assert titles(text) == ["t", "E[r]", "reward", "KL"]
    for t in (0, 1):
        _, log_odds, own, _ = cells(text, t)
        assert float(log_odds) == pytest.approx(2 * float(own), abs=2e-4)
    assert "E[r]: expected reward, in log-odds; reward: its mean, as it stands" in text
    estimates = json.loads(run_json("predict", path, *options))["estimates"]
    for end in ("values", "low", "high"):
        twice = [2 * x for x in estimates[end]["expected_reward_in_unit"]]
        assert estimates[end]["expected_reward"] == pytest.approx(twice, abs=1e-9)
        assert "score[reward]" not in estimates[end]


def test_files_and_the_picture_have_the_column(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(predicted_trajectory, "save", lambda figure, *_: drawn.append(figure))
    run("predict", *LENGTHS, "--steps", "2", "--bands", "40", "--out", str(tmp_path))
    with (tmp_path / "trajectory.csv").open() as file:
        rows = list(csv.DictReader(file))
    loop, rates = loop_on_win_rates()
    trajectory = loop.run(steps=2)
    for t, row in enumerate(rows):
        assert float(row["score[win_rate]"]) == pytest.approx(trajectory.probs(t) @ rates)
        assert float(row["expected_reward"]) == pytest.approx(trajectory.expected_reward[t])
    assert "score[win_rate] low" in (tmp_path / "bands.csv").read_text().splitlines()[0]
    headings = [axes.get_title() for axes in drawn[0].axes]
    assert headings[0] == f"expected reward (log-odds); fixed point {loop.law.max_reward:.4g}"
    assert headings[4:] == [
        f"E[win_rate]; fixed point {rates.max():.4g}",
        "E[avg_length]; fixed point 2285",  # of the model that wins most
    ]


# What the scale line says.


def test_the_scale_line_says_how_decided_a_choice_between_two_is():
    # Untied pairs of 0, 0, log 3, log 12: twice two of log 3 and log 12, and one of log 4. So the
    # better is chosen with probability (2 * 3/4 + 2 * 12/13 + 4/5)/5 = .8292, odds 4.86 to 1; of
    # the ratios 3, 3, 4, 12, 12 the median is 4.
    law = RewardLaw([0.0, 0.0, math.log(3), math.log(12)])
    assert scale_in_words(law) == (
        "of two random untied samples the better is chosen with probability 0.83, odds 4.86 to 1; "
        "in half of pairs 4 or more"
    )


@pytest.mark.parametrize(
    ("rewards", "end"),
    [
        # Within prompts: one pair of ratio 3, twice (p(z) = 1/2), and none across.
        ([0, math.log(3), 50, 50 + math.log(3)], "0.75, odds 3 to 1; in half of pairs 3 or more"),
        ([0, 20, 0, 20], "above 0.99, odds 4.9e+08 to 1; in half of pairs 4.9e+08 or more"),
        ([0, 9, 0, 9], "above 0.99, odds 8,103 to 1; in half of pairs 8,103 or more"),
        ([0, 2000, 0, 2000], "above 0.99, odds above 1e+300 to 1; in half of pairs above 1e+300"),
    ],
)
def test_the_scale_line_is_within_prompts_and_short_for_large_odds(rewards, end):
    said = scale_in_words(RewardLaw(rewards, prompts=[*"aabb"]))
    start = "of two random untied answers to one prompt the better is chosen with probability "
    assert said == start + end


def test_where_all_are_tied_a_choice_is_random():
    assert scale_in_words(RewardLaw([2.0, 2.0])) == "all samples are tied: choices are at random"
    said = scale_in_words(RewardLaw([0.0, 1.0], prompts=[0, 1]))
    assert said == "all answers to each prompt are tied: choices are at random"


@pytest.mark.parametrize("command", ["predict", "fixed-point"])
def test_predict_and_fixed_point_have_the_scale_line_and_its_numbers(command):
    assert "\nof two random untied samples the better is" in run(command, *ELO)
    scale = json.loads(run_json(command, *ELO))["scale_of_rewards"]
    assert set(scale) == {"chosen_better", "odds", "median_ratio"}
    # All pairs of 19 distinct ratings, by hand.
    with (INPUTS / "elo.csv").open(encoding="utf-8") as file:
        elo = np.array([float(row["arena_score"]) for row in csv.DictReader(file)])
    gaps = np.abs(np.subtract.outer(elo, elo))
    ratios = 10 ** (gaps[gaps > 0] / 400)
    better = float((ratios / (1 + ratios)).mean())
    assert scale["chosen_better"] == pytest.approx(better, rel=1e-12)
    assert scale["odds"] == pytest.approx(better / (1 - better), rel=1e-12)
    assert scale["median_ratio"] == pytest.approx(np.median(ratios), rel=1e-12)
    tied = ("judged.csv", "--reward-column", "score", "--scale", "0")
    told = run_json(command, *tied[:-1], "-0.0")
    assert json.loads(told)["scale_of_rewards"] is None
    assert not re.search(r"-0\.0\b(?!\d)", told)  # neither γ nor a reward times it
    # All rewards are the best one, whatever they are in the table.
    assert run(command, *tied).startswith("judged.csv: 160 rewards, best 0.0000\nall samples are")
