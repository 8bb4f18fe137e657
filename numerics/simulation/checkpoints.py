"""Checkpoints of a simulation: one file, from which a stopped run goes on as if it had not."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.files import replaced_when_done
from recurate.numerics.validation import shown

FORMAT = 1
"""Version of the file's layout."""

SECONDS_BETWEEN = 20.0
"""Least time between two files written in one run, but for those at the end of a chunk of it."""


# What NumPy and zipfile raise for damaged files, beside their own errors.
_UNREADABLE = (ValueError, LookupError, TypeError, EOFError, OSError, RuntimeError)


class Checkpoint:
    """A checkpoint file: NumPy's ``.npz``, without pickles, written whole or not at all.

    Parameters
    ----------
    path : str or path, optional
        The file; None writes none.
    settings : dict
        What the run was asked for, as JSON has it. A file of another run is refused.
    """

    def __init__(self, path: str | os.PathLike[str] | None, settings: dict[str, Any]) -> None:
        if path is not None and not isinstance(path, str | os.PathLike):
            raise TypeError(f"checkpoint must be a path; got {shown(path)}")
        self.path = None if path is None else Path(path)
        self._settings = json.loads(json.dumps(settings))
        self._written = time.monotonic()

    def read(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]] | None:
        """Return where the run in the file stands, and its arrays; None if there is no file.

        Raises
        ------
        ValueError
            If the file is no checkpoint, or one of a run with other settings.
        OSError
            If the file would be in a folder that is not there: said before any work is done.
        """
        if self.path is None:
            return None
        if not self.path.exists():
            if not self.path.parent.is_dir():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.path))
            return None
        try:
            # Opened here: of what it cannot read, `load` leaves a file that it opened open.
            with open(self.path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
                arrays = dict(file)
            header = json.loads(str(arrays.pop("header")))
            if header["format"] != FORMAT:
                raise ValueError(f"its format is {header['format']}")
            settings, place = dict(header["settings"]), dict(header["place"])
            if missing := {"figures", "groups"} - arrays.keys():
                raise ValueError(f"it has no {' and no '.join(sorted(missing))}")
        except (*_UNREADABLE, zipfile.BadZipFile) as error:
            raise ValueError(
                f"checkpoint must be a file that this version of simulate wrote, or none yet; "
                f"got {self.path} ({error})"
            ) from error
        for name, value in self._settings.items():
            found = settings.get(name)
            # Without a seed, a run goes on with the one in the file.
            if found != value and not (name == "seed" and value is None):
                raise ValueError(
                    f"checkpoint must be of a run with the same arguments; {self.path} has "
                    f"{name} = {_cut(found)}, and this run {_cut(value)}"
                )
        return place, arrays

    @property
    def is_due(self) -> bool:
        """Whether there is a file to be written, and the last one was some time ago."""
        return self.path is not None and time.monotonic() - self._written >= SECONDS_BETWEEN

    def write(self, place: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> None:
        """Write where the run stands, with its arrays."""
        if self.path is None:
            return
        header = json.dumps({"format": FORMAT, "settings": self._settings, "place": place})
        with replaced_when_done(self.path) as temporary, open(temporary, "wb") as file:
            named: dict[str, Any] = {"header": np.array(header)} | arrays
            np.savez(file, **named)
        self._written = time.monotonic()


def digest(*arrays: npt.NDArray[Any]) -> str:
    """Return a hash of arrays, by which a checkpoint knows the data that its run was about."""
    made = hashlib.blake2b(digest_size=16)
    for array in arrays:
        made.update(f"{array.dtype} {array.shape}".encode())
        made.update(np.ascontiguousarray(array).data)
    return made.hexdigest()


def _cut(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
