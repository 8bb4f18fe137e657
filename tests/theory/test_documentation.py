"""docs/mathematics.md has every result, and "derived here" points into it."""

import re
from pathlib import Path

import pytest

from recurate.theory.catalogue import CHAPTERS, STATEMENTS
from recurate.theory.source import SEEN, Source

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "mathematics.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^##+ (.*)$", TEXT, re.MULTILINE)


def anchor(heading):
    """The anchor that a Markdown renderer makes of a heading."""
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def test_every_result_has_a_section_in_reading_order():
    assert [heading for heading in HEADINGS if heading in STATEMENTS] == list(STATEMENTS)
    assert len(set(HEADINGS)) == len(HEADINGS)


def test_sections_stand_in_the_chapters_of_the_theory():
    chapters = {heading: [] for heading in CHAPTERS.values()}
    for level, heading in re.findall(r"^(##+) (.*)$", TEXT, re.MULTILINE):
        if level == "##":
            under = heading
        elif heading in STATEMENTS:
            chapters[under].append(heading)
    assert [heading for heading in HEADINGS if heading in chapters] == list(CHAPTERS.values())
    for name, heading in CHAPTERS.items():
        assert chapters[heading] == [n for n, s in STATEMENTS.items() if s.chapter == name]


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_section_and_the_contents_say_what_the_theory_says(name):
    title = STATEMENTS[name].title
    assert f"\n### {name}\n\n{title}.\n\n" in TEXT
    assert f"\n  - [{name}](#{anchor(name)}): {title}\n" in TEXT


def test_links_lead_somewhere():
    anchors = {anchor(heading) for heading in HEADINGS}
    links = re.findall(r"\]\(#([^)]*)\)", TEXT)
    assert len(links) >= len(STATEMENTS)
    assert set(links) <= anchors


@pytest.mark.parametrize("name", STATEMENTS)
def test_source_is_a_place(name):
    source, kind = STATEMENTS[name].source, STATEMENTS[name].kind
    if isinstance(source, Source):
        if "2407.09499v" in str(source):
            assert kind == ("paper" if source.seen == "text" else "reported")
        else:
            assert kind == "literature"
        # What was not read there has to have been read somewhere.
        assert (source.seen == "text") != bool(source.restated_in)
    else:
        assert source == f"derived here, docs/mathematics.md#{anchor(name)}"
        assert kind not in ("paper", "reported", "literature")


def test_the_page_of_sources_has_what_the_statements_say():
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith("| `")
    ]
    assert rows == [
        [
            f"`{name}`",
            f"{source.place}, {source.number}",
            source.seen,
            "; ".join(source.restated_in),
            source.note,
        ]
        for name, statement in STATEMENTS.items()
        if isinstance(source := statement.source, Source)
    ]
    for seen, words in SEEN.items():
        assert f"- **{seen}**: {words}" in " ".join(page.split())
    for source in (row.source for row in STATEMENTS.values() if isinstance(row.source, Source)):
        assert f"{source.paper}{source.version}" in page


def test_other_statements_used_are_in_the_catalogue():
    for statement in STATEMENTS.values():
        assert set(statement.uses) | set(statement.implies) <= set(STATEMENTS), statement.id
