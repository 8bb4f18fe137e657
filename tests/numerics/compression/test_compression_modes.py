"""When a loop is compressed: by default, on request, never; and the errors if it cannot be."""

import math
import warnings

import numpy as np
import pytest

from recurate.numerics.compression import bins, compressor
from recurate.numerics.fixed_points import fixed_point
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop

INF = math.inf
LEAST = compressor.LEAST_LAW


def law_of(size, groups=True):
    draw = np.random.default_rng(5)
    rewards = draw.standard_normal(size)
    labels = np.where(draw.random(size) < 1 / (1 + np.exp(-rewards)), "high", "low")
    return RewardLaw(rewards, groups=labels if groups else None)


LARGE = law_of(LEAST)
WEIGHTED = RewardLaw(LARGE.rewards, np.arange(1, LEAST + 1) / (LEAST * (LEAST + 1) / 2))
SEVERAL_BEST = RewardLaw(np.minimum(LARGE.rewards, 1.0), groups=LARGE.group_index)
TIED = RewardLaw(np.ones(LEAST))


def figures(of):
    """All figures of a trajectory or of a fixed point as one array, group proportions included."""
    columns = [np.atleast_1d(getattr(of, name))[:, None] for name in FIGURES]
    return np.hstack([*columns, np.atleast_2d(of.group_proportions)])


def test_a_large_law_is_compressed_by_itself():
    loop = CurationLoop(LARGE, K=4, lam=1.0)
    itself, asked, dense = (loop.run(steps=20, compress=mode) for mode in (None, True, False))
    assert np.array_equal(figures(itself), figures(asked))
    assert 0.0 < itself.error_estimate <= compressor.TOLERANCE
    assert dense.error_estimate == 0.0
    # The dense engine's figures, to the estimate and to the rounding of 8,000 terms.
    assert np.abs(figures(itself) - figures(dense)).max() < itself.error_estimate + 1e-12
    assert itself.total_variation(20) == pytest.approx(dense.total_variation(20), abs=1e-10)
    for read in ("probs", "log_density"):
        found, expected = getattr(itself, read)(20), getattr(dense, read)(20)
        assert found == pytest.approx(expected, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize(
    ("law", "options"),
    [
        (law_of(LEAST - 1), {}),
        (LARGE, {"compress": False}),
        (LARGE, {"initial": LARGE.probs}),
        (RewardLaw(LARGE.rewards, np.append(np.full(LEAST - 1, 1 / (LEAST - 1)), 0.0)), {}),
    ],
    ids=["small", "refused", "another start", "a reward without mass"],
)
def test_a_law_is_not_compressed_where_that_does_not_pay_or_cannot_be(law, options):
    loop = CurationLoop(law, K=3, lam=1.0)
    assert loop.run(steps=1, **options).error_estimate == 0.0


def test_compression_that_cannot_be_is_refused():
    loop = CurationLoop(LARGE, K=3, lam=1.0)
    with pytest.raises(ValueError, match="compress must be None or False for another start"):
        loop.run(steps=1, initial=LARGE.probs, compress=True)
    massless = RewardLaw([0.0, 1.0], [1.0, 0.0])
    for call in (CurationLoop(massless, K=3, lam=1.0).fixed_point, massless_run(massless)):
        with pytest.raises(ValueError, match="each of positive probability; got RewardLaw"):
            call(compress=True)


def massless_run(law):
    return lambda compress: CurationLoop(law, K=3, lam=1.0).run(steps=1, compress=compress)


@pytest.mark.parametrize("compress", ["yes", 1, 0.0, [True]], ids=repr)
def test_the_switch_is_true_false_or_none(compress):
    loop = CurationLoop(RewardLaw([0.0, 1.0]), K=3, lam=1.0)
    with pytest.raises(TypeError, match=r"^compress must be True, False or None; got"):
        loop.run(steps=1, compress=compress)
    with pytest.raises(TypeError, match=r"^compress must be True, False or None; got"):
        loop.fixed_point(compress=compress)


class Unlike(RewardLaw):
    """A law that is not a finite list of rewards, like one with a density."""

    may_be_compressed = False


def test_a_law_may_say_that_it_is_not_to_be_compressed():
    loop = CurationLoop(Unlike(LARGE.rewards), K=3, lam=1.0)
    assert loop.run(steps=1).error_estimate == 0.0
    with pytest.raises(ValueError, match="a law to be compressed must have finitely many rewards"):
        loop.run(steps=1, compress=True)


@pytest.fixture
def coarse(monkeypatch):
    """Few bins that cannot be divided: the tolerance is out of reach."""
    monkeypatch.setattr(bins, "_KEPT_TOP", 1)
    monkeypatch.setattr(bins, "_KEPT_BOTTOM", 1)
    monkeypatch.setattr(bins, "_BINS", 40)
    monkeypatch.setattr(bins, "_WIDEST", 1.0)
    monkeypatch.setattr(bins, "LARGEST_PARTS", 100)
    return law_of(LEAST)


@pytest.mark.parametrize("what", ["run", "fixed_point"])
def test_a_tolerance_that_is_not_reached_is_an_error_or_a_warning_with_the_figure(coarse, what):
    loop = CurationLoop(coarse, K=4, lam=1.0)
    options = {"steps": 30} if what == "run" else {}
    call = getattr(loop, what)
    with pytest.raises(compressor.CompressionError) as caught:
        call(**options, compress=True)
    reached = caught.value.reached
    assert compressor.TOLERANCE == caught.value.tol < reached < INF
    with pytest.warns(RuntimeWarning) as seen:
        found = call(**options)
    assert len(seen) == 1
    assert seen[0].filename == __file__
    assert str(seen[0].message) == (
        f"computed on all 8,000 rewards, which takes longer: a compressed law reached an estimated "
        f"error of {reached:.3g}, which must be at most 1e-10"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dense = call(**options, compress=False)
    assert np.array_equal(figures(found), figures(dense))
    assert found.error_estimate == 0.0


@pytest.mark.parametrize(
    ("K", "lam"), [(3, 0.4), (4, 2.0), (INF, 0.6), (10_000, 30.0), (1, 1.0), (3, 0.0)]
)
def test_fixed_points_of_large_laws_are_those_of_all_rewards(K, lam):
    loop = CurationLoop(LARGE, K=K, lam=lam)
    found, dense = loop.fixed_point(), loop.fixed_point(compress=False)
    assert found.law is LARGE
    assert found.error_bound is None
    assert found.residual <= fixed_point.RESIDUAL_TOLERANCE
    assert 0.0 < found.error_estimate <= compressor.TOLERANCE
    assert dense.error_estimate == 0.0
    # In addition to the estimate, rounding of sums over 8,000 rewards: n/2 ulp.
    assert np.abs(figures(found) - figures(dense)).max() < found.error_estimate + 1e-12
    assert np.abs(found.probs - dense.probs).sum() < 1e-10
    assert found.log_density == pytest.approx(dense.log_density, rel=1e-7, abs=1e-7)
    assert found.probs is found.probs  # computed once, where asked for


@pytest.mark.parametrize("compress", [None, True])
@pytest.mark.parametrize(
    "law", [LARGE, WEIGHTED, SEVERAL_BEST, TIED], ids=["rows", "weighted", "several best", "tied"]
)
def test_the_pure_loops_fixed_point_is_that_of_all_rewards(law, compress):
    loop = CurationLoop(law, K=3, lam=INF)
    found, dense = loop.fixed_point(compress=compress), loop.fixed_point(compress=False)
    assert found.error_estimate == 0.0
    assert found.method == dense.method
    # The mass at the best reward is summed in another order: n/2 ulp of its logarithm.
    assert figures(found) == pytest.approx(figures(dense), abs=1e-12)
    assert found.probs == pytest.approx(dense.probs, rel=1e-12, abs=0)
    assert found.log_density == pytest.approx(dense.log_density, abs=1e-12)
    assert found.error_bound >= dense.error_bound


# Condensation of the density 2(1 - w) sets in at λ = 3.236 for K = 2 and at λ = 1 for K = inf
# (docs/continuous_laws.md); with finitely many rewards the top's share rises steeply there.
@pytest.mark.parametrize(("K", "lam"), [(2, 3.0), (2, 3.2), (2, 3.24), (2, 3.5), (INF, 1.0)])
def test_fixed_points_near_the_threshold(K, lam):
    draw = np.random.default_rng(1)
    rewards = np.log(1 - np.sqrt(draw.random(LEAST)))
    loop = CurationLoop(RewardLaw(rewards, groups=draw.integers(0, 3, LEAST)), K=K, lam=lam)
    found, dense = loop.fixed_point(), loop.fixed_point(compress=False)
    assert 0.0 < found.error_estimate <= compressor.TOLERANCE
    assert np.abs(figures(found) - figures(dense)).max() < found.error_estimate + 1e-12


def test_an_estimate_that_is_too_small_is_found_out_by_comparison(monkeypatch):
    # Bins so wide that their error is 5e-10, and an estimate of errors that ignores them.
    monkeypatch.setattr(bins, "_KEPT_TOP", 1)
    monkeypatch.setattr(bins, "_KEPT_BOTTOM", 1)
    monkeypatch.setattr(bins, "_BINS", 15)
    monkeypatch.setattr(bins, "_WIDEST", 1.0)
    monkeypatch.setattr(compressor, "STEPS_OF_FIXED_POINT", 1e-6)
    law = law_of(LEAST)
    loop = CurationLoop(law, K=4, lam=2.0)
    dense = loop.fixed_point(compress=False)
    with monkeypatch.context() as patch:
        patch.setattr(compressor, "_difference", lambda *_: 0.0)
        blind = loop.fixed_point(compress=True)
    assert np.abs(figures(blind) - figures(dense)).max() > 2 * compressor.TOLERANCE
    found = CurationLoop(law_of(LEAST), K=4, lam=2.0).fixed_point(compress=True)
    assert np.abs(figures(found) - figures(dense)).max() < compressor.TOLERANCE


def compressed_large(K, lam, **options):
    return CurationLoop(LARGE, K=K, lam=lam).compressed(**options)


@pytest.mark.parametrize(("K", "lam"), [(4, 1.0), (INF, INF), (2, 0.5)])
def test_a_compressed_law_has_the_figures_of_the_law(K, lam):
    small = compressed_large(K, lam, horizon=40)
    assert isinstance(small, RewardLaw)
    assert small.size < 500
    assert small.probs.min() > 0.0
    assert small.max_reward == LARGE.max_reward
    expected = CurationLoop(LARGE, K=K, lam=lam).run(steps=40, compress=False)
    found = CurationLoop(small, K=K, lam=lam).run(steps=40, compress=False)
    for name in FIGURES:
        assert np.abs(getattr(found, name) - getattr(expected, name)).max() < 1e-10


def test_a_compressed_law_of_a_larger_tolerance_is_no_larger():
    law = law_of(LEAST, groups=False)
    loop = CurationLoop(law, K=4, lam=INF)
    coarse = loop.compressed(horizon=100, tol=1e-5)
    assert coarse.size <= loop.compressed(horizon=100, tol=1e-11).size


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"K": 0}, ValueError, "^K must be"),
        ({"lam": -1.0}, ValueError, "^lam must be"),
        ({"horizon": 1.5}, ValueError, "^horizon must be an integer from 0"),
        ({"horizon": True}, TypeError, "^horizon must be an integer from 0"),
        ({"tol": 1e-13}, ValueError, "^tol must be at least 1e-12; got 1e-13$"),
        ({"tol": math.nan}, ValueError, "^tol must be at least 1e-12; got nan$"),
    ],
)
def test_bad_arguments_of_a_compressed_law(options, error, message):
    with pytest.raises(error, match=message):
        compressed_large(**{"K": 2, "lam": 1.0, "horizon": 3} | options)


def test_a_compressed_law_that_is_not_exact_enough_is_an_error(coarse):
    with pytest.raises(compressor.CompressionError, match=r"at most 1e-10; reached [0-9.e-]+ and"):
        CurationLoop(coarse, K=4, lam=1.0).compressed(horizon=30)
