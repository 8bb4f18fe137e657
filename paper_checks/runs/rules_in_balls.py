"""Rules of choice in balls: H = dT(p)/dp from the definitions in ``docs/rules.md``.

Nothing is shared with the float rules but their arguments, whose floats stand for themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Protocol

import flint

from recurate.numerics import rules
from recurate.numerics.curation import balls as certified
from recurate.numerics.curation.balls import as_ball
from recurate.numerics.schedules import Schedule
from recurate.paper_checks.runs.operands import certainly

Numbers = list[flint.arb]

Ratio = Callable[[Numbers], Numbers]
"""From balls that contain a law p, length n, to balls that contain H at its atoms."""

_ONE = flint.arb(1)
_GUARD = 32  # bits beyond those asked for
_DOUBLINGS = 3  # of the precision, before a trajectory gives up


class ExactAtoms(Protocol):
    """What rules read of a law, exactly."""

    @property
    def size(self) -> int:
        """Number of atoms n."""

    @property
    def group_index(self) -> Any:
        """Number of each atom's group, shape (n,), or None."""

    def exact_column(self, by: str | None) -> list[Fraction]:
        """Return the rewards, or a score by its name, length n."""


class ExactLaw(ExactAtoms, Protocol):
    """Atoms, with their probabilities."""

    @property
    def exact_probs(self) -> list[Fraction]:
        """Probabilities under p_ref, length n."""


def ratio_in_balls(rule: rules.Rule, law: ExactAtoms, bits: int) -> Ratio:
    """Return a rule on a law, prepared for many p; it works in the precision that is set.

    Parameters
    ----------
    rule : Rule
        One of `recurate.rules`.
    law : ExactAtoms
        The atoms.
    bits : int
        Relative accuracy aimed at for what has to be approximated, Bradley–Terry's ratio.

    Raises
    ------
    TypeError
        If it is a rule of another kind, of which only floats are known.
    """
    for kind, made in _KINDS.items():
        if type(rule) is kind:
            ratio: Ratio = made(rule, law, bits)
            return ratio
    raise TypeError(
        f"only the rules of recurate.rules are known in balls; got a {type(rule).__name__}"
    )


def rule_trajectory(
    law: ExactLaw, schedule: Schedule, steps: int, initial: Numbers | None, *, bits: int
) -> list[Numbers]:
    """Return balls that contain the laws p_0, …, p_steps of a loop with rules.

    Parameters
    ----------
    law : ExactLaw
        The atoms, and p_ref.
    schedule : Schedule
        What drives the steps.
    steps : int
        Number of them.
    initial : list of flint.arb, length n, or None
        The start p_0; p_ref if None.
    bits : int
        Half of them, at least, are right of each mass (of a ball about zero: after the point).

    Raises
    ------
    ArithmeticError
        If the balls stay wider at eight times the bits.
    TypeError, ValueError
        If a rule is not of this package, or the law has not what it reads.
    """
    plan = schedule.plan(steps)
    for doubling in range(_DOUBLINGS + 1):
        working = bits << doubling
        with flint.ctx.workprec(working + _GUARD):
            ratios = {id(r): ratio_in_balls(r, law, working) for r in plan.rules}
            reference = [as_ball(p) for p in law.exact_probs]
            laws = [reference if initial is None else initial]
            for t in range(steps):
                real, kept, curated = (as_ball(x) for x in _shares(schedule, plan(t).lam, t))
                ratio = ratios[id(plan(t).rule)](laws[-1])
                parts = zip(reference, laws[-1], ratio, strict=True)
                laws.append([real * q + p * (kept + curated * h) for q, p, h in parts])
        if min(map(_accuracy, (p for masses in laws for p in masses))) >= bits / 2:
            return laws
    raise ArithmeticError(
        f"the laws' balls must have {bits / 2:g} bits; they have not at a precision of {working}"
    )


def _shares(schedule: Schedule, lam: float, t: int) -> tuple[Fraction, Fraction, Fraction]:
    """Return the shares of p_ref, of p_t and of T(p_t) in p_{t+1}, exactly."""
    if schedule.training is not None:
        rounds = Fraction(schedule.training.real) / Fraction(schedule.training.per_round)
        added = 1 / (rounds + t + 1)
        return Fraction(0), 1 - added, added
    retained = schedule.retained
    if isinstance(retained, tuple):
        retained = retained[t]
    kept = Fraction(retained(t) if callable(retained) else retained)
    real = Fraction(0) if lam == math.inf else 1 / (1 + Fraction(lam))
    return real, (1 - real) * kept, (1 - real) * (1 - kept)


def _accuracy(mass: flint.arb) -> float:
    if mass > 0:
        return float(mass.rel_accuracy_bits())
    # About zero: the mass that a rule cuts off may be zero, and only that it is tiny is known.
    return math.inf if mass.is_zero() else -math.log2(float(mass.rad()))


def _bradley_terry(rule: rules.BradleyTerry, law: ExactAtoms, bits: int) -> Ratio:
    scale = Fraction(rule.scale)
    rewards = [scale * reward for reward in law.exact_column(rule.by)]
    K = rule.K if rule.K == math.inf else int(rule.K)
    return certified.prepared(certified.weights_of(rewards, bits=bits), K, bits=bits).at


def _best_of(rule: rules.BestOf, law: ExactAtoms, bits: int) -> Ratio:
    K, keep = int(rule.K), rule.keep
    levels = _Levels(law.exact_column(rule.by))

    def places_left(above: flint.arb, below: flint.arb) -> flint.arb:
        """Return E (keep - J)^+, J ~ Bin(K, above) of the candidates that are better."""
        terms = ((keep - j) * _chance(K, j, above, below) for j in range(keep))
        return sum(terms, flint.arb(0))

    def ratio(probs: Numbers) -> Numbers:
        values = []
        for mass, below, above in levels.masses(probs):
            if mass.is_zero():
                kept = sum((_chance(K - 1, j, above, below) for j in range(keep)), flint.arb(0))
                values.append(K * kept / keep)
            else:
                taken = places_left(above, below + mass) - places_left(above + mass, below)
                values.append(taken / (mass * keep))
        return levels.at_atoms(values)

    return ratio


def _top_share(rule: rules.TopShare, law: ExactAtoms, bits: int) -> Ratio:
    share = as_ball(Fraction(rule.share))
    levels = _Levels(law.exact_column(rule.by))

    def ratio(probs: Numbers) -> Numbers:
        if rule.share == 1.0:
            return [_ONE] * law.size
        values = []
        for mass, _, above in levels.masses(probs):
            room = share - above
            if mass.is_zero():
                part = flint.arb(int(certainly(room, ">", flint.arb(0))))
            else:
                part = room.max(flint.arb(0)).min(mass) / mass
            values.append(part / share)
        return levels.at_atoms(values)

    return ratio


def _accept(rule: rules.Accept, law: ExactAtoms, bits: int) -> Ratio:
    accepted = [as_ball(v) for v in law.exact_column(rule.by)]

    def ratio(probs: Numbers) -> Numbers:
        mean = sum((p * v for p, v in zip(probs, accepted, strict=True)), flint.arb(0))
        if not mean.is_zero():
            return [v / mean for v in accepted]
        if rule.none == "keep":
            return [_ONE] * law.size
        raise ValueError("nothing that has mass can be accepted")

    return ratio


def _pairwise(rule: rules.PairwisePreference, law: ExactAtoms, bits: int) -> Ratio:
    size = len(rule.matrix)
    index = range(law.size) if rule.of == "atoms" else [int(i) for i in law.group_index]
    matrix = [[_preferred(rule.matrix, x, y) for y in range(size)] for x in range(size)]

    def ratio(probs: Numbers) -> Numbers:
        masses = [flint.arb(0)] * size
        for i, p in zip(index, probs, strict=True):
            masses[i] = masses[i] + p
        values = [
            2 * sum((q * v for q, v in zip(masses, row, strict=True)), flint.arb(0))
            for row in matrix
        ]
        return [values[i] for i in index]

    return ratio


def _random_choice(rule: rules.RandomChoice, law: ExactAtoms, bits: int) -> Ratio:
    return lambda probs: [_ONE] * law.size


def _voters(rule: rules.Voters, law: ExactAtoms, bits: int) -> Ratio:
    shares = [Fraction(share) for share, _ in rule.voters]
    total = sum(shares)
    parts = [
        (as_ball(share / total), ratio_in_balls(voter, law, bits))
        for share, (_, voter) in zip(shares, rule.voters, strict=True)
        if share
    ]

    def ratio(probs: Numbers) -> Numbers:
        columns = [[share * h for h in voter(probs)] for share, voter in parts]
        return [sum(terms, flint.arb(0)) for terms in zip(*columns, strict=True)]

    return ratio


def _stages(rule: rules.Stages, law: ExactAtoms, bits: int) -> Ratio:
    stages = [ratio_in_balls(stage, law, bits) for stage in rule.rules]

    def ratio(probs: Numbers) -> Numbers:
        total = [_ONE] * law.size
        for stage in stages:
            chosen = [p * h for p, h in zip(probs, total, strict=True)]
            total = [h * g for h, g in zip(total, stage(chosen), strict=True)]
        return total

    return ratio


_KINDS: dict[type[rules.Rule], Callable[..., Ratio]] = {
    rules.BradleyTerry: _bradley_terry,
    rules.BestOf: _best_of,
    rules.TopShare: _top_share,
    rules.Accept: _accept,
    rules.PairwisePreference: _pairwise,
    rules.RandomChoice: _random_choice,
    rules.Voters: _voters,
    rules.Stages: _stages,
}


class _Levels:
    """The distinct values of a column, ascending; ties are exact."""

    def __init__(self, column: list[Fraction]) -> None:
        values = sorted(set(column))
        self._size = len(values)
        self._index = [values.index(value) for value in column]

    def masses(self, probs: Numbers) -> list[tuple[flint.arb, flint.arb, flint.arb]]:
        """Return the mass of each level, of those below it, and of those above it."""
        own = [flint.arb(0)] * self._size
        for i, p in zip(self._index, probs, strict=True):
            own[i] = own[i] + p
        below, above = [flint.arb(0)], [flint.arb(0)]
        for mass, from_top in zip(own[:-1], own[:0:-1], strict=True):
            below.append(below[-1] + mass)
            above.append(above[-1] + from_top)
        return list(zip(own, below, above[::-1], strict=True))

    def at_atoms(self, values: Numbers) -> Numbers:
        """Return values of the levels at the atoms."""
        return [values[i] for i in self._index]


def _chance(number: int, j: int, chance: flint.arb, rest: flint.arb) -> flint.arb:
    """Return P(Bin(number, chance) = j); `rest` is 1 - chance."""
    return math.comb(number, j) * _power(chance, j) * _power(rest, number - j)


def _power(base: flint.arb, exponent: int) -> flint.arb:
    # An empty sum of masses is an exact zero, whose power 0 is one.
    return _ONE if exponent == 0 else base**exponent


def _preferred(matrix: Any, x: int, y: int) -> flint.arb:
    """Return the probability that x is preferred to y: the smaller one of the two is kept."""
    if matrix[x, y] > 0.5:
        return as_ball(1 - Fraction(float(matrix[y, x])))
    return as_ball(Fraction(float(matrix[x, y])))
