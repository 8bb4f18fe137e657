"""Mutants: nearby false claims, which the same evidence has to refute."""

from __future__ import annotations

import time
from collections.abc import Iterator

from recurate.paper_checks.evidence.check import Check
from recurate.paper_checks.evidence.evidence import Evidence, MutantOutcome
from recurate.paper_checks.evidence.gathering.exact_and_certified import (
    certified_evidence,
    exact_evidence,
)


def mutant_outcomes(
    check: Check, *, name: str, exact_cases: int, certified_cases: int, seed: int
) -> Iterator[MutantOutcome]:
    """Try to refute each of a check's mutants: in rationals first, then in balls.

    Parameters
    ----------
    check : Check
        Whose mutants.
    name : str
        Name of the check.
    exact_cases, certified_cases : int
        Number of random loops to try at most, as for the claim itself.
    seed : int
        Seed of both.

    Yields
    ------
    MutantOutcome
        One a mutant, in order.
    """
    for number, mutant in enumerate(check.mutants):
        begin = time.perf_counter()
        attempts = _attempts(
            check.mutated(mutant), f"{name}#{number}", exact_cases, certified_cases, seed
        )
        found = next((evidence for evidence in attempts if evidence.witness is not None), None)
        yield MutantOutcome(
            mutant.claim,
            None if found is None else found.witness,
            None if found is None else found.kind,
            time.perf_counter() - begin,
        )


def _attempts(
    check: Check, name: str, exact_cases: int, certified_cases: int, seed: int
) -> Iterator[Evidence]:
    if check.is_exact:
        yield exact_evidence(check, name=name, cases=exact_cases, seed=seed)
    yield certified_evidence(check, name=name, cases=certified_cases, seed=seed)
