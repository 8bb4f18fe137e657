"""Justifications of plain logic, and the expectation of a strict inequality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy

from recurate.theory.language.means import Mean
from recurate.theory.language.relations import at_most
from recurate.theory.proving.generalising import Substitution
from recurate.theory.proving.justifications import HYPOTHESIS, Combination, Justification
from recurate.theory.proving.known import Claims, ProofError, inside, look_up, look_up_general
from recurate.theory.proving.signs import (
    difference,
    has_symbol_side,
    is_strict,
    nonnegative_given,
    vanishes,
)


@dataclass(frozen=True)
class Conclusion:
    """From "x implies y" and x, that y."""

    implication: str
    premise: str

    def check(self, claim: Any, known: Claims) -> None:
        implication = look_up(known, self.implication)
        if not isinstance(implication, sympy.Implies):
            raise ProofError(f"{self.implication} is not an implication")
        if implication.args[0] != look_up(known, self.premise):
            raise ProofError(f"{self.premise} is not what {self.implication} supposes")
        if implication.args[1] != claim:
            raise ProofError(f"the claim is not what {self.implication} concludes")

    def describe(self) -> str:
        return f"{self.implication}, since {self.premise}"


@dataclass(frozen=True)
class Cases:
    """From "x or y", "x implies z" and "y implies z", that z.

    Attributes
    ----------
    alternatives : str
        Label of a disjunction.
    implications : tuple of str
        Labels of implications, one for each of its alternatives.
    """

    alternatives: str
    implications: tuple[str, ...]

    def check(self, claim: Any, known: Claims) -> None:
        alternatives = look_up(known, self.alternatives)
        if not isinstance(alternatives, sympy.Or):
            raise ProofError(f"{self.alternatives} gives no alternatives")
        covered = []
        for label in self.implications:
            implication = look_up(known, label)
            if not isinstance(implication, sympy.Implies) or implication.args[1] != claim:
                raise ProofError(f"{label} does not lead to the claim")
            covered.append(implication.args[0])
        if any(alternative not in covered for alternative in alternatives.args):
            raise ProofError(f"{self.alternatives} has a case that is not treated")

    def describe(self) -> str:
        return f"by cases of {self.alternatives}: {', '.join(self.implications)}"


@dataclass(frozen=True)
class UnderSupposition:
    """An implication from a premise, by other known consequences of the same premise.

    Attributes
    ----------
    conclusion : Justification
        How the conclusion follows. There the conclusions of known implications from the same
        premise are known by the labels of the implications.
    """

    conclusion: Justification

    def check(self, claim: Any, known: Claims) -> None:
        if not isinstance(claim, sympy.Implies):
            raise ProofError("supposing something has to end in an implication")
        premise, conclusion = claim.args
        implied = {
            label: relation.args[1]
            for label, relation in known.items()
            if _implied_by(premise, relation)
        }
        try:
            self.conclusion.check(conclusion, inside(known, {**implied, HYPOTHESIS: premise}))
        except ValueError as error:  # an implication from another premise, combined
            raise ProofError(str(error)) from error

    def describe(self) -> str:
        return f"supposing the same: {self.conclusion.describe()}"


@dataclass(frozen=True)
class Contradiction:
    """From "0 < x implies something false" that x = 0, for an x that cannot be negative."""

    of: str

    def check(self, claim: Any, known: Claims) -> None:
        implication = look_up(known, self.of)
        if not (isinstance(claim, sympy.Eq) and claim.rhs == 0 and claim.lhs.is_nonnegative):
            raise ProofError("the claim has to be that something nonnegative is zero")
        if not _implied_by(sympy.Lt(0, claim.lhs, evaluate=False), implication):
            raise ProofError(f"{self.of} does not suppose the contrary")
        absurd = implication.args[1]
        if absurd.func(*absurd.args) != sympy.false:
            raise ProofError(f"{absurd} is not false")

    def describe(self) -> str:
        return f"otherwise {self.of} would lead to something false"


def _implied_by(premise: Any, relation: Any) -> bool:
    return isinstance(relation, sympy.Implies) and relation.args[0] == premise


@dataclass(frozen=True)
class ByDefinition:
    """A known claim with a symbol replaced by its definition.

    Attributes
    ----------
    of, definition : str
        Labels of the claim, and of the equation "symbol = value".
    sign : str, optional
        Label of "value >= 0", if the symbol is assumed to be nonnegative.
    """

    of: str
    definition: str
    sign: str | None = None

    def check(self, claim: Any, known: Claims) -> None:
        definition = look_up(known, self.definition)
        if not (isinstance(definition, sympy.Eq) and definition.lhs.is_Symbol):
            raise ProofError(f"{self.definition} defines no symbol")
        symbol, value = definition.args
        signs = {} if self.sign is None else {symbol: self.sign}
        # Equals are replaced by equals, so nothing is generalised.
        premise = look_up(known, self.of)
        Substitution(self.of, {symbol: value}, signs).check_from(premise, claim, known)

    def describe(self) -> str:
        return f"{self.of}, with {self.definition} put in"


@dataclass(frozen=True)
class StrictCombination:
    """A combination of known inequalities, including a strict one with a positive multiplier.

    Attributes
    ----------
    combination : Combination
        How the weak inequality follows.
    strict : str
        Label of a strict inequality in the combination, not multiplied by another.
    """

    combination: Combination
    strict: str

    def check(self, claim: Any, known: Claims) -> None:
        if not is_strict(claim):
            raise ProofError("the claim has to be strict")
        smaller, larger = claim.args if isinstance(claim, sympy.Lt) else claim.args[::-1]
        self.combination.check(at_most(smaller, larger), known)
        if self.strict not in self.combination.multipliers:
            raise ProofError(f"{self.strict} is not among the inequalities combined")
        if not is_strict(look_up(known, self.strict)):
            raise ProofError(f"{self.strict} is not strict")
        multiplier = sympy.sympify(self.combination.multipliers[self.strict])
        given = [look_up(known, name) for name in self.combination.given]
        given = [relation for relation in given if has_symbol_side(relation)]
        if not nonnegative_given(multiplier, given, strictly=True):
            raise ProofError(f"{multiplier} is not known to be positive")

    def describe(self) -> str:
        return self.combination.describe()


@dataclass(frozen=True)
class StrictlyUnderMean:
    """From x < y for every draw of the candidates, that E x < E y; both must be integrable."""

    of: str

    def check(self, claim: Any, known: Claims) -> None:
        pointwise = look_up_general(known, self.of)
        if not (is_strict(claim) and is_strict(pointwise)):
            raise ProofError("a strict inequality of means needs one for every draw")
        if not vanishes(difference(claim) - Mean(difference(pointwise))):
            raise ProofError("the claim is not the expectation of the pointwise one")

    def describe(self) -> str:
        return f"expectation of {self.of}"
