"""Arrays of either library, NumPy's or torch's: what the array API does not have."""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace

from recurate.numerics.validation import is_tensor as is_tensor
from recurate.numerics.validation import on_cpu as on_cpu

Array = Any
"""An array of any library with the array API: NumPy's or torch's."""


def device_of(array: Array) -> Any:
    """Return an array's device; None for libraries without."""
    return getattr(array, "device", None)


def require_no_gradients(values: Any, name: str) -> None:
    """Raise ValueError for a tensor of which gradients are wanted: a choice of samples has none."""
    if is_tensor(values) and values.requires_grad:
        raise ValueError(
            f"{name} must not require gradients, which a choice of samples has not; got a tensor "
            f"that does: {name}.detach(), or, for those of the exact step, "
            "CurationLoop.run(backend='torch', rewards=…)"
        )


def take_rows(values: Array, indices: Array) -> Array:
    """Return values[i, indices[i, j], …], shape (rows, m, …), of values of shape (rows, n, …)."""
    xp = array_namespace(values)
    rows, n = values.shape[:2]
    if rows > 1:
        indices = indices + xp.arange(rows, device=device_of(values))[:, None] * n
    flat = xp.reshape(values, (rows * n, *values.shape[2:]))
    taken = xp.take(flat, xp.reshape(indices, (-1,)), axis=0)
    return xp.reshape(taken, (*indices.shape, *values.shape[2:]))


def count_rows(labels: Array, size: int, weights: Array | None = None) -> Array:
    """Return how often each of 0, …, size - 1 is in each row of labels, shape (rows, size).

    With weights, of the shape of the labels, their sums.
    """
    xp = array_namespace(labels)
    rows = labels.shape[0]
    flat = xp.reshape(labels + xp.arange(rows, device=device_of(labels))[:, None] * size, (-1,))
    flat_weights = None if weights is None else xp.reshape(weights, (-1,))
    return xp.reshape(xp.bincount(flat, flat_weights, minlength=rows * size), (rows, size))


def looked_up(table: Array, where: Array) -> Array:
    """Return table[where], of the shape of `where`, of a table of one axis."""
    xp = array_namespace(table)
    return xp.reshape(xp.take(table, xp.reshape(where, (-1,))), where.shape)
