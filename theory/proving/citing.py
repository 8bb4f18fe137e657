"""Textbook theorems as data, and a step that follows by one of them.

A theorem has premises and a conclusion, for any quantities. A step that cites it puts quantities
in. Each premise has to be a known claim, and the step's own claim has to be the conclusion, both as
for a lemma. What formulas do not say (that functions are measurable, say) is in the theorem's
words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from recurate.theory.proving.generalising import same_claim
from recurate.theory.proving.known import Claims, ProofError, look_up, look_up_general


@dataclass(frozen=True)
class Form:
    """A theorem's premises and conclusion, of certain quantities.

    Attributes
    ----------
    conclusion : sympy relation
        What follows.
    premises : mapping
        From short names to what has to be known.
    general : mapping
        From a premise's name to symbols: it has to be known for every value of these, or, if there
        are no symbols, for every draw. The other premises may be about particular values.
    """

    conclusion: Any
    premises: Mapping[str, Any] = field(default_factory=dict)
    general: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Theorem:
    """A textbook theorem: general, and not about curated retraining.

    Attributes
    ----------
    name : str
        Name of the theorem.
    reference : str
        Author, book and number.
    words : str
        The whole theorem in words, including what its formulas do not say.
    form : callable
        From quantities, as keywords, to a `Form`. It raises ProofError for quantities that the
        theorem is not about.
    quantities : mapping
        Symbols for the quantities in general: `form` of these is the theorem itself.
    """

    name: str
    reference: str
    words: str
    form: Callable[..., Form]
    quantities: Mapping[str, Any]

    def in_general(self) -> Form:
        """Return the premises and the conclusion in general form."""
        return self.form(**self.quantities)


@dataclass(frozen=True)
class Cited:
    """By a textbook theorem: its premises are matched, and the theorem itself is not verified.

    Attributes
    ----------
    theorem : Theorem
        The theorem that is cited.
    quantities : mapping
        What is put in, by the names of the theorem's quantities.
    premises : mapping
        From the theorem's name of a premise to the label of the known claim that takes its place.
    """

    theorem: Theorem
    quantities: Mapping[str, Any]
    premises: Mapping[str, str] = field(default_factory=dict)

    def check(self, claim: Any, known: Claims) -> None:
        """Raise ProofError unless the premises are known and the claim is the conclusion."""
        name = self.theorem.name
        if set(self.quantities) != set(self.theorem.quantities):
            raise ProofError(f"{name} is about {', '.join(self.theorem.quantities)}")
        form = self.theorem.form(**self.quantities)
        if set(self.premises) != set(form.premises):
            raise ProofError(f"{name} has the premises {', '.join(form.premises) or 'none'}")
        for premise, label in self.premises.items():
            if premise in form.general:
                found = look_up_general(known, label, form.general[premise])
            else:
                found = look_up(known, label)
            if not same_claim(found, form.premises[premise]):
                raise ProofError(f"{label} is not {premise!r} of {name}: {form.premises[premise]}")
        if not same_claim(claim, form.conclusion):
            raise ProofError(f"{name} concludes {form.conclusion}")

    def describe(self) -> str:
        premises = ", ".join(f"{name} by {label}" for name, label in self.premises.items())
        applied = f"; {premises}" if premises else ""
        return f"{self.theorem.name} ({self.theorem.reference}){applied}"


def cited_theorem(because: Any) -> Theorem | None:
    """Return the theorem that a justification cites, also inside an implication, or None."""
    while not isinstance(because, Cited):
        if not hasattr(because, "conclusion"):
            return None
        because = because.conclusion
    return because.theorem
