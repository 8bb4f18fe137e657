"""One exact value tells what is not zero, and never denies an identity."""

import pytest
import sympy

from recurate.theory.language.draws import random_weight
from recurate.theory.language.means import Mean, Moment, PowerSum
from recurate.theory.language.notation import K
from recurate.theory.proving.one_point import differs

x, y = sympy.symbols("x y", positive=True)
n = sympy.Symbol("n", integer=True, nonnegative=True)
f = sympy.Function("f")
W = random_weight


@pytest.mark.parametrize(
    "identity",
    [
        (x + y) ** 2 - x**2 - 2 * x * y - y**2,
        1 / x - 1 / (x + y) - y / (x * (x + y)),
        x ** (n + 1) - x * x**n,
        f(1 / (1 + x)) - f((1 - x) / (1 - x**2)),
        Mean(1 / (x * W + x * y)) - Mean(1 / (W + y)) / x,
        Mean(PowerSum(0, 1) / (PowerSum(0, 1) + 1)) + Mean(1 / (PowerSum(0, 1) + 1)) - 1,
        Mean(PowerSum(0, 1) ** 2 / (PowerSum(0, 1) + 1))
        - Mean(PowerSum(0, 1))
        + 1
        - Mean(1 / (PowerSum(0, 1) + 1)),
        Mean(PowerSum(1, 1)) - K * Moment(1, 1),
        Mean(PowerSum(0, 1) ** 2) - K * Moment(0, 2) - K * (K - 1) * Moment(0, 1) ** 2,
    ],
)
def test_identities_are_not_denied(identity):
    assert not differs(identity)


@pytest.mark.parametrize(
    "difference",
    [x - y, 1 / x - 1 / (x + y), f(x) - f(y), Mean(1 / (W + y)) - y, x**n - x ** (n + 1)],
)
def test_what_is_not_zero_is_told(difference):
    assert differs(difference)


@pytest.mark.parametrize(
    "beyond",
    [sympy.log(x), sympy.sqrt(x) - y, sympy.exp(x) - 1, sympy.pi * x, 1 / (x - x * y / y), x**1000],
)
def test_what_has_no_exact_value_is_left_open(beyond):
    assert not differs(beyond)
