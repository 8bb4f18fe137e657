"""Worker processes: who ends with whom, and what is lost."""

import multiprocessing
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from functools import partial

import pytest

from recurate.numerics.pieces import WorkerLostError, carried_out, in_order
from recurate.numerics.processes import Processes

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
    with Processes(2) as executor:
        outcomes = dict(carried_out(calls, executor))
    lost = outcomes.pop("lost")
    assert isinstance(lost, WorkerLostError)
    assert "killed" in str(lost)
    assert outcomes == {n: n**2 for n in range(20)}


def test_workers_ignore_ctrl_c():
    calls = {n: partial(signal.raise_signal, signal.SIGINT) for n in range(4)}
    with Processes(2) as executor:
        assert dict(carried_out(calls, executor)) == dict.fromkeys(range(4))


def test_errors_of_calls_are_raised():
    with pytest.raises(ZeroDivisionError), Processes(1) as executor:
        list(carried_out({"a": partial(pow, 0, -1)}, executor))
    assert_no_worker_is_left()


def half_sent(folder):
    """Send the beginning of an answer, as a worker does that is killed while it sends."""
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        frame = frame.f_back
    os.write(frame.f_locals["result_queue"]._writer.fileno(), struct.pack("!i", 1000) + b"half")
    (folder / "sent").touch()
    time.sleep(60)


def test_nobody_waits_for_the_rest_of_an_answer(tmp_path):
    # Python waits for its threads at the end: it once did so for ever, after a full disk.
    before = set(threading.enumerate())
    with suppress(KeyError), Processes(2) as executor:
        executor.submit(half_sent, tmp_path)
        others = [executor.submit(time.sleep, 60) for _ in range(20)]
        while not (tmp_path / "sent").exists():
            time.sleep(0.01)
        time.sleep(0.1)  # the thread reads what there is
        for other in others:
            other.cancel()
        raise KeyError
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive()


def test_who_wants_no_more_does_not_wait():
    begin = time.monotonic()
    calls = {"quick": partial(pow, 2, 2), "long": partial(time.sleep, 60)}
    with suppress(KeyError), Processes(2) as executor:
        assert next(carried_out(calls, executor)) == ("quick", 4)
        raise KeyError
    assert time.monotonic() - begin < 30
    assert_no_worker_is_left()


def test_calls_that_are_given_up_raise_nothing_in_a_thread(monkeypatch):
    # In Python 3.11 it raised in seven rounds of eight, on standard error.
    raised = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    calls = {"quick": partial(pow, 2, 2)} | {n: partial(time.sleep, 60) for n in range(9)}
    before = set(threading.enumerate())
    for _ in range(5):
        with (
            suppress(KeyError),
            Processes(2) as executor,
            closing(carried_out(calls, executor)) as outcomes,
        ):
            assert next(outcomes) == ("quick", 4)
            raise KeyError
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert not raised


def test_signals_that_came_meanwhile_are_not_lost(monkeypatch):
    """Signals wait while workers begin: none is lost, and none is blocked afterwards."""
    seen = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: seen.append(number))
    try:
        from recurate.numerics import processes

        with processes._signals_wait():
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
from recurate.numerics.pieces import carried_out
from recurate.numerics.processes import Processes
def slept(n):
    os.write(1, b"%d\\n" % os.getpid())  # at once, so that the two lines do not mix
    time.sleep(60)
with Processes(2) as executor:
    list(carried_out({n: partial(slept, n) for n in range(2)}, executor))
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


def _entry(values, n):
    return values[n]


def test_a_shared_value_is_sent_once():
    class Counted(list):
        pickled = 0

        def __reduce__(self):
            Counted.pickled += 1
            return super().__reduce__()

    calls = {n: partial(_entry, n=n) for n in range(10)}
    with Processes(2) as executor:
        assert list(in_order(calls, executor, Counted(range(10)))) == [(n, n) for n in range(10)]
    assert Counted.pickled == 0  # a copy of this process has it
