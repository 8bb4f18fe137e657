"""Laws with a density: moments in closed form, ends, refusals, and loops against exact ones."""

import math

import numpy as np
import pytest
import scipy.stats
from scipy.special import beta as beta_function

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.theory.closed_forms import GAUSSIAN_MEAN, GAUSSIAN_VARIANCE

SHAPES = [(0.5, 0.5), (0.1, 3.0), (0.3, 0.2), (1.0, 1.1), (5.0, 2.0), (40.0, 60.0), (2000.0, 5.0)]


def weight_law(density, support=(0, 1), **given):
    return RewardLaw.from_density(density, support, of="weight", **given)


def moment(law, power):
    return float(law.probs @ law.relative_weights**power)


@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_beta_weights_have_their_moments(a, b):
    law = RewardLaw.from_density(scipy.stats.beta(a, b), of="weight")
    for power in (1, 2, 7):
        # E w^n = Π (a + i)/(a + b + i), i < n.
        expected = math.prod((a + i) / (a + b + i) for i in range(power))
        assert moment(law, power) == pytest.approx(expected, rel=1e-13, abs=0)
    # E (1 - w)^n from the deficits, which the top's grading is for.
    expected = math.prod((b + i) / (a + b + i) for i in range(3))
    gaps = -np.expm1(law.relative_rewards)
    assert float(law.probs @ gaps**3) == pytest.approx(expected, rel=1e-13, abs=0)


@pytest.mark.parametrize(("a", "b"), SHAPES)
@pytest.mark.parametrize(("location", "scale"), [(0.0, 1.0), (-3.0, 7.0), (0.1, 0.3)])
def test_beta_rewards_have_their_moments_at_every_scale(a, b, location, scale):
    law = RewardLaw.from_density(scipy.stats.beta(a, b, loc=location, scale=scale))
    assert law.max_reward == location + scale
    unit = (law.rewards - location) / scale
    for power in (1, 2, 7):
        expected = math.prod((a + i) / (a + b + i) for i in range(power))
        assert float(law.probs @ unit**power) == pytest.approx(expected, rel=1e-13, abs=0)
    # The mean distance from the top, whose digits the rewards themselves have lost.
    mean_gap = -float(law.probs @ law.relative_rewards) / scale
    assert mean_gap == pytest.approx(b / (a + b), rel=1e-13, abs=0)


def test_a_function_has_its_ends_followed():
    # The arcsine law from w alone: 1 - w is exact, and its singular ends are not evaluated.
    law = weight_law(lambda w: 1 / (math.pi * np.sqrt(w * (1 - w))))
    assert moment(law, 1) == pytest.approx(1 / 2, rel=1e-13)
    assert moment(law, 2) == pytest.approx(3 / 8, rel=1e-13)
    assert law.top.exponent == pytest.approx(-0.5, abs=1e-12)
    assert law.mass_error < 1e-15
    # Where its arguments are rounded, the law states the cost, and no more is lost.
    scaled = RewardLaw.from_density(
        lambda x: 1 / (7.3 * math.pi * np.sqrt(x / 7.3 * (1 - x / 7.3))), (0, 7.3)
    )
    error = abs(float(scaled.probs @ scaled.rewards) / 3.65 - 1)
    assert error < 10 * scaled.mass_error < 1e-9


def test_the_top_is_an_atom_without_mass_and_gaps_are_resolved():
    law = weight_law(lambda w: 2 * (1 - w))
    assert law.rewards[-1] == law.max_reward == 0.0
    assert law.probs[-1] == 0.0
    assert (np.diff(law.relative_rewards) > 0).all()
    assert law.probs[:-1].min() > 0
    assert -1e-17 < law.relative_rewards[-2] < 0
    assert law.is_continuous
    assert not RewardLaw([0.0]).is_continuous
    # At an offset the rewards tie at the top, but those that the engine uses do not.
    law = RewardLaw.from_density(scipy.stats.beta(2, 2, loc=1e6))
    assert (np.diff(law.relative_rewards) > 0).all()
    assert law.rewards[-2] == law.rewards[-1] == law.max_reward == 1e6 + 1


@pytest.mark.parametrize(("mean", "deviation"), [(0, 1), (-5000, 3), (1, 1e-4), (0, 20)])
def test_gaussian_rewards_have_their_moments(mean, deviation):
    law = RewardLaw.from_density(scipy.stats.norm(mean, deviation))
    assert law.max_reward == math.inf
    assert law.unit_reward == pytest.approx(mean, abs=1e-12 * max(1, deviation))
    central = (law.relative_rewards + (law.unit_reward - mean)) / deviation
    for power, expected in ((2, 1), (4, 3), (8, 105)):  # the double factorials
        assert float(law.probs @ central**power) == pytest.approx(expected, rel=1e-12)
    # E e^{r - mean}: the tail that the loop climbs.
    if deviation <= 3:
        expected = math.exp(deviation**2 / 2)
        assert float(law.probs @ law.relative_weights) == pytest.approx(expected, rel=1e-12)


def test_other_laws_have_their_moments():
    exponential = RewardLaw.from_density(scipy.stats.expon())
    assert float(exponential.probs @ exponential.rewards**3) == pytest.approx(6, rel=1e-13)
    newer = RewardLaw.from_density(scipy.stats.Normal(mu=1.0, sigma=2.0))
    assert float(newer.probs @ (newer.rewards - 1) ** 2) == pytest.approx(4, rel=1e-13)
    # scipy's density is 0 · inf near zero here; its logarithm is not.
    inverse = RewardLaw.from_density(scipy.stats.invgauss(0.14))
    assert float(inverse.probs @ inverse.rewards) == pytest.approx(0.14, rel=1e-13)
    by_floats = RewardLaw.from_density(lambda x: math.exp(-x), (0, math.inf))
    assert float(by_floats.probs @ by_floats.rewards) == pytest.approx(1, rel=1e-13)
    jump = RewardLaw.from_density(lambda x: np.where(x < 0.3, 2.0, 4 / 7), (0, 1))
    assert float(jump.probs @ jump.rewards) == pytest.approx(0.09 + 2 / 7 * 0.91, rel=1e-14)
    # ∫_c^inf of a weight's law that starts above zero: log w is exponential of mean 1/2.
    pareto = RewardLaw.from_density(scipy.stats.pareto(2, scale=3.0), of="weight")
    assert float(pareto.probs @ pareto.rewards) == pytest.approx(math.log(3) + 0.5, rel=1e-13)


def bumps(r):
    narrow = np.exp(-(((r - 0.2) / 1e-6) ** 2) / 2) / 1e-6
    wide = np.exp(-(((r - 0.7) / 1e-2) ** 2) / 2) / 1e-2
    return (narrow + wide) / (2 * math.sqrt(2 * math.pi))


def test_narrow_peaks_are_found_or_reported():
    with pytest.raises(ValueError, match=r"must integrate to 1 .* got 0\.5.* points="):
        RewardLaw.from_density(bumps, (0, 1))
    law = RewardLaw.from_density(bumps, (0, 1), points=[0.2])
    # Rounding of the arguments alone, 2^-53 of 0.2, is 2e-11 of the peak's width.
    assert float(law.probs @ law.rewards) == pytest.approx(0.45, rel=2e-11)
    second = (0.2**2 + 1e-12 + 0.7**2 + 1e-4) / 2
    assert float(law.probs @ law.rewards**2) == pytest.approx(second, rel=2e-11)


REFUSED = [
    (lambda: RewardLaw.from_density(3.0), TypeError, r"must be a function .* got 3\.0"),
    (lambda: RewardLaw.from_density(scipy.stats.poisson(3)), TypeError, "continuous scipy.stats"),
    (lambda: RewardLaw.from_density(np.exp), TypeError, "needed where density is a function"),
    (lambda: RewardLaw.from_density(np.exp, 5), TypeError, "must be a pair .* got 5"),
    (lambda: RewardLaw.from_density(np.exp, (1, 0)), ValueError, r"lowest < highest; got \(1, 0\)"),
    (lambda: RewardLaw.from_density(np.exp, (0, 1), of="w"), ValueError, "of must be 'reward' or"),
    (lambda: weight_law(np.exp, (-1, 1)), ValueError, "at 0 or above; got -1"),
    (lambda: RewardLaw.from_density(lambda x: x, (0, 1)), ValueError, "integrate to 1 .* got 0.5"),
    (lambda: RewardLaw.from_density(lambda x: 1.5 - 2 * x, (0, 1)), ValueError, "at least 0 .* -0"),
    (lambda: RewardLaw.from_density(lambda x: x * np.nan, (0, 1)), ValueError, "got nan at"),
    (lambda: RewardLaw.from_density(lambda x: "a", (0, 1)), TypeError, "one real number for each"),
    (lambda: RewardLaw.from_density(lambda x: x[:3], (0, 1)), TypeError, "one real number for"),
    (lambda: RewardLaw.from_density(scipy.stats.cauchy()), ValueError, "at most 1e-28 of its mass"),
    (lambda: RewardLaw.from_density(np.exp, (0, 1), points=[np.nan]), ValueError, "points must be"),
    (lambda: RewardLaw.from_density(np.exp, (0, 1), points=0.5), TypeError, r"points .* got 0\.5"),
]


@pytest.mark.parametrize(("make", "error", "message"), REFUSED)
def test_bad_input_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_what_needs_atoms_is_refused():
    law = weight_law(lambda w: 2 * (1 - w))
    with pytest.raises(ValueError, match="a law with a density cannot be compressed"):
        CurationLoop(law, K=2, lam=1).run(steps=1, compress=True)
    with pytest.raises(ValueError, match="a law with a density cannot be compressed"):
        CurationLoop(law, K=2, lam=1).fixed_point(compress=True)
    with pytest.raises(TypeError, match="compress must be True, False or None; got 'no'"):
        CurationLoop(law, K=2, lam=1).fixed_point(compress="no")
    with pytest.raises(ValueError, match=r"finite mean weight E e\^r for K = inf"):
        CurationLoop(RewardLaw.from_density(scipy.stats.expon()), K=math.inf, lam=1)
    CurationLoop(RewardLaw.from_density(scipy.stats.expon()), K=10**6, lam=1)


def test_gaussian_rewards_have_the_closed_form():
    law = RewardLaw.from_density(scipy.stats.norm(1.0, 0.7))
    run = CurationLoop(law, K=math.inf, lam=math.inf).run(steps=30)
    assert run.trusted_until == 30
    for t in (0, 1, 5, 30):
        parameters = {"mean": 1.0, "variance": 0.7**2, "slope": 1.0, "curvature": 0.0, "steps": t}
        mean, variance = GAUSSIAN_MEAN(**parameters), GAUSSIAN_VARIANCE(**_without_mean(parameters))
        assert run.expected_reward[t] == pytest.approx(mean, rel=1e-12)
        spread = float(run.probs(t) @ (law.rewards - mean) ** 2)
        assert spread == pytest.approx(variance, rel=1e-12)
        # KL of N(μ + tσ², σ²) from N(μ, σ²) is t²σ²/2; E e^{r - μ} is e^{tσ² + σ²/2}.
        assert run.kl_to_reference[t] == pytest.approx(t**2 * 0.49 / 2, rel=1e-12, abs=1e-13)
        assert run.expected_weight[t] == pytest.approx(math.exp(0.49 * (t + 0.5)), rel=1e-12)


def _without_mean(parameters):
    return {name: parameters[name] for name in ("variance", "curvature", "steps")}


def test_a_run_says_when_it_leaves_the_resolved_rewards():
    law = RewardLaw.from_density(scipy.stats.norm(1.0, 1.0))
    with pytest.warns(RuntimeWarning, match=r"right until step 28: p_29 has a mass of .*e-12"):
        run = CurationLoop(law, K=math.inf, lam=math.inf).run(steps=60)
    assert run.trusted_until == 28
    exact = 1.0 + np.arange(61)
    assert np.abs(run.expected_reward - exact)[:29].max() < 1e-11
    assert abs(run.expected_reward[60] - exact[60]) > 1  # what the warning is for
    finite = CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=1).run(steps=3)
    assert finite.trusted_until == 3


def test_unbounded_rewards_and_finite_candidates_match_the_trapezoid_rule():
    # For the Gaussian the trapezoid rule of step 1/16 on ±14 is another rule, right to 1e-16.
    places = np.arange(-224, 225) / 16
    masses = np.exp(-(places**2) / 2)
    other = RewardLaw(places, masses / masses.sum())
    for K, lam, steps in ((2, math.inf, 10), (5, 0.7, 20)):
        law = RewardLaw.from_density(scipy.stats.norm())
        run = CurationLoop(law, K=K, lam=lam).run(steps=steps)
        expected = CurationLoop(other, K=K, lam=lam).run(steps=steps)
        assert run.expected_reward == pytest.approx(expected.expected_reward, rel=1e-11, abs=1e-13)
        assert run.kl_to_reference == pytest.approx(expected.kl_to_reference, rel=1e-11, abs=1e-13)


def test_the_pure_loop_of_beta_weights_stays_beta():
    # K = inf: p_t ∝ w^t p_0, so Beta(a + t, b); also where p_0 has 1e-290 of its mass.
    law = RewardLaw.from_density(scipy.stats.beta(40, 60), of="weight")
    run = CurationLoop(law, K=math.inf, lam=math.inf).run(steps=2000)
    t = np.arange(2001)
    assert run.trusted_until == 2000
    assert run.expected_weight == pytest.approx((40 + t) / (100 + t), rel=1e-11)
    log_density = np.log(beta_function(40, 60) / beta_function(60, 60)) + 20 * law.relative_rewards
    assert run.log_density(20) == pytest.approx(log_density, abs=1e-11)
    assert (run.mass_at_max == 0).all()


def test_one_step_of_two_candidates_on_the_uniform_weight():
    # H(w) = 2w log(1 + 1/w), so E_1 w = ∫ 2w² log(1 + 1/w) = (4 log 2 - 1)/3.
    law = weight_law(lambda w: 1.0)
    run = CurationLoop(law, K=2, lam=math.inf).run(steps=1)
    assert run.expected_weight[1] == pytest.approx((4 * math.log(2) - 1) / 3, rel=1e-13)
    # Near the lowest nodes the ratio lacks the mass below them.
    weights = law.relative_weights[law.relative_rewards > law.relative_rewards[0] + 30]
    expected = np.log(2 * weights * np.log1p(1 / weights))
    assert run.log_density(1)[-weights.size :] == pytest.approx(expected, abs=1e-11)


def test_two_coordinates_give_the_same_runs():
    # Beta(0.6, 1.7) weights, and the same law as a density of the reward: another set of nodes.
    distribution = scipy.stats.beta(0.6, 1.7)
    constant = beta_function(0.6, 1.7)

    def of_reward(r):
        return np.exp(0.6 * r) * (-np.expm1(r)) ** 0.7 / constant

    laws = (
        RewardLaw.from_density(distribution, of="weight"),
        RewardLaw.from_density(of_reward, (-math.inf, 0)),
    )
    for K, lam in ((3, math.inf), (7, 0.9), (math.inf, 2.0)):
        runs = [CurationLoop(law, K=K, lam=lam).run(steps=60) for law in laws]
        for figure in ("expected_weight", "variance_weight", "expected_reward", "kl_to_reference"):
            one, other = (getattr(run, figure) for run in runs)
            assert one == pytest.approx(other, rel=1e-11, abs=1e-14), figure


def test_another_start_is_given_by_the_masses_of_the_nodes():
    law = weight_law(lambda w: 2 * (1 - w))
    start = law.probs * law.relative_weights * 3  # E w = 1/3
    loop = CurationLoop(law, K=math.inf, lam=math.inf)
    # One step from p_ref has the density w/E w: the start is p_1.
    moved, run = loop.run(steps=2, initial=start), loop.run(steps=3)
    assert moved.expected_weight == pytest.approx(run.expected_weight[1:], rel=1e-13)
