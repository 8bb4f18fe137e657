"""The runs of many prompts' loops, a step of all at once; Newton's method ends each by itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recurate.numerics.fixed_points.fixed_point import FixedPoint
from recurate.numerics.fixed_points.of_rules import run_then_newton
from recurate.numerics.fixed_points.of_rules.rule_loop import RuleLoop
from recurate.numerics.fixed_points.of_rules.run_then_newton import STILL, Search, changes
from recurate.numerics.laws.of_prompts import rows_by_prompt
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.prompts.rule_run import levels_of
from recurate.numerics.rules.dropped import without
from recurate.numerics.step import RuleStates, RuleStep
from recurate.numerics.validation import FloatArray

_MOST_TOGETHER = 2**10  # levels, of whose longest run all laws are kept: 128 MiB

Outcome = FixedPoint | ArithmeticError


def find_each(law: RewardLaw, loops: dict[int, RuleLoop]) -> dict[int, Outcome]:
    """Return what `run_then_newton.find` returns, or raises, for the loops of many prompts.

    Parameters
    ----------
    law : RewardLaw
        With prompts.
    loops : dict of RuleLoop
        The loops of some prompts, by their numbers: of one rule, λ and retained share.
    """
    found: dict[int, Outcome] = {}
    for some in _batches(loops):
        searches: dict[int, Search] = {}
        for number, loop in some.items():
            try:
                begun = run_then_newton.begun(loop)
            except ArithmeticError as error:
                found[number] = error
                continue
            if isinstance(begun, Search):
                searches[number] = begun
            else:
                found[number] = begun
        while searches:
            for number, laws in _run(law, searches):
                try:
                    limit: Outcome | None = searches[number].judged(laws)
                except ArithmeticError as error:
                    limit = error
                if limit is not None:
                    found[number] = limit
            searches = {number: its for number, its in searches.items() if number not in found}
    return found


def _batches(loops: dict[int, RuleLoop]) -> Iterator[dict[int, RuleLoop]]:
    """Yield loops that are run together; one with very many levels is alone."""
    some: dict[int, RuleLoop] = {}
    levels = 0
    for number, loop in loops.items():
        size = loop.present.size
        if some and levels + size > _MOST_TOGETHER:
            yield some
            some, levels = {}, 0
        some[number] = loop
        levels += size
    if some:
        yield some


def _run(law: RewardLaw, searches: dict[int, Search]) -> list[tuple[int, FloatArray]]:
    """Run the loops of some prompts to their horizons; return each one's number and new laws."""
    if len(searches) == 1:
        return [(number, search.run()) for number, search in searches.items()]
    numbers = sorted(searches)
    loop = searches[numbers[0]].loop
    kept = np.zeros(len(law.prompt_names), dtype=bool)
    kept[numbers] = True
    law = law if kept.all() else without(law, kept, [loop.rule])
    levels, step = step_of_all(law, loop)
    present, state = levels.base > 0, np.empty(levels.rewards.size)
    where = []
    for number, rows in zip(numbers, rows_by_prompt(law), strict=True):
        own = searches[number].loop.levels
        its = np.empty(own.rewards.size, dtype=np.intp)
        its[own.index] = levels.index[rows]
        state[its] = searches[number].state
        where.append(its)
    states = []
    is_still = np.zeros(len(numbers), dtype=bool)
    for _ in range(max(search.horizon - search.steps for search in searches.values())):
        before, state = state, step(state)
        states.append(state)
        is_still |= levels.reduced(np.maximum, changes(before, state, present)) <= STILL
        if is_still.all():
            break
    taken = np.array(states)
    return [
        (number, searches[number].followed(taken[:, its]))
        for number, its in zip(numbers, where, strict=True)
    ]


def step_of_all(law: RewardLaw, loop: RuleLoop) -> tuple[PromptLevels, RuleStep]:
    """Return the levels of all prompts of a law, and a loop's step within each of them."""
    levels, small, places = levels_of(law, [loop.rule], None)
    return levels, RuleStates(levels, small, lambda t: loop.plan, places).at(0)
