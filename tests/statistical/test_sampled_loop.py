"""The sampled loop against the exact trajectory, with simultaneous bands.

Null hypothesis: the means over replicates of all figures, at all steps, are those of independent
runs of the loop with samples of these sizes. The bands are Bernstein's, from the bias and the
covariance that finite samples have to first order, so that the error rate is one to first order in
1/n (docs/simulation.md). Sample size: 100 replicates of 10,000 particles for 6 steps.
"""

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, simulate_loop
from recurate.numerics.agreement.p_values import bands
from recurate.testing import assert_agrees

RATE = 1e-8
SIZES = {"steps": 6, "n_generated": 10_000, "n_curated": 5_000, "replicates": 100}
LAW = RewardLaw([0.0, 0.5, 1.0, 3.0, 3.0], [0.3, 0.3, 0.2, 0.15, 0.05], groups=[0, 1, 0, 1, 2])
EVEN = RewardLaw(np.linspace(-1.0, 1.0, 20), groups=np.arange(20) % 3)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize(
    ("law", "K", "lam"),
    [
        (LAW, 4, np.inf),
        (LAW, 2, 1.0),
        (LAW, np.inf, 0.5),
        (EVEN, 4, 0.5),
        (EVEN, 3, np.inf),
        (EVEN, 1, 2.0),
        (LAW, 4, 0.0),
    ],
)
@pytest.mark.error_rate(rate=RATE, null="runs of this loop", size="100 x 10,000 x 6 steps")
def test_runs_agree_with_the_exact_trajectory(law, K, lam, backend):
    if backend == "torch":
        pytest.importorskip("torch")
    loop = CurationLoop(law, K=K, lam=lam)
    assert_agrees(simulate_loop(loop, rng=11, backend=backend, **SIZES), loop, alpha=RATE)


@pytest.mark.error_rate(rate=RATE, null="runs of this loop, in float32", size="as above")
def test_runs_in_float32():
    pytest.importorskip("torch")
    loop = CurationLoop(LAW, K=4, lam=1.0)
    run = simulate_loop(loop, rng=12, backend="torch", dtype="float32", **SIZES)
    assert_agrees(run, loop, alpha=RATE)


TELLING = {"steps": 6, "n_generated": 20_000, "replicates": 400}
"""Sizes with which rewards scaled by 1.02 are noticed, in the loop below."""


@pytest.mark.parametrize(
    ("wrong", "options"), [("nothing", {}), ("K-1", {}), ("scaled", {"temperature": 1 / 1.02})]
)
@pytest.mark.error_rate(
    rate=2 * RATE, null="right runs agree, wrong ones do not", size="400 x 20,000 x 6 steps"
)
def test_runs_of_a_wrong_sampler_are_noticed(wrong, options):
    """Power, computed from the bands: some share is beyond both loops' half-widths."""
    loop = CurationLoop(LAW, K=4, lam=np.inf)
    sampler = CurationLoop(LAW, K=3, lam=np.inf) if wrong == "K-1" else loop
    run = simulate_loop(sampler, rng=13, **options, **TELLING)
    if wrong == "nothing":
        assert_agrees(run, loop, alpha=RATE)
        return
    # For shares a temperature of 1/1.02 is the same as rewards times 1.02.
    scaled = CurationLoop(
        RewardLaw(1.02 * LAW.rewards, LAW.probs, [*LAW.group_index]), K=4, lam=np.inf
    )
    theirs = bands(run, scaled if options else sampler)["group_proportions"]
    ours = bands(run, loop)["group_proportions"]
    log_rate = np.log(2 * 7 * 7 / RATE)  # seven figures and shares, at seven steps
    gap = np.abs(theirs.centre - ours.centre)
    assert (gap > ours.half_width(log_rate) + theirs.half_width(np.log(2 / RATE))).any()
    with pytest.raises(AssertionError, match="the trajectory disagrees"):
        assert_agrees(run, loop, alpha=RATE)


@pytest.mark.error_rate(
    rate=1e-8, null="the spread of 400 replicates is the predicted one", size="400 x 2,000 x 6"
)
def test_standard_errors_are_the_predicted_ones():
    """The ratio of variances, times 399, is χ² for normal figures: 18 tests, two-sided."""
    from scipy import stats

    from recurate.numerics.agreement.first_order import finite_sample_error

    loop = CurationLoop(EVEN, K=2, lam=1.0)
    sizes = SIZES | {"replicates": 400, "n_generated": 2_000, "n_curated": 2_000}
    run = simulate_loop(loop, rng=14, **sizes)
    predicted = finite_sample_error(loop, 6, run.sizes).deviation
    low, high = stats.chi2.ppf([1e-8 / 36, 1 - 1e-8 / 36], 399)
    for name in ("expected_weight", "expected_reward", "mass_at_max"):
        ratio = run.standard_errors[name][1:] ** 2 * 400 / predicted[name][1:] ** 2
        assert ((low < 399 * ratio) & (399 * ratio < high)).all(), (name, ratio)


@pytest.mark.error_rate(rate=2e-9, null="divergence of p_ref from itself", size="400 x 2,000")
def test_the_divergence_of_samples_has_its_bias_taken_off():
    # Null: the training sets are N = 2,000 draws of p_ref, uniform on m = 200 atoms, so that the
    # divergence is 0. The plug-in's mean is (m - 1)/2N + (m² - 1)/12N² + … = .04975 + .00083
    # (Miller 1955; Harris 1975): the first is taken off. A normal limit, six standard errors.
    law, n = RewardLaw(np.zeros(200)), 2_000
    loop = CurationLoop(law, K=2, lam=0.0)
    run = simulate_loop(loop, steps=1, n_generated=n, replicates=400, rng=21)
    rest = (200**2 - 1) / (12 * n**2)
    error = run.standard_errors["kl_to_reference"][1]
    assert abs(run.kl_to_reference[1] - rest) < 6 * error
    assert 6 * error < 0.1 * 199 / (2 * n)  # what would be left without it is ten times as much
