"""How good samples are, by their features: Fréchet distance, precision and recall, and their kin.

A model that is retrained on curated samples may gain reward and lose quality or variety. These
are the measures of image generation, of the features that a classifier (or nothing at all) makes
of the samples. What they are for finitely many samples, bias included, is derived in
``docs/simulation.md``, "Sample quality".
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
    """What `precision_recall` returns; each is at least 0, and all but `density` at most 1.

    Attributes
    ----------
    precision : float
        Share of the generated samples that lie in a ball around a real one.
    recall : float
        Share of the real samples that lie in a ball around a generated one.
    density : float
        Number of the real samples' balls in which a generated sample lies, by k, in the mean.
    coverage : float
        Share of the real samples' balls in which a generated sample lies.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def frechet_distance(features: Any, others: Any) -> float:
    """Fréchet distance of two samples: of the Gaussians that have their means and covariances.

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
        unit: the *square* of the 2-Wasserstein distance, as FID is. Its error is some 1e-16 of
        itself and of tr Σ + tr Σ' (1e-15 was never seen), and that is what it is for equal samples;
        much less where covariances are regular: 1e-16 of (distance · (tr Σ + tr Σ'))^{1/2}.
        Infinite beyond 1.8e308.

    Raises
    ------
    TypeError, ValueError
        If an argument is no matrix of finite real numbers with at least two rows, or the numbers
        of columns differ.

    Notes
    -----
    Dowson and Landau 1982, J. Multivariate Anal. 12(3), 450-455, for the formula; Heusel et al.
    2017 (arXiv:1706.08500) for its use. Covariances are the unbiased ones (sums over n - 1), and
    may be singular: constant features and n <= d are no exception. The expected value of what is
    returned is never below the distance of the laws (``docs/simulation.md``); `frechet_bias` is
    what it is where they are equal.

    Examples
    --------
    In one dimension it is the squared difference of means plus that of standard deviations.

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
    # R and R' may be turned without changing RᵀR: the least |R - QR'|² over orthogonal Q is the
    # covariances' part (docs). A sum of squares can neither cancel nor be negative, and it needs no
    # root of a product. Zero rows make Q square.
    size = max(len(root), len(other))
    root, other = (np.pad(r, ((0, size - len(r)), (0, 0))) for r in (root, other))
    left, _, right = np.linalg.svd(root @ other.T)
    distance = np.square(difference).sum() + np.square(root - left @ (right @ other)).sum()
    return scale * (scale * float(distance))


def frechet_bias(features: Any, n: Any, m: Any) -> float:
    """Leading term of the mean Fréchet distance of n and m samples of *one* Gaussian law.

    What `frechet_distance` says of a perfect model, in the mean: smaller distances mean nothing.

    Parameters
    ----------
    features : array_like, shape (size, d)
        Features whose covariance Σ, with eigenvalues λ_i, is taken for that of the law.
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
        If `features` is no matrix of finite real numbers with at least two rows, or a number of
        samples is no integer of at least 2.

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

    The ball around a sample reaches to the k-th nearest of the *other* samples of its own set, and
    includes that one: Euclidean distances of at most the radius count.

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

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range, or the numbers of columns differ.

    Notes
    -----
    Precision and recall: Kynkäänniemi et al. 2019 (arXiv:1904.06991). Density and
    coverage: Naeem et al. 2020 (arXiv:2002.09797), in whose program distances equal to a radius do
    not count; here they do, in all four.

    - Two samples of one law without atoms do *not* have precision or recall 1: evenly on a circle
      both are 1 - 4^-k in the mean (derived in ``docs/simulation.md``), more or less elsewhere, and
      they depend on the sizes. But density is 1 in the mean, and coverage
      1 - Π_{i=1}^k (n-i)/(n+m-i), whatever the law. Compare numbers only at equal n, m and k.
    - Copies: distances between them are exactly 0. A sample with k copies or more beside it has a
      ball of radius 0, in which there is nothing but its copies. So generated sets with copies, as
      a curated training set has them, lose recall; copies among the real ones cost precision.
    - All distances are computed, from differences of coordinates, in blocks of 32 MiB: exact ties
      stay ties. With m = n = 5,000 and d = 64 it takes some 3 s; the time grows as (m + n)² d.

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
        # Not by |x|² + |y|² - 2xy, which is faster: copies would not be at distance 0, nor would a
        # neighbour be at its ball's edge.
        yield rows, cdist(points[rows], others, "sqeuclidean")


def _covariance_root(points: FloatArray) -> FloatArray:
    """Return R with RᵀR the covariance, shape (min(n, d), d).

    Not from the covariance itself: that would square its eigenvalues' range, and leave the roots of
    those that are 0 at 1e-8.
    """
    centred = points - points.mean(axis=0)
    centred -= centred.mean(axis=0)  # what the first mean was rounded by
    triangle: FloatArray = linalg.qr(centred, mode="r", overwrite_a=True, check_finite=False)[0]
    return triangle[: min(points.shape)] / math.sqrt(len(points) - 1)


def _scaled(*matrices: FloatArray) -> tuple[list[FloatArray], float]:
    """Return matrices without their common power of two, so that no square overflows, and it."""
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
    """Return features as a float64 matrix of at least so many rows, all entries finite."""
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
