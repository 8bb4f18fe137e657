"""The fixed point against closed forms and exact roots; limiting cases, edges and errors."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from scipy.special import roots_legendre

from recurate.numerics import curation
from recurate.numerics.fixed_points import bounds, fixed_point, newton
from recurate.numerics.laws.levels import Levels
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.theory.closed_forms import (
    ARCSINE_MEAN_WEIGHT,
    POWER_ATOM,
    POWER_MEAN_WEIGHT,
    TWO_POINT_LIMIT_K_2,
    TWO_POINT_LIMIT_K_3,
    TWO_POINT_LIMIT_K_INF,
    UNIFORM_MEAN_WEIGHT,
    discrete_limit,
    two_point_limit,
)

TWO_POINTS = [  # weight ratio, mass at the top, λ
    (0.5, 1 / 3, 2.0),
    (0.5, 0.25, 1e-3),
    (0.25, 1e-6, 0.9),
    (1e-3, 0.9, 40.0),
    (0.999, 0.1, 5.0),
    (1e-12, 1e-9, 1e6),
]


def solved(rewards, probs=None, *, K, lam, groups=None):
    return CurationLoop(RewardLaw(rewards, probs, groups), K=K, lam=lam).fixed_point()


def two_points(ratio, top, **parameters):
    return solved([math.log(ratio), 0.0], [1 - top, top], **parameters)


def test_the_design_examples():
    # By hand: p = 1/2 for weights 1/2, 1 with a third at the top.
    assert two_points(0.5, 1 / 3, K=2, lam=2).mass_at_max == pytest.approx(0.5, abs=1e-15)
    assert two_points(0.5, 1 / 3, K=math.inf, lam=1).mass_at_max == pytest.approx(0.5, abs=1e-15)


@pytest.mark.parametrize(
    ("K", "closed_form"),
    [(2, TWO_POINT_LIMIT_K_2), (3, TWO_POINT_LIMIT_K_3), (math.inf, TWO_POINT_LIMIT_K_INF)],
)
@pytest.mark.parametrize(("ratio", "top", "lam"), TWO_POINTS)
def test_two_points_have_the_closed_form(K, closed_form, ratio, top, lam):
    expected = closed_form.exact(
        weight_ratio=Fraction(ratio), top_mass=Fraction(top), lam=Fraction(lam)
    )
    # 60 digits: the roots cancel, and top masses are as small as 1e-9.
    expected = float(sympy.N(expected, 60))
    found = two_points(ratio, top, K=K, lam=lam)
    assert found.mass_at_max == pytest.approx(expected, abs=1e-13, rel=1e-12)
    assert found.probs.sum() == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize("K", [4, 8, 40])
@pytest.mark.parametrize(("ratio", "top", "lam"), TWO_POINTS)
def test_two_points_have_the_roots_of_the_polynomial(K, ratio, top, lam):
    expected = two_point_limit(
        K=K, lam=Fraction(lam), weight_ratio=Fraction(ratio), top_mass=Fraction(top), digits=30
    )
    found = two_points(ratio, top, K=K, lam=lam).mass_at_max
    assert found == pytest.approx(float(expected), abs=1e-13, rel=1e-12)


def test_the_hard_example_is_solved():
    # After 1e5 plain steps the error is 1.1e-6. Expected: the bracketed root of
    # the cubic in 30 digits, for the very doubles.
    lam, top = 0.5002253702705084, 5.443e-12
    law = RewardLaw([-8.8, 0.0], [1 - top, top])
    expected = two_point_limit(
        K=3,
        lam=Fraction(lam),
        weight_ratio=sympy_fraction(sympy.N(sympy.exp(sympy.Rational(-8.8)), 60)),
        top_mass=Fraction(law.probs[1]) / (Fraction(law.probs[0]) + Fraction(law.probs[1])),
        digits=30,
    )
    found = CurationLoop(law, K=3, lam=lam).fixed_point()
    assert float(expected) == pytest.approx(1.4629855464599152e-6, rel=1e-15, abs=0)
    assert abs(found.mass_at_max - float(expected)) < 1e-15
    assert found.residual < 1e-15
    assert found.evaluations <= 15


def sympy_fraction(number):
    exact = sympy.Rational(str(number))
    return Fraction(int(exact.p), int(exact.q))


@pytest.mark.parametrize("lam", [Fraction(1, 100), Fraction(1), Fraction(50)])
def test_infinite_candidates_have_the_exact_limit(lam):
    weights = [Fraction(1, 10), Fraction(1, 2), Fraction(9, 10), Fraction(1)]
    masses = [Fraction(1, 2), Fraction(1, 4), Fraction(249, 1000), Fraction(1, 1000)]
    expected = [float(sympy.N(p, 30)) for p in discrete_limit(weights, masses, lam)]
    found = solved(
        [math.log(w) for w in weights], [float(p) for p in masses], K=math.inf, lam=float(lam)
    )
    assert found.probs == pytest.approx(expected, rel=1e-13)
    assert found.method == "scalar"
    error = np.abs(found.probs - expected).sum() / 2
    assert error <= found.error_bound < 1e-12


def test_quadrature_of_continuous_laws_has_their_mean_weight():
    # A Gauss rule with masses p_i has the law's integral of 1/(1 - z w) up to a geometrically
    # small error for z < 1: 0.75 for the arcsine law at λ = 1, and 0.797 for the uniform one.
    n = 120
    chebyshev = np.cos((2 * np.arange(n) + 1) * math.pi / (4 * n)) ** 2
    legendre, masses = roots_legendre(n)
    uniform = (1 + legendre) / 2
    for weights, probs, form in [
        (chebyshev, np.full(n, 1 / n), ARCSINE_MEAN_WEIGHT),
        (uniform, masses / 2, UNIFORM_MEAN_WEIGHT),
    ]:
        found = solved(np.log(weights), probs, K=math.inf, lam=1.0)
        mean = found.expected_weight * weights.max()
        assert mean == pytest.approx(form(lam=1), rel=1e-12)


def test_mass_condenses_on_a_rare_best_reward():
    # Density 2(1-w) at Legendre nodes: the rule has ∫ 2(1-w)/(1-w) = 2 exactly. An atom of 1e-14
    # at w = 1 then takes the condensed mass, up to about τ over the smallest gap, 1e-14 / 2e-4.
    nodes, steps = roots_legendre(60)
    weights, masses = (1 + nodes) / 2, (1 - nodes) * steps / 2
    rare = 1e-14
    found = solved(np.log([*weights, 1.0]), [*(masses * (1 - rare)), rare], K=math.inf, lam=3.0)
    assert found.mass_at_max == pytest.approx(POWER_ATOM(shape=1, lam=3), rel=1e-8)
    assert found.expected_weight == pytest.approx(POWER_MEAN_WEIGHT(shape=1, lam=3), rel=1e-8)
    assert found.condensed_mass == 0.0


LAW = RewardLaw([0.0, 1.0, 1.0, 3.0, 2.0, 4.0], [0.4, 0.2, 0.3, 0.1, 0.0, 0.0], groups="abcacc")


@pytest.mark.parametrize(
    ("K", "lam"), [(1, 0.5), (1, math.inf), (2, 0.0), (math.inf, 0.0), (10**6, 0)]
)
def test_without_a_choice_or_a_loop_it_is_the_reference(K, lam):
    found = CurationLoop(LAW, K=K, lam=lam).fixed_point()
    assert found.probs == pytest.approx(LAW.probs, rel=1e-15)
    assert found.log_density.tolist() == [0.0] * 6
    assert found.kl_to_reference == 0.0
    assert (found.method, found.evaluations) == ("reference", 0)
    assert found.residual < 1e-15
    assert found.error_bound < 1e-14


@pytest.mark.parametrize("K", [2, 7, math.inf])
def test_the_pure_loop_ends_on_the_best_reward(K):
    found = CurationLoop(LAW, K=K, lam=math.inf).fixed_point()
    assert found.probs.tolist() == [0, 0, 0, pytest.approx(1.0), 0, 0]
    # Closed form: KL = -log p_ref(best). Without mass g shrinks below the best, and grows above.
    assert found.kl_to_reference == pytest.approx(math.log(10), rel=1e-14)
    expected = [-math.inf, -math.inf, -math.inf, math.log(10), -math.inf, math.inf]
    assert found.log_density == pytest.approx(expected, rel=1e-14)
    assert found.expected_weight == 1.0
    assert found.expected_reward == pytest.approx(3.0, rel=1e-15)
    assert found.group_proportions.tolist() == [pytest.approx(1.0), 0.0, 0.0]
    assert found.method == "best"


def test_the_best_reward_of_the_pure_loop_may_be_shared():
    found = solved([1.0, 2.0, 2.0], [0.5, 0.1, 0.4], K=3, lam=math.inf)
    assert found.probs == pytest.approx([0.0, 0.2, 0.8], rel=1e-15)
    assert found.mass_at_max == pytest.approx(1.0, rel=1e-15)


@pytest.mark.parametrize("compress", [True, False])
def test_pure_loop_of_many_rewards_has_the_scores_of_the_best_ones(compress):
    rewards = np.linspace(-1.0, 1.0, 9_000)
    rewards[:3] = 2.0
    probs = np.linspace(1.0, 3.0, rewards.size)
    score, missing = np.cos(np.arange(rewards.size)), np.arange(rewards.size, dtype=float)
    missing[1] = np.nan
    law = RewardLaw(rewards, probs / probs.sum(), scores={"a": score, "b": missing})
    found = CurationLoop(law, K=4, lam=math.inf).fixed_point(compress=compress)
    # p_ref at the best reward, over its rows that have a value.
    expected = [np.average(score[:3], weights=probs[:3]), np.average([0, 2], weights=probs[[0, 2]])]
    np.testing.assert_allclose(found.expected_scores, expected, rtol=1e-14)


@pytest.mark.parametrize("K", [1, 2, 10**9, math.inf])
@pytest.mark.parametrize("lam", [0, 1.0, math.inf])
def test_a_single_reward_stays(K, lam):
    found = solved([4.2, 4.2, 9.0], [0.3, 0.7, 0.0], K=K, lam=lam, groups="aba")
    assert found.probs == pytest.approx([0.3, 0.7, 0.0], rel=1e-14)
    assert found.group_proportions == pytest.approx([0.3, 0.7], rel=1e-14)
    assert found.expected_weight == pytest.approx(1.0, rel=1e-14)
    assert abs(found.kl_to_reference) < 1e-25


@pytest.mark.parametrize("K", [2, 5, math.inf])
def test_ties_and_missing_atoms_change_nothing(K):
    found = CurationLoop(LAW, K=K, lam=2.0).fixed_point()
    merged = solved([0.0, 1.0, 3.0], [0.4, 0.5, 0.1], K=K, lam=2.0)
    a, b, c = merged.probs
    assert found.probs == pytest.approx([a, 0.4 * b, 0.6 * b, c, 0.0, 0.0], rel=1e-14)
    assert found.group_proportions == pytest.approx([a + c, 0.4 * b, 0.6 * b], rel=1e-14)
    for name in ("expected_weight", "variance_weight", "expected_reward", "kl_to_reference"):
        assert getattr(found, name) == pytest.approx(getattr(merged, name), rel=1e-13)
    assert found.log_density[1] == found.log_density[2]


@pytest.mark.parametrize("K", [2, 3, math.inf])
@pytest.mark.parametrize("lam", [0.05, 2.0])
def test_the_density_is_continued_where_there_is_no_mass(K, lam):
    found = CurationLoop(LAW, K=K, lam=lam).fixed_point()
    # The limit of g_{t+1} = m + a H g_t, with H from rational weights' own law in the engine.
    growth = lam / (1 + lam) * np.exp(curation.log_curation_ratio(LAW.rewards, found.probs, K))
    expected = np.where(growth < 1, 1 / (1 + lam) / (1 - growth), np.inf)
    assert np.exp(found.log_density) == pytest.approx(expected, rel=1e-12)
    assert np.isinf(found.log_density[5]) == (lam == 2.0)


def test_the_figures_are_those_of_a_trajectory():
    found = CurationLoop(LAW, K=3, lam=1.5).fixed_point()
    run = CurationLoop(LAW, K=3, lam=1.5).run(steps=1, initial=found.probs)
    for name in (
        "expected_weight",
        "variance_weight",
        "expected_reward",
        "kl_to_reference",
        "mass_at_max",
    ):
        for t in (0, 1):
            assert getattr(run, name)[t] == pytest.approx(getattr(found, name), rel=1e-13)
    assert run.group_proportions[1] == pytest.approx(found.group_proportions, rel=1e-13)


@pytest.mark.parametrize(("K", "lam"), [(2, 0.3), (4, 1.0), (100, 0.5), (math.inf, 1.0)])
def test_the_loop_arrives_there(K, lam):
    # Well inside the contraction or near its end: 400 steps leave only rounding.
    law = RewardLaw(np.linspace(0, 2, 30), groups=list(range(30)))
    loop = CurationLoop(law, K=K, lam=lam)
    run, found = loop.run(steps=400), loop.fixed_point()
    assert run.probs(400) == pytest.approx(found.probs, abs=1e-14, rel=1e-11)
    assert run.kl_to_reference[400] == pytest.approx(found.kl_to_reference, rel=1e-11)


def test_a_tiny_loop_keeps_the_digits_of_a_tiny_change():
    # To first order in λ: log g = λ (H - 1), with the ratio H = 3/4, 5/4 of weights 1, 3 and K = 2.
    found = solved([0.0, math.log(3.0)], K=2, lam=1e-100)
    assert found.log_density == pytest.approx([-0.25e-100, 0.25e-100], rel=1e-13, abs=0)
    # KL = E (log g)²/2.
    assert found.kl_to_reference == pytest.approx(0.5 * 0.0625e-200, rel=1e-13, abs=0)


@pytest.mark.parametrize("lam", [1e-300, 1e298])
@pytest.mark.parametrize("K", [2, 10**9, 1e250, math.inf])
def test_extreme_parameters_are_silent(K, lam):
    found = CurationLoop(LAW, K=K, lam=lam).fixed_point()
    expected = LAW.probs if lam < 1 else [0, 0, 0, 1, 0, 0]
    assert found.probs == pytest.approx(expected, abs=1e-15)


def test_many_candidates_tend_to_infinitely_many():
    far = CurationLoop(LAW, K=math.inf, lam=0.8).fixed_point()
    near = CurationLoop(LAW, K=1e14, lam=0.8).fixed_point()
    assert near.log_density == pytest.approx(far.log_density, abs=1e-12)


@pytest.mark.parametrize("span", [800.0, 3000.0, 1e9])
@pytest.mark.parametrize("K", [2, 50])
def test_far_rewards_are_as_good_as_dead(K, span):
    # The low reward wins only among its equals, so its mass is the small root of x = m/2 + a x^K.
    found = solved([-span, -1.0, 0.0], [0.5, 0.25, 0.25], K=K, lam=4.0)
    expected = 0.0
    for _ in range(200):
        expected = 0.1 + 0.8 * expected**K
    assert found.probs[0] == pytest.approx(expected, rel=1e-14)
    assert found.residual < 1e-15


def test_rewards_a_hair_apart_are_resolved():
    # Weights equal up to 1e-200: H - 1 = ±((K-1)/K)(1e-200)/2 for two equal masses, so that
    # log g = (a/m)(H - 1) = λ (H - 1).
    found = solved([-1e-200, 0.0], K=3, lam=5.0)
    expected = 5.0 * (2 / 3) * 0.5e-200
    assert found.log_density == pytest.approx([-expected, expected], rel=1e-12, abs=0)


@pytest.mark.parametrize("K", [2, math.inf])
@pytest.mark.parametrize("gap", [5e-324, 1e-305])
def test_rewards_closer_than_any_effect_are_silent(K, gap):
    found = solved([-gap, 0.0], [0.3, 0.7], K=K, lam=0.001)
    assert found.probs == pytest.approx([0.3, 0.7], rel=1e-15)
    assert np.abs(found.log_density).max() < 1e-280


def test_the_error_bound_is_given_in_the_contraction_only():
    # λ (h - 1) < 1 with h = (1 - (1-θ)²)/θ = 2 - θ, θ = (1 + 1/2)/2: λ < 4, by hand.
    rewards = [math.log(0.5), 0.0]
    assert 0 < solved(rewards, K=2, lam=3.99).error_bound < 1e-9
    assert solved(rewards, K=2, lam=4.01).error_bound is None


@pytest.mark.parametrize("lam", [0.5, 2.0, 3.9])
def test_the_contraction_bounds_the_distance_from_any_law(lam):
    # As above, where λ < 4 is a contraction; here from p_ref, whose residual is not just rounding.
    law = RewardLaw([math.log(0.5), 0.0])
    levels = Levels.of(law, None)
    loop = CurationLoop(law, K=2, lam=lam)
    residual = loop.run(steps=1).probs(1)[1] - 0.5
    error = loop.fixed_point().mass_at_max - 0.5
    bound = bounds.contraction_bound(levels.base, levels.rewards, np.zeros(2), 2, lam, residual)
    # h = 5/4: residual / (1 - 5/4 λ/(1+λ)), and a little for rounding.
    expected = residual / (1 - 1.25 * lam / (1 + lam))
    assert residual < error <= expected
    assert bound == pytest.approx(expected, rel=1e-9)
    assert bound > expected


def test_a_replaced_ratio_is_noticed(monkeypatch):
    original = curation.log_curation_ratio

    def shifted(rewards, probs=None, K=None, **options):
        return original(rewards, probs, K, **options) + 0.01 * np.asarray(rewards)

    monkeypatch.setattr(curation, "log_curation_ratio", shifted)
    for K in (3, math.inf):
        with pytest.raises(ArithmeticError, match=r"residual of at most 1e-13; got .*run the loop"):
            solved([0.0, 1.0], K=K, lam=1.0)


def test_the_pure_loop_settles_without_a_step(monkeypatch):
    # Which would be computed on every one of ten million rewards, and move nothing.
    monkeypatch.setattr(curation, "log_curation_ratio", None)
    found = solved([0.0, 1.0, 1.0], K=3, lam=math.inf)
    assert found.probs == pytest.approx([0.0, 0.5, 0.5], abs=1e-15)
    assert found.residual == 0.0


def test_failure_to_converge_is_an_error(monkeypatch):
    monkeypatch.setattr(newton, "LARGEST_EVALUATIONS", 4)
    with pytest.raises(ArithmeticError, match=r"total variation of 1e-14; got .* after 4 eval"):
        solved([-8.8, 0.0], [1 - 5.443e-12, 5.443e-12], K=3, lam=0.5002253702705084)


def test_the_tolerances_are_those_documented():
    assert newton.MASS_TOLERANCE == 1e-14
    assert fixed_point.RESIDUAL_TOLERANCE == 1e-13


@pytest.mark.parametrize("depth", np.arange(20.0, 34.0, 0.25))
def test_at_the_threshold_of_a_law_that_is_fine_at_the_top(depth):
    # Density 2(1-w) on [0, 1], K = inf, λ = 1: exactly critical, so that the mass hardly depends on
    # the position and its rounding decides Newton's steps (200 of them were not enough for some of
    # these laws). The density below the top is m 2(1-w)/(1-w) = 1 (docs/mathematics.md,
    # fixed-point-k-inf).
    unit, mass = np.polynomial.legendre.leggauss(8)
    half = depth / 80
    gap = np.exp(-(half * (2 * np.arange(40)[:, None] + 1 + unit)).ravel())
    probs = 2 * gap**2 * np.tile(half * mass, 40)
    law = RewardLaw(np.log1p(-gap), probs / probs.sum())
    found = CurationLoop(law, K=np.inf, lam=1.0).fixed_point()
    below = gap > 0.01
    density = 2 * gap[below] * np.exp(found.log_density[below])
    # Cut at y = e^-depth; with z = 1 - ε the density is y/(y + ε), and ε is of that order.
    np.testing.assert_allclose(density, 1.0, rtol=1e4 * np.exp(-depth))


def test_a_limit_of_another_law_is_no_limit():
    loop = CurationLoop(RewardLaw([0.0, 1.0, 2.0]), K=2, lam=1.0)
    other = CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=1.0).fixed_point()
    with pytest.raises(ValueError, match="limit must be that of a loop on this law"):
        loop.steps_to_fixed_point(other)
    with pytest.raises(TypeError, match="limit must be a FixedPoint; got ndarray"):
        loop.steps_to_fixed_point(loop.fixed_point().probs)
