"""Worker processes: none outlives the run, and one that is killed loses its own call alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any, Literal, NamedTuple, TypeVar

from recurate.numerics.files import remove_unfinished

T = TypeVar("T")

SECONDS_TO_END = 0.3
"""How long workers may take to remove their unfinished files when the run is stopped."""

_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


_SCATTERED: list[object] = []
"""Values that were sent ahead, in the worker processes that have them."""


class _Scattered(NamedTuple):
    """What stands for such a value among the arguments of a call."""

    place: int


class Processes(Executor):
    """Worker processes on this machine, which begin at the first call.

    When the block of a ``with`` statement is left by an exception, they are killed.

    Parameters
    ----------
    number : int
        Number of processes.
    forks : bool
        Whether they may be copies of this process, as on Linux: not if this one has threads that
        the calls would wait for, as those of polars are.
    """

    def __init__(self, number: int, *, forks: bool = True) -> None:
        self.width, self._forks = number, forks
        self.ahead = 4 * number  # none waits for this process, and few share a lost one's fate
        self._pool: ProcessPoolExecutor | None = None
        self._others: set[Any] = set()
        self._scattered: list[object] = []

    def scattered(self, value: object) -> object:
        """Send a value ahead to all processes, and return what stands for it."""
        self.renewed()  # on Linux new ones have it without its being copied
        self._scattered.append(value)
        return _Scattered(len(self._scattered) - 1)

    def renewed(self) -> None:
        """Kill the processes; others take their place at the next call."""
        if self._pool is None:
            return
        pool: Any = self._pool  # what it has for itself is looked at
        self._pool = None
        answers = pool._result_queue
        pool.shutdown(wait=False, cancel_futures=True)
        # The pool's thread is to take note of it: else it finds the processes dead, and fails at
        # telling so to calls that were given up.
        deadline = time.monotonic() + SECONDS_TO_END
        while pool._cancel_pending_futures and time.monotonic() < deadline:
            time.sleep(0.001)
        if pool._cancel_pending_futures:  # it waits for the rest of what a process was sending
            for number, item in list(pool._pending_work_items.items()):
                if item.future.cancel():
                    del pool._pending_work_items[number]
        _kill(set(multiprocessing.active_children()) - self._others)
        # Python waits for it at the end. Now that nobody is left who could send that rest, it ends:
        # this process was the last.
        answers._writer.close()

    def submit(self, call: Callable[..., T], /, *args: Any, **named: Any) -> Future[T]:
        """Let a process carry out a call."""
        with warnings.catch_warnings(), _signals_wait():
            # Python warns of locks held by other threads: those of the linear algebra are idle.
            warnings.simplefilter("ignore", DeprecationWarning)
            if self._pool is None:
                self._pool = self._begun()
            return self._pool.submit(_called, call, args, named)

    def _begun(self) -> ProcessPoolExecutor:
        # On Linux a worker is a copy of this process: it has what is loaded here, and what was
        # replaced here, such as the curation ratio.
        method = "fork" if sys.platform == "linux" and self._forks else "spawn"
        self._others = set(multiprocessing.active_children())
        return ProcessPoolExecutor(
            self.width,
            mp_context=multiprocessing.get_context(method),
            initializer=_begin,
            initargs=(os.getpid(), self._scattered),
        )

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes when they have done what they were given, or at once."""
        if not wait:
            self.renewed()
        elif self._pool is not None:
            self._pool.shutdown(cancel_futures=cancel_futures)
            self._pool = None

    def __exit__(self, kind: object, *error: object) -> Literal[False]:
        """End the processes: at once if an exception leaves the block."""
        self.shutdown(wait=kind is None)
        return False


def _called(call: Callable[..., T], args: tuple[Any, ...], named: dict[str, Any]) -> T:
    return call(*(_SCATTERED[a.place] if isinstance(a, _Scattered) else a for a in args), **named)


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


def _begin(parent: int, scattered: list[object]) -> None:
    """Begin a worker: Ctrl-C is the parent's to handle, and the worker ends with the parent."""
    _SCATTERED[:] = scattered
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
