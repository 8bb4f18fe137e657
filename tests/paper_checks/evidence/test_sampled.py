"""Sampled evidence: no false alarms, and power.

Null hypothesis: counts of winners among K candidates are binomial with probability p_t H. Sample
size: 10,000 choices for each of 10 laws. Error rate: 1e-9 a run, so 2e-7 over the 200 runs here.
"""

import numpy as np
import pytest

from recurate.paper_checks.evidence.gathering import sampled
from recurate.paper_checks.evidence.gathering.sampled import ERROR_RATE, sampled_evidence
from recurate.paper_checks.runner import EFFORTS

RUNS = 200


def test_two_hundred_runs_raise_no_alarm():
    assert RUNS * ERROR_RATE <= 1e-6
    for seed in range(RUNS):
        evidence = sampled_evidence(cases=EFFORTS["quick"].sampled, seed=seed)
        assert evidence.verdict == "holds", evidence
        assert evidence.least_margin > 0
        assert "family-wise error rate 1e-09" in evidence.allowance


def one_candidate_too_few(true_winners):
    return lambda rewards, probs, K, draws, rng: true_winners(
        rewards, probs, max(K - 1, 1), draws, rng
    )


def rewards_scaled(true_winners):
    return lambda rewards, probs, K, draws, rng: true_winners(1.5 * rewards, probs, K, draws, rng)


@pytest.mark.parametrize("broken", [one_candidate_too_few, rewards_scaled])
def test_a_broken_sampler_is_noticed(monkeypatch, broken):
    monkeypatch.setattr(sampled, "winners", broken(sampled.winners))
    for seed in range(20):
        evidence = sampled_evidence(cases=EFFORTS["quick"].sampled, seed=seed)
        assert evidence.verdict == "violated"
        assert "winners" in evidence.witness.loop


def test_winners_are_counted():
    counts = sampled.winners(
        np.array([0.0, 1.0]), np.array([0.5, 0.5]), 2, 1000, np.random.default_rng(0)
    )
    assert counts.sum() == 1000
