"""The searches that a hunt consists of: each depends on its number, and on no other one."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from hypothesis.strategies import SearchStrategy

from recurate.numerics.validation import shown
from recurate.paper_checks.catalogue import CURATION_CHECKS, check_of
from recurate.paper_checks.conjectures.open_region import OpenCuration
from recurate.paper_checks.hunt.drawn import DrawnSpace
from recurate.paper_checks.hunt.margins import CheckConjecture, Conjecture, FunctionConjecture
from recurate.paper_checks.hunt.search import Found, Search
from recurate.paper_checks.hunt.space import Shape, Space, open_part, space_of

CANDIDATES = (2, 3, 4, 8, 16, 100, math.inf)
"""Numbers of candidates K that a hunt takes by default."""

ATOMS = (2, 6)
"""Least and largest number of atoms that a hunt takes by default."""

RESTARTS = 16
"""Restarts of the shortest search of a hunt: one of each method for each measure."""

_LONGEST = 16  # times as long


def lengths(number: int) -> int:
    """Return how many times as long as the shortest one the search of this number is.

    A search builds on its own best loops, so that longer ones go deeper, and more of them see more.
    These are Luby's lengths 1, 1, 2, 1, 1, 2, 4, …, which do well whatever is to be found (Luby,
    Sinclair and Zuckerman 1993), up to 16: where workers share a hunt, none is long at one of them.
    """
    place = number + 1
    while (place + 1).bit_count() > 1:  # not the end of a block of 1, 3, 7, … searches
        place -= (1 << (place.bit_length() - 1)) - 1
    return min((place + 1) // 2, _LONGEST)


class Asked(NamedTuple):
    """What is hunted and where, as it was asked for: it can be sent to another process."""

    margin: Any
    atoms: tuple[int, int]
    steps: tuple[int, int]
    candidates: Sequence[float]
    mixing: Any
    loops: Any

    def prepared(self) -> tuple[Conjecture, Space | DrawnSpace]:
        """Return the conjecture and the space, checked."""
        conjecture = _conjecture(self.margin)
        whole = space_of(self.atoms, self.steps, self.candidates, self.mixing)
        space = _space(whole, conjecture, self.mixing)
        if self.loops is None:
            return conjecture, space
        changed = {
            "atoms": tuple(self.atoms) != ATOMS,
            "candidates": tuple(self.candidates) != CANDIDATES,
            "mixing": self.mixing is not None,
        }
        others = [name for name, is_given in changed.items() if is_given]
        return conjecture, _drawn_space(self.loops, space, conjecture, others)


def searched(
    asked: Asked,
    seed: int,
    number: int,
    evaluations: int,
    seconds: float,
    restart: int,
    on_progress: Callable[[int, float], None] | None,
    before: Found,
) -> Found:
    """Carry out one search of a hunt, which depends on its number and on no other search."""

    def told(done: int, least: float) -> None:
        assert on_progress is not None
        on_progress(before.evaluations + done, min(before.shares[0], least))

    search = Search(
        *asked.prepared(),
        np.random.default_rng([seed, number] if number else seed),
        time.perf_counter() + seconds,
        evaluations,
        None if on_progress is None else told,
    )
    return search.run(restart, has_own_cases=number == 0)


def _conjecture(margin: Callable[[Any, Any], Any] | str) -> Conjecture:
    if callable(margin):
        return FunctionConjecture(margin)
    if not isinstance(margin, str):
        raise TypeError(
            f"margin must be a function of a loop and its trajectory, or an id; got "
            f"{type(margin).__name__}"
        )
    return CheckConjecture(margin, check_of(margin, CURATION_CHECKS))


def _space(space: Space, conjecture: Conjecture, mixing: Any) -> Space:
    """Return the part of a space in which a claim of the catalogue is hunted."""
    if not isinstance(conjecture, CheckConjecture):
        return space
    setting = conjecture.check.setting
    if conjecture.check.is_open is not None and isinstance(setting, OpenCuration):
        space = open_part(space, conjecture.name, setting, is_everywhere=mixing is None)
    return replace(space, has_second=_has_second(conjecture))


def _drawn_space(loops: Any, space: Space, conjecture: Conjecture, others: list[str]) -> DrawnSpace:
    if not isinstance(loops, SearchStrategy):
        hint = ": write loops()" if callable(loops) else ""
        raise TypeError(
            "loops must be a strategy, such as recurate.strategies.loops(); got "
            f"{shown(loops)}{hint}"
        )
    if others:
        raise ValueError(
            f"{others[0]} and loops must not both be given, as the strategy says what loops there "
            "are: recurate.strategies.loops(laws=…, rules=…, schedules=…)"
        )
    if isinstance(conjecture, CheckConjecture):
        raise ValueError(
            "loops must be None for a result of the catalogue, which is about Bradley–Terry's "
            f"choice by one reward; got a strategy, and {conjecture.name}"
        )
    return DrawnSpace(loops, space.steps)


def _has_second(conjecture: CheckConjecture) -> bool:
    """Return whether a claim's margins depend on the second law."""
    for K in (2.0, math.inf):
        case = Shape(2, K, (0.5, 0.5), 1, True).case(np.array([0.5, 0.9, 0.95, 0.95, 0.9]))
        own, other = (conjecture.look(c).values for c in (case, replace(case, second=None)))
        if not np.array_equal(own, other):
            return True
    return False
