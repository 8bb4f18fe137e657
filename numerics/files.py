"""The one writer: a file is written whole or not at all, and nothing else is harmed.

A path is looked at, or opened, before the work begins (`opened`); what is to be in it is collected
in memory and written when the work is done (`landed`). What is written to, and how:

- a regular file, or none yet: a new file, flushed to disk, takes its place at once, with the mode,
  the owner and the attributes of the old one. Its other hard links keep the old content;
- a symbolic link: its target, likewise, whether there is one or not;
- a regular file that cannot be replaced (in a read-only folder, mounted by itself, of an owner who
  could not be kept): the file itself. If that fails, its old content is written back;
- a device or a FIFO: opened once, before the work, and written to at the end;
- ``/dev/stdout``, ``/dev/fd/N`` and the like: that descriptor, where it stands;
- ``-``: standard output.

Only the standard library is used: `proofs/manifest.py` runs this file where nothing is installed.
"""

from __future__ import annotations

import errno
import io
import os
import re
import select
import stat
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Any, BinaryIO, TextIO

PathLike = str | os.PathLike[str]

STDOUT = "-"
"""The path that means standard output."""


class Output:
    """A file that is to be written, looked at or opened already; what is written is its `content`.

    It raises OSError, with the path as it is given here, if that cannot be written or is a folder.
    """

    def __init__(self, path: PathLike) -> None:
        self.path = os.fspath(path)
        self.content = io.BytesIO()
        with _named(self.path):
            self._way = _way_to(self.path)

    def prepare(self) -> None:
        """Do what can fail without changing anything."""
        with _named(self.path):
            self._way.prepare(self.content.getbuffer())

    def land(self) -> None:
        """Write the content, which `prepare` has seen."""
        with _named(self.path):
            self._way.land(self.content.getbuffer())

    def close(self) -> None:
        """Let go of what was not written."""
        self._way.close()


UNFINISHED: set[str] = set()
"""Names of the files that this process will remove or give another name; see `remove_unfinished`.

A name is added before its file is made, so that there is no moment at which one is forgotten.
"""

NEW_FILE = ".recurate-"
"""How the name of an unfinished file begins; 16 hexadecimal digits follow."""

if hasattr(os, "register_at_fork"):  # what the parent makes is not the child's to remove
    os.register_at_fork(after_in_child=UNFINISHED.clear)


def remove_unfinished() -> None:
    """Remove unfinished files, for a process that must end at once."""
    for name in tuple(UNFINISHED):
        with suppress(OSError):
            os.unlink(name)


@contextmanager
def opened(paths: Iterable[PathLike]) -> Iterator[list[Output]]:
    """Open files that `landed` writes in the end; what is not written then stays as it was."""
    with ExitStack() as stack:
        yield [stack.enter_context(closing(Output(path))) for path in paths]


def landed(outputs: Iterable[Output]) -> OSError | None:
    """Write files, all of them or none as far as that can be; return what went wrong, if anything.

    It is returned and not raised because a result is to be printed before.
    """
    try:
        # Last come those whose content is on the disk by then: giving it a name hardly fails.
        ordered = sorted(outputs, key=lambda output: output._way.is_replaced)
        for output in ordered:
            output.prepare()
        for output in ordered:
            output.land()
    except OSError as error:
        return error
    return None


@contextmanager
def written(path: PathLike | BinaryIO) -> Iterator[BinaryIO]:
    """Give a binary file in memory; what it holds is written to `path` when the block succeeds.

    A `path` that is itself a binary file is given as it is. What `Output` raises is raised before
    the block begins, as far as it can be known then.
    """
    if not isinstance(path, str | os.PathLike):
        yield path
        return
    with opened([path]) as [output]:
        yield output.content
        error = landed([output])
        if error is not None:
            raise error


@contextmanager
def written_text(path: PathLike | BinaryIO) -> Iterator[TextIO]:
    """As `written`, for text, as UTF-8 with its own line ends; half a surrogate is escaped."""
    with written(path) as file:
        text = io.TextIOWrapper(file, "utf-8", errors="backslashreplace", newline="")
        try:
            yield text
        finally:
            text.detach()


def write_text(path: PathLike, text: str) -> None:
    """Write text as UTF-8, whole or not at all; it raises what `written` does."""
    with written_text(path) as file:
        file.write(text)


def write_csv(path: PathLike | BinaryIO, columns: Mapping[str, Sequence[Any]]) -> None:
    """Write columns of one length as CSV with a header, every digit kept, as `written` does."""
    import csv  # here, as help is to be quick

    with written_text(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def require_regular(path: PathLike, what: str) -> None:
    """Raise ValueError if a path is standard output, a device, a FIFO or a folder."""
    name = os.fspath(path)
    is_special = name == STDOUT or descriptor_of(name) is not None
    if is_special or (os.path.exists(name) and not os.path.isfile(name)):
        raise ValueError(f"{what} must be a file on a disk, or none yet; got {name}")


def is_standard_output(path: PathLike) -> bool:
    """Return whether a path means standard output, by any of its names."""
    return os.fspath(path) == STDOUT or descriptor_of(os.fspath(path)) == 1


def identity(path: PathLike) -> tuple[Any, ...]:
    """Return what two paths have in common if, and only if, they lead to the same file.

    It exists also for a file that is yet to be made.

    Raises
    ------
    OSError
        If a descriptor is not open, or links lead in a circle.
    """
    name = os.fspath(path)
    with _named(name):
        number = descriptor_of(name)
        try:
            if name == STDOUT:
                number = sys.stdout.fileno()
            found = os.stat(name) if number is None else os.fstat(number)
            return (found.st_dev, found.st_ino)
        except FileNotFoundError:
            folder, last = os.path.split(os.path.realpath(name))
            with suppress(OSError):
                found = os.stat(folder)
                return (found.st_dev, found.st_ino, last)
            return (folder, last)
        except (AttributeError, io.UnsupportedOperation):  # it is none, or a buffer in memory
            return (STDOUT,)


def descriptor_of(path: str) -> int | None:
    """Return N for ``/dev/fd/N`` and what is linked to it, such as ``/dev/stdout``, and else None.

    Linux has links there that lead to the open file: renamed over, it would not be written to.
    """
    folders = {os.path.realpath(f"{top}/fd") for top in ("/dev", "/proc/self", "/proc/thread-self")}
    for _ in range(40):  # as many as Linux follows
        folder, name = os.path.split(path)
        folder = os.path.realpath(folder)
        if folder in folders and re.fullmatch("0|[1-9][0-9]{0,8}", name):
            return int(name)
        if not os.path.islink(path):
            return None
        path = os.path.join(folder, os.readlink(path))
    return None


class _Way(ABC):
    """How content comes to where it belongs: `prepare` changes nothing yet, `land` does it."""

    is_replaced = False

    def prepare(self, content: memoryview) -> None:  # noqa: B027, most have nothing to prepare
        pass

    @abstractmethod
    def land(self, content: memoryview) -> None: ...

    def close(self) -> None:  # noqa: B027, most have nothing to close
        pass


def _way_to(path: str) -> _Way:
    """Return how a path is written, after opening what has to be open, or raise OSError."""
    if path == STDOUT:
        return _StandardOutput()
    number = descriptor_of(path)
    if number is not None:
        os.write(number, b"")  # which fails if it is open for reading only
        return _Stream(os.dup(number))
    try:
        found = os.stat(path)
    except FileNotFoundError:
        if os.path.basename(path) in ("", ".", ".."):  # a folder that is not there
            raise
        found = None
    if found is not None and stat.S_ISDIR(found.st_mode):
        raise _error(errno.EISDIR)
    if found is None or stat.S_ISREG(found.st_mode):
        return _Regular(path, found)
    return _Stream(os.open(path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0)))


class _Regular(_Way):
    """A regular file, or none yet: a new one takes its place; if that cannot be, it is written to.

    Where it is written to, its old content comes back if the new one fails.
    """

    def __init__(self, path: str, found: os.stat_result | None) -> None:
        self._path, self._new = os.path.realpath(path), ""
        if found is not None and not os.access(path, os.W_OK):
            raise _error(errno.EACCES)
        try:
            if found is not None and not os.path.samestat(os.stat(self._path), found):
                raise _error(errno.ENOENT)  # a link in /proc to what has moved
            os.close(self._make_new())
            self.close()
            self.is_replaced = True
        except OSError:
            if found is None or not os.access(path, os.R_OK):
                raise
            self._path = path

    def prepare(self, content: memoryview) -> None:
        if self.is_replaced:
            descriptor = self._make_new()
            try:
                _write(descriptor, content)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def land(self, content: memoryview) -> None:
        if self.is_replaced:
            try:
                os.replace(self._new, self._path)
            except OSError:  # it is mounted by itself, or the folder keeps what others own
                if not os.path.isfile(self._path):
                    raise
            else:
                UNFINISHED.discard(self._new)
                self._new = ""
                _flush_folder(os.path.dirname(self._path))
                return
        with open(self._path, "r+b", buffering=0) as file:
            old = file.readall()
            try:
                _overwrite(file.fileno(), content)
            except BaseException:
                with suppress(OSError):
                    _overwrite(file.fileno(), memoryview(old))
                raise

    def close(self) -> None:
        if self._new:
            with suppress(OSError):
                os.unlink(self._new)
            UNFINISHED.discard(self._new)
            self._new = ""

    def _make_new(self) -> int:
        """Make an empty file beside, with owner and mode of the old one; return its descriptor."""
        new = os.path.join(os.path.dirname(self._path), f"{NEW_FILE}{os.urandom(8).hex()}")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with ExitStack() as if_it_fails:
            UNFINISHED.add(new)
            self._new = new
            if_it_fails.callback(self.close)
            descriptor = os.open(new, flags, 0o666)  # as the umask allows
            if_it_fails.callback(os.close, descriptor)
            if os.path.exists(self._path):
                old, made = os.stat(self._path), os.fstat(descriptor)
                if (old.st_uid, old.st_gid) != (made.st_uid, made.st_gid):
                    os.chown(new, old.st_uid, old.st_gid)
                import shutil

                with suppress(OSError):  # what the file system has no place for
                    shutil.copystat(self._path, new)
                with suppress(OSError):
                    os.chmod(new, stat.S_IMODE(old.st_mode))
            if_it_fails.pop_all()
        return descriptor


class _Stream(_Way):
    """A device, a FIFO, or a descriptor that was there: it is written to as it is."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def land(self, content: memoryview) -> None:
        for stream in (sys.stdout, sys.stderr):  # what was printed before comes before
            if stream is not None:
                stream.flush()
        _write(self._descriptor, content)

    def close(self) -> None:
        with suppress(OSError):
            os.close(self._descriptor)


class _StandardOutput(_Way):
    """Standard output, as Python has it."""

    def __init__(self) -> None:
        if sys.stdout is None:
            raise _error(errno.EBADF)

    def land(self, content: memoryview) -> None:
        binary = getattr(sys.stdout, "buffer", None)
        if binary is None:  # such as that of a notebook
            sys.stdout.write(str(content, "utf-8"))
        else:
            sys.stdout.flush()
            binary.write(content)
        sys.stdout.flush()


def _overwrite(descriptor: int, content: memoryview) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    _write(descriptor, content)
    os.ftruncate(descriptor, len(content))
    os.fsync(descriptor)


def _flush_folder(path: str) -> None:
    with suppress(OSError):  # not every system can
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write(descriptor: int, content: memoryview) -> None:
    while content:
        try:
            content = content[os.write(descriptor, content) :]
        except BlockingIOError:  # a pipe that another program has set not to wait
            select.select([], [descriptor], [])


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@contextmanager
def _named(path: str) -> Iterator[None]:
    """Let errors name the file that the user gave, and no other."""
    try:
        yield
    except OSError as error:
        if error.errno is None or (path == STDOUT and isinstance(error, BrokenPipeError)):
            raise  # a closed pipe at the end of standard output is no error of the user's
        name = "standard output" if path == STDOUT else path
        raise OSError(error.errno, error.strerror, name) from error
