"""Options of how samples are chosen: what each says, what is printed of it, what is refused."""

import csv
import json
import math

import pytest

from recurate import CurationLoop, RewardLaw
from recurate.rules import BestOf, BradleyTerry, RandomChoice, Voters

from .in_process import document, recurate, refused

TABLE = "kind,a,b,correct\nx,0,2,1\ny,1,0,0\nx,0.5,1,1\nz,2,0.5,0\n"
VOTERS = ("--reward-column", "a", "--reward-column", "b", "--shares", "0.75,0.25")
LAW = RewardLaw(
    [0.5, 0.75, 0.625, 1.625],  # by hand, 3/4 a + 1/4 b
    groups="xyxz",
    scores={"a": [0, 1, 0.5, 2], "b": [2, 0, 1, 0.5]},
)
SHORT = ("--steps", "2", "--bands", "0")


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(TABLE)
    return path


@pytest.fixture
def loop_file(tmp_path):
    """Return the path of a file with a text."""

    def of(text):
        path = tmp_path / "loop.toml"
        path.write_text(text)
        return path

    return of


def test_voters_have_the_figures_of_the_loop_with_their_rule(table):
    found = document("predict", table, *VOTERS, *SHORT, "-K", "3", "--random-clicks", "0.2")
    rule = Voters(
        ((0.6, BradleyTerry(3, by="a")), (0.2, BradleyTerry(3, by="b")), (0.2, RandomChoice()))
    )
    run = CurationLoop(LAW, rule=rule, lam=float("inf")).run(steps=2)
    trajectory = found["trajectory"]
    assert trajectory["expected_reward"] == pytest.approx(run.expected_reward, rel=1e-13)
    assert trajectory["kl_to_reference"] == pytest.approx(run.kl_to_reference, rel=1e-9, abs=1e-16)
    assert trajectory["score_names"] == ["a", "b"]
    for t in range(3):
        assert trajectory["expected_scores"][t] == pytest.approx(run.expected_scores[t], rel=1e-13)
    parameters = found["parameters"]
    assert (parameters["candidates"], parameters["lam"]) == (None, None)
    assert parameters["loop"]["rule"]["voters"][0] == {
        "share": pytest.approx(0.6),
        "kind": "bradley-terry",
        "K": 3,
        "scale": 1,
        "by": "a",
    }
    assert parameters["table"]["shares"] == [0.75, 0.25]
    assert found["safe_range"] is None
    assert found["guarantees"] == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("-K", "3"), "best of K = 3, pure loop, no real data (λ = inf)"),
        (("--retain", ".2", "--lam", "1"), "best of K = 4; 20% of samples kept uncurated, λ = 1: "
         "0.5 of each training set is synthetic"),
        (("--choice", "best", "--accumulate"), "highest of K = 4, training sets that grow: each "
         "round adds one for each real one, and nothing is thrown away"),
        (("--accumulate", "--per-round", "0.5"), "best of K = 4, training sets that grow: each "
         "round adds 0.5 for each real one"),
        (("--choice", "best:2", "-K", "6"), "highest 2 of K = 6, pure loop"),
        (("--choice", "top:0.25"), "highest 25% of all, pure loop"),
        (("--random-clicks", ".1"), "voters: 90% Bradley–Terry's best of K = 4, 10% at random, "
         "pure loop"),
        (("--flipped-votes", ".1", "-K", "3"), "voters: 90% Bradley–Terry's best of K = 3, 10% "
         "Bradley–Terry's best of K = 3 by minus the reward, pure loop"),
        (("--flipped-votes", ".1", "-K", "2"), "best of K = 2; 20% of samples kept uncurated"),
        (("--reward-column", "b", "--shares", ".75,.25", "--scale", "5", "--lam", "1"), "voters: "
         "75% Bradley–Terry's best of K = 4 by 5 × a, 25% Bradley–Terry's best of K = 4 by 5 × b"),
        (("--reward-column", "b", "--raters", "voters", "--choice", "best"), "2 voters of equal "
         "shares, each highest of K = 4 by a, b, pure loop"),
    ],
)  # fmt: skip
def test_a_line_says_what_the_step_is(table, options, sentence):
    done = recurate("predict", table, "--reward-column", "a", *options, *SHORT)
    assert done.exit_code == 0, done.stderr
    assert sentence in " ".join(done.stdout.split())


FILE = """
lam = [inf, 1.0]
[[rule]]
kind = "best"
K = 4
by = "b"
[[rule]]
kind = "accept"
by = "correct"
"""


def test_a_file_says_the_loop_and_its_columns_are_read(table, loop_file):
    path = loop_file(FILE)
    arguments = ("--reward-column", "a", "--loop", path, "--bands", "0")
    found = document("predict", table, *arguments)
    assert found["parameters"]["steps"] == 2  # as many as the sequences have
    assert found["trajectory"]["score_names"] == ["b", "correct"]
    # By hand: the best of 4 by b has F^4 - F_-^4, then half is real and half is correct.
    best = [1 - 0.75**4, 0.25**4, 0.75**4 - 0.5**4, 0.5**4 - 0.25**4]
    correct = best[0] + best[2]
    expected = [0.5, correct, 0.5 * 0.5 + 0.5]
    scores = [row[1] for row in found["trajectory"]["expected_scores"]]
    assert scores == pytest.approx(expected, rel=1e-12)
    assert found["parameters"]["loop"]["lam"] == ["inf", 1.0]
    done = recurate("predict", table, *arguments)
    said = " ".join(done.stdout.split())
    assert (
        "(highest of K = 4 by b from t = 0; accepted with correct as probability from t = 1), "
        "λ (inf from t = 0; 1 from t = 1); 2 retraining steps"
    ) in said
    assert "the loop changes with t, and there is no one step to leave a law as it is" in said
    refused(
        *("predict", table, *arguments, "--steps", "3"),
        message="rule must have one entry for each step, 3 of them, as steps=3; got 2",
    )


def test_raters_of_a_long_table_are_columns_of_a_file(tmp_path, loop_file):
    path = tmp_path / "long.csv"
    rows = [
        f"{m},{w},{(i * 7 + j * 3) % 5}" for i, m in enumerate("xyz") for j, w in enumerate("uv")
    ]
    path.write_text("\n".join(["model,who,stars", *rows]))
    text = '[rule]\nkind = "voters"\nvoters = [{share = 1.0, kind = "best", K = 2, by = "who v"}]'
    arguments = ("--reward-column", "stars", "--rater-column", "who", "--group-column", "model")
    found = document(
        *("predict", path, *arguments, "--raters", "voters", "--loop", loop_file(text), *SHORT)
    )
    assert found["trajectory"]["score_names"] == ["who u", "who v"]


def test_files_that_are_written_have_the_voters_and_the_title(table, tmp_path):
    out = tmp_path / "out"
    done = recurate("predict", table, *VOTERS, "--steps", "2", "--bands", "0", "--out", out)
    assert done.exit_code == 0, done.stderr
    rows = list(csv.DictReader((out / "trajectory.csv").read_text().splitlines()))
    assert float(rows[0]["score[a]"]) == 0.875
    assert (out / "trajectory.png").stat().st_size > 1000


def test_a_loop_is_no_output(table, tmp_path, loop_file):
    path = loop_file("K = 4")
    named = tmp_path / "trajectory.csv"
    path.rename(named)
    refused(
        *("predict", table, "--reward-column", "a", "--loop", named, "--out", tmp_path),
        message="--loop",
    )


@pytest.mark.parametrize("command", ["predict", "fixed-point", "simulate"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--lam", "1", "--accumulate"), "--lam says what each new training set is made of"),
        (("--real-fraction", "1", "--accumulate"), "--real-fraction says what each new"),
        (("--retain", "0.1", "--accumulate"), "--retain says what each new training set"),
        (("--per-round", "2"), "--per-round is about --accumulate: give that too"),
        (("--accumulate", "--per-round", "0"), "--per-round must be a number above 0; got 0"),
        (("--accumulate", "--per-round", "nan"), "--per-round must be a number above 0; got nan"),
        (("--retain", "1.5"), "--retain must be"),
        (("--random-clicks", "x"), "--random-clicks must be a number; got 'x'"),
        (("--flipped-votes", "-0.1"), "--flipped-votes must be"),
        (("--shares", "0.5,0.4", "--reward-column", "b"), "--shares must sum to 1; got 0.5,0.4, of "
         "sum 0.9"),
        (("--shares", "0.3,0.3,0.3"), "of sum 0.9: for equal shares, leave it out and give "
         "--raters voters"),
        (("--shares", "2,-1", "--reward-column", "b"), "--shares must be from 0 to 1, as 0.7,0.3; "
         "got '2'"),
        (("--shares", "0.5,half"), "--shares must be a number; got 'half'"),
        (("--shares", "0.5,0.5"), "--shares has the shares of 2 voters: name a --reward-column"),
        (("--shares", "0.5,0.25,0.25", "--reward-column", "b"), "--shares must have one share for "
         "each voter, 2 of them ('a', 'b'); got 3"),
        (("--choice", "worst"), "--choice must be bradley-terry, best"),
        (("--choice", "top:0.5", "-K", "4"), "leave -K out"),
        (("--choice", "accept", "-K", "4"), "leave -K out"),
        (("--choice", "accept", "--scale", "2"), "leave --scale out"),
        (("--nothing-accepted", "drop"), "--nothing-accepted is about --choice accept"),
        (("--loop", "none.toml"), "No such file"),
    ],
)  # fmt: skip
def test_options_that_do_not_go_together(table, command, options, message):
    refused(command, table, "--reward-column", "a", *options, message=message)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("-K", "4"), "so -K cannot be given too: write it into the file, as K"),
        (("--lam", "1"), "so --lam cannot be given too: write it into the file, as lam"),
        (("--real-fraction", "1"), "so --real-fraction cannot be given too: write it into the"),
        (("--retain", "0"), "so --retain cannot be given too: write it into the file, as retained"),
        (("--accumulate",), "so --accumulate cannot be given too: write it into the"),
        (("--choice", "best"), "so --choice cannot be given too: write it into the file, as rule"),
        (("--shares", "1"), "so --shares cannot be given too: write it into the file, as rule"),
        (("--random-clicks", "0"), "so --random-clicks cannot be given too"),
        (("--flipped-votes", "0"), "so --flipped-votes cannot be given too"),
        (("--nothing-accepted", "keep"), "so --nothing-accepted cannot be given too"),
    ],
)  # fmt: skip
def test_a_file_is_all_of_the_loop(table, loop_file, options, message):
    path = loop_file("K = 4")
    refused("predict", table, "--reward-column", "a", "--loop", path, *options, message=message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("K = ", "Invalid value (at end of document)"),
        ("[rule]\nkind = 'bets'\nK = 4", "rule.kind: must be one of"),
        (
            "[rule]\nkind = 'best'\nK = 4\nby = 'c'",
            "by, in the file of --loop, must name a column of t.csv",
        ),
        ("[rule]\nkind = 'pairwise'\nmatrix = [[0.5]]", "loop.toml: matrix must have a row for"),
        ("K = 4\nlam = -1", "loop.toml: lam must be a number of at least 0"),
        ("K = 0", "loop.toml: K must be an integer of at least 1"),
    ],
)
def test_a_file_that_is_wrong(table, loop_file, text, message):
    refused("predict", table, "--reward-column", "a", "--loop", loop_file(text), message=message)


def test_voters_are_not_of_votes(tmp_path):
    path = tmp_path / "votes.csv"
    path.write_text("winner,loser\na,b\nb,a\n")
    refused(
        *("predict", "--votes", path, "--shares", "0.5,0.5"),
        message="--votes makes one reward of all votes",
    )


def test_json_of_a_loop_is_a_file_of_it(table, loop_file):
    # The same loop comes of the options, and of what JSON has of them.
    options = (*VOTERS, "--flipped-votes", "0.1", "-K", "3", "--retain", "0.25", "--lam", "2")
    first = document("predict", table, *options, *SHORT)
    voters = first["parameters"]["loop"]["rule"]["voters"]
    inner = [", ".join(f"{key} = {json.dumps(v)}" for key, v in one.items()) for one in voters]
    text = "lam = 2.0\nretained = 0.25\n[rule]\nkind = 'voters'\nvoters = ["
    text += ",".join(f"{{{one}}}" for one in inner) + "]"
    again = document("predict", table, "--reward-column", "a", "--loop", loop_file(text), *SHORT)
    for name in ("kl_to_reference", "group_proportions"):
        assert again["trajectory"][name] == first["trajectory"][name]


def test_choose_finds_the_share_of_real_data_for_voters(table):
    # What is found is on the edge: the loop reaches the limit, and no more.
    limit = ("--max-kl", "0.05", "--steps", "5", "--bands", "0")
    found = document("choose", table, *VOTERS, "-K", "3", "--retain", "0.25", *limit)
    lam = found["choice"]["lam"] if "lam" in found["choice"] else found["parameters"]["loop"]["lam"]
    rule = Voters(((0.75, BradleyTerry(3, by="a")), (0.25, BradleyTerry(3, by="b"))))
    run = CurationLoop(LAW, rule=rule, lam=lam, retained=0.25).run(steps=5)
    assert run.kl_to_reference.max() == pytest.approx(0.05, rel=1e-7)
    assert found["choice"]["reached"] == pytest.approx(0.05, rel=1e-7)
    done = recurate("choose", table, *VOTERS, "-K", "3", "--retain", "0.25", *limit)
    assert "voters: 75% Bradley–Terry's best of K = 3 by a, 25%" in " ".join(done.stdout.split())
    assert "25% of samples kept uncurated: this keeps KL(p_t‖p_ref) at most 0.05 for 5 steps" in (
        " ".join(done.stdout.split())
    )


def test_choose_finds_K_of_a_hard_choice(table):
    # The hard best of K, pure, one step: by hand KL is a sum over F^K - F_-^K of four atoms.
    def kl(K):
        masses = [(i / 4) ** K - ((i - 1) / 4) ** K for i in range(1, 5)]
        return sum(m * math.log(4 * m) for m in masses)

    limit = 0.4
    largest = max(K for K in range(1, 50) if kl(K) <= limit)
    arguments = ("--reward-column", "b", "--lam", "inf", "--choice", "best", "--bands", "0")
    found = document("choose", table, *arguments, "--max-kl", str(limit), "--steps", "1")
    assert found["parameters"]["loop"]["rule"]["K"] == largest
    done = recurate("choose", table, *arguments, "--max-kl", str(limit), "--steps", "1")
    assert f"up to K = {largest} candidates" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--choice", "best"), "choose needs either -K"),
        (("--choice", "best", "-K", "2", "--lam", "1"), "choose needs either -K"),
        (("--choice", "top:0.5", "--lam", "1"), "--choice top:0.5 has no K to look for"),
        (("--accumulate", "-K", "4"), "with --accumulate it falls with every round"),
        (("--loop", "K"), "choose looks for the share of real data, so lam must not be given"),
        (("--loop", "T"), "choose looks for the share of real data, so training must not be"),
    ],
)
def test_what_choose_cannot_look_for(table, loop_file, options, message):
    if options[0] == "--loop":
        text = {"K": "K = 4\nlam = 1", "T": "K = 4\ntraining = {}"}[options[1]]
        options = ("--loop", loop_file(text))
    refused("choose", table, "--reward-column", "a", *options, "--max-kl", "0.1", message=message)


def test_choose_takes_a_share_of_all_and_a_file(table, loop_file):
    limit = ("--reward-column", "a", "--max-kl", "0.1", "--steps", "3", "--bands", "0")
    of_options = document("choose", table, *limit, "--choice", "top:0.5")
    path = loop_file("[rule]\nkind = 'top'\ntop = 0.5")
    of_file = document("choose", table, *limit, "--loop", path)
    assert of_options["parameters"]["loop"] == of_file["parameters"]["loop"]
    assert of_options["choice"]["reached"] == pytest.approx(0.1, rel=1e-7)


def test_the_exact_loop_beside_a_simulation_has_the_shares_of_whole_samples(table):
    options = (*VOTERS, "--lam", "0.3", "--retain", "0.25", "-K", "3")
    found = document("simulate", table, *options, "--steps", "2", "--generated", "101")
    sizes = found["parameters"]["samples"]
    synthetic = sizes["curated"] + sizes["retained"]
    assert synthetic == 101
    rule = Voters(((0.75, BradleyTerry(3, by="a")), (0.25, BradleyTerry(3, by="b"))))
    loop = CurationLoop(
        LAW, rule=rule, lam=synthetic / sizes["real"], retained=sizes["retained"] / synthetic
    )
    expected = loop.run(steps=2).expected_reward
    assert found["exact"]["expected_reward"] == pytest.approx(expected, rel=1e-13)


@pytest.mark.error_rate(rate=2e-12, null="one step has the exact law's mean", size="8 x 200,000")
def test_a_simulation_is_beside_the_exact_loop(table):
    # One of the 1.6 million samples in the pools moves the winners' mean by at most K·2/1.6e6, so
    # by McDiarmid that is off by .05 with probability 2 exp(-2 · .05² · 1.6e6/8²), below 1e-54; so
    # are the means of 800,000 winners and of the real samples, by Hoeffding. The law of winners
    # among finitely many samples is off by K²/200,000 in total variation.
    arguments = ("--reward-column", "a", "--choice", "best", "--accumulate", "--per-round", "0.5")
    arguments += ("--steps", "1", "--generated", "200000", "--replicates", "8")
    found = document("simulate", table, *arguments)
    exact, simulated = found["exact"]["expected_reward"], found["simulated"]["expected_reward"]
    for a, b in zip(exact, simulated, strict=True):
        assert abs(a - b) < 0.11
    # By hand: F^4 - F_-^4 of 0, ½, 1, 2, a third of the grown set.
    best = (0.5 * (2**4 - 1) + 3**4 - 2**4 + 2 * (4**4 - 3**4)) / 4**4
    assert exact == pytest.approx([0.875, (2 * 0.875 + best) / 3], rel=1e-12)
    # The bound on the p-value is proved, so that it is below 1e-12 with at most that probability.
    assert found["p_value"] > 1e-12


def test_a_simulation_of_another_loop_is_noticed(table, monkeypatch):
    from recurate.numerics.simulation import simulate_loop as module
    from recurate.printing.answers import simulation

    simulate_loop = module.simulate_loop

    def of_three(loop, **options):
        return simulate_loop(CurationLoop(loop.law, rule=BestOf(3), lam=loop.lam), **options)

    monkeypatch.setattr(module, "simulate_loop", of_three)
    arguments = ("--reward-column", "a", "--choice", "best", "--lam", "1", "--steps", "2")
    assert document("simulate", table, *arguments)["p_value"] < 1e-3
    # Of so many rewards and steps no runs are made to compare with, and it is said.
    monkeypatch.setattr(simulation, "_MOST_COUNTED", 7)
    done = recurate("simulate", table, *arguments)
    assert "no p-value of all figures together: that takes at most 7 rewards, times" in done.stdout


def test_where_only_the_order_counts_rewards_are_no_log_odds(table):
    # Rewards from 0 to 2 that are nearly flat as log-odds: a hard choice does not mind.
    rows = "\n".join(f"{i / 100}" for i in range(20))
    table.write_text(f"reward\n{rows}\n")
    soft = recurate("predict", table, *SHORT)
    hard = recurate("predict", table, "--choice", "best", *SHORT)
    assert "nearly flat" in soft.stderr
    assert hard.stderr == ""
    assert "E[r]: expected reward, in log-odds" in soft.stdout
    assert "E[r]: expected reward; KL" in hard.stdout
    assert "of two random untied samples" in soft.stdout
    assert "of two random untied samples" not in hard.stdout
