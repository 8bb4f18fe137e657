"""Writing what a command makes: opened before the work, written after it, and nothing twice."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from recurate.errors import InputError
from recurate.numerics.files import Output, PathLike, identity, is_standard_output, landed, opened
from recurate.numerics.locks import held

SECONDS_TO_WAIT = 10.0
"""How long to wait for another run that writes to the same folder."""


@contextmanager
def opened_in(
    folder: Path | None, names: Iterable[str], inputs: Mapping[str, PathLike | None]
) -> Iterator[dict[str, Output]]:
    """Open files of a folder, which is made if need be; none without a folder.

    What was made and is still empty at the end is removed again.

    Parameters
    ----------
    folder : Path or None
        The folder.
    names : iterable of str
        Its files.
    inputs : mapping
        As of `require_different`.

    Raises
    ------
    InputError
        If the folder's name is taken by a file, or a file is the same as another or as an input.
    OSError
        If the folder or a file cannot be written.
    """
    if folder is None:
        yield {}
        return
    paths = {name: folder / name for name in names}
    with made(folder):
        require_different({f"--out's {name}": path for name, path in paths.items()}, inputs)
        with opened(paths.values()) as outputs:
            yield dict(zip(paths, outputs, strict=True))


@contextmanager
def made(folder: Path, option: str = "--out") -> Iterator[None]:
    """Make a folder, and remove it and its parents in the end if they were made and are empty.

    It raises InputError, which names the option, if a file is in its place, and OSError if it
    cannot be made.
    """
    parts = (folder, *folder.parents)
    for part in parts:
        if os.path.lexists(part) and not part.is_dir():
            raise InputError(f"{option} must be a folder; got the file {part}")
    if Path("-") in parts:
        raise InputError(f"{option} must be a folder; got -, which means standard output")
    missing = [part for part in parts if not part.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        for part in missing:
            with suppress(OSError):
                part.rmdir()


def write_all(
    outputs: Mapping[str, Output], writers: Mapping[str, Callable[[BinaryIO], None]]
) -> OSError | None:
    """Write files that are open, all of them or none; return what went wrong, if anything.

    Parameters
    ----------
    outputs : mapping
        From each file's name to the file.
    writers : mapping
        From at least these names to functions that write to the binary file that they are given.
    """
    if not outputs:
        return None
    for name, output in outputs.items():
        writers[name](output.content)
    folder = Path(next(iter(outputs.values())).path).parent
    try:  # the files belong together: where two runs write, one waits for the other
        # Another run may have made it, and removed it as it failed.
        folder.mkdir(parents=True, exist_ok=True)
        with held(folder, wait=SECONDS_TO_WAIT):
            return landed(outputs.values())
    except OSError as error:
        return error


def require_different(
    outputs: Mapping[str, PathLike | None], inputs: Mapping[str, PathLike | None] | None = None
) -> None:
    """Raise InputError if two outputs are the same file, or one is an input or standard output.

    Parameters
    ----------
    outputs, inputs : mapping
        From what each is called on the command line to its path, or None; ``-`` among the outputs
        is standard output, and among the inputs standard input.
    """
    seen: dict[tuple[object, ...], tuple[str, PathLike]] = {}
    for name, path in (inputs or {}).items():
        if path is not None:
            with suppress(OSError):  # which reading will say
                place = "/dev/stdin" if os.fspath(path) == "-" else path
                seen[identity(place)] = (name, path)
    if _is_into_file() and not any(is_standard_output(p) for p in outputs.values() if p):
        seen[identity("-")] = ("standard output", "its redirection")
    for name, path in outputs.items():
        if path is None:
            continue
        key = identity(path)
        if key in seen:
            other, first = seen[key]
            raise InputError(
                f"{other} and {name} must be two files; got {first} and {path}, which are the same"
            )
        seen[key] = (name, path)


def _is_into_file() -> bool:
    """Whether standard output goes to a regular file."""
    try:
        return stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    except (AttributeError, OSError):
        return False
