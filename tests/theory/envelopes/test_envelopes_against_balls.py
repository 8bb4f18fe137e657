"""Floats against balls at 400 bits, over the whole range of λ and K, and balls against exact ones.

The compiled formulas of `theory.language` are what is compared, so that the printers are tested
with the functions. Ranges: λ from 1e-12 to 1e12 and infinity, K to 1e9 and infinity.
"""

import itertools
import math
from fractions import Fraction
from types import SimpleNamespace

import flint
import pytest
import sympy

from recurate.theory.envelopes import in_balls, worst_divergence
from recurate.theory.language import (
    GapCeiling,
    GapFloor,
    K,
    OptimalDivergence,
    ShareCeiling,
    ShareFloor,
    WorstDivergence,
    lam,
    reward_gap,
    share,
    t,
)
from recurate.theory.language.compile import compile_expression

CANDIDATES = (1, 2, 3, 10, 10**4, 10**9, math.inf)
MIXINGS = (0.0, 1e-12, 1e-9, 1e-4, 0.1, 0.5, 1.0, 7.0, 1e4, 1e12, math.inf)
SHARES = (0.0, 1e-9, 0.125, 0.7, 1.0 - 1e-9, 1.0)
STEPS = (1, 2, 7)
TOLERANCE = 1e-13


def exact(value):
    return value if value == math.inf else Fraction(value)


def compare(expression, grid):
    """Return the largest relative error over a grid of values, and how many were compared."""
    as_float = compile_expression(expression, "float")
    as_ball = compile_expression(expression, "ball")
    worst, tried = 0.0, 0
    for values in grid:
        with flint.ctx.workprec(400):
            ball = as_ball(**{name: exact(value) for name, value in values.items()})
        found, middle = float(as_float(**values)), float(ball)
        if not ball.is_finite():
            assert found == math.inf, values
        elif middle < 1e-300:  # it may be below the least double
            assert 0 <= found < 1.001e-300, values
        else:
            assert ball.rad() < 1e-17 * ball, values
            worst = max(worst, abs(found - middle) / middle)
            tried += 1
    return worst, tried


def grid(*, gaps=(), shares=SHARES, steps=STEPS, candidates=CANDIDATES, mixings=MIXINGS):
    names = ("K", "lam", "share", "steps", "reward_gap")
    for values in itertools.product(candidates, mixings, shares, steps, gaps or (0.0,)):
        yield dict(zip(names, values, strict=True))


@pytest.mark.parametrize("curve", [ShareFloor, ShareCeiling])
def test_shares(curve):
    worst, tried = compare(curve(share, lam, K, t), grid())
    assert tried > 1000
    assert worst < TOLERANCE


@pytest.mark.parametrize("curve", [GapFloor, GapCeiling])
def test_shares_with_a_bounded_gap(curve):
    expression = curve(share, lam, K, reward_gap, t)
    # Beyond 64 candidates the ball is by quadrature, which takes longer: fewer are tried.
    small = grid(gaps=(1e-9, 0.5, 20.0), candidates=(1, 2, 10, math.inf), steps=(1, 7))
    large = grid(
        gaps=(0.5, 3.0),
        candidates=(65, 10**9),
        mixings=(0.1, math.inf),
        shares=(1e-9, 0.7),
        steps=(1, 3),
    )
    worst, tried = compare(expression, itertools.chain(small, large))
    assert tried > 800
    assert worst < TOLERANCE


def test_worst_divergence():
    worst, tried = compare(WorstDivergence(lam, K, t), grid(shares=(0.5,)))
    assert tried > 140
    assert worst < TOLERANCE


@pytest.mark.parametrize(("mixing", "number"), [(1e-6, 2), (0.3, 4), (3.0, 3), (1e6, 2)])
def test_many_steps(mixing, number):
    # From 128 steps on the growth from step to step may be carried on.
    values = {"lam": mixing, "K": number, "steps": 150, "share": 0.3}
    for expression in (WorstDivergence(lam, K, t), ShareFloor(share, lam, K, t)):
        worst, tried = compare(expression, [values])
        assert tried == 1
        assert worst < TOLERANCE


def test_balls_contain_the_rationals():
    for curve in (ShareFloor, ShareCeiling):
        expression = curve(share, lam, K, t)
        in_rationals = compile_expression(expression, "rational")
        in_balls = compile_expression(expression, "ball")
        for number, mixing, u, steps in itertools.product(
            (1, 2, 5, math.inf),
            (0, Fraction(1, 3), 4, math.inf),
            (0, Fraction(2, 7), 1),
            (0, 1, 3),
        ):
            values = {"K": number, "lam": mixing, "share": u, "steps": steps}
            exactly = in_rationals(**values)
            assert isinstance(exactly, Fraction)
            ball = in_balls(**values)
            # The rational is inside: the difference may be zero.
            assert (ball * exactly.denominator - exactly.numerator).contains(0), values
            assert ball.rad() < 1e-15


def test_rationals_by_hand():
    # G_1 = (1/2)(1/2) + (1/2)(1/8) = 5/16 and G_2 = 1/4 + 125/8192 at u = 1/2, λ = 1, K = 3
    floor = compile_expression(ShareFloor(share, lam, K, t), "rational")
    values = {"share": Fraction(1, 2), "lam": 1, "K": 3}
    assert floor(**values, steps=1) == Fraction(5, 16)
    assert floor(**values, steps=2) == Fraction(1, 4) + Fraction(125, 8192)
    ceiling = compile_expression(ShareCeiling(share, lam, K, t), "rational")
    assert ceiling(**values, steps=1) == Fraction(11, 16)
    with pytest.raises(ValueError, match="K must be an integer"):
        floor(share=Fraction(1, 2), lam=1, K=Fraction(3, 2), steps=1)
    for other in (WorstDivergence(lam, K, t), GapFloor(share, lam, K, reward_gap, t)):
        with pytest.raises(ValueError, match="not a rational function"):
            compile_expression(other, "rational")


def test_a_ball_of_shares_gives_all_their_floors():
    floor = compile_expression(ShareFloor(share, lam, K, t), "ball")
    wide = floor(share=flint.arb(0.5, 0.25), lam=1, K=3, steps=4)
    for u in (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)):
        assert wide.contains(floor(share=u, lam=1, K=3, steps=4))
    assert wide.rad() < 0.25


def test_shares_that_are_hardly_known_are_integrated_at_their_ends(monkeypatch):
    # Of a gap that is known to 59 bits, each step of K = 389 may lose log2 K = 9: after seven the
    # share is a wide ball, whose power is none. Integrated as it is, it takes all of Arb's 10^6
    # evaluations, for a radius of 10^1450.
    evaluations = []

    def integral(integrand, *ends, **options):
        def counted(point, analytic):
            evaluations.append(point)
            return integrand(point, analytic)

        return flint.acb.integral(counted, *ends, **options)

    acb = SimpleNamespace(integral=integral)
    counting = SimpleNamespace(acb=acb, arb=flint.arb, ctx=flint.ctx)
    monkeypatch.setattr(in_balls, "flint", counting)
    share, lam, number, steps = flint.arb(0.9), flint.arb(1), flint.arb(389), flint.arb(10)
    gap = flint.arb(0.5, 2.0**-60)
    found = in_balls.gap_floor_ball(share, lam, number, gap, steps)
    assert len(evaluations) < 10 * 2 * 500  # of each step two ends, of some hundred each
    with flint.ctx.workprec(400):
        known = in_balls.gap_floor_ball(share, lam, number, flint.arb(0.5), steps)
    assert found.contains(known)
    assert found.rad() < 1e-6  # 2^-60 K^7 = 1, but for the ends


def test_worst_divergence_has_known_values():
    # λ = inf: t log K - 1 + K^-t
    ball = compile_expression(WorstDivergence(lam, K, t), "ball")
    pure = ball(lam=math.inf, K=4, steps=2)
    assert pure.overlaps(2 * flint.arb(4).log() - 1 + flint.arb(1) / 16)
    # One step for K = 2 is g = m + 2 a u: ∫ x log x dx over [m, m + 2a], over 2 a, with λ = 1
    one = ball(lam=1, K=2, steps=1)
    ends = [flint.arb(3) / 2, flint.arb(1) / 2]
    low, high = (x * x * (x.log() / 2 - flint.arb(1) / 4) for x in ends[::-1])
    assert one.overlaps(high - low)
    assert one.rad() < 1e-15


def test_worst_divergence_rises_to_that_of_theorem_2_4_optimal():
    limit = compile_expression(OptimalDivergence(lam, K), "ball")
    for mixing, number in ((0.3, 4), (0.9, 2), (1e-9, 10**6), (1e-12, 2)):
        found = worst_divergence(K=number, lam=mixing, steps=600)
        assert all(a <= b * (1 + 1e-14) for a, b in itertools.pairwise(found))
        end = float(limit(lam=Fraction(mixing), K=number))
        assert abs(found[-1] - end) < TOLERANCE * end


def test_recursion_of_the_symbols():
    value = ShareFloor(share, lam, K, t + 1)
    assert sympy.expand_func(value) == (share + lam * ShareFloor(share, lam, K, t) ** K) / (1 + lam)
    two = ShareCeiling(share, lam, 3, 2).subs({share: sympy.Rational(1, 2), lam: 1})
    # 1 minus the floor of 1/2, found by hand above
    assert sympy.expand_func(two) == 1 - (sympy.Rational(1, 4) + sympy.Rational(125, 8192))
    assert sympy.expand_func(ShareFloor(share, lam, K, 0)) == share
