"""Raters as voters: each goes by a score of the law, on the candidates that all of them rated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from recurate.errors import InputError
from recurate.numerics.laws.groups import Labels, by_first_appearance
from recurate.numerics.text import listed
from recurate.numerics.validation import FloatArray
from recurate.reading import units
from recurate.reading.asked import Asked
from recurate.reading.choosing import Chosen
from recurate.reading.columns import BoolArray, Place
from recurate.reading.notices import Notices
from recurate.reading.raters import Entries

if TYPE_CHECKING:
    from recurate.numerics.inference.ratings import Ratings


def of_voters(
    means: Entries, ratings: Ratings, uses: Chosen, shares: Sequence[float], said: Notices
) -> tuple[Entries, dict[str, FloatArray]]:
    """Return the candidates that all voters rated, and each voter's rewards of them, by its name.

    Rewards are means over the voters, by their shares. With prompts those are kept all of whose
    candidates were rated by all: with one left out, the others would be chosen more often.

    Parameters
    ----------
    means : Entries
        The candidates, as `recurate.reading.raters.rated` returns them.
    ratings : Ratings
        Theirs.
    uses : Chosen
        The table's columns.
    shares : sequence of float
        Of the voters; none if all are alike.
    said : Notices
        Is told how many candidates are left out.

    Raises
    ------
    InputError
        If it is not known who rated, no candidate is left, or there is another number of shares.
    """
    if not ratings.raters:
        raise InputError(
            "--raters voters needs to know who rated what, and lists of ratings name nobody: "
            "--rater-column may name a column of lists, too"
        )
    names = [str(name) if uses.wide else f"{uses.rater} {name}" for name in ratings.raters]
    if shares and len(shares) != len(names):
        raise InputError(
            f"--shares must have one share for each voter, {len(names):,} of them "
            f"({listed(names)}); got {len(shares)}"
        )
    taken = [name for name in names if name in means.scores and not uses.wide]
    if taken:
        raise InputError(f"--follow must name no column that is called as a voter is; got {taken}")
    found = _rewards(ratings, means.rewards.size, len(names))
    kept = _rated_by_all(~np.isnan(found.sum(axis=1)), means, len(names), said)
    found, candidates = found[kept], _only(means, kept)
    if shares:
        weighted = found @ np.array(shares) / sum(shares)
        # Rewards that all voters share are their own mean, though sums are rounded.
        own = np.clip(weighted, found.min(axis=1), found.max(axis=1))
        candidates = replace(candidates, rewards=own)
    return candidates, dict(zip(names, found.T.copy(), strict=True))


def _rewards(ratings: Ratings, candidates: int, voters: int) -> FloatArray:
    """Return each voter's rewards, NaN of what was not rated, shape (candidates, voters).

    If somebody rated a candidate again, it is the mean.
    """
    cells = ratings.candidate * voters + ratings.rater
    size = candidates * voters
    with np.errstate(invalid="ignore"):
        means = np.bincount(cells, ratings.values, size) / np.bincount(cells, minlength=size)
    rewards: FloatArray = means.reshape(candidates, voters)
    return rewards


def _rated_by_all(is_rated: BoolArray, means: Entries, voters: int, said: Notices) -> BoolArray:
    """Return which candidates are kept, and say how many are not."""
    index = np.arange(is_rated.size) if means.prompts is None else means.prompts.numbers
    what = "candidate" if means.prompts is None else "prompt"
    is_whole = np.bincount(index, ~is_rated) == 0
    every, left_out = is_whole.size, int((~is_whole).sum())
    if left_out == every:
        raise InputError(
            f"{said.name} must have a {what} whose ratings are by all {voters:,} voters; got none "
            f"among {every:,}: --where leaves raters out, --raters mean takes what there is"
        )
    if left_out:
        rows = f" ({int((~is_whole[index]).sum()):,} candidates)" if what == "prompt" else ""
        said.say(
            f"{left_out:,} of {every:,} {what}s{rows} {'is' if left_out == 1 else 'are'} left out: "
            f"not all {voters:,} voters rated {'it' if left_out == 1 else 'them'}"
        )
    kept: BoolArray = is_whole[index]
    return kept


def _only(entries: Entries, kept: BoolArray) -> Entries:
    """Return some of the entries."""

    def of(labels: Labels | None) -> Labels | None:
        if labels is None:
            return None
        present, numbers = by_first_appearance(labels.numbers[kept])
        return Labels(tuple(labels.names[number] for number in present.tolist()), numbers)

    if kept.all():
        return entries
    return Entries(
        entries.rows.where(kept),
        entries.rewards[kept],
        None if entries.weights is None else entries.weights[kept],
        of(entries.groups),
        of(entries.prompts),
        {name: values[kept] for name, values in entries.scores.items()},
    )


def gone_by_voters(
    voters: dict[str, FloatArray], asked: Asked, trials: FloatArray | None, place: Place
) -> tuple[dict[str, FloatArray], tuple[str, ...], float]:
    """Return scores that voters go by beside their rewards as they stand, and how they go by them.

    Parameters
    ----------
    voters : dict of ndarray, shape (candidates,)
        Each voter's rewards, as they stand in the table.
    asked : Asked
        What is asked of the table.
    trials : ndarray, shape (1,), or None
        Number of trials of each rate.
    place : callable
        Says where a candidate is, for errors.

    Returns
    -------
    scores : dict of ndarray, shape (candidates,)
        Log-odds times γ, where the rewards are in another unit or γ turns them round.
    names : tuple of str
        The score of each voter.
    scale : float
        Factor of these scores.
    """
    if asked.unit == "log-odds" and asked.scale > 0:
        return {}, tuple(voters), asked.scale
    scores = {}
    for name, values in voters.items():
        transform = units.transform_of(asked, trials, name, place, are_means=False)
        title = f"{asked.scale:g} × {name}" if asked.unit == "log-odds" else f"log-odds of {name}"
        scores[title] = transform(values)
    return scores, tuple(scores), 1.0
