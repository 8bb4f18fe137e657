"""Writing files whole or not at all: any file, and columns as CSV."""

from __future__ import annotations

import csv
import errno
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

UNFINISHED: set[str] = set()
"""Names of the files that this process will remove or give another name; see `remove_unfinished`.

A name is added before its file is made, so that there is no moment at which one is forgotten.
"""

if hasattr(os, "register_at_fork"):  # what the parent makes is not the child's to remove
    os.register_at_fork(after_in_child=UNFINISHED.clear)


def remove_unfinished() -> None:
    """Remove unfinished files, for a process that must end at once."""
    for name in tuple(UNFINISHED):
        with suppress(OSError):
            os.unlink(name)


@contextmanager
def replaced_when_done(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path`; its file replaces `path` when the block succeeds.

    If the block raises, the temporary file is removed and `path` stays as it was.

    Raises
    ------
    OSError
        If the folder does not exist or cannot be written to, or `path` is a folder. It is raised
        before the block begins, and names `path`.
    """
    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    temporary = target.parent / f".{target.stem}-{secrets.token_hex(8)}{target.suffix}"
    name = str(temporary)
    UNFINISHED.add(name)
    try:
        os.close(os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:  # it names the temporary file, which the caller does not know
        UNFINISHED.discard(name)
        raise type(error)(error.errno, error.strerror, str(target)) from error
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)  # only its owner may read it until it is whole
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
        UNFINISHED.discard(name)


def write_csv(path: str | os.PathLike[str], columns: Mapping[str, Sequence[Any]]) -> None:
    """Write columns of one length as CSV with a header, every digit kept; whole or not at all.

    Raises
    ------
    OSError
        As `replaced_when_done` does.
    """
    with (
        replaced_when_done(path) as temporary,
        open(temporary, "w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
