"""Independent ways to the engine's numbers: enumerated definition, sums, quadrature in 60 digits.

Nothing here calls `recurate`. Precision is 60 digits in a context of its own, so no test can change
another's. A float input stands for exactly itself; probabilities are normalised in 60 digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement, product
from typing import Any

import flint
import mpmath
import numpy as np

precise = mpmath.MPContext()
precise.dps = 60
mpf = precise.mpf

RATIO_ERROR = 2e-13
"""The accuracy required of log H, on purpose not imported from the engine."""

Ratio = Callable[[Sequence[Any]], list[Any]]
"""The curation ratio at each atom, from the atoms' probabilities."""


def ratio_by_tuples(
    weights: Sequence[Fraction], probs: Sequence[Fraction], K: int
) -> list[Fraction]:
    """H by the definition: the winner's law over all K-tuples of candidates, over p."""
    win = [Fraction(0)] * len(weights)
    for shown in product(range(len(weights)), repeat=K):
        chance = math.prod((probs[i] for i in shown), start=Fraction(1))
        total = sum(weights[i] for i in shown)
        for i in shown:
            win[i] += chance * Fraction(weights[i]) / total
    return [w / p for w, p in zip(win, probs, strict=True)]


def normalised(probs: Sequence[Any] | None = None, log_probs: Any = None) -> list[Any]:
    """Probabilities in 60 digits, summing to one in 60 digits."""
    masses = [mpf(float(p)) for p in probs] if probs is not None else []
    if log_probs is not None:
        masses = [precise.exp(mpf(float(p))) for p in log_probs]
    total = precise.fsum(masses)
    return [p / total for p in masses]


def precise_weights(rewards: Sequence[float]) -> list[Any]:
    """e^{r - max r} in 60 digits."""
    top = mpf(float(max(rewards)))
    return [precise.exp(mpf(float(r)) - top) for r in rewards]


def enumerated(rewards: Sequence[float], K: int) -> Ratio:
    """H for small K by the multisets of the other candidates, in 60 digits."""
    w = precise_weights(rewards)
    sets = []
    for others in combinations_with_replacement(range(len(w)), K - 1):
        counts = [others.count(i) for i in range(len(w))]
        arrangements = math.factorial(K - 1) // math.prod(map(math.factorial, counts))
        total = precise.fsum(w[i] for i in others)
        sets.append((counts, arrangements, [K * x / (x + total) for x in w]))

    def ratio(probs: Sequence[Any]) -> list[Any]:
        chances = [
            arrangements * math.prod((p**c for p, c in zip(probs, counts, strict=True) if c))
            for counts, arrangements, _ in sets
        ]
        return [precise.fdot(chances, [shares[i] for _, _, shares in sets]) for i in range(len(w))]

    return ratio


def binomial(rewards: Sequence[float], K: int) -> Ratio:
    """H of a two-point law for K up to some hundreds: the binomial sum over the others."""
    w = precise_weights(rewards)

    ways = [math.comb(K - 1, j) for j in range(K)]
    totals = [j * w[1] + (K - 1 - j) * w[0] for j in range(K)]
    shares = [[K * x / (x + total) for total in totals] for x in w]

    def ratio(probs: Sequence[Any]) -> list[Any]:
        chances = [
            number * probs[1] ** j * probs[0] ** (K - 1 - j) for j, number in enumerate(ways)
        ]
        return [precise.fdot(chances, share) for share in shares]

    return ratio


def quadrature(rewards: Sequence[float], K: float, per_unit: int = 10) -> Ratio:
    """H by the trapezoid rule in u = log s, step 1/10 (or 1/per_unit), without any band or series.

    The integrand is analytic in |Im u| < π/2, so the error of the rule is about
    e^{-π² per_unit}: 1e-43 for 10, 4e-22 for 5. The left end is at e^{-10 per_unit}/K, where the
    integrand over its integral is below e^{-10 per_unit}; the right end is at s w_min = 100. Far
    above an atom, at s w > 1e8, e^{-s w} is taken for zero.
    """
    w, K, bits = precise_weights(rewards), int(K), precise.prec + 64
    first = -per_unit * math.ceil(10 * per_unit + math.log(K))
    last = per_unit * math.ceil(math.log(100) + max(rewards) - min(rewards))
    known = _known_nodes(tuple(map(float, rewards)), per_unit, bits)
    with flint.ctx.workprec(bits):
        balls, growth = list(map(_ball, w)), (1 / flint.arb(per_unit)).exp()
        s = growth**first
        for number in range(first, last + 1):
            if number not in known:
                known[number] = s, [(-s * x).exp() if s * x < 1e8 else 0 for x in balls]
            s = s * growth
        nodes, rows = zip(*(known[number] for number in range(first, last + 1)), strict=True)
        table, scale = flint.arb_mat(rows), flint.arb(K) / per_unit

    def ratio(probs: Sequence[Any]) -> list[Any]:
        with flint.ctx.workprec(bits):
            transforms = table * flint.arb_mat([[_ball(p)] for p in probs])
            terms = [s * m ** (K - 1) for s, m in zip(nodes, transforms.entries(), strict=True)]
            sums = (flint.arb_mat([terms]) * table).entries()
            return [_number(scale * x * y) for x, y in zip(balls, sums, strict=True)]

    return ratio


@cache
def _known_nodes(
    rewards: tuple[float, ...], per_unit: int, bits: int
) -> dict[int, tuple[Any, list[Any]]]:
    """The nodes by number, with each atom's exponential there: the same ones for every K."""
    return {}


def _ball(value: Any) -> flint.arb:
    """A number of `precise`, exactly."""
    mantissa, exponent = value.man_exp
    return flint.arb((mantissa if value >= 0 else -mantissa, exponent))


def _number(ball: flint.arb) -> Any:
    """The midpoint of a ball that has the digits of `precise`."""
    assert ball.rel_accuracy_bits() > precise.prec, ball
    mantissa, exponent = ball.mid().man_exp()
    return precise.ldexp(mpf(int(mantissa)), int(exponent))


def limit(rewards: Sequence[float]) -> Ratio:
    """H for K = inf: the weight over its mean."""
    w = precise_weights(rewards)

    def ratio(probs: Sequence[Any]) -> list[Any]:
        mean = precise.fdot(probs, w)
        return [x / mean for x in w]

    return ratio


def precise_loop(
    ratio: Ratio,
    reference: Sequence[Any],
    lam: float,
    steps: int,
    initial: Sequence[Any] | None = None,
) -> list[list[Any]]:
    """The laws p_0, …, p_steps of the loop in 60 digits, normalised at each step."""
    real = mpf(0) if lam == math.inf else 1 / (1 + mpf(lam))
    laws = [list(reference if initial is None else initial)]
    for _ in range(steps):
        p = laws[-1]
        curated = [x * h for x, h in zip(p, ratio(p), strict=True)]
        total = precise.fsum(curated)
        laws.append(
            [real * q + (1 - real) * c / total for q, c in zip(reference, curated, strict=True)]
        )
    return laws


def figures(
    rewards: Sequence[float], reference: Sequence[Any], law: Sequence[Any]
) -> dict[str, Any]:
    """The figures of a trajectory at one step, from their definitions."""
    top = max(r for r, q in zip(rewards, reference, strict=True) if q > 0)
    w = [precise.exp(mpf(float(r)) - mpf(float(top))) for r in rewards]
    mean = precise.fdot(law, w)
    outside = any(p > 0 and q == 0 for p, q in zip(law, reference, strict=True))
    return {
        "expected_weight": mean,
        "variance_weight": precise.fdot(law, [(x - mean) ** 2 for x in w]),
        "expected_reward": precise.fdot(law, [mpf(float(r)) for r in rewards]),
        "kl_to_reference": mpf("inf")
        if outside
        else precise.fsum(
            p * precise.log(p / q) for p, q in zip(law, reference, strict=True) if p > 0
        ),
        "mass_at_max": precise.fsum(p for p, r in zip(law, rewards, strict=True) if r == top),
    }


def logs(values: Sequence[Any]) -> list[Any]:
    """Natural logarithms in 60 digits; -inf of zero. Fractions are taken as well."""
    exact = [mpf(v.numerator) / v.denominator if isinstance(v, Fraction) else v for v in values]
    return [precise.log(v) if v > 0 else mpf("-inf") for v in exact]


def worst(found: Any, expected: Sequence[Any]) -> float:
    """The largest |error| / max(1, |expected|), where infinities must agree."""
    found = np.asarray(found, dtype=float)
    assert len(found) == len(expected)
    excess = 0.0
    for x, y in zip(found, expected, strict=True):
        if precise.isinf(y):
            assert x == float(y)
            continue
        assert math.isfinite(x)
        excess = max(excess, float(abs(mpf(float(x)) - y) / max(1, abs(y))))
    return excess


def random_law(seed: int, span: float = 5.0, largest: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """A seeded law: rewards of both signs within `span`, uneven probabilities."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, largest + 1))
    rewards = rng.normal() + span * rng.random(n)
    return rewards, rng.dirichlet(np.full(n, 0.4) + 0.1)


def log_fixed_point(
    ratio: Ratio, reference: Sequence[Any], lam: float, start: Sequence[float]
) -> list[Any]:
    """log p of the mixed loop's fixed point, by Newton's method in the logarithms themselves.

    The equations are p (1 - aH) = m p_ref, relative to each side, with H by its definition; in
    place of one of them stands that the mass is one. `start` is log p, near the solution. The
    derivative is taken from differences. 1 - aH cancels down to its size, so the digits of
    `precise` must be more than those of 1/(1 - aH): use ``precise.workdps``.
    """
    m = 1 / (1 + mpf(lam))
    size, digits = len(reference), precise.dps
    law = [precise.exp(mpf(float(x))) for x in start]
    # Of the best atom the mass is known from the others, unless it is tiny itself.
    left = size - 1 if law[-1] > 1e-6 else max(range(size), key=lambda i: law[i])
    free = [i for i in range(size) if i != left]
    logs_free = [precise.log(law[i] / precise.fsum(law)) for i in free]

    def full(logarithms: Sequence[Any]) -> list[Any]:
        masses = dict(zip(free, map(precise.exp, logarithms), strict=True))
        masses[left] = 1 - precise.fsum(masses.values())
        return [masses[i] for i in range(size)]

    def lag(logarithms: Sequence[Any]) -> list[Any]:
        p = full(logarithms)
        h = ratio(p)
        return [p[i] * (1 - (1 - m) * h[i]) / (m * reference[i]) - 1 for i in free]

    for _ in range(12):
        here, small = lag(logs_free), mpf(10) ** (-digits // 3)
        columns = []
        for i in range(size - 1):
            moved = list(logs_free)
            moved[i] += small
            columns.append([(x - y) / small for x, y in zip(lag(moved), here, strict=True)])
        step = precise.lu_solve(precise.matrix(columns).T, precise.matrix([-x for x in here]))
        logs_free = [x + min(max(d, -5), 5) for x, d in zip(logs_free, step, strict=True)]
        if max(abs(d) for d in step) < mpf(10) ** -30:
            return [precise.log(p) for p in full(logs_free)]
    raise AssertionError("the oracle must converge")
