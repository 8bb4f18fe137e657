"""The README's numbers are the ones that the program prints."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

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
    assert len(COMMANDS) == 2


def test_check_is_shown_as_it_is():
    shown = re.search(r"```text\n((?:.*\n)*?)```", README).group(1)
    assert [stable(line) for line in shown.splitlines()] == [
        stable(line) for line in printed("check")
    ]


def stable(line):
    """A line less its last two columns, if it is a row of the table.

    Times differ from run to run, and margins at the level of rounding from machine to machine.
    """
    words = line.split()
    return words[:-2] if {"property", "exact"} & set(words) and words[-1][-1].isdigit() else words


def test_python_example():
    examples = re.findall(r"```python\n((?:.*\n)*?)```", README)
    assert len(examples) == 1
    parsed = doctest.DocTestParser().get_doctest(examples[0], {}, "README", "README.md", 0)
    results = doctest.DocTestRunner().run(parsed)
    assert results.attempted == 7
    assert results.failed == 0


def test_numbers_in_the_prose_are_in_the_output():
    prose = re.search(r"The reward names no class(?:.*\n)*?\n", README).group(0)
    numbers = re.findall(r"0\.\d{4}", prose)
    assert len(numbers) == 4
    for number in numbers:
        assert number in COMMANDS[0][1]


def test_table_of_results_is_complete():
    from recurate.paper_checks.runner import CHECKS

    assert re.findall(r"^\| `([a-z0-9.-]+)` \|", README, re.MULTILINE) == list(CHECKS)


def test_explanation_is_shown_as_it_is():
    command, shown = re.search(
        r"```text\n\$ recurate (explain .*)\n((?:.*\n)*?)```", README
    ).groups()
    lines = [re.sub(r"; \d.*\)", ")", line) for line in printed(f"{command} --no-cache")]
    for line in shown.splitlines():
        assert line == "..." or line in lines


def test_number_of_statements():
    from recurate.theory.catalogue import STATEMENTS

    for text in (README, (README_FOLDER / "CHANGELOG.md").read_text(encoding="utf-8")):
        assert f"{len(STATEMENTS)} statements" in text
