"""The checks, by the id of their statement, in the statements' order."""

from __future__ import annotations

from importlib import import_module

from recurate.paper_checks.check import Check
from recurate.theory.catalogue import STATEMENTS

WITHOUT_NUMBERS = ("theorem-2.2", "theorem-2.2-sharp")
"""Parametric retraining, for which there is a proof but no engine yet."""


def _check(name: str) -> Check:
    """Return the check in the module of the statement's name."""
    module = name.replace("-", "_").replace(".", "_")
    check: Check = import_module(f"recurate.paper_checks.{module}").check
    if check.statement is not STATEMENTS[name]:
        raise ValueError(f"{module} must check {name}; it checks {check.statement.id}")
    return check


CHECKS: dict[str, Check] = {
    name: _check(name) for name in STATEMENTS if name not in WITHOUT_NUMBERS
}
"""Checks by the id of their statement."""
