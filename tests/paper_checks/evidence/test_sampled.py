"""Sampled evidence: no false alarms, and power.

Null hypothesis: counts of winners among K candidates are binomial with probability p_t H. Sample
size: 10,000 choices for each of 10 laws. Error rate: 1e-9 a run, so 2e-7 over the 200 runs here.
"""

import numpy as np
import pytest

from recurate.paper_checks.any_choice import simulated_choices, simulated_loops
from recurate.paper_checks.evidence.gathering import sampled
from recurate.paper_checks.evidence.gathering.sampled import ERROR_RATE, sampled_evidence
from recurate.paper_checks.many_voters import simulated_pairs
from recurate.paper_checks.runner import EFFORTS
from recurate.paper_checks.runs import simulated
from recurate.theory.envelopes import share_envelope

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


# What is simulated by any rule, and of pairs. Null hypothesis: a member of a set wins with a
# probability from u^K to 1 - (1-u)^K; mean shares are inside the envelope; winners of pairs have
# the law p (1 + A p). Error rate: 1e-9 a run, so 5e-8 over the runs here.

NEW = [(simulated_choices, 20), (simulated_loops, 8), (simulated_pairs, 20)]


@pytest.mark.parametrize(("module", "runs"), NEW)
def test_no_alarm_is_raised_by_any_rule(module, runs):
    for seed in range(runs):
        evidence = module.sampled_evidence(cases=EFFORTS["quick"].sampled, seed=seed)
        assert evidence.verdict == "holds", evidence
        assert evidence.least_margin > 0
        assert "family-wise error rate 1e-09" in evidence.allowance
        assert evidence.nontrivial >= evidence.cases / 2


def verdicts(module, cases=10):
    return {module.sampled_evidence(cases=cases, seed=seed).verdict for seed in range(3)}


@pytest.mark.parametrize("module", [simulated_choices, simulated_loops])
def test_a_candidate_too_many_is_noticed(monkeypatch, module):
    # Of a group that is sought or avoided, u^(K+1) in place of u^K.
    true = simulated.candidates
    monkeypatch.setattr(module, "candidates", lambda p, n, K, rng: true(p, n, K + 1, rng))
    assert verdicts(module) == {"violated"}


def test_an_envelope_of_fewer_candidates_is_noticed(monkeypatch):
    monkeypatch.setattr(
        simulated_loops,
        "share_envelope",
        lambda u, **given: share_envelope(u, **given | {"K": max(1, given["K"] - 1)}),
    )
    assert verdicts(simulated_loops) == {"violated"}


def test_real_data_forgotten_are_noticed(monkeypatch):
    true = simulated_loops.SimulatedLoop.parts

    def without(self, t):
        real, kept, chosen = true(self, t)
        return 0.0, kept, real + chosen

    monkeypatch.setattr(simulated_loops.SimulatedLoop, "parts", without)
    # Few of the loops press on a bound: more cases than for other faults.
    assert verdicts(simulated_loops, 30) == {"violated"}


@pytest.mark.parametrize("kind", ["_by_preferences", "_by_voters"])
def test_pairs_whose_first_one_wins_too_often_are_noticed(monkeypatch, kind):
    true = getattr(simulated_pairs, kind)

    def biased(size, pairs, rng):
        words, advantages, wins = true(size, pairs, rng)
        # Of the pairs whose first one is answer 0, three in ten of those lost count as won.
        return words, advantages, wins | ((rng.uniform(size=len(pairs)) < 0.3) & (pairs[:, 0] == 0))

    monkeypatch.setattr(simulated_pairs, kind, biased)
    assert verdicts(simulated_pairs) == {"violated"}


def test_choices_by_hand():
    # Two loops, two choices each between the atoms 0 and 2, and 1 and 1; and 2 and 0, and 0 and 1.
    drawn = np.array([[[0, 2], [1, 1]], [[2, 0], [0, 1]]])
    laws = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
    rewards, rng = np.array([0.0, 2.0, 1.0]), np.random.default_rng(0)

    def shares(taken):
        liked = simulated.LIKINGS[taken](drawn, laws, rewards, rng)
        return simulated.shares_of_winners(drawn, liked, 3).tolist()

    assert shares("the best") == [[0, 0.5, 0.5], [0, 0.5, 0.5]]
    assert shares("the rarest under p_t") == [[0.5, 0.5, 0], [0, 0.5, 0.5]]
    # Candidates only, and the same place for the same tuple.
    drawn = np.array([[[0, 1]] * 50, [[1, 2]] * 50])
    first, second = shares("a place by the tuple, drawn for each round")
    assert sorted(first) == sorted(second) == [0, 0, 1]
    assert first[2] == second[0] == 0


def test_widths_are_what_may_still_differ():
    # λ = 1, ε = ½: c_1 = ½ + ¼ = ¾, c_2 = ½ + 3/16 = 11/16; accumulated, ν = 1: ½ and ⅓ are real.
    def loop(**given):
        return simulated_loops.SimulatedLoop(
            np.array([0.5, 0.5]), np.zeros(2), "the best", 2, 1, **given
        )

    mixed = loop(lam=1.0, retained=0.5, rounds=None).widths()
    np.testing.assert_allclose(mixed[:2], [1 / 4, 5 / 16])
    grown = loop(lam=1.0, retained=0.5, rounds=1.0).widths()
    np.testing.assert_allclose(grown[:2], [1 / 2, 2 / 3])


def test_margins_of_means_by_hand():
    # R = 50, 2 comparisons at 1e-3: the threshold is 5e-4, and exp(-100 x²) is that at x = .2757.
    excess = np.array([-1.0, 0.0, 0.2757, 0.3])
    margins = sampled.means_margins(excess, 50, 2, 1e-3)
    expected = [np.log10(2000), np.log10(2000), 0.0, -9.0 / np.log(10) + np.log10(2000)]
    np.testing.assert_allclose(margins, expected, atol=3e-3)
    assert margins[3] < 0
