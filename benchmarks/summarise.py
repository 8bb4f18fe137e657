"""What a law of a table in parts costs, beside what polars takes to scan the same column.

    python benchmarks/summarise.py [--rows N] [--parts N] [--rounds N] [--folder DIR]

`run.py` has two sizes: --only summarise, and --only summarise_large with 10^8 rewards.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from measure import Row

ROWS, PARTS, ROUNDS = 20_000_000, 40, 3
LARGE_ROWS, LARGE_PARTS, ONE_PART = 100_000_000, 200, 50_000_000
MOST_MIB = 1024.0

_PIECE = 1_000_000
_SCAN = """
import sys, time
import polars as pl
start = time.perf_counter()
pl.scan_parquet(sys.argv[1]).select(pl.col("reward").sum()).collect(engine="streaming")
print(time.perf_counter() - start)
"""
_MOMENTS = """
import sys, time
import numpy as np
from recurate.numerics.compression.summary import SummaryBuilder
rows, piece = int(sys.argv[1]), 1_000_000
rewards = 2 * np.random.default_rng(0).normal(size=piece)
builder = SummaryBuilder()
builder.add(rewards)
start = time.process_time()
for _ in range(rows // piece):
    builder.add(rewards)
builder.summary()
print(time.process_time() - start)
"""
_RUN = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run([sys.executable, "-m", "recurate", "summarise", *sys.argv[1:]], check=True,
               stdout=subprocess.DEVNULL)
wall = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**10)
"""


class Measured(NamedTuple):
    """Medians over the rounds, in seconds, and the most memory of any process, in MiB."""

    scan: float
    moments: float
    wall: float
    cpu: float
    mebibytes: float

    def rows(self, what: str) -> list[Row]:
        """Return the rows of the table."""
        allowed = 1.25 * self.scan + self.moments
        note = (
            f"{self.wall:.2f} s ({self.cpu:.2f} s of all cores) over 1.25 × {self.scan:.2f} s of "
            f"polars.scan_parquet and {self.moments:.2f} s of the moments on one core"
        )
        unit = "1.25 scans + moments"
        return [
            Row("summarise", what, self.wall / allowed, unit, 1.0, note),
            Row("summarise", "its memory, of the largest process", self.mebibytes, "MiB", MOST_MIB),
        ]


def written(folder: Path, rows: int, parts: int) -> str:
    """Write rewards in parts of Parquet, and return the pattern of their names."""
    rng = np.random.default_rng(0)
    for number, size in enumerate(np.diff(np.linspace(0, rows, parts + 1).astype(int)).tolist()):
        rewards = np.concatenate(
            [2 * rng.normal(size=min(_PIECE, size - at)) for at in range(0, size, _PIECE)]
        )
        pl.DataFrame({"reward": rewards}).write_parquet(folder / f"{number:05}.parquet")
    return str(folder / "*.parquet")


def measured(folder: Path, pattern: str, rows: int, rounds: int) -> Measured:
    """Measure what is compared, in turn, in processes of their own."""
    # As where the package is installed, modules are compiled once: in a round that does not count.
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    run = [pattern, "-o", str(folder / "law.npz")]
    _numbers(_RUN, compiled, *run)
    found = []
    for _ in range(rounds):
        [scan] = _numbers(_SCAN, compiled, pattern)
        [moments] = _numbers(_MOMENTS, compiled, str(rows))
        found.append((scan, moments, *_numbers(_RUN, compiled, *run)))
    *medians, _ = (statistics.median(column) for column in zip(*found, strict=True))
    return Measured(*medians, max(column[-1] for column in found))


def _numbers(code: str, more: Mapping[str, str], *arguments: str) -> list[float]:
    """Return the numbers that some code prints, with more in its environment."""
    command: Sequence[str] = [sys.executable, "-c", code, *arguments]
    environment = {**os.environ, **more}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return list(map(float, done.stdout.split()))


def _of(rows: int, parts: int, rounds: int, where: str | None = None) -> list[Row]:
    with tempfile.TemporaryDirectory(dir=where) as name:
        folder = Path(name)
        found = measured(folder, written(folder, rows, parts), rows, rounds)
    return found.rows(f"{rows:,} rewards in {parts:,} part{'s' * (parts > 1)} of Parquet")


def summarise() -> list[Row]:
    """Measure a law of some ten million rewards."""
    return _of(ROWS, PARTS, ROUNDS)


def summarise_large() -> list[Row]:
    """Measure a law of 10^8 rewards in parts, and of half as many in one."""
    return _of(LARGE_ROWS, LARGE_PARTS, ROUNDS) + _of(ONE_PART, 1, 1)


if __name__ == "__main__":
    from run import line

    parser = argparse.ArgumentParser(description="Measure recurate summarise.")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--parts", type=int, default=PARTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--folder", help="where the parts are written, and removed again")
    options = parser.parse_args()
    for row in _of(options.rows, options.parts, options.rounds, options.folder):
        print(line(row))
