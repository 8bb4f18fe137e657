"""`predict` and `choose --worst-case`: what holds whatever people choose, as it is printed."""

import json
import math

import numpy as np
import pytest

from recurate import share_envelope, worst_divergence
from recurate.printing.any_choice import voters_in_words
from recurate.rules import BradleyTerry
from recurate.theory.envelopes.limits import divergence_for_ever, envelope_for_ever
from recurate.theory.envelopes.rounds import fresh
from recurate.voters_figures import VoterFigures

from .in_process import document, recurate, refused

TABLE = "reward,group,other\n0.0,dull,2\n0.5,fine,1\n1.0,good,0\n0.25,dull,0\n"
SHARES = [0.5, 0.25, 0.25]  # of dull, fine and good


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(TABLE)
    return path


def words(*arguments):
    done = recurate(*arguments)
    assert done.exit_code == 0, done.stderr
    return " ".join(done.stdout.split())


def test_json_has_the_envelopes_of_all_groups(table):
    found = document("predict", table, "-K", "3", "--lam", "0.25", "--steps", "4", "--bands", "0")
    ends = found["any_choice"]
    floor, ceiling = share_envelope(SHARES, K=3, lam=0.25, steps=4)
    assert ends["candidates"] == 3
    assert ends["group_names"] == ["dull", "fine", "good"]
    np.testing.assert_allclose(ends["share_floor"], floor, rtol=1e-14)
    np.testing.assert_allclose(ends["share_ceiling"], ceiling, rtol=1e-14)
    np.testing.assert_allclose(
        ends["worst_divergence"], worst_divergence(K=3, lam=0.25, steps=4), rtol=1e-14
    )
    step = fresh(0.25, [(1.0, 3.0)])
    least, most = envelope_for_ever(np.array(SHARES), step)
    np.testing.assert_allclose(ends["share_floor_for_ever"], least, rtol=1e-14)
    np.testing.assert_allclose(ends["share_ceiling_for_ever"], most, rtol=1e-14)
    assert ends["worst_divergence_for_ever"] == pytest.approx(divergence_for_ever(step), rel=1e-14)
    gap = found["bounded_gap"]
    assert gap["reward_gap"] == 1.0
    lower, _ = share_envelope(SHARES, K=3, lam=0.25, steps=4, gap=1.0)
    np.testing.assert_allclose(gap["share_floor"], lower, rtol=1e-14)
    assert found["curated"] is found["objective"] is found["voters"] is None


def test_the_lines_say_the_same(table):
    text = words("predict", table, "-K", "3", "--lam", "0.25", "--steps", "4", "--bands", "0")
    floor, ceiling = share_envelope(0.5, K=3, lam=0.25, steps=4)
    assert "Guaranteed whatever people choose for every way to pick one of K = 3" in text
    assert f"group dull {floor[-1]:.4f} to {ceiling[-1]:.4f}" in text
    largest = worst_divergence(K=3, lam=0.25, steps=4)[-1]
    end = divergence_for_ever(fresh(0.25, [(1.0, 3.0)]))
    assert f"KL is at most {largest:.4f} at t = 4, {end:.4f} for ever" in text
    assert "differ by at most Δ = 1.0000, as here, at t = 4" in text


def test_one_real_sample_in_many_says_little(table):
    text = words("predict", table, "-K", "50", "--steps", "9", "--bands", "0")
    assert "at t = 9 any group may have vanished, or be all there is" in text
    # t log K - 1 + K^{-t}, of four rows
    assert "KL is at most 34.2082 at t = 9 (more than any law on these rows has, 1.3863)" in text
    assert "for ever there is no bound" in text


def test_without_a_number_of_candidates_only_the_real_data_are_certain(table):
    text = words("predict", table, "-K", "inf", "--lam", "1", "--steps", "3", "--bands", "0")
    assert "only the real data are certain" in text
    assert "at t = 3 and for ever group good 0.1250 to 0.6250" in text
    assert "KL has no bound" in text
    assert "Implicit objective: the loop climbs log E[e^r] - KL(p_ref‖p), which" in text
    found = document("predict", table, "-K", "inf", "--lam", "1", "--steps", "3", "--bands", "0")
    assert found["any_choice"]["candidates"] == "inf"
    assert found["any_choice"]["worst_divergence"] == [0.0, "inf", "inf", "inf"]
    rise = found["objective"]["rise"]
    assert rise[0] == 0 < rise[1] < rise[3] < found["objective"]["rise_at_fixed_point"]


def test_a_table_without_groups_has_the_divergence(tmp_path):
    path = tmp_path / "rewards.csv"
    path.write_text("reward\n0\n1\n2\n")
    text = words("predict", path, "-K", "2", "--lam", "0.5", "--bands", "0", "--curated", "9")
    assert "each group's share" not in text
    assert "Envelope of shares" not in text
    assert "at t = 10, 0.0452 for ever" in text  # S*, .0452 at λ = 1/2 and K = 2
    assert (
        document("predict", path, "-K", "2", "--bands", "0")["any_choice"]["share_floor"]
        == [[]] * 11
    )


def test_the_size_of_a_training_set(table):
    asked = ("predict", table, "-K", "2", "--lam", "0.5", "--steps", "3", "--bands", "0")
    text = words(*asked, "--curated", "10000")
    found = document(*asked, "--curated", "10000")["curated"]
    distance = found["distance_from_fixed_point"]
    assert "the mean distance of one run from the fixed point (total variation) is at most " in text
    assert f"at most {distance[-1]:.4f} at t = 3, and {found['distance_for_ever']:.4f}" in text
    assert "in the mean over runs of any size" in text
    # Four atoms: in the end (λ p_inf(A)/(2q)) √(3/N), with p_inf(A) the fixed point's mass at best
    limit = document(*asked)["fixed_point"]["mass_at_max"]
    assert found["distance_for_ever"] == pytest.approx(
        0.5 * limit / 0.5 * math.sqrt(3e-4), rel=1e-9
    )
    assert found["samples"] == 10000
    assert found["missing_hypothesis"] is None
    pure = words("predict", table, "-K", "2", "--bands", "0", "--curated", "100")
    assert "fixed point; it needs real data in each training set Envelope" in pure
    few = words("predict", table, "--lam", "9", "--bands", "0", "--curated", "1")
    assert "with 1 curated sample in each training set it would be above 1" in few
    growing = words("predict", table, "-K", "2", "--accumulate", "--bands", "0", "--curated", "9")
    assert "it needs training sets that are made anew Envelope" in growing


def test_voters_and_who_loses(table):
    voters = ("--reward-column", "reward", "--reward-column", "other", "--shares", "0.9,0.1")
    asked = ("predict", table, *voters, "-K", "4", "--steps", "3", "--bands", "0")
    text = words(*asked)
    found = document(*asked)["voters"]
    assert [voter["share"] for voter in found] == [pytest.approx(0.9), pytest.approx(0.1)]
    assert [voter["loses"] for voter in found] == [False, True]
    factor = math.exp(found[1]["log_expected_weight"][-1])
    assert factor < 1
    assert f"at t = 3 E[w] is {factor:.4f} times that of the real data" in text
    assert text.count("this voter loses") == 1


def test_a_voter_who_loses_at_first_or_in_the_end():
    for logs, end, said in (
        ([0.0, -0.1], -0.2, "; this voter loses"),
        ([0.0, -0.1], math.nan, "; this voter loses"),
        ([0.0, -0.1], 0.2, "; this voter loses at first"),
        ([0.0, 0.1], -0.2, "; this voter loses in the end"),
        ([0.0, 0.1], 0.2, " times that"),
        ([0.0, 0.1], math.nan, " times that of the real data"),
    ):
        voter = VoterFigures(0.5, BradleyTerry(2), np.array(logs), end)
        (line,) = voters_in_words((voter,), 1)
        assert line.endswith(said), line


def test_lambdas_below_none_and_below_infinity(table):
    for K, said in (
        ("inf", "theorems bound KL for no λ whatever the rewards, and for λ below"),
        ("1", "theorems bound KL for every λ whatever the rewards, and for every λ with these"),
        ("2", "theorems bound KL for λ below 1.0000 whatever the rewards, and for λ below"),
    ):
        assert said in words("predict", table, "-K", K, "--lam", "1", "--bands", "0")


def test_worst_cases_beyond_the_digits_of_decimals(table):
    asked = ("choose", table, "--worst-case", "--max-kl")
    assert "at least 1 - 2.44948e-150 of each training set, λ at most 2.44948e-150" in words(
        *asked, "1e-300", "-K", "2"
    )  # S* is λ²/6 for small λ and K = 2: √6 = 2.449489…
    assert "λ at most 9.99999e-31" in words(*asked, "0.1", "-K", "1e30")  # 1/(K-1)
    assert "up to K = 9007199254740992 candidates" in words(*asked, "0.1", "--lam", "1e-300")


@pytest.mark.parametrize("value", ["0", "2.5", "inf", "many", "-1"])
def test_a_size_that_is_none(table, value):
    done = recurate("predict", table, "--curated", value)
    assert done.exit_code == 2
    assert "--curated" in done.stderr


def test_sampled_rows_leave_the_size_of_a_training_set_open(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("reward,prompt\n" + "".join(f"{i % 7},{i % 20}\n" for i in range(160)))
    asked = ("predict", path, "--prompt-column", "prompt", "--rows", "sampled")
    refused(*asked, "--curated", "10", message="--curated needs the fixed point")
    assert "any_choice" not in document(*asked, "-K", "2", "--steps", "1")


def test_worst_case_prints_the_closed_form(table):
    asked = ("choose", table, "-K", "3", "--group", "dull", "--min-share", "0.2", "--worst-case")
    lam = 0.3 / (0.2 - 0.2**3)
    found = document(*asked)
    assert found["parameters"]["lam"] == pytest.approx(lam, rel=1e-14)
    choice = found["choice"]
    assert (choice["chosen"], choice["group"], choice["steps"]) == ("lam", "dull", None)
    assert (choice["worst_case"], choice["statement"]) == (True, "share-envelope")
    assert choice["reached"] == pytest.approx(0.2, rel=1e-12)
    text = words(*asked)
    assert "whatever people choose among K = 3, group dull has at least 0.2 at every step" in text
    assert f"λ at most {math.floor(lam * 1e5) / 1e5:.5f}" in text
    assert "recurate explain share-envelope has the proof" in text


def test_worst_case_of_the_divergence(table):
    text = words("choose", table, "-K", "2", "--max-kl", "0.04522874", "--worst-case")
    assert "λ at most 0.499999" in text  # S*(1/2, 2) = .045228747…
    text = words("choose", table, "-K", "2", "--max-kl", "9", "--steps", "3", "--worst-case")
    assert "for 3 steps: without any real data" in text
    text = words("choose", table, "--lam", "0.5", "--max-kl", "0.046", "--worst-case")
    assert "with λ = 0.5 KL(p_t‖p_ref) is at most 0.046 at every step: up to K = 2" in text


def test_worst_case_that_no_real_data_keeps(table):
    asked = ("choose", table, "--worst-case")
    refused(*asked, "-K", "inf", "--max-kl", "1", message="no λ (lam) above 0 keeps this limit")
    refused(
        *(*asked, "-K", "2", "--group", "good", "--min-share", "0.3"),
        message="must leave room for the real data, of which the group has 0.25; got 0.3",
    )


def test_worst_case_asks_for_more_real_data_than_the_rewards_do(table):
    asked = ("choose", table, "-K", "3", "--group", "dull", "--min-share", "0.2", "--bands", "0")
    assert (
        document(*asked, "--worst-case")["parameters"]["lam"]
        < document(*asked)["parameters"]["lam"]
    )
    assert json.loads(recurate(*asked, "--worst-case", "--json").stdout)["choice"]["worst_case"]
