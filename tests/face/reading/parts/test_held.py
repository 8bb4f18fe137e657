"""What the first part decides for all others."""

import polars as pl
import pytest

from recurate.errors import InputError
from recurate.reading.asked import Asked
from recurate.reading.formats import blocks
from recurate.reading.parts.held import held_by_first
from recurate.reading.parts.listing import listed_parts
from recurate.reading.parts.summing import summed


@pytest.fixture
def read(tmp_path):
    """Return what comes of the parts whose texts or frames are given."""

    def of(*tables, **asked):
        for number, table in enumerate(tables):
            path = tmp_path / f"{number}"
            if isinstance(table, str):
                path.with_suffix(".csv").write_text(table)
            else:
                table.write_parquet(path.with_suffix(".parquet"))
        parts = listed_parts([str(tmp_path)])
        held, notes = held_by_first(parts, Asked(**asked))
        return summed(parts, held), held, notes

    return of


def test_columns_are_those_of_the_first_part(read):
    # The second part has a group and a weight, which the first has not.
    found, held, _ = read("reward\n1\n2\n", "reward,group,weight\n3,a,2\n")
    assert held.uses.group is held.uses.weight is None
    assert found.summary.names.groups is None
    assert found.summary.law().rewards.tolist() == [1.0, 2.0, 3.0]


def test_columns_may_stand_in_another_order_and_beside_others(read):
    found, *_ = read("reward,group\n1,a\n", "group,other,reward\nb,x,2\n")
    law = found.summary.law()
    assert dict(zip(law.group_names, law.rewards.tolist(), strict=True)) == {"a": 1.0, "b": 2.0}


def test_a_column_of_another_spelling_is_missing(read):
    found, *_ = read("Reward\n1\n", "reward\n2\n")
    [why] = found.bad.values()
    assert "1.csv must have the columns of" in why
    assert "it has no 'Reward', but 'reward'" in why


def test_a_part_that_is_no_table_decides_nothing(read):
    found, held, _ = read("", "reward\n1\n")
    assert held.first.endswith("1.csv")
    [why] = found.bad.values()
    assert "got an empty file" in why


def test_percent_signs_are_everywhere_or_nowhere(read):
    rates = "reward\n50%\n75%\n"
    found, *_ = read(rates, rates, unit="percent")
    assert found.summary.rows == 4
    for other in ("reward\n50\n60\n", "reward\nNA\n50\n"):
        found, *_ = read(rates, other, unit="percent", missing="drop")
        [why] = found.bad.values()
        assert "must have a percent sign, as in" in why
        assert "50" in why
    found, *_ = read("reward\n50\n60\n", rates, unit="percent")
    [why] = found.bad.values()
    assert "row 1 (line 2), column 'reward': must have no percent sign" in why


def test_numbers_may_have_other_types(read):
    frames = [
        pl.DataFrame({"reward": [1.0, 2.0]}),
        pl.DataFrame({"reward": [3, 4]}),
        pl.DataFrame({"reward": ["5", "6.5"]}),
        pl.DataFrame({"reward": [True, False]}),
    ]
    found, *_ = read(*frames)
    assert found.summary.law().rewards.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.5]


@pytest.mark.parametrize("labels", [[1, 2], [1.5, 2.5], [True, False]])
def test_labels_have_one_kind(read, labels):
    text = pl.DataFrame({"reward": [1.0, 2.0], "group": ["1", "2"]})
    found, *_ = read(text, pl.DataFrame({"reward": [1.0, 2.0], "group": labels}))
    [why] = found.bad.values()
    assert "column 'group' must have text, as in" in why
    assert "got numbers" in why


def test_labels_of_which_none_is_there_have_any_kind(read):
    none = pl.DataFrame({"reward": [1.0], "group": [None]})
    some = pl.DataFrame({"reward": [2.0, 3.0], "group": ["a", "b"]})
    found, *_ = read(none, some, missing="drop")
    assert found.summary.names.groups == ("a", "b")


def test_labels_that_cannot_be_written_are_refused_at_once(read):
    dates = pl.DataFrame({"reward": [1.0], "group": [1]}).with_columns(
        pl.col("group").cast(pl.Date)
    )
    with pytest.raises(
        InputError, match="column 'group' must have labels that are text or numbers"
    ):
        read(dates)


def test_lists_are_prompts_of_their_part(tmp_path):
    for number in range(2):
        (tmp_path / f"{number}.jsonl").write_text('{"reward": [0.5, 1.5]}\n{"reward": [2, 3, 4]}\n')
    parts = listed_parts([str(tmp_path)])
    held, notes = held_by_first(parts, Asked())
    assert "each row is a prompt" in notes[0]
    found = summed(parts, held)
    names = found.summary.names.prompts
    assert len(names) == 4
    assert names[3] == f"{parts[1].path}, row 2"
    assert found.summary.law().prompt("row 2" and names[3]).rewards.tolist() == [2.0, 3.0, 4.0]


def test_remarks_are_on_the_first_rows(read):
    _, _, notes = read(*["win_rate\n" + "0.5\n0.25\n0.75\n" * 9] * 2, reward=("win_rate",))
    assert len(notes) == 1
    assert "0.csv: column 'win_rate' looks like probabilities" in notes[0]


def test_nothing_is_counted_by_the_first_look(read):
    found, _, notes = read("reward\n1\n\n".replace("\n\n", "\nnan\n"), missing="drop")
    assert notes == []
    assert found.counts.missing == {"reward": 1}
    assert found.counts.rows == 2
    assert found.counts.candidates == 1


def test_a_part_that_cannot_be_cut_is_read_anew_as_a_whole(read, monkeypatch):
    monkeypatch.setattr(blocks, "BYTES", 200)
    # Later blocks have inch marks that stand alone: where rows end, the number of quotes does not
    # say, and what was read of the blocks before must not count twice.
    rows = [f'{n},"a\nb"' for n in range(60)] + [f'{n},5" or "so' for n in range(60, 100)]
    text = "\n".join(["reward,group", *rows])
    found, *_ = read("reward,group\n1.5,a\n", text)
    assert found.bad == {}
    assert found.summary.rows == found.counts.candidates == 101
    assert sorted(found.summary.law().rewards) == sorted([1.5, *range(100)])
