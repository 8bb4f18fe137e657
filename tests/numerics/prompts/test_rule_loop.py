"""Loops with any rule and schedule within prompts, against the loop on each prompt's own law."""

import math
import pickle
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurate import Accumulate, CurationLoop, RewardLaw
from recurate.numerics.laws import history as kept_history
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.loop import STATE_ERROR
from recurate.numerics.prompts.rule_run import levels_of
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

from ..oracles import worst

STEPS = 4
WHOLE = (*FIGURES, "group_proportions", "expected_scores", "win_rate")


class OfTheirOwn(Rule):
    """A rule that does not say what it reads: each atom is a level."""

    most_candidates = 2

    def log_ratio(self, law, log_probs):
        beats = 1 / (1 + np.exp(law.rewards - law.rewards[:, None]))
        return np.log(2 * beats @ np.exp(log_probs))


def random_law(rng):
    """A law with prompts of 1 to 6 answers in mixed order, with ties, and atoms without mass."""
    prompt = rng.permutation(
        np.repeat(np.arange(n := int(rng.integers(1, 7))), rng.integers(1, 7, n))
    )
    size = prompt.size
    rewards = rng.choice([1.0, 30.0]) * np.round(rng.normal(size=size), int(rng.integers(0, 3)))
    probs = rng.random(size) ** rng.choice([1, 30])
    _, first = np.unique(prompt, return_index=True)
    has_mass = np.isin(np.arange(size), first) | (rng.random(size) < 0.8)
    probs = np.where(has_mass, probs, 0.0) / probs[has_mass].sum()
    scores = {
        "right": rng.choice([0.0, 0.5, 1.0], size),
        "other": np.round(rng.normal(size=size), 1),
    }
    return RewardLaw(
        rewards, probs, rng.integers(0, 3, size).tolist(), prompts=prompt.tolist(), scores=scores
    )


RULES = [
    BradleyTerry(4, by="other"),
    BradleyTerry(math.inf, scale=-0.5),
    BradleyTerry(10**9, scale=2),
    BestOf(4),
    BestOf(6, keep=2, by="other"),
    TopShare(0.3),
    Accept("right", none="keep"),
    RandomChoice(),
    Voters(
        [(0.7, BradleyTerry(4)), (0.2, BradleyTerry(3, scale=-1, by="other")), (0.1, BestOf(2))]
    ),
    Stages([TopShare(0.6), BradleyTerry(2)]),
    OfTheirOwn(),
    Voters([(0.5, OfTheirOwn()), (0.5, BestOf(2))]),
]


def random_loop(rng):
    """A rule, or one of each step, with λ and retained samples, or training sets that grow."""
    rule = [RULES[i] for i in rng.integers(0, len(RULES), STEPS)]
    rule = rule[0] if rng.random() < 0.6 else rule
    if rng.random() < 0.3:
        return {"rule": rule, "training": Accumulate(2.0, float(rng.integers(1, 5)))}
    lam = rng.choice([0.0, 0.5, 3.0, math.inf], STEPS).tolist()
    retained = float(rng.choice([0.0, 0.2]))
    return {"rule": rule, "lam": lam[0] if rng.random() < 0.6 else lam, "retained": retained}


@given(seed=st.integers(0, 2**32 - 1))
def test_a_run_is_that_of_each_prompt(seed):
    rng = np.random.default_rng(seed)
    law, arguments = random_law(rng), random_loop(rng)
    initial = given_prompt = None
    if rng.random() < 0.3:
        given_prompt = rng.random(law.size)
        given_prompt /= np.bincount(law.prompt_index, given_prompt)[law.prompt_index]
        initial = given_prompt * law.prompt_probs[law.prompt_index]
    run = CurationLoop(law, **arguments).run(steps=STEPS, initial=initial)
    assert run.law is law
    totals = dict.fromkeys((*FIGURES, "win_rate"), 0.0)
    groups, sums = np.zeros((STEPS + 1, len(law.group_names))), 0.0
    for z, mass in enumerate(law.prompt_probs):
        rows = np.flatnonzero(law.prompt_index == z)
        alone = law.prompt(law.prompt_names[z])
        start = None if initial is None else given_prompt[rows]
        of_prompt = CurationLoop(alone, **arguments).run(steps=STEPS, initial=start)
        for name in totals:
            totals[name] = totals[name] + mass * getattr(of_prompt, name)
        for name, found in zip(FIGURES, run.by_prompt, strict=True):
            expected = getattr(of_prompt, name)
            np.testing.assert_allclose(found[:, z], expected, rtol=1e-12, atol=2e-12, err_msg=name)
        here = [law.group_names.index(name) for name in alone.group_names]
        groups[:, here] += mass * of_prompt.group_proportions
        sums = sums + mass * of_prompt.expected_scores
        for t in range(STEPS + 1):
            log_probs = of_prompt.log_probs(t) + math.log(mass)
            # Where TopShare's edge is at a level, what it keeps is a matter of the last digit.
            if "TopShare" not in repr(arguments):
                assert worst(run.log_probs(t)[rows], log_probs) <= 4 * STATE_ERROR * max(t, 1)
            np.testing.assert_allclose(run.probs(t)[rows], np.exp(log_probs), atol=2e-12)
    for name, expected in totals.items():
        found = getattr(run, name)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=2e-12, err_msg=name)
    np.testing.assert_allclose(run.group_proportions, groups, rtol=0, atol=2e-12)
    np.testing.assert_allclose(run.expected_scores, sums, rtol=1e-12, atol=2e-12)


@pytest.mark.parametrize("K", [1, 4, 1000, math.inf])
@pytest.mark.parametrize("lam", [0.7, math.inf])
def test_a_copy_of_the_reward_is_the_loop_of_K(K, lam):
    rng = np.random.default_rng(0)
    rewards = np.round(2 * rng.normal(size=3000), 1)
    law = RewardLaw(
        rewards,
        groups=rng.integers(0, 3, 3000).tolist(),
        prompts=rng.integers(0, 400, 3000).tolist(),
        scores={"copy": rewards.copy(), "other": rng.normal(size=3000)},
    )
    expected = CurationLoop(law, K=K, lam=lam).run(steps=8)
    found = CurationLoop(law, rule=BradleyTerry(K, by="copy"), lam=lam).run(steps=8)
    for name in WHOLE:
        np.testing.assert_allclose(
            getattr(found, name), getattr(expected, name), rtol=1e-12, atol=1e-12, err_msg=name
        )
    for of_found, of_expected in zip(found.by_prompt, expected.by_prompt, strict=True):
        np.testing.assert_allclose(of_found, of_expected, rtol=1e-12, atol=1e-12)
    assert worst(found.log_probs(8), expected.log_probs(8)) <= 8 * STATE_ERROR


def test_preferences_are_those_of_each_prompts_own():
    # Rock, paper, scissors in two prompts, in the second one backwards: p_1 = p (1 + A p), by hand.
    matrix = np.full((6, 6), 0.5)
    for x, y in ((0, 1), (1, 2), (2, 0), (4, 3), (5, 4), (3, 5)):
        matrix[x, y], matrix[y, x] = 0.0, 1.0
    law = RewardLaw(np.zeros(6), [0.1, 0.2, 0.2, 0.1, 0.2, 0.2], prompts="aaabbb")
    run = CurationLoop(law, rule=PairwisePreference(matrix), lam=math.inf).run(steps=1)
    # Given the prompt .2, .4, .4: rock ties, paper loses .4 and beats .2, scissors the other way.
    one, other = [0.2, 0.4 * 0.8, 0.4 * 1.2], [0.2, 0.4 * 1.2, 0.4 * 0.8]
    assert run.probs(1) == pytest.approx(np.array(one + other) / 2, abs=1e-15)


QUESTIONS = RewardLaw(
    [0.0, 1.0, 2.0, 0.0, 1.0, 5.0],
    [0.1, 0.1, 0.2, 0.2, 0.2, 0.2],
    groups="xyxyxy",
    prompts="aaabbc",
    scores={"right": [0, 1, 1, 0, 0, 1], "late": [0, 0, 1, 1, 0, 1]},
)


def test_prompts_that_are_dropped():
    rule = Stages([Accept("right", none="drop"), BestOf(2)])
    run = CurationLoop(QUESTIONS, rule=rule, lam=1.0).run(steps=3)
    assert run.dropped_prompts == ("b",)
    assert run.law.prompt_names == ("a", "c")
    same = CurationLoop(run.law, rule=rule, lam=1.0).run(steps=3)
    assert same.dropped_prompts == ()
    for name in WHOLE:
        np.testing.assert_array_equal(getattr(run, name), getattr(same, name))
    initial = np.array([0.1, 0.2, 0.1, 0.1, 0.3, 0.2])
    run = CurationLoop(QUESTIONS, rule=rule, lam=1.0).run(steps=2, initial=initial)
    there = np.array([0, 1, 2, 5])
    same = CurationLoop(run.law, rule=rule, lam=1.0).run(steps=2, initial=initial[there] / 0.6)
    np.testing.assert_allclose(run.probs(2), same.probs(2), rtol=0, atol=1e-15)


def test_prompts_where_nothing_is_accepted_are_refused_at_once():
    for rule in (Accept("right"), [BestOf(2), Accept("right")], lambda t: Accept("right")):
        told = []
        with pytest.raises(
            NothingAcceptedError, match=r"in 1 of 3 prompts, such as 'b'.*keep.*drop"
        ):
            CurationLoop(QUESTIONS, rule=rule, lam=1.0).run(steps=2, on_step=told.append)
        assert told == []


def test_what_is_accepted_may_run_out():
    scores = {"right": [1, 0, 1], "late": [0, 1, 1]}
    law = RewardLaw([0.0, 1.0, 0.0], prompts="aab", scores=scores)
    rules = [TopShare(0.5), Accept("right")]
    with pytest.raises(
        NothingAcceptedError, match=r"^at t = 1, where earlier steps left less: .*1 of 2"
    ):
        CurationLoop(law, rule=rules, lam=math.inf).run(steps=2)
    # With real data, by hand: in a p_1 = (1/4, 3/4), and p_2 = (1/2, 1/2)/2 + (1, 0)/2.
    run = CurationLoop(law, rule=rules, lam=1.0).run(steps=2)
    assert run.expected_scores[2, 0] == pytest.approx(2 / 3 * 0.75 + 1 / 3, abs=1e-15)


def test_another_start_may_have_nothing_to_accept():
    law = RewardLaw([0.0, 1.0, 2.0], prompts="aab", scores={"right": [0, 1, 1]})
    start = [2 / 3, 0, 1 / 3]
    with pytest.raises(NothingAcceptedError, match=r"in 1 of 2 prompts, such as 'a'"):
        CurationLoop(law, rule=Accept("right"), lam=1.0).run(steps=1, initial=start)
    run = CurationLoop(law, rule=Accept("right", none="drop"), lam=1.0).run(steps=1, initial=start)
    assert run.dropped_prompts == ("a",)


class Broken(Rule):
    """Right but for the law whose best reward is 2."""

    def __init__(self, log_ratio):
        self._log_ratio = log_ratio

    def log_ratio(self, law, log_probs):
        return np.full(law.size, self._log_ratio if law.max_reward == 2 else 0.0)


@pytest.mark.parametrize(
    ("log_ratio", "message"),
    [
        (0.5, r"mean of H of 1 under p; got 1\.6487212\d* within prompt 'a'$"),
        (math.nan, r"must be numbers below infinity; got nan where log p is -?\d.* prompt 'a'$"),
        (math.inf, r"must be numbers below infinity; got inf where log p is -?\d.* prompt 'a'$"),
    ],
)
def test_what_a_rule_returns_is_checked_in_each_prompt(log_ratio, message):
    with pytest.raises(ArithmeticError, match=f"^log_ratio of Broken .*{message}"):
        CurationLoop(QUESTIONS, rule=Broken(log_ratio), lam=1.0).run(steps=1)


def test_errors_name_atoms_and_not_levels():
    law = RewardLaw([1.0, 1.0, 1.0, 0.0], prompts="aabb", scores={"v": [0.5, 0.5, 0.2, 3.0]})
    with pytest.raises(ValueError, match=r"must be probabilities.*; got 3 at position 3$"):
        CurationLoop(law, rule=Accept("v"), lam=1.0).run(steps=1)


def test_atoms_that_a_rule_treats_alike_are_one_level():
    law = RewardLaw(
        [1.0, 0.0, 1.0, 1.0, 1.0],
        prompts="ababb",
        scores={"s": [0.0, 1.0, 2.0, 5.0, 5.0]},
        groups="xxyyz",
    )
    preference = PairwisePreference(np.full((3, 3), 0.5), of="groups")
    for rule, levels in (
        (BestOf(2), 3),
        (BestOf(2, by="s"), 4),
        (preference, 5),
        (OfTheirOwn(), 5),
    ):
        assert levels_of(law, [rule], None)[0].rewards.size == levels, rule
        assert levels_of(law, [rule], law.probs)[0].rewards.size == 5


def later(t):
    return BestOf(2 + t)


@pytest.mark.parametrize("prompts", [None, "aaabbc"])
@pytest.mark.parametrize(
    "arguments",
    [
        {"rule": BestOf(3), "lam": lambda t: 1.0 + t},
        {"rule": later, "lam": 1.0, "retained": 0.1},
        {"rule": OfTheirOwn(), "training": Accumulate()},
        {"K": 4, "lam": 1.0},
    ],
    ids=["lam", "rule", "own", "K"],
)
def test_runs_pickle(prompts, arguments):
    law = RewardLaw(QUESTIONS.rewards, prompts=prompts)
    run = CurationLoop(law, **arguments).run(steps=3)
    run.probs(1)
    again = pickle.loads(pickle.dumps(run))
    for name in ("expected_reward", "win_rate"):
        np.testing.assert_array_equal(getattr(again, name), getattr(run, name))
    for t in (2, 3, 0):
        np.testing.assert_array_equal(again.log_probs(t), run.log_probs(t))


def test_a_pickled_run_finds_again_what_it_has_not_kept(monkeypatch):
    monkeypatch.setattr(kept_history, "_HISTORY_BYTES", 100)
    run = CurationLoop(QUESTIONS, rule=[BestOf(2), BestOf(3), BestOf(4)], lam=1.0).run(steps=3)
    expected = [run.log_probs(t) for t in range(4)]
    again = pickle.loads(pickle.dumps(run))
    for t in (3, 1, 2, 0):
        np.testing.assert_array_equal(again.log_probs(t), expected[t])


def test_divergences_of_a_run_are_means_over_the_prompts():
    run = CurationLoop(QUESTIONS, rule=BestOf(2), lam=1.0).run(steps=2)
    assert run.kullback_leibler(2) == pytest.approx(run.kl_to_reference[2], abs=1e-14)
    distance = np.abs(run.probs(2) - run.probs(1)).sum() / 2
    assert run.total_variation(2, 1) == pytest.approx(distance, abs=1e-15)


def test_large_laws_take_memory_of_the_order_of_their_atoms():
    # A hundred thousand answers: 0.8 MB an array. The kernels of BradleyTerry, of 40 nodes and
    # more, would take 32 MB and more if they were all kept.
    rng = np.random.default_rng(0)
    law = RewardLaw(rng.normal(size=100_000), prompts=np.arange(100_000) // 8)
    CurationLoop(law, rule=BestOf(2), lam=1.0).run(steps=0)
    tracemalloc.start()
    CurationLoop(law, rule=Voters([(1.0, BestOf(4))]), lam=1.0).run(steps=3)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak <= 60e6
