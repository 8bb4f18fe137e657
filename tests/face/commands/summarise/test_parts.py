"""`recurate summarise` makes of parts what the whole table says, whoever reads them."""

import contextlib
from pathlib import Path

import fsspec
import numpy as np
import polars as pl
import pytest

from recurate.reading.formats import blocks, columnar

from ..in_process import document, recurate, succeeded
from .tables import ALONE, LOOP, ROWS, figures, frame, in_parts, law_of, sums, written


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
@pytest.mark.parametrize(
    "options",
    [
        ("--follow", "length"),
        ("--follow", "length", "--weight-column", "reward", "--reward-column", "weight"),
        ("--scale", "0.5", "--where", "\"group\" <> 'b'"),
        ("--prompt-column", "question", "--follow", "length"),
        ("--prompt-column", "question", "--prompt-weights", "equal"),
        ("--reward-is", "elo", "--reward-column", "length", "--sentinel", "50"),
    ],
    ids=["weights", "columns", "where", "prompts", "equal prompts", "units"],
)
def test_a_law_of_parts_answers_as_the_whole_table(tmp_path, monkeypatch, suffix, options):
    # Parts are read in several batches, and the one with prompts is small: it is not compressed.
    monkeypatch.setattr(blocks, "BYTES", 2**18)
    monkeypatch.setattr(columnar, "ROWS_OF_TEXT", 7_000)
    table = frame(ROWS if "question" not in options else 5_000, prompts=40)
    if "weight" in options:
        table = table.with_columns(pl.col("reward").abs())
    whole = in_parts(table, tmp_path, suffix)
    law = tmp_path / "law.npz"
    succeeded("summarise", tmp_path / "data", "-o", law, *options, *ALONE)
    assert not law.with_name("law.npz.parts").exists()
    expected = document("predict", whole, *options, *LOOP)
    found = document("predict", law, *LOOP)
    scale = max(1.0, np.abs(figures(expected)).max())
    np.testing.assert_allclose(figures(found), figures(expected), rtol=0, atol=1e-10 * scale)
    for name in ("rewards", "reward_is", "scale", "reward_unit_column", "prompts"):
        assert found["parameters"][name] == expected["parameters"][name]


def test_the_order_of_parts_and_who_reads_them_do_not_matter(parts):
    law = law_of(parts)
    names = sorted(parts.iterdir())
    other = parts.parent / "other.npz"
    succeeded("summarise", *names[::-1], names[2], "-o", other, *ALONE)
    assert sums(other) == sums(parts.parent / "law.npz")
    assert law_of(parts, jobs=2) == law


def test_what_is_left_out_is_said_once_and_of_all(tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.csv").write_text("reward,length\n-1,5\n0.5,\n,7\nnan,1\n1,2\n")
    done = recurate(
        "summarise", tmp_path / "*.csv", "-o", tmp_path / "law.npz", *ALONE,
        "--missing", "drop", "--sentinel", "-1", "--follow", "length",
    )  # fmt: skip
    said = done.stderr.splitlines()
    assert len(said) == 3
    assert said[0].endswith(
        "3 of 15 rows are left out: their reward is '-1', which stands for none"
    )
    assert said[1].endswith("6 of 15 rows are left out: column 'reward' has no value")
    assert said[2].endswith(
        "column 'length' has no value in 3 of 6 rows; its mean is over the others"
    )


def test_remarks_are_made_once(tmp_path):
    rng = np.random.default_rng(0)
    for number in range(3):
        rewards = pl.DataFrame({"win_rate": rng.uniform(size=50), "question": range(50)})
        written(rewards, tmp_path / f"{number}.csv")
    done = recurate(
        "summarise", tmp_path / "*.csv", "-o", tmp_path / "law.npz", *ALONE,
        "--reward-column", "win_rate",
    )  # fmt: skip
    said = [line for line in done.stderr.splitlines() if "looks like probabilities" in line]
    assert len(said) == 1


def test_parts_of_other_stores(tmp_path):
    store = fsspec.filesystem("memory")
    table = frame(500)
    for number in range(2):
        store.pipe(f"/s/{number}.csv", table[number::2].write_csv().encode())
        written(table[number::2], tmp_path / f"{number}.csv")
    for given in ("memory://s/*.csv", f"file://{tmp_path}/*.csv"):
        done = recurate("summarise", given, "-o", tmp_path / f"{given[:4]}.npz", *ALONE)
        assert done.exit_code == 0, done.stderr
    assert sums(tmp_path / "memo.npz") == sums(tmp_path / "file.npz")
    store.pipe("/s/1.csv", b"reward,group,weight,length\nhigh,a,1,2\n")
    done = recurate("summarise", "memory://s/*.csv", "-o", tmp_path / "law.npz", *ALONE)
    assert "memory:///s/1.csv, row 1 (line 2), column 'reward'" in done.stderr
    store.rm("/s", recursive=True)


HOSTILE = ("a b.csv", "'quoted'.csv", "-o.csv", "*.csv", "\x1b[31m.csv", "ü\n.csv", "\udcff.csv")


def test_hostile_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = 0
    for name in HOSTILE:
        with contextlib.suppress(OSError):
            Path(name).write_text("reward\n0.5\n1.5\n")
            made += 1
    done = succeeded("summarise", "-o", "law.npz", *ALONE, "--", *HOSTILE[:made])
    assert f"{2 * made} rewards in {made} parts" in done.stdout.replace("\n", " ")
    assert "\x1b" not in done.stdout


def test_prompts_with_one_answer_have_one_row(tmp_path):
    # Of each score, an answer has an atom of its own.
    table = frame(50, prompts=40).with_columns(pl.col("length").alias("tokens"))
    written(table, tmp_path / "whole.csv")
    options = ("--prompt-column", "question", "--follow", "length", "--follow", "tokens")
    law = tmp_path / "law.npz"
    succeeded("summarise", tmp_path / "whole.csv", "-o", law, *options)
    ours, theirs = (
        document("predict", law, *LOOP),
        document("predict", tmp_path / "whole.csv", *options, *LOOP),
    )
    assert ours["parameters"]["prompts"] == theirs["parameters"]["prompts"]
    assert ours["parameters"]["prompts"]["with_one_answer"] > 5


def test_the_best_reward_is_said_in_its_unit(tmp_path):
    table = frame(100)
    written(table, tmp_path / "whole.csv")
    options = ("--scale", "2", "--follow", "length")
    law = tmp_path / "law.npz"
    said = recurate("summarise", tmp_path / "whole.csv", "-o", law, *options).stdout
    best = table["reward"].max()
    assert f"best {2 * best:.4f} (reward {best:.4f})" in " ".join(said.split())
