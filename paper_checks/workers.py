"""Worker processes: none outlives the run, and one that is killed loses its own call alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Generator, Hashable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from typing import Any, TypeVar

from recurate.numerics.files import remove_unfinished

Key = TypeVar("Key", bound=Hashable)

SECONDS_TO_END = 0.3
"""How long workers may take to remove their unfinished files when the run is stopped."""

_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


class WorkerLostError(RuntimeError):
    """The process that computed something was killed."""


def carried_out(
    calls: Mapping[Key, Callable[[], object]], processes: int
) -> Generator[tuple[Key, object]]:
    """Carry out calls in other processes, and yield their keys with what they return, when done.

    When a process is killed, by the system for lack of memory, say, nobody knows which of the calls
    it was busy with. Those that were not done are then carried out one by one, and that of the
    process which is killed again yields a `WorkerLostError`.

    Parameters
    ----------
    calls : mapping
        Calls that can be sent to another process, by their keys.
    processes : int
        Number of worker processes.

    Raises
    ------
    Exception
        What a call raises; the other calls are then given up.
    """
    left = dict(calls)
    with suppress(BrokenProcessPool), _pool(processes) as executor:
        for key, outcome in _completed(executor, left):
            del left[key]
            yield key, outcome
    while left:
        key = next(iter(left))
        try:
            with _pool(1) as executor:
                for key in tuple(left):
                    [(_, outcome)] = _completed(executor, {key: left[key]})
                    del left[key]
                    yield key, outcome
        except BrokenProcessPool:
            del left[key]
            yield key, WorkerLostError("its process was killed, perhaps for lack of memory")


def _completed(
    executor: ProcessPoolExecutor, calls: Mapping[Key, Callable[[], object]]
) -> Iterator[tuple[Key, object]]:
    with warnings.catch_warnings(), _signals_wait():
        # Python warns of locks held by other threads: those of the linear algebra are idle here.
        warnings.simplefilter("ignore", DeprecationWarning)
        futures: dict[Future[object], Key] = {
            executor.submit(call): key for key, call in calls.items()
        }
    for future in as_completed(futures):
        yield futures[future], future.result()


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Yield worker processes; when the block is left before its end, they are killed."""
    # On Linux a worker is a copy of this process: it has what is loaded here, and what was replaced
    # here, such as the curation ratio.
    method = "fork" if sys.platform == "linux" else "spawn"
    before = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context(method),
        initializer=_begin,
        initargs=(os.getpid(),),
    )
    try:
        yield executor
    except BaseException:
        _kill(set(multiprocessing.active_children()) - before)
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()


def _kill(workers: set[Any]) -> None:
    for end in ("terminate", "kill"):
        for worker in workers:
            getattr(worker, end)()
        deadline = time.monotonic() + SECONDS_TO_END
        for worker in workers:
            wait([worker.sentinel], deadline - time.monotonic())


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Let signals wait while workers are started, as they begin with the same handlers."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(parent: int) -> None:
    """Begin a worker: Ctrl-C is the parent's to handle, and the worker ends with the parent."""
    signal.set_wakeup_fd(-1)
    for number in _SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:  # as after nohup
            signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else _end)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    if sys.platform == "linux":
        import ctypes

        ends_with_parent = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(ends_with_parent, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before
            os._exit(1)
    else:
        threading.Thread(target=_end_with_parent, daemon=True).start()


def _end(number: int, frame: object) -> None:
    remove_unfinished()
    os._exit(128 + number)


def _end_with_parent() -> None:
    """Wait for the parent's end; a spawned worker shares no pipe with others that hides it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        remove_unfinished()
        os._exit(1)
