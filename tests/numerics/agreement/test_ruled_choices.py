"""How each rule chooses among given candidates, against H, closed forms, and all small logs."""

import itertools
import math

import numpy as np
import pytest

from recurate import RewardLaw
from recurate.numerics.agreement.choice_log import read_log
from recurate.numerics.agreement.choices import choices_verdict, sum_look
from recurate.numerics.agreement.ruled_choices import _own, log_choice_probs, rule_verdict
from recurate.rules import (
    BestOf,
    BradleyTerry,
    PairwisePreference,
    RandomChoice,
    Rule,
    Stages,
    Voters,
)

from ...own_rules import WorseOfTwo

RNG = np.random.default_rng(3)
LAW = RewardLaw(
    [0.0, 1.0, 1.0, 2.0, 0.5, 0.5],
    groups="aabbcc",
    scores={"other": [3.0, 1.0, 1.0, 0.0, 2.0, 2.0]},
)
CYCLE = np.array([[0.5, 0.2, 0.9], [0.8, 0.5, 0.3], [0.1, 0.7, 0.5]])
PREFERENCE = PairwisePreference(CYCLE, of="groups")


class OfThree(Rule):
    """It says two candidates, and its H is that of the best of three."""

    most_candidates = 2.0

    def log_ratio(self, law, log_probs):
        return BestOf(3).log_ratio(law, log_probs)


SYMMETRIC = [
    BradleyTerry(4, scale=2.0, by="other"),
    BradleyTerry(3, scale=-1.0),
    BestOf(3),
    BestOf(5, keep=2, by="other"),
    PREFERENCE,
    Voters([(0.3, BestOf(4, keep=2)), (0.5, BradleyTerry(4)), (0.2, RandomChoice())]),
]
STAGES = [
    Stages([BestOf(2), BradleyTerry(3, by="other")]),
    Stages([BradleyTerry(3), BestOf(2, by="other")]),
    Stages([BestOf(3, keep=2), PREFERENCE]),
    Stages([Stages([RandomChoice(), BestOf(2)]), Voters([(0.5, BestOf(2)), (0.5, PREFERENCE)])]),
]


@pytest.mark.parametrize("rule", SYMMETRIC, ids=str)
def test_choices_are_those_that_h_is_made_of(rule):
    """H of 2^K laws on the candidates tells how they are chosen; with ties, and atoms twice."""
    atoms = RNG.integers(0, LAW.size, size=(60, int(rule.most_candidates)))
    probs = np.exp(log_choice_probs(rule, LAW, atoms))
    assert np.abs(probs - np.exp(_own(rule, LAW, atoms))).max() < 1e-12
    assert np.abs(probs.sum(axis=1) - 1).max() < 1e-14


@pytest.mark.parametrize("rule", STAGES, ids=str)
def test_stages_are_those_that_h_is_made_of_in_the_mean_over_all_orders(rule):
    atoms = RNG.integers(0, LAW.size, size=(4, int(rule.most_candidates)))
    total = np.zeros(atoms.shape)
    for order in itertools.permutations(range(atoms.shape[1])):
        total[:, order] += np.exp(log_choice_probs(rule, LAW, atoms[:, order]))
    total /= math.factorial(atoms.shape[1])
    assert np.abs(total - np.exp(_own(rule, LAW, atoms))).max() < 1e-12


def test_stages_in_closed_form():
    """Of 0, log 3 | 0, 0 the best two, ties shared; then 3 : 1."""
    law = RewardLaw([0.0, math.log(3.0)])
    rule = Stages([BestOf(2), BradleyTerry(2)])
    probs = np.exp(log_choice_probs(rule, law, np.array([[0, 1, 0, 0]])))
    assert probs[0] == pytest.approx([0.0, 0.75, 0.125, 0.125], abs=1e-15)


def test_a_rule_of_ones_own_is_told_by_its_h():
    atoms = np.array([[0, 1], [3, 1], [1, 2], [5, 5]])
    probs = np.exp(log_choice_probs(WorseOfTwo(), LAW, atoms))
    expected = [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.5, 0.5]]
    assert probs == pytest.approx(np.array(expected), abs=1e-15)
    assert rule_verdict(atoms, [0, 1, 1, 0], WorseOfTwo(), LAW).p_value == 1.0
    said = rule_verdict(atoms, [0, 0, 1, 0], WorseOfTwo(), LAW)
    assert said.p_value <= 1e-300
    assert said.departure.startswith("position 0 was chosen in row 1, which the rule never does")


def test_what_is_no_choice_among_its_candidates_is_said():
    with pytest.raises(ValueError, match=r"by these alone, .* says; got .*\[-0.25, 1.25\]"):
        log_choice_probs(OfThree(), RewardLaw([0.0, 1.0]), np.array([[0, 1]]))


SMALL = {
    "preference": (PREFERENCE, [[0, 2], [2, 4], [0, 4], [3, 1], [2, 5]]),
    "voters": (
        Voters([(0.5, BestOf(2)), (0.3, BradleyTerry(2, by="other")), (0.2, RandomChoice())]),
        [[0, 1], [0, 1], [0, 3], [4, 5], [3, 2], [0, 3]],
    ),
    "best-few": (BestOf(3, keep=2), [[0, 1, 2], [0, 3, 4], [1, 2, 3], [4, 5, 0]]),
    "stages": (Stages([BradleyTerry(2, by="other"), BestOf(2)]), [[0, 1, 4, 5], [3, 2, 0, 1]]),
}


@pytest.mark.parametrize("name", SMALL)
def test_the_p_value_is_one_for_every_small_log(name):
    """All logs: P(p-value <= u) <= u for every u."""
    rule, atoms = SMALL[name][0], np.array(SMALL[name][1])
    probs = np.exp(log_choice_probs(rule, LAW, atoms))
    chances, p_values = [], []
    for chosen in itertools.product(range(atoms.shape[1]), repeat=len(atoms)):
        chances.append(math.prod(probs[np.arange(len(atoms)), chosen]))
        p_values.append(rule_verdict(atoms, np.array(chosen), rule, LAW).p_value)
    order = np.argsort(p_values)
    assert sum(chances) == pytest.approx(1.0, abs=1e-12)
    assert (np.cumsum(np.array(chances)[order]) <= np.array(p_values)[order] + 1e-9).all()


def test_bradley_terry_is_what_a_scale_is():
    """The sum of the rewards is looked at as before: of the same family the scale is the tilt."""
    shown = RNG.normal(size=(500, 4))
    chosen = (2.5 * shown + RNG.gumbel(size=shown.shape)).argmax(axis=1)
    log = read_log(shown, chosen)
    by_scale = log.log_likelihood(log.fitted_scale) - log.log_likelihood(2.0)
    look = sum_look(log, log.log_probs(2.0), log.rewards, "reward chosen", log.offset)
    assert look.log_ratio == pytest.approx(by_scale, abs=1e-9)
    ours = rule_verdict(shown, chosen, BradleyTerry(4, scale=2.0), None)
    assert ours.departure == choices_verdict(log, 2.0).departure
