"""The rules of choice on tensors: log H at the atoms, from log p there, in rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from recurate.numerics.curation.tensors import (
    Nodes,
    log_of,
    log_ratio,
    log_sum_exp,
    log_tilt,
    require_candidates,
    require_positive,
)
from recurate.numerics.on_torch.ranking import Ranking, best_of_tied, log_kept
from recurate.numerics.on_torch.rows import Rows, TensorLaw, relative_to_best
from recurate.numerics.on_torch.sums import log_sums_by_index
from recurate.numerics.rules import (
    Accept,
    BestOf,
    BradleyTerry,
    PairwisePreference,
    RandomChoice,
    Rule,
    Stages,
    TopShare,
    Voters,
)
from recurate.numerics.rules.nothing_accepted import nothing_accepted
from recurate.numerics.rules.rule import column_name
from recurate.numerics.text import shown

LogRatio = Callable[[Tensor], Tensor]
"""From normalised log p in the rows of a law to log H there, both of shape (rows, width)."""

_ROUNDINGS = 450  # of the share or of the rest: less than so many at the edge are rounding of sums


def prepared(rule: Rule, rows: Rows) -> LogRatio:
    """Return a rule on the rows of a law, as `Rule.prepared` does on arrays.

    Raises
    ------
    TypeError, ValueError
        If the law has not what the rule reads, or a rule of one's own is not for tensors.
    """
    # By the class itself: what a subclass changes would be passed over.
    known = _RULES.get(type(rule))
    return _own(rule, rows) if known is None else known(rule, rows)


def _bradley_terry(rule: BradleyTerry, rows: Rows) -> LogRatio:
    _, column = rows.column(rule.by)
    rewards = column * rule.scale
    require_candidates(rule.K, rewards.dtype)
    if rule.K == 1:
        return torch.zeros_like
    if rule.K == math.inf:
        return lambda log_probs: log_tilt(rewards, log_probs)
    relative = relative_to_best(rows, rewards)
    nodes = Nodes.of(relative.detach().cpu().double().numpy(), rule.K, relative.detach())
    return lambda log_probs: log_ratio(relative, log_probs, rule.K, nodes)


def _best_of(rule: BestOf, rows: Rows) -> LogRatio:
    K, ranking = rule.K, Ranking(rows, rule.by)
    require_candidates(K, rows.rewards.dtype)
    if rule.keep == K:
        return torch.zeros_like

    def log_ratio_of(log_probs: Tensor) -> Tensor:
        tails = ranking.tails(log_probs)
        if rule.keep > 1:
            return ranking.at_atoms(log_kept(K, rule.keep, tails))
        tied = best_of_tied(K, tails.share).log()
        return ranking.at_atoms(math.log(K) + (K - 1) * tails.log_below + tied)

    return log_ratio_of


def _top_share(rule: TopShare, rows: Rows) -> LogRatio:
    share, ranking = rule.share, Ranking(rows, rule.by)
    if share == 1.0:
        return torch.zeros_like
    nearer = min(share, 1.0 - share)  # from that end sums keep their digits
    least = _ROUNDINGS * torch.finfo(rows.rewards.dtype).eps * nearer

    def log_ratio_of(log_probs: Tensor) -> Tensor:
        tails = ranking.tails(log_probs)
        room = share - tails.above if nearer == share else tails.below - nearer
        room = torch.where(room > least, room, 0.0)
        some = tails.mass > 0
        part = room / torch.where(some, tails.mass, 1.0)
        part = torch.where(some, part, (room > 0).to(part.dtype))
        return ranking.at_atoms(log_of(part.clamp(max=1.0)) - math.log(share))

    return log_ratio_of


def _accept(rule: Accept, rows: Rows) -> LogRatio:
    rule.prepared(rows.law)  # it checks whether they are probabilities
    what = column_name(rule.by)
    values, accepted = rows.column(rule.by)
    require_positive(accepted, values, f"{what} of Accept")
    log_accepted = torch.where(rows.is_atom, log_of(accepted), -math.inf)

    def error(is_none: Tensor) -> Exception:
        prompts: Any = (
            [] if rows.given.prompt_index is None else np.flatnonzero(is_none.cpu().numpy())
        )
        return nothing_accepted(what, rule.none == "drop", list(prompts), rows.given)

    def log_ratio_of(log_probs: Tensor) -> Tensor:
        log_mean = log_sum_exp(log_probs + log_accepted, 1)[:, None]
        is_none = log_mean == -math.inf
        if rule.none != "keep":
            rows.watch.note(is_none.any(), partial(error, is_none))
        return torch.where(is_none, 0.0, log_accepted - torch.where(is_none, 0.0, log_mean))

    return log_ratio_of


def _pairwise_preference(rule: PairwisePreference, rows: Rows) -> LogRatio:
    rule.prepared(rows.law)  # it checks whether the matrix fits
    if rule.of == "groups":
        assert rows.law.group_index is not None
        groups, size = rows.law.group_index, len(rule.matrix)
        index = rows.whole(rows.prompts * size + groups)
        log_matrix = log_of(rows.tensor(rule.matrix))

        def by_group(log_probs: Tensor) -> Tensor:
            count = rows.shape[0] * size
            log_masses = log_sums_by_index(index, rows.flat(log_probs), count)
            found = log_sum_exp(log_matrix + log_masses.reshape(-1, 1, size), 2)
            return rows.filled(found.reshape(-1).index_select(0, index), 0.0) + math.log(2.0)

        return by_group
    atoms = np.zeros(rows.shape, np.intp)
    atoms.ravel()[rows.places] = np.arange(rows.law.size)
    log_matrices = log_of(rows.tensor(rule.matrix[atoms[:, :, None], atoms[:, None, :]]))

    def by_atom(log_probs: Tensor) -> Tensor:
        return log_sum_exp(log_matrices + log_probs[:, None, :], 2) + math.log(2.0)

    return by_atom


def _random_choice(_: RandomChoice, rows: Rows) -> LogRatio:
    return torch.zeros_like


def _voters(rule: Voters, rows: Rows) -> LogRatio:
    total = math.fsum(share for share, _ in rule.voters)
    voters = [
        (math.log(share / total), prepared(one, rows)) for share, one in rule.voters if share > 0
    ]

    def log_ratio_of(log_probs: Tensor) -> Tensor:
        return log_sum_exp(torch.stack([share + ratio(log_probs) for share, ratio in voters]), 0)

    return log_ratio_of


def _stages(rule: Stages, rows: Rows) -> LogRatio:
    first, *later = (prepared(one, rows) for one in rule.rules)

    def log_ratio_of(log_probs: Tensor) -> Tensor:
        total = first(log_probs)
        for ratio in later:
            chosen = log_probs + total
            total = total + ratio(chosen - log_sum_exp(chosen, 1)[:, None])
        return total

    return log_ratio_of


def _own(rule: Rule, rows: Rows) -> LogRatio:
    """Return a rule of one's own, called with the law of each prompt."""
    method: Callable[[TensorLaw, Tensor], Any] | None
    method = getattr(rule, "log_ratio_of_tensors", None)
    if method is None:
        raise TypeError(
            f"rule must have a method log_ratio_of_tensors(law, log_probs) for backend='torch', or "
            f"be one of recurate.rules itself; got {shown(rule)}"
        )
    laws = rows.one_by_one()

    def log_ratio_of(log_probs: Tensor) -> Tensor:
        flat = rows.flat(log_probs)
        found = torch.zeros_like(flat)
        for atoms, law in laws:
            ratio = method(law, flat.index_select(0, atoms))
            _require_like(ratio, flat, atoms.numel(), rule)
            found = found.index_copy(0, atoms, ratio)
        return rows.filled(found, 0.0)

    return log_ratio_of


def _require_like(found: Any, like: Tensor, size: int, rule: Rule) -> None:
    what = f"log_ratio_of_tensors of {type(rule).__name__}"
    if not isinstance(found, Tensor):
        raise TypeError(f"{what} must return a tensor; got {shown(found)}")
    if tuple(found.shape) != (size,):
        raise ValueError(
            f"{what} must have one number for each entry of log_probs, shape {(size,)}; got shape "
            f"{tuple(found.shape)}"
        )
    if (found.dtype, found.device) != (like.dtype, like.device):
        raise TypeError(
            f"{what} must be of {like.dtype} on {like.device}, as log_probs; got {found.dtype} on "
            f"{found.device}"
        )


_RULES: dict[type[Rule], Callable[[Any, Rows], LogRatio]] = {
    BradleyTerry: _bradley_terry,
    BestOf: _best_of,
    TopShare: _top_share,
    Accept: _accept,
    PairwisePreference: _pairwise_preference,
    RandomChoice: _random_choice,
    Voters: _voters,
    Stages: _stages,
}
