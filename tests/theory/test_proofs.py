"""Every step of every proof is verified, and would not be if its claim were another."""

from functools import cache

import pytest
import sympy

from recurate.theory.catalogue import STATEMENTS
from recurate.theory.language.relations import at_least, at_most, equal, less
from recurate.theory.proving.citing import Cited
from recurate.theory.proving.justifications import HYPOTHESIS
from recurate.theory.proving.known import Known
from recurate.theory.proving.proof import Proof, Step, check_step

PROVED = {name: statement for name, statement in STATEMENTS.items() if statement.proof.steps}
ONE = sympy.Symbol("one_more", positive=True)


@cache
def walked(name):
    """The steps of a proof, each verified once, with what was known before it."""
    return list(PROVED[name].proof.walk())


def verified(name):
    return [verification for verification, _ in walked(name)]


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
    if isinstance(claim, sympy.Gt):
        return less(claim.rhs + ONE, claim.lhs)
    first, second, *rest = claim.args  # what a predicate says of a function and its slope
    return claim.func(first, second + ONE, *rest)


def steps():
    return [
        pytest.param(name, number, id=f"{name}: {step.label}")
        for name, statement in PROVED.items()
        for number, step in enumerate(statement.proof.steps)
    ]


@pytest.mark.parametrize(("name", "number"), steps())
def test_step_holds_and_its_alteration_fails(name, number):
    verification, known = walked(name)[number]
    step = verification.step
    expected = "cited" if isinstance(step.because, Cited) else "verified"
    assert verification.state == expected, verification.reason
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


def without(proof, label, verifications):
    """The outcome of the last step if a supposition is not made: what rests on it is checked again,
    and everything else is known as before."""
    left = proof.without([label])
    known = Known(left.supposed, left.general)
    outcome = None
    for verification in verifications:
        step = verification.step
        outcome = check_step(step, known) if label in verification.rests_on else verification
        known.used.clear()
        if outcome.state != "failed":
            known.add(step.label, step.claim, cited=outcome.state == "cited")
    return outcome


@pytest.mark.parametrize("name", PROVED)
def test_without_a_supposition_the_claim_fails(name):
    proof = PROVED[name].proof
    for label in proof.supposed:
        assert without(proof, label, verified(name)).state == "failed", label


@pytest.mark.parametrize("name", PROVED)
def test_the_claim_needs_every_step(name):
    """A step that no other step uses would be verified for nothing."""
    proof = PROVED[name].proof
    verifications = {v.step.label: v for v in verified(name)}
    needed = {proof.steps[-1].label}
    for step in reversed(proof.steps):
        if step.label in needed:
            needed |= verifications[step.label].uses - {HYPOTHESIS}
    assert needed == set(verifications) | set(proof.supposed)


@pytest.mark.parametrize("name", PROVED)
def test_each_hypothesis_is_carried_by_suppositions(name):
    statement = PROVED[name]
    rests_on = verified(name)[-1].rests_on
    for hypothesis in statement.hypotheses:
        assert hypothesis.carried_by, hypothesis.name
        assert set(hypothesis.carried_by) <= set(statement.proof.supposed) & rests_on


@pytest.mark.parametrize("name", STATEMENTS)
def test_hypotheses_have_names_of_their_own(name):
    names = [hypothesis.name for hypothesis in STATEMENTS[name].hypotheses]
    assert len(set(names)) == len(names)
    assert all(short.isidentifier() for short in names)


@pytest.mark.parametrize("name", PROVED)
def test_what_is_general_is_supposed_of_these_symbols(name):
    proof = PROVED[name].proof
    assert set(proof.general) <= set(proof.supposed)
    for label, symbols in proof.general.items():
        assert set(symbols) <= proof.supposed[label].free_symbols


def test_a_proof_without_its_suppositions_proves_nothing():
    """Of two proofs that once did: every step of theirs was verified or cited all the same."""
    for name in ("fixed-point-unique", "theorem-2.4-optimal"):
        proof = Proof(PROVED[name].proof.steps)
        assert proof.verify()[-1].state == "failed"
