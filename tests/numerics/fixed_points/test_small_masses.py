"""Log-densities of atoms with very little mass, against the definition in hundreds of digits.

The oracle solves p (1 - aH) = m p_ref in logarithms; H is summed over the other candidates, or is
the weight over its mean. It knows nothing of deficits, integrals or the threshold.
"""

import math

import numpy as np
import pytest

from recurate.numerics import curation
from recurate.numerics.curation.floats import CurationKernel
from recurate.numerics.fixed_points import fixed_point
from recurate.numerics.fixed_points.deficits import DeficitQuadrature
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop

from ..oracles import binomial, enumerated, limit, log_fixed_point, mpf, normalised, precise

REQUIRED = 1e-10
DIGITS = 350  # 1 - aH may be as small as a mass of 1e-300


def solved(law, K, lam):
    return CurationLoop(law, K=K, lam=lam).fixed_point()


def error_of(law, K, lam):
    """Return the largest error of a log-density, and the estimate of it."""
    found = solved(law, K, lam)
    start = found.log_density + np.log(law.probs)
    with precise.workdps(DIGITS):
        if K == math.inf:
            ratio = limit(law.rewards)
        elif law.size == 2:
            ratio = binomial(law.rewards, K)
        else:
            ratio = enumerated(law.rewards, K)
        reference = normalised(law.probs)
        exact = log_fixed_point(ratio, reference, lam, start)
        errors = [
            abs(mpf(float(x)) - (y - precise.log(q)))
            for x, y, q in zip(found.log_density, exact, reference, strict=True)
        ]
        return float(max(errors)), found.log_density_error


@pytest.mark.parametrize(
    ("K", "lam"),
    [
        # At the threshold 1/(K-1) of wide laws, exactly or up to its rounding to either side.
        *((2, 1.0), (3, 0.5), (10, 1 / 9), (11, 0.1)),
        *((2, 1e-6), (2, 1e3), (3, 0.3), (10, 1e6)),
        *((math.inf, 1.0), (math.inf, 1e-9), (math.inf, 4e-15)),
    ],
)
@pytest.mark.parametrize(
    ("gap", "top"), [(14.0, 1e-280), (33.0, 1e-25), (60.0, 1e-15), (400.0, 1e-280)]
)
def test_a_rare_best_reward_of_two(K, lam, gap, top):
    error, estimate = error_of(RewardLaw([0.0, gap], [1 - top, top]), K, lam)
    assert error <= estimate
    assert error <= REQUIRED


@pytest.mark.parametrize("K", [64, 1000, 10**6])
@pytest.mark.parametrize("lam", [0.1, 1.0, 3.0, 1e3, 1e6])
@pytest.mark.parametrize(("gap", "top"), [(33.0, 1e-40), (40.0, 1e-15), (60.0, 1e-20)])
def test_wide_laws_with_a_rare_best_reward_are_not_refused(K, lam, gap, top):
    # Most of these were: by rounding, a deficit was above one.
    found = solved(RewardLaw([0.0, gap], [1 - top, top]), K, lam)
    if lam * (K - 1) < 50:
        return
    # The low reward wins only among its equals (a weight of e^-33 counts as none): its mass is the
    # small root of x = m + a x^K, up to a mass of 1e-14 at the top.
    expected = 0.0
    for _ in range(200):
        expected = (1 + lam * expected**K) / (1 + lam)
    assert found.probs[0] == pytest.approx(expected, rel=1e-11)


def random_case(seed):
    """Masses from 1 to 10^-U(0, 300), a span of U(0, 700), K and λ of all sizes."""
    rng = np.random.default_rng([17, seed])
    n = int(rng.integers(2, 5))
    span, depth = rng.uniform(0, rng.choice([700, 60, 5])), rng.choice([300.0, 40.0])
    rewards = np.sort(span * rng.random(n))
    probs = 10.0 ** -rng.uniform(0, depth, n)
    K = float(rng.choice([2, 3, 10, np.inf])) if n < 4 else float(rng.choice([2, 3, np.inf]))
    lam = 10 ** rng.uniform(-6, 6) if rng.random() < 0.7 or K == np.inf else 1 / (K - 1)
    return RewardLaw(rewards, probs / probs.sum()), int(K) if K < np.inf else K, lam


@pytest.mark.parametrize("seed", range(40))
def test_random_laws_with_tiny_masses(seed):
    error, estimate = error_of(*random_case(seed))
    assert error <= estimate
    assert error <= REQUIRED


@pytest.mark.parametrize(
    ("rewards", "logs", "lam"),
    [
        # Found with a mass of 4.4e-38 in the middle, for 2.4e-32.
        ([0.0, 4.04, 5.38], [0.0, -47.6, -5.7], 0.023),
        ([0.0, 295.7, 425.4, 451.3], [-81.6, 0.0, -133.7, -23.8], 0.00215),
    ],
)
def test_a_tiny_mass_in_the_middle_is_not_left_behind(rewards, logs, lam):
    probs = 10.0 ** np.array(logs)
    error, estimate = error_of(RewardLaw(rewards, probs / probs.sum()), 2, lam)
    assert error <= estimate <= 1e-11


def test_a_bound_that_says_nothing_is_not_given():
    # λ(h - 1) is below one by a rounding error: the contraction's bound would be some thousands.
    assert solved(RewardLaw([0.0, 60.0], [1 - 1e-40, 1e-40]), 10, 1 / 9).error_bound is None


@pytest.mark.parametrize("away", [1e-4, 1e-8, 1e-11, -1e-8])
@pytest.mark.parametrize(("K", "gap"), [(2, 1.0), (7, 3.0), (math.inf, 2.0)])
def test_the_estimate_says_where_doubles_do_not_suffice(K, gap, away):
    # Near the threshold of a law that is not wide, 1 - aH of the best reward is a difference.
    weight = math.exp(-gap)
    highest = K / (1 + (K - 1) * weight) if K < math.inf else 1 / weight
    law = RewardLaw([0.0, gap], [1 - 1e-30, 1e-30])
    error, estimate = error_of(law, K, (1 + away) / (highest - 1))
    assert error <= estimate
    # The estimate may not be all caution: a rounding error over the distance from the threshold.
    assert estimate <= 1e-12 / abs(away)


@pytest.mark.parametrize(
    ("rewards", "probs", "lam", "known"),
    [
        # Of the low level's weight, e^-89, its deficit has lost nothing: the balance is precise.
        (
            [-89.50268338970436, -0.002836274259394145, 0.0],
            [0.9999997284198054, 2.7158019442847634e-07, 1.2486987479225868e-16],
            9.561671888099861e-05,
            1e-8,
        ),
        # Brent's method needs 105 iterations: it was refused.
        ([-0.004255910207561401, 0.0], [1.0, 3.8273864893119403e-23], 234.46770027309833, 1e-6),
    ],
)
def test_near_the_threshold_of_infinitely_many_candidates(rewards, probs, lam, known):
    error, estimate = error_of(RewardLaw(rewards, probs), math.inf, lam)
    assert error <= estimate <= known
    assert error <= 1e-2 * known


def test_only_finite_laws_solved_on_all_rewards_have_the_estimate():
    many = RewardLaw(np.linspace(0.0, 3.0, 9_000) ** 2)
    assert solved(many, 3, 0.5).log_density_error is None
    density = RewardLaw.from_density(lambda w: 2 * (1 - w), support=(0, 1), of="weight")
    for lam in (0.5, 9.0):  # below the threshold and above it
        assert solved(density, math.inf, lam).log_density_error is None
    law = RewardLaw([0.0, 1.0, 5.0], [0.5, 0.5, 0.0])
    assert solved(law, 1, 2.0).log_density_error == 0.0
    for lam in (0.5, math.inf):
        assert 0 < solved(law, 3, lam).log_density_error < 1e-13


@pytest.mark.parametrize("K", [2, 3, 30])
@pytest.mark.parametrize("gap", [1e-3, 1.0, 30.0, 200.0])
@pytest.mark.parametrize("top", [1e-100, 0.5, 1 - 1e-10])
def test_a_deficit_from_the_largest_ratio_keeps_its_digits(K, gap, top):
    relative = np.array([-gap, 0.0])
    nodes = CurationKernel(relative, K).nodes
    found = DeficitQuadrature(relative, K, nodes, from_largest=True)
    with precise.workdps(DIGITS):
        ratio = binomial(relative, K)([1 - mpf(top), mpf(top)])
        expected = [float(1 - h / K) for h in ratio]
    deficits = found.at(np.array([math.log1p(-top), math.log(top)])).deficits
    assert deficits == pytest.approx(expected, rel=2e-13, abs=0)


def test_a_rare_level_that_moves_is_noticed(monkeypatch):
    # Its mass, 1e-30, does not show in the residual.
    law, original = RewardLaw([0.0, 1.0, 2.0], [0.5, 0.5, 1e-30]), curation.log_curation_ratio

    def shifted(*arguments, **options):
        return original(*arguments, **options) + np.array([0.0, 0.0, 1e-6])

    monkeypatch.setattr(curation, "log_curation_ratio", shifted)
    with pytest.raises(ArithmeticError, match=r"leave every log-density .* as it is, to 1e-11"):
        solved(law, 2, 0.5)
    assert fixed_point.LEVEL_TOLERANCE == 1e-11
