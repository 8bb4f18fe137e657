"""Random parametric retraining loops in exact numbers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

from recurate.paper_checks.runs.retraining_instances import (
    FiniteInstance,
    LogisticInstance,
    mean_under,
)
from recurate.paper_checks.runs.written import Fractions, fractions

_FORMS = fractions("1 1 1 1/2 0 -1 2")
_ERRORS = fractions("0 1/100 1/10 1/2 9/10 1")
_MIXINGS = fractions("1/100 1/10 1/4 1/2 1 2 5 100")


def finite_instances(seed: int) -> Iterator[FiniteInstance]:
    """Yield random power families on 3 to 6 points, with one parameter or two.

    The data are p (1 + c e) with e orthogonal in L²(p) to 1 and to the scores, and c a share of
    the largest that leaves probabilities; a third have points at the squares of their scores,
    where the sharper rate is nearly attained.
    """
    source = random.Random(f"finite {seed}")
    while True:
        dimension = source.choice((1, 1, 2))
        size = dimension + source.choice((2, 2, 3, 4))
        masses = [source.randint(1, 9) * 10 ** source.choice((0, 0, 1)) for _ in range(size)]
        model = tuple(Fraction(mass, sum(masses)) for mass in masses)
        points = tuple(map(Fraction, sorted(source.sample(range(-30, 31), size))))
        scores: list[Fractions] = []
        for _ in range(dimension):
            drawn = tuple(Fraction(source.randint(-9, 9)) for _ in range(size))
            scores.append(_orthogonal(drawn, [(Fraction(1),) * size, *scores], model))
        form = source.choice(_FORMS)
        if dimension == 1 and source.random() < 1 / 3:
            squares = tuple(value**2 for value in scores[0])
            order = sorted(range(size), key=lambda i: squares[i])
            model, points = (tuple(values[i] for i in order) for values in (model, squares))
            scores, form = [tuple(scores[0][i] for i in order)], Fraction(1)
        drawn = tuple(Fraction(source.randint(-9, 9)) for _ in range(size))
        excess = _orthogonal(drawn, [(Fraction(1),) * size, *scores], model)
        share, lam = source.choice(_ERRORS), source.choice(_MIXINGS)
        if any(not any(v) for v in (*scores, excess)) or len(set(points)) < size:
            continue
        least, largest = min(excess), max(excess)
        if dimension == 2:  # B need not be diagonal
            tilt = Fraction(source.randint(-3, 3))
            scores[1] = tuple(y + tilt * x for x, y in zip(*scores, strict=True))
        c = share * (-1 / least if source.random() < 1 / 2 else -1 / largest)
        data = tuple(p * (1 + c * e) for p, e in zip(model, excess, strict=True))
        yield FiniteInstance(points, model, tuple(scores), data, form, lam)


def logistic_instances(seed: int) -> Iterator[LogisticInstance]:
    """Yield random data of 2 to 6 points for the logistic location model with θ* = 0."""
    source = random.Random(f"logistic {seed}")
    while True:
        sides: list[dict[Fraction, Fraction]] = []
        for _ in range(2):
            values = {
                Fraction(source.randint(11, 10 ** source.choice((2, 2, 3, 4))), 10): Fraction(
                    source.randint(1, 9)
                )
                for _ in range(source.randint(1, 3))
            }
            total = sum((m * (y - 1) / (y + 1) for y, m in values.items()), Fraction(0))
            sides.append({y: m / total for y, m in values.items()})
        below, above = sides
        masses = {**{1 / y: m for y, m in below.items()}, **above}
        whole, odds = sum(masses.values()), tuple(sorted(masses))
        yield LogisticInstance(
            odds, tuple(masses[y] / whole for y in odds), source.choice(_MIXINGS)
        )


def _orthogonal(values: Fractions, others: list[Fractions], law: Fractions) -> Fractions:
    """Return values less their projections in L²(law) on others that are mutually orthogonal."""
    for other in others:
        square = mean_under(law, tuple(x * x for x in other))
        if square:
            factor = (
                mean_under(law, tuple(x * y for x, y in zip(values, other, strict=True))) / square
            )
            values = tuple(x - factor * y for x, y in zip(values, other, strict=True))
    return values
