"""Two weights, ρ and 1: the loop is a recursion of one number, the mass at the top.

With the mass p at the top, the number of top candidates among n is binomial, so the curation ratio
is a sum of n + 1 terms for every K, and a step is a polynomial of degree K in p. A fixed point is a
root of a polynomial, which is written out for K = 2, 3 and inf. Derivations: docs/mathematics.md,
fixed-point-two-point.
"""

from __future__ import annotations

from typing import Any

import mpmath  # type: ignore[import-untyped, unused-ignore]
import sympy

from recurate.theory.closed_forms.closed_form import (
    CANDIDATES,
    LAM,
    RATIO_BELOW_ONE,
    RATIO_POSITIVE,
    TWO_POINTS,
    ClosedForm,
    values_in_domain,
)
from recurate.theory.language import *
from recurate.theory.statement import DERIVED_HERE, Hypothesis

mass = sympy.Symbol("p", real=True)
"""Mass of the current law at the top weight."""

_SOURCE = f"{DERIVED_HERE}#fixed-point-two-point"
_MASS = (
    Hypothesis("mass_nonnegative", "mass of at least 0", at_least(mass, 0)),
    Hypothesis("mass", "mass of at most 1", at_most(mass, 1)),
)
_RATIO = (RATIO_POSITIVE, RATIO_BELOW_ONE)
_a, _m, _q, _rho = synthetic_fraction, real_fraction, top_mass, weight_ratio
_j = sympy.Symbol("j", integer=True, nonnegative=True)


def _ratio(own: Any) -> Any:
    """Return E[K w/(w + S)] over the number j of top weights among K - 1 others."""
    chance = sympy.binomial(K - 1, _j) * mass**_j * (1 - mass) ** (K - 1 - _j)
    return sympy.Sum(chance * K * own / (own + _j + (K - 1 - _j) * _rho), (_j, 0, K - 1))


def curated_mass(candidates: Any) -> Any:
    """Return the mass at the top after one curation, for a number or symbol K.

    If j of the K candidates have the top weight, so has the winner with probability
    j/(j + (K - j)ρ).
    """
    chance = sympy.binomial(candidates, _j) * mass**_j * (1 - mass) ** (candidates - _j)
    return sympy.Sum(chance * _j / (_j + (candidates - _j) * _rho), (_j, 1, candidates))


RATIO_AT_TOP = ClosedForm(
    "curation ratio at the top of two points",
    _ratio(sympy.S.One),
    (CANDIDATES, *_MASS, *_RATIO),
    _SOURCE,
    {mass: "mass"},
)
RATIO_AT_BOTTOM = ClosedForm(
    "curation ratio at the bottom of two points",
    _ratio(_rho),
    (CANDIDATES, *_MASS, *_RATIO),
    _SOURCE,
    {mass: "mass"},
)
TWO_POINT_STEP = ClosedForm(
    "step of a two-point law",
    _m * _q + _a * mass * _ratio(sympy.S.One),
    (CANDIDATES, LAM, *_MASS, *TWO_POINTS),
    _SOURCE,
    {mass: "mass"},
)
TWO_POINT_STEP_K_INF = ClosedForm(
    "step of a two-point law for K = inf",
    _m * _q + _a * mass / (mass + (1 - mass) * _rho),
    (LAM, *_MASS, *TWO_POINTS),
    _SOURCE,
    {mass: "mass"},
)


def fixed_point_polynomial(candidates: int) -> sympy.Poly:
    """Return the polynomial in p, of degree at most K, that vanishes at a fixed point.

    It is m q + a T(p) - p, over rational functions of ρ, q, m and a; in (0, 1) it has exactly one
    root if 0 < q < 1 and λ is finite.

    Raises
    ------
    ValueError
        If `candidates` is not an integer of at least 1.
    """
    if isinstance(candidates, bool) or not isinstance(candidates, int) or candidates < 1:
        raise ValueError(f"K must be an integer of at least 1 here; got {candidates!r}")
    return sympy.Poly(_m * _q + _a * curated_mass(candidates).doit() - mass, mass)


def _limit_k_2() -> Any:
    # leading p² - linear p - m q = 0; for λ = 0 the leading coefficient vanishes, and p = q.
    leading = _a * (1 - _rho) / (1 + _rho)
    linear = 2 * _a / (1 + _rho) - 1
    root = (linear + sympy.sqrt(linear**2 + 4 * leading * _m * _q)) / (2 * leading)
    return sympy.Piecewise((_q, sympy.Eq(_a, 0)), (root, True))


def _limit_k_3() -> Any:
    # c3 p³ + c2 p² + c1 p + m q is m q > 0 at 0 and -m(1-q) < 0 at 1, and c3 > 0: of its three
    # real roots the middle one lies in (0, 1), and Viète's trigonometric form gives it.
    scale = (1 + 2 * _rho) * (2 + _rho)
    c3 = 2 * _a * (1 - _rho) ** 2 / scale
    c2 = -6 * _a * (1 - _rho) / scale
    c1 = 3 * _a / (1 + 2 * _rho) - 1
    shift = -c2 / (3 * c3)
    slope = c1 / c3 - 3 * shift**2
    offset = shift**3 + c2 / c3 * shift**2 + c1 / c3 * shift + _m * _q / c3
    angle = sympy.acos(3 * offset / (2 * slope) * sympy.sqrt(-3 / slope)) / 3
    root = shift + 2 * sympy.sqrt(-slope / 3) * sympy.cos(angle - 2 * sympy.pi / 3)
    return sympy.Piecewise((_q, sympy.Eq(_a, 0)), (root, True))


def _limit_k_inf() -> Any:
    linear = _rho - _a - _m * _q * (1 - _rho)
    return (sympy.sqrt(linear**2 + 4 * (1 - _rho) * _m * _q * _rho) - linear) / (2 * (1 - _rho))


TWO_POINT_LIMIT_K_2 = ClosedForm(
    "fixed point of a two-point law for K = 2", _limit_k_2(), (LAM, *TWO_POINTS), _SOURCE
)
TWO_POINT_LIMIT_K_3 = ClosedForm(
    "fixed point of a two-point law for K = 3", _limit_k_3(), (LAM, *TWO_POINTS), _SOURCE
)
TWO_POINT_LIMIT_K_INF = ClosedForm(
    "fixed point of a two-point law for K = inf", _limit_k_inf(), (LAM, *TWO_POINTS), _SOURCE
)


def two_point_limit(*, digits: int | None = None, **values: Any) -> Any:
    """Return the limit of the mass at the top from the reference, for any K.

    Parameters
    ----------
    digits : int, optional
        Number of digits. By default the value is exact, which takes long from about K = 20 on.
    **values : int, Fraction or float
        K (an integer of at least 1), lam, weight_ratio and top_mass.

    Returns
    -------
    sympy number
        A rational if possible, or else a root of a polynomial with rational coefficients
        (`sympy.CRootOf`), which `sympy.N` computes to any number of digits. With `digits`, a float
        of that many digits.

    Raises
    ------
    ValueError
        Outside the domain: K an integer of at least 1, 0 < weight_ratio < 1, 0 < top_mass <= 1,
        lam >= 0.
    TypeError
        If a value is missing, unknown or not a real number.

    Examples
    --------
    >>> two_point_limit(K=2, lam=2, weight_ratio=0.5, top_mass=sympy.Rational(1, 3))
    1/2
    """
    keywords = {"K": K, "lam": lam, "weight_ratio": _rho, "top_mass": _q}
    domain = (CANDIDATES, LAM, *TWO_POINTS)
    given = values_in_domain("limit of a two-point law", domain, keywords, values)
    if given[K] == 1 or given[_q] == 1:
        return given[_q]
    if given[lam] == sympy.oo:
        return sympy.S.One
    real = 1 / (1 + given[lam])
    numbers = {_a: 1 - real, _m: real, _rho: given[_rho], _q: given[_q]}
    if digits is not None:
        return sympy.Float(_root(int(given[K]), numbers, digits), digits)
    polynomial = fixed_point_polynomial(int(given[K])).as_expr().subs(numbers)
    roots = sympy.Poly(polynomial, mass).real_roots()
    return next(root for root in roots if bool(root > 0) and bool(root < 1))


def _root(candidates: int, numbers: dict[Any, Any], digits: int) -> Any:
    """Bisect (q, 1), in which m q + a T(p) - p changes its sign once, from plus to minus."""
    with mpmath.workdps(digits + 20):
        a, m, rho, q = (mpmath.mpf(int(x.p)) / int(x.q) for x in numbers.values())
        chances = [
            mpmath.binomial(candidates, j) * j / (j + (candidates - j) * rho)
            for j in range(candidates + 1)
        ]
        low, high = q, mpmath.mpf(1)
        while high - low > low * mpmath.mpf(10) ** (-digits - 5):
            p = (low + high) / 2
            curated = mpmath.fsum(
                chance * p**j * (1 - p) ** (candidates - j) for j, chance in enumerate(chances)
            )
            low, high = (p, high) if m * q + a * curated > p else (low, p)
        return (low + high) / 2
