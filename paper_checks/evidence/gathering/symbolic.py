"""Symbolic evidence: the steps of the statement's proof, verified by computer algebra."""

from __future__ import annotations

import time

from recurate.paper_checks.evidence.evidence import Evidence
from recurate.paper_checks.evidence.proof_cache import checked
from recurate.theory.statement import Statement


def symbolic_evidence(statement: Statement, *, use_cache: bool = True) -> Evidence | None:
    """Verify the statement's proof, or read what came of it when its sources were the same.

    Parameters
    ----------
    statement : Statement
        What to prove.
    use_cache : bool
        Whether a verification of the same sources may be read from the cache.

    Returns
    -------
    Evidence or None
        None if there is no proof, as for a conjecture.
    """
    begin = time.perf_counter()
    proof = checked(statement, use_cache=use_cache)
    if not proof.steps:
        return None
    verified, cited = proof.count("verified"), proof.count("cited")
    failed = [step for step in proof.steps if step.state == "failed"]
    return Evidence(
        kind="symbolic",
        cases=len(proof.steps),
        seconds=time.perf_counter() - begin,
        tried=f"for all laws, K and λ: {verified} steps verified, {cited} cited"
        + (", from cache" * proof.from_cache),
        allowance="none, since formulas are exact",
        nontrivial=verified,
        cause="; ".join(f"{step.label}: {step.reason}" for step in failed),
    )
