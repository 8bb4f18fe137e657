"""What a file is, by its content first and then by its name, and the table in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recurate.errors import InputError
from recurate.numerics.text import escaped
from recurate.reading.formats.arrays import ArrayTable, is_law
from recurate.reading.formats.columnar import STREAM, ColumnarTable
from recurate.reading.formats.content import COLUMNAR, COLUMNAR_SUFFIXES, Content, content_of
from recurate.reading.formats.delimited import DelimitedText
from recurate.reading.formats.foreign import markdown_table, refuse_bytes, refuse_text, require_text
from recurate.reading.formats.source import Source
from recurate.reading.formats.text import as_utf8, require_utf8

_START = 4096  # bytes in which JSON shows
_JSON = re.compile(rb'\s*(\{\s*["}]|\[\s*[\[{"\]0-9-])')


def opened(source: str, name: str | None = None) -> Source:
    """Return the table in a file, or in standard input, which is named "-".

    What errors call it is the file's own name, unless another `name` is given.

    Raises
    ------
    InputError
        If it is no table; the message says what it is, and what to type.
    OSError
        If there is no such file, or it may not be opened.
    """
    return table_in(content_of(source, name))


def table_in(content: Content) -> Source:
    """Return the table in what was read; it raises as `opened` does."""
    data, name, suffix = content.data, content.name, content.suffix
    if data.startswith((*COLUMNAR, STREAM)):
        return ColumnarTable(content)
    if is_law(data):
        raise InputError(
            f"{name} is a law that recurate summarise wrote, and has no rows: recurate predict, "
            "choose, fixed-point and simulate take it for a table of rewards"
        )
    refuse_bytes(content)
    if suffix in COLUMNAR_SUFFIXES:
        return ColumnarTable(content)
    if data.startswith((b"\x93NUMPY", b"PK\x03\x04")) or suffix in (".npy", ".npz"):
        return ArrayTable(name, data)
    text = as_utf8(data, name)
    require_text(text, content)
    if suffix in (".json", ".jsonl", ".ndjson") or _JSON.match(text[:_START]):
        from recurate.reading.formats.json_tables import JsonSource

        require_utf8(text, name)
        return JsonSource(name, text)
    refuse_text(text, content)
    if suffix in (".md", ".markdown", ".txt", "") and (found := markdown_table(text, content)):
        table, lines_before = found
        return DelimitedText(table, name, lines_before=lines_before)
    return DelimitedText(text, name)


def name_of(source: str) -> str:
    """Return what to call a table: the name of its file, as it is."""
    return "standard input" if source == "-" else Path(source).name


@contextmanager
def named_errors(source: str) -> Iterator[None]:
    """Raise InputError for an error of reading, which does not name the file; of opening, it does.

    Columns of some formats are read long after their file was opened.
    """
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            raise
        raise InputError(f"{escaped(name_of(source))} cannot be read: {error}") from error
