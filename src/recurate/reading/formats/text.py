"""Text as UTF-8 without a byte order mark, whatever encoding it came in."""

from __future__ import annotations

import codecs
import re

from recurate.errors import InputError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before the mark of UTF-16, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PIECE = 2**20


def as_utf8(data: bytes, name: str) -> bytes:
    """Return text in UTF-8, from UTF-8, which is not looked at yet, or UTF-16 or UTF-32.

    Raises
    ------
    InputError
        If it begins as UTF-16 or UTF-32, and is none; with its line.
    """
    mark, encoding = encoding_of(data)
    text = data[len(mark) :] if mark else data
    if encoding == "utf-8":
        return text
    try:
        return text.decode(encoding).encode()
    except UnicodeDecodeError as error:
        line = text[: error.start].decode(encoding).count("\n") + 1
        raise InputError(
            f"{name}, line {line}: begins as {encoding[:6].upper()} does; got {error.reason}"
        ) from None


def encoding_of(data: bytes) -> tuple[bytes, str]:
    """Return the byte order mark with which a text begins, or none, and its encoding."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return mark, encoding
    return b"", _without_mark(data[:4096])


def as_word(name: str) -> str:
    """Return a name as a word of a command line that is shown; FILE if it is no plain one."""
    return name if re.fullmatch(r"\w[\w.+-]*", name) else "FILE"


def _without_mark(start: bytes) -> str:
    """Return the encoding of a text without a mark: every other byte of UTF-16 is often zero."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if half > 1 and not even and odd > 0.4 * half:
        return "utf-16-le"
    if half > 1 and not odd and even > 0.4 * half:
        return "utf-16-be"
    return "utf-8"


def require_utf8(data: bytes, name: str, lines_before: int = 0) -> None:
    """Raise InputError at a byte that UTF-8 does not have, with its line and what to type."""
    if data.isascii():
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), _PIECE):  # in pieces: letters take more room than bytes
        end = start + _PIECE
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(data[start:end], final=end >= len(data))
        except UnicodeDecodeError as error:
            place = start - held + error.start
            line = data.count(b"\n", 0, place) + 1 + lines_before
            raise InputError(
                f"{name} must be CSV in UTF-8 or UTF-16; got byte {data[place]:#x} in line {line}. "
                f"If it was written on Windows: iconv -f WINDOWS-1252 -t UTF-8 "
                f"{as_word(name)} > new.csv"
            ) from None
