"""The bytes of a table, from a file or a pipe, unpacked if they are compressed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, NamedTuple

from recurate.errors import InputError
from recurate.numerics.text import escaped, shown
from recurate.reading.formats.text import encoding_of, require_utf8

LONGEST_LINE = 2**24
"""Most bytes of a table's first line: a device may have one without an end."""

COLUMNAR = (b"PAR1", b"ARROW1")
"""What files of columns begin with, of Parquet and of Arrow: they are read from their place."""

COLUMNAR_SUFFIXES = {".parquet": "Parquet", ".arrow": "Arrow", ".feather": "Feather"}
"""Ends of the names of such files, and what they are."""

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://")
_MOST_PIPED = 2**31  # bytes: what has no end takes no more memory
_LEAST_LIMIT, _MOST_RATIO = 2**28, 250  # of what is unpacked, over what was packed


@dataclass(frozen=True)
class Content:
    """What a source holds.

    Attributes
    ----------
    name : str
        Of the source, for errors; escaped.
    file : str
        Name of the file without the ends that name a compression, in small letters; "" for a pipe.
    data : bytes
        The content, unpacked; of a file in `COLUMNAR` no more than its beginning.
    path : Path or None
        Where the same content can be read again.
    """

    name: str
    file: str
    data: bytes
    path: Path | None

    @property
    def suffix(self) -> str:
        """The end of the name that says what it is, with its dot."""
        return Path(self.file).suffix


def content_of(source: str, name: str | None = None) -> Content:
    """Return what a file holds, or standard input, which is named "-".

    What errors call it is the file's own name, unless another `name` is given.

    Raises
    ------
    InputError
        If it cannot be read to its end or be unpacked.
    OSError
        If there is no such file, or it may not be opened.
    """
    if not source:
        raise InputError("FILE must be the name of a file, or - for standard input; got ''")
    if source == "-":
        if sys.stdin is None:
            raise InputError("standard input must be open to read a table from it; it is closed")
        content = Content("standard input", "", b"", None)
        return _unpacked(_read(sys.stdin.buffer, content, has_end=False))
    if _ADDRESS.match(source):
        raise InputError(
            f"FILE must be a file on this machine; got the address {shown(source)}: download it "
            "first, with curl -LO say"
        )
    path = Path(source)
    content = Content(escaped(name or path.name), path.name.lower(), b"", path)
    has_end = path.is_file() or not path.exists()
    if not has_end and content.suffix in COLUMNAR_SUFFIXES:  # they are read from their end
        found = "a folder" if path.is_dir() else "a device or a pipe"
        kind = COLUMNAR_SUFFIXES[content.suffix]
        raise InputError(f"{content.name} must be a {kind} file; got {found}")
    # Without a buffer, a file is read at once into the memory that it needs.
    with path.open("rb", buffering=0 if has_end else -1) as file:
        return _unpacked(_read(file, content, has_end=has_end))


def _read(file: IO[bytes] | io.FileIO, content: Content, *, has_end: bool) -> Content:
    """Return the content with its data; what may have no end has to have a first line."""
    try:
        start = file.read(8 if has_end else LONGEST_LINE)
        if has_end and start.startswith(COLUMNAR):
            return replace(content, data=start)
        if has_end:
            file.seek(0)
            return replace(content, data=file.read())
        if len(start) == LONGEST_LINE and not start.startswith(_NO_TEXT):
            require_a_line(start, content.name)
            if encoding_of(start)[1] == "utf-8":
                require_utf8(start[: start.rfind(b"\n") + 1], content.name)
        data = start + file.read(_MOST_PIPED + 1 - len(start))
        if len(data) > _MOST_PIPED:
            raise InputError(
                f"{content.name} must have at most {_MOST_PIPED:,} bytes; got more: "
                "write it to a file"
            )
        return replace(content, data=data, path=None)
    except OSError as error:  # from reading, and not from opening: it does not name the file
        raise InputError(f"{content.name} cannot be read: {error}") from error


def require_a_line(data: bytes, name: str) -> None:
    """Raise InputError if the first line is longer than any header."""
    ends = (data.find(end, 0, LONGEST_LINE) for end in (b"\n", b"\r"))
    if len(data) >= LONGEST_LINE and all(end < 0 for end in ends):
        raise InputError(
            f"{name} must be a table with a header row of less than {LONGEST_LINE:,} characters; "
            f"got more, beginning with {shown(data[:100].decode('latin-1'))}"
        )


def _unpacked(content: Content) -> Content:
    """Return the content unpacked, as often as it is packed."""
    for _ in range(3):
        packing = next((one for one in _PACKINGS if content.data.startswith(one.magics)), None)
        unpacked = None if packing is None else _once_unpacked(content, packing)
        if unpacked is None:
            break
        content = unpacked
    return content


def _once_unpacked(content: Content, packing: _Packing) -> Content | None:
    limit = max(_LEAST_LIMIT, _MOST_RATIO * len(content.data))
    try:
        data = packing.unpack(content.data, limit)
    # Of damaged data the libraries raise what they like, EOFError and OSError among it.
    except Exception as error:
        said = escaped(str(error)) or type(error).__name__
        raise InputError(
            f"{content.name} begins as {packing.kind} does and cannot be unpacked; got {said}"
        ) from error
    if data is None:
        return None
    if len(data) > limit:
        raise InputError(
            f"{content.name} must unpack to at most {limit:,} bytes; got more from "
            f"{len(content.data):,} bytes of {packing.kind}: unpack it first"
        )
    return Content(content.name, _unpacked_name(content.file, packing), data, None)


def _unpacked_name(file: str, packing: _Packing) -> str:
    path = Path(file)
    return path.stem if path.suffix in packing.suffixes else file


@contextmanager
def as_it_is_read(path: Path) -> Iterator[tuple[str, IO[bytes]] | None]:
    """Open a file whose content can be read bit by bit, unpacked as often as it is packed.

    It gives the name that the file has unpacked, in small letters, and what is in it; or None if
    it is no regular file, or packed in a way that is unpacked as a whole only.
    """
    if not path.is_file():
        yield None
        return
    with ExitStack() as stack:
        file: IO[bytes] = stack.enter_context(path.open("rb"))
        name = path.name.lower()
        for _ in range(3):
            start = file.read(_LONGEST_MAGIC)
            file.seek(0)
            packing = next((one for one in _PACKINGS if start.startswith(one.magics)), None)
            if packing is None:
                break
            if packing.opened is None:
                yield None
                return
            file = stack.enter_context(packing.opened(file))
            name = _unpacked_name(name, packing)
        yield name, file


def _by_file(opened: Callable[..., Any]) -> Callable[[bytes, int], bytes]:
    def unpack(data: bytes, limit: int) -> bytes:
        with opened(io.BytesIO(data)) as file:
            unpacked: bytes = file.read(limit + 1)
        return unpacked

    return unpack


def _zstandard(data: bytes, limit: int) -> bytes:
    """Return what Zstandard packed, through polars, which has it: Python has it from 3.14 on."""
    import polars as pl

    # One field of one row, unless the text has the separators, which it then has again.
    lines = pl.read_csv(
        data,
        has_header=False,
        separator="\x1f",
        eol_char="\x1e",
        quote_char=None,
        schema={"text": pl.String},
        glob=False,
    )
    return "\x1e".join(lines["text"].fill_null("")).encode()


def _only_file(data: bytes, limit: int) -> bytes | None:
    """Return the only file of a ZIP archive; None if it has several, or is a format of its own."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = [one for one in archive.infolist() if not one.is_dir()]
        files = [one for one in found if not one.filename.startswith("__MACOSX/")]
        if len(files) != 1 or files[0].filename.endswith(".npy"):
            return None
        with archive.open(files[0]) as file:
            return file.read(limit + 1)


class _Packing(NamedTuple):
    """How files are compressed; `unpack` returns None for what is none of ours to unpack.

    `opened` opens what is unpacked as it is read, if that can be.
    """

    kind: str
    magics: tuple[bytes, ...]
    suffixes: tuple[str, ...]
    unpack: Callable[[bytes, int], bytes | None]
    opened: Callable[[Any], Any] | None = None


_BZIP2 = tuple(b"BZh%d1AY&SY" % level for level in range(1, 10))
_PACKINGS = (
    _Packing("gzip", (b"\x1f\x8b",), (".gz", ".gzip"), _by_file(gzip.open), gzip.open),
    _Packing("bzip2", _BZIP2, (".bz2",), _by_file(bz2.open), bz2.open),
    _Packing("xz", (b"\xfd7zXZ\x00",), (".xz",), _by_file(lzma.open), lzma.open),
    _Packing("Zstandard", (b"\x28\xb5\x2f\xfd",), (".zst", ".zstd"), _zstandard),
    _Packing("ZIP", (b"PK\x03\x04",), (".zip",), _only_file),
)
_PACKED = tuple(magic for packing in _PACKINGS for magic in packing.magics)
_LONGEST_MAGIC = max(map(len, _PACKED))
_NO_TEXT = (b"\x93NUMPY", b"\xff" * 4, *COLUMNAR, *_PACKED)
