"""Bands and ranges of rewards that are estimates: of votes, and of several raters."""

import itertools

import numpy as np
import pytest

from .in_process import document, recurate


def words(*arguments):
    done = recurate(*arguments)
    assert done.exit_code == 0, done.output
    return " ".join(done.stdout.split())


@pytest.fixture
def votes(tmp_path):
    """Forty votes for a against b, and 20 the other way; b against c alike."""
    path = tmp_path / "votes.csv"
    rows = ["winner,loser"]
    for winner, loser in itertools.pairwise("abc"):
        rows += [f"{winner},{loser}"] * 40 + [f"{loser},{winner}"] * 20
    path.write_text("\n".join(rows))
    return path


@pytest.fixture
def sparse(tmp_path):
    """Two votes each way: e^-2 of the resamples have none of one way."""
    path = tmp_path / "sparse.csv"
    path.write_text("winner,loser\n" + "a,b\n" * 2 + "b,a\n" * 2)
    return path


@pytest.fixture
def rated(tmp_path):
    """Twelve prompts of two answers, each rated by twenty raters."""
    draw = np.random.default_rng(0)
    path = tmp_path / "rated.csv"
    rows = ["prompt,model,rater,score"]
    for prompt, model, rater in itertools.product(range(12), "xy", range(20)):
        rows.append(f"p{prompt},{model},w{rater},{draw.normal(model == 'x'):.2f}")
    path.write_text("\n".join(rows))
    columns = ["--reward-column", "score", "--rater-column", "rater"]
    return path, *columns, "--group-column", "model", "--prompt-column", "prompt"


def test_bands_of_votes_resample_votes_and_items_are_no_sample(votes):
    loop = ("-K", 4, "--lam", 1, "--steps", 2)
    found = document("predict", "--votes", votes, *loop)
    told = found["uncertainty"]
    assert (told["resampled"], told["failed"], told["replicates"]) == ("votes", 0, 200)
    assert (told["level"], told["bands"]) == (0.95, "quantiles")
    assert (told["effective_sample_size"], told["trusted_until"]) == (None, None)
    assert 0.5 < told["same_best"] < 1
    names = ("effective_sample_size", "tail_index", "trusted")
    assert [found["fixed_point"][name] for name in names] == [None] * 3
    # Equal shares are given: no resample moves them, nor the mean of centred rewards.
    assert told["low"]["proportion[a]"][0] == pytest.approx(1 / 3, abs=1e-12)
    assert told["low"]["kl_to_reference"][0] == told["high"]["kl_to_reference"][0] == 0
    said = words("predict", "--votes", votes, *loop)
    assert "95% bands at t = 2, from 200 resamples of the votes: E[r]" in said
    assert "rows" not in said.split("How far the table carries it")[1]
    assert f"a is the best item in {told['same_best']:.0%} of the resamples" in said


def test_votes_that_fall_apart_are_said(sparse):
    loop = ("-K", 2, "--lam", 1, "--steps", 1)
    told = document("predict", "--votes", sparse, *loop)["uncertainty"]
    assert told["failed"] > 5  # of 200, a quarter are expected
    said = words("predict", "--votes", sparse, *loop)
    assert f"({told['failed']} fell apart and are left out)" in said
    assert "(too few votes, so no 95% bands), too narrow without those that fell apart" in said


def test_ranges_of_votes_resample_votes(votes, sparse):
    asked = ("-K", 4, "--max-kl", 0.02, "--bands", 80)
    found = document("choose", "--votes", votes, *asked)
    told = found["choice"]
    assert (told["resampled"], told["failed"], told["replicates"]) == ("votes", 0, 80)
    low, high = told["lam_range"]
    assert low < found["parameters"]["lam"] < high
    assert set(found["uncertainty"].values()) == {None}
    said = words("choose", "--votes", votes, *asked)
    assert "of 80 resamples of the votes 95% would say λ at most" in said
    assert "rests on" not in said
    some = document("choose", "--votes", sparse, *asked, "--steps", 2)
    assert (some["choice"]["failed"] > 5, some["choice"]["replicates"]) == (True, 80)
    assert some["uncertainty"] == {"effective_sample_size": None, "trusted_until": None}


def test_the_fixed_point_of_votes_is_not_one_of_so_many_rows(votes):
    said = words("fixed-point", "--votes", votes, "-K", 4, "--lam", 1)
    assert "rests on" not in said
    assert "only their rewards are uncertain, for which recurate predict --votes has bands" in said
    found = document("fixed-point", "--votes", votes, "-K", 4, "--lam", 1)["fixed_point"]
    assert (found["effective_sample_size"], found["trusted"]) == (None, None)


def test_bands_of_ratings_resample_raters_and_prompts(rated):
    told = document("predict", *rated, "-K", 4, "--lam", 1, "--steps", 1)["uncertainty"]
    assert (told["resampled"], told["failed"]) == ("raters and prompts", 0)
    assert (told["level"], told["same_best"]) == (0.95, None)
    assert told["effective_sample_size"] == pytest.approx([12, 12])  # of prompts, as always
    low, high = told["low"]["expected_reward"][0], told["high"]["expected_reward"][0]
    assert low < high
    choice = document("choose", *rated, "-K", 4, "--max-kl", 0.05, "--steps", 2)["choice"]
    assert choice["resampled"] == "raters and prompts"
    assert choice["lam_range"][0] < choice["lam_range"][1]


def test_pictures_say_what_was_resampled(votes, tmp_path, monkeypatch):
    from recurate.figures.for_commands import predicted_trajectory

    drawn = []
    monkeypatch.setattr(predicted_trajectory, "note_below", lambda *a: drawn.append(a[1]))
    recurate("predict", "--votes", votes, "-K", 4, "--steps", 1, "--out", tmp_path / "out")
    assert drawn == [["shades: 95% bootstrap bands, of votes", "dotted: fixed point"]]


@pytest.fixture
def ring(tmp_path):
    """Each of forty items wins once and loses once: every resample falls apart."""
    path = tmp_path / "ring.csv"
    rows = [f"i{number},i{(number + 1) % 40}" for number in range(40)]
    path.write_text("\n".join(["winner,loser", *rows]))
    return path


def test_so_few_votes_that_no_band_holds_the_figure_are_said(ring):
    # All rewards are equal, so E[r] is 0; with a prior, those of each resample differ.
    asked = ("predict", "--votes", ring, "-K", 4, "--steps", 2)
    said = words(*asked, "--prior", 2)
    assert "not to be trusted: E[r] and KL lie beside their band" in said
    done = recurate(*asked)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "200 of 200 resamples of the votes give none: get more of them" in done.stderr
    assert "E[r]" in words(*asked, "--bands", 0)
