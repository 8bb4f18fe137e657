"""What is said about anything that is typed or read: short, and nothing acts on a terminal.

Most commands run in this process, where an error that nobody expected is raised.
"""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

from recurate.cli import app
from recurate.commands import terminal
from recurate.numerics.text import LONGEST_MESSAGE
from recurate.printing.as_json import as_json
from recurate.printing.junit import _add_case

LONG = "x" * 50_000
ONCE = ("--steps", "1", "--replicates", "1")
HOSTILE = "\x1b[31m\x9b2J\u202e\u200b\u2028\r\ned"  # colour, C1, direction, no width, line breaks


def run(*arguments, stdin=None):
    done = CliRunner().invoke(app, list(map(str, arguments)), input=stdin)
    if not isinstance(done.exception, SystemExit | None):
        raise done.exception
    return done


def is_harmless(text):
    """Whether a text has nothing but lines of characters that can be seen."""
    return text.replace("\n", "").isprintable()


@pytest.fixture
def rewards(tmp_path):
    path = tmp_path / "rewards.csv"
    path.write_text("reward,group\n0.0,plain\n1.0,liked\n0.5,plain\n")
    return path


@pytest.mark.parametrize("text", [HOSTILE + LONG, "[/red]\udcff"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("TEXT",),
        ("--TEXT",),
        ("predict", "TEXT"),
        ("predict", "FILE", "TEXT"),
        ("predict", "FILE", "--TEXT"),
        *(
            ("predict", "FILE", option, "TEXT")
            for option in (
                *("--example", "--reward-column", "--group-column", "--weight-column"),
                *("--steps", "--bands", "--seed"),
            )
        ),
        ("choose", "FILE", "-K", "2", "--max-share", ".5", "--group", "TEXT"),
        ("simulate", "FILE", "--backend", "TEXT"),
        ("check", "TEXT"),
        ("check", "lemma-2.2", "--level", "TEXT"),
        ("check", "lemma-2.2", "--without", "TEXT"),
        ("check", "lemma-2.2", "--bound", "TEXT"),
        ("hunt", "TEXT"),
        ("hunt", "lemma-2.2#TEXT"),
        ("hunt", "lemma-2.2", "--budget", "TEXT"),
        ("explain", "TEXT"),
        ("figures", "TEXT"),
        ("figures", "--data", "TEXT"),
        ("figures", "--data", "cifar10:TEXT"),
        ("figures", "--device", "TEXT"),
        ("figures", "--scale", "TEXT"),
    ],
    ids=" ".join,
)
def test_whatever_is_typed_is_answered_in_short_and_harmless_words(rewards, arguments, text):
    done = run(*(a.replace("TEXT", text).replace("FILE", str(rewards)) for a in arguments))
    assert (done.exit_code, done.stdout) == (2, "")
    assert len(done.stderr) <= LONGEST_MESSAGE
    assert is_harmless(done.stderr)


@pytest.mark.parametrize("text", ["1e400", "-1e400", "1e-400", "٣e-400", "1_0", "", LONG])
@pytest.mark.parametrize(
    ("option", "before"),
    [
        ("--lam", ("predict",)),
        ("--real-fraction", ("predict",)),
        ("--scale", ("predict",)),
        ("--lam", ("choose", "--max-kl", "1")),
        ("--max-kl", ("choose", "-K", "2")),
        ("--max-share", ("choose", "-K", "2", "--group", "liked")),
        ("--min-share", ("choose", "-K", "2", "--group", "liked")),
    ],
)
def test_a_number_that_a_double_does_not_hold_is_refused(rewards, option, before, text):
    done = run(before[0], rewards, *before[1:], option, text)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"recurate: {option} must be ")
    assert done.stderr.count("\n") == 1
    assert f"got '{text[:30]}" in done.stderr


@pytest.mark.parametrize(
    ("command", "option"),
    [
        *(("predict", f"--{name}-column") for name in ("reward", "group", "weight")),
        *(("predict", option) for option in ("--example", "--steps", "--bands", "--seed", "-K")),
        *(("simulate", option) for option in ("--generated", "--backend", "--precision")),
        *(("choose", option) for option in ("--group", "--steps")),
    ],
)
def test_an_empty_option_is_refused(rewards, command, option):
    done = run(command, rewards, option, "")
    assert (done.exit_code, done.stdout) == (2, "")
    assert is_harmless(done.stderr)


@pytest.mark.parametrize("text", ["1e400", "1e-400", "x", ""])
def test_a_number_of_candidates_that_overflows_is_refused(rewards, text):
    done = run("predict", rewards, "-K", text)
    assert done.exit_code == 2
    assert f"K must be an integer of at least 1 or inf; got {text!r}" in done.stderr


@pytest.mark.parametrize("text", ["inf", "INF", "+Infinity"])
def test_infinity_is_written_in_letters(rewards, text):
    options = ("--steps", "1", "--bands", "0", "--json")
    done = run("predict", rewards, "--lam", text, "-K", text, *options)
    assert json.loads(done.stdout)["parameters"]["lam"] == "inf"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("simulate", "FILE", "-K", "1e9"), "at most 1e+10 draws; got 2e+15"),
        (("simulate", "FILE", "--steps", "10000000"), "at most 1e+10 draws; got 1e+13"),
        (("simulate", "FILE", *ONCE, "--generated", "200000000"), "at most 1e+08 samples"),
        (("simulate", "FILE", "--curated", "1000000000"), "at most 1e+10 draws; got 8e+11"),
        (("simulate", "FILE", "--lam", "1e-5"), "at most 1e+10 draws; got 2e+11"),
        (
            ("simulate", "FILE", "--steps", "0", "--generated", "1", "--replicates", "100000000"),
            "at most 1e+08 figures; got 700,000,000",
        ),
        (("predict", "FILE", "--bands", "1000000000"), "ask for at most 1,298,700 tables"),
        (("predict", "FILE", "--steps", "10000000"), "ask for no bands, or few steps"),
        (
            ("choose", "FILE", "-K", "2", "--max-kl", "0.1", "--bands", "1000000000"),
            "replicates must be at most 100,000, as each table is searched; got 1,000,000,000",
        ),
        (("hunt", "lemma-2.2", "--budget", "1e300s"), "at most 720h; got '1e300s'"),
    ],
)
def test_what_would_never_end_or_fill_the_memory_is_refused(rewards, arguments, message):
    done = run(*(str(rewards) if argument == "FILE" else argument for argument in arguments))
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["predict", "fixed-point", "simulate", "choose"])
def test_text_of_a_table_does_not_act_on_the_terminal(tmp_path, command):
    path = tmp_path / f"{HOSTILE}.csv"
    path.write_text(f'reward,group\n0,a\n1,"{HOSTILE}"\n0.5,a\n', encoding="utf-8", newline="")
    options = {
        "predict": ("--steps", "1", "--bands", "2", "--out", tmp_path / HOSTILE),
        "simulate": (
            *("--steps", "1", "--generated", "50", "--replicates", "2"),
            *("--out", tmp_path / HOSTILE),
        ),
        "choose": ("-K", "2", "--group", HOSTILE, "--max-share", "0.9"),
    }
    done = run(command, path, *options.get(command, ()))
    assert (done.exit_code, done.stderr) == (0, "")
    assert is_harmless(done.stdout)
    assert r"\x1b[31m\x9b2J\u202e" in done.stdout
    for table in (tmp_path / HOSTILE).glob("*.csv"):
        assert is_harmless(table.read_text(encoding="utf-8"))


def test_json_keeps_text_as_it_was(tmp_path):
    path = tmp_path / f"{HOSTILE}.csv"
    path.write_text(f'reward,group\n0,a\n1,"{HOSTILE}"\n', encoding="utf-8", newline="")
    options = ("--steps", "0", "--bands", "0", "--json")
    printed = run("predict", path, *options).stdout
    assert is_harmless(printed)
    document = json.loads(printed)
    assert document["parameters"]["source"] == path.name
    assert document["trajectory"]["group_names"] == ["a", HOSTILE]


@pytest.mark.parametrize(
    "arguments",
    [
        ("predict", "FILE", "--steps", "1", "--bands", "2"),
        ("fixed-point", "FILE"),
        ("choose", "FILE", "-K", "2", "--max-kl", "1", "--bands", "0"),
        ("simulate", "FILE", *ONCE, "--generated", "9"),
        ("summarise", "FILE", "-o", "law.npz", "--jobs", "1"),
        ("votes", "VOTES"),
        ("calibrate", "PAIRS"),
        ("explain", "lemma-2.1"),
        ("hunt", "lemma-2.2", "--budget", "0.001"),
    ],
    ids=lambda words: words[0],
)
def test_with_json_standard_output_is_json_only(tmp_path, monkeypatch, arguments):
    path = tmp_path / "rewards.csv"  # of which much is to be said
    path.write_text(
        "reward,group,prompt,step,length\n"
        + "".join(f"{-1 if i % 4 else i / 50}, {i % 3},{i % 7},{i % 2},\n" for i in range(40))
        + "3,0,8,0,12\n,0,1,1,3\n"
    )
    (tmp_path / "VOTES").write_text("winner,loser\na,b\nb,a\n")
    (tmp_path / "PAIRS").write_text("chosen_reward,rejected_reward\n2,1\n1,2\n3,1\n")
    monkeypatch.chdir(tmp_path)
    more = ("--missing", "drop", "--follow", "length") if "FILE" in arguments else ()
    if arguments[0] in ("choose", "simulate"):  # which follow no columns
        more = ("--missing", "drop")
    done = run(*(a.replace("FILE", str(path)) for a in arguments), *more, "--json")
    assert done.exit_code == 0, done.stderr
    json.loads(done.stdout)
    if more:
        assert done.stderr.count("\n") >= 4
        assert all(line.startswith("recurate: ") for line in done.stderr.splitlines())
    shown = run(*(a.replace("FILE", str(path)) for a in arguments), *more)
    assert shown.stderr == done.stderr  # the same is said beside a table


def test_all_commands_that_print_json_are_tried():
    tried = {"predict", "fixed-point", "choose", "simulate", "votes", "calibrate"}
    tried |= {"list", "explain", "hunt", "summarise", "sweep"}
    commands = typer.main.get_command(app).commands
    flags = {
        name
        for name, command in commands.items()
        for option in command.params
        if "--json" in option.opts and option.is_flag
    }
    # `list` is tried in test_explanation, `sweep` in its own file; check --json takes a file: see
    # test_outputs.
    assert flags == tried


def test_json_can_be_written_whatever_the_text():
    halves = {"name": "a\udcffb\U0001f600\ud800"}
    text = as_json(halves)
    assert json.loads(text.encode("utf-8")) == halves
    assert "\U0001f600" in text


def test_junit_is_xml_whatever_the_text():
    suite = ElementTree.Element("testsuite")

    result = SimpleNamespace(statement=SimpleNamespace(id="lemma"))
    every = "".join(map(chr, range(0x300))) + HOSTILE + "\ud800\uffff"
    _add_case(suite, result, every, 0.0, every)
    read = ElementTree.fromstring(ElementTree.tostring(suite, encoding="unicode"))
    (failure,) = read.iter("failure")
    assert "\\x00\\x01" in failure.get("message")
    assert failure.get("message").endswith(
        r"\x1b[31m\x9b2J\u202e\u200b\u2028\r" "\n" r"ed\ud800\uffff"
    )


def test_blanks_of_labels_are_said_in_one_line_beside_the_result(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("reward,group\n0,a\n1, a\n2,b\n")
    for more in ((), ("--json",)):
        done = run("fixed-point", path, "--lam", "1", *more)
        assert done.exit_code == 0
        assert done.stderr == ("recurate: t.csv: blanks around group labels were taken off: ' a'\n")
    assert json.loads(done.stdout)["fixed_point"]["group_names"] == ["a", "b"]


def test_a_long_message_is_cut_in_the_middle(capsys):
    terminal.note("first " + "x" * 10_000 + " last")
    line = capsys.readouterr().err
    assert len(line) == LONGEST_MESSAGE
    assert line.startswith("recurate: first xxx")
    assert line.endswith("xxx last\n")


PROGRAM = """
import sys, warnings
from recurate import cli
from recurate.commands import list_results

def fails():
    warnings.warn("\\x1b[31mdanger", RuntimeWarning)
    print("λ \U0001f600")
    raise ZeroDivisionError("x" * 10_000)

fails.__name__ = "predict"
cli.app.registered_commands[0].callback = fails
sys.argv = ["recurate", "predict"]
cli.main()
"""


@pytest.mark.parametrize("shown", [False, True])
def test_what_nobody_expected_ends_in_a_line_unless_asked_for_more(shown):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"RECURATE_TRACEBACK": "1" if shown else "", "PYTHONIOENCODING": "ascii"},
    )
    warning, *lines = done.stderr.splitlines()
    assert warning == r"recurate: warning: \x1b[31mdanger"
    assert done.stdout == r"\u03bb \ud83d\ude00" + "\n"  # as in JSON
    if shown:
        assert done.returncode == 1
        assert lines[0].startswith("Traceback")
    else:
        assert done.returncode == 2
        (line,) = lines
        assert line.startswith("recurate: internal error: ZeroDivisionError: xxx")
        assert line.endswith("; please report it, with what RECURATE_TRACEBACK=1 shows")
        assert len(line) < LONGEST_MESSAGE


@pytest.mark.parametrize(
    ("number", "argument", "expected"),
    [
        ("0", "--nope", "No such option: --nope"),
        ("99999999999999", "--nope", "No such option: --nope"),
        ("x", "nope.csv", "No such file"),
    ],
)
def test_no_number_of_the_environment_breaks_a_command(number, argument, expected):
    names = ("COLUMNS", "LINES", "TERMINAL_WIDTH", "SOURCE_DATE_EPOCH")
    done = subprocess.run(
        [sys.executable, "-m", "recurate", "predict", argument],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | dict.fromkeys(names, number),
    )
    assert done.returncode == 2
    assert expected in done.stderr
