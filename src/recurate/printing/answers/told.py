"""What a command tells, whatever shows it: text, a table of columns, and lines under headings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recurate.printing.columns import Column, print_columns
from recurate.printing.words import say, say_under

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Lines:
    """Lines of text; those that are dim explain what stands above them."""

    lines: tuple[str, ...]
    is_dim: bool = False

    @classmethod
    def of(cls, *texts: str, is_dim: bool = False) -> Lines:
        """Return the lines of texts."""
        return cls(tuple(line for text in texts for line in text.split("\n")), is_dim)


@dataclass(frozen=True)
class Columns:
    """A table; the caption says what it shows, where that does not go without saying."""

    columns: tuple[Column, ...]
    caption: str = ""

    @classmethod
    def of(cls, columns: Iterable[Column], caption: str = "") -> Columns:
        """Return the table of these columns."""
        return cls(tuple(columns), caption)


@dataclass(frozen=True)
class Section:
    """Lines under a heading.

    Attributes
    ----------
    heading : str
        The heading.
    lines : tuple of str
        The lines.
    instead_of : str
        The kind of columns in whose place it stands: it is told only where some were left out.
    is_bare : bool
        Whether a terminal sets the lines apart without the heading.
    """

    heading: str
    lines: tuple[str, ...]
    instead_of: str = ""
    is_bare: bool = False

    @classmethod
    def of(
        cls, heading: str, lines: Iterable[str], instead_of: str = "", is_bare: bool = False
    ) -> Section:
        """Return lines under a heading."""
        return cls(heading, tuple(lines), instead_of, is_bare)


Told = Sequence[Lines | Columns | Section]
"""What a command tells, from top to bottom."""


def print_told(told: Told, console: Console) -> None:
    """Print what is told on a terminal: where a table is too wide, without some of its columns."""
    left_out: set[str] = set()
    is_after_section = False
    for part in told:
        if isinstance(part, Columns):
            say(console, "")
            left_out |= print_columns(part.columns, console)
        elif isinstance(part, Lines):
            for line in ("", *part.lines) if is_after_section else part.lines:
                say(console, line, style="dim" if part.is_dim else "")
        elif part.instead_of and part.instead_of not in left_out:
            continue
        elif part.is_bare:
            for line in ("", *part.lines):
                say(console, line)
        else:
            say_under(console, part.heading, part.lines)
        is_after_section = isinstance(part, Section)
