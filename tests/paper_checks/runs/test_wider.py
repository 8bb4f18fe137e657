"""Finite training sets, networks of models and prompts, against values by hand and other code."""

import math
from collections import Counter
from fractions import Fraction
from itertools import islice, product

import flint
import numpy as np
import pytest

from recurate import CurationLoop, Network, RewardLaw, rules
from recurate.paper_checks.catalogue import CHECKS
from recurate.paper_checks.replay import least_margin
from recurate.paper_checks.runs.ruled import choosing, wider
from recurate.paper_checks.runs.ruled.choosing import Avoid, BestBy, Click, Seek
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import ExactRuledRun
from recurate.paper_checks.runs.ruled.wider import (
    CertifiedWiderRun,
    ExactWiderRun,
    NetworkOf,
    PromptsOf,
    TrainingSets,
    wider_instances,
)
from recurate.paper_checks.runs.ruled.wider_setting import WIDER
from recurate.paper_checks.runs.written import fractions

HALVES = fractions("1/2 1/2")
ONE = Fraction(1)
AVOIDED = RuledInstance(HALVES, Avoid(2, (0,)), 2, ONE)


def expected_laws(instance, winners):
    """E p_t over ordered training sets, each drawn and trained on one after another."""
    run = ExactRuledRun(instance)
    states = [(ONE, tuple(instance.reference))]
    found = [list(instance.reference)]
    for t in range(instance.steps):
        real, kept, new = instance.shares(t)
        after = Counter()
        for chance, law in states:
            chosen = run.chosen_from(list(law), t)
            for drawn in product(range(len(law)), repeat=winners):
                mass = chance * math.prod(chosen[i] for i in drawn)
                parts = (
                    real * q + kept * p + new * Fraction(drawn.count(i), winners)
                    for i, (q, p) in enumerate(zip(instance.reference, law, strict=True))
                )
                after[tuple(parts)] += mass
        states = [(chance, law) for law, chance in after.items()]
        found.append([sum(c * law[i] for c, law in states) for i in range(instance.size)])
    return found


def test_two_winners_by_hand():
    # p_1 of the avoided atom is 1/4 + k/4 with k ~ Bin(2, 1/4): 9/16, 6/16, 1/16 for 1/4, 1/2, 3/4.
    # E p_2 = 1/4 + E p_1²/2 = 1/4 + (9/256 + 24/256 + 9/256)/2 = 85/256, and the floor is 82/256.
    run = ExactWiderRun(TrainingSets(AVOIDED, 2))
    (view,) = run.views
    assert [view.law(t)[0] for t in range(3)] == [Fraction(1, 2), Fraction(3, 8), Fraction(85, 256)]
    assert ExactRuledRun(AVOIDED).law(2)[0] == Fraction(82, 256)
    assert least_margin("share-envelope-general", run.instance).value == 0  # at t = 1


@pytest.mark.parametrize("winners", [1, 2, 3])
def test_training_sets_are_enumerated_as_they_are_drawn(winners):
    third = Fraction(1, 3)
    for instance in (
        RuledInstance((third,) * 3, BestBy(2, (0, 1, 2)), 2, ONE, Fraction(1, 4)),
        RuledInstance(HALVES, Seek(3, (0,)), 2, training=(Fraction(2), ONE)),
    ):
        view = ExactWiderRun(TrainingSets(instance, winners)).views[0]
        assert [view.law(t) for t in range(3)] == expected_laws(instance, winners)


def test_one_step_has_the_mean_of_the_infinite_loop():
    run, infinite = ExactWiderRun(TrainingSets(AVOIDED, 3)), ExactRuledRun(AVOIDED)
    assert run.views[0].law(1) == infinite.law(1)
    assert run.views[0].law(2)[0] > infinite.law(2)[0]


def test_a_network_by_hand():
    # Model 0 (λ = 1) trains on halves of its own and of model 1's, model 1 (λ = inf) on its own.
    first, second = AVOIDED, RuledInstance(HALVES, Avoid(3, (0,)), 2)
    run = ExactWiderRun(NetworkOf((first, second), (HALVES, fractions("0 1"))))
    one, other = run.views
    # T_0 = 1/4 and T_1 = 1/8 of the avoided atom: 1/4 + (1/4 + 1/8)/4 = 11/32, and 1/8.
    assert (one.law(1)[0], other.law(1)[0]) == (Fraction(11, 32), Fraction(1, 8))
    # The least real share is 0, and the largest K is 3.
    assert one.shares(0) == other.shares(0) == (0, 0, 1)
    assert one.candidates_at(0) == [(1, 3)]


def test_a_network_keeps_the_least_of_what_its_models_keep():
    kept = RuledInstance(HALVES, Click(), 1, ONE, Fraction(1, 2))  # (1/2, 1/4, 1/4)
    fresh = RuledInstance(HALVES, Click(), 1, Fraction(1, 3))  # (3/4, 0, 1/4)
    view, _ = ExactWiderRun(NetworkOf((kept, fresh), (HALVES, HALVES))).views
    assert view.shares(0) == (Fraction(1, 2), Fraction(1, 4), Fraction(1, 4))


def test_networks_are_those_of_the_float_engine():
    law = RewardLaw([0.0, 1.0, 2.0], [0.25, 0.25, 0.5])
    loops = [
        CurationLoop(law, rule=rules.BestOf(2), lam=1.0),
        CurationLoop(law, rule=rules.RandomChoice(), lam=3.0),
    ]
    floats = Network(loops, [[0.5, 0.5], [0.25, 0.75]]).run(steps=3)
    reference = fractions("1/4 1/4 1/2")
    models = (
        RuledInstance(reference, BestBy(2, (0, 1, 2)), 3, ONE),
        RuledInstance(reference, Click(), 3, Fraction(3)),
    )
    run = ExactWiderRun(NetworkOf(models, (HALVES, fractions("1/4 3/4"))))
    for j, view in enumerate(run.views):
        exact = [float(p) for p in view.law(3)]
        # Within the engine's error of 1e-13 a step.
        np.testing.assert_allclose(floats[j].probs(3), exact, rtol=1e-12)


def test_prompts_by_hand():
    loops = (AVOIDED, RuledInstance(fractions("1/4 3/4"), Seek(2, (0,)), 2, ONE))
    run = ExactWiderRun(PromptsOf(fractions("1/3 2/3"), loops))
    (view,) = run.views
    assert view.reference == fractions_list("1/6 1/6 1/6 1/2")
    assert view.law(1)[0] == Fraction(3, 8) / 3
    # The group of the first atoms of both: 1/6 + 1/6 of the real data.
    values = [1, 0, 1, 0]
    assert view.mean(view.law(1), values) == Fraction(3, 8) / 3 + 2 * view.parts[1].law(1)[0] / 3
    margins = CHECKS["share-envelope-general"].margins_of(run)
    assert min(margin.value for margin in margins) == 0
    assert any("prompt by prompt" in margin.where for margin in margins)


def fractions_list(text):
    return list(fractions(text))


def test_sharper_over_prompts_than_over_all():
    # The group is all of one prompt and nothing of the other: it keeps 1/2, and G_1(1/2) = 3/8.
    loops = tuple(RuledInstance((ONE, Fraction(0)), Avoid(2, (i,)), 1, ONE) for i in (0, 0))
    run = ExactWiderRun(PromptsOf(HALVES, loops))
    margins = CHECKS["share-envelope-general"].margins_of(run)
    values = {margin.where: margin.value for margin in margins}
    assert values["t = 1, atoms 0, prompt by prompt"] == 0
    assert values["t = 1, atoms 0"] == Fraction(1, 8)


def test_balls_contain_the_rationals():
    tried = Counter()
    for instance in islice(wider_instances(7), 60):
        if not instance.is_small:
            continue
        exact, certain = ExactWiderRun(instance), CertifiedWiderRun(instance, 128)
        with flint.ctx.workprec(128):
            for view, balls in zip(exact.views, certain.views, strict=True):
                for t in range(exact.steps + 1):
                    assert sum(view.law(t)) == 1
                    for ball, p in zip(balls.law(t), view.law(t), strict=True):
                        assert ball.overlaps(flint.arb(p.numerator) / p.denominator), instance
                        assert ball.rad() < 1e-30
        tried[type(instance).__name__] += 1
    assert min(tried[name] for name in ("TrainingSets", "NetworkOf", "PromptsOf")) >= 8


def test_instances_can_be_made_again():
    names = {"math": math, "Fraction": Fraction, "RuledInstance": RuledInstance}
    names |= vars(choosing) | vars(wider)
    for instance in islice(wider_instances(1), 40):
        assert eval(instance.to_python(), dict(names)) == instance
        made = {}
        for line in instance.imports:
            exec(line, made)
        exec(f"import math\nfrom {wider.__name__} import {type(instance).__name__}", made)
        assert eval(instance.to_python(), made) == instance


def test_the_general_envelope_is_tried_on_every_kind_of_loop():
    check = CHECKS["share-envelope-general"]
    runs = [
        WIDER.new_exact_run(instance)
        for instance in islice(WIDER.exact_instances(0), 300)
        if instance.is_small
    ]
    moving = [run for run in runs if check.speaks_of(run) and not run.is_degenerate]
    kinds = Counter(type(run.instance).__name__ for run in moving)
    assert min(kinds[name] for name in ("TrainingSets", "NetworkOf", "PromptsOf")) >= 12, kinds
    alone = [run for run in moving if isinstance(run.instance, RuledInstance)]
    assert sum(run.accumulates for run in alone) >= 20
    assert sum(bool(run.shares(0)[0] and run.shares(0)[1]) for run in alone) >= 20  # retained
    assert sum(len({K for _, K in run.candidates_at(0)}) > 1 for run in alone) >= 10  # unequal K
    sets = [run for run in moving if isinstance(run.instance, TrainingSets)]
    assert {run.instance.winners for run in sets} == {1, 2, 3}
