"""What quantities have to be for a textbook theorem to speak of them."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.language.means import is_random
from recurate.theory.language.notation import tacit
from recurate.theory.proving import ProofError


def require_name(name: Any) -> None:
    """Refuse as a name of any vector, set, map or law what is no bare symbol."""
    if not (name.is_Symbol and name.assumptions0 == sympy.Symbol("x").assumptions0):
        raise ProofError(f"{name} has to be a symbol of which nothing is assumed")


def require_constant(value: Any, *variables: Any) -> None:
    """Refuse what is random or depends on one of these variables, shown or not."""
    value = sympy.sympify(value)
    if is_random(value) or {*variables} & (value.free_symbols | tacit(value)):
        raise ProofError(
            f"{value} has to be no random number, and to depend on none of {variables}"
        )


def require_finite(*values: Any) -> None:
    """Refuse what is infinite, or is no number."""
    for value in values:
        if sympy.sympify(value).has(sympy.oo, sympy.zoo, sympy.nan):
            raise ProofError(f"{value} is not finite")


def require_count(number: Any) -> None:
    """Refuse as a number of draws what is no integer: K is one, and so is K - 1."""
    number = sympy.sympify(number)
    if is_random(number) or not (number.is_integer or (number - K).is_integer):
        raise ProofError(f"{number} is not known to be an integer")
