"""Closed forms for K = inf, Gaussian rewards and retraining without curation, against integrals by
computer algebra or at 40 digits, the recursions themselves, and numbers by hand."""

import math
from fractions import Fraction

import mpmath
import pytest
import sympy

from recurate.theory import closed_forms as forms
from recurate.theory.language.notation import lam, max_weight, real_fraction, weight

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


def test_discrete_limit_solves_the_fixed_point_equation():
    weights, masses = (
        [Fraction(1, 5), HALF, Fraction(1), Fraction(3)],
        [HALF, 0, THIRD, 1 - HALF - THIRD],
    )
    limit = [digits(p) for p in forms.discrete_limit(weights, masses, lam=Fraction(3, 4))]
    with mpmath.workdps(45):
        w, ref = list(map(mp, weights)), list(map(mp, masses))
        mean = mpmath.fdot(w, limit)
        m = 1 / mpmath.mpf("1.75")
        for p, x, r in zip(limit, w, ref, strict=True):
            assert abs(m * r + (1 - m) * p * x / mean - p) < mpmath.mpf(10) ** -38
        assert abs(sum(limit) - 1) < mpmath.mpf(10) ** -38


def test_discrete_limit_of_two_points_is_the_closed_form():
    for rho, q in LAWS:
        for mixing in (Fraction(1, 10), 3):
            limit = forms.discrete_limit([rho, 1], [1 - q, q], lam=mixing)
            closed = forms.TWO_POINT_LIMIT_K_INF.exact(weight_ratio=rho, top_mass=q, lam=mixing)
            assert abs(digits(limit[1]) - digits(closed)) < mpmath.mpf(10) ** -33
    # By hand, as in docs/mathematics.md, fixed-point-k-inf.
    assert forms.discrete_limit([1, 2], [2 * THIRD, THIRD], lam=1) == [HALF, HALF]
    assert forms.discrete_limit([1, 2], [2 * THIRD, THIRD], lam=0) == [2 * THIRD, THIRD]
    assert forms.discrete_limit([7], [1], lam=5) == [1]


CONTINUOUS = [
    (forms.ARCSINE_SCALAR, forms.ARCSINE_MEAN_WEIGHT, "arcsine"),
    (forms.UNIFORM_SCALAR, forms.UNIFORM_MEAN_WEIGHT, "uniform"),
]


@pytest.mark.parametrize(("scalar", "mean", "name"), CONTINUOUS)
@pytest.mark.parametrize("mixing", [Fraction(1, 100), 1, 4])
def test_continuous_laws_solve_the_fixed_point_equation(scalar, mean, name, mixing):
    with mpmath.workdps(40):
        z, W = digits(scalar.exact(lam=mixing)), digits(mean.exact(lam=mixing))
        R = 1 + mp(mixing)

        def average(f):  # w = sin² φ takes the arcsine law's ends away
            if name == "uniform":
                return mpmath.quad(f, [0, 0.5, 0.9, 0.99, 1])
            return (
                2 / mpmath.pi * mpmath.quad(lambda x: f(mpmath.sin(x) ** 2), [0, 1, mpmath.pi / 2])
            )

        assert abs(average(lambda w: 1 / (1 - z * w)) - R) < mpmath.mpf(10) ** -25
        assert abs(average(lambda w: w / (1 - z * w)) / R - W) < mpmath.mpf(10) ** -25
        assert abs(z * W - (R - 1) / R) < mpmath.mpf(10) ** -30


def test_arcsine_by_hand():
    # W = (1+λ)/(2+λ) (fixed-point-k-inf): 2/3 at λ = 1; z = 1 - 1/(1+λ)² = 3/4.
    assert forms.ARCSINE_MEAN_WEIGHT.rational(lam=1) == Fraction(2, 3)
    assert forms.ARCSINE_SCALAR.rational(lam=1) == Fraction(3, 4)
    assert forms.ARCSINE_MEAN_WEIGHT.rational(lam=math.inf) == 1
    assert forms.ARCSINE_MEAN_WEIGHT.rational(lam=0) == HALF  # the reference's own mean


def test_uniform_ends():
    assert forms.UNIFORM_SCALAR(lam=0) == 0
    # small λ: -log(1-z)/z = 1 + z/2 + z²/3 + …  so z = 2λ - (8/3) λ² + …, W = a/z -> 1/2 + λ/6
    assert forms.UNIFORM_MEAN_WEIGHT(lam=1e-9) == pytest.approx(0.5 + 1e-9 / 6, rel=1e-15)


def test_transform_of_the_laws_by_computer_algebra():
    # the integrals behind the closed forms, at a number for z and with symbols
    half = sympy.Rational(1, 2)
    z = next(iter(forms.transform(sympy.S.One).free_symbols))
    uniform = forms.transform(forms.UNIFORM_DENSITY).subs(z, half).doit()
    assert sympy.simplify(uniform - 2 * sympy.log(2)) == 0
    linear = forms.transform(2 * (1 - weight)).subs(z, half).doit()
    with mpmath.workdps(40):
        closed = digits(forms.POWER_TRANSFORM.exact(shape=1, scalar=HALF))
        assert abs(digits(linear) - closed) < mpmath.mpf(10) ** -30
        # at another shape by quadrature
        direct = mpmath.quad(lambda w: 3.5 * (1 - w) ** 2.5 / (1 - 0.75 * w), [0, 0.5, 1])
        closed = digits(forms.POWER_TRANSFORM.exact(shape=2.5, scalar=0.75))
        assert abs(direct - closed) < mpmath.mpf(10) ** -20


@pytest.mark.parametrize("k", [1, 2, 5])
def test_threshold_and_atom_of_the_power_law(k):
    density = (k + 1) * (1 - weight) ** k
    criterion = forms.condensation_integral(density).subs(max_weight, 1).doit()
    value = criterion.subs(real_fraction, 1 / (1 + lam))
    threshold = forms.POWER_THRESHOLD.rational(shape=k)
    assert threshold == Fraction(1, k)
    assert sympy.simplify(value.subs(lam, sympy.Rational(1, k)) - 1) == 0
    for mixing in (Fraction(1, k), Fraction(2, k), 7):
        # the atom is what the rest leaves (condensation-threshold: (λk - 1)/(k(1 + λ)))
        atom = forms.POWER_ATOM.rational(shape=k, lam=mixing)
        assert atom == (mixing * k - 1) / Fraction(k * (1 + mixing))
        assert atom == 1 - Fraction(str(value.subs(lam, sympy.Rational(mixing))))
        # the rest, [(k+1)/(k(1+λ))] Beta(1, k), by quadrature; and the mean weight a
        with mpmath.workdps(30):
            scale = mp(Fraction(k + 1) / (1 + Fraction(mixing)))
            mass = mpmath.quad(lambda w: (1 - w) ** (k - 1), [0, 1])
            first = mpmath.quad(lambda w: w * (1 - w) ** (k - 1), [0, 1])
            assert abs(scale * mass + mp(atom) - 1) < 1e-25
            mean = forms.POWER_MEAN_WEIGHT.rational(shape=k, lam=mixing)
            assert abs(scale * first + mp(atom) - mp(mean)) < 1e-25


def test_rest_of_the_power_law_by_hand():
    # [(k+1)/(k(1+λ))] k (1-w)^{k-1}: k = 2, λ = 1, w = 1/4: (3/4) · 2 · (3/4) = 9/8
    values = {"shape": 2, "lam": 1, "weight": Fraction(1, 4)}
    assert forms.POWER_REST.rational(**values) == Fraction(9, 8)
    assert forms.POWER_ATOM.rational(shape=2, lam=math.inf) == 1


def test_condensed_law_is_a_fixed_point():
    # m p_ref + a p w/W reproduces the density and the atom, in symbols, for the density 2(1-w).
    mixing = sympy.Rational(3)
    a, m = mixing / (1 + mixing), 1 / (1 + mixing)
    rest = forms.POWER_REST.expression.subs(real_fraction, m)
    rest = rest.subs(dict.fromkeys(rest.free_symbols - {weight}, 1))
    W = forms.POWER_MEAN_WEIGHT.exact(shape=1, lam=3)
    assert sympy.simplify(m * 2 * (1 - weight) + a * rest * weight / W - rest) == 0
    atom = forms.POWER_ATOM.exact(shape=1, lam=3)
    assert a * atom / W == atom
    assert sympy.integrate(weight * rest, (weight, 0, 1)) + atom == W


# --- Gaussian -----------------------------------------------------------------------------------


def test_gaussian_step_by_integration():
    # The law ∝ p e^r by quadrature, for N(1/3, 2) and r(x) = -x/2 - 3x²/2.
    values = {"mean": THIRD, "variance": 2, "slope": -HALF, "curvature": 3}
    with mpmath.workdps(40):

        def tilted(x):
            return mpmath.npdf(x, mp(THIRD), mpmath.sqrt(2)) * mpmath.exp(-x / 2 - 3 * x**2 / 2)

        axis = [-9, -3, -1, 0, 1, 3, 9]  # beyond is e^{-100} and less
        total, first, second = (
            mpmath.quad(lambda x, n=n: x**n * tilted(x), axis) for n in range(3)
        )
        mean, variance = first / total, second / total - (first / total) ** 2
        assert abs(mean - mp(forms.GAUSSIAN_MEAN_STEP.rational(**values))) < 1e-30
        found = forms.GAUSSIAN_VARIANCE_STEP.rational(variance=2, curvature=3)
        assert abs(variance - mp(found)) < 1e-30
        assert abs(total - digits(forms.GAUSSIAN_MEAN_WEIGHT.exact(**values))) < 1e-30


@pytest.mark.parametrize("c", [Fraction(0), Fraction(2, 3), Fraction(-1, 12)])
def test_gaussian_closed_form_is_the_recursion(c):
    b, mean, variance = Fraction(5, 4), Fraction(-1, 2), Fraction(3, 2)
    start = {"mean": mean, "variance": variance}
    for steps in range(6):
        rational = {"steps": steps, "curvature": c, "variance": start["variance"]}
        assert forms.GAUSSIAN_MEAN.rational(mean=start["mean"], slope=b, **rational) == mean
        assert forms.GAUSSIAN_VARIANCE.rational(**rational) == variance
        mean, variance = (
            forms.GAUSSIAN_MEAN_STEP.rational(mean=mean, variance=variance, slope=b, curvature=c),
            forms.GAUSSIAN_VARIANCE_STEP.rational(variance=variance, curvature=c),
        )
    if c == 0:  # a linear reward shifts the mean by b v a step and leaves the variance
        assert (mean, variance) == (start["mean"] + 6 * b * start["variance"], start["variance"])


def test_exponential_family_matches_moments():
    # The maximiser matches the statistic's mean to (η_data + λ η_t)/(1 + λ).
    eta, data, mixing = Fraction(7), Fraction(2), Fraction(3, 2)
    start = eta
    for steps in range(5):
        value = forms.EXPONENTIAL_FAMILY_STATISTIC.rational(
            data_statistic=data, statistic=start, lam=mixing, steps=steps
        )
        assert value == eta
        eta = (data + mixing * eta) / (1 + mixing)
    assert forms.EXPONENTIAL_FAMILY_RATE.rational(lam=mixing) == Fraction(3, 5)


def test_gaussian_retraining_by_maximisation():
    # N(θ, 1): argmax of E_data log p_θ + λ E_{θ_t} log p_θ, derived by differentiation
    theta, current, data = sympy.symbols("theta current data", real=True)
    objective = -((data - theta) ** 2) / 2 - lam * ((current - theta) ** 2 + 1) / 2
    (update,) = sympy.solve(sympy.diff(objective, theta), theta)
    expression = forms.EXPONENTIAL_FAMILY_STATISTIC
    one = expression.exact(data_statistic=5, statistic=11, lam=2, steps=1)
    assert one == update.subs({data: 5, current: 11, lam: 2})


@pytest.mark.parametrize(
    ("y", "mixing", "A", "L_eps", "rate"),
    [  # docs/mathematics.md, theorem-2.2
        (3, 1, Fraction(3, 8), 0.16609, Fraction(8, 17)),
        (5, HALF, Fraction(5, 18), 0.18330, Fraction(3, 8)),
    ],
)
def test_logistic_model(y, mixing, A, L_eps, rate):
    assert forms.LOGISTIC_CURVATURE.rational(spread=y) == A
    assert forms.LOGISTIC_RATE.rational(spread=y, lam=mixing) == rate
    product = float(forms.LOGISTIC_LIPSCHITZ) * forms.LOGISTIC_ERROR(spread=y)
    assert product == pytest.approx(L_eps, abs=6e-6)  # five digits are printed there


def test_logistic_constants_by_integration():
    with mpmath.workdps(30):

        def sigma(x):
            return 1 / (1 + mpmath.exp(-x))

        def density(x):
            return sigma(x) * sigma(-x)

        axis = [-mpmath.inf, -5, -mpmath.log(3), 0, mpmath.log(3), 5, mpmath.inf]
        fisher = mpmath.quad(lambda x: 2 * density(x) ** 2, axis)
        assert abs(fisher - mpmath.mpf(1) / 3) < 1e-25
        distance = mpmath.quad(lambda x: abs(abs(x) - mpmath.log(3)) * density(x), axis)
        assert abs(distance - digits(forms.LOGISTIC_ERROR.exact(spread=3))) < 1e-22
        # the largest slope of 2 σ(1-σ): at σ = (1 + 1/√3)/2, by the first-order condition
        s = (1 + 1 / mpmath.sqrt(3)) / 2
        assert abs(2 * s * (1 - s) * (2 * s - 1) - digits(forms.LOGISTIC_LIPSCHITZ)) < 1e-25


def test_logistic_rate_is_the_slope_of_the_update():
    # The update solves E_data tanh((x-θ)/2) + λ g(θ-θ_t) = 0 (theorem-2.2); its slope at 0 by
    # implicit differentiation, with g'(0) by series: g(δ) = -δ/3 + …
    delta, theta = sympy.symbols("delta theta")
    g = (
        2 * (1 / (1 - sympy.exp(delta)) + delta * sympy.exp(delta) / (sympy.exp(delta) - 1) ** 2)
        - 1
    )
    slope_model = sympy.limit(g / delta, delta, 0)
    y = 3
    data = sum(sympy.tanh((s * sympy.log(y) - theta) / 2) / 2 for s in (1, -1))
    slope_data = sympy.simplify(sympy.diff(data, theta).subs(theta, 0).rewrite(sympy.exp))
    # slope_data θ' + λ slope_model (θ' - 1) = 0
    slope = slope_model / (slope_data + slope_model)
    assert sympy.nsimplify(slope) == sympy.Rational(forms.LOGISTIC_RATE.rational(spread=y, lam=1))
