"""Cost of runs on compressed laws: ten million rewards, how it grows, where it pays, tables."""

from __future__ import annotations

import csv
import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt
from measure import Row, interleaved, median_ratio, peak_mebibytes

from recurate import CurationLoop, RewardLaw
from recurate.numerics.compression import compressor
from recurate.prediction import predict_loop
from recurate.printing.loops_as_json import prediction_json
from recurate.reading.asked import Asked
from recurate.reading.table import RewardTable
from recurate.reading.tables import read_rewards

FloatArray = npt.NDArray[np.float64]

TEN_MILLION = 10**7
MILLION = 10**6


def _anew(law: RewardLaw) -> RewardLaw:
    """Return the law without what an earlier run has prepared."""
    compressor._partitions.pop(law, None)
    return law


def _run(law: RewardLaw, steps: int, K: float = 4, lam: float = 1.0, limit: bool = False) -> None:
    """Run a loop from a law on, and find its fixed point."""
    loop = CurationLoop(_anew(law), K=K, lam=lam)
    loop.run(steps=steps, compress=True)
    if limit:
        loop.fixed_point(compress=True)


def _row(what: str, times: dict[str, list[float]], name: str, target: float | None) -> Row:
    ratio = median_ratio(times[name], times["exp"])
    note = f"{median(times[name]):.2f} s over {1e3 * median(times['exp']):.0f} ms"
    return Row("compression", what, ratio, "exp(rewards).sum()", target, note)


def compression() -> list[Row]:
    """Measure all of it; for ten million rewards in units of one sum of exponentials over them."""
    return [*_ten_million(), *_wide(), *_middle(), *_crossover(), *_growth(), *_table()]


def _ten_million() -> list[Row]:
    draw = np.random.default_rng(20240709)
    rewards, groups = draw.standard_normal(TEN_MILLION), draw.integers(0, 10, TEN_MILLION)
    law, steep = RewardLaw(rewards, groups=groups), RewardLaw(-np.abs(rewards))
    tasks: dict[str, Callable[[], object]] = {
        "exp": lambda: np.exp(rewards).sum(),
        "arrays": lambda: _run(RewardLaw(rewards, groups=groups), 100, limit=True),
        "law": lambda: _run(law, 100, limit=True),
        "run": lambda: _run(law, 100),
        "steep": lambda: _run(steep, 200, math.inf, math.inf),
    }
    interleaved(tasks, repeats=1)
    # By itself: after a large task fresh pages take most of its time, and would flatter the rest.
    unit = interleaved({"exp": tasks.pop("exp")}, repeats=14)["exp"][7:]
    times = interleaved(tasks, repeats=7) | {"exp": unit}
    what = "n = 1e7, 10 groups, K = 4, 100 steps"
    rows = [
        _row(f"{what}, fixed point: from arrays", times, "arrays", 12.0),
        _row(f"{what}, fixed point: from the law", times, "law", None),
        _row(f"{what}: from the law", times, "run", None),
        _row("n = 1e7, dense top, pure loop, 200 steps", times, "steep", 30.0),
    ]
    for name, target in (("arrays", 256.0), ("law", None)):
        peak = peak_mebibytes(tasks[name])
        rows.append(Row("compression", f"peak memory above the {name}", peak, "MiB", target))
    run = CurationLoop(law, K=4, lam=1.0).run(steps=1)
    reading: dict[str, Callable[[], object]] = {
        "exp": lambda: np.exp(rewards).sum(),
        "read": lambda: run.log_density(1),
    }
    interleaved(reading, repeats=1)
    rows.append(_row("log g at 1e7 rewards", interleaved(reading, repeats=3), "read", None))
    return rows


def _wide() -> list[Row]:
    law = RewardLaw(1_000 * np.random.default_rng(3).random(TEN_MILLION))
    rows = []
    for K, lam in ((4, 1.0), (2, math.inf)):
        seconds = interleaved({"run": lambda K=K, lam=lam: _run(law, 100, K, lam)}, repeats=2)
        what = f"n = 1e7 spanning 1000, K = {K}, lam = {lam:g}, 100 steps"
        rows.append(Row("compression", what, median(seconds["run"]), "s", 5.0))
    return rows


def _middle() -> list[Row]:
    rewards = np.random.default_rng(5).standard_normal(50_000)
    arguments = -np.abs(np.resize(rewards, (50_000, 300)))
    out = np.zeros_like(arguments)
    tasks: dict[str, Callable[[], object]] = {
        "exp": lambda: np.exp(arguments, out=out),
        "run": lambda: CurationLoop(RewardLaw(rewards), K=4, lam=1.0).run(steps=20),
    }
    times = interleaved(tasks, repeats=9)
    note = f"{1e3 * median(times['run']):.0f} ms over {1e3 * median(times['exp']):.0f} ms"
    ratio = median_ratio(times["run"], times["exp"])
    what = "n = 50,000, 20 steps, set-up included"
    return [Row("compression", what, ratio, "exp(50,000 x 300)", 4.0, note)]


def _crossover() -> list[Row]:
    """Measure where compression pays: its time over the dense engine's, both set up anew."""
    rows = []
    for n in (2_000, 4_000, 8_000, 16_000, 32_000):
        law = RewardLaw(np.random.default_rng(n).standard_normal(n))
        loop = CurationLoop(law, K=4, lam=1.0)
        tasks: dict[str, Callable[[], object]] = {}
        for steps in (1, 20, 100):
            for mode in (True, False):
                tasks[f"{steps} {mode}"] = lambda steps=steps, mode=mode, law=law: CurationLoop(
                    _anew(law), K=4, lam=1.0
                ).run(steps=steps, compress=mode)
        for mode in (True, False):
            tasks[f"limit {mode}"] = lambda loop=loop, mode=mode: (
                _anew(loop.law),
                loop.fixed_point(compress=mode),
            )
        interleaved(tasks, repeats=1)
        times = interleaved(tasks, repeats=3)
        for name, what in (("1", "1 step"), ("20", "20 steps"), ("100", "100 steps")):
            ratio = median_ratio(times[f"{name} True"], times[f"{name} False"])
            rows.append(Row("compression", f"compressed, n = {n:,}, {what}", ratio, "dense"))
        ratio = median_ratio(times["limit True"], times["limit False"])
        rows.append(Row("compression", f"compressed, n = {n:,}, fixed point", ratio, "dense"))
    return rows


def _growth() -> list[Row]:
    """Measure slopes: in n, in the steps (the same for every n), and in K."""
    draw = np.random.default_rng(6)
    laws = {n: RewardLaw(draw.standard_normal(n)) for n in (10**5, MILLION, TEN_MILLION)}
    tasks: dict[str, Callable[[], object]] = {
        f"n {n}": lambda law=law: _run(law, 50) for n, law in laws.items()
    }
    tasks |= {f"steps {n}": lambda law=law: _run(law, 150) for n, law in laws.items()}
    tasks |= {
        f"limit {n}": lambda law=law: CurationLoop(_anew(law), K=4, lam=1.0).fixed_point()
        for n, law in laws.items()
    }
    tasks |= {f"K {K:g}": lambda K=K: _run(laws[10**5], 50, K) for K in (2, 64, 1e4)}
    interleaved(tasks, repeats=1)
    times = {name: median(seconds) for name, seconds in interleaved(tasks, repeats=5).items()}
    rows = []
    for task, what in (("n", "50 steps"), ("limit", "the fixed point")):
        for small, large in ((10**5, MILLION), (MILLION, TEN_MILLION)):
            slope = (times[f"{task} {large}"] - times[f"{task} {small}"]) / (large - small)
            name = f"from n = {small:.0e} to {large:.0e}, {what}"
            rows.append(Row("compression", name, 1e9 * slope, "ns per reward"))
    for n in laws:
        slope = (times[f"steps {n}"] - times[f"n {n}"]) / 100
        name = f"from 50 steps to 150, n = {n:.0e}"
        rows.append(Row("compression", name, 1e3 * slope, "ms per step"))
    for K in (2, 64, 1e4):
        # A step costs the same for every K; whether a second run is needed depends on it.
        ratio = times[f"K {K:g}"] / times["n 100000"]
        rows.append(Row("compression", f"50 steps, n = 1e5, K = {K:g}", ratio, "K = 4"))
    return rows


def _table() -> list[Row]:
    """Measure how much of a prediction from a table of a million rows is reading it."""
    draw = np.random.default_rng(8)
    rewards, groups = draw.standard_normal(MILLION), draw.integers(0, 10, MILLION)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rewards.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["reward", "group"])
            writer.writerows(zip(rewards.tolist(), groups.tolist(), strict=True))
        law = read_rewards(str(path), Asked()).law
        tasks: dict[str, Callable[[], object]] = {
            "module": lambda: _bare(path),
            "read": lambda: read_rewards(str(path), Asked()).law,
            "predict": lambda: _predicted(_anew(law)),
        }
        times = interleaved(tasks, repeats=5)
    share = [a / (a + b) for a, b in zip(times["read"], times["predict"], strict=True)]
    ratio = median_ratio(times["read"], times["module"])
    rest = median(times["predict"])
    note = f"{median(times['read']):.2f} s; all else, bands included, {rest:.3f} s"
    return [
        Row(
            "compression",
            "CSV of 1e6 rows: share of reading in a prediction",
            median(share),
            "",
            None,
            note,
        ),
        Row("compression", "CSV of 1e6 rows: reading", ratio, "csv module, float()", 2.0),
    ]


def _bare(path: Path) -> float:
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        return sum(float(row[0]) for row in rows)


def _predicted(law: RewardLaw) -> str:
    loop = CurationLoop(law, K=4, lam=1.0)
    return prediction_json(
        predict_loop(RewardTable("rewards.csv", Asked(), law), loop, steps=20, replicates=200)
    )
