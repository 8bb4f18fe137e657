"""How good samples are, by their features: Fréchet distance, precision and recall, and their kin.

A model that is retrained on curated samples may gain reward and lose quality or variety. These are
the measures used for image generation. They take features: a classifier's, or the samples
themselves. Their values and bias for finitely many samples are derived in ``docs/simulation.md``,
"Sample quality".
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import linalg
from scipy.spatial.distance import cdist

from recurate.numerics.validation import FloatArray, positive_count, real_numbers, shown

_BLOCK = 2**22  # distances held at once: 32 MiB


class PrecisionRecall(NamedTuple):
    """The result of `precision_recall`; each is at least 0, and all but `density` at most 1.

    Attributes
    ----------
    precision : float
        Share of the generated samples that lie in a ball around a real one.
    recall : float
        Share of the real samples that lie in a ball around a generated one.
    density : float
        Mean number of real samples' balls that contain a generated sample, divided by k.
    coverage : float
        Share of the real samples' balls that contain a generated sample.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def frechet_distance(features: Any, others: Any) -> float:
    """Fréchet distance of two samples: that of Gaussians with their means and covariances.

    Parameters
    ----------
    features : array_like, shape (n, d)
        Features of n >= 2 samples.
    others : array_like, shape (m, d)
        The same features of m >= 2 others.

    Returns
    -------
    float
        |μ - μ'|² + tr(Σ + Σ' - 2(Σ^{1/2} Σ' Σ^{1/2})^{1/2}), at least 0, in the features' squared
        unit: the *square* of the 2-Wasserstein distance, like FID. Its error is about 1e-16 of
        itself and of tr Σ + tr Σ' (1e-15 was never seen); for equal samples the result is this
        error. With regular covariances the error is much smaller: 1e-16 of
        (distance · (tr Σ + tr Σ'))^{1/2}. Infinite beyond 1.8e308.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a matrix of finite real numbers with at least two rows, or the
        numbers of columns differ.

    Notes
    -----
    Dowson and Landau 1982, J. Multivariate Anal. 12(3), 450-455, for the formula; Heusel et al.
    2017 (arXiv:1706.08500) for its use. Covariances are the unbiased ones (sums over n - 1), and
    may be singular: constant features and n <= d are allowed. The expected value of the result is
    never below the distance of the laws (``docs/simulation.md``); `frechet_bias` is the expected
    value for equal laws.

    Examples
    --------
    In one dimension: the squared difference of means plus that of standard deviations.

    >>> frechet_distance([[0.0], [2.0]], [[10.0], [14.0]])  # sqrt(2) and 2 sqrt(2), 11 apart
    123.0
    """
    x, y = _pair(features, others, ("features", "others"), 2)
    (x, y), scale = _scaled(x, y)
    # Means first, from a common origin: the difference keeps its digits far from zero.
    origin = x.mean(axis=0)
    x, y = x - origin, y - origin
    difference = y.mean(axis=0) - x.mean(axis=0)
    root, other = _covariance_root(x), _covariance_root(y)
    # Rotating R and R' does not change RᵀR: the least |R - QR'|² over orthogonal Q is the
    # covariances' part (docs). A sum of squares can neither cancel nor be negative, and needs no
    # root of a product. Zero rows make Q square.
    size = max(len(root), len(other))
    root, other = (np.pad(r, ((0, size - len(r)), (0, 0))) for r in (root, other))
    left, _, right = np.linalg.svd(root @ other.T)
    distance = np.square(difference).sum() + np.square(root - left @ (right @ other)).sum()
    return scale * (scale * float(distance))


def frechet_bias(features: Any, n: Any, m: Any) -> float:
    """Leading term of the mean Fréchet distance of n and m samples of *one* Gaussian law.

    It is the mean of `frechet_distance` for a perfect model: smaller distances mean nothing.

    Parameters
    ----------
    features : array_like, shape (size, d)
        Features whose covariance Σ, with eigenvalues λ_i, is taken for the law's.
    n, m : int
        Numbers of samples to compare, at least 2 and far more than d.

    Returns
    -------
    float
        (1/n + 1/m) (5/4 tr Σ + ½ Σ_ij λ_i λ_j/(λ_i + λ_j)), in the features' squared unit; in one
        dimension 3/2 (1/n + 1/m) σ². What is left out is of order (d/n)² tr Σ.

    Raises
    ------
    TypeError, ValueError
        If `features` is not a matrix of finite real numbers with at least two rows, or a number
        of samples is not an integer of at least 2.

    Notes
    -----
    Derived in ``docs/simulation.md``. Other laws than Gaussian ones have other fourth moments, and
    a second term that differs by as much; an independent sample of the real data tells it too.

    Examples
    --------
    >>> frechet_bias([[-1.0], [0.0], [1.0]], 100, 300)
    0.02
    """
    sizes = [positive_count(value, name) for name, value in (("n", n), ("m", m))]
    for name, size in zip(("n", "m"), sizes, strict=True):
        if size < 2:
            raise ValueError(f"{name} must be an integer of at least 2; got {size}")
    (x,), scale = _scaled(_matrix(features, "features", 2))
    variances = np.square(np.linalg.svd(_covariance_root(x), compute_uv=False))
    sums = variances[:, None] + variances
    products = variances[:, None] * variances
    of_pairs = np.divide(products, sums, out=np.zeros_like(sums), where=sums > 0).sum()
    total = 1.25 * variances.sum() + 0.5 * of_pairs
    return scale * (scale * float(total)) * (1 / sizes[0] + 1 / sizes[1])


def precision_recall(generated: Any, real: Any, k: Any = 3) -> PrecisionRecall:
    """Precision and recall, density and coverage of generated samples, by nearest neighbours.

    The ball around a sample reaches to the k-th nearest of the *other* samples of its own set,
    inclusive: a Euclidean distance equal to the radius counts.

    Parameters
    ----------
    generated : array_like, shape (m, d)
        Features of m > k generated samples.
    real : array_like, shape (n, d)
        The same features of n > k real samples.
    k : int
        Which neighbour, at least 1.

    Returns
    -------
    PrecisionRecall
        Precision and recall, density and coverage.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range, or the numbers of columns differ.

    Notes
    -----
    Precision and recall: Kynkäänniemi et al. 2019 (arXiv:1904.06991). Density and
    coverage: Naeem et al. 2020 (arXiv:2002.09797). In their program distances equal to a radius do
    not count; here they do, in all four measures.

    - Two samples of one law without atoms do *not* have precision or recall 1. For the uniform law
      on a circle the mean of both is 1 - 4^-k (derived in ``docs/simulation.md``); for other laws
      it differs, and it depends on the sizes. But for every such law the mean density is 1, and the
      mean coverage 1 - Π_{i=1}^k (n-i)/(n+m-i). Compare numbers only at equal n, m and k.
    - The distance between copies is exactly 0. A sample with at least k copies has a ball of radius
      0, which contains only its copies. So copies among the generated samples, as in a curated
      training set, reduce recall, and copies among the real ones precision.
    - All distances are computed from differences of coordinates, in blocks of 32 MiB, so that exact
      ties stay ties. With m = n = 5,000 and d = 64 this takes about 3 s; the time grows as
      (m + n)² d.

    Examples
    --------
    >>> real = [[0.0], [1.0], [2.0], [3.0]]
    >>> precision_recall([[0.5], [0.5], [2.5], [9.0]], real, k=1)
    PrecisionRecall(precision=0.75, recall=0.75, density=1.5, coverage=1.0)
    """
    k = positive_count(k, "k")
    names = ("generated", "real")
    x, y = _pair(generated, real, names, k + 1, "for the k-th neighbour of each sample")
    (x, y), _ = _scaled(x, y)
    x_radii, y_radii = _squared_radii(x, k), _squared_radii(y, k)
    precise = balls = 0
    recalled, covered = np.zeros(len(y), dtype=np.bool_), np.zeros(len(y), dtype=np.bool_)
    for rows, distances in _blocks(x, y):
        inside = distances <= y_radii
        precise += int(inside.any(axis=1).sum())
        balls += int(inside.sum())
        covered |= inside.any(axis=0)
        recalled |= (distances <= x_radii[rows, None]).any(axis=0)
    return PrecisionRecall(
        precision=precise / len(x),
        recall=float(recalled.mean()),
        density=balls / (k * len(x)),
        coverage=float(covered.mean()),
    )


def _squared_radii(points: FloatArray, k: int) -> FloatArray:
    """Return the squared distance of each point's k-th nearest other point, shape (n,)."""
    radii = np.empty(len(points))
    for rows, distances in _blocks(points, points):
        # The point itself, at distance 0, comes before the others.
        radii[rows] = np.partition(distances, k, axis=1)[:, k]
    return radii


def _blocks(points: FloatArray, others: FloatArray) -> Iterator[tuple[slice, FloatArray]]:
    """Yield all squared distances, of some points at a time to all others."""
    height = max(1, _BLOCK // len(others))
    for start in range(0, len(points), height):
        rows = slice(start, start + height)
        # |x|² + |y|² - 2xy would be faster, but copies would not be at distance 0, nor a neighbour
        # at its ball's edge.
        yield rows, cdist(points[rows], others, "sqeuclidean")


def _covariance_root(points: FloatArray) -> FloatArray:
    """Return R with RᵀR the covariance, shape (min(n, d), d).

    Taking it from the covariance itself would square the eigenvalues' range: roots that should be 0
    would come out as 1e-8.
    """
    centred = points - points.mean(axis=0)
    centred -= centred.mean(axis=0)  # the rounding of the first mean
    triangle: FloatArray = linalg.qr(centred, mode="r", overwrite_a=True, check_finite=False)[0]
    return triangle[: min(points.shape)] / math.sqrt(len(points) - 1)


def _scaled(*matrices: FloatArray) -> tuple[list[FloatArray], float]:
    """Return matrices divided by a power of two, so that no square overflows, and that power."""
    largest = max(float(np.abs(matrix).max()) for matrix in matrices)
    exponent = math.frexp(largest)[1] - 1
    return [np.ldexp(matrix, -exponent) for matrix in matrices], math.ldexp(1.0, exponent)


def _pair(
    first: Any, second: Any, names: tuple[str, str], least: int, why: str = ""
) -> tuple[FloatArray, FloatArray]:
    x, y = _matrix(first, names[0], least, why), _matrix(second, names[1], least, why)
    if x.shape[1] != y.shape[1]:
        raise ValueError(
            f"{names[1]} must have as many features as {names[0]} ({x.shape[1]}); got {y.shape[1]}"
        )
    return x, y


def _matrix(values: Any, name: str, least: int, why: str = "") -> FloatArray:
    """Return features as a float64 matrix of finite entries with at least `least` rows."""
    shape = f"{name} must have the shape (samples, features)"
    if np.ma.is_masked(values):
        raise ValueError(f"{name} must not have masked entries; got a masked array")
    try:
        array: npt.NDArray[np.float64] = np.asarray(real_numbers(values, name), dtype=np.float64)
    except ValueError as error:  # nested lists of different lengths
        raise ValueError(f"{shape}; got {shown(values)}") from error
    if array.ndim != 2 or array.shape[1] == 0:
        raise ValueError(f"{shape}; got an array of shape {array.shape}")
    if len(array) < least:
        reason = f", {why}" if why else ""
        raise ValueError(f"{name} must have at least {least} samples{reason}; got {len(array)}")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        row, column = bad[0]
        raise ValueError(
            f"{name} must be finite real numbers; got {array[row, column]} in row {row}, column "
            f"{column}"
        )
    return array
