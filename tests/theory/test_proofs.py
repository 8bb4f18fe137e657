"""Every step of every proof is verified, and would not be if its claim were another."""

import pytest
import sympy

from recurate.theory.catalogue import STATEMENTS
from recurate.theory.proving.justifications import Cited
from recurate.theory.proving.proof import Step, check_step
from recurate.theory.proving.signs import at_least, at_most, equal, less

PROVED = {name: statement for name, statement in STATEMENTS.items() if statement.proof.steps}
ONE = sympy.Symbol("one_more", positive=True)


def altered(claim):
    """A nearby claim that is false, or does not follow: the two sides moved apart by a positive
    amount, or the conclusion of an implication altered."""
    if isinstance(claim, sympy.Implies):
        premise, conclusion = claim.args
        return sympy.Implies(premise, altered(conclusion), evaluate=False)
    if isinstance(claim, sympy.Eq):
        return equal(claim.lhs, claim.rhs + ONE)
    if isinstance(claim, sympy.Ge):
        return at_least(claim.lhs, claim.rhs + ONE)
    if isinstance(claim, sympy.Le):
        return at_most(claim.lhs + ONE, claim.rhs)
    if isinstance(claim, sympy.Lt):
        return less(claim.lhs + ONE, claim.rhs)
    return less(claim.rhs + ONE, claim.lhs)


def steps_with_known():
    for name, statement in PROVED.items():
        for verification, known in statement.proof.walk():
            yield pytest.param(verification.step, known, id=f"{name}: {verification.step.label}")


@pytest.mark.parametrize(("step", "known"), list(steps_with_known()))
def test_step_holds_and_its_alteration_fails(step, known):
    verification = check_step(step, known)
    if isinstance(step.because, Cited):
        assert verification.state == "cited"
        assert step.because.reference
        return
    assert verification.state == "verified", verification.reason
    false_step = Step(step.label, altered(step.claim), step.text, step.because)
    assert check_step(false_step, known).state == "failed"


@pytest.mark.parametrize("name", PROVED)
def test_proof_ends_in_the_claim(name):
    statement = PROVED[name]
    assert statement.proof.steps[-1].claim == statement.claim
    labels = [step.label for step in statement.proof.steps]
    assert len(set(labels)) == len(labels)
    assert not set(labels) & set(statement.proof.supposed)
    assert all(step.text.endswith(".") for step in statement.proof.steps)


@pytest.mark.parametrize("name", PROVED)
def test_every_supposition_is_used(name):
    proof = PROVED[name].proof
    used = set().union(*(verification.rests_on for verification in proof.verify()))
    assert set(proof.supposed) <= used
    assert set(proof.general) <= set(proof.supposed)
    for label, symbols in proof.general.items():
        assert set(symbols) <= proof.supposed[label].free_symbols
