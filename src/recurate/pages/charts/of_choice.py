"""The charts of a choice: what other parameters cost and bring, and the loop that was chosen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from recurate.chosen import Chosen
from recurate.frontier import Alternative
from recurate.pages.charts.frontier import Axis, Cell, frontier
from recurate.pages.charts.lines import lines
from recurate.pages.charts.of_prediction import from_to, unit_of_reward
from recurate.pages.charts.over_steps import Series
from recurate.pages.charts.picture import Picture, in_words, short_name
from recurate.printing.words import candidates_in_words


def pictures_of_choice(chosen: Chosen, others: Sequence[Alternative] = ()) -> list[Picture]:
    """Return the charts of a choice; the others are loops beside it, with itself."""
    return list(_pictures(chosen, others))


def _pictures(chosen: Chosen, others: Sequence[Alternative]) -> Iterator[Picture]:
    limit, run, end = chosen.limit, chosen.run, chosen.end
    if chosen.group is None:
        what, unit = "Divergence from the real data", "nats"
        across = Axis("KL from the real data, at most (nats)", "KL", (0.0, math.inf))
    else:
        name = short_name(chosen.group, 24)
        what, unit = f"Share of {name}", "share of the samples"
        side = "most" if limit.sign > 0 else "least"
        across = Axis(f"share of {name}, at {side}", "share", (0.0, 1.0))
    if others:
        yield _frontier(chosen, others, across)
    at_end = math.nan if end is None else limit.value_at(end)
    name = "as the rewards say" if chosen.is_worst_case else across.short
    own = Series(name, limit.values(run), limit=at_end)
    kept = np.full(run.steps + 1, limit.value)
    series = [own, Series(f"limit, {in_words(limit.value)}", kept, kind="bound")]
    if chosen.is_worst_case:
        values, for_ever = chosen.worst
        ever = math.nan if for_ever is None else for_ever
        series.append(Series("whatever people choose", values, limit=ever, colour=1))
    yield lines(what, unit, series, caption=from_to(own), ends=across.ends)
    reward = Series(
        "expected reward",
        run.expected_reward,
        limit=math.nan if end is None else end.expected_reward,
    )
    yield lines("Expected reward", unit_of_reward(chosen.table), [reward], caption=from_to(reward))


def _frontier(chosen: Chosen, others: Sequence[Alternative], across: Axis) -> Picture:
    choice, cells = chosen.choice, []
    for one in others:
        line, lam = "the rule", f"λ = {in_words(one.lam, 4)}"
        name = lam
        if choice.rule is None:
            line = f"K = {candidates_in_words(one.K)}"
            name = f"{line}, {lam}"
        place = one.reached, one.expected_reward
        cells.append(Cell(line, name, *place, one.is_allowed, one.is_chosen))
    when = "in the end" if choice.steps is None else f"at t = {choice.steps:,}"
    unit = unit_of_reward(chosen.table)
    upward = Axis(f"expected reward {when} ({unit})", "expected reward")
    return frontier(
        "What other K and λ cost and bring",
        cells,
        across=across,
        upward=upward,
        limit=choice.limit,
        caption="Along a line λ grows: less real data.",
    )
