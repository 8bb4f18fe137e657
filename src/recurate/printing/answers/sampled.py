"""What `recurate predict --rows sampled` tells: estimates for all answers of each prompt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from recurate.numerics.inference.subsamples import LEAST_ROWS
from recurate.numerics.validation import FloatArray
from recurate.printing.answers.guaranteed import divergence_bounds_in_words
from recurate.printing.answers.told import Columns, Lines, Section, Told
from recurate.printing.columns import MOST_GROUPS, Column
from recurate.printing.loops import loop_in_words
from recurate.printing.words import (
    SYMBOLS,
    group_name,
    meanings,
    mixings_below,
    number,
    plural,
    rows_shown,
    scale_in_words,
    score_name,
    table_in_words,
)

if TYPE_CHECKING:
    from recurate.numerics.inference.sampled_rows import SampledRows
    from recurate.numerics.laws.reward_law import RewardLaw
    from recurate.prediction import Prediction

_UNKNOWN = "?"


def tell_sampled(prediction: Prediction, found: SampledRows, most_rows: int) -> Told:
    """Tell estimates over t, what is guaranteed whatever the rewards, and what is known."""
    return list(_told(prediction, found, most_rows))


def _told(
    prediction: Prediction, found: SampledRows, most_rows: int
) -> Iterator[Lines | Columns | Section]:
    table, loop, steps = prediction.table, prediction.loop, prediction.trajectory.steps
    yield Lines.of(
        table_in_words(table),
        scale_in_words(table.law),
        "rows are a sample of each prompt's answers: figures are estimates for them all",
        f"{loop_in_words(loop)}; {plural(steps, 'retraining step')}",
    )
    shown = rows_shown(steps, most_rows)
    groups = prediction.most_changed_groups(MOST_GROUPS)
    columns = [Column("t", [str(t) for t in shown])]
    for title, kind, values, _ in _figures(prediction, found, groups):
        cells = [number(float(values[t])) or _UNKNOWN for t in shown]
        columns.append(Column(title, cells, kind=kind))
    yield Columns.of(columns)
    words = f"t: retraining steps; {meanings(table, 'expected_reward', 'kl_to_reference')}"
    if any(cell == _UNKNOWN for column in columns for cell in column.cells):
        words += f"; {_UNKNOWN}: not known from so few rows"
    yield Lines.of(f"{words}.", is_dim=True)
    yield Section.of("Guaranteed by the theorems", _guarantees(prediction))
    yield Section.of("How far the rows carry it", _uncertainty(prediction, found, groups))


def _figures(
    prediction: Prediction, found: SampledRows, groups: list[int]
) -> Iterable[tuple[str, str, FloatArray, tuple[FloatArray, FloatArray]]]:
    """Yield each figure's title and kind, its estimates and the ends of its bands."""
    law, in_unit = prediction.loop.law, prediction.table.in_unit

    def figure(name: str) -> tuple[str, str, FloatArray, tuple[FloatArray, FloatArray]]:
        return SYMBOLS[name], "", found.estimates[name], (found.low[name], found.high[name])

    yield figure("expected_reward")
    for i, name in enumerate(law.score_names):
        ends = found.low_scores[:, i], found.high_scores[:, i]
        kind = "" if name == in_unit else "score"
        yield score_name(name), kind, found.expected_scores[:, i], ends
    for group in groups:
        if group in found.groups:
            i = found.groups.index(group)
            ends = found.low_proportions[:, i], found.high_proportions[:, i]
            title = f"group {group_name(law, group)}"
            yield title, "group", found.proportions[:, i], ends
    yield figure("kl_to_reference")


def _guarantees(prediction: Prediction) -> Iterable[str]:
    yield from divergence_bounds_in_words(prediction.guarantees)
    if prediction.safe_range is not None:
        lam, which = prediction.loop.lam, mixings_below(prediction.safe_range.for_any_rewards)
        yield f"theorems bound KL for {which} whatever the rewards; here λ = {lam:g}"
    yield (
        "bounds that depend on the rewards, and where it settles, need the best answer of each "
        "prompt, which a sample does not show"
    )


def _uncertainty(prediction: Prediction, found: SampledRows, groups: list[int]) -> Iterable[str]:
    law, steps = prediction.loop.law, prediction.trajectory.steps
    known = found.known_until
    if known is not None:
        ends = [
            f"{title} {number(float(low[known]))} to {number(float(high[known]))}"
            for title, _, _, (low, high) in _figures(prediction, found, groups)
            if not math.isnan(low[known])
        ]
        yield f"{found.level:.0%} bands at t = {known}, of the estimates: {', '.join(ends)}"
    if prediction.table.estimates is not None:
        yield "raters are not resampled here: what they have in common is in none of these bands"
    yield known_in_words(law, known, steps)
    if found.left_out:
        yield (
            f"{found.left_out:,} of {plural(len(law.prompt_names), 'prompt')} with fewer than "
            f"{LEAST_ROWS} rows left out ({found.mass_left_out:.2g} of the weight)"
        )


def known_in_words(law: RewardLaw, known: int | None, steps: int) -> str:
    """Return until which step a sample of rows tells what all answers would do."""
    rows = int(np.median(np.bincount(law.prompt_of_atoms)))
    few = f"{plural(rows, 'row')} a prompt (the median)"
    if known is None:
        prompts = plural(len(law.prompt_names), "prompt")
        return f"not known at any step: {prompts} with {few} are too few"
    if known == steps:
        return f"known until the last step, from {few}"
    return f"known until t = {known}; from t = {known + 1} on {few} are too few"
