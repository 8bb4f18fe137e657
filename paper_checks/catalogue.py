"""The checks, by the id of their statement, in the statements' order."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from recurate.paper_checks.evidence.check import Check
from recurate.paper_checks.runs.setting import CurationSetting
from recurate.theory.catalogue import STATEMENTS, unknown_id
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
    name: check for name, check in CHECKS.items() if isinstance(check.setting, CurationSetting)
}
"""Those about Bradley–Terry's choice with one K and one λ, which a hunt can search."""


def check_of(name: str, among: Mapping[str, Check] = CHECKS) -> Check:
    """Return the check of a result by its id, such as "lemma-2.2", or of its mutant "lemma-2.2#0".

    Parameters
    ----------
    name : str
        The id; a mutant's number follows it after #.
    among : mapping
        The checks that are allowed.

    Raises
    ------
    ValueError
        If there is no such result or mutant among these.
    """
    statement, hash_sign, number = name.partition("#")
    if statement not in among:
        raise unknown_id(name, among)
    check = among[statement]
    if not hash_sign:
        return check
    if not number.isdecimal() or int(number) >= len(check.mutants):
        last = f"{statement}#{len(check.mutants) - 1}"
        raise ValueError(f"{statement} has the mutants {statement}#0 to {last}; got {name!r}")
    return check.mutated(check.mutants[int(number)])
