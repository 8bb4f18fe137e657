"""A model's retraining loop compared with the exact one: tables of deviations, and agreement.

The exact loop starts from the first model's own samples, which `recorded_loops` kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from recurate.figures.making.recipe import Agreement, Parameters, Run, Tables
from recurate.figures.making.table import Table
from recurate.figures.shared.recorded_loops import real_samples, seen
from recurate.numerics.agreement.deviation import LoopDeviation, loop_deviation
from recurate.numerics.agreement.resampled_loops import BAND_ERROR, FEW

MEAN_REWARD = "mean reward"
"""Name of the mean reward among the compared figures; the others are the groups."""

_COMPARED = (
    "measured", "exact", "model_error", "drift", "bias", "spread", "resolution", "quantile",
)  # fmt: skip


def deviations(run: Run, loops: Mapping[str, Table], group_names: Sequence[str]) -> Table:
    """Compare loops with the exact theory.

    Parameters
    ----------
    run : Run
        With the parameters "K", "lam", "curated" and "seed".
    loops : mapping
        From the loop ("pure" or "mixed", perhaps followed by a blank and a name) to its table of
        `recurate.figures.shared.recorded_loops.samples`.
    group_names : sequence of str
        Names of the groups.
    """
    parameters = run.parameters
    names = (MEAN_REWARD, *group_names)
    rows: list[tuple[Any, ...]] = []
    for number, (loop, table) in enumerate(loops.items()):
        run.progress("exact theory", number, len(loops))
        generated, training = (seen(table, kind) for kind in ("generated", "training"))
        found = loop_deviation(
            generated,
            training,
            training[0],
            K=parameters["K"],
            n_real=real_samples(loop.split()[0], parameters),
            n_groups=len(group_names),
            seed=parameters["seed"],
        )
        arrays = [getattr(found, kind) for kind in _COMPARED]
        for t in range(len(generated)):
            for place, name in enumerate(names):
                rows.append((loop, t, name, *(float(array[t, place]) for array in arrays)))
    return Table.of_rows(
        rows,
        {
            "loop": "curated samples alone (pure) or real data mixed in (mixed)",
            "t": "retraining step",
            "figure": "the mean reward, or the group whose share it is",
            "measured": "of the generated samples",
            "exact": "of the exact loop that starts from the samples generated at t = 0",
            "model_error": "part of measured - exact that is due to the models: what they "
            "generate is not what they were trained on",
            "drift": "the other part, due to finite samples: curated samples, and real ones with "
            "them, are not their law",
            "bias": "mean of what finite samples do by themselves, over 4,000 loops of these sizes "
            "that are retrained by resampling",
            "spread": "standard deviation of that",
            "resolution": "least difference of a share that is looked at: five samples",
            "quantile": "half-width of the figure's band in spreads: 99% of these loops are within "
            "all figures' bands at every step",
        },
    )


def deviation_of(table: Table, loop: str) -> LoopDeviation:
    """Return the deviation of one loop in a table of `deviations`."""
    one = table.where(loop=loop)
    steps = int(one["t"].max()) + 1
    return LoopDeviation(**{kind: one[kind].reshape(steps, -1) for kind in _COMPARED})


def agreement(tables: Tables, parameters: Parameters) -> Agreement:
    """Return whether the shares and the mean reward of all loops follow the theory."""
    table = tables["deviations"]
    found = [deviation_of(table, loop) for loop in table.distinct("loop")]
    return Agreement(
        "Largest deviation of a share or of the mean reward from the exact loop, over all steps, "
        "in units of what is allowed",
        float(np.max([one.excess().max() for one in found])),
        1.0,
        "at most a third of the change that the theory predicts, or what finite samples do by "
        "themselves where that is wider: their bias, and a band that they leave anywhere in a loop "
        f"with a chance of {BAND_ERROR:.0%}; {FEW} samples in a group do not count",
        float(np.min([one.excess(unchanged=True).max() for one in found])),
    )


def split_in_words(table: Table, loop: str, name: str) -> str:
    """Return for a caption how a figure ends, and what its deviation consists of."""
    one = table.where(loop=loop, figure=name)
    last = {kind: float(one[kind][-1]) for kind in ("measured", "exact", "model_error", "drift")}
    return (
        f"{last['measured']:.3f}, and {last['exact']:.3f} by the exact loop "
        f"({last['model_error']:+.3f} the model's error, {last['drift']:+.3f} finite samples)"
    )
