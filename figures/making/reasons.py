"""Why something has to be made again: its inputs now, compared with its inputs then."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Inputs = Mapping[str, Any]
"""What something is made from: "code" (hashes by file), "parameters", "tables" and more."""


def python_version() -> str:
    """Return the first two numbers of Python's version: the third does not change the language."""
    return ".".join(platform.python_version_tuple()[:2])


def digest(path: Path) -> str:
    """Return the hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def reason(entry: Mapping[str, Any] | None, inputs: Inputs, folder: Path) -> str | None:
    """Return in words why something has to be made again, or None if it is up to date.

    Parameters
    ----------
    entry : mapping or None
        Its entry in the record: its "inputs", and its "files" with their hashes.
    inputs : mapping
        What it would be made from now.
    folder : Path
        Where the files are.
    """
    if entry is None:
        return "nothing kept from before"
    found = changes(entry["inputs"], inputs)
    if found:
        return "; ".join(found)
    return lost(entry["files"], folder)


def lost(files: Mapping[str, str], folder: Path) -> str | None:
    """Return in words which of the files, with their hashes, is not as it was; None if all are."""
    for file, hashed in files.items():
        path = folder / file
        try:
            if not path.is_file():
                return f"{file} is gone"
            if digest(path) != hashed:
                return f"{file} is not as it was written"
        except OSError as error:
            return f"{file} cannot be read ({error.strerror})"
    return None


def changes(old: Inputs, new: Inputs) -> list[str]:
    """Return in words how the new inputs of something differ from its old ones."""
    if old.get("Python") != new.get("Python"):  # each version writes code, and so hashes, its way
        return [f"Python was {old.get('Python')}, is {new.get('Python')}"]
    found = []
    for kind, now in new.items():
        before = old.get(kind)
        if not isinstance(now, Mapping) or not isinstance(before, Mapping):
            if before != now:
                found.append(f"{kind} was {before}, is {now}")
            continue
        for name in dict.fromkeys([*before, *now]):
            if before.get(name) != now.get(name):
                found.append(_change(kind, name, before, now))
    return found


def _change(kind: str, name: str, before: Inputs, now: Inputs) -> str:
    if kind == "parameters":
        if name not in before:
            return f"{name} is new, {now[name]}"
        return f"{name} was {before[name]}, is {now.get(name, 'no more')}"
    subject = name if kind == "code" else f"{kind.removesuffix('s')} {name}"
    if name not in before:
        return f"{subject} is used now"
    return f"{subject} changed" if name in now else f"{subject} is used no more"
