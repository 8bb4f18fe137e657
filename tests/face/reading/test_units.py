"""Tables whose rewards are not in log-odds, from a file to the loop.

The expected numbers of public tables are those of ``inputs/README.md``: a dense oracle of its own,
K = 4 and the pure loop, lists from t = 0 on.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from recurate import CurationLoop
from recurate.cli import app
from recurate.errors import InputError

RATES = "model,rate,n\na,{},4\nb,{},{}\nc,25,4\n"
LEADERBOARD = {"reward": "Factual Consistency Rate", "unit": "percent"}


def logit(p):
    return math.log(p / (1 - p))


def figures(table, steps):
    """Return what is predicted of a table, by the names of the README."""
    trajectory = CurationLoop(table.law, K=4, lam=math.inf).run(steps=steps)
    scores = dict(zip(table.law.score_names, np.transpose(trajectory.expected_scores), strict=True))
    groups = dict(
        zip(table.law.group_names, np.transpose(trajectory.group_proportions), strict=False)
    )
    return {
        "E": trajectory.expected_reward,
        "KL": trajectory.kl_to_reference,
        "in unit": scores[table.in_unit],
        **scores,
        **groups,
    }


@pytest.mark.parametrize(
    ("file", "asked", "expected"),
    [
        (
            "leaderboard.csv",
            {"reward": "win_rate", "unit": "percent", "follow": "avg_length"},
            {
                "E": [-0.6970, -0.1710, 0.3172, 0.6485, 0.8397, 0.9529],
                "avg_length": [1794.05, 1968.17, 2071.40, 2109.52, 2121.16, 2128.32],
            },
        ),
        (
            "elo.csv",
            {"reward": "arena_score", "unit": "elo", "group": "model"},
            {
                "in unit": [1029.842, 1046.393, 1062.097, 1076.162],
                "m1": {3: 0.146728},
                "KL": {3: 0.282326},
            },
        ),
        (
            "elo.csv",
            {"reward": "arena_score", "unit": "elo", "weight": "votes"},
            {"in unit": {0: 1026.444, 3: 1058.809}},
        ),
        (
            "by_problem.json",
            {"reward": "speedup", "unit": "ratio", "prompts": "key", "group": "model"},
            {
                "in unit": [0.818111, 0.903633, 0.960515, 0.985443],
                "m4": {3: 0.382378},
                "KL": {3: 0.218718},
            },
        ),
        (
            "rankings.json",
            {"reward": "ranking", "prompts": "prompt", "scale": -1.0},
            {"in unit": [2.7601, 1.9296, 1.4602], "E": [-2.7601, -1.9296, -1.4602]},
        ),
        (
            "leaderboard.md",
            {**LEADERBOARD, "follow": "Average Summary Length (Words)"},
            {
                "E": [2.264782, 2.475455, 2.685172, 2.901502],
                "in unit": {0: 89.578, 3: 94.097},
                "Average Summary Length (Words)": [114.302, 109.019, 106.686, 108.302],
            },
        ),
    ],
)
def test_public_tables_in_their_units(read_input, file, asked, expected):
    table, _ = read_input(file, **asked)
    found = figures(table, steps=5)
    for name, values in expected.items():
        at = values if isinstance(values, dict) else dict(enumerate(values))
        for t, value in at.items():
            digits = len(f"{value!r}".partition(".")[2])
            # The README leaves a last zero out.
            assert found[name][t] == pytest.approx(value, abs=0.501 * 10.0**-digits), (name, t)


def test_choose_reads_elo_ratings():
    file = Path(__file__).parent / "inputs" / "elo.csv"
    options = ["--reward-column", "arena_score", "--reward-is", "elo", "--max-kl", "0.2", "-K", "4"]
    done = CliRunner().invoke(app, ["choose", str(file), *options, "--json", "--bands", "0"])
    assert done.exit_code == 0, done.stderr
    lam = json.loads(done.stdout)["parameters"]["lam"]
    assert round(lam, 4) == 2.2521  # the README of the inputs


@pytest.mark.parametrize(
    ("unit", "values", "log_odds"),
    [
        ("log-odds", ["3", "-1"], [3.0, -1.0]),
        ("probability", ["0.75", "1e-300"], [math.log(3), -300 * math.log(10)]),
        ("percent", ["75", "20"], [math.log(3), -math.log(4)]),
        ("elo", ["400", "-800"], [math.log(10), -2 * math.log(10)]),
        ("ratio", ["8", "0.5"], [math.log(8), -math.log(2)]),
    ],
)
def test_rewards_of_a_unit_are_read_in_log_odds_and_stand_beside_as_they_are(
    written, read, unit, values, log_odds
):
    law, _ = read("reward\n" + "\n".join(values), unit=unit, scale=2.0)
    assert law.rewards == pytest.approx([2 * r for r in log_odds], rel=1e-14)
    assert law.scores["reward"].tolist() == [float(value) for value in values]


@pytest.mark.parametrize(
    ("unit", "value", "error"),
    [
        ("percent", "100", "must be a percentage above 0 and below 100; got 100.0; --trials N, "),
        ("percent", "0", "below 100; got 0.0; --trials N, how many trials the rates are of or "),
        ("percent", "100.5", "must be a percentage above 0 and below 100; got 100.5$"),
        (
            "percent",
            "-3",
            "and below 100; got -3.0; if it stands for a missing one, --sentinel -3 leaves it out",
        ),
        ("probability", "1", "must be a probability above 0 and below 1; got 1.0; --trials N, how"),
        ("probability", "0", "half a success and half a failure more; --where leaves the row out$"),
        ("probability", "62.5", "below 1; got 62.5; of percentages: --reward-is percent$"),
        ("ratio", "0", "must be a ratio above 0; got 0.0; --where leaves the row out$"),
        ("ratio", "-2", "must be a ratio above 0; got -2.0; if it stands for a missing one"),
        ("ratio", "-1234567.", "got -1234567.0; .* --sentinel -1234567 leaves it out$"),
        ("ratio", "-0.123456789", "must be a ratio above 0; got -0.123456789$"),
    ],
)
def test_what_has_no_log_odds_is_refused_with_its_place(read, unit, value, error):
    text = f"model,score\na,0.5\nb,{value}\nc,0.25\n"
    where = r"t.csv, row 2 \(line 3\), column 'score': "
    with pytest.raises(InputError, match=f"^{where}.*{error}"):
        read(text, reward="score", unit=unit)
    assert read(text, reward="score", unit=unit, where="model <> 'b'")[0].size == 2
    assert read(text, reward="score", unit=unit, sentinels=(value,))[0].size == 2


def test_trials_as_a_number_or_a_column_take_half_a_success_and_half_a_failure_more(read):
    # 4 of 4: 4½ : ½. 0 of 9: ½ : 9½; of 4, ½ : 4½. 1 of 4: 1½ : 3½.
    asked = {"reward": "rate", "unit": "percent"}
    law, said = read(RATES.format(100, 0, 9), **asked, trials="N")  # by name, whatever its case
    assert law.rewards == pytest.approx(np.log([9, 0.5 / 9.5, 1.5 / 3.5]), rel=1e-14)
    assert law.scores["rate"].tolist() == [100, 0, 25]
    assert said == [
        "a rate p of n trials is read as (n p + ½)/(n + 1): 2 of 3 were 0 or 100%, and the largest "
        "change is from 100 to 90"
    ]
    law, _ = read(RATES.format(100, 0, 9), **asked, trials="4")
    assert law.rewards == pytest.approx(np.log([9, 1 / 9, 1.5 / 3.5]), rel=1e-14)
    text = "reward,n\n1,3\n0.5,\n"
    law, said = read(text, unit="probability", trials="n", missing="drop")
    assert law.rewards == pytest.approx([math.log(7)])
    assert said[0] == "1 of 2 rows is left out: column 'n' has no value"


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"trials": "n"}, "--trials is about rates: it needs --reward-is probability or percent"),
        ({"trials": "4", "unit": "elo"}, "or percent; got elo"),
        ({"trials": "0", "unit": "percent"}, "--trials must be a number from 1, or a column; got "),
        ({"trials": "inf", "unit": "percent"}, "must be a number from 1, or a column; got inf"),
        ({"trials": "runs", "unit": "percent"}, "--trials must name a column of t.csv: 'model', "),
        (
            {"trials": "n", "unit": "percent"},
            r"row 2 \(line 3\), column 'n': must be a number of t",
        ),
        ({"trials": "4", "unit": "probability"}, "must be a probability from 0 to 1; got 50.0"),
        ({"trials": "n", "unit": "percent", "missing": "error"}, "at least 1; got 0.5"),
    ],
)
def test_trials_that_cannot_be_are_refused(read, asked, error):
    with pytest.raises(InputError, match=error):
        read(RATES.format(50, 20, 0.5), reward="rate", **asked)


def test_means_of_ratings_are_read_in_their_unit(read):
    # Means 1 and 1/4: of 4 trials 4½ : ½ and 1½ : 3½.
    text = "model,a,b,n\nx,1,1,4\ny,0.5,0,4\n"
    asked = {"reward": ("a", "b"), "unit": "probability"}
    law, _ = read(text, **asked, trials="4")
    assert law.rewards == pytest.approx(np.log([9, 1.5 / 3.5]), rel=1e-14)
    with pytest.raises(InputError, match=r"row 1 .*must be a probability above 0 and .*got 1.0"):
        read(text, **asked)
    with pytest.raises(InputError, match="must be a number where candidates have several ratings"):
        read(text, **asked, trials="n")


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("t.csv", ["98.2 %", "1.5%", "+3e1 %"]),
        ("t.csv", ["98.2 %", "1.5%", "30\N{NO-BREAK SPACE}%"]),
        ("t.tsv", ["98,2 %", "1,5 %", "30 %"]),
    ],
)
def test_cells_with_percent_signs_are_numbers(read, name, cells):
    delimiter = "\t" if name == "t.tsv" else ","
    rows = [["model", "rate", "x"], *(["m", cell, cell] for cell in cells)]
    text = "\n".join(delimiter.join(row) for row in rows)
    law, said = read(text, name, reward="rate", follow=("x",))
    assert law.rewards.tolist() == law.scores["x"].tolist() == [98.2, 1.5, 30.0]
    assert said[0] == "percent signs of columns 'rate', 'x' were left out"
    assert said[1].startswith("column 'rate' looks like percentages, and is read as log-odds")
    law, said = read(text, name, reward="rate", unit="percent")
    assert law.rewards == pytest.approx([logit(0.982), logit(0.015), logit(0.3)], rel=1e-13)
    assert said == ["percent signs of column 'rate' were left out"]


@pytest.mark.parametrize("cells", ['"98.2 %"', "[98.2]"])
def test_percent_signs_in_json(read, cells):
    text = f'[{{"reward": {cells}, "x": "7%"}}, {{"reward": {cells.replace("98.2", "3")}}}]'
    law, said = read(text, "t.json", follow=("x",))
    assert law.rewards.tolist() == [98.2, 3.0]
    assert law.scores["x"].tolist()[0] == 7.0
    assert math.isnan(law.scores["x"][1])
    assert any("percent signs of column" in line and "'x'" in line for line in said)


@pytest.mark.parametrize(
    ("cells", "error"),
    [
        (["98.2 %", "97.1"], "must have a percent sign, as entries before it do; got '97.1'$"),
        (["98.2 %", "true"], "must have a percent sign, as entries before it do; got 'true'$"),
        (["98.2", "97.1 %"], "must be a finite number; got '97.1 %'; write 97.1, without '%'$"),
        (["98.2 %", '"1,234 %"'], "before its percent sign; got '1,234 %'; write 1.234, or 1234$"),
        (["98.2 %", "inf %"], "must be a finite number before its percent sign; got 'inf %'"),
        (["98.2 %", "x%"], "must be a finite number before its percent sign; got 'x%'$"),
        (["98.2 %", "1_0%"], "must be a finite number before its percent sign; got '1_0%'"),
    ],
)
def test_a_cell_that_differs_from_percentages_is_refused(read, cells, error):
    with pytest.raises(InputError, match=rf"t.csv, row 2 \(line 3\), column 'reward': .*{error}"):
        read("reward,g\n" + "".join(f"{cell},a\n" for cell in cells))


def test_missing_percentages_and_sentinels_are_left_out_as_others_are(read):
    text = "reward,g\n98.2 %,a\nn/a,b\n,c\n-1 %,d\n3 %,e\n"
    law, said = read(text, unit="percent", missing="drop", sentinels=("-1",))
    assert law.rewards == pytest.approx([logit(0.982), logit(0.03)], rel=1e-13)
    assert said[:2] == [
        "1 of 5 rows is left out: their reward is '-1', which stands for none",
        "2 of 5 rows are left out: column 'reward' has no value",
    ]
    law, _ = read(text, unit="percent", missing="drop", sentinels=("-1 %",))
    assert law.size == 2
    with pytest.raises(InputError, match=r"row 2 .*must be a finite number; got 'n/a'; --missing"):
        read(text)


def test_the_unit_stands_in_the_document_even_if_none_was_given():
    file = Path(__file__).parent / "inputs" / "capital.csv"
    for options, unit in (((), "log-odds"), (("--reward-is", "elo"), "elo")):
        done = CliRunner().invoke(app, ["predict", str(file), *options, "--json", "--bands", "0"])
        assert json.loads(done.stdout)["parameters"]["reward_is"] == unit
