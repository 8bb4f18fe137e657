"""Labels of the panels in a figure of a user's own run, and a user's words in it."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from recurate.numerics.text import shortened

LONGEST_NAME = 24
"""Longest name that is drawn whole, in characters: of longer ones the middle is left out."""

LONGEST_SOURCE = 50
"""The same for what the rewards come from, in the title."""

_TITLE = 80  # characters of a line of the title
_HEADING = 20  # characters of a name in the heading of a panel, beside a number
_LINE = 112  # characters of a note
_LEGEND_LINE = 100

# Common fonts with scripts that the package's own lacks: of Linux, macOS and Windows.
_FALLBACKS = (
    *(f"Noto Sans CJK {region}" for region in ("SC", "TC", "JP", "KR", "HK")),
    *(f"Noto Sans {region}" for region in ("SC", "TC", "JP", "KR")),
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "AR PL UMing CN",
    "IPAGothic",
    "NanumGothic",
    "PingFang SC",
    "Hiragino Sans GB",
    "Hiragino Sans",
    "Heiti TC",
    "STHeiti",
    "Apple SD Gothic Neo",
    "Arial Unicode MS",
    "Microsoft YaHei",
    "SimHei",
    "Yu Gothic",
    "MS Gothic",
    "Malgun Gothic",
    "Nirmala UI",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Tamil",
    "Noto Sans Thai",
    "Noto Emoji",
    "Symbola",
    "Unifont",
)


def label_panel(axes: Axes, heading: str) -> None:
    """Give a panel its heading and the axis of retraining steps."""
    axes.set_title(heading, fontsize=9)
    axes.set_xlabel("retraining step t", fontsize=8)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def drawable(text: str) -> str:
    """Return a text without what cannot be drawn: a character that no font has is escaped."""
    return "".join(char if _has_glyph(char) else _escaped(char) for char in text)


def shown_names(groups: Sequence[Any]) -> list[str]:
    """Return the names of groups as a legend shows them; their tables have them in full."""
    names = [drawable(shortened(str(group), LONGEST_NAME)) or "''" for group in groups]
    # Matplotlib's legends leave out labels that begin with an underscore.
    names = [f" {name}" if name.startswith("_") else name for name in names]
    return [
        f"{name} ({names[: i + 1].count(name)})" if names.count(name) > 1 else name
        for i, name in enumerate(names)
    ]


def name_in_heading(name: str) -> str:
    """Return a name as the heading of a panel shows it: half as long if its characters are wide."""
    is_wide = any(unicodedata.east_asian_width(char) in "WF" for char in name)
    drawn = drawable(shortened(name, _HEADING // 2 if is_wide else _HEADING))
    return shortened(drawn, _HEADING)  # escaped, it may be longer


def entitle(figure: Figure, source: str, loop: str) -> None:
    """Put what the rewards come from, and the loop, above a figure."""
    title = f"{drawable(shortened(source, LONGEST_SOURCE))}, {loop.replace('inf', '∞')}"
    title = textwrap.fill(title, _TITLE)
    # A dollar sign in a name does not begin a formula.
    figure.suptitle(title, fontsize=11, parse_math=False, fontfamily=families())


def legend_of_groups(axes: Axes) -> None:
    """Explain the groups' lines below all panels, where it hides none of them."""
    handles, labels = axes.get_legend_handles_labels()
    widest = max(map(len, labels)) + 6
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    legend = figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=max(1, min(len(labels), _LEGEND_LINE // widest)),
        frameon=False,
        prop={"size": 8, "family": families()},
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


def note_below(figure: Figure, notes: Sequence[str], colour: str) -> None:
    """Put notes under all panels, above the legend if there is one."""
    text = "\n".join(textwrap.wrap("; ".join(notes), _LINE))
    if not figure.legends:
        figure.supxlabel(text, fontsize=8, color=colour)
        return
    # As its title: constrained layout would draw a label of the figure over the legend.
    (legend,) = figure.legends
    legend.set_title(text, prop=font_manager.FontProperties(size=8))
    legend.get_title().set(color=colour, multialignment="center")


@cache
def families() -> list[str]:
    """Return the fonts for a user's words: the package's own, and all others that are there."""
    there = {entry.name for entry in font_manager.fontManager.ttflist}
    return ["DejaVu Sans", *(name for name in _FALLBACKS if name in there)]


@cache
def _has_glyph(char: str) -> bool:
    if char.isascii() or not char.isprintable():
        return char.isprintable()
    return any(ord(char) in _characters(family) for family in families())


@cache
def _characters(family: str) -> frozenset[int]:
    path = font_manager.findfont(font_manager.FontProperties(family=[family]))
    return frozenset(font_manager.get_font(path).get_charmap())


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode()


def heading_of_reward(are_odds: bool) -> str:
    """Return what stands above the expected reward, with its unit if it has one."""
    return f"expected reward{' (log-odds)' if are_odds else ''}"
