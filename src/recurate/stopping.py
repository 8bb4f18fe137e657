"""Ctrl-C and the like: the command ends within two seconds, whatever it does, with one line.

Only light modules of the standard library are used, not even `typing`: until they are loaded,
Python answers to signals in its own way.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType

SECONDS = 1.5
"""How long what runs may take to leave its files in order; then the process ends regardless."""

MESSAGE = "recurate: stopped"

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class Stopped(BaseException):
    """A signal asks the command to stop.

    It is no KeyboardInterrupt, which the libraries beneath have ways of their own with.
    """


class _Request:
    """The first signal that came, if any, and how far the process is."""

    signal: int | None = None
    is_done = False  # the command has ended, and the interpreter is ending
    process = 0


@contextmanager
def stoppable() -> Iterator[None]:
    """Heed signals in the block, and while the interpreter ends after it; the first one counts.

    In the main thread, the signal raises `Stopped`, so that all blocks are left in order. A second
    thread, which the system wakes, ends the process after `SECONDS` if that is not done yet: the
    main thread may be in a long call of compiled code, or have lost the exception to a handler.
    The exit code is 128 and the number of the signal. Signals that are ignored stay ignored, as
    in what ``nohup`` starts, and further ones do nothing: the end is near.
    """
    with suppress(ValueError):  # in another thread, which no signal is for
        _listen()
    try:
        yield
    finally:
        _Request.is_done = True
        if _Request.signal is not None:
            _leave(_Request.signal)


def _listen() -> None:
    usual = (signal.SIG_DFL, signal.default_int_handler)
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    numbers = [number for number in numbers if signal.getsignal(number) in usual]
    if not numbers:
        return
    _Request.process = os.getpid()
    before = sys.excepthook

    def uncaught(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if _Request.signal is not None:  # it came where nothing could catch it any more
            _leave(_Request.signal)
        before(kind, error, trace)

    sys.excepthook = uncaught
    for number in numbers:
        signal.signal(number, _heed)
    import atexit

    # Registered first, it runs last: all is done, and Python would now give signals up to their
    # usual ways, so that one would make a failure of what has succeeded.
    atexit.register(_ignore, numbers)
    _thread.start_new_thread(_watch, (_woken(), numbers))


def _heed(number: int, frame: FrameType | None) -> None:
    """Handle a signal, in the main thread."""
    if os.getpid() != _Request.process:  # a worker that has just begun
        os._exit(128 + number)
    if _Request.signal is not None:
        return
    if _Request.is_done:
        os._exit(128 + number)
    _Request.signal = number
    # What is interrupted may complain, from places where exceptions cannot leave.
    sys.unraisablehook = lambda _: None
    if "threading" in sys.modules:
        sys.modules["threading"].excepthook = lambda _: None  # type: ignore[attr-defined]
    raise Stopped


def _ignore(numbers: list[int]) -> None:
    with suppress(ValueError):  # in another thread
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)


def _woken() -> Callable[[], bytes]:
    """Let the system write the number of each signal to a pipe; return what reads the next."""
    if os.name == "posix":
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        return lambda: os.read(reading, 1)
    import socket  # Windows takes no other pipe for it

    receiving, sending = socket.socketpair()
    sending.setblocking(False)
    signal.set_wakeup_fd(sending.detach(), warn_on_full_buffer=False)
    return lambda: receiving.recv(1)


def _watch(read: Callable[[], bytes], numbers: list[int]) -> None:
    """End the process some time after the first signal."""
    while (number := read()[0]) not in numbers:
        pass
    time.sleep(SECONDS)
    _end(_Request.signal or number)


def _leave(number: int) -> None:
    """End the process from the main thread, which has left all blocks."""
    with suppress(BaseException):
        sys.stdout.flush()
    with suppress(BaseException):
        import atexit

        atexit._run_exitfuncs()  # Matplotlib may have made a temporary folder
    _end(number)


def _end(number: int) -> None:
    """End the process: no worker and no unfinished file is left."""
    with suppress(BaseException):
        children = sys.modules.get("multiprocessing.process")
        for child in children.active_children() if children is not None else []:
            child.kill()
    with suppress(BaseException):
        cluster = sys.modules.get("recurate.local_cluster")
        if cluster is not None:
            cluster.kill_started()
    with suppress(BaseException):
        files = sys.modules.get("recurate.numerics.files")
        if files is not None:
            files.remove_unfinished()
    with suppress(BaseException):
        if (
            _Request.signal is not None or not _Request.is_done
        ):  # nothing is stopped when all is done
            _say()
    os._exit(128 + number)


def _say() -> None:
    """Write the line, unless that would have to wait for a reader."""
    if os.name == "posix":
        import select

        if not select.select([], [2], [], 0)[1]:
            return
    # On a terminal it takes the place of "^C", and the cursor may be hidden by a progress bar.
    begin = "\r\x1b[K\x1b[?25h" if os.isatty(2) else ""
    os.write(2, f"{begin}{MESSAGE}\n".encode())
