"""Running the checks: which there are, and the evidence for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recurate.paper_checks import lemma_2_2, ratio_bound, theorem_2_3, theorem_2_4
from recurate.paper_checks.evidence import Check, Evidence, exact_evidence, property_evidence
from recurate.theory.statement import Statement

CHECKS: dict[str, Check] = {
    module.check.statement.id: module.check
    for module in (ratio_bound, lemma_2_2, theorem_2_3, theorem_2_4)
}
"""Checks by the id of their statement."""

PROPERTY_CASES = 300
EXACT_CASES = 300


@dataclass(frozen=True)
class Result:
    """A statement with the evidence gathered for it.

    Attributes
    ----------
    statement : Statement
        What was checked.
    evidence : tuple of Evidence
        One piece a kind.
    """

    statement: Statement
    evidence: tuple[Evidence, ...]

    @property
    def verdict(self) -> str:
        """Either "holds" (no evidence against it, out of at least one case) or "refuted"."""
        return "holds" if all(e.holds and e.cases for e in self.evidence) else "refuted"


def run_checks(ids: Sequence[str], *, seed: int) -> Iterator[Result]:
    """Gather the evidence for the statements with these ids, one after the other.

    Parameters
    ----------
    ids : sequence of str
        Keys of `CHECKS`.
    seed : int
        Seed of every search.

    Yields
    ------
    Result
    """
    for name in ids:
        check = CHECKS[name]
        yield Result(
            check.statement,
            (
                property_evidence(check, cases=PROPERTY_CASES, seed_value=seed),
                exact_evidence(check, cases=EXACT_CASES, seed_value=seed),
            ),
        )
