"""What Rocq checked of a statement, as it is printed."""

from __future__ import annotations

from recurate.errors import InputError
from recurate.paper_checks.evidence.manifest import (
    FormalTheorem,
    StaleManifestError,
    formal_theorems,
)
from recurate.theory.statement import Statement


def rocq_theorems(statement: Statement) -> tuple[FormalTheorem, ...]:
    """Return what Rocq checked of a statement.

    Raises
    ------
    InputError
        If the manifest is about other Rocq sources than those in the checkout.
    """
    try:
        return formal_theorems(statement.id)
    except StaleManifestError as error:
        raise InputError(f"the formal proofs are {error}") from error


def axioms(theorem: FormalTheorem) -> str:
    """Return the axioms that a theorem in Rocq rests on, in words."""
    return f"axioms: {', '.join(theorem.axioms) or 'none'}"
