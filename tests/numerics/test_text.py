"""Text and values as they are shown: escaped, short, and at once whatever the value is."""

import math
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurate.numerics.text import escaped, listed, printable, shortened, shown

EVERY = st.text(st.characters(exclude_categories=()), max_size=80)  # halves of letters too


def doubled(times, pair=lambda x: (x, x)):
    """A small value whose whole text has 2**times parts."""
    value = pair(0)
    for _ in range(times):
        value = pair(value)
    return value


def itself():
    value = []
    value.append(value)
    return value


class Failing:
    def __str__(self):
        raise RuntimeError


class Unseen:
    def __str__(self):
        return "a\x1b[31m\nb"


def of_objects(value):
    array = np.empty(3, dtype=object)
    array[:] = [value] * 3
    return array


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (True, "True"),
        (np.float64(2.5), "2.5"),
        (Fraction(1, 3), "1/3"),
        (math.nan, "nan"),
        (None, "None"),
        ("a\x1b'\u202e", r'''"a\x1b'\u202e"'''),
        (b"a\xff", r"b'a\xff'"),
        ("x" * 10**7, "'" + "x" * 56 + "..."),
        (b"x" * 10**7, "b'" + "x" * 55 + "..."),
        (10**5000, "an integer of about 5000 digits"),
        (-(10**5000), "-an integer of about 5000 digits"),
        ([1, [2, [3, [4, []]]]], "[1, [2, [3, ...]]]"),
        ((1,), "(1,)"),
        ({"a": {1}, "b": set()}, "{'a': {1}, 'b': set()}"),
        (list(range(10**6)), "[0, 1, 2, 3, 4, 5, ...]"),
        (doubled(60), "(((..., ...), (..., ...)), ((..., ...), (..., ...)))"),
        (
            doubled(60, lambda x: {0: x, 1: x}),
            "{0: {0: {0: ..., 1: ...}, 1: {0: ..., 1: ...}}, 1: {0: {0...",
        ),
        (itself(), "[[[...]]]"),
        (of_objects(doubled(60)), "an array of shape (3,) and type object"),
        (np.arange(10**6), "[ 0 1 2 ... 999997 999998 999999]"),
        (Failing(), "a value of type Failing"),
        (Unseen(), r"a\x1b[31m b"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else type(value).__name__,
)
def test_values_are_shown_in_short(value, text):
    begin = time.process_time()
    assert shown(value) == text
    assert time.process_time() - begin < 1.0  # those of 2**60 parts would take for ever


@given(EVERY)
def test_what_is_shown_can_be_printed_and_read_back(text):
    for words in (printable(text), escaped(text), shown(text), listed([text])):
        assert words.isprintable()
    name = printable(text)
    assert name == text or eval(name) == text  # in Python's notation, of this text alone
    assert name != ""
    assert (escaped(text) == text) == text.isprintable()
    assert escaped(text, text) == text


@given(EVERY, st.integers(12, 90))
def test_a_shortened_text_has_its_beginning_and_its_end(text, most):
    short = shortened(text, most)
    assert len(short) <= most
    if len(text) > most:
        first, last = short.split(" ... ", 1)[0], short.rsplit(" ... ", 1)[-1]
        assert len(short) == most
        assert text.startswith(first)
        assert text.endswith(last)
    else:
        assert short == text


def test_names_are_listed_up_to_some():
    assert listed(["a", "b"]) == "'a', 'b'"
    assert listed(iter("abcd"), 2) == "'a', 'b', ... and 2 more"
    assert listed(f"n{i}" for i in range(2008)).endswith("'n7', ... and 2,000 more")
