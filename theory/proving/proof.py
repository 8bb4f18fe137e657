"""Proofs as steps that a program verifies.

A step asserts a relation and says by which justification it follows.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import sympy

from recurate.theory.proving.citing import cited_theorem
from recurate.theory.proving.justifications import Justification
from recurate.theory.proving.known import Claims, Known, ProofError

State = Literal["verified", "cited", "failed"]


@dataclass(frozen=True)
class Step:
    """One step of a proof.

    Attributes
    ----------
    label : str
        Name by which later steps refer to the step.
    claim : sympy relation or implication
        What the step asserts.
    text : str
        The same in plain mathematics, with the reason.
    because : Justification
        How the claim follows.
    """

    label: str
    claim: Any
    text: str
    because: Justification


@dataclass(frozen=True)
class Verification:
    """The outcome of checking a step.

    Attributes
    ----------
    step : Step
        The step.
    state : {"verified", "cited", "failed"}
        Outcome.
    seconds : float
        Time it took.
    reason : str
        Why the step failed.
    rests_on : frozenset of str
        Labels of the suppositions and of the cited steps that the step rests on.
    uses : frozenset of str
        Labels of the suppositions and steps that the step follows from directly.
    """

    step: Step
    state: State
    seconds: float
    reason: str = ""
    rests_on: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Proof:
    """Steps that lead from suppositions to a claim.

    Attributes
    ----------
    steps : tuple of Step
        In order; a step may use the claims before it.
    supposed : mapping
        What the proof starts from, by label: the hypotheses in symbols, and definitions (as
        equations) of the quantities that it speaks of.
    general : mapping
        From a supposition's label to symbols (t, say): it is supposed for every value of these.
        Induction, a substitution or an integral may generalise what rests on it over these symbols
        only. This is meant literally: a draw from p_t is written as a function of t, for a draw
        without t is the same draw at every step (`recurate.theory.language.draws`).
    """

    steps: tuple[Step, ...] = ()
    supposed: Mapping[str, Any] = field(default_factory=dict)
    general: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def without(self, labels: Iterable[str]) -> Proof:
        """Return the same steps without the suppositions of these labels.

        Steps that rest on them fail when the proof is verified.
        """
        left_out = set(labels)
        return Proof(
            self.steps,
            {label: told for label, told in self.supposed.items() if label not in left_out},
            {label: told for label, told in self.general.items() if label not in left_out},
        )

    def verify(self) -> tuple[Verification, ...]:
        """Check every step against the claims that are known before it.

        Returns
        -------
        tuple of Verification
            One for each step: verified, cited or failed, with the time it took. Later steps do not
            know the claim of a failed step.
        """
        return tuple(verification for verification, _ in self.walk())

    def walk(self) -> Iterator[tuple[Verification, Known]]:
        """Yield each step's verification, and what was known before it."""
        known = Known(self.supposed, self.general)
        for step in self.steps:
            before = known.inside({})
            verification = check_step(step, known)
            yield verification, before
            if verification.state != "failed":
                known.add(step.label, step.claim, cited=verification.state == "cited")


def check_step(step: Step, known: Claims) -> Verification:
    """Check one step against the claims known before it."""
    begin = time.perf_counter()
    if isinstance(known, Known):
        known.used.clear()
    try:
        if step.claim.has(sympy.Float, sympy.I):
            raise ProofError("a claim is about real numbers, and rounds none")
        step.because.check(step.claim, known)
    # A ProofError, a premise of the wrong form, or what computer algebra cannot do.
    except (ValueError, NotImplementedError) as error:
        return Verification(step, "failed", time.perf_counter() - begin, str(error))
    state: State = "verified" if cited_theorem(step.because) is None else "cited"
    seconds = time.perf_counter() - begin
    if not isinstance(known, Known):
        return Verification(step, state, seconds)
    roots, uses = known.roots_of_used(), frozenset(known.used)
    return Verification(step, state, seconds, rests_on=roots, uses=uses)
