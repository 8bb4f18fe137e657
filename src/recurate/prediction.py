"""The main job: from a table of rewards, where the loop goes and what the theorems guarantee."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from recurate import __version__
from recurate.errors import InputError
from recurate.numerics.files import replaced_when_done
from recurate.numerics.loop import CurationLoop
from recurate.numerics.trajectory import Trajectory
from recurate.paper_checks.guarantees import Guarantee, guarantees


@dataclass(frozen=True)
class Prediction:
    """A loop, its run from the real data, and the bounds that hold for it.

    Attributes
    ----------
    source : str
        Where the rewards come from.
    scale : float
        γ, the factor that the rewards were multiplied by.
    loop : CurationLoop
        The loop.
    trajectory : Trajectory
        Its run from p_ref.
    """

    source: str
    scale: float
    loop: CurationLoop
    trajectory: Trajectory

    @cached_property
    def guarantees(self) -> tuple[Guarantee, ...]:
        """The theorems' bounds."""
        return guarantees(self.loop, self.trajectory)

    def most_changed_groups(self, most: int) -> list[int]:
        """Return the numbers of the groups whose share changed most, most changed first."""
        proportions = self.trajectory.group_proportions
        # Rounded, so that equal changes keep the order of the groups.
        change = np.abs(proportions[-1] - proportions[0]).round(12)
        return [int(i) for i in np.argsort(-change, kind="stable")[:most]]

    def to_json(self) -> str:
        """Return everything as one JSON object; infinities are the string "inf"."""
        law = self.loop.law
        document = {
            "recurate": __version__,
            "parameters": {
                "source": self.source,
                "rewards": law.size,
                "scale": self.scale,
                "candidates": self.loop.K if self.loop.K == math.inf else int(self.loop.K),
                "lam": self.loop.lam,
                "real_fraction": self.loop.real_fraction,
                "steps": self.trajectory.steps,
                "max_reward": law.max_reward,
            },
            "trajectory": self.trajectory.to_dict(),
            "guarantees": [
                {
                    "id": guarantee.statement.id,
                    "title": guarantee.statement.title,
                    "figure": guarantee.figure,
                    "relation": ">=" if guarantee.is_lower else "<=",
                    "holds_for_this_loop": guarantee.bound is not None,
                    "missing_hypothesis": guarantee.missing,
                    "bound": None if guarantee.bound is None else guarantee.bound.tolist(),
                }
                for guarantee in self.guarantees
            ],
        }
        return json.dumps(_json_ready(document), indent=2, allow_nan=False, ensure_ascii=False)

    def write(self, folder: Path) -> list[Path]:
        """Write ``trajectory.csv`` and ``trajectory.png`` to a folder, made if need be.

        Both files are written whole, or neither is.

        Raises
        ------
        InputError
            If the folder's name is taken by a file.
        OSError
            If the folder or a file cannot be written.
        """
        from recurate.figures import predicted_trajectory

        if folder.exists() and not folder.is_dir():
            raise InputError(f"--out must be a folder; got the file {folder}")
        figure = predicted_trajectory.draw(
            self.trajectory,
            bounds={g.figure: g.bound for g in self.guarantees if g.bound is not None},
            labels={g.figure: g.statement.label for g in self.guarantees},
            groups=self.most_changed_groups(predicted_trajectory.MOST_GROUPS),
            title=f"{self.source}, K = {self.loop.K:g}, λ = {self.loop.lam:g}",
        )
        folder.mkdir(parents=True, exist_ok=True)
        table, picture = folder / "trajectory.csv", folder / "trajectory.png"
        with replaced_when_done(table) as new_table, replaced_when_done(picture) as new_picture:
            self.trajectory.to_csv(new_table)
            predicted_trajectory.save(figure, new_picture)
        return [table, picture]


def _json_ready(value: Any) -> Any:
    """Return the value with infinities as strings and NaN as None: JSON has neither."""
    if isinstance(value, dict):
        return {key: _json_ready(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_json_ready(entry) for entry in value]
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if math.isinf(value):
            return "inf" if value > 0 else "-inf"
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
