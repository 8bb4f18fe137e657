"""Quality of the images (paper, Figures 8 and 10): distance to real ones, precision and recall.

These are the images of `class_reward` and `confidence_reward`. The paper measures FID with an
Inception network; here it is the Fréchet distance of our own classifier's features.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from recurate.figures.making import style
from recurate.figures.making.recipe import Agreement, Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Table
from recurate.figures.of_the_paper import class_reward, confidence_reward
from recurate.figures.shared import loop_panels
from recurate.figures.shared.image_settings import CIFAR10, DIGITS, stand_ins

_LOOPS = {
    "class": ("class_reward-pure_quality", "reward class 0, λ = ∞"),
    "pure": ("confidence_reward-pure_quality", "reward confidence, λ = ∞"),
    "mixed": ("confidence_reward-mixed_quality", "reward confidence, real data"),
}
"""From a loop's short name to its table, and to its name in the picture."""

_CLASSIFIER = "confidence_reward-classifier"
_MEASURES = {"frechet": "Fréchet distance", "precision": "precision", "recall": "recall"}
_EXACT = ("exact_frechet", "exact_precision")


def measures(run: Run) -> Table:
    """Put the measures of all loops side by side."""
    tables = {loop: run.tables[name] for loop, (name, _) in _LOOPS.items()}
    first = next(iter(tables.values()))
    columns = {
        name: np.concatenate([table[name] for table in tables.values()])
        for name in ("t", *_MEASURES, *_EXACT)
    }
    loops = np.repeat(list(tables), [table.size for table in tables.values()])
    return Table(
        {"loop": loops, **columns},
        {
            "loop": "class: class_reward's; pure and mixed: confidence_reward's",
            **{name: first.meanings[name] for name in columns},
        },
    )


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw the three measures over the steps."""
    figure = Figure(figsize=(style.PAGE_WIDTH, 2.3))
    panels = list(figure.subplots(1, 3))
    unseen = tables[_CLASSIFIER]
    for axes, (name, title) in zip(panels, _MEASURES.items(), strict=True):
        _panel(axes, tables["measures"], name)
        axes.axhline(float(unseen[name][0]), color=style.BOUND_COLOUR, ls="--", lw=0.8)
        axes.set_title(title)
        axes.set_ylim(0.0, None if name == "frechet" else 1.05)
    panels[0].plot([], [], color=style.BOUND_COLOUR, ls="--", lw=0.8, label="unseen real images")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    style.name_panels(panels)
    return figure


def _panel(axes: Axes, table: Table, name: str) -> None:
    for (loop, (_, label)), colour in zip(_LOOPS.items(), style.COLOURS, strict=False):
        one = table.where(loop=loop)
        axes.plot(one["t"], one[name], "o", color=colour, label=label)
        if f"exact_{name}" in table.columns:
            axes.plot(one["t"], one[f"exact_{name}"], "-", color=colour, lw=1.0)
    loop_panels.steps(axes)


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with the distances at the first and the last step."""
    table, unseen = tables["measures"], tables[_CLASSIFIER]
    ends = {
        loop: (float(one["frechet"][0]), float(one["frechet"][-1]), float(one["recall"][-1]))
        for loop in _LOOPS
        for one in [table.where(loop=loop)]
    }
    return (
        "Quality and variety of the images generated in class_reward and confidence_reward, "
        "against the real training images: points as measured; lines what the exact loop makes of "
        "the first model's images, and of real ones where they are mixed in, by reweighting them, "
        "without any further model (recall has no line: it is not a mean). Dashed: real images "
        "that no model has seen. The Fréchet distance of the classifier's features stands for the "
        "paper's FID, precision and recall are those of "
        f"the 3 nearest neighbours of {parameters['judged']:,} images. The distance goes from "
        f"{ends['pure'][0]:.2f} to {ends['pure'][1]:.2f} on curated samples alone, to "
        f"{ends['mixed'][1]:.2f} with real data mixed in, and to {ends['class'][1]:.2f} where one "
        f"class is rewarded (unseen real images: {float(unseen['frechet'][0]):.2f}); recall ends "
        f"at {ends['pure'][2]:.2f}, {ends['mixed'][2]:.2f} and {ends['class'][2]:.2f}. "
        + stand_ins(unseen)
    )


def agreement(tables: Tables, parameters: Parameters) -> Agreement:
    """Return the largest distance of a measured precision from the exact loop's."""
    table = tables["measures"]
    return Agreement(
        "Largest difference of a loop's precision from that of the first model's images reweighted "
        "by the exact loop",
        float(np.abs(table["precision"] - table["exact_precision"]).max()),
        reason="",
    )


recipe = Recipe(
    name="sample_quality",
    title="Quality of retrained images (paper, Figures 8 and 10)",
    parameters={scale: {"judged": sizes["judged"]} for scale, sizes in DIGITS.items()},
    image_parameters={
        "cifar10": {scale: {"judged": sizes["judged"]} for scale, sizes in CIFAR10.items()}
    },
    tables={"measures": measures},
    draw=draw,
    caption=caption,
    agreement=agreement,
    uses_images=True,
    needs=(class_reward.recipe, confidence_reward.recipe),
)
