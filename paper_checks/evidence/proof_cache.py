"""Verified proofs, and their cache: a proof is checked again only when its sources have changed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from recurate.numerics.files import write_text
from recurate.theory.proving.proof import Verification
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
    state: str
    seconds: float
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
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            found = tuple(_read(step) for step in json.loads(_path(statement).read_text("utf-8")))
            if [s.label for s in found] == [s.label for s in statement.proof.steps]:
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
    path = _path(statement)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob(f"{statement.id}-{'?' * 16}.json"):
            old.unlink(missing_ok=True)
        steps = [vars(step) for step in _steps(statement, verifications)]
        write_text(path, json.dumps(steps))


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


def _path(statement: Statement) -> Path:
    return _cache_folder() / f"{statement.id}-{_sources_hash()}.json"


def _read(step: dict[str, Any]) -> CheckedStep:
    return CheckedStep(**{**step, "citations": tuple(step["citations"])})


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "recurate" / "proofs"


@cache
def _sources_hash() -> str:
    """Return a hash of everything that a verification depends on: theory/, SymPy and Python."""
    import sympy

    from recurate import theory

    digest = hashlib.sha256(f"{sympy.__version__} {sys.version}".encode())
    package: Any = theory
    folder = Path(package.__path__[0])
    for path in sorted(folder.rglob("*.py")):
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
