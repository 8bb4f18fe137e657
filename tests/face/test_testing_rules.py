"""`recurate.testing` for loops with rules: what it takes, what it says, and what it refuses."""

from collections import Counter

import numpy as np
import pytest

from recurate import Accumulate, CurationLoop, RewardLaw, simulate_loop
from recurate.rules import (
    Accept,
    BestOf,
    BradleyTerry,
    PairwisePreference,
    RandomChoice,
    Rule,
    Stages,
    TopShare,
    Voters,
)
from recurate.testing import assert_agrees, assert_choices, measured, samples_needed

LAW = RewardLaw(
    [0.0, 1.0, 2.0], [0.5, 0.3, 0.2], groups="xyx", scores={"other": [1.0, 0.0, np.nan]}
)
PROMPTED = RewardLaw([0.0, 1.0, 2.0], prompts="aab", scores={"right": [0.0, 1.0, 0.0]})
KEPT = BestOf(3, keep=2)
BEST = CurationLoop(LAW, rule=BestOf(4), lam=1.0)
DROPPED = CurationLoop(PROMPTED, rule=Accept("right", none="drop"), lam=1.0)


class AmongNine(Rule):
    most_candidates = 9.0

    def log_ratio(self, law, log_probs):
        return np.zeros(log_probs.size)


def test_the_message_names_the_rule_and_the_step():
    loop = CurationLoop(LAW, rule=[BestOf(2), BestOf(4)], lam=1.0)
    with pytest.raises(AssertionError) as caught:
        assert_agrees({0: 900, 1: 50, 2: 50}, loop, t=1)
    first, second, third = str(caught.value).splitlines()
    assert first.startswith("t = 1: ")
    assert second == "  winners disagree with p_1 · H, rule = BestOf(4)"
    assert third == "  null hypothesis: 1,000 independent winners, multinomial over 3 atoms"
    with pytest.raises(ValueError, match="t must be below 2, as the loop has so many steps; got 2"):
        assert_agrees([0], loop, t=2)


def test_a_rule_that_does_not_change_has_all_steps():
    """p_1 · H of the best of one in the pure loop is p_ref."""
    loop = CurationLoop(LAW, rule=BestOf(1), lam=np.inf)
    assert_agrees({0: 500, 1: 300, 2: 200}, loop, t=1, alpha=0.99)


@pytest.mark.parametrize(
    ("winners", "rule", "message"),
    [
        (Counter([0, 1]), KEPT, "must be an array of the winners .* each 2 .*; got counts"),
        ([0, 1, 2], KEPT, r"winners in groups of 2, .*; got shape \(3,\)"),
        ([0, 1], Voters([(0.5, KEPT), (0.5, BestOf(3))]), "winners of one rule, .*; got those of"),
        ([0, 3], BestOf(3), "indices of the law's atoms, 0 to 2; got 3"),
        ([0, 1], BestOf(3, by="size"), r"by must name a score .* has 'other'; got 'size'"),
    ],
)
def test_winners_that_cannot_be_tested(winners, rule, message):
    with pytest.raises(ValueError, match=message):
        assert_agrees(winners, CurationLoop(LAW, rule=rule, lam=1.0))


def test_few_runs_and_other_prompts_are_refused():
    one = simulate_loop(BEST, steps=1, n_generated=100, rng=0)
    with pytest.raises(ValueError, match=r"at least 3 independent runs .* got 1"):
        assert_agrees(one, BEST)
    both = CurationLoop(PROMPTED, rule=BestOf(2), lam=1.0)
    runs = simulate_loop(both, steps=1, n_generated=100, replicates=4, rng=0)
    with pytest.raises(ValueError, match="simulated must have the loop's prompts, 1; got 2"):
        assert_agrees(runs, DROPPED)


def test_samples_needed_counts_choices():
    """BestOf(3, keep=3) is no selection, so the law of winners is p_ref."""
    whole, random = (
        CurationLoop(LAW, rule=rule, lam=1.0) for rule in (BestOf(3, keep=3), RandomChoice())
    )
    assert samples_needed(whole, against=BEST) == samples_needed(random, against=BEST)


SIZES = {"n_curated": 60, "n_real": 100}


@pytest.mark.parametrize(
    ("given", "sizes", "message"),
    [
        ({"lam": 1.0}, SIZES, "n_curated / n_real must be the loop's lam, 1, .*; got 60 / 100"),
        (
            {"lam": 1.0, "retained": 0.4},
            SIZES,
            r"\(n_curated \+ n_retained\) / n_real must be the loop's lam, 1, .* \(60 \+ 0\) / 100",
        ),
        (
            {"lam": 0.6, "retained": 0.5},
            SIZES,
            "n_retained must be 0.5 of 60, up to rounding; got 0",
        ),
        ({"lam": 1.0}, SIZES | {"n_retained": 40}, "n_retained must be 0 of 100"),
        (
            {"lam": [0.6, 1.2]},
            SIZES,
            "at t = 1: n_curated / n_real must be the loop's lam, 1.2, .*; got 60 / 100",
        ),
        (
            {"lam": [0.6, 1.2]},
            SIZES | {"n_curated": [60, 120, 60]},
            "n_curated must be one number, or one for each of 2 steps; got 3",
        ),
        (
            {"training": Accumulate(2.0, 1.0)},
            SIZES,
            "n_curated / n_real must be per_round / real, 0.5, up to rounding; got 60 / 100",
        ),
    ],
)
def test_sizes_that_are_not_the_loops(given, sizes, message):
    loop = CurationLoop(LAW, rule=BestOf(2), **given)
    with pytest.raises(ValueError, match=message):
        measured([[[0], [0], [1]]], loop, **sizes)


def test_sizes_of_each_step_are_kept():
    loop = CurationLoop(LAW, rule=BestOf(2), lam=[0.6, 1.2], retained=[0.0, 0.25])
    sizes = {"n_curated": [60, 90], "n_real": 100, "n_retained": [0, 30]}
    run = measured([[[0], [0], [1]]], loop, **sizes)
    found = [(one.curated, one.real, one.retained) for one in run.sizes_by_step]
    assert found == [(60, 100, 0), (90, 100, 30)]
    assert (run.K, run.lam, run.sizes) == (None, None, run.sizes_by_step[0])


def test_measured_is_without_prompts_that_are_taken_out():
    run = measured([[[0, 1], [1, 1]]], DROPPED, n_curated=2, n_real=2)
    assert run.prompts == 1
    assert run.expected_reward.tolist() == [0.5, 1.0]
    with pytest.raises(ValueError, match="no samples of prompts that the loop's rule takes out"):
        measured([[[0, 1, 2], [1, 1, 2]]], DROPPED, n_curated=2, n_real=2)


SHOWN = [[0, 1, 2], [2, 0, 0]]


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((SHOWN, [0, 0]), {"rule": BestOf(4)}, ValueError, "4 candidates in each row.*; got 3"),
        ((SHOWN, [0, 0]), {"rule": TopShare(0.5)}, ValueError, "number K of .*: assert_agrees"),
        ((SHOWN, [0, 0]), {"rule": BradleyTerry(np.inf)}, ValueError, "number K of candidates"),
        ((SHOWN, [0, 0]), {"rule": BestOf}, TypeError, r"rule must be a rule.* write BestOf\(…\)"),
        ((SHOWN, [0, 0]), {"rule": BestOf(3), "scale": 2.0}, ValueError, "in place of scale"),
        ((SHOWN, [0, 0]), {"law": LAW}, ValueError, "got a law alone"),
        ((SHOWN, [0, 0]), {"rule": BestOf(3), "law": [0.0]}, TypeError, "law must be a RewardLaw"),
        ((SHOWN, [0, 3]), {"rule": BestOf(3)}, ValueError, "from 0 to 2; got 3 in row 1"),
        ((SHOWN, [[0, 1], [1, 1]]), {"rule": KEPT}, ValueError, r"different .* \[1, 1\] in row 1"),
        ((SHOWN, [[0], [1]]), {"rule": KEPT}, ValueError, "or the 2 that were kept"),
        (([[0, 5]], [0]), {"rule": BestOf(2), "law": LAW}, ValueError, "0 to 2; got 5 in row 0"),
        (([[0.5, 1]], [0]), {"rule": BestOf(2), "law": LAW}, TypeError, "numbers of the law's"),
        (([0, 1], [0]), {"rule": BestOf(2), "law": LAW}, ValueError, r"got shape \(2,\)"),
        (([[0, 2]], [0]), {"rule": BestOf(2), "law": PROMPTED}, ValueError, "one prompt in each"),
        (([[0.0, np.nan]], [0]), {"rule": BestOf(2)}, ValueError, "got NaN in row 0"),
        (([[0, 1]], [0]), {"rule": BestOf(2, by="other")}, ValueError, "by must name a score"),
        (
            ([[0, 1]], [0]),
            {"rule": PairwisePreference([[0.5]], "groups"), "law": LAW},
            ValueError,
            "matrix must have a row for each of the law's 2 groups; got 1",
        ),
        (([[0] * 9], [0]), {"rule": AmongNine()}, ValueError, "at most 8 candidates"),
        (
            ([[0] * 144], [0]),
            {"rule": Stages([BestOf(12), BestOf(12)])},
            ValueError,
            "test the log of each stage by itself",
        ),
    ],
)
def test_logs_that_cannot_be_tested(arguments, options, error, message):
    with pytest.raises(error, match=message):
        assert_choices(*arguments, **options)


def test_a_position_that_cannot_be_chosen_is_said_at_once():
    with pytest.raises(AssertionError) as caught:
        assert_choices(SHOWN, [2, 1], rule=BestOf(3), law=LAW)
    assert str(caught.value).splitlines() == [
        "position 1 was chosen in row 1, which the rule never does there (1 such rows) "
        "(p-value 1e-300, alpha 1e-06)",
        "  choices disagree with BestOf(3)",
        "  null hypothesis: 2 independent choices by BestOf(3), given the candidates",
    ]
    assert assert_choices(SHOWN, [2, 0], rule=BestOf(3), law=LAW) == 1.0
