"""What `recurate votes` prints: the items' rewards, and what the votes say of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from recurate import __version__
from recurate.numerics.files import write_csv
from recurate.numerics.laws.levels import sums
from recurate.numerics.text import shortened
from recurate.printing.as_json import as_json
from recurate.printing.columns import Column, print_columns
from recurate.printing.words import (
    LEVEL,
    number,
    p_in_words,
    plural,
    printable,
    prior_in_words,
    say,
    say_under,
    say_what_to_type,
    three_digits,
)

if TYPE_CHECKING:
    from rich.console import Console

    from recurate.numerics.validation import FloatArray
    from recurate.numerics.votes.cycles import Cycle
    from recurate.numerics.votes.goodness import FitTest, Untested
    from recurate.numerics.votes.votes import Votes
    from recurate.reading.votes.table import VotedTable

MOST_ITEMS = 60
"""Most items that are printed."""

_ROUNDING = 1e-12  # of rewards, by the largest


def print_votes(
    read: VotedTable,
    fit: FitTest | Untested,
    cycles: Sequence[Cycle],
    next_lines: Sequence[str],
    console: Console,
) -> None:
    """Print the rewards of items, best first, their errors, and whether the votes bear them out.

    Parameters
    ----------
    read : VotedTable
        The votes, and their rewards.
    fit : FitTest or Untested
        The test of their form, or why there is none.
    cycles : sequence of Cycle
        Those that are significant.
    next_lines : sequence of str
        Commands that may follow.
    console : Console
        Where to print.
    """
    votes = read.voted.votes
    say(console, f"{printable(read.source)}: {votes_in_words(votes)}")
    prior = prior_in_words(read.voted)
    say(console, f"rewards by Bradley–Terry{prior}, in log-odds; their mean is 0")
    say(console, "")
    left_out = print_columns(_columns(read), console)
    say(console, _meanings(votes, left_out), style="dim")
    if len(votes.items) > MOST_ITEMS:
        more = plural(len(votes.items) - MOST_ITEMS, "item")
        say(console, f"and {more} below these; --out and --json have all")
    say_under(console, "Standard errors", _error_lines(read))
    say_under(
        console,
        "Does Bradley–Terry fit?",
        (*_fit_lines(fit, _choices(votes)), *_cycle_lines(cycles)),
    )
    say_what_to_type(console, next_lines)


def votes_in_words(votes: Votes) -> str:
    """Return how many votes there are, how many are ties, and on how many items."""
    ties = tied(votes)
    among = f" ({plural(ties, 'tie')})" if ties else ""
    return f"{plural(votes.count, 'vote')}{among} on {plural(len(votes.items), 'item')}"


def tied(votes: Votes) -> int:
    """Return the number of ties between two: each is two choices of half the weight.

    Of rankings, whose ties are split in other ways, it is 0.
    """
    return int(np.count_nonzero(votes.weights == 0.5)) // 2 if _are_pairs(votes) else 0


def _are_pairs(votes: Votes) -> bool:
    return bool((np.diff(votes.starts) == 1).all())


def shares_chosen(votes: Votes) -> tuple[FloatArray, FloatArray]:
    """Return in how many choices each item stood, a tie as one, and how often it was chosen."""
    chosen = sums(votes.chosen, votes.weights, len(votes.items))
    weights = np.repeat(votes.weights, np.diff(votes.starts))
    stood = chosen + sums(votes.others, weights, len(votes.items))
    return stood, chosen / stood


def _rewards(read: VotedTable) -> FloatArray:
    """Return the items' rewards; what is no larger than their rounding errors is zero."""
    rewards, sizes = read.voted.rewards, np.abs(read.voted.rewards)
    return np.where(sizes <= _ROUNDING * sizes.max(), 0.0, rewards)


def _order(read: VotedTable) -> list[int]:
    """Return the items' numbers, best first."""
    return [int(i) for i in np.argsort(-read.voted.rewards, kind="stable")]


def _columns(read: VotedTable) -> list[Column]:
    voted, order = read.voted, _order(read)[:MOST_ITEMS]
    stood, share = shares_chosen(voted.votes)
    rewards = _rewards(read)
    columns = [
        Column("item", [shortened(printable(str(voted.items[i])), 60) for i in order]),
        Column("reward", [number(float(rewards[i])) for i in order]),
        Column("standard error", [number(float(voted.standard_errors[i])) for i in order]),
    ]
    if _has_clusters(voted.votes):
        naive = [number(float(voted.naive_standard_errors[i])) for i in order]
        columns.append(Column("naive", naive, kind="naive"))
    what = _choices(voted.votes)
    columns.append(Column(what, [f"{stood[i]:,.10g}" for i in order], kind=what))
    columns.append(Column("share won", [f"{share[i]:.4f}" for i in order], kind="share won"))
    return columns


def _has_clusters(votes: Votes) -> bool:
    return votes.cluster_is != "vote"


def _choices(votes: Votes) -> str:
    """Return what an item may win: votes on two items, or choices among several."""
    return "votes" if _are_pairs(votes) else "choices"


def _meanings(votes: Votes, left_out: set[str]) -> str:
    what = _choices(votes)
    meanings = {
        "reward": "the difference of two is the log-odds that the first is chosen",
        "naive": "standard error as if all votes were independent",
        what: "those that the item stood in"
        + ("" if what == "votes" else ", of which a ranking of k items has k - 1"),
        "share won": "of those" + (", a tie counted half" if tied(votes) else ""),
    }
    if not _has_clusters(votes):
        del meanings["naive"]
    words = [f"{name}: {text}" for name, text in meanings.items() if name not in left_out]
    return "; ".join(words) + "."


def _error_lines(read: VotedTable) -> Iterable[str]:
    voted, votes = read.voted, read.voted.votes
    if _has_clusters(votes):
        unit = votes.cluster_is
        yield (
            f"by {unit}s: votes of one {unit} may depend on one another "
            f"({votes.count:,} votes of {plural(votes.clusters, unit)})"
        )
    elif read.asked.prompts:
        yield "as if all votes were independent: each is on a prompt of its own"
    else:
        yield (
            "as if all votes were independent; --prompt-column, or a --vote-column for each "
            "annotator, says which depend on one another"
        )
    yield (
        "of a reward's distance from the mean of all; the error of a difference of two comes from "
        "the covariance (--json)"
    )
    if voted.prior is not None:
        yield (
            f"the prior (standard deviation {voted.prior:g}) draws rewards together, and makes "
            "their errors smaller"
        )


def _fit_lines(fit: FitTest | Untested, what: str) -> Iterable[str]:
    from recurate.numerics.votes.goodness import Untested

    if isinstance(fit, Untested):
        yield f"nothing tests it: {fit.reason}"
        return
    is_doubted = fit.p_value < LEVEL
    # X² need not have a χ² law: ties and votes that depend on one another change its mean.
    mean = fit.dispersion * fit.degrees
    yield (
        f"{'no' if is_doubted else 'it may, as far as these votes tell'}: "
        f"{p_in_words(fit.p_value)} (X² = {three_digits(fit.statistic)}; on average "
        f"{three_digits(mean)} if it fits; {plural(fit.degrees, 'degree')} of freedom)"
    )
    if is_doubted:
        yield "no rewards explain these votes; those above come nearest, and may mislead"
        far = fit.furthest
        one, other = (printable(str(item)) for item in far.items)
        yield (
            f"furthest off: {one} over {other} in {far.share:.2f} of {far.votes:,.10g} {what}, "
            f"{far.share_by_rewards:.2f} by the rewards"
        )


def doubt_in_words(read: VotedTable | None) -> Iterable[str]:
    """Yield that the votes do not have the form that their rewards assume, if a test says so."""
    from recurate.numerics.votes.goodness import FitTest, fit_test

    fit = None if read is None else fit_test(read.voted)
    if isinstance(fit, FitTest) and fit.p_value < LEVEL:
        yield (
            f"Bradley–Terry does not fit these votes ({p_in_words(fit.p_value)}), and all of this "
            "may mislead; recurate votes says more"
        )


def _cycle_lines(cycles: Sequence[Cycle]) -> Iterable[str]:
    for cycle in cycles[:5]:
        names = [printable(str(item)) for item in (*cycle.items, cycle.items[0])]
        p_value = p_in_words(cycle.p_value)
        yield f"a cycle: {' over '.join(names)} ({p_value}, adjusted for all pairs)"
    if len(cycles) > 5:
        yield f"and {plural(len(cycles) - 5, 'cycle')} more (--json)"


def votes_json(read: VotedTable, fit: FitTest | Untested, cycles: Sequence[Cycle]) -> str:
    """Return rewards, errors and tests as one JSON object."""
    voted, order, rewards = read.voted, _order(read), _rewards(read)
    stood, share = shares_chosen(voted.votes)
    return as_json(
        {
            "recurate": __version__,
            "parameters": {"source": read.source, **votes_entries(read)},
            "items": [
                {
                    "item": voted.items[i],
                    "reward": float(rewards[i]),
                    "standard_error": float(voted.standard_errors[i]),
                    "naive_standard_error": float(voted.naive_standard_errors[i]),
                    _choices(voted.votes): float(stood[i]),
                    "share_won": float(share[i]),
                }
                for i in order
            ],
            "covariance": voted.covariance[np.ix_(order, order)].tolist(),
            "test_of_fit": asdict(fit),
            "cycles": [asdict(cycle) for cycle in cycles],
        }
    )


def votes_entries(read: VotedTable) -> dict[str, Any]:
    """Return what was asked of votes, and how many there are, for JSON."""
    votes = read.voted.votes
    return {
        "table": asdict(read.asked),
        "prior": read.voted.prior,
        "votes": votes.count,
        "ties": tied(votes),
        "clusters": {"of": votes.cluster_is, "count": votes.clusters},
    }


def fit_entries(read: VotedTable | None) -> dict[str, Any] | None:
    """Return the test of fit for JSON, of rewards that come from votes."""
    from recurate.numerics.votes.goodness import fit_test

    return None if read is None else asdict(fit_test(read.voted))


def write_rewards(read: VotedTable, file: BinaryIO) -> None:
    """Write the table that `recurate predict` reads, best first."""
    voted, order = read.voted, _order(read)
    write_csv(
        file,
        {
            "item": [voted.items[i] for i in order],
            "reward": _rewards(read)[order].tolist(),
            "standard_error": voted.standard_errors[order].tolist(),
        },
    )
