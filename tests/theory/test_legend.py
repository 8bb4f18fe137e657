"""The legend: every symbol has a meaning, and every bare mean a law."""

import pytest
import sympy

from recurate.theory.catalogue import STATEMENTS
from recurate.theory.language import draws, notation
from recurate.theory.language.means import Mean, Moment
from recurate.theory.language.relations import equal
from recurate.theory.legend import legend, modules, unexplained
from recurate.theory.proving.proof import Proof
from recurate.theory.statement import Statement


def claims(statement):
    steps = (step.claim for step in statement.proof.steps)
    return (statement.claim, *statement.proof.supposed.values(), *steps)


def statement_about(claim):
    return Statement(
        module="recurate.theory.one_curation.lemma_2_2",  # whose symbols it may have
        id="",
        label="",
        title="",
        source="",
        kind="ours",
        hypotheses=(),
        claim=claim,
        bound=None,
        proof=Proof(),
    )


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_symbol_has_a_meaning(name):
    assert unexplained(STATEMENTS[name]) == []


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_mean_has_a_law(name):
    statement = STATEMENTS[name]
    has_means = any(claim.has(Mean) or claim.has(Moment) for claim in claims(statement))
    assert bool(statement.law) == has_means


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_has_a_module_of_its_name(name):
    own, *_ = modules(STATEMENTS[name])
    assert own.statement == STATEMENTS[name]


def test_meanings_are_those_at_the_definitions():
    meanings = legend(STATEMENTS["lemma-2.2"])
    assert meanings[notation.inverse_candidates] == "κ = 1/K, zero for K = inf."
    assert meanings[draws.paired_weight] == "Weight of a second candidate."
    (divergence,) = (f for f in legend(STATEMENTS["theorem-2.4"]) if f.has(notation.divergence_at))
    assert divergence == notation.divergence_at(notation.t)


def test_a_module_of_its_own_comes_first():
    # K is the number of candidates elsewhere.
    meanings = legend(STATEMENTS["lemma-2.1-limit"])
    assert meanings[notation.K] == "Number of the other candidates."


def test_a_symbol_without_a_meaning_is_found():
    unknown, function = sympy.Symbol("unknown"), sympy.Function("unheard")
    statement = statement_about(equal(unknown + function(notation.t), sympy.log(notation.K)))
    assert set(unexplained(statement)) == {unknown, function(notation.t)}
    assert set(legend(statement)) == {notation.t, notation.K}
