"""Checkpoints of a simulation: a stopped run continues from one file as if it had not stopped."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt

from recurate.numerics import own_files
from recurate.numerics.files import Output, require_regular
from recurate.numerics.own_files import DamagedError, Described
from recurate.numerics.text import shortened, shown

FILE = "recurate simulation 3"
"""How a checkpoint begins, with the version of its layout."""

SECONDS_BETWEEN = 20.0
"""Least time between two writes in one run; the end of a chunk is always written."""

Count = Annotated[int, msgspec.Meta(ge=0)]


class CheckpointError(ValueError):
    """A checkpoint is of no use to a run, and is left as it is; the message says why."""


class Place(msgspec.Struct, forbid_unknown_fields=True):
    """Where a run is.

    Attributes
    ----------
    chunk : int
        The chunk of replicates that comes next, or was begun.
    t : int
        The step in it that comes next; 0 if it was not begun.
    generator : dict or list
        State of the chunk's generator; None if it was not begun.
    max_reward : float
        The reward that weights are relative to.
    """

    chunk: Count
    t: Count
    generator: dict[str, Any] | list[Annotated[int, msgspec.Meta(ge=0, le=255)]] | None
    max_reward: float


class _Described(Described, forbid_unknown_fields=True, kw_only=True):
    settings: dict[str, Any]
    place: Place


class Checkpoint:
    """A checkpoint file, written whole or not at all.

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

    def read(self) -> tuple[Place, dict[str, npt.NDArray[Any]]] | None:
        """Return the state of the run in the file and its arrays; None if there is no file.

        Raises
        ------
        CheckpointError
            If the file is not a checkpoint, or belongs to a run with other settings.
        DamagedError
            If it is a checkpoint that is not whole, or an empty file.
        OSError
            If the file cannot be written: raised before any work is done.
        """
        if self.path is None:
            return None
        require_regular(self.path, "checkpoint")
        Output(self.path).close()  # which fails now, and not after a chunk's work
        try:
            if self.path.exists() and not own_files.is_ours(self.path, FILE):
                raise DamagedError("is another file")
        except (DamagedError, OSError) as error:
            raise CheckpointError(
                f"checkpoint must be a file that this version of simulate wrote, or none yet; "
                f"got {self.path} ({error})"
            ) from error
        found = own_files.read_arrays(self.path, FILE, _Described)
        if found is None:
            return None
        about, arrays = found
        if about.settings.keys() != self._settings.keys():
            raise DamagedError("lacks arguments of the run")
        for name, value in self._settings.items():
            told = about.settings[name]
            # Without a seed, a run continues with the one in the file.
            if told != value and not (name == "seed" and value is None):
                raise CheckpointError(
                    f"checkpoint must be of a run with the same arguments; {self.path} has "
                    f"{name} = {shortened(str(told), 60)}, and this run {shortened(str(value), 60)}"
                )
        return about.place, arrays

    @property
    def is_due(self) -> bool:
        """Whether there is a file to write, and the last write was long enough ago."""
        return self.path is not None and time.monotonic() - self._written >= SECONDS_BETWEEN

    def write(self, place: Place, arrays: dict[str, npt.NDArray[Any]]) -> None:
        """Write the state of the run, with its arrays. If that fails, say so: the run goes on."""
        if self.path is None:
            return
        self._written = time.monotonic()
        about = _Described(file=FILE, settings=self._settings, place=place)
        try:
            own_files.write_arrays(self.path, about, arrays)
        except OSError as error:
            own_files.say(self.path, f"was not written ({error})", "the simulation goes on")


def require_whole(path: Path) -> None:
    """Raise DamagedError unless a file is a whole checkpoint, or is not there."""
    own_files.read_arrays(path, FILE, _Described)


def digest(*arrays: npt.NDArray[Any]) -> str:
    """Return a hash of arrays, by which a checkpoint recognises the data of its run."""
    made = hashlib.blake2b(digest_size=16)
    for array in arrays:
        made.update(f"{array.dtype} {array.shape}".encode())
        made.update(np.ascontiguousarray(array).data)
    return made.hexdigest()
