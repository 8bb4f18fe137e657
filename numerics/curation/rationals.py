"""The retraining step in rational arithmetic, by enumeration: the oracle of the float engine.

It shares nothing with `recurate.numerics.curation.floats`: it enumerates the K - 1 other candidates
as multisets, straight from the definition of a Bradley–Terry choice. That takes
binom(n + K - 2, K - 1) terms for each of n atoms, so it is for small n and K.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations_with_replacement
from numbers import Rational
from typing import Any

import flint

from recurate.numerics.validation import candidates, count, mixing, require_length


def curation_ratio(weights: Sequence[Any], probs: Sequence[Any], K: Any) -> list[Fraction]:
    """Curation ratio H^K_p at each atom, exactly.

    Parameters
    ----------
    weights : sequence of rationals, length n
        Weights e^r > 0, up to a common factor (integers or Fractions).
    probs : sequence of rationals, length n
        Probabilities, at least 0, summing to exactly 1.
    K : int or math.inf
        Number of candidates, at least 1.

    Returns
    -------
    list of Fraction, length n
        The mean over K - 1 independent others of K w/(w + sum of the others' weights); for K = inf
        it is w over the mean weight.

    Raises
    ------
    TypeError
        If a weight or probability is not rational (floats are not taken: they hide rounding).
    ValueError
        If lengths differ, a weight is not positive, or probabilities are negative or do not sum
        to 1.

    Notes
    -----
    Ferbach et al. 2024 (arXiv:2407.09499), Lemma 2.1.

    Examples
    --------
    >>> curation_ratio([1, 3], [Fraction(1, 2), Fraction(1, 2)], K=2)
    [Fraction(3, 4), Fraction(5, 4)]
    """
    w = _weights(weights)
    p = _probabilities(probs, "probs", len(w))
    if candidates(K) == math.inf:
        mean = _dot(p, w)
        return [x / mean for x in w]
    K = int(K)
    # The same numbers as python-flint's rationals: a sum of many is several times as fast.
    weight, mass = ([flint.fmpq(x.numerator, x.denominator) for x in of] for of in (w, p))
    chosen = [flint.fmpq(0)] * len(w)  # chance to be chosen, over the own weight
    for others in combinations_with_replacement([i for i, q in enumerate(p) if q], K - 1):
        chance = flint.fmpq(math.factorial(K - 1))
        for i in set(others):
            times = others.count(i)
            chance *= mass[i] ** times / math.factorial(times)
        total = sum((weight[i] for i in others), flint.fmpq(0))
        for i, x in enumerate(weight):
            chosen[i] += chance / (x + total)
    ratio = (K * x * chance for x, chance in zip(weight, chosen, strict=True))
    return [Fraction(int(h.p), int(h.q)) for h in ratio]


def retraining_step(
    weights: Sequence[Any], probs: Sequence[Any], reference: Sequence[Any], K: Any, lam: Any
) -> list[Fraction]:
    """Next law p_{t+1} = p_ref/(1+λ) + λ/(1+λ) p_t H^K_{p_t}, exactly.

    Parameters
    ----------
    weights, probs : sequences of rationals, length n
        Weights and current law p_t, as in `curation_ratio`.
    reference : sequence of rationals, length n
        Reference law p_ref.
    K : int or math.inf
        Number of candidates, at least 1.
    lam : rational or math.inf
        λ >= 0, synthetic samples per real one.

    Returns
    -------
    list of Fraction, length n

    Raises
    ------
    TypeError, ValueError
        As `curation_ratio`, and for a `lam` that is neither a rational >= 0 nor infinity.
    """
    ratio = curation_ratio(weights, probs, K)
    current = _probabilities(probs, "probs", len(ratio))
    real = _probabilities(reference, "reference", len(ratio))
    synthetic = Fraction(1) if lam == math.inf else _synthetic_fraction(lam)
    return [
        (1 - synthetic) * q + synthetic * p * h
        for q, p, h in zip(real, current, ratio, strict=True)
    ]


def trajectory(
    weights: Sequence[Any],
    reference: Sequence[Any],
    K: Any,
    lam: Any,
    steps: int,
    initial: Sequence[Any] | None = None,
) -> list[list[Fraction]]:
    """Laws p_0, …, p_steps of the retraining loop, exactly, from p_ref or from `initial`.

    The rationals grow K-fold in length with each step: two or three steps are cheap.

    Parameters
    ----------
    weights, reference : sequences of rationals, length n
        Weights and reference law.
    K : int or math.inf
        Number of candidates, at least 1.
    lam : rational or math.inf
        λ >= 0, synthetic samples per real one.
    steps : int
        Number of steps, at least 0.
    initial : sequence of rationals, length n, optional
        The start p_0; p_ref by default.

    Returns
    -------
    list of lists of Fraction

    Raises
    ------
    TypeError, ValueError
        As `retraining_step`.

    Examples
    --------
    >>> trajectory([1, 2], [Fraction(1, 2), Fraction(1, 2)], K=2, lam=math.inf, steps=1)[1]
    [Fraction(5, 12), Fraction(7, 12)]
    """
    start = _probabilities(reference, "reference", len(weights))
    if initial is not None:
        start = _probabilities(initial, "initial", len(weights))
    laws = [start]
    for _ in range(count(steps, "steps")):
        laws.append(retraining_step(weights, laws[-1], reference, K, lam))
    return laws


def _dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def _is_rational(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, Rational)


def _rationals(values: Sequence[Any], name: str) -> list[Fraction]:
    for i, value in enumerate(values):
        if not _is_rational(value):
            raise TypeError(f"{name} must be integers or Fractions; got {value!r} at position {i}")
    # As Python's integers: NumPy's are rationals too, and would overflow inside a Fraction.
    return [Fraction(int(value.numerator), int(value.denominator)) for value in values]


def _weights(values: Sequence[Any]) -> list[Fraction]:
    weights = _rationals(values, "weights")
    if not weights:
        raise ValueError("weights must have at least one entry; got none")
    for i, weight in enumerate(weights):
        if weight <= 0:
            raise ValueError(f"weights must be positive; got {weight} at position {i}")
    return weights


def _probabilities(values: Sequence[Any], name: str, size: int) -> list[Fraction]:
    probs = _rationals(values, name)
    require_length(len(probs), name, size)
    for i, prob in enumerate(probs):
        if prob < 0:
            raise ValueError(f"{name} must be at least 0; got {prob} at position {i}")
    if sum(probs) != 1:
        raise ValueError(f"{name} must sum to exactly 1; got a sum of {sum(probs)}")
    return probs


def _synthetic_fraction(lam: Any) -> Fraction:
    if not _is_rational(lam):
        raise TypeError(f"lam must be an integer, a Fraction or math.inf; got {lam!r}")
    mixing(lam)
    value = _rationals([lam], "lam")[0]
    return value / (1 + value)
