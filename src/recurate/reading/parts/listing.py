"""Which parts a table has: files of this machine, and of stores that fsspec knows."""

from __future__ import annotations

import glob
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from recurate.errors import InputError
from recurate.numerics.text import escaped, shortened, shown

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_HIDDEN = (".", "_")  # what names of files begin with that are no parts of a data set
_PACKAGES = {
    "s3fs": ("s3", "s3a"),
    "gcsfs": ("gs", "gcs"),
    "adlfs": ("abfs", "abfss", "adl", "az"),
    "aiohttp requests": ("http", "https"),
    "huggingface_hub": ("hf",),
}
"""What fsspec needs for which addresses; all else says so itself."""


class Part(NamedTuple):
    """A file with some of the rows of a table.

    Attributes
    ----------
    path : str
        The file, or its address.
    size : int
        Its bytes.
    stamp : str
        What changes when the file does: its time, or what its store says of it.
    folder : str
        Where the path begins, if it is relative; whoever reads the part may be elsewhere.
    """

    path: str
    size: int
    stamp: str
    folder: str = ""

    @property
    def is_remote(self) -> bool:
        """Whether it is not on this machine."""
        return bool(_ADDRESS.match(self.path))

    @property
    def name(self) -> str:
        """What errors call it: its path, of a long one the end."""
        return self.path if len(self.path) <= 80 else f"…{self.path[-79:]}"

    @contextmanager
    def on_this_machine(self) -> Iterator[str]:
        """Give the path of the file here; a remote one is copied, and the copy removed.

        Raises
        ------
        InputError
            If it cannot be copied.
        """
        if not self.is_remote:
            is_here = not self.folder or self.folder == os.getcwd()  # and is called as it was
            yield self.path if is_here else os.path.join(self.folder, self.path)
            return
        with tempfile.TemporaryDirectory(prefix="recurate-") as folder:
            last = re.sub(r"[^\w.-]", "_", self.path.rpartition("/")[2])
            copy = os.path.join(folder, f"part-{last[-99:]}")  # its end says what it is
            with _in_words(self.path):
                store, path = _store(self.path)
                store.get_file(path, copy)
            yield copy


def listed_parts(names: Iterable[str]) -> list[Part]:
    """Return the parts that are named, each once, in the order of their paths.

    Parameters
    ----------
    names : iterable of str
        Paths, patterns as of a shell (``**`` stands for any folders), folders, or addresses of
        these. Of a folder all files count, also in folders within, but those whose name begins
        with ``.`` or ``_``, as logs and marks of success do.

    Raises
    ------
    InputError
        If a name leads to no file, or its store cannot be reached.
    """
    found: dict[object, Part] = {}
    for name in names:
        if not name or name == "-":
            raise InputError(
                f"PART must be a file, a folder, a pattern or an address; got {shown(name)}"
                + (": what is piped can be read once only, by recurate predict -" if name else "")
            )
        parts = _remote(name) if _ADDRESS.match(name) else _local(name)
        if not parts:
            raise InputError(f"PART must lead to files; got {shown(name)}, which leads to none")
        for part in sorted(parts):
            key = part.path if part.is_remote else os.path.realpath(part.path)
            found.setdefault(key, part)
    return sorted(found.values())


def _local(name: str) -> list[Part]:
    if os.path.isdir(name):
        # A link that leads nowhere is a part that is missing.
        paths = [path for path in _within(name) if os.path.isfile(path) or not os.path.exists(path)]
    elif os.path.lexists(name):
        paths = [name]
    else:
        paths = [path for path in glob.glob(name, recursive=True) if not os.path.isdir(path)]
    return [_part(path) for path in paths]


def _part(path: str) -> Part:
    found = os.stat(path)
    folder = "" if os.path.isabs(path) else os.getcwd()
    return Part(path, found.st_size, str(found.st_mtime_ns), folder)


def _within(folder: str) -> Iterator[str]:
    seen = set()
    for top, folders, files in os.walk(folder, followlinks=True):
        seen.add(os.path.realpath(top))
        folders[:] = [
            one
            for one in folders
            if not one.startswith(_HIDDEN) and os.path.realpath(os.path.join(top, one)) not in seen
        ]
        yield from (os.path.join(top, one) for one in files if not one.startswith(_HIDDEN))


def _remote(name: str) -> list[Part]:
    with _in_words(name):
        store, path = _store(name)
        if "file" in _protocols(store):
            return _local(path)
        if glob.has_magic(path) and not store.exists(path):
            found = store.glob(path, detail=True)
        elif store.isdir(path):
            found = {
                one: about
                for one, about in store.find(path, detail=True).items()
                if not any(p.startswith(_HIDDEN) for p in one[len(path) :].split("/"))
            }
        else:
            found = {path: store.info(path)}
        return [
            Part(store.unstrip_protocol(one), int(about.get("size") or 0), _stamp(about))
            for one, about in found.items()
            if about["type"] == "file"
        ]


def _stamp(about: dict[str, Any]) -> str:
    return repr(sorted((key, str(value)) for key, value in about.items() if key != "name"))


def _store(address: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path in it."""
    protocol = address.partition("://")[0]
    packages = [name for name, protocols in _PACKAGES.items() if protocol in protocols]
    try:
        import fsspec

        return fsspec.core.url_to_fs(address)  # type: ignore[no-any-return]
    except ImportError as error:
        needed = " ".join(["fsspec", *packages])
        are = "are" if packages else "is"
        raise InputError(
            f"{shown(address)} can be read where {needed.replace(' ', ' and ')} {are} installed "
            f"(pip install {needed}); got {escaped(str(error))}"
        ) from error


def _protocols(store: Any) -> tuple[str, ...]:
    return (store.protocol,) if isinstance(store.protocol, str) else tuple(store.protocol)


@contextmanager
def _in_words(name: str) -> Iterator[None]:
    """Raise InputError for whatever a store says."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # each store has its own kinds
        is_lost = isinstance(error, FileNotFoundError)  # with the address as its text
        said = "there is no such file" if is_lost else str(error) or type(error).__name__
        said = shortened(escaped(said), 300)
        raise InputError(f"{shown(name)} cannot be read: {said}") from error
