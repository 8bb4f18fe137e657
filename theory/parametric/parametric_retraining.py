"""Retraining in a parametric family, near its best model: what Theorem 2.2 and its sharper form
share.

The update maximises E_data log p_θ' + λ E_{p_θ} log p_θ' over θ', and θ* maximises E_data log p_θ.
Along a unit vector v, c(x) is minus the second derivative of log p_θ*(x). A and B, minus the mean
Hessians under the data and under the model p_θ*, have v'Av = E c(X_data) and v'Bv = E c(X_model).
"""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.proving import Cited, Combination, Sign, Step, StrictCombination
from recurate.theory.statement import Hypothesis
from recurate.theory.textbook.families import (
    DIVERGENCE_EXPANSION,
    INFORMATION_IDENTITY,
    KANTOROVICH_RUBINSTEIN,
    curvature_along,
    divergence_from_best,
    drawn_point,
    point_distance,
    score_along,
    smooth_family,
    wasserstein,
)
from recurate.theory.textbook.local_iteration import (
    IMPLICIT_FUNCTION,
    LINEAR_CONVERGENCE,
    RAYLEIGH_QUOTIENT,
    ROOTS_OF_ORDER,
    has_jacobian,
    iterates,
    of_order,
    parameter_error,
    root_rate,
    solves_equation,
    spectral_radius,
)

DEFECT = hessian_lipschitz * model_error  # L ε

_v = sympy.Symbol("v")
"""Any unit vector of parameters."""

_x = sympy.Symbol("x")
"""A point."""

_other = sympy.Symbol("x'")
"""Another point."""

_model = sympy.Symbol("p_theta*")
"""Law of the best model, p_θ*."""

_data = sympy.Symbol("p_data")
"""Law of the data."""

_update = sympy.Symbol("R")
"""The map from θ_t to θ_{t+1} by one retraining."""

DIVERGENCE_RATE = sympy.Symbol("r_KL", nonnegative=True)
"""Limit superior of KL(p_θ*|p_θt)^(1/2t): KL is at most (r_KL + ε)^2t in the end, for any ε > 0."""

_data_curvature = Mean(curvature_along(_v, drawn_point(_data)))  # v'Av
_model_curvature = Mean(curvature_along(_v, drawn_point(_model)))  # v'Bv
_fisher = Mean(score_along(_v, drawn_point(_model)) ** 2)

INNER, OUTER = -(_data_curvature + lam * _model_curvature), lam * _fisher
"""Slopes along v of the update's equation: in the new parameters, and in the old ones."""

_slopes = (_update, INNER, OUTER, _v)
_error, _divergence = parameter_error(t), divergence_from_best(t)
_root = sympy.sqrt(_divergence)

LAW = "over a point drawn from the best model p_θ*, or from the data, as its index says"

HYPOTHESES = (
    Hypothesis(
        "parametric",
        "parametric retraining without curation, λ synthetic samples per real one",
        carried_by=("update", "family"),
    ),
    Hypothesis(
        "lipschitz",
        "the Hessian in θ of log p_θ(x) is L-Lipschitz in x near θ*",
        carried_by=("lipschitz",),
    ),
    Hypothesis(
        "curved",
        "minus its mean under the data is at least α times the identity at θ*",
        carried_by=("curved",),
    ),
    Hypothesis("close", "W1(p_θ*, p_data) <= ε", carried_by=("close",)),
    Hypothesis(
        "near",
        "the loop starts near enough to θ* (the statement is local)",
        carried_by=("near",),
    ),
)

SUPPOSED = {
    # The update solves E_data grad log p_θ' + λ E_{p_θ} grad log p_θ' = 0.
    "update": solves_equation(*_slopes),
    "family": smooth_family(_model),
    "lipschitz": at_most(
        curvature_along(_v, _x) - curvature_along(_v, _other),
        hessian_lipschitz * point_distance(_x, _other),
    ),
    "curved": at_least(_data_curvature, curvature),
    "close": at_most(wasserstein(_model, _data), model_error),
    "near": iterates(_error, _update, t),
    "r_KL": equal(DIVERGENCE_RATE, root_rate(_root, t)),
}
"""What both start from; the last is what r_KL is."""

GENERAL = {"update": (_v,), "lipschitz": (_v, _x, _other), "curved": (_v,)}
"""All of it is supposed for every direction and for every two points."""

LOCAL = (
    Step(
        "duality",
        at_most(_model_curvature - _data_curvature, hessian_lipschitz * wasserstein(_model, _data)),
        "v'Bv and v'Av are the means of one L-Lipschitz function of x, minus v'Hess v, under the "
        "model and under the data: they differ by at most L W1.",
        Cited(
            KANTOROVICH_RUBINSTEIN,
            {
                "function": curvature_along(_v, _x),
                "point": _x,
                "other": _other,
                "constant": hessian_lipschitz,
                "first": _model,
                "second": _data,
            },
            {"lipschitz": "lipschitz"},
        ),
    ),
    Step(
        "curvatures",
        at_most(_model_curvature, _data_curvature + DEFECT),
        "So v'Bv is at most v'Av + Lε.",
        Combination({"duality": 1, "close": hessian_lipschitz}),
    ),
    Step(
        "information",
        equal(_fisher, _model_curvature),
        "v'Bv is also the mean square of the score along v under the model.",
        Cited(INFORMATION_IDENTITY, {"model": _model, "direction": _v}, {"family": "family"}),
    ),
    Step("square", at_least(_fisher, 0), "So it is nonnegative.", Sign()),
    Step("positive", less(0, curvature), "Now α is positive.", Sign()),
    Step(
        "definite",
        less(INNER, 0),
        "The update solves E_data grad log p_θ' + λ E_{p_θ} grad log p_θ' = 0. Its derivative in "
        "θ' is -(A + λB) at θ*, negative along every v.",
        StrictCombination(
            Combination({"curved": 1, "positive": 1, "information": -lam, "square": lam}),
            strict="positive",
        ),
    ),
    Step(
        "Jacobian",
        has_jacobian(*_slopes),
        "Its derivative in θ is λ times the mean of the score's square, λB. So the update's "
        "Jacobian at θ* is J = (A + λB)^{-1} λB.",
        Cited(
            IMPLICIT_FUNCTION,
            {"update": _update, "inner": INNER, "outer": OUTER, "direction": _v},
            {"equation": "update", "definite": "definite"},
        ),
    ),
    Step("lower", at_least(OUTER, 0), "No eigenvalue of it is negative.", Sign()),
)
"""From the update's equation to its Jacobian."""


def convergence(rate: Any, claim: Any, *, given: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """Return the steps from "upper" and "below one", rate < 1, to the claim on the divergence.

    `given` says that what the bound divides by differs from zero.
    """
    return (
        Step(
            "radius",
            at_most(spectral_radius(_update), rate),
            "So all eigenvalues of J are between 0 and that rate.",
            Cited(
                RAYLEIGH_QUOTIENT,
                {
                    "update": _update,
                    "inner": INNER,
                    "outer": OUTER,
                    "direction": _v,
                    "rate": rate,
                },
                {
                    "jacobian": "Jacobian",
                    "definite": "definite",
                    "lower": "lower",
                    "upper": "upper",
                },
            ),
        ),
        Step(
            "parameters",
            at_most(root_rate(_error, t), rate),
            "The rate is below 1, so |θ_t - θ*|^(1/t) has a limit superior of at most the rate, "
            "from any start near θ*.",
            Cited(
                LINEAR_CONVERGENCE,
                {"update": _update, "error": _error, "index": t, "rate": rate},
                {"iteration": "near", "radius": "radius", "below one": "below one"},
            ),
        ),
        Step(
            "expansion",
            of_order(_root, _error, t),
            "KL(p_θ*|p_θ) is (θ-θ*)'B(θ-θ*)/2 up to smaller terms, so at most a constant times "
            "|θ-θ*|^2.",
            Cited(
                DIVERGENCE_EXPANSION,
                {"model": _model, "index": t, "rate": rate},
                {"family": "family", "converges": "parameters", "below one": "below one"},
            ),
        ),
        Step(
            "divergence",
            at_most(root_rate(_root, t), root_rate(_error, t)),
            "The t-th root of a constant tends to 1.",
            Cited(
                ROOTS_OF_ORDER,
                {"smaller": _root, "larger": _error, "index": t},
                {"order": "expansion"},
            ),
        ),
        Step(
            "claim",
            claim,
            "So r_KL, the limit superior of KL^(1/2t), is at most the rate.",
            Combination({"divergence": 1, "parameters": 1, "r_KL": -1}, given=given),
        ),
    )
