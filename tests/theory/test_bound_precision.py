"""The float form of every bound against its ball at 400 bits, over the whole range of λ and K.

Both are made of one expression. Ranges: λ from 1e-12 to 1e12 and infinity, K to 1e9 and infinity,
inside each statement's own hypotheses.
"""

import itertools
import math
from fractions import Fraction

import flint
import pytest
import sympy

from recurate.theory.catalogue import STATEMENTS
from recurate.theory.language import notation

CANDIDATES = (1, 2, 3, 10, 10**4, 10**9, math.inf)
MIXINGS = (0.0, 1e-12, 1e-9, 1e-4, 0.1, 0.5, 1.0, 7.0, 1e4, 1e12, math.inf)
# Moments of the law with mass 1/8 at weight 1 and the rest at 1/4, exact in binary, and constants
# the parametric theorem inside its hypotheses.
LAW = {
    "mean_weight": 0.125 + 0.875 * 0.25,
    "variance_weight": 0.125 * 0.875 * 0.75**2,
    "third_central_moment": 0.125 * 0.875 * 0.75 * 0.75**3,
    "max_weight": 1.0,
    "weight_ratio": 0.25,
    "top_mass": 0.125,
    "curation_gain": 0.0625,
    "total_variation": 0.25,
    "steps": 7,
    "curvature": 0.375,
    "hessian_lipschitz": 0.25,
    "model_error": 0.0625,
    "share": 0.125,
    "reward_gap": 0.5,
    "preference_margin": 0.375,
    "real_rounds": 1.5,
    "choices": 10,
    "atoms": 3,
    "limit_top_mass": 0.375,
}

BOUNDED = [name for name, s in STATEMENTS.items() if s.bound is not None]


def cases(statement):
    """Values of K and λ, and the law; for a gain over the mean also with a mean near 0.

    Beside a mean a lost digit would not show.
    """
    laws = [LAW]
    if sympy.diff(statement.bound, notation.mean_weight) == 1:
        laws.append({**LAW, "mean_weight": 1e-300})
    inside = [(K, share / (K - 1)) for K in (2, 10, 10**9) for share in (0.5, 0.999, 1 - 2.0**-30)]
    for law in laws:
        for K, lam in [*itertools.product(CANDIDATES, MIXINGS), *inside]:
            values = {**law, "K": K, "lam": lam}
            if statement.failing_hypothesis(**values) is None:
                yield values


def exact(value):
    return value if value == math.inf else Fraction(value)


@pytest.mark.parametrize("name", BOUNDED)
def test_float_bound_is_within_rounding_of_the_ball(name):
    statement = STATEMENTS[name]
    as_float, as_ball = statement.bound_function(), statement.bound_function("ball")
    tried = 0
    for values in cases(statement):
        with flint.ctx.workprec(400):
            ball = as_ball(**{key: exact(value) for key, value in values.items()})
        found = float(as_float(**values))
        if not ball.is_finite():
            assert found == math.inf, values
            continue
        middle = float(ball)
        # Near the end of Theorem 2.4's range the bound's argument 1 - x, x = λ(K-1), cancels: the
        # rounding of x, two units in the last place, is then most of the error.
        x = values["lam"] * (values["K"] - 1) if math.isfinite(values["K"]) else math.inf
        rounding = 4e-16 * x / (1 - x) if 0 < x < 1 else 0.0
        assert abs(found - middle) <= 1e-14 * abs(middle) + rounding, values
        tried += 1
    assert tried >= 5
