"""Writing what a command makes to a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from recurate.errors import InputError
from recurate.numerics.files import replaced_when_done


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
        paths = {name: stack.enter_context(replaced_when_done(folder / name)) for name in writers}
        for name, write in writers.items():
            write(paths[name])
    return [folder / name for name in writers]
