"""All statements, by id, in reading order."""

from __future__ import annotations

from recurate.theory import lemma_2_2, ratio_bound, theorem_2_3, theorem_2_3_sharp, theorem_2_4
from recurate.theory.statement import Statement

STATEMENTS: dict[str, Statement] = {
    module.statement.id: module.statement
    for module in (ratio_bound, lemma_2_2, theorem_2_3, theorem_2_3_sharp, theorem_2_4)
}
"""Statements by id."""
