"""The checks, by the id of their statement, in the statements' order."""

from __future__ import annotations

from importlib import import_module

from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.evidence.check import Check
from recurate.theory.catalogue import STATEMENTS
from recurate.theory.statement import Statement


def _check(statement: Statement) -> Check:
    """Return the check in the module of the same chapter and name."""
    module = statement.module.replace("recurate.theory", "recurate.paper_checks")
    check: Check = import_module(module).check
    if check.statement is not statement:
        raise ValueError(f"{module} must check {statement.id}; it checks {check.statement.id}")
    return check


CHECKS: dict[str, Check] = {name: _check(statement) for name, statement in STATEMENTS.items()}
"""Checks by the id of their statement."""

CURATION_CHECKS: dict[str, Check] = {
    name: check for name, check in CHECKS.items() if check.setting.loop_type is CurationLoop
}
"""Those about curated retraining, which a hunt can search."""
