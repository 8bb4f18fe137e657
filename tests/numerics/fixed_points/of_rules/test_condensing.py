"""Voters with K = inf on laws with a density: the atom at the top, and the law without one."""

import math

import mpmath
import numpy as np
import pytest
import scipy.stats

from recurate import CurationLoop, RewardLaw, condensation_threshold
from recurate.numerics.fixed_points.fixed_point import RESIDUAL_TOLERANCE
from recurate.rules import Accept, BradleyTerry, RandomChoice, Stages, Voters
from recurate.theory.closed_forms import (
    ARCSINE_MEAN_WEIGHT,
    POWER_ATOM,
    POWER_MEAN_WEIGHT,
    POWER_THRESHOLD,
    UNIFORM_MEAN_WEIGHT,
)

INF = math.inf
BEST = BradleyTerry(INF)
SQUARED = Stages([BEST, BEST])  # the weight e^{2r}
# Densities of the reward and of the weight: both 2(1 - x) on (0, 1).
TRIANGLE = RewardLaw.from_density(lambda r: 2 * (1 - r), support=(0, 1))
OF_WEIGHT = RewardLaw.from_density(scipy.stats.beta(1, 2), of="weight")
GAUSSIAN = RewardLaw.from_density(scipy.stats.norm())
TWO = Voters([(0.3, BEST), (0.7, Accept(None))])


def power(shape):
    """Return the law with the density (k+1)(1 - r)^k of the reward, k the shape."""
    return RewardLaw.from_density(scipy.stats.beta(1, shape + 1))


def weights_of(law):
    """Return w_u relative to the top at the nodes, of e^r, of r, and of both one after another."""
    gaps = law.relative_rewards
    weights = np.array([np.exp(gaps), np.maximum(1 + gaps / law.max_reward, 0.0)])
    return np.vstack([weights, weights.prod(axis=0)])


@pytest.mark.parametrize(("K", "lam"), [(2, 12.0), (INF, 0.5), (INF, 6.0), (INF, INF)])
def test_random_choices_and_samples_kept_are_one_voter_with_less(K, lam):
    # Collected (docs/fixed_points.md): λ times the share that is selected.
    rule = Voters([(0.5, BradleyTerry(K)), (0.2, RandomChoice()), (0.3, BradleyTerry(K))])
    for law in (OF_WEIGHT, GAUSSIAN):
        found = CurationLoop(law, rule=rule, lam=lam, retained=0.25).fixed_point()
        one = CurationLoop(law, K=K, lam=lam * 0.6).fixed_point()
        assert found.method == one.method
        assert found.condensed_mass == pytest.approx(one.condensed_mass, rel=1e-13, abs=1e-16)
        np.testing.assert_allclose(found.probs, one.probs, rtol=1e-12, atol=1e-16)
        assert found.is_unique


@pytest.mark.parametrize("shape", [0.1, 0.5, 2.0])
@pytest.mark.parametrize("times", [0.3, 1 - 1e-10, 1 + 1e-10, 1.2, 1e3])
def test_a_verifier_is_one_voter_on_the_density_of_the_weight(shape, times):
    lam = times * POWER_THRESHOLD(shape=shape)
    law = power(shape)
    found = CurationLoop(law, rule=Accept(None), lam=lam, retained=0.0).fixed_point()
    its = RewardLaw.from_density(scipy.stats.beta(1, shape + 1), of="weight")
    one = CurationLoop(its, K=INF, lam=lam).fixed_point()
    assert found.expected_reward == pytest.approx(one.expected_weight, rel=1e-12)
    assert found.residual <= RESIDUAL_TOLERANCE
    assert found.objective_gap <= 1e-13
    assert (found.error_bound, found.log_density_error) == (None, None)
    if times < 1:
        assert (found.method, found.condensed_mass) == ("objective", 0.0)
    else:
        # λ_c is known to twelve digits, and the atom is m(λ - λ_c).
        atom = POWER_ATOM(shape=shape, lam=lam)
        assert found.method == "condensed"
        assert found.condensed_mass == pytest.approx(atom, rel=1e-12, abs=1e-12)
        assert found.mass_at_max == pytest.approx(found.condensed_mass, rel=1e-14)
        mean = POWER_MEAN_WEIGHT(shape=shape, lam=lam)
        assert found.expected_reward == pytest.approx(mean, rel=1e-12)
        assert (found.kl_to_reference, found.log_density[-1]) == (INF, INF)


@pytest.mark.parametrize("lam", [0.2, 0.386, 0.3863, 1.5, 50.0])
def test_one_voter_after_another_squares_the_weight(lam):
    found = CurationLoop(OF_WEIGHT, rule=SQUARED, lam=lam).fixed_point()
    # E_ref 1/(1 - w²) = ∫ 2/(1 + w) dw = 2 log 2.
    atom = max(0.0, (lam - (2 * math.log(2) - 1)) / (1 + lam))
    assert found.condensed_mass == pytest.approx(atom, rel=1e-12, abs=1e-15)
    # The density of 2r, its weight w² = x: 2(1 - √x)/(2√x).
    doubled = RewardLaw.from_density(lambda x: 1 / np.sqrt(x) - 1, (0, 1), of="weight")
    one = CurationLoop(doubled, K=INF, lam=lam).fixed_point()
    assert found.expected_reward == pytest.approx(one.expected_reward / 2, rel=1e-10)
    assert condensation_threshold(doubled, INF) == pytest.approx(2 * math.log(2) - 1, rel=1e-12)


def in_25_digits(share, lam, near):
    """Return the atom, E_p e^{r-1} and E_p r for TWO on TRIANGLE with another share, by mpmath.

    The unknowns are the two rates c_u = aπ_u/W_u, or one and the atom, in the equations c_u W_u =
    aπ_u, with p = m p_ref/s and s = 1 - Σ c_u w_u; tanh-sinh nodes in the distance d to the top.
    The root is looked for from means near those given.
    """
    with mpmath.workdps(25):
        m = 1 / (1 + mpmath.mpf(lam))
        aims = (1 - m) * mpmath.mpf(share), (1 - m) * (1 - mpmath.mpf(share))
        h, nodes = mpmath.mpf(1) / 16, []
        for j in range(-72, 73):
            y = mpmath.pi * mpmath.sinh(j * h)
            d, up = 1 / (1 + mpmath.exp(-y)), 1 / (1 + mpmath.exp(y))
            mass = m * 2 * d * h * mpmath.pi * mpmath.cosh(j * h) * d * up
            nodes.append((mass, -mpmath.expm1(-d), d, mpmath.exp(-d), up))

        def means(first, second, margin):
            terms = [(q / (margin + first * k + second * d), w, v) for q, k, d, w, v in nodes]
            sums = [(p, p * w, p * v) for p, w, v in terms]
            return [mpmath.fsum(column) for column in zip(*sums, strict=True)]

        def with_atom(first, atom):
            _, weight, value = means(first, 1 - first, 0)
            return first * (weight + atom) - aims[0], (1 - first) * (value + atom) - aims[1]

        def without(first, second):
            _, weight, value = means(first, second, 1 - first - second)
            return first * weight - aims[0], second * value - aims[1]

        first, atom = mpmath.findroot(with_atom, (share, 0.1), maxsteps=40)
        if atom > 0:
            found = means(first, 1 - first, 0)
        else:
            atom = 0
            # With a negative margin there are other roots; with a positive one there is no other.
            start = [aim / round(mean, 2) for aim, mean in zip(aims, near, strict=True)]
            first, second = mpmath.findroot(without, start, maxsteps=40)
            assert min(first, second, 1 - first - second) > 0
            found = means(first, second, 1 - first - second)
        assert abs(found[0] + atom - 1) < 1e-18
        return tuple(float(x) for x in (atom, found[1] + atom, found[2] + atom))


@pytest.mark.parametrize("share", [0.3, 0.9, 1e-3])
@pytest.mark.parametrize("lam", [0.5, 0.9, 1.3, 1.7, 30.0])
def test_two_voters_have_the_digits_of_mpmath(share, lam):
    rule = Voters([(share, BEST), (1 - share, Accept(None))])
    found = CurationLoop(TRIANGLE, rule=rule, lam=lam).fixed_point()
    near = found.expected_weight, found.expected_reward
    atom, weight, reward = in_25_digits(share, lam, near)
    assert found.condensed_mass == pytest.approx(atom, rel=1e-12, abs=0)
    assert found.expected_weight == pytest.approx(weight, rel=1e-13)
    assert found.expected_reward == pytest.approx(reward, rel=1e-13)
    # Verifiers alone have λ_c = 1, voters alone ∫ 2d/(1 - e^{-d}) - 1 = 1.555.
    assert atom > 0 if lam > 1.56 else lam > 1 or atom == 0


@pytest.mark.parametrize("seed", range(40))
def test_no_other_law_has_a_larger_objective(seed):
    rng = np.random.default_rng(seed)
    law = RewardLaw.from_density(
        scipy.stats.beta(rng.uniform(0.3, 4), rng.uniform(1.1, 6), scale=rng.uniform(0.1, 1.0))
    )
    shares, lam = rng.dirichlet(np.ones(3)), float(10 ** rng.uniform(-3, 3))
    rules = [BEST, Accept(None), Stages([BEST, Accept(None)])]
    rule = Voters([(float(s), one) for s, one in zip(shares, rules, strict=True)])
    retained = float(rng.choice([0.0, 0.4]))
    found = CurationLoop(law, rule=rule, lam=lam, retained=retained).fixed_point()
    assert found.is_unique
    assert found.residual <= RESIDUAL_TOLERANCE
    assert found.objective_gap <= 1e-12
    weights, its = weights_of(law), lam * (1 - retained)
    real, probs = 1 / (1 + its), found.probs
    # The conditions: p (1 - aH) = m p_ref, aH <= 1 at the top, and = 1 if there is an atom.
    rates = (1 - real) * shares / (weights @ probs)
    top = float(rates.sum())
    slack = (1 - top) + rates @ (1 - weights)
    np.testing.assert_allclose(probs[:-1] * slack[:-1], real * law.probs[:-1], rtol=0, atol=1e-15)
    assert top <= 1 + 1e-13
    if found.condensed_mass:
        assert top == pytest.approx(1.0, abs=1e-13)
    # J1's objective, for laws nearby, with more or less of an atom.
    kept = law.probs > 0
    reference = law.probs[kept]

    def objective(masses):
        divergence = float(reference @ (np.log(reference) - np.log(masses[kept])))
        return (1 - real) * float(shares @ np.log(weights @ masses)) - real * divergence

    own = objective(probs)
    for size in (1e-6, 1e-3, 1.0):
        other = probs * np.exp(size * rng.normal(size=law.size))
        other[-1] += size * rng.uniform(0, 0.1)
        other /= other.sum()
        assert objective(other) <= own + found.objective_gap + 1e-13 * (1 + abs(own))


def test_finite_laws_of_quantiles_pile_up_on_the_best():
    # The quantiles √(i/n) below the top, i = 0, 1, …: E_ref 1/δ without the best is Σ 1/√(i n) =
    # 2 + ζ(½)/√n + O(1/n), since δ is near the distance. What it lacks is on the best level, whose
    # place does not matter to W_u. In 1/n the margin τ = m/(n ε) brings a logarithm.
    limit = CurationLoop(TRIANGLE, rule=TWO, lam=3.0).fixed_point()
    more = -float(mpmath.zeta(0.5)) / 4.0
    for size in (2_000, 8_000, 32_000):
        rewards = 1 - np.sqrt(np.arange(size) / size)
        found = CurationLoop(RewardLaw(rewards), rule=TWO, lam=3.0).fixed_point()
        off = float(found.probs[0]) - limit.condensed_mass
        assert off == pytest.approx(more / math.sqrt(size), abs=0.2 * math.log(size) / size)
        assert found.probs @ rewards == pytest.approx(limit.expected_reward, abs=0.5 / size)


def test_the_loop_goes_to_its_condensed_law():
    loop = CurationLoop(TRIANGLE, rule=TWO, lam=3.0, retained=0.2)
    found, run = loop.fixed_point(), loop.run(steps=2000)
    # No p_t has an atom: its mass is still at distances of about 1/t, and so is the mean reward.
    assert found.condensed_mass > 0.3
    assert (run.mass_at_max == 0).all()
    left = found.expected_reward - run.expected_reward
    assert left[1000] / left[2000] == pytest.approx(2.0, rel=0.01)
    limit = 2 * run.expected_reward[2000] - run.expected_reward[1000]
    assert limit == pytest.approx(found.expected_reward, abs=1e-5)


@pytest.mark.parametrize("lam", [0.1, 1.0, 10.0, 40.0])
def test_verifiers_that_never_condense_have_the_closed_form(lam):
    for density, mean in (
        (scipy.stats.uniform(), UNIFORM_MEAN_WEIGHT),
        (scipy.stats.arcsine(), ARCSINE_MEAN_WEIGHT),
    ):
        law = RewardLaw.from_density(density)
        found = CurationLoop(law, rule=Accept(None), lam=lam).fixed_point()
        assert found.expected_reward == pytest.approx(mean(lam=lam), rel=1e-13)
        assert (found.condensed_mass, found.method) == (0.0, "objective")


def test_a_law_nearer_to_the_top_than_its_nodes_is_refused():
    # As for one voter: τ = 1 - aH_* is about e^{-(1 + λ)} on a uniform law.
    law = RewardLaw.from_density(scipy.stats.uniform())
    with pytest.raises(ArithmeticError, match="must lie where the law's nodes resolve"):
        CurationLoop(law, rule=TWO, lam=200.0).fixed_point()


def test_limiting_cases():
    best = CurationLoop(TRIANGLE, rule=TWO, lam=INF, retained=0.5).fixed_point()
    assert (best.condensed_mass, best.method, best.is_unique) == (1.0, "best", True)
    for lam, retained in ((0.0, 0.0), (4.0, 1.0)):
        same = CurationLoop(TRIANGLE, rule=TWO, lam=lam, retained=retained).fixed_point()
        assert same.method == "reference"
        assert same.probs == pytest.approx(TRIANGLE.probs, rel=1e-14)
    (only,) = CurationLoop(TRIANGLE, rule=TWO, lam=3.0).fixed_points()
    assert only.method == "condensed"


def test_unbounded_rewards_leave_real_data_only():
    # Every W_u is infinite in the end, so H is zero at finite rewards, as for one voter.
    rule = Voters([(0.5, BEST), (0.5, SQUARED)])
    loop = CurationLoop(GAUSSIAN, rule=rule, lam=1.0, retained=0.5)
    found, run = loop.fixed_point(), loop.run(steps=9)
    gone = 0.5 / 1.5  # λ' = λ/2 of what is selected
    assert (found.method, found.is_unique) == ("escaped", True)
    assert found.condensed_mass == pytest.approx(gone, rel=1e-14)
    np.testing.assert_allclose(found.probs, (1 - gone) * GAUSSIAN.probs, rtol=1e-13)
    # The mass of p_t at rewards below zero: real, and what is kept of it from step to step.
    low = GAUSSIAN.rewards < 0
    error = [run.probs(t)[low].sum() - found.probs[low].sum() for t in (8, 9)]
    assert error[1] == pytest.approx(error[0] / 4, rel=0.05)  # aε of it is left in each step


def test_a_mean_that_is_infinite_is_refused():
    # Exponential of rate 1.5: E e^r = 3 is finite, E e^{2r} is not.
    law = RewardLaw.from_density(scipy.stats.expon(scale=1 / 1.5))
    rule = Voters([(0.5, BEST), (0.5, SQUARED)])
    with pytest.raises(ValueError, match="must have a finite mean of what each voter multiplies"):
        CurationLoop(law, rule=rule, lam=1.0).fixed_point()
