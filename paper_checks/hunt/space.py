"""Where a hunt searches: loops as points of a cube, near-extremal starts, simpler loops."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.validation import FloatArray, candidates, count, mixing, shown
from recurate.paper_checks.conjectures.open_region import FIRST_STEP, OpenCuration
from recurate.paper_checks.hunt.margins import Case
from recurate.paper_checks.hunt.simpler import rounded_law

_LOG_GAPS = (math.log(1e-3), math.log(30.0))  # of neighbouring rewards
_LOG_MASS = math.log(1e-12)
_LOGIT = 9.0  # λ comes as near to the ends of its range as e^-9 of it
_LARGEST_ATOMS = 50
_LARGEST_STEPS = 1000

Range = tuple[float, float]


class Shape(NamedTuple):
    """What a restart holds fixed: number of atoms, K, the range of λ, steps, and second laws."""

    atoms: int
    K: float
    mixing: Range
    steps: int
    has_second: bool = False

    @property
    def dimension(self) -> int:
        """Number of coordinates, each in [0, 1]: gaps, masses, λ, masses of the second law."""
        low, high = self.mixing
        return 2 * self.atoms - 1 + (low < high) + self.atoms * self.has_second

    def case(self, point: FloatArray) -> Case:
        """Return the loop at a point, shape (dimension,)."""
        n = self.atoms
        low, high = _LOG_GAPS
        gaps = np.exp(low + point[: n - 1] * (high - low))
        rewards = np.concatenate([-np.cumsum(gaps[::-1])[::-1], [0.0]])
        second = _law(point[-n:]) if self.has_second else None
        lam = self.mixing[0]
        if self.mixing[0] < self.mixing[1]:
            lam = _mixing_at(float(point[2 * n - 1]), self.mixing)
        law = RewardLaw(rewards, _law(point[n - 1 : 2 * n - 1]))
        return Case(CurationLoop(law, K=self.K, lam=lam), self.steps, second)


@dataclass(frozen=True)
class Space:
    """The loops that a hunt may take.

    Attributes
    ----------
    atoms, steps : tuple of int
        Least and largest number.
    candidates : tuple of float
        Values of K.
    mixing : callable
        From K to one or several ranges of λ; each restart takes one of them.
    has_second : bool
        Whether a second law is drawn.
    least_atoms : callable
        From K to the least number of atoms, where that is larger than `atoms` says.
    """

    atoms: tuple[int, int]
    steps: tuple[int, int]
    candidates: tuple[float, ...]
    mixing: Callable[[float], tuple[Range, ...]]
    has_second: bool = False
    least_atoms: Callable[[float], int] = lambda K: 1

    def shape(self, source: np.random.Generator) -> Shape:
        """Draw a shape: few atoms and small K more often, since most counterexamples are small."""
        low, high = self.atoms
        atoms = low + min(int(source.geometric(0.4)) - 1, high - low)
        K = self.candidates[min(int(source.geometric(0.35)) - 1, len(self.candidates) - 1)]
        if source.random() < 0.5:
            K = self.candidates[source.integers(len(self.candidates))]
        atoms = max(atoms, self.least_atoms(K))
        ranges = self.mixing(K)
        steps = math.exp(source.uniform(math.log(self.steps[0]), math.log(self.steps[1] + 1)))
        chosen = ranges[source.integers(len(ranges))]
        return Shape(atoms, K, chosen, min(int(steps), self.steps[1]), self.has_second)

    def start(self, shape: Shape, source: np.random.Generator) -> FloatArray:
        """Draw a point to start from: every other one a hierarchy, which is nearly extremal.

        There all gaps are large, and the masses of better atoms smaller by one factor each.
        """
        point = source.random(shape.dimension)
        if source.random() < 0.5:
            n = shape.atoms
            point[: n - 1] = source.uniform(0.6, 0.95)
            factor = source.uniform(0.0, 0.25)
            point[n - 1 : 2 * n - 1] = 1 - np.minimum(factor * np.arange(n), 1.0)
            if shape.mixing[0] < shape.mixing[1]:
                point[2 * n - 1] = source.choice([0.5, 0.75, 0.95])
        return point

    def simpler(self, case: Case) -> Iterator[Case]:
        """Yield simpler cases: fewer steps, atoms and candidates first, then rounder numbers."""
        loop, law = case.loop, case.loop.law

        def varied(rewards: Any, probs: Any, K: float, lam: float) -> Case:
            return replace(case, loop=CurationLoop(RewardLaw(rewards, probs), K=K, lam=lam))

        r, p, K, lam = law.rewards, law.probs, loop.K, loop.lam
        yield from (replace(case, steps=t) for t in fewer_steps(self.steps[0], case.steps))
        if law.size > max(self.atoms[0], self.least_atoms(K)) and case.second is None:
            for i in range(law.size):
                rewards, masses = np.delete(r, i), np.delete(p, i)
                yield varied(rewards - rewards.max(), masses / masses.sum(), K, lam)
        for fewer in sorted(k for k in self.candidates if k < K):
            if self._admits(fewer, lam) and law.size >= self.least_atoms(fewer):
                yield varied(r, p, fewer, lam)
        uniform = np.full(law.size, 1 / law.size)
        for simple in (uniform, *(rounded_law(p, digits) for digits in (1, 2, 3))):
            if simple is not None and not np.allclose(simple, p, rtol=1e-12, atol=0):
                yield varied(r, simple, K, lam)
        for digits in (1, 2, 3):
            rounder = np.array([_rounded(x, digits) for x in r])
            if not np.array_equal(rounder, r) and np.unique(rounder).size == r.size:
                yield varied(rounder, p, K, lam)
        for digits in (1, 2, 3):
            value = _rounded(lam, digits)
            if value != lam and self._admits(K, value):
                yield varied(r, p, K, value)

    def _admits(self, K: float, lam: float) -> bool:
        return any(low < lam < high or low == lam == high for low, high in self.mixing(K))


def space_of(atoms: Any, steps: Any, candidate_numbers: Any, mixings: Any) -> Space:
    """Return the space of a hunt's arguments, checked.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, what was found and what is allowed.
    """
    if isinstance(candidate_numbers, int | float):
        candidate_numbers = (candidate_numbers,)
    numbers = tuple(candidates(K) for K in candidate_numbers)
    if not numbers:
        raise ValueError("candidates must have at least one K; got none")
    space = Space(
        _pair(atoms, "atoms", 1, _LARGEST_ATOMS),
        _pair(steps, "steps", 1, _LARGEST_STEPS),
        numbers,
        _mixing_ranges(mixings),
    )
    for K in numbers:  # a callable's answers are checked before the search
        space.mixing(K)
    return space


def open_part(space: Space, name: str, setting: OpenCuration, *, is_everywhere: bool) -> Space:
    """Return the part of a space where a conjecture of the catalogue is open.

    Parameters
    ----------
    space : Space
        The space asked for. Least numbers of atoms and steps are raised to what is open.
    name : str
        The conjecture's name, for the message.
    setting : OpenCuration
        The conjecture's setting, which says from how many weights on it is open.
    is_everywhere : bool
        Whether all λ are allowed; then small λ are drawn more often, and the pure loop never.

    Raises
    ------
    ValueError
        If it is proved for all candidates that the space has.
    """
    numbers = tuple(K for K in space.candidates if 1 < K < math.inf)
    if not numbers:
        found = ", ".join(f"{K:g}" for K in space.candidates)
        raise ValueError(
            f"candidates must have a K from 2 to below infinity: {name} is proved for "
            f"the others; got {found}"
        )
    return replace(
        space,
        least_atoms=setting.least_weights,
        steps=_raised(space.steps, FIRST_STEP + 1),
        candidates=numbers,
        mixing=_where_open if is_everywhere else space.mixing,
    )


def _raised(ends: tuple[int, int], least: int) -> tuple[int, int]:
    return max(ends[0], least), max(ends[1], least)


def _where_open(K: float) -> tuple[Range, ...]:
    """Return λ below 1/(K-1), small λ, and any λ, twice."""
    inside = 1 / (K - 1)
    return ((0.0, inside), (0.0, inside / 10), (0.0, math.inf), (0.0, math.inf))


def _mixing_ranges(mixings: Any) -> Callable[[float], tuple[Range, ...]]:
    if mixings is None:
        return _everywhere
    if callable(mixings):
        return lambda K: (_range(mixings(K), f"mixing({K:g})"),)
    fixed = (_range(mixings, "mixing"),)
    return lambda K: fixed


def _everywhere(K: float) -> tuple[Range, ...]:
    """Return all λ: the pure loop, λ below 1/(K-1), where Theorem 2.4 speaks, and any λ, twice."""
    inside = (0.0, 1 / (K - 1)) if 1 < K < math.inf else (0.0, 1.0)
    return ((math.inf, math.inf), inside, (0.0, math.inf), (0.0, math.inf))


def _range(value: Any, name: str) -> Range:
    if isinstance(value, int | float):
        return (mixing(value), mixing(value))
    allowed = f"{name} must be one λ, or the least and the largest"
    if not isinstance(value, Sequence) or len(value) != 2:
        raise TypeError(f"{allowed}; got {shown(value)}")
    low, high = mixing(value[0]), mixing(value[1])
    if low > high:
        raise ValueError(f"{allowed}; got {shown(value)}")
    return (low, high)


def _pair(value: Any, name: str, least: int, largest: int) -> tuple[int, int]:
    allowed = f"{name} must be two integers, the least and the largest, from {least} to {largest}"
    if not isinstance(value, Sequence) or len(value) != 2:
        raise TypeError(f"{allowed}; got {shown(value)}")
    low, high = (count(number, name, largest) for number in value)
    if not least <= low <= high:
        raise ValueError(f"{allowed}; got {shown(value)}")
    return (low, high)


def _law(point: FloatArray) -> FloatArray:
    """Return the law of coordinates in [0, 1], which are logarithms of masses down to 1e-12."""
    masses = np.exp((1 - point) * _LOG_MASS)
    law: FloatArray = masses / masses.sum()
    return law


def _mixing_at(coordinate: float, ends: Range) -> float:
    """Return the λ of a coordinate: even in log λ at the low end, and likewise at the high end."""
    low, high = ends
    odds = math.exp(_LOGIT * (2 * coordinate - 1))
    return low + (odds if high == math.inf else (high - low) * odds / (1 + odds))


def fewer_steps(least: int, steps: int) -> Iterator[int]:
    """Yield some smaller numbers of steps, ascending."""
    tried = {least, steps // 4, steps // 2, steps - 1}
    yield from sorted(t for t in tried if least <= t < steps)


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")
