"""A closed form: an expression, its arguments, and its domain."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from numbers import Integral, Rational, Real
from typing import Any

import mpmath  # type: ignore[import-untyped, unused-ignore]
import sympy

from recurate.theory.language import *
from recurate.theory.language import notation
from recurate.theory.language.compile import Kind, compile_expression
from recurate.theory.statement import Hypothesis

LAM = Hypothesis("lam", "lam of at least 0", at_least(notation.lam, 0))
LAM_POSITIVE = Hypothesis("lam_positive", "lam above 0", less(0, notation.lam))
LAM_FINITE = Hypothesis("lam_finite", "a finite lam", less(notation.lam, sympy.oo))
CANDIDATES = Hypothesis(
    "candidates",
    "K an integer of at least 1",
    sympy.Contains(notation.K, sympy.S.Naturals, evaluate=False),
)
RATIO_POSITIVE = Hypothesis(
    "ratio_positive", "weight_ratio above 0", less(0, notation.weight_ratio)
)
RATIO_BELOW_ONE = Hypothesis(
    "ratio_below_one", "weight_ratio below 1", less(notation.weight_ratio, 1)
)
TOP_MASS_POSITIVE = Hypothesis("mass_positive", "top_mass above 0", less(0, notation.top_mass))
TOP_MASS = Hypothesis("mass", "top_mass of at most 1", at_most(notation.top_mass, 1))
TWO_POINTS = (RATIO_POSITIVE, RATIO_BELOW_ONE, TOP_MASS_POSITIVE, TOP_MASS)


@dataclass(frozen=True)
class ClosedForm:
    """A quantity of the loop in closed form.

    Attributes
    ----------
    name : str
        Name for messages.
    expression : sympy expression
        In the symbols of `recurate.theory.language` and those of `arguments`. The bounds of a sum
        in it are integers when values are put in.
    domain : tuple of Hypothesis
        Where the form holds; each text reads well after "needs".
    source : str
        Where the form comes from.
    arguments : mapping
        Further symbols, with the keyword for each.

    Examples
    --------
    >>> from recurate.theory.closed_forms import UNIFORM_MEAN_WEIGHT, TWO_POINT_LIMIT_K_2
    >>> TWO_POINT_LIMIT_K_2.rational(weight_ratio=0.5, top_mass=Fraction(1, 3), lam=2)
    Fraction(1, 2)
    >>> round(UNIFORM_MEAN_WEIGHT(lam=1), 12)
    0.627500487458
    """

    name: str
    expression: Any
    domain: tuple[Hypothesis, ...]
    source: str
    arguments: Mapping[Any, str] = field(default_factory=dict)

    def exact(self, **values: Any) -> Any:
        """Return the value as a sympy number, with nothing rounded.

        Parameters
        ----------
        **values : int, Fraction or float
            By keyword. A float counts as the dyadic rational that it is.

        Raises
        ------
        ValueError
            Outside the domain, naming what was found and what is allowed.
        TypeError
            If a value is missing, unknown or not a real number.
        """
        return self.expression.subs(self._by_symbol(values)).replace(sympy.Sum, _written_out)

    def rational(self, **values: Any) -> Fraction:
        """Return the value as a Fraction.

        Raises
        ------
        ValueError
            Outside the domain, or if the value is not rational there.
        TypeError
            If a value is missing, unknown or not a real number.
        """
        value = self.exact(**values)
        if not value.is_Rational:
            raise ValueError(f"{self.name} must be rational here to be a Fraction; got {value}")
        return Fraction(int(value.p), int(value.q))

    def __call__(self, **values: Any) -> float:
        """Return the value as a float, rounded once.

        Raises
        ------
        ValueError, TypeError
            As for `exact`.
        """
        given = self._by_symbol(values)
        expression = self.expression.replace(sympy.Sum, partial(_summed, given))
        return float(sympy.N(expression.subs(given), 20))

    def _by_symbol(self, values: Mapping[str, Any]) -> dict[Any, Any]:
        """Return checked values by symbol, derived ones included."""
        given = values_in_domain(self.name, self.domain, self._keywords(), values)
        derived = {
            symbol: _derived(symbol, given[base])
            for symbol, base in notation.DERIVED.items()
            if base in given
        }
        return {**given, **derived}

    def compiled(self, kind: Kind = "float") -> Callable[..., Any]:
        """Return the form as a function of arrays, rationals or balls, if it is rational.

        The roots in other forms cancel, and compiled code would lose digits without notice.

        Raises
        ------
        ValueError
            If the form is not a rational function of the arguments that statements have. The
            function raises it outside the domain.
        """
        if self.arguments or not self.expression.is_rational_function():
            raise ValueError(
                f"{self.name} must be a rational function of the arguments of statements to be "
                f"compiled; got {self.expression}"
            )
        compute = compile_expression(self.expression, kind)

        def function(**values: Any) -> Any:
            for hypothesis in self.domain:
                if not hypothesis.holds(kind, **values):
                    raise ValueError(_outside(self.name, hypothesis, values))
            return compute(**values)

        return function

    def _keywords(self) -> dict[str, Any]:
        occurring = set(self.expression.free_symbols).union(
            *(hypothesis.condition.free_symbols for hypothesis in self.domain)
        )
        keywords = {**notation.ARGUMENTS, **self.arguments}
        bases = {notation.DERIVED.get(symbol, symbol) for symbol in occurring}
        return {keywords[base]: base for base in bases}


def values_in_domain(
    name: str,
    domain: tuple[Hypothesis, ...],
    keywords: Mapping[str, Any],
    values: Mapping[str, Any],
) -> dict[Any, Any]:
    """Return values by symbol, exactly, having checked that they are in a domain.

    Parameters
    ----------
    name : str
        Name of the form, for messages.
    domain : tuple of Hypothesis
        Conditions on the symbols.
    keywords : mapping
        The symbol of each keyword.
    values : mapping
        A number for each keyword.

    Raises
    ------
    ValueError
        Outside the domain, naming what was found and what is allowed.
    TypeError
        If a value is missing, unknown or not a real number.
    """
    missing, unknown = sorted(keywords.keys() - values), sorted(values.keys() - keywords)
    if missing:
        raise TypeError(f"{name}: missing values: {', '.join(missing)}")
    if unknown:
        raise TypeError(
            f"{name} takes {', '.join(sorted(keywords))}; got also {', '.join(unknown)}"
        )
    given = {keywords[key]: exact_number(key, value) for key, value in values.items()}
    for hypothesis in domain:
        if not bool(hypothesis.condition.subs(given)):
            raise ValueError(_outside(name, hypothesis, values))
    return given


def _outside(name: str, hypothesis: Hypothesis, values: Mapping[str, Any]) -> str:
    found = ", ".join(f"{key} = {value}" for key, value in values.items())
    return f"{name} needs {hypothesis.text}; got {found}"


def exact_number(name: str, value: Any) -> Any:
    """Return a number as a sympy rational or infinity, exactly.

    Raises
    ------
    TypeError
        If the value is not a real number.
    ValueError
        If the value is NaN.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be an integer, a Fraction or a float; got {value!r}")
    if isinstance(value, Integral):
        return sympy.Integer(int(value))
    if isinstance(value, Rational):
        return sympy.Rational(int(value.numerator), int(value.denominator))
    if math.isnan(value):
        raise ValueError(f"{name} must be a number; got {value!r}")
    if math.isinf(value):
        return sympy.oo if float(value) > 0 else -sympy.oo
    return sympy.Rational(float(value))


def _derived(symbol: Any, base: Any) -> Any:
    if symbol == notation.inverse_candidates:
        return 1 / base
    infinite = base == sympy.oo
    real = sympy.S.Zero if infinite else 1 / (1 + base)
    return real if symbol == notation.real_fraction else 1 - real


def _written_out(term: Any, limits: Any) -> Any:
    """Return a finite sum term by term: SymPy's own doit looks for closed forms of long sums."""
    index, first, last = limits
    return sympy.Add(*(term.subs(index, i) for i in range(int(first), int(last) + 1)))


def _summed(values: Mapping[Any, Any], term: Any, limits: Any) -> Any:
    """Return a finite sum of terms of one sign to 40 digits; exact sums would grow too long."""
    index, first, last = limits
    symbols = sorted(term.free_symbols - {index}, key=str)
    compute = sympy.lambdify([index, *symbols], term, "mpmath")
    indices = range(int(first.subs(values)), int(last.subs(values)) + 1)
    with mpmath.workdps(50):
        numbers = [mpmath.mpf(int(values[x].p)) / int(values[x].q) for x in symbols]
        return sympy.Float(mpmath.fsum(compute(i, *numbers) for i in indices), 40)
