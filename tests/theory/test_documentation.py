"""docs/mathematics.md has every result, and "derived here" points into it."""

import re
from pathlib import Path

import pytest

from recurate.theory.catalogue import STATEMENTS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "mathematics.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^## (.*)$", TEXT, re.MULTILINE)


def anchor(heading):
    """The anchor that a Markdown renderer makes of a heading."""
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def test_every_result_has_a_section_in_reading_order():
    assert [heading for heading in HEADINGS if heading in STATEMENTS] == list(STATEMENTS)
    assert len(set(HEADINGS)) == len(HEADINGS)


def test_links_lead_somewhere():
    anchors = {anchor(heading) for heading in HEADINGS}
    links = re.findall(r"\]\(#([^)]*)\)", TEXT)
    assert len(links) >= len(STATEMENTS)
    assert set(links) <= anchors


@pytest.mark.parametrize("name", STATEMENTS)
def test_source_is_a_place(name):
    source = STATEMENTS[name].source
    match = re.search(r"docs/mathematics\.md#([a-z0-9-]+)", source)
    if match is None:
        assert "2407.09499" in source
        assert STATEMENTS[name].kind == "paper"
    else:
        assert match.group(1) == anchor(name)


def test_other_statements_used_are_in_the_catalogue():
    for statement in STATEMENTS.values():
        assert set(statement.uses) <= set(STATEMENTS), statement.id
