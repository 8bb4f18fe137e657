"""What `recurate fixed-point` and `recurate choose` tell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from recurate.numerics.inference.limits import CANDIDATES, LONG_HORIZON
from recurate.numerics.inference.trust import effective_sample_sizes, trusted_until
from recurate.numerics.loop import CurationLoop
from recurate.printing.answers.told import Columns, Lines, Section, Told, print_told
from recurate.printing.columns import Column
from recurate.printing.loops import (
    choosing_in_words,
    fixed_point_of_rules_in_words,
    goes_by_odds,
    loop_in_words,
)
from recurate.printing.trust import (
    choice_in_words,
    fixed_point_in_words,
    given_in_words,
    mixing_in_words,
    steps_in_words,
    unused_errors_in_words,
)
from recurate.printing.votes import doubt_in_words
from recurate.printing.words import (
    SYMBOLS,
    candidates_in_words,
    cleared,
    group_name,
    meanings,
    number,
    plural,
    printable,
    rounding_of,
    rounding_of_score,
    scale_in_words,
    score_name,
    table_in_words,
)

if TYPE_CHECKING:
    from rich.console import Console

    from recurate.chosen import Chosen
    from recurate.numerics.fixed_points.fixed_point import FixedPoint
    from recurate.numerics.inference.choice import Choice
    from recurate.numerics.laws.reward_law import RewardLaw
    from recurate.numerics.trajectory import Trajectory
    from recurate.reading.table import RewardTable

MOST_GROUPS = 20
"""Most groups of a fixed point on the terminal: those that change most."""

_METHODS = {
    "reference": "it is the real data's law: nothing is curated",
    "best": "it is the real data's law given the best reward",
    "scalar": "found as the root of one equation (K = inf)",
    "newton": "found by Newton's method",
    "objective": "found as the maximum of the voters' objective",
    "ranks": "found level by level, from the lowest reward",
    "loop": "found by running the loop",
}


def print_fixed_point(
    read: RewardTable,
    loop: CurationLoop,
    start: Trajectory,
    limit: FixedPoint,
    console: Console,
) -> None:
    """Print a fixed point, as `tell_fixed_point` tells it."""
    print_told(tell_fixed_point(read, loop, start, limit), console)


def tell_fixed_point(
    read: RewardTable,
    loop: CurationLoop,
    start: Trajectory,
    limit: FixedPoint,
    *,
    most_groups: int = MOST_GROUPS,
) -> Told:
    """Tell a fixed point beside the real data, and how far it is to be trusted."""
    return list(_told_of_fixed_point(read, loop, start, limit, most_groups))


def _told_of_fixed_point(
    read: RewardTable, loop: CurationLoop, start: Trajectory, limit: FixedPoint, most_groups: int
) -> Iterator[Lines | Columns | Section]:
    yield Lines.of(table_in_words(read))
    if goes_by_odds(loop):
        yield Lines.of(scale_in_words(read.law))
    yield Lines.of(loop_in_words(loop))
    rows = list(_rows(loop.law, start, limit))
    before, after = start.group_proportions[0], limit.group_proportions
    changed = np.argsort(-np.abs(after - before).round(12), kind="stable")
    for group in changed[:most_groups]:
        title = f"group {group_name(loop.law, int(group))}"
        rows.append((title, number(float(before[group])), number(float(after[group]))))
    titles = ("", "real data", "fixed point")
    yield Columns.of(
        Column(title, list(cells), is_text=not title)
        for title, cells in zip(titles, zip(*rows, strict=True), strict=True)
    )
    yield Lines.of(f"{meanings(read, *SYMBOLS)}.", is_dim=True)
    if changed.size > most_groups:
        yield Lines.of(f"and {plural(changed.size - most_groups, 'group')} that changed less")
    found = _how_it_was_found(read, loop, limit)
    yield Section.of("How it was found, and how far it is trusted", found, is_bare=True)


def _how_it_was_found(read: RewardTable, loop: CurationLoop, limit: FixedPoint) -> Iterable[str]:
    error = (
        "no bound on the error is proved here"
        if limit.error_bound is None
        else f"error at most {limit.error_bound:.1g}"
    )
    steps = f" in {plural(limit.evaluations, 'evaluation')}" if limit.evaluations else ""
    yield (
        f"{_METHODS.get(limit.method, limit.method)}{steps}; residual {limit.residual:.1g} and "
        f"{error} (total variation)"
    )
    yield from fixed_point_of_rules_in_words(loop, limit)
    if read.is_sample:
        yield fixed_point_in_words(limit)
    else:
        yield given_in_words(False)
        yield from doubt_in_words(read.votes)


def _rows(law: RewardLaw, start: Trajectory, limit: FixedPoint) -> Iterable[tuple[str, str, str]]:
    """Yield figures by name: of the real data, and of the fixed point; scores beside the reward."""

    def figure(name: str) -> tuple[str, str, str]:
        before, after = float(getattr(start, name)[0]), float(getattr(limit, name))
        rounding = rounding_of(name, law)
        return SYMBOLS[name], number(before, rounding), number(after, rounding)

    reward, *others = SYMBOLS
    yield figure(reward)
    means = start.expected_scores[0].tolist(), limit.expected_scores.tolist()
    for name, first, last in zip(law.scores, *means, strict=True):
        before = rounding_of_score(law, name, first, lambda: start.probs(0))
        after = rounding_of_score(law, name, last, lambda: limit.probs)
        yield score_name(name), number(first, before), number(last, after)
    yield from map(figure, others)


def print_choice(chosen: Chosen, console: Console) -> None:
    """Print a choice, as `tell_choice` tells it."""
    print_told(tell_choice(chosen), console)


def tell_choice(chosen: Chosen) -> Told:
    """Tell a choice: the limit, the K or λ up to which it is kept, and where it is reached."""
    read, choice = chosen.table, chosen.choice
    law, told = read.law, [table_in_words(read)]
    name = "" if chosen.group is None else printable(chosen.group)
    what = {
        "kl": f"KL(p_t‖p_ref) at most {choice.limit:g}",
        "max_share": f"group {name} at most {choice.limit:g}",
        "min_share": f"group {name} at least {choice.limit:g}",
    }[choice.quantity]
    kept = f"keeps {what} {horizon_in_words(choice)}"
    chooses = choosing_in_words(chosen.loop)
    if "," in chooses or ";" in chooses:  # a list, which is the subject of what follows
        chooses += ": this"
    if choice.chosen == "K":
        data = "the pure loop" if choice.lam == math.inf else f"λ = {choice.lam:g}"
        is_end = choice.K == CANDIDATES[-1] and choice.rule is not None
        tried = ", the most that are tried" if is_end else ""
        allowed = {1: "K = 1 alone, no curation", math.inf: "any K"}.get(
            choice.K, f"up to K = {candidates_in_words(choice.K)} candidates{tried}"
        )
        if choice.rule is not None or choice.retained is not None:
            told.append(f"with that K: {chooses}")
        told.append(f"{data} {kept}: {allowed}")
    elif choice.lam == math.inf:
        told.append(f"{chooses} {kept}: without any real data")
    else:
        fraction, lam = mixing_in_words(choice)
        told.append(
            f"{chooses} {kept}:\nreal data at least {fraction} of each training "
            f"set, λ at most {lam}"
        )
    told.append(f"reached: {reached_in_words(law, choice)}")
    trust = choice_in_words(choice, has_all_answers=bool(law.prompt_names) or not read.is_sample)
    errors = () if choice.resampled is None else unused_errors_in_words(read)
    lines = *trust, *errors, *trust_of_choice(chosen)
    return [Lines.of(*told), Section.of("How far the table carries it", lines)]


def horizon_in_words(choice: Choice) -> str:
    """Return for how long a limit was looked after."""
    if choice.steps is not None:
        return f"for {plural(choice.steps, 'step')}"
    if choice.quantity == "kl":
        return "at every step"
    # A share may rise and fall again.
    return f"for {plural(LONG_HORIZON, 'step')} and at the fixed point"


def reached_in_words(law: RewardLaw, choice: Choice) -> str:
    """Return what the limited quantity comes to, and when."""
    where = "the fixed point" if choice.step == math.inf else f"t = {choice.step:g}"
    figure = "kl_to_reference" if choice.quantity == "kl" else "share"
    reached = cleared(choice.reached, rounding_of(figure, law, choice.step))
    return f"{reached:.6g} at {where}"


def trust_of_choice(chosen: Chosen) -> Iterable[str]:
    """Return how far the table carries what was chosen."""
    read = chosen.table
    if not read.is_sample:
        has_bands = chosen.choice.resampled is not None
        return [given_in_words(has_bands), *doubt_in_words(read.votes)]
    if chosen.end is not None:
        return [fixed_point_in_words(chosen.end)]
    run = chosen.run
    return steps_in_words(effective_sample_sizes(run), trusted_until(run), read.law)
