"""The answers of predict, fixed-point, choose and simulate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from recurate.chosen import Chosen
from recurate.frontier import Alternative, alternatives
from recurate.numerics.text import printable, shortened
from recurate.pages.answer.answer import Answer
from recurate.pages.answer.words import words_in
from recurate.pages.charts.of_choice import pictures_of_choice
from recurate.pages.charts.of_prediction import pictures_of_fixed_point, pictures_of_prediction
from recurate.pages.charts.of_simulation import pictures_of_simulation
from recurate.prediction import Prediction
from recurate.printing.answers.guaranteed import (
    guaranteed,
    guaranteed_for_ever,
    guaranteed_whatever_rewards,
)
from recurate.printing.answers.prediction import tell_course, tell_prediction
from recurate.printing.answers.sentences import (
    Sentences,
    choice_in_sentences,
    fixed_point_in_sentences,
    prediction_in_sentences,
    simulation_in_sentences,
    worst_case_in_sentences,
)
from recurate.printing.answers.settling import tell_choice, tell_fixed_point
from recurate.printing.answers.simulation import Simulation, tell_simulation
from recurate.printing.answers.told import Columns, Lines, Section, Told
from recurate.printing.answers.worst_case import tell_worst_case
from recurate.printing.columns import MOST_GROUPS, Column
from recurate.printing.words import (
    MOST_ROWS,
    candidates_in_words,
    group_name,
    number,
    plural,
    rows_shown,
)
from recurate.settlement import Settlement

if TYPE_CHECKING:
    from recurate.numerics.fixed_points.fixed_point import FixedPoint
    from recurate.numerics.inference.choice import Choice
    from recurate.numerics.loop import CurationLoop
    from recurate.pages.charts.picture import Picture
    from recurate.reading.table import RewardTable

MOST_CELLS = 6000
"""Most cells of a table over t, unless it has very many columns."""

MOST_GROUPS_LISTED = 500
"""Most groups whose shares are listed: those that change most."""

_LONGEST_NAME = 120
_BY_PREDICT = "recurate predict --theory"


def prediction_answer(prediction: Prediction) -> Answer:
    """Return the answer of a prediction."""
    told = list(
        tell_prediction(prediction, theory=True, bounds="in the table", most_rows=_rows(prediction))
    )
    first = next(i for i, part in enumerate(told) if isinstance(part, Section))
    if prediction.sampled is None:
        told[first:first] = _shares(prediction)
    else:
        told.insert(first + 1, guaranteed_whatever_rewards(prediction))
    return _answer(
        f"Prediction for {printable(prediction.table.source)}",
        prediction_in_sentences(prediction),
        told,
        pictures_of_prediction(prediction),
    )


def fixed_point_answer(read: RewardTable, loop: CurationLoop, limit: FixedPoint) -> Answer:
    """Return the answer of a fixed point."""
    start = loop.run(steps=0)
    change = np.abs(limit.group_proportions - start.group_proportions[0]).round(12)
    groups = np.argsort(-change, kind="stable")[:MOST_GROUPS].tolist()
    prediction = Prediction(read, loop, start, Settlement(limit))
    return _answer(
        f"Fixed point for {printable(read.source)}",
        fixed_point_in_sentences(read, loop, start, limit),
        [
            *tell_fixed_point(read, loop, start, limit, most_groups=MOST_GROUPS_LISTED),
            *guaranteed_for_ever(prediction, groups),
        ],
        pictures_of_fixed_point(start, limit),
    )


def choice_answer(chosen: Chosen) -> Answer:
    """Return the answer of a choice."""
    read, run = chosen.table, chosen.run
    prediction = Prediction(read, chosen.loop, run, Settlement(chosen.end))
    groups = prediction.most_changed_groups(MOST_GROUPS)
    sure = guaranteed(prediction, groups, _BY_PREDICT)
    if chosen.end is not None:
        sure = guaranteed_for_ever(prediction, groups)
    others = alternatives(chosen)
    told = [
        *tell_choice(chosen),
        _compared(others, chosen.choice),
        *tell_course(prediction, "The loop that was chosen", most_rows=_rows(prediction)),
        *sure,
    ]
    return _answer(
        f"Choice for {printable(read.source)}",
        choice_in_sentences(chosen),
        told,
        pictures_of_choice(chosen, others),
    )


def worst_case_answer(chosen: Chosen) -> Answer:
    """Return the answer of a choice that holds whatever people choose."""
    values, for_ever = chosen.worst
    shown = rows_shown(chosen.run.steps, MOST_CELLS // 2)
    title = {"kl": "KL at most", "max_share": "share at most", "min_share": "share at least"}[
        chosen.choice.quantity
    ]
    cells = [number(float(values[t])) for t in shown]
    ever = [] if for_ever is None else [number(for_ever)]
    table = Columns.of(
        [Column("t", [*map(str, shown), *["∞"] * len(ever)]), Column(title, [*cells, *ever])],
        "Whatever people choose",
    )
    return _answer(
        f"Choice for {printable(chosen.table.source)}",
        worst_case_in_sentences(chosen),
        [*tell_worst_case(chosen), table],
        pictures_of_choice(chosen),
    )


def simulation_answer(simulation: Simulation) -> Answer:
    """Return the answer of a simulation."""
    exact = simulation.exact
    prediction = Prediction(simulation.table, simulation.loop, exact, Settlement(None))
    groups = prediction.most_changed_groups(MOST_GROUPS)
    return _answer(
        f"Simulation for {printable(simulation.table.source)}",
        simulation_in_sentences(simulation),
        [
            *tell_simulation(simulation, most_rows=_rows(prediction)),
            *guaranteed(prediction, groups, _BY_PREDICT),
        ],
        pictures_of_simulation(simulation),
    )


def _compared(others: Sequence[Alternative], choice: Choice) -> Columns:
    """Return what loops beside the chosen one come to."""
    has_K = choice.rule is None
    in_the_end = "in the end" if choice.steps is None else f"at t = {choice.steps}"
    columns = [
        Column("λ", [f"{one.lam:.4g}" for one in others]),
        Column("real data", [f"{100 / (1 + one.lam):.3g}%" for one in others]),
        Column(
            {"kl": "KL, at most", "max_share": "share, at most", "min_share": "share, at least"}[
                choice.quantity
            ],
            [number(one.reached) for one in others],
        ),
        Column(f"E[r] {in_the_end}", [number(one.expected_reward) for one in others]),
        Column("limit", [_said_of(one) for one in others], is_text=True),
    ]
    if has_K:
        columns.insert(0, Column("K", [candidates_in_words(one.K) for one in others]))
    return Columns.of(columns, "The choice beside others")


def _said_of(one: Alternative) -> str:
    if one.is_chosen:
        return "chosen"
    return "kept" if one.is_allowed else "not kept"


def _answer(title: str, sentences: Sentences, told: Told, pictures: Sequence[Picture]) -> Answer:
    """Return an answer, with the words that it uses."""
    # What stands for columns that are left out on a terminal is not needed where none are.
    shown = [part for part in told if not (isinstance(part, Section) and part.instead_of)]
    texts = [*sentences, *(text for part in shown for text in _texts(part))]
    texts += [text for one in pictures for text in (one.title, one.caption)]
    return Answer(title, sentences, shown, pictures, words_in(texts))


def _texts(part: Lines | Columns | Section) -> Iterable[str]:
    if isinstance(part, Columns):
        return [part.caption, *(column.title for column in part.columns)]
    return part.lines


def _rows(prediction: Prediction) -> int:
    """Return how many rows of figures over t are shown: all, unless there are very many."""
    columns = 10 + len(prediction.trajectory.score_names)
    return max(MOST_ROWS, MOST_CELLS // columns)


def _shares(prediction: Prediction) -> Iterator[Columns | Lines]:
    """Yield the table of all groups' shares, if there are others than in the table over t."""
    run, limit, law = prediction.trajectory, prediction.settlement.limit, prediction.trajectory.law
    groups = prediction.most_changed_groups(MOST_GROUPS_LISTED)
    if len(groups) <= MOST_GROUPS:
        return
    shares = {"real data": run.group_proportions[0], f"t = {run.steps}": run.group_proportions[-1]}
    if limit is not None:
        shares["∞"] = limit.group_proportions
    names = [shortened(group_name(law, group), _LONGEST_NAME) for group in groups]
    columns = [Column("group", names, is_text=True)]
    for title, values in shares.items():
        columns.append(Column(title, [number(float(values[group])) for group in groups]))
    yield Columns.of(columns, "Shares of the groups, most changed first")
    if more := len(law.group_names) - len(groups):
        yield Lines.of(f"and {plural(more, 'group')} that changed less", is_dim=True)
