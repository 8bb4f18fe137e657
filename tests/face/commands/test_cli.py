"""The command line: in a process of its own where that matters, and else in this one."""

import dataclasses
import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from recurate import CurationLoop, RewardLaw, __version__, choose
from recurate.cli import app
from recurate.numerics import curation
from recurate.numerics.inference.trust import effective_sample_sizes
from recurate.paper_checks.catalogue import CHECKS
from recurate.paper_checks.evidence.nearest import CANDIDATES, MIXINGS
from recurate.paper_checks.hunt.margins import CheckConjecture
from recurate.prediction import Prediction
from recurate.printing.answers.prediction import print_prediction
from recurate.reading.asked import Asked
from recurate.reading.table import RewardTable
from recurate.reading.tables import read_example
from recurate.settlement import settlement

TABLE = "reward,group\n0.0,plain\n1.0,liked\n0.5,plain\n"


def recurate(*arguments, stdin=None):
    """Run a command in this process, where everything is loaded."""
    done = CliRunner().invoke(app, list(map(str, arguments)), input=stdin)
    if not isinstance(done.exception, SystemExit | None):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def process(*arguments, stdin=None, cwd=None):
    """Run a command as a user does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "recurate", *map(str, arguments)],
        capture_output=True,
        text=True,
        input=stdin,
        cwd=cwd,
        check=False,
        encoding="utf-8",
    )


@pytest.fixture
def rewards(tmp_path):
    path = tmp_path / "rewards.csv"
    path.write_text(TABLE)
    return path


def test_version():
    done = process("--version")
    assert (done.returncode, done.stdout) == (0, f"recurate {__version__}\n")


@pytest.mark.parametrize("command", [(), ("predict",), ("fixed-point",), ("choose",), ("check",)])
def test_help(command):
    done = process(*command, "--help")
    assert done.returncode == 0
    assert "Usage: " in done.stdout
    assert done.stderr == ""


def test_predict_prints_the_loop(rewards):
    options = ("-K", "4", "--lam", "0.25", "--steps", "3")
    done = process("predict", rewards, *options, "--theory")
    assert (done.returncode, done.stderr) == (0, "")
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
    done = recurate("predict", rewards, "-K", "inf", "--steps", "2", "--json")
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert document["recurate"] == __version__
    table = document["parameters"].pop("table")
    asked = dataclasses.asdict(Asked(unit="log-odds")) | {
        "prompts": [],
        "follow": [],
        "sentinels": [],
        "reward": [],
        "shares": [],
        "by": [],
    }
    assert table | {"unit": "log-odds", "scale": 1.0, "are_odds": True} == asked
    assert document["parameters"] == {
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
    assert document["trajectory"] == trajectory.to_dict() | own
    (lemma,) = document["guarantees"]
    assert lemma["id"] == "lemma-2.2"
    assert lemma["bound"][0] is None


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_predict_reads_standard_input(mark):
    done = (process if mark else recurate)(
        "predict", "-", "--json", "--steps", "0", stdin=mark + TABLE
    )
    assert json.loads(done.stdout)["parameters"]["source"] == "standard input"


def test_real_fraction_is_another_word_for_mixing(rewards):
    one, other = (
        json.loads(recurate("predict", rewards, "--json", *option).stdout)
        for option in (("--real-fraction", "0.8"), ("--lam", "0.25"))
    )
    assert one["parameters"]["lam"] == pytest.approx(0.25, rel=1e-15)
    np.testing.assert_allclose(
        one["trajectory"]["expected_reward"], other["trajectory"]["expected_reward"], rtol=1e-14
    )
    for fraction, lam in (("0", "inf"), ("1", 0.0)):
        done = recurate("predict", rewards, "--json", "--real-fraction", fraction)
        assert json.loads(done.stdout)["parameters"]["lam"] == lam


def test_predict_writes_table_and_picture(rewards, tmp_path):
    out = tmp_path / "deep" / "out"
    done = recurate("predict", rewards, "--steps", "2", "--out", out)
    assert done.returncode == 0
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
    assert done.returncode == 0
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
    done = recurate("predict", rewards, "-K", "2", "--lam", "1", "--steps", "2", "--json")
    document = json.loads(done.stdout)
    limit = CurationLoop(RewardLaw([0.0, 1.0, 0.5]), K=2, lam=1.0).fixed_point()
    assert document["fixed_point"]["expected_reward"] == limit.expected_reward
    assert document["fixed_point"]["method"] == "newton"
    assert document["fixed_point"]["steps_to_within_0.01"] == 4
    assert document["safe_range"]["for_any_rewards"] == 1.0
    uncertainty = document["uncertainty"]
    assert uncertainty["effective_sample_size"][0] == pytest.approx(3.0)
    assert uncertainty["trusted_until"] is None
    assert set(uncertainty["low"]) == set(uncertainty["high"]) >= {"expected_reward"}
    assert len(uncertainty["low"]["proportion[liked]"]) == 3


def test_fixed_point_prints_it_beside_the_real_data(rewards):
    done = recurate("fixed-point", rewards, "-K", "2", "--lam", "2")
    assert (done.returncode, done.stderr) == (0, "")
    limit = CurationLoop(RewardLaw([0.0, 1.0, 0.5]), K=2, lam=2.0).fixed_point()
    row = next(line.split() for line in done.stdout.splitlines() if line.startswith(" E[r]"))
    assert row == ["E[r]", "0.5000", f"{limit.expected_reward:.4f}"]
    assert "group liked" in done.stdout
    assert "found by Newton's method in" in done.stdout


def test_fixed_point_json(rewards):
    document = json.loads(recurate("fixed-point", rewards, "--lam", "inf", "--json").stdout)
    assert document["fixed_point"]["group_names"] == ["plain", "liked"]
    assert document["fixed_point"]["group_proportions"] == [0.0, 1.0]
    assert document["fixed_point"]["method"] == "best"
    assert document["parameters"]["lam"] == "inf"


def test_choose_finds_what_python_finds(rewards):
    law = RewardLaw([0.0, 1.0, 0.5], groups=["plain", "liked", "plain"])
    found = choose(law, K=2, max_kl=0.05)
    done = recurate("choose", rewards, "-K", "2", "--max-kl", "0.05", "--bands", "0")
    assert (done.returncode, done.stderr) == (0, "")
    fraction = float(re.search(r"real data at least (\S+) of each training set", done.stdout)[1])
    lam = float(re.search(r"λ at most (\S+)", done.stdout)[1])
    assert found.lam * (1 - 1e-5) < lam <= found.lam
    # The share of real data is that of the printed λ, rounded up.
    assert found.real_fraction <= 1 / (1 + lam) <= fraction < 1 / (1 + lam) + 1e-6
    shown = recurate("choose", rewards, "-K", "2", "--group", "liked", "--max-share", "0.45").stdout
    assert "group liked at most 0.45 for 1,024 steps and at the fixed point:" in shown
    found = choose(law, lam=1.0, group="liked", max_share=0.45)
    options = ("--lam", "1", "--group", "liked", "--max-share", "0.45", "--json", "--seed", "3")
    document = json.loads(recurate("choose", rewards, *options).stdout)
    assert document["parameters"]["candidates"] == found.K
    resampled = choose(law, lam=1.0, group="liked", max_share=0.45, replicates=200, rng=3)
    ends = [str(end) if np.isinf(end) else end for end in resampled.candidates_range]
    assert document["choice"] == {
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
    assert document["uncertainty"]["trusted"] is False  # three rows


def test_choose_prints_names_that_cannot_be_printed_in_quotes(tmp_path):
    table = tmp_path / "names.csv"
    table.write_text("reward,group\n0,a\n1,\x1b[31m\n2,b\n")
    done = recurate("choose", table, "-K", "2", "--group", "\x1b[31m", "--min-share", "0.01")
    assert "group '\\x1b[31m' at least" in done.stdout
    assert "\x1b" not in done.stdout
    # An empty label is none, in a table as on the command line.
    done = recurate("choose", table, "-K", "2", "--group", "", "--min-share", "0.01")
    assert (done.returncode, done.stdout) == (2, "")
    assert "got ''" in done.stderr


def test_choose_says_where_no_fixed_point_was_found(tmp_path):
    # KL(p_*‖p_ref) = 297 log 10 = 684 is over the limit, and λ > 1e300 times the mass at the best
    # reward, which fixed points need, is among those that are tried.
    table = tmp_path / "rare.csv"
    table.write_text("reward,weight\n0,1\n1,1e-297\n")
    done = recurate("choose", table, "-K", "4", "--max-kl", "683.8")
    assert (done.returncode, done.stdout) == (2, "")
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
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_choose_says_where_there_are_no_groups(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("reward,model\n0,a\n1,b\n")
    done = recurate("choose", path, "-K", "2", "--group", "a", "--max-share", "0.5")
    assert done.returncode == 2
    assert "it has none: name their column with --group-column" in done.stderr


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
    done = CliRunner().invoke(app, ["predict", *named])
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_bad_table_leaves_no_output(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("reward\n1\nx\n")
    done = recurate("predict", path, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "bad.csv, row 2 (line 3), column 'reward'" in done.stderr
    assert not (tmp_path / "out").exists()


def test_both_files_or_neither(rewards, tmp_path):
    (tmp_path / "out" / "trajectory.png").mkdir(parents=True)
    done = recurate("predict", rewards, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "trajectory.png" in done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["trajectory.png"]


def test_labels_are_text_in_tables_and_pictures(tmp_path):
    # Markup of rich, mathematics of matplotlib, its hidden labels, a control character, a word.
    path = tmp_path / "t.csv"
    path.write_text("reward,group\n1,[red]x[/red]\n2,$\\frac$\n3,_x\n4,\x1b[31m\n5,None\n")
    done = recurate("predict", path, "--out", tmp_path / "out", "--steps", "1")
    assert (done.returncode, done.stderr) == (0, "")
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


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full, a disk without room")
def test_full_disk_is_an_error_in_one_line(rewards):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "recurate", "predict", str(rewards), "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


def test_terminal_that_does_not_know_greek(rewards):
    done = subprocess.run(
        [sys.executable, "-m", "recurate", "predict", str(rewards)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_example_needs_no_file():
    done = recurate(
        "predict", "--example", "digits-confidence", "-K", "4", "--steps", "1", "--json"
    )
    document = json.loads(done.stdout)
    assert document["parameters"]["rewards"] == 1797
    assert len(document["trajectory"]["group_names"]) == 10


def test_check_writes_results(tmp_path):
    json_path, junit_path = tmp_path / "results.json", tmp_path / "results.xml"
    done = recurate(
        *("check", "ratio-bound", "theorem-2.4", "--seed", "7", "--jobs", "2"),
        *("--json", json_path, "--junit", junit_path),
    )
    assert done.returncode == 0
    mutants = sum(len(CHECKS[name].mutants) for name in ("ratio-bound", "theorem-2.4"))
    assert f"2 holds; {mutants} of {mutants} mutants refuted (quick, seed 7)" in done.stdout
    document = json.loads(json_path.read_text())
    assert [result["id"] for result in document["results"]] == ["ratio-bound", "theorem-2.4"]
    for result in document["results"]:
        assert result["verdict"] == "holds"
        assert set(result["evidence"]) == {
            *("property", "exact", "certified", "symbolic", "formal")
        }
        for kind, evidence in result["evidence"].items():
            assert evidence["cases"] > 0
            assert evidence["seconds"] >= 0
            assert evidence["witness"] is None
            assert (evidence["least_margin"] is None) == (kind in ("symbolic", "formal"))
            near = evidence["nearest"]
            tried = 0 if kind in ("symbolic", "formal") else evidence["cases"]
            assert sum(one["cases"] for one in near) == tried
            assert {one["K"] for one in near} <= set(CANDIDATES)
            assert {one["lam"] for one in near} <= set(MIXINGS)
            told = [one for one in near if one["margin"] is not None]
            assert [one["margin"] for one in told] == sorted(one["margin"] for one in told)
            assert [one["margin"] for one in told[:1]] == [evidence["least_margin"]] * bool(near)
            assert all("nearest_margin(" in one["replay"] and one["loop"] for one in told)
        assert result["mutants"]["killed"] == result["mutants"]["total"] >= 3
    suites = ElementTree.parse(junit_path).getroot()
    assert [suite.get("name") for suite in suites] == ["ratio-bound", "theorem-2.4"]
    assert {suite.get("failures") for suite in suites} == {"0"}


@pytest.mark.parametrize(
    ("option", "value"), [("--level", "most"), ("--jobs", "0"), ("--seed", "-1"), ("--seed", "x")]
)
def test_check_refuses_bad_options(option, value):
    done = recurate("check", "ratio-bound", option, value)
    assert done.returncode == 2
    assert option in done.stderr


def test_check_needs_two_files(tmp_path):
    path = tmp_path / "results"
    done = recurate("check", "ratio-bound", "--json", path, "--junit", path)
    assert done.returncode == 2
    assert "--json and --junit must be two files" in done.stderr


def test_check_leaves_nothing_behind(monkeypatch, tmp_path):
    """Neither here nor in the temporary folder, where all users of a machine meet."""
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    here.mkdir()
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    assert process("check", "reference-divergence", cwd=here).returncode == 0
    assert [*here.iterdir(), *temporary.iterdir()] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("theorem-2.2",), "theorem-2.2 is about something else: recurate check theorem-2.2 looks"),
        (("share-envelope",), "which the optimisers search; share-envelope is about something"),
        (("reward-monoton",), "such as reward-monotone"),
        (("reward-monotone", "--budget", "5x"), "--budget must be a time above 0, such as 60s"),
        (("reward-monotone", "--budget", "0s"), "got '0s'"),
    ],
)
def test_hunt_refuses_bad_input(arguments, message):
    done = recurate("hunt", *arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_hunt_refutes_a_mutant_and_prints_how_to_see_it_again():
    done = recurate("hunt", "lemma-2.2#0", "--budget", "60s")
    assert done.returncode == 1
    assert "lemma-2.2#0: refuted" in done.stdout
    assert "certified" in done.stdout
    assert "least_margin" in done.stdout


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_hunt_says_what_is_violated_and_not_certified_and_exits_0(monkeypatch, arguments):
    def fails(self, case, bits):
        raise TypeError("no balls here")

    monkeypatch.setattr(CheckConjecture, "certify", fails)
    done = CliRunner().invoke(app, ["hunt", "lemma-2.2#0", "--budget", "20s", *arguments])
    assert done.exit_code == 0
    cause = "the function fails on balls with TypeError: no balls here"
    if arguments:
        document = json.loads(done.stdout)
        assert (document["verdict"], document["note"]) == ("violated", cause)
        assert document["least_margin"] < 0
        assert document["certified_margin"] is None
    else:
        first = done.stdout.splitlines()[0]
        assert first.startswith(f"lemma-2.2#0: violated, not certified: {cause} (")


def test_hunt_writes_json():
    done = recurate("hunt", "theorem-2.4", "--budget", "1s", "--json")
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert document["verdict"] == "open"
    assert document["evaluations"] > 0


def test_check_knows_before_the_work_that_a_file_cannot_be_written(tmp_path):
    path = tmp_path / "nowhere" / "results.json"
    done = recurate("check", "ratio-bound", "--json", path)
    assert done.returncode == 2
    assert str(path) in done.stderr


def test_check_of_an_unknown_result_names_the_closest():
    done = recurate("check", "theorem-2.5")
    assert done.returncode == 2
    assert "ID must be a result, such as theorem-2.4, theorem-2.3" in done.stderr


def test_check_exits_1_and_prints_the_witness_where_a_result_is_violated(monkeypatch):
    # The same command on an engine that lets the least preferred candidate win.
    true_ratio = curation.log_curation_ratio

    def turned(rewards, probs=None, K=None, *, log_probs=None, kernel=None):
        return true_ratio(-rewards, probs, K, log_probs=log_probs)

    monkeypatch.setattr(curation, "log_curation_ratio", turned)
    done = recurate("check", "lemma-2.2", "--jobs", "1")
    assert done.returncode == 1
    assert "lemma-2.2 is violated, not certified (property): balls do not confirm" in done.stdout
    assert "\nby RewardLaw(" in done.stdout
    assert "from recurate.paper_checks.replay import least_margin" in done.stdout
    assert "1 violated, not certified; " in done.stdout
