"""The scale of a reward, against statsmodels' logistic regression, closed forms and simulation."""

import math
import re
import statistics

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from recurate import calibrate_scale

RATE = 1e-10


def pairs(rng, n, gamma=1.0):
    """Rewards of the chosen and of the other one, when people choose with odds e^{γ d}."""
    gap = rng.standard_t(5, n) * rng.uniform(0.5, 3)
    signed = np.where(rng.random(n) < 1 / (1 + np.exp(-gamma * gap)), gap, -gap)
    low = rng.normal(size=n)
    return low + signed, low


def by_statsmodels(chosen, rejected, weights=None, clusters=None):
    model = sm.GLM(
        np.ones(len(chosen)),
        np.asarray(chosen) - np.asarray(rejected),
        family=sm.families.Binomial(),
        freq_weights=weights,
    )
    how = {} if clusters is None else {"cov_type": "cluster", "cov_kwds": {"groups": clusters}}
    found = model.fit(tol=1e-15, maxiter=200, tol_criterion="params", **how)
    return found.params[0], found.bse[0]


@pytest.mark.parametrize("block", range(10))
def test_scale_is_that_of_statsmodels(block):
    for seed in range(20 * block, 20 * block + 20):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(15, 120))
        chosen, rejected = pairs(rng, n, rng.normal())
        # Two more, so that the chosen one is the better here and the worse there.
        chosen, rejected = np.append(chosen, [1.0, 0.5]), np.append(rejected, [0.0, 1.25])
        weights = rng.choice([0.5, 1.0, 3.0], n + 2)
        clusters = rng.integers(8, size=n + 2)
        found = calibrate_scale(chosen, rejected, weights=weights, clusters=clusters)
        gamma, naive = by_statsmodels(chosen, rejected, weights)
        assert found.gamma == pytest.approx(gamma, rel=1e-8, abs=1e-8)
        assert found.naive_standard_error == pytest.approx(naive, rel=1e-8)
        # Errors by cluster do not depend on the unit of weights, and it takes rows, not weights.
        rows = np.repeat(np.arange(n + 2), (2 * weights).astype(int))
        _, error = by_statsmodels(chosen[rows], rejected[rows], clusters=clusters[rows])
        assert found.standard_error == pytest.approx(error, rel=1e-6)
        alone = calibrate_scale(chosen, rejected, weights=weights)
        assert alone.standard_error == alone.naive_standard_error == found.naive_standard_error


def test_one_size_of_difference_has_a_closed_form():
    # 30 of 40 choose the one that is better by 2: γ = log(3)/2, its error 1/sqrt(40 · 2² · 3/16).
    found = calibrate_scale([2.0] * 30 + [0.0] * 10, [0.0] * 30 + [2.0] * 10)
    assert found.gamma == pytest.approx(math.log(3) / 2, rel=1e-14)
    assert found.standard_error == pytest.approx(1 / math.sqrt(30), rel=1e-14)
    reach = statistics.NormalDist().inv_cdf(0.975) / math.sqrt(30)
    assert found.interval == pytest.approx((found.gamma - reach, found.gamma + reach), rel=1e-12)
    assert (found.pairs, found.share_agreeing, found.form_p_value) == (40, 0.75, None)
    assert found.is_significant


def test_even_choices_have_scale_zero_and_are_flagged():
    found = calibrate_scale([1.0, 0.0, 3.0], [0.0, 1.0, 3.0])
    assert (found.gamma, found.share_agreeing, found.is_significant) == (0.0, 0.5, False)


def test_a_tie_is_two_halves():
    # With equal weight both ways the slope at γ is Σ w d (1 - σ): of (1, ½), (-1, ½) and (1, 1) it
    # is e^{-γ} = 1/3, since three halves stand against a half.
    found = calibrate_scale([1.0, 0.0, 1.0], [0.0, 1.0, 0.0], weights=[0.5, 0.5, 1.0])
    assert found.gamma == pytest.approx(math.log(3), rel=1e-14)
    assert (found.pairs, found.share_agreeing) == (2, 0.75)


@pytest.mark.parametrize("unit", [1e-200, 1e-8, 1e8, 1e200])
def test_units_do_not_matter(unit):
    chosen, rejected = pairs(np.random.default_rng(0), 60)
    clusters = np.arange(60) // 3
    one = calibrate_scale(chosen, rejected, clusters=clusters)
    other = calibrate_scale(chosen * unit, rejected * unit, clusters=clusters)
    assert other.gamma * unit == pytest.approx(one.gamma, rel=1e-12)
    assert other.standard_error * unit == pytest.approx(one.standard_error, rel=1e-12)
    assert other.form_p_value == pytest.approx(one.form_p_value, rel=1e-9)


def test_swapped_columns_turn_the_sign():
    chosen, rejected = pairs(np.random.default_rng(1), 60)
    one, other = calibrate_scale(chosen, rejected), calibrate_scale(rejected, chosen)
    assert other.gamma == pytest.approx(-one.gamma, rel=1e-12)
    assert other.share_agreeing == pytest.approx(1 - one.share_agreeing, rel=1e-12)


def test_nearly_separated_pairs_have_a_scale():
    # 50 agree by 1, one disagrees by 1e-12: 50 e^{-γ}/(1 + e^{-γ}) = 1e-12/2 at the root.
    found = calibrate_scale([1.0] * 50 + [0.0], [0.0] * 50 + [1e-12])
    assert found.gamma == pytest.approx(math.log(1e14), rel=1e-9)


def score_test(chosen, rejected, clusters=None):
    """The score test of a constant, as a direct translation of its definition in two variables."""
    gap = np.asarray(chosen) - np.asarray(rejected)
    gamma, _ = by_statsmodels(chosen, rejected)
    columns = np.column_stack([gap, np.sign(gap)])
    miss = 1 / (1 + np.exp(gamma * gap))
    scores = columns * miss[:, None]
    information = columns.T @ (columns * (miss * (1 - miss))[:, None])
    if clusters is None:
        middle, factor = information, 1.0
    else:
        groups = np.unique(clusters)
        sums = np.array([scores[clusters == g].sum(axis=0) for g in groups])
        middle, factor = sums.T @ sums, groups.size / (groups.size - 1)
    contrast = np.array([-information[0, 1] / information[0, 0], 1.0])
    z = contrast @ scores.sum(axis=0) / math.sqrt(factor * contrast @ middle @ contrast)
    return 2 * stats.norm.sf(abs(z))


@pytest.mark.parametrize("seed", range(20))
def test_form_is_tested_by_the_score_of_a_constant(seed):
    rng = np.random.default_rng(seed)
    chosen, rejected = pairs(rng, 80)
    clusters = np.arange(80) // 4
    found = calibrate_scale(chosen, rejected).form_p_value
    assert found == pytest.approx(score_test(chosen, rejected), rel=1e-6)
    found = calibrate_scale(chosen, rejected, clusters=clusters).form_p_value
    assert found == pytest.approx(score_test(chosen, rejected, clusters), rel=1e-6)


def repeated(rng, n, people=3):
    """Pairs that three people judge; two of three repeat what the first one says."""
    chosen, rejected = pairs(rng, n)
    gap, low = np.abs(chosen - rejected), rejected
    first = rng.random(n) < 1 / (1 + np.exp(-gap))
    all_chosen, all_rejected = [], []
    for person in range(people):
        own = rng.random(n) < 1 / (1 + np.exp(-gap))
        says = first if person == 0 else np.where(rng.random(n) < 2 / 3, first, own)
        all_chosen.append(low + np.where(says, gap, 0))
        all_rejected.append(low + np.where(says, 0, gap))
    return np.concatenate(all_chosen), np.concatenate(all_rejected), np.tile(np.arange(n), people)


RUNS = 1000


@pytest.mark.parametrize("level", [0.05, 0.01])
@pytest.mark.error_rate(
    rate=2 * RATE, null="P(p <= level) <= 1.3 levels; coverage at least .935", size="1,000 x 100"
)
def test_form_and_interval_hold_their_levels(level):
    alarms = missed = 0
    for seed in range(RUNS):
        found = calibrate_scale(*pairs(np.random.default_rng([5, seed]), 100))
        alarms += found.form_p_value <= level
        missed += not found.interval[0] <= 1 <= found.interval[1]
    assert alarms <= stats.binom.isf(RATE, RUNS, 1.3 * level)
    assert missed <= stats.binom.isf(RATE, RUNS, 0.065)


@pytest.mark.error_rate(
    rate=3 * RATE, null="P(p <= .05) <= .065; coverage at least .925", size="1,000 x 300"
)
def test_form_and_interval_allow_for_people_who_agree():
    alarms = missed = naive_missed = 0
    for seed in range(RUNS):
        chosen, rejected, clusters = repeated(np.random.default_rng([6, seed]), 100)
        found = calibrate_scale(chosen, rejected, clusters=clusters)
        alarms += found.form_p_value <= 0.05
        missed += not found.interval[0] <= 1 <= found.interval[1]
        naive_missed += abs(found.gamma - 1) > 1.96 * found.naive_standard_error
    assert alarms <= stats.binom.isf(RATE, RUNS, 0.065)
    assert missed <= stats.binom.isf(RATE, RUNS, 0.075)
    assert naive_missed > stats.binom.isf(RATE, RUNS, 0.075)  # clusters matter here


@pytest.mark.error_rate(rate=RATE, null="power of at least 1/2", size="100 x 1,000")
def test_people_who_pay_no_attention_are_noticed():
    # A third choose at random, however large the difference: log-odds stay below log 5.
    noticed = 0
    for seed in range(100):
        rng = np.random.default_rng([7, seed])
        gap = rng.normal(size=1_000) * 3
        share = 1 / 6 + 2 / 3 / (1 + np.exp(-gap))
        signed = np.where(rng.random(1_000) < share, gap, -gap)
        noticed += calibrate_scale(signed, np.zeros(1_000)).form_p_value <= 0.01
    assert noticed >= stats.binom.ppf(RATE, 100, 0.5)


@pytest.mark.parametrize(
    ("chosen", "rejected", "options", "message"),
    [
        (
            [1.0, 2.0],
            [0.0],
            {},
            "rejected_rewards must have one entry per chosen reward (2); got 1",
        ),
        ([], [], {}, "chosen_rewards must have at least one entry; got none"),
        ([1.0, math.nan], [0.0, 3.0], {}, "got nan at position 1"),
        (
            [1.0, 0.0],
            [0.0, math.inf],
            {},
            "rejected_rewards must be finite real numbers; got inf at",
        ),
        ([1.0, 1.0], [1.0, 1.0], {}, "got the same reward twice in all 2"),
        ([1e308, 0.0], [-1e308, 1.0], {}, "got inf as the largest difference"),
        (
            [2.0, 3.0],
            [1.0, 1.0],
            {},
            "got the chosen one's higher in all 2 pairs: gamma would be inf",
        ),
        (
            [0.0, 3.0, 1.0],
            [1.0, 3.0, 2.0],
            {},
            "lower in all 2 pairs that differ (and the same in 1): gamma would be -infinity",
        ),
        (
            [1.0, 0.0],
            [0.0, 1.0],
            {"weights": [1.0]},
            "weights must have one entry per chosen reward",
        ),
        ([1.0, 0.0], [0.0, 1.0], {"weights": [1.0, 0.0]}, "weights must be above 0; got 0 at"),
        ([1.0, 0.0], [0.0, 1.0], {"clusters": ["a"]}, "clusters must have one entry"),
        (
            [1.0, 0.0],
            [0.0, 1.0],
            {"clusters": ["a", "a"]},
            "clusters must be at least two; got one",
        ),
    ],
)
def test_bad_input_is_named(chosen, rejected, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        calibrate_scale(chosen, rejected, **options)


def test_words_are_no_rewards():
    with pytest.raises(TypeError, match="chosen_rewards must be real numbers"):
        calibrate_scale(["a"], [1.0])
