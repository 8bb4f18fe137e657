"""Loops in words: what is chosen, by what, and what a training set is made of."""

import math
from dataclasses import replace

import pytest

from recurate import Accumulate, CurationLoop, RewardLaw
from recurate.numerics.fixed_points.fixed_point import FixedPoint
from recurate.printing.loops import (
    choosing_in_words,
    fixed_point_of_rules_in_words,
    goes_by_odds,
    loop_in_words,
)
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

NAMES = [f"s{i}" for i in range(9)]
LAW = RewardLaw([0.0, 1.0], groups="ab", scores={name: [0, 1] for name in [*NAMES, "KL"]})


def loop(rule, **more):
    return CurationLoop(LAW, rule=rule, **({"lam": math.inf} | more))


class Mine(Rule):
    def log_ratio(self, law, log_probs):
        return 0.0 * log_probs

    def __repr__(self):
        return "Mine()"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (BradleyTerry(4), "best of K = 4"),
        (BradleyTerry(math.inf), "best of K = inf"),
        (BradleyTerry(2**20), "best of K = 1048576"),
        (BestOf(10**9), "highest of K = 1000000000"),
        (BradleyTerry(4, scale=-1), "Bradley–Terry's best of K = 4 by minus the reward"),
        (BradleyTerry(4, scale=2.5), "Bradley–Terry's best of K = 4 by 2.5 × the reward"),
        (BradleyTerry(4, by="s1"), "Bradley–Terry's best of K = 4 by s1"),
        (BradleyTerry(4, scale=-2, by="KL"), "Bradley–Terry's best of K = 4 by -2 × 'KL'"),
        (BestOf(4), "highest of K = 4"),
        (BestOf(6, keep=2, by="s1"), "highest 2 of K = 6 by s1"),
        (TopShare(0.125), "highest 12.5% of all"),
        (Accept("s1"), "accepted with s1 as probability"),
        (
            Accept(None, none="keep"),
            "accepted with the reward as probability (a prompt without any is kept as it is)",
        ),
        (RandomChoice(), "at random"),
        (
            PairwisePreference([[0.5, 0.5], [0.5, 0.5]], of="groups"),
            "one of two by a matrix of preferences between groups",
        ),
        (Stages((TopShare(0.5), BestOf(2))), "stages: highest 50% of all, then highest of K = 2"),
        (
            Voters(((0.75, BestOf(4)), (0.25, BradleyTerry(2)))),
            "voters: 75% highest of K = 4, 25% Bradley–Terry's best of K = 2",
        ),
        (
            Voters(tuple((1 / 3, BestOf(4, by=name)) for name in NAMES[:3])),
            "3 voters of equal shares, each highest of K = 4 by s0, s1, s2",
        ),
        (
            Voters(tuple((1 / 9, BradleyTerry(4, 5, name)) for name in NAMES)),
            "9 voters of equal shares, each Bradley–Terry's best of K = 4 by 5 × s0, 5 × s1, 5 × "
            "s2, 5 × s3, 5 × s4, 5 × s5 and 3 more",
        ),
        (
            Voters(((0.5, Stages((TopShare(0.5), BestOf(2)))), (0.5, RandomChoice()))),
            "voters: 50% (stages: highest 50% of all, then highest of K = 2), 50% at random",
        ),
        (
            Voters(((0.5, BestOf(4, by="s0")), (0.5, BestOf(3, by="s1")))),
            "voters: 50% highest of K = 4 by s0, 50% highest of K = 3 by s1",
        ),
        (Voters(tuple((1 / 8, BestOf(k)) for k in range(1, 9))), "and 2 more"),
        (Mine(), "Mine()"),
        ([BestOf(2), BestOf(2), BestOf(3)], "(highest of K = 2 from t = 0; highest of K = 3 from "
         "t = 2)"),
        (lambda t: BestOf(2 + t), "rule as a function of t"),
    ],
)  # fmt: skip
def test_what_a_rule_chooses(rule, words):
    said = choosing_in_words(loop(rule))
    assert said == words or (words == "and 2 more" and said.endswith(words))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"lam": 1.0}, ", λ = 1: 0.5 of each training set is synthetic"),
        ({"retained": 0.05}, "; 5% of samples kept uncurated, pure loop, no real data (λ = inf)"),
        ({"lam": [1, 1, 2]}, ", λ (1 from t = 0; 2 from t = 2)"),
        ({"lam": list(range(9))}, ", λ (0 from t = 0; 1 from t = 1; 2 from t = 2; 3 from t = 3; "
         "and 5 changes more)"),
        ({"lam": lambda t: t}, ", λ as a function of t"),
        ({"retained": [0.5, 0.0]}, "; (50% from t = 0; 0% from t = 1) of samples kept uncurated, "
         "pure loop, no real data (λ = inf)"),
        ({"lam": None, "training": Accumulate(2, 1)}, ", training sets that grow: each round adds "
         "0.5 for each real one, and nothing is thrown away"),
    ],
)  # fmt: skip
def test_what_a_training_set_is_made_of(more, words):
    assert loop_in_words(loop(BestOf(4), **more)) == f"highest of K = 4{words}"


def test_rewards_are_odds_to_a_bradley_terry_voter_of_the_reward_alone():
    assert goes_by_odds(loop(BradleyTerry(4)))
    assert goes_by_odds(loop(BradleyTerry(4), retained=0.5))
    for rule in (BestOf(4), BradleyTerry(4, scale=2), BradleyTerry(4, by="s1"), [BradleyTerry(4)]):
        assert not goes_by_odds(loop(rule))


def said_of(rule, lam=1.0):
    its = loop(rule, lam=lam)
    limit = its.fixed_point()
    assert isinstance(limit, FixedPoint)
    return list(fixed_point_of_rules_in_words(its, limit))


def test_what_is_known_of_a_fixed_point():
    assert said_of(BradleyTerry(4)) == []  # the paper's: what is known of it is said elsewhere
    unique, *_ = said_of(BestOf(4))
    assert unique.startswith("it is the only one")
    voters = Voters(((0.5, BradleyTerry(math.inf)), (0.5, BradleyTerry(math.inf, scale=-1))))
    # F of docs/fixed_points.md, at λ = 3 and at λ (1 - 1/4), where a quarter clicks at random.
    objective = "has the largest 0.75 Σ share · log E[w] - 0.25 KL(p_ref‖p), to"
    assert any(objective in line for line in said_of(voters, lam=3.0))
    clicks = Voters(((0.75, voters), (0.25, RandomChoice())))
    assert any(objective in line for line in said_of(clicks, lam=4.0))
    assert any("has the largest Σ share · log E[w], to" in line
               for line in said_of(Accept("s1"), lam=math.inf))  # fmt: skip
    unknown, disturbed = said_of(Voters(((0.5, BradleyTerry(4)), (0.5, BradleyTerry(4, -2)))))
    assert unknown == "whether the loop goes there from every start is not known"
    assert disturbed.startswith("disturbed a little, the loop returns to it: the largest")


@pytest.mark.parametrize(
    ("radius", "words"),
    [
        (0.5, "the loop returns to it: the largest eigenvalue of its step is 0.5 in size"),
        (
            0.99999,
            "the loop returns to it: the largest eigenvalue of its step is 1 - 1e-05 in size",
        ),
        (1.00002, "the loop leaves it: the largest eigenvalue of its step is 1 + 2e-05 in size"),
        (1 - 7e-11, "whether the loop returns to it if it is disturbed, its linearised step does"),
        (1 + 7e-11, "whether the loop returns to it if it is disturbed, its linearised step does"),
    ],
)
def test_an_eigenvalue_that_is_one_to_within_its_error_says_nothing(radius, words):
    its = loop(BestOf(2, by="s1"), lam=1.0)
    limit = replace(its.fixed_point(), spectral_radius=radius)
    assert any(words in line for line in fixed_point_of_rules_in_words(its, limit))
