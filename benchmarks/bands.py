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


KINDS, ANSWERS, SHOWN_OF_PROMPTS = 4000, 16, (0, 1, 3, 5)
# Name, prompts of a table, λ. Of 16 answers, with variance between prompts .176 of that within,
# rows would make means look 1.8 times better known than they are.
PROMPTS = tuple(
    (f"{prompts} prompts of 16 answers, {name}", prompts, lam)
    for prompts in (10, 28, 50, 200)
    for name, lam in (("pure loop", math.inf), ("lam = 1", 1.0))
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
    """Measure how often nominal 95% bands hold the law's own E_t r, or E_t of a score, for K = 4.

    Also how often bands over prompts do, and ranges of λ the law's own λ.
    """
    rows = [row for law in LAWS for row in _coverage(*law)]
    rows += [row for case in PROMPTS for row in _prompt_coverage(*case)]
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
    law = _scored(law.rewards, 98)
    true = CurationLoop(law, K=4, lam=lam).run(steps=STEPS, compress=True)
    truth, of_score = true.expected_reward, true.expected_scores[:, 0]
    covered, sizes, trusted = np.zeros(STEPS + 1), np.zeros(STEPS + 1), np.zeros(TABLES)
    scores = np.zeros(STEPS + 1)
    for i in range(TABLES):
        table = _scored(draw(np.random.default_rng(1000 + i), ROWS), i)
        loop = CurationLoop(table, K=4, lam=lam)
        trajectory = loop.run(steps=STEPS)
        ends = bootstrap_bands(loop, trajectory, rng=i)
        low, high = ends.low["expected_reward"], ends.high["expected_reward"]
        covered += ((low <= truth) & (truth <= high)) / TABLES
        low, high = ends.low["score[score]"], ends.high["score[score]"]
        scores += ((low <= of_score) & (of_score <= high)) / TABLES
        sizes += effective_sample_sizes(trajectory) / TABLES
        trusted[i] = trusted_until(trajectory) or 0
    note = f"trusted until {np.median(trusted):g} (median)"
    return [
        Row(
            "coverage",
            f"{name}, t = {t}",
            covered[t],
            "covered",
            note=f"{sizes[t]:.0f} rows; {note}; of the score {scores[t]:.2f}",
        )
        for t in SHOWN
    ]


def _scored(rewards: npt.NDArray[np.float64], seed: int) -> RewardLaw:
    """Return a law with a score that rises with the reward, noisy, and lacks half of its values."""
    draw = np.random.default_rng([seed, 1])
    score = np.exp(0.3 * rewards) + draw.exponential(size=rewards.size)
    return RewardLaw(
        rewards, scores={"score": np.where(draw.random(rewards.size) < 0.5, np.nan, score)}
    )


def _prompt_coverage(name: str, prompts: int, lam: float) -> list[Row]:
    """Measure how often bands over prompts have the means of the law that prompts come from."""
    draw = np.random.default_rng(99)
    level = 0.42 * draw.normal(size=(KINDS, 1))
    rewards = level + draw.normal(size=(KINDS, ANSWERS))
    score = np.exp(0.3 * rewards + level) + draw.exponential(size=rewards.shape)

    def loop_on(kinds: npt.NDArray[np.intp]) -> CurationLoop:
        labels = np.repeat(np.arange(kinds.size), ANSWERS)
        scores = {"score": score[kinds].ravel()}
        law = RewardLaw(rewards[kinds].ravel(), prompts=labels, scores=scores)
        return CurationLoop(law, K=4, lam=lam)

    steps = SHOWN_OF_PROMPTS[-1]
    truth = loop_on(np.arange(KINDS)).run(steps=steps)
    means = {
        "expected_reward": truth.expected_reward,
        "score[score]": truth.expected_scores[:, 0],
    }
    covered, by_rows = np.zeros((2, steps + 1)), 0.0
    for i in range(TABLES):
        loop = loop_on(np.random.default_rng(1000 + i).integers(0, KINDS, prompts))
        ends = bootstrap_bands(loop, loop.run(steps=steps), rng=i)
        for k, (column, true) in enumerate(means.items()):
            covered[k] += ((ends.low[column] <= true) & (true <= ends.high[column])) / TABLES
        pooled = CurationLoop(RewardLaw(loop.law.rewards), K=4, lam=lam)
        ends = bootstrap_bands(pooled, pooled.run(steps=0), rng=i)
        low, high = ends.low["expected_reward"][0], ends.high["expected_reward"][0]
        by_rows += float(low <= truth.expected_reward[0] <= high) / TABLES
    note = f"rows resampled would cover {by_rows:.2f} at t = 0"
    return [
        Row(
            "coverage",
            f"{name}, t = {t}",
            covered[0, t],
            "covered",
            note=f"of the score {covered[1, t]:.2f}; {note}",
        )
        for t in SHOWN_OF_PROMPTS
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
