"""`recurate sweep`: each loop is that of predict, a killed run goes on, and nothing is misread."""

import csv
import io
import json
import math
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

import numpy as np
import polars
import pytest

from recurate.numerics.laws.levels import FIGURES
from recurate.sweeping.kept import UNFINISHED

from .in_process import document, recurate

RNG = np.random.default_rng(0)
TABLE = "reward,group,length,q\n" + "".join(
    f"{reward:.3f},{'abc'[i % 3]},{i % 7},{i % 5}\n"
    for i, reward in enumerate(RNG.normal(size=60).tolist())
)
RATES = "reward,group\n" + "".join(
    f"{0.1 + 0.8 * x:.3f},{'ab'[i % 2]}\n" for i, x in enumerate(RNG.random(30))
)
VOTES = "model_a,model_b,winner\n" + "a,b,a\nb,a,a\na,b,b\nb,c,b\nc,b,c\nc,a,c\na,c,a\n" * 3


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with tables, in which commands run."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("t.csv", TABLE), ("rates.csv", RATES), ("votes.csv", VOTES)):
        (tmp_path / name).write_text(text)
    return tmp_path


def swept(*arguments):
    """Return the rows of a sweep in this process, from the CSV that it writes."""
    done = recurate("sweep", *arguments, "--jobs", "1", "-o", "-")
    assert done.exit_code == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def number(text):
    return math.nan if text == "" else float(text)


def assert_are(rows, predicted):
    """Assert that the rows of one loop are what predict says, to the rounding of sums."""
    trajectory, limit = predicted["trajectory"], predicted["fixed_point"]
    assert [row["t"] for row in rows] == [f"{t}.0" for t in trajectory["t"]] + ["inf"]
    for name in (*FIGURES, "expected_reward_in_unit"):
        found = [number(row[name]) for row in rows]
        assert found == pytest.approx([*trajectory[name], limit[name]], rel=1e-11, abs=1e-14)
    for kind, names, values in (
        ("proportion", "group_names", "group_proportions"),
        ("score", "score_names", "expected_scores"),
    ):
        assert trajectory[names] == limit[names]
        for place, name in enumerate(trajectory[names]):
            expected = [step[place] for step in [*trajectory[values], limit[values]]]
            found = [number(row[f"{kind}[{name}]"]) for row in rows]
            assert found == pytest.approx(expected, rel=1e-11, abs=1e-14)


@pytest.mark.parametrize(
    ("tables", "axes"),
    [
        (["t.csv", "--follow", "length"], {"-K": ["2", "7", "inf"], "--lam": ["0.5", "3", "inf"]}),
        (
            ["t.csv", "--prompt-column", "q"],
            {"--choice": ["best", "best:2"], "--scale": ["0.5", "-2"]},
        ),
        (
            ["rates.csv", "--reward-is", "probability"],
            {"--scale": ["1", "0.5"], "--real-fraction": ["0.3", "0.9"]},
        ),
        (["--votes", "votes.csv"], {"-K": ["2", "3"], "--scale": ["1", "2"]}),
        (["--example", "digits-class"], {"--choice": ["bradley-terry", "top:0.1"], "--lam": ["1"]}),
        (["t.csv", "--retain", "0.2", "--random-clicks", "0.1"], {"-K": ["2", "4"]}),
    ],
    ids=["paper", "prompts", "rates", "votes", "example", "retained"],
)
def test_every_loop_is_that_of_predict(here, tables, axes):
    options = [word for name, values in axes.items() for word in (name, ",".join(values))]
    rows = swept(*tables, *options, "--steps", "4")
    combinations = [[]]
    for name in ("--scale", "--choice", "-K", "--lam", "--real-fraction"):
        combinations = [
            [*one, name, value] for one in combinations for value in axes.get(name, [None])
        ]
    assert len(rows) == 6 * len(combinations)
    for place, combination in enumerate(combinations):
        pairs = list(zip(combination[::2], combination[1::2], strict=True))
        words = [word for name, value in pairs if value is not None for word in (name, value)]
        predicted = document("predict", *tables, *words, "--steps", "4", "--bands", "0")
        assert_are(rows[6 * place : 6 * place + 6], predicted)
        row, parameters = rows[6 * place], predicted["parameters"]
        assert row["table"] == parameters["source"]
        assert number(row["scale"]) == parameters["scale"]
        typed = {name: value for name, value in pairs if value is not None}
        assert row["rule"] == typed.get("--choice", "bradley-terry")
        assert row["K"] == ("" if "top" in row["rule"] else repr(float(typed.get("-K", 4))))
        if "--real-fraction" in typed:
            assert row["real_fraction"] == typed["--real-fraction"]
        else:
            assert number(row["lam"]) == number(typed.get("--lam", "inf"))


def test_several_tables_stand_below_one_another(here):
    (here / "u.csv").write_text("reward,kind\n1,x\n2,y\n0,x\n")
    line = ("t.csv", "u.csv", "-K", "2,3", "--steps", "3")
    rows = swept(*line)
    assert [row["table"] for row in rows] == ["t.csv"] * 10 + ["u.csv"] * 10
    of_both = {name: {row[name] for row in rows[10:]} for name in rows[0]}
    assert of_both["proportion[a]"] == {""}  # of no group that this table has
    assert_are(rows[15:], document("predict", "u.csv", "-K", "3", "--steps", "3", "--bands", "0"))
    shown = recurate("sweep", *line, "--jobs", "1").stdout
    assert "t.csv: 60 rewards" in shown
    assert "u.csv: 3 rewards" in shown
    assert "kl_to_reference at t = 3, u.csv" in shown
    done = recurate("sweep", *line, "--group-column", "group")
    assert "--group-column must name a column of u.csv" in done.stderr


def test_training_sets_that_grow_have_no_lam_and_no_fixed_point(here):
    rows = swept("t.csv", "--accumulate", "-K", "2,3", "--steps", "2")
    assert {(row["lam"], row["real_fraction"]) for row in rows} == {("", "")}
    *steps, limit = rows[:4]
    assert [row["no_fixed_point"] for row in steps] == [""] * 3
    assert (limit["t"], limit["expected_reward"]) == ("inf", "")
    assert limit["no_fixed_point"].startswith("training sets that grow are never what they were")
    shown = recurate("sweep", "t.csv", "--accumulate", "-K", "2,3", "--steps", "2", "--jobs", "1")
    assert "Without a fixed point\n  2 loops: training sets that grow" in shown.stdout


def test_a_file_describes_one_loop(here):
    (here / "loop.toml").write_text('lam = 2.0\n[rule]\nkind = "best"\nK = 3\n')
    rows = swept("t.csv", "--loop", "loop.toml", "--scale", "1,2", "--steps", "1")
    assert [(row["rule"], row["K"], row["lam"], row["scale"]) for row in rows[::3]] == [
        ("loop.toml", "", "2.0", "1.0"),
        ("loop.toml", "", "2.0", "2.0"),
    ]
    done = recurate("sweep", "t.csv", "--loop", "loop.toml", "-K", "2,3")
    assert "--loop loop.toml says all of the loop, so -K cannot be given too" in done.stderr


def test_what_cannot_be_is_left_out_and_named(here):
    line = (
        "sweep",
        "t.csv",
        "--choice",
        "bradley-terry,best,top:0.5",
        "-K",
        "2,inf",
        "--steps",
        "1",
    )
    done = recurate(*line, "--jobs", "1", "-o", "-")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    cells = list(dict.fromkeys((row["rule"], row["K"]) for row in rows))
    assert cells == [
        ("bradley-terry", "2.0"),
        ("bradley-terry", "inf"),
        ("best", "2.0"),
        ("top:0.5", ""),
    ]
    assert done.stderr.startswith(
        "recurate: left out: best with K = inf: --choice best needs a fin"
    )
    assert done.stderr.count("\n") == 1
    found = document(*line, "--jobs", "1")
    assert [text.split(":")[0] for text in found["left_out"]] == ["best with K = inf"]


def written(*arguments):
    done = recurate("sweep", *arguments)
    assert done.exit_code == 0, done.stderr
    return done


def test_csv_parquet_and_json_say_the_same(here):
    line = ("t.csv", "-K", "2,inf", "--lam", "0.5,inf", "--steps", "3", "--follow", "length")
    for name in ("s.csv", "s.parquet"):
        assert f"wrote {name}" in written(*line, "-o", name, "--jobs", "1").stdout
    parquet = polars.read_parquet("s.parquet")
    words = [name for name, kind in parquet.schema.items() if kind == polars.String]
    assert words == ["table", "rule", "no_fixed_point"]
    text = polars.read_csv("s.csv", schema_overrides=dict.fromkeys(words, polars.String))
    assert text.with_columns(polars.col(words).fill_null("")).equals(parquet)
    columns = document("sweep", *line, "--jobs", "1")["columns"]
    for name, values in columns.items():
        values = [math.inf if value == "inf" else value for value in values]
        assert values == parquet[name].to_list()
    assert sorted(os.listdir()) == ["rates.csv", "s.csv", "s.parquet", "t.csv", "votes.csv"]


def test_the_number_of_processes_does_not_matter(here):
    rewards = RNG.normal(size=9_000)  # as many as are compressed
    np.save("large.npy", 3 * rewards)
    line = (
        "large.npy",
        "t.csv",
        "-K",
        "2:200:3",
        "--lam",
        "1,inf",
        "--scale",
        "1,2",
        "--steps",
        "30",
    )
    for name, jobs in (("one.parquet", "1"), ("two.parquet", "2"), ("three.parquet", "3")):
        written(*line, "-o", name, "--jobs", jobs)
    files = [(here / name).read_bytes() for name in ("one.parquet", "two.parquet", "three.parquet")]
    assert files[0] == files[1] == files[2]


def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(here):
    # Each loop is kept at once, so that few of them are enough to be killed among.
    program = "import recurate.sweeping.kept as kept; kept.SECONDS_BETWEEN = 0.0; "
    program += "from recurate.__main__ import main; main()"
    line = [sys.executable, "-c", program, "sweep", "t.csv", "-K", "2:9:8", "--steps", "600"]
    line += ["--lam", "2", "--jobs", "2", "-o"]
    subprocess.run([*line, "whole.csv"], check=True, capture_output=True)
    folder = here / f"s.csv{UNFINISHED}"
    with subprocess.Popen([*line, "s.csv"], stdout=subprocess.DEVNULL) as running:
        while running.poll() is None and not list(folder.glob("*.cells")):
            time.sleep(0.02)
        running.send_signal(signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL, "it ended before"
    assert list(folder.glob("*.cells"))
    assert not (here / "s.csv").exists()
    done = subprocess.run([*line, "s.csv"], check=True, capture_output=True, text=True)
    (said,) = done.stderr.splitlines()
    found, total = (int(word) for word in said.split() if word.isdigit())
    assert said.endswith("loops were done by an earlier run")
    assert 0 < found < total == 8
    assert (here / "s.csv").read_bytes() == (here / "whole.csv").read_bytes()
    assert not folder.exists()


def test_two_runs_do_not_share_what_is_kept(here):
    from recurate.numerics.locks import held

    folder = here / f"s.csv{UNFINISHED}"
    folder.mkdir()
    (folder / "the user's own").write_text("x")
    with held(folder):
        program = "import sys; from recurate.__main__ import main; main()"
        words = [sys.executable, "-c", program, "sweep", "t.csv", "-o", "s.csv", "--jobs", "1"]
        done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "is in use by" in done.stderr
    written("t.csv", "-o", "s.csv", "--jobs", "1")
    assert (folder / "the user's own").read_text() == "x"  # which is not removed
    assert sorted(os.listdir(folder)) == ["the user's own"]


def test_names_that_nobody_expected(here):
    table = here / "na\nme, \x1b[31m$x_1$ \u202e审.csv"
    table.write_text('reward,group\n1,"a,b\n\x1b[0m"\n2,"""q"""\n0,=1+1\n3,审\n')
    line = (table.name, "-K", "2,4", "--lam", "0.5,1,2", "--steps", "2")
    pictures = ("--plot", "p.svg", "--frontier", "f.svg", "--max-kl", "0.2")
    done = written(*line, "-o", "s.csv", *pictures, "--jobs", "1")
    text = done.stdout + done.stderr
    assert not set(text) & {"\x1b", "\u202e", "\r"}
    rows = list(csv.DictReader(io.StringIO((here / "s.csv").read_bytes().decode())))
    assert {row["table"] for row in rows} == {table.name}
    predicted = document(
        "predict", table.name, "-K", "2", "--lam", "0.5", "--bands", "0", "--steps", "2"
    )
    shares = [name for name in rows[0] if name.startswith("proportion[")]
    assert len(shares) == 4
    for name in shares:
        assert name.isprintable()
    values = [[float(row[name]) for name in shares] for row in rows[:3]]
    assert values == predicted["trajectory"]["group_proportions"]
    for name in ("p.svg", "f.svg"):
        ElementTree.parse(here / name)
    found = polars.read_parquet(_parquet(here, line))
    assert found["table"].to_list() == [row["table"] for row in rows]
    drawn = written(*line, "--figure", shares[0], "--plot", "g.png", "--jobs", "1")
    assert shares[0] in drawn.stdout


def _parquet(here, line):
    written(*line, "-o", "s.parquet", "--jobs", "1")
    return here / "s.parquet"


def test_the_best_loop_within_a_divergence_is_told(here):
    line = ("t.csv", "-K", "2,4,16", "--lam", "0.5,2,inf", "--steps", "6", "--max-kl", "0.3")
    found = document("sweep", *line, "--jobs", "1")
    columns, (best,) = found["columns"], found["best"]
    allowed = [
        reward
        for reward, divergence in zip(
            columns["expected_reward"], columns["kl_to_reference"], strict=True
        )
        if divergence <= 0.3
    ]
    assert best["expected_reward"] == max(allowed)
    shown = written(*line, "--jobs", "1").stdout
    where = "the fixed point" if best["t"] == "inf" else f"t = {best['t']:g}"
    assert f"{best['expected_reward']:.4f}, by bradley-terry, K = {best['K']:g}" in shown
    assert f"at {where}, of KL {best['kl_to_reference']:.4f}" in shown
    nothing = written("t.csv", "-K", "2", "--max-kl", "0", "--jobs", "1").stdout
    assert "at t = 0, of KL 0.0000" in nothing


def test_remarks_are_made_once_for_all_scales(here):
    (here / "r.csv").write_text("reward,group\n1,a\n-99,a\n2,b\n")
    done = written("r.csv", "--sentinel", "-99", "--scale", "0.5,1,2", "--jobs", "1")
    assert done.stderr.count("-99") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "sweep needs exactly one of FILE, --example and --votes"),
        (["t.csv", "--example", "digits-class"], "sweep needs exactly one of FILE, --example"),
        (["t.csv", "t.csv"], "each FILE must be given once"),
        (["t.csv", "-K", "2,0"], "K must be an integer of at least 1 or infinity; got 0"),
        (["t.csv", "-K", "2,x"], "-K must be numbers, as 0.5,1,inf, or ranges"),
        (["t.csv", "-K", "2.5"], "K must be an integer of at least 1 or infinity; got 2.5"),
        (["t.csv", "--lam", "1,-1"], "lam must be a number of at least 0"),
        (["t.csv", "--lam", "nan"], "lam must be a number of at least 0"),
        (["t.csv", "--lam", "0.1:1"], "a range needs its number of values"),
        (["t.csv", "--real-fraction", "0.5,2"], "--real-fraction must be from 0 to 1; got 2"),
        (["t.csv", "--lam", "1", "--real-fraction", "0.5"], "only one of --lam and --real-fract"),
        (["t.csv", "--choice", "best", "-K", "2,inf"], "--choice best needs a finite K"),
        (["t.csv", "--choice", "top:0.5", "-K", "2"], "leave -K out"),
        (["t.csv", "--choice", "best,worst"], "--choice must be bradley-terry, best"),
        (["t.csv", "--choice", "best,best"], "--choice must name each rule once; got best,best"),
        (["t.csv", "--choice", "best, best"], "--choice must name each rule once"),
        (["t.csv", "--choice", ""], "--choice must be bradley-terry"),
        (["t.csv", "--scale", "1,inf"], "--scale must be a finite number; got inf"),
        (["t.csv", "--scale", "1,x"], "--scale must be numbers"),
        (["t.csv", "--steps", "-1"], "steps must be"),
        (["t.csv", "--at", "11"], "--at must be an integer from 0 to 10, or inf for the fixed"),
        (["t.csv", "--at", "inf", "--no-fixed-points"], "--at must be an integer from 0 to 10; g"),
        (["t.csv", "--at", "x"], "--at must be a number"),
        (["t.csv", "--figure", "kl"], "--figure must be one of 'expected_weight'"),
        (["t.csv", "--figure", "t"], "--figure must be one of"),
        (["t.csv", "--max-kl", "-1"], "--max-kl must be a number of at least 0; got -1"),
        (["t.csv", "--max-kl", "nan"], "--max-kl must be a number of at least 0; got nan"),
        (["t.csv", "-o", "s.xlsx"], "--out must end in .csv or .parquet; got 's.xlsx'"),
        (["t.csv", "-o", ""], "--out must end in .csv or .parquet; got ''"),
        (["t.csv", "-o", "t.csv"], "--out must be two files"),
        (["t.csv", "-o", "nowhere/s.csv"], "No such file or directory"),
        (["t.csv", "-o", "-", "--json"], "where --out - would write too"),
        (["t.csv", "--plot", "p.gif"], "--plot must end in .png or .svg or .pdf; got 'p.gif'"),
        (["t.csv", "--plot", "-"], "--plot must end in"),
        (["t.csv", "--plot", "p.png", "--frontier", "p.png"], "must be two files"),
        (["t.csv", "--jobs", "2", "--workers", "2"], "only one of --jobs, --workers"),
        (["t.csv", "u.csv"], "No such file or directory"),
        (["-", "--scale", "1,2"], "a pipe is read once, and the tables once for each --scale, 2"),
        (["t.csv", "--steps", "1000000", "-K", "1:99:99"], "must have at most 11 cells; got 99"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_refused_before_the_work(here, monkeypatch, arguments, message):
    monkeypatch.setattr("recurate.sweeping.sweep.measured", None)
    before = sorted(os.listdir())
    done = recurate("sweep", *arguments, input="reward\n1\n2\n")
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(os.listdir()) == before


def test_what_is_there_stays_when_a_sweep_fails(here, monkeypatch):
    (here / "s.csv").write_text("old")

    def failing(*_):
        raise ArithmeticError("no")

    monkeypatch.setattr("recurate.sweeping.cells.limit_of", failing)
    done = recurate("sweep", "t.csv", "-K", "2,4", "-o", "s.csv", "--jobs", "1")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "recurate: 't.csv', 'bradley-terry', K = 2, λ = inf, scale = 1: no" in done.stderr
    assert (here / "s.csv").read_text() == "old"
    assert not list(here.glob(f"*{UNFINISHED}"))


def test_a_process_that_was_killed_is_told_with_what_to_do(here, monkeypatch):
    def killed(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr("recurate.sweeping.cells.limit_of", killed)
    done = recurate("sweep", "t.csv", "-K", "2,4", "-o", "s.csv", "--jobs", "2")
    assert done.exit_code == 2
    assert "perhaps for lack of memory (and 1 more cells); the others are kept" in done.stderr


def test_rows_of_json_are_numbers(here):
    found = json.loads(recurate("sweep", "t.csv", "-K", "2", "--json", "--jobs", "1").stdout)
    assert found["tables"] == [{"source": "t.csv", "rewards": 60, "scale": 1.0}]
    assert found["columns"]["t"] == [*map(float, range(11)), "inf"]
