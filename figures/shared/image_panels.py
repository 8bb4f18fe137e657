"""Panels of the image figures: generated images in a row, and class proportions."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from recurate.figures.making import style
from recurate.figures.making.table import Table
from recurate.figures.shared import loop_panels
from recurate.figures.shared.loop_tables import deviation_of

_REST = "#999999"


def strip(axes: Axes, table: Table, t: int, title: str) -> None:
    """Draw the images of a step side by side, from a table that `image_loops` made."""
    one = table.where(t=t)
    sizes = [int(one[name].max()) + 1 for name in ("image", "channel", "row", "column")]
    images = one["value"].reshape(sizes)
    number, channels, height, width = sizes
    gap = 1 if height < 16 else 2
    sheet = np.ones((channels, height, number * (width + gap) - gap))
    for place, image in enumerate(images):
        left = place * (width + gap)
        # Digits are drawn as ink on paper, photographs as they are.
        sheet[:, :, left : left + width] = 1 - image if channels == 1 else image
    if channels == 1:
        axes.imshow(sheet[0], cmap="gray", vmin=0.0, vmax=1.0)
    else:
        axes.imshow(sheet.transpose(1, 2, 0))
    axes.set_axis_off()
    axes.set_title(title, fontsize=6.5, pad=2)


def movers(table: Table, loop: str, number: int) -> list[str]:
    """Return the classes whose proportions change most in the exact loop, the largest first."""
    change = np.abs(deviation_of(table, loop).change[-1, 1:])
    names = table.distinct("figure")[1:]
    return [names[i] for i in np.argsort(-change, kind="stable")[:number]]


def proportions(axes: Axes, table: Table, loop: str, named: list[str]) -> None:
    """Draw the proportions of the named classes in colours, and of the others in grey."""
    rest = [name for name in table.distinct("figure")[1:] if name not in named]
    loop_panels.compare(axes, table, loop, dict.fromkeys(rest, (_REST, "")))
    colours = style.COLOURS[1:]
    lines = {name: (colour, name) for name, colour in zip(named, colours, strict=False)}
    loop_panels.compare(axes, table, loop, lines)
    axes.set_ylim(0.0, min(1.05, axes.get_ylim()[1]))
