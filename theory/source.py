"""Where a statement of the paper stands, and whether that text was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Seen = Literal["text", "restated", "words"]

SEEN: dict[Seen, str] = {
    "text": "read in the paper",
    "restated": "not read in the paper; as others restate it",
    "words": (
        "not read in the paper; others restate it in words only, and the formula is from this "
        "project's own notes of the paper"
    ),
}
"""How much of a statement's text was seen."""

_SHORT: dict[Seen, str] = {
    "text": "read in the paper",
    "restated": "restated elsewhere, not read in the paper",
    "words": "restated in words only, not read in the paper; the formula is from notes",
}

RESTATEMENT = (
    "github.com/gabeorosan/value-dynamics, "
    "docs/reports/lit_overoptimization_saturation_2026-07-28.md, section 5.1"
)
"""A review that quotes the update, the lemmas and Theorem 2.1, and sums up Theorems 2.2 to 2.4."""

CO_EVOLVING = "Wei, Xie, Zhu, Zhang 2026, arXiv:2610.09415, equation 3 and definition 2.1"
"""A later paper that takes over the update, the ratio and its limit."""


@dataclass(frozen=True)
class Source:
    """Where a statement stands in a paper, and how much of it was seen.

    Attributes
    ----------
    number : str
        Its number, such as "Theorem 2.3".
    seen : {"text", "restated", "words"}
        How much of its text was seen; see `SEEN`.
    restated_in : tuple of str
        Where others restate it.
    note : str
        How the restatement differs from the statement, if it does.
    place : str
        Where in the paper.
    paper, version : str
        Authors, year and address of the paper, and its version.

    Examples
    --------
    >>> print(Source("Theorem 2.3", seen="words"))
    Ferbach, Bertrand, Bose, Gidel 2024, arXiv:2407.09499v1, section 2, Theorem 2.3
    """

    number: str
    seen: Seen
    restated_in: tuple[str, ...] = (RESTATEMENT,)
    note: str = ""
    place: str = "section 2"
    paper: str = "Ferbach, Bertrand, Bose, Gidel 2024, arXiv:2407.09499"
    version: str = "v1"

    def __str__(self) -> str:
        """Return paper, version, place and number."""
        return f"{self.paper}{self.version}, {self.place}, {self.number}"

    @property
    def summary(self) -> str:
        """How much was seen, in a few words, and where to read more."""
        return f"{_SHORT[self.seen]}: docs/sources.md"

    @property
    def provenance(self) -> str:
        """How much was seen, and where, in words."""
        where = f": {'; '.join(self.restated_in)}" if self.restated_in else ""
        return f"{SEEN[self.seen]}{where}" + (f". {self.note}" if self.note else "")
