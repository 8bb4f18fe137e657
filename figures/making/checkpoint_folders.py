"""Folders for what long computations leave, so that they can be resumed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from recurate.figures.making.record import Record
from recurate.numerics import own_files


def fresh_unless_same(folder: Path, inputs: Record, force: bool) -> Path:
    """Return the folder of a table's checkpoints, after removing those of other inputs."""
    text = json.dumps(inputs, sort_keys=True)
    mine = folder / hashlib.sha256(text.encode()).hexdigest()[:16]
    if folder.is_dir():
        for other in folder.iterdir():
            if force or other != mine:
                own_files.discard(other)
    for inner in (folder.parent, folder, mine):
        make_folder(inner)
    return mine


def make_folder(folder: Path) -> None:
    """Make a folder for checkpoints if it is not there, in place of whatever is."""
    if not folder.is_dir():
        own_files.discard(folder)
    folder.mkdir(parents=True, exist_ok=True)


def remove_if_empty(folder: Path, top: Path) -> None:
    """Remove a folder below `top` if it is empty, and then its parents up to `top` likewise."""
    for inner in (folder, *folder.parents):
        if any(inner.iterdir()):
            return
        inner.rmdir()
        if inner == top:
            return
