"""Two models that train on one another's samples, and their long run, enclosed by contraction.

If K_0 K_1 a_0 a_1 = κ < 1 then two steps shrink the total variation distance of p_0 from its long
run by κ at least (any-choice-contraction), and so do those of p_1. So a law g is at most
TV(g, g'')/(1 - κ) from its model's long run, g'' being what two steps make of it: a guess becomes a
theorem, however it was found.
"""

from __future__ import annotations

import math
import random
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any, ClassVar

import flint
import numpy as np
from hypothesis import strategies as st

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.network import Network
from recurate.paper_checks.runs.ruled.choosing import BradleyTerry, python, words
from recurate.paper_checks.runs.run import Number, Numbers, RunKind, TriedRun, dot
from recurate.paper_checks.runs.setting import Searched, Setting
from recurate.paper_checks.runs.written import Fractions, fractions
from recurate.theory.statement import Hypothesis

_SCALE = 10**12  # of a guess in rationals
_ROUNDS = 400  # of two steps, at most
_LARGEST_FACTOR = Fraction(9, 10)
_DRAWN_FACTOR = Fraction(3, 5)  # of what is drawn, so that the float engine is soon there
_NEAR = 1e-10  # what is left of the distance from the long run after the engine's steps

Pair = tuple[Numbers, Numbers]


@dataclass(frozen=True)
class Exchange:
    """Two models, each trained on p_ref and on what the other's users choose.

    Attributes
    ----------
    reference : tuple of Fraction, length n
        p_ref.
    rewards : two tuples of int, length n
        Rewards of model 0's users and of model 1's, in bits: weights are powers of 2.
    lams : two Fractions
        λ of the models.
    candidates, more : int
        K of model 0's users, and a larger number in its place.
    others : int
        K of model 1's users.

    Raises
    ------
    ValueError
        If two steps are not known to be a contraction by 9/10 at least, or `more` is less than K.
    """

    reference: Fractions
    rewards: tuple[tuple[int, ...], tuple[int, ...]]
    lams: tuple[Fraction, Fraction]
    candidates: int
    more: int
    others: int = 2

    def __post_init__(self) -> None:
        if self.more < self.candidates:
            raise ValueError(f"more must be at least {self.candidates}; got {self.more}")
        if self.factor(self.more) > _LARGEST_FACTOR:
            raise ValueError(f"two steps must be a contraction; got {self}")

    @property
    def is_small(self) -> bool:
        """Whether it can be run in rationals: its laws are rounded, so it can."""
        return True

    @property
    def synthetic(self) -> Fractions:
        """Share a of the synthetic samples of either model."""
        return tuple(lam / (1 + lam) for lam in self.lams)

    def factor(self, candidates: int) -> Fraction:
        """Return κ, by which two steps shrink distances at least."""
        return math.prod(self.synthetic, start=Fraction(candidates * self.others))

    @property
    def imports(self) -> list[str]:
        """Lines of import that its Python expression needs beside its own class."""
        return ["from fractions import Fraction"]

    def to_python(self) -> str:
        """Return the Python expression that makes this instance."""
        given = (self.reference, self.rewards, self.lams)
        numbers = (self.candidates, self.more, self.others)
        return f"Exchange({', '.join(map(python, (*given, *numbers)))})"

    def __str__(self) -> str:
        """Return the models in words, numbers exact."""
        return (
            f"two models trained on each other's samples, p_ref {words(self.reference)}, rewards "
            f"{words(self.rewards)} bits, λ {words(self.lams)}, K_1 = {self.others}, K from "
            f"{self.candidates} to {self.more}"
        )


class ExchangeRun(TriedRun):
    """The long run of two models, in one kind of numbers."""

    def __init__(self, instance: Exchange) -> None:
        self.instance = instance
        self.is_degenerate = instance.candidates == instance.more or 0 in instance.lams

    def meets(self, hypothesis: Hypothesis) -> bool:
        return True  # they are in words, and `Exchange` asks them

    @abstractmethod
    def guess(self, candidates: int) -> Pair:
        """Return laws near the long run, of total mass one."""

    def stepped(self, laws: Pair, candidates: int) -> Pair:
        """Return what one step makes of the models' laws."""
        given = self.instance
        weights = [tuple(Fraction(2) ** r for r in rewards) for rewards in given.rewards]
        numbers = (candidates, given.others)
        chosen = [
            BradleyTerry(K, own).curated(law)
            for K, own, law in zip(numbers, weights, laws, strict=True)
        ]
        after = []
        for share, pool in zip(given.synthetic, reversed(chosen), strict=True):
            a = self.number(share)
            pairs = zip(given.reference, pool, strict=True)
            after.append([(1 - a) * self.number(q) + a * c for q, c in pairs])
        return after[0], after[1]

    def rewards_in_long_run(self, candidates: int) -> list[tuple[Number, Number]]:
        """Return each model's mean reward in bits, and how far it may be from the long run's."""
        guess = self.guess(candidates)
        after = self.stepped(self.stepped(guess, candidates), candidates)
        room = 1 - self.number(self.instance.factor(candidates))
        found = []
        for law, moved, rewards in zip(guess, after, self.instance.rewards, strict=True):
            distance = sum(abs(x - y) for x, y in zip(law, moved, strict=True)) / 2 / room
            mean = dot(law, [self.number(r) for r in rewards])
            found.append((mean, distance * (max(rewards) - min(rewards))))
        return found

    def gains(self) -> list[Number]:
        """Return for each model the sure part of what it gains in the long run from K' for K.

        What is sure to be positive from below, what is sure to be negative from above, else 0.
        """
        gains = []
        pairs = zip(
            self.rewards_in_long_run(self.instance.candidates),
            self.rewards_in_long_run(self.instance.more),
            strict=True,
        )
        for (before, error), (after, other_error) in pairs:
            gain, slack = after - before, error + other_error
            least, most = gain - slack, gain + slack
            gains.append(least if least > 0 else most if most < 0 else self.number(0))
        return gains


def _rounded(law: Numbers) -> Numbers:
    """Return a law of rationals that is near to one, with a common denominator."""
    parts = [Fraction(round(p * _SCALE), _SCALE) for p in law[:-1]]
    return [*parts, 1 - sum(parts)]


class ExactExchangeRun(ExchangeRun):
    """The long run in rationals."""

    kind = "exact"
    arithmetic = "rational"

    def guess(self, candidates: int) -> Pair:
        start = list(self.instance.reference)
        laws: Pair = (start, start)
        for _ in range(_ROUNDS):
            first, second = self.stepped(laws, candidates)
            after = (_rounded(first), _rounded(second))
            if after == laws:
                break
            laws = after
        return laws


class CertifiedExchangeRun(ExchangeRun):
    """The long run in balls, about what the float engine's network comes to."""

    kind: RunKind = "certified"

    def __init__(self, instance: Exchange, bits: int = 128) -> None:
        super().__init__(instance)
        self.bits = bits

    def guess(self, candidates: int) -> Pair:
        given = self.instance
        loops = [
            CurationLoop(
                RewardLaw(np.array(rewards) * math.log(2), [float(p) for p in given.reference]),
                K=K,
                lam=float(lam),
            )
            for rewards, K, lam in zip(
                given.rewards, (candidates, given.others), given.lams, strict=True
            )
        ]
        factor = float(given.factor(candidates))
        steps = 2 * math.ceil(math.log(_NEAR) / math.log(factor)) if factor else 2
        runs = Network(loops, [[0, 1], [1, 0]]).run(steps=steps)
        found = []
        for run in runs:
            masses = [flint.arb(float(p)) for p in np.exp(run.log_probs(steps))]
            found.append([p / sum(masses, flint.arb(0)) for p in masses])
        return found[0], found[1]


class EngineExchangeRun(CertifiedExchangeRun):
    """The same as evidence of the float engine: only that its laws are near the long run's."""

    kind = "property"


@dataclass(frozen=True)
class InFloats:
    """An exchange that the float engine runs.

    Attributes
    ----------
    exchange : Exchange
        The models.
    """

    exchange: Exchange


class ExchangeSetting(Setting):
    """Two models that train on one another's samples."""

    loop_type = InFloats
    steps: ClassVar[tuple[int, int]] = (1, 1)
    tried: ClassVar[dict[RunKind, str]] = {
        "property": (
            "two models of 2 or 3 answers, rewards of -12 to 12 bits, λ from 1/6 to 3; K from 1 to "
            "5, K_1 2 or 3, K K_1 a_0 a_1 <= 3/5"
        ),
        "exact": "the same in rationals",
        "certified": "the same in balls",
    }
    allowance = (
        "none: how far the engine's laws may be from the long run is bounded by contraction, in "
        "balls"
    )

    def searched(self, loop: InFloats, steps: int, data: st.DataObject) -> Searched:
        return Searched(
            EngineExchangeRun(loop.exchange),
            lambda: str(loop.exchange),
            lambda name: (
                "from fractions import Fraction\n"
                f"from {__name__} import Exchange, InFloats\n"
                "from recurate.paper_checks.replay import least_margin\n"
                f"print(least_margin({name!r}, InFloats({loop.exchange.to_python()})))"
            ),
            lambda: loop.exchange,
        )

    def new_exact_run(self, instance: Exchange) -> ExactExchangeRun:
        return ExactExchangeRun(instance)

    def certified_run(self, instance: Exchange, bits: int) -> CertifiedExchangeRun:
        return CertifiedExchangeRun(instance, bits)

    def exact_instances(self, seed: int) -> Iterator[Exchange]:
        source = random.Random(f"two models {seed}")
        while True:
            drawn = _drawn(source)
            if drawn is not None:
                yield drawn

    def certified_instances(self, seed: int, cases: int) -> Iterator[Exchange]:
        yield from islice(self.exact_instances(seed + 1), cases)

    def engine_run(self, loop: InFloats, steps: int, second: Any) -> EngineExchangeRun:
        return EngineExchangeRun(loop.exchange)


EXCHANGE = ExchangeSetting()
"""Two models that train on one another's samples."""

_LAMS = fractions("1/6 1/4 1/3 1/2 1 3")


def _drawn(source: random.Random) -> Exchange | None:
    size = source.choice((2, 3, 3))
    masses = [source.randint(1, 4) for _ in range(size)]
    reference = tuple(Fraction(mass, sum(masses)) for mass in masses)
    first, second = (tuple(source.randint(-12, 12) for _ in range(size)) for _ in range(2))
    candidates = source.choice((1, 2, 2, 2, 3))
    lams = source.choice(_LAMS), source.choice(_LAMS)
    more, others = candidates + source.choice((1, 2)), source.choice((2, 2, 3))
    if more * others * math.prod(lam / (1 + lam) for lam in lams) > _DRAWN_FACTOR:
        return None
    return Exchange(reference, (first, second), lams, candidates, more, others)


def exchanges() -> st.SearchStrategy[InFloats]:
    """Return what draws exchanges for the float engine."""
    return st.integers(0, 10**6).map(lambda seed: InFloats(next(EXCHANGE.exact_instances(seed))))


BACKFIRE = Exchange(
    fractions("1/2 1/4 1/4"),
    ((3, 8, -12), (12, -4, 4)),
    (Fraction(3), Fraction(1, 6)),
    candidates=2,
    more=4,
)
"""More candidates for model 0's users, and less reward for both models."""
