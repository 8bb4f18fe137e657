"""Writing what a command makes to a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from recurate.errors import InputError
from recurate.numerics.files import replaced_when_done
from recurate.numerics.locks import held

SECONDS_TO_WAIT = 10.0
"""How long to wait for another run that writes to the same folder."""


def write_all(folder: Path, writers: Mapping[str, Callable[[Path], None]]) -> list[Path]:
    """Write files to a folder, all of them or none, and return their paths.

    Parameters
    ----------
    folder : Path
        The folder; it is made if need be.
    writers : mapping
        From each file's name to a function that writes it to the path that it is given.

    Raises
    ------
    InputError
        If the folder's name is taken by a file.
    OSError
        If the folder or a file cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out must be a folder; got the file {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        # The files belong together: where two runs write, one waits for the other.
        stack.enter_context(held(folder, wait=SECONDS_TO_WAIT))
        paths = {name: stack.enter_context(replaced_when_done(folder / name)) for name in writers}
        for name, write in writers.items():
            write(paths[name])
    return [folder / name for name in writers]
