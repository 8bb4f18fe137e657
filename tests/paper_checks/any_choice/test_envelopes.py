"""Whatever people choose: equality where it is said, values by hand, and broken code."""

import math
from fractions import Fraction
from functools import partial
from itertools import islice

import flint
import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, rules
from recurate.paper_checks.any_choice import groups as following
from recurate.paper_checks.any_choice.any_choice_divergence import equal_atoms
from recurate.paper_checks.any_choice.groups import floors, followed, groups, least_dense
from recurate.paper_checks.any_choice.majorised import divergence, extreme_law, finite_sum_margins
from recurate.paper_checks.catalogue import CHECKS
from recurate.paper_checks.evidence.gathering.exact_and_certified import (
    certified_evidence,
    exact_evidence,
)
from recurate.paper_checks.replay import least_margin
from recurate.paper_checks.runs.ruled import choosing
from recurate.paper_checks.runs.ruled.choosing import (
    Avoid,
    BestBy,
    BradleyTerry,
    ChoiceTable,
    Click,
    Electorate,
    Seek,
)
from recurate.paper_checks.runs.ruled.draws import ruled_instances
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import CertifiedRuledRun, ExactRuledRun
from recurate.paper_checks.runs.written import fractions
from recurate.theory.envelopes import worst_divergence

HALVES = fractions("1/2 1/2")
ONE = Fraction(1)


def worst_group(run, name):
    """The least margin p_t(φ) - G_t(u) of a group at each step."""
    values = dict(groups(run))[name]
    least = floors(run, run.mean(run.reference, values))
    return [step.share - least[step.t] for step in followed(run, values)]


@pytest.mark.parametrize("lam", [Fraction(1, 3), ONE, math.inf])
@pytest.mark.parametrize("K", [1, 2, 3])
def test_avoiding_a_group_leaves_the_floor_and_seeking_it_the_ceiling(K, lam):
    reference = fractions("1/5 1/2 3/10")
    for rule, name in ((Avoid(K, (0, 2)), "atoms 0, 2"), (Seek(K, (0, 2)), "atoms 1")):
        run = ExactRuledRun(RuledInstance(reference, rule, 3, lam))
        assert worst_group(run, name) == [0, 0, 0]
    # What is neither avoided nor sought has more than the floor, but for K = 1.
    run = ExactRuledRun(RuledInstance(reference, Avoid(K, (0, 2)), 3, lam))
    assert all((gap > 0) == (K > 1) for gap in worst_group(run, "atoms 1"))


def test_a_floor_by_hand():
    # K = 2, λ = 1, u = 1/2: G_1 = (1/2 + 1/4)/2 = 3/8, G_2 = (1/2 + 9/64)/2 = 41/128.
    run = ExactRuledRun(RuledInstance(HALVES, Avoid(2, (0,)), 2, ONE))
    assert floors(run, Fraction(1, 2)) == [Fraction(1, 2), Fraction(3, 8), Fraction(41, 128)]
    assert run.law(2)[0] == Fraction(41, 128)


def test_floors_of_mixed_data_by_hand():
    u, quarter = Fraction(1, 2), Fraction(1, 4)
    # λ = 1, half of the rest retained: (1/2)(1/2) + (1/4)(1/2) + (1/4)(1/4) = 7/16.
    kept = ExactRuledRun(RuledInstance(HALVES, Click(), 1, ONE, u))
    assert following.next_floor(kept, 0, u, u, 2) == Fraction(7, 16)
    assert floors(kept, u) == [u, u]  # as it is, with K = 1, nothing is lost
    # Accumulated, ν = 1: η = 1/2, then 1/3.
    grown = ExactRuledRun(RuledInstance(HALVES, Avoid(2, (0,)), 2, training=(ONE, ONE)))
    first = u / 2 + quarter / 2
    assert floors(grown, u) == [u, first, 2 * first / 3 + first**2 / 3]
    # Voters who see 1 and 3: the mean of u and u³.
    mixed = Electorate(HALVES, (Click(), Avoid(3, (0,))))
    unequal = ExactRuledRun(RuledInstance(HALVES, mixed, 1))
    assert floors(unequal, u)[1] == (u + u**3) / 2
    # Infinitely many: nothing but the real data.
    tilt = RuledInstance(HALVES, BradleyTerry(math.inf, fractions("1 2")), 1, ONE)
    assert floors(ExactRuledRun(tilt), u)[1] == u / 2


@pytest.mark.parametrize(("K", "lam", "steps"), [(2, ONE, 4), (3, Fraction(1, 2), 3)])
def test_the_hard_best_attains_the_finite_sum(K, lam, steps):
    # p_t is the law of the masses G_t(u_i) - G_t(u_{i-1}) itself, in rationals.
    reference = fractions("1/10 2/5 1/5 3/10")
    instance = RuledInstance(reference, BestBy(K, (2, 0, 3, 1)), steps, lam)
    exact = ExactRuledRun(instance)
    for t in range(1, steps + 1):
        order, masses = extreme_law(exact, t, lambda u, t=t: floors(exact, u)[t])
        assert order == [1, 3, 0, 2]
        assert masses == [exact.law(t)[i] for i in order]
    certain = CertifiedRuledRun(instance, 128)
    with flint.ctx.workprec(128):
        margins = list(finite_sum_margins(certain, steps, lambda u: floors(certain, u)[steps]))
        assert len(margins) == 2
        assert all(margin.tight and margin.value.contains(0) for margin in margins)
        assert all(margin.value.rad() < 1e-30 for margin in margins)


def test_ties_fall_short_of_the_finite_sum():
    # The sum for masses 1/2, 1/2 needs the two to differ; of a rule without choice KL = 0.
    run = CertifiedRuledRun(RuledInstance(HALVES, BestBy(2, (0, 0)), 1), 128)
    with flint.ctx.workprec(128):
        first, second = finite_sum_margins(run, 1, lambda u: u * u)
        # ΔG = 1/4, 3/4: the sum is (1/4) log(1/2) + (3/4) log(3/2) = .130812.
        assert float(first.value.mid()) == pytest.approx(
            math.log(1.5) * 0.75 - math.log(2) / 4, rel=1e-15
        )
        assert not first.tight
        assert second.tight  # KL(q‖p_t) is all of it


def test_equal_atoms_come_near_the_worst_divergence():
    # K = 4, λ = 1, t = 3 and the hard best: from below, by less than 1e-7 with 10^4 atoms, where
    # the error falls like 1/n². By the float engine, whose KL errs by 1e-12 at most.
    worst = worst_divergence(K=4, lam=1.0, steps=3)[3]
    gaps = []
    for n in (1_000, 10_000):
        loop = CurationLoop(RewardLaw(np.arange(n) / n), rule=rules.BestOf(4), lam=1.0)
        gaps.append(worst - loop.run(steps=3).kl_to_reference[3])
    assert 1e-6 < gaps[0] < 1e-5
    assert 1e-9 < gaps[1] < 1e-7


def test_pure_loops_have_the_worst_divergence_in_closed_form():
    # t log K - 1 + K^-t: 2 log 4 - 1 + 1/16 = 1.8351 for K = 4, t = 2.
    check = CHECKS["any-choice-divergence"]
    run = CertifiedRuledRun(equal_atoms(4, 4, math.inf, 2), 128)
    with flint.ctx.workprec(128):
        value = run.evaluate(check.bound, lam=math.inf, K=4, steps=2)
        assert (value - (2 * flint.arb(4).log() - 1 + flint.arb(1) / 16)).contains(0)
    assert float(value.mid()) == pytest.approx(1.8351, abs=5e-5)


def test_margins_by_hand():
    # u = 1/2, avoided by K = 3: T = 1/8; the mutants u^2 and u are off by 1/8 and 3/8.
    instance = RuledInstance(HALVES, Avoid(3, (0,)), 1, ONE)
    assert least_margin("any-choice-bound", instance).value == 0
    assert least_margin("any-choice-bound#0", instance).value == Fraction(-1, 8)
    assert least_margin("any-choice-bound#1", instance).value == Fraction(-3, 8)
    # λ = 1: p_1 = 1/4 + 1/16 = 5/16, and the mutant that it keeps 1/2 is off by 3/16.
    assert least_margin("share-envelope", instance).value == 0
    assert least_margin("share-envelope#0", instance).value == Fraction(-3, 16)


def test_infinitely_many_candidates_are_not_spoken_of():
    tilt = RuledInstance(HALVES, BradleyTerry(math.inf, fractions("1 100")), 1, ONE)
    for name in ("any-choice-bound", "share-envelope", "any-choice-divergence"):
        with pytest.raises(ValueError, match=f"loop must be one that {name} is about"):
            least_margin(name, tilt)
    # In general it is: the floor is the real data's part.
    assert least_margin("share-envelope-general", tilt).value >= 0


def test_enough_loops_are_no_special_cases():
    # Of 300 drawn loops, those of each statement that move, that look at p_t, and that change.
    drawn = [ExactRuledRun(instance) for instance in islice(ruled_instances(0), 300)]
    for name, least in (
        ("any-choice-bound", 200),
        ("share-envelope", 75),
        ("share-envelope-general", 200),
        ("any-choice-divergence", 75),
    ):
        spoken = [run for run in drawn if CHECKS[name].speaks_of(run)]
        moving = [run for run in spoken if not run.is_degenerate]
        assert len(moving) >= least, name
        assert sum(run.sees_law for run in moving) >= least / 5, name
        assert sum(run.changes for run in moving) >= least / 5, name


def test_groups_are_all_sets_of_few_atoms_and_the_least_dense_of_many():
    few = ExactRuledRun(RuledInstance(fractions("1/5 1/5 3/5"), Click()))
    names = [name for name, _ in groups(few)]
    assert names[:6] == [f"atoms {text}" for text in ("2", "1", "1, 2", "0", "0, 2", "0, 1")]
    assert len(names) == 6 + 6  # three fuzzy sets and their complements
    masses = (*fractions("1/10") * 5, Fraction(1, 2))
    many = ExactRuledRun(RuledInstance(masses, BestBy(2, (5, 4, 3, 2, 1, 0))))
    assert least_dense(many, 1) == [[5], [5, 4], [5, 4, 3], [5, 4, 3, 2], [5, 4, 3, 2, 1]]
    given = dict(groups(many))
    assert given["atoms 4, 5"] == [0, 0, 0, 0, 1, 1]
    assert given["atoms 0, 1, 2, 3"] == [1, 1, 1, 1, 0, 0]
    for values in given.values():
        assert all(0 <= value <= 1 for value in values)


def test_densities_are_ordered_to_the_last_bit():
    # 1/3 and 1/3 + 1e-30 are one float.
    third = Fraction(1, 3)
    law = (third + Fraction(1, 10**30), third, third - Fraction(1, 10**30))
    run = CertifiedRuledRun(RuledInstance((third,) * 3, Click(), initial=law), 128)
    with flint.ctx.workprec(128):
        assert following.in_order(run.reference, run.law(0)) == [2, 1, 0]


def test_divergences_of_balls_about_zero():
    # x log(x/y) for x in [0, 1e-3], y = 1/2: from 1e-3 log(2e-3) = -.0062 to 0.
    with flint.ctx.workprec(128):
        about = flint.arb(0, 1e-3)
        value = divergence([about], [flint.arb(0.5)])
        assert value.contains(0)
        assert value.contains(flint.arb(1e-3) * flint.arb(2e-3).log())
        assert value.abs_upper() < 0.0063
        # Beyond y/e the least value -y/e is inside: y = 1e-3, x = y/e.
        wide = divergence([flint.arb(0, 1)], [flint.arb(1e-3)])
        assert wide.contains(-flint.arb(1e-3) / flint.arb(1).exp())
        assert wide.contains(flint.arb(1e3).log())
        assert divergence([flint.arb(0), flint.arb(1)], [flint.arb(0.5)] * 2).overlaps(
            flint.arb(2).log()
        )


# Broken code


def evidence_of(name, gather=exact_evidence, cases=40):
    return gather(CHECKS[name], name=name, cases=cases, seed=1)


@pytest.mark.usefixtures("nothing_kept")
def test_a_rule_that_takes_what_is_not_there_is_noticed(monkeypatch):
    # An avoided group that is never chosen, not even if all candidates are of it.
    monkeypatch.setattr(Avoid, "curated", lambda self, law, t=0: _never(self.group, law))
    assert evidence_of("any-choice-bound").verdict == "refuted"


def _never(group, law):
    rest = sum(p for i, p in enumerate(law) if i not in group)
    if not rest:
        return list(law)
    return [0 * p if i in group else p / rest for i, p in enumerate(law)]


@pytest.mark.usefixtures("nothing_kept")
def test_a_table_that_sees_one_more_candidate_is_noticed(monkeypatch):
    # Tables over K + 1 candidates count as tables over K; deterministic ones exceed the bound.
    true = ChoiceTable.curated

    def wider(self, law, t=0):
        more = ChoiceTable(self.K + 1, self.seed, self.sees_law, self.changes)
        return true(more, law, t)

    monkeypatch.setattr(ChoiceTable, "curated", wider)
    for instance in islice(ruled_instances(0), 300):
        run = ExactRuledRun(instance)
        if CHECKS["any-choice-bound"].speaks_of(run):
            margins = CHECKS["any-choice-bound"].margins_of(run)
            if any(margin.value < 0 for margin in margins):
                return
    pytest.fail("no table exceeded the bound")


@pytest.mark.usefixtures("nothing_kept")
def test_wrong_shares_of_data_are_noticed(monkeypatch):
    # Real data forgotten in the run, and not in the bound.
    true = RuledInstance.shares
    monkeypatch.setattr(
        RuledInstance,
        "shares",
        lambda self, t: (true(self, t)[0] * 0, true(self, t)[1], 1 - true(self, t)[1]),
    )
    assert evidence_of("share-envelope").verdict == "refuted"
    assert evidence_of("any-choice-divergence", certified_evidence, 12).verdict == "refuted"


@pytest.mark.usefixtures("nothing_kept")
def test_a_wrong_engine_is_noticed(monkeypatch):
    # The best of K + 1 called the best of K.
    true = rules.BestOf.log_ratio_of_levels
    monkeypatch.setattr(
        rules.BestOf,
        "log_ratio_of_levels",
        lambda self, tails: true(rules.BestOf(self.K + 1), tails),
    )
    # Of two atoms the lower one has 1/8 where 1/4 is the least of a choice among two.
    loop = CurationLoop(RewardLaw([0.0, 1.0]), rule=rules.BestOf(2), lam=1.0)
    for name, gap in (("any-choice-bound", -1 / 8), ("share-envelope", -1 / 16)):
        margin = least_margin(name, loop, steps=1)
        assert float(margin.value.mid()) == pytest.approx(gap, rel=1e-9)
        assert margin.value < 0


@pytest.mark.usefixtures("nothing_kept")
def test_a_wrong_order_of_densities_is_noticed(monkeypatch):
    monkeypatch.setattr(
        "recurate.paper_checks.any_choice.majorised.in_order",
        lambda reference, law: list(reversed(following.in_order(reference, law))),
    )
    assert evidence_of("any-choice-divergence", certified_evidence, 12).verdict == "refuted"


def test_floors_follow_the_statement_s_own():
    # The recursion of the general envelope and the bound of the loop's, in rationals.
    check = CHECKS["share-envelope"]
    tried = 0
    for instance in islice(ruled_instances(4), 60):
        run = ExactRuledRun(instance)
        if not (check.speaks_of(run) and run.is_plain):
            continue
        u = run.reference[0]
        own = partial(run.evaluate, check.bound, share=u, lam=run.lam, K=run.K)
        if all(rule.shares == [(1, run.K)] for rule in instance.all_choosing):
            assert floors(run, u)[1:] == [own(steps=t) for t in range(1, run.steps + 1)]
            tried += 1
    assert tried >= 10


def test_instances_print_with_what_they_are_made_of():
    names = {"math": math, "Fraction": Fraction, "RuledInstance": RuledInstance, **vars(choosing)}
    instance = equal_atoms(4, 2, ONE, 3)
    assert eval(instance.to_python(), names) == instance
