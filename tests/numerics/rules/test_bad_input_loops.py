"""What a loop with a rule refuses: bad arguments, and what is not there, each in its words."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.guarantees import guarantees
from recurate.numerics.agreement.first_order import finite_sample_error
from recurate.numerics.simulation.simulated_trajectory import Sizes
from recurate.rules import (
    Accept,
    BestOf,
    BradleyTerry,
    RandomChoice,
    Rule,
    Stages,
    TopShare,
    Voters,
)

LAW = RewardLaw([0.0, 0.0, 1.0], groups=["a", "b", "b"], scores={"score": [0.0, 2.0, 1.0]})
RULE = Voters([(0.5, BradleyTerry(4)), (0.5, RandomChoice())])
LOOP = CurationLoop(LAW, rule=RULE, lam=1.0)
RUN = LOOP.run(steps=2)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {},
            TypeError,
            r"^K or rule must be given, .* such as K=4 or rule=BestOf\(4\); got neither$",
        ),
        (
            {"K": 4, "rule": BestOf(2)},
            TypeError,
            r"^K and rule must not both be given, as K=4 is short for rule=BradleyTerry\(4\); got "
            r"K=4 and rule=BestOf\(2\)$",
        ),
        ({"K": [2, 4]}, TypeError, r"^K must be one number .* got \[2, 4\]: .*rule=lambda t: Bra"),
        ({"K": lambda t: 2 + t}, TypeError, "^K must be one number .* changes with t"),
        ({"rule": "best"}, TypeError, "^rule must be a rule, such as .*; got 'best'$"),
        ({"rule": BestOf}, TypeError, r"^rule must be a rule, .*: write BestOf\(…\)$"),
        ({"rule": BestOf(2, by="x")}, ValueError, "^by must name a score of the law, .*'score'"),
    ],
)
def test_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        CurationLoop(LAW, lam=1.0, **arguments)


@pytest.mark.parametrize(
    "use",
    [
        lambda: LOOP.K,
        lambda: LOOP.compressed(horizon=5),
        lambda: guarantees(LOOP, RUN),
        lambda: guarantees(CurationLoop(LAW, rule=RULE, lam=math.inf), RUN),
        lambda: finite_sample_error(LOOP, 2, Sizes(10, 10, 10, None)),
    ],
)
def test_what_knows_only_K_refuses_another_rule(use):
    message = (
        r"^loop must be CurationLoop\(law, K=…, lam=…\) here, of Bradley–Terry's choice by the "
        r"reward with one λ; got one with rule=Voters\(.*: docs/rules\.md says what other loops "
        r"can do$"
    )
    with pytest.raises(ValueError, match=message):
        use()


@pytest.mark.parametrize("rule", [BradleyTerry(4, scale=2), BradleyTerry(4, by="score")])
def test_K_is_that_of_the_reward_itself(rule):
    with pytest.raises(ValueError, match="got one with rule=BradleyTerry"):
        _ = CurationLoop(LAW, rule=rule, lam=1.0).K


def test_compression():
    with pytest.raises(ValueError, match=r"^compress must be None or False for .* than K=…"):
        LOOP.run(steps=1, compress=True)
    large = RewardLaw(np.arange(9000) / 1000)  # one of K would be compressed by itself
    assert CurationLoop(large, rule=BestOf(2), lam=1.0).run(steps=1).error_estimate == 0.0


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (BestOf(2), "^BestOf needs a law of atoms"),
        (TopShare(0.5), "^TopShare needs a law of atoms"),
        (BradleyTerry(2, scale=2), "^scale must be 1 for a law with a density"),
    ],
)
def test_densities(rule, message):
    law = RewardLaw.from_density(lambda r: 2 * r, support=(0, 1))
    with pytest.raises(ValueError, match=message):
        CurationLoop(law, rule=rule, lam=1.0).run(steps=1)


def test_errors_name_atoms_and_not_levels():
    # The atoms are three levels, in the order of their rewards: the last atom is the first level.
    law = RewardLaw([1.0, 1.0, 1.0, 0.0], scores={"v": [0.5, 0.5, 0.2, 3.0]})
    with pytest.raises(ValueError, match=r"must be probabilities.*; got 3 at position 3$"):
        CurationLoop(law, rule=Accept("v"), lam=1.0).run(steps=1)


class Fixed(Rule):
    """A rule of one's own that returns what it was given."""

    def __init__(self, log_ratio):
        self._log_ratio = log_ratio

    def log_ratio(self, law, log_probs):
        return self._log_ratio


@pytest.mark.parametrize(
    ("log_ratio", "error", "message"),
    [
        (
            [0.0, 0.0],
            ValueError,
            r"must have one number for each .*, shape \(3,\); got shape \(2,\)",
        ),
        (0.0, ValueError, r"must have one number for each .*; got shape \(\)"),
        (["a", "b", "c"], TypeError, "must be real numbers; got an array of type <U1"),
        (
            [0.0, math.nan, 0.0],
            ArithmeticError,
            "must be numbers below infinity; got nan where log",
        ),
        (
            [0.0, 0.0, math.inf],
            ArithmeticError,
            "must be numbers below infinity; got inf where log",
        ),
        ([0.1] * 3, ArithmeticError, r"must be that of a law, .* got 1\.10517"),
        (
            [-math.inf] * 3,
            ArithmeticError,
            "must be that of a law, with a mean of H of 1 under p; got 0$",
        ),
        ([1e-8, 0.0, 0.0], ArithmeticError, r"must be that of a law, .* got 1\.000000003$"),
    ],
)
def test_what_a_rule_of_ones_own_returns_is_checked(log_ratio, error, message):
    loop = CurationLoop(LAW, rule=Fixed(log_ratio), lam=1.0)
    with pytest.raises(error, match=f"^log_ratio of Fixed {message}"):
        loop.run(steps=1)


def test_a_loop_prints_as_code_that_makes_it_again():
    law = "RewardLaw([0.0, 1.0], [0.5, 0.5])"
    for rule, lam in (("rule=BestOf(4, keep=2)", "0.5"), ("K=float('inf')", "float('inf')")):
        text = f"CurationLoop({law}, {rule}, lam={lam})"
        assert repr(eval(text)) == text
    loop = CurationLoop(RewardLaw([0.0, 1.0]), rule=BradleyTerry(4), lam=1)
    assert repr(loop).endswith(", K=4, lam=1)")


@pytest.mark.parametrize("law", [LAW, RewardLaw(LAW.rewards, prompts="abb")])
@pytest.mark.parametrize(
    "around", [lambda rule: Voters([(0.5, rule), (0.5, BestOf(2))]), lambda rule: Stages([rule])]
)
@pytest.mark.parametrize(
    ("returned", "error"), [(None, TypeError), ("a", TypeError), ([0j] * 3, TypeError), ([0.0], 0)]
)
def test_a_rule_of_ones_own_within_others_is_named(law, around, returned, error):
    class Own(Rule):
        def log_ratio(self, law, log_probs):
            return returned

    with pytest.raises(error or ValueError, match=r"^log_ratio of Own must "):
        CurationLoop(law, rule=around(Own()), lam=1.0).run(steps=1)
