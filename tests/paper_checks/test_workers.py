"""Worker processes: who ends with whom, and what is lost."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from recurate.paper_checks.workers import WorkerLostError, carried_out

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are copies there alone")


def assert_no_worker_is_left():
    deadline = time.monotonic() + 10
    while multiprocessing.active_children() and time.monotonic() < deadline:
        time.sleep(0.01)  # they are dead: a thread of the executor takes note of it
    assert not multiprocessing.active_children()


def killed(number):
    os.kill(os.getpid(), number)
    time.sleep(60)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_worker_loses_its_own_call_alone(number):
    calls = {n: partial(pow, n, 2) for n in range(20)} | {"lost": partial(killed, number)}
    outcomes = dict(carried_out(calls, 2))
    lost = outcomes.pop("lost")
    assert isinstance(lost, WorkerLostError)
    assert "killed" in str(lost)
    assert outcomes == {n: n**2 for n in range(20)}


def test_workers_ignore_ctrl_c():
    calls = {n: partial(signal.raise_signal, signal.SIGINT) for n in range(4)}
    assert dict(carried_out(calls, 2)) == dict.fromkeys(range(4))


def test_errors_of_calls_are_raised():
    with pytest.raises(ZeroDivisionError):
        list(carried_out({"a": partial(pow, 0, -1)}, 1))
    assert_no_worker_is_left()


def test_who_wants_no_more_does_not_wait():
    begin = time.monotonic()
    outcomes = carried_out({"quick": partial(pow, 2, 2), "long": partial(time.sleep, 60)}, 2)
    assert next(outcomes) == ("quick", 4)
    outcomes.close()
    assert time.monotonic() - begin < 30
    assert_no_worker_is_left()


def test_signals_that_came_meanwhile_are_not_lost(monkeypatch):
    """Signals wait while workers begin: none is lost, and none is blocked afterwards."""
    seen = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: seen.append(number))
    try:
        from recurate.paper_checks import workers

        with workers._signals_wait():
            signal.raise_signal(signal.SIGTERM)
            assert not seen
        assert seen == [signal.SIGTERM]
        assert signal.SIGTERM not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
    finally:
        signal.signal(signal.SIGTERM, before)


def test_workers_end_when_the_parent_is_killed():
    code = """
import os, time
from functools import partial
from recurate.paper_checks.workers import carried_out
def slept(n):
    os.write(1, b"%d\\n" % os.getpid())  # at once, so that the two lines do not mix
    time.sleep(60)
list(carried_out({n: partial(slept, n) for n in range(2)}, 2))
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        workers = [int(process.stdout.readline()) for _ in range(2)]
        assert all(map(is_alive, workers))
        process.kill()
    deadline = time.monotonic() + 10
    while any(map(is_alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(is_alive, workers))


def is_alive(number):
    try:
        with open(f"/proc/{number}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
