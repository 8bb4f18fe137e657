"""Cost of the engine: a whole run, its independence of K, and its growth with n."""

from __future__ import annotations

from statistics import median

import numpy as np
import numpy.typing as npt
from measure import Row, interleaved, median_ratio, peak_mebibytes

from recurate import CurationLoop, RewardLaw, log_curation_ratio
from recurate.numerics.curation.floats import CurationKernel
from recurate.numerics.laws.groups import Labels

FloatArray = npt.NDArray[np.float64]


def _rewards(n: int) -> FloatArray:
    """Return n distinct standard normal rewards."""
    return np.random.default_rng(20240709).standard_normal(n)


def _run(rewards: FloatArray, steps: int) -> None:
    CurationLoop(RewardLaw(rewards), K=4, lam=1.0).run(steps=steps)


class _Step:
    """One application of the curation ratio, with its quadrature prepared."""

    def __init__(self, rewards: FloatArray, K: float) -> None:
        self.rewards, self.K = rewards, K
        self.log_probs = np.full(rewards.size, -np.log(rewards.size))
        self.kernel = CurationKernel(rewards, K)

    def __call__(self) -> None:
        log_curation_ratio(self.rewards, K=self.K, log_probs=self.log_probs, kernel=self.kernel)


def loop() -> list[Row]:
    """Measure 20 steps at 50,000 rewards, set-up included, in units of one exp over an array."""
    rewards = _rewards(50_000)
    arguments = -np.abs(np.resize(rewards, (50_000, 300)))
    out = np.zeros_like(arguments)  # written once here: no page is first touched under the clock
    np.exp(arguments, out=out)
    seconds = interleaved(
        {"exp": lambda: np.exp(arguments, out=out), "run": lambda: _run(rewards, 20)}, repeats=5
    )
    times = f"{median(seconds['run']):.2f} s over {median(seconds['exp']):.3f} s"
    what = "20 steps, n = 50,000, K = 4, lam = 1"
    ratio = median_ratio(seconds["run"], seconds["exp"])
    return [
        Row("loop", f"{what}: time", ratio, "exp(50,000 x 300)", 25.0, times),
        # What is stored is at most 256 MiB (CurationKernel); as much again for everything else.
        Row("loop", f"{what}: peak memory", peak_mebibytes(lambda: _run(rewards, 20)), "MiB", 512),
    ]


def candidates() -> list[Row]:
    """Measure a step's cost for several K, in units of that for K = 4."""
    rewards = _rewards(20_000)
    steps = {f"K = {K:g}": _Step(rewards, K) for K in (4, 2, 64, 1e4, 1e9)}
    interleaved(steps, repeats=2)
    seconds = interleaved(steps, repeats=25)
    base = seconds["K = 4"]
    return [
        Row(
            "candidates",
            f"a step, n = 20,000, {name}",
            median_ratio(times, base),
            "step with K = 4",
            1.5,
            f"{1e3 * median(times):.2f} ms",
        )
        for name, times in seconds.items()
        if times is not base
    ]


def size() -> list[Row]:
    """Measure a step for growing n; at a million rewards the matrix is rebuilt each time."""
    tasks = {10_000: _Step(_rewards(10_000), 4), 100_000: _Step(_rewards(100_000), 4)}
    named = {f"{n:,}": task for n, task in tasks.items()}
    interleaved(named, repeats=1)
    seconds = interleaved(named, repeats=15)
    per_reward = [1e9 * median(seconds[f"{n:,}"]) / n for n in tasks]
    # Two rounds: they take seconds, beside which a slow spell of milliseconds is nothing.
    million = _rewards(1_000_000)
    rebuilt = interleaved({"step": _Step(million, 4)}, repeats=2)["step"]
    per_reward.append(1e9 * median(rebuilt) / million.size)
    notes = ("matrix kept", "matrix kept", "matrix above 256 MiB: rebuilt twice a step")
    rows = [
        Row("size", f"a step, n = {n:,}: time", nanoseconds, "ns per reward", None, note)
        for n, nanoseconds, note in zip((*tasks, million.size), per_reward, notes, strict=True)
    ]
    # The cost is linear; a matrix that fits no cache may take twice as long to read.
    growth = per_reward[1] / per_reward[0]
    rows.append(Row("size", "a step, n = 100,000: time per reward", growth, "n = 10,000", 2.0))
    peak = peak_mebibytes(lambda: _run(million, 1))
    rows.append(Row("size", "one step's run, n = 1,000,000: peak memory", peak, "MiB", 512))
    return rows


def prompts() -> list[Row]:
    """Measure 10 steps within 100,000 prompts of 16 rewards, in units of an exp over 60 a row."""
    number, size = 100_000, 16
    labels = Labels(tuple(range(number)), np.repeat(np.arange(number), size))
    law = RewardLaw(_rewards(number * size), prompts=labels)
    arguments = -np.abs(np.resize(law.rewards, (law.size, 60)))
    out = np.ones_like(arguments)
    tasks = {"exp": lambda: np.exp(arguments, out=out)}
    tasks |= {
        f"lam = {lam:g}": lambda lam=lam: CurationLoop(law, K=4, lam=lam).run(steps=10)
        for lam in (1.0, np.inf)
    }
    interleaved(tasks, repeats=1)
    seconds = interleaved(tasks, repeats=5)
    base = seconds.pop("exp")
    what = "10 steps, 100,000 prompts x 16, K = 4"
    rows = [
        Row(
            "prompts",
            f"{what}, {name}: time",
            median_ratio(times, base),
            "exp(rows x 60)",
            10.0,
            f"{median(times):.2f} s over {median(base):.3f} s",
        )
        for name, times in seconds.items()
    ]
    peak = peak_mebibytes(tasks["lam = 1"])
    return [*rows, Row("prompts", f"{what}: peak memory beside the law", peak, "MiB", 256)]
