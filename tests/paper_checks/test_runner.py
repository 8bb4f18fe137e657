"""Running checks: levels, processes, verdicts, and what is reported."""

import io
import json
import os
import signal
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from fractions import Fraction

import pytest
import sympy
from flint import arb
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from recurate.cli import app
from recurate.numerics.curation import balls
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.paper_checks import runner
from recurate.paper_checks.evidence.check import Margin
from recurate.paper_checks.evidence.evidence import Evidence, MutantOutcome, Witness
from recurate.paper_checks.evidence.gathering.property import property_evidence
from recurate.paper_checks.evidence.gathering.tally import Tally
from recurate.paper_checks.runner import CHECKS, EFFORTS, Effort, Result, parts_of, run_checks
from recurate.paper_checks.runs.instances import two_points
from recurate.paper_checks.runs.kinds import ExactRun
from recurate.printing.checks import print_checks
from recurate.printing.junit import results_junit
from recurate.printing.results_as_json import results_json
from recurate.theory.catalogue import STATEMENTS
from recurate.workers import executor

SMALL = Effort(property=5, exact=10, certified=4, sampled=2, uses_cache=True)
HOLDS = Evidence(kind="exact", cases=3, seconds=0.1, tried="something", nontrivial=2)
WITNESS = Witness("a loop", "-1", "t = 1", "print('again')")


@pytest.fixture(autouse=True)
def little_effort(monkeypatch):
    monkeypatch.setitem(EFFORTS, "quick", SMALL)


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_order_with_every_kind(jobs):
    names = ["theorem-2.3", "ratio-bound", "theorem-2.2"]
    parts = []
    with executor(jobs=jobs) as pool:
        results = list(run_checks(names, executor=pool, on_part=lambda *p: parts.append(p)))
    assert [result.statement.id for result in results] == names
    kinds = ["property", "exact", "certified", "symbolic"]
    assert [e.kind for e in results[0].evidence] == [*kinds, "formal"]
    assert [e.kind for e in results[2].evidence] == kinds
    assert all(result.verdict == "holds" and result.is_sound for result in results)
    assert [part[2] for part in parts] == list(range(1, 18))
    assert {part[3] for part in parts} == {17}


def test_processes_change_nothing():
    names = ["lemma-2.2", "theorem-2.4"]
    margins = []
    for jobs in (1, 2):
        with executor(jobs=jobs) as pool:
            results = list(run_checks(names, executor=pool))
        margins.append([[e.least_margin for e in result.evidence] for result in results])
    assert margins[0] == margins[1]


def test_unknown_ids_are_refused():
    with pytest.raises(ValueError, match=r"id must be one of .* got 'theorem-9.9'"):
        list(run_checks(["theorem-9.9"]))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_part_that_fails_does_not_lose_the_others(monkeypatch, jobs):
    def fail(*arguments, **keywords):
        raise ArithmeticError("no ratio")

    monkeypatch.setattr(balls, "curation_ratio", fail)
    # A seed of its own: the runs of others are kept, with the ratios computed for them.
    with executor(jobs=jobs) as pool:
        (outcome,) = run_checks(["ratio-bound"], seed=4242, executor=pool)
    verdicts = {evidence.kind: evidence.verdict for evidence in outcome.evidence}
    assert verdicts == {
        "property": "holds",
        "exact": "holds",
        "certified": "open",
        "symbolic": "holds",
        "formal": "holds",
    }
    assert not outcome.is_sound
    document = json.loads(results_json([outcome], seed=0, level="quick"))
    errors = document["results"][0]["evidence"]["certified"]["error"]
    assert errors == "ArithmeticError: no ratio"
    assert "no ratio" in results_junit([outcome], seed=0, level="quick")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers do not have the patch")
def test_a_part_whose_process_is_killed_fails_alone(monkeypatch):
    def killed(*arguments, **keywords):
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(runner, "exact_evidence", killed)
    with executor(jobs=2) as pool:
        (outcome,) = run_checks(["ratio-bound"], executor=pool)
    assert {e.kind for e in outcome.evidence if e.verdict == "holds"} == {
        "property",
        "certified",
        "symbolic",
        "formal",
    }
    (lost,) = (e.error for e in outcome.evidence if e.kind == "exact")
    assert lost == "WorkerLostError: its process was killed, perhaps for lack of memory"
    assert outcome.mutants
    assert not outcome.is_sound


def result(*evidence, name="lemma-2.2", mutants=()):
    return Result(STATEMENTS[name], evidence, tuple(mutants))


def test_verdicts():
    refuted = replace(HOLDS, kind="certified", witness=WITNESS)
    undecided = replace(HOLDS, undecided=1)
    violated = replace(HOLDS, kind="property", witness=WITNESS, cause="no ball tells")
    unproved = replace(HOLDS, kind="symbolic", cause="a step: it does not follow")
    survivor = MutantOutcome("a false claim", None, None)
    fallen = MutantOutcome("another", WITNESS, "exact")
    for outcome, verdict, is_sound in (
        (result(HOLDS), "holds", True),
        (result(HOLDS, mutants=[fallen]), "holds", True),
        (result(HOLDS, mutants=[fallen, survivor]), "holds", False),
        (result(HOLDS, refuted), "refuted", False),
        (result(HOLDS, violated), "violated", False),
        (result(refuted, violated), "refuted", False),
        (result(HOLDS, unproved), "open", False),
        (result(violated, name="reward-monotone"), "violated", False),
        (result(replace(HOLDS, cases=0)), "open", False),
        (result(undecided), "open", False),
        (result(), "open", False),
        (result(HOLDS, name="reward-monotone"), "open", True),
        (result(undecided, name="reward-monotone"), "open", False),
        (result(refuted, name="reward-monotone"), "refuted", False),
    ):
        assert (outcome.verdict, outcome.is_sound) == (verdict, is_sound)


def test_strongest_evidence_says_how_far_a_result_is_established():
    symbolic, formal = (replace(HOLDS, kind=kind) for kind in ("symbolic", "formal"))
    unproved = replace(symbolic, cause="a step: it does not follow")
    stale = replace(formal, cases=0, error="stale")
    violated = replace(HOLDS, kind="property", witness=WITNESS, cause="no ball tells")
    refuted = replace(HOLDS, kind="certified", witness=WITNESS)
    for outcome, level in (
        (result(HOLDS, symbolic, formal), "formal"),
        (result(HOLDS, symbolic), "proved"),
        (result(HOLDS, symbolic, stale), "proved"),
        (result(HOLDS, unproved, formal), "formal"),
        (result(HOLDS, unproved), "tried"),
        (result(HOLDS), "tried"),
        (result(), "open"),
        (result(HOLDS, name="reward-monotone"), "open"),
        (result(HOLDS, violated, symbolic), "proved"),
        (result(refuted, symbolic, formal), "refuted"),
        (result(refuted, name="reward-monotone"), "refuted"),
    ):
        assert outcome.established == level


def test_a_proof_that_no_longer_verifies_fails_the_check(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    statement = STATEMENTS["theorem-2.4-optimal"]
    *steps, last = statement.proof.steps
    false = replace(last, claim=last.claim.func(last.claim.lhs + 1, last.claim.rhs))
    proof = replace(statement.proof, steps=(*steps, false))
    monkeypatch.setitem(STATEMENTS, statement.id, replace(statement, proof=proof))
    path = tmp_path / "results.json"
    done = CliRunner().invoke(
        app, ["check", statement.id, "ratio-bound", "--jobs", "1", "--json", str(path)]
    )
    assert done.exit_code == 1
    assert f"{statement.id}: its proof does not verify: {last.label}:" in done.stdout
    found, other = json.loads(path.read_text(encoding="utf-8"))["results"]
    # The check fails, though what Rocq has proved stands by itself.
    assert (found["verdict"], found["established"]) == ("open", "formal")
    assert found["evidence"]["symbolic"]["cause"].startswith(f"{last.label}:")
    assert (other["verdict"], other["established"]) == ("holds", "formal")
    assert other["formal_scope"] == "for finite laws and finite K"


def test_a_counterexample_of_the_search_is_certified_where_it_can_be():
    # A false bound, H <= 1, which has no margin in rationals or balls here but the search's.
    check = replace(CHECKS["ratio-bound"], bound=sympy.S.One)
    evidence = property_evidence(check, name="ratio-bound", cases=20, seed=0)
    assert (evidence.verdict, evidence.cause) == ("refuted", "")
    assert "Instance.of(" in evidence.witness.replay  # exact numbers, in balls


@pytest.mark.parametrize(
    ("margin", "cause"),
    [
        (lambda run: -1 if run.kind == "property" else 1, "the float engine errs"),
        (lambda run: -1 if run.kind == "property" else arb(0, 1), "balls of 512 bits leave"),
        (lambda run: -1 if run.kind == "property" else 1 / Fraction(0), "ZeroDivisionError"),
    ],
)
def test_a_counterexample_that_no_ball_confirms_is_not_certified(margin, cause):
    claim = replace(
        CHECKS["ratio-bound"],
        margins=lambda run, bound: [Margin(margin(run))],
        loops=st.just(CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=1.0)),
    )
    evidence = property_evidence(claim, name="ratio-bound", cases=5, seed=0)
    assert evidence.verdict == "violated"
    assert cause in evidence.cause
    outcome = result(evidence, name="ratio-bound")
    out = io.StringIO()
    print_checks(
        [outcome], seed=0, level="quick", detailed=False, console=Console(width=200, file=out)
    )
    assert f"ratio-bound is violated, not certified (property): {evidence.cause}" in out.getvalue()
    assert "1 violated, not certified;" in out.getvalue()
    suite = ElementTree.fromstring(results_junit([outcome], seed=0, level="quick"))
    assert evidence.cause in suite.find(".//failure").get("message")


def test_reports_for_programs():
    results = [
        result(HOLDS, replace(HOLDS, kind="certified", witness=WITNESS)),
        result(replace(HOLDS, kind="sampled"), mutants=[MutantOutcome("wrong", None, None)]),
    ]
    document = json.loads(results_json(results, seed=3, level="quick"))
    assert document["seed"] == 3
    first, second = document["results"]
    assert first["verdict"] == "refuted"
    assert first["evidence"]["certified"]["witness"]["replay"] == "print('again')"
    assert (second["mutants"]["killed"], second["mutants"]["total"]) == (0, 1)
    assert document["false_alarm_rate"] == 1e-9
    root = ElementTree.fromstring(results_junit(results, seed=3, level="quick"))
    assert [suite.get("failures") for suite in root] == ["1", "1"]
    assert [suite.get("tests") for suite in root] == ["2", "2"]


def test_every_check_has_a_statement_of_its_name():
    for name, check in CHECKS.items():
        assert check.statement is STATEMENTS[name]
        assert "property" in parts_of(name)


def test_a_claim_that_fails_where_it_should_be_an_equation_is_noticed():
    tally = Tally(decides=True)
    check = CHECKS["ratio-bound"]
    run = ExactRun(two_points("1/3", "1/2"))
    claim = replace(check, margins=lambda run, bound: [Margin(Fraction(1, 9), "t = 0", tight=True)])
    tally.add(claim, run, lambda: "loop", lambda: "")
    assert tally.undecided == 1


def test_loops_of_which_a_claim_does_not_speak_are_no_cases():
    tally = Tally(decides=True)
    claim = replace(CHECKS["ratio-bound"], margins=lambda run, bound: [])
    tally.add(claim, ExactRun(two_points("1/3", "1/2")), lambda: "loop", lambda: "")
    assert tally.cases == 0


FALSE = "two-basins-limit-finite"


def test_what_is_known_to_be_false_is_sound_if_it_is_refuted():
    refuted = replace(HOLDS, witness=WITNESS)
    violated = replace(refuted, kind="property", cause="no ball tells")
    for outcome, is_sound in (
        (result(refuted, name=FALSE), True),
        (result(HOLDS, refuted, name=FALSE), True),  # one kind is enough
        (result(refuted, violated, name=FALSE), True),
        (result(HOLDS, name=FALSE), False),
        (result(violated, name=FALSE), False),  # not beyond doubt
        (result(name=FALSE), False),
        (result(refuted, name=FALSE, mutants=[MutantOutcome("a", None, None)]), False),
    ):
        assert outcome.is_sound == is_sound
        assert outcome.is_expected_refutation == (outcome.verdict == "refuted")
    assert result(refuted, name=FALSE).established == "refuted"
    assert not result(refuted).is_expected_refutation


def test_reports_of_what_is_known_to_be_false():
    results = [
        result(HOLDS, replace(HOLDS, kind="certified", witness=WITNESS), name=FALSE),
        result(HOLDS, name="two-basins-limit"),
    ]
    first, second = json.loads(results_json(results, seed=0, level="quick"))["results"]
    assert [first[key] for key in ("kind", "verdict", "expected", "established")] == [
        *("literature", "refuted", "refuted", "refuted")
    ]
    assert (second["verdict"], second["expected"]) == ("holds", "holds")
    root = ElementTree.fromstring(results_junit(results, seed=0, level="quick"))
    assert [suite.get("failures") for suite in root] == ["0", "0"]
    unrefuted = ElementTree.fromstring(
        results_junit([result(HOLDS, name=FALSE)], seed=0, level="quick")
    )
    failure = unrefuted.find(".//failure")
    assert failure.get("message") == "this claim was expected to be refuted"


def test_check_exits_with_0_where_a_refutation_is_expected(tmp_path):
    path = tmp_path / "results.json"
    done = CliRunner().invoke(app, ["check", FALSE, "two-basins-limit", "--jobs", "1"])
    assert done.exit_code == 0, done.stdout
    said = " ".join(done.stdout.split())
    assert f"{STATEMENTS[FALSE].title} (known to be false)" in said
    assert "refuted, as was known, by p_ref (1/4, 3/4)" in said
    assert "1 holds, 1 refuted (1 known to be)" in said
    done = CliRunner().invoke(app, ["check", FALSE, "--json", str(path), "--jobs", "1"])
    assert done.exit_code == 0
    (found,) = json.loads(path.read_text(encoding="utf-8"))["results"]
    assert (found["verdict"], found["expected"]) == ("refuted", "refuted")
    assert found["evidence"]["exact"]["witness"]["margin"] == "-27/806"


def test_check_exits_with_1_if_nothing_refutes_what_is_known_to_be_false(monkeypatch):
    blind = replace(CHECKS[FALSE], margins=lambda run, bound: [Margin(run.number(1))])
    monkeypatch.setitem(CHECKS, FALSE, blind)
    done = CliRunner().invoke(app, ["check", FALSE, "--jobs", "1"])
    assert done.exit_code == 1
    assert f"{FALSE} was known to be false, and no evidence refutes it" in done.stdout
