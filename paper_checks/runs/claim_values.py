"""Values of a statement's own symbolic expressions, in the numbers of a run.

So a claim without a bound is evaluated as it stands in `theory/`, and is not typed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol

from recurate.paper_checks.runs.run import Number, Numbers
from recurate.theory.language import notation
from recurate.theory.language.means import Mean


class Valued(Protocol):
    """A run with one K and one λ, of whatever kind of loop."""

    @property
    def K(self) -> int | float: ...

    @property
    def lam(self) -> Any: ...

    def evaluate(self, expression: Any, **values: Any) -> Number:
        """Return the value of a symbolic expression."""


_PLACES = tuple(sorted(set(notation.ARGUMENTS) - {notation.K, notation.lam, notation.t}, key=str))


def value_of(run: Valued, expression: Any, values: Mapping[Any, Number]) -> Number:
    """Return the value of an expression in a statement's own symbols, such as a side of its claim.

    Parameters
    ----------
    run : Run or RuledRun
        Whose kind of numbers is used, and whose K and λ, unless the values have others.
    expression : sympy expression
        What to evaluate.
    values : mapping
        From symbols, functions and means in it to numbers. They are passed in the places of
        symbols that bounds have; t is put in as it is, so that powers stay rational.
    """
    numbers = {symbol: value for symbol, value in values.items() if symbol != notation.t}
    replaced, names = _in_places(expression, tuple(numbers), values.get(notation.t))
    arguments = {"K": run.K, "lam": run.lam, **dict(zip(names, numbers.values(), strict=True))}
    return run.evaluate(replaced, **arguments)


@cache
def _in_places(
    expression: Any, symbols: tuple[Any, ...], t: int | None
) -> tuple[Any, tuple[str, ...]]:
    own = (notation.K, notation.lam)
    free = (place for place in _PLACES if place not in expression.free_symbols)
    places = {symbol: symbol if symbol in own else next(free) for symbol in symbols}
    replaced = expression.xreplace(places)
    if t is not None:
        replaced = replaced.subs(notation.t, t)
    return replaced, tuple(notation.ARGUMENTS[x] for x in places.values())


def with_means(
    run: Valued,
    expression: Any,
    probs: Numbers,
    drawn: Mapping[Any, Numbers],
    values: Mapping[Any, Number],
) -> Number:
    """Return the value of an expression with means, which are sums over the atoms of a law.

    Parameters
    ----------
    run, expression, values
        As in `value_of`.
    probs : list of numbers, length n
        The law that the means are over; atoms without mass are left out.
    drawn : mapping
        From what is random in the means to its values, one an atom.
    """
    means = {}
    for mean in expression.atoms(Mean):
        total: Number = 0
        for i, mass in enumerate(probs):
            if mass == 0:  # for certain: a ball about zero is not left out
                continue
            at_atom = {x: numbers[i] for x, numbers in drawn.items()}
            total = total + mass * value_of(run, mean.args[0], {**values, **at_atom})
        means[mean] = total
    return value_of(run, expression, {**values, **means})
