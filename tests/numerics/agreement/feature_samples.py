"""Samples of features, for the tests of their quality."""

import numpy as np


def orthogonal(seed, size):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((size, size)))[0]


def sample_of(seed, size, features, condition=1.0):
    """Correlated samples whose features have deviations from 1 down to 1/condition."""
    rng = np.random.default_rng(seed)
    deviations = np.geomspace(1.0, 1.0 / condition, features)
    points = rng.standard_normal((size, features)) * deviations
    return points @ orthogonal(seed + 1, features) + rng.standard_normal(features)
