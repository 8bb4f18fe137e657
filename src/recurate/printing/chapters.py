"""Results sorted by chapter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import TypeVar

from recurate.theory.catalogue import CHAPTERS
from recurate.theory.statement import Statement

T = TypeVar("T")


def by_chapter(
    results: Iterable[T], statement_of: Callable[[T], Statement]
) -> Iterator[tuple[str, list[T]]]:
    """Yield each chapter's heading with its results, which come in reading order."""
    for chapter, members in groupby(results, lambda result: statement_of(result).chapter):
        yield CHAPTERS.get(chapter, "Other claims"), list(members)


def titled(statement: Statement) -> str:
    """Return what a statement says, and whether that is known to be false."""
    return statement.title + (" (known to be false)" if statement.expected == "refuted" else "")
