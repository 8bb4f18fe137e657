"""Loops given by few and small numbers: tried before random ones, so that a witness is short."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

from recurate.paper_checks.runs.instances import Instance
from recurate.paper_checks.runs.written import Fractions, fractions

_RATIOS = fractions("1/2 1/10 9/10 1/100 99/100")
_MASSES = fractions("1/2 1/10 9/10 1/100 99/100")
_MIXINGS: tuple[Fraction | float, ...] = (
    *fractions("1 1/2 2 1/10 10 99/100"),
    math.inf,
)
_CANDIDATES: tuple[int | float, ...] = (2, 3, math.inf)
_STEPS = 3
_STARTS = fractions("0 1 1/2")

_ATOM = 8  # an atom counts as this many digits
_INFINITE = 4  # an infinite K or λ, likewise


@cache
def small_instances(*, any_start: bool = False) -> tuple[Instance, ...]:
    """Return loops on two weights with a few round numbers each, the smallest first.

    Parameters
    ----------
    any_start : bool
        Whether they start at another law than the reference.
    """
    starts = _STARTS if any_start else (None,)
    masses = _MASSES[:3] if any_start else _MASSES
    drawn = product(_RATIOS, masses, _CANDIDATES, _MIXINGS, starts)
    instances = [
        Instance(
            weights=(ratio, Fraction(1)),
            reference=(1 - top, top),
            K=K,
            lam=lam,
            steps=2 if any_start else _STEPS,
            initial=None if start is None else (1 - start, start),
        )
        for ratio, top, K, lam, start in drawn
        if start != top
    ]
    return tuple(sorted(instances, key=size))


def size(instance: Instance) -> int:
    """Return how much there is to read in an instance: digits, with atoms and steps as digits."""
    laws = (instance.heights, instance.reference, instance.initial, instance.second)
    numbers = [number for law in laws if law is not None for number in law]
    digits = sum(map(_digits, (*numbers, instance.lam, instance.K)))
    # Irrational weights are not short numbers.
    atoms = instance.size + (instance.rewards is not None)
    return digits + _ATOM * atoms + instance.steps


def _digits(number: Fraction | float) -> int:
    if number == math.inf:
        return _INFINITE
    exact = Fraction(number)
    whole = (abs(exact.numerator), exact.denominator - 1)
    return sum(len(str(part)) for part in whole if part) + (exact.numerator % 10 > 1)


def simpler(instance: Instance) -> Iterator[Instance]:
    """Yield instances near this one that are smaller, the smallest first."""
    yield from sorted(
        (other for other in _near(instance) if size(other) < size(instance)), key=size
    )


def _near(instance: Instance) -> Iterator[Instance]:
    if instance.second is not None:
        yield replace(instance, second=None)
    for steps in {1, instance.steps // 2, instance.steps - 1} - {0}:
        yield replace(instance, steps=steps)
    for K in _CANDIDATES:
        yield replace(instance, K=K)
    for lam in _MIXINGS:
        yield replace(instance, lam=lam)
    for i in range(instance.size if instance.size > 1 else 0):
        fewer = _without_atom(instance, i)
        if fewer is not None:
            yield fewer
    if instance.rewards is not None:
        yield from (replace(instance, rewards=rounded) for rounded in _rounded(instance.rewards))
        top = max(instance.rewards)
        weights = tuple(Fraction(math.exp(r - top)) for r in instance.rewards)
        for rounded in _rounded(weights):
            if all(rounded):
                yield replace(instance, rewards=None, weights=rounded)
    else:
        assert instance.weights is not None
        for rounded in _rounded(instance.weights):
            if all(rounded):
                yield replace(instance, weights=rounded)
    for name in ("reference", "initial", "second"):
        law = getattr(instance, name)
        for rounded in _rounded(law) if law is not None else ():
            # The reference keeps its atoms: p_t has a density over it.
            if all(rounded) or (name != "reference" and any(rounded)):
                total = sum(rounded, Fraction(0))
                changed: dict[str, Any] = {name: tuple(x / total for x in rounded)}
                yield replace(instance, **changed)


def _rounded(numbers: Fractions) -> Iterator[Fractions]:
    """Yield the numbers with small denominators, all together and one by one."""
    for denominator in (1, 2, 10, 100):
        rounded = tuple(number.limit_denominator(denominator) for number in numbers)
        yield rounded
        for i, number in enumerate(rounded):
            yield (*numbers[:i], number, *numbers[i + 1 :])


def _without_atom(instance: Instance, i: int) -> Instance | None:
    """Return the instance on the other atoms, if each of its laws has mass there."""
    changes = {}
    for name in ("weights", "rewards", "reference", "initial", "second"):
        values = getattr(instance, name)
        if values is None:
            continue
        left = values[:i] + values[i + 1 :]
        if name not in ("weights", "rewards"):
            total = sum(left)
            if total == 0:
                return None
            left = tuple(mass / total for mass in left)
        changes[name] = left
    return replace(instance, **changes)
