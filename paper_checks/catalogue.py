"""The checks, by the id of their statement, in the statements' order."""

from __future__ import annotations

from importlib import import_module

from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.check import Check
from recurate.theory.catalogue import STATEMENTS


def _check(name: str) -> Check:
    """Return the check in the module of the statement's name."""
    module = name.replace("-", "_").replace(".", "_")
    check: Check = import_module(f"recurate.paper_checks.{module}").check
    if check.statement is not STATEMENTS[name]:
        raise ValueError(f"{module} must check {name}; it checks {check.statement.id}")
    return check


CHECKS: dict[str, Check] = {name: _check(name) for name in STATEMENTS}
"""Checks by the id of their statement."""

CURATION_CHECKS: dict[str, Check] = {
    name: check for name, check in CHECKS.items() if check.setting.loop_type is CurationLoop
}
"""Those about curated retraining, which a hunt can search."""
