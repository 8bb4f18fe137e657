"""Rules refuse what they cannot mean, each with a message of its own; and they print as code."""

import math
import pickle

import numpy as np
import pandas
import pytest

import recurate
from recurate import RewardLaw
from recurate.numerics.log_sums import log_masses
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

HALF = np.log([0.5, 0.5])
LAW = RewardLaw(
    [0.0, 1.0], groups=["a", "b"], scores={"length": [3.0, 9.0], "rated": [1.0, np.nan]}
)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: BradleyTerry(0),
            ValueError,
            "K must be an integer of at least 1 or infinity; got 0",
        ),
        (lambda: BradleyTerry("4"), TypeError, "K must be an integer"),
        (lambda: BradleyTerry(2, scale=math.inf), ValueError, "scale must be a finite number"),
        (
            lambda: BradleyTerry(2, by=3),
            TypeError,
            "by must be the name of a score of the law",
        ),
        (lambda: BestOf(math.inf), ValueError, r"K must be finite for BestOf.*TopShare\(share\)"),
        (lambda: BestOf(2.5), ValueError, "K must be an integer"),
        (lambda: BestOf(4, keep=5), ValueError, "keep must be at most K = 4; got 5"),
        (lambda: BestOf(4, keep=0), ValueError, "keep must be an integer of at least 1; got 0"),
        (lambda: TopShare(0), ValueError, "share must be above 0; got 0"),
        (lambda: TopShare(-0.1), ValueError, "share must be above 0; got -0.1"),
        (lambda: TopShare(25), ValueError, "at most 1; got 25: write 0.25 for 25%"),
        (lambda: TopShare(True), TypeError, "share must be a finite number"),
        (
            lambda: Accept("right", none="skip"),
            ValueError,
            "'refuse', 'keep' or 'drop'; got 'skip'",
        ),
        (lambda: Accept(["right"]), TypeError, "by must be the name"),
        (lambda: Voters([]), ValueError, "voters must be at least one"),
        (lambda: Voters({"a": 1}), TypeError, "voters must be a list of"),
        (lambda: Voters([RandomChoice()]), TypeError, r"pairs \(share, rule\); got RandomChoice"),
        (
            lambda: Voters([(0.5, BestOf(2)), (0.4, BestOf(3))]),
            ValueError,
            "shares of voters must sum to 1 within 1e-09; got a sum of 0.9$",
        ),
        (
            lambda: Voters([(-0.5, RandomChoice()), (1.5, RandomChoice())]),
            ValueError,
            "share of voter 0 must be a finite number of at least 0; got -0.5",
        ),
        (lambda: Voters([(1, 4)]), TypeError, "rule of voter 0 must be a rule.*got 4"),
        (lambda: Voters([(RandomChoice(), 1)]), TypeError, "share of voter 0"),
        (lambda: Voters([(1, RandomChoice)]), TypeError, r"write RandomChoice\(…\)"),
        (lambda: Stages([]), ValueError, "rules must be at least one rule; got none"),
        (lambda: Stages(RandomChoice()), TypeError, "rules must be a list of rules"),
        (lambda: Stages([BestOf(2), 0.5]), TypeError, "stage 1 must be a rule.*got 0.5"),
        (lambda: PairwisePreference([[0.5]], of="rows"), ValueError, "'atoms' or 'groups'"),
        (lambda: PairwisePreference([0.5, 0.5]), ValueError, "matrix must be square"),
        (lambda: PairwisePreference([[0.5], [0.5, 1]]), ValueError, "matrix must be square"),
        (lambda: PairwisePreference([["a"]]), TypeError, "matrix must be real numbers"),
        (
            lambda: PairwisePreference([[0.5, 1.5], [-0.5, 0.5]]),
            ValueError,
            r"matrix must be probabilities, from 0 to 1; got 1.5 at \[0, 1\]",
        ),
        (
            lambda: PairwisePreference([[0.5, np.nan], [0.5, 0.5]]),
            ValueError,
            r"probabilities, from 0 to 1; got nan at \[0, 1\]",
        ),
        (
            lambda: PairwisePreference([[0.5, 0.7], [0.4, 0.5]]),
            ValueError,
            r"\[x, y\] \+ \[y, x\] = 1; got a sum of 1.1 at \[0, 1\]",
        ),
        (
            lambda: PairwisePreference([[0.0, 0.7], [0.3, 0.5]]),
            ValueError,
            r"0.5 on its diagonal; got 0 at \[0, 0\]",
        ),
        (
            lambda: PairwisePreference(np.ma.masked_equal([[0.5, 0.7], [0.3, 0.5]], 0.7)),
            ValueError,
            "masked",
        ),
        (
            lambda: PairwisePreference(
                pandas.DataFrame([[0.3, 0.5], [0.5, 0.7]], index=["a", "b"], columns=["b", "a"])
            ),
            ValueError,
            r"rows and columns in one order; got .*\['a', 'b'\] and columns \['b', 'a'\]",
        ),
        (lambda: BestOf(4, keep="2"), TypeError, "keep must be an integer of at least 1; got '2'"),
    ],
)
def test_arguments(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("rule", "law", "message"),
    [
        (
            TopShare(0.5, by="lenght"),
            LAW,
            "by must name a score of the law, which has 'length', 'rated'; got 'lenght'",
        ),
        (BestOf(2, by="length"), RewardLaw([0, 1]), r"has none: RewardLaw\(scores=…\)"),
        (
            BradleyTerry(2, by="rated"),
            LAW,
            r"scores\['rated'\] must have a value at every atom to choose by it; got nan at posi",
        ),
        (
            Accept("length"),
            LAW,
            r"scores\['length'\] must be probabilities, from 0 to 1, for Accept; got 3 at",
        ),
        (Accept(None), RewardLaw([0.5, -1.0]), "rewards must be probabilities.*got -1 at"),
        (Accept(None), RewardLaw([0.5, 1.5]), "rewards must be probabilities.*got 1.5 at"),
        (
            PairwisePreference([[0.5]]),
            LAW,
            "matrix must have a row for each of the law's 2 atoms; got 1",
        ),
        (PairwisePreference([[0.5]], of="groups"), LAW, "law's 2 groups; got 1"),
        (PairwisePreference([[0.5]], of="groups"), RewardLaw([0, 1]), "needs a law with groups"),
    ],
)
def test_laws(rule, law, message):
    with pytest.raises(ValueError, match=message):
        rule.log_ratio(law, HALF)
    with pytest.raises(ValueError, match=message):  # inside other rules too
        Voters([(0.5, Stages([RandomChoice(), rule])), (0.5, RandomChoice())]).prepared(law)


def test_probabilities_and_law_are_checked():
    with pytest.raises(ValueError, match="log_probs must have one entry per reward"):
        BestOf(2).log_ratio(LAW, [0.0])
    with pytest.raises(ValueError, match="must sum to 1"):
        BestOf(2).log_ratio(LAW, [0.5, 0.5])  # no logarithms
    with pytest.raises(TypeError, match="law must be a RewardLaw; got list"):
        BestOf(2).log_ratio([0.0, 1.0], HALF)


@pytest.mark.parametrize(
    ("log_probs", "message"),
    [
        ([math.log(0.5)] * 2, r"at each prompt; got a sum of 0.5 at 'a' \(law.probs / law.prompt_"),
        ([0.0, -0.1], r"at each prompt; got a sum of 0.904837418035\d* at 'b'$"),
        ([0.0, math.nan], "log_probs must be finite or -inf; got nan at position 1"),
        ([0.0], r"log_probs must have one entry per reward \(2\); got 1"),
    ],
)
def test_probabilities_given_the_prompt_are_checked(log_probs, message):
    with pytest.raises(ValueError, match=message):
        BestOf(2).log_ratio(RewardLaw([0, 1], prompts="ab"), log_probs)


@pytest.mark.parametrize("rule", [BestOf(2), TopShare(0.5)])
def test_a_density_has_no_ranks(rule):
    law = RewardLaw.from_density(lambda r: 1.0 + 0 * r, (0, 1))
    with pytest.raises(ValueError, match="needs a law of atoms; got one with a density"):
        rule.log_ratio(law, log_masses(law.probs))


def test_a_density_is_tilted_as_its_loop_is():
    law = RewardLaw.from_density(lambda r: 1.0 + 0 * r, (0, 1))
    found = BradleyTerry(math.inf).log_ratio(law, log_masses(law.probs))
    # E e^r of the uniform law is e - 1.
    assert np.abs(found - (law.rewards - math.log(math.e - 1))).max() <= 1e-12
    endless = RewardLaw.from_density(lambda r: np.exp(-r), (0, math.inf))
    with pytest.raises(ValueError, match="finite mean weight"):
        BradleyTerry(math.inf).log_ratio(endless, log_masses(endless.probs))
    with pytest.raises(ValueError, match="scale must be 1 for a law with a density"):
        BradleyTerry(2, scale=-1).log_ratio(law, log_masses(law.probs))


def test_where_nothing_is_accepted():
    law = RewardLaw([0.0, 1.0, 2.0], scores={"right": [0.0, 0.0, 1.0]})
    log_probs = [math.log(0.5), math.log(0.5), -math.inf]
    with pytest.raises(
        NothingAcceptedError, match=r"none='keep' leaves.*none='drop' takes"
    ) as found:
        Accept("right").log_ratio(law, log_probs)
    assert not found.value.may_drop
    with pytest.raises(NothingAcceptedError, match="no other prompt to take its weight") as found:
        Stages([RandomChoice(), Accept("right", none="drop")]).log_ratio(law, log_probs)
    assert found.value.may_drop
    assert Accept("right", none="keep").log_ratio(law, log_probs).tolist() == [0, 0, 0]
    # An atom that is there with any mass is enough, whatever the mass.
    rare = Accept("right").log_ratio(law, [math.log(0.5), math.log(0.5), -2000.0])
    assert rare.tolist() == [-math.inf, -math.inf, 2000.0]


RULES = [
    BradleyTerry(4),
    BradleyTerry(math.inf, scale=-0.5, by="length"),
    BestOf(4),
    BestOf(6, keep=2, by="length"),
    TopShare(0.25),
    Accept("right"),
    Accept(None, none="keep"),
    PairwisePreference([[0.5, 0.3], [0.7, 0.5]], of="groups"),
    PairwisePreference([[0.5, 0.3], [0.7, 0.5]]),
    PairwisePreference([[0.5, 0.4], [0.6, 0.5]]),
    RandomChoice(),
    Voters([(0.9, Stages([BestOf(2), TopShare(0.1)])), (0.1, RandomChoice())]),
]


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_a_rule_prints_as_code_and_does_not_change(rule):
    again = eval(repr(rule), vars(recurate.rules))
    assert again == rule
    assert hash(again) == hash(rule)
    assert repr(again) == repr(rule)
    assert [other for other in RULES if other == rule] == [rule]
    assert pickle.loads(pickle.dumps(rule)) == rule  # other processes take it
    for name in ("K", "share", "matrix", "voters", "by"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(rule, name, 2)


def test_a_matrix_is_kept_as_it_was_given():
    given = np.array([[0.5, 0.3], [0.7, 0.5]])
    rule = PairwisePreference(given)
    given[0, 1] = 1.0
    assert rule.matrix.tolist() == [[0.5, 0.3], [0.7, 0.5]]
    with pytest.raises(ValueError, match="read-only"):
        rule.matrix[0, 1] = 1.0
    # Of two that sum to one but for rounding, the smaller is kept.
    assert PairwisePreference([[0.5, 1e-20], [1.0, 0.5]]).matrix[0, 1] == 1e-20
    assert repr(PairwisePreference(np.full((20, 20), 0.5))) == "<PairwisePreference of 20 atoms>"


def test_whole_shares_may_be_off_by_rounding():
    rule = Voters([(0.1, BestOf(2))] * 10)  # ten times a tenth is not quite one
    found = rule.log_ratio(LAW, HALF)
    assert np.abs(found - BestOf(2).log_ratio(LAW, HALF)).max() <= 1e-15


def test_shares_within_the_tolerance_are_normalised():
    rule = Voters([(0.5, BestOf(2)), (0.5 + 5e-10, BestOf(2))])
    assert np.abs(rule.log_ratio(LAW, HALF) - BestOf(2).log_ratio(LAW, HALF)).max() <= 1e-15


def test_preferences_within_the_tolerance_make_a_law():
    rule = PairwisePreference([[0.5, 0.3], [0.7 + 5e-10, 0.5]])
    assert np.exp(rule.log_ratio(LAW, HALF)).sum() / 2 == pytest.approx(1, abs=1e-15)
    assert rule == PairwisePreference([[0.5, 0.3], [0.7, 0.5]])


def test_candidates():
    assert [rule.most_candidates for rule in RULES] == [
        4, math.inf, 4, 6, math.inf, math.inf, math.inf, 2, 2, 2, 1, math.inf
    ]  # fmt: skip
    assert Stages([BestOf(3), BradleyTerry(5)]).most_candidates == 15
    assert Voters([(0.5, BestOf(3)), (0.5, BradleyTerry(5))]).most_candidates == 5


class Worst(Rule):
    """A user's rule without more than its ratio: the lower of two tied or not, H in closed form."""

    def log_ratio(self, law, log_probs):
        return BestOf(2).log_ratio(RewardLaw(-law.rewards), log_probs)


class TwiceTooMuch(Rule):
    """A rule that makes an error of the total mass."""

    def log_ratio(self, law, log_probs):
        return np.full(law.size, math.log(2))


def test_an_error_of_the_total_mass_is_not_passed_on():
    # Twice the mass would make the candidates of a second stage two to the K too many.
    found = Stages([TwiceTooMuch(), BestOf(10)]).log_ratio(LAW, HALF)
    assert found == pytest.approx(math.log(2) + BestOf(10).log_ratio(LAW, HALF), abs=1e-14)


def test_a_rule_of_ones_own_takes_part():
    mixed = Voters([(0.5, Worst()), (0.5, BestOf(2))])
    # The laws of the better and the worse of two add up to 2p.
    assert np.abs(mixed.log_ratio(LAW, HALF)).max() <= 1e-15
    assert mixed.most_candidates == math.inf
    assert np.isfinite(Stages([Worst(), BestOf(2)]).log_ratio(LAW, HALF)).all()
    with pytest.raises(TypeError, match="abstract"):
        Rule()
