"""How often bands of extrapolated estimates hold the truth, where each prompt's law is known.

The figures of 2,000 prompts are computed once; tables are made of them, each prompt in one table.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from measure import Row, interleaved, median_ratio
from scipy import special, stats

from recurate import CurationLoop, RewardLaw
from recurate.numerics.inference.resampled_tables import LEVEL
from recurate.numerics.inference.sampled_rows import (
    Moments,
    Settled,
    carried_until,
    extrapolated,
    within_reach,
)
from recurate.numerics.inference.subsamples import Extrapolated, Followed, blocks

Array = npt.NDArray[np.float64]
Quantiles = Callable[[Array], Array]

PROMPTS = 2000
SPLITS = 6  # more than by default for 2,000 prompts, and fewer than for 100
TABLES = (100, 200, 500, 2000)
ROWS = (4, 8, 16, 32, 64)
CANDIDATES = (2, 4, 16)
STEPS = 8
LEAST_COVERED = 0.93


def _normal(mean: float, scale: float) -> Quantiles:
    return lambda u: mean + scale * special.ndtri(u)


def _successes(rate: float, reward: float) -> Quantiles:
    return lambda u: np.where(u > 1 - rate, reward, 0.0)


def _grades(*bounds: float) -> Quantiles:
    return lambda u: 1.0 + np.searchsorted(bounds, u)


def _failures(share: float) -> Quantiles:
    # The judge fails on some answers, which get -2.
    return lambda u: np.where(
        u < share, -2.0, 0.8 * special.ndtri(np.clip((u - share) / (1 - share), 1e-300, 1.0))
    )


def _gumbel(mean: float, scale: float) -> Quantiles:
    return lambda u: mean - scale * np.log(-np.log(u))


RATES = (0.02, 0.1, 0.3, 0.6, 0.9, 1.0)
# The kinds of prompts of each law, which are equally frequent: quantiles of their rewards.
LAWS: dict[str, tuple[Quantiles, ...]] = {
    "normal": (_normal(0.0, 1.0),),
    "normal, scale 0.3": (_normal(0.0, 0.3),),
    "normal of scales 0.2 to 2": tuple(
        _normal(*of) for of in ((-2.0, 0.2), (-1.0, 0.5), (0.0, 1.0), (2.0, 2.0))
    ),
    "uniform on [0, 5]": (lambda u: 5 * u,),
    "exponential, scale 0.3": (lambda u: -0.3 * np.log1p(-u),),
    "minus exponential": (np.log,),
    "0 or 1, rates 0.02 to 1": tuple(_successes(rate, 1.0) for rate in RATES),
    "0 or 3, rates 0.02 to 1": tuple(_successes(rate, 3.0) for rate in RATES),
    "grades 1 to 5": (_grades(0.1, 0.3, 0.6, 0.9), _grades(0.4, 0.7, 0.9, 0.97)),
    "Student, 3 degrees, scale 0.5": (lambda u: 0.5 * stats.t.ppf(u, 3),),
    "4 Beta(2, 5), 4 Beta(0.7, 0.7)": (
        lambda u: 4 * special.betaincinv(2, 5, u),
        lambda u: 4 * special.betaincinv(0.7, 0.7, u),
    ),
}
HELD_OUT: dict[str, tuple[Quantiles, ...]] = {
    "0 or 1, rates 0.01 and 0.5": (_successes(0.01, 1.0), _successes(0.5, 1.0)),
    "-2 or normal": (_failures(0.6), _failures(0.2)),
    "Gumbel, scales 0.3 to 0.8": tuple(_gumbel(*of) for of in ((0.0, 0.3), (0.5, 0.5), (1.0, 0.8))),
}


class _Case(NamedTuple):
    """One law, number of rows, K and λ: its truth, its prompts' figures, and the steps in reach."""

    truth: Array
    block: Extrapolated
    columns: Followed
    reach: int


def sampled_rows() -> list[Row]:
    """Measure coverage, laws that the criterion was chosen on and others, and what it costs."""
    rows = []
    for name, kinds in (LAWS | HELD_OUT).items():
        of_law = f"{name}, held out" if name in HELD_OUT else name
        rows += [
            coverage(f"{of_law}, K = {K}, {n} rows", kinds, n, K) for K in CANDIDATES for n in ROWS
        ]
    return rows + _costs()


def _costs() -> list[Row]:
    rewards = np.random.default_rng(0).normal(size=100_000 * 16)
    law = RewardLaw(rewards, prompts=np.repeat(np.arange(100_000), 16))
    loop = CurationLoop(law, K=4, lam=1.0)
    times = interleaved(
        {
            "run": lambda: loop.run(steps=10),
            "sampled": lambda: extrapolated(loop, 10, rng=0),
            "carried": lambda: carried_until(loop, 10, rng=0),
        },
        repeats=3,
    )
    what = {"sampled": "10^5 prompts of 16 rows, 10 steps", "carried": "until where: the same"}
    return [
        Row("sampled_rows", text, median_ratio(times[name], times["run"]), "runs", target)
        for (name, text), target in zip(what.items(), (10.0, 1.0), strict=True)
    ]


def coverage(name: str, kinds: tuple[Quantiles, ...], n: int, K: int) -> Row:
    """Measure the share of known figures whose bands hold the truth, and the worst step's."""
    known = covered = bad = 0
    worst, reached = 0.0, []
    for lam in (math.inf, 1.0):
        case = _case(name, kinds, n, K, lam)
        for size in TABLES:
            last, missed = [], np.zeros((STEPS + 1, 3))
            for begin in range(0, PROMPTS, size):
                found = _table(case, slice(begin, begin + size))
                low, high = found.ends(LEVEL)
                until = min(found.known_until or 0, case.reach)
                hit = ((low <= case.truth) & (case.truth <= high))[: until + 1]
                known += hit[1:].size
                covered += int(hit[1:].sum())
                missed[: until + 1] += ~hit
                last.append(until)
            tables = PROMPTS // size
            # More than 7 of 100 tables, and so many by chance once in a hundred figures.
            bad += int((stats.binom.sf(missed - 1, tables, 1 - LEAST_COVERED) < 0.01).sum())
            if size == TABLES[0]:  # of the most tables
                worst = max(worst, float(missed.max()) / tables)
            if size == TABLES[2]:
                reached.append(f"{np.median(last):g}")
    note = (
        f"known until t = {reached[0]}, λ = 1: {reached[1]}; {known} bands, {bad} bad, {worst:.3f}"
    )
    return Row("sampled_rows", name, covered / known if known else None, "covered", note=note)


def _case(name: str, kinds: tuple[Quantiles, ...], n: int, K: int, lam: float) -> _Case:
    generator = np.random.default_rng([n, K, *name.encode()])
    # Quantiles in cells of even width on the logistic scale: tails down to 2e-9.
    edges = np.linspace(-20.0, 20.0, 4001)
    middles = special.expit((edges[1:] + edges[:-1]) / 2)
    exact = np.concatenate([kind(middles) for kind in kinds])
    probs = np.tile(np.diff(special.expit(edges)), len(kinds))
    fine = RewardLaw(
        exact,
        probs / probs.sum(),
        prompts=np.repeat(np.arange(len(kinds)), middles.size),
        scores={"gold": _gold(exact)},
    )
    run = CurationLoop(fine, K=K, lam=lam).run(steps=STEPS)
    truth = np.column_stack([run.expected_reward, run.kl_to_reference, run.expected_scores[:, 0]])
    kind_of = np.arange(PROMPTS) % len(kinds)
    uniforms = generator.random((PROMPTS, n))
    rewards = np.choose(kind_of[:, None], [kind(uniforms) for kind in kinds])
    gold = generator.random(rewards.shape) < _gold(rewards)
    kind_of = generator.permutation(PROMPTS)
    law = RewardLaw(
        rewards[kind_of].ravel(),
        prompts=np.repeat(np.arange(PROMPTS), n),
        scores={"gold": gold[kind_of].ravel().astype(np.float64)},
    )
    columns = Followed.of(law, (), law.score_names)
    loop = CurationLoop(law, K=K, lam=lam)
    found = list(blocks(loop, STEPS, columns, np.arange(PROMPTS), SPLITS, generator))
    joined = [
        None if any(part is None for part in parts) else np.concatenate(parts, axis=1)
        for parts in zip(*(block[1:] for block in found), strict=True)
    ]
    reach = within_reach(STEPS, loop, STEPS, np.arange(PROMPTS)) or 0
    return _Case(truth, Extrapolated(np.arange(PROMPTS), *joined), columns, reach)


def _gold(rewards: Array) -> Array:
    """Return the chance that an answer of this reward is good by another measure."""
    chance: Array = special.expit(1.5 * rewards)
    return chance


def _table(case: _Case, prompts: slice) -> Settled:
    moments = Moments(case.columns, STEPS)
    parts = (part if part is None else part[:, prompts] for part in case.block[1:])
    size = prompts.stop - prompts.start
    moments.add(Extrapolated(case.block.prompts[prompts], *parts), np.full(size, 1 / PROMPTS))
    return moments.settled()
