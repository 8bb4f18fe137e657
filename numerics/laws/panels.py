"""Gauss–Legendre panels for a density: narrow where it varies, graded towards finite ends.

Each stretch of the support has a coordinate v in which the density, and every integrand of the
engine, is smooth on the scale of one: the logarithm of the distance to a finite end, or the reward
itself. Panels are at most 2 wide in it and are halved until the density's Legendre coefficients
fall off. ``docs/continuous_laws.md`` shows why that resolves the engine's integrands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.polynomial import legendre

from recurate.numerics.validation import FloatArray

NODES = 16
"""Nodes of each panel."""

WIDEST = 2.0
"""Largest width of a panel, in its coordinate and in reward."""

LARGEST_PANELS = 1300
"""Largest number of panels of a law: 20,800 nodes."""

_RESOLVED = 1e-9  # the last three Legendre coefficients, relative to the largest
_BLURRED, _ROUGHEST = 64.0, 1e-6  # the same, where the distance to an end is rounded
_SMALL_ERROR = 1e-17  # of a panel's mass, relative to the law's at the panel and above
_MOST_HALVINGS = 60
_LEAST_WIDTH = 1e-9  # of the first panels: points that are nearer to each other count as one

_POINTS, _WEIGHTS = legendre.leggauss(NODES)
_COEFFICIENTS = (
    (np.arange(NODES) + 0.5)[:, None] * legendre.legvander(_POINTS, NODES - 1).T * _WEIGHTS
)

_ORDERS = legendre.legvander(_POINTS, NODES).T
# Integrals of the Legendre polynomials from -1 to each node: (P_{k+1} - P_{k-1})/(2k + 1).
_INTEGRALS = (_ORDERS[1:] - np.vstack([-np.ones(NODES), _ORDERS[: NODES - 1]])) / (
    2 * np.arange(NODES)[:, None] + 1.0
)
# From the masses at the nodes to the mass of the interpolated density below each node.
_BELOW = (_INTEGRALS.T * (np.arange(NODES) + 0.5)) @ _ORDERS[:NODES]


@dataclass(frozen=True)
class Stretch:
    """A part of the support and its coordinate.

    Attributes
    ----------
    lowest, highest : float
        Its ends, in the coordinate.
    density : callable
        The law's density in the coordinate: mass per dv, of an array of v.
    relative : callable
        The reward minus the law's unit reward, with all its digits, of an array of v.
    blur : float
        If v is the logarithm of a distance: how much the density's argument rounds that distance.
    """

    lowest: float
    highest: float
    density: Callable[[FloatArray], FloatArray]
    relative: Callable[[FloatArray], FloatArray]
    blur: float = 0.0


class Panels(NamedTuple):
    """Panels of a stretch in ascending order, and the masses at their nodes.

    Attributes
    ----------
    edges : ndarray, shape (panels, 2)
        In the coordinate.
    masses : ndarray, shape (panels, NODES)
        Weight times density.
    """

    edges: FloatArray
    masses: FloatArray

    @property
    def nodes(self) -> FloatArray:
        """Coordinates of the nodes, shape (panels, NODES)."""
        return _nodes(self.edges)

    @property
    def totals(self) -> FloatArray:
        """Mass of each panel, shape (panels,)."""
        totals: FloatArray = self.masses.sum(axis=1)
        return totals

    @property
    def below(self) -> FloatArray:
        """Mass at lower coordinates than each node, in these panels, shape (panels, NODES)."""
        before = np.cumsum(self.totals) - self.totals
        below: FloatArray = before[:, None] + self.masses @ _BELOW.T
        return below


def cover(
    stretch: Stretch, width: float, breaks: FloatArray, above: Callable[[FloatArray], FloatArray]
) -> Panels:
    """Divide a stretch into panels that resolve the density, under every increasing factor.

    The loop's laws are p_ref times an increasing function of the reward. So a panel's share of the
    mass in it and above it is never larger than under p_ref, and its error is judged by that share.

    Parameters
    ----------
    stretch : Stretch
        The stretch.
    width : float
        Largest width to begin with.
    breaks : ndarray
        Coordinates where a panel must end.
    above : callable
        Approximate mass of the law in panels of given edges and above them; shape (panels,).

    Raises
    ------
    ArithmeticError
        If more than `LARGEST_PANELS` of positive mass are needed.
    """
    waiting = _first_panels(stretch, width, breaks)
    edges, masses = [], []
    for halvings in range(_MOST_HALVINGS + 1):
        nodes = _nodes(waiting)
        half_widths = np.diff(waiting, axis=1) / 2
        values = stretch.density(nodes.ravel()).reshape(nodes.shape)
        found = half_widths * _WEIGHTS * values
        extents = np.ptp(stretch.relative(waiting.ravel()).reshape(waiting.shape), axis=1)
        rough, totals = _roughness(values), found.sum(axis=1)
        done = rough <= _attainable(stretch, waiting)
        done |= totals * rough <= _SMALL_ERROR * above(waiting)
        done &= extents <= WIDEST * (1 + 1e-9)
        done |= (totals == 0) | (halvings == _MOST_HALVINGS)
        edges.append(waiting[done])
        masses.append(found[done])
        waiting = waiting[~done]
        if waiting.size == 0:
            break
        if sum(int((m.sum(axis=1) > 0).sum()) for m in masses) + len(waiting) > LARGEST_PANELS:
            raise ArithmeticError(
                f"density must be resolved by {LARGEST_PANELS} panels of {NODES} nodes, each at "
                f"most {WIDEST:g} wide in reward; got more: if it has jumps or narrow peaks, name "
                "them by points="
            )
        middles = waiting.mean(axis=1)
        waiting = np.concatenate(
            [np.stack([waiting[:, 0], middles], 1), np.stack([middles, waiting[:, 1]], 1)]
        )
    panels = Panels(np.concatenate(edges), np.concatenate(masses))
    order = np.argsort(panels.edges[:, 0])
    return Panels(panels.edges[order], panels.masses[order])


def single(stretch: Stretch, width: float) -> Panels:
    """Divide a stretch into panels of one width, resolved or not."""
    edges = _first_panels(stretch, width, np.zeros(0))
    nodes = _nodes(edges)
    values = stretch.density(nodes.ravel()).reshape(nodes.shape)
    return Panels(edges, np.diff(edges, axis=1) / 2 * _WEIGHTS * values)


def _first_panels(stretch: Stretch, width: float, breaks: FloatArray) -> FloatArray:
    """Return edges of panels at most `width` wide, shape (panels, 2)."""
    number = max(1, int(np.ceil((stretch.highest - stretch.lowest) / width)))
    places = np.linspace(stretch.lowest, stretch.highest, number + 1)
    inside = breaks[(breaks > stretch.lowest) & (breaks < stretch.highest)]
    places = np.unique(np.concatenate([places, inside]))
    places = places[np.concatenate([[True], np.diff(places) > _LEAST_WIDTH])]
    places[-1] = stretch.highest
    return np.stack([places[:-1], places[1:]], axis=1)


def _attainable(stretch: Stretch, edges: FloatArray) -> FloatArray:
    """Return the roughness that counts as resolved: rounding of the distance may leave more."""
    if stretch.blur == 0.0:
        return np.full(len(edges), _RESOLVED)
    attainable: FloatArray = _BLURRED * stretch.blur * np.exp(-edges[:, 0])
    return np.clip(attainable, _RESOLVED, _ROUGHEST)


def _nodes(edges: FloatArray) -> FloatArray:
    nodes: FloatArray = edges.mean(axis=1, keepdims=True) + np.diff(edges, axis=1) / 2 * _POINTS
    return nodes


def _roughness(values: FloatArray) -> FloatArray:
    """Return the size of each panel's last Legendre coefficients, relative to the largest."""
    sizes = np.abs(values @ _COEFFICIENTS.T)
    rough: FloatArray = sizes[:, -3:].max(axis=1) / np.maximum(sizes.max(axis=1), 5e-324)
    return rough
