"""Loops with rules on tables from which on masses are interpolated: the same figures in less time.

The oracle is the same loop without any of it, whose parts other tests hold to 60 digits.
"""

import math
import pickle

import numpy as np
import pytest

from recurate import Accumulate, CurationLoop, RewardLaw
from recurate.numerics.curation.interpolated import LEAST_ROWS
from recurate.numerics.laws.levels import FIGURES, Levels
from recurate.numerics.log_sums import log_added
from recurate.numerics.rules import bradley_terry
from recurate.numerics.rules import levels as rule_levels
from recurate.numerics.rules.large_levels import LargeLevels
from recurate.numerics.step import LargeRuleStep, StepPlan
from recurate.rules import Accept, BestOf, BradleyTerry, RandomChoice, Stages, TopShare, Voters

N = LEAST_ROWS + 500


def law(n=N, probs=None):
    rng = np.random.default_rng(11)
    rewards = rng.standard_normal(n)
    scores = {
        "second": rng.standard_normal(n),
        "third": 2.0 * rewards + rng.standard_normal(n),
        "copy": rewards.copy(),
        "stars": rng.integers(1, 6, n).astype(float),
        "accepted": rng.random(n) * (rng.random(n) < 0.8),
        "gaps": np.where(rng.random(n) < 0.3, np.nan, rewards**2),
    }
    return RewardLaw(rewards, probs, groups=rng.integers(0, 3, n), scores=scores)


def three(K=4, other=4, third=None):
    return Voters(
        [
            (0.5, BradleyTerry(K)),
            (0.3, BradleyTerry(other, by="second")),
            (0.2, third or BradleyTerry(K, scale=-0.5, by="third")),
        ]
    )


def massless():
    probs = np.random.default_rng(12).random(N)
    probs[::7] = 0.0
    return law(probs=probs / probs.sum())


LOOPS = {
    "three voters": (law, {"rule": three(), "lam": 1.0}),
    "a billion candidates": (law, {"rule": three(10**9, 2), "lam": 4.0}),
    "without real data": (law, {"rule": three(), "lam": math.inf}),
    "one voter, by a copy": (law, {"rule": BradleyTerry(4, by="copy"), "lam": 1.0}),
    "all kinds": (
        law,
        {
            "rule": Voters(
                [
                    (0.4, BradleyTerry(math.inf)),
                    (0.2, BestOf(8, by="second")),
                    (0.2, Accept("accepted")),
                    (0.1, BradleyTerry(3, by="third")),
                    (0.1, RandomChoice()),
                ]
            ),
            "lam": 2.0,
        },
    ),
    "infinitely many": (law, {"rule": three(math.inf, math.inf, BestOf(9)), "lam": 1.0}),
    "infinitely many, one voter": (law, {"rule": BradleyTerry(math.inf, by="copy"), "lam": 1.0}),
    "none by Bradley–Terry": (
        law,
        {"rule": Voters([(0.5, BestOf(9)), (0.5, TopShare(0.4, by="second"))]), "lam": math.inf},
    ),
    "stars": (law, {"rule": three(third=BradleyTerry(5, by="stars")), "lam": 1.0}),
    "stages": (law, {"rule": Stages([TopShare(0.5, by="second"), BradleyTerry(3)]), "lam": 1.0}),
    "stages only of the best": (law, {"rule": Stages([TopShare(0.5), three()]), "lam": math.inf}),
    "retained": (law, {"rule": three(), "lam": 1.0, "retained": 0.25}),
    "accumulated": (law, {"rule": three(), "training": Accumulate()}),
    "in turns": (law, {"rule": [three(), BestOf(2), BradleyTerry(3)] * 2, "lam": 1.0}),
    "K, and λ of t": (law, {"K": 4, "lam": lambda t: 1.0 + t}),
    "no mass at some": (massless, {"rule": three(), "lam": 1.0}),
    "best": (law, {"rule": BestOf(4), "lam": 1.0}),
    "best by a score": (law, {"rule": BestOf(6, keep=2, by="second"), "lam": 1.0}),
    "best share": (law, {"rule": TopShare(0.3), "lam": math.inf}),
    "best, no mass at some": (massless, {"rule": BestOf(4, by="third"), "lam": 1.0}),
}


def both(monkeypatch, name, steps=6):
    """Return a loop's run as it is for large tables, and as for small ones."""
    make, arguments = LOOPS[name]
    loop = CurationLoop(make(), **arguments)
    large = loop.run(steps=steps)
    for module in (bradley_terry, rule_levels):
        monkeypatch.setattr(module, "LEAST_ROWS", 10**9)
    return large, loop.run(steps=steps)


@pytest.mark.parametrize("name", LOOPS)
def test_figures_are_those_of_the_small_way(monkeypatch, name):
    large, dense = both(monkeypatch, name)
    assert isinstance(large._levels, LargeLevels)
    assert not isinstance(dense._levels, LargeLevels)
    assert large.error_estimate <= 1e-10
    # Rounding alone: of sums over 8,500 rows, of up to some units.
    allowed = large.error_estimate + 1e-12
    for figure in FIGURES:
        found, expected = getattr(large, figure), getattr(dense, figure)
        assert np.abs(found - expected).max() <= allowed, figure
    assert np.abs(large.group_proportions - dense.group_proportions).max() <= allowed
    spans = [np.nanmax(s) - np.nanmin(s) for s in large.law.scores.values()]
    shares = [1.0 - np.isnan(s).mean() for s in large.law.scores.values()]
    apart = np.abs(large.expected_scores - dense.expected_scores)
    assert (apart <= allowed * np.array(spans) / np.array(shares)).all()


@pytest.mark.parametrize("name", LOOPS)
def test_laws_are_those_of_the_small_way(monkeypatch, name):
    large, dense = both(monkeypatch, name, steps=6)
    for t in (0, 1, 6):
        found, expected = large.log_probs(t), dense.log_probs(t)
        assert (np.isneginf(found) == np.isneginf(expected)).all()
        some = np.isfinite(expected)
        # Each step of both is right to the engine's error, and the bound of interpolation.
        allowed = t * 8e-13 * np.maximum(1.0, np.abs(expected[some]))
        assert (np.abs(found[some] - expected[some]) <= allowed + 1e-13).all()


def test_the_error_is_stated():
    run = CurationLoop(law(), rule=three(), lam=1.0).run(steps=5)
    span = run.law.max_reward - run.law.rewards.min()
    assert run.error_estimate == pytest.approx(5 * 1.2e-13 * span, rel=1e-12)
    rule = Stages([three(), three()])
    assert rule.prepared(law()).error == pytest.approx(2.4e-13)
    assert CurationLoop(law(), rule=BestOf(4), lam=1.0).run(steps=2).error_estimate == 0.0
    small = RewardLaw(law().rewards[:100])
    assert CurationLoop(small, rule=BestOf(4), lam=1.0).run(steps=2).error_estimate == 0.0


def test_figures_of_states_near_and_far():
    # Tiny divergences have their relative digits, and so does what has nearly no mass.
    levels, _ = rule_levels.levels_of(law(), [three()], None)
    plain = Levels.of(levels.law, levels.law.probs)
    noise = np.random.default_rng(13).standard_normal(N)
    for scale in (1e-9, 1e-3, 1.0, 30.0):
        state = scale * noise
        state -= np.log(np.exp(levels.log_base + state).sum())
        found, expected = levels.measure(state), plain.measure(state)
        assert found == pytest.approx(expected, rel=1e-11, abs=1e-300)


def test_tied_rows_are_one_level():
    # 9,000 rows of few kinds: the loop has as many levels as there are kinds, and no estimate.
    rng = np.random.default_rng(14)
    tied = RewardLaw(rng.integers(0, 9, N), scores={"second": rng.integers(0, 9, N)})
    rule = Voters([(0.5, BradleyTerry(4)), (0.5, BradleyTerry(4, by="second"))])
    run = CurationLoop(tied, rule=rule, lam=1.0).run(steps=3)
    assert run._levels.rewards.size == 81
    assert run.error_estimate == 0.0


def test_ties_in_some_rows_only():
    # Half of the rows are one level together; the sample shows that, and the rest stay levels.
    rewards = np.random.default_rng(15).standard_normal(3 * N)
    rewards[: 2 * N] = 0.25
    rule = Voters([(0.5, BradleyTerry(4)), (0.5, BestOf(3))])
    run = CurationLoop(RewardLaw(rewards), rule=rule, lam=1.0).run(steps=3)
    assert run._levels.rewards.size == N + 1
    assert isinstance(run._levels, LargeLevels)
    paper = CurationLoop(RewardLaw(rewards), rule=Voters([(1.0, BradleyTerry(4))]), lam=1.0)
    dense = CurationLoop(RewardLaw(rewards), K=4, lam=1.0).run(steps=3, compress=False)
    found = paper.run(steps=3)
    assert np.abs(found.kl_to_reference - dense.kl_to_reference).max() <= 1e-11
    assert np.abs(found.log_probs(3) - dense.log_probs(3)).max() <= 1e-11


def test_a_run_pickles():
    run = CurationLoop(law(), rule=three(), lam=1.0).run(steps=2)
    levels = pickle.loads(pickle.dumps(run._levels))
    assert levels.error_estimate == run.error_estimate


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (lambda n: np.full(n, np.nan), "below infinity; got nan"),
        (lambda n: np.full(n, np.inf), "below infinity; got inf"),
        (lambda n: np.full(n, 1.0), "mean of H of 1 under p; got 2.718281828"),
        (lambda n: np.zeros(3), "one number for each entry of log_probs"),
        (lambda n: ["a"] * n, "log_ratio of"),
    ],
)
def test_what_a_rule_returns_is_checked(found, message):
    levels, _ = rule_levels.levels_of(law(), [three()], None)
    step = LargeRuleStep(
        levels, lambda log_probs: found(log_probs.size), StepPlan(three(), 1.0, None)
    )
    with pytest.raises((ArithmeticError, ValueError, TypeError), match=message):
        step(levels.log_start_density)


@pytest.mark.parametrize("lam", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("top", [5.0, 800.0])
def test_mixing_in_blocks(lam, top):
    # Densities of e^800 are no doubles: there logarithms are added.
    levels, _ = rule_levels.levels_of(law(), [three()], None)
    curated = np.random.default_rng(16).uniform(-800.0, top, N)
    curated[0] = -np.inf
    step = LargeRuleStep(levels, np.zeros_like, StepPlan(three(), lam, None))
    expected = np.logaddexp(-math.log1p(lam), curated - math.log1p(1 / lam))
    found = step.trained(levels.log_start_density, curated)
    assert np.abs(found - expected).max() <= 2.3e-16 * 800


def test_log_added():
    values = np.array([-np.inf, -1e300, -800.0, -1.0, 0.0, 3.0, 800.0])
    first, second = np.repeat(values, 7), np.tile(values, 7)
    assert np.allclose(log_added(first, second), np.logaddexp(first, second), rtol=4e-16, atol=0)
