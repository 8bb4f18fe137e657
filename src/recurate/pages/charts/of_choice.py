"""The charts of a choice: what other parameters cost and bring, and the loop that was chosen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from recurate.any_choice import any_choice
from recurate.frontier import Alternative, limit_of
from recurate.pages.charts.frontier import Axis, Cell, frontier
from recurate.pages.charts.lines import lines
from recurate.pages.charts.of_prediction import from_to, unit_of_reward
from recurate.pages.charts.over_steps import Series
from recurate.pages.charts.picture import Picture, in_words, short_name
from recurate.printing.words import candidates_in_words

if TYPE_CHECKING:
    from recurate.numerics.inference.choice import Choice
    from recurate.numerics.inference.limits import Limit
    from recurate.numerics.loop import CurationLoop
    from recurate.reading.table import RewardTable

_SHOWN = 20  # steps of a loop that is to keep its limit for ever


def pictures_of_choice(
    table: RewardTable,
    group: str | None,
    choice: Choice,
    others: Sequence[Alternative] = (),
    *,
    is_worst_case: bool = False,
) -> list[Picture]:
    """Return the charts of a choice.

    Parameters
    ----------
    table : RewardTable
        What was read.
    group : str or None
        The group whose share is limited, as it was named; None for a limit of KL.
    choice : Choice
        What was chosen.
    others : sequence of Alternative
        Loops beside it, with itself.
    is_worst_case : bool
        Whether the limit is to hold whatever people choose.
    """
    return list(_pictures(table, group, choice, others, is_worst_case))


def _pictures(
    table: RewardTable,
    group: str | None,
    choice: Choice,
    others: Sequence[Alternative],
    is_worst_case: bool,
) -> Iterator[Picture]:
    law = table.law
    limit = limit_of(law, group, choice)
    if group is None:
        what, unit = "Divergence from the real data", "nats"
        across = Axis("KL from the real data, at most (nats)", "KL", (0.0, math.inf))
    else:
        name = short_name(group, 24)
        what, unit = f"Share of {name}", "share of the samples"
        side = "most" if limit.sign > 0 else "least"
        across = Axis(f"share of {name}, at {side}", "share", (0.0, 1.0))
    if others:
        yield _frontier(table, choice, others, across)
    loop = choice.loop(law)
    end = loop.fixed_point() if choice.steps is None else None
    run = loop.run(steps=_SHOWN if choice.steps is None else choice.steps)
    at_end = math.nan if end is None else limit.value_at(end)
    name = "as the rewards say" if is_worst_case else across.short
    own = Series(name, limit.values(run), limit=at_end)
    kept = np.full(run.steps + 1, choice.limit)
    bound = Series(f"limit, {in_words(choice.limit)}", kept, kind="bound")
    worst = _worst(loop, limit, run.steps) if is_worst_case else []
    yield lines(what, unit, [own, bound, *worst], caption=from_to(own), ends=across.ends)
    reward = Series(
        "expected reward",
        run.expected_reward,
        limit=math.nan if end is None else end.expected_reward,
    )
    yield lines("Expected reward", unit_of_reward(table), [reward], caption=from_to(reward))


def _worst(loop: CurationLoop, limit: Limit, steps: int) -> list[Series]:
    """Return what the limited quantity may come to whatever people choose."""
    groups = () if limit.group is None else (limit.group,)
    ends = any_choice(loop, steps, groups).ends
    values, at_end = ends.divergence, ends.divergence_for_ever
    if limit.group is not None:
        of_steps, for_ever = (
            (ends.ceiling, ends.ceiling_for_ever)
            if limit.sign > 0
            else (ends.floor, ends.floor_for_ever)
        )
        values, at_end = of_steps[:, 0], None if for_ever is None else float(for_ever[0])
    return [
        Series(
            "whatever people choose",
            values,
            limit=math.nan if at_end is None else at_end,
            kind="curve",
            colour=1,
        )
    ]


def _frontier(
    table: RewardTable, choice: Choice, others: Sequence[Alternative], across: Axis
) -> Picture:
    cells = []
    for one in others:
        line, lam = "the rule", f"λ = {in_words(one.lam, 4)}"
        name = lam
        if choice.rule is None:
            line = f"K = {candidates_in_words(one.K)}"
            name = f"{line}, {lam}"
        place = one.reached, one.expected_reward
        cells.append(Cell(line, name, *place, one.is_allowed, one.is_chosen))
    when = "in the end" if choice.steps is None else f"at t = {choice.steps:,}"
    unit = unit_of_reward(table)
    upward = Axis(f"expected reward {when} ({unit})", "expected reward")
    return frontier(
        "What other K and λ cost and bring",
        cells,
        across=across,
        upward=upward,
        limit=choice.limit,
        caption="Along a line λ grows: less real data.",
    )
