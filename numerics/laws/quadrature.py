"""From a density to nodes and masses: which stretches a support has, and how deep its ends go."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from recurate.numerics.laws.density import Density, End, Power
from recurate.numerics.laws.panels import WIDEST, Panels, Stretch, cover, single
from recurate.numerics.validation import SUM_TOLERANCE, FloatArray

_DEEPEST = -660.0  # log of the smallest distance from an end: e^-660 and its neighbours are normal
_HIGHEST = 690.0  # log of the largest weight
_REACH = 1200.0  # how far from its middle an unbounded law may reach, in reward
_ROUNDS = 4  # of panels four times as narrow, if the mass is not one
_TAIL = 1e-28  # largest mass of the outermost panel of an unbounded support
_NO_MASS = 1e-24  # of an end that is left out, where nothing amplifies it
_NO_MASS_AT_TOP = 1e-36
_NO_INTEGRAL = 1e-20  # of mass over distance, at the top
_REACHED_BY_LOOPS = -40.0  # log of a distance from the top; after t steps the loop's are about 1/t
_LEAST_MASS = 1e-290  # of a panel in an upper tail
_LEAST_NODE = 1e-300


class Rule(NamedTuple):
    """A positive quadrature rule for a law of rewards.

    Attributes
    ----------
    relative : ndarray, shape (n,)
        Rewards of the nodes minus `origin`, ascending.
    masses : ndarray, shape (n,)
        Their masses, which sum to one within 1e-9.
    origin : float
        r_max if it is finite; else 0.
    is_bounded : bool
        Whether r_max is finite.
    top : Power or None
        How the density ends at the top, by the distance relative to the best weight; None for
        unbounded rewards.
    mass_error : float
        Mass near the ends that the density's rounding of the distance leaves uncertain.
    below : ndarray, shape (n,)
        Mass of the law below each node: its distribution function there.
    """

    relative: FloatArray
    masses: FloatArray
    origin: float
    is_bounded: bool
    top: Power | None
    mass_error: float
    below: FloatArray


class _Part(NamedTuple):
    """A stretch, and the end of the support that its low coordinates approach, if any."""

    stretch: Stretch
    end: End | None
    is_upward: bool  # to unbounded rewards


def build(density: Density, is_weight: bool, breaks: FloatArray) -> Rule:
    """Return the rule of a density.

    Parameters
    ----------
    density : Density
        With its support.
    is_weight : bool
        Whether it is the density of the weight, and not of the reward.
    breaks : ndarray
        Points of the support where it varies quickly; panels narrow towards each.

    Raises
    ------
    ValueError
        If the density does not integrate to one within 1e-9.
    ArithmeticError
        If it needs too many nodes.
    """
    is_bounded = density.highest < math.inf
    origin = density.highest if is_bounded else 0.0
    if is_weight:
        origin, parts = math.log(density.highest) if is_bounded else 0.0, _of_weight(density)
    else:
        parts = _of_reward(density, float(np.median(breaks)) if breaks.size else 0.0, origin)
    relative, masses, below = _normal_mass(parts, density, breaks)
    # Panels at a jump are as narrow as doubles allow: their nodes may coincide.
    relative, first, index = np.unique(relative, return_index=True, return_inverse=True)
    masses = np.bincount(index, weights=masses).astype(np.float64, copy=False)
    kept = masses >= _LEAST_NODE
    top = density.power("highest") if is_bounded else None
    if top is not None and is_weight:
        top = top._replace(resolved=top.resolved / density.highest)
    ends = [part.end for part in parts if part.end is not None]
    error = sum(density.uncertain_mass(end) for end in ends)
    below = below[first[kept]]
    return Rule(relative[kept], masses[kept], origin, is_bounded, top, error, below)


def _normal_mass(
    parts: list[_Part], density: Density, breaks: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return nodes of panels that are narrow enough to find the whole mass, and what `Rule` has."""
    total = math.nan
    for round_ in range(_ROUNDS):
        width = WIDEST / 4**round_
        pieces: list[tuple[FloatArray, FloatArray, FloatArray]] = []
        mass_above = 0.0
        for part in reversed(parts):
            pieces.append(_resolved(part, density, width, breaks, mass_above))
            mass_above += float(pieces[-1][1].sum())
        total = mass_above
        if abs(total - 1.0) <= SUM_TOLERANCE:
            relative, masses, below = zip(*pieces, strict=True)
            from_here = np.cumsum([of_piece.sum() for of_piece in masses])
            pairs = zip(from_here, below, strict=True)
            shares = np.concatenate([total - mass + of_piece for mass, of_piece in pairs]) / total
            return np.concatenate(relative), np.concatenate(masses), shares
    raise ValueError(
        f"density must integrate to 1 within {SUM_TOLERANCE:g} over its support "
        f"({density.lowest:g}, {density.highest:g}); got {total:.15g}. If it has narrow peaks, "
        "name them by points="
    )


def _of_reward(density: Density, centre: float, origin: float) -> list[_Part]:
    """Return the parts of a support of rewards."""
    low, high = density.lowest, density.highest

    def near(end: End, widest: float) -> _Part:
        def distances(v: FloatArray) -> FloatArray:
            return density.near(end, np.exp(v)) * np.exp(v)

        def relative(v: FloatArray) -> FloatArray:
            return -np.exp(v) if end == "highest" else (low - origin) + np.exp(v)

        stretch = Stretch(_DEEPEST, math.log(widest), distances, relative, density.blur(end))
        return _Part(stretch, end, False)

    def plain(lowest: float, highest: float) -> _Part:
        return _Part(
            Stretch(lowest, highest, density.at, lambda v: v - origin), None, high == math.inf
        )

    if -math.inf < low and high < math.inf:
        half = (high - low) / 2
        return [near("lowest", half), near("highest", half)]
    if -math.inf < low:
        return [near("lowest", 1.0), plain(low + 1.0, low + 1.0 + 2 * _REACH)]
    if high < math.inf:
        return [plain(high - 1.0 - 2 * _REACH, high - 1.0), near("highest", 1.0)]
    return [plain(centre - _REACH, centre + _REACH)]


def _of_weight(density: Density) -> list[_Part]:
    """Return the parts of a support of weights."""
    low, high = density.lowest, density.highest
    unit = high if high < math.inf else 1.0

    def near(end: End, v: FloatArray) -> FloatArray:
        distances = np.exp(v)
        return density.near(end, distances) * distances

    def above(v: FloatArray) -> FloatArray:
        # At zero the coordinate is the reward.
        return v - math.log(unit) if low == 0 else np.log((low + np.exp(v)) / unit)

    if high == math.inf:
        stretch = Stretch(
            _DEEPEST, _HIGHEST, partial(near, "lowest"), above, density.blur("lowest")
        )
        return [_Part(stretch, "lowest", True)]
    half = math.log((high - low) / 2)
    bottom = Stretch(_DEEPEST, half, partial(near, "lowest"), above, density.blur("lowest"))
    top = Stretch(
        _DEEPEST,
        half,
        partial(near, "highest"),
        lambda v: np.log1p(-np.exp(v) / unit),
        density.blur("highest"),
    )
    return [_Part(bottom, "lowest", False), _Part(top, "highest", False)]


def _resolved(
    part: _Part, density: Density, width: float, breaks: FloatArray, mass_above: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the relative rewards and masses of a part's nodes, and the part's mass below each."""
    exponent = None if part.end is None else density.power(part.end).exponent
    found = single(part.stretch, width)
    _require_tails(part, density, found)
    stretch = _trimmed(part, found, exponent)
    above = partial(_mass_above, part, found, mass_above)
    panels = cover(stretch, width, _places(part, density, breaks), above)
    relative, masses = [stretch.relative(panels.nodes.ravel())], [panels.masses.ravel()]
    lower = panels.below.ravel()
    closing = None
    if part.end is not None and stretch.lowest == _DEEPEST:
        closing = _closing(exponent, _DEEPEST, part.end)
    if closing is not None:
        relative.append(stretch.relative(np.array(closing[:1])))
        masses.append(closing[1] * stretch.density(np.array([_DEEPEST])))
        nearest = float(masses[-1][0])  # it is nearer to the end than all panels
        lower = np.append(lower + nearest, nearest / 2)
    if part.end == "highest":  # the reward falls as the coordinate rises
        lower = sum(float(of_nodes.sum()) for of_nodes in masses) - lower
    return np.concatenate(relative), np.concatenate(masses), lower


def _places(part: _Part, density: Density, breaks: FloatArray) -> FloatArray:
    """Return the coordinates of the points where panels must end."""
    inside = breaks[(breaks > density.lowest) & (breaks < density.highest)]
    if part.end == "highest":
        inside = np.log(density.highest - inside)
    elif part.end == "lowest":
        inside = np.log(inside - density.lowest)
    return inside


def _mass_above(part: _Part, found: Panels, beyond: float, edges: FloatArray) -> FloatArray:
    """Return the mass in panels of given edges and above, from the mass in a part's panels."""
    if part.end == "highest":  # the reward falls as the coordinate rises
        last = np.searchsorted(found.edges[:, 0], edges[:, 1], side="left") - 1
        return beyond + np.cumsum(found.totals)[last]
    first = np.searchsorted(found.edges[:, 1], edges[:, 0], side="right")
    return beyond + np.cumsum(found.totals[::-1])[::-1][first]


def _require_tails(part: _Part, density: Density, found: Panels) -> None:
    """Raise ValueError if there is mass in the outermost panels of an unbounded support."""
    lower = found.totals[0] if part.end is None and density.lowest == -math.inf else 0.0
    upper = found.totals[-1] if part.is_upward else 0.0
    if max(lower, upper) > _TAIL:
        raise ValueError(
            f"density must have at most {_TAIL:g} of its mass more than about {_REACH:g} in reward "
            f"from its middle, or {2 * _REACH:g} from a finite end; got {max(lower, upper):.2g} or "
            "more there"
        )


def _trimmed(part: _Part, found: Panels, exponent: float | None) -> Stretch:
    """Return a stretch without its ends of negligible mass, judged by panels of one width."""
    totals = found.totals
    counts = np.cumsum(totals) > (_NO_MASS if part.end != "highest" else _NO_MASS_AT_TOP)
    # Thresholds and condensed laws are integrals of mass over distance from the top. If such an
    # integral diverges, no depth is enough, and the fixed point lives at distances that have mass.
    if part.end == "highest" and (exponent is None or exponent > 0):
        integrals = np.cumsum((found.masses * np.exp(-found.nodes)).sum(axis=1))
        counts |= integrals > _NO_INTEGRAL * integrals[-1]
    if part.end == "highest":  # the pure loop goes there, however thin p_ref is
        counts |= (found.edges[:, 1] > _REACHED_BY_LOOPS) & (totals >= _LEAST_MASS)
    first, last = int(np.argmax(counts)), totals.size - 1
    if part.is_upward:
        alive = np.flatnonzero(totals >= _LEAST_MASS)
        last = int(alive[-1]) if alive.size else last
    return replace(
        part.stretch, lowest=float(found.edges[first, 0]), highest=float(found.edges[last, 1])
    )


def _closing(exponent: float | None, first: float, end: End) -> tuple[float, float] | None:
    """Return place and mass of a node for everything that is nearer to an end than the panels.

    Parameters
    ----------
    exponent : float or None
        k of the density's power there.
    first : float
        Logarithm of the smallest distance d of the panels.
    end : str
        The end. At the highest the node also has the right integral of mass over distance, f d^k/k,
        if that is finite; otherwise, and at the lowest, it has that of mass times distance.

    Returns
    -------
    tuple of float, or None
        Coordinate of the node, and its mass as a multiple of d f(d); None if there is no power.
    """
    if exponent is None or not -1.0 < exponent < math.inf:
        return None
    if end == "highest" and exponent > 0:
        return first + math.log(exponent / (exponent + 1.0)), 1.0 / (exponent + 1.0)
    return first + math.log((exponent + 1.0) / (exponent + 2.0)), 1.0 / (exponent + 1.0)
