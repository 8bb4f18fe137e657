"""The steps of the loop as λ → 0, almost without synthetic data, in numbers of any kind.

From p_0 = p_ref, p_{t+1} - p_t = a^{t+1} K^t (ν_{t+1} - ν_t) + O(a^{t+2}), with a = λ/(1+λ) and
ν_t = p_ref P^t, where P draws K - 1 candidates from p_ref and lets one winner replace the
incumbent. In the loop itself floats cannot resolve this beside the factor a^{t+1}; here the factor
is taken out.
Derived in ``docs/mathematics.md``, "reward-monotone-small-mixing".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from recurate.numerics.validation import candidates, count, require_length

Ratio = Callable[[Sequence[Any], Sequence[Any], int], Sequence[Any]]
"""From weights, probabilities and a finite K to the curation ratio H^K at each weight, such as
`recurate.numerics.curation.rationals.curation_ratio`."""


def incumbent_kernel(
    weights: Sequence[Any], probs: Sequence[Any], K: Any, *, ratio: Ratio
) -> list[list[Any]]:
    """Return the kernel P of an incumbent against K - 1 fresh draws.

    Parameters
    ----------
    weights : sequence of length n
        Weights e^r > 0, up to a common factor, in the numbers that `ratio` takes.
    probs : sequence of length n
        Probabilities of the law p of the fresh draws.
    K : int
        Number of candidates with the incumbent, at least 1.
    ratio : callable
        The curation ratio, in the kind of numbers wanted.

    Returns
    -------
    list of n lists of n numbers
        Row i is the law of the Bradley–Terry winner among an incumbent of weight w_i and the
        draws, P_ij = 1{i = j} H^K(w_i)/K + p_j w_j H^{K-1}(w_i + w_j)/(w_i + w_j).

    Raises
    ------
    ValueError
        If K is infinite or below 1, or lengths differ.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from recurate.numerics.curation.rationals import curation_ratio
    >>> half = Fraction(1, 2)
    >>> for row in incumbent_kernel([1, 3], [half, half], 2, ratio=curation_ratio):
    ...     print(*row)
    5/8 3/8
    1/8 7/8
    """
    K = _finite(K)
    n = len(weights)
    require_length(len(probs), "probs", n)
    own = ratio(weights, probs, K)
    if K == 1:
        zero = own[0] - own[0]
        return [[own[i] if i == j else zero for j in range(n)] for i in range(n)]
    # H^{K-1}(z)/z is (K-1) E[1/(z + S)], S being the weight of K - 2 draws: the ratio at a
    # candidate of weight z = w_i + w_j that the law itself never draws.
    pairs = [(i, j) for i in range(n) for j in range(i, n)]
    totals = [weights[i] + weights[j] for i, j in pairs]
    joint = ratio([*weights, *totals], [*probs, *[0] * len(pairs)], K - 1)[n:]
    shares = {pair: h / z for pair, h, z in zip(pairs, joint, totals, strict=True)}

    def entry(i: int, j: int) -> Any:
        fresh = probs[j] * weights[j] * shares[min(i, j), max(i, j)]
        return own[i] / K + fresh if i == j else fresh

    return [[entry(i, j) for j in range(n)] for i in range(n)]


def leading_rises(
    weights: Sequence[Any], probs: Sequence[Any], K: Any, steps: int, *, ratio: Ratio
) -> list[list[Any]]:
    """Return by how much each upper set's mass rises in each step, to leading order as λ → 0.

    Parameters
    ----------
    weights : sequence of length n
        Weights e^r > 0, in increasing order.
    probs, K, ratio
        As in `incumbent_kernel`.
    steps : int
        Number of steps, at least 0.

    Returns
    -------
    list of lists of n - 1 numbers
        For t = 0, …, steps - 1 the mass that ν_{t+1} - ν_t gives to {w >= w_c}, c = 1, …, n - 1:
        the limit of (p_{t+1} - p_t){w >= w_c} / (a^{t+1} K^t).

    Raises
    ------
    ValueError
        As `incumbent_kernel`.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from recurate.numerics.curation.rationals import curation_ratio
    >>> half = Fraction(1, 2)
    >>> for rises in leading_rises([1, 3], [half, half], 2, 3, ratio=curation_ratio):
    ...     print(*rises)
    1/8
    1/16
    1/32
    """
    K, steps = _finite(K), count(steps, "steps")
    n = len(weights)
    kernel = incumbent_kernel(weights, probs, K, ratio=ratio)
    above = [_upper_sums(row) for row in kernel]
    # Acting on the masses of upper sets, P loses its eigenvalue one. Otherwise the rounding of the
    # total mass, which is zero, would stay while the rises shrink.
    moves = [[x - y for x, y in zip(above[i], above[i - 1], strict=True)] for i in range(1, n)]
    curated = [sum(p * row[j] for p, row in zip(probs, kernel, strict=True)) for j in range(n)]
    rises = _upper_sums([x - p for x, p in zip(curated, probs, strict=True)])
    out = []
    for _ in range(steps):
        out.append(rises)
        rises = [sum(rises[i] * moves[i][c] for i in range(n - 1)) for c in range(n - 1)]
    return out


def _upper_sums(values: Sequence[Any]) -> list[Any]:
    """Return the sums of the values from each position to the last, leaving out the first."""
    sums: list[Any] = []
    for value in reversed(values[1:]):
        sums.append(sums[-1] + value if sums else value)
    return sums[::-1]


def _finite(K: Any) -> int:
    number = candidates(K)
    if number == float("inf"):
        raise ValueError("K must be finite: an incumbent has no chance against infinitely many")
    return int(number)
