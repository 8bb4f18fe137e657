"""One short sum of exponentials for 1/x, for many small laws: the trapezoid rule, gathered below.

``docs/engine.md``, "Within prompts", derives it and its error.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from recurate.numerics.curation.transform import LOG_EPSILON, NODES_PER_UNIT
from recurate.numerics.validation import FloatArray

WIDEST = 600.0
"""Largest span of rewards: up to it nothing underflows that counts."""

_GATHERED_TOP = 4  # the nodes j <= 4, s <= e, are gathered
_GATHERED = 8  # into so many; seven would leave an error of 7e-15
_LOG_LAST = math.log(36.0)  # e^{-36}: what lies above s x = 36, relative to the whole


def node_count(span: float) -> int:
    """Return the number of nodes of `quadrature`."""
    return _GATHERED + _last(span) - _GATHERED_TOP


def quadrature(span: float) -> tuple[FloatArray, FloatArray]:
    """Return nodes s and positive coefficients c with sum c e^{-s x} = 1/x, e^{-span} <= x <= 1.

    Parameters
    ----------
    span : float
        From 0 to `WIDEST`.

    Returns
    -------
    tuple of ndarray, each of shape (`node_count`,)
        The nodes ascend. The relative error of the sum is below 6e-16, and the rounding of s x.
    """
    nodes, coefficients = _gathered()
    upper = np.exp(np.arange(_GATHERED_TOP + 1, _last(span) + 1) / NODES_PER_UNIT)
    return np.append(nodes, upper), np.append(coefficients, upper / NODES_PER_UNIT)


def _last(span: float) -> int:
    """Return the number j of the last node, e^{j/4}."""
    return math.ceil(NODES_PER_UNIT * (_LOG_LAST + span))


@cache
def _gathered() -> tuple[FloatArray, FloatArray]:
    """Return the Gauss rule for the lowest nodes of the trapezoid rule, by the Lanczos process."""
    first = math.floor(NODES_PER_UNIT * LOG_EPSILON)
    s = np.exp(np.arange(first, _GATHERED_TOP + 1) / NODES_PER_UNIT)
    masses = s / NODES_PER_UNIT
    total = masses.sum()
    basis = np.sqrt(masses / total)[None]
    jacobi = np.zeros((_GATHERED, _GATHERED))
    for k in range(_GATHERED):
        following = s * basis[k]
        jacobi[k, k] = basis[k] @ following
        for _ in range(2):  # twice is enough to make it orthogonal to the others in full
            following -= (basis @ following) @ basis
        norm = np.linalg.norm(following)
        if k + 1 < _GATHERED:
            jacobi[k, k + 1] = jacobi[k + 1, k] = norm
            basis = np.vstack([basis, following / norm])
    nodes, vectors = np.linalg.eigh(jacobi)
    return nodes, total * vectors[0] ** 2
