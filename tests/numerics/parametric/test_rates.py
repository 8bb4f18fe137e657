"""Rates of parametric retraining: in closed form, as eigenvalues, and measured."""

import math

import numpy as np
import pytest

from recurate.numerics.parametric import (
    DiscreteLaw,
    LocatedLaw,
    LocationFamily,
    LocationScaleFamily,
    Logistic,
    PowerFamily,
    RetrainingLoop,
    StudentT,
    curvatures,
    measured_rate,
)


def logistic_loop(spread, lam):
    data = DiscreteLaw([-math.log(spread), math.log(spread)])
    return RetrainingLoop(LocationFamily(Logistic()), data, lam=lam)


@pytest.mark.parametrize(
    ("spread", "lam", "A", "defect", "rate"),
    [(3, 1.0, 3 / 8, 0.16609, 8 / 17), (5, 0.5, 5 / 18, 0.18330, 3 / 8)],
)
def test_table_of_the_logistic_model(spread, lam, A, defect, rate):
    # docs/mathematics.md, theorem-2.2: A and the rate in closed form; Lε to five digits.
    loop = logistic_loop(spread, lam)
    found = curvatures(loop)
    assert found.data[0, 0] == found.curvature == pytest.approx(A, rel=1e-14)
    assert found.fisher[0, 0] == pytest.approx(1 / 3, rel=1e-14)
    assert found.hessian_lipschitz == pytest.approx(1 / (3 * math.sqrt(3)), rel=1e-15)
    assert found.hessian_lipschitz * found.model_error == pytest.approx(defect, abs=6e-6)
    assert found.local_rates(lam) == pytest.approx([rate], rel=1e-14)
    measured = measured_rate(loop)
    assert abs(measured.rate - rate) <= measured.error < 2e-6


MEASURED = [
    (LocationFamily(StudentT(2.0), 0.5), DiscreteLaw([-1.0, 0.2, 2.0]), 4.0),
    (LocationScaleFamily(Logistic()), DiscreteLaw([-2, 0.3, 1.1, 4]), 1.0),
    (LocationScaleFamily(StudentT(3.0)), DiscreteLaw([-2, 0.3, 1.1, 4]), 1.0),
    (LocationScaleFamily(StudentT(3.0)), LocatedLaw(Logistic(), 1, 0.7), 30.0),
    (PowerFamily([1, 4, 9], [0.25, 0.5, 0.25], [[1], [-2], [3]], 1.0), None, 0.1),
]


@pytest.mark.parametrize(("family", "data", "lam"), MEASURED)
def test_measured_rate_is_the_eigenvalue(family, data, lam):
    # Two ways to one number: iterated divergences, and eigenvalues of (A + λB)^{-1} λB.
    data = DiscreteLaw([1, 4, 9], [11 / 24, 5 / 12, 1 / 8]) if data is None else data
    loop = RetrainingLoop(family, data, lam=lam)
    rates, measured = curvatures(loop).local_rates(lam), measured_rate(loop)
    assert (np.diff(rates) <= 0).all()
    assert abs(measured.rate - rates[0]) <= measured.error < 2e-5


def test_one_step_never_falls_slower_than_the_largest_eigenvalue():
    # J is symmetric in the metric of B, so KL falls by at most its square up to O(|θ - θ*|),
    # from any direction (docs/parametric.md).
    loop = RetrainingLoop(LocationScaleFamily(Logistic()), DiscreteLaw([-2, 0.3, 1.1, 4]), lam=1.0)
    largest, smallest = curvatures(loop).local_rates(1.0)
    for angle in np.linspace(0, math.pi, 7):
        start = loop.best + 1e-5 * np.array([math.cos(angle), math.sin(angle)])
        before, after = loop.run(start, steps=1).divergences
        assert smallest - 1e-4 < math.sqrt(after / before) < largest + 1e-4
