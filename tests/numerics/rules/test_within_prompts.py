"""Rules on a law with prompts: all prompts at once against the law of each prompt by itself."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurate import RewardLaw
from recurate.numerics.curation import stacked
from recurate.numerics.log_sums import log_masses
from recurate.numerics.rules.dropped import dropped
from recurate.numerics.rules.within import prompt_by_prompt
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

from ...own_rules import WorseOfTwo

ERROR = 1e-13  # relative to max(1, |log H|): each way's own is stated as 2e-13, for K of 1e9
SPANS = [1.0, 5.0, 80.0, 700.0, 1500.0]
POWERS = [1.0, 40.0, 300.0]  # of uniform numbers: masses down to 1e-300 and below


def random_law(rng):
    """A law with prompts of 1 to 7 answers, now and then of 300, in mixed order, with ties."""
    counts = rng.integers(1, 8, rng.integers(1, 8))
    if rng.random() < 0.1:
        counts[0] = 300  # more than one block of running sums
    prompt = rng.permutation(np.repeat(np.arange(counts.size), counts))
    span = rng.choice(SPANS)
    rewards = span / 3 * rng.normal(size=prompt.size)
    if rng.random() < 0.5:
        rewards = span / 4 * np.round(rewards / span * 4)
    scores = {
        "right": rng.choice([0.0, 1e-300, 0.3, 1.0], prompt.size),
        "other": np.round(rng.normal(size=prompt.size), 1),
    }
    groups = rng.integers(0, 4, prompt.size).tolist()
    return RewardLaw(rewards, groups=groups, prompts=prompt.tolist(), scores=scores)


def random_log_probs(rng, law):
    """Logarithms of probabilities given the prompt, some of them zero."""
    log_probs = rng.choice(POWERS) * np.log1p(-rng.random(law.size))
    if rng.random() < 0.3:
        log_probs[rng.random(law.size) < 0.3] = -math.inf
    for z in range(len(law.prompt_names)):
        here = law.prompt_index == z
        if (log_probs[here] == -math.inf).all():
            log_probs[here] = 0.0
        peak = log_probs[here].max()
        log_probs[here] -= peak + math.log(np.exp(log_probs[here] - peak).sum())
    return log_probs


def random_rules(rng):
    K = float(rng.choice([1, 2, 4, 64, 65, 1000, 1e9]))
    return [
        BradleyTerry(K),
        BradleyTerry(K, scale=-1.5, by="other"),
        BradleyTerry(math.inf, scale=float(rng.choice([-1, 1]))),
        BestOf(K),
        BestOf(7, keep=int(rng.integers(1, 8)), by="other"),
        BestOf(1e9, keep=3),
        TopShare(float(rng.choice([1e-9, 0.25, 0.5, 0.9, 1.0]))),
        TopShare(0.3, by="other"),
        Accept("right", none="keep"),
        RandomChoice(),
        Voters([(0.3, BestOf(4)), (0.7, BradleyTerry(4, by="other"))]),
        Stages([TopShare(0.5), BestOf(3, by="other"), BradleyTerry(2)]),
    ]


def assert_same(found, expected, rule, log_probs=None):
    assert (np.isfinite(found) == np.isfinite(expected)).all(), rule
    if "TopShare" in repr(rule):  # what it keeps of its edge is a difference of masses
        laws = (np.exp(log_probs + log_ratio) for log_ratio in (found, expected))
        np.testing.assert_allclose(*laws, rtol=0, atol=ERROR)
        return
    finite = np.isfinite(expected)
    off = np.abs(found[finite] - expected[finite]) / np.maximum(1.0, np.abs(expected[finite]))
    assert off.max(initial=0.0) <= 2 * ERROR, (rule, off.max())


@settings(max_examples=30)  # of twelve rules each
@given(seed=st.integers(0, 2**32 - 1))
def test_all_prompts_at_once_are_one_after_the_other(seed):
    rng = np.random.default_rng(seed)
    law = random_law(rng)
    log_probs = random_log_probs(rng, law)
    for rule in random_rules(rng):
        found = rule.prepared(law)(log_probs)
        assert_same(found, prompt_by_prompt(rule, law)(log_probs), rule, log_probs)
        assert_same(rule.log_ratio(law, log_probs), found, rule, log_probs)


def preferences(rng, size):
    """A random matrix of preferences, with some that are certain and some nearly so."""
    below = np.tril(rng.choice([0.0, 1e-300, 0.2, 0.5, 1.0], (size, size)), -1)
    return below + np.triu(1 - below.T, 1) + np.eye(size) / 2


@given(seed=st.integers(0, 2**32 - 1), of=st.sampled_from(["atoms", "groups"]))
def test_preferences_are_within_the_prompt(seed, of):
    rng = np.random.default_rng(seed)
    law = random_law(rng)
    log_probs = random_log_probs(rng, law)
    matrix = preferences(rng, law.size if of == "atoms" else len(law.group_names))
    found = PairwisePreference(matrix, of=of).prepared(law)(log_probs)
    expected = np.empty(law.size)
    for z in range(len(law.prompt_names)):
        rows = np.flatnonzero(law.prompt_index == z)
        # By its definition, in a prompt: 2 Σ_y p(y) P(x over y), in logarithms.
        players = rows if of == "atoms" else law.group_index[rows]
        terms = log_masses(matrix[np.ix_(players, players)]) + log_probs[rows]
        expected[rows] = math.log(2) + np.logaddexp.reduce(terms, axis=1)
    assert_same(found, expected, of)


def test_blocks_of_preferences(monkeypatch):
    # A thousand prompts of three answers each, in blocks of a hundred matrices.
    monkeypatch.setattr("recurate.numerics.rules.pairwise_preference._BLOCK", 900)
    rng = np.random.default_rng(1)
    law = RewardLaw(rng.normal(size=3000), groups=np.arange(3000) % 3, prompts=np.arange(3000) // 3)
    matrix = preferences(rng, 3)
    found = PairwisePreference(matrix, of="groups").log_ratio(law, np.full(3000, -math.log(3)))
    expected = np.tile(np.log(2 * matrix.mean(axis=1)), 1000)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize("K", [4, 1000])
def test_matrices_that_are_not_kept_are_made_again(K, monkeypatch):
    rng = np.random.default_rng(2)
    law = random_law(rng)
    log_probs = random_log_probs(rng, law)
    expected = BradleyTerry(K).prepared(law)(log_probs)
    monkeypatch.setattr(stacked, "STORED_BYTES", 0)
    monkeypatch.setattr(stacked, "PART_ENTRIES", 100)  # one prompt at a time
    np.testing.assert_allclose(BradleyTerry(K).prepared(law)(log_probs), expected, atol=2e-13)


class OfOnePrompt(WorseOfTwo):
    """It knows nothing of prompts."""

    def log_ratio(self, law, log_probs):
        assert law.prompt_index is None
        return super().log_ratio(law, log_probs)


def test_a_rule_of_ones_own_is_called_prompt_by_prompt():
    law = RewardLaw([0.0, 5.0, 1.0, 4.0, 4.0], prompts="abaac")
    log_probs = np.log([0.25, 1.0, 0.25, 0.5, 1.0])
    found = Voters([(0.5, OfOnePrompt()), (0.5, BestOf(2))]).prepared(law)(log_probs)
    assert np.abs(found).max() <= 1e-15  # the better and the worse of two are all


class OfOneNumber(Rule):
    def log_ratio(self, law, log_probs):
        return 0.0


def test_what_a_rule_of_ones_own_returns_is_checked_in_each_prompt():
    law = RewardLaw([0.0, 1.0, 2.0], prompts="abb")
    message = r"^log_ratio of OfOneNumber must have one .*\(1,\); got shape \(\) at prompt 'a'$"
    with pytest.raises(ValueError, match=message):
        OfOneNumber().prepared(law)(np.log([1.0, 0.5, 0.5]))


class OffByALittle(Rule):
    """A rule whose law has a mass that is off by less than is refused, in each prompt."""

    def log_ratio(self, law, log_probs):
        return np.full(law.size, 1e-10 * law.rewards[0])


def test_laws_are_of_mass_one_between_stages():
    law = RewardLaw([1.0, -1.0, 3.0, 3.0], prompts="aabb")
    log_probs = np.log([0.25, 0.75, 0.5, 0.5])
    preference = PairwisePreference(preferences(np.random.default_rng(0), 4))
    found = Stages([OffByALittle(), preference]).prepared(law)(log_probs)
    off = 1e-10 * np.array([1, 1, 3, 3])
    expected = off + preference.prepared(law)(log_probs)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15)


GRADED = RewardLaw(
    np.arange(7.0),
    [0.1, 0.1, 0.2, 0.1, 0.1, 0.3, 0.1],
    groups="xyxyxyz",
    prompts="aabbbcd",
    scores={
        "right": [0, 0, 0, 1, 1, 0.5, 0],
        "late": [1, 1, 1, 1, 1, 0, 1],
        "rated": [math.nan, math.nan, 1, 2, 3, math.nan, 0],
    },
)
GIVEN = np.log(GRADED.probs / GRADED.prompt_probs[GRADED.prompt_index])


def test_nothing_to_accept_in_some_prompts():
    with pytest.raises(NothingAcceptedError) as found:
        Accept("right").log_ratio(GRADED, GIVEN)
    assert str(found.value) == (
        "scores['right'] must be above 0 somewhere in each prompt where the law has mass; got "
        "nothing to accept in 2 of 4 prompts, such as 'a': none='keep' leaves such a law as it is, "
        "none='drop' takes such a prompt out"
    )
    assert found.value.prompts == (0, 3)
    assert not found.value.may_drop
    kept = Accept("right", none="keep").log_ratio(GRADED, GIVEN)
    # In b half the mass is accepted; c has one answer.
    assert np.exp(kept).tolist() == pytest.approx([1, 1, 0, 2, 2, 1, 1], abs=1e-15)
    one_by_one = Stages([Accept("right")])
    with pytest.raises(NothingAcceptedError, match="in 2 of 4 prompts, such as 'a'"):
        prompt_by_prompt(one_by_one, GRADED)(GIVEN)


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        (Accept("right", none="drop"), "bc"),
        (Voters([(0.5, RandomChoice()), (0.5, Accept("right", none="drop"))]), "bc"),
        # The second stage accepts what the first has left: in b the best third, the last answer.
        (Stages([TopShare(0.25), Accept("right", none="drop")]), "bc"),
        (Stages([Accept("right", none="drop"), Accept("late", none="drop")]), "b"),
        (Voters([(0.5, Accept(b, none="drop")) for b in ("late", "right")]), "b"),
        (Stages([BradleyTerry(2, scale=-1), Accept("right", none="keep")]), "abcd"),
        (BestOf(2), "abcd"),
    ],
    ids=repr,
)
def test_dropped(rule, left):
    small = dropped(GRADED, [rule])
    assert small.prompt_names == tuple(left)
    if left == "abcd":
        assert small is GRADED
        return
    there = np.isin(np.array(list("aabbbcd")), list(left))
    assert small.rewards.tolist() == GRADED.rewards[there].tolist()
    # The others keep their proportions, and groups their names.
    assert small.probs == pytest.approx(GRADED.probs[there] / GRADED.probs[there].sum(), abs=1e-15)
    assert small.group_names == GRADED.group_names
    assert small.group_index.tolist() == GRADED.group_index[there].tolist()
    assert set(small.scores) == {"right", "late", "rated"}


def test_a_score_that_no_prompt_has_any_more_is_gone():
    scores = {"right": [0, 1], "rated": [1.0, math.nan]}
    law = RewardLaw([0.0, 1.0], prompts="ab", scores=scores)
    assert dropped(law, [Accept("right", none="drop")]).score_names == ("right",)


def test_what_cannot_be_dropped():
    none = RewardLaw([0.0, 1.0], prompts="ab", scores={"right": [0, 0]})
    with pytest.raises(ValueError, match=r"^none='drop' would take out all 2 prompts, as in each"):
        dropped(none, [Accept("right", none="drop")])
    with pytest.raises(NothingAcceptedError, match="in 2 of 4 prompts"):
        dropped(GRADED, [BestOf(2), Accept("right")])
    matrix = PairwisePreference(np.full((7, 7), 0.5))
    both = Voters([(0.5, matrix), (0.5, Accept("right", none="drop"))])
    message = r"^Voters does not fit the law without the prompts .*, 2 of 4: matrix must have a row"
    with pytest.raises(ValueError, match=message):
        dropped(GRADED, [both])
    alone = GRADED.prompt("a")
    with pytest.raises(NothingAcceptedError, match="there is no other prompt to take its weight"):
        dropped(alone, [Accept("right", none="drop")])
    with pytest.raises(NothingAcceptedError, match="none='drop' is for loops"):
        Accept("right", none="drop").log_ratio(GRADED, GIVEN)
