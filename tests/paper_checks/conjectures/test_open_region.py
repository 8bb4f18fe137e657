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
from recurate.paper_checks.conjectures.first_and_last_steps import settled_steps
from recurate.paper_checks.conjectures.open_region import (
    OPEN_CURATION,
    OPEN_RISES,
    OpenCuration,
    is_open,
    open_steps,
    rise_is_open,
)
from recurate.paper_checks.conjectures.small_mixing import (
    proved_steps,
    rises_in_the_loop,
    rises_to_leading_order,
)
from recurate.paper_checks.evidence.gathering.exact_and_certified import (
    certified_evidence,
    exact_evidence,
)
from recurate.paper_checks.evidence.gathering.property import property_evidence
from recurate.paper_checks.hunt.hunt import hunt
from recurate.paper_checks.hunt.margins import Case, CheckConjecture
from recurate.paper_checks.replay import least_margin
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.kinds import CertifiedRun, EngineRun, ExactRun
from recurate.theory.catalogue import STATEMENTS

CONJECTURES = [
    name
    for name, statement in STATEMENTS.items()
    if statement.kind == "conjecture" and isinstance(CHECKS[name].setting, OpenCuration)
]
RISES = ["reward-monotone", "divergence-monotone"]
OPEN = hierarchy(3, ratio=10, K=2, lam=1, steps=6)
# The second weight gains at t = 0 and loses at t = 1, the third one loses at t = 5 (in rationals).
OPEN_RISE = Instance.of("1/100 1/10 9/10 1", "7/10 1/10 1/10 1/10", K=3, lam=1, steps=6)
# The second weight loses at t = 1, the third one at t = 6, the fourth one not yet.
OPEN_PAIR = Instance.of(
    "1/100 1/10 1/2 8/10 9/10 1", "4/10 4/10 17/100 1/100 1/100 1/100", lam=4, steps=9
)
EARLY = (*[Fraction(1, 10)] * 2, Fraction(77, 100), *[Fraction(1, 100)] * 3)


def open_loop(name):
    return OPEN_RISE if name in RISES else OPEN


def first_step(margin):
    return int(re.match(r"t = (\d+)", margin.where).group(1))


@pytest.mark.parametrize("name", CONJECTURES)
@pytest.mark.parametrize(
    "change",
    [
        {"lam": math.inf},
        {"lam": Fraction(0)},
        {"K": math.inf},
        {"K": 1},
        {"steps": 1},
        {"weights": "ties"},
        {"reference": "few"},
    ],
    ids=str,
)
def test_where_a_conjecture_is_proved_it_has_no_margins(name, change):
    loop = open_loop(name)
    half = Fraction(1, 2)
    known = {  # two weights are left
        "ties": loop.weights[:1] * (loop.size - 1) + loop.weights[-1:],
        "few": (Fraction(0),) * (loop.size - 2) + (half, half),
    }
    proved = replace(loop, **{key: known.get(x, x) for key, x in change.items()})
    assert not CHECKS[name].speaks_of(CertifiedRun(proved))
    with pytest.raises(ValueError, match="must be one that"):
        least_margin(name, proved, kind="certified")


@pytest.mark.parametrize("name", RISES)
@pytest.mark.parametrize(
    "proved",
    [
        OPEN,  # three weights
        replace(OPEN_RISE, K=2),
        hierarchy(5, ratio=10, K=2, lam=1, steps=9),
        two_points("1/10", "1/100", lam=2, steps=6),
        replace(OPEN_RISE, steps=2),  # no further weight has begun to lose
        replace(OPEN_PAIR, steps=7),
        hierarchy(7, ratio=10, K=3, lam=1, steps=9),  # only the largest weight gains from t = 2 on
    ],
    ids=str,
)
def test_rises_are_proved_for_few_weights_and_at_the_first_and_the_last_steps(name, proved):
    assert not CHECKS[name].speaks_of(CertifiedRun(proved))


def signs(run, t):
    pairs = zip(run.law(t), run.law(t + 1), strict=True)
    return "".join("-" if after < before else "+" for before, after in pairs)


def test_the_first_and_the_last_steps_by_the_weights_that_lose():
    run = ExactRun(OPEN_RISE)
    assert [signs(run, t) for t in range(6)] == ["-+++", *["--++"] * 4, "---+"]
    assert settled_steps(run) == {0, 1, 5}
    assert open_steps(run) == {2, 3, 4}
    pair = CertifiedRun(OPEN_PAIR)
    assert [signs(pair, t) for t in range(9)] == ["-+++++", *["--++++"] * 5, *["---+++"] * 3]
    assert settled_steps(pair) == {*range(7)}
    # Two weights lose from the start, so it is proved only until the next one begins to.
    early = ExactRun(replace(OPEN_PAIR, reference=EARLY, steps=5))
    assert [signs(early, t) for t in range(5)] == [*["--++++"] * 3, *["---+++"] * 2]
    assert settled_steps(early) == {0, 1, 2, 3}
    # With three candidates it is proved only up to the step in which a second weight loses.
    assert settled_steps(ExactRun(replace(OPEN_RISE, steps=5))) == {0, 1}
    # For K = 2, once at most two weights do not lose, all steps are proved.
    assert settled_steps(ExactRun(replace(OPEN_RISE, K=2))) == {*range(6)}


def test_an_uncertain_sign_settles_no_step():
    # The middle of seven weights neither gains nor loses at t = 0, by symmetry: no ball says so.
    loop = hierarchy(7, ratio=10, K=2, lam=1, steps=3)
    assert settled_steps(CertifiedRun(loop)) == {0}
    assert settled_steps(ExactRun(loop)) == {0, 1, 2}


@pytest.mark.parametrize("name", CONJECTURES)
def test_the_first_steps_are_no_margins(name):
    run = CertifiedRun(open_loop(name))
    assert CHECKS[name].speaks_of(run)
    # docs/mathematics.md proves two steps of the others, and one of this.
    first = 1 if name == "objective-monotone" else 2
    steps = {first_step(margin) for margin in CHECKS[name].margins_of(run)}
    assert steps >= {first, first + 1}
    assert min(steps) == first
    assert not any("λ = inf" in margin.where for margin in CHECKS[name].margins_of(run))


def test_steps_that_a_small_mixing_proves_are_no_margins():
    run = ExactRun(replace(OPEN_RISE, lam=Fraction(1, 10**9), steps=5))
    assert is_open(run)  # as far as the shape of the loop tells
    assert settled_steps(run) <= {0, 1, 2}
    assert open_steps(run) == set()
    assert not rise_is_open(run)
    assert CHECKS["reward-monotone"].margins_of(run) == []


def test_the_mixing_below_which_a_step_is_proved():
    # TV(T(p), p) ((1 + 2a)^2 - 1) = the least rise at t = 2, for K = 2; T(p) - p changes sign once.
    first, _, last = rises_to_leading_order(ExactRun(OPEN), 3)
    a = (math.sqrt(1 + min(last) / max(first)) - 1) / 2
    for share, is_proved in ((0.99, True), (1.01, False)):
        run = ExactRun(replace(OPEN, lam=Fraction(share * a / (1 - share * a))))
        assert (2 in proved_steps(run, 2)) == is_proved
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
    for evidence, asked in (
        (property_evidence(check, name=name, cases=10, seed=2), 10),
        (exact_evidence(check, name=name, cases=30, seed=2), 30),
        (certified_evidence(check, name=name, cases=8, seed=2), 8),
    ):
        assert evidence.cases >= 0.9 * asked  # in rationals more steps may be settled than in balls
        assert "where it is open" in evidence.tried


def test_random_loops_are_open_and_long():
    for setting, open_there in ((OPEN_CURATION, is_open), (OPEN_RISES, rise_is_open)):
        exact, balls = setting.exact_pool(5, 60), setting.certified_pool(5, 40)
        assert all(map(open_there, (*exact, *balls)))
    assert {run.K for run in balls} > {2, 3}
    exact, balls = OPEN_CURATION.exact_pool(5, 60), OPEN_CURATION.certified_pool(5, 40)
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
    least = CHECKS[name].setting.least_weights(2)
    assert all(case.loop.law.size >= least and case.loop.K == 2 for case in drawn[-50:])
    assert all(0 < case.loop.lam < math.inf and case.steps >= 3 for case in drawn[-50:])
    # Of the loops in which a rise may be open, the weights that lose prove most as a whole.
    assert sum(found.values.size > 0 for _, found in seen) > (10 if name in RISES else 40)
    assert min(case.loop.lam for case in drawn) < 0.1


def test_a_hunt_where_nothing_is_open_is_refused():
    with pytest.raises(ValueError, match=r"reward-monotone is proved for the others; got 1, inf"):
        hunt("reward-monotone", evaluations=10, candidates=(1, math.inf))
