"""Random loops with rules of choice: small rational ones, and longer ones for balls."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from recurate.paper_checks.runs.ruled.choosing import (
    Avoid,
    BestBy,
    BradleyTerry,
    ChoiceTable,
    Choosing,
    Click,
    Electorate,
    Preference,
    Seek,
)
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.written import Fractions, fractions

_MIXINGS = fractions("1/100 1/10 1/4 1/2 1 1 2 3 100 0")
_RETAINED = fractions("1/10 1/2 9/10")
_SIZES = fractions("1 10 1/10 100")
_LARGEST_POWER = 24  # of a share that a pure loop for balls may leave
_SMALL_STEPS = {1: 4, 2: 4, 3: 3, 4: 2}


def ruled_instances(seed: int) -> Iterator[RuledInstance]:
    """Yield random loops for rationals: 1 to 4 atoms, K from 1 to 4, 1 to 4 steps.

    Rules are tables over K-tuples (which may look at the law, or change), the hard best and worst,
    those that avoid or seek a group, Bradley–Terry's, preferences of pairs, clicks, and voters of
    several kinds; a quarter of the loops change their rule at each step. λ is one number, one for
    each step, or inf; samples are retained, or accumulate, in a quarter each.
    """
    source = random.Random(f"ruled {seed}")
    while True:
        size = source.choice((1, 2, 2, 2, 2, 3, 3, 3, 4, 4))
        K = source.choice((1, 2, 2, 2, 2, 3, 3, 3, 4))
        steps = _SMALL_STEPS[K] - (size == 4 and K < 4)
        yield instance_of(source, size, K, steps)


def longer_ruled_instances(seed: int) -> Iterator[RuledInstance]:
    """Yield random loops for balls: 2 to 12 atoms, K to 16, 1 to 12 steps; rules as above.

    What the pure loop leaves of a group, u^(K^t), is soon lost beside 1 at any number of bits. So
    pure loops are short, and λ is finite if it is not the same at each step.
    """
    source = random.Random(f"longer ruled {seed}")
    while True:
        size = source.choice((2, 3, 4, 6, 8, 12))
        K = source.choice((2, 2, 3, 4, 8, 16))
        steps = source.choice((2, 4, 8, 12))
        drawn = instance_of(source, size, K, steps)
        if isinstance(drawn.lam, tuple):
            lam = tuple(Fraction(1) if x == math.inf else x for x in drawn.lam)
            drawn = replace(drawn, lam=lam)
        while K**steps > _LARGEST_POWER:
            steps -= 1
        if drawn.lam == math.inf and drawn.training is None:
            drawn = _shortened(drawn, steps)
        yield drawn


def _shortened(instance: RuledInstance, steps: int) -> RuledInstance:
    """Return the loop for fewer steps, if at a step nothing but what was chosen is kept."""
    if all(instance.shares(t)[1] for t in range(instance.steps)):
        return instance
    each = {
        name: value[:steps]
        for name in ("choosing", "retained")
        if isinstance(value := getattr(instance, name), tuple)
    }
    return replace(instance, steps=steps, **each)


def instance_of(source: random.Random, size: int, K: int, steps: int) -> RuledInstance:
    """Return a random loop of this size, with at most K candidates."""
    choosing: Choosing | tuple[Choosing, ...] = _choosing(source, size, K)
    if source.random() < 1 / 4:
        choosing = tuple(_choosing(source, size, K) for _ in range(steps))
    reference, second = law_of(source, size), law_of(source, size)
    kind = source.random()
    if kind < 1 / 4:
        training = (source.choice(_SIZES), Fraction(1))
        return RuledInstance(reference, choosing, steps, training=training, second=second)
    lam: Fraction | float | tuple[Fraction | float, ...] = mixing_of(source, K)
    if source.random() < 1 / 4:
        lam = tuple(mixing_of(source, K) for _ in range(steps))
    retained: Fraction | tuple[Fraction, ...] = Fraction(0)
    if kind < 1 / 2:
        retained = source.choice(_RETAINED)
        if source.random() < 1 / 3:
            retained = tuple(source.choice((Fraction(0), *_RETAINED)) for _ in range(steps))
    return RuledInstance(reference, choosing, steps, lam, retained, second=second)


def _choosing(source: random.Random, size: int, K: int, *, alone: bool = False) -> Choosing:
    group = tuple(i for i in range(size) if source.random() < 1 / 2)
    kind = source.randrange(9 if alone else 11)
    if kind <= 2 and size**K <= 256:
        number = source.randrange(10**6)
        return ChoiceTable(K, number, source.random() < 1 / 2, source.random() < 1 / 4)
    if kind <= 3:
        ranks = tuple(source.randrange(size) for _ in range(size))
        return BestBy(K, ranks, source.choice(("best", "worst")))
    if kind <= 4:
        return Avoid(K, group)
    if kind <= 5:
        return Seek(K, group)
    if kind <= 6:
        return BradleyTerry(K, tuple(Fraction(of_many_sizes(source)) for _ in range(size)))
    if kind <= 7 and K == 2:
        return Preference(preferences_of(source, size))
    if kind <= 8:
        return Click() if source.random() < 1 / 4 else Avoid(K, group)
    voters = [source.randint(1, 5) for _ in range(source.choice((2, 2, 3)))]
    return Electorate(
        tuple(Fraction(n, sum(voters)) for n in voters),
        tuple(
            _choosing(source, size, K if u == 0 else source.randint(1, K), alone=True)
            for u in range(len(voters))
        ),
    )


def preferences_of(source: random.Random, size: int) -> tuple[Fractions, ...]:
    """Return a random matrix of preferences, P(x, y) + P(y, x) = 1; some are certain."""
    rows = [[Fraction(1, 2)] * size for _ in range(size)]
    for x in range(size):
        for y in range(x):
            rows[x][y] = Fraction(source.choice((0, 8, *range(9))), 8)
            rows[y][x] = 1 - rows[x][y]
    return tuple(map(tuple, rows))


def mixing_of(source: random.Random, K: int | float) -> Fraction | float:
    """Return a random λ: inf for a quarter, a share of 1/(K-1) for a third, or any."""
    kind = source.random()
    if kind < 1 / 4:
        return math.inf
    if kind < 7 / 12 and 1 < K < math.inf:
        return source.choice(fractions("1/10 1/2 9/10 1")) / (int(K) - 1)
    return source.choice(_MIXINGS)


def law_of(source: random.Random, size: int) -> Fractions:
    """Return a random law, with masses of many sizes."""
    masses = [of_many_sizes(source) for _ in range(size)]
    return tuple(Fraction(mass, sum(masses)) for mass in masses)


def of_many_sizes(source: random.Random) -> int:
    """Return a random integer from 1 to 1000."""
    return source.randint(1, 10) * 10 ** source.choice((0, 0, 0, 1, 2))
