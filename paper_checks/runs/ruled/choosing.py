"""What people do: rules of choice in exact numbers, straight from their definitions.

A rule takes a law to the law of what is chosen, in rationals or in balls. Nothing is shared with
the float rules of `recurate.rules`.
"""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any, ClassVar, Literal

import flint

from recurate.numerics.curation import balls as certified
from recurate.numerics.curation import rationals
from recurate.paper_checks.runs.run import Number, Numbers, dot
from recurate.paper_checks.runs.written import Fractions
from recurate.theory.language.ball_calls import as_ball

LARGEST_TABLE = 4096
"""Most tuples of candidates that a table is made for."""


class Choosing(ABC):
    """A way of choosing one of K candidates from a law; K is infinite where there is no such K.

    Attributes
    ----------
    sees_law : bool
        Whether it looks at the law that the candidates come from, and not at them alone.
    changes : bool
        Whether it is another one at each step.
    more_imports : tuple of str
        Lines of import that its Python expression needs beside its own class.
    """

    sees_law: bool = False
    changes: bool = False
    more_imports: ClassVar[tuple[str, ...]] = ()

    @property
    @abstractmethod
    def candidates(self) -> int | float:
        """K, an integer or math.inf."""

    @abstractmethod
    def curated(self, law: Numbers, t: int = 0) -> Numbers:
        """Return T(p), the law of what is chosen from p, at the step from t to t + 1.

        Parameters
        ----------
        law : list of Fraction or of flint.arb, length n
            p, of total mass one (which the balls contain).
        t : int
            The step.
        """

    @property
    def shares(self) -> list[tuple[Fraction, int | float]]:
        """Which share of the choices is made among how many candidates: pairs (γ_j, K_j)."""
        return [(Fraction(1), self.candidates)]

    def is_small(self, size: int) -> bool:
        """Whether T(p) is quickly enumerated, for this number of atoms."""
        return True

    @property
    def _given(self) -> list[Any]:
        return [getattr(self, field.name) for field in fields(self)]  # type: ignore[arg-type]

    def to_python(self) -> str:
        """Return the Python expression that makes it; it may need math and Fraction."""
        return f"{type(self).__name__}({', '.join(map(python, self._given))})"

    def __str__(self) -> str:
        """Return the rule in words, numbers exact."""
        return f"{type(self).__name__}({', '.join(map(words, self._given))})"


def words(value: Any) -> str:
    """Return a rule's argument as people write it."""
    return f"({', '.join(map(words, value))})" if isinstance(value, tuple) else str(value)


def python(value: Any) -> str:
    """Return a rule's argument as Python: numbers, and tuples of them or of rules."""
    if isinstance(value, tuple):
        return f"({', '.join(map(python, value))}{',' * (len(value) == 1)})"
    if isinstance(value, Choosing):
        return value.to_python()
    if value == math.inf and not isinstance(value, str):
        return "math.inf"
    if isinstance(value, Fraction):
        return f"Fraction({str(value)!r})" if value.denominator > 1 else f"Fraction({value})"
    return repr(value)


def number_like(law: Numbers, value: Fraction | int) -> Number:
    """Return a rational as a number of the kind of the law's: itself, or a ball."""
    return as_ball(value) if any(isinstance(p, flint.arb) for p in law) else Fraction(value)


def power(base: Number, exponent: int) -> Number:
    """Return a power; as a product, since Arb's powers of a ball about zero are NaN."""
    if isinstance(base, flint.arb):
        if base > 0:
            return base**exponent
        return math.prod([base] * exponent, start=flint.arb(1))
    return base**exponent


def powers_between(lower: Number, upper: Number, K: int) -> Number:
    """Return (upper^K - lower^K)/(upper - lower), as a sum of positive terms."""
    return sum((power(upper, j) * power(lower, K - 1 - j) for j in range(K)), 0)


@dataclass(frozen=True)
class ChoiceTable(Choosing):
    """A table drawn at random: for each K-tuple of candidates, the chances of its K places.

    For about half of the tuples one place is certain. The order of candidates may matter.

    Attributes
    ----------
    K : int
        Number of candidates.
    seed : int
        What the table is drawn by.
    sees_law : bool
        Whether there are two tables, of which the first one is used with the probability that the
        law gives to the first candidate's atom.
    changes : bool
        Whether another table is drawn at each step.
    """

    K: int
    seed: int
    sees_law: bool = False
    changes: bool = False

    @property
    def candidates(self) -> int:
        return self.K

    def is_small(self, size: int) -> bool:
        return bool(size**self.K <= LARGEST_TABLE)

    def curated(self, law: Numbers, t: int = 0) -> Numbers:
        size, step = len(law), t if self.changes else 0
        first = _table(self.seed, size, self.K, step)
        second = _table(self.seed + 1, size, self.K, step) if self.sees_law else first
        # As python-flint's rationals: a sum of many is several times as fast.
        masses = [
            flint.fmpq(p.numerator, p.denominator) if isinstance(p, Fraction) else p for p in law
        ]
        chosen = [0 * mass for mass in masses]
        for drawn in product(range(size), repeat=self.K):
            mass = math.prod((masses[i] for i in drawn), start=1)
            look = masses[drawn[0]]
            for place, x, y in zip(drawn, first[drawn], second[drawn], strict=True):
                parts = look * x + (1 - look) * y if self.sees_law else x
                chosen[place] = chosen[place] + mass * parts
        return [
            p / _PARTS if isinstance(p, flint.arb) else Fraction(int(p.p), int(p.q) * _PARTS)
            for p in chosen
        ]


_PARTS = 16  # into which a tuple's choice is divided


@cache
def _table(seed: int, size: int, K: int, step: int) -> dict[tuple[int, ...], tuple[int, ...]]:
    """Return how many of `_PARTS` parts of its choice each place of a tuple has."""
    source = random.Random(f"table {seed} {size} {K} {step}")
    table = {}
    for drawn in product(range(size), repeat=K):
        among = (0, _PARTS) if source.random() < 1 / 2 else range(_PARTS + 1)
        cuts = sorted(source.choice(among) for _ in range(K - 1))
        ends = zip((0, *cuts), (*cuts, _PARTS), strict=True)
        table[drawn] = tuple(high - low for low, high in ends)
    return table


@dataclass(frozen=True)
class BestBy(Choosing):
    """The hard best, or worst, of K by ranks of the atoms; of those that tie a random one.

    Attributes
    ----------
    K : int
        Number of candidates.
    order : tuple of int, length n
        The atoms' ranks.
    towards : {"best", "worst"}
        Whether the highest rank is chosen, or the lowest.
    """

    K: int
    order: tuple[int, ...]
    towards: Literal["best", "worst"] = "best"

    @property
    def candidates(self) -> int:
        return self.K

    def curated(self, law: Numbers, t: int = 0) -> Numbers:
        sign = 1 if self.towards == "best" else -1
        ranks = [sign * rank for rank in self.order]
        own = dict.fromkeys(sorted(ranks), number_like(law, 0))
        for p, rank in zip(law, ranks, strict=True):
            own[rank] = own[rank] + p
        of_rank = {}
        below = number_like(law, 0)
        for rank, mass in own.items():
            # (F^K - F_-^K)/(F - F_-), F the mass up to this rank and F_- that below it
            of_rank[rank] = powers_between(below, below + mass, self.K)
            below = below + mass
        return [p * of_rank[rank] for p, rank in zip(law, ranks, strict=True)]


@dataclass(frozen=True)
class _ByGroup:
    """Only whether a candidate is in a group counts.

    Attributes
    ----------
    K : int
        Number of candidates.
    group : tuple of int
        Numbers of the group's atoms.
    """

    K: int
    group: tuple[int, ...]

    @property
    def candidates(self) -> int:
        return self.K


@dataclass(frozen=True)
class Avoid(_ByGroup, Choosing):
    """A candidate of the group is chosen only if all K are in it; a random one otherwise."""

    def curated(self, law: Numbers, t: int = 0) -> Numbers:
        share = sum((law[i] for i in self.group), number_like(law, 0))
        inside = power(share, self.K - 1)
        # The candidates that are outside, if there are any, are as good as one another.
        outside = powers_between(share, 1, self.K)
        return [p * (inside if i in self.group else outside) for i, p in enumerate(law)]


@dataclass(frozen=True)
class Seek(_ByGroup, Choosing):
    """A candidate of the group is chosen whenever there is one, a random one of them."""

    def curated(self, law: Numbers, t: int = 0) -> Numbers:
        others = tuple(i for i in range(len(law)) if i not in self.group)
        return Avoid(self.K, others).curated(law, t)


@dataclass(frozen=True)
class BradleyTerry(Choosing):
    """One of K candidates is chosen with probability proportional to its weight.

    Attributes
    ----------
    K : int or math.inf
        Number of candidates; for infinity the law is tilted, T(p) = p w/E_p w.
    weights : tuple of Fraction, length n
        Weights, at least 0; above 0 for finite K.
    """

    K: int | float
    weights: Fractions

    @property
    def candidates(self) -> int | float:
        return self.K

    def curated(self, law: Numbers, t: int = 0) -> Numbers:
        weights = [number_like(law, weight) for weight in self.weights]
        if self.K == math.inf:
            mean = dot(law, weights)
            return [p * w / mean for p, w in zip(law, weights, strict=True)]
        if isinstance(law[0], Fraction):
            ratio: Numbers = rationals.curation_ratio(self.weights, law, self.K)
        else:
            bits = flint.ctx.prec
            key = (self, bits)
            if key not in _KERNELS:
                _KERNELS[key] = certified.prepared(self.weights, self.K, bits=bits)
            ratio = _KERNELS[key].at(law)
        return [p * h for p, h in zip(law, ratio, strict=True)]


_KERNELS: dict[Any, Any] = {}


@dataclass(frozen=True)
class Electorate(Choosing):
    """Each choice is made by a voter drawn at random, who chooses by a rule of her own.

    Attributes
    ----------
    voters : tuple of Fraction, length v
        Shares of the choices, which sum to one.
    choosers : tuple of Choosing, length v
        Whose rules.
    """

    voters: Fractions
    choosers: tuple[Choosing, ...]

    def __post_init__(self) -> None:
        if sum(self.voters) != 1 or min(self.voters) < 0 or len(self.voters) != len(self.choosers):
            raise ValueError(f"voters must be one share for each chooser, of sum one; got {self}")

    @property
    def candidates(self) -> int | float:
        return max(chooser.candidates for chooser in self.choosers)

    @property
    def sees_law(self) -> bool:  # type: ignore[override]
        return any(chooser.sees_law for chooser in self.choosers)

    @property
    def changes(self) -> bool:  # type: ignore[override]
        return any(chooser.changes for chooser in self.choosers)

    @property
    def shares(self) -> list[tuple[Fraction, int | float]]:
        pairs = zip(self.voters, self.choosers, strict=True)
        return [(share * part, K) for share, rule in pairs for part, K in rule.shares]

    def is_small(self, size: int) -> bool:
        return all(chooser.is_small(size) for chooser in self.choosers)

    def curated(self, law: Numbers, t: int = 0) -> Numbers:
        chosen = [number_like(law, 0)] * len(law)
        for share, chooser in zip(self.voters, self.choosers, strict=True):
            part = number_like(law, share)
            chosen = [x + part * y for x, y in zip(chosen, chooser.curated(law, t), strict=True)]
        return chosen


@dataclass(frozen=True)
class Preference(Choosing):
    """Of two candidates x is chosen over y with a probability of their own, whatever it is.

    Attributes
    ----------
    matrix : tuple of n tuples of Fraction, length n each
        P, with P(x, y) + P(y, x) = 1.
    """

    matrix: tuple[Fractions, ...]

    def __post_init__(self) -> None:
        pairs = zip(self.matrix, zip(*self.matrix, strict=True), strict=True)
        if any(x + y != 1 for row, column in pairs for x, y in zip(row, column, strict=True)):
            raise ValueError(f"matrix must have P(x, y) + P(y, x) = 1; got {self.matrix}")

    @property
    def candidates(self) -> int:
        return 2

    def curated(self, law: Numbers, t: int = 0) -> Numbers:
        rows = [[number_like(law, entry) for entry in row] for row in self.matrix]
        return [2 * p * dot(law, row) for p, row in zip(law, rows, strict=True)]


@dataclass(frozen=True)
class Click(Choosing):
    """A random click: one candidate, which is chosen."""

    @property
    def candidates(self) -> int:
        return 1

    def curated(self, law: Numbers, t: int = 0) -> Numbers:
        return list(law)
