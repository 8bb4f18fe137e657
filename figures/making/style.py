"""How every figure looks, and how it is written: PNG, SVG and PDF, the same bytes each time."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from recurate.numerics.files import written

STYLE_FILE = Path(__file__).with_name("recurate.mplstyle")

COLUMN_WIDTH = 3.3
"""Width of a figure in one column of a page, in inches."""

PAGE_WIDTH = 5.5
"""Width of a figure across the paper's text, in inches."""

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's palette, which colour-blind readers can tell apart; that of the style file."""

BOUND_COLOUR = "#555555"
"""Colour of what a theorem guarantees, beside what happens."""

# No file contains the time when it was written.
_METADATA: dict[str, dict[str, Any]] = {
    "png": {},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
}

FORMATS = tuple(_METADATA)
"""Formats of a picture, as the endings of its files."""


@contextmanager
def styled() -> Iterator[None]:
    """Draw and write in the package's style, whatever the user has configured."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            matplotlib.rc_params_from_file(STYLE_FILE, use_default_template=False)
        )
        yield


def name_panels(panels: Iterable[Axes], fontsize: float | None = None) -> None:
    """Put (a), (b), … before the panels' titles, and set the titles' size if one is given."""
    for letter, axes in zip("abcdefghijkl", panels, strict=False):
        axes.set_title(f"({letter}) {axes.get_title()}")
        if fontsize is not None:
            axes.title.set_fontsize(fontsize)


def shades(number: int) -> Any:
    """Return colours for an ordered list, from dark to light, shape (number, 4)."""
    return matplotlib.colormaps["viridis"](np.linspace(0.0, 0.88, number))


def save(figure: Figure, path: Path | BinaryIO, ending: str | None = None) -> None:
    """Write a picture in the format of an ending, by default the path's, whole or not at all.

    Raises
    ------
    ValueError
        If the ending is not one of `FORMATS`.
    """
    if ending is None:
        ending = path.suffix.removeprefix(".") if isinstance(path, Path) else ""
    if ending not in _METADATA:
        raise ValueError(f"path must end in .{', .'.join(FORMATS)}; got {path}")
    with styled(), written(path) as file, warnings.catch_warnings():
        # A label in a script that the font lacks is drawn as boxes; the table has it in full.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(file, format=ending, metadata=_METADATA[ending])
