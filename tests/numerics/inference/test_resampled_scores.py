"""Scores on resampled tables: their noise within a bin, and what their bands must not change."""

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.numerics.inference import resampled_tables
from recurate.numerics.inference.bootstrap import bootstrap_bands
from recurate.numerics.inference.resampled_tables import binned
from recurate.numerics.laws.levels import FIGURES


def law_of(gaps=0.0, size=600):
    draw = np.random.default_rng(1)
    rewards = np.where(draw.random(size) < 0.5, draw.normal(size=size), draw.integers(0, 2, size))
    score = np.where(draw.random(size) < gaps, np.nan, 1e3 + draw.exponential(size=size))
    masses = draw.random(size)
    groups = draw.integers(0, 2, size)
    return RewardLaw(rewards, masses / masses.sum(), groups, scores={"score": score})


@pytest.mark.parametrize("gaps", [0.0, 0.5])
def test_sums_in_a_bin_have_the_mean_and_variance_of_rows_counted_a_poisson_number_of_times(gaps):
    law = law_of(gaps)
    table = binned(law, (0, 1))
    (score,) = table.scores
    values = law.scores["score"]
    scaled = (values - score.centre) / score.half
    assert (np.nanmin(scaled), np.nanmax(scaled)) == pytest.approx((-1, 1))
    starts = resampled_tables._bin_starts(np.sort(law.rewards))
    of_row = np.searchsorted(starts, law.rewards, side="right") - 1
    for i, number in enumerate(score.bins):
        rows = (of_row == number) & ~np.isnan(values)
        v, s = law.probs[rows], scaled[rows]
        squares = (v**2).sum()
        assert score.masses[i] == pytest.approx(v.sum(), rel=1e-12)
        assert score.means[i] == pytest.approx((v * s).sum() / v.sum(), abs=1e-12)
        # Mass v N and value s v N with N Poisson: covariance Σ v² s, variance Σ v² s².
        assert score.slopes[i] * squares == pytest.approx((v**2 * s).sum(), abs=1e-15)
        rest = (score.deviations[i] * v.sum()) ** 2
        variance = score.slopes[i] ** 2 * squares + rest
        assert variance == pytest.approx((v**2 * s**2).sum(), rel=1e-9)
        if rows.sum() == 1:
            assert rest == 0.0
    assert (score.bins.size < table.rewards.size) == (gaps > 0)


def test_figures_and_shares_have_the_bands_that_they_have_without_scores():
    law = law_of()
    plain = RewardLaw(law.rewards, law.probs, groups=[law.group_names[i] for i in law.group_index])
    found = []
    for of in (law, plain):
        loop = CurationLoop(of, K=4, lam=1.0)
        found.append(bootstrap_bands(loop, loop.run(steps=3), rng=3))
    for name in FIGURES:
        assert np.array_equal(found[0].low[name], found[1].low[name])
    assert np.array_equal(found[0].high_proportions, found[1].high_proportions)
    assert list(found[0].low) == [*FIGURES, "score[score]"]


def test_a_score_equal_to_the_reward_has_the_rewards_band():
    # Up to what is lost by taking a bin's rewards for their mean.
    rewards = np.random.default_rng(2).normal(size=500)
    law = RewardLaw(rewards, scores={"same": rewards, "minus": 5 - 2 * rewards})
    loop = CurationLoop(law, K=4, lam=1.0)
    bands = bootstrap_bands(loop, loop.run(steps=4), rng=0)
    low, high = (ends["expected_reward"] for ends in (bands.low, bands.high))
    assert bands.low["score[same]"] == pytest.approx(low, abs=2e-3)
    assert bands.high["score[same]"] == pytest.approx(high, abs=2e-3)
    assert bands.low["score[minus]"] == pytest.approx(5 - 2 * high, abs=4e-3)


def test_bands_stay_within_the_values_and_constants_have_none():
    law = RewardLaw(
        np.arange(60.0) / 10,
        scores={
            "one": np.where(np.arange(60) == 7, 2.0, np.nan),
            "flag": np.arange(60) < 2.0,
            "constant": [1e9] * 60,
            "huge": [1.7e308, -1.7e308] * 30,
        },
    )
    loop = CurationLoop(law, K=2, lam=1.0)
    bands = bootstrap_bands(loop, loop.run(steps=2), replicates=100, rng=0)
    for name, value in (("score[one]", 2.0), ("score[constant]", 1e9)):
        assert (bands.low[name] == value).all()
        assert (bands.high[name] == value).all()
    assert (bands.low["score[flag]"] >= 0.0).all()
    assert np.isfinite([bands.low["score[huge]"], bands.high["score[huge]"]]).all()
    assert (bands.low["score[huge]"] < bands.high["score[huge]"]).all()


def test_many_scores_with_gaps_of_their_own():
    # Two hundred rows, each with gaps of its own: as many patterns as rows, and no more cells.
    draw = np.random.default_rng(4)
    gaps = draw.random((40, 200)) < 0.5
    scores = {f"s{i}": np.where(gap, np.nan, draw.random(200)) for i, gap in enumerate(gaps)}
    law = RewardLaw(draw.normal(size=200), scores=scores)
    assert binned(law, ()).cell_mass.size == 200
    loop = CurationLoop(law, K=2, lam=1.0)
    bands = bootstrap_bands(loop, loop.run(steps=1), rng=0)
    widths = [bands.high[f"score[s{i}]"] - bands.low[f"score[s{i}]"] for i in range(40)]
    # Uniform numbers, a hundred of them: 1.96 · 2 · sqrt(1/12)/10 = .113, give or take a third.
    assert (np.abs(np.array(widths)[:, 0] - 0.113) < 0.04).all()
