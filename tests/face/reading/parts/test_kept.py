"""What is kept of parts, and which of them are read together."""

import numpy as np
import pytest

from recurate.errors import InputError
from recurate.numerics.compression.summary import Summary
from recurate.reading.asked import Asked
from recurate.reading.parts import kept as kept_module
from recurate.reading.parts.counting import Counts
from recurate.reading.parts.held import held_by_first
from recurate.reading.parts.kept import Kept, pieces_of
from recurate.reading.parts.listing import Part, listed_parts
from recurate.reading.parts.summarising import _Joined, summarised
from recurate.reading.parts.summing import Summed


def parts_of(*sizes):
    return [Part(f"{number:05}.csv", size, "0") for number, size in enumerate(sizes)]


@pytest.mark.parametrize(
    ("number", "size", "pieces"),
    [
        (16, 1, 16),  # few parts: each is one
        (17, 1, 1),  # many small ones
        (200, 4 * 2**20, 13),  # of at most 2^26 bytes: 16 parts each
        (1000, 2**26, 250),  # of at most 2^28 bytes: 4 parts each
        (10_000, 2**31, 1250),  # of at most a 1024th of all: 9 parts each, or 8 as a power of two
        (100, 0, 1),  # sizes that nobody knows
    ],
)
def test_pieces_are_neither_too_many_nor_too_large(number, size, pieces):
    parts = parts_of(*[size] * number)
    found = pieces_of(parts)
    assert len(found) == pieces
    assert [part for piece in found for part in piece] == parts


def test_a_mended_part_leaves_all_other_pieces_as_they_are():
    sizes = np.random.default_rng(0).integers(2**20, 2**23, 200)
    parts = parts_of(*sizes.tolist())
    mended = [*parts[:30], parts[30]._replace(size=1, stamp="1"), *parts[31:]]
    pieces, found = pieces_of(parts), pieces_of(mended)
    assert len(pieces) > 10
    assert [i for i, piece in enumerate(found) if piece not in pieces] == [30 // len(pieces[0])]


@pytest.fixture
def table(tmp_path):
    """Write twenty parts, and return them and what they have alike."""
    rng = np.random.default_rng(0)
    for number in range(20):
        rewards = "\n".join(map(str, rng.normal(size=300)))
        (tmp_path / f"{number:02}.csv").write_text(f"reward\n{rewards}\n")
    parts = listed_parts([str(tmp_path / "*.csv")])
    held, _ = held_by_first(parts, Asked())
    return parts, held


def test_pieces_make_the_law_of_their_parts(table, tmp_path, monkeypatch):
    parts, held = table
    whole = summarised(parts, held, Kept(tmp_path / "a", held))
    monkeypatch.setattr(kept_module, "LEAST_BYTES", parts[0].size * 3 + 100)
    monkeypatch.setattr(kept_module, "MOST_BYTES", 1)
    monkeypatch.setattr(kept_module, "MOST_PIECES", 2**30)
    assert len(pieces_of(parts)) > 5
    law = summarised(parts, held, Kept(tmp_path / "b", held)).summary.law()
    # Fewer rows than are kept as they are: the same rewards, each once.
    np.testing.assert_array_equal(law.rewards, whole.summary.law().rewards)
    assert law.rows == 6_000


def test_pieces_are_joined_in_their_order_whenever_they_come(table, tmp_path):
    # Sums of such weights differ in their last digit with the order.
    parts, held = table
    pieces = [(part,) for part in parts]
    weights = np.random.default_rng(0).random((20, 50))

    def sums(order):
        kept = Kept(tmp_path / f"law-{order[0]}", held)
        joined = _Joined(pieces, kept)
        for number in order:
            found = Summed(Summary.of(np.arange(50.0), weights[number]), Counts(candidates=50))
            kept.write(pieces[number], found)
            joined.add(number, found)
        return joined.summary.content.kept.sums

    order = np.random.default_rng(1).permutation(20).tolist()
    np.testing.assert_array_equal(sums(range(20)), sums(order))


def test_a_bad_part_of_a_piece_leaves_the_others_of_it(table, tmp_path):
    parts, held = table
    with open(parts[5].path, "a") as file:
        file.write("bad\n")
    parts = listed_parts([str(tmp_path / "*.csv")])
    assert len(pieces_of(parts)) == 1
    kept = Kept(tmp_path / "law", held)
    notes = []
    found = summarised(parts, held, kept, skip_bad=True, on_note=notes.append)
    assert found.summary.rows == 19 * 300
    assert list(found.bad) == [parts[5].path]
    assert "row 301 (line 302)" in notes[0]
    # What is kept without a bad part is of no use to who wants all of them.
    with pytest.raises(InputError, match="1 part of 20 cannot be read"):
        summarised(parts, held, kept)
    with open(parts[5].path) as file:
        text = file.read()
    with open(parts[5].path, "w") as file:
        file.write(text.replace("bad\n", ""))
    parts = listed_parts([str(tmp_path / "*.csv")])
    assert summarised(parts, held, kept).summary.rows == 6_000


def test_what_is_kept_is_known_by_all_that_it_depends_on(table, tmp_path):
    parts, held = table
    kept = Kept(tmp_path / "law", held)
    piece = parts[:2]
    kept.write(piece, Summed(Summary.of([1.0, 2.0]), Counts(candidates=2)))
    found = kept.read(piece)
    assert found is not None
    assert found.summary.rows == found.counts.candidates == 2
    first, second = piece
    for other in (
        [first],
        [second, first],
        [first._replace(size=1), second],
        [first._replace(stamp="1"), second],
        [first._replace(path="x"), second],
    ):
        assert kept.read(other) is None
    for asked in (Asked(scale=2.0), Asked(missing="drop"), Asked(where="reward > 0")):
        assert Kept(tmp_path / "law", held_by_first(parts, asked)[0]).read(piece) is None


def test_a_file_in_the_folders_place_is_named(table, tmp_path):
    (tmp_path / "law.parts").write_text("")
    with pytest.raises(InputError, match="give -o another name"):
        Kept(tmp_path / "law", table[1])


def test_the_folder_goes_with_what_a_killed_run_left_in_it(table, tmp_path):
    parts, held = table
    kept = Kept(tmp_path / "law.npz", held)
    summarised(parts, held, kept)
    (kept.folder / ".recurate-0123456789abcdef").touch()
    kept.clear()
    assert not kept.folder.exists()
