"""Hunts over any loops: voters, stages, accumulation, schedules."""

import math

import flint
import numpy as np
import pytest
from hypothesis import strategies as st

from recurate import Accumulate, CurationLoop, RewardLaw, hunt, rules, strategies
from recurate.paper_checks.hunt.drawn import DrawnSpace
from recurate.paper_checks.hunt.margins import Case, FunctionConjecture
from recurate.paper_checks.hunt.simpler import simpler_loops, simpler_rules
from recurate.paper_checks.runs.certified_trajectory import certified_margins
from recurate.rules import BestOf, BradleyTerry, RandomChoice, Stages, TopShare, Voters

PURE = {"lam": math.inf}
SIZES = st.sampled_from([1.0, 10.0, 0.1, 1000.0])
GROWN = st.fixed_dictionaries({"training": st.builds(Accumulate, SIZES, SIZES)})


def any_loops(schedules=None):
    return strategies.loops(rules=strategies.rules, schedules=schedules, steps=8)


def tilts(law):
    """Voters with K = inf, by one score or the other."""
    tilt = st.builds(
        BradleyTerry,
        st.just(math.inf),
        scale=st.sampled_from([1.0, -1.0]),
        by=st.sampled_from([None, "second"]),
    )
    shares = st.integers(1, 9).map(lambda n: n / 10)
    return st.builds(lambda s, u, v: Voters([(s, u), (1 - s, v)]), shares, tilt, tilt)


VOTERS = strategies.loops(
    rules=tilts, schedules=st.fixed_dictionaries({"lam": strategies.mixings()})
)


def first_favourite_survives(loop, trajectory):
    """With disjoint optima, the first stage's favourite keeps a thousandth of its share."""
    first, second = loop.law.rewards, loop.law.scores["second"]
    favourite = first == first.max()
    if (favourite & (second == second.max())).any():
        return []
    share = trajectory.probs(trajectory.steps)[favourite].sum()
    return share / loop.law.probs[favourite].sum() - 1 / 1024


def most_after_a_step(fewer):
    """I1, any-choice-bound: T(p)(L) <= 1 - (1-p(L))^K, for single atoms."""

    def claim(loop, trajectory):
        K = loop.rule.most_candidates
        if not fewer < K < math.inf:
            return []
        before, after = trajectory.probs(0), trajectory.probs(1)
        return 1 - (1 - before) ** (int(K) - fewer) - after

    return claim


def floor_of_shares(later):
    """I2, share-envelope: no atom of share u falls below G_t(u), G' = m u + a G^K."""

    def claim(loop, trajectory):
        K = loop.rule.most_candidates
        if not 1 < K < math.inf:
            return []
        u = floor = trajectory.probs(0)
        margins = []
        for t in range(1, trajectory.steps + 1):
            floor = loop.real_fraction * u + loop.synthetic_fraction * floor ** int(K)
            margins.append(trajectory.probs(t) - (floor if later else u))
        return np.concatenate(margins)

    return claim


def accumulation_floor(earlier):
    """L1, accumulation-floor: p_t >= p_ref n_0/(n_0 + t n)."""

    def claim(loop, trajectory):
        real, added = loop.training.real, loop.training.per_round
        margins = []
        for t in range(1, trajectory.steps + 1):
            grown = real + (t - earlier) * added
            margins.append(trajectory.probs(t) * grown - trajectory.probs(0) * real)
        return np.concatenate(margins)

    return claim


def climbs(gain, backwards=False):
    """J1, pluralistic-objective: F(p_{t+1}) - F(p_t) >= KL(p_{t+1}‖p_t)."""

    def claim(loop, trajectory):
        law, m, a = loop.law, loop.real_fraction, loop.synthetic_fraction

        def objective(t):
            p, log_density = trajectory.probs(t), trajectory.log_density(t)
            value = -m * (p @ log_density) if backwards else m * (law.probs @ log_density)
            for share, voter in loop.rule.voters:
                column = law.rewards if voter.by is None else law.scores[voter.by]
                rewards = voter.scale * column
                value = value + a * share * np.log(p @ np.exp(rewards - rewards.max()))
            return value

        def moved(t):
            log_ratio = trajectory.log_probs(t + 1) - trajectory.log_probs(t)
            return trajectory.probs(t + 1) @ log_ratio

        steps = range(trajectory.steps)
        return np.array([objective(t + 1) - objective(t) - gain * moved(t) for t in steps])

    return claim


@pytest.mark.parametrize(
    ("margin", "loops", "steps"),
    [
        (most_after_a_step(0), any_loops(PURE), (1, 1)),
        (floor_of_shares(True), any_loops({"lam": 2.0}), (1, 5)),
        (accumulation_floor(0), any_loops(GROWN), (1, 12)),
        (climbs(1), VOTERS, (1, 4)),
    ],
    ids=["I1", "I2", "L1", "J1"],
)
def test_true_claims_stay_open(margin, loops, steps):
    found = hunt(margin, loops=loops, steps=steps, evaluations=60)
    assert found.verdict == "open", str(found)
    assert found.evaluations == 60
    assert found.least_share < 1  # it did look at some


@pytest.mark.parametrize(
    ("margin", "loops", "steps"),
    [
        (most_after_a_step(1), any_loops(PURE), (1, 1)),
        (floor_of_shares(False), any_loops({"lam": 2.0}), (1, 5)),
        (accumulation_floor(1), any_loops(GROWN), (1, 12)),
        (climbs(2), VOTERS, (1, 4)),
        (climbs(1, backwards=True), VOTERS, (1, 4)),
    ],
    ids=["I1, K - 1", "I2, floor u", "L1, t - 1", "J1, 2 KL", "J1, KL(p‖p_ref)"],
)
def test_their_mutants_are_refuted(margin, loops, steps):
    found = hunt(margin, loops=loops, steps=steps, evaluations=600)
    assert found.verdict == "refuted", str(found)
    assert flint.arb(found.ball) < 0
    again = margin(found.loop, found.loop.run(steps=found.steps))
    assert np.min(again) == pytest.approx(found.least_margin, rel=1e-8)


@pytest.mark.parametrize("K", [2, 4, math.inf])
def test_the_first_stage_s_favourite_may_die_out(K):
    rule = Stages([BradleyTerry(K), BradleyTerry(K, by="second")])
    loops = strategies.loops(rules=rule, schedules=PURE)
    found = hunt(first_favourite_survives, loops=loops, evaluations=600)
    assert found.verdict == "refuted"
    # What all loops have in common is kept, and the rest is made small.
    assert (found.loop.rule, found.loop.lam) == (rule, math.inf)
    assert found.loop.law.size == 2


def test_a_witness_known_beforehand():
    # r_1 = (1, 0), r_2 = (0, 5), p_0 = (.99, .01), K = inf: weights multiply, and e^5 beats e^1.
    law = RewardLaw([1.0, 0.0], [0.99, 0.01], scores={"second": [0.0, 5.0]})
    rule = Stages([BradleyTerry(math.inf), BradleyTerry(math.inf, by="second")])
    loop = CurationLoop(law, rule=rule, lam=math.inf)
    for steps in (1, 2, 5):
        (ball,) = certified_margins(first_favourite_survives, loop, steps=steps)
        share = 1 / (0.99 + 0.01 * math.exp(4 * steps))
        assert float(ball.mid()) == pytest.approx(share - 1 / 1024)
    assert ball < 0


def test_a_witness_can_be_typed_again():
    margin = accumulation_floor(1)
    found = hunt(margin, loops=any_loops(GROWN), evaluations=600)
    shown = []
    exec(found.replay, {"margin": margin, "print": shown.append})
    assert np.min(shown[0]) == pytest.approx(found.least_margin, rel=1e-8)
    assert min(map(float, (ball.mid() for ball in shown[1]))) < 0
    names = {name: getattr(rules, name) for name in rules.__all__}
    names |= {"CurationLoop": CurationLoop, "RewardLaw": RewardLaw, "Accumulate": Accumulate}
    described = str(found).splitlines()[-1].strip()
    loop, steps = eval(f"dict(loop={described})", names).values()
    assert repr(loop) == repr(found.loop)
    assert steps == found.steps


def test_seeds_reproduce():
    def look(seed):
        loops = any_loops(GROWN)
        found = hunt(accumulation_floor(0), loops=loops, evaluations=30, seed=seed, restart=15)
        return found.least_share, repr(found.loop)

    look(1)  # which loads modules: Hypothesis draws numbers that it finds in their source
    assert look(1) == look(1)
    assert look(1) != look(2)


def test_a_loop_s_own_point_is_the_loop():
    law = RewardLaw(
        [0.0, 1.0, 1.0], [0.2, 0.3, 0.5], "aab", scores={"s": [-5.0, 0.0, 2.0], "v": [0.0, 1.0, 1]}
    )
    loop = CurationLoop(law, rule=Stages([rules.Accept("v"), BestOf(2, by="s")]), lam=0.3)
    others = CurationLoop(RewardLaw([2.0, 3.0]), rule=RandomChoice(), training=Accumulate())
    space = DrawnSpace(st.sampled_from([loop, others]), (3, 3))
    source = np.random.default_rng(0)
    seen = set()
    for _ in range(20):
        shape = space.shape(source)
        case = shape.case(shape.point())
        seen.add(type(shape.loop.rule))
        own, made = shape.loop.law, case.loop.law
        np.testing.assert_allclose(made.rewards, own.rewards, atol=1e-12)
        np.testing.assert_allclose(made.probs, own.probs, rtol=1e-12)
        assert made.group_names == own.group_names
        if shape.loop is loop:
            assert made.rewards[1] == made.rewards[2]
            np.testing.assert_allclose(made.scores["s"], own.scores["s"], atol=1e-12)
            assert made.scores["v"].tolist() == [0.0, 1.0, 1.0]
            assert case.loop.lam == pytest.approx(0.3)
            far = shape.case(np.zeros(shape.dimension))
            assert ((far.loop.law.scores["v"] >= 0) & (far.loop.law.scores["v"] <= 1)).all()
        assert case.steps == 3
    assert seen == {Stages, RandomChoice}


def test_what_all_loops_share_is_kept():
    law = RewardLaw([0.0, 1.0])
    loops = st.builds(
        lambda K: CurationLoop(law, rule=BestOf(K), lam=1.0, retained=0.5), st.integers(2, 5)
    )
    space = DrawnSpace(loops, (1, 4))
    shape = space.shape(np.random.default_rng(0))
    assert shape.dimension == 0
    case = shape.case(shape.point())
    assert (case.loop.law, case.loop.lam, case.loop.retained) == (law, 1.0, 0.5)
    for simpler in space.simpler(case):
        assert isinstance(simpler.loop.rule, BestOf)
        assert (simpler.loop.law, simpler.loop.lam, simpler.loop.retained) == (law, 1.0, 0.5)


def test_sequences_have_an_entry_for_each_step():
    def claim(loop, trajectory):
        plan = loop.schedule.plan(trajectory.steps)
        return 10 - sum(plan(t).lam for t in range(trajectory.steps)) + 0 * trajectory.probs(0)[0]

    loops = strategies.loops(schedules={"lam": [1.0, 2.0, 9.0, 1.0]}, rules=BestOf(2))
    found = hunt(claim, loops=loops, steps=(1, 9), evaluations=50)
    # One number is looked at after every step: 1 + 2 <= 10 < 1 + 2 + 9.
    assert (found.verdict, found.steps, found.loop.schedule.lam) == ("refuted", 3, (1.0, 2.0, 9.0))


def test_rules_get_simpler():
    rule = Voters([(0.25, Stages([BestOf(9, keep=2), TopShare(0.3)])), (0.75, BradleyTerry(5))])
    simpler = list(simpler_rules(rule))
    assert BradleyTerry(5) in simpler
    assert Voters([(0.5, rule.voters[0][1]), (0.5, BradleyTerry(5))]) in simpler
    assert Voters([(0.25, BestOf(9, keep=2)), (0.75, BradleyTerry(5))]) in simpler
    assert rule not in simpler
    assert list(simpler_rules(BradleyTerry(2))) == []


def test_loops_get_simpler():
    law = RewardLaw([0.123, 4.5], [0.25, 0.75], "ab", scores={"s": [1.0, 2.0]})
    loop = CurationLoop(law, rule=[BestOf(2, by="s"), BestOf(3)], lam=[1.0, 2.0], retained=0.3)
    simpler = list(simpler_loops(loop))
    assert any(other.rule == BestOf(3) for other in simpler)
    assert any(other.schedule.lam == 2.0 for other in simpler)
    assert any(other.retained == 0.0 for other in simpler)
    assert any(other.law.size == 1 for other in simpler)
    assert all(other.law.scores for other in simpler)  # the rule reads it
    assert any(other.law.group_index is None for other in simpler)


def test_groups_and_scores_have_noise():
    law = RewardLaw([0.0, 1.0, 3.0], groups="aab", scores={"s": [-1.0, 0.0, 1.0]})
    case = Case(CurationLoop(law, rule=BestOf(2), lam=1.0), 5)
    for name in ("group_proportions", "expected_scores", "win_rate"):
        conjecture = FunctionConjecture(lambda loop, run, name=name: getattr(run, name))
        look, certain = conjecture.look(case), conjecture.certify(case, 128)
        exact = np.array([float(margin.ball.mid()) for margin in certain])
        assert (np.abs(look.values - exact) <= look.noise).all()
        assert (look.noise[2:] > 0).all()


def test_where_nothing_can_be_accepted_nothing_is_said():
    law = RewardLaw([0.0, 1.0], scores={"v": [1.0, 0.0]})
    loops = strategies.loops(laws=st.just(law), rules=Stages([TopShare(0.5), rules.Accept("v")]))
    found = hunt(lambda loop, trajectory: -1.0, loops=loops, evaluations=30)
    assert (found.verdict, found.loop) == ("open", None)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"loops": CurationLoop}, TypeError, "loops must be a strategy"),
        ({"loops": strategies.loops}, TypeError, "loops must be a strategy.*: write loops\\(\\)"),
        ({"loops": st.just(3)}, TypeError, "must be a strategy for CurationLoop; it drew 3"),
        ({"atoms": (2, 3)}, ValueError, "atoms and loops must not both be given"),
        ({"candidates": (2,)}, ValueError, "candidates and loops must not"),
        ({"mixing": 1.0}, ValueError, "mixing and loops must not"),
        ({"margin": "lemma-2.2"}, ValueError, "loops must be None for a result of the catalogue"),
    ],
)
def test_bad_arguments(arguments, error, message):
    given = {"margin": most_after_a_step(0), "loops": any_loops(), "evaluations": 3}
    with pytest.raises(error, match=message):
        hunt(**given | arguments)
