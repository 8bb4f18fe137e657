"""Continuous reward laws of the theory figures, on nodes that integrate them."""

from __future__ import annotations

import numpy as np
from scipy.special import roots_jacobi

from recurate.numerics.reward_law import RewardLaw
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
        Ascending nodes and positive weights, which sum to the interval's length.
    """
    unit, unit_mass = np.polynomial.legendre.leggauss(nodes)
    half = (end - start) / (2 * panels)
    centres = start + half * (2 * np.arange(panels) + 1)
    return (centres[:, None] + half * unit).ravel(), np.tile(half * unit_mass, panels)


def uniform_rewards(span: float, nodes: int) -> RewardLaw:
    """Return rewards that are uniform on [0, span], as a Gauss–Radau rule with a node at span.

    Each step's density is an analytic function of the reward, so that some tens of nodes integrate
    it to rounding; with the node at the top, r_max and w_* are those of the continuous law.

    Notes
    -----
    The inner nodes are those of the Gauss–Jacobi rule for the weight 1 - x, whose masses are
    divided by 1 - x; the end has 2/n² (Hildebrand, Introduction to Numerical Analysis, 8.11).
    """
    x, mass = roots_jacobi(nodes - 1, 1, 0)
    x, mass = np.append(x, 1.0), np.append(mass / (1.0 - x), 2.0 / nodes**2)
    return RewardLaw(span * (1.0 + x) / 2.0, mass / 2.0)
