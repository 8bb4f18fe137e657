"""Families: derivatives of the log-likelihood, Lipschitz constants, exponential families."""

import mpmath
import numpy as np
import pytest

from recurate.numerics.parametric import (
    DiscreteLaw,
    LocationFamily,
    LocationScaleFamily,
    Logistic,
    Normal,
    PowerFamily,
    StudentT,
)

THREE = ([1.0, 4.0, 9.0], [0.25, 0.5, 0.25], [[1.0], [-2.0], [3.0]])
FAMILIES = [
    (LocationFamily(Logistic(), 2.0), [0.3]),
    (LocationFamily(StudentT(3.0), 0.5), [-0.2]),
    (LocationFamily(Normal(), 1.5), [0.3]),
    (LocationScaleFamily(Logistic()), [0.3, -0.4]),
    (LocationScaleFamily(StudentT(2.0)), [0.3, 0.6]),
    (PowerFamily(*THREE, 1.0), [0.1]),
    (PowerFamily(*THREE, 0.0), [0.1]),
    (PowerFamily(*THREE, -1.0), [0.1]),
    (
        PowerFamily([1, 4, 9, 10], [0.1, 0.2, 0.3, 0.4], [[1, 0], [-2, 1], [3, 2], [0, -1]], 0.5),
        [0.05, -0.1],
    ),
]
PLACES = np.array([1.0, 4.0, 9.0])


@pytest.fixture(params=FAMILIES, ids=lambda pair: repr(pair[0])[:40])
def family_at(request):
    family, parameter = request.param
    return family, np.array(parameter)


def exact_log_density(family, x, theta):
    """log p_θ(x) from its definition, in mpmath."""
    if isinstance(family, PowerFamily):

        def mass(i):
            exponent = mpmath.fdot(family.statistics[i].tolist(), theta)
            if family.form:
                exponent = mpmath.log(1 + family.form * exponent) / family.form
            return mpmath.mpf(family.probs[i]) * mpmath.exp(exponent)

        masses = [mass(i) for i in range(family.points.size)]
        return mpmath.log(masses[family.points.tolist().index(x)] / mpmath.fsum(masses))
    if isinstance(family, LocationScaleFamily):
        location, scale = theta[0], mpmath.exp(theta[1])
    else:
        location, scale = theta[0], mpmath.mpf(family.scale)
    z, shape = (x - location) / scale, family.shape
    if isinstance(shape, Normal):
        value = -z * z / 2 - mpmath.log(2 * mpmath.pi) / 2
    elif isinstance(shape, Logistic):
        value = -z - 2 * mpmath.log(1 + mpmath.exp(-z))
    else:
        nu = mpmath.mpf(shape.freedom)
        value = mpmath.log(mpmath.gamma((nu + 1) / 2) / mpmath.gamma(nu / 2))
        value -= mpmath.log(nu * mpmath.pi) / 2 + (nu + 1) / 2 * mpmath.log(1 + z * z / nu)
    return value - mpmath.log(scale)


def test_derivatives(family_at):
    # Origin: the definition of log p_θ, differentiated by mpmath at 30 digits.
    family, theta = family_at
    d = family.dimension
    values, scores = family.log_density(PLACES, theta), family.score(PLACES, theta)
    hessians = family.hessian(PLACES, theta)
    assert scores.shape == (3, d)
    assert hessians.shape == (3, d, d)
    with mpmath.workdps(30):
        for n, x in enumerate(PLACES.tolist()):

            def at(*parameters, x=x):
                return exact_log_density(family, x, parameters)

            point = tuple(map(mpmath.mpf, theta.tolist()))
            assert values[n] == pytest.approx(float(at(*point)), rel=1e-13)
            for i in range(d):
                order = tuple(int(k == i) for k in range(d))
                assert scores[n, i] == pytest.approx(
                    float(mpmath.diff(at, point, order)), rel=1e-11, abs=1e-13
                )
                for j in range(d):
                    twice = tuple(int(k == i) + int(k == j) for k in range(d))
                    assert hessians[n, i, j] == pytest.approx(
                        float(mpmath.diff(at, point, twice)), rel=1e-9, abs=1e-11
                    )


def test_fisher_information_is_the_scores_covariance(family_at):
    # Bartlett's identities: E_θ score = 0 and E_θ score score' = -E_θ Hessian.
    family, theta = family_at
    rule = family.law(theta).quadrature()
    scores = family.score(rule.points, theta)
    assert np.abs(rule.mean(scores)).max() < 1e-13
    products = rule.mean(scores[:, :, None] * scores[:, None, :])
    np.testing.assert_allclose(
        products, -rule.mean(family.hessian(rule.points, theta)), rtol=1e-10, atol=1e-13
    )


def test_fisher_information_in_closed_form():
    # Textbook: logistic 1/3 and (3 + π²)/9 for log σ; Student-t (ν+1)/(ν+3) and 2ν/(ν+3).
    for shape, location, scale in (
        (Logistic(), 1 / 3, (3 + np.pi**2) / 9),
        (StudentT(2.0), 3 / 5, 4 / 5),
        (StudentT(8.0), 9 / 11, 16 / 11),
    ):
        at = np.array([0.7, np.log(2.0)])
        family = LocationScaleFamily(shape)
        rule = family.law(at).quadrature()
        fisher = -rule.mean(family.hessian(rule.points, at))
        np.testing.assert_allclose(fisher, np.diag([location / 4, scale]), rtol=1e-13, atol=1e-15)


def test_hessian_is_lipschitz_and_no_less(family_at):
    # Origin: slopes between neighbours on a fine grid, about 1e-3 below the supremum at most.
    family, theta = family_at
    constant = family.hessian_lipschitz(theta)
    if isinstance(family, PowerFamily):
        x = np.sort(family.points)
    else:
        x = 0.3 + np.sinh(np.linspace(-6, 6, 20_001))
    steps = np.abs(np.linalg.eigvalsh(np.diff(family.hessian(x, theta), axis=0))).max(axis=-1)
    steepest = float((steps / np.diff(x)).max())
    assert steepest <= constant * (1 + 1e-9) + 1e-9
    assert steepest >= constant * 0.999 - 1e-12


def test_lipschitz_constants_in_closed_form():
    # Logistic 1/(3 √3) over scale³ (docs/parametric.md); exponential families 0; the example of
    # docs/parametric.md with s² = x: 1.
    at = np.zeros(1)
    assert LocationFamily(Logistic(), 2.0).hessian_lipschitz(at) == pytest.approx(
        1 / (24 * np.sqrt(3)), rel=1e-15
    )
    assert LocationFamily(Normal()).hessian_lipschitz(at) == 0
    assert PowerFamily(*THREE, 0.0).hessian_lipschitz(at) == 0
    assert PowerFamily(*THREE, 1.0).hessian_lipschitz(at) == pytest.approx(1, rel=1e-15)


def test_power_family_at_one_and_zero():
    # Mixtures p(1 + θ s), and p e^{θ s} normalised.
    _, probs, statistics = map(np.array, THREE)
    theta = np.array([0.2])
    mixture = PowerFamily(*THREE, 1.0).law(theta)
    assert isinstance(mixture, DiscreteLaw)
    np.testing.assert_allclose(mixture.probs, probs * (1 + 0.2 * statistics[:, 0]), rtol=1e-14)
    tilted = probs * np.exp(0.2 * statistics[:, 0])
    law = PowerFamily(*THREE, 0.0).law(theta)
    np.testing.assert_allclose(law.probs, tilted / tilted.sum(), rtol=1e-14)
    assert not PowerFamily(*THREE, 1.0).contains(np.array([0.6]))  # 1 - 2 · 0.6 < 0


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: LocationFamily(Normal(), -1), ValueError, "scale must be above 0"),
        (lambda: LocationScaleFamily(Normal()), ValueError, "shape must have a Lipschitz z² u''"),
        (lambda: PowerFamily([0, 0], [0.5, 0.5], [[1], [2]], 1), ValueError, "points must differ"),
        (lambda: PowerFamily([0, 1], [1, 0], [[1], [2]], 1), ValueError, "probs must be above 0"),
        (lambda: PowerFamily([0, 1], [0.5, 0.5], [[1]], 1), ValueError, "statistics must have one"),
        (lambda: PowerFamily(*THREE, np.nan), ValueError, "form must be a finite number"),
        (lambda: PowerFamily(*THREE, 1.0).law(np.array([1.0])), ValueError, "parameter must keep"),
        (
            lambda: PowerFamily(*THREE, 1.0).score(np.array([2.0]), np.zeros(1)),
            ValueError,
            "x must be among the points",
        ),
    ],
)
def test_bad_input(make, error, message):
    with pytest.raises(error, match=message):
        make()
