"""Bins of rows that a loop's rules treat alike, or nearly so.

Rows are told apart by their reward and by what the rules read, and rows that agree in all of it are
one bin. Where there are very many of these, near ones are put together: each column is turned into
the log-odds of its ranks, so that bins are finer towards both ends of it, and cut into equal parts.
``docs/uncertainty.md`` says what that costs.
"""

from __future__ import annotations

import numpy as np

from recurate.numerics.inference.resampled_tables import Table, in_bins
from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.levels import sums
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.rules.levels import alike, rows_of
from recurate.numerics.rules.rule import Rule, columns_of_all
from recurate.numerics.validation import FloatArray

MOST_BINS = 4000
"""Most bins, if rows have to be put together."""

_UNREAD = 4.0  # times as wide
_COARSEST, _FINER = 8.0, 2.0**-0.5  # width of a bin, in log-odds of ranks; and the next one tried


def binned_by_rules(
    law: RewardLaw, rules: list[Rule], followed: tuple[int, ...], most: int | None = None
) -> tuple[Table, RewardLaw]:
    """Return the rows of a law in bins, and the law of the bins, for `prepared_on`.

    If a rule does not say what it reads, each row is a bin.

    Parameters
    ----------
    law : RewardLaw
        Law of the rows, without prompts.
    rules : list of Rule
        How the samples are chosen, at one step or another.
    followed : tuple of int
        Numbers of the groups that are followed.
    most : int, optional
        Most bins, if rows have to be put together; `MOST_BINS` by default.
    """
    columns = columns_of_all(rules, law)
    bins = bins_of(law, rules, most)
    if columns is None:
        return in_bins(law, followed, bins, law.rewards), law
    read = {id(column) for column in columns if column is not law.rewards}
    number = int(bins.max()) + 1
    starts = np.full(number, np.inf)
    np.minimum.at(starts, bins, law.rewards)
    table = in_bins(law, followed, bins, starts)
    _, first = np.unique(bins, return_index=True)
    groups = None
    if law.group_index is not None and id(law.group_index) in read:
        groups = Labels(law.group_names, law.group_index[first])
    masses = sums(bins, law.probs, number)
    weights = np.where(masses[bins] > 0, law.probs, 1.0)  # rows without mass count evenly
    shares = weights / sums(bins, weights, number)[bins]
    scores = {
        name: values[first] + sums(bins, shares * (values - values[first][bins]), number)
        for name, values in law.scores.items()
        if id(values) in read
    }
    return table, RewardLaw(table.rewards, masses, groups, scores=scores or None)


def bins_of(law: RewardLaw, rules: list[Rule], most: int | None = None) -> IntArray:
    """Return the number of each row's bin, as `binned_by_rules`."""
    most = MOST_BINS if most is None else most
    columns = columns_of_all(rules, law)
    if columns is None:
        return np.arange(law.size)
    bins = rows_of(law, columns)
    if bins.max() < most:
        return bins
    read = {id(column): column for column in columns if column is not law.rewards}
    return _near(law, list(read.values()), any(column is law.rewards for column in columns), most)


def _near(
    law: RewardLaw, read: list[FloatArray | IntArray], reads_reward: bool, most: int
) -> IntArray:
    """Return the bin of each row, with near rows together; those of the best reward by themselves.

    Bins are as narrow as can be without being more than `most`; groups are never put together.
    """
    apart = alike(
        (law.rewards == law.max_reward).astype(np.intp), [c for c in read if _is_label(c)]
    )
    odds = [_log_odds(column) for column in read if not _is_label(column)]
    # A reward that no rule reads is only measured.
    odds.append(_log_odds(law.rewards) / (1.0 if reads_reward else _UNREAD))
    width, found = _COARSEST, apart
    while True:
        bins = alike(apart, [np.floor(column / width) for column in odds])
        if bins.max() >= most and width < _COARSEST:
            return found
        found, width = bins, width * _FINER


def _is_label(column: FloatArray | IntArray) -> bool:
    return column.dtype.kind == "i"


def _log_odds(column: FloatArray | IntArray) -> FloatArray:
    """Return log(F/(1 - F)) of each value, with F the share of the rows below it, ties half."""
    from scipy.stats import rankdata  # slow to load

    below = (rankdata(column) - 0.5) / column.size
    log_odds: FloatArray = np.log(below) - np.log1p(-below)
    return log_odds
