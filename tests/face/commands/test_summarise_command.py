"""`recurate summarise`, run as a user does; and the laws that it writes, in other commands."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import fsspec
import numpy as np
import polars as pl
import pytest

from recurate.numerics.compression import lattice
from recurate.numerics.compression.summary import Summary
from recurate.reading.formats import blocks, columnar
from recurate.reading.parts import summing
from tests.face.commands.in_process import document, recurate, refused

ROWS = 60_000
"""More than are kept as they are: most are summed in bins."""

ALONE = ("--jobs", "1")
LOOP = ("--bands", "0", "--steps", "6", "--lam", "2")


def frame(rows=ROWS, prompts=0, seed=0):
    rng = np.random.default_rng(seed)
    reward = rng.normal(size=rows)
    columns = {
        "reward": reward,
        "group": rng.choice(["a", "b", "c c"], rows),
        "weight": rng.uniform(0.5, 2.0, rows),
        "length": rng.poisson(50 + 10 * reward).astype(float),
    }
    if prompts:
        columns["question"] = rng.integers(prompts, size=rows)
    return pl.DataFrame(columns)


def written(table, path):
    match path.suffix:
        case ".csv":
            table.write_csv(path)
        case ".parquet":
            table.write_parquet(path)
        case ".jsonl":
            table.write_ndjson(path)


def in_parts(table, folder, suffix, parts=5):
    """Write a table in parts of unlike sizes, and whole; return the file of the whole."""
    (folder / "data").mkdir()
    ends = np.linspace(0, 1, parts + 1) ** 2 * table.height
    for number, (start, end) in enumerate(pairwise(ends)):
        part = table[int(start) : int(end)]
        written(part, folder / "data" / f"part-{number:03}{suffix}")
    written(table, folder / f"whole{suffix}")
    return folder / f"whole{suffix}"


def figures(found):
    """Return all figures of a prediction."""
    trajectory = found["trajectory"]
    names = ("group_proportions", "expected_scores", "expected_reward", "kl_to_reference")
    return np.concatenate([np.ravel(trajectory[name]) for name in names])


def test_rows_are_counted_and_not_the_atoms_of_the_law(tmp_path):
    whole = in_parts(frame(), tmp_path, ".parquet")
    law = tmp_path / "law.npz"
    assert recurate("summarise", tmp_path / "data", "-o", law, *ALONE).exit_code == 0
    with_rows, of_law = (document("predict", one, *LOOP)["uncertainty"] for one in (whole, law))
    # The same rows carry both, to the digits that sums of squares in narrow bins have.
    sizes = np.array(with_rows["effective_sample_size"])
    np.testing.assert_allclose(of_law["effective_sample_size"], sizes, rtol=1e-6)
    assert of_law["trusted_until"] == with_rows["trusted_until"]
    shown = recurate("predict", law, *LOOP).stdout
    assert "of 60,000 rows (effective sample size)" in shown


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
    done = recurate("summarise", tmp_path / "data", "-o", law, *options, *ALONE)
    assert done.exit_code == 0, done.stderr
    assert not law.with_name("law.npz.parts").exists()
    expected = document("predict", whole, *options, *LOOP)
    found = document("predict", law, *LOOP)
    scale = max(1.0, np.abs(figures(expected)).max())
    np.testing.assert_allclose(figures(found), figures(expected), rtol=0, atol=1e-10 * scale)
    for name in ("rewards", "reward_is", "scale", "reward_unit_column", "prompts"):
        assert found["parameters"][name] == expected["parameters"][name]


@pytest.fixture
def parts(tmp_path):
    """Write a table in seven parts of CSV; return their folder."""
    in_parts(frame(7_000), tmp_path, ".csv", parts=7)
    return tmp_path / "data"


def law_of(parts, *options, out="law.npz", jobs=1):
    """Summarise parts, and return the bytes of the law."""
    out = parts.parent / out
    done = recurate("summarise", parts, "-o", out, "--jobs", jobs, *options)
    assert done.exit_code == 0, done.stderr
    return out.read_bytes()


def sums(law):
    """Return the bytes of the arrays in a law: all but how its parts were named."""
    with np.load(law) as archive:
        return {name: archive[name].tobytes() for name in archive.files if name != "about.json"}


def test_the_order_of_parts_and_who_reads_them_do_not_matter(parts):
    law = law_of(parts)
    names = sorted(parts.iterdir())
    other = parts.parent / "other.npz"
    done = recurate("summarise", *names[::-1], names[2], "-o", other, *ALONE)
    assert done.exit_code == 0
    assert sums(other) == sums(parts.parent / "law.npz")
    assert law_of(parts, jobs=2) == law


@pytest.fixture
def reads(monkeypatch):
    """Return a list to which the names of parts come as they are read."""
    names = []
    real = summing._add

    def noted(builder, part, *args, **kwargs):
        names.append(Path(part.path).name)
        return real(builder, part, *args, **kwargs)

    monkeypatch.setattr(summing, "_add", noted)
    return names


def names_of(numbers):
    return [f"part-{number:03}.csv" for number in numbers]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="it stops at a pipe")
def test_a_killed_run_goes_on_where_it_was(parts, reads):
    law_of(parts, out="expected.npz")
    reads.clear()
    last = parts / "part-006.csv"
    content = last.read_bytes()
    last.unlink()
    os.mkfifo(last)  # nobody writes to it: there the run waits
    law = parts.parent / "law.npz"
    # By a pattern, since of a folder only files are taken.
    command = ["-m", "recurate", "summarise", parts / "*.csv", "-o", law, *ALONE]
    process = subprocess.Popen([sys.executable, *map(str, command)])
    folder = parts.parent / "law.npz.parts"
    while not (folder.exists() and len(list(folder.glob("*.npz"))) == 6):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    last.unlink()
    last.write_bytes(content)
    assert not law.exists()
    done = recurate("summarise", parts / "*.csv", "-o", law, *ALONE)
    assert done.exit_code == 0
    assert "6 of 7 parts were read before" in done.stderr
    assert reads == names_of([6])
    assert sums(law) == sums(parts.parent / "expected.npz")
    assert not folder.exists()


@pytest.fixture
def stopped(parts, reads):
    """Return the folder of parts of which the fourth is bad, so that the others are kept."""
    path = parts / "part-003.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:20], lines[20].replace(",", ",x", 1), *lines[21:]]))
    path.write_text(path.read_text().replace(lines[20].split(",")[0] + ",x", "much,", 1))
    done = recurate("summarise", parts, "-o", parts.parent / "law.npz", *ALONE)
    assert (done.exit_code, done.stdout) == (2, "")
    *_, said, last = done.stderr.splitlines()
    assert "part-003.csv, row 20 (line 21), column 'reward': must be a finite number" in said
    assert "1 part of 7 cannot be read, and no law is written" in last
    assert "law.npz.parts" in last
    assert "--skip-bad" in last
    assert not (parts.parent / "law.npz").exists()
    assert reads == names_of(range(7))
    reads.clear()
    return parts


def test_a_bad_part_is_named_and_loses_nothing(stopped, reads):
    table = pl.read_csv(stopped.parent / "whole.csv")
    size = [pl.read_csv(stopped / name).height for name in names_of(range(3))]
    end = sum(size) + pl.read_csv(stopped / "part-003.csv").height
    written(table[sum(size) : end], stopped / "part-003.csv")
    law = law_of(stopped)
    assert reads == names_of([3])
    assert law == law_of(stopped, out="other.npz")


def test_bad_parts_may_be_left_out(stopped, reads):
    done = recurate("summarise", stopped, "-o", stopped.parent / "law.npz", *ALONE, "--skip-bad")
    assert done.exit_code == 0
    assert "1 part of 7 left out" in done.stderr
    assert reads == names_of([3])
    assert "rewards in 6 parts" in done.stdout
    (stopped / "part-003.csv").unlink()
    law_of(stopped, out="without.npz")
    assert sums(stopped.parent / "law.npz") == sums(stopped.parent / "without.npz")


def test_a_part_that_has_changed_is_read_again(stopped, reads):
    table = pl.read_csv(stopped / "part-001.csv")
    written(table[1:], stopped / "part-001.csv")
    recurate("summarise", stopped, "-o", stopped.parent / "law.npz", *ALONE)
    assert reads == names_of([1, 3])


@pytest.mark.parametrize("options", [("--fresh",), ("--scale", "2"), ("--where", "weight > 1")])
def test_other_options_read_all_again(stopped, reads, options):
    recurate("summarise", stopped, "-o", stopped.parent / "law.npz", *ALONE, *options)
    assert reads == names_of(range(7))


def test_what_is_kept_is_whole_or_of_no_use(stopped, reads):
    first, second, *_ = sorted((stopped.parent / "law.npz.parts").iterdir())
    first.write_bytes(first.read_bytes()[:-300])
    content = bytearray(second.read_bytes())
    content[len(content) // 2] ^= 1
    second.write_bytes(content)
    recurate("summarise", stopped, "-o", stopped.parent / "law.npz", *ALONE)
    assert len(reads) == 3  # the bad part too


def test_what_others_keep_in_the_folder_stays(stopped):
    theirs = stopped.parent / "law.npz.parts" / "notes.npz"
    theirs.write_bytes(b"theirs")
    recurate("summarise", stopped, "-o", stopped.parent / "law.npz", *ALONE, "--skip-bad")
    assert [path.name for path in theirs.parent.iterdir()] == ["notes.npz"]


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
    done = recurate("summarise", "-o", "law.npz", *ALONE, "--", *HOSTILE[:made])
    assert done.exit_code == 0, done.stderr
    assert f"{2 * made} rewards in {made} parts" in done.stdout.replace("\n", " ")
    assert "\x1b" not in done.stdout


def test_the_law_is_no_part_of_itself(parts):
    law_of(parts, out="data/law.npz")
    refused("summarise", parts, "-o", parts / "law.npz", message="-o must be two files; got")


@pytest.fixture
def law(parts):
    law_of(parts, "--follow", "length")
    return parts.parent / "law.npz"


@pytest.mark.parametrize(
    "command",
    [
        ("predict", "--bands", "20"),
        ("fixed-point", "--lam", "0.5"),
        ("choose", "-K", "4", "--max-kl", "0.5", "--bands", "20"),
        ("simulate", "--generated", "500", "--replicates", "4", "--steps", "2"),
    ],
    ids=lambda command: command[0],
)
def test_commands_that_take_a_table_take_a_law(law, command):
    done = recurate(*command, law)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("law.npz: 7,000 rewards in 7 parts (")
    shown = document(*command, law)
    assert shown["parameters"]["rewards"] == 7_000
    assert shown["parameters"]["source"] == "law.npz"


@pytest.mark.parametrize(
    "command", [("votes",), ("calibrate",), ("predict", "--votes"), ("summarise", "-o", "x.npz")]
)
def test_commands_that_need_rows_say_so(law, command):
    done = recurate(*command, law)
    assert done.exit_code == 2
    assert "is a law that recurate summarise wrote, and has no rows" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--reward-column", "reward"), "--reward-column is about a table's rows"),
        (("--where", "group = 'a'"), "give --where to recurate summarise"),
        (("--prompt-column", "q"), "give --prompt-column to recurate summarise"),
        (("--sentinel", "-1"), "give --sentinel to recurate summarise"),
        (("--reward-is", "elo"), "give --reward-is to recurate summarise"),
        (("--scale", "2"), "give --scale to recurate summarise"),
        (("--missing", "drop"), "give --missing to recurate summarise"),
        (("--follow", "weight"), "must name a column that law.npz follows ('length')"),
        (("--prompt-weights", "equal"), "--prompt-weights equal needs prompts"),
        (("--shares", "0.5,0.5"), "voters need each row's rewards by all of them"),
        (("--raters", "voters"), "voters need each row's rewards by all of them"),
        (("--rows", "sampled"), "--rows sampled is about the rows of a prompt"),
    ],
)
def test_what_a_law_cannot_tell_is_said(law, options, message):
    refused("predict", law, *options, message=message)


def test_a_rule_by_another_column_needs_rows(law, tmp_path):
    (tmp_path / "loop.toml").write_text('[rule]\nkind = "bradley-terry"\nK = 4\nby = "length"\n')
    done = recurate("predict", law, "--loop", tmp_path / "loop.toml")
    assert done.exit_code == 2
    assert "a rule that goes by column 'length' needs rows" in done.stderr


def test_a_damaged_law_is_refused(law):
    content = bytearray(law.read_bytes())
    content[len(content) // 2] ^= 1
    law.write_bytes(content)
    refused("predict", law, message="law.npz must be a law of recurate summarise")


def test_a_summary_of_python_is_a_law_too(tmp_path):
    Summary.of(np.arange(100.0)).to_npz(tmp_path / "law.npz")
    done = recurate("predict", tmp_path / "law.npz", "--bands", "0", "--steps", "1")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("law.npz: 100 rewards, best 99.0000\n")


def test_what_bins_change_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(lattice, "KEPT_TOP", 100)
    rewards = np.random.default_rng(0).normal(size=5000)
    Summary.of(rewards, bins=1024).to_npz(tmp_path / "law.npz")
    pl.DataFrame({"reward": rewards}).write_parquet(tmp_path / "whole.parquet")
    loop = ("--choice", "best", "-K", "4", "--lam", "1", "--steps", "4", "--bands", "0")
    ours, theirs = (document("predict", tmp_path / f, *loop) for f in ("law.npz", "whole.parquet"))
    error = np.abs(figures(ours) - figures(theirs)).max()
    assert 1e-10 < error < ours["uncertainty"]["error_of_bins"] < 30 * error
    assert "error_of_bins" not in theirs["uncertainty"]
    said = recurate("predict", tmp_path / "law.npz", *loop).stdout
    number = f"{ours['uncertainty']['error_of_bins']:.0e}"
    assert f"the law's bins may change the figures up to t = 4 by {number}" in said
    loop = ("--steps", "4", "--bands", "0")
    assert document("predict", tmp_path / "law.npz", *loop)["uncertainty"]["error_of_bins"] < 1e-10
    assert "the law's bins" not in recurate("predict", tmp_path / "law.npz", *loop).stdout


def test_prompts_with_one_answer_have_one_row(tmp_path):
    # Of each score, an answer has an atom of its own.
    table = frame(50, prompts=40).with_columns(pl.col("length").alias("tokens"))
    written(table, tmp_path / "whole.csv")
    options = ("--prompt-column", "question", "--follow", "length", "--follow", "tokens")
    law = tmp_path / "law.npz"
    assert recurate("summarise", tmp_path / "whole.csv", "-o", law, *options).exit_code == 0
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
