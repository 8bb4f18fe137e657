"""The share of a group, step by step: symbols that the statements about any choice have in common.

A group is a set of answers, or a fuzzy set: φ(x) in [0, 1] says how much of the answer x counts as
the group's, and the share p(φ) is the mean of φ under p.
"""

from __future__ import annotations

from recurate.theory.language import *
from recurate.theory.statement import Hypothesis


class share_at(AtStep):
    """Share p_t(φ) of the group, above 0 if its share of the reference is."""

    plain, typeset = "p_[{}](φ)", r"p_{@}(\varphi)"
    is_positive = True


class curated_share_at(AtStep):
    """Share T(p_t)(φ) of the group among the samples that are chosen at step t."""

    plain, typeset = "T(p_[{}])(φ)", r"T(p_{@})(\varphi)"
    is_nonnegative = True


def any_choice(*carried_by: str) -> Hypothesis:
    """Return that one of K independent candidates is chosen, in any way."""
    return Hypothesis(
        "choice",
        "what is kept is one of K independent candidates, K finite; how it is chosen does not "
        "matter: by chance or not, by other rules at each step, which may look at p",
        at_least(K, 1),
        carried_by,
    )
