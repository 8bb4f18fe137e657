"""What came of trying a statement: its verdict, a counterexample, and its proof's first failure."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from recurate.paper_checks.evidence.check import Margin, midpoint
from recurate.paper_checks.evidence.evidence import Evidence, MutantOutcome, Verdict
from recurate.paper_checks.runs.setting import TriedInstance, replay_lines
from recurate.paper_checks.trials.text import trial_text
from recurate.theory.catalogue import STATEMENTS
from recurate.theory.plain_text import typed
from recurate.theory.proving.proof import Verification
from recurate.theory.statement import Statement


@dataclass(frozen=True)
class Counterexample:
    """A loop for which a claim certainly fails.

    Attributes
    ----------
    instance : Instance
        The loop, in exact numbers.
    margin : Margin
        How far the claim fails, and where: a rational, or a ball below zero.
    kind : {"exact", "certified"}
        In which numbers it was computed.
    """

    instance: TriedInstance
    margin: Margin
    kind: Literal["exact", "certified"]


@dataclass(frozen=True, repr=False)
class Trial:
    """What came of trying a statement.

    Attributes
    ----------
    statement : Statement
        What was tried.
    original : Statement
        What it was made from; the same if nothing was altered.
    evidence : tuple of Evidence
        What was tried, a piece a kind.
    counterexample : Counterexample or None
        The smallest loop found for which the claim fails.
    proof : tuple of Verification
        The proof's steps, checked; empty if there is no proof.
    broken_by : mapping
        From each hypothesis that was dropped to the number of loops tried that do not meet it.
    mutants : tuple of MutantOutcome
        What came of the check's nearby false claims, where nothing was altered.
    seconds : float
        Time taken.
    """

    statement: Statement
    original: Statement
    evidence: tuple[Evidence, ...]
    counterexample: Counterexample | None
    proof: tuple[Verification, ...]
    broken_by: dict[str, int] = field(default_factory=dict)
    mutants: tuple[MutantOutcome, ...] = ()
    seconds: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """Refuted by a counterexample; holds if there is none and the whole proof is verified."""
        if self.counterexample is not None:
            return "refuted"
        is_proved = self.proof and self.failing_step is None and self.says_what_was_dropped
        return "holds" if is_proved else "open"

    @property
    def says_what_was_dropped(self) -> bool:
        """Whether the original's proof has suppositions for all hypotheses that were dropped."""
        return all(h.carried_by for h in self.original.hypotheses if h.name in self.broken_by)

    @property
    def failing_step(self) -> Verification | None:
        """The first step of the proof that fails, if one does."""
        return next((step for step in self.proof if step.state == "failed"), None)

    @property
    def least_margin(self) -> float | Fraction | None:
        """The counterexample's margin, or the smallest one found."""
        if self.counterexample is not None:
            value: float | Fraction = midpoint(self.counterexample.margin.value)
            return value
        found = [e.least_margin for e in self.evidence if e.least_margin is not None]
        return min(found, default=None)

    @property
    def replay(self) -> str:
        """Lines of Python that show the counterexample's margin again; empty if there is none."""
        if self.counterexample is None:
            return ""
        claim, imports = "check  # yours, of this statement", []
        if self.original.id in STATEMENTS:
            claim = f"recurate.statement({self.original.id!r}){self._alterations}"
            imports = ["import recurate"]
        found = self.counterexample
        return replay_lines(found.instance, claim, found.kind, imports=imports)

    @property
    def _alterations(self) -> str:
        """The calls that made the statement from the original."""
        bound, own = self.statement.bound, self.original.bound
        altered = "" if bound == own else f".with_bound({typed(bound, own)!r})"
        return altered + "".join(f".without({name!r})" for name in self.broken_by)

    def __repr__(self) -> str:
        """Return the first line of it."""
        return f"<Trial of {str(self).splitlines()[0]}>"

    def __str__(self) -> str:
        """Return the whole in lines, as ``recurate check`` prints it."""
        return trial_text(self)
