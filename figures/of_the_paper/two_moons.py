"""A normalising flow retrained on its own curated samples of two moons (paper, Figures 5 and 7).

The loop runs on curated samples alone, and with real data mixed in. Beside the samples the figure
shows the share of the rewarded moon, as measured and by the exact loop. This project does not know
the paper's sizes: the scale `paper` has sizes that are usual for such models.
"""

from __future__ import annotations

from matplotlib.figure import Figure

from recurate.figures.making.recipe import Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Table
from recurate.figures.shared import loop_tables, planar_loops, planar_panels
from recurate.figures.shared.half_moons import HalfMoons
from recurate.figures.shared.planar_panels import View
from recurate.figures.shared.recorded_loops import LOOPS, training_of
from recurate.numerics.neural.normalising_flow import NormalisingFlowModel

_GROUPS = ("upper moon", "lower moon")
_VIEW = View(
    height=2.4,
    x=(-1.6, 2.6),
    y=(-1.1, 1.6),
    setting=HalfMoons.of,
    group=_GROUPS[0],
    title="upper moon",
    model="A normalising flow of two moons",
    share="the share of the upper moon (samples that are closest to it)",
)


def pure(run: Run) -> Tables:
    """Run the loop on curated samples alone."""
    return planar_loops.loop_tables(run, HalfMoons.of(run.parameters), _model(run), "pure")


def mixed(run: Run) -> Tables:
    """Run the loop with real data mixed in."""
    return planar_loops.loop_tables(run, HalfMoons.of(run.parameters), _model(run), "mixed")


def _model(run: Run) -> NormalisingFlowModel:
    training = training_of(run)
    return NormalisingFlowModel(
        training, transforms=run.parameters["transforms"], width=run.parameters["width"]
    )


def deviations(run: Run) -> Table:
    """Compare both loops with the exact ones."""
    loops = {loop: run.tables[f"{loop}_samples"] for loop in LOOPS}
    return loop_tables.deviations(run, loops, _GROUPS)


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw samples over the steps, and the rewarded group's share."""
    return planar_panels.draw(tables, parameters, _VIEW)


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with the shares at the last step."""
    return planar_panels.caption(tables, parameters, _VIEW)


_COMMON = {
    "deviation": 0.1,
    "gamma": 10.0,
    "disc": 0.5,
    "K": 4,
    "lam": 1.0,
    "seed": 1,
}

recipe = Recipe(
    name="two_moons",
    title="A normalising flow on two moons (paper, Figures 5 and 7)",
    parameters={
        "smoke": {
            **_COMMON, "steps": 2, "shown": [0, 1, 2], "real": 4_000, "generated": 2_000,
            "curated": 2_000, "drawn": 2_000, "updates": 400, "retraining_updates": 200,
            "batch_size": 256, "learning_rate": 5e-3, "transforms": 3, "width": 32,
        },
        "default": {
            **_COMMON, "steps": 5, "shown": [0, 1, 5], "real": 10_000, "generated": 10_000,
            "curated": 5_000, "drawn": 4_000, "updates": 1_500, "retraining_updates": 750,
            "batch_size": 256, "learning_rate": 3e-3, "transforms": 4, "width": 64,
        },
        "paper": {
            **_COMMON, "steps": 10, "shown": [0, 1, 10], "real": 50_000, "generated": 50_000,
            "curated": 10_000, "drawn": 4_000, "updates": 10_000, "retraining_updates": 5_000,
            "batch_size": 512, "learning_rate": 2e-3, "transforms": 6, "width": 128,
        },
    },
    tables={"pure": pure, "mixed": mixed, "deviations": deviations},
    apart=("pure", "mixed"),
    draw=draw,
    caption=caption,
    agreement=loop_tables.agreement,
    uses_device=True,
)  # fmt: skip
