"""The retraining map, its fixed point and its divergences, against closed forms and 40 digits."""

import math

import mpmath
import numpy as np
import pytest

from recurate.numerics.parametric import (
    DiscreteLaw,
    ExponentialRetraining,
    LocatedLaw,
    LocationFamily,
    LocationScaleFamily,
    Logistic,
    MixtureLaw,
    Normal,
    PowerFamily,
    RetrainingLoop,
    StudentT,
    curvatures,
    measured_rate,
)
from recurate.numerics.parametric.exponential import (
    BERNOULLI,
    EXPONENTIAL,
    NORMAL,
    POISSON,
    UNIT_NORMAL,
    log_gap,
)
from recurate.numerics.parametric.maximising import MeanLogLikelihood

LOGISTIC = LocationFamily(Logistic())


def logistic_loop(spread, lam):
    return RetrainingLoop(LOGISTIC, DiscreteLaw([-math.log(spread), math.log(spread)]), lam=lam)


def logistic_score(delta):
    """g(δ) of docs/parametric.md: mean of tanh((x - θ)/2) under the model at θ - δ."""
    e = mpmath.exp(delta)
    return 2 * (1 / (1 - e) + delta * e / (e - 1) ** 2) - 1


@pytest.mark.parametrize(("spread", "lam"), [(3, 1.0), (5, 0.5), (40, 7.0)])
def test_logistic_update_solves_its_equation(spread, lam):
    # Origin: E_data tanh((x-θ)/2) + λ g(θ - θ_t) = 0, solved by mpmath at 40 digits, step by step.
    loop = logistic_loop(spread, lam)
    path = loop.run([0.7], steps=6)
    with mpmath.workdps(40):
        y, theta = mpmath.log(spread), mpmath.mpf("0.7")
        for t in range(6):

            def equation(new, theta=theta, y=y):
                data = (mpmath.tanh((y - new) / 2) + mpmath.tanh((-y - new) / 2)) / 2
                return data + lam * logistic_score(new - theta)

            theta = mpmath.findroot(equation, (theta / 4, theta * 0.9), solver="anderson")
            assert path.parameters[t + 1, 0] == pytest.approx(float(theta), rel=1e-13)
    assert abs(loop.best[0]) < 1e-15


def test_logistic_divergence():
    # KL(p_0‖p_δ) = δ coth(δ/2) - 2 (docs/parametric.md), in mpmath; from 1e-14 to 18 nats.
    loop = logistic_loop(3, 1.0)
    for delta in (1e-7, 1e-3, 0.1, 1.0, 5.0, 20.0):
        with mpmath.workdps(50):
            wanted = float(delta * mpmath.coth(mpmath.mpf(delta) / 2) - 2)
        assert loop.divergence([delta]) == pytest.approx(
            wanted, rel=1e-8 if delta < 1e-6 else 1e-12
        )
    assert loop.divergence(loop.best) == 0


def test_normal_location_is_the_exponential_family():
    # Closed form: θ_t - E x falls by λ/(1+λ); KL = (θ_t - E x)²/(2 σ²).
    data = MixtureLaw([DiscreteLaw([1.0, 2.0]), LocatedLaw(Logistic(), -3, 2)], [0.3, 0.7])
    lam, scale = 1.5, 2.0
    loop = RetrainingLoop(LocationFamily(Normal(), scale), data, lam=lam)
    path = loop.run([4.0], steps=8)
    closed = ExponentialRetraining(UNIT_NORMAL, [data.mean], lam=lam).run([4.0], steps=8)
    np.testing.assert_allclose(path.parameters, closed.parameters, rtol=1e-13)
    np.testing.assert_allclose(path.divergences, closed.divergences / scale**2, rtol=1e-12)
    assert curvatures(loop).local_rates(lam) == pytest.approx([lam / (1 + lam)], rel=1e-13)


def test_power_family_at_zero_matches_means():
    # ρ = 0 is an exponential family in s: E_{θ_t} s - E_data s falls by λ/(1+λ).
    statistic = np.array([1.0, -2.0, 3.0])
    family = PowerFamily([1, 4, 9], [0.25, 0.5, 0.25], statistic[:, None], 0.0)
    data, lam = DiscreteLaw([1, 4, 9], [0.5, 0.2, 0.3]), 3.0
    path = RetrainingLoop(family, data, lam=lam).run([-0.4], steps=6)
    means = np.array([family.law(theta).probs @ statistic for theta in path.parameters])
    gaps = means - data.probs @ statistic
    np.testing.assert_allclose(gaps, gaps[0] * 0.75 ** np.arange(7), rtol=1e-12)


@pytest.mark.parametrize("shape", [Logistic(), StudentT(3.0)])
def test_location_scale_update_is_a_stationary_maximum(shape):
    # The gradient of E_data log p_θ + λ E_{θ_t} log p_θ by mpmath's own integration of its terms.
    points, lam, theta = [-2.0, 0.3, 1.1, 4.0], 2.0, [0.5, 0.2]
    loop = RetrainingLoop(LocationScaleFamily(shape), DiscreteLaw(points), lam=lam)
    new = loop.step(theta)

    def log_density(z):
        if isinstance(shape, Logistic):
            return -abs(z) - 2 * mpmath.log1p(mpmath.exp(-abs(z)))
        return -2 * mpmath.log(1 + z * z / 3) + mpmath.log(2 / (mpmath.pi * mpmath.sqrt(3)))

    def slope(z):
        return -mpmath.tanh(z / 2) if isinstance(shape, Logistic) else -4 * z / (3 + z * z)

    with mpmath.workdps(20):
        mu, sigma = new[0], mpmath.exp(new[1])

        def scores(x):
            z = (x - mu) / sigma
            return -slope(z) / sigma, -z * slope(z) - 1

        axis = [-mpmath.inf, -30, -6, -2, 0, 2, 6, 30, mpmath.inf]
        for i in range(2):
            data = mpmath.fsum(scores(mpmath.mpf(x))[i] for x in points) / 4
            model = mpmath.quad(
                lambda u, i=i: (
                    scores(theta[0] + mpmath.exp(theta[1]) * u)[i] * mpmath.exp(log_density(u))
                ),
                axis,
            )
            assert abs(data + lam * model) < 1e-12


def test_without_synthetic_data_one_step_leads_to_the_best_model():
    loop = RetrainingLoop(LocationFamily(StudentT(3.0)), DiscreteLaw([0.0, 1.0, 5.0]), lam=0)
    assert loop.step([2.0])[0] == pytest.approx(loop.best[0], abs=1e-15)


def test_best_model_is_the_higher_of_two_maxima():
    # Origin: the likelihood on a fine grid.
    data = DiscreteLaw([-6.0, -5.5, 5.0, 5.5, 6.0])
    loop = RetrainingLoop(LocationFamily(StudentT(2.0)), data, lam=1.0)
    likelihood = MeanLogLikelihood(loop.family, data.quadrature())
    grid = np.linspace(-8, 8, 3201)
    heights = [likelihood.value(np.array([x])) for x in grid]
    assert abs(loop.best[0] - grid[int(np.argmax(heights))]) <= 0.005


# Outside the hypotheses


def test_the_loop_leaves_a_stationary_point_that_is_no_maximum():
    # Between two clusters the likelihood of a heavy-tailed model has a minimum, A < 0. There the
    # slope λB/(A + λB) is above 1, and KL from that model grows by its square in each step.
    loop = RetrainingLoop(LocationFamily(StudentT(2.0)), DiscreteLaw([-3.0, 3.0]), lam=2.0)
    A = -float(loop.family.hessian(np.array([-3.0, 3.0]), np.zeros(1)).mean())
    rule = loop.family.law(np.zeros(1)).quadrature()
    B = -float(rule.mean(loop.family.hessian(rule.points, np.zeros(1)))[0, 0])
    slope = 2 * B / (A + 2 * B)
    assert A < 0 < A + 2 * B
    path = loop.run([1e-6], steps=10).parameters[:, 0]
    np.testing.assert_allclose(path[1:] / path[:-1], slope, rtol=1e-6)
    assert slope > 1.1
    # The loop ends at one of the two best models.
    assert loop.run([1e-3], steps=200).parameters[-1, 0] == pytest.approx(abs(loop.best[0]))


def test_from_a_start_far_away_the_loop_stays_at_a_lower_maximum():
    # The statement is local: with enough synthetic data θ_t stays where it is a local maximum,
    # which then is the highest point of what the next model maximises.
    data = DiscreteLaw([-6.0, -5.5, 5.0, 5.5, 6.0])
    loop = RetrainingLoop(LocationFamily(StudentT(2.0)), data, lam=9.0)
    path = loop.run([-5.0], steps=300)
    low = path.parameters[-1]
    assert loop.best[0] > 5
    assert -6 < low[0] < -5
    assert abs(path.parameters[-2, 0] - low[0]) < 1e-12
    assert path.divergences[-1] > 1
    likelihood = MeanLogLikelihood(loop.family, data.quadrature())
    rule = loop.family.law(low).quadrature()
    own = MeanLogLikelihood(loop.family, rule)

    def objective(x):
        at = np.array([x])
        return likelihood.value(at) + 9 * own.value(at)

    heights = [objective(x) for x in np.linspace(-8, 8, 801)]
    assert max(heights) <= objective(low[0]) + 1e-12


# Exponential families


@pytest.mark.parametrize(
    ("family", "left", "right", "wanted"),
    [  # the textbook formulas, in mpmath
        (BERNOULLI, [0.3], [0.6], lambda: 0.3 * mpmath.log(0.5) + 0.7 * mpmath.log(7 / 4)),
        (POISSON, [2], [3], lambda: 2 * mpmath.log(mpmath.mpf(2) / 3) + 1),
        (EXPONENTIAL, [2], [3], lambda: mpmath.mpf(2) / 3 - 1 - mpmath.log(mpmath.mpf(2) / 3)),
        (UNIT_NORMAL, [1], [3], lambda: 2),
        (
            NORMAL,  # N(1, 1) and N(2, 4)
            [1, 2],
            [2, 8],
            lambda: mpmath.log(2) + mpmath.mpf(1 + 1) / 8 - mpmath.mpf(1) / 2,
        ),
    ],
)
def test_divergences_of_exponential_families(family, left, right, wanted):
    found = family.divergence(np.array(left, float), np.array(right, float))
    assert found == pytest.approx(float(wanted()), rel=1e-14)
    assert family.divergence(np.array(left, float), np.array(left, float)) == 0


def test_log_gap_keeps_its_digits():
    with mpmath.workdps(60):
        for e in (1e-12, -1e-5, 0.049, 0.051, -0.05, -0.9, 1e6):
            wanted = mpmath.mpf(e) - mpmath.log(1 + mpmath.mpf(e))
            assert log_gap(e) == pytest.approx(float(wanted), rel=1e-13)


@pytest.mark.parametrize(
    ("family", "data", "start"),
    [(BERNOULLI, [0.3], [0.31]), (POISSON, [2], [2.1]), (NORMAL, [0, 1], [0.1, 1.2])],
)
def test_rate_of_exponential_families(family, data, start):
    # Closed form λ/(1+λ): KL^(1/2) falls by it up to the order of |η_t - η_data|.
    loop = ExponentialRetraining(family, data, lam=0.5)
    path = loop.run(start, steps=9)
    gaps = np.abs(path.parameters - loop.data).max(axis=1)
    ratios = np.sqrt(path.divergences[1:] / path.divergences[:-1])
    assert (np.abs(ratios - loop.rate) <= gaps[:-1]).all()
    assert gaps[-1] < 2e-5
    assert loop.rate == pytest.approx(1 / 3, rel=1e-15)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: logistic_loop(3, math.inf), ValueError, "lam must be finite"),
        (lambda: logistic_loop(3, -1), ValueError, "lam must be a number of at least 0"),
        (lambda: RetrainingLoop("logistic", None, lam=1), TypeError, "family must be a Family"),
        (lambda: RetrainingLoop(LOGISTIC, [0.0], lam=1), TypeError, "data must be a Law; got list"),
        (lambda: logistic_loop(3, 1).step([0.0, 1.0]), ValueError, "parameter must have 1 entries"),
        (lambda: logistic_loop(3, 1).run([0.1], steps=-1), ValueError, "steps must be an integer"),
        (lambda: logistic_loop(3, 1).run([math.nan], steps=1), ValueError, "start must be finite"),
        (
            lambda: measured_rate(logistic_loop(3, 1), steps=1),
            ValueError,
            "steps must be at least 2",
        ),
        (lambda: measured_rate(logistic_loop(3, 1), [0.0]), ArithmeticError, "must differ from θ*"),
        (lambda: curvatures(logistic_loop(3, 1)).local_rates(math.inf), ValueError, "lam must be"),
        (
            lambda: ExponentialRetraining(BERNOULLI, [1.5], lam=1),
            ValueError,
            "data must be the means of x under a Bernoulli law",
        ),
        (
            lambda: (
                RetrainingLoop(
                    LocationScaleFamily(StudentT(2.0)), DiscreteLaw([0.0, 1.0], [0.9, 0.1]), lam=1
                ).best
            ),
            ArithmeticError,
            "no maximum with a negative definite Hessian",
        ),
        (
            lambda: (
                RetrainingLoop(
                    LocationFamily(Logistic(), 1e-3), LocatedLaw(Normal()), lam=1
                ).data_rule
            ),
            ArithmeticError,
            "too wide beside the model for its quadrature",
        ),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
