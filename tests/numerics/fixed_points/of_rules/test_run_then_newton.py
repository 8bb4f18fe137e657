"""Any rule: the fixed point that the loop reaches, all that are found, and loops that cycle."""

import math

import numpy as np
import pytest

from recurate import Accumulate, CurationLoop, RewardLaw
from recurate.numerics.fixed_points.of_rules import run_then_newton
from recurate.numerics.fixed_points.of_rules.cycling import CyclingError
from recurate.rules import (
    Accept,
    BestOf,
    BradleyTerry,
    PairwisePreference,
    Rule,
    Stages,
    TopShare,
    Voters,
)

INF = math.inf
COMPROMISE = RewardLaw([5.0, 0.0, 3.0], scores={"second": [0.0, 5.0, 3.0]})
CYCLIC = Voters([(1 / 3, BradleyTerry(2, by=name)) for name in "abc"])
BEATS = PairwisePreference([[0.5, 1, 0], [0, 0.5, 1], [1, 0, 0.5]])


class Majority(Rule):
    most_candidates = 3

    def log_ratio(self, law, log_probs):
        probs = np.exp(log_probs)
        return np.log(probs * (3 - 2 * probs))


def cyclic_law(probs=None):
    scores = {"a": [2.0, 1, 0], "b": [0.0, 2, 1], "c": [1.0, 0, 2]}
    return RewardLaw([0.0, 0.0, 0.0], probs, scores=scores)


def two(share, K):
    return Voters([(share, BradleyTerry(K)), (1 - share, BradleyTerry(K, by="second"))])


# Shares of the first voter's favourite: mathematics_general.md J, by long runs there.
@pytest.mark.parametrize(
    ("share", "K", "expected"),
    [
        (0.3, 2, [0, 1, 0]),
        (0.3, 3, [0, 1, 0]),
        (0.3, 4, [0.1146, 0.8854, 0]),
        (0.3, 64, [0.2971, 0.7029, 0]),
        (0.5, 2, [0, 0, 1]),
        (0.5, 3, [0.5, 0.5, 0]),
    ],
)
def test_compromise_and_polarisation(share, K, expected):
    found = CurationLoop(COMPROMISE, rule=two(share, K), lam=INF).fixed_point()
    np.testing.assert_allclose(found.probs, expected, rtol=0, atol=5e-5)
    assert found.is_attracting


def test_a_majority_of_three_has_three_fixed_points():
    # p = 1/18 + 8/9 (3p² - 2p³) has the roots ½ and ½ ± √3/4; its derivative 16/3 p (1-p).
    loop = CurationLoop(RewardLaw([0.0, 1.0]), rule=Majority(), lam=8.0)
    found = loop.fixed_points(rng=0)
    expected = {0.5: 4 / 3, 0.5 + math.sqrt(3) / 4: 1 / 3, 0.5 - math.sqrt(3) / 4: 1 / 3}
    assert len(found) == 3
    for one in found:
        root = min(expected, key=lambda p: abs(p - one.probs[0]))
        assert one.probs[0] == pytest.approx(root, abs=1e-14)
        assert one.spectral_radius == pytest.approx(expected[root], abs=1e-8)
        assert one.is_attracting == (root != 0.5)
        assert one.is_unique is False
    # The loop from p_ref stays where it is, and the least other start goes to one of the others.
    assert found[0].probs.tolist() == [0.5, 0.5]
    near = CurationLoop(RewardLaw([0.0, 1.0], [0.499, 0.501]), rule=Majority(), lam=8.0)
    limit = near.fixed_point()
    assert np.abs(limit.probs - near.run(steps=300).probs(300)).max() <= 1e-13
    assert limit.probs[1] > 0.9


def test_given_starts_are_used():
    loop = CurationLoop(RewardLaw([0.0, 1.0]), rule=Majority(), lam=8.0)
    found = loop.fixed_points([[0.9, 0.1]])
    assert sorted(round(float(one.probs[0]), 4) for one in found) == [0.5, 0.933]
    with pytest.raises(ValueError, match=r"^starts\[0\]"):
        loop.fixed_points([[0.9, 0.2]])


@pytest.mark.parametrize("seed", range(40))
def test_long_runs_end_there(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 9))
    law = RewardLaw(
        rng.normal(size=size), rng.dirichlet(np.ones(size)), scores={"other": rng.normal(size=size)}
    )
    K = int(rng.integers(2, 7))
    beats = rng.uniform(size=(size, size))
    rules = [
        Voters([(0.6, BradleyTerry(K)), (0.4, BradleyTerry(K + 1, scale=2, by="other"))]),
        Stages([TopShare(0.5), BradleyTerry(K, by="other")]),
        PairwisePreference(0.5 + (beats - beats.T) / 2),
        Voters([(0.5, BestOf(K)), (0.5, BestOf(2, by="other"))]),
    ]
    loop = CurationLoop(
        law, rule=rules[seed % 4], lam=float(10 ** rng.uniform(-1, 0.7)), retained=0.1
    )
    found = loop.fixed_point()
    for steps in (200, 1000):  # most have settled by then
        run = loop.run(steps=steps)
        moving = np.abs(run.probs(steps) - run.probs(steps // 2)).max()
        if moving <= 1e-14:
            break
    assert np.abs(run.probs(steps) - found.probs).max() <= 1e-13 + 10 * moving
    assert found.is_attracting is not False


def test_contractions_are_unique():
    # a K < 1 (I4): λ = .3 has a = .23, K = 4. With TopShare, which sees the law, nothing is known.
    rule = two(0.5, 4)
    assert CurationLoop(COMPROMISE, rule=rule, lam=0.3).fixed_point().is_unique is True
    assert CurationLoop(COMPROMISE, rule=rule, lam=0.4).fixed_point().is_unique is None
    stages = Stages([TopShare(0.9), BradleyTerry(2)])
    assert CurationLoop(COMPROMISE, rule=stages, lam=0.1).fixed_point().is_unique is None


def test_cyclic_voters_settle_below_the_threshold_alone():
    # λ_c = 1/(√(1+ω²) - 1), ω = √3/3 · α, α = Σ tanh/3 = (2 tanh ½ - tanh 1)/3 (K3).
    alpha = (2 * math.tanh(0.5) - math.tanh(1.0)) / 3
    omega = math.sqrt(3) / 3 * alpha
    threshold = 1 / (math.sqrt(1 + omega**2) - 1)
    assert round(threshold, 1) == 2041.9
    for lam in (2000.0, 0.99 * threshold):
        found = CurationLoop(cyclic_law(), rule=CYCLIC, lam=lam).fixed_point()
        radius = lam / (1 + lam) * math.sqrt(1 + omega**2)
        assert found.spectral_radius == pytest.approx(radius, abs=1e-9)
        assert found.is_attracting
    with pytest.raises(CyclingError) as caught:
        CurationLoop(cyclic_law(), rule=CYCLIC, lam=2100.0).fixed_point()
    assert caught.value.amplitude > 0.01
    # Near the balance a round takes 2π/ω.
    assert caught.value.period == pytest.approx(2 * math.pi / math.atan(omega), rel=0.02)


def test_rock_paper_scissors():
    law = RewardLaw([0.0, 0.0, 0.0])
    with pytest.raises(CyclingError) as caught:
        CurationLoop(law, rule=BEATS, lam=10.0).fixed_point()
    # The cycle's own run, after it has settled on the cycle.
    start = [0.34, 0.33, 0.33]
    run = CurationLoop(law, rule=BEATS, lam=10.0).run(steps=2000, initial=start)
    laws = np.array([run.probs(t) for t in range(1900, 2001)])
    widest = max(np.abs(laws - one).sum(axis=1).max() / 2 for one in laws)
    assert caught.value.amplitude == pytest.approx(widest, rel=0.02)
    # Samples kept slow it down: |aε + a(1-ε)(1 + iω)| with ω = 1/√3, a = 20/21, ε = ½ (I5).
    found = CurationLoop(law, rule=BEATS, lam=20.0, retained=0.5).fixed_point()
    radius = abs(20 / 21 * (1 + 0.5j / math.sqrt(3)))
    assert found.spectral_radius == pytest.approx(radius, abs=1e-9)


@pytest.mark.parametrize("probs", [None, [0.2, 0.3, 0.5]])
def test_the_pure_game_never_settles(probs):
    # K3: the divergence from the balance grows, and rounds take ever longer.
    with pytest.raises(CyclingError, match="ever longer") as caught:
        CurationLoop(RewardLaw([0.0] * 3, probs), rule=BEATS, lam=INF).fixed_point()
    assert caught.value.amplitude > 0.99


def test_the_balance_of_a_cycle_is_found():
    law = RewardLaw([0.0] * 3, [0.2, 0.3, 0.5])
    (found,) = CurationLoop(law, rule=BEATS, lam=10.0).fixed_points([[0.3, 0.4, 0.3]])
    assert found.is_attracting is False
    # p = m p_ref + a p (1 + A p), with A of the game.
    game = np.array([[0, 1, -1], [-1, 0, 1], [1, -1, 0]])
    after = law.probs / 11 + 10 / 11 * found.probs * (1 + game @ found.probs)
    np.testing.assert_allclose(after, found.probs, rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    "rule",
    [
        two(0.5, INF),
        two(0.4, 3),
        BestOf(3),
        BradleyTerry(4, by="second"),
        Accept("correct", none="drop"),
        Accept("correct", none="keep"),
    ],
)
def test_prompts_are_solved_one_by_one(rule):
    law = RewardLaw(
        [0.0, 1.0, 2.0, 0.0, 3.0],
        [0.1, 0.3, 0.2, 0.15, 0.25],
        prompts="aabbb",
        scores={"second": [1.0, 0, 2, 5, 1], "correct": [0.0, 0, 1, 0, 1]},
    )
    loop = CurationLoop(law, rule=rule, lam=1.5)
    found, run = loop.fixed_point(), loop.run(steps=300)
    assert np.abs(found.probs - run.probs(300)).max() <= 1e-14
    assert found.law.size == run.law.size
    near = loop.steps_to_fixed_point(found, within=0.001)
    distances = [np.abs(run.probs(t) - found.probs).sum() / 2 for t in range(near + 1)]
    assert [distance <= 0.001 for distance in distances] == [False] * near + [True]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"training": Accumulate()}, "^training must be None for a fixed point.*lam=math.inf"),
        ({"lam": [1.0, 2.0]}, "^lam must be the same at every step for a fixed point"),
        ({"lam": 1.0, "retained": lambda t: 0.5}, "^retained must be the same at every step"),
    ],
)
def test_loops_that_change_have_none(arguments, message):
    loop = CurationLoop(COMPROMISE, rule=two(0.5, 3), **arguments)
    for find in (loop.fixed_point, loop.fixed_points):
        with pytest.raises(ValueError, match=message):
            find()


def test_other_refusals():
    loop = CurationLoop(COMPROMISE, rule=two(0.5, 3), lam=1.0)
    with pytest.raises(ValueError, match=r"^compress must be None or False "):
        loop.fixed_point(compress=True)
    density = RewardLaw.from_density(lambda r: 2 * (1 - r), support=(0, 1))
    with pytest.raises(ValueError, match=r"^scale must be 1 for a law with a density"):
        CurationLoop(density, rule=BradleyTerry(2, scale=-1), lam=1.0).fixed_point()


def test_a_long_run_keeps_no_more_laws_than_fit(monkeypatch):
    # Of three levels, 64 steps and then 192 more may be kept; without that a run has 16,384.
    monkeypatch.setattr(run_then_newton, "_MOST_KEPT", 3 * 64 * 3)
    loop = CurationLoop(RewardLaw([0.0] * 3, [0.2, 0.3, 0.5]), rule=BEATS, lam=10.0)
    with pytest.raises(ArithmeticError) as caught:
        loop.fixed_point()
    assert "256 steps" in str(caught.value)
