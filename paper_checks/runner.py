"""Running the checks: the evidence for each result, gathered piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from recurate.numerics.pieces import ExecutorLostError, WorkerLostError, carried_out
from recurate.paper_checks.catalogue import CHECKS
from recurate.paper_checks.evidence.evidence import (
    Established,
    Evidence,
    MutantOutcome,
    Verdict,
    established,
)
from recurate.paper_checks.evidence.gathering.exact_and_certified import (
    certified_evidence,
    exact_evidence,
)
from recurate.paper_checks.evidence.gathering.formal import formal_evidence
from recurate.paper_checks.evidence.gathering.mutants import mutant_outcomes
from recurate.paper_checks.evidence.gathering.property import property_evidence
from recurate.paper_checks.evidence.gathering.symbolic import symbolic_evidence
from recurate.paper_checks.evidence.kinds import EFFORTS, KINDS, Effort, Level, Part
from recurate.paper_checks.evidence.manifest import StaleManifestError, read_manifest
from recurate.theory.catalogue import STATEMENTS, statement
from recurate.theory.statement import Statement


@dataclass(frozen=True)
class Result:
    """A statement with the evidence gathered for it.

    Attributes
    ----------
    statement : Statement
        What was checked.
    evidence : tuple of Evidence
        One piece a kind.
    mutants : tuple of MutantOutcome
        What came of nearby false claims.
    """

    statement: Statement
    evidence: tuple[Evidence, ...]
    mutants: tuple[MutantOutcome, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Refuted if any evidence is against it; open for a conjecture, or where a sign is open."""
        verdicts = [evidence.verdict for evidence in self.evidence]
        for against in ("refuted", "violated"):
            if against in verdicts:
                return against
        is_claimed = self.statement.kind != "conjecture"
        return "holds" if is_claimed and verdicts and "open" not in verdicts else "open"

    @property
    def established(self) -> Established:
        """How far it is established, by its strongest evidence."""
        return established(
            {evidence.kind for evidence in self.evidence if evidence.verdict == "holds"},
            is_conjecture=self.statement.kind == "conjecture",
            is_refuted=self.verdict == "refuted",
        )

    @property
    def survivors(self) -> tuple[MutantOutcome, ...]:
        """The false claims that were not refuted."""
        return tuple(outcome for outcome in self.mutants if outcome.witness is None)

    @property
    def is_expected_refutation(self) -> bool:
        """Whether a claim that was known to be false is refuted."""
        return self.verdict == self.statement.expected == "refuted"

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong: all evidence holds, proofs too, and no mutant is alive.

        Of a claim that is known to be false, whether it is refuted.
        """
        if self.statement.expected == "refuted":
            return self.is_expected_refutation and not self.survivors
        all_hold = all(evidence.verdict == "holds" for evidence in self.evidence)
        is_open = self.verdict == "open" and self.statement.kind != "conjecture"
        return all_hold and not (self.survivors or is_open)


def run_checks(
    ids: Sequence[str] | None = None,
    *,
    level: Level = "quick",
    seed: int = 0,
    executor: Executor | None = None,
    on_part: Callable[[str, Part, int, int], None] | None = None,
) -> Iterator[Result]:
    """Gather the evidence for the statements with these ids.

    Parameters
    ----------
    ids : sequence of str, optional
        Ids of statements; all of them if not given.
    level : {"quick", "full"}
        How much is tried; see `EFFORTS`.
    seed : int
        Seed of every search.
    executor : concurrent.futures.Executor, optional
        What gathers it; without one it is gathered here.
    on_part : callable, optional
        Called with an id, the kind of evidence gathered, and how many parts are done, of how many.

    Yields
    ------
    Result
        In the order of the ids.

    Raises
    ------
    ValueError
        If there is no statement with an id.
    ExecutorLostError
        If the executor was lost; before that, all results are yielded with the evidence that was
        gathered, and with that error in place of the other.
    """
    names = [statement(name).id for name in (STATEMENTS if ids is None else ids)]
    tasks = [(name, part) for name in names for part in parts_of(name)]
    gathered: dict[str, dict[Part, object]] = {name: {} for name in names}
    following = 0
    lost: list[ExecutorLostError] = []
    with closing(_outcomes(tasks, level, seed, executor, lost)) as outcomes:
        for number, ((name, part), outcome) in enumerate(outcomes, 1):
            gathered[name][part] = outcome
            if on_part is not None:
                on_part(name, part, number, len(tasks))
            while following < len(names) and _is_complete(names[following], gathered):
                yield _result(names[following], gathered[names[following]])
                following += 1
    if lost:
        raise lost[0]


def _sampled(name: str, cases: int, seed: int) -> Evidence:
    sampled = CHECKS[name].sampled
    assert sampled is not None
    return sampled(cases=cases, seed=seed)


def _may_be_formal(name: str) -> bool:
    """Return whether Rocq checked a result, or the manifest is damaged and nobody knows."""
    try:
        return bool(read_manifest().of(name))
    except StaleManifestError:  # the evidence then says so
        return True


class _Gatherer(NamedTuple):
    """Which results have a kind of evidence, and how it is gathered."""

    has: Callable[[str], bool]
    gather: Callable[[str, Effort, int], object]


_GATHERERS: dict[Part, _Gatherer] = {
    "property": _Gatherer(
        lambda name: True,
        lambda name, effort, seed: property_evidence(
            CHECKS[name], name=name, cases=effort.property, seed=seed
        ),
    ),
    "exact": _Gatherer(
        lambda name: CHECKS[name].is_exact,
        lambda name, effort, seed: exact_evidence(
            CHECKS[name], name=name, cases=effort.exact, seed=seed
        ),
    ),
    "certified": _Gatherer(
        lambda name: True,
        lambda name, effort, seed: certified_evidence(
            CHECKS[name], name=name, cases=effort.certified, seed=seed
        ),
    ),
    "symbolic": _Gatherer(
        lambda name: bool(STATEMENTS[name].proof.steps),
        lambda name, effort, seed: symbolic_evidence(STATEMENTS[name], use_cache=effort.uses_cache),
    ),
    "formal": _Gatherer(
        _may_be_formal,
        lambda name, effort, seed: formal_evidence(STATEMENTS[name]),
    ),
    "sampled": _Gatherer(
        lambda name: CHECKS[name].sampled is not None,
        lambda name, effort, seed: _sampled(name, effort.sampled, seed),
    ),
    "mutants": _Gatherer(
        lambda name: True,
        lambda name, effort, seed: tuple(
            mutant_outcomes(
                CHECKS[name],
                name=name,
                exact_cases=effort.exact,
                certified_cases=effort.certified,
                seed=seed,
            )
        ),
    ),
}
"""How each kind of `KINDS` is gathered."""


def parts_of(name: str) -> list[Part]:
    """Return the kinds of evidence gathered for a statement, and "mutants"."""
    return [part for part in KINDS if _GATHERERS[part].has(name)]


def gather(name: str, part: Part, level: Level, seed: int) -> object:
    """Return one part of a result's evidence; if the program fails, evidence with the error."""
    try:
        return _GATHERERS[part].gather(name, EFFORTS[level], seed)
    except Exception as error:  # one part that fails should not lose the others
        return _failed(part, error)


def _failed(part: Part, error: Exception) -> object:
    """Return what stands for a part of the evidence that could not be gathered."""
    reason = f"{type(error).__name__}: {error}"
    if part == "mutants":
        return (MutantOutcome(f"none could be tried: {reason}", None, None),)
    return Evidence(kind=part, cases=0, seconds=0.0, tried="nothing", error=reason)


_Task = tuple[str, Part]


def _outcomes(
    tasks: Sequence[_Task],
    level: Level,
    seed: int,
    executor: Executor | None,
    lost: list[ExecutorLostError],
) -> Generator[tuple[_Task, object]]:
    """Yield tasks with what came of them, and put the error into `lost` if the executor was."""
    left = {task: partial(gather, *task, level, seed) for task in tasks}
    try:
        with closing(carried_out(left.copy(), executor)) as outcomes:
            for task, outcome in outcomes:
                del left[task]
                if isinstance(outcome, WorkerLostError):
                    outcome = _failed(task[1], outcome)
                yield task, outcome
    except ExecutorLostError as error:
        lost.append(error)
        for task in left:
            yield task, _failed(task[1], error)


def _is_complete(name: str, gathered: dict[str, dict[Part, object]]) -> bool:
    return set(gathered[name]) == set(parts_of(name))


def _result(name: str, parts: dict[Part, object]) -> Result:
    mutants = parts.get("mutants", ())
    evidence = [parts[part] for part in parts_of(name) if part != "mutants"]
    assert isinstance(mutants, tuple)
    return Result(STATEMENTS[name], tuple(e for e in evidence if isinstance(e, Evidence)), mutants)
