"""The balls contain what they must: exact rationals, sums, another rigorous integral, formulas."""

import itertools
import math
from fractions import Fraction

import flint
import numpy as np
import pytest

from recurate.numerics.curation import ball_quadrature, rationals
from recurate.numerics.curation import balls as certified
from recurate.numerics.curation.balls import (
    as_ball,
    curation_ratio,
    kullback_leibler,
    retraining_step,
    trajectory,
    weights_of,
)

HALF = [Fraction(1, 2), Fraction(1, 2)]
SHARP = Fraction(1, 10**25)


def fraction(exact_ball):
    mantissa, exponent = exact_ball.man_exp()
    return int(mantissa) * Fraction(2) ** int(exponent)


def offset(ball, value):
    """|value - midpoint| over the radius, in exact arithmetic: at most 1 if the value is inside."""
    distance, radius = abs(fraction(ball.mid()) - value), fraction(ball.rad())
    return float(distance / radius) if radius else (0.0 if distance == 0 else math.inf)


def is_sharp(ball):
    return fraction(ball.rad()) <= SHARP * abs(fraction(ball.mid()))


def all_inside(balls, values):
    return all(offset(b, v) <= 1 for b, v in zip(balls, values, strict=True))


def rational_law(seed, largest=4):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, largest + 1))
    weights = [Fraction(int(a), int(b)) for a, b in rng.integers(1, 10**3, size=(n, 2))]
    masses = rng.integers(0, 6, size=n) ** 3
    masses[-1] += 1
    return weights, [Fraction(int(m), int(masses.sum())) for m in masses]


@pytest.mark.parametrize("K", [1, 2, 3, 4, 5, math.inf])
def test_ratio_contains_the_exact_one_and_is_sharp(K):
    for seed in range(40):
        weights, probs = rational_law(seed)
        found = curation_ratio(weights, probs, K)
        assert all_inside(found, rationals.curation_ratio(weights, probs, K))
        assert all(map(is_sharp, found))


@pytest.mark.parametrize(("K", "steps"), [(1, 3), (2, 4), (3, 3), (4, 2), (math.inf, 4)])
@pytest.mark.parametrize("lam", [0, Fraction(1, 3), 5, math.inf])
def test_trajectory_contains_the_exact_one_and_is_sharp(lam, K, steps):
    for seed in range(5):
        weights, reference = rational_law(seed, largest=3)
        found = trajectory(weights, reference, K, lam, steps)
        expected = rationals.trajectory(weights, reference, K, lam, steps)
        assert len(found) == steps + 1
        for law, exact_law in zip(found, expected, strict=True):
            assert all_inside(law, exact_law)
            assert all(is_sharp(p) for p in law if not p.is_zero())
        step = retraining_step(weights, reference, reference, K, lam)
        assert all_inside(step, expected[1])


def test_trajectory_from_another_start():
    weights, reference = [1, Fraction(2, 3), 5], [Fraction(1, 2), Fraction(1, 2), 0]
    initial = [0, Fraction(1, 5), Fraction(4, 5)]
    found = trajectory(weights, reference, 3, 2, 2, initial)
    expected = rationals.trajectory(weights, reference, 3, 2, 2, initial)
    assert all(itertools.starmap(all_inside, zip(found, expected, strict=True)))


@pytest.mark.parametrize("K", [2, 75, 300])
@pytest.mark.parametrize("low", [Fraction(1, 3), Fraction(1, 10**6)])
@pytest.mark.parametrize("mass", [Fraction(1, 2), Fraction(1, 10**12), 1 - Fraction(1, 10**12)])
def test_two_points_and_a_massless_third_against_the_binomial_sum(mass, low, K):
    weights, probs = [low, Fraction(1), Fraction(1, 7)], [mass, 1 - mass, Fraction(0)]
    expected = [Fraction(0)] * 3
    for j in range(K):
        chance = math.comb(K - 1, j) * mass**j * (1 - mass) ** (K - 1 - j)
        total = j * low + (K - 1 - j)
        expected = [
            h + chance * K * w / (w + total) for h, w in zip(expected, weights, strict=True)
        ]
    found = curation_ratio(weights, probs, K)
    assert all_inside(found, expected)
    assert all(map(is_sharp, found))


def integrated_ratio(weights, probs, K, i):
    """H at atom i by Arb's own integration (Gauss–Legendre with verified error), in s itself."""
    w = weights[i]
    end = flint.arb(150) / w

    def integrand(s, _):
        transform = sum((p * (-s * x).exp() for p, x in zip(probs, weights, strict=True)), 0)
        return (-s * w).exp() * transform ** (K - 1)

    whole = flint.acb.integral(integrand, 0, end, eval_limit=10**6).real
    tail = (-end * w).exp() / (2 * w)
    return K * w * (whole + tail + flint.arb(0, tail))


@pytest.mark.parametrize("K", [2, 7, 100, 10**4])
@pytest.mark.parametrize("span", [1, 8])
def test_irrational_weights_against_another_rigorous_integral(span, K):
    rng = np.random.default_rng(K + span)
    rewards = [0, *(-Fraction(int(x), 1000) for x in rng.integers(0, 1000 * span, size=2)), -span]
    masses = rng.integers(1, 100, size=4)
    probs = [Fraction(int(m), int(masses.sum())) for m in masses]
    found = curation_ratio(weights_of(rewards), probs, K)
    with flint.ctx.workprec(256):
        w = weights_of(rewards, bits=256)
        p = [flint.arb(x.numerator) / x.denominator for x in probs]
        for i in range(4):
            other = integrated_ratio(w, p, K, i)
            assert other.rel_accuracy_bits() > 190
            # The other ball is far smaller, so overlapping nearly means containing.
            assert found[i].overlaps(other)
            assert is_sharp(found[i])


def test_infinitely_many_candidates_is_weight_over_mean():
    w = weights_of([0, Fraction(-1, 3), -2])
    mean = 0.5 * w[0] + 0.25 * w[1] + 0.25 * w[2]
    for found, weight in zip(curation_ratio(w, [0.5, 0.25, 0.25], math.inf), w, strict=True):
        assert found.overlaps(weight / mean)
        assert is_sharp(found)


def test_a_very_large_number_of_candidates_is_not_rounded_to_a_double():
    # One atom of mass 1 and weight 1, another of weight w: H = K w / (w + K - 1).
    K, w = 2**60 + 1, Fraction(3)
    assert offset(curation_ratio([w, 1], [0, 1], K)[0], K * w / (w + K - 1)) <= 1


# The three errors of the quadrature, each made visible by a rule that is coarse in one respect.

FINE = ball_quadrature.rule_for(128)
SHIFTS = [Fraction(k, 16) for k in range(17)]


def ratio_by_rule(rule, weights, probs, K):
    with flint.ctx.workprec(400):
        law = certified._law(probs, "probs", len(weights))
        return ball_quadrature.BallRatio(certified._weights(weights), K, rule).at(law)


@pytest.mark.parametrize("per_unit", [1, 2, 3, 5])
def test_discretisation_error_is_visible_and_inside(per_unit):
    # A point mass at weight 1 and a massless atom, at many phases: H = K w/(w + K - 1).
    rule = FINE._replace(per_unit=per_unit)
    offsets = []
    for K, shift in itertools.product([2, 3, 10], SHIFTS):
        w = 1 / (1 + shift)
        found = ratio_by_rule(rule, [w, 1], [0, 1], K)[0]
        offsets.append(offset(found, K * w / (w + K - 1)))
    # Such laws attain the bound at the right phase (docs/engine.md).
    assert 0.95 < max(offsets) <= 1


@pytest.mark.parametrize("degree", [1, 2, 3, 6])
def test_series_remainder_is_visible_and_inside(degree):
    rule = FINE._replace(degree=degree)
    offsets = []
    for K, shift in itertools.product([2, 3, 10], SHIFTS):
        w = 1 / (1 + shift)
        found = ratio_by_rule(rule, [w, 1], [0, 1], K)[0]
        offsets.append(offset(found, K * w / (w + K - 1)))
    assert 0.5 < max(offsets) <= 1


@pytest.mark.parametrize("last_argument", [1.5, 3.0, 10.0])
@pytest.mark.parametrize("K", [2, 3])
def test_right_end_is_visible_and_inside(K, last_argument):
    # All mass at the lower weight, where H = 1: with a small step, nearly 1/K of the bound is
    # really left out.
    rule = FINE._replace(per_unit=100, last_argument=last_argument)
    for shift in SHIFTS:
        found = ratio_by_rule(rule, [1, 50 + shift], [1, 0], K)
        low, high = fraction(found[0].lower()), fraction(found[0].upper())
        assert 0.8 / K < (1 - low) / (high - low) < 1
        w = 50 + shift
        assert offset(found[1], K * w / (w + K - 1)) <= 1


@pytest.mark.parametrize("K", [2, 3, 5])
def test_rules_that_are_coarse_in_every_respect_contain_the_exact_ratio(K):
    for seed in range(40):
        weights, probs = rational_law(seed)
        rule = ball_quadrature.Rule(1 + seed % 3, 1 + seed % 5, 1.0 + seed % 7)
        found = ratio_by_rule(rule, weights, probs, K)
        assert all_inside(found, rationals.curation_ratio(weights, probs, K))


def test_the_rule_chosen_keeps_each_error_below_what_was_asked():
    for bits in [32, 53, 128, 1000]:
        with flint.ctx.workprec(bits + 64):
            rule = ball_quadrature.rule_for(bits)
            allowed = flint.arb(2) ** -(bits + 8)
            assert ball_quadrature.discretisation_error(rule.per_unit) < allowed
            assert not ball_quadrature.discretisation_error(rule.per_unit - 1) < allowed
            assert 1 / flint.arb(math.factorial(rule.degree)) < allowed
            assert (-flint.arb(rule.last_argument)).exp() < allowed * 1.001


def test_discretisation_error_is_a_sum_of_gamma_functions():
    # docs/engine.md: 2 sum_k |Γ(1 + 2πik N)|, never above 2 / (cos θ (e^{2πθN} - 1)).
    for per_unit in [1, 4, 9]:
        found = ball_quadrature.discretisation_error(per_unit)
        angles = [2 * flint.arb.pi() * k * per_unit for k in range(1, 8)]
        expected = sum(2 * abs(flint.acb(1, x).gamma()) for x in angles)
        assert abs(found / expected - 1) < 1e-3
        assert found > expected or found.overlaps(expected)
        for angle in np.linspace(1.2, 1.57, 40):
            assert found < 2 / (math.cos(angle) * math.expm1(2 * math.pi * angle * per_unit))
    assert ball_quadrature.discretisation_error(4) < 2e-16


# Balls as input.


def nested(inner, outer):
    return all(
        fraction(y.lower()) <= fraction(x.lower()) and fraction(x.upper()) <= fraction(y.upper())
        for x, y in zip(inner, outer, strict=True)
    )


@pytest.mark.parametrize("width", [Fraction(1, 10**6), Fraction(1, 5)])
@pytest.mark.parametrize("K", [1, 2, 3, 50, math.inf])
def test_balls_contain_the_results_of_the_points_inside(K, width):
    rng = np.random.default_rng(5)
    centres = [Fraction(1), Fraction(1, 3), Fraction(1, 40)]
    law = [Fraction(3, 10), Fraction(6, 10), Fraction(1, 10)]
    weights = [flint.arb(float(w), float(w * width)) for w in centres]
    probs = [flint.arb(float(p), float(p * width)) for p in law]
    ratio = curation_ratio(weights, probs, K)
    step = retraining_step(weights, probs, law, K, 2)
    divergence = kullback_leibler(probs, law)
    for corner in itertools.product([-1, 1], repeat=3):
        move = width * Fraction(99, 100)
        w = [x * (1 + sign * move) for x, sign in zip(centres, corner, strict=True)]
        shift = move * Fraction(int(rng.integers(-100, 101)), 1000)
        p = [law[0] + 3 * shift, law[1] - 2 * shift, law[2] - shift]
        assert nested(curation_ratio(w, p, K), ratio)
        assert nested(retraining_step(w, p, law, K, 2), step)
        assert nested([kullback_leibler(p, law)], [divergence])
    if width < Fraction(1, 1000):
        # At most a few times wider than the input, whatever K is.
        assert all(x.rad() < 20 * float(width) * abs(x) for x in ratio)


def test_wide_balls_stay_between_the_weight_and_the_number_of_candidates():
    probs = [flint.arb(0.5, 0.5), flint.arb(0.5, 0.5)]
    for ball in curation_ratio([1, flint.arb(1, 0.75)], probs, 1000):
        assert ball.is_finite()
        assert ball.upper() < 1000.01
        assert ball.lower() > -0.01


def test_more_bits_give_nested_balls():
    for seed in range(10):
        weights, probs = rational_law(seed)
        for K in [2, 30, math.inf]:
            balls = [curation_ratio(weights, probs, K, bits=bits) for bits in (32, 64, 128, 500)]
            for wide, narrow in itertools.pairwise(balls):
                assert nested(narrow, wide)
        laws = [trajectory(weights, probs, 4, 3, 4, bits=bits)[-1] for bits in (40, 100, 300)]
        assert nested(laws[1], laws[0])
        assert nested(laws[2], laws[1])


@pytest.mark.parametrize("K", [2, 100, 10**4, 10**30, math.inf])
@pytest.mark.parametrize("bits", [32, 53, 128, 512])
def test_relative_accuracy_is_what_was_asked_for(bits, K):
    rng = np.random.default_rng(3)
    rewards, masses = -20 * rng.random(6), rng.dirichlet(np.full(6, 0.2) + 0.05)
    for ball in curation_ratio(weights_of(rewards, bits=bits), masses, K, bits=bits):
        assert ball.rel_accuracy_bits() >= bits


def test_precision_is_raised_where_the_radii_grow():
    # At 32 bits and the first working precision, thirty steps leave about ten bits.
    laws = trajectory([1, 2, 3], [0.5, 0.25, 0.25], 100, math.inf, 40, bits=32)
    assert min(p.rel_accuracy_bits() for law in laws for p in law) >= 16
    precise = trajectory([1, 2, 3], [0.5, 0.25, 0.25], 100, math.inf, 40, bits=400)
    assert all(itertools.starmap(nested, zip(precise, laws, strict=True)))


def test_radii_that_precision_cannot_help_are_reported():
    with pytest.raises(ArithmeticError, match=r"must have 64 bits; got \d+ at a precision of 256"):
        trajectory([1, flint.arb(0.5, 1e-6)], HALF, 3, 1, 2)


def test_weights_of_rewards():
    found = weights_of([0.1, Fraction(1, 10), -3], bits=128)
    with flint.ctx.workprec(300):
        difference = Fraction(1, 10) - Fraction(0.1)
        expected = (flint.arb(difference.numerator) / difference.denominator).exp()
        assert found[0] == 1
        assert found[1].overlaps(expected)
        assert found[1].rel_accuracy_bits() >= 128
        assert found[2].overlaps((-3 - flint.arb(0.1)).exp())
    assert weights_of([-(10**6), 0])[0].rel_accuracy_bits() >= 128


def test_a_weight_cancels_against_itself():
    for K in [1, math.inf]:
        assert curation_ratio([flint.arb(1, 0.5)], [1], K)[0] == 1


# Divergences.


def test_divergence_closed_forms():
    third = Fraction(1, 3)
    found = kullback_leibler(
        [third, third, third], [Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)]
    )
    by_hand = ((flint.arb(2) / 3).log() + 2 * (flint.arb(4) / 3).log()) / 3
    assert found.overlaps(by_hand)
    assert found.rad() < 1e-38
    assert kullback_leibler([0, 1], HALF).overlaps(flint.arb(2).log())
    assert kullback_leibler(HALF, HALF).contains(0)
    assert kullback_leibler([1, 0], [1, 0]) == 0
    assert kullback_leibler(HALF, [1, 0]) == math.inf


def test_divergence_of_masses_that_may_be_zero():
    # p = (1 - x, x) with x in [0, 0.02], q = (0.9, 0.1): decreasing in x, so between its ends.
    found = kullback_leibler([flint.arb(0.99, 0.01), flint.arb(0.01, 0.01)], [0.9, 0.1])
    for x in [0, Fraction(1, 100), Fraction(1, 50)]:
        assert nested([kullback_leibler([1 - x, x], [0.9, 0.1])], [found])
    assert found.rad() < 0.1
    unknown = kullback_leibler([flint.arb(0.99, 0.01), flint.arb(0.01, 0.01)], [1, 0])
    assert unknown.is_nan()


# Input.


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: curation_ratio([], [], 2), ValueError, "weights must have at least one entry"),
        (
            lambda: curation_ratio([1, 0], HALF, 2),
            ValueError,
            "weights must be positive; got 0 at position 1",
        ),
        (
            lambda: curation_ratio([1, -2.5], HALF, 2),
            ValueError,
            "weights must be positive; got -5/2",
        ),
        (
            lambda: curation_ratio([1, flint.arb(1, 1)], HALF, 2),
            ValueError,
            r"weights must be positive; got \[.*\] at position 1",
        ),
        (
            lambda: curation_ratio(["1", 1], HALF, 2),
            TypeError,
            "weights must be integers, Fractions, floats or balls .*; got '1' at position 0",
        ),
        (lambda: curation_ratio([True, 1], HALF, 2), TypeError, "weights must be .*; got True"),
        (
            lambda: curation_ratio([1, math.nan], HALF, 2),
            ValueError,
            "weights must be finite; got nan at position 1",
        ),
        (
            lambda: curation_ratio([1, flint.arb.nan()], HALF, 2),
            ValueError,
            "weights must be finite; got nan",
        ),
        (
            lambda: curation_ratio(weights_of([0, -20_000]), HALF, 2),
            ValueError,
            r"weights must span at most e\^10000; got a span of e\^20000",
        ),
        (
            lambda: curation_ratio([1, 2], [1], 2),
            ValueError,
            r"probs must have one entry per reward \(2\); got 1",
        ),
        (
            lambda: curation_ratio([1, 2], [1.5, -0.5], 2),
            ValueError,
            "probs must be at least 0; got -1/2 at position 1",
        ),
        (
            lambda: curation_ratio([1, 2], [0.5, 0.4], 2),
            ValueError,
            "probs must sum to 1 within 1e-09; got a sum of 0.9",
        ),
        (
            lambda: curation_ratio([1, 2], [flint.arb(0.5), 0.4], 2),
            ValueError,
            r"probs must contain a law; got balls whose sum is \[?0.9",
        ),
        (
            lambda: curation_ratio([1, 2], [flint.arb(1.2), flint.arb(0, 0.5)], 2),
            ValueError,
            "probs must contain a law; got balls whose sum is",
        ),
        (
            lambda: curation_ratio([1, 2], [flint.arb(1.5), flint.arb(-0.5)], 2),
            ValueError,
            "probs must be at least 0; got -0.5",
        ),
        (
            lambda: curation_ratio([1, 2], HALF, 0),
            ValueError,
            "K must be an integer of at least 1 or infinity; got 0",
        ),
        (lambda: curation_ratio([1, 2], HALF, 2.5), ValueError, "K must be an integer"),
        (lambda: curation_ratio([1, 2], HALF, "2"), TypeError, "K must be an integer"),
        (
            lambda: curation_ratio([1, 2], HALF, 2, bits=8),
            ValueError,
            "bits must be from 32 to 4096; got 8",
        ),
        (
            lambda: retraining_step([1, 2], HALF, [1], 2, 1),
            ValueError,
            "reference must have one entry",
        ),
        (
            lambda: retraining_step([1, 2], HALF, HALF, 2, -1),
            ValueError,
            "lam must be a number of at least 0",
        ),
        (
            lambda: retraining_step([1, 2], HALF, HALF, 2, None),
            TypeError,
            "lam must be a number of at least 0",
        ),
        (
            lambda: trajectory([1, 2], HALF, 2, 1, -1),
            ValueError,
            "steps must be an integer of at least 0",
        ),
        (lambda: trajectory([1, 2], HALF, 2, 1, 1, [1, 1]), ValueError, "initial must sum to 1"),
        (lambda: weights_of([]), ValueError, "rewards must have at least one entry"),
        (
            lambda: weights_of([0, math.inf]),
            ValueError,
            "rewards must be finite; got inf at position 1",
        ),
        (
            lambda: weights_of([flint.arb(1)]),
            TypeError,
            "rewards must be integers, Fractions or floats; got 1",
        ),
        (lambda: kullback_leibler(HALF, [1]), ValueError, "reference must have one entry"),
    ],
)
def test_bad_input(call, error, message):
    before = flint.ctx.prec
    with pytest.raises(error, match=message):
        call()
    assert flint.ctx.prec == before


def test_kinds_of_numbers_that_are_taken():
    expected = rationals.curation_ratio([1, 3], [Fraction(1, 4), Fraction(3, 4)], 2)
    for weights in ([1, 3], [1.0, np.float64(3)], [flint.arb(1), 3], np.array([1, 3])):
        for probs in ([0.25, 0.75], [flint.arb(0.25), Fraction(3, 4)], np.array([0.25, 0.75])):
            assert all_inside(curation_ratio(weights, probs, 2), expected)
    # An integer beyond 1e308, and NumPy's integers, which would overflow.
    assert curation_ratio([10**400, 10**400], [0.5, 0.5], 2)[0].contains(1)
    assert curation_ratio(np.array([2**62, 2**62]), [0.5, 0.5], 2)[0].contains(1)


def test_probabilities_within_rounding_of_one_are_normalised():
    tenth = [0.1] * 10  # as doubles they sum to a little more than 1, exactly
    assert all(h.contains(1) for h in curation_ratio([1] * 10, tenth, 3))
    law = trajectory(list(range(1, 11)), tenth, 3, 1, 0)[0]
    assert all(offset(p, Fraction(1, 10)) <= 1 for p in law)


def test_working_precision_is_left_as_it_was():
    with flint.ctx.workprec(77):
        trajectory(weights_of([0, -1]), [0.5, 0.5], 3, 1, 2)
        kullback_leibler(HALF, HALF)
        assert flint.ctx.prec == 77


@pytest.mark.parametrize(
    "value", [3, -(10**60) - 1, Fraction(1, 3), 0.1, np.int64(7), np.float64(0.3), flint.arb(2, 1)]
)
def test_a_ball_contains_the_number_it_is_made_of(value):
    ball = as_ball(value)
    if isinstance(value, flint.arb):
        assert ball is value
        return
    exact = Fraction(value) if isinstance(value, float) else Fraction(int(value.numerator))
    exact = value if isinstance(value, Fraction) else exact
    with flint.ctx.workprec(400):
        assert ball.contains(flint.arb(exact.numerator) / exact.denominator)
    assert (ball.rad() == 0) == (not isinstance(value, Fraction))


@pytest.mark.parametrize("value", ["1", None, 1j])
def test_a_ball_is_not_made_of_other_things(value):
    with pytest.raises(TypeError, match="an integer, a Fraction or a float"):
        as_ball(value)
