"""Rules and their loops in balls: each ball contains the exact value, or meets the engine's."""

import math
from fractions import Fraction

import flint
import numpy as np
import pytest

from recurate import Accumulate, CurationLoop, RewardLaw
from recurate.paper_checks.runs.certified_law import CertifiedLaw
from recurate.paper_checks.runs.certified_trajectory import CertifiedLoop
from recurate.paper_checks.runs.operands import UndecidedError
from recurate.paper_checks.runs.rules_in_balls import ratio_in_balls
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

from ...numerics.rules.exact_rules import ExactLaw, random_rule

BITS = 128
STEPS = 3
LAW = RewardLaw(
    [0.0, 1.0, 1.0, 2.0],
    [0.1, 0.2, 0.3, 0.4],
    groups="abba",
    scores={"second": [3.0, 1.0, 1.0, 2.0], "accepted": [0.0, 1.0, 0.5, 0.25]},
)
RULES = [
    BradleyTerry(2),
    BradleyTerry(5, scale=-2.0, by="second"),
    BradleyTerry(math.inf, by="second"),
    BestOf(4),
    BestOf(6, keep=2, by="second"),
    BestOf(10**6),
    TopShare(0.35),
    Accept("accepted"),
    PairwisePreference([[0.5, 0.3], [0.7, 0.5]], of="groups"),
    RandomChoice(),
    Voters([(0.3, BestOf(3, by="second")), (0.7, Stages([TopShare(0.5), BradleyTerry(3)]))]),
]
SCHEDULES = [
    {"lam": 1.0},
    {"lam": math.inf, "retained": 0.2},
    {"lam": [1.0, 2.0, 3.0], "retained": lambda t: t / 2},
    {"training": Accumulate(2.0, 1.0)},
]


@pytest.mark.parametrize("seed", range(4))
def test_balls_contain_the_exact_ratio(seed):
    """The rules' definitions in rationals, over all tuples of candidates, are the oracle."""
    rng = np.random.default_rng(seed)
    with flint.ctx.workprec(BITS + 32):
        for _ in range(40):
            of = ExactLaw.random(rng)
            rule, exact = random_rule(rng, of)
            if not all(map(is_exact, parts_of(rule))):
                continue
            law = CertifiedLaw.of(of.law, bits=BITS)
            probs = [flint.arb(p.numerator) / p.denominator for p in of.probs]
            try:
                found = ratio_in_balls(rule, law, BITS)(probs)
            except UndecidedError:  # of an atom without mass, just at the edge of the best share
                continue
            for ball, value in zip(found, exact(of.probs), strict=True):
                assert ball.overlaps(flint.arb(value.numerator) / value.denominator), (rule, of)
                assert ball.rad() < 1e-25, (rule, of)


def is_exact(rule):
    """Whether its floats are the oracle's rationals: not log w, and not a third."""
    share = Fraction(getattr(rule, "share", 1.0))
    return not isinstance(rule, BradleyTerry) and share == share.limit_denominator(1000)


def parts_of(rule):
    yield rule
    for part in getattr(rule, "rules", [r for _, r in getattr(rule, "voters", [])]):
        yield from parts_of(part)


@pytest.mark.parametrize("rule", RULES, ids=repr)
@pytest.mark.parametrize("schedule", range(len(SCHEDULES)))
def test_runs_agree_with_the_engine(rule, schedule):
    loop = CurationLoop(LAW, rule=rule, **SCHEDULES[schedule])
    floats = loop.run(steps=STEPS)
    with flint.ctx.workprec(BITS + 32):
        certain = CertifiedLoop.of(loop, bits=BITS).run(steps=STEPS)
        figures = ("expected_weight", "variance_weight", "expected_reward", "kl_to_reference")
        for name in (*figures, "mass_at_max", "group_proportions", "expected_scores", "win_rate"):
            assert_same(getattr(certain, name), getattr(floats, name))
        for name in ("probs", "log_probs", "log_density"):
            assert_same(getattr(certain, name)(STEPS), getattr(floats, name)(STEPS))


def assert_same(certain, floats):
    assert certain.shape == floats.shape
    values = [float(ball.arb.mid()) for ball in certain.ravel()]
    # The engine's stated error is 1e-13 a step, relative to 1 or log p.
    np.testing.assert_allclose(values, floats.ravel(), rtol=1e-12, atol=1e-12)
    radii = [ball.arb.rad() for ball in certain.ravel() if ball.arb.is_finite()]
    assert all(radius < 1e-15 for radius in radii)


def test_a_short_step_by_hand():
    # Best of two, equal masses: 1/4 and 3/4; λ = 1, a half retained: 7/16; accumulated (1, 1): 3/8.
    law = RewardLaw([0.0, 1.0])
    for arguments, expected in (
        ({"lam": math.inf}, Fraction(1, 4)),
        ({"lam": 1.0, "retained": 0.5}, Fraction(7, 16)),
        ({"training": Accumulate()}, Fraction(3, 8)),
    ):
        loop = CurationLoop(law, rule=BestOf(2), **arguments)
        assert CertifiedLoop.of(loop, bits=BITS).run(steps=1).probs(1)[0].exact() == expected


def test_a_certified_loop_has_the_loop_s_arguments():
    loop = CurationLoop(LAW, rule=[BestOf(2), BestOf(3)], lam=1.0, retained=0.5)
    certain = CertifiedLoop.of(loop, bits=BITS)
    assert certain.rule == loop.rule
    assert (certain.retained, certain.training) == (0.5, None)
    assert certain.lam.exact() == 1
    assert certain.synthetic_fraction.exact() == Fraction(1, 2)
    assert certain.law.score_names == ("second", "accepted")
    for name in ("K", "lam"):
        grown = CertifiedLoop.of(CurationLoop(LAW, K=2, training=Accumulate()), bits=BITS)
        with pytest.raises(ValueError, match="training=Accumulate"):
            getattr(grown, name)


def test_a_rule_of_one_s_own_is_not_known():
    class Own(Rule):
        def log_ratio(self, law, log_probs):
            return np.zeros(law.size)

    with pytest.raises(TypeError, match="are known in balls; got a Own"):
        ratio_in_balls(Stages([Own()]), CertifiedLaw.of(LAW, bits=BITS), BITS)


def test_what_is_missing_is_said():
    law = CertifiedLaw.of(RewardLaw([0.0, 1.0], scores={"s": [1.0, math.nan]}), bits=BITS)
    with pytest.raises(ValueError, match="scores\\['s'\\] must have a value at every atom"):
        law.exact_column("s")
    nothing = CertifiedLaw.of(RewardLaw([0.0, 0.0]), bits=BITS)
    half = [flint.arb(0.5)] * 2
    with pytest.raises(ValueError, match="nothing that has mass can be accepted"):
        ratio_in_balls(Accept(None), nothing, BITS)(half)
    assert ratio_in_balls(Accept(None, none="keep"), nothing, BITS)(half) == [1, 1]
