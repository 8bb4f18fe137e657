"""Cells that are done, kept in a folder, so that a run that was killed goes on where it was."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from recurate.numerics import own_files
from recurate.numerics.locks import held
from recurate.numerics.own_files import DamagedError, Described
from recurate.sweeping.cells import CellFigures

FILE = "recurate sweep 1"
"""How a file of cells begins, with the version of its layout."""

ENDING = ".cells"

UNFINISHED = ".unfinished"
"""End of the name of the folder beside a file that is not finished."""

SECONDS_BETWEEN = 1.0
"""Least time between two files: of a run that is killed, what was done since is lost."""


class _Described(Described, forbid_unknown_fields=True, kw_only=True):
    keys: list[str]
    missing: list[str]
    remarks: list[tuple[str, ...]]


class Kept:
    """The cells that are done, by their keys: each file holds some of them, and is never altered.

    Parameters
    ----------
    folder : Path or None
        Where they are; None keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._files: list[Path] = []
        self._waiting: dict[str, CellFigures] = {}
        self._written = time.monotonic()

    def read(self, keys: Iterable[str]) -> dict[str, CellFigures]:
        """Return the cells with these keys that are there; a damaged file is said, and removed."""
        found: dict[str, CellFigures] = {}
        if self._folder is None:
            return found
        wanted = set(keys)
        for path in sorted(self._folder.glob(f"*{ENDING}")):
            try:
                cells = _read(path)
            except DamagedError as error:
                own_files.say(path, error, "its cells are computed again")
                own_files.discard(path)
                continue
            self._files.append(path)
            found |= {key: figures for key, figures in cells.items() if key in wanted}
        return found

    def add(self, key: str, figures: CellFigures) -> None:
        """Keep a cell: at once, or with others when some time has passed."""
        if self._folder is None:
            return
        self._waiting[key] = figures
        if time.monotonic() - self._written >= SECONDS_BETWEEN:
            self.flush()

    def flush(self) -> None:
        """Write what was not written yet."""
        if self._folder is None or not self._waiting:
            return
        waiting, self._waiting = self._waiting, {}
        path = self._folder / f"{next(iter(waiting))}{ENDING}"
        arrays = {}
        for number, figures in enumerate(waiting.values()):
            arrays[f"{number} steps"] = figures.steps
            if figures.limit is not None:
                arrays[f"{number} limit"] = figures.limit
        about = _Described(
            file=FILE,
            keys=list(waiting),
            missing=[figures.missing for figures in waiting.values()],
            remarks=[figures.remarks for figures in waiting.values()],
        )
        own_files.write_arrays(path, about, arrays)
        self._files.append(path)
        self._written = time.monotonic()

    def remove(self) -> None:
        """Remove the files, now that the cells are elsewhere."""
        for path in self._files:
            own_files.discard(path)
        if self._folder is not None:
            own_files.remove_left_unfinished(self._folder)


@contextmanager
def kept_beside(path: Path | None) -> Iterator[Kept]:
    """Keep cells in a folder beside a file that is to hold them, and hold it against other runs.

    Its name is the file's and ``.unfinished``. What is left empty at the end is removed. Without a
    path nothing is kept.

    Raises
    ------
    OSError
        If the folder cannot be made, or another run holds it (`InUseError`).
    """
    if path is None:
        yield Kept(None)
        return
    folder = path.with_name(f"{path.name}{UNFINISHED}")
    folder.mkdir(exist_ok=True)
    try:
        with held(folder):
            yield Kept(folder)
    finally:
        with suppress(OSError):  # some cells are there
            folder.rmdir()


def _read(path: Path) -> dict[str, CellFigures]:
    """Return the cells of a file, by their keys; DamagedError if it is not one of ours."""
    found = own_files.read_arrays(path, FILE, _Described)
    if found is None:
        return {}
    about, arrays = found
    cells = {}
    try:
        for number, entry in enumerate(zip(about.keys, about.missing, about.remarks, strict=True)):
            key, missing, remarks = entry
            limit = arrays.get(f"{number} limit")
            cells[key] = CellFigures(arrays[f"{number} steps"], limit, missing, remarks)
    except (KeyError, ValueError) as error:
        raise DamagedError("lacks some of its cells") from error
    return cells
