"""The README's numbers are the ones that the program prints."""

import doctest
import re
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recurate.cli import app
from recurate.paper_checks import runner
from recurate.paper_checks.catalogue import CHECKS
from recurate.paper_checks.evidence.evidence import Evidence, MutantOutcome, Witness
from recurate.paper_checks.evidence.manifest import read_manifest
from recurate.theory.catalogue import STATEMENTS

from .test_console_blocks import agrees

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHECK = re.search(r"```text\n((?:.*\n)*?)```", README)
NUMBERS = {5: "five", 9: "nine", 70: "seventy"}


def shown_results():
    """The results that the excerpt shows."""
    return {line.split()[0] for line in CHECK.group(1).splitlines() if line.split()} & set(
        STATEMENTS
    )


def gathered_for(names):
    """What gathers evidence for these results only: that all is as expected is for `make check`."""
    gather = runner.gather
    witness = Witness("a loop", "-1", "", "")

    def gathered(name, part, level, seed):
        if name in names:
            return gather(name, part, level, seed)
        if part == "mutants":
            return tuple(
                MutantOutcome(mutant.claim, witness, "exact") for mutant in CHECKS[name].mutants
            )
        found = witness if STATEMENTS[name].expected == "refuted" else None
        return Evidence(kind=part, cases=1, seconds=0.0, tried="nothing", witness=found)

    return gathered


@pytest.fixture(scope="module")
def check_printed():
    """The lines of the whole command."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "gather", gathered_for(shown_results()))
        done = CliRunner().invoke(app, ["check", "--jobs", "1"])
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def is_excerpt(shown, lines):
    return agrees(map(stable, lines), map(stable, shown.splitlines()))


def test_check_is_shown_as_it_is(check_printed):
    assert len(shown_results()) == 2
    assert is_excerpt(CHECK.group(1), check_printed), "\n".join(check_printed)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("P E C S F - M       0.6", "P E C S - - M       0.6"),
        ("holds     formal", "holds     proved"),
        ("The pure loop\n", "The loop\n"),
        ("411 of 411", "410 of 411"),
        ("73 holds, 5 open", "74 holds, 4 open"),
        ("without any rounding", "with rounding"),
        ("theorem-2.1", "theorem-2.4"),
        ("The pure loop converges to the reference", "The loop converges to the reference"),
    ],
)
def test_another_excerpt_is_noticed(check_printed, old, new):
    assert old in CHECK.group(1)
    assert not is_excerpt(CHECK.group(1).replace(old, new), check_printed)


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
    assert len(named) == len(set(named)) == 7
    assert set(named) <= set(STATEMENTS)
    kinds = Counter(statement.kind for statement in STATEMENTS.values())
    assert f"goes through all {len(STATEMENTS)} statements" in README
    assert f"names all {len(STATEMENTS)} statements" in README
    assert f"{NUMBERS[kinds['conjecture']]} conjectures" in README.replace("\n", " ")
    assert f"{NUMBERS[kinds['reported']]} are *reported*" in README
    formal = {theorem.id for theorem in read_manifest().theorems} & set(STATEMENTS)
    assert f"{NUMBERS[len(formal)]} results are proved in Rocq" in README


def test_it_is_read_in_a_minute():
    lines = README.splitlines()
    assert len(lines) <= 130
    assert lines.index("pip install .             # in a checkout, with Python 3.11 or later") < 30
    assert (ROOT / "docs" / "images" / "trajectory.png").stat().st_size < 100_000
