"""One run at a time for a folder or a file: a lock that ends with the process that holds it."""

from __future__ import annotations

import os
import platform
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from recurate.numerics.files import UNFINISHED

if TYPE_CHECKING:
    from filelock import BaseFileLock

SUFFIX = ".recurate-lock"
"""End of the hidden names of lock files: ``.recurate-lock`` itself is the one of a folder."""

_FOR_ALL = 0o666  # a folder may be shared: another user has to be able to lock it too


class InUseError(OSError):
    """Another run holds a folder or a file: the message names both."""


@contextmanager
def held(path: str | os.PathLike[str], *, wait: float = 0.0) -> Iterator[None]:
    """Hold a folder or a file against other runs, in this process or others.

    The lock is a hidden file, in the folder or beside the file, that the system locks: whoever is
    killed holds it no more. It is removed at the end; the one of a killed process stays, blocks
    nobody, and is removed by the next run. In one thread, a lock can be taken again. Where there
    are no locks (some network file systems), or the folder cannot be written to, this does nothing.

    Parameters
    ----------
    path : path
        An existing folder, or a file that may not exist yet. What is neither a folder nor a regular
        file, such as a device, is never held.
    wait : float
        Seconds to wait for the run that holds it.

    Raises
    ------
    InUseError
        If another run holds it.
    """
    name = _lock_of(path)
    lock = None if name is None else _locked(name, os.fspath(path), wait)
    if lock is None or name is None:
        yield
        return
    UNFINISHED.add(name)
    try:
        _sign(name)
        yield
    finally:
        _release(lock, name)


def _lock_of(path: str | os.PathLike[str]) -> str | None:
    """Return the name of the lock file, None for what is never held."""
    real = os.path.realpath(path)
    try:
        mode = os.stat(real).st_mode
    except OSError:
        mode = stat.S_IFREG
    if stat.S_ISDIR(mode):
        return os.path.join(real, SUFFIX)
    folder, last = os.path.split(real)
    is_file = stat.S_ISREG(mode) and os.path.isdir(folder)  # a missing folder would be made
    return os.path.join(folder, f".{last}{SUFFIX}") if is_file else None


def _locked(name: str, what: str, wait: float) -> BaseFileLock | None:
    """Return the lock, taken; None where none can be taken."""
    from filelock import FileLock, Timeout

    # The object of a name is one: taken again in its thread, it counts; in another, it waits.
    lock = FileLock(name, mode=_FOR_ALL, is_singleton=True, fallback_to_soft=False)
    try:
        lock.acquire(timeout=wait)
    except Timeout:
        raise InUseError(
            f"{what} is in use by {_holder(name)}; wait until that ends, or take another name"
        ) from None
    except (OSError, NotImplementedError):
        return None
    return lock


def _sign(name: str) -> None:
    """Write into a held lock file whose it is. Windows does not let others read it."""
    with suppress(OSError), open(name, "r+", encoding="ascii") as file:
        file.truncate()
        file.write(f"{os.getpid()} {platform.node()}")


def _holder(name: str) -> str:
    """Return in words who holds a lock, from what it wrote: a foreign file may say anything."""
    found = None
    with suppress(OSError, ValueError), open(name, encoding="ascii") as file:
        found = re.fullmatch(r"(\d{1,10}) ([\w.-]{0,64})", file.read(100))
    if found is None:
        return "another process"
    number, host = found.groups()
    where = "" if host == platform.node() else f" on {host}"
    return f"process {number}{where}"


def _release(lock: BaseFileLock, name: str) -> None:
    """Release a lock, and remove its file when it is held no more.

    It is removed while it is held: who opened it before finds, with the lock, that the file has no
    name any more, and tries again. Windows removes no open file, and none that another one opens.
    """
    is_last = lock.lock_counter == 1
    if is_last and sys.platform != "win32":
        with suppress(OSError):
            os.unlink(name)
    lock.release()
    if is_last and sys.platform == "win32":
        with suppress(OSError):
            os.unlink(name)
    if is_last:
        UNFINISHED.discard(name)
