"""Files that are no tables for us: named as what they are, with what to type instead."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from contextlib import suppress
from itertools import pairwise

from recurate.errors import InputError
from recurate.numerics.text import shown
from recurate.reading.formats.content import Content
from recurate.reading.formats.text import as_word

READ = "CSV, TSV, JSON, JSON Lines, .npy, .npz, Parquet or Arrow"
"""Formats of tables that are read."""

_PICKLE = (
    "a pickle, which is a program and is never run",
    "where it was made, save the table in one of these formats",
)
_BY_PANDAS = (
    "python -c \"import pandas; pandas.{}('{{name}}').to_csv('{{stem}}.csv', index=False)\""
)
_EXCEL = "an Excel workbook", "save the sheet as CSV, or: " + _BY_PANDAS.format("read_excel")
_SAVE = "save its rows as CSV"
_R = "a file of R", "in R: write.csv(x, '{stem}.csv', row.names = FALSE)"
_STATA = "a file of Stata", _BY_PANDAS.format("read_stata")
_SHEET = (
    "a spreadsheet",
    "save the sheet as CSV, or: soffice --headless --convert-to csv {name}",
)
_MATLAB = (
    "a file of MATLAB",
    "python -c \"import numpy, scipy.io; numpy.savez('{stem}.npz', "
    "reward=scipy.io.loadmat('{name}')['reward'].ravel())\"",
)


def _compressed(kind: str, command: str) -> tuple[str, str]:
    return f"a file compressed by {kind}", f"unpack it first: {command} {{name}}"


_BINARY: tuple[tuple[bytes, tuple[str, str]], ...] = (
    *((b"\x80%c" % version, _PICKLE) for version in range(2, 6)),
    (b"\xd0\xcf\x11\xe0", _EXCEL),
    (b"\x89HDF", ("an HDF5 file", _BY_PANDAS.format("read_hdf"))),
    (b"FEA1", ("a file of Feather's first version", _BY_PANDAS.format("read_feather"))),
    (b"ORC", ("an ORC file", _BY_PANDAS.format("read_orc"))),
    (b"SQLite format 3", ("a database", "sqlite3 -csv -header {name} 'select ...' > {stem}.csv")),
    (b"RDX", _R),
    (b"MATLAB 5.0", _MATLAB),
    (b"$FL2", ("a file of SPSS", _BY_PANDAS.format("read_spss"))),
    (b"<stata_dta>", _STATA),
    (b"X\n\x00\x00\x00", _R),
    (
        b"Obj\x01",
        (
            "an Avro file",
            "python -c \"import polars; polars.read_avro('{name}')"
            ".write_parquet('{stem}.parquet')\"",
        ),
    ),
    (b"%PDF", ("a PDF document", _SAVE)),
    (b"\x89PNG", ("a picture", _SAVE)),
    (b"\xff\xd8\xff", ("a picture", _SAVE)),
    (b"7z\xbc\xaf\x27\x1c", _compressed("7-Zip", "7z x")),
    (b"Rar!", _compressed("RAR", "unrar x")),
    (b"\x04\x22\x4d\x18", _compressed("LZ4", "lz4 -d")),
    (b"\xff\x06\x00\x00sNaPpY", _compressed("Snappy", "snzip -d")),
    (b"\x1f\x9d", _compressed("compress", "uncompress")),
    (b"\x5d\x00\x00", _compressed("LZMA", "unlzma")),
    (b"version https://git-lfs", ("a pointer of Git LFS", "git lfs pull fetches the file")),
)
_BY_SUFFIX = {
    ".br": _compressed("Brotli", "brotli -d"),
    ".pkl": _PICKLE,
    ".pickle": _PICKLE,
    ".pt": _PICKLE,
    ".xlsx": _EXCEL,
    ".mat": _MATLAB,
    ".dta": _STATA,
}
_HTML = re.compile(rb"\s*(<!--.*?-->\s*)*<(!doctype html|html|head|body|table|div)\b", re.I | re.S)
_DOCUMENTS = (
    (re.compile(rb"\s*<\?xml\b"), ("an XML document", _SAVE)),
    (re.compile(rb"\s*\\(begin|documentclass)\b"), ("LaTeX", _SAVE)),
    (
        re.compile(
            rb"(\s*--.*\n|\s+)*(create (temp|table|data)|insert into|drop table|begin;)", re.I
        ),
        (
            "SQL",
            "sqlite3 {stem}.db < {name} && sqlite3 -csv -header {stem}.db 'select ...' > "
            "{stem}.csv",
        ),
    ),
    (
        re.compile(r"\s*[+┌┏╭][-+=─━┬┳]+[+┐┓╮]\s*\n| .*\n-+(\+-+)+\r?\n".encode()),
        ("a drawn table", "psql --csv and mysql --batch write none; others: " + _SAVE),
    ),
)
_YAML = re.compile(r"(---|- +[\w\"' ]+:( .*)?|[\w\"' ]+:( .*)?|- +\S.*)\s*$")
_EMPHASIS = re.compile(r"^(\*\*|__|\*|_|`)(.*)\1$")  # as of the best number of a column
_TABLE_LINE = re.compile(r"\s*\|.*\|\s*$")
_RULE = re.compile(r"\s*\|?(\s*:?-+:?\s*\|)+(\s*:?-+:?\s*)?$")
_CONTROL = frozenset(range(9)) | {14, 15, 16, 17, 18, 19, 20}


def refuse_bytes(content: Content) -> None:
    """Raise InputError if a file is of a format that is known, and is no text."""
    data = content.data
    for magic, what in _BINARY:
        if data.startswith(magic):
            raise _is_no_table(content, *what)
    if data.startswith(b"PK\x03\x04"):
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if any(name.endswith(".npy") for name in names):
                return
            if any(name.endswith("data.pkl") for name in names):
                raise _is_no_table(content, *_PICKLE)
            if any(name.startswith("xl/") for name in names):
                raise _is_no_table(content, *_EXCEL)
            if "content.xml" in names or any(name.endswith(".iwa") for name in names):
                raise _is_no_table(content, *_SHEET)
        raise _is_no_table(content, "a ZIP archive of several files", "unzip {name}")
    if data[257:262] == b"ustar":
        raise _is_no_table(content, "an archive of tar", "tar -xf {name} unpacks it")
    if content.suffix in _BY_SUFFIX:
        raise _is_no_table(content, *_BY_SUFFIX[content.suffix])


def require_text(data: bytes, content: Content) -> None:
    """Raise InputError if what is to be text in UTF-8 has bytes that no text has."""
    start = data[:1024]
    if (len(_CONTROL & set(start)) > 1 or b"\x00" * 4 in start) and start.strip(b"\x00"):
        raise InputError(
            f"{content.name} must be a table ({READ}); got a file of another kind, which begins "
            f"with {shown(start[:12])}"
        )


def refuse_text(text: bytes, content: Content) -> None:
    """Raise InputError if a text is a page or a document, and no table."""
    if _HTML.match(text[:4096]):
        raise _is_no_table(
            content,
            "a page of HTML",
            'if it was downloaded, it may say why; a table in it: python -c "import pandas; '
            "pandas.read_html('{name}')[0].to_csv('{stem}.csv', index=False)\"",
        )
    for pattern, what in _DOCUMENTS:
        if pattern.match(text[:4096]):
            raise _is_no_table(content, *what)
    if _is_yaml(text, content):
        raise _is_no_table(
            content,
            "YAML",
            "python -c \"import json, yaml; print(json.dumps(yaml.safe_load(open('{name}'))))\" "
            "> {stem}.json",
        )


def _is_yaml(text: bytes, content: Content) -> bool:
    if content.suffix in (".yaml", ".yml"):
        return True
    lines = [line for line in text[:4096].decode("utf-8", "ignore").splitlines() if line.strip()]
    return len(lines) > 2 and all(_YAML.match(line.strip()) for line in lines[:3])


def markdown_table(text: bytes, content: Content) -> tuple[bytes, int] | None:
    """Return the table of a text in Markdown as CSV, and the number of lines before it; or None.

    The line under the header is left out, and counted as one before it.

    Raises
    ------
    InputError
        If there are several tables.
    """
    if b"|" not in text or b"|" not in text[: 2**16]:
        return None
    lines = text.decode("utf-8", "replace").splitlines()
    starts = [
        at
        for at, (line, rule) in enumerate(pairwise(lines))
        if _TABLE_LINE.match(line) and _RULE.match(rule)
    ]
    if not starts:
        return None
    if len(starts) > 1:
        raise InputError(
            f"{content.name} must have one table in Markdown; got {len(starts)}, in lines "
            f"{', '.join(str(start + 1) for start in starts[:8])}: keep one of them"
        )
    start = starts[0]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    for line in (lines[start], *lines[start + 2 :]):
        if not _TABLE_LINE.match(line):
            break
        cells = (
            cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])
        )
        writer.writerow([_EMPHASIS.sub(r"\2", cell) for cell in cells])
    return file.getvalue().encode(), start + 1


def _is_no_table(content: Content, what: str, how: str) -> InputError:
    word, stem = as_word(content.name), as_word(content.file.partition(".")[0])
    stem = "table" if stem == "FILE" else stem
    return InputError(
        f"{content.name} must be a table ({READ}); got {what}: {how.format(name=word, stem=stem)}"
    )
