"""The README's numbers are the ones that the program prints."""

import doctest
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recurate.cli import app
from recurate.paper_checks.runner import EFFORTS
from recurate.theory.catalogue import STATEMENTS

README_FOLDER = Path(__file__).parents[2]
README = (README_FOLDER / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```console\n\$ recurate (?!check\n)(.*)\n((?:.*\n)*?)```", README)
CHECK = re.search(r"```(?:text|console\n\$ recurate check)\n((?:.*\n)*?)```", README)
LEFT_OUT = "…"


def printed(arguments):
    done = subprocess.run(
        [sys.executable, "-m", "recurate", *arguments.split()],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return [line.rstrip() for line in done.stdout.splitlines()]


@pytest.mark.parametrize(("arguments", "shown"), COMMANDS)
def test_commands_print_what_is_shown(arguments, shown):
    assert printed(arguments) == shown.splitlines()


def test_there_are_commands():
    assert len(COMMANDS) == 3


def test_check_is_shown_as_it_is(monkeypatch):
    """The whole command, but with few cases: what is shown does not depend on how many."""
    few = replace(EFFORTS["quick"], property=5, certified=5)
    monkeypatch.setitem(EFFORTS, "quick", few)
    done = CliRunner().invoke(app, ["check", "--jobs", "1"])
    assert done.exit_code == 0
    assert_shows(CHECK.group(1).splitlines(), done.stdout.splitlines())


def assert_shows(shown, printed):
    """The pieces of what is shown, between lines of LEFT_OUT, are printed in that order."""
    shown, printed = [stable(line) for line in shown], [stable(line) for line in printed]
    begin = 0
    while shown:
        end = shown.index([LEFT_OUT]) if [LEFT_OUT] in shown else len(shown)
        piece, shown = shown[:end], shown[end + 1 :]
        places = [at for at in range(begin, len(printed)) if printed[at : at + len(piece)] == piece]
        assert places, piece
        begin = places[0] + len(piece)


def stable(line):
    """A line's words less its numbers, if it is about a result.

    Times differ from run to run, and margins at the level of rounding from machine to machine.
    """
    words = line.split()
    if set(line) == {"─"}:
        return ["─"]  # as wide as the table, and so as its times
    if words and words[0] in STATEMENTS:
        return [word for word in words if not re.fullmatch(r"-?\d\S*", word)]
    return words


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [*lines[:3], "lemma-2.2 holds tried", *lines[3:]],
        lambda lines: [lines[1], lines[0], *lines[2:]],
        lambda lines: [*lines, "one more line"],
    ],
)
def test_what_is_not_printed_is_noticed(change):
    printed = CHECK.group(1).splitlines()
    assert_shows([*printed[:2], LEFT_OUT, *printed[4:]], printed)
    with pytest.raises(AssertionError):
        assert_shows(change(printed), printed)


def test_python_examples():
    examples = re.findall(r"```python\n((?:.*\n)*?)```", README)
    assert len(examples) == 3
    for example in examples:
        parsed = doctest.DocTestParser().get_doctest(example, {}, "README", "README.md", 0)
        results = doctest.DocTestRunner().run(parsed)
        assert results.attempted >= 4
        assert results.failed == 0


def test_results_of_the_paper_and_their_sharper_forms_are_named():
    named = re.findall(r"^\| `([a-z0-9.-]+)` \|", README, re.MULTILINE)
    assert len(set(named)) == len(named)
    wanted = {
        name for name, s in STATEMENTS.items() if s.kind in ("paper", "reported", "sharpened")
    }
    assert set(named) == wanted
    conjectures = sum(statement.kind == "conjecture" for statement in STATEMENTS.values())
    number = ["no", "one", "two", "three", "four"][conjectures]
    assert f"names all {len(STATEMENTS)} statements" in README
    assert f"and\n{number} conjectures" in README
