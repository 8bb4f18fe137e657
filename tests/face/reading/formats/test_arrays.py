"""Tables in NumPy's files."""

import io
import math

import numpy as np
import polars as pl
import pytest

from recurate.errors import InputError
from recurate.reading.formats.arrays import ArrayTable


def saved(array):
    file = io.BytesIO()
    np.save(file, array)
    return ArrayTable("r.npy", file.getvalue())


def archived(**arrays):
    file = io.BytesIO()
    np.savez(file, *arrays.pop("unnamed", []), **arrays)
    return ArrayTable("r.npz", file.getvalue())


def test_one_dimension_is_rewards():
    source = saved(np.array([3, 1, 2], dtype=">i4"))
    assert source.fields == ["reward"]
    assert source.frame(["reward"])["reward"].to_list() == [3, 1, 2]
    assert (source.prompts, source.absent, source.place(2)) == ((), [], "r.npy, row 2")


def test_two_dimensions_are_prompts_and_candidates():
    source = saved(np.array([[1.0, math.nan, 3.0], [4.0, 5.0, math.nan]]))
    assert source.fields == ["prompt", "reward"]
    frame = source.frame(source.fields)
    assert frame["prompt"].to_list() == [1, 1, 1, 2, 2, 2]
    assert frame["reward"].to_list()[:1] + frame["reward"].to_list()[3:5] == [1.0, 4.0, 5.0]
    assert (source.prompts, source.absent) == (("prompt",), [1, 5])
    assert source.place(5) == "r.npy, row 2, candidate 2"


def test_archives_are_columns():
    source = archived(reward=np.arange(3.0), group=np.array(["a", "b", "a"]))
    assert source.fields == ["reward", "group"]
    assert source.frame(["group", "reward"]).rows() == [("a", 0.0), ("b", 1.0), ("a", 2.0)]
    assert archived(unnamed=[np.arange(2)]).fields == ["reward"]
    source = archived(length=np.ones((2, 2)), reward=np.array([[1.0, math.nan], [2.0, 3.0]]))
    assert source.fields == ["prompt", "length", "reward"]
    assert source.absent == [1]
    with pytest.raises(InputError, match=r"arrays of one shape; got a: \(2,\), b: \(3,\)"):
        archived(a=np.zeros(2), b=np.zeros(3))
    with pytest.raises(InputError, match="must be an archive of NumPy arrays; got none in it"):
        archived()


@pytest.mark.parametrize(
    ("array", "kind", "values"),
    [
        (np.array([1.5, -2], "f2"), pl.Float32, [1.5, -2.0]),
        (np.array([1.5, -2], ">f4"), pl.Float32, [1.5, -2.0]),
        (np.array([0.1, -2], "f8"), pl.Float64, [0.1, -2.0]),
        (np.array([0.5, -2], "g"), pl.Float64, [0.5, -2.0]),
        (np.array([2**63], "u8"), pl.UInt64, [2**63]),
        (np.array([True, False]), pl.Boolean, [True, False]),
        (np.array(["a", " é"]), pl.String, ["a", " é"]),
        (np.array([b"a", b"\xff"]), pl.Binary, [b"a", b"\xff"]),
        (np.array(["2024-01-02"], "M8[D]"), pl.String, ["2024-01-02"]),
        (np.array([1 + 2j]), pl.String, ["(1+2j)"]),
        (np.zeros(4)[::2], pl.Float64, [0.0, 0.0]),
    ],
)
def test_types_are_those_of_the_array(array, kind, values):
    column = saved(array).frame(["reward"])["reward"]
    assert column.dtype == kind
    assert column.to_list() == values


def test_records_have_columns_which_may_hold_lists():
    records = np.array(
        [(1.0, [1, 2], "a"), (2.0, [3, 4], "b")],
        dtype=[("reward", "f8"), ("lengths", "i4", (2,)), ("group", "U1")],
    )
    source = saved(records)
    assert source.fields == ["reward", "lengths", "group"]
    assert [list(row) for row in source.frame(["lengths"])["lengths"].to_list()] == [[1, 2], [3, 4]]
    assert source.frame(["reward", "group"]).rows() == [(1.0, "a"), (2.0, "b")]


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((2, 2, 2)),
        np.array(1.0),
        np.zeros((2, 2), "f8,f8"),
        np.zeros((10**12, 0)),  # which has no bytes
        np.zeros((0, 3)),
    ],
)
def test_other_shapes_are_refused(array):
    with pytest.raises(InputError, match=r"^r\.npy must hold arrays of one dimension, or two"):
        saved(array)


def test_an_array_of_one_entry_a_prompt_goes_with_those_of_candidates():
    source = archived(level=np.array([5, 7]), scores=np.array([[1.0, math.nan], [3.0, 4.0]]))
    assert source.fields == ["prompt", "scores", "level"]
    assert source.frame(["level"])["level"].to_list() == [5, 5, 7, 7]
    assert source.absent == [1]
    with pytest.raises(InputError, match="must hold arrays of one shape"):
        archived(level=np.array([5, 7, 9]), scores=np.zeros((2, 2)))


def test_a_damaged_archive_is_refused():
    file = io.BytesIO()
    np.savez_compressed(file, reward=np.arange(1000.0))
    whole = file.getvalue()
    for content in (whole[:100], whole[:-30], b"PK\x03\x04" + bytes(50), whole[:60] + whole[80:]):
        with pytest.raises(InputError, match=r"^r\.npz must be"):
            ArrayTable("r.npz", content)
