"""A Gaussian reference, K = inf, the pure loop: p_t ∝ p_0 e^{t r}.

With reward r(x) = b x - c x²/2 (linear for c = 0, concave for c > 0) p_t stays Gaussian. With a
convex reward, c < 0, a step exists only while E_{p_t} e^r is finite, that is while 1 + c v_t > 0,
and p_t while 1 + c t v > 0. Derivations: docs/mathematics.md, closed forms.
"""

from __future__ import annotations

import sympy

from recurate.theory.closed_forms.closed_form import ClosedForm
from recurate.theory.language import *
from recurate.theory.statement import DERIVED_HERE, Hypothesis

mean = sympy.Symbol("mu_0", real=True)
"""Mean of the current (or first) law of x."""

variance = sympy.Symbol("v", positive=True)
"""Variance of the current (or first) law of x."""

slope = sympy.Symbol("b", real=True)
"""b in r(x) = b x - c x²/2."""

curvature = sympy.Symbol("c", real=True)
"""c in r(x) = b x - c x²/2; zero for a linear reward."""

_SOURCE = f"{DERIVED_HERE}#gaussian-reference"
_ARGUMENTS = {
    mean: "mean",
    variance: "variance",
    slope: "slope",
    curvature: "curvature",
    t: "steps",
}
_VARIANCE = Hypothesis("variance", "variance above 0", less(0, variance))
_CURVATURE = Hypothesis("curvature", "a finite curvature", less(curvature, sympy.oo))
_ONCE = Hypothesis(
    "finite_once",
    "a finite E e^r: 1 + curvature variance above 0",
    less(0, 1 + curvature * variance),
)
_STEPS = Hypothesis(
    "steps", "steps an integer of at least 0", sympy.Contains(t, sympy.S.Naturals0, evaluate=False)
)
_EXISTS = Hypothesis(
    "finite_moment",
    "a finite E e^{tr}: 1 + steps curvature variance above 0",
    less(0, 1 + t * curvature * variance),
)


def _form(name: str, expression: sympy.Expr, *domain: Hypothesis) -> ClosedForm:
    used = expression.free_symbols.union(*(h.condition.free_symbols for h in domain))
    arguments = {symbol: name for symbol, name in _ARGUMENTS.items() if symbol in used}
    return ClosedForm(name, expression, domain, _SOURCE, arguments)


_growth = 1 + curvature * variance
_growth_t = 1 + t * curvature * variance

GAUSSIAN_MEAN_STEP = _form(
    "mean after one more step", (mean + slope * variance) / _growth, _VARIANCE, _ONCE
)
GAUSSIAN_VARIANCE_STEP = _form("variance after one more step", variance / _growth, _VARIANCE, _ONCE)
GAUSSIAN_MEAN = _form(
    "mean after t steps", (mean + t * slope * variance) / _growth_t, _VARIANCE, _STEPS, _EXISTS
)
GAUSSIAN_VARIANCE = _form(
    "variance after t steps", variance / _growth_t, _VARIANCE, _STEPS, _EXISTS
)
GAUSSIAN_MEAN_WEIGHT = _form(
    "mean weight under a Gaussian law",
    sympy.exp((slope * mean - curvature * mean**2 / 2 + slope**2 * variance / 2) / _growth)
    / sympy.sqrt(_growth),
    _VARIANCE,
    _ONCE,
)
