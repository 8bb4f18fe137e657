"""The curation ratio H^K_p on torch tensors, with gradients.

The integral, its nodes and what keeps the digits are those of `recurate.numerics.curation.floats`.
Here the whole integrand is in logarithms, as there for wide rewards: so it is right where
probabilities vanish, and float32 has the range. First log M is found at the nodes, then the ratio
at the atoms, block by block of atoms. Derivatives are integrals of the same kind, and are taken in
the same way, so that no matrix of (nodes × atoms) is ever kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from recurate.numerics.curation.short_quadrature import quadrature
from recurate.numerics.curation.transform import DEAD, NODES_PER_UNIT, nodes_for
from recurate.numerics.text import shown
from recurate.numerics.validation import (
    SUM_TOLERANCE,
    FloatArray,
    candidates,
    is_tensor,
    on_cpu,
    require_length,
    rewards_vector,
)

RATIO_ERROR_FLOAT32 = 1e-5
"""Stated error in float32: |error of log H| <= RATIO_ERROR_FLOAT32 * max(1, |log H|), K to 1e9.

Rewards are taken as exact. If they span much, the rounding of r - r_max to float32 itself shows: add
6e-8 times the span. In float64 the error is that of arrays, `floats.RATIO_ERROR`.
"""

SUM_TOLERANCE_FLOAT32 = 1e-5
"""How far from one a sum of probabilities in float32 may be."""

LARGEST_CANDIDATES_FLOAT32 = 1e12
"""Largest finite K in float32, whose numbers end at 3e38: e^DEAD times K must be one."""

DTYPES = (torch.float64, torch.float32)

_ENTRIES = {"cpu": 2**17}  # of a block: a core's cache; elsewhere what keeps a device busy
_MOST_ENTRIES = 2**24
_WIDEST_SHORT = {torch.float64: 150.0, torch.float32: 60.0}


def require_dtype(tensor: Tensor, name: str) -> None:
    """Raise TypeError unless a tensor is one of doubles or of single floats."""
    if tensor.dtype not in DTYPES:
        kind = str(tensor.dtype).removeprefix("torch.")
        raise TypeError(f"{name} must be of float64 or float32; got {kind}: {name}.double()")


def log_curation_ratio(rewards: Any, probs: Any, K: Any, log_probs: Any, kernel: Any) -> Tensor:
    """Return log H^K_p at each reward, shape (n,), as `floats.log_curation_ratio` says."""
    given = {"rewards": rewards, "probs": probs, "log_probs": log_probs}
    tensors = {name: values for name, values in given.items() if is_tensor(values)}
    (first, like), *others = tensors.items()
    for name, tensor in tensors.items():
        require_dtype(tensor, name)
    for name, tensor in others:
        if (tensor.dtype, tensor.device) != (like.dtype, like.device):
            raise TypeError(
                f"{name} must be a tensor as {first}, of {like.dtype} on {like.device}; got "
                f"{tensor.dtype} on {tensor.device}"
            )
    if kernel is not None:
        raise TypeError("kernel must be None for tensors, as it is for arrays; got a kernel")
    if (probs is None) == (log_probs is None):
        raise TypeError("exactly one of probs and log_probs must be given")
    values = rewards_vector(rewards)
    K = candidates(K)
    require_candidates(K, like.dtype)
    at = as_tensor(rewards, values, like)
    log_p = _log_masses(probs, log_probs, values.size, like)
    if K == 1:
        return (at * 0).detach()
    if K == math.inf:
        return log_tilt(at[None], log_p[None])[0]
    top = float(values.max())
    return log_ratio((at - top)[None], log_p[None], K, Nodes.of(values - top, K, like))[0]


def require_candidates(K: float, dtype: torch.dtype) -> None:
    """Raise ValueError if single floats have no range for a finite K."""
    if dtype == torch.float32 and LARGEST_CANDIDATES_FLOAT32 < K < math.inf:
        raise ValueError(
            f"K must be at most {LARGEST_CANDIDATES_FLOAT32:g} in float32, or infinite; got {K:g}: "
            "float64 takes more"
        )


def as_tensor(values: Any, checked: FloatArray, like: Tensor) -> Tensor:
    """Return values as a tensor of the kind of another one; a tensor of that kind is itself."""
    return values if is_tensor(values) else like.new_tensor(checked)


def _log_masses(probs: Any, log_probs: Any, size: int, like: Tensor) -> Tensor:
    """Return normalised log-probabilities, shape (n,)."""
    name, given = ("probs", probs) if log_probs is None else ("log_probs", log_probs)
    array = np.asarray(on_cpu(given), dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional; got an array of shape {array.shape}")
    require_length(array.size, name, size)
    if log_probs is None and not (array >= 0).all():
        place = int(np.argmin(array >= 0))
        raise ValueError(f"{name} must be at least 0; got {array[place]:g} at position {place}")
    if np.isnan(array).any() or (array == np.inf).any():
        raise ValueError(f"{name} must be numbers, below infinity; got {shown(given)}")
    with np.errstate(over="ignore"):
        total = float((array if log_probs is None else np.exp(array)).sum())
    allowed = SUM_TOLERANCE_FLOAT32 if like.dtype == torch.float32 else SUM_TOLERANCE
    if not abs(total - 1.0) <= allowed:
        what = "probs" if log_probs is None else "exp(log_probs)"
        raise ValueError(f"{what} must sum to 1 within {allowed:g}; got a sum of {total!r}")
    found = as_tensor(given, array, like)
    if log_probs is None:
        require_positive(found, array, "probs")
        found = log_of(found)
    return found - log_sum_exp(found, 0)


def require_positive(tensor: Tensor, values: FloatArray, name: str) -> None:
    """Raise ValueError if gradients are asked for at a probability of 0, of which logs have none."""
    if tensor.requires_grad and not (values > 0).all():
        place = int(np.argmax(values <= 0))
        raise ValueError(
            f"{name} must be above 0 to have a gradient, which is computed from their logarithms; "
            f"got {values[place]:g} at position {place}"
        )


def log_of(masses: Tensor) -> Tensor:
    """Return logarithms of masses; -inf, with gradient 0, where there is none."""
    some = masses > 0
    return torch.where(some, torch.where(some, masses, 1.0).log(), -math.inf)


def log_sum_exp(values: Tensor, dim: int) -> Tensor:
    """Return log of the sum of e^values along a dimension; -inf, with gradient 0, if all are.

    PyTorch's own has gradients of NaN there.
    """
    peak = values.detach().amax(dim, keepdim=True)
    peak = torch.where(peak == -math.inf, 0.0, peak)
    return log_of((values - peak).exp().sum(dim)) + peak.squeeze(dim)


def log_add(first: Tensor, second: Tensor) -> Tensor:
    """Return log(e^first + e^second), with gradients where both are -inf."""
    return log_sum_exp(torch.stack(torch.broadcast_tensors(first, second)), 0)


def log_tilt(rewards: Tensor, log_probs: Tensor) -> Tensor:
    """Return log H for K = inf within each row, shape (rows, width): r - log E_p e^r."""
    # Relative to the atom that weighs most, so that an offset of all costs no digits.
    heaviest = (log_probs + rewards).detach().argmax(1, keepdim=True)
    relative = rewards - rewards.detach().gather(1, heaviest)
    return relative - log_sum_exp(log_probs + relative, 1)[:, None]


class Nodes(NamedTuple):
    """Nodes s and coefficients c for which H = K w Σ c e^{-s w} M(s)^{K-1}.

    Attributes
    ----------
    s, c : Tensor, shape (nodes,)
        Those of the short quadrature, where products with w are within the range of numbers.
    u : Tensor, shape (nodes,), or None
        Of wide rewards log s is kept in place of both: c = s/4.
    """

    s: Tensor
    c: Tensor
    u: Tensor | None

    @classmethod
    def of(cls, relative: FloatArray, K: float, like: Tensor) -> Nodes:
        """Return the nodes for rewards relative to the largest, as tensors of the kind of `like`.

        They are those of arrays.
        """
        span = -float(relative.min())
        if span > _WIDEST_SHORT[like.dtype]:
            u = like.new_tensor(nodes_for(relative, K))
            return cls(u, u, u)
        s, c = quadrature(span)
        return cls(like.new_tensor(s / K), like.new_tensor(c / K), None)

    def arguments(self, relative: Tensor) -> Tensor:
        """Return s w, cut off where e^{-s w} is zero, from (rows, width) to (rows, nodes, width)."""
        if self.u is None:
            return (self.s[:, None] * relative.exp()[:, None, :]).clamp(max=math.exp(DEAD))
        # In s w, not in s and w, which overflow and underflow.
        return (self.u[:, None] + relative[:, None, :]).clamp(max=DEAD).exp()

def log_ratio(relative: Tensor, log_probs: Tensor, K: float, nodes: Nodes) -> Tensor:
    """Return log H^K_p within each row, for a finite K of at least 2.

    Parameters
    ----------
    relative : Tensor, shape (rows, width)
        Rewards relative to the largest of their row.
    log_probs : Tensor, shape (rows, width)
        Logarithms of the probabilities of each row's law, normalised; -inf for none.
    K : float
        Number of candidates.
    nodes : Nodes
        For all the relative rewards.

    Returns
    -------
    Tensor, shape (rows, width)
    """
    found = []
    entries = _ENTRIES.get(relative.device.type, _MOST_ENTRIES)
    height = max(1, entries // (nodes.s.numel() * relative.shape[1]))
    for part, probs in zip(relative.split(height), log_probs.split(height), strict=True):
        log_m = _LogTransform.apply(part, probs, nodes)
        found.append(_LogIntegral.apply(part, log_m * (K - 1), nodes))
    return torch.cat(found) + math.log(K)


def _pieces(nodes: Nodes, *tensors: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """Yield some columns at a time of tensors of shape (rows, width)."""
    rows, width = tensors[0].shape
    entries = _ENTRIES.get(tensors[0].device.type, _MOST_ENTRIES)
    columns = max(1, entries // (rows * nodes.s.numel()))
    yield from zip(*(tensor.split(columns, 1) for tensor in tensors), strict=True)


class _LogTransform(torch.autograd.Function):
    """log M at the nodes, shape (rows, nodes), of laws on rewards, both of (rows, width)."""

    @staticmethod
    def forward(ctx: Any, relative: Tensor, log_probs: Tensor, nodes: Nodes) -> Tensor:
        decreases, logarithms = [], []
        for piece, log_p in _pieces(nodes, relative, log_probs):
            arguments = nodes.arguments(piece)
            decreases.append((torch.expm1(-arguments) @ log_p.exp()[:, :, None])[:, :, 0])
            logarithms.append(log_sum_exp(log_p[:, None, :] - arguments, 2))
        decrease = torch.stack(decreases).sum(0)
        near = decrease > -0.5
        log_m = torch.where(
            near, decrease.clamp(min=-0.5).log1p(), log_sum_exp(torch.stack(logarithms), 0)
        )
        ctx.save_for_backward(relative, log_probs, near, log_m)
        ctx.nodes = nodes
        return log_m

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        relative, log_probs, near, log_m = ctx.saved_tensors
        far_grad = torch.where(near, 0.0, grads[0])[:, None, :]
        near_grad = torch.where(near, grads[0] * (-log_m).exp(), 0.0)[:, None, :]
        by_reward, by_log_p = [], []
        for piece, log_p in _pieces(ctx.nodes, relative, log_probs):
            arguments = ctx.nodes.arguments(piece)
            shares = (log_p[:, None, :] - arguments - log_m[:, :, None]).exp()
            by_reward.append(-(grads[0][:, None, :] @ (arguments * shares))[:, 0])
            # As a law keeps its mass, e^{-s w} may stand for e^{-s w} - 1, which has more digits.
            found = far_grad @ shares + (near_grad @ torch.expm1(-arguments)) * log_p.exp()[:, None]
            by_log_p.append(found[:, 0])
        return torch.cat(by_reward, 1), torch.cat(by_log_p, 1), None


class _LogIntegral(torch.autograd.Function):
    """log of w Σ c e^{-s w} e^power over the nodes, at rewards of shape (rows, width)."""

    @staticmethod
    def forward(ctx: Any, relative: Tensor, powers: Tensor, nodes: Nodes) -> Tensor:
        pieces = []
        for (piece,) in _pieces(nodes, relative):
            arguments = nodes.arguments(piece)
            if nodes.u is None:
                terms = (nodes.c * powers.exp())[:, None, :]
                pieces.append(piece + (terms @ (-arguments).exp())[:, 0].log())
            else:
                terms = (nodes.u[:, None] + piece[:, None, :]) - arguments + powers[:, :, None]
                pieces.append(log_sum_exp(terms, 1) - math.log(NODES_PER_UNIT))
        found = torch.cat(pieces, 1)
        ctx.save_for_backward(relative, powers, found)
        ctx.nodes = nodes
        return found

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        relative, powers, integral = ctx.saved_tensors
        nodes, by_reward, by_power = ctx.nodes, [], torch.zeros_like(powers)
        for piece, found, grad in _pieces(nodes, relative, integral, grads[0]):
            arguments = nodes.arguments(piece)
            if nodes.u is None:
                shares = ((piece - found)[:, None, :] - arguments).exp()
                shares = shares * (nodes.c * powers.exp())[:, :, None]
            else:
                terms = (nodes.u[:, None] + piece[:, None, :]) - arguments + powers[:, :, None]
                shares = (terms - found[:, None, :]).exp() / NODES_PER_UNIT
            by_power = by_power + (shares @ grad[:, :, None])[:, :, 0]
            by_reward.append(grad * (1 - (shares * arguments).sum(1)))
        return torch.cat(by_reward, 1), by_power, None


def again(function: Callable[..., Any], *tensors: Tensor) -> Any:
    """Return a function of tensors, of which gradients keep the arguments alone."""
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors):
        return checkpoint(function, *tensors, use_reentrant=False, preserve_rng_state=False)
    return function(*tensors)
