"""Three independent runs of the confidence experiment (paper, Figure 11).

The first run is `confidence_reward` itself. The other two have their own seeds and the same
classifier.
"""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from recurate.figures.making import style
from recurate.figures.making.recipe import Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Table
from recurate.figures.of_the_paper import confidence_reward
from recurate.figures.shared import image_loops, image_panels, loop_panels, loop_tables
from recurate.figures.shared.image_settings import stand_ins
from recurate.figures.shared.loop_tables import MEAN_REWARD
from recurate.figures.shared.recorded_loops import LOOPS

_FIRST = "confidence_reward"
_RUNS = ("second", "third")


def second_pure(run: Run) -> Tables:
    """Run the pure loop with the second seed."""
    return _loop(run, 0, "pure")


def second_mixed(run: Run) -> Tables:
    """Run the mixed loop with the second seed."""
    return _loop(run, 0, "mixed")


def third_pure(run: Run) -> Tables:
    """Run the pure loop with the third seed."""
    return _loop(run, 1, "pure")


def third_mixed(run: Run) -> Tables:
    """Run the mixed loop with the third seed."""
    return _loop(run, 1, "mixed")


def _loop(run: Run, number: int, loop: str) -> Tables:
    return image_loops.loop_tables(run, "confidence", loop, run.parameters["more_seeds"][number])


def deviations(run: Run) -> Table:
    """Compare all runs with the exact loops that start from their own first models."""
    names = image_loops.class_names(run.tables[f"{_FIRST}-classifier"])
    loops = {}
    for loop in LOOPS:
        loops[f"{loop} first"] = run.tables[f"{_FIRST}-{loop}_samples"]
        for name in _RUNS:
            loops[f"{loop} {name}"] = run.tables[f"{name}_{loop}_samples"]
    return loop_tables.deviations(run, loops, names)


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw a class's proportion and the mean reward, of all runs."""
    figure = Figure(figsize=(style.PAGE_WIDTH, 3.6))
    panels = figure.subplots(2, 2)
    table = tables["deviations"]
    largest = image_panels.movers(table, "pure first", 1)[0]
    for row, loop in enumerate(LOOPS):
        lam = "∞" if loop == "pure" else f"{parameters['lam']:g}"
        for axes, name in zip(panels[row], (largest, MEAN_REWARD), strict=True):
            _runs(axes, table, loop, name)
            axes.set_title(f"{name}, λ = {lam}")
            if row == 0:
                axes.set_xlabel("")
    panels[0, 0].legend(loc="upper left")
    loop_panels.legend(figure)
    style.name_panels(panels.flat)
    return figure


def _runs(axes: Axes, table: Table, loop: str, name: str) -> None:
    for run, colour in zip(("first", *_RUNS), style.COLOURS, strict=False):
        lines = {name: (colour, f"{run} run")}
        # The shades of one run are enough: those of all would lie on one another.
        loop_panels.compare(axes, table, f"{loop} {run}", lines, shades=run == "first")


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with the spread at the last step."""
    table = tables["deviations"]
    largest = image_panels.movers(table, "pure first", 1)[0]
    ends = {}
    for loop in LOOPS:
        last = [
            float(table.where(loop=f"{loop} {run}", figure=largest)["measured"][-1])
            for run in ("first", *_RUNS)
        ]
        ends[loop] = ", ".join(f"{value:.3f}" for value in last)
    return (
        "Three independent runs of confidence_reward: other seeds for the models and for all that "
        "is drawn, the same classifier. Each line starts from that run's own first model; "
        f"{loop_panels.SHADES} (of the first run). The "
        f"proportion of {largest} ends at {ends['pure']} on curated samples alone, and at "
        f"{ends['mixed']} with real data mixed in. " + stand_ins(tables[f"{_FIRST}-classifier"])
    )


recipe = Recipe(
    name="replicates",
    title="Three runs of the confidence experiment (paper, Figure 11)",
    parameters={
        scale: {**parameters, "more_seeds": [2, 3]}
        for scale, parameters in confidence_reward.recipe.parameters.items()
    },
    image_parameters=confidence_reward.recipe.image_parameters,
    tables={
        "second_pure": second_pure,
        "second_mixed": second_mixed,
        "third_pure": third_pure,
        "third_mixed": third_mixed,
        "deviations": deviations,
    },
    apart=("second_pure", "second_mixed", "third_pure", "third_mixed"),
    draw=draw,
    caption=caption,
    agreement=loop_tables.agreement,
    uses_device=True,
    uses_images=True,
    needs=(confidence_reward.recipe,),
)
