"""Independent calls, carried out here or by an executor of any kind, and what came of each.

Whoever computes many pieces takes an executor and knows nothing of processes and clusters. As what
a piece computes depends on its own arguments and seed alone, results are the same bit for bit.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import closing
from itertools import islice
from queue import SimpleQueue
from typing import Any, NamedTuple, TypeVar

Key = TypeVar("Key", bound=Hashable)
Outcome = TypeVar("Outcome")
Calls = Mapping[Key, Callable[..., Outcome]] | Iterable[tuple[Key, Callable[..., Outcome]]]


class WorkerLostError(ChildProcessError):
    """The process that computed something was killed."""


class ExecutorLostError(ConnectionError):
    """All that computes is gone, or is not what it was.

    Attributes
    ----------
    so_far : object
        What was found before, where whoever asked for the calls can say so.
    """

    so_far: object = None


class Sent(NamedTuple):
    """What stands for a value that all processes have, or fetch; see `sent`."""

    token: Any


def sent(value: object, executor: Executor | None) -> object:
    """Send a value ahead, for several uses of `carried_out` that share it."""
    return value if executor is None else Sent(_scattered(value, executor))


def carried_out(
    calls: Calls[Key, Outcome],
    executor: Executor | None = None,
    *shared: object,
    ahead: Callable[[], int] | None = None,
) -> Generator[tuple[Key, Outcome | WorkerLostError]]:
    """Carry out calls, and yield their keys with what they return, as they are done.

    When a process is killed, by the system for lack of memory, say, nobody may know which of the
    calls it was busy with. Those that were not done are then carried out one by one, and that of
    the process which is killed again yields a `WorkerLostError`.

    Close it (`contextlib.closing`) to give up the calls that have not begun.

    Parameters
    ----------
    calls : mapping or iterable of pairs
        Calls that can be sent to another process, by their keys.
    executor : concurrent.futures.Executor, optional
        What carries them out; without it they are, one after another, here and now. It may have
        more than an executor must have: `renewed`, which is called after a process was lost,
        `scattered`, which sends a value ahead to all processes and returns what stands for it among
        the arguments of `submit`, `width`, its number of processes, and `ahead`.
    *shared
        Arguments that all calls are given; however large they are, they are sent only once. Of one
        that other calls will be given as well, what `sent` returns.
    ahead : callable, optional
        Returns how many calls are to be under way at most, now; the others are not even looked at.
        By default as many as the executor says by `ahead`, or a thousand.

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
    pairs = iter(calls.items() if isinstance(calls, Mapping) else calls)
    if executor is None:
        for key, call in pairs:
            yield key, call(*shared)
        return
    ahead_of_calls = [
        value.token if isinstance(value, Sent) else _scattered(value, executor) for value in shared
    ]
    if ahead is None:
        enough: int = getattr(executor, "ahead", 1000)
        ahead = lambda: enough  # noqa: E731
    left: dict[Key, Callable[..., Outcome]] = {}
    while True:
        yield from _completed(executor, pairs, left, ahead_of_calls, ahead)
        if not left:
            return
        yield from _one_by_one(executor, left, ahead_of_calls)


def in_order(
    calls: Calls[Key, Outcome],
    executor: Executor | None = None,
    *shared: object,
    ahead: Callable[[], int] | None = None,
) -> Generator[tuple[Key, Outcome | WorkerLostError]]:
    """Carry out calls as `carried_out` does, and yield what comes of them in the calls' order."""
    order: deque[Key] = deque()

    def noted() -> Iterator[tuple[Key, Callable[..., Outcome]]]:
        for key, call in calls.items() if isinstance(calls, Mapping) else calls:
            order.append(key)
            yield key, call

    came: dict[Key, Outcome | WorkerLostError] = {}
    with closing(carried_out(noted(), executor, *shared, ahead=ahead)) as outcomes:
        for key, outcome in outcomes:
            came[key] = outcome
            while order and order[0] in came:
                first = order.popleft()
                yield first, came.pop(first)


def results(
    calls: Calls[Key, Outcome],
    executor: Executor | None = None,
    *shared: object,
    ahead: Callable[[], int] | None = None,
) -> Generator[Outcome]:
    """Carry out calls that are all needed, and yield what they return, in their order.

    Raises
    ------
    WorkerLostError
        If the process of a call was killed, and when it was tried again that one, too.
    """
    with closing(in_order(calls, executor, *shared, ahead=ahead)) as outcomes:
        for key, outcome in outcomes:
            if isinstance(outcome, WorkerLostError):
                raise WorkerLostError(f"piece {key} is lost: {outcome}")
            yield outcome


def width(executor: Executor | None) -> int:
    """Return how many calls can be carried out side by side, as far as that is known."""
    if executor is None:
        return 1
    return getattr(executor, "width", None) or os.cpu_count() or 1


def differing_versions(found: Mapping[str, str], own: Mapping[str, str]) -> str:
    """Return in words which packages of an executor have other versions; empty if none has."""
    return "; ".join(
        f"{name} {found.get(name, 'not installed')} (here {own.get(name, 'not installed')})"
        for name in {**own, **found}
        if found.get(name) != own.get(name)
    )


def _scattered(value: object, executor: Executor) -> Any:
    scattered = getattr(executor, "scattered", None)
    return value if scattered is None else scattered(value)


def _completed(
    executor: Executor,
    pairs: Iterator[tuple[Key, Callable[..., Outcome]]],
    left: dict[Key, Callable[..., Outcome]],
    sent: list[Any],
    ahead: Callable[[], int],
) -> Iterator[tuple[Key, Outcome | WorkerLostError]]:
    """Yield what comes of calls, until all are done or a process was lost.

    Calls that were looked at and are not done are left then.
    """
    futures: dict[Future[Outcome], Key] = {}
    done: SimpleQueue[Future[Outcome]] = SimpleQueue()
    is_whole = True
    try:
        while True:
            room = max(0, ahead() - len(futures)) if is_whole else 0
            for key, call in islice(pairs, room):
                left[key] = call
                try:
                    future = executor.submit(call, *sent)
                except BrokenExecutor:
                    is_whole = False
                    break
                futures[future] = key
                future.add_done_callback(done.put)
            if not futures:
                return
            future = done.get()
            key = futures.pop(future)
            try:
                outcome = _outcome(future)
            except BrokenExecutor:
                is_whole = False
                continue
            del left[key]
            yield key, outcome
    finally:
        for future in futures:
            future.cancel()


def _one_by_one(
    executor: Executor, left: dict[Key, Callable[..., Outcome]], sent: list[Any]
) -> Iterator[tuple[Key, Outcome | WorkerLostError]]:
    """Yield what comes of calls during which a process was lost; then none is left."""
    renewed = getattr(executor, "renewed", lambda: None)
    renewed()
    for key in tuple(left):
        outcome: Outcome | WorkerLostError
        try:
            outcome = _outcome(executor.submit(left[key], *sent))
        except BrokenExecutor:
            outcome = WorkerLostError("its process was killed, perhaps for lack of memory")
            renewed()
        del left[key]
        yield key, outcome


def _outcome(future: Future[Outcome]) -> Outcome | WorkerLostError:
    try:
        return future.result()
    except WorkerLostError as lost:
        return lost
