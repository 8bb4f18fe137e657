"""Two-point closed forms against derivations that share nothing with them: enumeration in
rationals, the recursion itself, integrals at 40 digits, numbers by hand."""

import itertools
import math
from fractions import Fraction
from math import comb, prod

import mpmath
import pytest
import sympy

from recurate.theory import closed_forms as forms

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
LAWS = [(HALF, THIRD), (Fraction(1, 1000), Fraction(99, 100)), (Fraction(99, 100), Fraction(1, 50))]


def digits(number):
    """The first fifty digits of a sympy number."""
    with mpmath.workdps(50):
        return mpmath.mpf(str(sympy.N(number, 50)))


def mp(number):
    """A rational at the precision at hand."""
    number = Fraction(number)
    return mpmath.mpf(number.numerator) / number.denominator


def enumerated_ratio(own, rho, p, K):
    """E[K w/(w + S)] over all 2^(K-1) draws of the others, in rationals."""
    law = ((rho, 1 - p), (Fraction(1), p))
    return sum(
        prod(chance for _, chance in others) * K * own / (own + sum(w for w, _ in others))
        for others in itertools.product(law, repeat=K - 1)
    )


@pytest.mark.parametrize("K", [1, 2, 3, 5, 8])
@pytest.mark.parametrize(("rho", "p"), LAWS)
def test_ratio_of_two_points_is_the_enumerated_one(rho, p, K):
    top = forms.RATIO_AT_TOP.rational(K=K, mass=p, weight_ratio=rho)
    bottom = forms.RATIO_AT_BOTTOM.rational(K=K, mass=p, weight_ratio=rho)
    assert top == enumerated_ratio(Fraction(1), rho, p, K)
    assert bottom == enumerated_ratio(rho, rho, p, K)
    assert p * top + (1 - p) * bottom == 1


def test_ratio_by_hand():
    # K = 3, ρ = 1/2, p = 1/3: 3 (1/9 · 1/3 + 4/9 · 1/(5/2) + 4/9 · 1/2) = 1/9 + 8/15 + 2/3
    value = forms.RATIO_AT_TOP.rational(K=3, mass=THIRD, weight_ratio=HALF)
    assert value == Fraction(59, 45) == Fraction(1, 9) + Fraction(8, 15) + Fraction(2, 3)
    # docs/mathematics.md, lemma-2.1: w = (1, 3), masses 1/2, K = 2: H(3) = 5/4
    assert forms.RATIO_AT_TOP.rational(K=2, mass=HALF, weight_ratio=THIRD) == Fraction(5, 4)


@pytest.mark.parametrize("K", [2, 7, 40])
def test_ratio_is_one_integral(K):
    # H(1) = K ∫_0^1 (p x + (1-p) x^ρ)^{K-1} dx, with x = e^{-s} in the Laplace form.
    rho, p = Fraction(1, 4), Fraction(2, 7)
    with mpmath.workdps(40):
        P, R = mpmath.mpf(2) / 7, mpmath.mpf(1) / 4
        # x = y^4 makes the integrand a polynomial
        integral = K * mpmath.quad(
            lambda y: (P * y**4 + (1 - P) * y ** (4 * R)) ** (K - 1) * 4 * y**3, [0, 1]
        )
        exact = forms.RATIO_AT_TOP.exact(K=K, mass=p, weight_ratio=rho)
        assert abs(digits(exact) - integral) < mpmath.mpf(10) ** -30


@pytest.mark.parametrize("mixing", [Fraction(1, 4), 1, 20, math.inf])
@pytest.mark.parametrize("K", [1, 2, 4])
def test_step_of_two_points(K, mixing):
    rho, q, p = Fraction(1, 7), Fraction(2, 9), Fraction(4, 9)
    m = Fraction(0) if mixing == math.inf else 1 / (1 + Fraction(mixing))
    expected = m * q + (1 - m) * p * enumerated_ratio(Fraction(1), rho, p, K)
    values = {"K": K, "mass": p, "weight_ratio": rho, "top_mass": q, "lam": mixing}
    assert forms.TWO_POINT_STEP.rational(**values) == expected


def test_step_tends_to_that_of_infinitely_many_candidates():
    # lemma-2.1-next-order: the error is O(1/K) with the coefficient (w/μ)(E w²/μ² - w/μ).
    rho, p = HALF, THIRD
    mu, second = p + (1 - p) * rho, p + (1 - p) * rho**2
    coefficient = (1 / mu) * (second / mu**2 - 1 / mu)
    limit = forms.TWO_POINT_STEP_K_INF.rational(mass=p, weight_ratio=rho, top_mass=p, lam=math.inf)
    assert limit == p / mu
    errors = [
        K * (forms.RATIO_AT_TOP.rational(K=K, mass=p, weight_ratio=rho) - 1 / mu) for K in (50, 100)
    ]
    assert abs(2 * errors[1] - errors[0] - coefficient) < Fraction(1, 1000)  # extrapolated in 1/K


@pytest.mark.parametrize(
    ("form", "K"), [(forms.TWO_POINT_LIMIT_K_2, 2), (forms.TWO_POINT_LIMIT_K_3, 3)]
)
@pytest.mark.parametrize(("rho", "q"), LAWS)
@pytest.mark.parametrize("mixing", [0, Fraction(1, 1000), HALF, 2, 1000])
def test_fixed_point_of_two_points(form, K, rho, q, mixing):
    values = {"weight_ratio": rho, "top_mass": q, "lam": mixing}
    exact = forms.two_point_limit(K=K, **values)
    assert abs(digits(form.exact(**values)) - digits(exact)) < mpmath.mpf(10) ** -30
    # It solves p = m q + a p H_p(1), to 50 digits.
    with mpmath.workdps(50):
        p, m, R, Q = digits(exact), 1 / (1 + mp(mixing)), mp(rho), mp(q)
        curated = sum(
            comb(K, j) * p**j * (1 - p) ** (K - j) * j / (j + (K - j) * R) for j in range(1, K + 1)
        )
        assert abs(m * Q + (1 - m) * curated - p) < mpmath.mpf(10) ** -40
    assert form(**values) == float(sympy.N(exact, 20))


def test_fixed_points_by_hand():
    # fixed-point-two-point: ρ = 1/2, q = 1/3: p = 1/2 for K = 2, λ = 2, and for K = inf, λ = 1.
    law = {"weight_ratio": HALF, "top_mass": THIRD}
    assert forms.TWO_POINT_LIMIT_K_2.rational(lam=2, **law) == HALF
    assert forms.TWO_POINT_LIMIT_K_INF.rational(lam=1, **law) == HALF
    assert forms.two_point_limit(K=2, lam=2, **law) == HALF
    step = forms.TWO_POINT_STEP.rational(K=2, lam=2, mass=HALF, **law)
    assert step == HALF


def test_polynomial_by_hand():
    # fixed-point-two-point, K = 2: a(1 - 2/(1+ρ)) p² + (2a/(1+ρ) - 1) p + m q
    a, m, q, rho = sympy.symbols("a m q rho")
    polynomial = forms.fixed_point_polynomial(2)
    p = polynomial.gen
    names = {symbol.name: symbol for symbol in polynomial.as_expr().free_symbols}
    by_hand = a * (1 - 2 / (1 + rho)) * p**2 + (2 * a / (1 + rho) - 1) * p + m * q
    by_hand = by_hand.subs({a: names["a"], m: names["m"], q: names["q"], rho: names["rho"]})
    assert sympy.simplify(polynomial.as_expr() - by_hand) == 0


@pytest.mark.parametrize("K", [1, 2, 3, 6])
@pytest.mark.parametrize("mixing", [0, 1, math.inf])
def test_ends_of_two_points(K, mixing):
    law = {"weight_ratio": HALF, "top_mass": THIRD}
    expected = 1 if mixing == math.inf and K > 1 else THIRD
    if mixing != 1:
        assert Fraction(forms.two_point_limit(K=K, lam=mixing, **law)) == expected
        if K in (2, 3):
            form = {2: forms.TWO_POINT_LIMIT_K_2, 3: forms.TWO_POINT_LIMIT_K_3}[K]
            assert form(lam=mixing, **law) == pytest.approx(float(expected), rel=1e-15)
    assert forms.two_point_limit(K=K, lam=mixing, weight_ratio=HALF, top_mass=1) == 1


@pytest.mark.parametrize("K", [2, 3, 6])
def test_loop_reaches_the_fixed_point(K):
    rho, q, mixing = 0.3, 0.2, 1.5
    m, p = 1 / (1 + mixing), q
    for _ in range(500):
        curated = sum(
            comb(K, j) * p**j * (1 - p) ** (K - j) * j / (j + (K - j) * rho)
            for j in range(1, K + 1)
        )
        p = m * q + (1 - m) * curated
    limit = forms.two_point_limit(K=K, weight_ratio=rho, top_mass=q, lam=mixing)
    # rounding of one step, over one minus the map's slope (at most about 0.9 here)
    assert p == pytest.approx(float(limit), abs=1e-14)


@pytest.mark.parametrize(("rho", "q"), LAWS)
@pytest.mark.parametrize("K", [2, 5, 9])
def test_limit_to_digits_is_the_exact_one(rho, q, K):
    values = {"K": K, "weight_ratio": rho, "top_mass": q, "lam": Fraction(3, 2)}
    exact, found = forms.two_point_limit(**values), forms.two_point_limit(digits=30, **values)
    assert abs(sympy.N(exact, 40) - found) < sympy.Float(10) ** -29 * exact


def test_many_candidates():
    # K = 300 is within O(1/K) of K = inf, where the fixed point is 1/2 (as above).
    values = {"weight_ratio": HALF, "top_mass": THIRD, "lam": 1}
    far = [forms.two_point_limit(K=K, digits=20, **values) for K in (150, 300)]
    assert abs(2 * far[1] - far[0] - HALF) < 1e-4  # extrapolated: O(1/K²)
    ratio = forms.RATIO_AT_TOP(K=2000, mass=0.25, weight_ratio=0.5)
    assert ratio == pytest.approx(1.6, abs=1e-3)  # w/μ = 1/(1/4 + 3/8)
    exact = forms.RATIO_AT_TOP.rational(K=60, mass=Fraction(1, 4), weight_ratio=HALF)
    assert forms.RATIO_AT_TOP(K=60, mass=0.25, weight_ratio=0.5) == float(exact)


def test_ratio_at_the_ends():
    # All alike but for oneself: K/(1 + (K-1)ρ) at p = 0, and 1 at p = 1.
    for mass, expected in ((0, Fraction(5, 3)), (1, Fraction(1))):
        values = {"K": 5, "mass": mass, "weight_ratio": HALF}
        assert forms.RATIO_AT_TOP.rational(**values) == expected
        assert forms.RATIO_AT_TOP(**values) == float(expected)
