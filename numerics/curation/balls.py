"""The retraining loop in ball arithmetic: every number is an interval that contains the true value.

The ratio is the integral of `recurate.numerics.curation.floats`, K w ∫ e^{-s w} M(s)^{K-1} ds, by
the same trapezoid rule in log s, here with any step 1/N and on the whole line. What the rule leaves
out is bounded and added to the radius, together with the rounding, which Arb keeps (python-flint's
`flint.arb`). ``docs/engine.md``, "In balls", derives each bound; nothing else is shared with the
float engine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from numbers import Rational
from typing import Any

import flint

from recurate.numerics.curation.ball_quadrature import BallRatio, rule_for
from recurate.numerics.validation import SUM_TOLERANCE, candidates, count, mixing, require_length

LARGEST_SPAN = 10_000
"""Largest logarithm of a ratio of two weights that is taken: the nodes grow with it."""

LARGEST_BITS = 4096
"""Most bits that can be asked for."""

_SMALLEST_BITS = 32
_GUARD = 32  # bits beyond those asked for: rounding is then far below the discretisation error
_DOUBLINGS = 3  # of the precision of a trajectory, before it gives up


def as_ball(value: Any) -> flint.arb:
    """Return a ball that contains a number: an integer, a Fraction, a float, or a ball already.

    Parameters
    ----------
    value : int, Fraction, float or flint.arb
        An integer or a float stands for itself exactly; a quotient is rounded in the precision set.

    Returns
    -------
    flint.arb

    Raises
    ------
    TypeError
        If it is something else.

    Examples
    --------
    >>> as_ball(Fraction(1, 3)).overlaps(flint.arb(1) / 3), as_ball(0.5) == 0.5
    (True, True)
    """
    if isinstance(value, flint.arb):
        return value
    if isinstance(value, Rational):
        # NumPy's integers are rationals too.
        whole = flint.arb(int(value.numerator))
        return whole if value.denominator == 1 else whole / int(value.denominator)
    if isinstance(value, float):
        return flint.arb(float(value))
    raise TypeError(f"a ball must be made of an integer, a Fraction or a float; got {value!r}")


def curation_ratio(
    weights: Sequence[Any],
    probs: Sequence[Any],
    K: Any,
    *,
    bits: int = 128,
    kernel: BallRatio | None = None,
) -> list[flint.arb]:
    """Balls that contain the curation ratio H^K_p at each atom.

    Parameters
    ----------
    weights : sequence of length n
        Weights e^r > 0, up to a common factor: integers, Fractions, floats (each stands for itself
        exactly) or balls.
    probs : sequence of length n
        Probabilities, at least 0, of the same kinds. Without a ball among them they are divided by
        their sum, which is one within 1e-9; with balls, the law is any that the balls contain.
        At an atom of probability zero the ratio is still that of a candidate with its weight.
    K : int or math.inf
        Number of candidates, at least 1.
    bits : int
        Relative accuracy aimed at, 32 or more: for exact input and rewards that span some tens the
        radius is below 2^-bits times the value. Balls of input make it larger.
    kernel : BallRatio, optional
        What `prepared` made of the same weights, K and bits, to be reused from call to call.

    Returns
    -------
    list of flint.arb, length n
        Each contains H for every choice of weights and of a law inside the balls given.

    Raises
    ------
    TypeError
        If a weight or probability is of another kind.
    ValueError
        If lengths differ, a weight is not certainly positive, weights span more than
        e^`LARGEST_SPAN`, a probability is certainly negative, or no law is inside the balls.

    Notes
    -----
    Ferbach et al. 2024 (arXiv:2407.09499), Lemma 2.1; the error bounds are derived in
    ``docs/engine.md``.

    Examples
    --------
    >>> ratio = curation_ratio([1, 3], [0.5, 0.5], K=2)
    >>> [ball.contains(exact) for ball, exact in zip(ratio, [0.75, 1.25])]
    [True, True]
    """
    bits = _checked(bits)
    with flint.ctx.workprec(_working_bits(bits, K)):
        if kernel is None:
            kernel = prepared(weights, K, bits=bits)
        return kernel.at(_law(probs, "probs", len(weights)))


def prepared(weights: Sequence[Any], K: Any, *, bits: int = 128) -> BallRatio:
    """Return the quadrature of `curation_ratio` for given weights, K and bits, and any law."""
    bits = _checked(bits)
    with flint.ctx.workprec(_working_bits(bits, K)):
        return BallRatio(_weights(weights), K, rule_for(bits))


def weights_of(rewards: Sequence[Any], *, bits: int = 128) -> list[flint.arb]:
    """Balls that contain the relative weights e^{r - r_max}, for rewards that are exact numbers.

    Parameters
    ----------
    rewards : sequence of length n
        Integers, Fractions or floats (each stands for itself exactly).
    bits : int
        The relative radius is below 2^-bits.

    Returns
    -------
    list of flint.arb, length n

    Raises
    ------
    TypeError, ValueError
        If a reward is of another kind or not finite, or there are no rewards.

    Examples
    --------
    >>> print(*(ball.str(10) for ball in weights_of([0, 1])))
    [0.3678794412 +/- 2.86e-11] 1.000000000
    """
    values = [_exact(value, "rewards", i) for i, value in enumerate(rewards)]
    if not values:
        raise ValueError("rewards must have at least one entry; got none")
    top = max(values)
    # An exponent of size x, rounded to b bits, leaves b - log2 x of them in its exponential.
    spare = max(1, math.ceil(top - min(values))).bit_length()
    with flint.ctx.workprec(_checked(bits) + _GUARD + spare):
        return [as_ball(value - top).exp() for value in values]


def retraining_step(
    weights: Sequence[Any],
    probs: Sequence[Any],
    reference: Sequence[Any],
    K: Any,
    lam: Any,
    *,
    bits: int = 128,
) -> list[flint.arb]:
    """Balls that contain the next law, p_{t+1} = p_ref/(1+λ) + λ/(1+λ) p_t H^K_{p_t}.

    Parameters
    ----------
    weights, probs, K, bits
        As in `curation_ratio`; `probs` is the current law p_t.
    reference : sequence of length n
        Reference law p_ref, of the same kinds as `probs`.
    lam : int, Fraction, float or math.inf
        λ >= 0, synthetic samples per real one.

    Returns
    -------
    list of flint.arb, length n

    Raises
    ------
    TypeError, ValueError
        As `curation_ratio`, and for a `lam` that is not a number >= 0 or infinity.
    """
    bits = _checked(bits)
    with flint.ctx.workprec(_working_bits(bits, K)):
        w = _weights(weights)
        current, real = _law(probs, "probs", len(w)), _law(reference, "reference", len(w))
        return _next(current, real, BallRatio(w, K, rule_for(bits)), _real_fraction(lam))


def trajectory(
    weights: Sequence[Any],
    reference: Sequence[Any],
    K: Any,
    lam: Any,
    steps: int,
    initial: Sequence[Any] | None = None,
    *,
    bits: int = 128,
) -> list[list[flint.arb]]:
    """Balls that contain the laws p_0, …, p_steps of the loop, from p_ref or from `initial`.

    Radii grow from step to step. If one exceeds 2^-(bits/2) times its value, the run is repeated at
    twice the precision, at most three times.

    Parameters
    ----------
    weights, reference, K, lam, bits
        As in `retraining_step`.
    steps : int
        Number of steps, at least 0.
    initial : sequence of length n, optional
        The start p_0; p_ref by default.

    Returns
    -------
    list of lists of flint.arb
        Each of relative radius at most 2^-(bits/2); probability zero is exact.

    Raises
    ------
    TypeError, ValueError
        As `retraining_step`.
    ArithmeticError
        If the radii stay larger, as those of balls given may make them.

    Examples
    --------
    >>> law = trajectory([1, 2], [0.5, 0.5], K=2, lam=math.inf, steps=1)[1]
    >>> law[0].overlaps(flint.arb(5) / 12)
    True
    """
    steps, bits = count(steps, "steps"), _checked(bits)
    accuracy = -math.inf
    for doubling in range(_DOUBLINGS + 1):
        working = bits << doubling
        with flint.ctx.workprec(_working_bits(working, K)):
            w, real = _weights(weights), _law(reference, "reference", len(weights))
            ratio, share = BallRatio(w, K, rule_for(working)), _real_fraction(lam)
            laws = [real if initial is None else _law(initial, "initial", len(w))]
            for _ in range(steps):
                laws.append(_next(laws[-1], real, ratio, share))
        before, accuracy = accuracy, min(p.rel_accuracy_bits() for law in laws for p in law)
        if accuracy >= bits / 2:
            return laws
        if doubling and accuracy <= before:
            break  # more precision does not help: the radii are those of the input
    raise ArithmeticError(
        f"the laws' balls must have {bits / 2:g} bits; got {max(accuracy, 0)} at a precision of "
        f"{working} bits: ask for more bits, or give weights and probabilities more exactly"
    )


def kullback_leibler(
    probs: Sequence[Any], reference: Sequence[Any], *, bits: int = 128
) -> flint.arb:
    """Ball that contains KL(p‖q) = sum p log(p/q) in nats, q = `reference`, with 0 log 0 = 0.

    Parameters
    ----------
    probs, reference : sequences of length n
        Two laws, of the kinds that `curation_ratio` takes.
    bits : int
        Working precision. The sum's terms cancel: the radius is about 2^-bits, not relative.

    Returns
    -------
    flint.arb
        Infinity if p certainly has mass where q has none; not a number (which contains
        everything) if the balls leave open whether the divergence is finite.

    Raises
    ------
    TypeError, ValueError
        As `curation_ratio`.

    Examples
    --------
    >>> kullback_leibler([0, 1], [0.25, 0.75]).overlaps((flint.arb(4) / 3).log())
    True
    """
    with flint.ctx.workprec(_checked(bits) + _GUARD):
        p = _law(probs, "probs", len(probs))
        q = _law(reference, "reference", len(p))
        if any(x > 0 and y.is_zero() for x, y in zip(p, q, strict=True)):
            return flint.arb.pos_inf()
        terms = (_divergence_term(x, y) for x, y in zip(p, q, strict=True) if not x.is_zero())
        return sum(terms, flint.arb(0))


def _next(
    law: list[flint.arb], reference: list[flint.arb], ratio: BallRatio, real: Fraction
) -> list[flint.arb]:
    m, a = as_ball(real), as_ball(1 - real)
    parts = zip(reference, law, ratio.at(law), strict=True)
    return [m * q + a * p * h for q, p, h in parts]


def _divergence_term(p: flint.arb, q: flint.arb) -> flint.arb:
    if p > 0:
        return p * (p / q).log()
    # p may be zero: q t log t for a t in [0, T], so between -q/e and the larger of 0, q T log T.
    top = p.upper() / q
    return q * (-(-flint.arb(1)).exp()).union(flint.arb(0).max(top * top.log()))


def _checked(bits: Any) -> int:
    if not _SMALLEST_BITS <= count(bits, "bits") <= LARGEST_BITS:
        raise ValueError(f"bits must be from {_SMALLEST_BITS} to {LARGEST_BITS}; got {bits}")
    return int(bits)


def _working_bits(bits: int, K: Any) -> int:
    # The power K - 1 multiplies a relative error by K.
    return bits + _GUARD + (int(K).bit_length() if candidates(K) < math.inf else 0)


def _exact(
    value: Any, name: str, position: int, kinds: str = "integers, Fractions or floats"
) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, Rational | float):
        raise TypeError(f"{name} must be {kinds}; got {value!r} at position {position}")
    if isinstance(value, Rational):
        # NumPy's integers are rationals too, and would overflow inside a Fraction.
        return Fraction(int(value.numerator), int(value.denominator))
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite; got {value} at position {position}")
    return Fraction(value)


def _numbers(values: Sequence[Any], name: str) -> list[Any]:
    """Return the values, balls as they are and the others as Fractions."""
    kinds = "integers, Fractions, floats or balls (flint.arb)"
    numbers = [
        x if isinstance(x, flint.arb) else _exact(x, name, i, kinds) for i, x in enumerate(values)
    ]
    for i, x in enumerate(numbers):
        if isinstance(x, flint.arb) and not x.is_finite():
            raise ValueError(f"{name} must be finite; got {x} at position {i}")
    return numbers


def _weights(values: Sequence[Any]) -> list[flint.arb]:
    """Return the weights over the largest that they can be: each is at most 1."""
    numbers = _numbers(values, "weights")
    if not numbers:
        raise ValueError("weights must have at least one entry; got none")
    balls = [as_ball(x) for x in numbers]
    largest = max(x.upper() for x in balls)
    for i, x in enumerate(balls):
        if not x > 0 or not x / largest > 0:
            raise ValueError(f"weights must be positive; got {numbers[i]} at position {i}")
    span = float((largest / min(x.lower() for x in balls)).log())
    if span > LARGEST_SPAN:
        raise ValueError(f"weights must span at most e^{LARGEST_SPAN}; got a span of e^{span:g}")
    return [x / largest for x in balls]


def _law(values: Sequence[Any], name: str, size: int) -> list[flint.arb]:
    numbers = _numbers(values, name)
    require_length(len(numbers), name, size)
    for i, x in enumerate(numbers):
        if x < 0:
            raise ValueError(f"{name} must be at least 0; got {x} at position {i}")
    if not any(isinstance(x, flint.arb) for x in numbers):
        total = sum(numbers, Fraction(0))
        if abs(total - 1) > SUM_TOLERANCE:
            raise ValueError(
                f"{name} must sum to 1 within {SUM_TOLERANCE:g}; got a sum of {float(total)!r}"
            )
        numbers = [x / total for x in numbers]
    # A ball is cut at zero; exact zeros stay exact.
    balls = [as_ball(x) for x in numbers]
    balls = [x if x > 0 or x.is_zero() else x.nonnegative_part() for x in balls]
    total = sum(balls, flint.arb(0))
    if not total.contains(1):
        raise ValueError(f"{name} must contain a law; got balls whose sum is {total}")
    return balls


def _real_fraction(lam: Any) -> Fraction:
    mixing(lam)
    if lam == math.inf:
        return Fraction(0)
    return 1 / (1 + _exact(lam, "lam", 0))
