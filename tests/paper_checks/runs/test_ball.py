"""NumPy's functions on floats, rationals and balls alike, and the refusal to guess."""

from fractions import Fraction

import flint
import numpy as np
import pytest

from recurate.paper_checks.runs.ball import Ball, NumberArray
from recurate.paper_checks.runs.operands import UndecidedError, arb_of

NUMBERS = [Fraction(1, 3), Fraction(2), Fraction(5, 9)]
OTHERS = [Fraction(1, 2), Fraction(3, 7), Fraction(4, 9)]

FUNCTIONS = {
    "where": lambda x, y: np.where(x > y, x - y, y),
    "where finite": lambda x, y: np.where(np.isfinite(x), x, 0),
    "minimum": np.minimum,
    "maximum": np.maximum,
    "fmin of a number": lambda x, y: np.fmin(x, 1),
    "log1p": lambda x, y: np.log1p(x),
    "expm1": lambda x, y: np.expm1(-y),
    "of one": lambda x, y: np.expm1(x[:1]) + np.log1p(y[:1]) * np.maximum(x[1], y[1]),
    "min": lambda x, y: np.min(x - y),
    "max of columns": lambda x, y: np.max(np.stack([x, y]), axis=0),
    "max of all": lambda x, y: np.max(np.stack([x, y])),
    "log of a chosen one": lambda x, y: np.log(np.where([True, False, True], x, 1)),
    "running": lambda x, y: np.maximum.accumulate(x) - np.cumsum(y),
    "outer": lambda x, y: np.minimum.outer(x, y).sum(axis=1),
    "mean": lambda x, y: np.mean(np.minimum(x, y)) / np.var(x),
    "product": lambda x, y: (x @ np.sqrt(y)) * y,
    "masked": lambda x, y: x[np.isfinite(y) & ~np.isinf(x) & ~np.isnan(y)],
    "into a given array": lambda x, y: np.multiply(x, 2, out=x.copy()),
}


def in_floats(values):
    return np.array([float(value) for value in values])


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("kind", ["rational", "ball"])
def test_functions_agree_with_those_of_floats(name, kind):
    make = NumberArray.of if kind == "rational" else lambda v: NumberArray.of(map(Ball, v))
    function = FUNCTIONS[name]
    expected = np.ravel(function(in_floats(NUMBERS), in_floats(OTHERS)))
    found = np.ravel(function(make(NUMBERS), make(OTHERS)))
    assert found.shape == expected.shape
    for value, number in zip(found, expected, strict=True):
        ball = arb_of(value)
        assert ball.rad() < 1e-12  # a ball about everything would contain all numbers
        assert float(ball.mid()) == pytest.approx(number, rel=1e-14)


def test_rationals_stay_exact():
    x, y = NumberArray.of(NUMBERS), NumberArray.of(OTHERS)
    exact = [Fraction(5, 6), Fraction(2), Fraction(5, 9)]
    assert np.where(x < y, x + y, np.maximum(x, y)).tolist() == exact


@pytest.mark.parametrize("function", [np.isfinite, np.isinf, np.isnan])
def test_predicates_are_arrays_of_bools(function):
    numbers = [0.5, float("inf"), float("-inf")]
    expected = function(np.array(numbers))
    for array in (NumberArray.of(numbers), NumberArray.of(map(Ball, numbers))):
        found = function(array)
        assert found.dtype == bool
        assert found.tolist() == expected.tolist()
        assert [bool(function(ball)) for ball in map(Ball, numbers)] == expected.tolist()
    assert function(NumberArray.of(NUMBERS)).tolist() == function(in_floats(NUMBERS)).tolist()


@pytest.mark.parametrize("function", [np.isfinite, np.isinf, np.isnan])
@pytest.mark.parametrize("quotient", [Ball(1) / Ball(flint.arb(0, 1)), Ball(flint.arb("nan"))])
def test_whether_a_ball_about_everything_is_finite_is_not_guessed(function, quotient):
    for value in (quotient, NumberArray.of([quotient])):
        with pytest.raises(UndecidedError, match="finite is not certain"):
            function(value)


def test_of_overlapping_balls_both_choices_are_kept():
    low, high = Ball(flint.arb(0.5, 0.5)), Ball(flint.arb(1.5, 1))  # [0, 1] and [1/2, 5/2]
    for first, second in ((low, high), (high, low)):
        (least,) = np.minimum(NumberArray.of([first]), second)
        (largest,) = np.maximum(NumberArray.of([first]), second)
        assert all(least.arb.contains(value) for value in (0.1, 0.6, 0.9))
        assert all(largest.arb.contains(value) for value in (0.6, 1.2, 2.4))
        assert not any(ball.arb.contains(value) for ball in (least, largest) for value in (-1, 4))


def test_arrays_made_of_balls_stay_such_arrays():
    x = NumberArray.of(map(Ball, NUMBERS))
    for made in (x + 1, 1 - x, np.float64(2) * x, x[1:], np.diff(x), np.concatenate([x, x])):
        assert isinstance(made, NumberArray)
    # Plain arrays, too, where a ball of its own meets them.
    assert isinstance(np.array([x[0], x[1]], dtype=object) * x[0], NumberArray)
    assert isinstance(np.ones(3) * x[0], NumberArray)
    with pytest.raises(TypeError, match="cannot become a float"):
        np.asarray(np.log1p(x), dtype=float)
