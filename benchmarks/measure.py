"""What the benchmarks share: a row of the table, and medians of interleaved repeats."""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measured number; a target, where there is one, is an upper bound."""

    benchmark: str
    what: str
    value: float | None
    unit: str
    target: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.value is None:
            return "not available"
        if self.target is None:
            return ""
        return "met" if self.value <= self.target else "missed"


def interleaved(tasks: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    """Time the tasks in turn, round after round, so that a slow spell of the machine hits all."""
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(repeats):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def median_ratio(seconds: list[float], base: list[float]) -> float:
    """Return the median over the rounds of one task's time over another's."""
    return statistics.median(a / b for a, b in zip(seconds, base, strict=True))


def peak_mebibytes(task: Callable[[], object]) -> float:
    """Return the largest memory that Python and NumPy held for the task, in MiB."""
    tracemalloc.start()
    try:
        task()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()
