"""The README's numbers are the ones that the program prints."""

import doctest
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

from typer.testing import CliRunner

from recurate.cli import app
from recurate.paper_checks.evidence.manifest import read_manifest
from recurate.paper_checks.runner import EFFORTS
from recurate.theory.catalogue import STATEMENTS

from .test_console_blocks import agrees

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHECK = re.search(r"```text\n((?:.*\n)*?)```", README)
NUMBERS = {3: "three", 9: "nine", 17: "seventeen"}


def test_check_is_shown_as_it_is(monkeypatch):
    """The whole command, but with few cases: what is shown does not depend on how many."""
    few = replace(EFFORTS["quick"], property=5, certified=5)
    monkeypatch.setitem(EFFORTS, "quick", few)
    done = CliRunner().invoke(app, ["check", "--jobs", "1"])
    assert done.exit_code == 0, done.output
    shown, lines = CHECK.group(1).splitlines(), done.stdout.splitlines()
    assert agrees(map(stable, lines), map(stable, shown)), done.stdout


def stable(line):
    """A line's words less its numbers, if it is about a result: times differ from run to run."""
    words = line.split()
    if words and words[0] in STATEMENTS:
        words = [word for word in words if not re.fullmatch(r"-?\d\S*", word)]
    return " ".join(words)


def test_python_example():
    (example,) = re.findall(r"```python\n((?:.*\n)*?)```", README)
    parsed = doctest.DocTestParser().get_doctest(example, {}, "README", "README.md", 0)
    results = doctest.DocTestRunner().run(parsed)
    assert results.attempted == 5
    assert results.failed == 0


def test_statements_are_those_of_the_catalogue():
    named = re.findall(r"\(`([a-z0-9.-]+)`", README)
    assert len(named) == len(set(named)) == 6
    assert set(named) <= set(STATEMENTS)
    kinds = Counter(statement.kind for statement in STATEMENTS.values())
    assert f"goes through all {len(STATEMENTS)} statements" in README
    assert f"names all {len(STATEMENTS)} statements" in README
    assert f"{NUMBERS[kinds['conjecture']]} conjectures" in README
    assert f"{NUMBERS[kinds['reported']]} are *reported*" in README
    formal = {theorem.id for theorem in read_manifest().theorems} & set(STATEMENTS)
    assert f"{NUMBERS[len(formal)]} results are proved a second time" in README


def test_it_is_read_in_a_minute():
    lines = README.splitlines()
    assert len(lines) <= 130
    assert lines.index("pip install .             # in a checkout, with Python 3.11 or later") < 30
    assert (ROOT / "docs" / "images" / "trajectory.png").stat().st_size < 100_000
