"""Parametric retraining without curation: exponential families, and a logistic location model.

θ_{t+1} maximises E_data log p_θ + λ E_{p_{θ_t}} log p_θ. Derivations: docs/mathematics.md,
theorem-2.2 and theorem-2.2-sharp.
"""

from __future__ import annotations

import sympy

from recurate.theory.closed_forms.closed_form import LAM, ClosedForm
from recurate.theory.language import *
from recurate.theory.statement import DERIVED_HERE, Hypothesis

statistic = sympy.Symbol("eta_0", real=True)
"""Mean of a sufficient statistic under the model that retraining starts from."""

data_statistic = sympy.Symbol("eta", real=True)
"""Mean of the sufficient statistic under the data."""

spread = sympy.Symbol("y", positive=True)
"""y of the data ½(δ_{log y} + δ_{-log y})."""

_SOURCE = f"{DERIVED_HERE}#theorem-22"
_a, _m = synthetic_fraction, real_fraction
_STEPS = Hypothesis(
    "steps", "steps an integer of at least 0", sympy.Contains(t, sympy.S.Naturals0, evaluate=False)
)
_SPREAD = Hypothesis("spread", "spread of at least 1", at_least(spread, 1))
_SPREAD_FINITE = Hypothesis("spread_finite", "a finite spread", less(spread, sympy.oo))

EXPONENTIAL_FAMILY_RATE = ClosedForm(
    "rate of retraining an exponential family", synthetic_fraction, (LAM,), _SOURCE
)
EXPONENTIAL_FAMILY_STATISTIC = ClosedForm(
    "mean of a sufficient statistic after t retrainings",
    data_statistic + _a**t * (statistic - data_statistic),
    (LAM, _STEPS),
    _SOURCE,
    {data_statistic: "data_statistic", statistic: "statistic", t: "steps"},
)

# Logistic location model at θ* = 0. The Hessian is -2 σ(1-σ) at x, so the data's curvature A is
# 2y/(1+y)², the model's own (Fisher information) is 1/3, and |d/dx 2σ(1-σ)| <= 1/(3 sqrt 3).
LOGISTIC_FISHER = sympy.Rational(1, 3)
LOGISTIC_LIPSCHITZ = 1 / (3 * sympy.sqrt(3))
LOGISTIC_CURVATURE = ClosedForm(
    "curvature of the logistic model",
    2 * spread / (1 + spread) ** 2,
    (_SPREAD, _SPREAD_FINITE),
    _SOURCE,
    {spread: "spread"},
)
# E| |X| - log y | for a logistic X: mirror images are coupled with one another.
LOGISTIC_ERROR = ClosedForm(
    "Wasserstein distance of the logistic model",
    2 * sympy.log(2) - sympy.log(spread) + 2 * sympy.log((1 + spread) ** 2 / (4 * spread)),
    (_SPREAD, _SPREAD_FINITE),
    _SOURCE,
    {spread: "spread"},
)
LOGISTIC_RATE = ClosedForm(
    "rate of retraining the logistic model",
    _a * LOGISTIC_FISHER / (_m * LOGISTIC_CURVATURE.expression + _a * LOGISTIC_FISHER),
    (LAM, _SPREAD, _SPREAD_FINITE),
    _SOURCE,
    {spread: "spread"},
)
