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
from recurate.numerics.validation import (
    SUM_TOLERANCE,
    FloatArray,
    candidates,
    float_vector,
    is_tensor,
    require_at_each,
    require_length,
    rewards_vector,
)

RATIO_ERROR_FLOAT32 = 1e-5
"""Stated error in float32: |error of log H| <= RATIO_ERROR_FLOAT32 * max(1, |log H|), K to 1e9.

What is given counts as exact. The rounding of r - r_max shows: add 6e-8 times the rewards' span. In
float64 the error is that of arrays, `floats.RATIO_ERROR`.
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
    if log_probs is None:
        log_p = log_of(probabilities(probs, "probs", values.size, like))
    else:
        log_p = _log_probabilities(log_probs, values.size, like)
    if K == 1:
        return (at - at) + (log_p.exp() - log_p.exp())  # zeros, with gradients of zero
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


def probabilities(given: Any, name: str, size: int, like: Tensor) -> Tensor:
    """Return probabilities as a tensor of the kind of another one, shape (size,), of sum one.

    Raises
    ------
    TypeError, ValueError
        As `validation.probability_vector`, in float32 with `SUM_TOLERANCE_FLOAT32`. Also for a zero
        where a gradient is wanted, as its logarithm has none.
    """
    array = float_vector(given, name)
    require_length(array.size, name, size)
    require_at_each((array >= 0) & (array < np.inf), array, f"{name} must be finite and at least 0")
    _require_sum(float(array.sum()), name, like.dtype)
    found = as_tensor(given, array, like)
    require_positive(found, array, name)
    return found / found.sum()


def _log_probabilities(given: Any, size: int, like: Tensor) -> Tensor:
    """Return normalised log-probabilities, shape (size,), of the kind of another tensor."""
    array = float_vector(given, "log_probs")
    require_length(array.size, "log_probs", size)
    require_at_each(array < np.inf, array, "log_probs must be finite or -inf")
    with np.errstate(over="ignore"):
        _require_sum(float(np.exp(array).sum()), "exp(log_probs)", like.dtype)
    found = as_tensor(given, array, like)
    return found - log_sum_exp(found, 0)


def _require_sum(total: float, name: str, dtype: torch.dtype) -> None:
    allowed = SUM_TOLERANCE_FLOAT32 if dtype == torch.float32 else SUM_TOLERANCE
    if not abs(total - 1.0) <= allowed:
        raise ValueError(f"{name} must sum to 1 within {allowed:g}; got a sum of {total!r}")


def require_positive(tensor: Tensor, values: FloatArray, name: str) -> None:
    """Raise ValueError if a gradient is wanted at a probability of 0: its logarithm has none."""
    if tensor.requires_grad:
        require_at_each(
            values > 0, values, f"{name} must be above 0 to have gradients, which logarithms lack"
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
    return log_sum_exp(torch.stack([first, second]), 0)


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
        """Return s w, cut off where e^{-s w} is zero, shape (rows, nodes, width)."""
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
    for part, probs in zip(_split(relative, height), _split(log_probs, height), strict=True):
        log_m: Tensor = _LogTransform.apply(part, probs, nodes)  # type: ignore[no-untyped-call]
        found.append(_LogIntegral.apply(part, log_m * (K - 1), nodes))  # type: ignore[no-untyped-call]
    return torch.cat(found) + math.log(K)


def _pieces(nodes: Nodes, *tensors: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """Yield some columns at a time of tensors of shape (rows, width)."""
    rows = tensors[0].shape[0]
    entries = _ENTRIES.get(tensors[0].device.type, _MOST_ENTRIES)
    columns = max(1, entries // (rows * nodes.s.numel()))
    yield from zip(*(_split(tensor, columns, 1) for tensor in tensors), strict=True)


def _split(tensor: Tensor, size: int, dim: int = 0) -> tuple[Tensor, ...]:
    pieces: tuple[Tensor, ...] = tensor.split(size, dim)  # type: ignore[no-untyped-call]
    return pieces


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
