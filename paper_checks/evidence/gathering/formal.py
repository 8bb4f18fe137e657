"""Formal evidence: the theorems that Rocq's kernel and its checker have accepted."""

from __future__ import annotations

import time

from recurate.paper_checks.evidence.evidence import Evidence
from recurate.paper_checks.evidence.manifest import formal_scope, formal_theorems, read_manifest
from recurate.theory.statement import Statement


def formal_evidence(statement: Statement) -> Evidence:
    """Return what the manifest of formal proofs says about a statement.

    Nothing is proved here: `make proofs` does that, and writes the manifest.

    Parameters
    ----------
    statement : Statement
        What is proved.

    Raises
    ------
    StaleManifestError
        If the sources in the checkout are not those that were checked.
    """
    begin = time.perf_counter()
    theorems = formal_theorems(statement.id)
    axioms = sorted({axiom for theorem in theorems for axiom in theorem.axioms})
    scope = f"{formal_scope(theorems)}, at every t: " if theorems else ""
    names = ", ".join(f"{theorem.theorem} (proofs/{theorem.file})" for theorem in theorems)
    return Evidence(
        kind="formal",
        cases=len(theorems),
        seconds=time.perf_counter() - begin,
        tried=f"{scope}{names}: {read_manifest().checker}; axioms: {', '.join(axioms) or 'none'}",
        allowance="none, since the statements are exact",
        nontrivial=len(theorems),
    )
