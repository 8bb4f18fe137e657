"""Several values of one option: lists and ranges, as they are typed."""

import pytest

from recurate.errors import InputError
from recurate.reading.several import several


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("4", ["4"]),
        ("2, 4 ,inf", ["2", "4", "inf"]),
        ("4,2,4.0,4", ["4", "2"]),  # each number once, as it was typed first
        ("0.1:0.9:9", ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9"]),
        ("1:0:3", ["1.0", "0.5", "0.0"]),
        ("0.01:100:5:log", ["0.01", "0.1", "1.0", "10.0", "100.0"]),
        ("0, 1:2:2 ,inf", ["0", "1.0", "2.0", "inf"]),
        ("-1:1:3", ["-1.0", "0.0", "1.0"]),
        ("nan", ["nan"]),  # which whoever takes it refuses
    ],
)
def test_values(text, values):
    assert several(text, "--lam") == tuple(values)


def test_ranges_of_whole_numbers_are_rounded():
    assert several("1:4:7", "-K", whole=True) == ("1", "2", "3", "4")
    assert several("1:1e6:4:log", "-K", whole=True) == ("1", "100", "10000", "1000000")
    assert several("2.5", "-K", whole=True) == ("2.5",)  # what was typed is not


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be numbers, as 0.5,1,inf, or ranges, as 0.1:0.9:9 for nine values from 0.1"),
        ("2,,4", "--lam must be numbers, .* got ''"),
        ("2;4", "got '2;4'"),
        ("1_0", "got '1_0'"),
        ("0.1:0.9", "needs its number of values, from 2 to 10,000, as 0.1:0.9:9; got '0.1:0.9'"),
        ("0.1:0.9:1", "from 2 to 10,000"),
        ("0.1:0.9:2.5", "from 2 to 10,000"),
        ("0.1:0.9:10001", "from 2 to 10,000"),
        ("0.1:0.9:x", "the number of values must be a number; got 'x'"),
        ("0.1:0.9:9:ln", "or as 1:64:7:log; got '0.1:0.9:9:ln'"),
        ("0.1:0.9:9:log:log", "or as 1:64:7:log"),
        ("0:1:3:log", "the ends of a range :log must be above 0"),
        ("1:inf:3", "ranges of numbers"),
        ("-1e308:1e308:3", "ranges of numbers"),
        ("1:1e999:3", "must be numbers"),
    ],
)
def test_what_is_no_list_of_numbers(text, message):
    with pytest.raises(InputError, match=message):
        several(text, "--lam")
