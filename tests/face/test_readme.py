"""The README's numbers are the ones that the program prints."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

from recurate.theory.catalogue import STATEMENTS

README_FOLDER = Path(__file__).parents[2]
README = (README_FOLDER / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```console\n\$ recurate (.*)\n((?:.*\n)*?)```", README)


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


def test_check_is_shown_as_it_is():
    shown = re.search(r"```text\n((?:.*\n)*?)```", README).group(1)
    assert [stable(line) for line in shown.splitlines()] == [
        stable(line) for line in printed("check")
    ]


def stable(line):
    """A line's words less its numbers, if it is a row of the table.

    Times differ from run to run, and margins at the level of rounding from machine to machine.
    """
    words = line.split()
    if set(line) == {"─"}:
        return ["─"]  # as wide as the table, which is wider where a result takes ten seconds
    if words and words[0] in STATEMENTS:
        return [word for word in words if not word[0].isdigit() and word[0] != "-"]
    return words


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
