"""What quantities have to be for a textbook theorem to speak of them."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.notation import tacit
from recurate.theory.proving.known import ProofError
from recurate.theory.proving.means import is_random


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
