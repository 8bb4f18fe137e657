"""What lies below and above each level of a column, on tensors: see `rules.ranking`."""

from __future__ import annotations

import math
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from recurate.numerics.curation.tensors import again, log_of, log_sum_exp
from recurate.numerics.on_torch.rows import Rows
from recurate.numerics.on_torch.sums import log_sums_by_index, running_log_sums, running_sums

_GAUSS = [(part / 2).tolist() for part in np.polynomial.legendre.leggauss(16)]
_GAUSS[0] = [place + 0.5 for place in _GAUSS[0]]
_NO_TIE = 1e-20  # expected ties below which there is none, to the last digit
_LEAST = 4e17  # times the smallest normal number: 1e-290 of doubles, as `log_sums.SMALLEST_SUM`


class Tails(NamedTuple):
    """Masses about the levels of each row, ascending, of shape (rows, levels), as `ranking.Tails`.

    A row with fewer levels has others without mass at its top.
    """

    mass: Tensor
    log_mass: Tensor
    below: Tensor
    log_below: Tensor
    above: Tensor
    share: Tensor


class Ranking:
    """The order of the atoms of each row by a column: exact ties share a level, near ones do not.

    Parameters
    ----------
    rows : Rows
        The atoms.
    by : str, optional
        One of the law's scores; its reward by default. An order has no gradient.
    """

    def __init__(self, rows: Rows, by: str | None) -> None:
        values, _ = rows.column(by)
        self._rows = rows
        order = np.lexsort((values, rows.prompts))
        prompts, values = rows.prompts[order], values[order]
        is_new_row = np.append(True, prompts[1:] != prompts[:-1])
        number = np.cumsum(is_new_row | np.append(True, values[1:] != values[:-1])) - 1
        within = number - number[is_new_row][prompts]
        self._shape = rows.shape[0], int(within.max()) + 1
        index = np.empty(order.size, np.intp)
        index[order] = prompts * self._shape[1] + within
        self._index = rows.whole(index)

    def at_atoms(self, values: Tensor) -> Tensor:
        """Return values of the levels at the atoms, shape (rows, width)."""
        return self._rows.filled(values.reshape(-1).index_select(0, self._index), 0.0)

    def tails(self, log_probs: Tensor) -> Tails:
        """Return the masses about each level, under laws of shape (rows, width)."""
        size = self._shape[0] * self._shape[1]
        log_mass = log_sums_by_index(self._index, self._rows.flat(log_probs), size)
        log_mass = log_mass.reshape(self._shape)
        mass = log_mass.exp()
        below = running_sums(mass)
        above = torch.nn.functional.pad(running_sums(mass[:, 1:].flip(1)).flip(1), (0, 1))
        tiny = below < torch.finfo(mass.dtype).tiny * _LEAST
        sums = torch.where(tiny, 1.0, below)
        near_top = above < 0.5
        log_below = torch.where(
            near_top, torch.log1p(-torch.where(near_top, above, 0.0)), sums.log()
        )
        log_below = torch.where(tiny, running_log_sums(log_mass), log_below)
        has_share = tiny & (log_mass > -math.inf)
        relative = torch.where(has_share, log_mass, 0.0) - torch.where(has_share, log_below, 0.0)
        share = torch.where(tiny, torch.where(has_share, relative.exp(), 0.0), mass / sums)
        return Tails(mass, log_mass, below, log_below, above, share.clamp(max=1.0))


def log_partial_sum(
    number: float, values: list[float], log_chance: Tensor, log_rest: Tensor
) -> Tensor:
    """Return log Σ_j values_j P(Bin(number, s) = j), from log s and log(1 - s)."""
    is_sure = log_rest == -math.inf
    log_rest = torch.where(is_sure, 0.0, log_rest)
    log_odds = log_chance - log_rest
    log_term = number * log_rest
    total = log_term + math.log(values[0])
    for j, value in enumerate(values[1:], start=1):
        log_term = log_term + (math.log((number - j + 1) / j) + log_odds)
        total = torch.logaddexp(total, log_term + math.log(value))
    return torch.where(is_sure, -math.inf, total)


def best_of_tied(K: float, share: Tensor) -> Tensor:
    """Return (1 - (1-π)^K)/(K π): the mean of 1/(t+1), t ~ Bin(K-1, π)."""
    is_all = share == 1.0
    chosen = -torch.expm1(K * torch.log1p(-torch.where(is_all, 0.0, share)))
    chosen = torch.where(is_all, 1.0, chosen)
    some = K * share > _NO_TIE
    return torch.where(some, chosen / torch.where(some, K * share, 1.0), 1.0)


def log_kept(K: float, keep: int, tails: Tails) -> Tensor:
    """Return log H at the levels for the best `keep` of K, from 2 to K - 1, as `BestOf` has it."""
    places = [float(k) for k in range(keep, 0, -1)]  # that are left if 0, 1, … others are better
    log_left = log_partial_sum(K, places, log_of(tails.above), tails.log_below)
    after = torch.nn.functional.pad(log_left[:, :-1], (1, 0), value=-math.inf)
    is_wide = after < log_left - math.log(2)
    # The gradients of what is not taken must be finite all the same.
    left = torch.where(is_wide, log_left, 0.0)
    change = -torch.expm1(torch.where(is_wide, after, -1.0) - left)
    differences = left + change.log() - torch.where(is_wide, tails.log_mass, 0.0) - math.log(keep)
    means = [
        again(
            partial(_log_kept_at, K, keep, place, weight),
            *(tails.above, tails.mass, tails.log_below, tails.share),
        )
        for place, weight in zip(*_GAUSS, strict=True)
    ]
    mean = log_sum_exp(torch.stack(means), 0) + math.log(K / keep)
    return torch.where(is_wide, differences, mean)


def _log_kept_at(
    K: float, keep: int, place: float, weight: float, above: Tensor, mass: Tensor, *rest: Tensor
) -> Tensor:
    """Return log of a weight times P(Bin(K-1, s) < keep) at one place, 0 to 1, of the levels."""
    log_below, share = rest
    log_rest = log_below + torch.log1p(-place * share)
    log_kept = log_partial_sum(K - 1, [1.0] * keep, log_of(above + place * mass), log_rest)
    return log_kept + math.log(weight)
