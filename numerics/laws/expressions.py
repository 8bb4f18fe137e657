"""Laws and numbers as Python expressions that make them again."""

from __future__ import annotations

import ast
import math
from collections.abc import Hashable
from typing import TYPE_CHECKING

import numpy as np

from recurate.numerics.validation import SUM_TOLERANCE, FloatArray, probability_vector

if TYPE_CHECKING:
    from recurate.numerics.laws.reward_law import RewardLaw

MOST_ATOMS = 12
"""Largest number of atoms that a law prints one by one."""


def law_expression(law: RewardLaw) -> str:
    """Return the expression that makes a law, with short probabilities if they suffice."""
    rewards, probs = law.rewards.tolist(), _reproducing(law)
    shares = "" if probs is None else f", {probs.tolist()}"
    index, names = law.group_index, law.group_names
    groups = "" if index is None else f", groups={[names[i] for i in index]}"
    columns = {name: column.tolist() for name, column in law.scores.items()}
    scores = f", scores={columns}" if columns else ""
    return f"RewardLaw({rewards}{shares}{groups}{scores})"


def can_be_pasted(law: RewardLaw) -> bool:
    """Return whether a law is small and plain, and its labels print as Python literals."""
    is_plain = law.prompt_index is None and law.size <= MOST_ATOMS
    is_scored = all(
        np.isfinite(column).all() for column in law.scores.values()
    )  # nan is no literal
    return is_plain and is_scored and all(map(_is_literal, law.group_names))


def number_expression(number: float) -> str:
    """Return a number as Python: a whole one without a point, infinity as a call of ``float``."""
    if math.isinf(number):
        return f"float('{number}')"
    return str(int(number)) if number % 1 == 0 and abs(number) < 1e15 else repr(number)


def _reproducing(law: RewardLaw) -> FloatArray | None:
    """Return probabilities that become the law's when normalised; None if it needs none given."""
    given = law.probs if law.given_probs is None else law.given_probs
    for probs in (np.array([float(f"{p:.12g}") for p in law.probs]), given):
        is_one = abs(probs.sum() - 1.0) < SUM_TOLERANCE
        if is_one and np.array_equal(probability_vector(probs, "probs", law.size), law.probs):
            return probs
    return None if law.is_uniform and law.given_probs is None else given


def _is_literal(label: Hashable) -> bool:
    try:
        return bool(ast.literal_eval(repr(label)) == label)
    except (ValueError, SyntaxError, TypeError):
        return False
