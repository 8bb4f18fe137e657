"""Which columns hold votes, as people call them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from recurate.reading.names import RATERS, words

# Words in names of columns, the likeliest first.
_ITEMS = (
    *("model", "system", "item", "generator", "policy", "method", "agent", "engine", "player"),
    *("competitor", "contestant", "team", "candidate", "option", "alternative", "alt", "shown"),
    *("name", "llm", "id"),
)
_VOTES = (
    *("winner", "vote", "verdict", "preferred", "preference", "choice", "chosen", "judgment"),
    *("judgement", "decision", "pick", "selected", "better", "outcome", "result", "annotation"),
    *("label", "labels", "pref"),
)
_CHOSEN = (
    "chosen",
    "selected",
    "picked",
    "pick",
    "choice",
    "winner",
    "won",
    "preferred",
    "clicked",
)
_WON = ("winner", "winning", "won", "chosen", "preferred", "accepted", "selected", "better")
_LOST = ("loser", "losing", "lost", "rejected", "dispreferred", "unpreferred", "worse", "other")
_RANKS = ("rank", "ranks", "ranking", "placement")
_PAIRS = ("pair", "cmp", "comparison", "matchup", "battle", "versus")
_BESIDE = {*RATERS, "human", "overall", "final", "gold", "majority", "is", "the", "key", "g"}
_BESIDE |= {"type"}
_ANSWERS = {"response", "answer", "output", "completion", "assistant"}  # the model_a of response_a
_SCORES = ("reward", "rewards", "score", "scores", "rating", "logit", "logits")
_SCORERS = {"model", "rm", "avg", "mean"}  # the reward model's, or a mean of several
_TIES = {"tie", "tied", "draw", "is"}
_ENDS = ("tie", "ties", "tied", "draw", "draws")

SIDES = (
    *(("a", "b"), ("1", "2"), ("left", "right"), ("first", "second"), ("0", "1")),
    *(("home", "away"), ("white", "black")),
)
"""How the two of a pair are told apart, where their columns are else called the same."""
_EITHER_SIDE = [(a, (b,)) for a, b in SIDES]

Kind = Literal["pair", "won", "one-hot", "wins", "key", "set"]


@dataclass(frozen=True)
class VoteColumns:
    """Columns of a table of votes, by their use.

    Attributes
    ----------
    kind : {"pair", "won", "one-hot", "wins", "key", "set"}
        How a vote is written: two items and what was chosen; the winner and the loser; two items
        and a column each for the first, the second and a tie, with a 1 in one of them, or how often
        each was the outcome; the pair in one text; one item among several, in lists or in rows of
        its prompt.
    items : tuple of str
        The two columns of items, or the one.
    votes : tuple of str
        Columns of what was chosen; of "won", the one that says whether it is a tie, if any.
    pair, rank : str or None
        Column of the pair, or of ranks.
    prompts : tuple of str
        Columns of the prompt.
    weight : str or None
        Column of how many votes a row stands for.
    """

    kind: Kind
    items: tuple[str, ...] = ()
    votes: tuple[str, ...] = ()
    pair: str | None = None
    rank: str | None = None
    prompts: tuple[str, ...] = ()
    weight: str | None = None


def looks_like_votes(fields: Sequence[str]) -> str | None:
    """Return the command that reads a table without rewards, if its columns are those of votes."""
    scores = scores_of_two(fields)
    if scored_pair(fields) or (scores and vote_columns(fields, scores)):
        return "recurate calibrate"
    found = recognised(fields)
    if found is None or {"chosen", "rejected"} == set(found.items):
        return None  # they may be texts of answers
    if found.kind == "set" and not found.votes:
        return None  # a leaderboard has ranks too
    return "recurate votes"


def recognised(fields: Sequence[str]) -> VoteColumns | None:
    """Return the columns of votes by their names; None if there are none."""
    two = pair_of_items(fields)
    if two is not None and (three := _one_hot(fields, two)):
        is_wins = "wins" in words(three[0])
        return VoteColumns("wins" if is_wins else "one-hot", two, three)
    if won := _winner_and_loser(fields):
        return VoteColumns("won", won, _ties(fields)[:1])
    if two is not None and (votes := vote_columns(fields, two)):
        return VoteColumns("pair", two, votes)
    pair, item, rank = pair_column(fields), item_column(fields), rank_column(fields)
    if pair is not None and (votes := vote_columns(fields, (pair,))):
        return VoteColumns("key", votes=votes, pair=pair)
    if item is not None and rank is not None:
        return VoteColumns("set", (item,), rank=rank)
    if item is not None and (chosen := chosen_column(fields)):
        return VoteColumns("set", (item,), (chosen,))
    return None if rank is None else VoteColumns("set", (rank,))


def scored_pair(fields: Sequence[str]) -> tuple[str, str] | None:
    """Return the columns of the rewards of the chosen and of the rejected one of a pair."""
    return _sides_of(fields, [(won, _LOST) for won in _WON], _SCORES, _SCORERS)


def scores_of_two(fields: Sequence[str]) -> tuple[str, str] | None:
    """Return the columns of the rewards of the two of a pair, as reward_a and reward_b."""
    return _sides_of(fields, _EITHER_SIDE, _SCORES, _ANSWERS | {"model"})


def pair_of_items(fields: Sequence[str]) -> tuple[str, str] | None:
    """Return the two columns that hold the items of a pair, as model_a and model_b."""
    return _sides_of(fields, _EITHER_SIDE, _ITEMS, _ANSWERS, may_be_bare=True)


def vote_columns(fields: Sequence[str], used: Collection[str]) -> tuple[str, ...]:
    """Return the columns of what was chosen; several, if they differ in a number alone."""
    left = [field for field in fields if field not in used]
    best = _best(left, _rank_in(_VOTES, _BESIDE | set(_ITEMS)))
    if best is None:
        numbered = re.compile(rf"({'|'.join(RATERS)}) \d+")
        best = next((f for f in left if numbered.fullmatch(" ".join(words(f)))), None)
        if best is None:
            return ()
        return found if len(found := numbered_like(left, best)) > 1 else ()
    return numbered_like(left, best)


def pair_column(fields: Sequence[str]) -> str | None:
    """Return the column that names both items of a pair."""
    return _best(fields, _rank_in(_PAIRS, {"key", "name", "of", *_ITEMS, "models", "s"} - {"id"}))


def item_column(fields: Sequence[str]) -> str | None:
    """Return the column of items of a table with one a row, or of lists of them."""
    names = (*_ITEMS[:-2], *(f"{word}s" for word in _ITEMS[:-2]))
    return _best(fields, _rank_inside(names, {"name", "id"}))


def rank_column(fields: Sequence[str]) -> str | None:
    """Return the column of ranks."""
    return _best(fields, _rank_inside(_RANKS, set(_ITEMS) | {"human"}))


def chosen_column(fields: Sequence[str]) -> str | None:
    """Return the column that says of each of several items whether it was chosen."""
    return _best(fields, _rank_inside(_CHOSEN, set(_ITEMS) | {"is", "was", "if"}))


def is_of_one_side(field: str) -> bool:
    """Return whether a column has a name as columns of one of a pair have."""
    return any(word in side for side in SIDES for word in words(field))


def _rank_in(names: Sequence[str], beside: Collection[str]) -> Callable[[str], int | None]:
    """Return what ranks a field by the first of its words in `names`, None if one is unknown."""

    def rank(field: str) -> int | None:
        ranks = [names.index(word) for word in words(field) if word in names]
        others = [w for w in words(field) if w not in names and w not in beside and not w.isdigit()]
        return min(ranks) if ranks and not others else None

    return rank


def _rank_inside(names: Sequence[str], beside: Collection[str]) -> Callable[[str], int | None]:
    """Return what ranks a field as `_rank_in` does; of a record's, by its name in the record."""
    rank = _rank_in(names, beside)
    return lambda field: rank(field.rpartition(".")[2])


def _best(fields: Sequence[str], rank: Callable[[str], int | None]) -> str | None:
    found = [(place, field) for field in fields if (place := rank(field)) is not None]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def numbered_like(fields: Sequence[str], field: str) -> tuple[str, ...]:
    """Return the fields that are called as one is, but for the number."""
    stem = re.sub(r"\d+", "#", field)
    return tuple(f for f in fields if re.sub(r"\d+", "#", f) == stem) if "#" in stem else (field,)


def _sides_of(
    fields: Sequence[str],
    sides: Sequence[tuple[str, Collection[str]]],
    names: Sequence[str],
    beside: Collection[str],
    *,
    may_be_bare: bool = False,
) -> tuple[str, str] | None:
    """Return two fields that are called the same but for a word, which is of one side each.

    Their other words are of `names`, or `beside` them; the likeliest pair comes first.
    """
    found = []
    known = {field: words(field) for field in fields}
    for order, (side, partners) in enumerate(sides):
        for field, said in known.items():
            for place in [p for p, word in enumerate(said) if word == side]:
                rest = [*said[:place], *said[place + 1 :]]
                ranks = [names.index(word) for word in rest if word in names]
                if not all(w in names or w in beside for w in rest) or not (
                    ranks or (may_be_bare and not rest)
                ):
                    continue
                for other, its in known.items():
                    if any(its == [*said[:place], p, *said[place + 1 :]] for p in partners):
                        rank = min(ranks, default=len(names))
                        found.append(((rank, len(rest), order), (field, other)))
    return min(found)[1] if found else None


def _winner_and_loser(fields: Sequence[str]) -> tuple[str, str] | None:
    return _sides_of(fields, [(won, _LOST) for won in _WON], _ITEMS, set(), may_be_bare=True)


def _ties(fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(f for f in fields if (said := set(words(f))) and said <= _TIES and said != {"is"})


def _one_hot(fields: Sequence[str], two: tuple[str, str]) -> tuple[str, ...] | None:
    """Return the columns that say that the first, the second, or none won, or how often.

    They are called by the items' columns, as winner_model_a, or by the side, as label_0, wins_a;
    or they are the wins and losses of the first.
    """
    by_words = {tuple(words(field)): field for field in fields}
    names = [words(item) for item in two]
    sides = [[w for w in names[i] if w not in names[1 - i]] for i in (0, 1)]
    known = [(names, word) for word in ("winner", "win", "won", "wins")]
    known += [(sides, word) for word in ("win", "won", "wins", "label", "chosen", "preferred")]
    for ends, stem in known:
        first, second = (by_words.get((stem, *e)) or by_words.get((*e, stem)) for e in ends)
        if stem == "wins" and not (first and second):
            first, second = by_words.get(("wins",)), by_words.get(("losses",))
        ties = [by_words[n] for end in _ENDS for n in ((stem, end), (end,)) if n in by_words]
        if first and second:
            return (first, second, *ties[:1])
    return None
