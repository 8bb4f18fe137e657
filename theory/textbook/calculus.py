"""Absolutely continuous functions of a positive variable, and the integrals of their slopes."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.language.notation import tacit
from recurate.theory.proving import Form, ProofError, Theorem
from recurate.theory.proving.putting_in import put_in
from recurate.theory.proving.signs import (
    difference,
    is_plain,
    is_smooth,
    is_strict,
    manifestly_nonnegative,
    require_explicit,
)
from recurate.theory.textbook.integrals import require_variable
from recurate.theory.textbook.requiring import require_finite

_s = sympy.Symbol("s", positive=True)
"""A positive variable."""

_x = sympy.Symbol("x", real=True)
"""A value of f."""


class absolutely_continuous(Binding):
    """That f is absolutely continuous on compact parts of s > 0, with this slope almost everywhere.

    Its arguments are f, the slope and s.
    """

    nargs = 3

    def _sympystr(self, printer: Any) -> str:
        function, slope, variable = (printer._print(argument) for argument in self.args)
        return f"{function} is absolutely continuous in {variable}, with the slope {slope}"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        function, slope, variable = (printer._print(argument) for argument in self.args)
        return rf"\frac{{d}}{{d{variable}}}\left({function}\right)={slope}\ \text{{a.e.}}"


_f, _f_slope, _g, _g_slope, _indicator = (
    sympy.Function(name, real=True)(_s) for name in ("f", "f'", "g", "g'", "1_+")
)


def _limit(function: Any, variable: Any, point: Any) -> Any:
    return sympy.Limit(function, variable, point, "+" if point == 0 else "-")


def _require_constant(variable: Any, *parts: Any) -> None:
    require_variable(variable)
    for part in parts:
        if sympy.sympify(part).has(variable) or variable in tacit(part):
            raise ProofError(f"{part} depends on {variable}")


def _unseen(**claims: Any) -> dict[str, Any]:
    """Return the inequalities whose signs cannot be read off."""
    return {
        name: claim
        for name, claim in claims.items()
        if not manifestly_nonnegative(difference(claim), strictly=is_strict(claim))
    }


def _drawn_signs(density: Any, drawn: Any, *, strictly: bool) -> dict[str, Any]:
    """Return the inequalities about the signs of a draw that have to be known."""
    return _unseen(
        density=at_least(density, 0), drawn=less(0, drawn) if strictly else at_least(drawn, 0)
    )


def _transform_slope(transform: Any, density: Any, drawn: Any, variable: Any) -> Form:
    _require_constant(variable, density, drawn)
    decay = sympy.exp(-variable * drawn)
    signs = _drawn_signs(density, drawn, strictly=False)
    return Form(
        absolutely_continuous(transform, -Mean(density * drawn * decay), variable),
        {"transform": equal(transform, Mean(density * decay)), **signs},
        {"transform": (variable,), **dict.fromkeys(signs, ())},
    )


def _transform_limit(transform: Any, density: Any, drawn: Any, variable: Any, point: Any) -> Form:
    _require_constant(variable, density, drawn)
    if point not in (0, sympy.oo):
        raise ProofError(f"the limit is taken at 0 or at infinity, and not at {point}")
    signs = _drawn_signs(density, drawn, strictly=point != 0)
    return Form(
        equal(_limit(transform, variable, point), Mean(density) if point == 0 else 0),
        {"transform": equal(transform, Mean(density * sympy.exp(-variable * drawn))), **signs},
        {"transform": (variable,), **dict.fromkeys(signs, ())},
    )


_D, _X = sympy.Symbol("D", positive=True), sympy.Symbol("W", positive=True)
_TRANSFORM = {
    "transform": sympy.Function("M", positive=True)(_s),
    "density": _D,
    "drawn": _X,
    "variable": _s,
}

TRANSFORM_SLOPE = Theorem(
    name="Slope of a transform",
    reference="Feller, An Introduction to Probability Theory II, section XIII.2",
    words="The Laplace transform of a nonnegative draw, of a density of finite mean, has "
    "derivatives of all orders at s > 0, and they may be taken under the mean.",
    form=_transform_slope,
    quantities=_TRANSFORM,
)

TRANSFORM_LIMIT = Theorem(
    name="Limits of a transform",
    reference="Feller, An Introduction to Probability Theory II, section XIII.1",
    words="As s falls to 0 the transform tends to the total mass, and as s grows it tends to the "
    "mass of draws of 0, which is zero if all are positive.",
    form=_transform_limit,
    quantities={**_TRANSFORM, "point": sympy.oo},
)


def _chain(function: Any, values: tuple[Any, ...], variable: Any) -> Form:
    """Return the form; `values` has triples of a symbol, its meaning and the slope of that."""
    require_variable(variable)
    symbols = [symbol for symbol, _, _ in values]
    if len({str(symbol) for symbol in (*symbols, variable)}) <= len(symbols):
        raise ProofError(f"{symbols} and {variable} need names of their own")
    require_explicit(function, (variable, *symbols))
    for symbol, value, _ in values:
        if not is_plain(symbol):
            raise ProofError(f"{symbol} must be any real, nonnegative or positive number")
        for kind in ("positive", "nonnegative", "real"):
            if getattr(symbol, f"is_{kind}") and not getattr(value, f"is_{kind}"):
                raise ProofError(f"{symbol} is {kind}, and {value} is not known to be")
    for symbol in (*symbols, variable):
        if not is_smooth(function, symbol):
            raise ProofError(f"{function} is not manifestly smooth in {symbol}")
    put = {symbol: value for symbol, value, _ in values}
    slope = put_in(sympy.diff(function, variable), put)
    for symbol, _, its_slope in values:
        slope += put_in(sympy.diff(function, symbol), put) * its_slope
    return Form(
        absolutely_continuous(put_in(function, put), slope, variable),
        {
            str(symbol): absolutely_continuous(value, its_slope, variable)
            for symbol, value, its_slope in values
        },
        {str(symbol): (variable,) for symbol in symbols},
    )


CHAIN_RULE = Theorem(
    name="Chain rule",
    reference="Rudin, Principles of Mathematical Analysis, theorem 9.15; for absolutely "
    "continuous functions Leoni, A First Course in Sobolev Spaces, chapter 3",
    words="A smooth function of absolutely continuous ones, and of s, is absolutely continuous, "
    "with the slope by the chain rule.",
    form=_chain,
    quantities={"function": _x**2, "values": ((_x, _f, _f_slope),), "variable": _s},
)


def _positive_part(function: Any, slope: Any, indicator: Any, variable: Any) -> Form:
    require_variable(variable)
    premises = {
        "function": absolutely_continuous(function, slope, variable),
        "where one": at_least(indicator * function, 0),
        "where zero": at_most((1 - indicator) * function, 0),
        **_unseen(nonnegative=at_least(indicator, 0), most=at_most(indicator, 1)),
    }
    return Form(
        absolutely_continuous(indicator * function, indicator * slope, variable),
        premises,
        dict.fromkeys(premises, (variable,)),
    )


POSITIVE_PART = Theorem(
    name="Positive part",
    reference="Gilbarg, Trudinger, Elliptic Partial Differential Equations of Second Order, lemma "
    "7.6",
    words="The positive part of an absolutely continuous function is absolutely continuous; its "
    "slope is that of the function where the function is positive, and 0 elsewhere. It is "
    "1_+ f for each 1_+ in [0, 1] with 1_+ f >= 0 >= (1 - 1_+) f: where f is not 0 such a "
    "1_+ is 1 or 0.",
    form=_positive_part,
    quantities={"function": _f, "slope": _f_slope, "indicator": _indicator, "variable": _s},
)


def _fundamental(function: Any, slope: Any, variable: Any, start: Any, end: Any) -> Form:
    require_variable(variable)
    require_finite(start, end)
    return Form(
        equal(sympy.Integral(slope, (variable, 0, sympy.oo)), end - start),
        {
            "function": absolutely_continuous(function, slope, variable),
            "start": equal(_limit(function, variable, 0), start),
            "end": equal(_limit(function, variable, sympy.oo), end),
        },
        {"function": (variable,)},
    )


FUNDAMENTAL_THEOREM = Theorem(
    name="Fundamental theorem of calculus",
    reference="Rudin, Real and Complex Analysis, theorem 7.20",
    words="The integral of an absolutely continuous function's slope is the difference of the "
    "function's limits, if they are finite. It is the limit of integrals over compact parts "
    "of s > 0.",
    form=_fundamental,
    quantities={
        "function": _f,
        "slope": _f_slope,
        "variable": _s,
        "start": sympy.Symbol("f(0)", real=True),
        "end": sympy.Symbol("f(oo)", real=True),
    },
)
