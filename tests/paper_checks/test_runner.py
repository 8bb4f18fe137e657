"""Running checks: levels, processes, verdicts, and what is reported."""

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from fractions import Fraction

import pytest

from recurate import check_report
from recurate.numerics import certified
from recurate.paper_checks.check import Margin
from recurate.paper_checks.evidence import Evidence, MutantOutcome, Witness
from recurate.paper_checks.gathering.tally import Tally
from recurate.paper_checks.instances import two_points
from recurate.paper_checks.run_kinds import ExactRun
from recurate.paper_checks.runner import CHECKS, EFFORTS, Effort, Result, parts_of, run_checks
from recurate.theory.catalogue import STATEMENTS

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
    results = list(run_checks(names, jobs=jobs, on_part=lambda *part: parts.append(part)))
    assert [result.statement.id for result in results] == names
    kinds = ["property", "exact", "certified", "symbolic"]
    assert [e.kind for e in results[0].evidence] == [*kinds, "formal"]
    assert [e.kind for e in results[2].evidence] == kinds
    assert all(result.verdict == "holds" and result.is_sound for result in results)
    assert [part[2] for part in parts] == list(range(1, 18))
    assert {part[3] for part in parts} == {17}


def test_processes_change_nothing():
    names = ["lemma-2.2", "theorem-2.4"]
    margins = [
        [[e.least_margin for e in result.evidence] for result in run_checks(names, jobs=jobs)]
        for jobs in (1, 2)
    ]
    assert margins[0] == margins[1]


def test_unknown_ids_are_refused():
    with pytest.raises(KeyError):
        list(run_checks(["theorem-9.9"]))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_part_that_fails_does_not_lose_the_others(monkeypatch, jobs):
    def fail(*arguments, **keywords):
        raise ArithmeticError("no ratio")

    monkeypatch.setattr(certified, "curation_ratio", fail)
    # A seed of its own: the runs of others are kept, with the ratios computed for them.
    (outcome,) = run_checks(["ratio-bound"], seed=4242, jobs=jobs)
    verdicts = {evidence.kind: evidence.verdict for evidence in outcome.evidence}
    assert verdicts == {
        "property": "holds",
        "exact": "holds",
        "certified": "open",
        "symbolic": "holds",
        "formal": "holds",
    }
    assert not outcome.is_sound
    document = json.loads(check_report.results_json([outcome], seed=0, level="quick"))
    errors = document["results"][0]["evidence"]["certified"]["error"]
    assert errors == "ArithmeticError: no ratio"
    assert "no ratio" in check_report.results_junit([outcome], seed=0, level="quick")


def result(*evidence, name="lemma-2.2", mutants=()):
    return Result(STATEMENTS[name], evidence, tuple(mutants))


def test_verdicts():
    refuted = replace(HOLDS, kind="certified", witness=WITNESS)
    undecided = replace(HOLDS, undecided=1)
    survivor = MutantOutcome("a false claim", None, None)
    fallen = MutantOutcome("another", WITNESS, "exact")
    for outcome, verdict, is_sound in (
        (result(HOLDS), "holds", True),
        (result(HOLDS, mutants=[fallen]), "holds", True),
        (result(HOLDS, mutants=[fallen, survivor]), "holds", False),
        (result(HOLDS, refuted), "refuted", False),
        (result(replace(HOLDS, cases=0)), "open", False),
        (result(undecided), "open", False),
        (result(), "open", False),
        (result(HOLDS, name="reward-monotone"), "open", True),
        (result(undecided, name="reward-monotone"), "open", False),
        (result(refuted, name="reward-monotone"), "refuted", False),
    ):
        assert (outcome.verdict, outcome.is_sound) == (verdict, is_sound)


def test_reports_for_programs():
    results = [
        result(HOLDS, replace(HOLDS, kind="certified", witness=WITNESS)),
        result(replace(HOLDS, kind="sampled"), mutants=[MutantOutcome("wrong", None, None)]),
    ]
    document = json.loads(check_report.results_json(results, seed=3, level="quick"))
    assert document["seed"] == 3
    first, second = document["results"]
    assert first["verdict"] == "refuted"
    assert first["evidence"]["certified"]["witness"]["replay"] == "print('again')"
    assert (second["mutants"]["killed"], second["mutants"]["total"]) == (0, 1)
    assert document["false_alarm_rate"] == 1e-9
    root = ElementTree.fromstring(check_report.results_junit(results, seed=3, level="quick"))
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
