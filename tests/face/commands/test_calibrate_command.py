"""`recurate calibrate`: the scale of a reward model's scores, from pairs of which people chose one.

γ of scored_pairs.json and its standard error came with the file (a maximum likelihood of its own).
"""

import io
import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from recurate.numerics.votes.calibration import calibrate_scale
from recurate.printing.calibration import print_calibration

from .in_process import recurate, refused

SCORED = Path(__file__).parents[1] / "reading" / "inputs" / "scored_pairs.json"


def printed(chosen, rejected, width=100, **options):
    console = Console(width=width, file=io.StringIO(), color_system=None)
    print_calibration("p.csv", calibrate_scale(chosen, rejected, **options), console)
    said = console.file.getvalue()
    before = said.partition("What to type next")[0]
    assert max(map(len, before.splitlines())) <= width
    return " ".join(said.split())


def test_scores_of_a_reward_model():
    done = recurate("calibrate", SCORED, "--json")
    told = json.loads(done.stdout)
    assert told["parameters"]["source"] == "scored_pairs.json"
    scale = told["scale"]
    assert scale["gamma"] == pytest.approx(0.5514, abs=5.1e-5)
    assert scale["standard_error"] == pytest.approx(0.1234, abs=5.1e-5)
    assert scale["pairs"] == 100
    rows = json.loads(SCORED.read_text())
    agreeing = sum(row["chosen_reward"] > row["rejected_reward"] for row in rows)
    assert scale["share_agreeing"] == agreeing / 100
    low, high = scale["interval"]
    assert (high - low) / 2 == pytest.approx(1.96 * 0.1234, rel=1e-3)
    said = recurate("calibrate", SCORED).stdout
    assert said.startswith("scored_pairs.json: 100 pairs with the rewards of both\nγ = 0.5514 ± ")
    assert f"the chosen one has the higher reward in {agreeing}.0% of the pairs" in said
    assert "recurate predict rewards.csv --scale 0.55 -K 4" in said
    assert re.search(r"it may, as far as these pairs tell: p = 0\.\d+", said)
    # e^.5514 = 1.7357, over itself and 1: .6345
    assert "with probability 0.63, odds 1.74 to 1" in said


def test_columns_may_have_other_names(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("good,bad,task\n2,1,x\n0,3,x\n5,1,y\n2,2.5,z\n1,0,z\n")
    arguments = ("calibrate", path, "--chosen-column", "good", "--rejected-column", "bad")
    scale = json.loads(recurate(*arguments, "--json").stdout)["scale"]
    assert scale["standard_error"] == scale["naive_standard_error"]
    by_task = json.loads(recurate(*arguments, "--prompt-column", "task", "--json").stdout)["scale"]
    assert by_task["gamma"] == scale["gamma"]
    assert by_task["standard_error"] != by_task["naive_standard_error"]
    assert "as if all were independent it would be" in " ".join(
        recurate(*arguments, "--prompt-column", "task").stdout.split()
    )


def test_bad_input_is_a_line(tmp_path):
    refused("calibrate", "none.csv", message="No such file or directory: 'none.csv'")
    path = tmp_path / "p.csv"
    path.write_text("a,b\n2,1\n")
    refused("calibrate", path, message="--chosen-column")


HEAD = "chosen_reward,rejected_reward"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            f"{HEAD}\n2,1\n3,1\n",
            "p.csv, columns 'chosen_reward', 'rejected_reward': the chosen one must have the lower "
            "reward in some pairs, or γ is infinite; got the higher one in all 2 pairs: give",
        ),
        (
            f"{HEAD}\n1,2\n1,3\n2,2\n",
            "got the lower one in all 2 pairs that differ (and the same in 1): are they the wrong "
            "way round (--chosen-column 'rejected_reward' --rejected-column 'chosen_reward' swaps "
            "them)? In any case give more pairs",
        ),
        (
            "reward_a,reward_b,winner\n1,2,a\n3,1,b\n",
            "in all 2 pairs: are they the wrong way round (--codes says what the values of "
            "'winner' mean)?",
        ),
        # A tie between equal rewards is one pair.
        (
            "reward_a,reward_b,winner\n1,1,a\n3,3,tie\n",
            "columns 'reward_a', 'reward_b': rewards must differ in some pairs; got the same twice "
            "in all 2: give pairs whose rewards differ",
        ),
    ],
)
def test_pairs_that_all_say_one_thing_have_no_scale(tmp_path, table, message):
    path = tmp_path / "p.csv"
    path.write_text(table)
    done = recurate("calibrate", path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr.splitlines()[-1]


def test_a_scale_below_zero_asks_for_the_columns():
    # One of four agrees, at differences of 1: γ is -log 3, and its error 1/√(4 · 3/16) = 1.15.
    said = printed([1, 1, 1, 2], [2, 2, 2, 1])
    assert "γ = -1.0986 ± 1.1547" in said
    assert "0 lies in the interval" in said
    assert "γ is below 0: are the two columns the right way round?" in said
    assert "right way round" not in printed([2, 2, 2, 1], [1, 1, 1, 2])


def test_what_a_scale_means_is_said():
    rng = np.random.default_rng(0)
    gap = rng.normal(0, 2, 400)
    sign = np.where(rng.random(400) < 1 / (1 + np.exp(-gap)), 1, -1)
    zero = np.zeros(400)
    # The true γ is 1, 1/3 and -1; signs by coins have none.
    assert "1 lies in the interval: the rewards may be log-odds as they stand" in printed(
        sign * gap, zero
    )
    assert "1 lies outside the interval" in printed(sign * gap * 3, zero)
    wrong = printed(-sign * gap, zero)
    assert "people choose the lower reward: are the two columns the right way round?" in wrong
    assert "What to type next" not in wrong
    coins = printed(np.where(rng.random(40) < 0.5, 1, -1) * gap[:40], zero[:40])
    assert "may have nothing to do with these rewards" in coins
    assert "What to type next" not in coins
    assert "nothing tests it: all differences are of one size" in printed([1, 1, 0], [0, 0, 1])


def test_another_form_is_doubted():
    # Small differences decide as much as large ones: 75% at .1 and at 10.
    gap = np.repeat([0.1, 10.0], 200)
    gap[::4] *= -1
    assert "no: p < 0.0001; choices do not follow γ times" in printed(gap, 0 * gap)


def test_the_scale_is_typed_to_the_digits_that_are_known():
    for repeats, digits in ((1, 1), (100, 2), (10_000, 3)):
        gap = np.tile([1.0, 1.0, 1.0, -1.0], repeats)
        gamma = math.log(3)  # 3 of 4 at a difference of 1
        said = printed(gap, 0 * gap)
        error = 1 / math.sqrt(len(gap) * 3 / 16)
        if gamma < 1.96 * error:
            assert "--scale" not in said
            continue
        typed = re.search(r"--scale (\S+) -K 4", said)[1]
        assert len(typed.partition(".")[2]) <= digits + 1
        assert abs(float(typed) - gamma) < error / 5


def test_a_narrow_terminal():
    rows = json.loads(SCORED.read_text())
    chosen, rejected = (
        [row[name] for row in rows] for name in ("chosen_reward", "rejected_reward")
    )
    printed(chosen, rejected, width=30)


def test_pairs_may_be_counted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("c.csv").write_text("chosen_reward,rejected_reward,n\n2,0,3\n0,2,1\n5,1,0\n")
    Path("w.csv").write_text("chosen_reward,rejected_reward\n" + "2,0\n" * 3 + "0,2\n")
    counted = recurate("calibrate", "c.csv", "--weight-column", "n", "--json")
    told, written = (
        json.loads(d.stdout) for d in (counted, recurate("calibrate", "w.csv", "--json"))
    )
    assert told["scale"] == written["scale"]
    assert told["scale"]["gamma"] == pytest.approx(math.log(3) / 2)  # odds of 3 for 2 more
    assert "rows that stand for no vote ('n' is 0) are left out: 1" in counted.stderr
    Path("c.csv").write_text("chosen_reward,rejected_reward,n\n2,0,3\n0,2,0.5\n")
    refused(
        *("calibrate", "c.csv", "--weight-column", "n"),
        message="row 2 (line 3), column 'n': must be a number of votes, 0, 1, 2, ...; got 0.5",
    )
