"""How near claims come to failing: the least margin for each range of K and of λ."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import flint

from recurate.paper_checks.runs.run import TriedRun

_MOST_CANDIDATES = (1, 2, 3, 4, 16, 100)
_MOST_MIXING = (0.0, 0.1, 0.5, 1.0, 10.0)

CANDIDATES = ("1", "2", "3", "4", "5–16", "17–100", "> 100", "∞")
"""Ranges of K, by `Place.candidates`."""

MIXINGS = ("0", "≤ 0.1", "≤ 0.5", "≤ 1", "≤ 10", "> 10", "∞")
"""Ranges of λ, by `Place.mixing`."""


class Place(NamedTuple):
    """Ranges of K and of λ, by their numbers in `CANDIDATES` and `MIXINGS`.

    Attributes
    ----------
    candidates : int or None
        The range of K, of the step with most candidates; None where nobody chooses.
    mixing : int or None
        The range of λ; None where it changes from step to step, or samples are retained.
    """

    candidates: int | None
    mixing: int | None


@dataclass(frozen=True)
class Nearest:
    """The loop that came nearest to breaking a claim, in one range of K and of λ.

    Attributes
    ----------
    place : Place
        The ranges.
    cases : int
        Number of loops tried there.
    margin : float, Fraction or None
        The least margin where the statement lists no equality; None if there was none.
    loop, where : str
        The loop, and the place in it.
    replay : str
        Lines of Python that show the margin again.
    """

    place: Place
    cases: int
    margin: float | Fraction | None = None
    loop: str = ""
    where: str = ""
    replay: str = ""


def place_of(run: TriedRun) -> Place:
    """Return the ranges of a run's K and λ."""
    return Place(
        _range(getattr(run, "K", None), _MOST_CANDIDATES),
        _range(getattr(run, "lam", None), _MOST_MIXING),
    )


def _range(value: Any, most: tuple[float, ...]) -> int | None:
    """Return the number of the first range that ends at a value or above; infinity has its own."""
    if value is None:
        return None
    number = float(value.mid() if isinstance(value, flint.arb) else value)
    if number == math.inf:
        return len(most) + 1
    return next((i for i, end in enumerate(most) if number <= end), len(most))


def in_order(found: list[Nearest]) -> tuple[Nearest, ...]:
    """Return these, the least margins first, and at the end those without one."""
    return tuple(
        sorted(found, key=lambda one: (one.margin is None, one.margin or 0.0, _last(one.place)))
    )


def _last(place: Place) -> tuple[int, ...]:
    return tuple(-1 if part is None else part for part in place)
