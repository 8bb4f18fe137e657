"""The options of all commands: each says one thing, and what several share is declared once."""

import re

import pytest
import typer
from typer.testing import CliRunner

from recurate.cli import app

COMMANDS = typer.main.get_command(app).commands
SINGLE = [
    (name, option.opts)
    for name, command in COMMANDS.items()
    for option in command.params
    if option.param_type_name == "option" and not option.is_flag and not option.multiple
]
TABLE = {"predict", "fixed-point", "choose", "simulate"}


def run(*arguments):
    done = CliRunner().invoke(app, list(map(str, arguments)))
    if not isinstance(done.exception, SystemExit | None):
        raise done.exception
    return done


def in_a_line(text):
    return " ".join(re.sub("[│╭╮╰╯─]", " ", text).split())


@pytest.mark.parametrize(("command", "names"), SINGLE, ids=lambda x: str(x))
def test_an_option_given_twice_is_refused_with_both_values(command, names):
    for second in ("other", "one"):  # the same value, too: it is not what was meant
        done = run(command, names[0], "one", f"{names[-1]}", second)
        assert (done.exit_code, done.stdout) == (2, "")
        said = in_a_line(done.stderr)
        assert names[0] in said
        assert f"must be given once; got 'one', '{second}'" in said


def test_there_are_such_options_in_all_commands_that_have_options():
    assert {name for name, _ in SINGLE} == set(COMMANDS) - {"list"}
    assert len(SINGLE) > 70


@pytest.mark.parametrize("option", ["--prompt-column", "--sentinel", "--follow"])
def test_what_may_be_given_again_is_taken_each_time(option, tmp_path):
    done = run("predict", tmp_path / "none.csv", option, "a", option, "b")
    assert "No such file" in done.stderr


def test_a_flag_may_be_repeated(tmp_path):
    done = run("predict", tmp_path / "none.csv", "--json", "--json")
    assert "No such file" in done.stderr


@pytest.mark.parametrize("command", sorted(TABLE))
def test_commands_with_a_table_have_its_options_in_a_panel(command):
    options = {p.name: p for p in COMMANDS[command].params}
    panels = {name: getattr(p, "rich_help_panel", None) for name, p in options.items()}
    mine = {name for name, panel in panels.items() if panel == "The table of rewards"}
    assert mine - {"follow", "rows"} == {
        "example",
        *(f"{name}_column" for name in ("reward", "group", "weight", "prompt")),
        *("rater_column", "candidate_column", "candidate_columns", "lists", "raters"),
        *("prompt_weights", "where", "missing", "sentinel", "reward_is", "trials", "scale"),
    }
    done = CliRunner(env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"}).invoke(app, [command, "--help"])
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    for name in mine:  # each on a line of its own, whole
        assert sum(line.startswith(f"│ --{name.replace('_', '-')} ") for line in lines) == 1


@pytest.mark.parametrize(
    ("option", "value"), [("--missing", "leave"), ("--prompt-weights", "alike")]
)
def test_a_word_that_is_none_of_the_choices_is_refused(option, value, tmp_path):
    done = run("predict", tmp_path / "none.csv", option, value)
    assert (done.exit_code, done.stdout) == (2, "")
    assert value in done.stderr


def test_weights_of_prompts_need_prompts(tmp_path):
    path = tmp_path / "rewards.csv"
    path.write_text("reward\n0\n1\n")
    done = run("predict", path, "--prompt-weights", "equal")
    assert (done.exit_code, done.stdout) == (2, "")
    assert (
        "--prompt-weights equal needs prompts: name their column with --prompt-column"
        in done.stderr
    )
