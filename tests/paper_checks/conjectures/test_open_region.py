"""Conjectures are tried where they are open, and nowhere else."""

import math
import re
from dataclasses import replace
from fractions import Fraction

import flint
import pytest

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.catalogue import CHECKS
from recurate.paper_checks.conjectures.open_region import OPEN_CURATION, is_open, open_steps
from recurate.paper_checks.conjectures.small_mixing import rises_in_the_loop, rises_to_leading_order
from recurate.paper_checks.evidence.gathering.exact_and_certified import (
    certified_evidence,
    exact_evidence,
)
from recurate.paper_checks.evidence.gathering.property import property_evidence
from recurate.paper_checks.hunt.hunt import hunt
from recurate.paper_checks.hunt.margins import Case, CheckConjecture
from recurate.paper_checks.replay import least_margin
from recurate.paper_checks.runs.instances import hierarchy, two_points
from recurate.paper_checks.runs.kinds import CertifiedRun, EngineRun, ExactRun
from recurate.theory.catalogue import STATEMENTS

CONJECTURES = [
    name
    for name, statement in STATEMENTS.items()
    if statement.kind == "conjecture" and CHECKS[name].setting is OPEN_CURATION
]
OPEN = hierarchy(3, ratio=10, K=2, lam=1, steps=6)


def first_step(margin):
    return int(re.match(r"t = (\d+)", margin.where).group(1))


@pytest.mark.parametrize("name", CONJECTURES)
@pytest.mark.parametrize(
    "proved",
    [
        replace(OPEN, lam=math.inf),
        replace(OPEN, lam=Fraction(0)),
        replace(OPEN, K=math.inf),
        replace(OPEN, K=1),
        replace(OPEN, steps=1),
        replace(OPEN, weights=(Fraction(1, 10), Fraction(1), Fraction(1))),
        replace(OPEN, reference=(Fraction(1, 2), Fraction(1, 2), Fraction(0))),
        two_points("1/10", "1/100", lam=2, steps=6),
    ],
    ids=str,
)
def test_where_a_conjecture_is_proved_it_has_no_margins(name, proved):
    assert not CHECKS[name].speaks_of(CertifiedRun(proved))
    with pytest.raises(ValueError, match="must be one that"):
        least_margin(name, proved, kind="certified")


@pytest.mark.parametrize("name", CONJECTURES)
def test_the_first_steps_are_no_margins(name):
    run = CertifiedRun(OPEN)
    assert CHECKS[name].speaks_of(run)
    # docs/mathematics.md proves two steps of the others, and one of this.
    first = 1 if name == "objective-monotone" else 2
    steps = {first_step(margin) for margin in CHECKS[name].margins_of(run)}
    assert steps >= {first, first + 1}
    assert min(steps) == first
    assert not any("λ = inf" in margin.where for margin in CHECKS[name].margins_of(run))


def test_steps_that_a_small_mixing_proves_are_no_margins():
    run = ExactRun(replace(OPEN, lam=Fraction(1, 10**9)))
    assert is_open(run)  # as far as the shape of the loop tells
    assert open_steps(run) == set()
    assert CHECKS["reward-monotone"].margins_of(run) == []
    assert open_steps(ExactRun(OPEN)) == {2, 3, 4, 5}


def test_the_mixing_below_which_a_step_is_proved():
    # TV(T(p), p) ((1 + 2a)^2 - 1) = the least rise at t = 2, for K = 2; T(p) - p changes sign once.
    first, _, last = rises_to_leading_order(ExactRun(OPEN), 3)
    a = (math.sqrt(1 + min(last) / max(first)) - 1) / 2
    for share, is_proved in ((0.99, True), (1.01, False)):
        run = ExactRun(replace(OPEN, lam=Fraction(share * a / (1 - share * a))))
        assert (2 not in open_steps(run)) == is_proved
        assert all(rise > 0 for rise in rises_in_the_loop(run, 2))


@pytest.mark.parametrize("K", [2, 3, 16, 1000])
def test_the_engine_s_leading_order_contains_the_balls(K):
    law = RewardLaw([-20.0, -3.0, -0.5, -0.4, 0.0], [0.3, 0.5, 0.1, 0.09, 0.01])
    case = Case(CurationLoop(law, K=K, lam=1.0), 1)
    with flint.ctx.workprec(160):
        floats = rises_to_leading_order(EngineRun(case.loop, 1), 12)
        balls = rises_to_leading_order(CertifiedRun(case.instance()), 12)
        for row, known in zip(floats, balls, strict=True):
            assert all(x.contains(y) for x, y in zip(row, known, strict=True))
        # K - 1 times the rounding of log p, and a step's error over its own size: 1e-8 is ample.
        assert all(ball.rad() < 1e-8 * ball.mid() for ball in floats[0])


def test_conjectures_about_one_reward_are_open_there():
    others = {name for name, s in STATEMENTS.items() if s.kind == "conjecture"} - set(CONJECTURES)
    assert others == {"cyclic-voters-settle"}
    assert len(CONJECTURES) >= 4


@pytest.mark.parametrize("name", CONJECTURES)
def test_mutants_are_tried_everywhere(name):
    check = CHECKS[name]
    for mutant in check.mutants:
        assert check.mutated(mutant).is_open is None


def test_evidence_has_as_many_open_cases_as_loops_are_asked_for():
    name = "reward-monotone"
    check = CHECKS[name]
    # A loop is left out where a small λ proves all of its steps: one in forty of these.
    for evidence, asked in (
        (property_evidence(check, name=name, cases=10, seed=2), 10),
        (exact_evidence(check, name=name, cases=30, seed=2), 30),
        (certified_evidence(check, name=name, cases=8, seed=2), 8),
    ):
        assert evidence.cases >= 0.9 * asked
        assert "where it is open" in evidence.tried


def test_random_loops_are_open_and_long():
    exact, balls = OPEN_CURATION.exact_pool(5, 60), OPEN_CURATION.certified_pool(5, 40)
    assert all(map(is_open, (*exact, *balls)))
    assert max(run.steps for run in exact) >= 8
    assert max(run.steps for run in balls) >= 20
    assert sum(run.lam <= Fraction(1, 10) / (int(run.K) - 1) for run in balls) >= 4


@pytest.mark.parametrize("name", CONJECTURES)
def test_a_hunt_visits_open_loops_only(monkeypatch, name):
    seen = []
    look = CheckConjecture.look

    def noted(self, case):
        found = look(self, case)
        seen.append((case, found))
        return found

    monkeypatch.setattr(CheckConjecture, "look", noted)
    hunt(name, evaluations=60, restart=20, atoms=(2, 4), steps=(1, 8), candidates=(1, 2, math.inf))
    drawn = [case for case, found in seen if case.loop.law.size != 2]  # own instances may have two
    assert len(drawn) > 50
    assert all(case.loop.law.size >= 3 and case.loop.K == 2 for case in drawn[-50:])
    assert all(0 < case.loop.lam < math.inf and case.steps >= 3 for case in drawn[-50:])
    assert sum(found.values.size > 0 for _, found in seen) > 40
    assert min(case.loop.lam for case in drawn) < 0.1


def test_a_hunt_where_nothing_is_open_is_refused():
    with pytest.raises(ValueError, match=r"reward-monotone is proved for the others; got 1, inf"):
        hunt("reward-monotone", evaluations=10, candidates=(1, math.inf))
