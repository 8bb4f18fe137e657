"""A law of rewards that several figures share, and a quadrature rule for other integrals."""

from __future__ import annotations

import numpy as np
from scipy import stats

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.validation import FloatArray


def gauss_legendre(
    start: float, end: float, panels: int, nodes: int
) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights of a composite Gauss–Legendre rule.

    Parameters
    ----------
    start, end : float
        The interval.
    panels : int
        Number of equal parts.
    nodes : int
        Nodes in each part.

    Returns
    -------
    x, mass : ndarray, shape (panels * nodes,)
        Ascending nodes, and positive weights that sum to the interval's length.
    """
    unit, unit_mass = np.polynomial.legendre.leggauss(nodes)
    half = (end - start) / (2 * panels)
    centres = start + half * (2 * np.arange(panels) + 1)
    return (centres[:, None] + half * unit).ravel(), np.tile(half * unit_mass, panels)


def uniform_rewards(span: float) -> RewardLaw:
    """Return the law of rewards that are uniform on [0, span]."""
    return RewardLaw.from_density(stats.uniform(0.0, span))
