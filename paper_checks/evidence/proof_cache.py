"""Verified proofs, and their cache: a proof is checked again only when its sources have changed."""

from __future__ import annotations

import contextlib
import hashlib
import io
import pickle
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from recurate.numerics import own_files
from recurate.numerics.files import write_text
from recurate.numerics.own_files import DamagedError
from recurate.theory.proving.citing import cited_theorem
from recurate.theory.proving.proof import Proof, State, Step, Verification
from recurate.theory.statement import Statement


@dataclass(frozen=True)
class CheckedStep:
    """What came of checking one step of a proof.

    Attributes
    ----------
    label : str
        The step's label.
    state : {"verified", "cited", "failed"}
        Outcome.
    seconds : float
        Time it took, when it was checked.
    reason : str
        Why it failed.
    citations : tuple of str
        Labels of the cited steps that it rests on.
    """

    label: str
    state: State
    seconds: Annotated[float, msgspec.Meta(ge=0)]
    reason: str
    citations: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckedProof:
    """The steps of a statement's proof, checked.

    Attributes
    ----------
    steps : tuple of CheckedStep
        One for each step of the proof.
    from_cache : bool
        Whether the outcome was read from the cache.
    """

    steps: tuple[CheckedStep, ...]
    from_cache: bool

    @property
    def is_complete(self) -> bool:
        """Whether there is a proof, and no step of it has failed."""
        return bool(self.steps) and not self.count("failed")

    def count(self, state: str) -> int:
        """Return how many steps are in a state."""
        return sum(step.state == state for step in self.steps)


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """The record in the cache: what came of a proof, and of which."""

    format: Literal[2] = 2
    statement: str
    sources: str
    content: str
    steps: tuple[CheckedStep, ...]


def checked(statement: Statement, *, use_cache: bool = True) -> CheckedProof:
    """Check a statement's proof, or read what came of it when its sources were the same.

    Parameters
    ----------
    statement : Statement
        What to check.
    use_cache : bool
        Whether to read and write the cache, if that is possible.

    Returns
    -------
    CheckedProof
    """
    if use_cache:
        found = _read(statement)
        if found is not None:
            return CheckedProof(found, from_cache=True)
    verifications = statement.proof.verify()
    if use_cache:
        keep(statement, verifications)
    return CheckedProof(_steps(statement, verifications), from_cache=False)


def keep(statement: Statement, verifications: Iterable[Verification]) -> None:
    """Write what came of verifying a statement's proof into the cache, if that can be done.

    Parameters
    ----------
    statement : Statement
        Whose proof.
    verifications : iterable of Verification
        What its `Proof.verify` returned.
    """
    path, content = _path(statement), _content_hash(statement.proof)
    if path is None or content is None:
        return
    kept = _Kept(
        statement=statement.id,
        sources=_sources_hash(),
        content=content,
        steps=_steps(statement, verifications),
    )
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob(f"{statement.id}-{'?' * 16}.json"):
            own_files.discard(old)
        write_text(path, own_files.as_text(kept))


def _steps(statement: Statement, verifications: Iterable[Verification]) -> tuple[CheckedStep, ...]:
    return tuple(
        CheckedStep(
            label=v.step.label,
            state=v.state,
            seconds=v.seconds,
            reason=v.reason,
            citations=tuple(sorted(v.rests_on - statement.proof.supposed.keys())),
        )
        for v in verifications
    )


def _path(statement: Statement) -> Path | None:
    """Return where a proof is kept; None for one of the user's own, or where no folder is known."""
    if not statement.module.startswith("recurate.theory."):  # it may rest on code not hashed here
        return None
    folder = own_files.cache_folder("proofs")
    return None if folder is None else folder / f"{statement.id}-{_sources_hash()}.json"


def _read(statement: Statement) -> tuple[CheckedStep, ...] | None:
    """Return what the cache says of a proof; None if there is nothing, or nothing to be trusted."""
    path = _path(statement)
    if path is None:
        return None
    try:
        kept = own_files.read_record(path, _Kept)
        if kept is None:
            return None
        if (kept.statement, kept.sources) != (statement.id, _sources_hash()):
            raise DamagedError("is of another proof")
        if kept.content != _content_hash(statement.proof):  # of an altered one of the same name
            return None
        if not _are_outcomes(kept.steps, statement.proof.steps):
            raise DamagedError("says what no verification of this proof says")
    except DamagedError as error:
        own_files.say(path, error, "the proof is verified again")
        return None
    return kept.steps


def _are_outcomes(found: tuple[CheckedStep, ...], steps: tuple[Step, ...]) -> bool:
    """Return whether these can be the outcomes of checking the steps."""
    cited: set[str] = set()
    if [one.label for one in found] != [step.label for step in steps]:
        return False
    for one, step in zip(found, steps, strict=True):
        due = "verified" if cited_theorem(step.because) is None else "cited"
        rests_on = list(one.citations)
        if one.state not in (due, "failed") or (one.reason and one.state != "failed"):
            return False
        if rests_on != sorted(set(rests_on)) or not cited.issuperset(rests_on):
            return False
        if one.state == "cited":
            cited.add(one.label)
    return True


def _content_hash(proof: Proof) -> str | None:
    """Return a hash of a proof's steps and suppositions; None if they cannot be written down."""
    written = io.BytesIO()
    pickler = pickle.Pickler(written, protocol=5)
    pickler.fast = True  # else it would depend on which equal parts are the same object
    try:
        pickler.dump(proof)
    except Exception:  # of objects of the user's: whatever their methods raise
        return None
    return hashlib.sha256(written.getvalue()).hexdigest()


@cache
def _sources_hash() -> str:
    """Return a hash of everything that verifications depend on: theory/, SymPy and Python."""
    import sympy

    from recurate import theory

    versions = (sympy.__version__, version("mpmath"), sys.version)
    digest = hashlib.sha256(" ".join(versions).encode())
    package: Any = theory
    folder = Path(package.__path__[0])
    for path in sorted(folder.rglob("*.py")):
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
