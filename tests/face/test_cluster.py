"""Dask: results do not depend on who computes, workers may die, and a lost cluster says so."""

import os
import sys
import threading
import time
from contextlib import suppress
from functools import partial

import pytest

from recurate import cluster
from recurate.numerics.pieces import WorkerLostError, carried_out, in_order
from recurate.workers import executor
from tests.face.for_workers import entry, killed, killed_at_first, square

dask = pytest.importorskip("dask")
psutil = pytest.importorskip("psutil")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="workers are killed by signals")

ALLOWED_FAILURES = 0
"""How many of a call's workers may die before it is given up, at first: few are to restart."""


def workers():
    """Return the processes that this one has started, and these, and that compute."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "spawn_main" in "".join(process.cmdline()):
                found.append(process)
    return found


@pytest.fixture(scope="module")
def pool():
    """Yield two workers on this machine."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": ALLOWED_FAILURES}),
        executor(workers=2) as made,
    ):
        assert len(workers()) == 2
        yield made
    assert not workers(), "no process is left"


class Counted(list):
    """Counts how often it is sent."""

    sent = 0

    def __reduce__(self):
        Counted.sent += 1
        return list, (list(self),)


def test_two_workers_share_the_calls(pool):
    outcomes = dict(in_order({n: partial(square, n) for n in range(20)}, pool))
    assert list(outcomes) == list(range(20))
    assert [value for _, value in outcomes.values()] == [n * n for n in range(20)]
    assert {pid for pid, _ in outcomes.values()} == {process.pid for process in workers()}
    assert os.getpid() not in {pid for pid, _ in outcomes.values()}


def test_a_shared_value_is_sent_once(pool):
    Counted.sent = 0
    values = Counted(range(100))
    calls = {n: partial(entry, n=n) for n in range(20)}
    outcomes = dict(carried_out(calls, pool, values))
    assert {n: value for n, (_, value) in outcomes.items()} == {n: n for n in range(20)}
    assert Counted.sent == 1


def test_errors_of_calls_are_raised(pool):
    with pytest.raises(ZeroDivisionError):
        list(carried_out({"a": partial(pow, 0, -1)}, pool))


def test_calls_of_a_killed_worker_run_again(pool, tmp_path):
    calls = {n: partial(killed_at_first, str(tmp_path / "killed"), n) for n in range(12)}
    assert list(in_order(calls, pool)) == [(n, n * n) for n in range(12)]
    assert (tmp_path / "killed").exists()


def test_a_call_that_kills_its_workers_is_lost_alone(pool):
    calls = {n: partial(square, n) for n in range(12)} | {"lost": killed}
    outcomes = dict(carried_out(calls, pool))
    lost = outcomes.pop("lost")
    assert isinstance(lost, WorkerLostError)
    assert "killed" in str(lost)
    assert {n: value for n, (_, value) in outcomes.items()} == {n: n * n for n in range(12)}


def test_workers_take_one_call_at_a_time_whatever_their_threads():
    busy, most = 0, 0

    def call():
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        time.sleep(0.02)
        busy -= 1

    own = cluster.software()
    threads = [threading.Thread(target=cluster.carried_out, args=(call, own)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
