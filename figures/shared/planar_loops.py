"""Loops of points in the plane: a model retrained on curated samples, with real ones or without.

This is what `gaussian_mixture` and `two_moons` share. Points, reward and model are their own.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from recurate.figures.making.recipe import Run, Tables
from recurate.figures.making.table import Table
from recurate.figures.shared.recorded_loops import recorded, samples
from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.simulation.models import Model
from recurate.numerics.validation import FloatArray


class PlanarSetting(Protocol):
    """Points in the plane with groups, and a reward that is largest in a disc."""

    @property
    def centre(self) -> tuple[float, float]:
        """Centre of the disc."""

    @property
    def disc(self) -> float:
        """Radius of the disc."""

    def draw(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Return n real points, shape (n, 2)."""

    def reward(self, points: FloatArray) -> FloatArray:
        """Return the rewards of points, shape (n,)."""

    def groups(self, points: FloatArray) -> IntArray:
        """Return the numbers of the points' groups, shape (n,)."""


def loop_tables(run: Run, setting: PlanarSetting, model: Model, loop: str) -> Tables:
    """Run a loop; return the table of its samples, and one of points at each step."""
    parameters = run.parameters
    # Not the stream of the loop, but one of the same seed.
    rng = np.random.default_rng([parameters["seed"], 1])
    recorder = recorded(
        run,
        model,
        lambda points: (setting.reward(points), setting.groups(points)),
        setting.draw(parameters["real"], rng),
        loop=loop,
        keep=lambda t, points: {"points": points[: parameters["drawn"]]},
        seed=parameters["seed"],
    )
    points = np.concatenate([kept["points"] for kept in recorder.kept])
    kept = Table(
        {
            "t": np.repeat(np.arange(len(recorder.kept)), parameters["drawn"]),
            "x": points[:, 0],
            "y": points[:, 1],
        },
        {
            "t": "retraining step",
            "x": "first coordinate of a generated sample: the first ones of each step",
            "y": "second coordinate",
        },
    )
    return {"samples": samples(recorder), "points": kept}
