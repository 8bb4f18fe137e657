"""Choices by rules: what is certain, distinct candidates, and bad input.

The laws of winners are tested in tests/statistical.
"""

import math
import pickle
from fractions import Fraction

import numpy as np
import pytest

from recurate import RewardLaw, curate
from recurate.numerics.sampling import choosers
from recurate.numerics.sampling.finite_pools import best_of_distinct
from recurate.numerics.sampling.streams import NumpyStream
from recurate.rules import (
    Accept,
    BestOf,
    BradleyTerry,
    NothingAcceptedError,
    PairwisePreference,
    RandomChoice,
    Rule,
    Stages,
    TopShare,
    Voters,
)

LAW = RewardLaw(
    [0.0, 1.0, 1.0, 2.0],
    groups="abab",
    scores={"length": [4.0, 3.0, 2.0, 1.0], "correct": [0.0, 1.0, 0.0, 1.0]},
)
PROMPTED = RewardLaw(
    [0.0, 5.0, 2.0, 9.0, 2.0, 4.0],
    prompts="babcba",
    scores={"correct": [0, 1, 1, 0, 0, 0]},
)

UNIFORM = RewardLaw.from_density(lambda r: np.ones_like(r), (0.0, 1.0))

both_backends = pytest.mark.parametrize("backend", ["numpy", "torch"])


def winners(rule, law=LAW, number=500, backend="numpy", **options):
    if backend == "torch":
        pytest.importorskip("torch")
    made = curate(law, rule=rule, n_curated=number, rng=1, backend=backend, **options)
    return np.asarray(made).tolist()


@both_backends
def test_what_cannot_win_never_does(backend):
    for rule, allowed in (
        (TopShare(0.25), {3}),
        (TopShare(0.75), {1, 2, 3}),
        (TopShare(0.25, by="length"), {0}),
        (Accept("correct"), {1, 3}),
        (Stages([Accept("correct"), BestOf(400)]), {3}),
        (Stages([TopShare(0.75), TopShare(1e-3, by="length")]), {1}),
        (Voters([(0.0, RandomChoice()), (1.0, BestOf(500))]), {3}),
        (Voters([(0.5, TopShare(0.25)), (0.5, TopShare(0.25, by="length"))]), {0, 3}),
        (PairwisePreference([[0.5, 1.0], [0.0, 0.5]], of="groups"), {0, 1, 2, 3}),
    ):
        assert set(winners(rule, backend=backend)) == allowed


@both_backends
def test_prompts_keep_to_themselves(backend):
    rows = winners(TopShare(0.01), PROMPTED, backend=backend)
    assert [set(row) for row in rows] == [{2, 4}, {1}, {3}]
    rows = winners(Accept("correct", none="keep"), PROMPTED, backend=backend)
    assert [set(row) for row in rows] == [{2}, {1}, {3}]
    rule = Stages([RandomChoice(), Accept("correct", none="keep"), BestOf(100)])
    assert [set(row) for row in winners(rule, PROMPTED, backend=backend)] == [{2}, {1}, {3}]


@pytest.mark.parametrize("none", ["refuse", "drop"])
def test_nothing_to_accept(none):
    with pytest.raises(NothingAcceptedError, match="of pool 2, and not too rarely; got nothi") as e:
        winners(Accept("correct", none=none), PROMPTED)
    assert e.value.may_drop == (none == "drop")
    assert str(pickle.loads(pickle.dumps(e.value))) == str(e.value)
    law = RewardLaw([0.0, 1.0], [1.0, 0.0])  # what could be accepted has no mass
    with pytest.raises(NothingAcceptedError, match="rewards must be above 0 for some of the sampl"):
        winners(Accept(None), law)
    assert set(winners(Accept(None, none="keep"), law)) == {0}


def test_what_is_too_rare_is_not_waited_for(monkeypatch):
    """The first stage leaves nothing to accept, which the second one cannot know."""
    monkeypatch.setattr(choosers, "MOST_TRIES", 1_000)
    with pytest.raises(NothingAcceptedError, match=r"got nothing to accept in 1,\d\d\d tries"):
        winners(Stages([TopShare(0.25, by="length"), Accept("correct")]))


@both_backends
def test_all_that_are_kept_come_together(backend):
    """Of four distinct candidates among four entries the best two are always the same."""
    rule = BestOf(4, keep=2, by="length")
    pairs = np.reshape(winners(rule, replace=False, backend=backend), (-1, 2))
    assert {tuple(sorted(pair)) for pair in pairs.tolist()} == {(0, 1)}
    assert {tuple(pair) for pair in pairs.tolist()} == {(0, 1), (1, 0)}
    # The last group may be cut; that of each prompt is its own.
    law = RewardLaw([0.0, 1.0, 2.0] * 2, prompts=[0, 0, 0, 1, 1, 1])
    rows = winners(BestOf(3, keep=2), law, 5, replace=False, backend=backend)
    for first, row in enumerate(rows):
        assert [set(row[:2]), set(row[2:4])] == [{1 + 3 * first, 2 + 3 * first}] * 2
        assert row[4] in {1 + 3 * first, 2 + 3 * first}


class Watched(Rule):
    """Takes the first of its candidates, and keeps them."""

    most_candidates = 3.0

    def __init__(self):
        self.seen = []

    def log_ratio(self, law, log_probs):
        return np.zeros(law.size)

    def choose(self, law, candidates, rng):
        assert isinstance(rng, np.random.Generator)
        self.seen.append(candidates)
        return np.zeros(candidates.shape[1], int)


@both_backends
@pytest.mark.parametrize("size", [3, 4, 40])
def test_candidates_are_distinct(size, backend):
    """Whether drawn one by one (40 entries) or the first of a shuffled pool."""
    rule = Watched()
    made = winners(rule, RewardLaw(np.arange(float(size))), replace=False, backend=backend)
    (candidates,) = rule.seen
    assert candidates.shape == (3, 500)
    assert all(len(set(column)) == 3 for column in candidates.T.tolist())
    assert set(candidates.ravel().tolist()) == set(range(size))
    assert made == candidates[0].tolist()


@both_backends
def test_a_pool_is_dealt_out_once(backend):
    rule, law = Watched(), RewardLaw(np.arange(31.0))
    winners(rule, law, 10, disjoint=True, backend=backend)
    assert len(set(rule.seen[0].ravel().tolist())) == 30
    # Voters share one pool; so do the choices of a block and of the next.
    one, two = Watched(), Watched()
    winners(Voters([(0.5, one), (0.5, two)]), law, 10, disjoint=True, backend=backend)
    dealt = np.concatenate([part.ravel() for part in (*one.seen, *two.seen)])
    assert len(set(dealt.tolist())) == 30
    each = RewardLaw(np.arange(60.0), prompts=np.arange(60) % 2)
    rows = winners(BestOf(3), each, 10, disjoint=True, backend=backend)
    assert all(len(set(row)) == 10 and {i % 2 for i in row} == {z} for z, row in enumerate(rows))


def test_a_rule_of_ones_own_sees_the_atoms_of_its_prompt():
    rule, laws = Watched(), []
    first = rule.choose
    rule.choose = lambda law, candidates, rng: laws.append(law) or first(law, candidates, rng)
    rows = winners(rule, PROMPTED, 50)
    assert [law.rewards.tolist() for law in laws] == [[0.0, 2.0, 2.0], [5.0, 4.0], [9.0]]
    assert [set(row) for row in rows] == [{0, 2, 4}, {1, 5}, {3}]


def test_k_is_short_for_the_rule_and_a_law_for_its_parts():
    law = RewardLaw(LAW.rewards, [0.1, 0.2, 0.3, 0.4])
    options = {"n_curated": 1_000, "rng": 3}
    found = curate(law.rewards, 4, 1_000, probs=law.probs, rng=3).tolist()
    assert found == curate(law, 4, **options).tolist()
    assert found == curate(law, rule=BradleyTerry(4), **options).tolist()
    assert found == curate(law.rewards, rule=BradleyTerry(4), probs=law.probs, **options).tolist()
    rows = curate(PROMPTED.rewards, 4, 100, prompts="babcba", rng=3).tolist()
    assert rows == curate(PROMPTED, 4, 100, rng=3).tolist()
    # Candidates of another law than the law's own, such as p_t.
    assert set(curate(law, rule=BestOf(2), probs=[0.5, 0.5, 0.0, 0.0], **options)) == {0, 1}


def test_a_temperature_with_distinct_candidates():
    hard = curate([0.0, 1.0, 2.0], 3, 100, temperature=0, replace=False, rng=0)
    assert set(hard.tolist()) == {2}
    soft = curate([0.0, 1.0, 2.0], 3, 1_000, temperature=1e9, replace=False, rng=0)
    assert set(soft.tolist()) == {0, 1, 2}


@both_backends
def test_no_choices(backend):
    for rule in (BestOf(3, keep=2), TopShare(0.5), Accept("correct"), Stages([BestOf(2)] * 2)):
        assert winners(rule, number=0, backend=backend) == []


@pytest.mark.parametrize(
    "rule",
    [
        BestOf(4),
        BestOf(9, keep=3),
        TopShare(0.5),
        Accept("correct"),
        Voters([(0.5, BradleyTerry(4)), (0.5, BestOf(3))]),
        Stages([BestOf(3), BradleyTerry(3)]),
    ],
    ids=str,
)
def test_memory_is_bounded_by_the_block_and_the_result(rule):
    import tracemalloc

    tracemalloc.start()
    curate(LAW, rule=rule, n_curated=10**6, rng=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24 * 8 * NumpyStream.block + 4 * 8 * 10**6


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, TypeError, "K or rule must be given, .* got neither"),
        ({"K": 2, "rule": BestOf(2)}, TypeError, "K and rule must not both be given"),
        ({"rule": 4}, TypeError, r"rule must be a rule, such as BradleyTerry\(4\); got 4"),
        ({"rule": BestOf}, TypeError, r"got <class .*: write BestOf\(…\)"),
        ({"rule": BestOf(2), "n_curated": None}, TypeError, "n_curated must be an integer"),
        ({"rule": BestOf(2), "temperature": 0.5}, ValueError,
         r"temperature must be 1 with a rule, .* BradleyTerry\(K, scale=1/τ\), .*; got 0.5"),
        ({"rule": BestOf(2), "method": "alias"}, ValueError, 'method must be "cumulative" or'),
        ({"rule": BestOf(2, by="size")}, ValueError,
         "by must name a score of the law, which has 'length', 'correct'; got 'size'"),
        ({"rewards": [0.0, 1.0], "rule": TopShare(0.5, by="size")}, ValueError,
         r"which has none: RewardLaw\(scores=…\); got 'size'"),
        ({"rule": Accept("length")}, ValueError,
         r"scores\['length'\] must be probabilities, from 0 to 1, for Accept; got 4"),
        ({"rule": BradleyTerry(2, scale=1e15)}, ValueError,
         r"scale \* rewards must span at most 1e\+12 for BradleyTerry.* got 2e\+15"),
        ({"rule": PairwisePreference([[0.5]], of="groups")}, ValueError,
         "matrix must have a row for each of the 2 groups; got 1"),
        ({"rule": PairwisePreference([[0.5]])}, ValueError,
         "matrix must have a row for each of the 4 atoms; got 1"),
        ({"rewards": [0.0], "rule": PairwisePreference([[0.5]], of="groups")}, ValueError,
         "PairwisePreference of groups needs samples with groups; got none"),
        ({"rule": BestOf(2), "prompts": "abab"}, TypeError, "prompts must be None with a law"),
        ({"rule": BestOf(2), "probs": [1.0]}, ValueError, r"probs must have one entry per"),
        ({"rewards": PROMPTED, "rule": BestOf(2), "probs": [0.5, 0.5, 0, 0, 0, 0]}, ValueError,
         "prompts must each have a positive mass; 'c' has none"),
        ({"rule": BestOf(2), "replace": 0}, TypeError, "replace must be True or False; got 0"),
        ({"rule": BestOf(2), "disjoint": "yes"}, TypeError, "disjoint must be True or False"),
        ({"rule": TopShare(0.5), "replace": False}, ValueError,
         r"rule must choose among K candidates for replace=False, .*; got TopShare\(0.5\)"),
        ({"rule": Stages([BestOf(2)] * 2), "replace": False}, ValueError, "rule must choose among"),
        ({"rule": Voters([(0.5, BestOf(2)), (0.5, Accept("correct"))]), "disjoint": True},
         ValueError, "rule must choose among K candidates for disjoint=True"),
        ({"K": math.inf, "replace": False}, ValueError, "rule must choose among K candidates"),
        ({"K": 2, "replace": False, "probs": [0.4, 0.2, 0.2, 0.2]}, ValueError,
         "probs must be None, all equal, for replace=False"),
        ({"K": 5, "replace": False}, ValueError,
         "no more than the 4 entries of the pool for replace=False, .* got K = 5"),
        ({"rewards": PROMPTED, "K": 2, "replace": False}, ValueError,
         "no more than the 1 entries of the smallest pool"),
        ({"K": 2, "disjoint": True}, ValueError, "got 3 choices take 6"),
        ({"rewards": UNIFORM, "K": 2}, ValueError,
         "rewards must be a law of atoms; got one with a density"),
    ],
)  # fmt: skip
def test_bad_input(arguments, error, message):
    given = {"rewards": LAW, "n_curated": 3} | arguments
    with pytest.raises(error, match=message):
        curate(**given)


@pytest.mark.parametrize(
    "found", [[0, 1, 9], [0, -1, 0], [0.0, 1.0, 0.0], [0], "abc", [[0], [1], [2]]], ids=str
)
def test_places_that_are_none(found):
    rule = Watched()
    rule.choose = lambda law, candidates, rng: found
    with pytest.raises(ValueError, match="choose of Watched must return the place of the chosen"):
        winners(rule, number=3)


def test_what_is_no_ratio():
    class Short(Rule):
        def log_ratio(self, law, log_probs):
            return np.zeros(2)

    with pytest.raises(ValueError, match="log_ratio of Short must have one number below infinity"):
        winners(Short())


def exact_best_of_distinct(rewards, K):
    """By the closed form, in rationals: C(i-1, K-1)/C(n, K) at rank i; those that tie share."""
    n = len(rewards)
    ranked = sorted(rewards)
    by_rank = [Fraction(math.comb(i, K - 1), math.comb(n, K)) for i in range(n)]
    return [
        sum(p for p, other in zip(by_rank, ranked, strict=True) if other == reward)
        / ranked.count(reward)
        for reward in rewards
    ]


@pytest.mark.parametrize("seed", range(30))
def test_the_best_of_distinct_entries_in_rationals(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 30))
    rewards = rng.integers(0, 12, n).astype(float)
    for K in {1, int(rng.integers(1, n + 1)), n}:
        exact = [float(p) for p in exact_best_of_distinct(rewards.tolist(), K)]
        np.testing.assert_allclose(best_of_distinct(rewards, K), exact, rtol=1e-14, atol=1e-300)


def test_the_best_of_distinct_entries_of_a_large_pool():
    """A million entries: from the top downwards, a relative error of 1e-16 for each rank."""
    n, K = 10**6, 1_000
    found = best_of_distinct(np.arange(float(n)), K)
    assert found.sum() == pytest.approx(1.0, rel=1e-12)
    for i in (999, 500_000, 990_000, n - 1):
        exact = float(Fraction(math.comb(i, K - 1), math.comb(n, K)))
        assert found[i] == pytest.approx(exact, rel=1e-11, abs=0)


def test_how_far_the_best_of_a_pool_is_from_it():
    """KL of the best of 64 of 128, without replacement and with it: inputs' README."""
    pool = RewardLaw(np.arange(128.0))
    without = best_of_distinct(pool.rewards, 64)
    there = without[without > 0]
    assert float(there @ np.log(128 * there)) == pytest.approx(3.476580, abs=5e-7)
    log_ratio = BestOf(64).log_ratio(pool, np.log(pool.probs))
    assert float(pool.probs * np.exp(log_ratio) @ log_ratio) == pytest.approx(3.164150, abs=5e-7)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([1.0, 2.0], 3), ValueError, "K must be at most the 2 entries of the pool; got 3"),
        (([1.0, 2.0], math.inf), ValueError, "K must be at most the 2 entries"),
        (([1.0, math.nan], 1), ValueError, "rewards must be finite"),
        (([1.0], 0), ValueError, "K must be an integer of at least 1"),
    ],
)
def test_bad_finite_pools(arguments, error, message):
    with pytest.raises(error, match=message):
        best_of_distinct(*arguments)
