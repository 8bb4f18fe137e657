"""A diffusion model retrained on its own curated samples of eight Gaussians (paper, Figure 4).

The loop runs on curated samples alone, and with real data mixed in. Beside the samples the figure
shows the share of the rewarded Gaussian, as measured and by the exact loop. This project does not
know the paper's sizes: the scale `paper` has sizes that are usual for such models.
"""

from __future__ import annotations

from matplotlib.figure import Figure

from recurate.figures.making.recipe import Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Table
from recurate.figures.shared import loop_tables, planar_loops, planar_panels
from recurate.figures.shared.eight_gaussians import EightGaussians
from recurate.figures.shared.planar_panels import View
from recurate.figures.shared.recorded_loops import LOOPS, training_of
from recurate.numerics.neural.diffusion import DiffusionModel

_GROUPS = ("rewarded Gaussian", *(f"Gaussian {i}" for i in range(1, 8)))
_VIEW = View(
    height=2.75,
    x=(-6.5, 6.5),
    y=(-6.5, 6.5),
    setting=EightGaussians.of,
    group=_GROUPS[0],
    title="rewarded share",
    model="A diffusion model of eight Gaussians",
    share="the share of the rewarded Gaussian (samples that are closest to its centre)",
)


def pure(run: Run) -> Tables:
    """Run the loop on curated samples alone."""
    return planar_loops.loop_tables(run, EightGaussians.of(run.parameters), _model(run), "pure")


def mixed(run: Run) -> Tables:
    """Run the loop with real data mixed in."""
    return planar_loops.loop_tables(run, EightGaussians.of(run.parameters), _model(run), "mixed")


def _model(run: Run) -> DiffusionModel:
    training = training_of(run)
    return DiffusionModel(training, levels=run.parameters["levels"], width=run.parameters["width"])


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
    "radius": 4.0,
    "deviation": 0.5,
    "gamma": 10.0,
    "disc": 1.0,
    "K": 4,
    "lam": 1.0,
    "seed": 1,
}

recipe = Recipe(
    name="gaussian_mixture",
    title="A diffusion model on eight Gaussians (paper, Figure 4)",
    parameters={
        "smoke": {
            **_COMMON, "steps": 2, "shown": [0, 1, 2], "real": 4_000, "generated": 2_000,
            "curated": 2_000, "drawn": 2_000, "updates": 2_000, "retraining_updates": 1_000,
            "batch_size": 256, "learning_rate": 5e-3, "levels": 50, "width": 64,
        },
        "default": {
            **_COMMON, "steps": 5, "shown": [0, 1, 5], "real": 10_000, "generated": 20_000,
            "curated": 5_000, "drawn": 4_000, "updates": 6_000, "retraining_updates": 3_000,
            "batch_size": 256, "learning_rate": 3e-3, "levels": 100, "width": 128,
        },
        "paper": {
            **_COMMON, "steps": 10, "shown": [0, 1, 10], "real": 50_000, "generated": 50_000,
            "curated": 10_000, "drawn": 4_000, "updates": 30_000, "retraining_updates": 15_000,
            "batch_size": 512, "learning_rate": 2e-3, "levels": 200, "width": 256,
        },
    },
    tables={"pure": pure, "mixed": mixed, "deviations": deviations},
    apart=("pure", "mixed"),
    draw=draw,
    caption=caption,
    agreement=loop_tables.agreement,
    uses_device=True,
)  # fmt: skip
