"""A figure's record, ``NAME.json``: what was made from what, and how well it agrees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from recurate.figures.making.recipe import Scale
from recurate.numerics import own_files
from recurate.numerics.files import write_text
from recurate.numerics.own_files import DamagedError

Record = dict[str, Any]
"""The content of ``NAME.json``: numbers, words, and lists and mappings of them."""

FORMAT: Literal[3] = 3
"""Version of the record's layout; a record of another version counts as none."""

SHOWN = ("caption", "agreement", "picture")
"""What belongs to all tables together, and is there once all are made."""

_Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]
_Hashes = dict[str, str]
_Count = Annotated[int, msgspec.Meta(ge=0)]
_Number = int | float | Literal["inf"]


class _Strict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A part of the record, which has these entries and no others."""


class _Inputs(_Strict):
    code: _Hashes
    parameters: dict[str, Any]
    Python: str
    tables: _Hashes


class _TableInputs(_Inputs):
    device: str
    data: str | UnsetType = UNSET


class _PictureInputs(_Inputs):
    Matplotlib: str


class _TableEntry(_Strict):
    files: dict[str, _Hash]
    rows: dict[str, _Count]
    columns: dict[str, dict[str, str]]
    inputs: _TableInputs
    begun: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    seconds: Annotated[float, msgspec.Meta(ge=0)]
    machine: str
    versions: dict[str, str]


class _PictureEntry(_Strict):
    files: dict[str, _Hash]
    inputs: _PictureInputs


class _Agreement(_Strict):
    text: str
    value: _Number
    allowed: _Number | None
    reason: str
    unchanged: _Number | None
    holds: bool


class _Record(_Strict):
    format: Literal[3]
    figure: str
    title: str
    scale: Scale
    parameters: dict[str, Any]
    data: str | None
    tables: dict[str, _TableEntry]
    caption: str | UnsetType = UNSET
    agreement: _Agreement | UnsetType | None = UNSET
    picture: _PictureEntry | UnsetType = UNSET


def read_record(
    folder: Path, name: str, say: Callable[[str], None] = lambda line: None
) -> Record | None:
    """Return the record of a figure in a folder, or None without one that is whole and valid.

    Parameters
    ----------
    folder : Path
        Where the figure is.
    name : str
        The figure.
    say : callable, optional
        Called with a line about a record that is there and is of no use.
    """
    path = record_path(folder, name)
    try:
        found = own_files.read_record(path, _Record)
        if found is None:
            return None
        _require_consistent(found, name)
    except DamagedError as error:
        say(f"{name}: {own_files.useless(path, error, 'it counts as none')}")
        return None
    record: Record = msgspec.to_builtins(found)
    return record


def write_record(folder: Path, name: str, record: Record) -> None:
    """Write the record of a figure, whole or not at all."""
    write_text(record_path(folder, name), own_files.as_text(record, indent=1) + "\n")


def record_path(folder: Path, name: str) -> Path:
    """Return where the record of a figure is."""
    return folder / f"{name}.json"


def _require_consistent(record: _Record, name: str) -> None:
    """Refuse a record of another figure, of files that are not its own, or of half a figure."""
    if record.figure != name:
        raise DamagedError("is of another figure")
    for entry in record.tables.values():
        own = [f"{name}-{part}.csv" for part in entry.rows]
        if list(entry.files) != own or entry.rows.keys() != entry.columns.keys():
            raise DamagedError("names files that are not of its tables")
    if len({getattr(record, part) is UNSET for part in SHOWN}) > 1:
        raise DamagedError("has a half of what belongs to its picture")
    if record.picture is not UNSET:
        endings = [file.removeprefix(f"{name}.") for file in record.picture.files]
        if "png" not in endings or not all(ending.isalnum() for ending in endings):
            raise DamagedError("names files that are not of its picture")
