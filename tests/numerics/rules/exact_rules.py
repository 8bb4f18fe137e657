"""The rules of choice in exact rationals, from their definitions: over all tuples of candidates.

A candidate x among K has H(x) = K P(x is chosen | x is the first of K candidates), as every place
is as good as the first. This is defined for an atom without mass too. Each function here returns
one from probabilities to H.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np

from recurate import RewardLaw
from recurate.rules import (
    Accept,
    BestOf,
    BradleyTerry,
    PairwisePreference,
    RandomChoice,
    Rule,
    Stages,
    TopShare,
    Voters,
)

Probs = Sequence[Fraction]
Exact = Callable[[Probs], list[Fraction]]


def by_tuples(size: int, K: int, chance: Callable[..., Fraction]) -> Exact:
    """H of a choice among K: `chance` is that of the first candidate, given the others."""

    def exact(probs):
        with_mass = [i for i in range(size) if probs[i]]
        ratio = [Fraction(0)] * size
        for others in product(with_mass, repeat=K - 1):
            mass = math.prod((probs[i] for i in others), start=Fraction(1))
            for x in range(size):
                ratio[x] += K * mass * chance(x, others)
        return ratio

    return exact


def bradley_terry(weights, K) -> Exact:
    if K == math.inf:
        return tilted(weights)
    return by_tuples(
        len(weights),
        K,
        lambda x, others: Fraction(weights[x]) / (weights[x] + sum(weights[i] for i in others)),
    )


def tilted(weights) -> Exact:
    """H = w/E w; 1 if nothing has any weight."""

    def exact(probs):
        mean = sum(p * w for p, w in zip(probs, weights, strict=True))
        return [Fraction(w) / mean if mean else Fraction(1) for w in weights]

    return exact


def best_of(column, K, keep=1) -> Exact:
    """Of those that tie, random ones are kept; one of the kept is chosen."""

    def chance(x, others):
        better = sum(column[i] > column[x] for i in others)
        tied = sum(column[i] == column[x] for i in others) + 1
        return Fraction(min(max(keep - better, 0), tied), tied * keep)

    return by_tuples(len(column), K, chance)


def top_share(column, share) -> Exact:
    """Filled from the top, level by level; those that tie at the edge in part."""

    def exact(probs):
        ratio = []
        for value in column:
            above = sum(p for p, other in zip(probs, column, strict=True) if other > value)
            level = sum(p for p, other in zip(probs, column, strict=True) if other == value)
            room = max(share - above, 0)
            # A little mass at the bottom is taken from the others: all of it is kept if all is.
            part = min(room / level, 1) if level else Fraction(room > 0 or share == 1)
            ratio.append(Fraction(part) / share)
        return ratio

    return exact


def preferred(matrix, labels) -> Exact:
    return by_tuples(len(labels), 2, lambda x, others: matrix[labels[x]][labels[others[0]]])


def voters(shares, rules: Sequence[Exact]) -> Exact:
    def exact(probs):
        columns = zip(*(rule(probs) for rule in rules), strict=True)
        return [sum(s * h for s, h in zip(shares, column, strict=True)) for column in columns]

    return exact


def stages(rules: Sequence[Exact]) -> Exact:
    def exact(probs):
        total = [Fraction(1)] * len(probs)
        for rule in rules:
            pool = [p * h for p, h in zip(probs, total, strict=True)]
            total = [h * more for h, more in zip(total, rule(pool), strict=True)]
        return total

    return exact


@dataclass(frozen=True)
class ExactLaw:
    """A small law in rationals: weights e^r, and what rules read beside them."""

    weights: list[int]
    other: list[int]
    accepted: list[Fraction]
    labels: list[int]
    probs: list[Fraction]

    @classmethod
    def random(cls, rng: np.random.Generator, largest: int = 4) -> "ExactLaw":
        n = int(rng.integers(1, largest + 1))
        masses = rng.integers(0, 4, n)
        masses[int(rng.integers(n))] += 1
        total = int(masses.sum())
        first = rng.permutation(n) % max(1, n - 1)  # of several atoms, two share a group
        labels = [list(dict.fromkeys(first.tolist())).index(label) for label in first.tolist()]
        return cls(
            rng.integers(1, 4, n).tolist(),
            rng.integers(1, 5, n).tolist(),
            [Fraction(int(v), 4) for v in rng.choice([0, 0, 1, 2, 4], n)],
            labels,
            [Fraction(int(m), total) for m in masses],
        )

    @property
    def law(self) -> RewardLaw:
        scores = {"other": np.log(self.other), "accepted": [float(v) for v in self.accepted]}
        return RewardLaw(np.log(self.weights), groups=self.labels, scores=scores)

    @property
    def log_probs(self) -> np.ndarray:
        with np.errstate(divide="ignore"):
            return np.log([float(p) for p in self.probs])

    def column(self, by: str | None) -> list[int]:
        return self.weights if by is None else self.other


def random_rule(rng: np.random.Generator, of: ExactLaw, depth: int = 0) -> tuple[Rule, Exact]:
    """A rule, and the same by its definition."""
    kinds = [_bradley_terry, _best_of, _accept, _preference, _random_choice]
    if depth < 2:
        kinds += [_voters, _stages]
    if depth == 0:  # its edge may lie as near to a rational as it likes in later stages
        kinds.append(_top_share)
    return kinds[int(rng.integers(len(kinds)))](rng, of, depth)


def _by(rng):
    return [None, "other"][int(rng.integers(2))]


def _bradley_terry(rng, of, depth):
    K, by = [1, 2, 3, math.inf][int(rng.integers(4))], _by(rng)
    power = int(rng.integers(-2, 3))
    weights = [Fraction(w) ** power for w in of.column(by)]
    return BradleyTerry(K, scale=power, by=by), bradley_terry(weights, K)


def _best_of(rng, of, depth):
    K, by = int(rng.integers(1, 5)), _by(rng)
    keep = int(rng.integers(1, K + 1))
    return BestOf(K, keep=keep, by=by), best_of(of.column(by), K, keep)


def _top_share(rng, of, depth):
    # Often just at an edge: the masses have small denominators.
    total, by = max(p.denominator for p in of.probs), _by(rng)
    share = Fraction(int(rng.integers(1, 2 * total + 1)), 2 * total)
    return TopShare(float(share), by=by), top_share(of.column(by), share)


def _accept(rng, of, depth):
    return Accept("accepted", none="keep"), tilted(of.accepted)


def _preference(rng, of, depth):
    over = ["atoms", "groups"][int(rng.integers(2))]
    labels = list(range(len(of.weights))) if over == "atoms" else of.labels
    n = max(labels) + 1
    matrix = [[Fraction(1, 2)] * n for _ in range(n)]
    for i, j in product(range(n), repeat=2):
        if i < j:
            matrix[i][j] = Fraction(int(rng.integers(9)), 8)
            matrix[j][i] = 1 - matrix[i][j]
    return PairwisePreference([[float(x) for x in row] for row in matrix], of=over), preferred(
        matrix, labels
    )


def _random_choice(rng, of, depth):
    return RandomChoice(), by_tuples(len(of.weights), 1, lambda x, others: Fraction(1))


def _voters(rng, of, depth):
    first = int(rng.integers(0, 9))
    shares = [Fraction(first, 8), Fraction(8 - first, 8)]
    (rule, exact), (rule2, exact2) = (random_rule(rng, of, depth + 1) for _ in range(2))
    found = Voters([(float(shares[0]), rule), (float(shares[1]), rule2)])
    return found, voters(shares, [exact, exact2])


def _stages(rng, of, depth):
    (rule, exact), (rule2, exact2) = (random_rule(rng, of, depth + 1) for _ in range(2))
    return Stages([rule, rule2]), stages([exact, exact2])
