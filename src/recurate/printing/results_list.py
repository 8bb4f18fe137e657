"""`recurate list`: the statements, chapter by chapter, for people and programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from recurate.paper_checks.evidence.evidence import ESTABLISHED, Established
from recurate.paper_checks.evidence.standing import scope_of
from recurate.printing.as_json import as_json
from recurate.printing.chapters import by_chapter, titled
from recurate.printing.words import ESTABLISHED_STYLES, say
from recurate.theory.plain_text import in_words
from recurate.theory.source import Source
from recurate.theory.statement import Statement

CLAIMED_BY = {
    "paper": "as the paper states it, whose text was read",
    "reported": "the paper's, as others restate it: its own text was not read",
    "sharpened": "a result of the paper with a better bound",
    "ours": "a result of this project",
    "literature": "another paper's claim, within the setting of this package",
    "conjecture": "not proved",
}
"""Who claims a statement, by its kind."""


def print_list(statements: Iterable[Statement], console: Console) -> None:
    """Print what each statement says, chapter by chapter, beside its id."""
    statements = list(statements)
    indent = 4 + max(len(statement.id) for statement in statements)
    for heading, members in by_chapter(statements, lambda statement: statement):
        say(console, heading, style="bold")
        for statement in members:
            say(
                console,
                titled(statement),
                indent,
                label=Text(f"  {statement.id}".ljust(indent), "bold"),
            )
        say(console, "")
    say(
        console,
        "recurate explain ID shows a statement with its proof, recurate check ID the evidence for "
        "it, recurate list --long hypotheses and claims.",
        style="dim",
    )


def print_long_list(
    statements: Iterable[Statement], levels: Mapping[str, Established], console: Console
) -> None:
    """Print the statements: who claims each, how far it is established, what it says, its source.

    Parameters
    ----------
    statements : iterable of Statement
        What to print.
    levels : mapping
        How far each is established, by its id.
    console : Console
        Where to print.
    """
    found = []
    for heading, members in by_chapter(statements, lambda statement: statement):
        say(console, heading, style="bold")
        say(console, "")
        for statement in members:
            level = levels[statement.id]
            found.append((statement.kind, level))
            kind = f"  {statement.kind}, "
            say(
                console,
                Text.assemble((statement.id, "bold"), kind, (level, ESTABLISHED_STYLES[level])),
            )
            say(console, titled(statement), 2)
            for hypothesis in statement.hypotheses:
                say(console, f"if {hypothesis.text}", 4)
            say(console, f"then {in_words(statement.claim, statement.bound_law)}", 4)
            say(console, str(statement.source), 2, "dim")
            if isinstance(statement.source, Source):
                say(console, statement.source.summary, 4, "dim")
        say(console, "")
    kinds, reached = ({pair[i] for pair in found} for i in (0, 1))
    for words, meanings in ((kinds, CLAIMED_BY), (reached, ESTABLISHED)):
        for word, meaning in meanings.items():
            if word in words:
                say(console, f"{word}: {meaning}", style="dim")


def list_json(statements: Iterable[Statement], levels: Mapping[str, Established]) -> str:
    """Return the statements, and how far each is established, as a JSON list."""
    return as_json(
        [
            {
                "id": statement.id,
                "label": statement.label,
                "title": statement.title,
                "kind": statement.kind,
                "expected": statement.expected,
                **standing_entries(statement, levels[statement.id]),
                "hypotheses": [hypothesis.text for hypothesis in statement.hypotheses],
                "claim": in_words(statement.claim, statement.bound_law),
            }
            for statement in statements
        ]
    )


def standing_entries(statement: Statement, level: Established) -> dict[str, Any]:
    """Return how far a statement is established, and where it is from, for JSON."""
    source = statement.source
    return {
        "established": level,
        "formal_scope": scope_of(statement) or None,
        "source": str(source),
        "provenance": asdict(source) if isinstance(source, Source) else None,
    }
