"""`recurate check` with --bound and --without, run as a user does."""

import contextlib
import io
import json

import pytest
from typer.testing import CliRunner

from recurate.cli import app

TWICE = ("check", "theorem-2.3", "--bound", "2*bound - mean_weight")


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def test_a_stranger_breaks_a_theorem(tmp_path):
    path = tmp_path / "trial.json"
    done = run(*TWICE, "--json", str(path))
    assert done.exit_code == 1
    said, _, code = done.stdout.partition("to see it again:\n")
    assert said.startswith("theorem-2.3 with another bound: refuted")
    for words in (
        "then E_{t+1} w >= E_ref w + 2 · λ/(1+λ)^3 · (K-1)/K · (Var_ref w)/w_*",
        "least margin -29/31944 at t = 1 (exact), for",
        "weights (1/2, 1), p_ref (1/2, 1/2), K = 2, λ = 1/10, 1 step",
        "proof: step 7 of 9 is the first to fail, 'base':",
        "λ, synthetic samples per real one.",
        "a = λ/(1+λ), one for the pure loop.",  # which the failing step has
    ):
        assert words in said
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    assert printed.getvalue() == "margin -29/31944 at t = 1\n"
    document = json.loads(path.read_text("utf-8"))
    assert document["verdict"] == "refuted"
    assert document["counterexample"]["margin"] == "-29/31944"
    assert document["proof"]["first_to_fail"] == "base"
    assert document["least_margin"] == pytest.approx(-29 / 31944)


def test_a_weaker_bound_exits_with_0():
    done = run("check", "ratio-bound", "--bound", "2*bound")
    assert done.exit_code == 0
    assert "ratio-bound with another bound: holds" in done.stdout


def test_without_a_hypothesis_that_no_loop_breaks():
    done = run("check", "theorem-2.3", "--without", "start", "--without", "candidates")
    assert done.exit_code == 1  # by another start
    assert "theorem-2.3 without start, without candidates: refuted" in done.stdout
    assert "at least one candidate: K >= 1; all loops tried meet it" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("theorem-2.3", "--bound", "2*boun"), "did you mean bound?"),
        (("theorem-2.3", "--bound", "top_mass"), "names must be among bound, K, lam, mean_weight"),
        (("theorem-2.3", "--bound", "K^2"), "a power is written **"),
        (("theorem-2.3", "--without", "strt"), "hypotheses start, bounded, candidates; got 'strt'"),
        (("theorem-2.1", "--bound", "1"), "has no bound that could be replaced: it says lim_"),
        (("theorem-2.33", "--bound", "1"), "ID must be a result, such as theorem-2.3"),
        (("--bound", "1"), "need exactly one ID; got 0"),
        (("theorem-2.3", "lemma-2.2", "--without", "bounded"), "need exactly one ID; got 2"),
        (("theorem-2.3", "--without", "start", "--junit", "x"), "--junit is for results"),
    ],
)
def test_bad_input(arguments, message):
    done = run("check", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_help_says_what_the_exit_codes_mean():
    words = " ".join(run("check", "--help").stdout.replace("│", " ").split())
    assert "--bound FORMULA" in words
    assert "--without HYPOTHESIS" in words
    assert "Exit code 1 if that is refuted; 0 if not, which proves nothing." in words
