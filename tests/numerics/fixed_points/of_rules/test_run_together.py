"""Prompts whose loops are run together: each has the fixed point that it has alone."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.numerics.fixed_points.of_rules import run_together
from recurate.numerics.fixed_points.of_rules.cycling import CyclingError
from recurate.numerics.fixed_points.of_rules.rule_loop import RuleLoop
from recurate.numerics.fixed_points.of_rules.run_then_newton import Search
from recurate.rules import BradleyTerry, Rule, Voters

VOTERS = Voters([(0.6, BradleyTerry(3)), (0.4, BradleyTerry(4, by="b"))])
SIZES = (1, 2, 3, 3, 4, 5, 5)
# Each of three kinds beats the next by one of three columns: the loop of all three goes round.
ROUND = {"a": [2.0, 1, 0], "b": [0.0, 2, 1], "c": [1.0, 0, 2]}


class OfAtoms(Rule):
    """One's own rule, which does not say what it reads: each atom is a level."""

    def log_ratio(self, law, log_probs):
        return BradleyTerry(3).log_ratio(law, log_probs)


def law_of(seed=0):
    rng = np.random.default_rng(seed)
    prompts = np.repeat(np.arange(len(SIZES)), SIZES)
    order = rng.permutation(prompts.size)
    probs = rng.dirichlet(np.ones(prompts.size))
    probs[np.flatnonzero(prompts == 6)[0]] = 0.0  # an atom without mass
    rewards = rng.integers(0, 4, prompts.size) / 2  # some of which tie
    scores = {"b": rng.normal(size=prompts.size)}
    return RewardLaw(
        rewards[order],
        probs[order] / probs.sum(),
        prompts=[f"p{z}" for z in prompts[order]],
        scores={name: values[order] for name, values in scores.items()},
    )


@pytest.mark.parametrize(
    ("rule", "lam", "retained"),
    [(VOTERS, 1.5, 0.0), (VOTERS, 20.0, 0.3), (VOTERS, math.inf, 0.0), (OfAtoms(), 1.5, 0.3)],
)
def test_prompts_run_together_settle_where_each_does_alone(rule, lam, retained, monkeypatch):
    law = law_of()
    loop = CurationLoop(law, rule=rule, lam=lam, retained=retained)
    together = loop.fixed_point()
    monkeypatch.setattr(run_together, "_MOST_TOGETHER", 1)
    alone = loop.fixed_point()
    assert alone.evaluations == together.evaluations
    assert together.is_unique == alone.is_unique
    assert together.residual <= 1e-13  # the tolerance of each
    assert together.spectral_radius == pytest.approx(alone.spectral_radius, abs=1e-8)
    # A run's rounding, 2e-13 a step, is less than what Newton's method leaves near a radius of 1.
    np.testing.assert_allclose(together.probs, alone.probs, atol=1e-10)


@pytest.mark.parametrize("rule", [VOTERS, OfAtoms()])
def test_steps_near_the_fixed_point_are_those_of_the_run(rule):
    loop = CurationLoop(law_of(), rule=rule, lam=3.0)
    limit = loop.fixed_point()
    steps = loop.steps_to_fixed_point(limit, within=1e-4)
    run = loop.run(steps=steps)
    far = [np.abs(run.probs(t) - limit.probs).sum() / 2 for t in range(steps + 1)]
    assert steps > 3
    assert far[-1] <= 1e-4 < min(far[:-1])


def test_the_first_prompt_that_cycles_is_named():
    still = {name: [values[0]] * 2 + [1.0] for name, values in ROUND.items()}
    scores = {name: still[name] + ROUND[name] + ROUND[name][::-1] for name in ROUND}
    probs = np.array([1, 1, 1, 1, 2, 3, 1, 3, 5]) / 18
    law = RewardLaw(np.zeros(9), probs, prompts=list("xxxyyyzzz"), scores=scores)
    rule = Voters([(1 / 3, BradleyTerry(2, by=name)) for name in ROUND])
    with pytest.raises(CyclingError, match=r"^prompt 'y': the loop must settle") as caught:
        CurationLoop(law, rule=rule, lam=math.inf).fixed_point()
    assert caught.value.amplitude > 0.1


@pytest.mark.parametrize("rule", [VOTERS, OfAtoms()])
def test_a_run_of_all_has_the_laws_of_each_alone(rule):
    law = law_of()
    loops = [RuleLoop(law.prompt(name), rule, 1.5, 0.3) for name in law.prompt_names]
    starts = [loop.levels.log_start_density for loop in loops]
    pairs = {z: (Search(loops[z], starts[z]), Search(loops[z], starts[z])) for z in (1, 3, 6)}
    for horizon in (10, 200):  # within the second one nothing moves any more
        for pair in pairs.values():
            for search in pair:
                search.horizon = horizon
        for number, laws in run_together._run(law, {z: one for z, (one, _) in pairs.items()}):
            together, alone = pairs[number]
            expected = alone.run()
            assert abs(together.steps - alone.steps) <= 1  # rounding decides when it is still
            assert horizon == 10 or together.steps < 200
            both = min(len(laws), len(expected))
            np.testing.assert_allclose(laws[:both], expected[:both], atol=1e-12)
