"""Checkpoints of a simulation: one file, from which a stopped run goes on as if it had not."""

from __future__ import annotations

import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.files import replaced_when_done

FORMAT = 1
"""Version of the file's layout."""

SECONDS_BETWEEN = 20.0
"""Least time between two files written in one run, but for those at the end of a chunk of it."""


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
        self.path = None if path is None else Path(path)
        self._settings = json.loads(json.dumps(settings))
        self._written = time.monotonic()

    def read(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]] | None:
        """Return where the run in the file stands, and its arrays; None if there is no file.

        Raises
        ------
        ValueError
            If the file is no checkpoint, or one of a run with other settings.
        """
        if self.path is None or not self.path.exists():
            return None
        try:
            with np.load(self.path, allow_pickle=False) as file:
                arrays = dict(file)
            header = json.loads(str(arrays.pop("header")))
            if header["format"] != FORMAT:
                raise ValueError(f"its format is {header['format']}")
        except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(
                f"checkpoint must be a file that this version of simulate wrote, or none yet; "
                f"got {self.path} ({error})"
            ) from error
        for name, value in self._settings.items():
            found = header["settings"].get(name)
            # Without a seed, a run goes on with the one in the file.
            if found != value and not (name == "seed" and value is None):
                raise ValueError(
                    f"checkpoint must be of a run with the same arguments; {self.path} has "
                    f"{name} = {_cut(found)}, and this run {_cut(value)}"
                )
        return header["place"], arrays

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


def _cut(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
