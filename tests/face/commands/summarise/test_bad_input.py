"""`recurate summarise` names the part that is bad, and refuses at once what has no law."""

import polars as pl
import pytest

from ..in_process import recurate, refused
from .tables import ALONE, law_of


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("score,group\n1,a\n", "must have the columns of"),
        ("reward,group,weight\n1,a,-1\n", "must be a weight of at least 0"),
        ("reward,group,weight\n50%,a,1\n", "must have no percent sign, as in"),
        ("", "got an empty file"),
    ],
)
def test_a_part_that_is_unlike_the_first_is_bad(parts, part, message):
    (parts / "part-9.csv").write_text(part)
    done = recurate("summarise", parts, "-o", parts.parent / "law.npz", *ALONE)
    assert done.exit_code == 2
    assert message in done.stderr
    assert "part-9.csv" in done.stderr


def test_labels_of_another_kind_are_bad(tmp_path):
    for name, labels in (("1", ["1", "2"]), ("2", [1, 2])):
        pl.DataFrame({"reward": [0.5, 1.5], "group": labels}).write_parquet(
            tmp_path / f"{name}.parquet"
        )
    done = recurate("summarise", tmp_path, "-o", tmp_path / "law.npz", *ALONE)
    assert done.exit_code == 2
    assert "column 'group' must have text, as in" in done.stderr


def test_parts_without_rows_are_parts(tmp_path):
    (tmp_path / "1.csv").write_text("reward,group\n")
    (tmp_path / "2.csv").write_text("reward,group\n0.5,a\n1.5,b\n")
    done = recurate("summarise", tmp_path, "-o", tmp_path / "law.npz", *ALONE)
    assert "2 rewards in 2 parts" in done.stdout
    (tmp_path / "2.csv").write_text("reward,group\n")
    refused(
        "summarise", tmp_path / "*.csv", "-o", tmp_path / "law.npz", *ALONE, message="got none in 2"
    )


def test_the_law_is_no_part_of_itself(parts):
    law_of(parts, out="data/law.npz")
    refused("summarise", parts, "-o", parts / "law.npz", message="-o must be two files; got")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--rater-column", "length", "--group-column", "group"), "--rater-column takes rows of"),
        (("--raters", "voters", "--reward-column", "reward"), "--raters voters needs"),
        (("--reward-column", "score"), "--reward-column must name a column"),
        (("--jobs", "1", "--workers", "2"), "only one of --jobs, --workers, --scheduler"),
    ],
)
def test_what_cannot_be_summarised_is_refused_at_once(parts, reads, options, message):
    done = recurate("summarise", parts, "-o", parts.parent / "law.npz", *options)
    assert done.exit_code == 2
    assert message in done.stderr
    assert not reads


@pytest.mark.parametrize("out", ["-", "/dev/null", ".", "no/folder/law.npz"])
def test_the_output_is_a_file_that_can_be_written(parts, reads, out, monkeypatch):
    monkeypatch.chdir(parts.parent)
    done = recurate("summarise", parts, "-o", out, *ALONE)
    assert done.exit_code == 2
    assert done.stderr.startswith("recurate: ")
    assert not reads
