"""Convergent series."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.proving import Form, ProofError, Theorem
from recurate.theory.proving.putting_in import put_in
from recurate.theory.proving.signs import is_natural
from recurate.theory.textbook.requiring import require_constant

# Index of a series.
_n = sympy.Symbol("n", integer=True, nonnegative=True)

_x = sympy.Function("x", real=True)(_n)
_sum = sympy.Function("s", real=True)(_n)
_bound = sympy.Symbol("B", real=True)


def _terms_vanish(term: Any, partial_sum: Any, bound: Any, index: Any) -> Form:
    if not is_natural(index):
        raise ProofError(f"{index} has to run over the integers")
    require_constant(bound, index)
    if sympy.sympify(bound).has(sympy.oo, sympy.zoo, sympy.nan):
        raise ProofError(f"{bound} is not a number")
    one_more = put_in(partial_sum, {index: index + 1})
    return Form(
        equal(sympy.Limit(term, index, sympy.oo, "-"), 0),
        {
            "nonnegative": at_least(term, 0),
            "sum": equal(one_more, partial_sum + term),
            "bounded": at_most(partial_sum, bound),
        },
        dict.fromkeys(("nonnegative", "sum", "bounded"), (index,)),
    )


TERMS_VANISH = Theorem(
    name="Terms of a convergent series",
    reference="Rudin, Principles of Mathematical Analysis, theorems 3.23 and 3.24",
    words="A series of nonnegative terms whose partial sums are bounded converges, and the terms "
    "of a convergent series tend to zero.",
    form=_terms_vanish,
    quantities={"term": _x, "partial_sum": _sum, "bound": _bound, "index": _n},
)
