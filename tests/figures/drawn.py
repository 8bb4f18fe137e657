"""What pictures have in them, and the tables behind them."""

import numpy as np

from recurate.figures.making.table import read_table


def tables_of(recipe, folder):
    """Return a figure's tables, and those that it needs."""
    found = {}
    for other in recipe.needs:
        prefix = f"{other.name}-"
        for path in folder.glob(f"{prefix}*.csv"):
            found[path.stem] = read_table(path)
    for path in folder.glob(f"{recipe.name}-*.csv"):
        found[path.stem.removeprefix(f"{recipe.name}-")] = read_table(path)
    return found


def numbers(figure):
    """Return all numbers that lines and cells of a picture have."""
    values = [
        np.asarray(values, dtype=float).ravel()
        for axes in figure.axes
        if axes.get_label() != "<colorbar>"
        for artist in (*axes.get_lines(), *axes.collections)
        for values in (artist.get_data() if hasattr(artist, "get_data") else (artist.get_array(),))
        if values is not None and not type(artist).__name__.endswith("ContourSet")
    ]
    drawn = np.concatenate(values)
    return drawn[np.isfinite(drawn)]


def in_tables(tables):
    """Return all numbers that tables have."""
    columns = [column for table in tables.values() for column in table.columns.values()]
    return np.unique(np.concatenate([one for one in columns if one.dtype.kind in "if"]))


def write_blank(figure, file, **options):
    """Stand for `Figure.savefig` where a picture's bytes are not looked at."""
    file.write(b"blank")
