"""Loops with any rule of choice: rationals, balls and the float engine against definitions."""

import contextlib
import io
import math
from collections import Counter
from fractions import Fraction
from itertools import islice, product

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurate import Accumulate, CurationLoop, RewardLaw, rules
from recurate.paper_checks.catalogue import CHECKS
from recurate.paper_checks.evidence.gathering.exact_and_certified import tried_in_balls
from recurate.paper_checks.runs.ruled import choosing, draws
from recurate.paper_checks.runs.ruled.by_rule import instance_of_loop
from recurate.paper_checks.runs.ruled.choosing import (
    Avoid,
    BestBy,
    BradleyTerry,
    ChoiceTable,
    Click,
    Electorate,
    Preference,
    Seek,
)
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import (
    CertifiedRuledRun,
    EngineRuledRun,
    ExactRuledRun,
)
from recurate.paper_checks.runs.ruled.setting import RULED
from recurate.paper_checks.runs.written import fractions

LAW = list(fractions("1/10 1/5 3/10 2/5"))
HALF = Fraction(1, 2)
WEIGHTS = fractions("1 3 3 7")
MATRIX = (
    fractions("1/2 1/4 1 0"),
    fractions("3/4 1/2 1/8 1"),
    fractions("0 7/8 1/2 1/2"),
    fractions("1 0 1/2 1/2"),
)


def by_tuples(law, K, chances):
    """T(p) from the chances of the places of each K-tuple of atoms."""
    chosen = [Fraction(0)] * len(law)
    for drawn in product(range(len(law)), repeat=K):
        places = chances(drawn)
        assert sum(places) == 1
        for i, chance in zip(drawn, places, strict=True):
            chosen[i] += math.prod(law[j] for j in drawn) * Fraction(chance)
    return chosen


def among(places):
    """A random one of these places, which are marked."""
    return [Fraction(mark, sum(places)) for mark in places]


def best(order):
    return lambda drawn: among([order[i] == max(order[j] for j in drawn) for i in drawn])


def seeking(group):
    def chances(drawn):
        inside = [i in group for i in drawn]
        return among(inside if any(inside) else [True] * len(drawn))

    return chances


def by_weight(drawn):
    return [WEIGHTS[i] / sum(WEIGHTS[j] for j in drawn) for i in drawn]


ORDER = (0, 2, 1, 2)
BY_DEFINITION = [
    (BestBy(3, ORDER), 3, best(ORDER)),
    (BestBy(2, ORDER, "worst"), 2, best([-rank for rank in ORDER])),
    (Seek(3, (0, 2)), 3, seeking((0, 2))),
    (Avoid(3, (0, 2)), 3, seeking((1, 3))),
    (Avoid(2, ()), 2, lambda drawn: [HALF, HALF]),
    (BradleyTerry(3, WEIGHTS), 3, by_weight),
    (Preference(MATRIX), 2, lambda drawn: [MATRIX[drawn[0]][drawn[1]], MATRIX[drawn[1]][drawn[0]]]),
    (Click(), 1, lambda drawn: [1]),
]


@pytest.mark.parametrize(("rule", "K", "chances"), BY_DEFINITION, ids=lambda x: str(x)[:20])
def test_rules_are_what_their_definitions_say(rule, K, chances):
    assert rule.candidates == K
    assert rule.curated(LAW) == by_tuples(LAW, K, chances)


def test_infinitely_many_candidates_tilt_the_law():
    # w = (0, 1, 1, 2): E w = 1/5 + 3/10 + 4/5 = 13/10.
    rule = BradleyTerry(math.inf, fractions("0 1 1 2"))
    assert rule.curated(LAW) == list(fractions("0 2/13 3/13 8/13"))


def test_an_electorate_is_the_mixture_of_its_voters():
    rule = Electorate(
        fractions("1/4 3/4"), (BestBy(3, ORDER), Electorate((Fraction(1),), (Click(),)))
    )
    expected = [p / 4 + 3 * q / 4 for p, q in zip(BestBy(3, ORDER).curated(LAW), LAW, strict=True)]
    assert rule.curated(LAW) == expected
    assert rule.candidates == 3
    assert rule.shares == [(Fraction(1, 4), 3), (Fraction(3, 4), 1)]
    with pytest.raises(ValueError, match="voters must be one share for each chooser, of sum one"):
        Electorate(fractions("1/4 1/4"), (Click(), Click()))


def test_a_table_chooses_one_place_of_each_tuple():
    # From a law on one tuple of atoms each table's chances are seen: they are a law of its places.
    for seed, K in ((1, 2), (2, 3)):
        rule = ChoiceTable(K, seed)
        chances = choosing._table(seed, 4, K, 0)
        by_hand = by_tuples(
            LAW, K, lambda drawn, seen=chances: [Fraction(x, 16) for x in seen[drawn]]
        )
        assert rule.curated(LAW) == by_hand
        certain = sum(max(places) == 16 for places in chances.values())
        assert len(chances) / 4 < certain < len(chances)


def test_tables_may_look_at_the_law_and_change():
    quiet, looking = ChoiceTable(2, 5), ChoiceTable(2, 5, sees_law=True)
    tables = [choosing._table(seed, 4, 2, 0) for seed in (5, 6)]

    def chances(drawn):
        look = LAW[drawn[0]]
        pairs = zip(*(table[drawn] for table in tables), strict=True)
        return [(look * x + (1 - look) * y) / 16 for x, y in pairs]

    assert looking.curated(LAW) == by_tuples(LAW, 2, chances)
    assert quiet.curated(LAW, 0) == quiet.curated(LAW, 1)
    changing = ChoiceTable(2, 5, changes=True)
    assert changing.curated(LAW, 0) != changing.curated(LAW, 1)


def test_preferences_of_a_pair_sum_to_one():
    with pytest.raises(ValueError, match=r"P\(x, y\) \+ P\(y, x\) = 1"):
        Preference((fractions("1/2 1/2"), fractions("1/4 1/2")))


def test_a_step_by_hand():
    # Best of two, equal masses: 1/4 and 3/4. λ = 1, a half retained: (1/2 + 3/8)/2 = 7/16.
    # Accumulated from (n_0, n) = (1, 1): 1/2 + (1/4 - 1/2)/2 = 3/8, then η = 1/3.
    rule, reference = BestBy(2, (0, 1)), (HALF, HALF)
    pure = ExactRuledRun(RuledInstance(reference, rule))
    assert pure.law(1) == pure.curated(0) == list(fractions("1/4 3/4"))
    mixed = ExactRuledRun(RuledInstance(reference, rule, lam=Fraction(1), retained=HALF))
    assert mixed.law(1)[0] == Fraction(7, 16)
    grown = ExactRuledRun(RuledInstance(reference, rule, 2, training=(Fraction(1), Fraction(1))))
    assert grown.law(1)[0] == Fraction(3, 8)
    assert grown.shares(1) == (0, Fraction(2, 3), Fraction(1, 3))
    assert grown.law(2)[0] == Fraction(3, 8) + (Fraction(9, 64) - Fraction(3, 8)) / 3
    other = ExactRuledRun(RuledInstance(reference, rule, initial=fractions("1 0")))
    assert (other.law(1), other.starts_at_reference) == ([1, 0], False)


def test_what_changes_is_looked_up_step_by_step():
    instance = RuledInstance(
        (HALF, HALF),
        (BestBy(2, (0, 1)), Click()),
        2,
        lam=(math.inf, Fraction(1)),
        retained=(Fraction(0), HALF),
    )
    run = ExactRuledRun(instance)
    assert run.law(1) == list(fractions("1/4 3/4"))
    assert run.law(2)[0] == Fraction(1, 2) / 2 + Fraction(1, 4) / 2
    assert (run.K, run.lam, run.is_plain, run.changes) == (2, None, False, True)
    assert [run.K_at(t) for t in range(2)] == [2, 1]
    assert [run.lam_at(t) for t in range(2)] == [math.inf, 1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"initial": (HALF, HALF, Fraction(0))}, "laws must have one length"),
        ({"second": (HALF, Fraction(1))}, "sum to one"),
        ({"lam": (Fraction(1),) * 3}, "lam must have an entry a step"),
        ({"training": (HALF, HALF), "lam": Fraction(1)}, "leave no λ and nothing retained"),
    ],
)
def test_instances_that_are_none(change, message):
    with pytest.raises(ValueError, match=message):
        RuledInstance((HALF, HALF), Click(), 2, **change)


def test_balls_contain_the_rationals():
    tried = 0
    for instance in islice(draws.ruled_instances(11), 80):
        exact, certain = ExactRuledRun(instance), CertifiedRuledRun(instance, 128)
        with flint.ctx.workprec(128):
            for t in range(instance.steps + 1):
                for ball, p in zip(certain.law(t), exact.law(t), strict=True):
                    assert ball.overlaps(flint.arb(p.numerator) / p.denominator), instance
                    assert ball.rad() < 1e-30
                    tried += 1
    assert tried > 500


def test_long_runs_in_balls_keep_their_digits():
    for instance in islice(draws.longer_ruled_instances(3), 30):
        run = CertifiedRuledRun(instance, 128)
        with flint.ctx.workprec(128):
            for t in range(instance.steps + 1):
                total = sum(run.law(t), flint.arb(0))
                assert total.contains(1), instance
                assert total.rad() < 1e-30
                assert all(p.rel_accuracy_bits() >= 64 for p in run.law(t) if not p == 0)  # noqa: SIM201


def test_every_kind_of_loop_is_drawn():
    drawn = list(islice(draws.ruled_instances(0), 400))
    kinds = Counter(type(rule).__name__ for i in drawn for rule in set(i.all_choosing))
    every = (ChoiceTable, BestBy, Avoid, Seek, BradleyTerry, Electorate, Preference, Click)
    for kind in every:
        assert kinds[kind.__name__] >= 10, kinds
    runs = [ExactRuledRun(i) for i in drawn]
    for name in ("sees_law", "changes", "is_plain"):
        assert 60 <= sum(getattr(run, name) for run in runs) <= 340, name
    assert sum(run.is_degenerate for run in runs) < 120
    assert sum(i.training is not None for i in drawn) > 60
    assert sum(i.retained != 0 for i in drawn) > 60
    assert sum(i.lam_at(0) == math.inf and i.training is None for i in drawn) > 60
    assert all(i.is_small for i in drawn)


def test_instances_can_be_made_again():
    names = {"math": math, "Fraction": Fraction, "RuledInstance": RuledInstance, **vars(choosing)}
    for instance in islice(draws.ruled_instances(1), 60):
        again = eval(instance.to_python(), names)
        assert again == instance
        assert str(again) == str(instance)


REWARDS = [0.0, 1.0, 1.0, 2.0]
ENGINE = [
    (rules.BestOf(3), BestBy(3, (0, 1, 1, 2))),
    (rules.BradleyTerry(2, by="log"), BradleyTerry(2, WEIGHTS)),
    (rules.RandomChoice(), Click()),
    (
        rules.PairwisePreference([[float(x) for x in row] for row in MATRIX], of="atoms"),
        Preference(MATRIX),
    ),
    (
        rules.Voters([(0.25, rules.BestOf(2)), (0.75, rules.RandomChoice())]),
        Electorate(fractions("1/4 3/4"), (BestBy(2, (0, 1, 1, 2)), Click())),
    ),
]
SCHEDULES = [
    ({"lam": 1.0}, {"lam": Fraction(1)}),
    ({"lam": math.inf, "retained": 0.25}, {"lam": math.inf, "retained": Fraction(1, 4)}),
    (
        {"lam": [1.0, math.inf], "retained": [0.5, 0.0]},
        {"lam": (Fraction(1), math.inf), "retained": (HALF, Fraction(0))},
    ),
    ({"training": Accumulate(2.0, 1.0)}, {"training": (Fraction(2), Fraction(1))}),
]


@pytest.mark.parametrize("schedule", range(len(SCHEDULES)))
@pytest.mark.parametrize("number", range(len(ENGINE)))
def test_the_engine_runs_the_same_loops(number, schedule):
    rule, exact_rule = ENGINE[number]
    given, exact_given = SCHEDULES[schedule]
    law = RewardLaw(REWARDS, [float(p) for p in LAW], scores={"log": np.log([1, 3, 3, 7])})
    engine = EngineRuledRun(CurationLoop(law, rule=rule, **given), 2, [0.25] * 4)
    exact = ExactRuledRun(
        RuledInstance(tuple(LAW), exact_rule, 2, second=(Fraction(1, 4),) * 4, **exact_given)
    )
    for t in range(3):
        assert_near(engine.law(t), exact.law(t))
    for t in range(2):
        assert_near(engine.curated(t), exact.curated(t))
        assert_near(engine.chosen_from(engine.second, t), exact.chosen_from(exact.second, t))
        assert_near(engine.shares(t), exact.shares(t))
        assert engine.K_at(t) == exact.K_at(t)
        assert engine.lam_at(t) == exact.lam_at(t)
    for name in ("K", "lam", "is_plain", "changes", "is_degenerate", "sees_law"):
        assert getattr(engine, name) == getattr(exact, name), name


def assert_near(balls, values):
    # Floats of masses at least 1e-3, p_t within its stated error of 1e-13 a step.
    for ball, value in zip(balls, values, strict=True):
        assert float(ball.mid()) == pytest.approx(float(value), rel=1e-12, abs=1e-15)


def test_divergences_and_distances_by_hand():
    run = CertifiedRuledRun(RuledInstance((HALF, HALF), Click(), second=fractions("1 0")))
    with flint.ctx.workprec(128):
        assert run.kl(run.second, run.reference).overlaps(flint.arb(2).log())
        assert run.total_variation(run.second, run.reference) == 0.5
    exact = ExactRuledRun(run.instance)
    assert exact.total_variation(exact.second, exact.reference) == HALF
    assert exact.mean(exact.reference, [0, 3]) == Fraction(3, 2)
    with pytest.raises(TypeError, match="rationals have no logarithms"):
        exact.kl(exact.reference, exact.reference)


@pytest.mark.parametrize("schedule", range(len(SCHEDULES)))
@pytest.mark.parametrize("number", range(len(ENGINE)))
def test_the_engine_s_loops_are_run_in_balls(number, schedule):
    law = RewardLaw(REWARDS, [float(p) for p in LAW], scores={"log": np.log([1, 3, 3, 7])})
    loop = CurationLoop(law, rule=ENGINE[number][0], **SCHEDULES[schedule][0])
    engine, instance = EngineRuledRun(loop, 2), instance_of_loop(loop, 2, np.full(4, 0.25))
    assert instance.second == (Fraction(1, 4),) * 4
    assert not instance.is_small
    run = CertifiedRuledRun(instance, 128)
    with flint.ctx.workprec(128):
        for t in range(3):
            assert all(p.rad() < 1e-25 for p in run.law(t))
            for ball, around in zip(run.law(t), engine.law(t), strict=True):
                assert around.overlaps(ball)  # within the engine's stated error
    made = {"math": math}
    exec("\n".join(instance.imports), made)
    exec(f"from {RuledInstance.__module__} import RuledInstance", made)
    assert str(eval(instance.to_python(), made)) == str(instance)


@given(data=st.data())
@settings(max_examples=5, database=None)
def test_what_the_search_finds_is_computed_again_in_balls(data):
    # The best of two leaves the lower one of equal atoms 1/4, not its share 1/2.
    loop = CurationLoop(RewardLaw([0.0, 1.0]), rule=rules.BestOf(2), lam=1.0)
    check = CHECKS["any-choice-bound"]
    fair = check.mutated(check.mutants[1])
    searched = RULED.searched(loop, 1, data)
    tally = tried_in_balls(fair, searched.instance(), "any-choice-bound#1")
    assert tally.witness.margin.startswith("-0.25")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(tally.witness.replay, {})
        exec(searched.replay("any-choice-bound#1"), {})
    assert printed.getvalue().replace("[", "").count("margin -0.25") == 2
