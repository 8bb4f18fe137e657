"""Other commands take a law that `recurate summarise` wrote, and say what it cannot tell."""

import numpy as np
import polars as pl
import pytest

from recurate.numerics.compression import lattice
from recurate.numerics.compression.summary import Summary

from ..in_process import document, recurate, refused, succeeded
from .tables import ALONE, LOOP, figures, frame, in_parts


@pytest.mark.parametrize(
    "command",
    [
        ("predict", "--bands", "2"),
        ("fixed-point", "--lam", "0.5"),
        ("choose", "-K", "4", "--max-kl", "0.5", "--steps", "3", "--bands", "2"),
        ("simulate", "--generated", "500", "--replicates", "4", "--steps", "2"),
    ],
    ids=lambda command: command[0],
)
def test_commands_that_take_a_table_take_a_law(law, command):
    done = succeeded(*command, law)
    assert done.stdout.startswith("law.npz: 7,000 rewards in 7 parts (")
    shown = document(*command, law)
    assert shown["parameters"]["rewards"] == 7_000
    assert shown["parameters"]["source"] == "law.npz"


@pytest.mark.parametrize(
    "command", [("votes",), ("calibrate",), ("predict", "--votes"), ("summarise", "-o", "x.npz")]
)
def test_commands_that_need_rows_say_so(law, command):
    done = recurate(*command, law)
    assert done.exit_code == 2
    assert "is a law that recurate summarise wrote, and has no rows" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--reward-column", "reward"), "--reward-column is about a table's rows"),
        (("--where", "group = 'a'"), "give --where to recurate summarise"),
        (("--prompt-column", "q"), "give --prompt-column to recurate summarise"),
        (("--sentinel", "-1"), "give --sentinel to recurate summarise"),
        (("--reward-is", "elo"), "give --reward-is to recurate summarise"),
        (("--scale", "2"), "give --scale to recurate summarise"),
        (("--missing", "drop"), "give --missing to recurate summarise"),
        (("--follow", "weight"), "must name a column that law.npz follows ('length')"),
        (("--prompt-weights", "equal"), "--prompt-weights equal needs prompts"),
        (("--shares", "0.5,0.5"), "voters need each row's rewards by all of them"),
        (("--raters", "voters"), "voters need each row's rewards by all of them"),
        (("--rows", "sampled"), "--rows sampled is about the rows of a prompt"),
    ],
)
def test_what_a_law_cannot_tell_is_said(law, options, message):
    refused("predict", law, *options, message=message)


def test_a_rule_by_another_column_needs_rows(law, tmp_path):
    (tmp_path / "loop.toml").write_text('[rule]\nkind = "bradley-terry"\nK = 4\nby = "length"\n')
    done = recurate("predict", law, "--loop", tmp_path / "loop.toml")
    assert done.exit_code == 2
    assert "a rule that goes by column 'length' needs rows" in done.stderr


def test_a_damaged_law_is_refused(law):
    content = bytearray(law.read_bytes())
    content[len(content) // 2] ^= 1
    law.write_bytes(content)
    refused("predict", law, message="law.npz must be a law of recurate summarise")


def test_a_summary_of_python_is_a_law_too(tmp_path):
    Summary.of(np.arange(100.0)).to_npz(tmp_path / "law.npz")
    done = succeeded("predict", tmp_path / "law.npz", "--bands", "0", "--steps", "1")
    assert done.stdout.startswith("law.npz: 100 rewards, best 99.0000\n")


def test_rows_are_counted_and_not_the_atoms_of_the_law(tmp_path):
    whole = in_parts(frame(), tmp_path, ".parquet")
    law = tmp_path / "law.npz"
    succeeded("summarise", tmp_path / "data", "-o", law, *ALONE)
    with_rows, of_law = (document("predict", one, *LOOP)["uncertainty"] for one in (whole, law))
    # The same rows carry both, to the digits that sums of squares in narrow bins have.
    sizes = np.array(with_rows["effective_sample_size"])
    np.testing.assert_allclose(of_law["effective_sample_size"], sizes, rtol=1e-6)
    assert of_law["trusted_until"] == with_rows["trusted_until"]
    shown = recurate("predict", law, *LOOP).stdout
    assert "of 40,000 rows (effective sample size)" in shown


def test_what_bins_change_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(lattice, "KEPT_TOP", 100)
    rewards = np.random.default_rng(0).normal(size=5000)
    Summary.of(rewards, bins=1024).to_npz(tmp_path / "law.npz")
    pl.DataFrame({"reward": rewards}).write_parquet(tmp_path / "whole.parquet")
    loop = ("--choice", "best", "-K", "4", "--lam", "1", "--steps", "4", "--bands", "0")
    ours, theirs = (document("predict", tmp_path / f, *loop) for f in ("law.npz", "whole.parquet"))
    error = np.abs(figures(ours) - figures(theirs)).max()
    assert 1e-10 < error < ours["uncertainty"]["error_of_bins"] < 30 * error
    assert "error_of_bins" not in theirs["uncertainty"]
    said = recurate("predict", tmp_path / "law.npz", *loop).stdout
    number = f"{ours['uncertainty']['error_of_bins']:.0e}"
    assert f"the law's bins may change the figures up to t = 4 by {number}" in said
    loop = ("--steps", "4", "--bands", "0")
    assert document("predict", tmp_path / "law.npz", *loop)["uncertainty"]["error_of_bins"] < 1e-10
    assert "the law's bins" not in recurate("predict", tmp_path / "law.npz", *loop).stdout
