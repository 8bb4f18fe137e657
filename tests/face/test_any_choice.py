"""What holds for a loop whatever people choose, for finite training sets, and for its voters."""

import math

import numpy as np
import pytest

from recurate import Accumulate, CurationLoop, RewardLaw, share_envelope, worst_divergence
from recurate.any_choice import _log_densities, any_choice, choosers
from recurate.finite_sets import finite_run
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
from recurate.theory.envelopes.rounds import fresh
from recurate.voters_figures import objective, voters_figures
from recurate.worst_case import worst_case

RNG = np.random.default_rng(21)
SIZE = 60
LAW = RewardLaw(
    RNG.normal(size=SIZE),
    RNG.dirichlet(np.ones(SIZE)),
    RNG.integers(3, size=SIZE),
    scores={"length": RNG.normal(size=SIZE)},
)
PROMPTED = RewardLaw(
    LAW.rewards,
    LAW.probs,
    [LAW.group_names[i] for i in LAW.group_index],
    prompts=RNG.integers(4, size=SIZE),
    scores={"length": LAW.scores["length"]},
)
GROUPS = (2, 0, 1)
USERS = Voters(
    [
        (0.5, BradleyTerry(3)),
        (0.3, BradleyTerry(5, scale=-0.5, by="length")),
        (0.2, RandomChoice()),
    ]
)
LOOPS = {
    "paper": {"K": 4, "lam": 0.5},
    "pure": {"K": 2, "lam": math.inf},
    "tilt": {"K": math.inf, "lam": 1.0},
    "hard": {"rule": BestOf(3), "lam": 2.0, "retained": 0.25},
    "users": {"rule": USERS, "lam": 1.0},
    "stages": {"rule": Stages([BestOf(2), BradleyTerry(3)]), "lam": 0.25},
    "share": {"rule": TopShare(0.25), "lam": 1.0},
    "changing": {"rule": [BestOf(2), BestOf(4, 2), USERS, BradleyTerry(2)], "lam": [1, 2, 0.5, 8]},
    "growing": {"rule": BestOf(4), "training": Accumulate(2.0, 3.0)},
}


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("law", [LAW, PROMPTED], ids=["one prompt", "prompts"])
def test_loops_stay_within_what_holds_for_every_choice(name, law):
    loop = CurationLoop(law, **LOOPS[name])
    run = loop.run(steps=4)
    found = any_choice(loop, 4, GROUPS)
    shares = run.group_proportions[:, list(GROUPS)]
    assert found.groups == GROUPS
    for ends in filter(None, (found.ends, found.ends_of_gap)):
        np.testing.assert_allclose(ends.floor[0], shares[0], rtol=1e-12)
        np.testing.assert_allclose(ends.ceiling[0], shares[0], rtol=1e-12)
        assert np.all(shares >= ends.floor - 1e-13)
        assert np.all(shares <= ends.ceiling + 1e-13)
        assert np.all(run.kl_to_reference <= ends.divergence + 1e-13)
        if ends.floor_for_ever is None:
            assert name in ("changing", "growing")
            continue
        limit = loop.fixed_point()
        at_limit = limit.group_proportions[list(GROUPS)]
        assert np.all(at_limit >= ends.floor_for_ever - 1e-13)
        assert np.all(at_limit <= ends.ceiling_for_ever + 1e-13)
        assert limit.kl_to_reference <= ends.divergence_for_ever + 1e-13
    # With Δ nothing is wider than without.
    if found.ends_of_gap is not None:
        assert np.all(found.ends_of_gap.floor >= found.ends.floor - 1e-13)
        assert np.all(found.ends_of_gap.ceiling <= found.ends.ceiling + 1e-13)


def test_without_prompts_it_is_the_envelope_of_each_share():
    loop = CurationLoop(LAW, K=4, lam=0.5)
    ends = any_choice(loop, 3, GROUPS).ends
    u = loop.run(steps=0).group_proportions[0, list(GROUPS)]
    floor, ceiling = share_envelope(u, K=4, lam=0.5, steps=3)
    np.testing.assert_allclose(ends.floor, floor, rtol=1e-14)
    np.testing.assert_allclose(ends.ceiling, ceiling, rtol=1e-14)
    np.testing.assert_array_equal(ends.divergence, worst_divergence(K=4, lam=0.5, steps=3))


def test_with_prompts_it_is_the_mean_of_their_envelopes():
    # Prompt a, of mass 1/2: the group has 1/2 of it; prompt b is all of the group's, c has none.
    law = RewardLaw(
        [0.0, 1.0, 0.0, 0.0], groups=["in", "out", "in", "out"], prompts=["a", "a", "b", "c"]
    )
    ends = any_choice(CurationLoop(law, K=3, lam=1.0), 2, (0,)).ends
    floor, ceiling = share_envelope(0.5, K=3, lam=1.0, steps=2)
    np.testing.assert_allclose(ends.floor[:, 0], floor / 2 + 0.25, rtol=1e-15)
    np.testing.assert_allclose(ends.ceiling[:, 0], ceiling / 2 + 0.25, rtol=1e-15)


@pytest.mark.parametrize("seed", range(8))
def test_who_is_alone_in_a_prompt_has_all_of_it_whatever_is_rounded(seed):
    # Seen: one prompt's share of 1 - 1e-16 took 0.0085 off a floor, in one order of the rows.
    probs = np.random.default_rng(seed).dirichlet(np.ones(40))
    law = RewardLaw(
        np.zeros(40), probs, ["in"] * 38 + ["in", "out"], prompts=["a"] * 38 + ["b"] * 2
    )
    ends = any_choice(CurationLoop(law, K=3, lam=1.0), 2, (0,)).ends
    rest = probs[38:].sum()
    alone = RewardLaw([0.0, 0.0], probs[38:] / rest, ["in", "out"])
    floor = any_choice(CurationLoop(alone, K=3, lam=1.0), 2, (0,)).ends.floor_for_ever
    np.testing.assert_allclose(ends.floor_for_ever, 1 - rest + rest * floor, rtol=1e-12)


def test_a_group_that_is_avoided_has_the_floor_and_the_two_rewards_that_of_the_gap():
    avoided = RewardLaw([0.0, 1.0, 2.0], [0.3, 0.4, 0.3], groups=["low", "mid", "high"])
    hard = CurationLoop(avoided, rule=BestOf(3), lam=2.0)
    ends = any_choice(hard, 5, (0, 2)).ends
    run = hard.run(steps=5).group_proportions
    np.testing.assert_allclose(run[:, 0], ends.floor[:, 0], rtol=1e-13)
    np.testing.assert_allclose(run[:, 2], ends.ceiling[:, 1], rtol=1e-13)
    two = RewardLaw([0.0, 1.5], [0.3, 0.7], groups=["low", "high"])
    soft = CurationLoop(two, K=3, lam=2.0)
    found = any_choice(soft, 5, (0, 1))
    assert found.gap == 1.5
    assert found.is_narrower
    run = soft.run(steps=5).group_proportions
    np.testing.assert_allclose(run[:, 0], found.ends_of_gap.floor[:, 0], rtol=1e-12)
    np.testing.assert_allclose(run[:, 1], found.ends_of_gap.ceiling[:, 1], rtol=1e-12)
    np.testing.assert_allclose(
        soft.fixed_point().group_proportions[0], found.ends_of_gap.floor_for_ever[0], rtol=1e-12
    )


def test_divergence_with_a_gap():
    # h = KR/(K-1+R) with K = 2 and R = 3 is 3/2: D_t = m + a h D_{t-1}, and 1/(1 - λ(h-1))
    law = RewardLaw([0.0, math.log(3.0)])
    ends = any_choice(CurationLoop(law, K=2, lam=1.5), 2, ()).ends_of_gap
    assert ends.floor.shape == (3, 0)
    wide = worst_divergence(K=2, lam=1.5, steps=2)
    densities = [1.0, 0.4 + 0.6 * 1.5, 0.4 + 0.9 * (0.4 + 0.9)]
    np.testing.assert_allclose(ends.divergence, np.minimum(wide, np.log(densities)), rtol=1e-13)
    assert ends.divergence_for_ever == pytest.approx(-math.log(1 - 1.5 * 0.5), rel=1e-13)
    # K = inf: h = R
    ends = any_choice(CurationLoop(law, K=math.inf, lam=0.25), 1, ()).ends_of_gap
    assert ends.divergence[1] == pytest.approx(math.log(0.8 + 0.2 * 3), rel=1e-13)
    assert ends.divergence_for_ever == pytest.approx(-math.log(1 - 0.25 * 2), rel=1e-13)


@pytest.mark.parametrize("lam", [1e-6, 1e-12, 1e-18, 1e-300])
def test_divergence_with_a_gap_of_tiny_lambda(lam):
    # -log(1 - λ(h-1)) is λ(h-1) to a relative λ; h = R for K = inf, where S_t is infinite
    law = RewardLaw([0.0, math.log(3.0)])
    ends = any_choice(CurationLoop(law, K=math.inf, lam=lam), 3, ()).ends_of_gap
    assert ends.divergence_for_ever == pytest.approx(2.0 * lam, rel=1e-13 + 3 * lam, abs=0)
    assert ends.divergence[1] == pytest.approx(2.0 * lam, rel=1e-13 + 3 * lam, abs=0)
    assert np.all(np.diff(ends.divergence) >= 0)
    assert ends.divergence[-1] <= ends.divergence_for_ever


def test_divergence_with_a_gap_beyond_a_double():
    law = RewardLaw([0.0, 800.0])
    ends = any_choice(CurationLoop(law, K=math.inf, lam=1.0), 3, ()).ends_of_gap
    assert ends.divergence.tolist() == [0.0, math.inf, math.inf, math.inf]
    # h = K to a relative e^{-800}: log D_t of D' = m + a K D
    logs = _log_densities([fresh(1.0, [(1.0, 1e9)])] * 60, None, 800.0)[0]
    density = 1
    for log in logs[1:]:
        density = (1 + 10**9 * density) / 2 if density < 1e300 else density
        if density < 1e300:
            assert log == pytest.approx(math.log(density), rel=1e-13)
    assert np.diff(logs)[-1] == pytest.approx(math.log(5e8), rel=1e-12)


def test_rewards_without_a_gap_leave_the_real_data_for_ever():
    law = RewardLaw([1.0, 1.0])
    ends = any_choice(CurationLoop(law, K=math.inf, lam=math.inf), 2, ()).ends_of_gap
    assert ends.divergence.tolist() == [0.0] * 3
    assert ends.divergence_for_ever == 0.0


def test_the_largest_divergence_is_that_of_the_rarest_samples():
    law = RewardLaw([0.0, 1.0, 2.0], [0.5, 0.3, 0.2])
    assert any_choice(CurationLoop(law, K=2, lam=1.0), 1, ()).most_divergence == pytest.approx(
        math.log(5.0), rel=1e-14
    )
    # Prompt a, of mass .6, has 1/2 and 1/2 (and a row without mass), b is one row.
    law = RewardLaw([0.0, 1.0, 9.0, 2.0], [0.3, 0.3, 0.0, 0.4], prompts=[*"aaab"])
    assert any_choice(CurationLoop(law, K=2, lam=1.0), 1, ()).most_divergence == pytest.approx(
        0.6 * math.log(2.0), rel=1e-14
    )


def test_nothing_is_narrower_where_nothing_is_chosen():
    assert not any_choice(CurationLoop(LAW, K=1, lam=1.0), 3, GROUPS).is_narrower
    assert not any_choice(CurationLoop(LAW, K=1, lam=math.inf), 3, GROUPS).is_narrower
    assert not any_choice(CurationLoop(LAW, K=4, lam=0.0), 3, GROUPS).is_narrower


def test_the_gap_is_within_prompts_and_on_the_support():
    law = RewardLaw([0.0, 1.0, 5.0, 7.0, 99.0], [0.25] * 4 + [0.0], prompts=[*"aabbb"])
    assert any_choice(CurationLoop(law, K=2, lam=1.0), 1, ()).gap == 2.0
    voters = Voters([(0.5, BradleyTerry(2, scale=-3)), (0.5, RandomChoice())])
    assert any_choice(CurationLoop(law, rule=voters, lam=1.0), 1, ()).gap == 6.0
    assert any_choice(CurationLoop(law, rule=BestOf(2), lam=1.0), 1, ()).gap is None


def test_which_choices_are_among_how_many():
    assert choosers(USERS) == [
        (pytest.approx(0.5), 3.0),
        (pytest.approx(0.3), 5.0),
        (pytest.approx(0.2), 1.0),
    ]
    nested = Voters([(0.5, Voters([(0.5, BestOf(2)), (0.5, BestOf(3))])), (0.5, BradleyTerry(2))])
    assert choosers(nested) == [(0.75, 2.0), (0.25, 3.0)]
    assert choosers(Stages([BestOf(2), BestOf(3)])) == [(1.0, 6.0)]
    assert choosers(TopShare(0.5)) == choosers(Accept(None)) == [(1.0, math.inf)]
    assert choosers(PairwisePreference(np.full((2, 2), 0.5))) == [(1.0, 2.0)]


def test_no_steps_and_no_groups():
    found = any_choice(CurationLoop(LAW, K=4, lam=0.25), 0, ())
    assert found.candidates == 4
    assert found.ends.floor.shape == (1, 0)
    assert found.ends.divergence.tolist() == [0.0]
    assert 0 < found.ends.divergence_for_ever < 0.1
    assert (
        any_choice(CurationLoop(LAW, rule=BestOf(3), training=Accumulate()), 0, ()).candidates == 3
    )


def test_one_run_on_finitely_many_choices():
    # Rewards 0 and 1, K = 1: nothing is chosen, c = a, and T3 is a^t TV_0 + λ (1 - a^t)/(2 √N).
    law = RewardLaw([0.0, 1.0], [0.5, 0.5])
    loop = CurationLoop(law, K=1, lam=3.0)
    run = loop.run(steps=4)
    found = finite_run(loop, run, loop.fixed_point(), 100)
    expected = 3.0 * (1 - 0.75 ** np.arange(5)) / 20
    np.testing.assert_allclose(found.distance, expected, rtol=1e-13)
    assert found.for_ever == pytest.approx(0.15, rel=1e-13)
    assert found.missing == ""
    # Never above one, which every distance is; and the start's distance is that of the loop.
    loop = CurationLoop(LAW, K=4, lam=3.0)
    run, limit = loop.run(steps=4), loop.fixed_point()
    found = finite_run(loop, run, limit, 1)
    assert found.distance[0] == pytest.approx(0.5 * np.abs(limit.probs - LAW.probs).sum(), rel=1e-9)
    assert np.all(found.distance <= 1.0)
    assert found.for_ever == 1.0


def test_one_run_without_synthetic_data_stays_where_it_is():
    loop = CurationLoop(LAW, K=4, lam=0.0)
    found = finite_run(loop, loop.run(steps=3), loop.fixed_point(), 100)
    assert found.distance.tolist() == [0.0] * 4
    assert found.for_ever == 0.0


def test_runs_on_ten_choices_are_within_the_bound_of_finite_sets():
    # Two atoms and N = 10: how many of the ten are the better one is binomial, given the last
    # number of them, so that the mean distance is a sum over numbers from 0 to 10.
    law = RewardLaw([0.0, 1.0], [0.6, 0.4])
    loop = CurationLoop(law, K=2, lam=1.0)
    limit = loop.fixed_point()
    bound = finite_run(loop, loop.run(steps=5), limit, 10).distance
    better, number = math.e / (1 + math.e), np.arange(11)
    shares, chances = np.array([0.4]), np.array([1.0])
    for t in range(1, 6):
        wins = shares**2 + 2 * shares * (1 - shares) * better
        ways = np.array([math.comb(10, n) for n in number])
        table = ways * wins[:, None] ** number * (1 - wins[:, None]) ** (10 - number)
        chances, shares = chances @ table, 0.5 * 0.4 + 0.5 * number / 10
        mean = chances @ np.abs(shares - limit.probs[1])
        assert 0.1 * bound[t] < mean <= bound[t]  # nor is the bound far off


@pytest.mark.parametrize(
    ("law", "given", "missing"),
    [
        (LAW, LOOPS["pure"], "it needs real data in each training set"),
        (LAW, LOOPS["hard"], "it needs Bradley–Terry's choice by one reward"),
        (LAW, {"K": 2, "training": Accumulate()}, "it needs training sets that are made anew"),
        (LAW, {"K": 2, "lam": [1.0]}, "it needs one λ"),
        (
            PROMPTED,
            {"K": 2, "lam": math.inf, "retained": 0.5},
            "it needs training sets without uncurated samples and real data in each training set "
            "and one set of candidates, without prompts",
        ),
        (PROMPTED, LOOPS["paper"], "it needs one set of candidates, without prompts"),
    ],
    ids=["pure", "rule", "growing", "changing", "retained", "prompts"],
)
def test_finite_sets_of_other_loops_have_no_bound(law, given, missing):
    loop = CurationLoop(law, **given)
    found = finite_run(loop, loop.run(steps=1), None, 10)
    assert found.distance is None
    assert found.missing == missing


def test_one_voter_of_infinitely_many_candidates_climbs_the_implicit_objective():
    loop = CurationLoop(LAW, K=math.inf, lam=2.0)
    run, limit = loop.run(steps=6), loop.fixed_point()
    found = objective(loop, run, limit)
    direct = [
        math.log(run.probs(t) @ np.exp(LAW.rewards)) - run.kullback_leibler(None, t) / 2.0
        for t in range(7)
    ]
    np.testing.assert_allclose(found.values, np.array(direct) - direct[0], rtol=1e-10, atol=1e-14)
    assert np.all(np.diff(found.values) > 0)
    # J1: within KL(p*‖p_0)/(t+1) of the maximum
    left = found.at_limit - found.values
    assert np.all(left >= 0)
    assert np.all(left <= limit.kl_to_reference / np.arange(1, 8))
    assert (found.lam, found.is_one) == (2.0, True)


@pytest.mark.parametrize("law", [LAW, PROMPTED], ids=["one prompt", "prompts"])
@pytest.mark.parametrize("lam", [1.0, math.inf])
def test_many_voters_climb_theirs(law, lam):
    rule = Voters([(0.6, BradleyTerry(math.inf)), (0.4, BradleyTerry(math.inf, by="length"))])
    loop = CurationLoop(law, rule=rule, lam=lam)
    run = loop.run(steps=6)
    found = objective(loop, run, loop.fixed_point())
    assert np.all(np.diff(found.values) > 0)
    assert found.values[-1] < found.at_limit
    assert not found.is_one
    if lam == math.inf:
        welfare = voters_figures(loop, run, None)
        rise = 0.6 * welfare[0].log_weights + 0.4 * welfare[1].log_weights
        np.testing.assert_allclose(found.values, rise, rtol=1e-12, atol=1e-14)


def test_loops_without_an_objective():
    others = [LOOPS[name] for name in ("paper", "users", "hard", "changing", "growing")]
    for given in (*others, {"K": math.inf, "lam": 0.0}):
        loop = CurationLoop(LAW, **given)
        assert objective(loop, loop.run(steps=4), None) is None


def test_noise_makes_the_lambda_of_the_objective_smaller():
    rule = Voters([(0.75, BradleyTerry(math.inf)), (0.25, RandomChoice())])
    loop = CurationLoop(LAW, rule=rule, lam=2.0, retained=0.5)
    assert objective(loop, loop.run(steps=1), None).lam == pytest.approx(0.75)


def test_voters_gain_what_voters_gain_says():
    # J4 by hand, one pure step: E_T w_v - E w_v = Σ_u π_u Cov(w_u, w_v)/E w_u
    rule = Voters([(0.4, BradleyTerry(math.inf)), (0.6, BradleyTerry(math.inf, scale=-2.0))])
    loop = CurationLoop(LAW, rule=rule, lam=math.inf)
    first, adversary = voters_figures(loop, loop.run(steps=1), None)
    weights = [np.exp(LAW.rewards), np.exp(-2.0 * LAW.rewards)]
    for voter, own in zip((first, adversary), weights, strict=True):
        mean = LAW.probs @ own
        gain = sum(
            share * (LAW.probs @ (other * own) / (LAW.probs @ other) - mean)
            for share, other in zip((0.4, 0.6), weights, strict=True)
        )
        assert math.exp(voter.log_weights[1]) == pytest.approx(1 + gain / mean, rel=1e-12)
        assert voter.loses == (gain < 0)
    assert {first.loses, adversary.loses} == {True, False}
    assert (first.share, adversary.share) == (pytest.approx(0.4), pytest.approx(0.6))


def test_whose_weights_are_followed():
    loop = CurationLoop(LAW, **LOOPS["users"])
    found = voters_figures(loop, loop.run(steps=4), loop.fixed_point())
    assert [voter.share for voter in found] == [pytest.approx(0.5), pytest.approx(0.3)]
    assert found[1].rule == BradleyTerry(5, scale=-0.5, by="length")
    run = loop.run(steps=4)
    direct = [math.log(run.probs(t) @ np.exp(LAW.rewards)) for t in range(5)]
    np.testing.assert_allclose(
        found[0].log_weights, np.array(direct) - direct[0], rtol=1e-10, atol=1e-14
    )
    for name in ("paper", "hard", "changing"):  # one voter, no weights, another rule at each step
        loop = CurationLoop(LAW, **LOOPS[name])
        assert voters_figures(loop, loop.run(steps=4), None) == ()


def test_worst_case_is_just_kept():
    u = float(LAW.probs[LAW.group_index == 0].sum())
    group = LAW.group_names[0]
    for given in (
        {"K": 4},
        {"K": 4, "retained": 0.25},
        {"rule": USERS},
        {"rule": BestOf(3)},
        {"K": math.inf},
    ):
        for steps in (None, 3):
            for limit in ({"min_share": 0.7 * u}, {"max_share": 1.5 * u}):
                found = worst_case(LAW, group=group, steps=steps, **given, **limit)
                value = next(iter(limit.values()))
                assert found.reached == pytest.approx(value, rel=1e-9)
                assert found.lam > 0
                # and a little more is too much, by the ends that predict prints
                loop = CurationLoop(LAW, **given, lam=1.01 * found.lam)
                ends = any_choice(loop, steps or 0, (0,)).ends
                end = (
                    (ends.floor_for_ever, ends.ceiling_for_ever)
                    if steps is None
                    else (ends.floor[-1], ends.ceiling[-1])
                )["max_share" in limit][0]
                assert (end > value) == ("max_share" in limit)
        if given.get("K") != math.inf:
            for steps in (None, 3):
                found = worst_case(LAW, max_kl=0.01, steps=steps, **given)
                assert found.reached == pytest.approx(0.01, rel=1e-9)


def test_the_closed_form_is_what_halving_finds():
    # The same law as one prompt has no closed form.
    prompted = RewardLaw(
        LAW.rewards, LAW.probs, [LAW.group_names[i] for i in LAW.group_index], prompts=[0] * SIZE
    )
    group = LAW.group_names[1]
    by_form = worst_case(LAW, K=5, group=group, min_share=0.1).lam
    assert worst_case(prompted, K=5, group=group, min_share=0.1).lam == pytest.approx(
        by_form, rel=1e-10
    )
    u = float(LAW.probs[LAW.group_index == 1].sum())
    assert by_form == pytest.approx((u - 0.1) / (0.1 - 0.1**5), rel=1e-12)


def test_worst_case_of_K():
    group = LAW.group_names[0]
    u = float(LAW.probs[LAW.group_index == 0].sum())
    found = worst_case(LAW, lam=0.5, group=group, max_share=1.4 * u)
    assert found.chosen == "K"
    more = worst_case(LAW, K=found.K + 1, group=group, max_share=1.4 * u)
    assert more.lam < 0.5 <= worst_case(LAW, K=found.K, group=group, max_share=1.4 * u).lam
    assert found.reached <= 1.4 * u
    assert worst_case(LAW, lam=0.01, group=group, min_share=0.5 * u).K == math.inf
    assert worst_case(LAW, lam=math.inf, max_kl=1e-3).K == 1
    # No λ above 0 bounds the divergence for all K: the largest that is tried is finite.
    found = worst_case(LAW, lam=1e-300, max_kl=0.1)
    assert (found.K, found.reached < 0.1) == (2**53, True)
    found = worst_case(LAW, lam=0.0, max_kl=0.1)
    assert (found.K, found.reached) == (math.inf, 0.0)
    # a rule that has no limit for K = inf
    assert worst_case(LAW, lam=0.01, rule=BestOf, group=group, min_share=0.5 * u).K == 2**53
    # λ(K-1) <= 1 for ever
    assert worst_case(LAW, lam=2.0**-30, max_kl=0.1).K == 2**30 + 1
    assert worst_case(LAW, lam=1.0, rule=BestOf, max_kl=0.5).rule == BestOf(2)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"K": 4, "group": 0, "min_share": 0.99}, ValueError, "must leave room for the real data"),
        ({"K": 4, "group": 0, "max_share": 0.001}, ValueError, "must leave room for the real data"),
        (
            {"K": math.inf, "max_kl": 1.0},
            ValueError,
            "no λ .* above 0 keeps .* any number .* finite K",
        ),
        ({"max_kl": 1.0}, TypeError, "exactly one of K and lam"),
        ({"K": 4, "max_kl": 1.0, "min_share": 0.1}, TypeError, "exactly one of max_kl"),
        ({"K": 4, "max_kl": 1.0, "steps": 0}, ValueError, "steps must be an integer of at least 1"),
        ({"K": 4, "group": "none", "min_share": 0.1}, ValueError, "group must be one of the law's"),
        ({"rule": [BestOf(2)] * 3, "max_kl": 1.0}, ValueError, "steps must be given for a rule"),
    ],
)
def test_worst_case_with_bad_input(given, error, message):
    with pytest.raises(error, match=message):
        worst_case(LAW, **given)


def test_worst_case_of_a_limit_without_room():
    law = RewardLaw([0.0, 1.0], groups=["a", "b"])
    with pytest.raises(ValueError, match="only real data alone do; leave the limit more room"):
        worst_case(law, K=3, group="a", min_share=0.5)


def test_worst_case_of_a_rule_that_changes():
    rule = [BestOf(2), BestOf(5), BradleyTerry(3)]
    found = worst_case(LAW, rule=rule, max_kl=0.1, steps=3)
    assert found.reached == pytest.approx(0.1, rel=1e-9)
    assert math.isnan(found.K)
    steps = worst_divergence(K=[2, 5, 3], lam=found.lam, steps=3)
    assert steps[-1] == pytest.approx(0.1, rel=1e-9)
