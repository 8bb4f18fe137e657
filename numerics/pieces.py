"""Independent calls, carried out here or by an executor of any kind, and what came of each.

Whoever computes many pieces takes an executor and knows nothing of processes and clusters. As what
a piece computes depends on its own arguments and seed alone, results are the same bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from contextlib import closing
from typing import Any, TypeVar

Key = TypeVar("Key", bound=Hashable)
Outcome = TypeVar("Outcome")


class WorkerLostError(RuntimeError):
    """The process that computed something was killed."""


class ExecutorLostError(ConnectionError):
    """All that computes is gone, or cannot be reached; what was done is known to be done."""


def carried_out(
    calls: Mapping[Key, Callable[..., Outcome]],
    executor: Executor | None = None,
    *shared: object,
) -> Generator[tuple[Key, Outcome | WorkerLostError]]:
    """Carry out calls, and yield their keys with what they return, as they are done.

    When a process is killed, by the system for lack of memory, say, nobody may know which of the
    calls it was busy with. Those that were not done are then carried out one by one, and that of
    the process which is killed again yields a `WorkerLostError`.

    Close it (`contextlib.closing`) to give up the calls that have not begun.

    Parameters
    ----------
    calls : mapping
        Calls that can be sent to another process, by their keys.
    executor : concurrent.futures.Executor, optional
        What carries them out; without it they are, one after another, here and now. It may have
        two more methods: `renewed`, after a process was lost, and `scattered`, which sends a value
        ahead to all processes and returns what stands for it among the arguments of `submit`.
    *shared
        Arguments that all calls are given; however large they are, they are sent only once.

    Raises
    ------
    ExecutorLostError
        If nothing is left that could carry out the calls.
    Exception
        What a call raises; the other calls are then given up.

    Examples
    --------
    >>> from functools import partial
    >>> dict(carried_out({n: partial(pow, n, 2) for n in (3, 4)}))
    {3: 9, 4: 16}
    """
    if executor is None:
        for key, call in calls.items():
            yield key, call(*shared)
        return
    scattered = getattr(executor, "scattered", lambda value: value)
    sent = [scattered(value) for value in shared]
    left = dict(calls)
    try:
        yield from _completed(executor, left, sent)
    except BrokenExecutor:
        yield from _one_by_one(executor, left, sent)


def in_order(
    calls: Mapping[Key, Callable[..., Outcome]],
    executor: Executor | None = None,
    *shared: object,
) -> Generator[tuple[Key, Outcome | WorkerLostError]]:
    """Carry out calls as `carried_out` does, and yield what comes of them in the calls' order."""
    came: dict[Key, Outcome | WorkerLostError] = {}
    with closing(carried_out(calls, executor, *shared)) as outcomes:
        for key in calls:
            while key not in came:
                done, outcome = next(outcomes)
                came[done] = outcome
            yield key, came.pop(key)


def _completed(
    executor: Executor, left: dict[Key, Callable[..., Outcome]], sent: list[Any]
) -> Iterator[tuple[Key, Outcome | WorkerLostError]]:
    """Yield what comes of all calls, which are then removed from those that are left."""
    futures: dict[Future[Outcome], Key] = {}
    try:
        for key, call in left.items():
            futures[executor.submit(call, *sent)] = key
        for future in as_completed(tuple(futures)):
            key = futures.pop(future)
            outcome = _outcome(future)
            del left[key]
            yield key, outcome
    finally:
        for future in futures:
            future.cancel()


def _one_by_one(
    executor: Executor, left: dict[Key, Callable[..., Outcome]], sent: list[Any]
) -> Iterator[tuple[Key, Outcome | WorkerLostError]]:
    renewed = getattr(executor, "renewed", lambda: None)
    renewed()
    for key, call in left.items():
        try:
            outcome = _outcome(executor.submit(call, *sent))
        except BrokenExecutor:
            outcome = WorkerLostError("its process was killed, perhaps for lack of memory")
            renewed()
        yield key, outcome


def _outcome(future: Future[Outcome]) -> Outcome | WorkerLostError:
    try:
        return future.result()
    except WorkerLostError as lost:
        return lost
