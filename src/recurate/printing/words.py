"""Laws, loops and numbers in words, and text on the terminal."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
from rich.text import Text

from recurate.numerics.text import LARGEST_NUMBER, escaped, shortened
from recurate.numerics.text import printable as printable
from recurate.numerics.text import three_digits as three_digits

if TYPE_CHECKING:
    from rich.console import Console

    from recurate.numerics.laws.reward_law import RewardLaw
    from recurate.numerics.validation import FloatArray
    from recurate.numerics.votes.fit import VotedRewards
    from recurate.reading.table import RewardTable

SYMBOLS = {
    "expected_reward": "E[r]",
    "expected_weight": "E[e^r]/e^max",
    "kl_to_reference": "KL",
    "mass_at_max": "at max",
}
"""Names of the figures that are shown."""

_MEANINGS = {
    "expected_reward": "expected reward",
    "expected_weight": "expected weight, relative to that of {best}",
    "kl_to_reference": "divergence from the real data, in nats",
    "mass_at_max": "share of the samples that have {best}",
}

MOST_ROWS = 21
"""Most rows of a table over t."""

LEVEL = 0.05
"""Error rate at which the form of a law is doubted: that of the intervals beside it."""

ESTABLISHED_STYLES = {
    "formal": "green",
    "proved": "green",
    "tried": "yellow",
    "open": "yellow",
    "refuted": "bold red",
}
"""Colours of the words that say how far a result is established."""

VERDICT_STYLES = {
    "holds": "green",
    "open": "yellow",
    "violated": "bold red",
    "refuted": "bold red",
}
"""Colours of verdicts."""


def say(
    console: Console, text: str | Text, indent: int = 0, style: str = "", *, label: str | Text = ""
) -> None:
    """Print text, wrapped to the console and indented; a label stands in the first indentation."""
    content = Text(text) if isinstance(text, str) else text
    content.stylize(style)
    margin: str | Text = label or " " * indent
    for line in content.wrap(console, max(console.width - indent, 20)):
        line.rstrip()
        console.print(Text.assemble(margin, line), soft_wrap=True)
        margin = " " * indent


def say_under(console: Console, heading: str, lines: Iterable[str]) -> None:
    """Print lines under a heading, after a blank line."""
    say(console, "")
    say(console, heading, style="bold")
    for line in lines:
        say(console, line, 2)


def say_what_to_type(console: Console, lines: Iterable[str]) -> None:
    """Print commands under a heading, each in a line of its own, so that it can be copied."""
    say_under(console, "What to type next", [])
    for line in lines:
        console.print(Text(f"  {escaped(line)}"), soft_wrap=True)


def meanings(table: RewardTable, *figures: str) -> str:
    """Return what the symbols of figures mean, in a line without a full stop.

    Scores stand beside the expected reward, and so do their meanings.
    """
    best = "the best reward" + (" of their prompt" if table.law.prompt_names else "")
    words = []
    for figure in figures:
        meaning = _MEANINGS[figure].format(best=best)
        if figure == "expected_reward" and table.asked.are_odds:
            meaning += ", in log-odds"
        words.append(f"{SYMBOLS[figure]}: {meaning}")
        if figure == "expected_reward":
            words += _score_meanings(table)
    return "; ".join(words)


def _score_meanings(table: RewardTable) -> Iterable[str]:
    names = {name: score_name(name) for name in table.law.score_names}
    if table.in_unit is not None:
        yield f"{names.pop(table.in_unit)}: its mean, as it stands in the table"
    if names:
        some = ", ".join([*names.values()][:8]) + (", …" if len(names) > 8 else "")
        yield f"{some}: {'its mean' if len(names) == 1 else 'their means'}"


def rows_shown(steps: int, most: int = MOST_ROWS) -> list[int]:
    """Return every t, or at most so many of them, evenly from the first to the last."""
    count = min(steps, most - 1)
    return sorted({round(steps * i / count) for i in range(count + 1)}) if count else [0]


def table_in_words(table: RewardTable) -> str:
    """Return a law's source and size, in a line, and in another what its prompts are."""
    law = table.law
    size = plural(table.rows, "reward") + _origin(table)
    groups = f", {plural(len(law.group_names), 'group')}" if law.group_names else ""
    first = f"{printable(table.source)}: {size}, best {_best(table)}{groups}"
    if law.prompt_index is None:
        return first
    are_equal = table.asked.prompt_weights == "equal"
    row = "row" if table.estimates is None else "candidate"
    weighted = "which weigh the same" if are_equal else f"weighted by {row}s"
    prompts = plural(len(law.prompt_names), "prompt")
    return (
        f"{first}\n{prompts}, {plural(table.rows, row)}: curation within each prompt; figures are "
        f"means over prompts, {weighted}"
    )


def _origin(table: RewardTable) -> str:
    """Return from which votes rewards come, or of how many ratings they are the means."""
    if table.about is not None and table.about.parts:
        bad = len(table.about.bad)
        left_out = f", {plural(bad, 'other')} left out" if bad else ""
        return f" in {plural(table.about.parts - bad, 'part')} ({table.about.source}{left_out})"
    if table.votes is not None:
        voted = table.votes.voted
        return f" from {plural(voted.votes.count, 'vote')}, by Bradley–Terry{prior_in_words(voted)}"
    ratings = table.estimates
    if ratings is None:
        return f", means of {plural(len(table.voters), 'voter')}" if table.voters else ""
    from recurate.numerics.inference.ratings import Ratings  # it loads SciPy

    if not isinstance(ratings, Ratings):
        return ""
    by = f" by {plural(len(ratings.raters), 'rater')}" if ratings.raters else ""
    return f", means of {plural(ratings.values.size, 'rating')}{by}"


def prior_in_words(voted: VotedRewards) -> str:
    """Return the prior of rewards that come from votes, if there is one."""
    if voted.prior is None:
        return ""
    return f" with a normal prior of standard deviation {voted.prior:g}"


def scale_in_words(law: RewardLaw) -> str:
    """Return what the scale of a law's rewards implies for a choice between two samples."""
    from recurate.numerics.laws.pair_gaps import pair_gaps

    gaps, has_prompts = pair_gaps(law), bool(law.prompt_names)
    if gaps is None:
        what = "answers to each prompt" if has_prompts else "samples"
        return f"all {what} are tied: choices are at random"
    two = "untied answers to one prompt" if has_prompts else "untied samples"
    better = f"{gaps.chosen_better:.2f}" if gaps.chosen_better < 0.995 else "above 0.99"
    odds, median = three_digits(gaps.odds), three_digits(gaps.median_ratio)
    return (
        f"of two random {two} the better is chosen with probability {better}, odds {odds} to 1; in "
        f"half of pairs {median}{' or more' if gaps.median_ratio <= LARGEST_NUMBER else ''}"
    )


def _best(table: RewardTable) -> str:
    """Return the best reward, and in parentheses what it is in the table, if that is another."""
    law, best = table.law, number(table.law.max_reward)
    if table.in_unit is None:
        return best
    own = law.scores[table.in_unit][(law.rewards == law.max_reward) & (law.probs > 0)]
    own = own[~np.isnan(own)]  # of a summary, some atoms have another score's value
    # Of a scale of 0 all rewards are the best one.
    return best if np.ptp(own) else f"{best} ({score_name(table.in_unit)} {number(float(own[0]))})"


def prompts_with_one_answer(law: RewardLaw) -> int:
    """Return the number of a law's prompts that have one answer."""
    if law.prompt_index is None:
        return 0
    counts = None if law.atom_rows is None else law.atom_rows.counts
    return int((np.rint(np.bincount(law.prompt_index, counts)) == 1).sum())


def group_name(law: RewardLaw, group: int) -> str:
    """Return a group's name as it can be printed: empty and unprintable ones in quotes."""
    return printable(str(law.group_names[group]))


def score_name(name: str) -> str:
    """Return a column's name as it can be printed, and short: quoted if a figure has that name."""
    return repr(name) if name in ("t", *SYMBOLS.values()) else shortened(printable(name), 60)


def candidates_in_words(K: float) -> str:
    """Return a number of candidates, in full up to 2^53: 1048576, or inf."""
    return f"{K:.0f}" if K <= 2.0**53 or K == math.inf else f"{K:g}"


def mixings_below(lam: float) -> str:
    """Return which λ are below one: "λ below 0.3333", "no λ" or "every λ"."""
    return {0.0: "no λ", math.inf: "every λ"}.get(lam, f"λ below {number(lam)}")


def plural(count: int, noun: str) -> str:
    """Return a number of things, such as "1 step" and "1,797 rewards"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def number(value: float, rounding: float = 0.0) -> str:
    """Return a number to four places, or with an exponent if it is very small or large.

    What is no larger than its `rounding` error is zero.
    """
    value = cleared(value, rounding)
    if math.isnan(value):
        return ""
    if value != 0 and (abs(value) < 1e-4 or abs(value) >= 1e6) and math.isfinite(value):
        return f"{value:.2e}"
    return f"{value:.4f}"


def p_in_words(value: float) -> str:
    """Return a p-value to two digits, such as "p = 0.31" or "p < 0.0001"."""
    if value < 1e-4:
        return "p < 0.0001"
    return "p > 0.99" if value > 0.99 else f"p = {value:.2g}"


def cleared(value: float, rounding: float) -> float:
    """Return a number, or zero if it is no larger than its rounding error."""
    return 0.0 if abs(value) <= rounding else value


def rounding_of(figure: str, law: RewardLaw, t: float = 1) -> float:
    """Return the rounding error of a figure of p_t where its true value is zero.

    That of an expected reward is about the square root of the number of terms, times the size of
    what cancels: the best reward and the distance from it. A divergence is the mean of φ(δ), where
    δ is the logarithm of the density and φ(δ) about δ²/2, so that its error is the square of that
    of δ. Shares and weights are sums of positive terms, of which the smallest are right.
    """
    from recurate.numerics.loop import STATE_ERROR

    if figure == "kl_to_reference":
        return (STATE_ERROR * (t if 1 <= t < math.inf else 1)) ** 2 / 2
    if figure == "expected_reward":
        size = abs(law.max_reward)
        if law.prompt_index is not None:
            size = float(law.prompt_probs @ abs(law.prompt_best))
        return rounding_of_sum(law.size, size)
    return 0.0


def rounding_of_score(
    law: RewardLaw, name: str, mean: float, probs: Callable[[], FloatArray]
) -> float:
    """Return the rounding error of the mean of a law's score under other masses of its atoms.

    These are asked for only where something may have cancelled.
    """
    from recurate.numerics.laws.of_scores import ends_of_scores

    low, high = ends_of_scores(law)[name]
    if low >= 0 or high <= 0 or not abs(mean) < 1e-6 * max(-low, high):
        return 0.0
    scores, p = law.scores[name], probs()
    present = ~np.isnan(scores)
    mass = float(p[present].sum())
    return rounding_of_sum(scores.size, float(p[present] @ np.abs(scores[present])) / mass)


def rounding_of_sum(terms: int, size: float) -> float:
    """Return the rounding error of a sum, of so many terms whose absolute values sum to `size`."""
    return 4 * math.sqrt(terms) * sys.float_info.epsilon * size


def rounding_of_end(figure: str, law: RewardLaw, value: float, t: int) -> float:
    """Return the rounding error of an end of a band about a value of p_t: a difference from it."""
    from recurate.numerics.loop import STATE_ERROR

    size = max(abs(value), figure == "kl_to_reference")  # resampled ones are no sums of φ
    return max(rounding_of(figure, law, t), STATE_ERROR * max(t, 1) * size)
