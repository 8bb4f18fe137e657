"""Hypothesis draws the same in every process, whatever is loaded there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis.internal.conjecture import providers


@contextmanager
def by_the_seed_alone() -> Iterator[None]:
    """Let what is drawn in the block depend on nothing but the seed.

    Now and then Hypothesis draws a number that it has found in the source of a loaded module, and
    no setting leaves that out. Other modules are loaded in a worker process, in a test, or where
    another check has been made before.
    """
    held: Any = providers
    names = ("_get_local_constants", "CONSTANTS_CACHE")
    if not all(hasattr(held, name) for name in names):  # in a version that draws no such numbers
        yield
        return
    before = [getattr(held, name) for name in names]
    held._get_local_constants = held.Constants  # none
    held.CONSTANTS_CACHE = type(held.CONSTANTS_CACHE)(1024)  # of numbers already looked at
    try:
        yield
    finally:
        held._get_local_constants, held.CONSTANTS_CACHE = before
