"""The float form of every bound against its ball at 400 bits, over the whole range of λ and K.

Both are made of one expression. Ranges: λ from 1e-12 to 1e12 and infinity, K to 1e9 and infinity,
inside each statement's own hypotheses.
"""

import itertools
import math
from fractions import Fraction

import flint
import pytest

from recurate.theory import notation
from recurate.theory.catalogue import STATEMENTS

CANDIDATES = (1, 2, 3, 10, 10**4, 10**9, math.inf)
MIXINGS = (0.0, 1e-12, 1e-9, 1e-4, 0.1, 0.5, 1.0, 7.0, 1e4, 1e12, math.inf)
# The gain by itself: with a mean of one beside it, a lost digit would not show.
MOMENTS = ({"mean_weight": 0.0, "variance_weight": 0.125, "max_weight": 1.0},)

BOUNDED = [name for name, s in STATEMENTS.items() if s.bound is not None]


def instances(statement):
    needed = {
        notation.ARGUMENTS[notation.DERIVED.get(symbol, symbol)]
        for symbol in statement.bound.free_symbols
    }
    for K, lam, moments in itertools.product(CANDIDATES, MIXINGS, MOMENTS):
        values = {"K": K, "lam": lam, **moments}
        if statement.failing_hypothesis(**values) is None:
            yield {name: value for name, value in values.items() if name in needed | {"K", "lam"}}
    if "lam" in needed:  # just inside 1/(K - 1), where Theorem 2.4 and its kin end
        for K in (2, 10, 10**9):
            for share in (0.5, 0.999, 1 - 2.0**-30):
                values = {"K": K, "lam": share / (K - 1), **MOMENTS[0]}
                if statement.failing_hypothesis(**values) is None:
                    yield values


def exact(value):
    return value if value == math.inf else Fraction(value)


@pytest.mark.parametrize("name", BOUNDED)
def test_float_bound_is_within_rounding_of_the_ball(name):
    statement = STATEMENTS[name]
    as_float, as_ball = statement.bound_function(), statement.bound_function("ball")
    tried = 0
    for values in instances(statement):
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
