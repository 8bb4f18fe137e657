"""What votes and ratings cost, from a file to rewards, beside polars and choix."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import choix
import numpy as np
import polars as pl
from measure import Row, interleaved, median_ratio

from recurate.numerics.votes.fit import fitted
from recurate.numerics.votes.votes import Votes
from recurate.reading.asked import Asked
from recurate.reading.tables import read_rewards
from recurate.reading.votes.asked import AskedVotes
from recurate.reading.votes.reading import read_votes

VOTES, ITEMS, RATERS, REPEATS = 1_000_000, 100, 200, 7


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
