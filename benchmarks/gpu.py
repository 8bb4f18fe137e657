"""What a CUDA device does: the tests that need one, curation, loops and neural figures; one table.

    python benchmarks/gpu.py [--cpu] [--seconds 300]

Without CUDA it says so; with --cpu a small version runs on the CPU, which tries the script and
says nothing of a GPU. Parts that find no time left are named. The speed of curation is its time
over that of a copy of as many numbers as there are candidates, side by side: how many times the
memory could have been read and written meanwhile. What is drawn is held against the exact law
(H0: they are equal; each check has an error rate of 1e-11), and exact loops against NumPy's.

So far it was tried with --cpu only, and never run on CUDA.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from scipy import stats

from recurate import CurationLoop, RewardLaw, curate, simulate_loop
from recurate.numerics.loop import STATE_ERROR

ROOT = Path(__file__).parents[1]
TESTS = (
    "tests/numerics/sampling",
    "tests/numerics/neural",
    "tests/numerics/on_torch",
    "tests/face/commands/test_figures_command.py",
)
FIGURES = ("two_moons", "gaussian_mixture", "class_reward", "confidence_reward", "replicates")
"""Those that train models, the quickest first."""

ERROR_RATE = 1e-11
K, POOL, STEPS = 4, 10_000, 10
REPEATS = 7


@dataclass(frozen=True)
class Place:
    """Where everything runs, until when, and how much of it.

    Attributes
    ----------
    device : str
        "cuda" or "cpu".
    end : float
        When to stop, by `time.monotonic`.
    choices, replicates, rewards : int
        Choices of `curate`, replicates of `simulate_loop`, rewards of the exact loop.
    scale : str
        Of the figures.
    figures : tuple of str
        Which of them.
    """

    device: str
    end: float
    choices: int
    replicates: int
    rewards: int
    scale: str
    figures: tuple[str, ...]

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.end - time.monotonic()

    def wait(self) -> None:
        """Wait until the device has done all that it was given."""
        if self.device == "cuda":
            import torch

            torch.cuda.synchronize()

    def seconds(self, *tasks: Callable[[], Any]) -> list[float]:
        """Return the tasks' median times, in turn after one round that is not counted."""
        times: list[list[float]] = [[] for _ in tasks]
        for _ in range(1 + REPEATS):
            for of_task, task in zip(times, tasks, strict=True):
                self.wait()
                start = time.perf_counter()
                task()
                self.wait()
                of_task.append(time.perf_counter() - start)
        return [median(of_task[1:]) for of_task in times]


def main() -> int:
    """Run what there is time for; return 1 if something is wrong, 2 without a device."""
    parser = argparse.ArgumentParser(description="Measure recurate on a CUDA device.")
    parser.add_argument("--cpu", action="store_true", help="a small version, on the CPU")
    parser.add_argument("--seconds", type=float, default=300.0, help="time for all of it")
    asked = parser.parse_args()
    if importlib.util.find_spec("torch") is None:
        print('torch is not installed: pip install ".[neural,test]"')
        return 2
    import torch

    if not asked.cpu and not torch.cuda.is_available():
        print(f"torch {torch.__version__} finds no CUDA device; --cpu tries a small version")
        return 2
    end = time.monotonic() + asked.seconds
    if asked.cpu:
        place = Place("cpu", end, 2**16, 20, 2_000, "smoke", FIGURES[:1])
        name = "CPU, a small version"
    else:
        place = Place("cuda", end, 2**24, 1_000, 100_000, "default", FIGURES)
        name = torch.cuda.get_device_name()
    print(f"{name}; torch {torch.__version__}, float32 products {_precision()}")
    is_right = True
    for part in (copies_and_curation, exact_loops, simulation, cuda_tests, neural_figures):
        if place.left <= 0:
            print(f"{part.__name__.replace('_', ' '):<46} no time left")
            continue
        is_right &= part(place)
    return 0 if is_right else 1


def _precision() -> str:
    import torch

    return str(torch.get_float32_matmul_precision())


def show(what: str, value: str, is_right: bool | None = None, note: str = "") -> bool:
    """Print a row of the table, and return whether nothing is wrong."""
    verdict = {None: "", True: "right", False: "WRONG"}[is_right]
    print(f"{what:<46} {value:>12} {verdict:<6} {note}".rstrip(), flush=True)
    return is_right is not False


def copies_and_curation(place: Place) -> bool:
    """Time choices against a copy of their candidates, and hold the winners against the law."""
    import torch

    rewards = np.random.default_rng(0).normal(size=POOL)
    law = RewardLaw(rewards)
    exact = CurationLoop(law, K=K, lam=math.inf).run(steps=1)
    mean = float(exact.expected_reward[1])
    spread = math.sqrt(float(exact.probs(1) @ (rewards - mean) ** 2))
    is_right = True
    for dtype in ("float32", "float64"):
        kind = getattr(torch, dtype)
        pool = torch.as_tensor(rewards, device=place.device)
        numbers = torch.ones(K * place.choices, device=place.device, dtype=kind)
        target = torch.empty_like(numbers)

        def choose(kind: str = dtype, pool: Any = pool) -> Any:
            return curate(
                pool, K, place.choices, rng=1, backend="torch", device=place.device, dtype=kind
            )

        copied, chosen = place.seconds(lambda: target.copy_(numbers), choose)  # noqa: B023
        moved = 2 * numbers.numel() * numbers.element_size()
        show(f"copy, {dtype}: GB/s", f"{moved / copied / 1e9:.4g}")
        note = f"{chosen / copied:.3g} copies of their candidates"
        show(f"curate, {dtype}: choices/s", f"{place.choices / chosen:.3g}", note=note)
        found = float(pool[choose()].mean())
        z = (found - mean) * math.sqrt(place.choices) / spread
        is_right &= show(f"curate, {dtype}: z of the mean reward", f"{z:.2f}", _is_small(z))
    return is_right


def _is_small(z: float, freedom: float = math.inf) -> bool:
    """Whether Student's z, of these degrees of freedom, is within what chance makes of zero."""
    return abs(z) <= stats.t.isf(ERROR_RATE / 2, freedom)


def exact_loops(place: Place) -> bool:
    """Hold the exact loop on tensors against that on arrays, and time it."""
    from recurate.numerics.on_torch.run import STATE_ERROR_FLOAT32

    rewards = np.random.default_rng(1).normal(size=place.rewards)
    loop = CurationLoop(RewardLaw(rewards), K=K, lam=2.0)
    expected = loop.run(steps=STEPS, compress=False)
    log_p = expected.log_probs(STEPS)
    is_right = True
    for dtype, error in (("float32", STATE_ERROR_FLOAT32), ("float64", 2 * STATE_ERROR)):
        run = lambda dtype=dtype: loop.run(  # noqa: E731
            steps=STEPS, backend="torch", device=place.device, dtype=dtype
        )
        (seconds,) = place.seconds(run)
        tensors = run()
        if tensors.expected_reward.device.type != place.device:
            is_right &= show(f"loop, {dtype}", "elsewhere", False, str(tensors.expected_reward))
        found = tensors.log_probs(STEPS).detach().cpu().double().numpy()
        worst = float((np.abs(found - log_p) / np.maximum(1.0, np.abs(log_p))).max())
        note = f"{1e3 * seconds / STEPS:.3g} ms a step of {place.rewards:,} rewards"
        is_right &= show(
            f"loop, {dtype}: error of log p", f"{worst:.1e}", worst <= error * STEPS, note
        )
    return is_right


def simulation(place: Place) -> bool:
    """Time replicates of a simulated loop, and hold their mean against the exact one."""
    law = RewardLaw(np.random.default_rng(2).normal(size=1_000), groups=np.arange(1_000) % 10)
    loop = CurationLoop(law, K=K, lam=1.0)
    exact = loop.run(steps=STEPS)
    is_right = True
    for dtype in ("float32", "float64"):
        place.wait()
        start = time.perf_counter()
        run = simulate_loop(  # its figures are read from the device, so that it is done then
            loop,
            steps=STEPS,
            n_generated=10_000,
            replicates=place.replicates,
            rng=3,
            backend="torch",
            device=place.device,
            dtype=dtype,
        )
        seconds = time.perf_counter() - start
        drawn = place.replicates * STEPS * 10_000 * K
        note = f"{place.replicates:,} replicates of 10,000 samples, {STEPS} steps"
        show(f"simulate, {dtype}: candidates/s", f"{drawn / seconds:.3g}", note=note)
        # At the first step: later ones have a bias of finite samples that is not far below this.
        difference = float((run.expected_reward - exact.expected_reward)[1])
        z = difference / float(run.standard_errors["expected_reward"][1])
        small = _is_small(z, place.replicates - 1)
        is_right &= show(f"simulate, {dtype}: z of the mean reward", f"{z:.2f}", small)
    return is_right


def cuda_tests(place: Place) -> bool:
    """Run the tests that use a CUDA device where there is one."""
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "cuda or device", *TESTS]
    done = _ran(words, place)
    if done is None:
        return show("tests of CUDA", "no time left")
    last = (done.stdout.strip().splitlines() or ["nothing was printed"])[-1]
    if done.returncode:
        print(done.stdout[-3000:])
    return show("tests of CUDA", "", done.returncode == 0, last.strip("= "))


def neural_figures(place: Place) -> bool:
    """Make the figures that train models, one after another."""
    is_right = True
    for figure in place.figures:
        with tempfile.TemporaryDirectory() as folder:
            words = ["-m", "recurate", "figures", figure, "--scale", place.scale, "--out", folder]
            start = time.monotonic()
            done = _ran([*words, "--device", place.device], place)
        what = f"figure {figure}, {place.scale}: s"
        if done is None:
            show(what, "no time left")
            continue
        if done.returncode:
            print(done.stdout[-1500:], done.stderr[-1500:])
        is_right &= show(what, f"{time.monotonic() - start:.1f}", done.returncode == 0)
    return is_right


def _ran(words: list[str], place: Place) -> subprocess.CompletedProcess[str] | None:
    """Run Python in the time that is left, or return None."""
    if place.left <= 1:
        return None
    try:
        return subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            timeout=place.left,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None


if __name__ == "__main__":
    sys.exit(main())
