"""Labels of the panels in a figure of a user's own run."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator


def label_panel(axes: Axes, heading: str) -> None:
    """Give a panel its heading and the axis of retraining steps."""
    axes.set_title(heading, fontsize=9)
    axes.set_xlabel("retraining step t", fontsize=8)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def shown_name(group: Any) -> str:
    """Return a group's name as a legend shows it."""
    name = str(group)
    # Matplotlib's legends leave out labels that begin with an underscore.
    return f" {name}" if name.startswith("_") else name or "''"


def legend_of_groups(axes: Axes) -> None:
    """Explain the groups' lines; a dollar sign in a name does not begin a formula."""
    for text in axes.legend(frameon=False, fontsize=8, ncols=2).get_texts():
        text.set_parse_math(False)
