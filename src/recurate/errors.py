"""How the command line tells a user's mistake from a defect of the program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class InputError(ValueError):
    """The user's input cannot be used; the message says what was found and what is allowed."""


@contextmanager
def as_input_errors() -> Iterator[None]:
    """Turn the library's errors about values into `InputError`; only for code that checks input."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise InputError(str(error)) from error
