"""The two models for which more curation backfires: against a computation of the tests' own."""

import itertools
import math
from fractions import Fraction

import pytest

from recurate.paper_checks.literature.two_models import (
    BACKFIRE,
    EXCHANGE,
    CertifiedExchangeRun,
    ExactExchangeRun,
    Exchange,
)


def chosen(law, rewards, K):
    """T(p) by its definition: every K-tuple of candidates."""
    out = [Fraction(0)] * len(law)
    weights = [Fraction(2) ** r for r in rewards]
    for drawn in itertools.product(range(len(law)), repeat=K):
        mass, total = math.prod(law[i] for i in drawn), sum(weights[i] for i in drawn)
        for i in drawn:
            out[i] += mass * weights[i] / total
    return out


def stepped(exchange, laws, K):
    pools = [chosen(laws[1], exchange.rewards[1], exchange.others)]
    pools.append(chosen(laws[0], exchange.rewards[0], K))
    return [
        [(q + lam * c) / (1 + lam) for q, c in zip(exchange.reference, pool, strict=True)]
        for pool, lam in zip(pools, exchange.lams, strict=True)
    ]


def shortened(law):
    parts = [Fraction(round(p * 10**9), 10**9) for p in law[:-1]]
    return [*parts, 1 - sum(parts)]


@pytest.fixture(scope="module")
def long_runs():
    """Laws near the long run for two and for four candidates, by 120 steps of the tests' own."""
    found = {}
    for K in (2, 4):
        laws = [list(BACKFIRE.reference)] * 2
        for _ in range(120):  # (6/7)^60 < 1e-4 at worst; in fact it is much quicker
            laws = [shortened(law) for law in stepped(BACKFIRE, laws, K)]
        found[K] = laws
    return found


def means(laws):
    pairs = zip(laws, BACKFIRE.rewards, strict=True)
    return [sum(p * r for p, r in zip(law, rewards, strict=True)) for law, rewards in pairs]


def test_both_models_lose_by_more_candidates(long_runs):
    before, after = (means(long_runs[K]) for K in (2, 4))
    # found by the search, to the digits that docs/mathematics.md has
    assert [round(float(x), 4) for x in before] == [0.8585, 6.3686]
    assert [round(float(x), 4) for x in after] == [0.8348, 6.0191]


@pytest.mark.parametrize("run", [ExactExchangeRun(BACKFIRE), CertifiedExchangeRun(BACKFIRE)])
def test_the_enclosures_contain_what_a_long_run_comes_to(run, long_runs):
    for K, laws in long_runs.items():
        for (mean, error), reached in zip(run.rewards_in_long_run(K), means(laws), strict=True):
            assert error < 1e-7  # far less than what is lost
            assert abs(float(mean) - float(reached)) < 1e-7  # the tests' own laws are rounded, too
    assert all(gain < 0 for gain in run.gains())


def test_a_step_is_that_of_the_definition():
    for exchange in itertools.islice(EXCHANGE.exact_instances(3), 5):
        start = [list(exchange.reference), list(reversed(exchange.reference))]
        expected = stepped(exchange, start, exchange.more)
        assert list(ExactExchangeRun(exchange).stepped(tuple(start), exchange.more)) == expected


def test_a_guess_that_is_off_decides_nothing(monkeypatch, long_runs):
    run = ExactExchangeRun(BACKFIRE)
    start, other = list(BACKFIRE.reference), [Fraction(1, 4), Fraction(1, 2), Fraction(1, 4)]
    monkeypatch.setattr(
        ExactExchangeRun, "guess", lambda self, K: (start, start) if K == 2 else (other, other)
    )
    assert run.gains() == [0, 0]
    for K, laws in long_runs.items():
        for (mean, error), reached in zip(run.rewards_in_long_run(K), means(laws), strict=True):
            assert 0 < abs(mean - reached) <= error


def test_what_is_not_known_to_settle_is_refused():
    with pytest.raises(ValueError, match="two steps must be a contraction"):
        Exchange(BACKFIRE.reference, BACKFIRE.rewards, (Fraction(3), Fraction(1)), 2, 4)
    with pytest.raises(ValueError, match="more must be at least 2"):
        Exchange(BACKFIRE.reference, BACKFIRE.rewards, BACKFIRE.lams, 2, 1)
