"""The sources of the formal proofs, as text: where they lie, how long they are, and what they name.

Whether they prove anything is for Rocq to say: `make proofs-compare`.
"""

import re
from pathlib import Path

import pytest

from recurate.theory.catalogue import CHAPTERS

PROOFS = Path(__file__).parent.parent / "proofs"
SOURCES = sorted(PROOFS.rglob("*.v"))
COMPATIBILITY = PROOFS / "foundations" / "compatibility.v"
MOST_FILES = 24
MOST_LINES = 300


def lines_of(name):
    lines = (PROOFS / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def code_of(path):
    return re.sub(r"\(\*.*?\*\)", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_sources_lie_in_the_chapters_folders():
    folders = [path.relative_to(PROOFS).parent.as_posix() for path in SOURCES]
    assert set(folders) <= {*CHAPTERS, "sanity"}
    assert not {one: n for one in folders if (n := folders.count(one)) > MOST_FILES}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_sources_are_short_and_say_what_they_are(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < MOST_LINES
    assert text.startswith("(* ")


def test_every_source_is_built_once_and_has_a_name_of_its_own():
    sources = [line for line in lines_of("_CoqProject") if line.endswith(".v")]
    assert sorted(sources) == [path.relative_to(PROOFS).as_posix() for path in SOURCES]
    # theorems.txt and the imports name a source without its folder.
    assert len({path.stem for path in SOURCES}) == len(SOURCES)


def test_foundations_know_no_other_chapter():
    folder = {path.stem: path.parent.name for path in SOURCES}
    for path in SOURCES:
        if path.parent.name == "foundations":
            imports = re.findall(r"From Recurate Require Import ([^.]*)\.", code_of(path))
            assert {folder[stem] for stem in " ".join(imports).split()} <= {"foundations"}, path


def test_every_theorem_is_reported_once_and_lies_where_it_is_said_to():
    reported = [line.split()[1:] for line in lines_of("theorems.txt")]
    assert len({tuple(pair) for pair in reported}) == len(reported)
    found = {
        path.stem: re.findall(r"^(?:Theorem|Lemma) (\w+)", code_of(path), re.M) for path in SOURCES
    }
    assert not [pair for pair in reported if pair[1] not in found.get(pair[0], ())]


def test_notations_for_other_versions_are_used():
    notations = re.findall(r"^Notation (\w+)", code_of(COMPATIBILITY), re.M)
    others = " ".join(code_of(path) for path in SOURCES if path != COMPATIBILITY)
    assert notations
    assert not set(notations) - set(re.findall(r"\w+", others))
