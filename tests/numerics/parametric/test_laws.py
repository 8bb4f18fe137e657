"""Standard laws, mixtures and their Wasserstein distances, against 30-digit integration."""

import math
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from scipy import special, stats

from recurate.numerics.parametric import (
    DiscreteLaw,
    LocatedLaw,
    Logistic,
    MixtureLaw,
    Normal,
    StudentT,
    wasserstein,
)

SHAPES = [Logistic(), Normal(), StudentT(2.0), StudentT(5.0)]
POINTS = np.array([-30.0, -3.7, -0.4, 0.0, 0.01, 1.3, 8.0])


def log_density(shape, z):
    """The textbook density, in mpmath."""
    if isinstance(shape, Logistic):
        return -z - 2 * mpmath.log(1 + mpmath.exp(-z))
    if isinstance(shape, Normal):
        return -z * z / 2 - mpmath.log(2 * mpmath.pi) / 2
    nu = mpmath.mpf(shape.freedom)
    constant = (
        mpmath.loggamma((nu + 1) / 2) - mpmath.loggamma(nu / 2) - mpmath.log(nu * mpmath.pi) / 2
    )
    return constant - (nu + 1) / 2 * mpmath.log(1 + z * z / nu)


@pytest.fixture(params=SHAPES, ids=repr)
def shape(request):
    return request.param


def test_log_density_and_derivatives(shape):
    # Origin: the textbook density, differentiated by mpmath at 40 digits.
    found = [shape.log_density(POINTS), *shape.derivatives(POINTS)]
    with mpmath.workdps(40):
        for order, values in enumerate(found):
            for z, value in zip(POINTS.tolist(), values.tolist(), strict=True):
                wanted = mpmath.diff(lambda x: log_density(shape, x), mpmath.mpf(z), order)
                assert value == pytest.approx(float(wanted), rel=1e-13, abs=1e-15)


def test_distribution_function_and_its_integral(shape):
    with mpmath.workdps(30):
        for z in (-3.7, -0.4, 0.0, 1.3, 8.0):
            axis = [-mpmath.inf, -20, -3, 0, z] if z > 0 else [-mpmath.inf, -20, z - 3, z]
            mass = mpmath.quad(lambda x: mpmath.exp(log_density(shape, x)), axis)
            below = mpmath.quad(lambda x, z=z: (z - x) * mpmath.exp(log_density(shape, x)), axis)
            at = np.array([z])
            assert float(shape.cdf(at)[0]) == pytest.approx(float(mass), rel=1e-11)
            assert float(shape.integrated_cdf(at)[0]) == pytest.approx(float(below), rel=1e-9)


def test_steepest_curvature(shape):
    # Origin: the largest |u'''| on a fine grid about its largest value, at 1e-4.
    grid = np.sinh(np.linspace(0, 4, 200_001))
    third = np.abs(shape.derivatives(grid)[2]).max()
    assert third <= shape.steepest * (1 + 1e-12)
    assert third == pytest.approx(shape.steepest, rel=1e-8)


def test_rule_is_exact_to_rounding(shape):
    # Entropies in closed form: logistic 2, normal log(2πe)/2, Student-t by the digamma function;
    # E 1/(1+z²) by mpmath.
    rule = LocatedLaw(shape).quadrature(level=1)
    assert rule.weights.sum() == pytest.approx(1, abs=1e-15)
    entropy = {"logistic": 2.0, "normal": math.log(2 * math.pi * math.e) / 2}.get(shape.name)
    if isinstance(shape, StudentT):
        half = shape.freedom / 2
        entropy = (half + 0.5) * (special.digamma(half + 0.5) - special.digamma(half))
        entropy += math.log(shape.freedom) / 2 + special.betaln(half, 0.5)
    assert -rule.mean(shape.log_density(rule.points)) == pytest.approx(entropy, rel=1e-13)
    with mpmath.workdps(25):
        axis = [-mpmath.inf, -10, -1, 0, 1, 10, mpmath.inf]
        wanted = mpmath.quad(lambda x: mpmath.exp(log_density(shape, x)) / (1 + x * x), axis)
    assert rule.mean(1 / (1 + rule.points**2)) == pytest.approx(float(wanted), rel=1e-13)


def test_mixture():
    mixture = MixtureLaw([LocatedLaw(Normal(), -1, 0.5), DiscreteLaw([2.0, 3.0])], [0.25, 0.75])
    assert mixture.mean == pytest.approx(-0.25 + 0.75 * 2.5)
    rule = mixture.quadrature()
    assert rule.mean(rule.points) == pytest.approx(mixture.mean, rel=1e-14)
    at = np.array([2.0])
    assert mixture.cdf(at)[0] == pytest.approx(0.25 + 0.375)
    assert mixture.cdf(at, before=True)[0] == pytest.approx(0.25)
    assert mixture.integrated_cdf(np.array([3.0]))[0] == pytest.approx(0.25 * 4 + 0.375, rel=1e-8)


def test_wasserstein_of_discrete_laws_is_scipys():
    rng = np.random.default_rng(5)
    for _ in range(20):
        left, right = (
            DiscreteLaw(rng.integers(-9, 9, n), rng.dirichlet(np.ones(n))) for n in (4, 6)
        )
        wanted = stats.wasserstein_distance(left.points, right.points, left.probs, right.probs)
        assert wasserstein(left, right) == pytest.approx(wanted, rel=1e-13, abs=1e-14)


@pytest.mark.parametrize("spread", [1, 3, 5, 40])
def test_wasserstein_of_the_logistic_example(spread):
    # Closed form (docs/mathematics.md, theorem-2.2).
    log = math.log(spread)
    wanted = 2 * math.log(2) - log + 2 * math.log((1 + spread) ** 2 / (4 * spread))
    data = DiscreteLaw([-log, log])
    assert wasserstein(LocatedLaw(Logistic()), data) == pytest.approx(wanted, rel=1e-13)


def test_wasserstein_of_smooth_laws():
    # Origin: ∫ |F - G| by mpmath, between the crossings of F and G that it finds itself.
    logistic = LocatedLaw(Logistic(), 0.5, 2.0)
    mixture = MixtureLaw([LocatedLaw(Normal(), -2, 0.5), LocatedLaw(Normal(), 2, 1.5)], [0.4, 0.6])

    def gap(x):
        F = 1 / (1 + mpmath.exp(-(x - mpmath.mpf("0.5")) / 2))
        return F - 0.4 * mpmath.ncdf((x + 2) / 0.5) - 0.6 * mpmath.ncdf((x - 2) / 1.5)

    with mpmath.workdps(25):
        grid = [mpmath.mpf(k) / 4 for k in range(-80, 81)]
        roots = [
            mpmath.findroot(gap, (x, y), solver="illinois")
            for x, y in pairwise(grid)
            if gap(x) * gap(y) < 0
        ]
        assert len(roots) == 3
        ends = [mpmath.mpf(-90), *roots, mpmath.mpf(90)]
        wanted = sum(abs(mpmath.quad(gap, mpmath.linspace(x, y, 25))) for x, y in pairwise(ends))
    assert wasserstein(logistic, mixture) == pytest.approx(float(wanted), rel=1e-11)
    assert wasserstein(mixture, logistic) == pytest.approx(float(wanted), rel=1e-11)
    assert wasserstein(logistic, logistic) == 0


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: StudentT(1.0), ValueError, "freedom must be above 1"),
        (lambda: StudentT("3"), TypeError, "freedom must be a finite number; got '3'"),
        (lambda: LocatedLaw(Normal(), 0, 0), ValueError, "scale must be above 0; got 0"),
        (lambda: LocatedLaw(Normal(), math.inf), ValueError, "location must be a finite number"),
        (lambda: DiscreteLaw([]), ValueError, "points must have at least one entry"),
        (lambda: DiscreteLaw([0, 1], [0.5, 0.6]), ValueError, "probs must sum to 1"),
        (lambda: MixtureLaw([LocatedLaw(Normal())], [0.5]), ValueError, "probs must sum to 1"),
    ],
)
def test_bad_input(make, error, message):
    with pytest.raises(error, match=message):
        make()
