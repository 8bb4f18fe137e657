"""Cost of loops with rules on very many rows: several voters, the best of K, the best share."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

import numpy as np
from measure import Row, interleaved, median_ratio, peak_mebibytes

from recurate import CurationLoop, RewardLaw
from recurate.rules import Accept, BestOf, BradleyTerry, Rule, TopShare, Voters

MILLION = 10**6
TEN_MILLION = 10**7


def voters(n: int = MILLION) -> list[Row]:
    """Measure 20 steps of several voters on a million rows, the law's making included."""
    draw = np.random.default_rng(20240709)
    rewards, accepted = draw.standard_normal((n, 3)), draw.random(n)

    def law() -> RewardLaw:
        columns = {"second": rewards[:, 1], "third": rewards[:, 2], "accepted": accepted}
        return RewardLaw(rewards[:, 0], scores=columns)

    three = Voters(
        [
            (0.5, BradleyTerry(4)),
            (0.3, BradleyTerry(4, by="second")),
            (0.2, BradleyTerry(4, by="third")),
        ]
    )
    kinds = Voters(
        [(0.5, BradleyTerry(np.inf)), (0.3, BestOf(4, by="second")), (0.2, Accept("accepted"))]
    )

    def run(rule: Rule) -> None:
        CurationLoop(law(), rule=rule, lam=1.0).run(steps=20)

    tasks: dict[str, Callable[[], object]] = {
        "three": lambda: run(three),
        "one": lambda: run(BradleyTerry(4, by="second")),
        "kinds": lambda: run(kinds),
    }
    interleaved(tasks, repeats=1)
    # By itself: after a large task fresh pages take most of its time, and would flatter the rest.
    unit = interleaved({"exp": lambda: np.exp(rewards).sum()}, repeats=14)["exp"][7:]
    times = interleaved(tasks, repeats=7)
    what = f"20 steps, n = {n:,}, lam = 1"
    targets = {"three": ("3 voters of K = 4", 150.0), "one": ("K = 4 by a score", None)}
    targets["kinds"] = ("voters of K = inf, the best of 4, accepting", None)
    rows = []
    for name, (of, target) in targets.items():
        note = f"{median(times[name]):.2f} s over {1e3 * median(unit):.1f} ms"
        ratio = median_ratio(times[name], unit)
        rows.append(Row("voters", f"{what}, {of}", ratio, "exp(n x 3).sum()", target, note))
    peak = peak_mebibytes(tasks["three"])
    rows.append(Row("voters", f"{what}, 3 voters: peak memory", peak, "MiB", 1024))
    return rows


def ranks(n: int = TEN_MILLION) -> list[Row]:
    """Measure ten steps of the rules that rank, in units of one sort of the rewards."""
    rewards = np.random.default_rng(20240709).standard_normal(n)
    runs: dict[str, tuple[Rule, float]] = {
        "the best of 4, lam = 1": (BestOf(4), 1.0),
        "the best of 4, lam = inf": (BestOf(4), np.inf),
        "the best half, lam = inf": (TopShare(0.5), np.inf),
    }
    tasks: dict[str, Callable[[], object]] = {"sort": lambda: np.argsort(rewards)}
    for name, (rule, lam) in runs.items():
        tasks[name] = lambda rule=rule, lam=lam: CurationLoop(
            RewardLaw(rewards), rule=rule, lam=lam
        ).run(steps=10)
    seconds = interleaved(tasks, repeats=3)
    return [
        Row(
            "ranks",
            f"10 steps, n = {n:,}, {name}",
            median_ratio(seconds[name], seconds["sort"]),
            "numpy.argsort",
            8.0,
            f"{median(seconds[name]):.1f} s over {median(seconds['sort']):.2f} s",
        )
        for name in runs
    ]
