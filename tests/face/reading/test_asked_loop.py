"""From options to a rule and a loop: each gives what it says, and others are refused."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.errors import InputError
from recurate.numerics.schedules import Accumulate
from recurate.reading.asked import Asked
from recurate.reading.asked_loop import AskedLoop, loop_errors
from recurate.reading.table import RewardTable
from recurate.rules import Accept, BestOf, BradleyTerry, RandomChoice, TopShare, Voters

LAW = RewardLaw([0.0, 0.3, 1.0], [0.5, 0.2, 0.3], scores={"a": [0, 1, 2], "b": [2, 0, 0]})
ONE = RewardTable("t.csv", Asked(), LAW)
TWO = RewardTable("t.csv", Asked(), LAW, voters=("a", "b"), voter_scale=5.0)


def rule_of(table=ONE, **asked):
    return AskedLoop(**asked).on(table).rule


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        ({}, BradleyTerry(4)),
        ({"K": math.inf}, BradleyTerry(math.inf)),
        ({"choice": "best"}, BestOf(4)),
        ({"choice": "best:2", "K": 6.0}, BestOf(6, keep=2)),
        ({"choice": "top:0.25"}, TopShare(0.25)),
        ({"choice": "top:1"}, TopShare(1)),
        ({"choice": "accept"}, Accept(None)),
        ({"choice": "accept", "nothing_accepted": "drop"}, Accept(None, none="drop")),
        ({"random_clicks": 0.25}, Voters(((0.75, BradleyTerry(4)), (0.25, RandomChoice())))),
        (
            {"flipped_votes": 0.25, "K": 3.0, "random_clicks": 0.5},
            Voters(((0.375, BradleyTerry(3)), (0.125, BradleyTerry(3, -1)), (0.5, RandomChoice()))),
        ),
        (
            {"flipped_votes": 0.75, "K": 2.0},  # more often than not: no share of random choices
            Voters(((0.25, BradleyTerry(2)), (0.75, BradleyTerry(2, -1)))),
        ),
    ],
)
def test_a_choice_is_a_rule(asked, rule):
    loop = AskedLoop(**asked).on(ONE)
    assert loop.rule == rule
    assert (loop.lam, loop.retained, loop.training) == (math.inf, 0.0, None)


def test_voters_go_by_columns_of_their_own_and_the_scale_is_of_each():
    assert rule_of(TWO, shares=(0.75, 0.25)) == Voters(
        ((0.75, BradleyTerry(4, 5, "a")), (0.25, BradleyTerry(4, 5, "b")))
    )
    assert rule_of(TWO, choice="best", random_clicks=0.5) == Voters(
        ((0.25, BestOf(4, by="a")), (0.25, BestOf(4, by="b")), (0.5, RandomChoice()))
    )
    assert rule_of(TWO, flipped_votes=0.5, K=4.0, shares=(1.0, 0.0)) == Voters(
        (
            (0.5, BradleyTerry(4, 5, "a")),
            (0.5, BradleyTerry(4, -5, "a")),
            (0.0, BradleyTerry(4, 5, "b")),
            (0.0, BradleyTerry(4, -5, "b")),
        )
    )


@pytest.mark.parametrize("choice", ["bradley-terry", "best"])
@pytest.mark.parametrize("table", [ONE, TWO], ids=["one", "two"])
@pytest.mark.parametrize("retain", [0.0, 0.2])
def test_flipped_votes_between_two_are_samples_kept_uncurated(choice, table, retain):
    # By hand: a vote is turned round with probability φ, so T_φ = (1-φ) T + φ (2p - T), and of
    # the synthetic samples ε are p, the others T_φ. The best of two by minus the reward is 2p - T.
    flips, p = 0.1, np.log(LAW.probs)
    loop = AskedLoop(choice=choice, K=2.0, flipped_votes=flips, retain=retain, lam=3.0).on(table)
    plain = rule_of(table, choice=choice, K=2.0)
    chosen = LAW.probs * np.exp(plain.log_ratio(LAW, p))
    flipped = (1 - flips) * chosen + flips * (2 * LAW.probs - chosen)
    step = 0.25 * LAW.probs + 0.75 * (retain * LAW.probs + (1 - retain) * flipped)
    np.testing.assert_allclose(loop.run(steps=1).probs(1), step, rtol=1e-13)
    if choice == "bradley-terry" and table is ONE and not retain:  # as two voters would have it
        voters = Voters(((1 - flips, BradleyTerry(2)), (flips, BradleyTerry(2, -1))))
        other = CurationLoop(LAW, rule=voters, lam=3.0).run(steps=4)
        np.testing.assert_allclose(loop.run(steps=4).probs(4), other.probs(4), rtol=1e-13)


def test_training_sets_may_grow():
    loop = AskedLoop(per_round=0.5).on(ONE)
    assert loop.training == Accumulate(1.0, 0.5)
    loop = AskedLoop(per_round=1.0, K=2.0, flipped_votes=0.25).on(ONE)
    assert loop.rule == Voters(((0.5, BradleyTerry(2)), (0.5, RandomChoice())))


def test_a_loop_of_the_paper_stays_one():
    loop = AskedLoop(K=4.0, lam=1.0).on(ONE)
    assert str(loop.schedule) == str(CurationLoop(LAW, K=4, lam=1.0).schedule)
    assert loop.K == 4


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"choice": "worst"}, "--choice must be bradley-terry, best, best:2 (both are kept), "
         "top:0.25 or accept; got 'worst'"),
        ({"choice": "bradley-terry:2"}, "--choice must be"),
        ({"choice": "accept:0.5"}, "--choice must be"),
        ({"choice": "top"}, "--choice must be"),
        ({"choice": "top:0"}, "--choice top:SHARE keeps a share above 0 and at most 1; got 0"),
        ({"choice": "top:25"}, "at most 1; got 25: top:0.25 for 25%"),
        ({"choice": "top:nan"}, "at most 1; got nan"),
        ({"choice": "top:x"}, "--choice top:SHARE must be a number; got 'x'"),
        ({"choice": "best:0"}, "as best:2; got 'best:0'"),
        ({"choice": "best:"}, "as best:2; got 'best:'"),
        ({"choice": "best:1.5"}, "as best:2; got 'best:1.5'"),
        ({"choice": "best:5"}, "--choice best:5 keeps the best 5 of K candidates, and -K must be "
         "at least that; got 4"),
        ({"choice": "best", "K": math.inf}, "--choice best needs a finite K"),
        ({"choice": "top:0.5", "K": 4.0}, "--choice top looks at a share of all samples, and at no "
         "K of them: leave -K out"),
        ({"choice": "accept", "K": 4.0}, "--choice accept looks at each sample by itself"),
        ({"nothing_accepted": "keep"}, "--nothing-accepted is about --choice accept"),
        ({"choice": "best", "K": 3.0, "flipped_votes": 0.1}, "of --choice best among K = 3 it is "
         "not said what is chosen in place of the best: --random-clicks"),
        ({"choice": "best:2", "K": 2.0, "flipped_votes": 0.1}, "of --choice best:2 it is not said"),
        ({"choice": "top:0.5", "flipped_votes": 0.1}, "of --choice top:0.5 it is not said"),
        ({"choice": "accept", "flipped_votes": 0.1}, "of --choice accept it is not said"),
        ({"choice": "best", "K": 2.0, "flipped_votes": 0.7}, "--flipped-votes must be at most 0.5 "
         "for --choice best; got 0.7"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(asked, message):
    with pytest.raises(InputError) as refused:
        AskedLoop(**asked)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("asked", "option"), [({"scale": 2.0}, "--scale"), ({"unit": "percent"}, "--reward-is")]
)
def test_probabilities_of_being_accepted_are_taken_as_they_stand(asked, option):
    table = RewardTable("t.csv", Asked(**asked), LAW)
    with pytest.raises(InputError, match=f"as they stand: leave {option} out"):
        AskedLoop(choice="accept").on(table)


def test_rewards_that_are_no_probabilities_are_not_accepted_by():
    table = RewardTable("t.csv", Asked(), RewardLaw([0.0, 2.0]))
    with (
        pytest.raises(InputError, match="must be probabilities, from 0 to 1"),
        loop_errors(),
    ):
        AskedLoop(choice="accept").on(table).run(steps=1)
