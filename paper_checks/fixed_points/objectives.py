"""Loops of voters with K = inf, what they climb, and loops built around their fixed point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce

from recurate.paper_checks.runs.run import Number, Numbers, Run, dot, log_of, normalised


@dataclass(frozen=True)
class VotersLoop:
    """A loop of voters with K = inf, in rationals or balls.

    Attributes
    ----------
    shares : list of numbers, length v
        The voters' shares π, of sum one.
    voters : list of lists of numbers, length v
        Each voter's weights, at least 0.
    a : number
        Share of synthetic samples; one for the pure loop.
    reference : list of numbers, length n
        p_ref.
    """

    shares: Numbers
    voters: list[Numbers]
    a: Number
    reference: Numbers

    @classmethod
    def around(
        cls, law: Numbers, shares: Numbers, voters: list[Numbers], growth: Number
    ) -> VotersLoop | None:
        """Return a loop with real data of which a law is a fixed point.

        Its p_ref is what is left of the law, and a a share `growth` of the largest value for which
        something is. None if balls are too wide for it, or if a voter's mean weight may be zero.
        """
        if not all(dot(law, weights) > 0 for weights in voters):
            return None
        loop = cls(shares, voters, type(growth)(0), law)
        support = loop.support(law)
        a = growth / largest(support)
        if not all(a * s < 1 for s in support):  # of balls that overlap, another is larger
            return None
        real = [p * (1 - a * s) / (1 - a) for p, s in zip(law, support, strict=True)]
        return replace(loop, a=a, reference=real)

    @classmethod
    def without_real_data(
        cls, law: Numbers, shares: Numbers, voters: list[Numbers], growth: Number
    ) -> VotersLoop | None:
        """Return a pure loop of which a law is a fixed point, and where the welfare is largest.

        One more voter stands in for the real data: she likes what the others like too little. Where
        the law has no mass she is content with half of what would move it there.
        """
        loop = cls.around(law, shares, voters, growth)
        if loop is None:
            return None
        wanted = [(1 - loop.a * s) / (1 - loop.a) for s in loop.support(law)]
        own = [w if p > 0 else w / 2 for w, p in zip(wanted, law, strict=True)]
        others = [loop.a * share for share in shares]
        return cls([*others, 1 - loop.a], [*voters, own], type(growth)(1), law)

    @property
    def m(self) -> Number:
        """Share of real samples."""
        return 1 - self.a

    def support(self, law: Numbers, shares: Numbers | None = None) -> Numbers:
        """Return Σ_u π_u w_u/W_u at each atom, W_u under the law."""
        pairs = zip(self.shares if shares is None else shares, self.voters, strict=True)
        scaled = [(share / dot(law, weights), weights) for share, weights in pairs if share != 0]
        return [
            sum((factor * weights[i] for factor, weights in scaled), 0) for i in range(len(law))
        ]

    def ratio(self, law: Numbers) -> Numbers:
        """Return H = p'/p at each atom; where neither p nor p_ref has mass, a Σ π w/W."""
        return [
            self.a * s + (self.m * q / p if self.a != 1 and q != 0 else 0)
            for q, p, s in zip(self.reference, law, self.support(law), strict=True)
        ]

    def step(self, law: Numbers) -> Numbers:
        """Return p', the law after a step."""
        return [
            self.m * q + self.a * p * s
            for q, p, s in zip(self.reference, law, self.support(law), strict=True)
        ]

    def laws(self, start: Numbers, steps: int) -> list[Numbers]:
        """Return p_0, …, p_steps."""
        laws = [start]
        for _ in range(steps):
            laws.append(self.step(laws[-1]))
        return laws

    def welfare(self, law: Numbers, shares: Numbers | None = None) -> Number:
        """Return Σ_u π_u log W_u."""
        pairs = zip(self.shares if shares is None else shares, self.voters, strict=True)
        return sum((share * log_of(dot(law, w)) for share, w in pairs if share != 0), 0)

    def objective(self, law: Numbers) -> Number:
        """Return F = a Σ π log W - m KL(p_ref‖p)."""
        welfare = self.a * self.welfare(law)
        return welfare if self.a == 1 else welfare - self.m * divergence(self.reference, law)

    @property
    def equal_shares(self) -> Numbers:
        """Equal shares for the voters that have some."""
        number = sum(1 for share in self.shares if share != 0)
        return [(share / share) / number if share != 0 else share for share in self.shares]


def divergence(p: Numbers, q: Numbers) -> Number:
    """Return KL(p‖q)."""
    # Equal to zero for certain: a ball about zero has a logarithm that is not finite.
    return sum((x * log_of(x / y) for x, y in zip(p, q, strict=True) if x != 0), 0)


def largest(values: Numbers) -> Number:
    """Return the largest; of balls that overlap, a ball that contains it."""
    if isinstance(values[0], Fraction):
        return max(values)
    return reduce(lambda x, y: x.max(y), values)


def are_distinct(left: Numbers, right: Numbers) -> bool:
    """Whether two laws certainly differ; otherwise they are taken for equal."""
    return any(x < y or x > y for x, y in zip(left, right, strict=True))


def positive_laws(run: Run) -> Iterator[tuple[str, Numbers]]:
    """Yield laws on a run's atoms with mass everywhere, with their names."""
    n = run.size
    uniform = [run.number(Fraction(1, n))] * n
    yield "uniform law", uniform
    for name, law in (("p_ref", run.reference), ("second law", run.second)):
        if all(mass > 0 for mass in law):
            yield name, law
    if all(mass > 0 for mass in run.reference):
        yield (
            "p_ref towards the heavier",
            normalised([p * w for p, w in zip(run.reference, run.weights, strict=True)]),
        )


def other_laws(run: Run, loop: VotersLoop, fixed: Numbers) -> Iterator[tuple[str, Numbers]]:
    """Yield other laws than a fixed one: far, after a step, and near, with their names."""
    n = run.size
    start = [run.number(Fraction(1, n))] * n
    yield "uniform law", start
    yield "after a step", normalised([p * h for p, h in zip(start, loop.ratio(start), strict=True)])
    pulled = normalised([p * s for p, s in zip(fixed, loop.support(fixed), strict=True)])
    yield "towards the voters", pulled
    small = run.number(Fraction(1, 64))
    yield "a little of that", [p + small * (q - p) for p, q in zip(fixed, pulled, strict=True)]
    yield (
        "a little away",
        normalised(
            [p / (1 + small * (s - 1)) for p, s in zip(fixed, loop.support(fixed), strict=True)]
        ),
    )
