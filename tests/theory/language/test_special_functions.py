"""S*(λ, K): its values in floats and in balls, and the functions that bounds are printed with."""

import math
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
import sympy

from recurate.theory.language.compile import compile_expression
from recurate.theory.language.notation import K, lam, max_weight, mean_weight
from recurate.theory.language.special_functions import (
    LogExcess,
    OptimalDivergence,
    log_excess,
    log_excess_ball,
    optimal_divergence,
    optimal_divergence_ball,
)

CANDIDATES = (2, 3, 5, 100, 10**6, 10**9)
SHARES = (1e-12, 1e-6, 0.3, 0.5, 0.9, 0.999)  # of the largest λ, 1/(K-1)


def at_sixty_digits(value, candidates):
    """S* by another method at 60 digits: the series below c = 1/2, the integral by mpmath above."""
    with mpmath.workdps(60):
        value, others = mpmath.mpf(value), candidates - 1
        c = value * candidates / (1 + value)
        if c < 0.5:
            total = mpmath.nsum(lambda j: c**j / (j * (1 + others * j)), [1, mpmath.inf])
        else:
            total = -mpmath.quad(
                lambda v: mpmath.log(1 - c * mpmath.exp(-v)) * mpmath.exp(-v / others) / others,
                [0, 0.01, 1, 5, 30, 60 * others if others < 100 else 150],
            )
        return total - mpmath.log1p(value)


def ball_of(value):
    """A ball that contains a number of 60 digits."""
    with mpmath.workdps(60):
        return flint.arb(mpmath.nstr(value, 50), mpmath.nstr(abs(value) * mpmath.mpf(10) ** -45, 5))


@pytest.mark.parametrize("candidates", CANDIDATES)
@pytest.mark.parametrize("share", SHARES)
def test_float_and_ball_against_sixty_digits(candidates, share):
    value = share / (candidates - 1)
    expected = at_sixty_digits(value, candidates)
    found = optimal_divergence(value, candidates)
    assert abs(found - expected) <= 5e-15 * expected
    ball = optimal_divergence_ball(flint.arb(value), flint.arb(candidates))
    assert ball.overlaps(ball_of(expected))
    assert ball.rad() < 1e-12 * ball


@pytest.mark.parametrize("value", [1e-12, 1e-9, 1e-3, 0.25, 0.5, 0.75, 0.999])
def test_two_candidates_have_a_closed_form(value):
    with mpmath.workdps(60):
        x = mpmath.mpf(value)
        expected = 1 - mpmath.log1p(x) + (1 - x) / (2 * x) * mpmath.log((1 - x) / (1 + x))
        assert abs(optimal_divergence(value, 2) - expected) <= 5e-15 * expected


def test_at_the_largest_mixing():
    # c = 1: digamma(1 + 1/n) + Euler's constant - log(1+λ); 1 - log 2 for K = 2
    assert optimal_divergence(1.0, 2) == pytest.approx(1 - math.log(2), rel=5e-15)
    assert optimal_divergence_ball(flint.arb(1), flint.arb(2)).overlaps(1 - flint.arb(2).log())
    third = flint.arb(1) / 3  # a ball that holds numbers above 1/3 as well
    assert third.rad() > 0
    ball = optimal_divergence_ball(third, flint.arb(4))
    expected = (third + 1).digamma() + flint.arb.const_euler() - (third + 1).log()
    assert ball.overlaps(expected)
    assert ball.rad() < 1e-13
    assert optimal_divergence(1 / 3, 4) == pytest.approx(float(expected.mid()), rel=5e-15)


def test_trivial_loops_and_values_out_of_range():
    assert optimal_divergence(0.0, 5) == 0
    assert optimal_divergence(7.5, 1) == 0
    assert optimal_divergence(0.0, math.inf) == 0
    assert math.isnan(optimal_divergence(0.26, 5))
    assert math.isnan(optimal_divergence(0.1, math.inf))
    assert optimal_divergence_ball(flint.arb(0), flint.arb(5)) == 0
    assert optimal_divergence_ball(flint.arb(7), flint.arb(1)) == 0
    assert not optimal_divergence_ball(flint.arb(0.26), flint.arb(5)).is_finite()


def test_arrays_broadcast():
    values = optimal_divergence(np.array([[0.1], [0.2]]), np.array([2, 3, 4]))
    assert values.shape == (2, 3)
    assert values[1, 2] == optimal_divergence(0.2, 4)
    assert np.all(np.diff(values) > 0)  # more candidates, more divergence


def test_far_below_the_papers_bound():
    values = np.linspace(0.01, 0.99, 99)
    assert np.all(optimal_divergence(values, 2) < -np.log1p(-values) / 4)


def test_integral_and_series_say_the_same():
    value = OptimalDivergence(sympy.Rational(1, 2), 2)
    by_integral = value.rewrite(sympy.Integral).doit()
    closed = 1 - sympy.log(sympy.Rational(3, 2)) - sympy.log(3) / 2
    assert sympy.simplify(by_integral - closed) == 0
    by_series = value.rewrite(sympy.Sum).doit()
    assert sympy.N(by_series - closed, 40) == pytest.approx(0, abs=1e-30)


@pytest.mark.parametrize("x", [-1 + 1e-12, -0.9, -0.5, -0.3, -1e-9, 0.0, 1e-20, 1e-9, 0.5, 0.6, 9])
def test_log_excess(x):
    with mpmath.workdps(60):
        expected = mpmath.mpf(x) - mpmath.log1p(mpmath.mpf(x))
        assert abs(log_excess(x) - expected) <= 1e-15 * expected
    ball = log_excess_ball(flint.arb(x))
    assert ball.overlaps(ball_of(expected))
    assert ball.rad() <= 1e-13 * abs(ball) or expected == 0
    y = sympy.Symbol("y", positive=True)
    assert sympy.expand_func(LogExcess(y)) == y - sympy.log(1 + y)
    assert sympy.simplify(sympy.diff(LogExcess(y), y) - (1 - 1 / (1 + y))) == 0


def test_printers_know_it():
    bound = OptimalDivergence(lam, K)
    floats = compile_expression(bound, "float")(lam=np.array([0.1, 0.5]), K=2)
    assert floats[1] == optimal_divergence(0.5, 2)
    ball = compile_expression(bound, "ball")(lam=Fraction(1, 2), K=2)
    assert ball.overlaps(1 - flint.arb(1.5).log() - flint.arb(3).log() / 2)
    with pytest.raises(ValueError, match="not a rational function"):
        compile_expression(bound, "rational")


def test_powers_near_one_keep_their_digits():
    highest = (1 - (1 - mean_weight / max_weight) ** K) * max_weight / mean_weight
    floats = compile_expression(highest, "float")
    # K = 3: 3 - 3θ + θ^2
    assert floats(mean_weight=1e-10, max_weight=1.0, K=3) == pytest.approx(3 - 3e-10, rel=4e-16)
    assert floats(mean_weight=0.25, max_weight=1.0, K=math.inf) == 4
    assert floats(mean_weight=1.0, max_weight=1.0, K=5) == 1
    exact = compile_expression(highest, "rational")
    assert exact(mean_weight=Fraction(1, 4), max_weight=1, K=2) == Fraction(7, 4)
    assert exact(mean_weight=Fraction(1, 4), max_weight=1, K=math.inf) == Fraction(4)
    with pytest.raises(ValueError, match="integer"):
        exact(mean_weight=Fraction(1, 4), max_weight=1, K=Fraction(3, 2))
    ball = compile_expression(highest, "ball")(mean_weight=Fraction(1, 4), max_weight=1, K=2)
    assert ball.contains(flint.arb(1.75))
