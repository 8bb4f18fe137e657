"""The checks, by the id of their statement, in the statements' order."""

from __future__ import annotations

from recurate.paper_checks import lemma_2_2, ratio_bound, theorem_2_3, theorem_2_4
from recurate.paper_checks.check import Check
from recurate.theory.catalogue import STATEMENTS

_MODULES = (ratio_bound, lemma_2_2, theorem_2_3, theorem_2_4)

CHECKS: dict[str, Check] = {
    name: module.check
    for name in STATEMENTS
    for module in _MODULES
    if module.check.statement.id == name
}
"""Checks by the id of their statement."""
