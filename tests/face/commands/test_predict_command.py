"""`recurate predict`: what it prints and writes is the loop's, and bad input takes one line."""

import dataclasses
import io
import json
import re

import numpy as np
import pytest
from rich.console import Console

from recurate import CurationLoop, RewardLaw, __version__
from recurate.numerics.inference.trust import effective_sample_sizes
from recurate.prediction import Prediction
from recurate.printing.answers.prediction import print_prediction
from recurate.reading.asked import Asked
from recurate.reading.table import RewardTable
from recurate.reading.tables import read_example
from recurate.settlement import settlement

from .in_process import document, recurate, succeeded


def test_predict_prints_the_loop(rewards):
    options = ("-K", "4", "--lam", "0.25", "--steps", "3")
    done = recurate("predict", rewards, *options, "--theory")
    assert (done.exit_code, done.stderr) == (0, "")
    law = RewardLaw([0.0, 1.0, 0.5], groups=["plain", "liked", "plain"])
    trajectory = CurationLoop(law, K=4, lam=0.25).run(steps=3)
    rows = {}
    for line in done.stdout.splitlines():
        fields = line.split()
        if fields and (fields[0].isdigit() or fields[0] == "∞") and len(fields) > 5:
            rows[fields[0]] = [float(field) for field in fields[1:]]
    assert list(rows) == ["0", "1", "2", "3", "∞"]
    for t in range(1, 4):
        # E[r], shares, KL, mass at the best; E[e^r]/e^max, its bound, KL's bound
        reward, *shares, kl, best, weight, weight_bound, kl_bound = rows[str(t)]
        assert reward == pytest.approx(trajectory.expected_reward[t], abs=6e-5)
        assert weight == pytest.approx(trajectory.expected_weight[t], abs=6e-5)
        assert weight_bound <= weight
        assert kl == pytest.approx(trajectory.kl_to_reference[t], abs=6e-5)
        assert kl <= kl_bound
        assert kl_bound == pytest.approx(-np.log(1 - 0.25 * 3), abs=6e-5)
        assert best == pytest.approx(trajectory.mass_at_max[t], abs=6e-5)
        assert len(shares) == 2
        assert sum(shares) == pytest.approx(1.0, abs=2e-4)
    limit = CurationLoop(law, K=4, lam=0.25).fixed_point()
    reward, *shares, kl, best, weight = rows["∞"]  # no bounds: the theorems speak of steps
    assert reward == pytest.approx(limit.expected_reward, abs=6e-5)
    assert kl == pytest.approx(limit.kl_to_reference, abs=6e-5)
    assert sum(shares) == pytest.approx(1.0, abs=2e-4)
    assert best == pytest.approx(limit.mass_at_max, abs=6e-5)
    assert weight == pytest.approx(limit.expected_weight, abs=6e-5)
    for words in (
        "Theorem 2.3",
        "Theorem 2.4",
        "E[e^r]/e^max",
        "group liked",
        "0.2 of each training",
    ):
        assert words in done.stdout


def test_predict_leaves_the_theorems_columns_to_theory(rewards):
    plain, theory = (
        recurate("predict", rewards, "--lam", "0.25", "--steps", "3", "--bands", "0", *option)
        for option in ((), ("--theory",))
    )
    title, *rows = (
        line.split() for line in plain.stdout.splitlines() if re.match(r" +(t|\d|∞) ", line)
    )
    wide = [line.split() for line in theory.stdout.splitlines() if re.match(r" +[\d∞] ", line)]
    words = ["t", "E[r]", "group", "liked", "group", "plain", "KL", "at", "max"]
    assert sorted(title) == sorted(words)
    assert rows == [row[:6] for row in wide]
    for word in ("E[r]", "group", "KL", "at max", "row ∞"):  # each column is explained
        assert re.search(rf"(^|; ){re.escape(word)}: ", plain.stdout, re.M)
    assert "Theorem 2.4: KL is at most 1.3863; least slack" in plain.stdout


def test_predict_says_which_guarantee_fails(rewards):
    done = recurate("predict", rewards, "--lam", "1")
    assert "Theorem 2.4: no bound on KL; it needs λ (lam) below 1/(K - 1)" in done.stdout


def test_predict_json_on_standard_output(rewards):
    found = document("predict", rewards, "-K", "inf", "--steps", "2")
    assert found["recurate"] == __version__
    table = found["parameters"].pop("table")
    asked = dataclasses.asdict(Asked(unit="log-odds")) | {
        "prompts": [],
        "follow": [],
        "sentinels": [],
        "reward": [],
        "shares": [],
        "by": [],
    }
    assert table | {"unit": "log-odds", "scale": 1.0, "are_odds": True} == asked
    assert found["parameters"] == {
        "source": "rewards.csv",
        "rewards": 3,
        "prompts": None,
        "votes": None,
        "reward_is": "log-odds",
        "reward_unit_column": None,
        "scale": 1.0,
        "candidates": "inf",
        "lam": "inf",
        "real_fraction": 0.0,
        "loop": {"rule": {"kind": "bradley-terry", "K": "inf", "scale": 1}, "lam": "inf"},
        "steps": 2,
        "max_reward": 1.0,
    }
    law = RewardLaw([0.0, 1.0, 0.5], groups=["plain", "liked", "plain"])
    trajectory = CurationLoop(law, K=np.inf, lam=np.inf).run(steps=2)
    own = {"expected_reward_in_unit": trajectory.expected_reward.tolist()}
    assert found["trajectory"] == trajectory.to_dict() | own
    (lemma,) = found["guarantees"]
    assert lemma["id"] == "lemma-2.2"
    assert lemma["bound"][0] is None


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_predict_reads_standard_input(rewards, mark):
    options = ("--json", "--steps", "0", "--bands", "0")
    done = succeeded("predict", "-", *options, input=mark + rewards.read_text())
    assert json.loads(done.stdout)["parameters"]["source"] == "standard input"


def test_real_fraction_is_another_word_for_mixing(rewards):
    one, other = (
        document("predict", rewards, "--bands", "0", *option)
        for option in (("--real-fraction", "0.8"), ("--lam", "0.25"))
    )
    assert one["parameters"]["lam"] == pytest.approx(0.25, rel=1e-15)
    np.testing.assert_allclose(
        one["trajectory"]["expected_reward"], other["trajectory"]["expected_reward"], rtol=1e-14
    )
    for fraction, lam in (("0", "inf"), ("1", 0.0)):
        found = document("predict", rewards, "--bands", "0", "--real-fraction", fraction)
        assert found["parameters"]["lam"] == lam


def test_predict_writes_table_and_picture(rewards, tmp_path):
    out = tmp_path / "deep" / "out"
    done = recurate("predict", rewards, "--steps", "2", "--out", out)
    assert done.exit_code == 0
    names = ["bands.csv", "trajectory.csv", "trajectory.png"]
    assert sorted(path.name for path in out.iterdir()) == names
    header, *rows = (out / "trajectory.csv").read_text().splitlines()
    assert header == (
        "t,expected_weight,variance_weight,expected_reward,kl_to_reference,mass_at_max,"
        "proportion[plain],proportion[liked]"
    )
    assert len(rows) == 3
    assert (out / "trajectory.png").read_bytes().startswith(b"\x89PNG")
    header, *rows = (out / "bands.csv").read_text().splitlines()
    assert header.startswith("t,expected_weight low,expected_weight high,variance_weight low,")
    assert header.endswith(",proportion[plain] low,proportion[plain] high") or header.endswith(
        ",proportion[liked] low,proportion[liked] high"
    )
    for row in rows:
        ends = [float(entry) for entry in row.split(",")[1:]]
        assert all(low <= high for low, high in zip(ends[::2], ends[1::2], strict=True))


def test_no_bands_if_none_are_asked_for(rewards, tmp_path):
    done = recurate("predict", rewards, "--steps", "2", "--bands", "0", "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert "95% bands" not in done.stdout
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "trajectory.csv",
        "trajectory.png",
    ]


def test_predict_says_where_it_settles_and_how_far_it_is_trusted():
    done = recurate("predict", "--example", "digits-class", "-K", "2", "--lam", "1", "--steps", "2")
    law = read_example("digits-class", Asked()).law
    loop = CurationLoop(law, K=2, lam=1.0)
    steps = loop.steps_to_fixed_point(loop.fixed_point())
    assert f"{steps} steps lead to within 1% of it (total variation)" in done.stdout
    assert "for λ below 1.0000 whatever the rewards" in done.stdout  # 1/(K - 1)
    size = round(effective_sample_sizes(loop.run(steps=2))[-1])
    assert f"p_2 rests on {size:,} of 1,797 rows" in done.stdout
    assert "95% bands at t = 2, from 200 resampled tables" in done.stdout


def test_predict_says_how_few_rows_carry_a_weighted_table(tmp_path):
    # 200 rows, of which two hold nearly all of the weight: (Σ v)²/Σ v² is just above 2.
    table = tmp_path / "heavy.csv"
    rows = [f"{i % 7},{1e6 if i < 2 else 1}" for i in range(200)]
    table.write_text("\n".join(["reward,weight", *rows]))
    done = recurate("predict", table, "--steps", "1", "--bands", "0")
    assert "not to be trusted: p_0 rests on 2 of 200 rows" in done.stdout
    assert "and needs 100" in done.stdout


def test_predict_json_has_the_fixed_point_and_the_bands(rewards):
    found = document("predict", rewards, "-K", "2", "--lam", "1", "--steps", "2")
    limit = CurationLoop(RewardLaw([0.0, 1.0, 0.5]), K=2, lam=1.0).fixed_point()
    assert found["fixed_point"]["expected_reward"] == limit.expected_reward
    assert found["fixed_point"]["method"] == "newton"
    assert found["fixed_point"]["steps_to_within_0.01"] == 4
    assert found["safe_range"]["for_any_rewards"] == 1.0
    uncertainty = found["uncertainty"]
    assert uncertainty["effective_sample_size"][0] == pytest.approx(3.0)
    assert uncertainty["trusted_until"] is None
    assert set(uncertainty["low"]) == set(uncertainty["high"]) >= {"expected_reward"}
    assert len(uncertainty["low"]["proportion[liked]"]) == 3


def test_many_steps_are_shown_from_first_to_last(rewards):
    done = recurate("predict", rewards, "--steps", "1000")
    rows = [line.split() for line in done.stdout.splitlines()]
    shown = [row[0] for row in rows if len(row) > 5 and row[0].isdigit()]
    assert (shown[0], shown[-1], len(shown)) == ("0", "1000", 21)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "predict needs exactly one of FILE, --example and --votes"),
        (
            ("FILE", "--example", "digits-class"),
            "predict needs exactly one of FILE, --example and --votes",
        ),
        (("--example", "x"), "--example must be one of digits-confidence, digits-class; got 'x'"),
        (("FILE", "-K", "0"), "K must be an integer of at least 1 or infinity; got 0"),
        (("FILE", "-K", "2.5"), "K must be an integer of at least 1 or infinity; got 2.5"),
        (("FILE", "-K", "four"), "K must be an integer of at least 1 or inf; got 'four'"),
        (("FILE", "--lam", "-1"), "lam must be a number of at least 0 or infinity; got -1.0"),
        (("FILE", "--lam", "nan"), "lam must be a number of at least 0 or infinity; got nan"),
        (("FILE", "--real-fraction", "1.5"), "--real-fraction must be from 0 to 1; got 1.5"),
        (
            ("FILE", "--lam", "1", "--real-fraction", "0.5"),
            "only one of --lam and --real-fraction can be given; got both",
        ),
        (("FILE", "--steps", "-1"), "steps must be an integer from 0 to 10000000; got -1"),
        (("FILE", "--steps", "99999999999"), "steps must be an integer from 0 to 10000000; got"),
        (("FILE", "-K", "1_0"), "K must be an integer of at least 1 or inf; got '1_0'"),
        (("FILE", "--real-fraction", "1e-320"), "--real-fraction must be 0 or at least 1e-307"),
        (("FILE", "--reward-column", ""), "--reward-column must name a column of rewards.csv"),
        (("FILE", "--scale", "nan"), "--scale must be a finite number; got nan"),
        (("FILE", "--out", "FILE"), "--out must be a folder; got the file"),
        (("missing.csv",), "No such file or directory: 'missing.csv'"),
    ],
)
def test_bad_input_exits_2_with_one_line(rewards, tmp_path, arguments, message):
    before = sorted(tmp_path.rglob("*"))
    named = [str(rewards) if argument == "FILE" else argument for argument in arguments]
    done = recurate("predict", *named)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_bad_table_leaves_no_output(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("reward\n1\nx\n")
    done = recurate("predict", path, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "bad.csv, row 2 (line 3), column 'reward'" in done.stderr
    assert not (tmp_path / "out").exists()


def test_both_files_or_neither(rewards, tmp_path):
    (tmp_path / "out" / "trajectory.png").mkdir(parents=True)
    done = recurate("predict", rewards, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "trajectory.png" in done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["trajectory.png"]


def test_labels_are_text_in_tables_and_pictures(tmp_path):
    # Markup of rich, mathematics of matplotlib, its hidden labels, a control character, a word.
    path = tmp_path / "t.csv"
    path.write_text("reward,group\n1,[red]x[/red]\n2,$\\frac$\n3,_x\n4,\x1b[31m\n5,None\n")
    done = recurate("predict", path, "--out", tmp_path / "out", "--steps", "1")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout


def test_narrow_table_drops_groups_and_cuts_no_number():
    law = RewardLaw([0.0, 1.0, 0.5], groups=["plain", "liked", "other"])
    loop = CurationLoop(law, K=4, lam=0.25)
    prediction = Prediction(
        RewardTable("t.csv", Asked(), loop.law), loop, loop.run(steps=3), settlement(loop)
    )
    for theory, groups in ((True, {40: 0, 80: 0, 120: 3}), (False, {40: 0, 80: 3, 120: 3})):
        for width in (40, 80, 120):
            console = Console(file=io.StringIO(), width=width)
            print_prediction(prediction, console, theory=theory)
            text = console.file.getvalue()
            assert "…" not in text
            title = next(line for line in text.splitlines() if "E[r]" in line)
            words = ("E[e^r]/e^max", "at least", "KL", "at most", "at max")
            assert all(word in title for word in words if theory or word in ("KL", "at max"))
            assert width < 80 or max(map(len, text.splitlines())) <= width
            assert title.count("group") == groups[width]
            assert ("Shares that changed most" in text) == (groups[width] < 3)


def test_example_needs_no_file():
    found = document("predict", "--example", "digits-confidence", "--steps", "1", "--bands", "0")
    assert found["parameters"]["rewards"] == 1797
    assert len(found["trajectory"]["group_names"]) == 10
