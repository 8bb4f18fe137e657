"""What commands say of loops with rules: how far was looked, what grows, and in which unit."""

import math

import pytest

from recurate import CurationLoop, RewardLaw
from recurate.figures.for_commands import predicted_trajectory, simulated_trajectory
from recurate.rules import BestOf, BradleyTerry, Voters
from recurate.settlement import MOST_PROMPTS_RUN, settlement

from .in_process import document, recurate, refused


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("kind,a,b,correct\nx,0,2,1\ny,1,0,0\nx,0.5,1,1\nz,2,0.5,0\n")
    return path


def test_choose_looks_among_more_candidates_than_are_kept(table):
    # The best 2 of K, pure, one step: by hand H of rank i is E[places of the best two], as
    # R(s) = Σ_{j<2} (2-j) C(K,j) s^j (1-s)^(K-j) falls by it over the mass of the rank.
    def kl(K):
        def left(s):
            return 2 * (1 - s) ** K + K * s * (1 - s) ** (K - 1)

        masses = [(left(i / 4) - left((i + 1) / 4)) / 2 for i in range(4)]
        return sum(m * math.log(4 * m) for m in masses if m > 0)

    limit = 0.4
    assert kl(2) == pytest.approx(0, abs=1e-15)
    largest = max(K for K in range(2, 50) if kl(K) <= limit)
    options = ("--lam", "inf", "--choice", "best:2", "--max-kl", str(limit), "--steps", "1")
    found = document("choose", table, "--reward-column", "b", *options, "--bands", "0")
    assert found["parameters"]["loop"]["rule"] == {"kind": "best", "K": largest, "keep": 2}


def test_choose_says_that_it_looks_no_further(table):
    # Whatever K, at most one half of the samples is the best: KL <= log(1/2 + 4/2).
    options = ("--lam", "1", "--choice", "best", "--max-kl", "5", "--steps", "1", "--bands", "0")
    done = recurate("choose", table, "--reward-column", "b", *options)
    assert "up to K = 1048576 candidates, the most that are tried" in done.stdout


def test_accept_needs_probabilities_of_the_column(table):
    options = ("--reward-column", "b", "--choice", "accept")
    refused(
        *("predict", table, *options),
        message="t.csv: column 'b' must be probabilities, from 0 to 1, for --choice accept; got",
    )


def test_a_simulation_says_how_training_sets_grow(table):
    options = ("--accumulate", "--per-round", "0.5", "--steps", "2", "--generated", "100")
    done = recurate("simulate", table, "--reward-column", "a", *options)
    said = " ".join(done.stdout.split())
    assert (
        "training sets begin with 200 real samples, and each step adds 100 curated ones, of 100 "
        "generated"
    ) in said


@pytest.mark.parametrize(("choice", "unit"), [("best", ""), ("bradley-terry", " (log-odds)")])
def test_a_picture_has_the_unit_of_rewards_that_are_odds_to_the_choice(
    table, tmp_path, monkeypatch, choice, unit
):
    drawn = []
    for command in (predicted_trajectory, simulated_trajectory):
        make = command.draw
        monkeypatch.setattr(
            command, "draw", lambda *a, make=make, **k: drawn.append(make(*a, **k)) or drawn[-1]
        )
    options = ("--reward-column", "b", "--choice", choice, "--steps", "1", "--out", tmp_path)
    assert recurate("predict", table, *options, "--bands", "0").exit_code == 0
    assert recurate("simulate", table, *options, "--generated", "50").exit_code == 0
    first, second = (figure.axes[0].get_title() for figure in drawn)
    assert first.startswith(f"expected reward{unit}; fixed point")
    assert second == f"expected reward{unit}"


def test_very_many_prompts_have_no_fixed_point_that_takes_a_run_of_each(monkeypatch):
    count = MOST_PROMPTS_RUN + 1
    prompts = [i // 2 for i in range(2 * count)]
    law = RewardLaw([0.0, 1.0] * count, prompts=prompts, scores={"b": [0.5, 0.0] * count})
    voters = Voters(((0.5, BradleyTerry(2)), (0.5, BradleyTerry(2, by="b"))))
    found = settlement(CurationLoop(law, rule=voters, lam=1.0))
    assert found.limit is None
    assert f"in each of {count:,} prompts" in found.missing
    assert "recurate fixed-point" in found.missing
    # By hand, of the hard best of 2 by levels: q = 1/4 + (1 - (1-q)^2)/2, so q = 1/√2.
    hard = settlement(CurationLoop(law, rule=BestOf(2), lam=1.0))
    assert hard.limit is not None
    assert hard.limit.mass_at_max == pytest.approx(math.sqrt(0.5), rel=1e-12)
    monkeypatch.setattr("recurate.settlement.MOST_PROMPTS_SOLVED", MOST_PROMPTS_RUN)
    assert settlement(CurationLoop(law, rule=BestOf(2), lam=1.0)).limit is None
    # One voter by one column is solved in all prompts together, whatever is kept uncurated.
    one = CurationLoop(law, rule=BradleyTerry(2, by="b"), lam=1.0, retained=0.5)
    assert settlement(one).limit is not None


def test_a_search_for_a_fixed_point_ends_with_the_work_that_it_may_take(monkeypatch):
    law = RewardLaw([0.0, 1.0, 0.5], scores={"b": [1.0, 0.0, 0.6]})
    voters = Voters(((0.5, BradleyTerry(2)), (0.5, BradleyTerry(2, by="b"))))
    loop = CurationLoop(law, rule=voters, lam=5.0)
    assert settlement(loop).limit is not None
    # Two voters on three levels, which count as 1003: fifty steps, less than the first 64.
    monkeypatch.setattr("recurate.settlement._MOST_WORK", 2 * 1003 * 50)
    found = settlement(loop)
    assert found.limit is None
    assert "looked for over 50 steps" in found.missing
    assert "recurate fixed-point looks on" in found.missing
