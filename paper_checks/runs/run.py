"""A loop's run in three kinds of numbers with one interface: claims are written once for all.

`ExactRun` has rationals without rounding, `CertifiedRun` balls that contain the true value, and
`EngineRun` balls around the float engine's output with its stated error as radius. So the error
allowance of a margin follows from what the engine states by ball arithmetic; nobody chooses it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from recurate.theory.language import notation
from recurate.theory.language.ball_calls import as_ball
from recurate.theory.language.compile import Kind, compile_expression
from recurate.theory.statement import Hypothesis

Number = Any
"""A Fraction or a ball (`flint.arb`): the operators are the same, and a comparison of balls is true
only where it is certain."""

Numbers = list[Any]

RunKind = Literal["property", "exact", "certified"]
"""The kind of evidence that a run's numbers give: floats, rationals or balls."""


def dot(left: Sequence[Number], right: Sequence[Number]) -> Number:
    """Return the sum of the products."""
    return sum((x * y for x, y in zip(left, right, strict=True)), 0)


def difference(p: Sequence[Number], q: Sequence[Number]) -> Numbers:
    """Return q - p."""
    return [y - x for x, y in zip(p, q, strict=True)]


def normalised(masses: Sequence[Number]) -> Numbers:
    """Return masses over their sum."""
    total = sum(masses, 0)
    return [mass / total for mass in masses]


def moments(values: Sequence[Number], probs: Sequence[Number], order: int) -> Number:
    """Return the central moment of this order, or the mean for order 1."""
    mean = dot(probs, values)
    if order == 1:
        return mean
    # Products, since Arb's powers of a ball about zero are NaN.
    return dot(probs, [math.prod([value - mean] * order) for value in values])


def log_of(value: Number) -> Number:
    """Return the logarithm of a ball.

    Raises
    ------
    TypeError
        If it is a rational.
    """
    if isinstance(value, Fraction):
        raise TypeError(f"rationals have no logarithms; got {value}")
    return value.log()


@dataclass(frozen=True)
class Curation:
    """One curation T of a law p: the winner among K candidates drawn from it.

    Attributes
    ----------
    weights, probs, ratio : lists of numbers, length n
        Weights, the law p, and the curation ratio H^K_p at each atom.
    K : int or math.inf
        Number of candidates.
    """

    weights: Numbers
    probs: Numbers
    ratio: Numbers
    K: int | float

    @cached_property
    def curated(self) -> Numbers:
        """Probabilities under T(p) = p H."""
        return [p * h for p, h in zip(self.probs, self.ratio, strict=True)]

    def gain(self, values: Sequence[Number] | None = None) -> Number:
        """Return by how much curation raises the mean of the values, by default of the weights.

        It is the sum of p (H - 1) v, in which nothing cancels.
        """
        moved = [p * (h - 1) for p, h in zip(self.probs, self.ratio, strict=True)]
        return dot(moved, self.weights if values is None else values)

    @cached_property
    def mean_weight(self) -> Number:
        """Mean weight under p."""
        return moments(self.weights, self.probs, 1)

    @cached_property
    def variance_weight(self) -> Number:
        """Variance of the weight under p."""
        return moments(self.weights, self.probs, 2)

    @cached_property
    def third_central_moment(self) -> Number:
        """Third central moment of the weight under p."""
        return moments(self.weights, self.probs, 3)


class TriedRun(ABC):
    """What a claim is tried on: a run of a loop of some kind, in one kind of numbers.

    Attributes
    ----------
    kind : RunKind
        Kind of evidence that its numbers give.
    arithmetic : {"rational", "ball"}
        What its numbers are: Fractions or balls.
    is_degenerate : bool
        Whether it is a case in which nearly every statement lists equality.
    """

    kind: RunKind
    arithmetic: Kind = "ball"
    is_degenerate: bool

    def number(self, value: Fraction | float) -> Number:
        """Return a given number as one of the run's kind."""
        return Fraction(value) if self.arithmetic == "rational" else as_ball(value)

    def evaluate(self, expression: Any, **values: Any) -> Number:
        """Return the value of a symbolic expression, such as a statement's bound."""
        return compile_expression(expression, self.arithmetic)(**values)

    @abstractmethod
    def meets(self, hypothesis: Hypothesis) -> bool:
        """Return whether it meets a hypothesis that is a condition on numbers."""


class Run(TriedRun):
    """The laws p_0, …, p_steps of a loop, in one kind of numbers.

    Attributes
    ----------
    K : int or math.inf
        Number of candidates.
    lam : Fraction, float or math.inf
        λ; a number of the run's kind.
    steps : int
        Number of steps.
    weights : list of numbers, length n
        Relative weights: the largest, w_*, is 1. (Atoms without mass count for it, too.)
    reference : list of numbers, length n
        p_ref.
    second : list of numbers, length n
        A second law on the same atoms.
    heights : sequence of numbers, length n
        Exact numbers in the order of the weights, to tell ties.
    """

    K: int | float
    lam: Any
    steps: int
    weights: Numbers
    reference: Numbers
    second: Numbers
    heights: Sequence[Any]

    @property
    def size(self) -> int:
        """Number of atoms."""
        return len(self.weights)

    @cached_property
    def order(self) -> list[int]:
        """The atoms' numbers from the smallest weight to the largest; ties in any order."""
        return sorted(range(self.size), key=lambda i: self.heights[i])

    @property
    def real_fraction(self) -> Number:
        """Share of real samples, m = 1/(1+λ)."""
        return self.number(0) if self.lam == math.inf else 1 / (1 + self.number(self.lam))

    @property
    def synthetic_fraction(self) -> Number:
        """Share of synthetic samples, a = λ/(1+λ)."""
        return 1 - self.real_fraction

    @abstractmethod
    def law(self, t: int) -> Numbers:
        """Return p_t."""

    @abstractmethod
    def density(self, t: int) -> Numbers:
        """Return p_t/p_ref at each atom with mass under p_ref, and 1 elsewhere."""

    @abstractmethod
    def curation(self, t: int, K: int | float | None = None) -> Curation:
        """Return one curation of p_t, by K candidates or by another number of them."""

    def curation_of(
        self, probs: Numbers, K: int | float | None = None, weights: Numbers | None = None
    ) -> Curation:
        """Return one curation of another law, such as `second`; or with other weights."""
        K = self.K if K is None else K
        weights = self.weights if weights is None else weights
        return Curation(weights, probs, self.ratio(weights, probs, K), K)

    @abstractmethod
    def ratio(self, weights: Sequence[Number], probs: Sequence[Number], K: int | float) -> Numbers:
        """Return the curation ratio of a law on other weights than the run's own."""

    def meets(self, hypothesis: Hypothesis) -> bool:
        """Return whether it meets a hypothesis; one about K and λ alone is decided in rationals."""
        condition = hypothesis.condition
        if condition is None:
            return True
        values: dict[str, Any] = {
            "K": self.K if self.K == math.inf else int(self.K),
            "lam": self.lam if self.lam == math.inf else Fraction(self.lam),
            "max_weight": 1,
            "atoms": self.size,
        }
        if condition.free_symbols <= {notation.K, notation.lam, *notation.DERIVED}:
            return hypothesis.holds("rational", **values)
        for name in ("mean_weight", "variance_weight", "third_central_moment"):
            values[name] = getattr(self, name)
        for name in ("weight_ratio", "top_mass"):
            values[name] = getattr(self, name)
        return hypothesis.holds(self.arithmetic, **values)

    def kl_to_reference(self, t: int) -> Number:
        """Return KL(p_t‖p_ref) in nats, as the sum of p_ref d log d.

        Raises
        ------
        TypeError
            If the run is in rationals, which have no logarithms.
        """
        # Equal to zero for certain: a ball about zero has a logarithm that is not finite.
        return dot(self.reference, [d if d == 0 else d * log_of(d) for d in self.density(t)])

    def kl_from_reference(self, t: int) -> Number:
        """Return KL(p_ref‖p_t) in nats, as minus the sum of p_ref log d.

        Raises
        ------
        TypeError
            If the run is in rationals, which have no logarithms.
        """
        return -dot(self.reference, [log_of(d) for d in self.density(t)])

    def mean(self, values: Sequence[Number], t: int) -> Number:
        """Return the mean of values, one an atom, under p_t."""
        return dot(self.law(t), values)

    def gain(self, t: int, values: Sequence[Number] | None = None) -> Number:
        """Return the mean of the values (the weights) under p_t less that under p_ref.

        It is the sum of p_ref (d_t - 1) v, in which nothing cancels. Needs p_t to be absolutely
        continuous with respect to p_ref.
        """
        moved = [q * (d - 1) for q, d in zip(self.reference, self.density(t), strict=True)]
        return dot(moved, self.weights if values is None else values)

    @cached_property
    def mean_weight(self) -> Number:
        """Mean weight under p_ref."""
        return moments(self.weights, self.reference, 1)

    @cached_property
    def variance_weight(self) -> Number:
        """Variance of the weight under p_ref."""
        return moments(self.weights, self.reference, 2)

    @cached_property
    def third_central_moment(self) -> Number:
        """Third central moment of the weight under p_ref."""
        return moments(self.weights, self.reference, 3)

    @cached_property
    def top(self) -> list[int]:
        """Numbers of the atoms of the largest weight w_* = 1, the set A."""
        highest = max(self.heights)
        return [i for i in range(self.size) if self.heights[i] == highest]

    @cached_property
    def top_mass(self) -> Number:
        """Mass q = p_ref(A) of the largest weight."""
        return self.at_top(self.reference)

    def at_top(self, masses: Sequence[Number]) -> Number:
        """Return how much of these masses, one an atom, is at the largest weight."""
        return sum((masses[i] for i in self.top), 0)

    @cached_property
    def weight_ratio(self) -> Number:
        """ρ, the largest weight off A over w_*; 0 if there is none."""
        below = [i for i in self.order if i not in self.top]
        return self.weights[below[-1]] if below else self.number(0)

    @property
    def is_pure(self) -> bool:
        """Whether no real data are mixed in."""
        return bool(self.lam == math.inf)

    def mixed(self, curated: Sequence[Number]) -> Numbers:
        """Return the loop's next law, m p_ref + a T(p), from a curated law T(p)."""
        m, a = self.real_fraction, self.synthetic_fraction
        return [m * q + a * p for q, p in zip(self.reference, curated, strict=True)]

    @property
    def some_steps(self) -> list[int]:
        """Numbers t of some of the steps: a curation takes time in the search."""
        return sorted({0, 1, 2, 3, self.steps // 2, self.steps - 1} & set(range(self.steps)))

    def number_of_weights(self, t: int) -> int:
        """Return how many different weights have mass under p_t."""
        pairs = zip(self.heights, self.law(t), strict=True)
        return len({height for height, mass in pairs if mass != 0})

    def total_variation(self, left: Sequence[Number], right: Sequence[Number]) -> Number:
        """Return the total variation distance of two laws on the atoms."""
        return sum((abs(x - y) for x, y in zip(left, right, strict=True)), 0) / 2

    def distribution_function(self, probs: Sequence[Number]) -> Numbers:
        """Return the masses of the lower sets: the lightest atom, the two lightest, and so on."""
        total, masses = 0, []
        for i in self.order:
            total = total + probs[i]
            masses.append(total)
        return masses
