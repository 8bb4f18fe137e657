"""Choices among loops of any rules: closed forms, the paper's own search, and resampled tables."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, choose
from recurate.numerics.inference import family_choices
from recurate.numerics.inference.family_search import Family, FamilySearch
from recurate.numerics.inference.limits import Limit
from recurate.rules import Accept, BestOf, BradleyTerry, RandomChoice, Voters

# Half of it at each of two rewards, of which the best of two takes three quarters to the upper one:
# T(p)(high) = 1 - (1 - p)^2.
LAW = RewardLaw([0.0, 1.0], groups=["low", "high"], scores={"length": [10.0, 30.0]})


def after_one_step(lam):
    return (0.5 + lam * 0.75) / (1 + lam)


@pytest.mark.parametrize(
    "limit",
    [
        {"group": "high", "max_share": 0.6},
        {"group": "low", "min_share": 0.4},
        {"score": "length", "max_score": 22.0},  # 10 + 20 · 0.6
        {"max_kl": 0.6 * math.log(1.2) + 0.4 * math.log(0.8)},
    ],
)
def test_the_largest_mixing_of_one_step(limit):
    found = choose(LAW, rule=BestOf(2), **limit, steps=1)
    assert found.lam == pytest.approx(2 / 3, rel=1e-8)  # (1/2 + 3λ/4)/(1+λ) = 0.6
    assert (found.chosen, found.K, found.step, found.steps) == ("lam", 2, 1, 1)
    assert (found.rule, found.retained) == (BestOf(2), None)
    assert found.loop(LAW).run(steps=1).probs(1)[1] == pytest.approx(0.6, rel=1e-8)


def test_retained_samples_weaken_the_choice():
    # A half uncurated: p_1 = (1/2 + λ (1/4 + 3/8))/(1+λ) = 0.6 at λ = 4.
    found = choose(LAW, rule=BestOf(2), retained=0.5, group="high", max_share=0.6, steps=1)
    assert found.lam == pytest.approx(4.0, rel=1e-8)
    assert found.retained == 0.5
    assert found.loop(LAW).retained == 0.5


def test_rules_of_t():
    # Nothing is selected in the first step, so that the second one is the only one.
    found = choose(LAW, rule=[RandomChoice(), BestOf(2)], group="high", max_share=0.6, steps=2)
    assert found.lam == pytest.approx(2 / 3, rel=1e-8)
    assert (found.step, math.isnan(found.K)) == (2, True)


def test_the_largest_number_of_candidates():
    # T(p)(high) = 1 - 2^-K: within 0.9 for K <= 3, and with λ = 1 p_1 = 0.7 at most for K = 3.
    for lam, limit in ((math.inf, 0.9), (1.0, 0.7)):
        found = choose(LAW, rule=BestOf, lam=lam, group="high", max_share=limit, steps=1)
        assert (found.chosen, found.K, found.rule) == ("K", 3, BestOf(3))
    # With another kind of voters, who always take half of all choices, 3/4 - 2^-(K+1).
    found = choose(
        LAW,
        rule=lambda K: Voters([(0.5, BestOf(K)), (0.5, RandomChoice())]),
        lam=math.inf,
        group="high",
        max_share=0.745,
        steps=1,
    )
    assert found.K == 6  # 1/128 = .0078 below 3/4; one more is .0039 below


def test_any_finite_number_of_candidates():
    found = choose(LAW, rule=BestOf, lam=0.1, group="high", max_share=0.9, steps=1)
    assert found.K == 4**10  # the largest that is tried, as it cannot be infinite


@pytest.mark.parametrize("limit", [{"max_kl": 0.05}, {"group": 1, "max_share": 0.6}])
@pytest.mark.parametrize("steps", [7, None])
def test_one_voter_has_the_choice_of_K(limit, steps):
    rng = np.random.default_rng(1)
    law = RewardLaw(rng.normal(size=60), groups=[0, 1] * 30, scores={"same": rng.normal(size=60)})
    law = RewardLaw(law.rewards, groups=[0, 1] * 30, scores={"same": law.rewards})
    paper = choose(law, K=3, **limit, steps=steps)
    for rule in (BradleyTerry(3), BradleyTerry(3, by="same")):
        found = choose(law, rule=rule, **limit, steps=steps)
        assert found.lam == pytest.approx(paper.lam, rel=3e-9)
        assert found.reached == pytest.approx(paper.reached, rel=1e-8)
    assert choose(law, rule=BradleyTerry(3), **limit, steps=steps) == paper


def test_the_limit_holds_and_not_beyond():
    # The middle group gains while the best one is small.
    law = RewardLaw([0.0, 2.0, 6.0], [0.9, 0.0999, 0.0001], groups="abc")
    arguments = {"rule": BestOf(4), "group": "b", "max_share": 0.5}
    found = choose(law, **arguments, steps=4)
    shares = [
        CurationLoop(law, rule=BestOf(4), lam=lam).run(steps=4).group_proportions[:, 1].max()
        for lam in (found.lam * (1 - 1e-6), found.lam * (1 + 1e-6))
    ]
    assert shares[0] < 0.5 < shares[1]
    with pytest.raises(ValueError, match=r"^max_share must leave .*: the share of 'b' is 0.0999"):
        choose(law, **arguments | {"max_share": 0.05}, steps=4)


def factors_by_rows(tables, counts):
    """What each table multiplies the masses of the cells by, where each row is a cell."""
    assert tables._bins[0].cell_mass.size == counts.shape[1]
    return counts


@pytest.mark.parametrize(
    ("family", "own"),
    [
        (Family(Voters([(0.5, BestOf(3)), (0.5, BestOf(2, by="b"))]), None, None), 1.0),
        (Family(BradleyTerry(4, by="b"), None, 0.25), 0.7),
        (Family(BestOf, 1.0, None), 3.0),
    ],
)
@pytest.mark.parametrize("limit", [{"max_kl": 0.1}, {"group": 0, "max_share": 0.65}])
def test_resampled_tables_are_searched(monkeypatch, family, own, limit):
    rng = np.random.default_rng(3)
    rewards = np.sort(rng.normal(size=40))
    scores = {"b": rewards + rng.normal(size=40)}
    groups = (rewards < 0.3).astype(int).tolist()[::-1]
    law = RewardLaw(rewards, groups=groups, scores=scores)
    counts = rng.poisson(1.0, size=(8, 40)).astype(float)
    # Cells are by bin, and bins by reward, as no two agree.
    monkeypatch.setattr(family_choices, "resampled", lambda *_: counts)
    of = Limit.of(law, limit.get("group"), limit.get("max_kl"), limit.get("max_share"), None)
    question = family_choices.Question(family, law, of, own, 5)
    found = family_choices.choices(
        question, replicates=8, generator=np.random.default_rng(0), on_try=None
    )
    for row, mine in zip(counts, found, strict=True):
        table = RewardLaw(rewards, row / row.sum(), groups, scores=scores)
        try:
            search = FamilySearch(family, table, of, 5, False, tolerance=1e-6)
            expected = search.largest()
        except ValueError:
            expected = 0.0 if family.seeks_mixing else 1.0
        assert mine == pytest.approx(expected, rel=2e-3)


def test_ranges_within_prompts_are_those_of_the_loop_of_K():
    rng = np.random.default_rng(4)
    law = RewardLaw(rng.normal(size=240), groups=[0, 1] * 120, prompts=np.repeat(range(60), 4))
    for limit in ({"max_kl": 0.1}, {"group": 0, "max_share": 0.6}):
        arguments = {**limit, "steps": 5, "replicates": 60, "rng": 1}
        paper = choose(law, K=3, **arguments)
        found = choose(law, rule=Voters([(1, BradleyTerry(3))]), **arguments)
        assert found.lam == pytest.approx(paper.lam, rel=1e-8)
        np.testing.assert_allclose(found.resampled, paper.resampled, rtol=1e-6)
        assert (found.what, found.held) == (paper.what, paper.held)


def test_scores_within_prompts():
    # Resampling prompts that are all alike changes nothing; nor does it the answer of one of them.
    law = RewardLaw(
        [0.0, 1.0] * 30, prompts=np.repeat(range(30), 2), scores={"length": [10.0, 30.0] * 30}
    )
    found = choose(
        law, rule=BestOf(2), score="length", max_score=22.0, steps=1, replicates=50, rng=0
    )
    assert found.lam == pytest.approx(2 / 3, rel=1e-8)
    assert found.lam_range == pytest.approx((2 / 3, 2 / 3), rel=1e-6)


def test_tables_in_which_nothing_can_be_accepted_are_counted():
    law = RewardLaw(np.arange(50.0), scores={"right": np.arange(50) < 2})
    found = choose(law, rule=Accept("right"), max_kl=0.3, steps=2, replicates=100, rng=0)
    assert found.resampled.size + found.failed == 100
    drawn = np.random.default_rng(0).poisson(1.0, size=(100, 50))
    assert found.failed == (drawn[:, :2].sum(axis=1) == 0).sum() > 0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"rule": BestOf(2)}, TypeError, "^exactly one of max_kl"),
        ({"K": 2, "rule": BestOf(2), "max_kl": 1}, TypeError, "^K and rule must not both be given"),
        ({"rule": BestOf(2), "lam": 1, "max_kl": 1}, TypeError, "^rule must be a function of K"),
        ({"rule": lambda K: K, "lam": 1, "max_kl": 1}, TypeError, r"^rule\(K\) must be a rule"),
        ({"rule": BestOf, "max_kl": 1}, TypeError, r"^rule must be a rule, .*: write BestOf\(…\)$"),
        ({"rule": [BestOf(2)], "max_kl": 1}, ValueError, "^steps must be given for a rule that ch"),
        ({"K": 2, "retained": [0.5], "max_kl": 1}, ValueError, "^steps must be given where retain"),
        ({"K": 2, "score": "width", "max_score": 1}, ValueError, r"^score must be one of .*length"),
        ({"K": 2, "max_score": 1}, ValueError, "^score must be one of .*; got None$"),
        ({"K": 2, "score": "length", "max_kl": 1}, TypeError, "^score goes with max_score or min_"),
        (
            {"K": 2, "score": "length", "max_score": 15},
            ValueError,
            "the mean of 'length' is 20 the",
        ),
        (
            {"rule": lambda K: BestOf(K + 4), "lam": 9, "max_kl": 0.1, "steps": 3},
            ValueError,
            "^the limit 0.1 must allow K = 1; it allows less",
        ),
    ],
)
def test_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        choose(LAW, **arguments)
