"""Claims, unevaluated: each is to be checked, not decided by computer algebra."""

from __future__ import annotations

from typing import Any

import sympy


def equal(left: Any, right: Any) -> Any:
    """Return the equation left = right."""
    return sympy.Eq(left, right, evaluate=False)


def at_least(left: Any, right: Any) -> Any:
    """Return the inequality left >= right."""
    return sympy.Ge(left, right, evaluate=False)


def at_most(left: Any, right: Any) -> Any:
    """Return the inequality left <= right."""
    return sympy.Le(left, right, evaluate=False)


def less(left: Any, right: Any) -> Any:
    """Return the inequality left < right."""
    return sympy.Lt(left, right, evaluate=False)


def implies(premise: Any, conclusion: Any) -> Any:
    """Return the implication from one claim to another."""
    return sympy.Implies(premise, conclusion, evaluate=False)
