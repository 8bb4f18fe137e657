"""The quadrature of the curation ratio in balls, for `recurate.numerics.curation.balls`.

H^K_p(w) = K w ∫ e^{-s w} M(s)^{K-1} ds by the trapezoid rule in log s, on the whole line. The nodes
on the left are summed as a power series, those on the right are left out, and each error is bounded
and added to the radius. ``docs/engine.md``, "In balls", derives each bound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import flint

from recurate.numerics.validation import candidates

_SPARE = 8  # each of the three errors of the rule is about 2^-(bits + 8), relative to H, or less
_ONE = flint.arb(1)


class Rule(NamedTuple):
    """The three sizes of the quadrature, each with an error bound of its own."""

    per_unit: int  # nodes u = j / per_unit: the discretisation
    degree: int  # of the series that sums the nodes with s K <= 1: the left
    last_argument: float  # at the last node s w is this at least, for every weight: the right


def rule_for(bits: int) -> Rule:
    """Return the smallest rule whose errors are each about 2^-(bits + _SPARE), relative to H."""
    allowed = flint.arb(2) ** -(bits + _SPARE)
    last_argument = (bits + _SPARE) * math.log(2)
    per_unit = max(1, int(last_argument / math.pi**2))
    while not discretisation_error(per_unit) < allowed:
        per_unit += 1
    degree = 1
    while not allowed * math.factorial(degree) > 1:
        degree += 1
    return Rule(per_unit, degree, last_argument)


def discretisation_error(per_unit: int) -> flint.arb:
    """Return a bound on the trapezoid rule's error, relative to H, for every law, K and weight."""
    # 2 sum_k |Γ(1 + 2πik N)|, in which each term is at most √2 e^{-π² N} times the one before.
    x = 2 * flint.arb.pi() ** 2 * per_unit
    return 2 * (x / x.sinh()).sqrt() / (1 - flint.arb(2).sqrt() * (-x / 2).exp())


class BallRatio:
    """The ratio for given weights and any law; keeps what does not depend on the law.

    It works in the precision that the caller has set. Weights are at most 1.
    """

    def __init__(self, weights: list[flint.arb], K: Any, rule: Rule) -> None:
        self._weights = weights
        # Not by way of a float: K may have more than 53 bits.
        self._K: Any = math.inf if candidates(K) == math.inf else int(K)
        if self._K in (1, math.inf):
            return
        step = _ONE / rule.per_unit
        # Floats choose which nodes there are; every bound is of the nodes chosen.
        top = -math.ceil(rule.per_unit * math.log(self._K))
        lowest = min(float(w.lower().log()) for w in weights)
        last = math.ceil(rule.per_unit * (math.log(rule.last_argument) - lowest))
        nodes = [(j * step).exp() for j in range(top + 1, last + 1)]
        rows = [[(-s * w).exp() for s in nodes] for w in weights]
        self._transform = flint.arb_mat(rows)
        self._decrease = flint.arb_mat([[1 - x for x in row] for row in rows])
        self._node_weights = [step * s for s in nodes]
        self._last_column = [row[-1] for row in rows]
        self._series = flint.arb_mat([_exponential_series(w, rule.degree) for w in weights])
        sums = _left_sums((top * step).exp(), step, rule.degree)
        self._hankel = flint.arb_mat(
            [
                [(-1) ** n * sums[n] if n < rule.degree else 0 for n in range(k, k + rule.degree)]
                for k in range(rule.degree)
            ]
        )
        left_error = sums[-1] * flint.arb(self._K) ** rule.degree / math.factorial(rule.degree)
        self._left_error = flint.arb(0, left_error)
        self._discretisation = 1 + flint.arb(0, discretisation_error(rule.per_unit))

    def at(self, law: list[flint.arb]) -> list[flint.arb]:
        """Return balls of the ratio at each atom, for balls that contain a law."""
        if self._K == 1:
            return [_ONE] * len(law)
        if self._K == math.inf:
            return [1 / _dot(law, self._over(w)) for w in self._weights]
        p = flint.arb_mat([law])
        # M from either side: 1 - sum p (1 - e^{-s w}), true of laws only, keeps wide balls p from
        # costing digits to the power K - 1 where M is near 1; the plain sum keeps a tiny M.
        plain, less = (p * self._transform).entries(), (p * self._decrease).entries()
        powers = [x.intersection(1 - y) ** (self._K - 1) for x, y in zip(plain, less, strict=True)]
        # E[e^{xS}] as a series in x. The law's mass, its first moment, is one.
        moments = flint.arb_poly([1, *(p * self._series).entries()[1:]])
        left = self._hankel * _column(_power(moments, self._K - 1, self._series.ncols()))
        terms = [x * y for x, y in zip(self._node_weights, powers, strict=True)]
        sums = (self._series * left + self._transform * _column(terms)).entries()
        return [
            self._bounded(w, w * (total + self._left_error), powers[-1] * end)
            for w, total, end in zip(self._weights, sums, self._last_column, strict=True)
        ]

    def _bounded(self, weight: flint.arb, kept: flint.arb, right: flint.arb) -> flint.arb:
        """Return H from the sum over the nodes kept, which lacks between 0 and `right`, times K."""
        half = right.upper() / 2
        ratio = self._K * (kept + half + flint.arb(0, half)) / self._discretisation
        if weight < ratio < self._K:
            return ratio
        # w <= H <= K is known beforehand, and matters for wide balls.
        known = weight.union(self._K)
        return ratio.intersection(known) if ratio.is_finite() else known

    def _over(self, weight: flint.arb) -> list[flint.arb]:
        return [_ONE if x is weight else x / weight for x in self._weights]


def _left_sums(top: flint.arb, step: flint.arb, degree: int) -> list[flint.arb]:
    """Return sum_s step s^{m + 1} over s = top, top e^{-step}, top e^{-2 step}, …, m <= degree."""
    return [step * top**m / (1 - (-m * step).exp()) for m in range(1, degree + 2)]


def _exponential_series(x: flint.arb, degree: int) -> list[flint.arb]:
    """Return x^k / k! for k < degree."""
    terms = [_ONE]
    for k in range(1, degree):
        terms.append(terms[-1] * x / k)
    return terms


def _power(base: flint.arb_poly, exponent: int, degree: int) -> list[flint.arb]:
    """Return the coefficients below `degree` of a power, by squaring: positive ones stay sharp."""
    power = flint.arb_poly([1])
    while exponent:
        if exponent & 1:
            power = (power * base).truncate(degree)
        base = (base * base).truncate(degree)
        exponent >>= 1
    coefficients = power.coeffs()
    return [*coefficients, *[flint.arb(0)] * (degree - len(coefficients))]


def _dot(a: Sequence[flint.arb], b: Sequence[flint.arb]) -> flint.arb:
    return sum((x * y for x, y in zip(a, b, strict=True)), flint.arb(0))


def _column(values: Sequence[flint.arb]) -> flint.arb_mat:
    return flint.arb_mat([[x] for x in values])
