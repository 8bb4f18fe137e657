"""What bootstrap bands are worth: their coverage, where the law behind a table is known."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from measure import Row, interleaved, median_ratio

from recurate import CurationLoop, RewardLaw
from recurate.numerics.inference.bootstrap import bootstrap_bands
from recurate.numerics.inference.trust import effective_sample_sizes, trusted_until

Draw = Callable[[np.random.Generator, int], npt.NDArray[np.float64]]

STEPS, TABLES, ROWS = 12, 400, 1000
SHOWN = (1, 3, 5, 8, 12)
LAWS: tuple[tuple[str, Draw, float], ...] = (
    ("normal, pure loop", lambda rng, n: rng.normal(size=n), math.inf),
    ("normal, lam = 1", lambda rng, n: rng.normal(size=n), 1.0),
    ("uniform on [0, 5], pure loop", lambda rng, n: 5 * rng.uniform(size=n), math.inf),
    ("minus exponential, pure loop", lambda rng, n: -rng.exponential(size=n), math.inf),
    ("5 Beta(5, 2), pure loop", lambda rng, n: 5 * rng.beta(5, 2, size=n), math.inf),
)


def bands() -> list[Row]:
    """Measure the coverage of E_t r by nominal 95% bands, K = 4, and what the bands cost."""
    rows = [row for law in LAWS for row in _coverage(*law)]
    law = RewardLaw(np.random.default_rng(1).normal(size=ROWS))
    loop = CurationLoop(law, K=4, lam=1.0)
    trajectory = loop.run(steps=STEPS)
    times = interleaved(
        {
            "run": lambda: loop.run(steps=STEPS),
            "bands": lambda: bootstrap_bands(loop, trajectory, rng=0),
        },
        repeats=9,
    )
    ratio = median_ratio(times["bands"], times["run"])
    return [*rows, Row("bands", "200 resampled tables of 1000 rows", ratio, "runs")]


def _coverage(name: str, draw: Draw, lam: float) -> list[Row]:
    law = RewardLaw(draw(np.random.default_rng(99), 2_000_000))
    truth = CurationLoop(law, K=4, lam=lam).run(steps=STEPS, compress=True).expected_reward
    covered, sizes, trusted = np.zeros(STEPS + 1), np.zeros(STEPS + 1), np.zeros(TABLES)
    for i in range(TABLES):
        table = RewardLaw(draw(np.random.default_rng(1000 + i), ROWS))
        loop = CurationLoop(table, K=4, lam=lam)
        trajectory = loop.run(steps=STEPS)
        ends = bootstrap_bands(loop, trajectory, rng=i)
        low, high = ends.low["expected_reward"], ends.high["expected_reward"]
        covered += ((low <= truth) & (truth <= high)) / TABLES
        sizes += effective_sample_sizes(trajectory) / TABLES
        trusted[i] = trusted_until(trajectory) or 0
    note = f"trusted until {np.median(trusted):g} (median)"
    return [
        Row("bands", f"{name}, t = {t}", covered[t], "covered", note=f"{sizes[t]:.0f} rows; {note}")
        for t in SHOWN
    ]
