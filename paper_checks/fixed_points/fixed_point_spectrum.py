"""Evidence for the spectrum of the step's derivative: forms that are positive, by elimination.

No eigenvalue is computed. For all directions f of mass zero on weights up to w', ν <= a H(w') means
H(w') (f|f) - (DT f|f) >= 0: the pivots of this form's matrix are positive. In rationals that is
exact, and decides about all f at once. With w' from the second smallest weight to the largest, and
likewise from below, these are the interlacing inequalities a H(w_k) <= ν_k <= a H(w_{k+1}), which
are more than the claim. They hold at every law, fixed point or not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.one_curation.curation_lipschitz import moved_at_the_top
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Curation, Number, Numbers, Run, dot
from recurate.theory.fixed_points.fixed_point_spectrum import rayleigh_quotient, statement
from recurate.theory.language.notation import curation_ratio, max_weight

Matrix = list[Numbers]


class Derivative:
    """The derivative DT of curation at a law, and its forms with the weight 1/(p w).

    Attributes
    ----------
    weights, probs, ratio : lists of numbers, length n
        The distinct weights with mass, from the smallest to the largest, or the atoms given.
    pairs : list of lists, n rows of n
        K (K-1) E[1/(w_x + w_y + S)], S the weight of K - 2 candidates. For K = inf it is constant,
        1/W²; directions of mass zero do not see it, so it is left out.
    """

    def __init__(self, run: Run, curation: Curation, atoms: Sequence[int] = ()) -> None:
        charged = [i for i in run.order if curation.probs[i] > 0]
        places = list(atoms) or list({run.heights[i]: i for i in charged}.values())
        self.probs = [curation.probs[i] for i in places]
        if not atoms:
            alike = ([i for i in charged if run.heights[i] == run.heights[j]] for j in places)
            self.probs = [sum((curation.probs[i] for i in tied), 0) for tied in alike]
        self.weights = [curation.weights[i] for i in places]
        self.ratio = [curation.ratio[i] for i in places]
        self.pairs = self._pairs(run, curation)

    @property
    def size(self) -> int:
        """Number of weights."""
        return len(self.weights)

    def _pairs(self, run: Run, curation: Curation) -> Matrix:
        n, K = self.size, curation.K
        if K in (1, math.inf):
            return [[run.number(0)] * n for _ in range(n)]
        places = [(x, y) for x in range(n) for y in range(x, n)]
        sums = [self.weights[x] + self.weights[y] for x, y in places]
        # The ratio of K - 1 candidates against the same law, at atoms of these weights without
        # mass.
        weights, probs = (
            [*curation.weights, *sums],
            [*curation.probs, *([run.number(0)] * len(sums))],
        )
        ratio = run.curation_of(probs, K - 1, weights).ratio[run.size :]
        value = {xy: int(K) * h / w for xy, h, w in zip(places, ratio, sums, strict=True)}
        return [[value[min(x, y), max(x, y)] for y in range(n)] for x in range(n)]

    def norm(self, f: Numbers) -> Number:
        """(f|f) = Σ f²/(p w)."""
        triples = zip(f, self.probs, self.weights, strict=True)
        return sum((x * x / (p * w) for x, p, w in triples), 0)

    def form(self, f: Numbers) -> Number:
        """(DT f|f), f of mass zero."""
        own = zip(f, self.probs, self.weights, self.ratio, strict=True)
        return sum((x * x * h / (p * w) for x, p, w, h in own), 0) + dot(
            f, [dot(row, f) for row in self.pairs]
        )

    def less(self, ratio: Number) -> Matrix:
        """(DT f|f) - H (f|f) for every f, with this number for H."""
        rows = [list(row) for row in self.pairs]
        for x, row in enumerate(rows):
            row[x] = row[x] + (self.ratio[x] - ratio) / (self.probs[x] * self.weights[x])
        return rows

    def at_most(self, top: int, ratio: Number | None = None) -> Matrix:
        """H (f|f) - (DT f|f) for f of mass zero on the weights up to the one numbered `top`.

        H is the ratio there unless given; f is given by its values below `top`.
        """
        a = self.less(self.ratio[top] if ratio is None else ratio)
        return [
            [a[x][top] + a[top][y] - a[x][y] - a[top][top] for y in range(top)] for x in range(top)
        ]

    def at_least(self, low: int) -> Matrix:
        """(DT f|f) - H (f|f) for f on the weights from the one numbered `low` up, H there."""
        return [row[low:] for row in self.less(self.ratio[low])[low:]]


def pivots(matrix: Sequence[Numbers]) -> Iterator[Number]:
    """Yield the pivots of a symmetric matrix, up to the first that is not certainly positive.

    It is positive definite if all are positive, and not semidefinite if one is negative.
    """
    rows = [list(row) for row in matrix]
    for k, row in enumerate(rows):
        yield row[k]
        if not row[k] > 0:
            return
        for lower in rows[k + 1 :]:
            share = lower[k] / row[k]
            lower[k:] = [x - share * y for x, y in zip(lower[k:], row[k:], strict=True)]


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    curation = run.curation_of(run.reference)
    derivative = Derivative(run, curation)
    for i in range(1, derivative.size):
        yield from _positive(derivative, derivative.at_most(i), f"up to weight {i}", run.K == 1)
        if run.kind == "property":  # whose rounding leaves the signs of the next form open
            continue
        # For K = inf this form is diagonal, and vanishes where it starts.
        lower, is_zero = derivative.at_least(i - 1), run.K in (1, math.inf)
        yield from _positive(derivative, lower, f"from weight {i - 1}", is_zero, first=i - 1)
    if derivative.size > 1:
        f = _to_the_rest(derivative)
        yield Margin(_claim(run, derivative, f), "one direction", tight=run.K == 1)
        if run.kind == "exact" and run.K in (2, 3):
            yield _is_derivative(run, derivative, f)
    ties = [i for i in run.top if curation.probs[i] > 0]
    if len(ties) > 1:
        tied = Derivative(run, curation, ties[:2])
        value = _claim(run, tied, [run.number(1), run.number(-1)])
        yield Margin(value, "ties at the top", tight=True)


def _positive(
    derivative: Derivative, matrix: Matrix, where: str, is_zero: bool = False, *, first: int = 0
) -> Iterator[Margin]:
    """Yield the pivots of a form, each over (e|e) of its weight; `first` is the first weight."""
    for x, pivot in enumerate(pivots(matrix), start=first):
        scale = derivative.probs[x] * derivative.weights[x]
        yield Margin(pivot * scale, f"{where}, pivot {x}", tight=is_zero)


def _to_the_rest(derivative: Derivative) -> Numbers:
    """Return the direction from the smallest weight to all others, in proportion to their mass."""
    rest = derivative.probs[1:]
    return [-sum(rest, 0), *rest]


def _claim(run: Run, derivative: Derivative, f: Numbers) -> Number:
    """Return the claim's left-hand side for a direction f, ν (a H(w_*) - ν)."""
    quotient = run.synthetic_fraction * derivative.form(f) / derivative.norm(f)
    values = {rayleigh_quotient: quotient, curation_ratio(max_weight): derivative.ratio[-1]}
    return value_of(run, statement.claim.lhs, values)


def _is_derivative(run: Run, derivative: Derivative, f: Numbers) -> Margin:
    """The form is that of T's derivative: odd differences of polynomials to degree 3 are exact."""
    smaller = min(1, derivative.probs[0] / -f[0])  # so that p ± f are laws

    def odd(share: Fraction) -> Numbers:
        laws = [
            [p + sign * share * smaller * x for p, x in zip(derivative.probs, f, strict=True)]
            for sign in (1, -1)
        ]
        up, down = (run.curation_of(law, None, derivative.weights).curated for law in laws)
        return [(x - y) / (2 * smaller) for x, y in zip(up, down, strict=True)]

    halves = zip(odd(Fraction(1)), odd(Fraction(1, 2)), strict=True)
    slope = [(8 * half - whole) / 3 for whole, half in halves]
    triples = zip(slope, f, derivative.probs, derivative.weights, strict=True)
    value = sum((y * x / (p * w) for y, x, p, w in triples), 0)
    return Margin(-abs(value - derivative.form(f)), "derivative", tight=True)


def _negated(matrix: Matrix) -> Matrix:
    return [[-x for x in row] for row in matrix]


def _second_largest(run: Run, bound: Bound) -> Iterator[Margin]:
    """ν <= a H at the largest weight below w_*."""
    derivative = Derivative(run, run.curation_of(run.reference))
    if derivative.size > 1:
        top = derivative.size - 1
        yield from _positive(
            derivative, derivative.at_most(top, derivative.ratio[top - 1]), "all weights"
        )


def _no_ratio(run: Run, bound: Bound) -> Iterator[Margin]:
    """ν <= a."""
    derivative = Derivative(run, run.curation_of(run.reference))
    if derivative.size > 1:
        matrix = derivative.at_most(derivative.size - 1, run.number(1))
        yield from _positive(derivative, matrix, "all weights")


def _second_smallest(run: Run, bound: Bound) -> Iterator[Margin]:
    """ν >= a H at the second smallest weight."""
    derivative = Derivative(run, run.curation_of(run.reference))
    if derivative.size > 1:
        matrix = derivative.at_most(derivative.size - 1, derivative.ratio[1])
        yield from _positive(derivative, _negated(matrix), "all weights")


def _with_mass(run: Run, bound: Bound) -> Iterator[Margin]:
    """(DT f|f) <= H(w_*) (f|f) for every direction f, also where its mass is not zero."""
    if run.K == math.inf:  # what directions of mass zero do not see was left out
        return
    derivative = Derivative(run, run.curation_of(run.reference))
    yield from _positive(derivative, _negated(derivative.less(derivative.ratio[-1])), "all weights")


def _other_weight(run: Run, bound: Bound) -> Iterator[Margin]:
    """DT is self-adjoint with the weight 1/p."""
    derivative = Derivative(run, run.curation_of(run.reference))
    for x, y in combinations(range(derivative.size), 2):
        apart = derivative.weights[x] - derivative.weights[y]
        yield Margin(-abs(apart * derivative.pairs[x][y]), f"weights {x} and {y}")


check = Check(
    statement=statement,
    margins=_margins,
    instances=(
        moved_at_the_top,
        two_points("1/1000", "1/1000", lam=1),
        hierarchy(3, ratio=100, K=3, lam=1),
        Instance.of("1/100 1/10 99/100 1", "97/100 1/100 1/100 1/100", K=3, lam=3),
    ),
    mutants=(
        Mutant("ν <= a H at the largest weight below w_*", margins=_second_largest),
        Mutant("ν <= a: curation brings nearby laws together", margins=_no_ratio),
        Mutant("ν >= a H at the second smallest weight", margins=_second_smallest),
        Mutant("ν <= a H(w_*) for directions whose mass is not zero, too", margins=_with_mass),
        Mutant("self-adjoint with the weight 1/p in place of 1/(p w)", margins=_other_weight),
    ),
)
