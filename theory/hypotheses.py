"""Hypotheses that many statements have, each worded once.

Every function takes the labels of the suppositions of the proof that carry the hypothesis.
"""

from __future__ import annotations

from recurate.theory.language import K, at_least, at_most, max_weight, random_weight
from recurate.theory.statement import Hypothesis


def one_candidate(*carried_by: str) -> Hypothesis:
    """Return that there is a candidate, K >= 1."""
    text = "at least one candidate: K >= 1"
    return Hypothesis("candidates", text, at_least(K, 1), carried_by)


def several_candidates(*carried_by: str) -> Hypothesis:
    """Return that there is a choice, K >= 2."""
    return Hypothesis("candidates", "several candidates: K >= 2", at_least(K, 2), carried_by)


def bounded_rewards(*carried_by: str, more: str = "") -> Hypothesis:
    """Return that no weight exceeds w_*; `more` goes on with the sentence."""
    text = f"bounded rewards: w <= w_*{more}"
    return Hypothesis("bounded", text, at_most(random_weight, max_weight), carried_by)


def from_reference(*carried_by: str, more: str = "") -> Hypothesis:
    """Return that p_0 = p_ref; `more` goes on with the sentence."""
    text = f"the loop starts at the reference, p_0 = p_ref{more}"
    return Hypothesis("start", text, carried_by=carried_by)


def pure_loop(*carried_by: str, more: str = ", from any start") -> Hypothesis:
    """Return that no real data are mixed in; `more` goes on with the sentence."""
    return Hypothesis("pure", f"the pure loop, λ = inf{more}", carried_by=carried_by)


def real_data(*carried_by: str) -> Hypothesis:
    """Return that real data are mixed in."""
    text = "real data are mixed in: λ (lam) < inf"
    return Hypothesis("real_data", text, carried_by=carried_by)
