"""Bands over raters and prompts: exact cases, the variance of random weights, and coverage."""

import math

import numpy as np
import pytest
from scipy import stats

from recurate import CurationLoop, RewardLaw
from recurate.numerics.inference import ratings as module
from recurate.numerics.inference.bootstrap import bootstrap_bands
from recurate.numerics.inference.ratings import Ratings
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.laws.units import in_log_odds

CANDIDATES, RATERS = 12, 5


def crossed(table, *, names=True, transform=lambda means: means, in_unit=None):
    """Ratings of every candidate (a row) by every rater (a column)."""
    candidates, raters = table.shape
    return Ratings(
        np.repeat(np.arange(candidates), raters),
        np.tile(np.arange(raters), candidates) if names else np.arange(table.size),
        table.ravel(),
        tuple(range(raters)) if names else (),
        transform,
        in_unit,
    )


def law_of(table, prompts=3, **more):
    """Candidates of some prompts in turn, in two groups."""
    n = len(table)
    asked = np.arange(n) % prompts if prompts else None
    return RewardLaw(table.mean(axis=1), groups=list("ab" * (n // 2)), prompts=asked, **more)


def drawn(raters=RATERS, seed=0):
    return np.random.default_rng(seed).normal(size=(CANDIDATES, raters))


def own_bands(table, prompts, **asked):
    law = law_of(table, prompts)
    loop = CurationLoop(law, K=3, lam=1.0)
    run = loop.run(steps=2)
    bands = bootstrap_bands(loop, run, rng=0, estimates=crossed(table, **asked), replicates=50)
    return bands, run


@pytest.mark.parametrize("names", [True, False])
@pytest.mark.parametrize("prompts", [0, 3])
def test_weights_of_one_give_the_table_itself(names, prompts, monkeypatch):
    monkeypatch.setattr(module, "_weights", lambda shapes, generator: np.ones_like(shapes))
    bands, run = own_bands(drawn(), prompts, names=names)
    for name in FIGURES:
        assert bands.low[name] == pytest.approx(getattr(run, name), abs=1e-14)
        assert bands.high[name] == pytest.approx(getattr(run, name), abs=1e-14)


@pytest.mark.parametrize("names", [True, False])
def test_the_weight_of_an_only_rater_cancels(names):
    table = drawn(raters=1)
    law, of = law_of(table), crossed(table, names=names)
    for found in of.laws(law, 20, np.random.default_rng(0)):
        assert (found.rewards == law.rewards).all()
    # Without a second rater or prompt nothing is left to resample.
    assert crossed(table).what(law) == "prompts"
    assert crossed(table).what(law_of(table, 1)) == "nothing"
    assert crossed(table).units(law_of(table, 1)) == 1.0


def test_a_prompt_that_is_the_only_one_keeps_its_candidates():
    table = drawn()
    law = law_of(table, prompts=1)
    of = crossed(table)
    assert of.what(law) == "raters"
    laws = list(of.laws(law, 20, np.random.default_rng(0)))
    assert all(found.probs == pytest.approx(law.probs, rel=1e-15) for found in laws)
    assert len({tuple(found.rewards) for found in laws}) == 20


def test_what_is_resampled_and_how_many_of_it():
    table = drawn()
    assert crossed(table).what(law_of(table)) == "raters and prompts"
    assert crossed(table).what(law_of(table, 0)) == "raters and candidates"
    assert crossed(table, names=False).what(law_of(table, 0)) == "ratings and candidates"
    assert crossed(table).units(law_of(table, 3)) == pytest.approx(3.0)
    assert crossed(table).units(law_of(table, 0)) == pytest.approx(5.0)
    # Two raters, of one and of three ratings: (1 + 3)²/(1 + 9).
    few = Ratings(np.arange(4), np.array([0, 1, 1, 1]), np.zeros(4), ("x", "y"), lambda m: m)
    assert few.units(RewardLaw(np.zeros(4))) == pytest.approx(1.6)


def test_masses_move_by_prompt_and_rewards_by_rater():
    table = drawn()
    law = law_of(table)
    for found in crossed(table).laws(law, 10, np.random.default_rng(1)):
        assert (found.prompt_names, found.group_names) == (law.prompt_names, law.group_names)
        factors = found.probs / law.probs
        for prompt in range(3):
            assert np.ptp(factors[law.prompt_index == prompt]) < 1e-14
        assert np.ptp(factors) > 1e-3
        # All candidates have the same raters: rewards are one mixture of the raters' own.
        mixture, *_ = np.linalg.lstsq(table, found.rewards, rcond=None)
        assert table @ mixture == pytest.approx(found.rewards, abs=1e-12)
        assert mixture.sum() == pytest.approx(1.0)
        assert mixture.min() > 0


def test_rewards_are_transformed_and_their_means_are_followed():
    table = np.random.default_rng(2).uniform(0.1, 0.9, (CANDIDATES, RATERS))
    length = np.arange(12.0)
    of = crossed(table, transform=lambda means: in_log_odds(means, "probability"), in_unit="rate")
    law = RewardLaw(
        in_log_odds(table.mean(axis=1), "probability"),
        scores={"rate": table.mean(axis=1), "length": length},
    )
    for found in of.laws(law, 5, np.random.default_rng(0)):
        assert found.score_names == ("rate", "length")
        assert (found.scores["length"] == length).all()
        rate = found.scores["rate"]
        assert found.rewards == pytest.approx(np.log(rate / (1 - rate)), abs=1e-12)
        assert np.abs(rate - law.scores["rate"]).max() > 1e-3


def test_the_same_seed_gives_the_same_laws():
    table = drawn()
    same = [
        [law.rewards for law in crossed(table).laws(law_of(table), 4, np.random.default_rng(seed))]
        for seed in (3, 3, 4)
    ]
    assert np.array_equal(same[0], same[1])
    assert not np.array_equal(same[0], same[2])


@pytest.mark.parametrize("raters", [2, 3, 8])
def test_raters_weigh_by_gamma_numbers_of_their_own_shape(raters, monkeypatch):
    shapes = []
    monkeypatch.setattr(module, "_weights", lambda of, generator: shapes.append(of) or of)
    table = drawn(raters)
    list(crossed(table).laws(law_of(table, 1), 1, np.random.default_rng(0)))
    assert [list(of) for of in shapes] == [[1 - 1 / raters] * raters]


@pytest.mark.error_rate(rate=1e-9, null="shares of gamma weights are Dirichlet", size="20,000")
@pytest.mark.parametrize("raters", [2, 3, 8, 40])
def test_a_mean_over_raters_varies_as_in_the_ordinary_bootstrap(raters):
    # H0: shares of gamma weights of shape a are Dirichlet, and a mean over n raters has the
    # variance Σ(x - x̄)²/(n(na + 1)); for a = 1 - 1/n that is Σ(x - x̄)²/n². Of 20,000 means the
    # variance is right to sqrt((kurtosis - 1)/20,000), with a kurtosis of at most 6 (of two raters
    # the share is Beta(1/2, 1/2), with less): 6.2 times that is 10%.
    values = np.random.default_rng(raters).normal(size=raters)
    shapes = np.full((20_000, raters), 1 - 1 / raters)
    weights = module._weights(shapes, np.random.default_rng(raters))
    means = weights @ values / weights.sum(axis=1)
    expected = np.square(values - values.mean()).sum() / raters**2
    assert means.var() == pytest.approx(expected, rel=0.10)


@pytest.mark.error_rate(rate=1e-9, null="as above, for each candidate", size="50")
def test_ratings_of_nobody_vary_candidate_by_candidate():
    # As above, for three ratings of each of 400 candidates, whose means are independent: the mean
    # over candidates of (mean - own mean)²/expected is 1, to sqrt(5/(400·50)) · 6.2 = 10%.
    table = np.random.default_rng(5).normal(size=(400, 3))
    law = law_of(table, 1)
    laws = crossed(table, names=False).laws(law, 50, np.random.default_rng(6))
    expected = table.var(axis=1) / 3
    found = np.mean([np.square(of.rewards - law.rewards) / expected for of in laws])
    assert found == pytest.approx(1.0, rel=0.10)


PROMPTS, ANSWERS, TABLES = 30, 3, 40


@pytest.mark.error_rate(rate=1e-9, null="bands hold the truth in 90 of 100", size="40 tables")
@pytest.mark.parametrize(("of_raters", "of_prompts"), [(1.0, 0.2), (0.1, 2.0)])
def test_bands_hold_what_all_raters_and_all_prompts_would_say(of_raters, of_prompts):
    # Ratings are prompt + answer + rater + rest, normal, of 12 raters; the truth has no rater and
    # no rest in it. H0: 95% bands of E[r] at t = 0 and at t = 1 hold it in at least 90 of 100
    # tables. Of 40 tables that is refused below the binomial quantile of 1e-9/4: two laws, two t.
    # Bands that resample the raters only, or the prompts only, hold it in less than half.
    draw = np.random.default_rng(int(10 * of_raters))
    index = np.repeat(np.arange(PROMPTS), ANSWERS)
    many = draw.normal(size=(20_000, ANSWERS))
    truth = CurationLoop(
        RewardLaw(many.ravel() - many.mean(), prompts=np.repeat(np.arange(20_000), ANSWERS)),
        K=2,
        lam=math.inf,
    ).run(steps=1)
    held = np.zeros(2, int)
    for seed in range(TABLES):
        answer = of_prompts * draw.normal(size=PROMPTS)[index] + draw.normal(size=index.size)
        raters = of_raters * draw.normal(size=12)
        table = answer[:, None] + raters + 0.3 * draw.normal(size=(index.size, 12))
        loop = CurationLoop(RewardLaw(table.mean(axis=1), prompts=index), K=2, lam=math.inf)
        bands = bootstrap_bands(
            loop, loop.run(steps=1), replicates=100, rng=seed, estimates=crossed(table)
        )
        assert bands.level == 0.95
        low, high = bands.low["expected_reward"], bands.high["expected_reward"]
        held += (low <= truth.expected_reward) & (truth.expected_reward <= high)
    assert (held >= stats.binom.ppf(1e-9 / 4, TABLES, 0.90)).all()


def test_no_weight_rounds_a_mean_of_zero_and_one_to_either():
    # Of a gamma variable of shape 1/2, one in 1e8 is below 1e-16: here all would be.
    class Least(np.random.Generator):
        def gamma(self, shape):
            return np.where(np.arange(np.size(shape)) % 2, 1e-300, 1.0)

    table = np.tile([0.0, 1.0], (CANDIDATES, 1))
    ratings = crossed(table, transform=lambda means: in_log_odds(means, "probability"))
    (law,) = ratings.laws(law_of(table), 1, Least(np.random.PCG64(0)))
    assert np.isfinite(law.rewards).all()
