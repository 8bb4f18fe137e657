"""Tables in batches of rows, each a table of its own, so that a large one takes little memory.

Parquet and Arrow files are read in batches anyway. Of text, blocks of whole lines are read, and
unpacked, where each can be read without the others: of delimited text whose quotes are in order,
and of JSON with a record a line. All else is read as a whole.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Generator, Iterator
from contextlib import closing
from lzma import LZMAError
from pathlib import Path
from typing import IO

from recurate.errors import InputError
from recurate.numerics.text import escaped
from recurate.reading.formats.columnar import STREAM
from recurate.reading.formats.content import COLUMNAR, Content, as_it_is_read
from recurate.reading.formats.delimited import DelimitedText
from recurate.reading.formats.json_tables import JsonSource
from recurate.reading.formats.opening import opened, table_in
from recurate.reading.formats.source import Source
from recurate.reading.formats.text import encoding_of

BYTES = 2**24
"""Bytes of text that are read at a time."""

_LONGEST_ROW = 16  # blocks
_NO_TEXT = (STREAM, b"\x93NUMPY", b"PK\x03\x04", *COLUMNAR)


class CannotBeCutError(Exception):
    """A text cannot be cut into blocks after all: its table is to be read as a whole."""


def beginning(path: str, name: str) -> Source:
    """Return the first rows of a file, or all of them, as a table; it raises as `opened` does."""
    try:
        with closing(_blocks(path, name)) as blocks:
            for source in blocks:
                return source
    except CannotBeCutError:
        pass
    return opened(path, name).head()


def batches(path: str, name: str, columns: Collection[str]) -> Iterator[Source]:
    """Yield the rows of a file, batch after batch, each a table that knows where its rows are.

    Parameters
    ----------
    path, name : str
        The file, and what errors call it.
    columns : collection of str
        Columns that are wanted; further names do no harm.

    Raises
    ------
    CannotBeCutError
        If what was yielded so far may be wrong, and `opened` reads the file.
    InputError, OSError
        As `opened` does.
    """
    is_text = False
    for source in _blocks(path, name):
        is_text = True
        yield source
    if not is_text:
        source = opened(path, name)
        yield from source.batches([field for field in source.fields if field in columns])


def _blocks(path: str, name: str) -> Generator[Source]:
    """Yield the tables in the blocks of a text; none of what is to be read otherwise."""
    with as_it_is_read(Path(path)) as read:
        if read is None:
            return
        file_name, file = read
        start = _read(file, name, 8)
        if start.startswith(_NO_TEXT):
            return
        start += _read(file, name, BYTES - len(start))
        if encoding_of(start)[1] != "utf-8":
            return
        content = Content(escaped(name), file_name, start, None)
        if len(start) < BYTES:  # all of it
            yield table_in(content)
            return
        is_json = start[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
        texts = _whole_lines(file, name, start, has_quotes=not is_json)
        table: Source
        try:
            table = table_in(Content(escaped(name), file_name, next(texts), None))
        except InputError:
            if is_json:  # it may be right as a whole
                raise CannotBeCutError from None
            raise
        if isinstance(table, JsonSource) and not table.has_record_lines:
            raise CannotBeCutError
        while isinstance(table, JsonSource | DelimitedText):
            if isinstance(table, DelimitedText) and not table.is_surely_cut:
                raise CannotBeCutError
            yield table
            text = next(texts, b"")
            if not text.strip():
                return
            table = table.continued(text)
        raise CannotBeCutError


def _whole_lines(file: IO[bytes], name: str, start: bytes, *, has_quotes: bool) -> Iterator[bytes]:
    """Yield a text in blocks that end with a line, and not within quotes; it begins with `start`.

    Blank lines stand at the beginning of a block, so that they are not taken for the text's end.
    """
    text, piece = start, start
    while piece:
        if len(text) > _LONGEST_ROW * BYTES:
            raise CannotBeCutError
        if end := _end_of_lines(text, has_quotes=has_quotes):
            yield text[:end]
            text = text[end:]
        piece = _read(file, name, BYTES)
        text += piece
    if text:
        yield text


def _end_of_lines(text: bytes, *, has_quotes: bool) -> int:
    """Return where the last line ends that can be the last of a block, 0 if none can."""
    end = text.rfind(b"\n") + 1
    if has_quotes:
        quotes = text.count(b'"', 0, end)
        while end and quotes % 2:
            last = text.rfind(b"\n", 0, end - 1) + 1
            quotes -= text.count(b'"', last, end)
            end = last
    rows = len(text[:end].rstrip(b"\r\n"))
    return text.find(b"\n", rows) + 1 if rows else 0


def _read(file: IO[bytes], name: str, size: int) -> bytes:
    """Return the next bytes of a file, as many as `size` if there are so many."""
    pieces: list[bytes] = []
    try:
        while size and (piece := file.read(size)):
            pieces.append(piece)
            size -= len(piece)
    except (OSError, EOFError, LZMAError, zlib.error) as error:
        said = escaped(str(error)) or type(error).__name__
        raise InputError(f"{escaped(name)} cannot be read to its end; got {said}") from error
    return b"".join(pieces)
