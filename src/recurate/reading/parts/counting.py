"""What was noticed in the parts of a table: counted in each, and said once of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from recurate.reading.asked import Asked
from recurate.reading.notices import Notices


@dataclass
class Counts:
    """Numbers that add up over parts.

    Attributes
    ----------
    rows : int
        Candidates, or ratings, before any were left out.
    sentinels, absent : int
        Those whose reward stands for a missing one, or that hold none.
    missing, no_score : dict from str to int
        Rows without a value, by column: left out, or followed without it.
    candidates : int
        Entries of the law.
    footers : dict from str to int
        Parts whose last row is called as one that sums up the others, by what it is called.
    """

    rows: int = 0
    sentinels: int = 0
    absent: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    no_score: dict[str, int] = field(default_factory=dict)
    candidates: int = 0
    footers: dict[str, int] = field(default_factory=dict)

    def add(self, other: Counts) -> None:
        """Add those of more parts."""
        for name, value in vars(other).items():
            if isinstance(value, int):
                setattr(self, name, getattr(self, name) + value)
            else:
                _add(getattr(self, name), value)

    def say(self, said: Notices, asked: Asked, what: str) -> None:
        """Say what was left out; `what` is what the table has in its rows."""
        said.left_out(asked, self.sentinels, self.missing, self.rows, what)
        said.absent(self.absent, self.rows)
        for name, number in self.no_score.items():
            said.missing_score(name, number, self.candidates)
        for label, number in self.footers.items():
            parts = "1 part" if number == 1 else f"{number:,} parts"
            said.say(
                f"the last row of {parts} is called {label!r}, and counts as a sample; --where "
                "leaves it out"
            )


class Counted(Notices):
    """Counts what is left out of some rows; all else it says, or nobody hears it."""

    def __init__(self, name: str, on_note: Callable[[str], None] = lambda text: None) -> None:
        super().__init__(name, on_note)
        self.counts = Counts()

    def left_out(
        self, asked: Asked, sentinels: int, missing: dict[str, int], rows: int, what: str = "row"
    ) -> None:
        """Count rows that are left out."""
        self.counts.rows += rows
        self.counts.sentinels += sentinels
        _add(self.counts.missing, missing)

    def absent(self, count: int, rows: int) -> None:
        """Count rows that hold no candidate."""
        self.counts.absent += count

    def missing_score(self, field: str, missing: int, rows: int, what: str = "row") -> None:
        """Count rows without a value in a column that is followed."""
        if missing:
            _add(self.counts.no_score, {field: missing})

    def prompts(self, *args: Any, **named: Any) -> None:
        """Say nothing: a prompt may have other answers in other parts."""


def _add(numbers: dict[str, int], more: dict[str, int]) -> None:
    for name, number in more.items():
        numbers[name] = numbers.get(name, 0) + number
