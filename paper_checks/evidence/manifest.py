"""The manifest of formal proofs: what Rocq's kernel and its independent checker have accepted.

`make proofs` writes `formal_proofs.json` from the sources in `proofs/`; nobody edits it. It says of
each theorem what Rocq printed: the statement, with every hypothesis, and the axioms it rests on.
In a checkout the sources lie beside the package: a manifest of other sources is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from recurate.numerics import own_files
from recurate.numerics.own_files import DamagedError

_ROOM = Path(__file__).resolve().parents[1]

MANIFEST = _ROOM / "formal_proofs.json"

SOURCES = _ROOM.parent / "proofs"
"""Where the sources lie in a checkout. An installed package has none."""


class StaleManifestError(RuntimeError):
    """The manifest speaks of sources that are not those in the checkout, or is damaged."""


@dataclass(frozen=True)
class FormalTheorem:
    """A theorem that was checked.

    Attributes
    ----------
    id : str or None
        Id of the statement that it proves, or is a part of; None for a test of the definitions.
    theorem : str
        Its name in Rocq.
    file : str
        The source in `proofs/`.
    statement : str
        What it says, as Rocq prints it.
    axioms : tuple of str
        The axioms it rests on; none if it is closed under the global context.
    """

    id: str | None
    theorem: str
    file: str
    statement: str
    axioms: tuple[str, ...]


@dataclass(frozen=True)
class FormalManifest:
    """The theorems that were checked, their sources, and the checker.

    Attributes
    ----------
    checker : str
        Name and version of the independent checker.
    theorems : tuple of FormalTheorem
        What was checked.
    sources : dict
        SHA-256 of each source, by its file's name.
    """

    checker: str
    theorems: tuple[FormalTheorem, ...]
    sources: dict[str, str]

    def of(self, name: str) -> tuple[FormalTheorem, ...]:
        """Return the theorems that belong to the statement with this id."""
        return tuple(theorem for theorem in self.theorems if theorem.id == name)


@cache
def read_manifest(path: Path = MANIFEST) -> FormalManifest:
    """Read a manifest, by default the package's own.

    Raises
    ------
    StaleManifestError
        If there is none, or the file is not a whole manifest.
    """
    try:
        found = own_files.read_record(path, FormalManifest)
        if found is None:
            raise DamagedError("is not there")
        names = {theorem.id for theorem in found.theorems if theorem.id is not None}
        if not all(_limits(found.of(name)) for name in names):
            raise DamagedError("has a statement whose scope is not known")
    except DamagedError as error:
        line = own_files.useless(path, error, "install the package anew, or run `make proofs`")
        raise StaleManifestError(f"not known: {line}") from error
    return found


def require_current(manifest: FormalManifest, sources: Path | None = None) -> None:
    """Refuse a manifest of other sources than those in a folder; without the folder, accept it.

    Parameters
    ----------
    manifest : FormalManifest
        What was checked.
    sources : Path, optional
        The folder of the sources; `SOURCES` if not given.

    Raises
    ------
    StaleManifestError
        If a source was changed, added or removed since, or a theorem's file is not among them.
    """
    folder = SOURCES if sources is None else sources
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.v")
    }
    unknown = {theorem.file for theorem in manifest.theorems} - set(manifest.sources)
    different = {
        name
        for name in set(found) | set(manifest.sources)
        if found.get(name) != manifest.sources.get(name)
    }
    if unknown or (folder.is_dir() and different):
        names = ", ".join(f"proofs/{name}" for name in sorted(unknown or different))
        raise StaleManifestError(f"not the sources that were checked: {names}; run `make proofs`")


_LIMITS = (
    (r"\([\w ]+ : finType\)", "finite laws"),
    (r"\([\w ]*\bK\b[\w ]* : (\w+ -> )*nat\)", "finite K"),  # one for each step or user, too
    (r"\([\w ]*\blam\b[\w ]* : R\)", "finite λ"),
)


def formal_scope(theorems: Sequence[FormalTheorem]) -> str:
    """Return in words what a statement is limited to, by the types of its theorem's variables.

    It is read off the first theorem of the statement: the others say more of a part of it.

    Examples
    --------
    >>> formal_scope(read_manifest().of("theorem-2.3"))
    'for finite laws, finite K and finite λ'
    """
    *first, last = _limits(theorems)
    return f"for {', '.join(first)} and {last}" if first else f"for {last}"


def _limits(theorems: Sequence[FormalTheorem]) -> list[str]:
    return [words for pattern, words in _LIMITS if re.search(pattern, theorems[0].statement)]


def formal_theorems(name: str) -> tuple[FormalTheorem, ...]:
    """Return the theorems checked for a statement, if the package's manifest is current.

    Raises
    ------
    StaleManifestError
        If it is not.
    """
    theorems = read_manifest().of(name)
    if theorems:
        require_current(read_manifest())
    return theorems
