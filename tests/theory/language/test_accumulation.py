"""The product over rounds in which data accumulate, against Γ functions and as exact rationals."""

import math
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
import sympy

from recurate.theory.catalogue import STATEMENTS
from recurate.theory.language import notation
from recurate.theory.language.accumulation import (
    AccumulationProduct,
    accumulation_product,
    accumulation_product_ball,
)

KAPPAS = (0.0, 1e-9, 0.3, 0.5, 0.99, 1.0)
ROUNDS = (1e-6, 0.1, 1.0, 3.0, 1e4, 1e9)
STEPS = (0, 1, 2, 10, 1000, 10**6, 10**12)


def by_gamma(kappa, rounds, t):
    """Γ(ν+t+1-κ) Γ(ν+1)/(Γ(ν+1-κ) Γ(ν+t+1)), by mpmath at 60 digits."""
    with mpmath.workdps(60):
        kappa, rounds = mpmath.mpf(kappa), mpmath.mpf(rounds)
        parts = (rounds + t + 1 - kappa, rounds + 1, rounds + 1 - kappa, rounds + t + 1)
        one, two, three, four = map(mpmath.loggamma, parts)
        return mpmath.exp(one + two - three - four)


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("kappa", KAPPAS)
def test_floats_are_as_near_as_they_say(kappa, rounds):
    for t in STEPS:
        expected = by_gamma(kappa, rounds, t)
        found = accumulation_product(kappa, rounds, float(t))
        allowed = 4e-15 * (1 + kappa * math.log(rounds + t + 1)) / min(1.0, 1.0 - kappa + rounds)
        assert abs(found - expected) <= allowed * expected, t


def test_balls_contain_the_product_and_are_narrow():
    for kappa in KAPPAS:
        for rounds in ROUNDS:
            for t in STEPS:
                with flint.ctx.workprec(200):
                    given = flint.arb(kappa), flint.arb(rounds), flint.arb(t)
                    ball = accumulation_product_ball(*given)
                    expected = flint.arb(mpmath.nstr(by_gamma(kappa, rounds, t), 50))
                    assert abs(ball - expected) < 1e-35 * expected
                    assert ball.rad() < 1e-35 * ball


def test_the_product_written_out_is_the_product():
    kappa, rounds = Fraction(2, 7), Fraction(3, 5)
    written = sympy.expand_func(AccumulationProduct(sympy.Rational(2, 7), sympy.Rational(3, 5), 4))
    factors = [1 - kappa / (rounds + s + 1) for s in range(4)]
    assert written == sympy.Rational(math.prod(factors))
    assert accumulation_product(2 / 7, 3 / 5, 4) == pytest.approx(float(math.prod(factors)))


def test_the_recursion_of_the_proof():
    kappa, rounds = sympy.symbols("kappa nu", positive=True)
    t = notation.t
    following = AccumulationProduct(kappa, rounds, t + 1)
    before = AccumulationProduct(kappa, rounds, t)
    assert sympy.expand_func(following) == before * (1 - kappa / (rounds + t + 1))
    assert sympy.expand_func(before) == before  # t may be 0


def test_arrays_broadcast():
    found = accumulation_product(np.array([0.1, 0.5]), 1.0, np.arange(4.0)[:, None])
    assert found.shape == (4, 2)
    assert (found[0] == 1.0).all()
    assert (np.diff(found, axis=0) < 0).all()


def test_as_many_real_data_as_a_round_adds():
    # Γ(t+2-κ)/(Γ(2-κ) Γ(t+2)), the remark's form for n_0 = n, and (1-q) times it is the bound.
    # κ = q(c-1)/(1 + q(c-1)) with q = 1/2, ρ = 1/3, K = 2: c = 3/2, κ = 1/5.
    bound = STATEMENTS["accumulation-rate"].bound_function()
    for t in (0, 1, 5, 100):
        product = mpmath.gammaprod([t + 1.8], [1.8, t + 2])
        found = bound(K=2, weight_ratio=1 / 3, top_mass=0.5, real_rounds=1.0, steps=t)
        assert found == pytest.approx(float(product / 2), rel=1e-13)


def test_the_product_falls_like_a_power():
    for kappa in (0.25, 0.75):
        ratio = accumulation_product(kappa, 1.0, 2e9) / accumulation_product(kappa, 1.0, 1e9)
        assert ratio == pytest.approx(2**-kappa, rel=1e-8)
