"""Speed of sampled curation: candidates per second beside plain code, and of a sampled loop."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from measure import Row, interleaved, median_ratio, peak_mebibytes

from recurate import CurationLoop, RewardLaw, curate, simulate_loop

CHOICES, K, POOL = 1_000_000, 4, 10_000
LOOP_CHOICES = 5_000
HAS_TORCH = importlib.util.find_spec("torch") is not None


def sampling() -> list[Row]:
    """Measure a million choices among four, and a thousand replicates of a loop."""
    rng = np.random.default_rng(20240709)
    rewards = rng.standard_normal(POOL)
    given = rng.integers(0, POOL, size=(CHOICES, K))

    def literal() -> object:  # the candidates are drawn before, and positions are returned
        return (rewards[given] + rng.gumbel(size=(CHOICES, K))).argmax(1)

    def plain() -> object:  # the same work as `curate`: candidates drawn, their indices returned
        drawn = rng.integers(0, POOL, size=(CHOICES, K))
        chosen = (rewards[drawn] + rng.gumbel(size=(CHOICES, K))).argmax(1)
        return drawn[np.arange(CHOICES), chosen]

    tasks: dict[str, Callable[[], object]] = {
        "literal": literal,
        "plain": plain,
        "ours": lambda: curate(rewards, K, CHOICES, rng=rng),
        "gumbel": lambda: curate(rewards, K, CHOICES, rng=rng, method="gumbel"),
        "float32": lambda: curate(rewards, K, CHOICES, rng=rng, dtype="float32"),
    }
    if HAS_TORCH:
        tasks["torch"] = lambda: curate(rewards, K, CHOICES, rng=rng, backend="torch")
    interleaved(tasks, repeats=2)
    times = interleaved(tasks, repeats=9)
    note = f"{1e3 * median(times['ours']):.1f} ms over {1e3 * median(times['literal']):.1f} ms"
    unit = "plain NumPy line"
    what = "1e6 choices of K = 4: time"
    rows = [
        Row("sampling", what, median_ratio(times["ours"], times["literal"]), unit, 0.25, note),
        Row("sampling", f"{what} (draws in)", median_ratio(times["ours"], times["plain"]), unit),
    ]
    for name in tasks:
        if name in ("gumbel", "float32", "torch"):
            ratio = median_ratio(times[name], times["literal"])
            rows.append(Row("sampling", f"{what}, {name}", ratio, unit))
    rows += [_against_multinomial(rewards, median(times["ours"])), _on_gpu(rewards, times["ours"])]
    peak = peak_mebibytes(lambda: curate(rewards, 100_000, 1_000, rng=rng))
    rows.append(Row("sampling", "K = 1e5, 1e3 choices: peak memory", peak, "MiB", 64))
    return [*rows, _replicates()]


def _against_multinomial(rewards: np.ndarray, seconds: float) -> Row:
    """Compare with a Python loop over groups of K with torch.multinomial, choice for choice."""
    what, unit = "a choice: time", "torch.multinomial"
    if not HAS_TORCH:
        return Row("sampling", what, None, unit, 0.01, "torch is not installed")
    import torch

    pool = torch.as_tensor(rewards)
    start = time.perf_counter()
    for _ in range(LOOP_CHOICES):
        drawn = torch.randint(POOL, (K,))
        drawn[torch.multinomial(torch.softmax(pool[drawn], 0), 1)]
    loop = (time.perf_counter() - start) / LOOP_CHOICES
    ours = seconds / CHOICES
    note = f"{1e9 * ours:.0f} ns over {1e6 * loop:.1f} µs"
    return Row("sampling", what, ours / loop, unit, 0.01, note)


def _on_gpu(rewards: np.ndarray, numpy_seconds: list[float]) -> Row:
    what, unit = "1e6 choices of K = 4 on the GPU: time", "NumPy backend"
    if not HAS_TORCH:
        return Row("sampling", what, None, unit, None, "torch is not installed")
    import torch

    if not torch.cuda.is_available():
        return Row("sampling", what, None, unit, None, "no CUDA device")
    pool = torch.as_tensor(rewards, device="cuda")

    def task() -> None:
        curate(pool, K, CHOICES, rng=1, backend="torch", device="cuda", dtype="float32")
        torch.cuda.synchronize()

    interleaved({"gpu": task}, repeats=3)
    seconds = median(interleaved({"gpu": task}, repeats=9)["gpu"])
    ratio = seconds / median(numpy_seconds)
    return Row("sampling", what, ratio, unit, None, f"{1e3 * seconds:.2f} ms")


def _replicates() -> Row:
    law = RewardLaw(np.random.default_rng(1).standard_normal(1_797), groups=np.arange(1_797) % 10)
    loop = CurationLoop(law, K=4, lam=1.0)
    start = time.perf_counter()
    simulate_loop(loop, steps=20, n_generated=10_000, replicates=1_000, rng=0)
    seconds = time.perf_counter() - start
    return Row("sampling", "1,000 replicates of 10,000 for 20 steps", seconds, "s", 60)
