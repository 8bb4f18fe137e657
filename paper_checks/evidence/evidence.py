"""Evidence: what was tried for a result, the smallest margin found, and a witness if it failed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from recurate.paper_checks.evidence.kinds import Kind
from recurate.paper_checks.evidence.nearest import Nearest

Verdict = Literal["holds", "refuted", "violated", "open"]

VERDICTS: dict[Verdict, str] = {
    "holds": "holds",
    "open": "open",
    "violated": "violated, not certified",
    "refuted": "refuted",
}
"""Verdicts as they are printed. Violated: by more than the stated error, and not beyond doubt."""

Established = Literal["formal", "proved", "tried", "open", "refuted"]

ESTABLISHED: dict[Established, str] = {
    "formal": "Rocq's kernel checked it for finite laws (explain ID says for which K and λ)",
    "proved": "each step verified by computer algebra or matched with a textbook's theorem",
    "tried": "claimed, with evidence, but no proof that a program has verified",
    "open": "a conjecture",
    "refuted": "false: there is a certain counterexample",
}
"""How far a result is established, by its strongest evidence."""


def established(
    holding: Collection[Kind], *, is_conjecture: bool, is_refuted: bool = False
) -> Established:
    """Return how far a result is established.

    Parameters
    ----------
    holding : collection of str
        The kinds of evidence that hold; see `recurate.paper_checks.evidence.kinds`. Symbolic
        evidence holds if each step of the proof does.
    is_conjecture : bool
        Whether it is claimed as a conjecture.
    is_refuted : bool
        Whether any evidence refutes it.
    """
    if is_refuted:
        return "refuted"
    if "formal" in holding:
        return "formal"
    if "symbolic" in holding:
        return "proved"
    return "tried" if holding and not is_conjecture else "open"


@dataclass(frozen=True)
class Witness:
    """A loop that breaks a claim.

    Attributes
    ----------
    loop : str
        The loop, in numbers (exact ones but for the property kind).
    margin : str
        The claim's margin, negative; exact, or a ball's bounds.
    where : str
        At which place the claim fails.
    replay : str
        Lines of Python that show it again.
    """

    loop: str
    margin: str
    where: str
    replay: str

    def __str__(self) -> str:
        """Return loop, place and margin in one line."""
        at = f", at {self.where}" if self.where else ""
        return f"{self.loop}{at}: margin {self.margin}"


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence for a result.

    Attributes
    ----------
    kind : str
        How it was gathered; see `recurate.paper_checks.evidence.kinds`.
    cases : int
        Number of loops tried; for the symbolic kind, of proof steps.
    seconds : float
        Time it took.
    tried : str
        What was tried: ranges of the parameters.
    allowance : str
        What error is allowed for, and why.
    seed : int or None
        Seed of the search.
    nontrivial : int
        Number of loops outside the degenerate cases (K = 1, λ = 0, one weight).
    least_margin : float, Fraction or None
        Smallest margin found where the statement lists no equality; None if there was none.
    attained : str
        The loop and the place where the smallest margin was found.
    undecided : int
        Number of places where rounding left the sign open although the statement lists no equality.
    witness : Witness or None
        A loop for which the claim fails.
    cause : str
        Why a witness is not certified, or which steps of a proof do not verify.
    error : str
        Why nothing could be gathered, where the program failed.
    nearest : tuple of Nearest
        The same by ranges of K and λ, the least margins first; empty for other kinds.
    """

    kind: Kind
    cases: int
    seconds: float
    tried: str
    allowance: str = ""
    seed: int | None = None
    nontrivial: int = 0
    least_margin: float | Fraction | None = None
    attained: str = ""
    undecided: int = 0
    witness: Witness | None = None
    cause: str = ""
    error: str = ""
    nearest: tuple[Nearest, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Holds if something was tried and all of it held; open if nothing was, or not decided."""
        if self.witness is not None:
            return "violated" if self.cause else "refuted"
        is_open = self.undecided or self.cause or self.error
        return "holds" if self.cases and not is_open else "open"


@dataclass(frozen=True)
class MutantOutcome:
    """What came of a nearby false claim.

    Attributes
    ----------
    claim : str
        The false claim.
    witness : Witness or None
        What refutes it; None if it survived.
    kind : str or None
        The evidence that refuted it.
    seconds : float
        Time it took.
    """

    claim: str
    witness: Witness | None
    kind: Kind | None
    seconds: float = 0.0
