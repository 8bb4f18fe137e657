"""Which columns of a table of votes are meant: as asked, else by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from recurate.errors import InputError
from recurate.numerics.text import listed, shown
from recurate.reading.choosing import named
from recurate.reading.names import other_raters, words
from recurate.reading.notices import may_be_prompts, tells_raters
from recurate.reading.votes import recognising
from recurate.reading.votes.asked import AskedVotes
from recurate.reading.votes.recognising import VoteColumns

_TYPE = (
    "name the two columns of items with --item-column, given twice (or the one of lists, or of an "
    "item a row), and the column of what was chosen with --vote-column"
)


def chosen_columns(fields: Sequence[str], asked: AskedVotes, name: str) -> VoteColumns:
    """Return the columns of votes that are asked for; what is not named is found by its name.

    Parameters
    ----------
    fields, name
        As of `recurate.reading.choosing.chosen`.
    asked : AskedVotes
        What is asked of the table.

    Raises
    ------
    InputError
        If a column is not there, or the table's columns are not those of votes.
    """
    items, votes = (
        tuple(named(fields, wanted, option, name) for wanted in given)
        for option, given in (("--item-column", asked.items), ("--vote-column", asked.votes))
    )
    for option, given in (("--item-column", items), ("--vote-column", votes)):
        if len(set(given)) < len(given):
            raise InputError(f"{option} must name each column once; got {listed(given)}")
    pair, rank = (
        None if wanted is None else named(fields, wanted, option, name)
        for option, wanted in (("--pair-column", asked.pair), ("--rank-column", asked.rank))
    )
    if pair is not None and (items or rank is not None):
        other = "--item-column" if items else "--rank-column"
        raise InputError(f"only one of --pair-column and {other} can be given; got both")
    if rank is not None and votes:
        raise InputError("only one of --rank-column and --vote-column can be given; got both")
    if rank is not None and len(items) > 1:
        raise InputError(f"--rank-column ranks one --item-column; got {listed(items)}")
    prompts = tuple(named(fields, wanted, "--prompt-column", name) for wanted in asked.prompts)
    used = (*items, *votes, pair, rank)
    for prompt in prompts:
        _require_own("--prompt-column", prompt, used)
    weight = weight_column(fields, asked.weight, (*used, *prompts), name)
    used = (*used, *prompts, weight)
    free = [field for field in fields if field not in used]
    found = _columns(free, items, votes, pair, rank)
    if found is None:
        raise _no_votes(fields, name, items, votes, pair, rank)
    if weight is not None and found.kind == "wins":
        raise InputError(
            f"only one of --weight-column and columns of wins can be there; got {shown(weight)} "
            f"and {listed(found.votes)}"
        )
    return replace(found, prompts=prompts, weight=weight)


def weight_column(
    fields: Sequence[str], weight: str | None, used: Sequence[str | None], name: str
) -> str | None:
    """Return the column of how many votes a row stands for, which has no other use."""
    if weight is not None:
        weight = named(fields, weight, "--weight-column", name)
        _require_own("--weight-column", weight, used)
    return weight


def _require_own(option: str, field: str, used: Sequence[str | None]) -> None:
    if field in used:
        raise InputError(f"{option} must be a column of its own; got {shown(field)} twice")


def _columns(
    free: Sequence[str],
    items: tuple[str, ...],
    votes: tuple[str, ...],
    pair: str | None,
    rank: str | None,
) -> VoteColumns | None:
    """Return the columns that are asked for, and `free` ones for what is not; or None."""
    if not (items or votes or pair or rank):
        return recognising.recognised(free)
    if pair is None and rank is None and len(items) in (0, 2) and len(votes) != 1:
        found = recognising.recognised([*items, *votes, *free])
        is_asked = found is not None and {*items} <= {*found.items} and {*votes} <= {*found.votes}
        if is_asked and found is not None and found.kind in ("won", "one-hot", "wins"):
            return found
    if pair is None and rank is None and not items:
        items = recognising.pair_of_items(free) or ()
        if not items:
            pair = recognising.pair_column(free)
    if pair is not None or len(items) == 2:
        if rank is None and (votes := votes or recognising.vote_columns(free, items)):
            return VoteColumns("pair" if items else "key", items, votes, pair)
        return None
    if not items:
        item = recognising.item_column(free)
        if item is None:
            return None
        items = (item,)
    if not votes and rank is None:
        rank = recognising.rank_column(free)
        chosen = recognising.chosen_column(free) if rank is None else None
        votes = () if chosen is None else (chosen,)
    return VoteColumns("set", items, votes, rank=rank)


def _no_votes(
    fields: Sequence[str],
    name: str,
    items: tuple[str, ...],
    votes: tuple[str, ...],
    pair: str | None,
    rank: str | None,
) -> InputError:
    """Return the error of a table whose columns are not those of votes, with what to type."""
    if items or pair is not None:
        column = _vote_column(fields, items or (str(pair),))
        what = f"pair column {shown(pair)}" if pair else f"columns of items {listed(items)}"
        won = ""
        if len(items) == 2 and column == "--vote-column":
            won = f" ({shown(items[0])} itself, if the first of the two always won)"
        return InputError(
            f"{name}: {what} must come with what was chosen: name its column with "
            f"{column}{won}; got {listed(fields)}"
        )
    if rank is not None:
        return InputError(
            f"{name}: --rank-column ranks items: name their column with --item-column; got "
            f"{listed([field for field in fields if field != rank])}"
        )
    scored = recognising.scored_pair(fields)
    if scored is None and (scores := recognising.scores_of_two(fields)):
        scored = scores if recognising.vote_columns(fields, scores) else None
    if scored and not votes:
        return InputError(
            f"{name} must be a table of votes; got rewards of pairs ({listed(scored)}): try "
            "recurate calibrate"
        )
    both = recognising.pair_of_items(fields) or recognising.pair_column(fields)
    if both and not votes and not all(field.isdigit() for field in both):
        what = f"columns {listed(both)}" if isinstance(both, tuple) else f"column {shown(both)}"
        column = _vote_column(fields, both if isinstance(both, tuple) else (both,))
        return InputError(
            f"{name}: {what} may name the two items: name the column of what was chosen with "
            f"{column}; got {listed(fields)}"
        )
    if not votes and (options := _of_ratings(fields)):
        return InputError(
            f"{name} must be a table of votes; its columns may be of ratings "
            f"({listed(fields)}): try recurate predict with {options}; if it does hold votes, "
            f"{_TYPE}"
        )
    if not votes and any(
        word in ("reward", "score", "rating") for f in fields for word in words(f)
    ):
        return InputError(
            f"{name} must be a table of votes; got one of rewards ({listed(fields)}): try recurate "
            f"predict; if it does hold votes, {_TYPE}"
        )
    return InputError(
        f"{name} must be a table of votes, with columns such as model_a, model_b and winner (or "
        f"wins_a and wins_b), or winner and loser; got {listed(fields)}: {_TYPE}"
    )


def _vote_column(fields: Sequence[str], items: Sequence[str]) -> str:
    """Return how the column of votes is named; several, if they are called alike but for a number.

    Two whose numbers are those of the items are no annotators', but of the two sides.
    """
    numbers = [re.findall(r"\d+", item) for item in items]
    left = [field for field in fields if field not in items and re.search(r"\d", field)]
    for field in left:
        each = recognising.numbered_like(left, field)
        if len(each) > 1 and [re.findall(r"\d+", one) for one in each] != numbers:
            return f"{_each('--vote-column', each)} (given again for each annotator)"
    return "--vote-column"


def _of_ratings(fields: Sequence[str]) -> str | None:
    """Return the options that read ratings, if a column is of raters, or each of them has one."""
    for field in fields:
        if others := other_raters(fields, field):
            return _each("--reward-column", [field, *others])
    raters = [field for field in fields if tells_raters(field)]
    if not raters:
        return None
    item = recognising.item_column(fields)
    prompts = [field for field in fields if may_be_prompts(field) and field != item]
    left = [field for field in fields if field not in (*raters, *prompts, item)]
    reward = shown(left[0]) if len(left) == 1 else "NAME"
    options = {"--reward-column": reward, "--rater-column": shown(raters[0])}
    options["--group-column"] = "NAME" if item is None else shown(item)
    if prompts:
        options["--prompt-column"] = shown(prompts[0])
    return " ".join(f"{option} {column}" for option, column in options.items())


def _each(option: str, fields: Sequence[str]) -> str:
    """Return an option once for each column, and how many more there are of many."""
    more = f" ... and {len(fields) - 8:,} more" if len(fields) > 8 else ""
    return " ".join(f"{option} {shown(field)}" for field in fields[:8]) + more
