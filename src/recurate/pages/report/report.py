"""The pages of the report, as texts by their paths in its folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from recurate.numerics.text import shortened
from recurate.pages.page import rendered
from recurate.pages.report import glossary
from recurate.pages.report.entry import Entry, counts_of, theorems_of
from recurate.pages.report.graph import MARKS, Graph, graph_of, graph_picture
from recurate.pages.report.margins import (
    SHADES,
    margins_picture,
    other_ranges,
    place_in_words,
)
from recurate.pages.report.paths import path_of
from recurate.paper_checks.evidence.evidence import ESTABLISHED, VERDICTS, Established
from recurate.paper_checks.evidence.kinds import KINDS
from recurate.paper_checks.evidence.manifest import read_manifest
from recurate.paper_checks.evidence.proof_cache import CheckedProof, checked
from recurate.paper_checks.evidence.standing import standing
from recurate.printing.chapters import by_chapter
from recurate.printing.checks import complaints, totals
from recurate.printing.explanation import ways_to_alter, without_steps
from recurate.printing.margins import margin_in_words
from recurate.printing.results_as_json import false_alarm_rate
from recurate.printing.results_list import CLAIMED_BY
from recurate.theory.catalogue import STATEMENTS
from recurate.theory.statement import Statement

if TYPE_CHECKING:
    from recurate.paper_checks.runner import Result

_TONES = {
    "formal": "formal",
    "proved": "good",
    "tried": "fair",
    "open": "fair",
    "refuted": "bad",
}
"""Classes of colours, by how far a result is established."""

_SHADES = ("≤ 0", *(f"≤ {name}" for _, name in SHADES[1:]), f"> {SHADES[-1][1]}")


@dataclass(frozen=True)
class Report:
    """What is the same on all pages of a report, or on the one page of a result.

    Attributes
    ----------
    entries : tuple of Entry
        The results.
    command : str
        The command that makes it.
    level, seed : str, int or None
        Level and seed of the check; None if there was none.
    is_whole : bool
        Whether it is a folder with an index, and no page by itself.
    root : str
        The way from a page to the folder.
    """

    entries: tuple[Entry, ...]
    command: str
    level: str | None = None
    seed: int | None = None
    is_whole: bool = True
    root: str = ""
    graph: Graph = field(default_factory=Graph)

    def href(self, name: str) -> str | None:
        """Return where the page of a result is, if there is one."""
        is_there = self.is_whole and any(entry.id == name for entry in self.entries)
        return f"{self.root}{path_of(name)}" if is_there else None

    def citation(self, name: str, theorem: str) -> str | None:
        """Return where a result's proof cites a theorem, if the result has a page."""
        page = self.href(name)
        places = next((entry.places for entry in self.entries if entry.id == name), {})
        return f"{page}#{places[theorem]}" if page and theorem in places else None

    def unproved(self, name: str) -> list[str]:
        """Return what a proof rests on, directly or not, that is not proved."""
        proved = ("formal", "proved")
        return [
            one for one in self.graph.rests_on(name) if self.graph.nodes[one].standing not in proved
        ]

    @cached_property
    def context(self) -> dict[str, Any]:
        """What all templates of the report may use."""
        return {
            "report": self,
            "graph": self.graph,
            "glossary": glossary.glossary(),
            "anchor": glossary.anchor,
            "verdicts": VERDICTS,
            "levels": ESTABLISHED,
            "kinds": KINDS,
            "tones": _TONES,
        }

    def page(self, template: str, **context: Any) -> str:
        """Return one of its pages."""
        return rendered(
            f"report/{template}",
            styles=("report.css",),
            scripts=("page.js", "report.js"),
            **self.context,
            **context,
        )


def report_pages(
    results: Sequence[Result], *, seed: int, level: str, command: str
) -> Iterator[tuple[str, str]]:
    """Yield the pages of a report: the path of each in its folder, and its text.

    Parameters
    ----------
    results : sequence of Result
        What came of the check.
    seed, level : int, str
        Of the check.
    command : str
        The command that makes the report.
    """
    entries = tuple(Entry.of(result.statement, result) for result in results)
    graph = _graph(entries, {entry.id: path_of(entry.id) for entry in entries})
    top = Report(entries, command, level, seed, graph=graph)
    yield "index.html", _index(top, results)
    theorems = {name: theorems_of(one) for name, one in _with_used(entries).items()}
    yield (
        "graph.html",
        top.page(
            "graph.html", here="graph", picture=graph_picture(graph), marks=MARKS, theorems=theorems
        ),
    )
    below = Report(entries, command, level, seed, root="../", graph=graph)
    names = [entry.id for entry in entries]
    for n, entry in enumerate(entries):
        before, after = names[n - 1] if n else None, names[n + 1] if n + 1 < len(names) else None
        yield path_of(entry.id), _result(below, entry, before, after)


def explained(statement: Statement, proof: CheckedProof) -> str:
    """Return the page of one result by itself, without evidence."""
    entry = Entry(statement, proof)
    command = f"recurate explain {statement.id} --html FILE"
    report = Report((entry,), command, is_whole=False, graph=_graph((entry,), {}))
    return _result(report, entry, None, None)


def _index(report: Report, results: Sequence[Result]) -> str:
    levels = [entry.established for entry in report.entries]
    rate = false_alarm_rate(results)
    return report.page(
        "index.html",
        here="index",
        entries=report.entries,
        chapters=list(by_chapter(report.entries, lambda entry: entry.statement)),
        totals=f"{totals(results)}.",
        wrong=[(result.statement.id, lines) for result in results if (lines := _wrong(result))],
        shortened=shortened,
        standings={level: levels.count(level) for level in ESTABLISHED if level in levels},
        found_verdicts=[v for v in VERDICTS if any(e.verdict == v for e in report.entries)],
        false_alarms=f"{rate:g}" if rate else "",
    )


def _wrong(result: Result) -> str:
    """Return what is wrong with a result, in lines; nothing if all is right."""
    return "\n".join(complaints(result))


def _result(report: Report, entry: Entry, before: str | None, after: str | None) -> str:
    return report.page(
        "result.html",
        here="result",
        entry=entry,
        before=before,
        after=after,
        checker=read_manifest().checker if entry.theorems else "",
        claimed_by=CLAIMED_BY,
        counts_of=counts_of,
        margin_in_words=margin_in_words,
        margins_picture=margins_picture,
        other_ranges=other_ranges,
        place_in_words=place_in_words,
        shades=_SHADES,
        shortened=shortened,
        ways_to_alter=ways_to_alter,
        without_steps=without_steps,
    )


def _with_used(entries: Iterable[Entry]) -> dict[str, Statement]:
    """Return the statements of some results, and all that these use, in reading order."""
    found = {entry.id: entry.statement for entry in entries}
    waiting = list(found.values())
    while waiting:
        for name in waiting.pop().uses:
            if name not in found:
                found[name] = STATEMENTS[name]
                waiting.append(STATEMENTS[name])
    return {name: found[name] for name in sorted(found, key=[*STATEMENTS, *found].index)}


def _graph(entries: Sequence[Entry], hrefs: dict[str, str]) -> Graph:
    statements = _with_used(entries)
    standings: dict[str, Established] = {entry.id: entry.established for entry in entries}
    for name, one in statements.items():
        if name not in standings:
            standings[name] = standing(one, checked(one))
    return graph_of(statements.values(), standings, hrefs)
