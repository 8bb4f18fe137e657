"""What to type in place of what cannot be read, where it can be guessed: the ends of errors."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from recurate.errors import InputError
from recurate.numerics.text import listed, shown
from recurate.reading.formats.text import as_word

NOT_THERE = {
    *("", "nan", "na", "n/a", "#n/a", "<na>", "nat", "null", "none", "\\n"),
    *("-", "--", "–", "—", ".", "?", "#div/0!", "#value!", "#ref!"),
}
"""What is written in place of a number that is missing, in small letters."""

SUMMARY = ("count", "mean", "std")
"""How the rows of a summary begin."""

DROP = "; --missing drop leaves such rows out"
_YES_AND_NO = {
    *("yes", "no", "y", "n", "t", "f", "pass", "fail", "passed", "failed"),
    *("correct", "incorrect", "wrong", "right", "ja", "nein", "oui", "non", "wahr", "falsch"),
    *("like", "dislike", "thumbs_up", "thumbs_down", "thumbs up", "thumbs down"),
}
_VOTES = {"model_a", "model_b", "tie", "tie (bothbad)", "bothbad", "both_bad", "neither", "draw"}
_MONEY = "$€£¥"
_NUMBER = r"[+\-−]?\d[\d.,'’]*(?:[eE][+-]?\d+)?|[+\-−]?\.\d+"
_UNIT = re.compile(
    rf"(?P<before>[^\W\d_]{{1,3}}(?=\s)|[$€£¥])?\s*(?P<number>{_NUMBER})\s*"
    r"(?P<after>%|[^\W\d_]{1,9}|[$€£¥°★⭐]|/\s*\d[\d.,]*|(?:±|\+/-|\+-|\().*)?"
)
_WRAPPED = re.compile(rf"(?:\w[\w.]*\(|\[)\s*(?P<number>{_NUMBER})\s*(?:,\s*[a-z].*)?[)\]]")


def instead_of(value: Any) -> str:
    """Return what to type in place of a value that is no number, or nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return DROP
    if isinstance(value, float) and math.isinf(value):
        return f"; if such a reward stands for none, --sentinel {value:g} leaves it out"
    if isinstance(value, dict):
        return f"; name one of its fields, as column.field: {listed(list(value))}"
    if not isinstance(value, str):
        return ""
    text = value.strip()
    word = text.casefold()
    if word in NOT_THERE:
        return DROP
    if text.startswith("{"):
        return "; name one of its fields, as column.field"
    if word in _YES_AND_NO:
        return "; write true and false, or 1 and 0"
    if word in _VOTES:
        return "; if it says who won, recurate votes makes rewards of votes"
    with suppress(ValueError):
        if math.isinf(float(text)) and not re.search(r"\d", text):
            return f"; if such a reward stands for none, --sentinel {text} leaves it out"
    return _plainly_written(text) if len(text) < 60 else ""


def among_numbers(words: Sequence[str], row: int, rows: int) -> str:
    """Return what to do about words in a column of numbers, the first of them in `row`."""
    word = next(word for word in words if word.strip().casefold() not in NOT_THERE)
    if instead_of(word) or any(map(str.isdigit, word)) or 2 * len(words) > rows:
        return ""
    if row == 0 and len(words) == 1:
        return "; if it is of a second row of names, take that out"
    if words.count(word) == 1:  # a slip
        return ""
    return f"; if such a reward stands for none, --sentinel {shown(word)} leaves it out"


def _plainly_written(text: str) -> str:
    """Return how a number is written that has more around or in it than digits and a point."""
    joined = re.sub(r"(?<=\d)[\s\xa0\u202f\u2009](?=\d{3}(?!\d))", "'", text)
    if re.fullmatch(r"[+-]?\d+,\d+", joined):
        return f"; write {joined.replace(',', '.')}, or {joined.replace(',', '')}"
    found = _WRAPPED.fullmatch(joined) or _UNIT.fullmatch(joined)
    if not found:
        return ""
    number = _plain(found["number"])
    if number is None or number == text:
        return ""
    parts = found.groupdict()
    if beside := parts.get("after") or parts.get("before"):
        price = "; if it is a price, --reward-column names another" if beside in _MONEY else ""
        return f"; write {number}, without {shown(beside)}{price}"
    has_commas = "," in found["number"] and "," not in number
    return f"; write {number}" + (", without commas" if has_commas else "")


def _plain(number: str) -> str | None:
    """Return a number with a point, and without marks between thousands; None if it is none."""
    plain = re.sub("['’]", "", number).replace("−", "-")
    for mark, point in ((",", "."), (".", ",")):
        is_grouped = re.fullmatch(rf"[+-]?\d{{1,3}}(\{mark}\d{{3}})+", plain.partition(point)[0])
        if is_grouped and (point in plain or plain.count(mark) > 1):
            plain = plain.replace(mark, "")
    plain = plain.replace(",", ".")
    with suppress(ValueError):
        return plain if math.isfinite(float(plain)) else None
    return None


def is_summary(name: str) -> InputError:
    """Return the error of a table that sums up another one."""
    return InputError(
        f"{name} must be a table of samples, one row each; got a summary ({', '.join(SUMMARY)}): "
        "give the rewards themselves"
    )


def near_json(text: str, at: int, file: str) -> str:
    """Return what to do about JSON that a parser does not take at a place."""
    here, before = text[at : at + 1], text[:at].rstrip()[-1:]
    if here == "'":
        return (
            '; if Python wrote it: python -c "import ast, json; print(json.dumps(ast.literal_eval('
            f"open('{as_word(file)}').read())))\" > new.json"
        )
    if (here == "," and before in ("]", "}")) or (here in ("]", "}") and before == ","):
        return "; JSON has no comma there"
    is_text = here == '"' and "\n" not in text[at:].strip() and '"' not in text[at + 1 :]
    return "; the file may be cut off" if is_text or not text[at:].strip() else ""


def row_of_names(first: Sequence[str], delimiter: str, file: str) -> str:
    """Return how to put a row of names before a table, one for each entry of its first row."""
    names = [f"column{place}" for place in range(1, len(first) + 1)]
    numbers = [place for place, entry in enumerate(first) if re.fullmatch(_NUMBER, entry)]
    others = [place for place in range(len(first)) if place not in numbers]
    if numbers:
        names[numbers[0]] = "reward"
    if others or len(first) == 2:
        names[others[0] if others else 1] = "group"
    return f"(echo '{delimiter.join(names)}'; cat {as_word(file)}) > new.csv"
