"""The kinds of evidence, in one table: what each one means, and how much of it is tried.

This module imports nothing that takes time: `recurate check --help` is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["property", "exact", "certified", "symbolic", "formal", "sampled"]
"""Name of a kind of evidence for a claim."""

Part = Literal["property", "exact", "certified", "symbolic", "formal", "sampled", "mutants"]
"""Name of a part of a result's evidence: of a kind, or of the test of the evidence by mutants."""

Level = Literal["quick", "full"]
"""How much is tried."""


@dataclass(frozen=True)
class KindOfEvidence:
    """A kind of evidence in words and numbers.

    Attributes
    ----------
    name : str
        Its name.
    meaning : str
        What it is, in words that follow "name: ".
    counts : str
        What its number of cases counts.
    cases : mapping
        By the level, how many cases are drawn; empty if none are.
    """

    name: Part
    meaning: str
    counts: str
    cases: Mapping[Level, int] = field(default_factory=dict)


KINDS: dict[Part, KindOfEvidence] = {
    kind.name: kind
    for kind in (
        KindOfEvidence(
            "property",
            "a search for counterexamples in floating point, within the engine's stated error",
            "loops",
            {"quick": 60, "full": 1500},
        ),
        KindOfEvidence(
            "exact",
            "small loops in rational arithmetic, without any rounding",
            "loops",
            {"quick": 300, "full": 4000},
        ),
        KindOfEvidence(
            "certified",
            "loops with irrational weights in ball arithmetic, which encloses every rounding",
            "loops",
            {"quick": 40, "full": 400},
        ),
        KindOfEvidence(
            "symbolic",
            "the steps of a proof, verified by computer algebra or cited from a textbook",
            "steps",
        ),
        KindOfEvidence(
            "formal",
            "theorems that Rocq's kernel checked: finite laws, every t (explain ID: which K, λ)",
            "theorems",
        ),
        KindOfEvidence(
            "sampled",
            "simulated choices, compared with the winner's law at a stated error rate",
            "laws",
            {"quick": 10, "full": 300},
        ),
        KindOfEvidence(
            "mutants",
            "nearby false claims, which the same evidence has to refute",
            "claims",
        ),
    )
}
"""The kinds of evidence in the order in which they are printed; the mutants test all of them."""


@dataclass(frozen=True)
class Effort:
    """How much is tried for each result.

    Attributes
    ----------
    property, exact, certified, sampled : int
        Numbers of cases. Mutants are tried on as many loops as the claim itself.
    uses_cache : bool
        Whether a proof that was verified before, from the same sources, is taken as verified.
    """

    property: int
    exact: int
    certified: int
    sampled: int
    uses_cache: bool


def _effort(level: Level) -> Effort:
    cases = {name: kind.cases[level] for name, kind in KINDS.items() if kind.cases}
    return Effort(**cases, uses_cache=level == "quick")


EFFORTS: dict[Level, Effort] = {"quick": _effort("quick"), "full": _effort("full")}
"""How much each level tries."""
