"""What reading a table costs, from a file to the law of its rewards, and the memory for it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from measure import Row, interleaved, median_ratio

ROWS, GROUPS, REPEATS = 1_000_000, 10, 15

_RECURATE = """
from recurate.reading.asked import Asked
from recurate.reading.tables import read_rewards
read = lambda path: read_rewards(path, Asked())
"""
_POLARS = """
import polars
read = lambda path: polars.scan_csv(path).select("reward", "group").collect()
"""
_PEAK = """
import re, sys
from pathlib import Path
{code}
peak = lambda: int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])
before = peak()
kept = read(sys.argv[1])
print(peak() - before)
"""


@contextmanager
def _table() -> Iterator[str]:
    rng = np.random.default_rng(1)
    rewards, groups = rng.normal(size=ROWS).tolist(), rng.integers(GROUPS, size=ROWS).tolist()
    rows = (f"{reward!r},model {group}\n" for reward, group in zip(rewards, groups, strict=True))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_text("reward,group\n" + "".join(rows), encoding="utf-8")
        yield str(path)


def _reader(code: str) -> Callable[[str], object]:
    names: dict[str, Callable[[str], object]] = {}
    exec(code, names)
    return names["read"]


def _mebibytes(code: str, path: str) -> float | None:
    """Return by how much a process of its own grows at the most as it reads the table, on Linux."""
    if not Path("/proc/self/status").exists():
        return None
    command = [sys.executable, "-c", _PEAK.format(code=code), path]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout) / 2**10


def reading() -> list[Row]:
    """Measure reading rewards and labels, beside what polars takes to read the same columns."""
    with _table() as path:
        tasks = {
            "law": partial(_reader(_RECURATE), path),
            "polars": partial(_reader(_POLARS), path),
        }
        interleaved(tasks, repeats=2)  # imports, and the file into the system's cache
        times = interleaved(tasks, repeats=REPEATS)
        law, frame = _mebibytes(_RECURATE, path), _mebibytes(_POLARS, path)
    ratio = median_ratio(times["law"], times["polars"])
    note = f"{1e3 * min(times['law']):.0f} ms over {1e3 * min(times['polars']):.0f} ms at best"
    return [
        Row("reading", f"CSV of {ROWS:,} rows to RewardLaw", ratio, "polars.scan_csv", 4 / 3, note),
        Row("reading", "its memory", law, "MiB", note=f"polars.scan_csv: {frame or 0:.0f} MiB"),
    ]
