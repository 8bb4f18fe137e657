"""What a textbook theorem requires of its quantities."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.language.means import is_random
from recurate.theory.language.notation import tacit
from recurate.theory.proving import ProofError


def require_name(name: Any) -> None:
    """Refuse anything but a bare symbol as the name of any vector, set, map or law."""
    if not (name.is_Symbol and name.assumptions0 == sympy.Symbol("x").assumptions0):
        raise ProofError(f"{name} has to be a symbol without assumptions")


def require_constant(value: Any, *variables: Any) -> None:
    """Refuse a value that is random, or that depends on one of these variables, shown or not."""
    value = sympy.sympify(value)
    if is_random(value) or {*variables} & (value.free_symbols | tacit(value)):
        raise ProofError(f"{value} must not be random, and must not depend on any of {variables}")


def require_finite(*values: Any) -> None:
    """Refuse values that are infinite or not numbers."""
    for value in values:
        if sympy.sympify(value).has(sympy.oo, sympy.zoo, sympy.nan):
            raise ProofError(f"{value} is not finite")


def require_count(number: Any) -> None:
    """Refuse a number of draws that is not a known integer; K is one, and so is K - 1."""
    number = sympy.sympify(number)
    if is_random(number) or not (number.is_integer or (number - K).is_integer):
        raise ProofError(f"{number} is not known to be an integer")
