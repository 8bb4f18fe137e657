"""Random loops in rational numbers, small enough for the exact oracle."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from recurate.numerics import exact

_MIXINGS = (
    Fraction(0),
    Fraction(1, 100),
    Fraction(1, 10),
    Fraction(1, 4),
    Fraction(1, 2),
    Fraction(1),
    Fraction(3),
    Fraction(100),
    math.inf,
)


@dataclass(frozen=True)
class RationalLoop:
    """A curated retraining loop with rational weights, probabilities and λ.

    Attributes
    ----------
    weights : tuple of Fraction, length n
        Weights e^r relative to the best, in (0, 1].
    reference : tuple of Fraction, length n
        Probabilities under p_ref.
    K : int
        Number of candidates.
    lam : Fraction or math.inf
        λ, synthetic samples per real one.
    steps : int
        Number of retraining steps.
    """

    weights: tuple[Fraction, ...]
    reference: tuple[Fraction, ...]
    K: int
    lam: Fraction | float
    steps: int = 2

    @classmethod
    def draw(cls, source: random.Random) -> RationalLoop:
        """Draw a loop of 1 to 4 atoms, K from 1 to 4, with weights and masses of many sizes."""
        size = source.randint(1, 4)
        weights = [_of_many_sizes(source) for _ in range(size)]
        masses = [_of_many_sizes(source) for _ in range(size)]
        return cls(
            weights=tuple(Fraction(w, max(weights)) for w in weights),
            reference=tuple(Fraction(p, sum(masses)) for p in masses),
            K=source.randint(1, 4),
            lam=source.choice(_MIXINGS),
        )

    @cached_property
    def laws(self) -> list[list[Fraction]]:
        """The laws p_0, …, p_steps, exactly."""
        return exact.trajectory(self.weights, self.reference, self.K, self.lam, self.steps)

    def ratio(self, t: int) -> list[Fraction]:
        """Return the curation ratio H^K at each atom under p_t, exactly."""
        return exact.curation_ratio(self.weights, self.laws[t], self.K)

    def mean_weight(self, probs: list[Fraction]) -> Fraction:
        """Return the mean weight under a law, exactly."""
        return sum((p * w for p, w in zip(probs, self.weights, strict=True)), Fraction(0))

    def variance_weight(self, probs: list[Fraction]) -> Fraction:
        """Return the variance of the weight under a law, exactly."""
        mean = self.mean_weight(probs)
        terms = (p * (w - mean) ** 2 for p, w in zip(probs, self.weights, strict=True))
        return sum(terms, Fraction(0))

    def __str__(self) -> str:
        weights, masses = ([str(x) for x in xs] for xs in (self.weights, self.reference))
        return f"weights {weights}, p_ref {masses}, K = {self.K}, lam = {self.lam}"


def _of_many_sizes(source: random.Random) -> int:
    return source.randint(1, 10) * 10 ** source.choice((0, 0, 0, 1, 2))
