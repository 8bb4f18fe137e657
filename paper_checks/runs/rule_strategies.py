"""Hypothesis strategies for rules of choice, schedules, and the loops that have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from recurate.numerics import rules as kinds
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules.rule import Rule
from recurate.numerics.schedules import Accumulate
from recurate.paper_checks.runs.strategies import (
    LARGEST_SPAN,
    candidate_numbers,
    mixings,
    reward_laws,
)

_MOST_COMPARED = 6  # atoms of a matrix of preferences


def scored_laws(
    *, max_atoms: int = 6, max_span: float = LARGEST_SPAN
) -> st.SearchStrategy[RewardLaw]:
    """Laws with what the rules of `rules` may read beside the reward.

    Parameters
    ----------
    max_atoms : int
        Largest number of atoms; the smallest is 1.
    max_span : float
        Largest difference of two rewards, and of two values of the score "second".

    Returns
    -------
    SearchStrategy of RewardLaw
        With the scores "second", numbers like rewards, and "accepted", probabilities that are often
        0 or 1 and not all 0; and with groups "a" and "b".

    Examples
    --------
    >>> from hypothesis import given
    >>> from recurate import strategies
    >>> @given(law=strategies.scored_laws(max_atoms=3))
    ... def test_scores(law):
    ...     assert law.score_names == ("second", "accepted")
    >>> test_scores()
    """
    return reward_laws(max_atoms=max_atoms, max_span=max_span).flatmap(_scored)


def _scored(law: RewardLaw) -> st.SearchStrategy[RewardLaw]:
    # The span first, as of rewards; ties, and ties in one column alone, are drawn often.
    span = float(law.rewards.max() - law.rewards.min())
    return _columns(law.size).map(
        lambda drawn: RewardLaw(
            law.rewards,
            law.given_probs,
            drawn[3],
            scores={
                "second": (span if drawn[0] is None else drawn[0]) * np.array(drawn[1]),
                "accepted": drawn[2],
            },
        )
    )


# Strategies are kept, one for each shape of a law: Hypothesis takes longer to look through a new
# one than to draw from it.
@cache
def _columns(size: int) -> st.SearchStrategy[tuple[Any, ...]]:
    """Return what draws "second" as a span (None: the rewards') and shares of it, and the rest."""

    def columns(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
        return st.lists(values, min_size=size, max_size=size)

    spans = st.sampled_from([1.0, 0.0, 0.1, 5.0, None])
    heights = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1, allow_subnormal=False))
    chances = st.sampled_from([1.0, 0.0, 0.5, 1e-6, 0.9])
    return st.tuples(
        spans, columns(heights), columns(chances).filter(any), columns(st.sampled_from("ab"))
    )


def rules(law: RewardLaw, *, depth: int = 2) -> st.SearchStrategy[Rule]:
    """Rules of choice of every kind, for a law: they read only what it has.

    Parameters
    ----------
    law : RewardLaw
        The law. Rules go by its reward and by its scores that have a value everywhere, `Accept` by
        those that are probabilities, and preferences are between its groups, or its atoms if these
        are few.
    depth : int
        How deep `Voters` and `Stages` are nested in one another; 0 for none of them.

    Returns
    -------
    SearchStrategy of Rule
        Shrinks towards rules without parts, and small numbers.

    Examples
    --------
    >>> from hypothesis import given
    >>> from hypothesis import strategies as st
    >>> from recurate import RewardLaw, strategies
    >>> law = RewardLaw([0.0, 1.0], scores={"length": [3.0, 2.0]})
    >>> @given(rule=strategies.rules(law))
    ... def test_winners_have_a_law(rule):
    ...     ratio = np.exp(rule.log_ratio(law, np.log(law.probs)))
    ...     assert abs(law.probs @ ratio - 1) < 1e-9
    >>> test_winners_have_a_law()
    """
    scores = [name for name, column in law.scores.items() if not np.isnan(column).any()]
    probabilities = [name for name in scores if _are_probabilities(law.scores[name], law.probs)]
    compared = [
        (size, of)
        for size, of in ((len(law.group_names), "groups"), (law.size, "atoms"))
        if 0 < size <= _MOST_COMPARED
    ]
    return _rules_that_read(tuple(scores), tuple(probabilities), tuple(compared), depth)


@cache
def _rules_that_read(
    scores: tuple[str, ...],
    probabilities: tuple[str, ...],
    compared: tuple[tuple[int, str], ...],
    depth: int,
) -> st.SearchStrategy[Rule]:
    by = st.sampled_from([None, *scores])
    simple: list[st.SearchStrategy[Rule]] = [
        st.builds(kinds.BradleyTerry, candidate_numbers(), scale=_scales(), by=by),
        st.builds(kinds.BestOf, candidate_numbers(infinite=False), by=by),
        st.integers(2, 16).flatmap(lambda K: _keeping(K, by)),
        st.builds(kinds.RandomChoice),
        st.builds(kinds.TopShare, st.integers(1, 20).map(lambda n: n / 20), by=by),
    ]
    if probabilities:
        verifiers = st.sampled_from(probabilities)
        # What went before, a stage or a step, may have left nothing that can be accepted.
        simple.append(st.builds(kinds.Accept, verifiers, none=st.just("keep")))
    simple += [_preferences(size, of) for size, of in compared]
    alone = st.one_of(simple)
    for _ in range(depth):
        alone = _nested(alone)
    return alone


@cache
def _keeping(K: int, by: st.SearchStrategy[Any]) -> st.SearchStrategy[Rule]:
    return st.builds(kinds.BestOf, st.just(K), keep=st.integers(1, K), by=by)


def _scales() -> st.SearchStrategy[float]:
    return st.sampled_from([1.0, -1.0, 0.5, 0.1, 3.0])


def _are_probabilities(column: Any, probs: Any) -> bool:
    """Return whether a verifier can go by a column: then every law on the atoms has a winner."""
    return bool((column >= 0).all() and (column <= 1).all() and (column[probs > 0] > 0).any())


def _preferences(size: int, of: str) -> st.SearchStrategy[Rule]:
    def matrix(entries: list[float]) -> Rule:
        preferred = np.full((size, size), 0.5)
        above = np.triu_indices(size, 1)
        preferred[above] = entries
        preferred.T[above] = 1 - preferred[above]
        return kinds.PairwisePreference(preferred, of=of)  # type: ignore[arg-type]

    # Sixteenths, so that two chances of a pair sum to one exactly.
    entry = st.sampled_from([8, 16, 0, 12, 4, 15, 9]).map(lambda n: n / 16)
    number = size * (size - 1) // 2
    return st.lists(entry, min_size=number, max_size=number).map(matrix)


def _nested(inner: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    parts = st.lists(st.tuples(st.integers(1, 9), inner), min_size=2, max_size=3)
    voters = parts.map(
        lambda drawn: kinds.Voters(
            tuple((share / sum(n for n, _ in drawn), rule) for share, rule in drawn)
        )
    )
    stages = st.lists(inner, min_size=2, max_size=3).map(lambda parts: kinds.Stages(tuple(parts)))
    return st.one_of(inner, voters, stages)


def schedules(*, steps: int = 5) -> st.SearchStrategy[dict[str, Any]]:
    """What a loop's training sets are made of: arguments of `CurationLoop` beside law and rule.

    Parameters
    ----------
    steps : int
        Number of entries of the sequences drawn, which is that of the steps of a run.

    Returns
    -------
    SearchStrategy of dict
        `lam`, and `retained` at times, each one number or one for each step; or `training`. Shrinks
        towards one λ.
    """
    share = st.sampled_from([0.0, 0.5, 0.1, 0.9, 1.0])

    def each(values: st.SearchStrategy[float]) -> st.SearchStrategy[list[float]]:
        return st.lists(values, min_size=steps, max_size=steps)

    def of(lam: Any, retained: Any) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({"lam": lam, "retained": retained})

    sizes = st.sampled_from([1.0, 10.0, 0.1, 1000.0])
    return st.one_of(
        st.fixed_dictionaries({"lam": mixings()}),
        of(mixings(), share),
        of(each(mixings()), share),
        of(mixings(), each(share)),
        st.fixed_dictionaries({"training": st.builds(Accumulate, sizes, sizes)}),
    )


def loops(
    *,
    laws: st.SearchStrategy[RewardLaw] | None = None,
    rules: Callable[[RewardLaw], st.SearchStrategy[Rule]] | Rule | None = None,
    schedules: st.SearchStrategy[dict[str, Any]] | Mapping[str, Any] | None = None,
    steps: int = 5,
) -> st.SearchStrategy[CurationLoop]:
    """Loops with any rules and schedules.

    Parameters
    ----------
    laws : search strategy, optional
        Laws; `scored_laws` if not given.
    rules : callable or Rule, optional
        From a law to a strategy for its rules, or one rule for all; by default `rules`, and at
        times another rule at each step.
    schedules : search strategy or mapping, optional
        What `schedules` draws, the default, or arguments of `CurationLoop` for all.
    steps : int
        The length of what changes from step to step. Run the loops for that many steps.

    Returns
    -------
    SearchStrategy of CurationLoop
        Each on a law of its own, with a rule, or one at each step, that reads what the law has.

    Examples
    --------
    No answer falls below the share of real data in its last training set.

    >>> from hypothesis import given
    >>> from recurate import strategies
    >>> @given(loop=strategies.loops(schedules={"lam": 1.0}, steps=3))
    ... def test_real_data_stay(loop):
    ...     assert (loop.run(steps=3).log_density(3) >= np.log(0.5) - 1e-9).all()
    >>> test_real_data_stay()
    """
    plans = _schedules(steps=steps) if schedules is None else schedules
    if not isinstance(plans, st.SearchStrategy):
        plans = st.just(dict(plans))
    drawn_laws = scored_laws() if laws is None else laws

    def chosen(law: RewardLaw) -> st.SearchStrategy[Any]:
        if isinstance(rules, Rule):
            return st.just(rules)
        return one_or_each(_rules(law), steps) if rules is None else rules(law)

    def on(law: RewardLaw) -> st.SearchStrategy[CurationLoop]:
        pairs: st.SearchStrategy[tuple[Any, dict[str, Any]]] = _pairs(chosen(law), plans)
        return pairs.map(lambda drawn: CurationLoop(law, rule=drawn[0], **drawn[1]))

    return drawn_laws.flatmap(on)


@lru_cache(maxsize=1024)
def one_or_each(one: st.SearchStrategy[Any], steps: int) -> st.SearchStrategy[Any]:
    """Return what draws one of these for all steps, or at times another one at each step."""
    return st.one_of(one, one, one, st.lists(one, min_size=steps, max_size=steps))


@lru_cache(maxsize=1024)
def _pairs(
    first: st.SearchStrategy[Any], second: st.SearchStrategy[dict[str, Any]]
) -> st.SearchStrategy[tuple[Any, dict[str, Any]]]:
    return st.tuples(first, second)


_rules, _schedules = rules, schedules  # which arguments of `loops` are named after
