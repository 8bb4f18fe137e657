"""Every check holds on the program as it is, by evidence of every kind, and its mutants fall."""

import contextlib
import io
from fractions import Fraction

import pytest

from recurate.paper_checks.catalogue import CHECKS
from recurate.paper_checks.evidence.gathering.exact_and_certified import (
    certified_evidence,
    exact_evidence,
)
from recurate.paper_checks.evidence.gathering.mutants import mutant_outcomes
from recurate.paper_checks.evidence.gathering.property import property_evidence
from recurate.paper_checks.runner import STATEMENTS, parts_of

SEED = 1
# Small: `recurate check` itself, which follows in CI, gathers the same with more.
PROPERTY_CASES, EXACT_CASES, CERTIFIED_CASES = 20, 100, 12

# Results of the paper and their sharper forms, whose evidence has to be of all kinds.
FULLY_CHECKED = [
    name
    for name, statement in STATEMENTS.items()
    if statement.kind in ("paper", "reported", "sharpened")
]


# Claims of other papers that are false as they stand.
FALSE = [name for name, statement in STATEMENTS.items() if statement.expected == "refuted"]


@pytest.fixture(params=[name for name in CHECKS if name not in FALSE])
def name(request):
    return request.param


@pytest.fixture(params=FALSE)
def false_claim(request):
    return request.param


def test_every_statement_has_a_check():
    assert list(CHECKS) == list(STATEMENTS)


@pytest.mark.parametrize("name", FULLY_CHECKED)
def test_kinds_of_evidence(name):
    assert {"property", "certified", "symbolic", "mutants", "exact"} <= set(parts_of(name))


def test_property_evidence_holds(name):
    evidence = property_evidence(CHECKS[name], name=name, cases=PROPERTY_CASES, seed=SEED)
    assert evidence.verdict == "holds", evidence
    assert evidence.cases >= PROPERTY_CASES // 4
    assert evidence.nontrivial > 0


def test_exact_evidence_holds(name):
    check = CHECKS[name]
    if not check.is_exact:
        pytest.skip("no rational core, as the module says")
    evidence = exact_evidence(check, name=name, cases=EXACT_CASES, seed=SEED)
    assert evidence.verdict == "holds", evidence
    assert evidence.nontrivial > 0
    if name != "lemma-2.1":  # which compares the float engine with the exact law
        assert evidence.least_margin is None or isinstance(evidence.least_margin, int | Fraction)


def test_certified_evidence_holds_and_decides_every_sign(name):
    evidence = certified_evidence(CHECKS[name], name=name, cases=CERTIFIED_CASES, seed=SEED)
    assert evidence.verdict == "holds", evidence
    assert evidence.undecided == 0
    assert evidence.nontrivial > 0


def test_mutants_fall_and_their_witnesses_can_be_seen_again(name):
    check = CHECKS[name]
    outcomes = list(
        mutant_outcomes(
            check, name=name, exact_cases=EXACT_CASES, certified_cases=CERTIFIED_CASES, seed=SEED
        )
    )
    assert len(outcomes) >= 3
    assert len({outcome.claim for outcome in outcomes}) == len(outcomes)
    for outcome in outcomes:
        assert outcome.witness is not None, outcome.claim
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(outcome.witness.replay, {})
        assert printed.getvalue().replace("[", "").startswith("margin -"), printed.getvalue()


def test_what_is_known_to_be_false_is_refuted_beyond_doubt(false_claim):
    """In balls, and in rationals where the claim has a rational core; and it can be seen again."""
    check = CHECKS[false_claim]
    assert STATEMENTS[false_claim].kind == "literature"
    assert not check.mutants
    gatherers = [certified_evidence, *([exact_evidence] if check.is_exact else [])]
    for gathered in gatherers:
        evidence = gathered(check, name=false_claim, cases=CERTIFIED_CASES, seed=SEED)
        assert evidence.verdict == "refuted", evidence
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(evidence.witness.replay, {})
        assert printed.getvalue().replace("[", "").startswith("margin -"), printed.getvalue()


def test_the_search_never_meets_a_violation_of_a_false_claim_that_balls_deny(false_claim):
    check = CHECKS[false_claim]
    evidence = property_evidence(check, name=false_claim, cases=PROPERTY_CASES, seed=SEED)
    assert evidence.verdict in ("refuted", "holds"), evidence  # it may find nothing
    assert evidence.cases > 0


def test_same_seed_same_evidence(name):
    first, second = (property_evidence(CHECKS[name], name=name, cases=6, seed=3) for _ in range(2))
    assert (first.cases, first.least_margin) == (second.cases, second.least_margin)
