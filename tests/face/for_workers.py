"""Calls that the tests send to workers, which load nothing else for them."""

import os
import signal
import threading
import time
from contextlib import suppress


def square(n):
    time.sleep(0.02)
    return os.getpid(), n * n


def killed_at_first(marker, n):
    """Kill the process that carries this out, the first time."""
    with suppress(FileExistsError):
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
        killed()
    return n * n


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def entry(values, *, n):
    return os.getpid(), values[n]


def counted(runs, then=None):
    """Return how often this was carried out, which a file keeps; the second time, call `then`."""
    with open(runs, "a+") as file:
        file.write(f"{os.getpid()}\n")
        file.seek(0)
        number = len(file.readlines())
    if number == 2 and then is not None:
        then()
    return number


def divided_by_zero():
    return 1 / 0


class Unsent:
    """A result that cannot be pickled."""

    def __init__(self):
        self.held = threading.Lock()


class Unread:
    """One that can, and of which that is all."""

    def __reduce__(self):
        return divided_by_zero, ()
