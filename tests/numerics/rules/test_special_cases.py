"""What rules are to each other: identities that need no oracle."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurate import CurationLoop, RewardLaw, log_curation_ratio
from recurate.rules import (
    Accept,
    BestOf,
    BradleyTerry,
    PairwisePreference,
    RandomChoice,
    Stages,
    TopShare,
    Voters,
)
from recurate.strategies import reward_laws

from ..oracles import RATIO_ERROR


def agree(found, expected):
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(found[~finite], expected[~finite])
    error = np.abs(found[finite] - expected[finite])
    return bool((error <= RATIO_ERROR * np.maximum(1, np.abs(expected[finite]))).all())


def log_probs_of(law):
    with np.errstate(divide="ignore"):
        return np.log(law.probs)


def log_ratio(rule, law):
    return rule.log_ratio(law, log_probs_of(law))


LAW = RewardLaw(
    [0.3, -1.0, 0.3, 2.0, 1.5],
    [0.1, 0.2, 0.3, 0.0, 0.4],
    groups=["a", "b", "a", "b", "c"],
    scores={"length": [3.0, 1.0, 1.0, 2.0, 2.0], "right": [0.0, 0.5, 1.0, 1.0, 0.25]},
)


@pytest.mark.parametrize(
    "rule",
    [
        BradleyTerry(1),
        BradleyTerry(4, scale=0),
        BestOf(1),
        BestOf(5, keep=5),
        TopShare(1),
        RandomChoice(),
        Voters([(0.25, BestOf(1)), (0.75, TopShare(1, by="length"))]),
        Stages([RandomChoice(), BradleyTerry(1, by="length")]),
    ],
    ids=repr,
)
def test_nothing_is_curated(rule):
    assert np.abs(log_ratio(rule, LAW)).max() <= 1e-15


@given(reward_laws(), st.sampled_from([2, 3, 17, 10**9, math.inf]))
def test_one_voter_is_the_engine_to_the_last_digit(law, K):
    expected = log_curation_ratio(law.rewards, K=K, log_probs=log_probs_of(law))
    for rule in (BradleyTerry(K), Voters([(1, BradleyTerry(K))]), Stages([BradleyTerry(K)])):
        np.testing.assert_array_equal(rule.prepared(law)(log_probs_of(law)), expected)
        assert agree(log_ratio(rule, law), expected)  # normalised once more


@pytest.mark.parametrize("K", [2, 7, math.inf])
def test_a_step_is_that_of_the_loop(K):
    run = CurationLoop(LAW, K=K, lam=math.inf).run(steps=1)
    stepped = LAW.probs * np.exp(log_ratio(BradleyTerry(K), LAW))
    np.testing.assert_allclose(run.probs(1), stepped, rtol=1e-13)


@given(reward_laws(), st.integers(1, 40), st.integers(1, 40))
def test_the_best_of_bests_is_the_best_of_all(law, K, L):
    assert agree(log_ratio(Stages([BestOf(K), BestOf(L)]), law), log_ratio(BestOf(K * L), law))


@given(reward_laws(), st.integers(2, 5), st.integers(1, 4))
def test_t_steps_of_best_of_k_are_one_of_best_of_k_to_the_t(law, K, t):
    log_p = log_probs_of(law)
    for _ in range(t):
        log_p = log_p + BestOf(K).log_ratio(law, log_p)
        log_p -= np.log(np.exp(log_p).sum())
    expected = log_probs_of(law) + log_ratio(BestOf(K**t), law)
    near = np.abs(log_p - expected) <= 1e-12 * np.maximum(1, np.abs(expected))
    assert (near | (log_p == expected)).all()


def test_tilts_in_stages_multiply_weights():
    both = RewardLaw(LAW.rewards + 0.5 * LAW.scores["length"])
    rule = Stages([BradleyTerry(math.inf), BradleyTerry(math.inf, scale=0.5, by="length")])
    expected = BradleyTerry(math.inf).log_ratio(both, log_probs_of(LAW))
    assert agree(log_ratio(rule, LAW), expected)


@given(reward_laws(), st.floats(0, 1))
def test_flipped_votes_of_two_are_samples_kept(law, flipped):
    # The laws of winner and loser add up to 2p: T_φ = 2φ p + (1 - 2φ) T for φ <= ½, and beyond
    # with the opposite reward.
    rule = Voters([(1 - flipped, BradleyTerry(2)), (flipped, BradleyTerry(2, scale=-1))])
    kept = min(2 * flipped, 2 - 2 * flipped)
    chosen = BradleyTerry(2, scale=1 if flipped <= 0.5 else -1)
    expected = log_ratio(Voters([(kept, RandomChoice()), (1 - kept, chosen)]), law)
    # H of the rarely chosen is a difference in one form and a sum in the other: 2 - H' = H.
    assert np.abs(np.exp(log_ratio(rule, law)) - np.exp(expected)).max() <= 1e-12


@pytest.mark.parametrize(
    "rule", [BestOf(3, keep=2), TopShare(0.3), Accept("right"), BradleyTerry(5)], ids=repr
)
def test_equal_voters_are_one(rule):
    found = log_ratio(Voters([(0.2, rule), (0.3, rule), (0.5, rule)]), LAW)
    assert agree(found, log_ratio(rule, LAW))


@given(reward_laws())
def test_bradley_terry_of_two_is_a_preference(law):
    with np.errstate(over="ignore"):
        matrix = 1 / (1 + np.exp(law.rewards[None, :] - law.rewards[:, None]))
    expected = log_ratio(BradleyTerry(2), law)
    found = log_ratio(PairwisePreference(matrix), law)
    assert (np.abs(np.exp(found) - np.exp(expected)) <= 1e-12).all()


def test_a_preference_of_groups_is_one_of_their_atoms():
    matrix = np.array([[0.5, 0.9, 0.2], [0.1, 0.5, 1.0], [0.8, 0.0, 0.5]])
    of_atoms = PairwisePreference(matrix[np.ix_(LAW.group_index, LAW.group_index)])
    assert agree(log_ratio(PairwisePreference(matrix, of="groups"), LAW), log_ratio(of_atoms, LAW))


def test_the_best_of_many_tends_to_the_best_alone():
    # The best reward with mass, 1.5, has mass .4: all choices are among it.
    found = log_ratio(BestOf(10**6), LAW)
    assert found[4] == pytest.approx(-math.log(0.4), abs=1e-14)
    assert np.exp(found[[0, 1, 2]]).max() == 0.0
    assert np.isfinite(found[:3]).all()  # and in logarithms it is known by how little


def test_verifiers_are_tilts():
    law = RewardLaw([0.1, 0.7, 1.0])
    weights = RewardLaw(np.log(law.rewards))
    assert agree(log_ratio(Accept(None), law), log_ratio(BradleyTerry(math.inf), weights))


@given(reward_laws(), st.integers(2, 1000), st.integers(1, 1000))
def test_ratios_of_best_of_are_a_law_that_prefers_the_better(law, K, keep):
    keep = min(keep, K)
    found = log_ratio(BestOf(K, keep=keep), law)
    probs = law.probs
    there = probs > 0
    assert abs(probs[there] @ np.exp(found[there]) - 1) <= 1e-12
    order = np.argsort(law.rewards)
    with np.errstate(invalid="ignore"):
        falls = np.diff(found[order])
    assert not (falls < -1e-12 * np.maximum(1, np.abs(found[order][1:]))).any()
    assert found.max() <= math.log(K / keep) + 1e-12  # the stated error of a large `keep`


@given(reward_laws(), st.floats(0.001, 1))
def test_the_best_share_is_a_law(law, share):
    found = log_ratio(TopShare(share), law)
    there = law.probs > 0
    assert abs(law.probs[there] @ np.exp(found[there]) - 1) <= 1e-12
    assert found.max() <= -math.log(share) + 1e-15


def test_a_prepared_rule_is_the_rule():
    for rule in (BestOf(3), Voters([(0.5, BestOf(3)), (0.5, TopShare(0.2, by="length"))])):
        prepared = rule.prepared(LAW)
        for log_p in (log_probs_of(LAW), np.log(np.full(5, 0.2))):
            np.testing.assert_array_equal(prepared(log_p), rule.log_ratio(LAW, log_p))


def test_near_ties_are_not_merged():
    law = RewardLaw([1.0, np.nextafter(1.0, 2.0)])
    assert np.exp(log_ratio(BestOf(2), law)).tolist() == pytest.approx([0.5, 1.5], abs=1e-15)


@pytest.mark.parametrize("share", [0.1 * k for k in range(1, 10)])
def test_an_edge_between_equal_atoms_leaves_no_crumbs(share):
    # 0.1 ten times: neither these sums nor the shares are exact in binary.
    found = np.exp(log_ratio(TopShare(share), RewardLaw(np.arange(10.0), np.full(10, 0.1))))
    kept = round(10 * share)
    assert found[: 10 - kept].tolist() == [0.0] * (10 - kept)
    assert found[10 - kept :].tolist() == pytest.approx([1 / share] * kept, rel=1e-13)
