"""The share of a group, step by step: symbols that the statements about any choice have in common.

A group is a set of answers, or a fuzzy set: φ(x) in [0, 1] says how much of the answer x counts as
the group's, and the share p(φ) is the mean of φ under p.
"""

from __future__ import annotations

from recurate.theory.language import *
from recurate.theory.statement import Hypothesis


class share_at(AtStep):
    """Share p_t(φ) of the group, above 0 if its share of the reference is."""

    plain, typeset = "p_[{}](phi)", r"p_{@}(\varphi)"
    is_positive = True


class curated_share_at(AtStep):
    """Share T(p_t)(φ) of the group among the samples that are chosen at step t."""

    plain, typeset = "T(p_[{}])(phi)", r"T(p_{@})(\varphi)"
    is_nonnegative = True


def any_choice(*carried_by: str, more: str = "") -> Hypothesis:
    """Return that one of K independent candidates is chosen, in any way."""
    return Hypothesis(
        "choice",
        "what is kept is one of K independent candidates, K finite, chosen in any way: by chance "
        f"or not, by other people and other rules at each step{more}",
        at_least(K, 1),
        carried_by,
    )
