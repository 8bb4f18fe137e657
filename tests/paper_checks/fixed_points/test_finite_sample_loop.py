"""The loop on N choices a round: what is enumerated, what is simulated, and both against a bound.

Null hypothesis of the simulated part: the mean distance over `RUNS` loops is within x of its
expectation. A distance is between 0 and 1, so by Hoeffding's inequality that fails with a
probability of at most 2 exp(-2 RUNS x²): 1e-10 for x = .077.
"""

import math
from fractions import Fraction

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, log_curation_ratio
from recurate.paper_checks.fixed_points import finite_sample_runs
from recurate.paper_checks.fixed_points.finite_sample_loop import check, outcomes
from recurate.paper_checks.fixed_points.finite_sample_runs import (
    ERROR_RATE,
    ROUNDS,
    RUNS,
    mean_distances,
    sampled_evidence,
)
from recurate.paper_checks.runs.instances import Instance
from recurate.paper_checks.runs.kinds import ExactRun

LIMIT = math.sqrt(math.log(2 / 1e-10) / (2 * RUNS))


def test_outcomes_are_multinomial():
    chances = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]
    found = {tuple(counts): chance for counts, chance in outcomes(3, chances)}
    assert len(found) == 10  # ways of writing 3 as an ordered sum of three numbers from 0 up
    assert sum(found.values()) == 1
    assert found[1, 1, 1] == 6 * Fraction(1, 36)
    assert found[2, 0, 1] == 3 * Fraction(1, 24)


def test_one_choice_between_two_atoms_attains_the_bound():
    # K = inf, weights ½ and 1: T(p) = (½, ½) for p = (⅔, ⅓). One winner is ½ away from that in any
    # case, and so p^_1 is a/2 from p; the claim's squares are equal.
    run = ExactRun(Instance.of("1/2 1", "2/3 1/3", K=math.inf, lam=1))
    first = {margin.where: margin for margin in check.margins_of(run)}
    where = "t = 1, N = 1, to p_ref from the second law, from the limit itself"
    assert first[where].value == 0
    assert first[where].tight
    others = [margin for margin in first.values() if not margin.tight]
    assert others
    assert all(margin.value > 0 for margin in others)


LAW = RewardLaw([0.0, 1.0, 2.5], [0.5, 0.3, 0.2])


def simulated(K):
    """Mean distance from the fixed point for K, after a round on 2 choices from p_ref."""
    _, means = mean_distances(CurationLoop(LAW, K=K, lam=4.0), LAW.probs, 2, seed=5)
    return means[0]


def enumerated(K):
    limit = CurationLoop(LAW, K=K, lam=4.0).fixed_point().probs
    chosen = LAW.probs * np.exp(log_curation_ratio(LAW.rewards, K=K, probs=LAW.probs))
    return sum(
        chance * np.abs((LAW.probs + 4.0 * np.array(counts) / 2) / 5.0 - limit).sum() / 2
        for counts, chance in outcomes(2, chosen.tolist())
    )


@pytest.mark.parametrize("K", [1, 2, 5])
def test_simulated_loops_are_those_that_are_enumerated(K):
    assert abs(simulated(K) - enumerated(K)) < LIMIT


def test_simulated_winners_have_the_law_of_the_winner_and_of_no_other_K():
    # Null hypothesis: 100,000 independent winners, 40 in each of 2,500 loops, have the law T(p).
    # By Hoeffding's inequality a share is off by .0109 with a probability of at most 1e-10.
    loop = CurationLoop(LAW, K=5, lam=4.0)
    laws = np.tile(LAW.probs, (2500, 1))
    after = finite_sample_runs.next_laws(loop, laws, 40, np.random.default_rng(3))
    top = ((5.0 * after - LAW.probs) / 4.0).mean(axis=0)[2]
    shares = {
        K: LAW.probs[2] * np.exp(log_curation_ratio(LAW.rewards, K=K, probs=LAW.probs))[2]
        for K in (4, 5, 6)
    }
    assert [K for K, share in shares.items() if abs(top - share) < 0.0109] == [5]


@pytest.mark.parametrize("seed", range(5))
def test_sampled_evidence_holds(seed):
    # Error rate: 1e-10 a run.
    assert ERROR_RATE <= 1e-10
    evidence = sampled_evidence(cases=3, seed=seed)
    assert evidence.verdict == "holds", evidence
    assert evidence.least_margin > 0
    assert "error rate 1e-10" in evidence.allowance


def test_choices_of_far_too_few_are_noticed(monkeypatch):
    true = finite_sample_runs.next_laws

    def stuck(loop, laws, number, rng):
        return true(loop, laws, 1, rng)  # as if each round had one choice

    monkeypatch.setattr(finite_sample_runs, "next_laws", stuck)
    evidence = sampled_evidence(cases=20, seed=1)
    assert evidence.verdict == "violated"
    assert "N = 40" in evidence.witness.loop
    assert ROUNDS == 4
