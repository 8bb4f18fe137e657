"""Bootstrap bands: how often they cover the truth, and the numbers that they are drawn with."""

import math

import numpy as np
import pytest
from scipy import stats

from recurate import CurationLoop, RewardLaw
from recurate.numerics.inference import resampled_tables
from recurate.numerics.inference.bootstrap import bootstrap_bands


@pytest.mark.error_rate(rate=2e-9, null="mean Σ v_i and variance Σ v_i²", size=40_000)
def test_the_scaled_poisson_number_has_the_moments_of_its_rows():
    # Rows of masses v in one cell: Σ v_i Poisson(1) has the mean Σ v_i and the variance Σ v_i².
    # A hundred rows beside it: no table is empty, which would be drawn again.
    masses = np.array([0.05, 0.1, 0.15, 0.2])
    law = RewardLaw([0.0] * 4 + [1.0] * 100, [*masses, *[0.005] * 100])
    table = resampled_tables.binned(law, ())
    draws = 40_000
    factors = resampled_tables.resampled(table, draws, np.random.default_rng(5))
    drawn = factors[:, 0] * table.cell_mass[0]
    mean, variance = masses.sum(), (masses**2).sum()
    # Null: these moments; normal limits, error rate 1e-9 each. A Poisson number of mean ν has the
    # fourth central moment 3ν² + ν.
    z = stats.norm.isf(5e-10)
    count = mean**2 / variance
    assert abs(drawn.mean() - mean) < z * math.sqrt(variance / draws)
    assert abs(drawn.var() / variance - 1.0) < z * math.sqrt((2 + 1 / count) / draws)


@pytest.mark.error_rate(rate=3e-9, null="moments of sums over rows of a score", size=40_000)
def test_sums_of_a_score_have_the_moments_of_its_rows():
    # Rows of masses v and values s in one bin: Σ v_i s_i Poisson(1) has the mean Σ v_i s_i, the
    # variance Σ v_i² s_i², and with Σ v_i Poisson(1) the covariance Σ v_i² s_i.
    masses, values = np.array([0.05, 0.1, 0.15, 0.2]), np.array([1.0, -1.0, 0.5, 0.2])
    law = RewardLaw(
        [0.0] * 4 + [1.0] * 100,
        [*masses, *[0.005] * 100],
        scores={"score": [*values, *[0.0] * 100]},
    )
    table = resampled_tables.binned(law, ())
    (score,) = table.scores
    draws, draw = 40_000, np.random.default_rng(6)
    cells = table.cell_mass * resampled_tables.resampled(table, draws, draw)
    drawn = score.resampled(cells, draw.standard_normal((draws, score.bins.size)))
    mass, total = (of[:, 0] for of in drawn)
    away = mass - masses.sum(), total - (masses * values).sum()
    expected = {
        (1,): 0.0,
        (1, 1): (masses**2 * values**2).sum(),
        (0, 1): (masses**2 * values).sum(),
    }
    for which, moment in expected.items():
        products = np.prod([away[i] for i in which], axis=0)
        # Null: this moment; normal limit with the sample's own deviation, error rate 1e-9 each.
        error = products.std() / math.sqrt(draws)
        assert abs(products.mean() - moment) < stats.norm.isf(5e-10) * error


@pytest.mark.error_rate(rate=3e-8, null="coverage of at least .85 at each of three steps", size=100)
def test_bands_cover_the_law_behind_the_table():
    # The true curve: normal rewards by 200 Gauss–Hermite nodes.
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    keep = weights > 0
    truth = RewardLaw(nodes[keep], weights[keep] / weights[keep].sum())
    expected = CurationLoop(truth, K=4, lam=math.inf).run(steps=2).expected_reward
    hits, tables = np.zeros(3), 100
    for i in range(tables):
        law = RewardLaw(np.random.default_rng(100 + i).normal(size=800))
        loop = CurationLoop(law, K=4, lam=math.inf)
        bands = bootstrap_bands(loop, loop.run(steps=2), rng=i)
        low, high = bands.low["expected_reward"], bands.high["expected_reward"]
        hits += (low <= expected) & (expected <= high)
    # Null: covered with probability at least .85 (nominal .95). 100 tables; error rate 1e-8 each.
    # Power: bands that cover 2 in 5 times pass with a probability below 1e-4.
    least = stats.binom.ppf(1e-8, tables, 0.85)
    assert (hits >= least).all()
    assert stats.binom.sf(least - 1, tables, 0.4) < 1e-4


def _prompt_law(kinds, answers, seed):
    """Prompts that differ, of as many answers each: rewards, and a score of which some lack."""
    draw = np.random.default_rng(seed)
    # Variance between prompts .176 of that within: of 16 answers, rows would make means look
    # sqrt((16 · .176 + 1)/(.176 + 1)) = 1.80 times better known than they are.
    level = 0.42 * draw.normal(size=(kinds, 1))
    rewards = level + draw.normal(size=(kinds, answers))
    score = np.exp(level + 0.5 * draw.normal(size=rewards.shape))
    return rewards, np.where(draw.random(rewards.shape) < 0.2, np.nan, score)


def _on(rewards, score):
    prompts = np.repeat(np.arange(len(rewards)), rewards.shape[1])
    law = RewardLaw(rewards.ravel(), scores={"score": score.ravel()}, prompts=prompts)
    return CurationLoop(law, K=4, lam=2.0)


@pytest.mark.error_rate(
    rate=6e-8, null="coverage of at least .85 of two means at each of three steps", size=100
)
def test_bands_over_prompts_cover_the_law_that_prompts_are_drawn_from():
    # Prompts of 200 kinds, equally likely, of 16 answers: a table has 60 prompts. The truth is the
    # run on one prompt of each kind.
    kinds = _prompt_law(200, 16, 0)
    truth = _on(*kinds).run(steps=2)
    hits, tables = np.zeros((2, 3)), 100
    for i in range(tables):
        drawn = np.random.default_rng(500 + i).integers(0, 200, 60)
        loop = _on(*(values[drawn] for values in kinds))
        bands = bootstrap_bands(loop, loop.run(steps=2), rng=i)
        means = {
            "expected_reward": truth.expected_reward,
            "score[score]": truth.expected_scores[:, 0],
        }
        for row, (name, expected) in enumerate(means.items()):
            hits[row] += (bands.low[name] <= expected) & (expected <= bands.high[name])
    # Null: covered with probability at least .85 (nominal .95). 100 tables; error rate 1e-8 each.
    # Power: of row bands, too narrow by 1.8, .72 would cover; bands that cover 2 in 5 times pass
    # with a probability below 1e-4.
    least = stats.binom.ppf(1e-8, tables, 0.85)
    assert (hits >= least).all()
    assert stats.binom.sf(least - 1, tables, 0.4) < 1e-4


@pytest.mark.error_rate(
    rate=2e-9, null="prompts' bands are as much wider than rows' as the variances say", size=600
)
def test_row_bands_are_too_narrow_where_rows_of_a_prompt_depend_on_one_another():
    rewards, _ = _prompt_law(600, 16, 1)
    law = RewardLaw(rewards.ravel(), prompts=np.repeat(np.arange(600), 16))
    widths = []
    for of in (law, RewardLaw(law.rewards)):
        loop = CurationLoop(of, K=4, lam=2.0)
        bands = bootstrap_bands(loop, loop.run(steps=0), replicates=2700, rng=0)
        widths.append(bands.high["expected_reward"][0] - bands.low["expected_reward"][0])
    # Both are standard errors of E_0 r: of 600 independent means of prompts, and of 9,600 rows.
    expected = rewards.mean(axis=1).std() * 4 / rewards.std()
    assert expected == pytest.approx(1.8, abs=0.1)
    # Null: that ratio. The ends of a band of 2700 tables have a standard deviation of
    # sqrt(.025 · .975/2700)/.0584 = .051 deviations each, their distance (3.92) of 1.9%, and the
    # ratio of 2.7%. Error rate 2e-9 (6.0 standard deviations, 16%).
    assert widths[0] / widths[1] == pytest.approx(expected, rel=0.16)


@pytest.mark.error_rate(
    rate=4e-9, null="a band is as wide as the mean's standard errors", size=2700
)
def test_a_score_that_has_nothing_to_do_with_the_reward_has_its_own_noise():
    # Ten thousand rows of two rewards: two bins, and all of the score's noise is within them.
    draw = np.random.default_rng(3)
    score = np.where(draw.random(10_000) < 0.4, np.nan, draw.exponential(size=10_000))
    law = RewardLaw(draw.integers(0, 2, 10_000).astype(float), scores={"score": score})
    loop = CurationLoop(law, K=2, lam=1.0)
    run = loop.run(steps=3)
    bands = bootstrap_bands(loop, run, replicates=2700, rng=0)
    width = bands.high["score[score]"] - bands.low["score[score]"]
    present = ~np.isnan(score)
    for t in (0, 3):
        # The delta method: Σ (p_i (s_i - E))² over the square of the mass with a value; the curve
        # itself moves with the share of the rewards, which matters little here.
        probs = run.probs(t)[present]
        away = score[present] - run.expected_scores[t, 0]
        error = np.sqrt(((probs * away) ** 2).sum()) / probs.sum()
        # Null: 3.92 of these. The width of 2700 tables' band has a deviation of 1.9%; error rate
        # 2e-9 each (6.0 standard deviations, 11.5%).
        assert width[t] / 3.92 == pytest.approx(error, rel=0.115)


@pytest.mark.error_rate(
    rate=3e-8, null="coverage of at least .85 of a score's mean at each of three steps", size=100
)
def test_bands_of_scores_cover_the_law_behind_the_table():
    def drawn(size, seed):
        draw = np.random.default_rng(seed)
        rewards = draw.normal(size=size).round(1)
        score = rewards**2 + draw.exponential(size=size)
        is_missing = draw.random(size) < 0.2 + 0.4 * (rewards > 0)
        return RewardLaw(rewards, scores={"score": np.where(is_missing, np.nan, score)})

    # The true curve: of a million rows, a thousandth of the variance of a table of 800.
    expected = CurationLoop(drawn(10**6, 0), K=4, lam=1.0).run(steps=2).expected_scores[:, 0]
    hits, tables = np.zeros(3), 100
    for i in range(tables):
        loop = CurationLoop(drawn(800, 100 + i), K=4, lam=1.0)
        bands = bootstrap_bands(loop, loop.run(steps=2), rng=i)
        hits += (bands.low["score[score]"] <= expected) & (expected <= bands.high["score[score]"])
    # Null: covered with probability at least .85 (nominal .95). 100 tables; error rate 1e-8 each.
    assert (hits >= stats.binom.ppf(1e-8, tables, 0.85)).all()
