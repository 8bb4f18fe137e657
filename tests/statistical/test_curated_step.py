"""One curated step, sampled from the exact p_t, against p_t · H; and what a wrong sampler does.

Null hypothesis of each test: winners are independent with the law p_t · H^K_{p_t} of the exact
engine. The p-value is a proved bound (exact binomial tails, Agrawal's bound on G, exact multinomial
for small counts). Sample sizes follow from the law that Hypothesis draws: as many winners as it
takes to notice K - 1 candidates, and rewards scaled by 1.02, except in one case in 1e9.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recurate import CurationLoop, RewardLaw, curate
from recurate.numerics.agreement.winners import (
    curated_law,
    g_p_value,
    multinomial_p_value,
    winners_verdict,
)

from .power import MISS, miss_probability, telling_loops, wrong_laws

LAWS = 4
RATE = 2e-8
ALPHA = RATE / LAWS

WAYS = [
    {"backend": "numpy", "method": "cumulative"},
    {"backend": "numpy", "method": "gumbel"},
    {"backend": "numpy", "method": "cumulative", "dtype": "float32"},
    {"backend": "torch", "method": "cumulative"},
    {"backend": "torch", "method": "gumbel"},
    {"backend": "torch", "method": "cumulative", "dtype": "float32"},
]

few_laws = settings(
    max_examples=LAWS,
    database=None,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def counts_of(winners, size):
    return np.bincount(np.asarray(winners), minlength=size)


def sampled(loop, t, number, seed, scale=1.0, fewer=0, **way):
    """Winners among K candidates from p_t, or of a wrong sampler."""
    probs = loop.run(steps=t).probs(t)
    return counts_of(
        curate(
            scale * loop.law.rewards,
            loop.K - fewer,
            number,
            probs=probs / probs.sum(),
            rng=seed,
            **way,
        ),
        loop.law.size,
    )


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(way.values()))
@pytest.mark.error_rate(rate=RATE, null="winners have the law p_t H", size="by power, to 4 million")
def test_winners_have_the_law_of_the_engine(way):
    if way["backend"] == "torch":
        pytest.importorskip("torch")
    seen = []

    @few_laws
    @given(case=telling_loops(ALPHA), seed=st.integers(0, 2**32))
    def hold(case, seed):
        loop, t, number = case
        counts = sampled(loop, t, number, seed, **way)
        verdict = winners_verdict(counts, curated_law(loop, t), loop.law.rewards)
        assert verdict.p_value >= ALPHA, verdict
        seen.append(number)

    hold()
    assert len(seen) >= LAWS


@pytest.mark.parametrize("wrong", [{"fewer": 1}, {"scale": 1.02}], ids=["K-1", "scaled"])
@pytest.mark.error_rate(
    rate=LAWS * MISS, null="the wrong law's winners are noticed", size="as above"
)
def test_wrong_samplers_are_noticed_at_the_same_sizes(wrong):
    @few_laws
    @given(case=telling_loops(ALPHA), seed=st.integers(0, 2**32))
    def notice(case, seed):
        loop, t, number = case
        law = curated_law(loop, t)
        other = wrong_laws(loop, t)[0 if "fewer" in wrong else 1]
        # The power, computed ...
        assert miss_probability(law, other, loop.law.rewards, number, ALPHA) < MISS <= 1e-3
        # ... and observed.
        counts = sampled(loop, t, number, seed, **wrong)
        assert winners_verdict(counts, law, loop.law.rewards).p_value < ALPHA

    notice()


@pytest.mark.parametrize("method", ["cumulative", "gumbel"])
@pytest.mark.error_rate(
    rate=1e-8, null="winners have the law p_t H: p <= 0.01 at most that often", size="3,000 x 20"
)
def test_small_counts_by_the_exact_multinomial(method):
    """How often p <= 0.01 is at most binomial(3000, 0.01); 75 or more has probability 1e-10."""
    from scipy import stats

    loop = CurationLoop(RewardLaw([0.0, 1.0, 3.0], [0.5, 0.3, 0.2]), K=3, lam=1.0)
    law, runs, number = curated_law(loop), 3_000, 20
    most = int(stats.binom.isf(1e-8, runs, 0.01))
    probs = loop.law.probs

    def alarms(K):
        winners = curate(loop.law.rewards, K, runs * number, probs=probs, rng=1, method=method)
        tables = [counts_of(part, 3) for part in winners.reshape(runs, number)]
        return sum(multinomial_p_value(table, law) <= 0.01 for table in tables)

    assert alarms(3) <= most
    assert alarms(2) > most  # even 20 winners, often enough, tell 2 candidates from 3


@pytest.mark.error_rate(
    rate=2e-8, null="counts are multinomial: P(p <= u) <= u", size="20,000 tables of 200"
)
def test_the_bound_on_the_g_test_is_one():
    """The number of p <= u is at most binomial(20000, u), for u = 0.1 and 0.001."""
    from scipy import stats

    rng, probs = np.random.default_rng(5), np.array([0.6, 0.3, 0.08, 0.02])
    values = np.array([g_p_value(table, probs) for table in rng.multinomial(200, probs, 20_000)])
    for u in (0.1, 0.001):
        assert (values <= u).sum() <= stats.binom.isf(1e-8, 20_000, u)
    assert (values <= 0.5).any()  # and it says something


def test_multinomial_p_value_by_hand():
    # Binomial(3, 1/2): outcomes 0..3 have 1/8, 3/8, 3/8, 1/8; at most as likely as (0, 3): 2/8.
    assert multinomial_p_value(np.array([0, 3]), np.array([0.5, 0.5])) == pytest.approx(0.25)
    assert multinomial_p_value(np.array([1, 2]), np.array([0.5, 0.5])) == pytest.approx(1.0)
    assert multinomial_p_value(np.array([1, 1]), np.array([1.0, 0.0])) == 0.0
