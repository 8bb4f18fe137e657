"""The loop to leading order as λ → 0: its kernel from the definition, and loops at tiny λ."""

import math
from fractions import Fraction
from functools import partial
from itertools import product

import flint
import numpy as np
import pytest

from recurate.numerics.curation import balls as certified
from recurate.numerics.curation import log_curation_ratio
from recurate.numerics.curation import rationals as exact
from recurate.numerics.curation.small_mixing import incumbent_kernel, leading_rises

WEIGHTS = [Fraction(1, 50), Fraction(1, 5), Fraction(1, 2), Fraction(1)]
PROBS = [Fraction(1, 2), Fraction(1, 4), Fraction(1, 5), Fraction(1, 20)]


def float_ratio(weights, probs, K):
    rewards = np.log(np.array(weights, dtype=float))
    return np.exp(log_curation_ratio(rewards, np.array(probs, dtype=float), K))


def from_the_definition(weights, probs, K):
    """The kernel by enumeration of the K - 1 draws: whoever wins replaces the incumbent."""
    n = len(weights)
    rows = [[Fraction(0)] * n for _ in range(n)]
    for i, draws in product(range(n), product(range(n), repeat=K - 1)):
        chance = math.prod((probs[j] for j in draws), start=Fraction(1))
        total = weights[i] + sum(weights[j] for j in draws)
        for j in (i, *draws):
            rows[i][j] += chance * weights[j] / total
    return rows


@pytest.mark.parametrize("K", [1, 2, 3, 4])
def test_kernel_is_that_of_the_definition(K):
    kernel = incumbent_kernel(WEIGHTS, PROBS, K, ratio=exact.curation_ratio)
    assert kernel == from_the_definition(WEIGHTS, PROBS, K)


@pytest.mark.parametrize("K", [2, 3])
def test_a_loop_at_tiny_mixing_moves_as_the_leading_order_says(K):
    lam = Fraction(1, 10**12)
    a, steps = lam / (1 + lam), 4
    laws = exact.trajectory(WEIGHTS, PROBS, K, lam, steps)
    leading = leading_rises(WEIGHTS, PROBS, K, steps, ratio=exact.curation_ratio)
    for t, rises in enumerate(leading):
        moved = [y - x for x, y in zip(laws[t], laws[t + 1], strict=True)]
        own = [sum(moved[c:]) / (a ** (t + 1) * K**t) for c in range(1, 4)]
        # The remainder, TV(T(p), p) ((1 + 2(K-1)a)^t - 1), is below 2.1 (K-1) t a.
        assert all(abs(x - y) <= 2.1 * (K - 1) * t * a for x, y in zip(own, rises, strict=True))


@pytest.mark.parametrize("K", [2, 3, 5])
def test_floats_and_balls_agree_with_rationals(K):
    rationals = leading_rises(WEIGHTS, PROBS, K, 30, ratio=exact.curation_ratio)
    floats = leading_rises([*map(float, WEIGHTS)], [*map(float, PROBS)], K, 30, ratio=float_ratio)
    # The stated error of log H, 2e-13, once a step.
    assert np.allclose(np.array(floats), np.array(rationals, dtype=float), rtol=1e-11, atol=0)
    with flint.ctx.workprec(160):
        balls = [[flint.arb(x.numerator) / x.denominator for x in xs] for xs in (WEIGHTS, PROBS)]
        rises = leading_rises(*balls, K, 30, ratio=partial(certified.curation_ratio, bits=128))
    for row, known in zip(rises, rationals, strict=True):
        for ball, value in zip(row, known, strict=True):
            assert ball > 0
            assert ball.rel_accuracy_bits() > 100
            with flint.ctx.workprec(300):  # of the rational's own ball
                assert ball.contains(flint.fmpq(value.numerator, value.denominator))


def test_one_candidate_moves_nothing():
    rises = leading_rises(WEIGHTS, PROBS, 1, 3, ratio=exact.curation_ratio)
    assert rises == [[0, 0, 0]] * 3


def test_a_single_weight_has_no_upper_set():
    assert leading_rises([1], [1], 3, 2, ratio=exact.curation_ratio) == [[], []]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((WEIGHTS, PROBS, math.inf), "K must be finite"),
        ((WEIGHTS, PROBS, 0), "got 0"),
        ((WEIGHTS, PROBS[:3], 2), "probs must have"),
    ],
)
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        leading_rises(*arguments, 3, ratio=exact.curation_ratio)
