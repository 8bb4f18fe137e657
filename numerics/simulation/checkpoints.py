"""Checkpoints of a simulation: a stopped run continues from one file as if it had not stopped."""

from __future__ import annotations

import hashlib
import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.files import Output, require_regular, written
from recurate.numerics.validation import shown

FORMAT = 1
"""Version of the file's layout."""

SECONDS_BETWEEN = 20.0
"""Least time between two writes in one run; the end of a chunk is always written."""

# What NumPy and zipfile raise for damaged files, besides their own errors.
_UNREADABLE = (ValueError, LookupError, TypeError, EOFError, OSError, RuntimeError)


class Checkpoint:
    """A checkpoint file: NumPy's ``.npz``, without pickles, written whole or not at all.

    Parameters
    ----------
    path : str or path, optional
        The file; without one nothing is written.
    settings : dict
        The arguments of the run, as JSON stores them. A file of another run is refused.
    """

    def __init__(self, path: str | os.PathLike[str] | None, settings: dict[str, Any]) -> None:
        if path is not None and not isinstance(path, str | os.PathLike):
            raise TypeError(f"checkpoint must be a path; got {shown(path)}")
        self.path = None if path is None else Path(path)
        self._settings = json.loads(json.dumps(settings))
        self._written = time.monotonic()

    def read(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]] | None:
        """Return the state of the run in the file and its arrays; None if there is no file.

        Raises
        ------
        ValueError
            If the file is not a checkpoint, or belongs to a run with other settings.
        OSError
            If the file cannot be written: raised before any work is done.
        """
        if self.path is None:
            return None
        require_regular(self.path, "checkpoint")
        Output(self.path).close()  # which fails now, and not after a chunk's work
        if not self.path.exists():
            return None
        try:
            # Opened here, because `load` does not close a file that it fails to read.
            with open(self.path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
                arrays = dict(file)
            header = json.loads(str(arrays.pop("header")))
            if header["format"] != FORMAT:
                raise ValueError(f"its format is {header['format']}")
            settings, place = dict(header["settings"]), dict(header["place"])
            if missing := {"figures", "groups"} - arrays.keys():
                raise ValueError(f"it lacks {' and '.join(sorted(missing))}")
        except (*_UNREADABLE, zipfile.BadZipFile) as error:
            raise ValueError(
                f"checkpoint must be a file that this version of simulate wrote, or none yet; "
                f"got {self.path} ({error})"
            ) from error
        for name, value in self._settings.items():
            found = settings.get(name)
            # Without a seed, a run continues with the one in the file.
            if found != value and not (name == "seed" and value is None):
                raise ValueError(
                    f"checkpoint must be of a run with the same arguments; {self.path} has "
                    f"{name} = {_cut(found)}, and this run {_cut(value)}"
                )
        return place, arrays

    @property
    def is_due(self) -> bool:
        """Whether there is a file to write, and the last write was long enough ago."""
        return self.path is not None and time.monotonic() - self._written >= SECONDS_BETWEEN

    def write(self, place: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> None:
        """Write the state of the run, with its arrays."""
        if self.path is None:
            return
        header = json.dumps({"format": FORMAT, "settings": self._settings, "place": place})
        with written(self.path) as file:
            named: dict[str, Any] = {"header": np.array(header)} | arrays
            np.savez(file, **named)
        self._written = time.monotonic()


def digest(*arrays: npt.NDArray[Any]) -> str:
    """Return a hash of arrays, by which a checkpoint recognises the data of its run."""
    made = hashlib.blake2b(digest_size=16)
    for array in arrays:
        made.update(f"{array.dtype} {array.shape}".encode())
        made.update(np.ascontiguousarray(array).data)
    return made.hexdigest()


def _cut(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
