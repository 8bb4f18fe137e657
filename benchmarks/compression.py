"""Cost of a run on a compressed law: ten million rewards, and how it grows."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import median

import numpy as np
import numpy.typing as npt
from measure import Row, interleaved, median_ratio, peak_mebibytes

from recurate import CurationLoop, RewardLaw
from recurate.numerics.compression import CompressedLevels, Compressor

FloatArray = npt.NDArray[np.float64]

TEN_MILLION = 10**7


def _law(rewards: FloatArray, groups: int = 0) -> RewardLaw:
    draw = np.random.default_rng(11)
    labels = draw.integers(0, groups, rewards.size) if groups else None
    return RewardLaw(rewards, groups=labels)


def _run(
    law: RewardLaw, steps: int, K: float = 4, lam: float = 1.0, limit: bool = False
) -> CompressedLevels:
    """Compress, run, and read every step's figures; and those of the fixed point."""
    loop = CurationLoop(law, K=K, lam=lam)
    compressor = Compressor(law)
    levels, history = compressor.run(loop.K, loop._step, steps)
    for t in range(steps + 1):
        state = history.at(t)
        levels.measure(state)
        levels.group_proportions(state)
    if limit:
        find = lambda small: CurationLoop(small, K=K, lam=lam).fixed_point()  # noqa: E731
        at_rest, found = compressor.fixed_point(find)
        at_rest.group_proportions(found.log_density)
    return levels


def _row(what: str, times: dict[str, list[float]], name: str, target: float | None) -> Row:
    ratio = median_ratio(times[name], times["exp"])
    note = f"{median(times[name]):.2f} s over {1e3 * median(times['exp']):.0f} ms"
    return Row("compression", what, ratio, "exp(rewards).sum()", target, note)


def compression() -> list[Row]:
    """Measure runs at ten million rewards in units of one sum of exponentials over the array."""
    rewards = np.random.default_rng(20240709).standard_normal(TEN_MILLION)
    law, steep = _law(rewards, groups=10), _law(-np.abs(rewards))
    tasks: dict[str, Callable[[], object]] = {
        "exp": lambda: np.exp(rewards).sum(),
        "run": lambda: _run(law, 100, limit=True),
        "steep": lambda: _run(steep, 200, math.inf, math.inf),
    }
    interleaved(tasks, repeats=1)
    times = interleaved(tasks, repeats=5)
    peak = peak_mebibytes(lambda: _run(law, 100))
    rows = [
        _row("n = 1e7, 10 groups, K = 4, 100 steps, fixed point", times, "run", 12.0),
        _row("n = 1e7, dense top, pure loop, 200 steps", times, "steep", 30.0),
        Row("compression", "n = 1e7: peak memory above the law", peak, "MiB", 256),
    ]
    levels = _run(law, 1)
    values = np.linspace(0.0, 1.0, levels.rewards.size)
    reading = {"exp": tasks["exp"], "read": lambda: levels.atom_log_density(values)}
    interleaved(reading, repeats=1)
    read = interleaved(reading, repeats=3)
    rows.append(_row("reading log g at 1e7 rewards", read, "read", None))
    return rows + _wide() + _middle() + _growth()


def _wide() -> list[Row]:
    rewards = 1_000 * np.random.default_rng(3).random(TEN_MILLION)
    law = _law(rewards)
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
    times = interleaved(
        {"exp": lambda: np.exp(arguments, out=out), "run": lambda: _run(_law(rewards), 20)},
        repeats=9,
    )
    note = f"{1e3 * median(times['run']):.0f} ms over {1e3 * median(times['exp']):.0f} ms"
    ratio = median_ratio(times["run"], times["exp"])
    what = "n = 50,000, 20 steps, set-up included"
    return [Row("compression", what, ratio, "exp(50,000 x 300)", 4.0, note)]


def _growth() -> list[Row]:
    """Measure slopes: in n, in the steps (the same for every n), and in K."""
    draw = np.random.default_rng(6)
    laws = {n: _law(draw.standard_normal(n)) for n in (10**5, 10**6, TEN_MILLION)}
    tasks: dict[str, Callable[[], object]] = {
        f"n {n}": lambda law=law: _run(law, 50) for n, law in laws.items()
    }
    tasks |= {f"steps {n}": lambda law=law: _run(law, 150) for n, law in laws.items()}
    tasks |= {f"K {K:g}": lambda K=K: _run(laws[10**5], 50, K) for K in (2, 64, 1e4)}
    interleaved(tasks, repeats=1)
    times = {name: median(seconds) for name, seconds in interleaved(tasks, repeats=5).items()}
    rows = []
    for small, large in ((10**5, 10**6), (10**6, TEN_MILLION)):
        slope = (times[f"n {large}"] - times[f"n {small}"]) / (large - small)
        what = f"from n = {small:.0e} to {large:.0e}, 50 steps"
        rows.append(Row("compression", what, 1e9 * slope, "ns per reward"))
    for n in laws:
        slope = (times[f"steps {n}"] - times[f"n {n}"]) / 100
        what = f"from 50 steps to 150, n = {n:.0e}"
        rows.append(Row("compression", what, 1e3 * slope, "ms per step"))
    for K in (2, 64, 1e4):
        # A step costs the same for every K; whether a second run is needed depends on it.
        ratio = times[f"K {K:g}"] / times["n 100000"]
        rows.append(Row("compression", f"50 steps, n = 1e5, K = {K:g}", ratio, "K = 4"))
    return rows
