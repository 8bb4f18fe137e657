"""How many bins there are at each level: counted in one pass, and one by one."""

import numpy as np
import pytest

from recurate.numerics.compression.lattice import COARSEST, FINEST, numbers_of_cells


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e6])
def test_cells_are_counted_at_all_levels_at_once(scale):
    rng = np.random.default_rng(0)
    places = np.sort(scale * rng.normal(size=300))  # on both sides of 0
    keys = rng.integers(0, 3, 300)
    order = np.lexsort((places, keys))
    cells, pairs = [], []
    for level in range(FINEST, COARSEST - 1, -1):
        at = np.floor(places * 2.0**level).tolist()
        cells.append(len(set(at)))
        pairs.append(len(set(zip(at, keys.tolist(), strict=True))))
    assert numbers_of_cells(places, FINEST).tolist() == cells
    assert numbers_of_cells(places[order], FINEST, keys[order]).tolist() == pairs
    assert numbers_of_cells(places, 3).tolist() == cells[FINEST - 3 :]
