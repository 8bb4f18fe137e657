"""What `recurate check` prints for people, by chapters and as a table of margins."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console
from typer.testing import CliRunner

from recurate.cli import app
from recurate.paper_checks.evidence.evidence import Evidence, MutantOutcome, Witness
from recurate.paper_checks.evidence.kinds import KINDS
from recurate.paper_checks.runner import Result, parts_of
from recurate.printing.checks import MARKS, print_checks
from recurate.theory.catalogue import CHAPTERS, STATEMENTS

HOLDS = Evidence(kind="exact", cases=3, seconds=0.1, tried="something", nontrivial=2)
WITNESS = Witness("a loop", "-1", "t = 1", "print('again')")
KILLED = MutantOutcome("a false claim", WITNESS, "exact")
KNOWN_TO_BE_FALSE = [name for name, s in STATEMENTS.items() if s.expected == "refuted"]


def result(name, *, seconds=0.1):
    """The result as if all of its evidence were as expected."""
    kinds = [part for part in parts_of(name) if part != "mutants"]
    witness = WITNESS if name in KNOWN_TO_BE_FALSE else None
    evidence = tuple(replace(HOLDS, kind=kind, seconds=seconds, witness=witness) for kind in kinds)
    return Result(STATEMENTS[name], evidence, (KILLED,) if witness is None else ())


def printed(results, width=80, **options):
    out = io.StringIO()
    console = Console(width=width, file=out)
    print_checks(results, seed=0, level="quick", detailed=False, console=console, **options)
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_each_chapter_has_its_results_each_with_its_whole_sentence(width):
    text = printed([result(name) for name in STATEMENTS], width)
    lines = text.splitlines()
    assert max(map(len, lines)) <= width
    assert not any(line != line.rstrip() for line in lines)
    assert [line for line in lines if line in CHAPTERS.values()] == list(CHAPTERS.values())
    words = " ".join(text.split())
    for statement in STATEMENTS.values():
        row = (
            rf"{re.escape(statement.id)} (holds|open|refuted) (formal|proved|tried|open|refuted) "
            r"[PECSFRM! -]+ 0\.\d"
        )
        assert re.search(f"{row} {re.escape(statement.title)}", words), statement.id


def test_marks_say_what_came_of_each_kind():
    failed = (
        replace(HOLDS, kind="property"),
        replace(HOLDS, kind="exact", witness=WITNESS),
        replace(HOLDS, kind="certified", undecided=1),
    )
    survivor = MutantOutcome("another false claim", None, None)
    row = printed([Result(STATEMENTS["lemma-2.2"], failed, (KILLED, survivor))]).splitlines()[2]
    assert row.split() == ["lemma-2.2", "refuted", "refuted", *"P!?---!", "0.3"]


def test_all_marks_and_words_that_are_used_are_explained():
    text = printed([result(name) for name in STATEMENTS], 200)
    assert list(MARKS) == list(KINDS)
    assert len(set(MARKS.values())) == len(MARKS)
    for name, kind in KINDS.items():
        assert re.search(rf"^  {MARKS[name]}  {name} +{re.escape(kind.meaning)}$", text, re.M)
    for level in ("formal", "proved", "tried", "open"):
        assert re.search(rf"^ +\d+  {level} +\w", text, re.M)
    conjectures = sum(s.kind == "conjecture" for s in STATEMENTS.values())
    false, tried = len(KNOWN_TO_BE_FALSE), len(STATEMENTS)
    assert (
        f"{tried - conjectures - false} holds, {conjectures} open, {false} refuted ({false} known "
        f"to be); {tried - false} of {tried - false} mutants refuted (quick, seed 0)"
    ) in text


def test_what_is_known_to_be_false_is_no_alarm():
    (name, *_) = KNOWN_TO_BE_FALSE
    text = printed([result(name)])
    assert text.splitlines()[2].split()[:3] == [name, "refuted", "refuted"]
    assert f"{STATEMENTS[name].title} (known to be false)" in " ".join(text.split())
    assert "to see it again" not in text
    assert "0 of 0 mutants refuted" in text


def test_what_was_known_to_be_false_and_is_not_refuted_is_one():
    (name, *_) = KNOWN_TO_BE_FALSE
    text = printed([Result(STATEMENTS[name], (HOLDS,))])
    assert f"{name} was known to be false, and no evidence refutes it" in text


def test_details_of_what_is_known_to_be_false_have_what_refutes_it():
    (name, *_) = KNOWN_TO_BE_FALSE
    out = io.StringIO()
    console = Console(width=80, file=out)
    print_checks([result(name)], seed=0, level="quick", detailed=True, console=console)
    assert f"refuted, as was known, by {WITNESS}" in " ".join(out.getvalue().split())


@pytest.mark.parametrize("margins", [False, True])
def test_the_layout_does_not_depend_on_how_fast_the_machine_is(margins):
    fast, slow = (
        printed([result("theorem-2.3", seconds=seconds)], margins=margins)
        for seconds in (0.01, 60.0)
    )
    assert fast != slow
    assert re.sub(r" *\d+\.\d *$", "", fast, flags=re.M) == re.sub(
        r" *\d+\.\d *$", "", slow, flags=re.M
    )
    assert list(map(len, fast.splitlines())) == list(map(len, slow.splitlines()))


def test_margins_print_the_cases_of_each_kind():
    text = printed([result("lemma-2.1")], margins=True)
    title, _, row, *rest = text.splitlines()
    assert title.split() == ["result", "verdict", "established", *KINDS, "s"]
    assert row.split()[:4] == ["lemma-2.1", "holds", "formal", "3"]
    assert any(line.startswith("A margin is a claim's distance from failing") for line in rest)


def test_help_names_every_kind_of_evidence():
    words = " ".join(CliRunner().invoke(app, ["check", "--help"]).stdout.split())
    for kind in KINDS.values():
        assert f"{kind.name}: {kind.meaning}" in words
