"""Closed forms outside their domains, and in other number systems."""

import math
from fractions import Fraction

import numpy as np
import pytest

from recurate.theory import closed_forms as forms

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
TWO = {"weight_ratio": HALF, "top_mass": THIRD}


@pytest.mark.parametrize(
    ("form", "values", "message"),
    [
        (
            forms.TWO_POINT_LIMIT_K_2,
            {**TWO, "weight_ratio": 1.5, "lam": 1},
            "K = 2 needs weight_ratio below 1; got weight_ratio = 1.5",
        ),
        (
            forms.TWO_POINT_LIMIT_K_3,
            {**TWO, "weight_ratio": 0, "lam": 1},
            "needs weight_ratio above 0",
        ),
        (
            forms.TWO_POINT_LIMIT_K_INF,
            {**TWO, "lam": -1},
            "needs lam of at least 0; got .*lam = -1",
        ),
        (forms.TWO_POINT_LIMIT_K_2, {**TWO, "top_mass": 0, "lam": 1}, "needs top_mass above 0"),
        (
            forms.TWO_POINT_LIMIT_K_2,
            {**TWO, "top_mass": 1.5, "lam": 1},
            "needs top_mass of at most 1",
        ),
        (
            forms.RATIO_AT_TOP,
            {"K": 2.5, "mass": 0.1, "weight_ratio": 0.5},
            r"needs K an integer of at least 1; got K = 2\.5",
        ),
        (forms.RATIO_AT_TOP, {"K": math.inf, "mass": 0.1, "weight_ratio": 0.5}, "got K = inf"),
        (forms.RATIO_AT_TOP, {"K": 0, "mass": 0.1, "weight_ratio": 0.5}, "got K = 0"),
        (forms.RATIO_AT_BOTTOM, {"K": 2, "mass": -0.1, "weight_ratio": 0.5}, "mass of at least 0"),
        (forms.RATIO_AT_BOTTOM, {"K": 2, "mass": 1.1, "weight_ratio": 0.5}, "mass of at most 1"),
        (
            forms.POWER_ATOM,
            {"shape": 1, "lam": 0.5},
            "needs lam of at least 1/shape; got shape = 1",
        ),
        (forms.POWER_THRESHOLD, {"shape": 0}, "needs shape above 0; got shape = 0"),
        (forms.POWER_TRANSFORM, {"shape": 1, "scalar": 1}, "needs scalar below 1"),
        (forms.POWER_REST, {"shape": 1, "lam": 2, "weight": 1}, "needs weight below 1"),
        (forms.UNIFORM_SCALAR, {"lam": math.inf}, "needs a finite lam; got lam = inf"),
        (forms.UNIFORM_MEAN_WEIGHT, {"lam": 0}, "needs lam above 0"),
        (forms.ARCSINE_SCALAR, {"lam": math.nan}, "lam must be a number; got nan"),
        (
            forms.GAUSSIAN_VARIANCE_STEP,
            {"variance": 1, "curvature": -1},
            r"needs a finite E e\^r: 1 \+ curvature variance above 0; got variance = 1",
        ),
        (
            forms.GAUSSIAN_VARIANCE,
            {"variance": 1, "curvature": -0.5, "steps": 2},
            r"finite E e\^\{tr\}",
        ),
        (
            forms.GAUSSIAN_VARIANCE,
            {"variance": 1, "curvature": 1, "steps": 0.5},
            "steps an integer",
        ),
        (forms.GAUSSIAN_VARIANCE, {"variance": 0, "curvature": 1, "steps": 1}, "variance above 0"),
        (forms.LOGISTIC_ERROR, {"spread": 0.5}, "needs spread of at least 1; got spread = 0.5"),
    ],
)
def test_outside_the_domain(form, values, message):
    with pytest.raises(ValueError, match=message):
        form(**values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "missing values: lam"),
        ({"lam": 1, "K": 2}, "takes lam; got also K"),
        ({"lam": True}, "lam must be an integer, a Fraction or a float; got True"),
        ({"lam": "1"}, "got '1'"),
    ],
)
def test_values_of_the_wrong_kind(values, message):
    with pytest.raises(TypeError, match=message):
        forms.ARCSINE_SCALAR(**values)


@pytest.mark.parametrize(
    ("weights", "masses", "mixing", "message"),
    [
        ([1, 2], [HALF, THIRD], 1, "with the sum 1 exactly; got .* with the sum 5/6"),
        ([1, 2], [Fraction(3, 2), -HALF], 1, "probabilities must be at least 0"),
        ([1, 1], [HALF, HALF], 1, "weights must be distinct, positive and finite"),
        ([0, 1], [HALF, HALF], 1, "weights must be distinct, positive and finite"),
        ([1, math.inf], [HALF, HALF], 1, "weights must be distinct, positive and finite"),
        ([1], [HALF, HALF], 1, "must be equal in number, and at least one; got 1 and 2"),
        ([], [], 1, "got 0 and 0"),
        ([1, 2], [HALF, HALF], -1, "lam must be finite and at least 0; got -1"),
        ([1, 2], [HALF, HALF], math.inf, "lam must be finite and at least 0; got inf"),
    ],
)
def test_laws_that_are_none(weights, masses, mixing, message):
    with pytest.raises(ValueError, match=message):
        forms.discrete_limit(weights, masses, lam=mixing)


def test_polynomial_needs_an_integer():
    for wrong in (0, 2.5, True, math.inf):
        with pytest.raises(ValueError, match="K must be an integer of at least 1 here; got"):
            forms.fixed_point_polynomial(wrong)


def test_limit_needs_its_domain():
    with pytest.raises(ValueError, match="limit of a two-point law needs K an integer"):
        forms.two_point_limit(K=math.inf, lam=1, **TWO)


def test_irrational_value_is_no_fraction():
    with pytest.raises(ValueError, match="must be rational here to be a Fraction; got"):
        forms.UNIFORM_SCALAR.rational(lam=1)


def test_compiled_forms():
    mixing = np.array([0.0, 1.0, 2.0, math.inf])
    values = forms.ARCSINE_MEAN_WEIGHT.compiled()(lam=mixing)
    assert values == pytest.approx([1 / 2, 2 / 3, 3 / 4, 1], rel=1e-15)
    exact = forms.ARCSINE_MEAN_WEIGHT.compiled("rational")(lam=Fraction(1, 2))
    assert exact == Fraction(3, 5)
    ball = forms.EXPONENTIAL_FAMILY_RATE.compiled("ball")(lam=2)
    assert abs(float(ball.mid()) - 2 / 3) < 1e-15
    with pytest.raises(ValueError, match="arcsine law needs lam of at least 0"):
        forms.ARCSINE_MEAN_WEIGHT.compiled()(lam=np.array([1.0, -1.0]))
    for form in (forms.UNIFORM_SCALAR, forms.TWO_POINT_LIMIT_K_2, forms.POWER_ATOM):
        with pytest.raises(ValueError, match="must be a rational function of the arguments"):
            form.compiled()
