"""What votes and ratings cost, beside polars and choix; and how far bands of votes are right."""

from __future__ import annotations

import math
import tempfile
from functools import partial
from pathlib import Path

import choix
import numpy as np
import polars as pl
from measure import Row, interleaved, median_ratio

from recurate.numerics.inference.bootstrap import bootstrap_bands
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.validation import FloatArray
from recurate.numerics.votes.fit import fitted
from recurate.numerics.votes.resampled import ResampledVotes
from recurate.numerics.votes.votes import Votes
from recurate.reading.asked import Asked
from recurate.reading.tables import read_rewards
from recurate.reading.votes.asked import AskedVotes
from recurate.reading.votes.reading import read_votes

VOTES, ITEMS, RATERS, REPEATS = 1_000_000, 100, 200, 7

TRUE_REWARDS = np.array([-0.1, 0.5, -0.9, 0.7, -0.2])  # of mean 0, as those of a fit
SETS, STEPS = 300, 3
CASES = {  # votes, and whether all are against the first item
    "300 votes": (300, False),
    "300 votes, a star": (300, True),
    "60 votes": (60, False),
    "30 votes": (30, False),
}


def votes() -> list[Row]:
    """Measure reading and fitting votes, and reading the ratings of several raters."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        path, ratings = Path(folder, "votes.csv"), Path(folder, "ratings.csv")
        first = rng.integers(ITEMS, size=VOTES)
        second = (first + rng.integers(1, ITEMS, size=VOTES)) % ITEMS
        rewards = rng.normal(size=ITEMS)
        is_upset = rng.random(VOTES) > 1 / (1 + np.exp(rewards[second] - rewards[first]))
        pl.DataFrame(
            {
                "model_a": [f"m{i}" for i in first.tolist()],
                "model_b": [f"m{i}" for i in second.tolist()],
                "winner": np.where(is_upset, "model_b", "model_a"),
            }
        ).write_csv(path)
        pl.DataFrame(
            {
                "prompt": np.arange(VOTES) // 20,
                "group": [f"m{i // 5 % 4}" for i in range(VOTES)],
                "rater": rng.integers(RATERS, size=VOTES),
                "reward": rng.integers(1, 6, size=VOTES),
            }
        ).write_csv(ratings)
        read = partial(read_votes, str(path), AskedVotes())
        known = read()
        asked = Asked(prompts=("prompt",), rater="rater")
        tasks = {
            "read": read,
            "scan": lambda: pl.scan_csv(path).collect(),
            "fit": lambda: _errors(known),
            "choix": partial(_by_choix, known),
            "rated": partial(read_rewards, str(ratings), asked),
            "means": lambda: (
                pl.scan_csv(ratings).group_by("prompt", "group").agg(pl.mean("reward")).collect()
            ),
        }
        interleaved(tasks, repeats=1)  # imports, and the files into the system's cache
        times = interleaved(tasks, repeats=REPEATS)
    return [
        Row("votes", what, median_ratio(times[ours], times[theirs]), unit, None, _best(times[ours]))
        for what, ours, theirs, unit in (
            (f"CSV of {VOTES:,} votes to choices", "read", "scan", "polars.scan_csv"),
            (f"rewards and errors of {ITEMS} items", "fit", "choix", "choix, no errors"),
            (f"CSV of {VOTES:,} ratings to RewardLaw", "rated", "means", "polars' means"),
        )
    ]


def _best(times: list[float]) -> str:
    return f"{1e3 * min(times):.0f} ms at best"


def _errors(known: Votes) -> object:
    return fitted(known).standard_errors


def _by_choix(known: Votes) -> object:
    """Return rewards by choix, from votes that are already counted by pair."""
    wins = np.zeros((ITEMS, ITEMS))
    np.add.at(wins, (known.chosen, known.others), known.weights)
    return choix.ilsr_pairwise_dense(wins)


def votes_coverage() -> list[Row]:
    """Measure how often nominal 95% bands of votes hold the truth, t = 3, K = 4, pure loop."""
    return [row for case in CASES for row in coverage_of(case)]


def coverage_of(case: str) -> list[Row]:
    """Measure one of `CASES`; sets of votes that fall apart are drawn again."""
    number, is_star = CASES[case]
    draw = np.random.default_rng(number + is_star)
    truth = _figures(CurationLoop(RewardLaw(TRUE_REWARDS, groups=range(5)), K=4, lam=math.inf))
    held, means, failed = np.zeros(7), np.zeros(7), 0
    for seed in range(SETS):
        voted = None
        while voted is None:
            try:
                voted = fitted(_votes_of(number, is_star, draw))
            except ValueError:  # they fall apart
                continue
        loop = CurationLoop(RewardLaw(voted.rewards, groups=voted.items), K=4, lam=math.inf)
        ends = bootstrap_bands(
            loop, loop.run(steps=STEPS), rng=seed, estimates=ResampledVotes(voted)
        )
        failed += ends.failed
        low, high = (
            [*shares[STEPS], of["expected_reward"][STEPS], of["kl_to_reference"][STEPS]]
            for shares, of in (
                (ends.low_proportions, ends.low),
                (ends.high_proportions, ends.high),
            )
        )
        held += (low <= truth) & (truth <= high)
        means += _figures(loop) / SETS
    held /= SETS
    note = (
        f"E[r] {means[5]:.2f} on average for {truth[5]:.2f}; {failed / SETS:.0f} of 200 fell apart"
    )
    return [
        Row(
            "votes_coverage",
            f"{case}: least and most of five shares",
            held[:5].min(),
            "held",
            note=f"to {held[:5].max():.2f}",
        ),
        Row("votes_coverage", f"{case}: E[r]", held[5], "held", note=note),
        Row("votes_coverage", f"{case}: KL", held[6], "held"),
    ]


def _votes_of(number: int, is_star: bool, draw: np.random.Generator) -> Votes:
    first = np.zeros(number, np.intp) if is_star else draw.integers(5, size=number)
    second = (first + draw.integers(1, 5, size=number)) % 5
    odds = np.exp(TRUE_REWARDS[second] - TRUE_REWARDS[first])
    is_first = draw.random(number) * (1 + odds) < 1
    chosen, others = np.where(is_first, first, second), np.where(is_first, second, first)
    return Votes(
        tuple(range(5)),
        chosen,
        others,
        np.arange(number + 1),
        np.ones(number),
        np.arange(number),
        "vote",
        number,
    )


def _figures(loop: CurationLoop) -> FloatArray:
    """Return the shares of the items, E[r] and KL at the last step, shape (7,)."""
    run = loop.run(steps=STEPS)
    shares = run.group_proportions[STEPS]
    return np.array([*shares, run.expected_reward[STEPS], run.kl_to_reference[STEPS]])
