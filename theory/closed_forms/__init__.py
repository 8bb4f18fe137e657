"""Closed forms of the loop, one file per family of laws, each with its domain of validity."""

from __future__ import annotations

from recurate.theory.closed_forms.closed_form import ClosedForm
from recurate.theory.closed_forms.gaussian import (
    GAUSSIAN_MEAN,
    GAUSSIAN_MEAN_STEP,
    GAUSSIAN_MEAN_WEIGHT,
    GAUSSIAN_VARIANCE,
    GAUSSIAN_VARIANCE_STEP,
)
from recurate.theory.closed_forms.infinite_candidates import (
    condensation_integral,
    discrete_limit,
    self_consistency,
    transform,
)
from recurate.theory.closed_forms.retraining import (
    EXPONENTIAL_FAMILY_RATE,
    EXPONENTIAL_FAMILY_STATISTIC,
    LOGISTIC_CURVATURE,
    LOGISTIC_ERROR,
    LOGISTIC_FISHER,
    LOGISTIC_LIPSCHITZ,
    LOGISTIC_RATE,
)
from recurate.theory.closed_forms.two_points import (
    RATIO_AT_BOTTOM,
    RATIO_AT_TOP,
    TWO_POINT_LIMIT_K_2,
    TWO_POINT_LIMIT_K_3,
    TWO_POINT_LIMIT_K_INF,
    TWO_POINT_STEP,
    TWO_POINT_STEP_K_INF,
    fixed_point_polynomial,
    two_point_limit,
)
from recurate.theory.closed_forms.weight_laws import (
    ARCSINE_DENSITY,
    ARCSINE_MEAN_WEIGHT,
    ARCSINE_SCALAR,
    POWER_ATOM,
    POWER_DENSITY,
    POWER_MEAN_WEIGHT,
    POWER_REST,
    POWER_THRESHOLD,
    POWER_TRANSFORM,
    UNIFORM_DENSITY,
    UNIFORM_MEAN_WEIGHT,
    UNIFORM_SCALAR,
)

__all__ = [
    "ARCSINE_DENSITY", "ARCSINE_MEAN_WEIGHT", "ARCSINE_SCALAR", "EXPONENTIAL_FAMILY_RATE",
    "EXPONENTIAL_FAMILY_STATISTIC", "GAUSSIAN_MEAN", "GAUSSIAN_MEAN_STEP",
    "GAUSSIAN_MEAN_WEIGHT", "GAUSSIAN_VARIANCE", "GAUSSIAN_VARIANCE_STEP", "LOGISTIC_CURVATURE",
    "LOGISTIC_ERROR", "LOGISTIC_FISHER", "LOGISTIC_LIPSCHITZ", "LOGISTIC_RATE", "POWER_ATOM",
    "POWER_DENSITY", "POWER_MEAN_WEIGHT", "POWER_REST", "POWER_THRESHOLD", "POWER_TRANSFORM",
    "RATIO_AT_BOTTOM", "RATIO_AT_TOP", "TWO_POINT_LIMIT_K_2", "TWO_POINT_LIMIT_K_3",
    "TWO_POINT_LIMIT_K_INF", "TWO_POINT_STEP", "TWO_POINT_STEP_K_INF", "UNIFORM_DENSITY",
    "UNIFORM_MEAN_WEIGHT", "UNIFORM_SCALAR", "ClosedForm", "condensation_integral",
    "discrete_limit", "fixed_point_polynomial", "self_consistency", "transform",
    "two_point_limit",
]  # fmt: skip
