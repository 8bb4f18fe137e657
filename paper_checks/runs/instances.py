"""Loops small enough to be computed exactly, drawn at random or named: what a claim is tried on."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.validation import FloatArray
from recurate.paper_checks.runs.written import Fractions, fractions, listed, mixing, written


@dataclass(frozen=True)
class Instance:
    """A curated retraining loop given by exact numbers, with rational or irrational weights.

    Attributes
    ----------
    reference : tuple of Fraction, length n
        Probabilities under p_ref; zeros are allowed.
    weights : tuple of Fraction, length n, or None
        Rational weights e^r, up to a common factor.
    rewards : tuple of Fraction, length n, or None
        Rational rewards r, whose weights e^r are irrational; given in place of `weights`.
    K : int or math.inf
        Number of candidates.
    lam : Fraction or math.inf
        λ, synthetic samples per real one.
    steps : int
        Number of retraining steps.
    initial : tuple of Fraction, length n, or None
        The start p_0, where it is not p_ref.
    second : tuple of Fraction, length n, or None
        A second law on the same atoms, for claims about two laws; p_ref if None.

    Raises
    ------
    ValueError
        If not exactly one of `weights` and `rewards` is given, or lengths differ.
    """

    reference: Fractions
    weights: Fractions | None = None
    rewards: Fractions | None = None
    K: int | float = 2
    lam: Fraction | float = math.inf
    steps: int = 1
    initial: Fractions | None = None
    second: Fractions | None = None

    def __post_init__(self) -> None:
        if (self.weights is None) == (self.rewards is None):
            raise ValueError("an instance must have exactly one of weights and rewards")
        given = (self.weights, self.rewards, self.initial, self.second)
        sizes = {len(values) for values in given if values is not None}
        if sizes != {self.size}:
            raise ValueError(f"an instance's tuples must have one length; got {sorted(sizes)}")

    @classmethod
    def of(
        cls,
        weights: str | None = None,
        reference: str = "",
        *,
        rewards: str | None = None,
        initial: str | None = None,
        second: str | None = None,
        K: int | float = 2,
        lam: Fraction | int | str | float = math.inf,
        steps: int = 1,
    ) -> Instance:
        """Return the loop whose laws are written as texts, numbers separated by blanks.

        Examples
        --------
        >>> print(Instance.of("1/1000 1 1", "1/2 1/4 1/4", lam="1/3", steps=3))
        weights (1/1000, 1, 1), p_ref (1/2, 1/4, 1/4), K = 2, λ = 1/3, 3 steps
        """
        weight_values, reward_values, initial_law, second_law = (
            None if text is None else fractions(text)
            for text in (weights, rewards, initial, second)
        )
        return cls(
            reference=fractions(reference),
            weights=weight_values,
            rewards=reward_values,
            K=K,
            lam=mixing(lam),
            steps=steps,
            initial=initial_law,
            second=second_law,
        )

    @classmethod
    def of_loop(cls, loop: CurationLoop, steps: int, second: FloatArray | None = None) -> Instance:
        """Return a loop of floats as the exact numbers that they are, with a second law or none."""
        loop.law.require_no_prompts("an exact instance")
        return cls(
            rewards=tuple(Fraction(r) for r in loop.law.rewards.tolist()),
            reference=_exact_law(loop.law.probs),
            K=math.inf if loop.K == math.inf else int(loop.K),
            lam=math.inf if loop.lam == math.inf else Fraction(loop.lam),
            steps=steps,
            second=None if second is None else _exact_law(second),
        )

    @property
    def size(self) -> int:
        """Number of atoms."""
        return len(self.reference)

    @property
    def heights(self) -> Fractions:
        """Weights or rewards, whichever is given: numbers in the order of the rewards."""
        heights = self.weights if self.rewards is None else self.rewards
        assert heights is not None
        return heights

    @cached_property
    def is_degenerate(self) -> bool:
        """Whether nothing can move: K = 1, λ = 0, or a single weight with mass.

        Nearly every statement lists these as cases of equality.
        """
        charged = {h for h, p in zip(self.heights, self.reference, strict=True) if p}
        return self.K == 1 or self.lam == 0 or len(charged) == 1

    @property
    def is_small(self) -> bool:
        """Whether it can be run in rationals: they grow K-fold in length with each step."""
        growth = 2 if self.K == math.inf else self.K
        return self.weights is not None and growth**self.steps <= 1024

    @property
    def loop(self) -> CurationLoop:
        """The same loop for the float engine, its numbers rounded."""
        if self.rewards is None:
            rewards = [math.log(height) for height in self.heights]
        else:
            rewards = [float(height) for height in self.heights]
        return CurationLoop(
            RewardLaw(rewards, [float(p) for p in self.reference]), K=self.K, lam=float(self.lam)
        )

    def to_python(self) -> str:
        """Return the Python expression that makes this instance; it may need math."""
        names = ("weights", "rewards", "reference", "initial", "second", "K", "lam", "steps")
        given = {name: getattr(self, name) for name in names}
        parts = [f"{name}={written(x)}" for name, x in given.items() if x is not None]
        return f"Instance.of({', '.join(parts)})"

    def __str__(self) -> str:
        """Return the loop in words, numbers exact."""
        heights = "weights" if self.rewards is None else "rewards"
        text = f"{heights} {listed(self.heights)}, p_ref {listed(self.reference)}"
        if self.initial is not None:
            text += f", p_0 {listed(self.initial)}"
        if self.second is not None:
            text += f", second law {listed(self.second)}"
        steps = f"{self.steps} step{'' if self.steps == 1 else 's'}"
        return f"{text}, K = {self.K}, λ = {self.lam}, {steps}"


def _exact_law(probs: FloatArray) -> Fractions:
    masses = [Fraction(p) for p in probs.tolist()]
    return tuple(mass / sum(masses) for mass in masses)


def two_points(
    ratio: Fraction | int | str,
    top_mass: Fraction | int | str,
    *,
    K: int | float = 2,
    lam: Fraction | int | str | float = math.inf,
    steps: int = 1,
) -> Instance:
    """Return the loop on the weights ρ = `ratio` and 1 with p_ref(1) = `top_mass`."""
    top = Fraction(top_mass)
    return Instance(
        weights=(Fraction(ratio), Fraction(1)),
        reference=(1 - top, top),
        K=K,
        lam=mixing(lam),
        steps=steps,
    )


def hierarchy(
    levels: int,
    *,
    ratio: int,
    K: int | float,
    lam: Fraction | int | str | float = math.inf,
    steps: int = 1,
) -> Instance:
    """Return the loop on equal masses whose weights rise by a factor `ratio` from one to the next.

    For large ratios such laws are nearly extremal: the best candidate wins nearly always.
    """
    return Instance(
        weights=tuple(Fraction(1, ratio**j) for j in reversed(range(levels))),
        reference=(Fraction(1, levels),) * levels,
        K=K,
        lam=mixing(lam),
        steps=steps,
    )


_MIXINGS = fractions("0 1/100 1/10 1/4 1/2 1 3 100")
_SHARES = fractions("1/10 1/2 9/10 99/100 1")
_STEPS = {1: 2, 2: 4, 3: 3, 4: 2}
_SIZES = (1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4)


def rational_instances(seed: int, sizes: Sequence[int] = _SIZES) -> Iterator[Instance]:
    """Yield random instances with rational weights, K from 1 to 4 or infinity.

    The number of atoms is one of `sizes`. Weights and masses are of many sizes. For a third of them
    λ is a share of 1/(K-1), where Theorem 2.4 speaks; a quarter are pure loops; for the others λ
    runs over [0, 100].
    """
    source = random.Random(f"rational {seed}")
    while True:
        size = source.choice(sizes)
        K: int | float = source.choice((1, *(2,) * 6, *(3,) * 4, *(4,) * 2, *(math.inf,) * 4))
        weights = [_of_many_sizes(source) for _ in range(size)]
        steps = _STEPS.get(int(K), 2) if K != math.inf else 3
        yield Instance(
            weights=tuple(Fraction(w, max(weights)) for w in weights),
            reference=_law(source, size),
            K=K,
            lam=_mixing(source, K),
            steps=steps - (size >= 4),
            second=_law(source, size),
        )


def irrational_instances(seed: int) -> Iterator[Instance]:
    """Yield random instances with rational rewards, of 1 to 8 atoms and K to 10^4 or infinity.

    Rewards span up to 50, masses go down to 1e-12 of the largest one.
    """
    source = random.Random(f"irrational {seed}")
    while True:
        size = source.choice((1, 2, 2, 3, 4, 5, 6, 8))
        K = source.choice((2, 2, 3, 4, 8, 16, 100, 10_000, math.inf))
        span = source.choice((Fraction(1, 100), Fraction(1), Fraction(4), Fraction(12), 50))
        masses = [
            Fraction(source.randint(1, 99) * 10 ** source.randint(0, 12)) for _ in range(size)
        ]
        yield Instance(
            rewards=tuple(span * Fraction(source.randint(0, 64), 64) for _ in range(size)),
            reference=tuple(mass / sum(masses) for mass in masses),
            K=K,
            lam=_mixing(source, K),
            steps=3 if K <= 16 else 2,
            second=_law(source, size),
        )


def _mixing(source: random.Random, K: float) -> Fraction | float:
    kind = source.random()
    if kind < 1 / 4:
        return math.inf
    if kind < 7 / 12:
        share = source.choice(_SHARES)
        return share / (int(K) - 1) if 1 < K < math.inf else share
    return source.choice(_MIXINGS)


def _law(source: random.Random, size: int) -> Fractions:
    masses = [_of_many_sizes(source) for _ in range(size)]
    return tuple(Fraction(mass, sum(masses)) for mass in masses)


def _of_many_sizes(source: random.Random) -> int:
    return source.randint(1, 10) * 10 ** source.choice((0, 0, 0, 1, 2))
