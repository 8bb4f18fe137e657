"""What bootstrap bands and ranges cost, and their coverage where a table's law is known."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from measure import Row, interleaved, median_ratio

from recurate import CurationLoop, RewardLaw, choose
from recurate.numerics.inference.bootstrap import bootstrap_bands
from recurate.numerics.inference.limits import Limit
from recurate.numerics.inference.resampled_choices import choices
from recurate.numerics.inference.resampled_tables import LEVEL, REPLICATES, tails
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


def _bounded(density: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]) -> RewardLaw:
    return RewardLaw.from_density(density, support=(0.0, 5.0))


# Name, law, how a table is drawn, K and the limit of KL(p_t‖p_ref) at every step.
CHOICES: tuple[tuple[str, RewardLaw, Draw, int, float], ...] = tuple(
    (f"{name}, K = {K}, KL at most {limit:g}", law, draw, K, limit)
    for name, law, draw, asked in (
        (
            "uniform on [0, 5]",
            _bounded(lambda r: np.full_like(r, 0.2)),
            LAWS[2][1],
            ((2, 0.1), (4, 0.1), (16, 0.1), (4, 0.5)),
        ),
        (
            "minus exponential",
            RewardLaw.from_density(np.exp, support=(-math.inf, 0.0)),
            LAWS[3][1],
            ((4, 0.1), (4, 0.5)),
        ),
        (
            "5 Beta(5, 2)",
            _bounded(lambda r: 6 * (r / 5) ** 4 * (1 - r / 5)),
            LAWS[4][1],
            ((4, 0.1), (4, 0.5)),
        ),
        (
            "normal",
            RewardLaw.from_density(
                lambda r: np.exp(-r * r / 2) / math.sqrt(2 * math.pi),
                support=(-math.inf, math.inf),
            ),
            LAWS[0][1],
            ((4, 0.01), (2, 0.1), (4, 0.1), (4, 0.5)),
        ),
    )
    for K, limit in asked
)


def coverage() -> list[Row]:
    """Measure how often nominal 95% bands hold E_t r, K = 4, and ranges of λ the law's own."""
    rows = [row for law in LAWS for row in _coverage(*law)]
    return rows + [row for case in CHOICES for row in _choice_coverage(*case)]


def bands() -> list[Row]:
    """Measure what bands cost, and a choice of λ with its range."""
    law = RewardLaw(np.random.default_rng(1).normal(size=ROWS))
    loop = CurationLoop(law, K=4, lam=1.0)
    trajectory = loop.run(steps=STEPS)
    times = interleaved(
        {
            "run": lambda: loop.run(steps=STEPS),
            "bands": lambda: bootstrap_bands(loop, trajectory, rng=0),
            "choice": lambda: choose(law, K=4, max_kl=0.2, replicates=REPLICATES, rng=0),
        },
        repeats=9,
    )
    what = {
        "bands": f"{REPLICATES} resampled tables of {ROWS} rows",
        "choice": f"a choice of lambda and its range, {ROWS} rows",
    }
    return [
        Row("bands", text, median_ratio(times[name], times["run"]), "runs")
        for name, text in what.items()
    ]


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
        Row(
            "coverage",
            f"{name}, t = {t}",
            covered[t],
            "covered",
            note=f"{sizes[t]:.0f} rows; {note}",
        )
        for t in SHOWN
    ]


def _choice_coverage(name: str, law: RewardLaw, draw: Draw, K: int, limit: float) -> list[Row]:
    """Measure how often the range of λ has the λ of the law itself."""
    truth = choose(law, K=K, max_kl=limit).lam
    found, ends = np.empty(TABLES), np.empty((TABLES, 2))
    for i in range(TABLES):
        table = RewardLaw(draw(np.random.default_rng(1000 + i), ROWS))
        said = choices(
            table,
            Limit("kl", limit, None),
            K=K,
            lam=None,
            steps=None,
            replicates=REPLICATES,
            generator=np.random.default_rng(i),
        )
        found[i], ends[i] = said[0], tails(said[1:], LEVEL, outward=True)
    covered = float(((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean())
    note = f"lam = {truth:.4g}; median of the tables {np.median(found):.4g}"
    return [Row("coverage", f"choice of λ, {name}", covered, "covered", note=note)]
