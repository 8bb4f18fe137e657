"""Logs of choices, drawn by the package's own sampler, against Bradley–Terry's rule.

Null hypothesis: given what was shown, choices are independent and Bradley–Terry's. P-values are
proved bounds for every number of choices. The power against wrong choices is computed, too: the
largest log-ratio of likelihoods is at least that of the true ones, L, and P(L < x) is at most
e^{θ x} E e^{-θ L} for θ in (0, 1), with the expectation exact.
"""

import numpy as np
import pytest
from scipy import special, stats

from recurate import CurationLoop, RewardLaw, curate
from recurate.numerics.agreement.choice_log import read_log
from recurate.numerics.agreement.choices import choices_verdict
from recurate.numerics.agreement.winners import curated_law, winners_verdict
from recurate.numerics.sampling import winners
from recurate.testing import assert_choices, samples_needed

RATE = 1e-8
ALPHA = 1e-6
MISS = 1e-9


def shown_rewards(n, K=4, seed=0):
    return np.random.default_rng(seed).normal(size=(n, K))


def choose(weights, seed=1):
    """Positions chosen with probability e^w over the sum, by the package's kernel; NaN never."""
    logits = np.where(np.isnan(weights), -np.inf, weights).T
    positions = np.broadcast_to(np.arange(logits.shape[0])[:, None], logits.shape)
    uniforms = np.random.default_rng(seed).random(logits.shape)
    return winners.choose_by_gumbel(positions, logits, uniforms)[0]


def with_absent(shown):
    shown = shown.copy()
    shown[np.random.default_rng(2).random(shown.shape) < 0.3] = np.nan
    shown[:, 1] = 0.5
    return shown


@pytest.mark.parametrize(
    ("shown", "scale"),
    [
        (shown_rewards(30_000), 1.0),
        (shown_rewards(10_000), -0.5),
        (with_absent(shown_rewards(10_000)), 2.0),
        (np.round(shown_rewards(10_000)), 0.0),
        (1e6 * shown_rewards(1_000), 1.0),
        (shown_rewards(1_000, K=40), 1.0),
    ],
    ids=["plain", "negative", "absent", "ties", "far apart", "many"],
)
@pytest.mark.error_rate(rate=2 * RATE, null="choices are Bradley-Terry's", size="1,000 to 30,000")
def test_choices_of_the_rule_are_accepted(shown, scale):
    chosen = choose(scale * shown)
    assert assert_choices(shown, chosen, scale=scale, alpha=RATE) == scale
    if np.nanmax(np.abs(shown)) < 100:
        fitted = assert_choices(shown, chosen, scale=None, alpha=RATE)
        # The score test's bound at the fitted scale: six standard errors of about 0.02 and less.
        assert abs(fitted - scale) < 0.2


@pytest.mark.error_rate(rate=RATE, null="P(p <= 0.05) <= 0.05", size="300 logs of 60")
def test_small_logs_are_refused_no_more_often_than_stated():
    alarms = 0
    for seed in range(300):
        shown = with_absent(shown_rewards(60, seed=3 + seed))
        log = read_log(shown, choose(shown, seed=1_000 + seed))
        alarms += choices_verdict(log, 1.0).p_value <= 0.05
    assert alarms <= stats.binom.isf(RATE, 300, 0.05)


def miss_bound(log, truth, scale):
    """Bound the probability that choices by e^truth are accepted at this scale, given the shown."""
    looks = 1 + len(log.events())
    threshold = np.log(2 * looks / ALPHA)
    ours, theirs = log.log_probs(scale), log.log_probs(0.0, truth)
    return min(
        np.exp(
            theta * threshold + special.logsumexp(theta * ours + (1 - theta) * theirs, axis=1).sum()
        )
        for theta in (0.3, 0.4, 0.5, 0.6)
    )


@pytest.mark.parametrize(
    ("number", "truth"),
    [
        (80_000, lambda shown: 1.1 * shown),
        (2_000, lambda shown: 0.0 * shown),
        (20_000, lambda shown: shown + 0.3 * (np.arange(4) == 2)),
        (1_000, lambda shown: 50.0 * shown),
    ],
    ids=["scale 1.1", "uniform", "position", "nearly argmax"],
)
@pytest.mark.error_rate(rate=MISS, null="choices by other weights are noticed", size="by power")
def test_choices_of_another_rule_are_refused(number, truth):
    shown = shown_rewards(number)
    chosen = choose(truth(shown))
    assert miss_bound(read_log(shown, chosen), truth(shown), 1.0) < MISS
    with pytest.raises(AssertionError, match="Bradley–Terry's rule at scale 1"):
        assert_choices(shown, chosen, alpha=ALPHA)


def test_choices_by_another_column_and_of_the_best_are_refused():
    """The best of four, which is not a random choice; and a choice by another column."""
    shown = shown_rewards(1_000)
    for chosen in (shown.argmax(axis=1), shown_rewards(1_000, seed=9).argmax(axis=1)):
        with pytest.raises(AssertionError, match=r"(?s)expected .* ± .*at scale 1"):
            assert_choices(shown, chosen, alpha=ALPHA)


@pytest.mark.parametrize("other", [2, 5], ids=["fewer candidates", "more candidates"])
@pytest.mark.error_rate(rate=RATE, null="the power is at least 0.9", size="400 x samples_needed")
def test_winners_by_the_number_needed_are_refused(other):
    """Refusals are at least binomial(400, 0.9)."""
    law = RewardLaw([0.0, 1.0, 3.0], [0.5, 0.3, 0.2])
    loop, against = (CurationLoop(law, K=K, lam=1.0) for K in (3, other))
    number = samples_needed(loop, against=against, alpha=1e-4, t=1)
    probs = against.run(steps=1).probs(1)
    drawn = curate(law.rewards, other, 400 * number, probs=probs / probs.sum(), rng=4)
    tables = [np.bincount(part, minlength=3) for part in drawn.reshape(400, number)]
    expected = curated_law(loop, 1)
    refused = sum(winners_verdict(table, expected, law.rewards).p_value < 1e-4 for table in tables)
    assert refused >= stats.binom.ppf(RATE, 400, 0.9)
