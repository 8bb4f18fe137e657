"""`recurate sweep`: each loop is that of predict, and what is left out is named."""

import csv
import io
import math
import os

import pytest

from recurate.numerics.laws.levels import FIGURES

from ..in_process import document, recurate, succeeded


def swept(*arguments):
    """Return the rows of a sweep in this process, from the CSV that it writes."""
    done = succeeded("sweep", *arguments, "--jobs", "1", "-o", "-")
    return list(csv.DictReader(io.StringIO(done.stdout)))


def number(text):
    return math.nan if text == "" else float(text)


def assert_are(rows, predicted):
    """Assert that the rows of one loop are what predict says, to the last bit."""
    trajectory, limit = predicted["trajectory"], predicted["fixed_point"]
    assert [row["t"] for row in rows] == [f"{t}.0" for t in trajectory["t"]] + ["inf"]
    for name in (*FIGURES, "expected_reward_in_unit"):
        assert [number(row[name]) for row in rows] == [*trajectory[name], limit[name]]
    for kind, names, values in (
        ("proportion", "group_names", "group_proportions"),
        ("score", "score_names", "expected_scores"),
    ):
        assert trajectory[names] == limit[names]
        for place, name in enumerate(trajectory[names]):
            expected = [step[place] for step in [*trajectory[values], limit[values]]]
            assert [number(row[f"{kind}[{name}]"]) for row in rows] == expected


@pytest.mark.parametrize(
    ("tables", "axes"),
    [
        (["t.csv", "--follow", "length"], {"-K": ["2", "7", "inf"], "--lam": ["0.5", "3", "inf"]}),
        (
            ["t.csv", "--prompt-column", "q"],
            {"--choice": ["best", "best:2"], "--scale": ["0.5", "-2"]},
        ),
        (
            ["rates.csv", "--reward-is", "probability"],
            {"--scale": ["1", "0.5"], "--real-fraction": ["0.3", "0.9"]},
        ),
        (["--votes", "votes.csv"], {"-K": ["2", "3"], "--scale": ["1", "2"]}),
        (["--example", "digits-class"], {"--choice": ["bradley-terry", "top:0.1"], "--lam": ["1"]}),
        (["t.csv", "--retain", "0.2", "--random-clicks", "0.1"], {"-K": ["2", "4"]}),
    ],
    ids=["paper", "prompts", "rates", "votes", "example", "retained"],
)
def test_every_loop_is_that_of_predict(here, tables, axes):
    options = [word for name, values in axes.items() for word in (name, ",".join(values))]
    rows = swept(*tables, *options, "--steps", "4")
    combinations = [[]]
    for name in ("--scale", "--choice", "-K", "--lam", "--real-fraction"):
        combinations = [
            [*one, name, value] for one in combinations for value in axes.get(name, [None])
        ]
    assert len(rows) == 6 * len(combinations)
    for place, combination in enumerate(combinations):
        pairs = list(zip(combination[::2], combination[1::2], strict=True))
        words = [word for name, value in pairs if value is not None for word in (name, value)]
        predicted = document("predict", *tables, *words, "--steps", "4", "--bands", "0")
        assert_are(rows[6 * place : 6 * place + 6], predicted)
        row, parameters = rows[6 * place], predicted["parameters"]
        assert row["table"] == parameters["source"]
        assert number(row["scale"]) == parameters["scale"]
        typed = {name: value for name, value in pairs if value is not None}
        assert row["rule"] == typed.get("--choice", "bradley-terry")
        assert row["K"] == ("" if "top" in row["rule"] else repr(float(typed.get("-K", 4))))
        if "--real-fraction" in typed:
            assert row["real_fraction"] == typed["--real-fraction"]
        else:
            assert number(row["lam"]) == number(typed.get("--lam", "inf"))


def test_several_tables_stand_below_one_another(here):
    (here / "u.csv").write_text("reward,kind\n1,x\n2,y\n0,x\n")
    line = ("t.csv", "u.csv", "-K", "2,3", "--steps", "3")
    rows = swept(*line)
    assert [row["table"] for row in rows] == ["t.csv"] * 10 + ["u.csv"] * 10
    of_both = {name: {row[name] for row in rows[10:]} for name in rows[0]}
    assert of_both["proportion[a]"] == {""}  # of no group that this table has
    assert_are(rows[15:], document("predict", "u.csv", "-K", "3", "--steps", "3", "--bands", "0"))
    shown = recurate("sweep", *line, "--jobs", "1").stdout
    assert "t.csv: 60 rewards" in shown
    assert "u.csv: 3 rewards" in shown
    assert "kl_to_reference at t = 3, u.csv" in shown
    done = recurate("sweep", *line, "--group-column", "group")
    assert "--group-column must name a column of u.csv" in done.stderr


def test_tables_of_the_same_name_are_called_by_their_paths(here):
    for folder, rewards in (("one", "1\n2\n"), ("two", "1\n-99\n5\n7\n")):
        (here / folder).mkdir()
        (here / folder / "s.csv").write_text(f"reward\n{rewards}")
    names = (os.path.join("one", "s.csv"), os.path.join("two", "s.csv"))
    line = (*names, "t.csv", "--sentinel", "-99", "-K", "2,3", "--steps", "1")
    rows = swept(*line)
    assert list(dict.fromkeys(row["table"] for row in rows)) == [*names, "t.csv"]
    assert {row["table"]: row["expected_reward"] for row in rows if row["t"] == "inf"} == {
        names[0]: "2.0",
        names[1]: "7.0",
        "t.csv": "1.96",
    }
    done = recurate("sweep", *line, "--jobs", "1")
    assert f"kl_to_reference at t = 1, {names[1]}\n" in done.stdout
    assert f"recurate: {names[1]}: s.csv: 1 of 4 rows is left out" in done.stderr
    (here / "two" / "s.csv").write_text("reward\n1\nx\n")
    done = recurate("sweep", *line)
    assert done.stderr.startswith(f"recurate: {names[1]}: s.csv, row 2 (line 3), column 'reward'")


def test_training_sets_that_grow_have_no_lam_and_no_fixed_point(here):
    rows = swept("t.csv", "--accumulate", "-K", "2,3", "--steps", "2")
    assert {(row["lam"], row["real_fraction"]) for row in rows} == {("", "")}
    *steps, limit = rows[:4]
    assert [row["no_fixed_point"] for row in steps] == [""] * 3
    assert (limit["t"], limit["expected_reward"]) == ("inf", "")
    assert limit["no_fixed_point"].startswith("training sets that grow are never what they were")
    shown = recurate("sweep", "t.csv", "--accumulate", "-K", "2,3", "--steps", "2", "--jobs", "1")
    assert "Without a fixed point\n  2 loops: training sets that grow" in shown.stdout


def test_a_file_describes_one_loop(here):
    (here / "loop.toml").write_text('lam = 2.0\n[rule]\nkind = "best"\nK = 3\n')
    rows = swept("t.csv", "--loop", "loop.toml", "--scale", "1,2", "--steps", "1")
    assert [(row["rule"], row["K"], row["lam"], row["scale"]) for row in rows[::3]] == [
        ("loop.toml", "", "2.0", "1.0"),
        ("loop.toml", "", "2.0", "2.0"),
    ]
    done = recurate("sweep", "t.csv", "--loop", "loop.toml", "-K", "2,3")
    assert "--loop loop.toml says all of the loop, so -K cannot be given too" in done.stderr


def test_what_cannot_be_is_left_out_and_named(here):
    line = (
        "sweep",
        "t.csv",
        "--choice",
        "bradley-terry,best,top:0.5",
        "-K",
        "2,inf",
        "--steps",
        "1",
    )
    done = recurate(*line, "--jobs", "1", "-o", "-")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    cells = list(dict.fromkeys((row["rule"], row["K"]) for row in rows))
    assert cells == [
        ("bradley-terry", "2.0"),
        ("bradley-terry", "inf"),
        ("best", "2.0"),
        ("top:0.5", ""),
    ]
    assert done.stderr.startswith(
        "recurate: left out: best with K = inf: --choice best needs a fin"
    )
    assert done.stderr.count("\n") == 1
    found = document(*line, "--jobs", "1")
    assert [text.split(":")[0] for text in found["left_out"]] == ["best with K = inf"]


def test_remarks_are_made_once_for_all_scales(here):
    (here / "r.csv").write_text("reward,group\n1,a\n-99,a\n2,b\n")
    done = succeeded("sweep", "r.csv", "--sentinel", "-99", "--scale", "0.5,1,2", "--jobs", "1")
    assert done.stderr.count("-99") == 1
