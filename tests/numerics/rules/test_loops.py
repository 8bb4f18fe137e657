"""Loops with a rule of choice: against exact rationals, and values that are known."""

import csv
import math
from fractions import Fraction

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.numerics import curation
from recurate.numerics.loop import STATE_ERROR
from recurate.numerics.rules.levels import levels_of
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

from ...own_rules import WorseOfTwo
from ..oracles import logs, worst
from .exact_rules import ExactLaw, random_rule
from .test_real_tables import INPUTS

FIGURES = (
    "expected_weight",
    "variance_weight",
    "expected_reward",
    "kl_to_reference",
    "mass_at_max",
    "group_proportions",
    "expected_scores",
)
LAW = RewardLaw(
    [0.3, -1.0, 0.3, 2.0, 0.3],
    [0.1, 0.2, 0.3, 0.1, 0.3],
    groups=["a", "b", "a", "b", "c"],
    scores={"length": [3.0, 1.0, 1.0, 2.0, 1.0], "right": [0.0, 0.5, 1.0, 1.0, 0.25]},
)
STEPS = 3


def exact_states(rule, reference, start, real):
    """p_0, …, p_3 from p_{t+1} = m p_ref + (1 - m) p_t H, in rationals."""
    states = [start]
    for _ in range(STEPS):
        pairs = zip(reference, states[-1], rule(states[-1]), strict=True)
        states.append([real * q + (1 - real) * p * h for q, p, h in pairs])
    return states


@pytest.mark.parametrize("seed", range(6))
def test_loops_are_their_definition(seed):
    rng = np.random.default_rng(seed)
    for _ in range(25):
        of = ExactLaw.random(rng)
        rule, exact = random_rule(rng, of)
        real = [Fraction(0), Fraction(1, 3), Fraction(3, 4), Fraction(1)][int(rng.integers(4))]
        lam = float((1 - real) / real) if real else math.inf
        start = of.probs
        if rng.integers(2):
            masses = rng.integers(1, 5, len(of.probs))
            start = [Fraction(int(m), int(masses.sum())) for m in masses]
        law = RewardLaw(
            of.law.rewards, [float(p) for p in of.probs], of.labels, scores=of.law.scores
        )
        run = CurationLoop(law, rule=rule, lam=lam).run(
            steps=STEPS, initial=None if start is of.probs else [float(p) for p in start]
        )
        for t, state in enumerate(exact_states(exact, of.probs, start, real)):
            probs = np.array([float(p) for p in state])
            assert np.abs(run.probs(t) - probs).max() <= 1e-13, (rule, of)
            # Whether TopShare's edge is at a level or beside it is a matter of the last digit.
            if "TopShare" not in repr(rule):
                assert worst(run.log_probs(t), logs(state)) <= STATE_ERROR * max(t, 1), (rule, of)
            _assert_figures(run, t, law, probs)


def _assert_figures(run, t, law, probs):
    groups = np.bincount(law.group_index, probs, len(law.group_names))
    np.testing.assert_allclose(run.group_proportions[t], groups, atol=1e-12)
    scores = [probs @ values for values in law.scores.values()]
    np.testing.assert_allclose(run.expected_scores[t], scores, atol=1e-12)
    assert run.expected_reward[t] == pytest.approx(probs @ law.rewards, abs=1e-12)
    assert run.expected_weight[t] == pytest.approx(probs @ law.relative_weights, abs=1e-12)
    spread = probs @ law.relative_weights**2 - (probs @ law.relative_weights) ** 2
    assert run.variance_weight[t] == pytest.approx(spread, abs=1e-12)
    at_max = probs[law.rewards == law.max_reward].sum()
    assert run.mass_at_max[t] == pytest.approx(at_max, abs=1e-12)
    there = probs > 0
    if (law.probs[there] == 0).any():
        assert run.kl_to_reference[t] == math.inf
    else:
        ratios = np.log(probs[there] / law.probs[there])
        assert run.kl_to_reference[t] == pytest.approx(probs[there] @ ratios, abs=1e-12)


@pytest.mark.parametrize("K", [1, 4, math.inf])
@pytest.mark.parametrize("size", [50, 10_000])  # on all rewards, and compressed
def test_K_is_short_for_bradley_terry(K, size):
    law = RewardLaw(np.random.default_rng(0).normal(size=size), groups=np.arange(size) % 3)
    short, whole = CurationLoop(law, K=K, lam=2.0), CurationLoop(law, rule=BradleyTerry(K), lam=2.0)
    assert repr(short) == repr(whole)
    assert short.rule == whole.rule == BradleyTerry(K)
    assert short.K == whole.K == K
    runs = [loop.run(steps=3) for loop in (short, whole)]
    for name in FIGURES:
        np.testing.assert_array_equal(*(getattr(run, name) for run in runs))
    assert all((run.error_estimate > 0) == (size == 10_000) for run in runs)


@pytest.mark.parametrize(
    ("rule", "levels"),
    [  # by hand: LAW's rows (reward, length, right, group) are told apart by what is read
        (RandomChoice(), 3),
        (BestOf(2), 3),
        (Voters([(0.5, BestOf(2)), (0.5, TopShare(0.5))]), 3),
        (BradleyTerry(2, by="length"), 4),
        (Accept("right"), 5),
        (PairwisePreference(np.full((3, 3), 0.5), of="groups"), 4),
        (Stages([BestOf(2, by="length"), Accept("right")]), 5),
        (PairwisePreference(np.full((5, 5), 0.5)), 5),
    ],
    ids=repr,
)
def test_atoms_that_a_rule_treats_alike_are_one_level(rule, levels):
    assert levels_of(LAW, [rule], None)[0].rewards.size == levels
    assert levels_of(LAW, [rule], np.full(5, 0.2))[0].rewards.size == 5


@pytest.mark.parametrize("lam", [0.7, math.inf])
def test_one_voter_is_the_loop_of_K(lam):
    for law in (LAW, RewardLaw.from_density(lambda r: 2 * r, support=(0, 1))):
        expected = CurationLoop(law, K=4, lam=lam).run(steps=5)
        found = CurationLoop(law, rule=Voters([(1, BradleyTerry(4))]), lam=lam).run(steps=5)
        for name in FIGURES:
            np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def probs_after(rule, steps, law=LAW, lam=math.inf):
    return CurationLoop(law, rule=rule, lam=lam).run(steps=steps).probs(steps)


def assert_near(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_special_cases():
    assert_near(probs_after(BestOf(3), 4), probs_after(BestOf(81), 1))
    by_length = BradleyTerry(3, by="length")
    assert_near(
        probs_after(Voters([(0.2, by_length), (0.8, by_length)]), 5, lam=2.0),
        probs_after(by_length, 5, lam=2.0),
    )
    for rule in (RandomChoice(), TopShare(1), BradleyTerry(1, by="right")):
        assert_near(probs_after(rule, 5), LAW.probs)
    assert_near(probs_after(BestOf(4), 5, lam=0), LAW.probs)


def test_flipped_votes_among_two_are_samples_kept_uncurated():
    # The loser has 2 - H, so (1 - φ) H + φ (2 - H) = (1 - 2φ) H + 2φ.
    flipped = Voters([(0.95, BradleyTerry(2)), (0.05, BradleyTerry(2, scale=-1))])
    retained = Voters([(0.9, BradleyTerry(2)), (0.1, RandomChoice())])
    assert_near(probs_after(flipped, 10, lam=3.0), probs_after(retained, 10, lam=3.0))


COMPROMISE = RewardLaw([5.0, 0.0, 3.0], scores={"second": [0.0, 5.0, 3.0]})


@pytest.mark.parametrize(
    ("share", "K", "first", "compromise"),
    [  # a dense oracle's: the first voter's favourite, and what both somewhat like
        (0.5, 2, 0.0, 1.0),
        (0.5, 3, 0.5, 0.0),
        (0.3, 4, 0.1146, 0.0),
        (0.3, 64, 0.2971, 0.0),
        (0.3, math.inf, 0.2973, 0.0),
    ],
)
def test_few_candidates_find_the_compromise_and_many_the_poles(share, K, first, compromise):
    rule = Voters([(share, BradleyTerry(K)), (1 - share, BradleyTerry(K, by="second"))])
    found = probs_after(rule, 300, COMPROMISE)  # after 200 they move by less than 1e-6
    np.testing.assert_allclose(found[[0, 2]], [first, compromise], atol=5.1e-5)


def test_a_cycle_of_voters_spirals_outwards():
    # A dense oracle's, in log-probabilities: KL from the balance, the uniform law.
    law = RewardLaw([2.0, 1.0, 0.0], scores={"b": [0.0, 2.0, 1.0], "c": [1.0, 0.0, 2.0]})
    voters = [(1 / 3, BradleyTerry(2, by=by)) for by in (None, "b", "c")]
    loop = CurationLoop(law, rule=Voters(voters), lam=math.inf)
    run = loop.run(steps=2000, initial=[0.3, 0.36, 0.34])
    found = [run.kullback_leibler(None, t) for t in (0, 1000, 2000)]
    assert found == pytest.approx([0.0029, 0.0076, 0.0200], abs=5.1e-5)
    found = np.diff([run.kullback_leibler(None, t) for t in range(0, 2001, 100)])
    assert (found > 0).all()


def test_three_raters_as_voters():
    # An independent dense oracle's (tests/face/reading/inputs/README.md): pooled, pure, t = 3.
    with (INPUTS / "raters.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    names = ("rater_a", "rater_b", "rater_c")
    scores = {name: [float(row[name]) for row in rows] for name in names}
    law = RewardLaw(np.zeros(len(rows)), groups=[row["model"] for row in rows], scores=scores)
    rule = Voters([(1 / 3, BradleyTerry(4, scale=5, by=name)) for name in names])
    run = CurationLoop(law, rule=rule, lam=math.inf).run(steps=3)
    assert run.expected_scores[3] == pytest.approx([0.912413, 0.834307, 0.930295], abs=6e-7)
    share = run.group_proportions[3, law.group_names.index("m6")]
    assert share == pytest.approx(0.354221, abs=6e-7)


def test_a_rule_of_ones_own():
    assert_near(
        probs_after(WorseOfTwo(), 4, lam=2.0),
        # by the definition, with the rewards turned around
        probs_after(BestOf(2), 4, RewardLaw(-LAW.rewards, LAW.probs, scores=LAW.scores), lam=2.0),
    )


@pytest.mark.parametrize("start", [None, [0.2] * 5])
def test_the_ratio_is_looked_up_in_its_module(monkeypatch, start):
    def flat(rewards, probs=None, K=None, *, log_probs=None, kernel=None):
        return np.zeros(len(rewards))

    monkeypatch.setattr(curation, "log_curation_ratio", flat)
    rule = Voters([(0.5, BradleyTerry(3)), (0.5, BradleyTerry(math.inf, by="length"))])
    run = CurationLoop(LAW, rule=rule, lam=math.inf).run(steps=3, initial=start)
    assert_near(run.probs(3), run.probs(0))
