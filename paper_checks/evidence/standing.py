"""How far a statement is established before evidence is gathered: by Rocq, by its proof, or not.

What `recurate check` finds beyond that is in `recurate.paper_checks.runner.Result.established`.
"""

from __future__ import annotations

from recurate.paper_checks.evidence.evidence import (
    ESTABLISHED,
    Established,
    established,
)
from recurate.paper_checks.evidence.kinds import Kind
from recurate.paper_checks.evidence.manifest import (
    StaleManifestError,
    formal_scope,
    formal_theorems,
)
from recurate.paper_checks.evidence.proof_cache import CheckedProof
from recurate.theory.statement import Statement


def standing(statement: Statement, proof: CheckedProof) -> Established:
    """Return how far a statement is established, given what came of checking its proof.

    A manifest of Rocq sources other than those in the checkout counts for nothing.
    """
    holding: set[Kind] = {"property"}  # every statement has a check
    if proof.is_complete:
        holding.add("symbolic")
    if scope_of(statement):
        holding.add("formal")
    return established(
        holding,
        is_conjecture=statement.kind == "conjecture",
        is_refuted=statement.expected == "refuted",
    )


def scope_of(statement: Statement) -> str:
    """Return in words for which laws, K and λ a statement is formal; empty if it is not."""
    try:
        theorems = formal_theorems(statement.id)
    except StaleManifestError:
        return ""
    return formal_scope(theorems) if theorems else ""


def established_in_words(statement: Statement, level: Established, *, is_proved: bool) -> str:
    """Return how far a statement is established, and within which scope, in words.

    Parameters
    ----------
    statement : Statement
        The statement.
    level : str
        How far it is established.
    is_proved : bool
        Whether each step of its symbolic proof verifies, which is about all laws, K and λ.
    """
    if level != "formal":
        return f"{level}: {ESTABLISHED[level]}"
    beyond = "proved" if is_proved else "tried"
    return f"formal {scope_of(statement)}: Rocq's kernel checked it; {beyond} beyond that"
