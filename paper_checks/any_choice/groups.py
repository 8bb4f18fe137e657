"""Groups whose shares are followed, and how little of them any choice can leave."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import product
from math import inf
from typing import NamedTuple

from recurate.paper_checks.runs.ruled.choosing import power
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.run import Number, Numbers

_ALL_SETS = 4  # atoms up to which every set is a group

Group = tuple[str, Numbers]
"""A group's name, and how much of each atom is in it, from 0 to 1."""


class Followed(NamedTuple):
    """A group at one step.

    Attributes
    ----------
    t : int
        The step.
    share : number
        Its share p_t(φ).
    is_least : bool
        Whether at each step so far members were chosen only if all candidates are members, as far
        as the numbers tell: then the share is G_t(u).
    """

    t: int
    share: Number
    is_least: bool


def groups(run: RuledRun) -> list[Group]:
    """Return sets and fuzzy sets of atoms: all sets of a few atoms, and of many some.

    Of many atoms these are single ones, those of least density p_t/p_ref at the last step, and
    some drawn; each with its complement. Three fuzzy sets are drawn.
    """
    size = run.size
    if size <= _ALL_SETS:
        sets = [marks for marks in product((0, 1), repeat=size) if 0 < sum(marks) < size]
    else:
        sets = list(_drawn_sets(size))
        for numbers in least_dense(run, run.steps):
            sets.append(tuple(int(i in numbers) for i in range(size)))
        sets = list(dict.fromkeys(sets + [tuple(1 - mark for mark in marks) for marks in sets]))
    found = [(_name(marks), [run.number(mark) for mark in marks]) for marks in sets]
    for number, values in enumerate(fuzzy_sets(size)):
        found.append((f"φ_{number}", [run.number(value) for value in values]))
        found.append((f"1 - φ_{number}", [run.number(1 - value) for value in values]))
    return found


def least_dense(run: RuledRun, t: int) -> list[list[int]]:
    """Return the atoms of least p_t/p_ref: the least one, the two least, and so on, but not all.

    Atoms without mass under p_ref are left out.
    """
    reference, law = run.reference, run.law(t)
    order = in_order(reference, law)
    return [order[:n] for n in range(1, len(order))]


def in_order(reference: Numbers, law: Numbers) -> list[int]:
    """Return the atoms with mass under p_ref, in the order of p_t/p_ref."""
    charged = [i for i, p in enumerate(reference) if p > 0]

    def density(i: int) -> Number:
        ratio = law[i] / reference[i]
        return ratio if isinstance(ratio, Fraction) else ratio.mid()

    return sorted(charged, key=density)


def _name(marks: tuple[int, ...]) -> str:
    return "atoms " + ", ".join(str(i) for i, mark in enumerate(marks) if mark)


@cache
def fuzzy_sets(size: int) -> tuple[tuple[Fraction, ...], ...]:
    """Return three functions of an atom with values in twelfths."""
    draw = random.Random(size)
    return tuple(tuple(Fraction(draw.randrange(13), 12) for _ in range(size)) for _ in range(3))


@cache
def _drawn_sets(size: int) -> tuple[tuple[int, ...], ...]:
    draw = random.Random(f"sets {size}")
    single = [tuple(int(i == j) for i in range(size)) for j in range(size)]
    drawn = [tuple(draw.randrange(2) for _ in range(size)) for _ in range(4)]
    return tuple(marks for marks in (*single, *drawn) if 0 < sum(marks) < size)


def next_floor(
    run: RuledRun, t: int, u: Number, floor: Number, candidates: float | None = None
) -> Number:
    """Return α_t u + β_t G + the sum of γ_j G^K_j, of which for K_j = inf nothing is left.

    If a number of candidates is given, all choices are taken to be among so many.
    """
    real, kept, new = run.shares(t)
    parts = run.candidates_at(t) if candidates is None else [(run.number(1), candidates)]
    chosen = sum((part * power(floor, int(K)) for part, K in parts if K < inf), run.number(0))
    return real * u + kept * floor + new * chosen


def floors(run: RuledRun, u: Number) -> list[Number]:
    """Return G_0(u), …, G_steps(u)."""
    found = [u]
    for t in range(run.steps):
        found.append(next_floor(run, t, u, found[-1]))
    return found


def followed(run: RuledRun, values: Numbers, candidates: float | None = None) -> Iterator[Followed]:
    """Yield a group step by step, from t = 1; candidates are as of `next_floor`."""
    u, share, is_least = run.mean(run.reference, values), run.mean(run.law(0), values), True
    for t in range(run.steps):
        least_after = next_floor(run, t, u, share, candidates)
        after = run.mean(run.law(t + 1), values)
        _, kept, new = run.shares(t)
        is_fresh = bool(kept == 0 and new == 0)  # what was before no longer counts
        is_least = (is_least or is_fresh) and is_zero(after - least_after)
        share = after
        yield Followed(t + 1, share, is_least)


def is_zero(number: Number) -> bool:
    """Return whether a rational is zero, or a ball may be."""
    return number == 0 if isinstance(number, Fraction) else bool(number.contains(0))
