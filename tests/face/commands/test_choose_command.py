"""`recurate choose` and `recurate fixed-point`: what is printed is what Python finds."""

import re

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, choose

from .in_process import document, recurate


def test_fixed_point_prints_it_beside_the_real_data(rewards):
    done = recurate("fixed-point", rewards, "-K", "2", "--lam", "2")
    assert (done.exit_code, done.stderr) == (0, "")
    limit = CurationLoop(RewardLaw([0.0, 1.0, 0.5]), K=2, lam=2.0).fixed_point()
    row = next(line.split() for line in done.stdout.splitlines() if line.startswith(" E[r]"))
    assert row == ["E[r]", "0.5000", f"{limit.expected_reward:.4f}"]
    assert "group liked" in done.stdout
    assert "found by Newton's method in" in done.stdout


def test_fixed_point_json(rewards):
    found = document("fixed-point", rewards, "--lam", "inf")
    assert found["fixed_point"]["group_names"] == ["plain", "liked"]
    assert found["fixed_point"]["group_proportions"] == [0.0, 1.0]
    assert found["fixed_point"]["method"] == "best"
    assert found["parameters"]["lam"] == "inf"


def test_choose_finds_what_python_finds(rewards):
    law = RewardLaw([0.0, 1.0, 0.5], groups=["plain", "liked", "plain"])
    found = choose(law, K=2, max_kl=0.05)
    done = recurate("choose", rewards, "-K", "2", "--max-kl", "0.05", "--bands", "0")
    assert (done.exit_code, done.stderr) == (0, "")
    fraction = float(re.search(r"real data at least (\S+) of each training set", done.stdout)[1])
    lam = float(re.search(r"λ at most (\S+)", done.stdout)[1])
    assert found.lam * (1 - 1e-5) < lam <= found.lam
    # The share of real data is that of the printed λ, rounded up.
    assert found.real_fraction <= 1 / (1 + lam) <= fraction < 1 / (1 + lam) + 1e-6
    shown = recurate("choose", rewards, "-K", "2", "--group", "liked", "--max-share", "0.45").stdout
    assert "group liked at most 0.45 for 1,024 steps and at the fixed point:" in shown
    found = choose(law, lam=1.0, group="liked", max_share=0.45)
    options = ("--lam", "1", "--group", "liked", "--max-share", "0.45", "--seed", "3")
    told = document("choose", rewards, *options)
    assert told["parameters"]["candidates"] == found.K
    resampled = choose(law, lam=1.0, group="liked", max_share=0.45, replicates=200, rng=3)
    ends = [str(end) if np.isinf(end) else end for end in resampled.candidates_range]
    assert told["choice"] == {
        "chosen": "K",
        "quantity": "max_share",
        "limit": 0.45,
        "reached": found.reached,
        "group": "liked",
        "at_step": "inf",
        "steps": None,
        "lam_range": None,
        "candidates_range": ends,
        "lean": None,
        "level": 0.95,
        "replicates": 200,
        "resampled": "rows",
        "failed": 0,
        "range": "quantiles",
    }
    assert told["uncertainty"]["trusted"] is False  # three rows


def test_choose_prints_names_that_cannot_be_printed_in_quotes(tmp_path):
    table = tmp_path / "names.csv"
    table.write_text("reward,group\n0,a\n1,\x1b[31m\n2,b\n")
    done = recurate("choose", table, "-K", "2", "--group", "\x1b[31m", "--min-share", "0.01")
    assert "group '\\x1b[31m' at least" in done.stdout
    assert "\x1b" not in done.stdout
    # An empty label is none, in a table as on the command line.
    done = recurate("choose", table, "-K", "2", "--group", "", "--min-share", "0.01")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "got ''" in done.stderr


def test_choose_says_where_no_fixed_point_was_found(tmp_path):
    # KL(p_*‖p_ref) = 297 log 10 = 684 is over the limit, and λ > 1e300 times the mass at the best
    # reward, which fixed points need, is among those that are tried.
    table = tmp_path / "rare.csv"
    table.write_text("reward,weight\n0,1\n1,1e-297\n")
    done = recurate("choose", table, "-K", "4", "--max-kl", "683.8")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "recurate: a fixed point on the way was not found: the mass of p_ref" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--max-kl", "1"), "choose needs either -K, to look for the share of real data, or --lam"),
        (("-K", "2", "--lam", "1", "--max-kl", "1"), "choose needs either -K"),
        (("-K", "2"), "choose needs exactly one of --max-kl, --max-share and --min-share"),
        (("-K", "2", "--max-share", "0.5"), "choose needs --group with --max-share or --min-share"),
        (("-K", "2", "--max-kl", "0"), "max_kl must be above 0; got 0.0"),
        (
            ("-K", "2", "--group", "x", "--max-share", "0.5"),
            "group must be one of the law's ('plain', 'liked'); got 'x'",
        ),
    ],
)
def test_choose_with_bad_input(rewards, arguments, message):
    done = recurate("choose", rewards, *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr


def test_choose_says_where_there_are_no_groups(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("reward,model\n0,a\n1,b\n")
    done = recurate("choose", path, "-K", "2", "--group", "a", "--max-share", "0.5")
    assert done.exit_code == 2
    assert "it has none: name their column with --group-column" in done.stderr
