"""K = inf with real data mixed in, for continuous laws of the weight on [0, 1].

Each follows from ∫ p_ref/(1 - z w) = 1 + λ, by one integral. Derivations: docs/mathematics.md,
fixed-point-k-inf and condensation-threshold.
"""

from __future__ import annotations

import sympy

from recurate.theory.closed_forms.closed_form import LAM, LAM_FINITE, LAM_POSITIVE, ClosedForm
from recurate.theory.closed_forms.infinite_candidates import scalar
from recurate.theory.language import *
from recurate.theory.statement import DERIVED_HERE, Hypothesis

shape = sympy.Symbol("k", positive=True)
"""k of the density (k+1)(1-w)^k, which is thin at the top if k is large."""

_LIMIT = f"{DERIVED_HERE}#fixed-point-k-inf"
_ATOM = f"{DERIVED_HERE}#condensation-threshold"
_a, _m, _R = synthetic_fraction, real_fraction, 1 + lam
_SHAPE = Hypothesis("shape", "shape above 0", less(0, shape))
_ABOVE = Hypothesis("lam_above", "lam of at least 1/shape", at_least(lam * shape, 1))
_INSIDE = (
    Hypothesis("weight_positive", "weight above 0", less(0, weight)),
    Hypothesis("weight_below_one", "weight below 1", less(weight, 1)),
)
_SCALAR = Hypothesis("scalar_below_one", "scalar below 1", less(scalar, 1))

ARCSINE_DENSITY = 1 / (sympy.pi * sympy.sqrt(weight * (1 - weight)))
UNIFORM_DENSITY = sympy.S.One
POWER_DENSITY = (shape + 1) * (1 - weight) ** shape

# ∫ p_ref/(1 - z w) = (1 - z)^(-1/2).
ARCSINE_SCALAR = ClosedForm("z of the arcsine law", 1 - _m**2, (LAM,), _LIMIT)
ARCSINE_MEAN_WEIGHT = ClosedForm("mean weight of the arcsine law", 1 / (1 + _m), (LAM,), _LIMIT)

# ∫ p_ref/(1 - z w) = -log(1 - z)/z, so (with y = (z - 1)R) y e^y = -R e^-R, on Lambert's branch 0.
UNIFORM_SCALAR = ClosedForm(
    "z of the uniform law", 1 + sympy.LambertW(-_R * sympy.exp(-_R)) / _R, (LAM, LAM_FINITE), _LIMIT
)
UNIFORM_MEAN_WEIGHT = ClosedForm(
    "mean weight of the uniform law",
    _a / UNIFORM_SCALAR.expression,
    (LAM_POSITIVE, LAM_FINITE),
    _LIMIT,
)

# ∫ p_ref/(1 - z w) = 2F1(1, 1; k + 2; z), (k + 1)/k at z = 1.
POWER_TRANSFORM = ClosedForm(
    "transform of the law with density (k+1)(1-w)^k",
    sympy.hyper((1, 1), (shape + 2,), scalar),
    (_SHAPE, Hypothesis("scalar", "scalar of at least 0", at_least(scalar, 0)), _SCALAR),
    _LIMIT,
    {shape: "shape", scalar: "scalar"},
)
POWER_THRESHOLD = ClosedForm(
    "condensation threshold of the law with density (k+1)(1-w)^k",
    1 / shape,
    (_SHAPE,),
    _ATOM,
    {shape: "shape"},
)
POWER_ATOM = ClosedForm(
    "atom at the top of the law with density (k+1)(1-w)^k",
    _a - _m / shape,
    (_SHAPE, _ABOVE),
    _ATOM,
    {shape: "shape"},
)
POWER_REST = ClosedForm(
    "density below the atom of the law with density (k+1)(1-w)^k",
    _m * (shape + 1) * (1 - weight) ** (shape - 1),
    (_SHAPE, _ABOVE, *_INSIDE),
    _ATOM,
    {shape: "shape", weight: "weight"},
)
POWER_MEAN_WEIGHT = ClosedForm(
    "mean weight of the condensed law with density (k+1)(1-w)^k",
    _a,
    (_SHAPE, _ABOVE),
    _ATOM,
    {shape: "shape"},
)
