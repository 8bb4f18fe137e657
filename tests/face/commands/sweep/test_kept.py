"""What `recurate sweep` has done is kept, and whoever goes on ends in the same bytes."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from recurate.numerics.compression.compressor import LEAST_LAW
from recurate.numerics.locks import held
from recurate.sweeping.kept import UNFINISHED

from ..in_process import recurate, succeeded

STUCK = """
import time
from recurate.__main__ import main
from recurate.sweeping import kept, sweep

kept.SECONDS_BETWEEN = 0.0  # each loop is kept at once
measured = sweep.measured

def stuck(cell, *rest):
    if cell.place.K > 4:
        time.sleep(60)
    return measured(cell, *rest)

sweep.measured = stuck
main()
"""
"""A sweep that does K = 2, 3, 4, and then waits to be killed."""


def test_the_number_of_processes_does_not_matter(here):
    rewards = np.random.default_rng(0).normal(size=LEAST_LAW)  # as many as are compressed
    np.save("large.npy", 3 * rewards)
    line = ("large.npy", "t.csv", "-K", "2,200", "--lam", "1,inf", "--steps", "5")
    for jobs in "123":
        succeeded("sweep", *line, "-o", f"{jobs}.parquet", "--jobs", jobs)
    one, two, three = ((here / f"{jobs}.parquet").read_bytes() for jobs in "123")
    assert one == two == three


def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(here):
    # So few rewards that nothing is shared among threads, which would round in another order.
    (here / "few.csv").write_text("reward\n" + "\n".join(map(str, range(12))))
    line = ("sweep", "few.csv", "-K", "2:9:8", "--lam", "2", "--jobs")
    succeeded(*line, "1", "-o", "whole.csv")
    words = [sys.executable, "-c", STUCK, *line, "2", "-o", "s.csv"]
    folder = here / f"s.csv{UNFINISHED}"
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as running:
        while running.poll() is None and len(list(folder.glob("*.cells"))) < 3:
            time.sleep(0.02)
        running.send_signal(signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    assert not (here / "s.csv").exists()
    done = succeeded(*line, "1", "-o", "s.csv")
    assert done.stderr == "recurate: 3 of 8 loops were done by an earlier run\n"
    assert (here / "s.csv").read_bytes() == (here / "whole.csv").read_bytes()
    assert not folder.exists()


def test_two_runs_do_not_share_what_is_kept(here):
    folder = here / f"s.csv{UNFINISHED}"
    folder.mkdir()
    (folder / "the user's own").write_text("x")
    with ThreadPoolExecutor(1) as other:  # which may not take the lock of this thread again
        lock = held(folder)
        other.submit(lock.__enter__).result()
        done = recurate("sweep", "t.csv", "-o", "s.csv", "--jobs", "1")
        other.submit(lock.__exit__, None, None, None).result()
    assert done.exit_code == 2
    assert "is in use by" in done.stderr
    succeeded("sweep", "t.csv", "-o", "s.csv", "--jobs", "1")
    assert (folder / "the user's own").read_text() == "x"  # which is not removed
    assert sorted(os.listdir(folder)) == ["the user's own"]


def test_what_is_there_stays_when_a_sweep_fails(here, monkeypatch):
    (here / "s.csv").write_text("old")

    def failing(*_):
        raise ArithmeticError("no")

    monkeypatch.setattr("recurate.sweeping.cells.limit_of", failing)
    done = recurate("sweep", "t.csv", "-K", "2,4", "-o", "s.csv", "--jobs", "1")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "recurate: 't.csv', 'bradley-terry', K = 2, λ = inf, scale = 1: no" in done.stderr
    assert (here / "s.csv").read_text() == "old"
    assert not list(here.glob(f"*{UNFINISHED}"))


def test_a_process_that_was_killed_is_told_with_what_to_do(here, monkeypatch):
    def killed(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr("recurate.sweeping.cells.limit_of", killed)
    done = recurate("sweep", "t.csv", "-K", "2,4", "-o", "s.csv", "--jobs", "2")
    assert done.exit_code == 2
    assert "perhaps for lack of memory (and 1 more cells); the others are kept" in done.stderr
