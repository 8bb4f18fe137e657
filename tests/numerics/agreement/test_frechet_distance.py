"""Fréchet distance: closed forms, square roots of sixty digits, invariance, edges."""

import math
import statistics

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurate.numerics.agreement.sample_quality import frechet_bias, frechet_distance

from .feature_samples import orthogonal, sample_of

HADAMARD = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]])
HADAMARD = np.block([[HADAMARD, HADAMARD], [HADAMARD, -HADAMARD]])[:, 1:]
"""Eight samples of seven features: means 0, and covariance 8/7 of the identity, exactly."""


def exact_frechet(x, y):
    """The distance of two samples, from their doubles, with sixty digits and by square roots."""
    with mpmath.workdps(60):
        (mean, first), (other, second) = (_moments(sample) for sample in (x, y))
        root = _root(first)
        joint = _root(root * second * root)
        size = first.rows
        means = sum((mean[i] - other[i]) ** 2 for i in range(size))
        return float(means + sum(first[i, i] + second[i, i] - 2 * joint[i, i] for i in range(size)))


def _moments(sample):
    points = mpmath.matrix(np.asarray(sample).tolist())
    ones = mpmath.ones(1, points.rows)
    mean = ones * points / points.rows
    centred = points - ones.T * mean
    return mean, centred.T * centred / (points.rows - 1)


def _root(matrix):
    values, vectors = mpmath.eigsy((matrix + matrix.T) / 2)
    roots = mpmath.diag([mpmath.sqrt(max(value, 0)) for value in values])
    return vectors * roots * vectors.T


def scale_of(*samples):
    """Sum of the covariances' traces, the unit of rounding errors."""
    return sum(float(np.var(sample, axis=0, ddof=1).sum()) for sample in samples)


finite = st.floats(-100, 100, allow_subnormal=False)


@given(st.lists(finite, min_size=2, max_size=8), st.lists(finite, min_size=2, max_size=8))
def test_one_feature_has_a_closed_form(x, y):
    # Means and variances in exact arithmetic.
    means = statistics.mean(x) - statistics.mean(y)
    variances = statistics.variance(x), statistics.variance(y)
    expected = means**2 + (math.sqrt(variances[0]) - math.sqrt(variances[1])) ** 2
    found = frechet_distance(np.array(x)[:, None], np.array(y)[:, None])
    size = max(map(abs, x + y))
    assert found == pytest.approx(expected, rel=1e-13, abs=1e-15 * size**2)


def test_commuting_covariances_have_a_closed_form():
    first, second = np.array([3, 1, 0.5, 0, 2, 1, 0]), np.array([1, 1, 2, 4, 0, 0.25, 0])
    shift = np.arange(7.0)
    turn = orthogonal(3, 7)
    # Covariances 8/7 diag(first²) and 8/7 diag(second²), both rotated.
    expected = 8 / 7 * np.square(first - second).sum() + np.square(shift).sum()
    found = frechet_distance(HADAMARD * first @ turn, (HADAMARD * second + shift) @ turn)
    assert found == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("change", [1.0, 1e-3, 1e-6])
def test_two_features_that_do_not_commute_have_a_closed_form(change):
    # tr (A^½ B A^½)^½ = (tr AB + 2 (det A det B)^½)^½ for matrices of two rows.
    first = np.array([[2.0, 1.0], [0.0, 1.0]])
    second = first + change * np.array([[0.0, -1.0], [1.0, 1.0]])
    x, y = HADAMARD[:, :2] @ first, HADAMARD[:, :2] @ second
    with mpmath.workdps(50):
        a, b = _moments(x)[1], _moments(y)[1]
        root = mpmath.sqrt(mpmath.det(a) * mpmath.det(b))
        joint = mpmath.sqrt((a * b)[0, 0] + (a * b)[1, 1] + 2 * root)
        expected = float(a[0, 0] + a[1, 1] + b[0, 0] + b[1, 1] - 2 * joint)
    assert np.abs(a @ b - b @ a).max() > 1e-7
    # It is |R - QR'|², of roots that are rounded by some units of |R|: nothing else cancels, also
    # where it is 1e-13 of the traces.
    allowed = 8 * 2.0**-52 * math.sqrt(expected * scale_of(x, y))
    assert frechet_distance(x, y) == pytest.approx(expected, rel=0, abs=allowed)
    assert exact_frechet(x, y) == pytest.approx(expected, rel=1e-14, abs=0)


@pytest.mark.parametrize(
    ("sizes", "features", "condition"),
    [
        ((20, 30), 4, 1.0),
        ((20, 30), 6, 1e6),
        ((4, 9), 6, 1.0),
        ((3, 3), 8, 10.0),
        ((2, 40), 5, 3.0),
    ],
)
def test_it_agrees_with_square_roots_of_sixty_digits(sizes, features, condition):
    x = sample_of(1, sizes[0], features, condition)
    y = sample_of(5, sizes[1], features, condition)
    allowed = 1e-15 * math.sqrt(features) * scale_of(x, y)
    assert frechet_distance(x, y) == pytest.approx(exact_frechet(x, y), rel=1e-15, abs=allowed)


@given(st.integers(0, 10**6), st.integers(2, 12), st.integers(2, 12), st.integers(1, 6))
def test_frechet_does_not_depend_on_the_frame(seed, n, m, features):
    x, y = sample_of(seed, n, features), sample_of(seed + 10, m, features)
    found, allowed = frechet_distance(x, y), 1e-14 * features * scale_of(x, y)
    turn, shift = orthogonal(seed + 20, features), np.arange(1.0, features + 1)
    same = {"rel": 1e-13, "abs": allowed}
    assert found >= 0
    assert frechet_distance(y, x) == pytest.approx(found, **same)
    assert frechet_distance(x @ turn, y @ turn) == pytest.approx(found, **same)
    assert frechet_distance(x + shift, y + shift) == pytest.approx(found, **same)
    assert frechet_distance(x[::-1], y[::-1]) == pytest.approx(found, **same)
    assert frechet_distance(0.25 * x, 0.25 * y) == found / 16  # a power of two: no rounding
    # A translation of one adds its own square to what the covariances have.
    centred = frechet_distance(x - x.mean(axis=0), y - y.mean(axis=0))
    moved = frechet_distance(x - x.mean(axis=0), y - y.mean(axis=0) + shift)
    assert moved - float(np.square(shift).sum()) == pytest.approx(
        centred, abs=allowed + 1e-14 * features**3
    )


@given(st.integers(0, 10**6), st.integers(1, 5))
def test_its_root_is_a_metric(seed, features):
    x, y, z = (sample_of(seed + 10 * i, 3 + 2 * i, features) for i in range(3))
    sides = [math.sqrt(frechet_distance(*pair)) for pair in ((x, z), (x, y), (y, z))]
    assert sides[0] <= (sides[1] + sides[2]) * (1 + 1e-13)


def test_a_sample_is_at_no_distance_from_itself():
    for sample in (sample_of(1, 50, 6), sample_of(2, 50, 6, 1e3), 1e6 + sample_of(3, 50, 6)):
        assert frechet_distance(sample, sample[::-1]) <= 1e-20 * scale_of(sample)
    # With features that have no variance of their own, or fewer samples than features.
    short, dependent = sample_of(4, 5, 30), sample_of(5, 50, 3) @ np.ones((3, 8))
    for sample in (short, dependent):
        assert 0 <= frechet_distance(sample, sample[::-1]) <= 1e-15 * scale_of(sample)
    constant = np.full((4, 3), 0.1)
    assert frechet_distance(constant, constant) == 0
    assert frechet_distance(np.zeros((2, 1)), np.zeros((3, 1))) == 0


def test_singular_covariances_have_closed_forms():
    # Along axes that are orthogonal nothing is shared: the sum of both variances, 2 and 8.
    x, y = np.array([[1.0, 0, 0], [-1, 0, 0]]), np.array([[0, 2.0, 0], [0, -2, 0]])
    assert frechet_distance(x, y) == pytest.approx(10, rel=1e-15)
    # A point against a cloud: the cloud's variance and the squared distance of its mean.
    point = np.full((2, 7), 2.0)
    assert frechet_distance(point, HADAMARD) == pytest.approx(7 * 8 / 7 + 28, rel=1e-15)
    # A feature that is constant adds the square of its difference, and a copy of a feature as much.
    x, y = sample_of(1, 9, 1), sample_of(2, 7, 1)
    alone = frechet_distance(x, y)
    first, second = (np.pad(sample, ((0, 0), (0, 1))) for sample in (x, y))
    second[:, 1] = 3
    constant = frechet_distance(first, second)
    assert constant == pytest.approx(alone + 9, rel=1e-14)
    assert frechet_distance(x.repeat(2, 1), y.repeat(2, 1)) == pytest.approx(2 * alone, rel=1e-13)


def test_numbers_of_any_size_are_taken():
    x, y = sample_of(1, 9, 3), sample_of(2, 7, 3)
    expected = frechet_distance(x, y)
    for exponent in (-400, 400):
        assert frechet_distance(np.ldexp(x, exponent), np.ldexp(y, exponent)) == math.ldexp(
            expected, 2 * exponent
        )
    assert frechet_distance(np.ldexp(x, 1000), np.ldexp(y, 1000)) == math.inf
    largest = np.finfo(np.float64).max
    assert frechet_distance([[largest], [largest]], [[largest], [largest]]) == 0
    # Integers, of which a double would hold the squares, and single precision.
    assert frechet_distance(np.array([[0], [2]], dtype=np.int8), [[10], [14]]) == 123
    x, y = x.astype(np.float32), y.astype(np.float32)
    assert frechet_distance(x, y) == frechet_distance(x.astype(np.float64), y.astype(np.float64))


def test_the_bias_has_a_closed_form():
    # Equal variances σ² = 8/7: (1/n + 1/m) σ² d(d + 5)/4. Constant features add nothing.
    points = np.pad(HADAMARD, ((0, 0), (0, 2)))
    expected = (1 / 1000 + 1 / 500) * 8 / 7 * 7 * 12 / 4
    assert frechet_bias(points, 1000, 500) == pytest.approx(expected, rel=1e-14)
    # Variances 8/7 (1, 4): of pairs 1/2 + 4/2 + 2 · 4/5, halved.
    found = frechet_bias(HADAMARD[:, :2] * [1, 2] @ orthogonal(1, 2), 10, 10)
    assert found == pytest.approx(0.2 * 8 / 7 * (5 / 4 * 5 + 4.1 / 2), rel=1e-14)


TWO = [[0.0], [1.0]]
BAD = [
    (lambda: frechet_distance([0.0, 1.0], TWO), ValueError, r"features must have the shape \(samp"),
    (lambda: frechet_distance(TWO, [[1.0]]), ValueError, "others must have at least 2 samples; g"),
    (lambda: frechet_distance(TWO, [[1.0, 2.0]] * 2), ValueError, r"as features \(1\); got 2"),
    (lambda: frechet_distance(np.empty((3, 0)), TWO), ValueError, r"got an array of shape \(3, 0"),
    (lambda: frechet_distance([[0.0], [np.nan]], TWO), ValueError, "got nan in row 1, column 0"),
    (lambda: frechet_distance([[0.0, 1.0], [-np.inf, 1]], TWO), ValueError, "-inf in row 1, col"),
    (lambda: frechet_distance([["a"], ["b"]], TWO), TypeError, "features must be real numbers"),
    (lambda: frechet_distance([[1j], [2]], TWO), TypeError, "features must be real numbers"),
    (lambda: frechet_distance(TWO, None), TypeError, "others must be real numbers"),
    (lambda: frechet_distance([[1.0], [1.0, 2.0]], TWO), ValueError, r"got \[\[1\.0\], \[1\.0, 2"),
    (
        lambda: frechet_distance(np.ma.masked_equal(TWO, 1.0), TWO),
        ValueError,
        "features must not have masked entries",
    ),
    (lambda: frechet_bias(TWO, 1, 5), ValueError, "n must be an integer of at least 2; got 1"),
    (
        lambda: frechet_bias(TWO, 5, 2.5),
        ValueError,
        r"m must be an integer of at least 1; got 2\.5",
    ),
    (lambda: frechet_bias([[1.0]], 5, 5), ValueError, "features must have at least 2 samples"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_input_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
