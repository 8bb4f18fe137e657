"""Sums of masses on tensors: by index, and of all that come before, as of `log_sums`.

What NumPy's do to the entries that need it, these do to all, as a device is not asked which.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from recurate.numerics.curation.tensors import log_of

_BLOCK = 256
_NOTHING = -1e30  # the logarithm of no mass, where torch's own sums give -inf a gradient of NaN


def sums_by_index(index: Tensor, masses: Tensor, size: int) -> Tensor:
    """Return the sum of the masses of each index, shape (size,): no rounding adds up over rows."""
    # Multiples of a rounding of the largest sum there can be are added up exactly.
    top = 2.0 ** math.ceil(math.log2(max(2, masses.numel())))
    coarse = (masses.detach() + top) - top
    parts = (coarse, masses - coarse)
    exact, rest = (masses.new_zeros(size).index_add(0, index, part) for part in parts)
    return exact + rest


def log_sums_by_index(index: Tensor, log_terms: Tensor, size: int) -> Tensor:
    """Return log of the sum of the e^term of each index, shape (size,); -inf of none."""
    detached = log_terms.detach()
    peak = torch.full_like(detached[:1], -math.inf).repeat(size)
    peak = peak.scatter_reduce(0, index, detached, "amax")
    peak = torch.where(peak == -math.inf, 0.0, peak)
    relative = (log_terms - peak.index_select(0, index)).exp()
    return log_of(sums_by_index(index, relative, size)) + peak


def running_sums(terms: Tensor) -> Tensor:
    """Return the sums of the first 1, 2, … terms of each row, right to 256 roundings a level."""
    return _running(terms, torch.cumsum, torch.add, 0.0)


def running_log_sums(log_terms: Tensor) -> Tensor:
    """Return the logarithms of the sums of the first 1, 2, … e^term of each row."""
    finite = torch.where(log_terms == -math.inf, _NOTHING, log_terms)
    sums = _running(finite, torch.logcumsumexp, torch.logaddexp, _NOTHING)
    return torch.where(sums < _NOTHING / 2, -math.inf, sums)


def _running(
    terms: Tensor,
    accumulate: Callable[[Tensor, int], Tensor],
    add: Callable[[Tensor, Tensor], Tensor],
    nothing: float,
) -> Tensor:
    rows, width = terms.shape
    if width <= _BLOCK:
        return accumulate(terms, 1)
    blocks = -(-width // _BLOCK)
    filled = torch.nn.functional.pad(terms, (0, blocks * _BLOCK - width), value=nothing)
    within = accumulate(filled.reshape(rows, blocks, _BLOCK), 2)
    before = _running(within[:, :-1, -1], accumulate, add, nothing)
    later = add(within[:, 1:], before[:, :, None])
    return torch.cat([within[:, :1], later], 1).reshape(rows, -1)[:, :width]
