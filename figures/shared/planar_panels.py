"""Drawing points in the plane over retraining steps, beside a group's share and its deviation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import Circle

from recurate.figures.making import style
from recurate.figures.making.recipe import Parameters, Tables
from recurate.figures.shared import loop_panels
from recurate.figures.shared.loop_tables import split_in_words
from recurate.figures.shared.planar_loops import PlanarSetting
from recurate.figures.shared.recorded_loops import LOOPS


@dataclass(frozen=True)
class View:
    """What one figure shows, in pictures and in words.

    Attributes
    ----------
    height : float
        Height of the picture in inches.
    x, y : tuple of float
        Limits of the plane.
    setting : callable
        From the figure's parameters to the points' setting, with the disc of the largest reward.
    group : str
        The group whose share is drawn.
    title : str
        Title of the share's panels.
    model, share : str
        For the caption: what is retrained, and which share is drawn.
    """

    height: float
    x: tuple[float, float]
    y: tuple[float, float]
    setting: Callable[[Parameters], PlanarSetting]
    group: str
    title: str
    model: str
    share: str


def draw(tables: Tables, parameters: Parameters, view: View) -> Figure:
    """Draw points over the steps, the share of a group, and what its deviation consists of."""
    figure = Figure(figsize=(style.PAGE_WIDTH, view.height))
    setting, shown = view.setting(parameters), parameters["shown"]
    panels = figure.subplots(2, len(shown) + 2)
    for row, loop in enumerate(LOOPS):
        lam = "∞" if loop == "pure" else f"{parameters['lam']:g}"
        for axes, t in zip(panels[row], shown, strict=False):
            one = tables[f"{loop}_points"].where(t=t)
            axes.scatter(one["x"], one["y"], s=0.4, alpha=0.5, linewidths=0, rasterized=True)
            axes.add_patch(Circle(setting.centre, setting.disc, fill=False, lw=0.6))
            axes.set_xlim(view.x)
            axes.set_ylim(view.y)
            axes.set_aspect("equal")
            axes.set_title(f"λ = {lam}, t = {t}")
            axes.tick_params(labelbottom=row == 1, labelleft=t == shown[0])
        share, parts = panels[row, -2:]
        lines = {view.group: (style.COLOURS[1], "")}
        loop_panels.compare(share, tables["deviations"], loop, lines)
        share.set_ylim(0.0, 1.05)
        share.set_title(view.title)
        loop_panels.split(parts, tables["deviations"], loop, view.group)
        parts.set_title("its deviation")
        if row == 0:
            share.set_xlabel("")
            parts.set_xlabel("")
    loop_panels.legend(figure, panels[0, -1])
    style.name_panels(panels.flat, fontsize=6.5)
    return figure


def caption(tables: Tables, parameters: Parameters, view: View) -> str:
    """Return what `draw` shows, with the group's share at the last step."""
    pure, mixed = (split_in_words(tables["deviations"], loop, view.group) for loop in LOOPS)
    return (
        f"{view.model}, retrained from its weights of the step before on the best of K = "
        f"{parameters['K']} by a reward that is largest in the disc (the circle). Right: "
        f"{view.share} as measured (points) and by the exact loop from the first model's own "
        f"samples (line; {loop_panels.SHADES}), and what the difference is made of. "
        f"Upper row: on curated samples alone it ends at {pure}. Lower row: with real data mixed "
        f"in (λ = {parameters['lam']:g}) it ends at {mixed}. {parameters['generated']:,} samples "
        f"are generated in each step, {parameters['curated']:,} curated, and "
        f"{parameters['drawn']:,} drawn here."
    )
