"""Choices as people make them, by any rule: candidates are drawn, and compared.

Of what the exact theory knows of a rule, nothing is used, but for a rule of one's own that has no
`choose`: there winners are drawn from p H.
"""

from __future__ import annotations

import math

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
from recurate.numerics.sampling import choosers
from recurate.numerics.sampling.arrays import Array, device_of
from recurate.numerics.sampling.choosers import Chooser, Fresh
from recurate.numerics.sampling.own_choosers import LawChooser, OwnChooser
from recurate.numerics.sampling.pools import Pools

_CHOOSERS: dict[type[Rule], type[Chooser]] = {
    Accept: choosers.AcceptChooser,
    BestOf: choosers.BestOfChooser,
    BradleyTerry: choosers.BradleyTerryChooser,
    PairwisePreference: choosers.PairwisePreferenceChooser,
    RandomChoice: choosers.RandomChooser,
    Stages: choosers.StagesChooser,
    TopShare: choosers.TopShareChooser,
    Voters: choosers.VotersChooser,
}


def chosen(rule: Rule, pools: Pools, number: int, method: str = "cumulative") -> Array:
    """Return the winners of `number` choices from each pool, shape (pools, number).

    Parameters
    ----------
    rule : Rule
        How they are chosen.
    pools : Pools
        Where candidates are drawn from.
    number : int
        Number of choices.
    method : {"cumulative", "gumbel"}
        How Bradley–Terry's choices are made.

    Returns
    -------
    array of int
        Positions among the entries of all pools.

    Raises
    ------
    TypeError, ValueError
        If entries have not what the rule reads.
    NothingAcceptedError
        If `Accept` finds nothing to accept in a pool, and is not to keep it.

    Notes
    -----
    Winners are independent, given the pools, but for the best few of K, which are all kept, so that
    winners come in groups of `keep`; and but for a stage that looks at all of its pool (the best
    share, K = inf, and a rule of one's own without `choose`), which is a sample of what the stage
    before chose: of as many as the largest pool has entries or choices.
    """
    xp, pool_count = pools.stream.xp, pools.sizes.size
    batch = max(number, int(pools.sizes.max()))
    maker = _Maker(method, batch)
    which = xp.arange(pool_count * number, device=device_of(pools.starts)) // max(number, 1)
    return xp.reshape(maker.chooser(rule, pools).choose(which), (pool_count, number))


def candidates_taken(rule: Rule, number: int) -> float:
    """Return how many candidates so many choices take at most, in draws from the pool."""
    if isinstance(rule, Voters):
        return number * max(candidates_taken(of, 1) for share, of in rule.voters if share > 0)
    if isinstance(rule, Stages):
        return number * math.prod(candidates_taken(stage, 1) for stage in rule.rules)
    if isinstance(rule, BestOf):
        return rule.K * math.ceil(number / rule.keep)
    return number * (1.0 if rule.most_candidates == math.inf else rule.most_candidates)


def is_among_few(rule: Rule) -> bool:
    """Return whether each choice by a rule looks at K candidates, drawn for it, and no others."""
    if isinstance(rule, Voters):
        return all(is_among_few(of) for _, of in rule.voters)
    is_own = type(rule) not in _CHOOSERS and not hasattr(rule, "choose")
    return not (is_own or isinstance(rule, Stages) or rule.most_candidates == math.inf)


def kept_together(rule: Rule) -> int:
    """Return the most winners that are kept of the same candidates: they are not independent."""
    if isinstance(rule, Voters):
        return max(kept_together(of) for share, of in rule.voters if share > 0)
    if isinstance(rule, Stages):  # of those before the last, each candidate is one of them
        return kept_together(rule.rules[-1])
    return rule.keep if isinstance(rule, BestOf) else 1


def looks_at_all(rule: Rule) -> bool:
    """Return whether a rule must see its whole pool."""
    if isinstance(rule, Voters):
        return any(looks_at_all(of) for _, of in rule.voters)
    if isinstance(rule, Stages):
        return looks_at_all(rule.rules[0])
    if isinstance(rule, Accept):
        return rule.none == "keep"  # only so it is known whether there is something to accept
    return rule.most_candidates == math.inf if type(rule) in _CHOOSERS else not _can_choose(rule)


def _can_choose(rule: Rule) -> bool:
    return callable(getattr(rule, "choose", None)) and rule.most_candidates < math.inf


class _Maker:
    """Makes the choosers of rules.

    Parameters
    ----------
    method : {"cumulative", "gumbel"}
        How Bradley–Terry's choices are made.
    batch : int
        Size of the pools of stages that look at all of their pool.
    """

    def __init__(self, method: str, batch: int) -> None:
        self.method, self.batch = method, batch

    def chooser(self, rule: Rule, pools: Pools | Fresh, *, is_apart: bool = False) -> Chooser:
        """Return how choices are made by a rule.

        If they are made apart, not two of them are from the same candidates.
        """
        if isinstance(pools, Fresh) and looks_at_all(rule):
            pools = pools.batch(self.batch)
        kind = _CHOOSERS.get(type(rule))
        if kind is None:
            kind = OwnChooser if _can_choose(rule) else LawChooser
        return kind(rule, pools, self, is_apart)
