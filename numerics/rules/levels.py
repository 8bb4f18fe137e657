"""Where the state of a loop with a rule lives: a level for all atoms that it treats alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from recurate.numerics.curation.interpolated import LEAST_ROWS
from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.levels import Levels, sums
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.rules.best_of import BestOf
from recurate.numerics.rules.bradley_terry import BradleyTerry
from recurate.numerics.rules.large_levels import LargeLevels
from recurate.numerics.rules.rule import (
    Columns,
    LogRatio,
    Rule,
    as_rule,
    column_of,
    columns_of_all,
)
from recurate.numerics.rules.top_share import TopShare
from recurate.numerics.text import shown
from recurate.numerics.validation import FloatArray

_SAMPLE = 4096  # rows by which ties are noticed


def rule_of(K: Any, rule: Any) -> Rule:
    """Return a loop's rule, from it or from K.

    Raises
    ------
    TypeError, ValueError
        If both are given, or neither, or the one that is given is not valid.
    """
    if K is None and rule is None:
        raise TypeError(
            "K or rule must be given, the number of candidates or a rule of choice, such as K=4 "
            "or rule=BestOf(4); got neither"
        )
    if rule is None:
        is_function = callable(K) and not isinstance(K, type)
        if is_function or isinstance(K, list | tuple) or getattr(K, "ndim", 0) > 0:
            raise TypeError(
                f"K must be one number of candidates; got {shown(K)}: for a K that changes with t "
                "give the rules, rule=lambda t: BradleyTerry(…) or rule=[BradleyTerry(2), …]"
            )
        return BradleyTerry(K)
    if K is not None:
        raise TypeError(
            f"K and rule must not both be given, as K=4 is short for rule=BradleyTerry(4); got "
            f"K={shown(K)} and rule={shown(rule)}"
        )
    return as_rule(rule, "rule")


def paper_candidates(rule: Rule) -> float | None:
    """Return K if a rule is the paper's choice, by the reward itself; None if it is another one."""
    if isinstance(rule, BradleyTerry) and rule.scale == 1.0 and rule.by is None:
        return rule.K
    return None


def levels_of(
    law: RewardLaw, rules: list[Rule], initial: FloatArray | None
) -> tuple[Levels, RewardLaw]:
    """Return the levels of a run, and the law whose atoms they are, for `prepared_on`.

    From p_ref the levels are the distinct rows of the reward and of what the rules read. Where that
    is not known, and from another start, each atom is one.

    Parameters
    ----------
    law : RewardLaw
        Law of the rewards under p_ref, without prompts.
    rules : list of Rule
        How the samples are chosen, at one step or another.
    initial : ndarray, shape (n,), or None
        Probabilities p_0; None for p_ref.

    Raises
    ------
    TypeError, ValueError
        If the law has not what a rule reads.
    """
    columns = columns_of_all(rules, law)
    if initial is not None or columns is None or law.is_continuous:
        return Levels.of(law, law.probs if initial is None else initial), law
    if law.size >= LEAST_ROWS:
        found = _atoms_as_levels(law, columns, _ranked(rules, law))
        if found is not None:
            return found
    return collapsed(law, rows_of(law, columns), columns)


def alike(index: IntArray, columns: Iterable[FloatArray | IntArray]) -> IntArray:
    """Return the numbers of the atoms' kinds: those of `index`, told apart by columns too."""
    for column in columns:
        values, within = np.unique(column, return_inverse=True)
        _, index = np.unique(index * values.size + within, return_inverse=True)
    return index


def collapsed(law: RewardLaw, index: IntArray, columns: Columns) -> tuple[Levels, RewardLaw]:
    """Return levels for a run from p_ref, and their law, from the atoms' kinds.

    Of the law's groups and scores, that has those among `columns`.
    """
    first = np.empty(int(index.max()) + 1, np.intp)
    first[index[::-1]] = np.arange(index.size)[::-1]
    reference = sums(index, law.probs, first.size)
    small = law_of_levels(law, columns, first, reference)
    kind = Levels if first.size < LEAST_ROWS else LargeLevels
    return kind(law, small.rewards, index, reference, law.probs, reference, reference), small


def law_of_levels(
    law: RewardLaw, columns: Columns, first: IntArray, masses: FloatArray
) -> RewardLaw:
    """Return the law whose atoms are levels: with what is read, and the prompts, of the law.

    Parameters
    ----------
    law : RewardLaw
        The law of the atoms.
    columns : list of ndarray
        What is read, the law's own arrays.
    first, masses : ndarray, shape (levels,)
        An atom of each level, and the level's mass.
    """
    read = {id(column) for column in columns}
    groups = prompts = None
    if law.group_index is not None and id(law.group_index) in read:
        groups = Labels(law.group_names, law.group_index[first])
    if law.prompt_index is not None:
        prompts = Labels(law.prompt_names, law.prompt_index[first])
    scores = {name: values[first] for name, values in law.scores.items() if id(values) in read}
    return RewardLaw(law.rewards[first], masses, groups, prompts=prompts, scores=scores or None)


def rows_of(law: RewardLaw, columns: Columns) -> IntArray:
    """Return each atom's number among the distinct rows of the reward and columns, by the reward.

    Columns are told apart as objects: the law's own.
    """
    read = {id(column): column for column in columns if column is not law.rewards}
    return alike(law.distinct[1], read.values())


def _ranked(rules: list[Rule], law: RewardLaw) -> FloatArray | None:
    """Return the column by which the rules rank, if they are such and it is one."""
    if not all(isinstance(rule, BestOf | TopShare) for rule in rules):
        return None
    by = {rule.by for rule in rules if isinstance(rule, BestOf | TopShare)}
    return column_of(law, by.pop()) if len(by) == 1 else None


def _atoms_as_levels(
    law: RewardLaw, columns: Columns, ranked: FloatArray | None
) -> tuple[LargeLevels, RewardLaw] | None:
    """Return levels that are the atoms of a large law, and the law whose atoms they are.

    Parameters
    ----------
    law : RewardLaw
        Without prompts; a run starts at its p_ref.
    columns : list of ndarray
        What the rules read.
    ranked : ndarray, shape (n,), or None
        The column by which rules rank, if there is one: the levels are in its order then.

    Returns
    -------
    (LargeLevels, RewardLaw) or None
        None if a sample of the rows has many ties, so that there are far fewer levels.
    """
    some = slice(None, None, 1 + law.size // _SAMPLE)
    rows = np.array([column[some] for column in [law.rewards, *columns]])
    if np.unique(rows, axis=1).shape[1] < rows.shape[1] / 2:
        return None
    if ranked is None:
        rewards, index, probs, ordered = law.rewards, np.arange(law.size), law.probs, law
    else:
        order = np.argsort(ranked)
        index = np.empty(law.size, np.intp)
        index[order] = np.arange(law.size)
        probs = law.probs if law.probs.strides == (0,) else law.probs[order]
        ordered = law_of_levels(law, columns, order, probs)
        rewards = ordered.rewards
    return LargeLevels(law, rewards, index, probs, law.probs, probs, probs), ordered


def prepared_on(small: RewardLaw, law: RewardLaw, rule: Rule) -> LogRatio:
    """Return log H on the levels of a run, as a function of log p there.

    Raises
    ------
    TypeError, ValueError
        If the law has not what the rule reads.
    """
    try:
        return rule.prepared(small)
    except ValueError:
        rule.prepared(law)  # its error names the atom; the other one a level
        raise
