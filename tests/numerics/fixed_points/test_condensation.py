"""Condensation thresholds against other methods, and the fixed points with atoms above them."""

import math

import mpmath
import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import recurate
from recurate.guarantees import guarantees
from recurate.numerics.curation import log_curation_ratio
from recurate.numerics.fixed_points.condensation import condensation_threshold
from recurate.numerics.fixed_points.with_density import escaped_mass
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.runs.certified_trajectory import CertifiedLoop
from recurate.theory.closed_forms import (
    ARCSINE_MEAN_WEIGHT,
    POWER_ATOM,
    POWER_MEAN_WEIGHT,
    POWER_THRESHOLD,
    UNIFORM_MEAN_WEIGHT,
)
from recurate.theory.real_data import theorem_2_4_optimal


def beta_weights(a, b):
    return RewardLaw.from_density(scipy.stats.beta(a, b), of="weight")


TRIANGLE = beta_weights(1, 2)  # density 2(1-w)
GAUSSIAN = RewardLaw.from_density(scipy.stats.norm())

# By tanh-sinh nodes in w and sums over all pairs, in mpmath with 32 digits (for K = 3 over all
# triples, in 80-bit arithmetic): the digits on which two step sizes agree. The first one is
# computed again below, and so is the last.
THRESHOLDS = [
    (TRIANGLE, 2, 3.2361702123562900284852),
    (beta_weights(1, 1.5), 2, 5.2896546221199857884247),
    (beta_weights(2, 3), 2, 3.1393315136761045223987),
    (beta_weights(0.5, 4), 2, 1.4798651319534571959258),
    (beta_weights(1, 1.1), 2, 21.360798149890139825),
    (RewardLaw.from_density(scipy.stats.beta(2, 3, scale=20)), 2, 1.0418532296246468),
    (TRIANGLE, 3, 2.0938945016118530474),
    (beta_weights(2, 3), 3, 2.053831563483897123),
]


@pytest.mark.parametrize(("law", "K", "expected"), THRESHOLDS)
def test_thresholds_have_the_digits_of_another_method(law, K, expected):
    assert condensation_threshold(law, K) == pytest.approx(expected, rel=1e-13, abs=0)


def test_pairs_of_tanh_sinh_nodes_in_25_digits():
    with mpmath.workdps(25):
        h, pi = mpmath.mpf(1) / 8, mpmath.pi
        nodes = []
        for j in range(-40, 41):
            y = pi * mpmath.sinh(j * h)
            w, gap = 1 / (1 + mpmath.exp(-y)), 1 / (1 + mpmath.exp(y))
            nodes.append((w, gap, 2 * gap * h * pi * mpmath.cosh(j * h) * w * gap))
        deficits = [gap / 2 for _, gap, _ in nodes]
        for _ in range(24):
            kernel = [q / d for (_, _, q), d in zip(nodes, deficits, strict=True)]
            total = mpmath.fsum(kernel)
            # H_* - H = E[2W/(1+W) · (1-w)/(w+W)] and H_* = E[2/(1+W)], nothing cancels.
            terms = [2 * p / (1 + w) / total for p, (w, _, _) in zip(kernel, nodes, strict=True)]
            best = mpmath.fsum(terms)
            pairs = [(t * w, w) for t, (w, _, _) in zip(terms, nodes, strict=True)]
            deficits = [g * mpmath.fsum(t / (w + v) for t, v in pairs) / best for w, g, _ in nodes]
        expected = float(total - 1)
    assert expected == pytest.approx(3.2361702123562900285, rel=1e-15)
    assert condensation_threshold(TRIANGLE, 2) == pytest.approx(expected, rel=1e-13, abs=0)


def test_triples_of_tanh_sinh_nodes():
    # Long doubles where there are any; doubles serve for 1e-12 too.
    h = np.longdouble(1) / 12
    t = np.arange(-55, 56).astype(np.longdouble) * h
    y = 4 * np.arctan(np.longdouble(1)) * np.sinh(t)
    w, gap = 1 / (1 + np.exp(-y)), 1 / (1 + np.exp(y))
    reference = 12 * w * gap**2 * h * 4 * np.arctan(np.longdouble(1)) * np.cosh(t) * w * gap
    others, deficits = (w[:, None] + w).ravel(), gap * 2 / 3
    for _ in range(16):
        probs = reference / deficits
        total = probs.sum()
        both = (probs[:, None] * probs).ravel() / total**2
        # H_* - H = E[3 S (1-w)/((1+S)(w+S))], S the sum of the two others' weights.
        terms = 3 * both * others / (1 + others)
        best = (3 * both / (1 + others)).sum()
        deficits = np.array([g * (terms / (v + others)).sum() for v, g in zip(w, gap, strict=True)])
        deficits /= best
    assert condensation_threshold(beta_weights(2, 3), 3) == pytest.approx(
        float(total - 1), rel=1e-12, abs=0
    )


@pytest.mark.parametrize("shape", [0.01, 0.1, 0.5, 1.0, 3.0, 50.0])
def test_infinite_candidates_have_the_closed_form(shape):
    found = condensation_threshold(beta_weights(1, shape + 1), math.inf)
    assert found == pytest.approx(POWER_THRESHOLD(shape=shape), rel=1e-12, abs=0)
    # By expansion: (1/k)(1 + (k+1)/K) for large K, up to terms of the order of 1/K².
    finite = condensation_threshold(beta_weights(1, shape + 1), 10**5)
    assert finite == pytest.approx((1 + (shape + 1) / 1e5) / shape, rel=1e-6, abs=0)


def test_the_reward_has_the_threshold_of_its_weight():
    # The density of r = log w for 2(1-w), best reward at zero.
    law = RewardLaw.from_density(lambda r: -2 * np.exp(r) * np.expm1(r), (-math.inf, 0))
    assert condensation_threshold(law, 2) == pytest.approx(3.23617021235629003, rel=1e-13)


@pytest.mark.parametrize("shape", [0.5, 1.0, 2.0])
def test_a_function_that_rounds_the_distance_to_the_top_loses_little(shape):
    # 1 - x/7.3 against -r/7.3 with the best reward at zero, where nothing is rounded.
    blurred = RewardLaw.from_density(lambda x: (1 + shape) / 7.3 * (1 - x / 7.3) ** shape, (0, 7.3))
    exact = RewardLaw.from_density(lambda r: (1 + shape) / 7.3 * (-r / 7.3) ** shape, (-7.3, 0))
    expected = condensation_threshold(exact, 4)
    assert condensation_threshold(blurred, 4) == pytest.approx(expected, rel=1e-12, abs=0)


def test_a_function_that_rounds_too_much_away_is_refused():
    law = RewardLaw.from_density(lambda x: 1.1 / 7.3 * (1 - x / 7.3) ** 0.1, (0, 7.3))
    with pytest.raises(ArithmeticError, match=r"e-1\d of its integral .* support \(\.\.\., 0\)"):
        condensation_threshold(law, 4)


POSITIVE_AT_TOP = [
    RewardLaw.from_density(scipy.stats.uniform(), of="weight"),
    RewardLaw.from_density(scipy.stats.arcsine(), of="weight"),
    RewardLaw.from_density(scipy.stats.uniform(-3, 7)),
    RewardLaw.from_density(scipy.stats.truncnorm(-3, 2, loc=0.3, scale=1.7)),
    RewardLaw([0.0, 1.0]),
]


@pytest.mark.parametrize("law", POSITIVE_AT_TOP)
def test_a_law_with_a_density_at_the_top_never_condenses(law):
    assert condensation_threshold(law, 3) == condensation_threshold(law, math.inf) == math.inf


def test_exponents_are_told_from_zero():
    # 1/k for the exponent 1e-3, where any large number would do for "infinite".
    law = beta_weights(1, 1.001)
    assert condensation_threshold(law, math.inf) == pytest.approx(1000, rel=1e-11)
    assert condensation_threshold(law, 10**6) == pytest.approx(1000, rel=1e-2)
    # Density c/(d log²(e²/d)) has the mass d-integrable only by the logarithm: no power.
    with pytest.raises((ValueError, ArithmeticError)):
        condensation_threshold(
            RewardLaw.from_density(lambda r: 2 / (-r * (2 - np.log(-r)) ** 2), (-1, 0)), 2
        )
    # 1/log² itself is integrable over the distance only by the logarithm: this is undecidable.
    constant = 1 / float(mpmath.quad(lambda d: 1 / (2 - mpmath.log(d)) ** 2, [0, 1e-9, 1e-3, 1]))
    law = RewardLaw.from_density(lambda r: constant / (2 - np.log(-r)) ** 2, (-1, 0))
    with pytest.raises(ArithmeticError, match="must be resolved near the top"):
        condensation_threshold(law, 2)


@settings(max_examples=25, deadline=None)
@given(
    a=st.floats(0.5, 6.0),
    b=st.floats(1.3, 8.0),
    scale=st.sampled_from([0.1, 1.0, 10.0]),
    K=st.sampled_from([2, 3, 5, 20, 1000, math.inf]),
)
def test_theorem_2_4_s_range_is_the_guaranteed_part(a, b, scale, K):
    law = RewardLaw.from_density(scipy.stats.beta(a, b, scale=scale))
    threshold = condensation_threshold(law, K)
    mean = float(law.probs @ law.relative_weights)
    # Stated to 12 digits; no-condensation gives the other bound, μ/(1 - μ), attained at no law.
    assert threshold >= (1 - 1e-12) / (K - 1)
    assert threshold >= (1 - 1e-12) * mean / (1 - mean)


def test_one_candidate_and_unbounded_rewards():
    assert condensation_threshold(TRIANGLE, 1) == math.inf
    assert condensation_threshold(GAUSSIAN, 5) == 0.25
    assert condensation_threshold(GAUSSIAN, math.inf) == 0.0
    with pytest.raises(TypeError, match="law must be a RewardLaw; got list"):
        condensation_threshold([1.0], 2)
    with pytest.raises(ValueError, match="K must be an integer"):
        condensation_threshold(TRIANGLE, 0)
    assert recurate.condensation_threshold is condensation_threshold


@pytest.mark.parametrize("lam", [0.5000001, 0.6, 5.0, 1e5])
def test_the_atom_has_the_closed_form(lam):
    found = CurationLoop(beta_weights(1, 3), K=math.inf, lam=lam).fixed_point()
    expected = {"shape": 2.0, "lam": lam}
    assert found.condensed_mass == pytest.approx(POWER_ATOM(**expected), rel=1e-9, abs=1e-15)
    assert found.expected_weight == pytest.approx(POWER_MEAN_WEIGHT(**expected), rel=1e-13)
    assert found.method == "condensed"
    assert found.probs[-1] == pytest.approx(found.condensed_mass, rel=1e-14)
    assert found.mass_at_max == pytest.approx(found.condensed_mass, rel=1e-14)
    assert found.probs.sum() == pytest.approx(1.0, abs=1e-15)
    assert (found.kl_to_reference, found.log_density[-1]) == (math.inf, math.inf)
    # The rest is m (k+1)/k · Beta(1, 2): mean weight 1/3 of its own.
    rest = 1.5 / (1 + lam)
    assert found.probs[:-1].sum() == pytest.approx(rest, rel=1e-13)
    assert found.probs[:-1] @ found.law.relative_weights[:-1] == pytest.approx(rest / 3, rel=1e-13)


@pytest.mark.parametrize("K", [2, 3, 30, 10**5])
@pytest.mark.parametrize("times", [1 + 1e-9, 1.1, 100.0])
def test_the_atom_s_ratio_balances(K, times):
    law = beta_weights(1.5, 2.5)
    lam = times * condensation_threshold(law, K)
    found = CurationLoop(law, K=K, lam=lam).fixed_point()
    # By the engine itself: aH_* = 1, and p (1 - aH) = m p_ref below.
    ratio = np.exp(log_curation_ratio(law.relative_rewards, found.probs, K))
    synthetic = lam / (1 + lam)
    assert synthetic * ratio[-1] == pytest.approx(1.0, abs=1e-12)
    left = found.probs[:-1] * (1 - synthetic * ratio[:-1])
    assert left == pytest.approx(law.probs[:-1] / (1 + lam), rel=1e-9, abs=1e-15)
    assert 0 < found.condensed_mass < 1
    assert found.residual < 1e-14
    assert found.evaluations <= 18  # Newton's method twice; without the atom's slope it takes more
    assert found.error_bound is None


def test_atoms_are_continuous_at_the_threshold_and_increase():
    law, K = beta_weights(1, 3), 3
    threshold = condensation_threshold(law, K)
    points = [
        CurationLoop(law, K=K, lam=threshold * x).fixed_point()
        for x in (0.5, 1 - 1e-8, 1 + 1e-8, 1.001, 2.0)
    ]
    atoms = [point.condensed_mass for point in points]
    assert atoms[:2] == [0.0, 0.0]
    assert 0 < atoms[2] < 1e-7 < atoms[3] < atoms[4]
    means = [point.expected_weight for point in points]
    assert means == sorted(means)
    assert means[2] - means[1] < 1e-7
    assert points[1].method == "newton"


def test_the_loop_goes_to_its_condensed_law():
    law = beta_weights(1, 4)
    loop = CurationLoop(law, K=4, lam=2.0)
    found, run = loop.fixed_point(), loop.run(steps=2000)
    # No p_t has an atom: its mass is still at distances of about 1/t, and so is the mean weight.
    assert (run.mass_at_max == 0).all()
    left = found.expected_weight - run.expected_weight
    assert 0 < left[2000] < 0.0025
    assert left[1000] / left[2000] == pytest.approx(2.0, rel=0.01)
    # So the limit of E_t w, by 2 E_2t - E_t, is the fixed point's mean.
    limit = 2 * run.expected_weight[2000] - run.expected_weight[1000]
    assert limit == pytest.approx(found.expected_weight, abs=1e-5)
    near = law.relative_rewards > -0.1
    # The next order, 60/t², is 3e-5 of this share.
    share = 2 * run.probs(2000)[near].sum() - run.probs(1000)[near].sum()
    assert share == pytest.approx(found.probs[near].sum(), abs=1e-4)
    assert run.trusted_until == 2000


@pytest.mark.parametrize("lam", [0.1, 1.0, 10.0, 40.0])
def test_laws_that_never_condense_have_the_closed_form(lam):
    uniform, arcsine = POSITIVE_AT_TOP[:2]
    for law, mean in ((uniform, UNIFORM_MEAN_WEIGHT), (arcsine, ARCSINE_MEAN_WEIGHT)):
        found = CurationLoop(law, K=math.inf, lam=lam).fixed_point()
        assert found.expected_weight == pytest.approx(mean(lam=lam), rel=1e-13)
        assert found.condensed_mass == 0.0
        assert CurationLoop(law, K=3, lam=lam).fixed_point().condensed_mass == 0.0


def test_a_law_nearer_to_the_top_than_its_nodes_is_refused():
    # K = inf, uniform: τ = 1 - aH_* is about e^{-(1 + λ)}.
    with pytest.raises(ArithmeticError, match="must lie where the law's nodes resolve"):
        CurationLoop(POSITIVE_AT_TOP[0], K=math.inf, lam=200.0).fixed_point()


def test_limiting_cases():
    best = CurationLoop(TRIANGLE, K=2, lam=math.inf).fixed_point()
    assert (best.condensed_mass, best.mass_at_max, best.method) == (1.0, 1.0, "best")
    assert (best.expected_weight, best.variance_weight, best.expected_reward) == (1.0, 0.0, 0.0)
    for K, lam in ((1, 5.0), (4, 0.0)):
        same = CurationLoop(TRIANGLE, K=K, lam=lam).fixed_point()
        assert same.method == "reference"
        assert same.probs == pytest.approx(TRIANGLE.probs, rel=1e-14)
        assert same.condensed_mass == 0.0


@pytest.mark.parametrize(("K", "lam"), [(2, 0.5), (2, 1.0), (5, 0.25)])
def test_unbounded_rewards_keep_their_mass_up_to_theorem_2_4_s_limit(K, lam):
    found = CurationLoop(GAUSSIAN, K=K, lam=lam).fixed_point()
    assert found.condensed_mass == 0.0
    assert found.probs.sum() == pytest.approx(1.0, abs=1e-14)
    assert found.kl_to_reference <= theorem_2_4_optimal.statement.bound_function()(K=K, lam=lam)


@pytest.mark.parametrize(("K", "lam"), [(2, 1.0001), (2, 4.0), (6, 0.5), (100, 3.0), (10**9, 1.0)])
def test_unbounded_rewards_lose_mass_above_it(K, lam):
    found = CurationLoop(GAUSSIAN, K=K, lam=lam).fixed_point()
    gone, share = found.condensed_mass, lam / (1 + lam)
    # ε = a (1 - (1-ε)^K), (λ-1)/λ for K = 2: docs/continuous_laws.md (3).
    assert gone == pytest.approx(-share * math.expm1(K * math.log1p(-gone)), rel=1e-12)
    if K == 2:
        assert gone == pytest.approx((lam - 1) / lam, rel=1e-11)
    assert found.method == "escaped"
    assert found.probs.sum() == pytest.approx(1 - gone, rel=1e-12)
    assert found.expected_reward == found.kl_to_reference == math.inf
    # Finite rewards balance: p (1 - a (1-ε)^(K-1) H_q) = m p_ref, with the engine's H for q.
    kept = found.probs / found.probs.sum()
    ratio = np.exp(log_curation_ratio(GAUSSIAN.relative_rewards, kept, K))
    growth = share * math.exp((K - 1) * math.log1p(-gone)) * ratio
    balance = found.probs * (1 - growth)
    assert balance == pytest.approx(GAUSSIAN.probs / (1 + lam), rel=1e-9, abs=1e-16)


def test_bounded_laws_of_a_growing_range_tend_to_the_unbounded_one():
    law = RewardLaw.from_density(scipy.stats.beta(2, 3, scale=60))
    found = CurationLoop(law, K=3, lam=1.5).fixed_point()
    assert found.condensed_mass == pytest.approx(escaped_mass(3, 1.5), rel=2e-2)
    assert 0.5 < condensation_threshold(law, 3) < 0.52


def test_the_loop_carries_off_the_mass_that_escapes():
    loop = CurationLoop(GAUSSIAN, K=2, lam=4.0)
    found, run = loop.fixed_point(), loop.run(steps=600)
    # The mass below a reward settles geometrically; the rest rises without end.
    low = GAUSSIAN.rewards < 3.0
    assert run.probs(600)[low].sum() == pytest.approx(found.probs[low].sum(), abs=1e-9)
    assert run.probs(600)[low] == pytest.approx(found.probs[low], rel=1e-8, abs=1e-12)
    assert run.expected_reward[600] > run.expected_reward[300] + 3


def test_infinite_candidates_on_unbounded_rewards_leave_real_data_only():
    found = CurationLoop(GAUSSIAN, K=math.inf, lam=1.0).fixed_point()
    assert (found.condensed_mass, found.method) == (0.5, "escaped")
    assert found.probs == pytest.approx(GAUSSIAN.probs / 2, rel=1e-14)
    pure = CurationLoop(GAUSSIAN, K=2, lam=math.inf).fixed_point()
    assert (pure.condensed_mass, pure.probs.sum()) == (1.0, 0.0)


def test_bounds_that_need_the_best_reward_are_refused_without_one():
    for lam in (math.inf, 0.4):
        loop = CurationLoop(GAUSSIAN, K=2, lam=lam)
        first, *others = guarantees(loop, loop.run(steps=2))
        assert first.bound is None
        assert "no upper bound" in first.missing
        # Theorem 2.4 holds for every reward.
        assert all(other.bound is not None for other in others)
        bounded = CurationLoop(TRIANGLE, K=2, lam=lam)
        run = bounded.run(steps=3)
        first = guarantees(bounded, run)[0]
        assert (run.expected_weight[1:] >= first.bound[1:]).all()
    with pytest.raises(ValueError, match="must be on a finite law to be certified"):
        CertifiedLoop.of(CurationLoop(TRIANGLE, K=2, lam=1.0), bits=64)
