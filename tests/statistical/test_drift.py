"""Finite-n drift: a loop of n particles departs from the population limit by about t/n.

In square, for the spread; in the mean, for the bias. Normal bands at six and a half standard errors
(two-sided 8.1e-11 each) of means over tens of thousands of bounded, nearly normal replicates.
"""

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, simulate_loop
from recurate.numerics.agreement.first_order import finite_sample_error

Z = 6.5
LAW = RewardLaw([0.0, 1.0, 2.0, 3.0])


def mean_and_error(values):
    return values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(values.shape[0])


@pytest.mark.parametrize("n", [100, 400])
@pytest.mark.error_rate(
    rate=1e-8, null="E (p̂_t - p)² is Wright and Fisher's", size="10,000 runs of n"
)
def test_neutral_drift_is_that_of_wright_and_fisher(n):
    """K = 1, pure loop: E (p̂_t - p)² = p (1-p) (1 - (1-1/n)^(t+1) (1-1/m)^t), exactly.

    Each draw of n with replacement multiplies the mean of p̂ (1 - p̂) by 1 - 1/n; m are curated.
    """
    m, steps = n // 2, 10
    loop = CurationLoop(LAW, K=1, lam=np.inf)
    run = simulate_loop(loop, steps=steps, n_generated=n, n_curated=m, replicates=10_000, rng=n)
    squares, error = mean_and_error((run.by_replicate("mass_at_max") - 0.25) ** 2)
    t = np.arange(steps + 1)
    kept = (1 - 1 / n) ** (t + 1) * (1 - 1 / m) ** t
    assert (np.abs(squares - 0.25 * 0.75 * (1 - kept)) <= Z * error).all()
    # Like t/n: a straight line in t with the slope p (1-p) (1/n + 1/m), to the second order.
    line = 0.25 * 0.75 * ((t + 1) / n + t / m)
    assert (np.abs(squares - line) <= Z * error + line * (t + 1) * 1.5 / m).all()
    # And no other slope: that of one draw a step, or of n - 1 draws in place of n at both.
    assert np.abs(squares - 0.25 * 0.75 * (t + 1) / n)[-1] > 2 * Z * error[-1]


@pytest.mark.error_rate(rate=1e-8, null="bias is the predicted one", size="20,000 runs of 100")
def test_selection_makes_a_bias_like_t_over_n():
    # A rare best reward makes a large bias: the curation is the more concave in its share.
    loop = CurationLoop(RewardLaw([0.0, 1.0, 2.0, 3.0], [0.4, 0.3, 0.2, 0.1]), K=4, lam=1.0)
    steps, n, m = 6, 100, 50
    run = simulate_loop(loop, steps=steps, n_generated=n, n_curated=m, replicates=20_000, rng=5)
    predicted = finite_sample_error(loop, steps, run.sizes).bias["expected_reward"]
    mean, error = mean_and_error(run.by_replicate("expected_reward"))
    bias = mean - loop.run(steps=steps).expected_reward
    # The population limit is refused ...
    assert (np.abs(bias[3:]) > Z * error[3:]).all()
    # ... and the loop agrees with the bias. What the first order leaves out is, relative to it, of
    # the order of the variance that the draws of t steps add.
    allowance = np.abs(predicted) * np.arange(steps + 1) * (1 / n + 1 / m)
    assert (np.abs(bias - predicted) <= Z * error + allowance).all()


def test_the_predicted_bias_and_variance_scale_like_one_over_n():
    from recurate.numerics.simulation.simulated_trajectory import Sizes

    loop = CurationLoop(LAW, K=3, lam=2.0)
    small = finite_sample_error(loop, 5, Sizes(1_000, 1_000, 500, 1_000))
    large = finite_sample_error(loop, 5, Sizes(4_000, 4_000, 2_000, 4_000))
    for name in small.bias:
        np.testing.assert_allclose(small.bias[name], 4 * large.bias[name], rtol=1e-12, atol=1e-18)
        np.testing.assert_allclose(small.deviation[name], 2 * large.deviation[name], rtol=1e-12)


@pytest.mark.parametrize("K", [2, 3, 7, np.inf])
def test_derivatives_of_the_curation_are_those_of_the_exact_ratio(K):
    """Central differences of p H_p along random directions of total mass zero."""
    from recurate import log_curation_ratio
    from recurate.numerics.agreement.first_order import _Curvature

    rng = np.random.default_rng(3)
    rewards, probs = rng.normal(size=5), rng.dirichlet(np.ones(5))

    def curated(p):
        return p * np.exp(log_curation_ratio(rewards, p, K))

    direction = rng.normal(size=5)
    direction -= direction.mean()
    h = 1e-3
    ahead, here, behind = (curated(probs + s * h * direction) for s in (1, 0, -1))
    curvature = _Curvature((rewards - rewards.max())[None], K)  # of one law, side by side with none
    found = curvature.at(probs[None], np.outer(direction, direction)[None])
    value, slope, bend = (array[0] for array in found)
    np.testing.assert_allclose(value, here, rtol=1e-12)
    # Errors of the differences: h²/6 times third derivatives, h²/12 times fourth ones.
    scale = 200 * h**2
    np.testing.assert_allclose(slope @ direction, (ahead - behind) / (2 * h), atol=scale)
    np.testing.assert_allclose(bend, (ahead - 2 * here + behind) / h**2, atol=scale)


@pytest.mark.parametrize("span", [50.0, 1e3, 1e9])
@pytest.mark.parametrize("K", [2, 3, 7])
def test_derivatives_for_rewards_far_apart(K, span):
    """The lower of two far rewards wins if it is all candidates: T(p) = (p^K, 1 - p^K)."""
    from recurate.numerics.agreement.first_order import _Curvature

    p, direction = 0.7, np.array([1.0, -1.0])
    curvature = _Curvature(np.array([[-span, 0.0]]), K)
    found = curvature.at(np.array([[p, 1 - p]]), np.outer(direction, direction)[None])
    value, slope, bend = (array[0] for array in found)
    # Other terms are of the order of e^-50.
    np.testing.assert_allclose(value, [p**K, 1 - p**K], rtol=1e-12)
    np.testing.assert_allclose(slope @ direction, K * p ** (K - 1) * direction, rtol=1e-12)
    np.testing.assert_allclose(bend, K * (K - 1) * p ** (K - 2) * direction, rtol=1e-12)


def test_atoms_without_probability_change_nothing():
    from recurate.numerics.simulation.simulated_trajectory import Sizes

    def error(law):
        return finite_sample_error(
            CurationLoop(law, K=3, lam=2.0), 4, Sizes(1_000, 1_000, 500, 900)
        )

    groups = ["a", "b", "a", "b"]
    plain = error(RewardLaw(LAW.rewards, LAW.probs, groups))
    rewards, probs = [800.0, *LAW.rewards, -900.0], [0.0, *LAW.probs, 0.0]
    padded = error(RewardLaw(rewards, probs, ["a", *groups, "a"]))
    for name in plain.bias:
        np.testing.assert_allclose(padded.bias[name], plain.bias[name], rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(padded.deviation[name], plain.deviation[name], rtol=1e-9)
