"""A loop's voters, one by one, and the λ that its fixed points are those of."""

from __future__ import annotations

import math
from typing import NamedTuple

from recurate.numerics.rules.best_of import BestOf
from recurate.numerics.rules.bradley_terry import BradleyTerry
from recurate.numerics.rules.random_choice import RandomChoice
from recurate.numerics.rules.rule import Rule
from recurate.numerics.rules.stages import Stages
from recurate.numerics.rules.top_share import TopShare
from recurate.numerics.rules.voters import Voters


class Collected(NamedTuple):
    """A loop without what leaves the law as it is.

    Attributes
    ----------
    voters : list of (share, rule)
        Each rule once, none of them voters or a choice at random; shares sum to one. Empty if
        nothing is selected.
    lam : float
        λ(1-ε), ε the share of samples that are kept uncurated or chosen at random.
    """

    voters: list[tuple[float, Rule]]
    lam: float


def collected(rule: Rule, lam: float, retained: float) -> Collected:
    """Return the loop with the same fixed points in which all that is synthetic is selected.

    In p = m p_ref + a (ε p + (1-ε) T(p)) the law p can be collected on one side (derived here).
    """
    voters: list[tuple[float, Rule]] = []
    for share, of_one in _leaves(rule, 1.0):
        equal = [number for number, (_, other) in enumerate(voters) if other == of_one]
        if equal:
            voters[equal[0]] = (voters[equal[0]][0] + share, of_one)
        else:
            voters.append((share, of_one))
    selecting = math.fsum(share for share, _ in voters)
    if selecting == 0.0 or retained == 1.0:
        return Collected([], 0.0)
    # Shares are known within 1e-9, and what is left may be rounding of one.
    all_shares = math.fsum(share for share, _ in _leaves(rule, 1.0, with_random=True))
    voters = [(share / selecting, of_one) for share, of_one in voters]
    return Collected(voters, lam * (1.0 - retained) * (selecting / all_shares))


def is_identity(rule: Rule) -> bool:
    """Return whether a rule chooses at random, whatever its columns hold."""
    if isinstance(rule, BradleyTerry):
        return rule.K == 1 or rule.scale == 0.0
    if isinstance(rule, BestOf):
        return rule.keep == rule.K
    if isinstance(rule, TopShare):
        return rule.share == 1.0
    if isinstance(rule, Stages):
        return all(map(is_identity, rule.rules))
    return isinstance(rule, RandomChoice)


def _leaves(rule: Rule, share: float, with_random: bool = False) -> list[tuple[float, Rule]]:
    """Return the voters of a rule, those within voters too, with their shares."""
    if isinstance(rule, Voters):
        parts = [_leaves(one, share * its, with_random) for its, one in rule.voters if its > 0]
        return [leaf for part in parts for leaf in part]
    if isinstance(rule, Stages):
        selecting = [one for one in rule.rules if not is_identity(one)]
        if len(selecting) == 1:
            return _leaves(selecting[0], share, with_random)
    return [] if is_identity(rule) and not with_random else [(share, rule)]
