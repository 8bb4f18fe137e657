"""Files that cannot be read, columns of too many labels, and tables without a vote."""

import pytest

from recurate.errors import InputError
from recurate.reading.votes import reading
from recurate.reading.votes.asked import AskedPairs, AskedVotes
from recurate.reading.votes.rows import MOST_ITEMS
from recurate.reading.votes.scored_pairs import read_scored_pairs


def test_a_file_that_is_not_there_is_named_by_the_system(tmp_path):
    for read, asked in (
        (reading.read_votes, AskedVotes()),
        (read_scored_pairs, AskedPairs()),
    ):
        with pytest.raises(FileNotFoundError, match="nothing"):
            read(str(tmp_path / "nothing.csv"), asked)


def test_an_error_of_the_disk_names_the_file(monkeypatch):
    def fails(source):
        raise OSError("input/output error")

    monkeypatch.setattr(reading, "opened", fails)
    with pytest.raises(InputError, match=r"^t\.csv cannot be read: input/output error$"):
        reading.read_votes("some/t.csv", AskedVotes())


def test_more_items_than_a_covariance_holds_are_refused(read):
    rows = "".join(f"i{number},i{number + 1}\n" for number in range(MOST_ITEMS))
    with pytest.raises(InputError, match=r"'winner', 'loser': must name at most 3,000 items; got"):
        read(f"winner,loser\n{rows}")


def test_a_column_of_identifiers_is_no_column_of_votes(read):
    rows = "".join(f"m1,m2,v{number}\n" for number in range(60))
    with pytest.raises(InputError, match=r"got 60 values, as .*name the column of votes with"):
        read(f"model_a,model_b,label\n{rows}")


def test_lists_in_several_columns_of_items_are_refused(read):
    with pytest.raises(InputError, match=r"each must have one item a row; got lists .* 'x'"):
        read('[{"x": ["m1"], "y": "m2", "z": "m3"}]', "t.json", items=("x", "y", "z"))


def test_tables_in_which_no_vote_is_left_are_refused(read, tmp_path):
    text = "model_a,model_b,winner,reward_a,reward_b\nm1,m2,9,1,2\n"
    with pytest.raises(InputError, match="must have at least one vote; got none"):
        read(text, codes=(("9", "none"),))
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="must have at least one vote; got none"):
        read_scored_pairs(str(path), AskedPairs(codes=(("9", "skip"),)))


def test_a_row_of_totals_is_said(read):
    _, said = read("winner,loser\nm1,m2\nm2,m1\nTotal,m1\n")
    assert (
        "the last row, 'Total', counts as a sample; --where \"winner <> 'Total'\" leaves it out"
        in said
    )
