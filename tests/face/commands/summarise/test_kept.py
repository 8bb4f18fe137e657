"""What `recurate summarise` has read is kept: a run that was stopped reads only what is missing."""

import os
import signal
import subprocess
import sys
import time

import polars as pl
import pytest

from ..in_process import recurate, succeeded
from .tables import ALONE, law_of, sums, written


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
    done = succeeded("summarise", parts / "*.csv", "-o", law, *ALONE)
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
    done = succeeded("summarise", stopped, "-o", stopped.parent / "law.npz", *ALONE, "--skip-bad")
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
