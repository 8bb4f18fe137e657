"""What the report says of one result: its statement, its proof, and what evidence there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from recurate.paper_checks.evidence.evidence import Established, Evidence, Verdict
from recurate.paper_checks.evidence.kinds import KINDS, Part
from recurate.paper_checks.evidence.manifest import (
    FormalTheorem,
    StaleManifestError,
    formal_theorems,
)
from recurate.paper_checks.evidence.nearest import Nearest
from recurate.paper_checks.evidence.proof_cache import CheckedProof, CheckedStep, checked
from recurate.paper_checks.evidence.standing import established_in_words, standing
from recurate.printing.explanation import bound_names, described
from recurate.theory.catalogue import CHAPTERS
from recurate.theory.legend import legend, meaning_of, word_lines
from recurate.theory.plain_text import in_words, moments_in_words, plain, words_for
from recurate.theory.proving.citing import Theorem, cited_theorem
from recurate.theory.proving.proof import Step
from recurate.theory.source import Source
from recurate.theory.statement import Statement

if TYPE_CHECKING:
    from recurate.paper_checks.runner import Result

MOST_INSTANCES = 3
"""How many of the nearest instances of a kind are shown."""

_LONGEST = 20  # letters of symbols that their meaning stands beside


class Meaning(NamedTuple):
    """Symbols with one meaning: formulas, the moment that they stand for, and their typed names."""

    symbols: tuple[Any, ...]
    moments: tuple[Any, ...]
    text: str
    names: tuple[str, ...]

    @property
    def is_long(self) -> bool:
        """Whether the symbols take more room than there is beside their meaning."""
        return len(", ".join(map(plain, (*self.symbols, *self.moments)))) > _LONGEST


class ProofStep(NamedTuple):
    """A step of a proof, what came of it, the theorem that it cites, and whether that is new."""

    number: int
    step: Step
    outcome: CheckedStep
    because: str
    theorem: Theorem | None


class PartShown(NamedTuple):
    """A part of the evidence on the index: its number of cases, and what it says."""

    name: Part
    cases: str
    state: str


@dataclass(frozen=True)
class Entry:
    """A result of the report.

    Attributes
    ----------
    statement : Statement
        What it says.
    proof : CheckedProof
        What came of checking its proof.
    result : Result or None
        The evidence; None if none was gathered.
    """

    statement: Statement
    proof: CheckedProof
    result: Result | None = None

    @classmethod
    def of(cls, statement: Statement, result: Result | None = None) -> Entry:
        """Return the entry of a statement, with its proof from the cache or verified now."""
        return cls(statement, checked(statement), result)

    @property
    def id(self) -> str:
        """The statement's id."""
        return self.statement.id

    @property
    def chapter(self) -> str:
        """The heading of its chapter."""
        return CHAPTERS.get(self.statement.chapter, "Other claims")

    @property
    def claim(self) -> Any:
        """The claim as it is shown: in λ, K, E and Var where possible."""
        return words_for(self.statement.claim, self.statement.bound_law)

    @property
    def claim_in_words(self) -> str:
        """The claim in one line of text."""
        return in_words(self.statement.claim, self.statement.bound_law)

    @property
    def verdict(self) -> Verdict | None:
        """What the evidence comes to, if there is any."""
        return None if self.result is None else self.result.verdict

    @property
    def is_known_false(self) -> bool:
        """Whether it is a false claim of another paper, and nothing says otherwise."""
        known = self.result is None or self.result.is_expected_refutation
        return self.statement.expected == "refuted" and known

    @property
    def established(self) -> Established:
        """How far it is established."""
        if self.result is None:
            return standing(self.statement, self.proof)
        return self.result.established

    @property
    def established_in_words(self) -> str:
        """The same in words, with its scope."""
        return established_in_words(
            self.statement, self.established, is_proved=self.proof.is_complete
        )

    @property
    def source(self) -> str:
        """Where it stands."""
        return str(self.statement.source)

    @property
    def provenance(self) -> str:
        """How much of its text was seen, if it is from the paper."""
        source = self.statement.source
        return source.provenance if isinstance(source, Source) else ""

    @property
    def theorems(self) -> tuple[FormalTheorem, ...]:
        """What Rocq checked of it."""
        return theorems_of(self.statement)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The evidence of each kind."""
        return () if self.result is None else self.result.evidence

    def parts(self) -> Iterator[PartShown]:
        """Yield the parts of the evidence, each with its number of cases."""
        for evidence in self.evidence:
            against = "known" if self.is_known_false else "bad"
            state = {"holds": "holds", "open": "open"}.get(evidence.verdict, against)
            yield PartShown(evidence.kind, f"{evidence.cases:,}", state)
        if self.result is not None and self.result.mutants:
            total, alive = len(self.result.mutants), len(self.result.survivors)
            yield PartShown("mutants", f"{total - alive}/{total}", "bad" if alive else "holds")

    def steps(self) -> Iterator[ProofStep]:
        """Yield the steps of the proof; a theorem that is cited again is not told again."""
        told = set()
        pairs = zip(self.statement.proof.steps, self.proof.steps, strict=True)
        for number, (step, outcome) in enumerate(pairs, 1):
            theorem = cited_theorem(step.because)
            if theorem is not None and theorem.name in told:
                theorem = None
            elif theorem is not None:
                told.add(theorem.name)
            yield ProofStep(number, step, outcome, described(step), theorem)

    @cached_property
    def places(self) -> dict[str, str]:
        """Where the steps of the proof are on the page, by their labels and by what they cite."""
        places: dict[str, str] = {}
        for shown in self.steps():
            place = f"step-{shown.number}"
            places[shown.step.label] = place
            if shown.theorem is not None:
                places.setdefault(shown.theorem.name, place)
        return places

    @cached_property
    def meanings(self) -> list[Meaning]:
        """What the symbols of the statement and of its proof mean."""
        names = bound_names(self.statement)
        moments = moments_in_words(self.statement.bound_law)
        typed = {symbol: name for name, symbol in names.items()}
        by_text: dict[str, list[Any]] = {}
        known = {symbol: meaning_of(symbol) for symbol in names.values()} | legend(self.statement)
        for symbol, text in known.items():
            by_text.setdefault(text, []).append(symbol)
        return [
            Meaning(
                tuple(symbols),
                tuple(moments[symbol] for symbol in symbols if symbol in moments),
                _without_names(text, symbols),
                tuple(typed[symbol] for symbol in symbols if symbol in typed),
            )
            for text, symbols in by_text.items()
        ]

    def words(self) -> list[str]:
        """Return what words such as p_ref mean, of those in the statement."""
        texts = (self.claim_in_words, *(h.text for h in self.statement.hypotheses))
        said = [f"{', '.join(map(plain, one.symbols))}: " for one in self.meanings]
        return word_lines(texts, said)

    def nearest(self, evidence: Evidence) -> list[Nearest]:
        """Return the instances of a kind that came nearest to breaking the claim."""
        return [near for near in evidence.nearest if near.margin is not None][:MOST_INSTANCES]

    @property
    def searched(self) -> str:
        """What the index's search looks at."""
        said = (self.id, self.statement.label, self.statement.title, self.claim_in_words)
        return " ".join(said).lower()


def _without_names(text: str, symbols: list[Any]) -> str:
    """Return a meaning without the symbols that it begins with, which stand beside it."""
    shown = ", ".join(map(plain, symbols))
    rest = text.removeprefix(f"{shown}, ")
    if rest != text:
        return f"{rest[:1].upper()}{rest[1:]}"
    if text.startswith(f"{shown} = "):
        return text.removeprefix(f"{shown} ")
    return text.removeprefix(f"{shown}: ")


def theorems_of(statement: Statement) -> tuple[FormalTheorem, ...]:
    """Return what Rocq checked of a statement; nothing if that is not known."""
    try:
        return formal_theorems(statement.id)
    except StaleManifestError:  # the evidence then says so
        return ()


def counts_of(evidence: Evidence) -> str:
    """Return how many cases there are of a kind of evidence, in words."""
    counted = KINDS[evidence.kind].counts
    if evidence.cases == 1:
        counted = counted.removesuffix("s")
    return f"{evidence.cases:,} {counted}"
