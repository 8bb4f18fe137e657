"""Where a loop settles, if that can be known in some seconds, and when it is near."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recurate.errors import InputError
from recurate.numerics.fixed_points.fixed_point import FixedPoint
from recurate.numerics.fixed_points.of_rules import by_kind
from recurate.numerics.fixed_points.of_rules.collected_voters import collected
from recurate.numerics.fixed_points.of_rules.rule_loop import TooMuchWorkError
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import BradleyTerry, Rule
from recurate.reading.asked_loop import loop_errors, without_fixed_point

NEAR = 0.01
"""Total variation within which the loop has reached its fixed point."""

MOST_STEPS_TO_LIMIT = 1000
"""Steps after which the loop is not followed further towards its fixed point."""

_MOST_ROW_STEPS = 2 * 10**8  # rows times voters, of laws that are not compressed: some seconds

_MOST_WORK = 5e8  # voters, times rows, times steps to a fixed point: some ten seconds

MOST_PROMPTS_SOLVED, MOST_PROMPTS_RUN = 5000, 500
"""Most prompts in each of which an equation is solved (up to 10 ms), or the loop is run (up to a
second), to find where it settles."""


@dataclass(frozen=True)
class Settlement:
    """Where the loop goes in the end.

    Attributes
    ----------
    limit : FixedPoint or None
        Its fixed point; None if it was not found to full accuracy.
    missing : str
        Why it was not found.
    steps : int or None
        First step within `NEAR` of it; None if that takes more than `most`.
    most : int
        Steps after which the loop was not followed further: `MOST_STEPS_TO_LIMIT`, or fewer for
        very many rows.
    """

    limit: FixedPoint | None
    missing: str = ""
    steps: int | None = None
    most: int = MOST_STEPS_TO_LIMIT


def settlement(loop: CurationLoop) -> Settlement:
    """Return where a loop settles, and when."""
    limit = limit_of(loop)
    if isinstance(limit, str):
        return Settlement(None, limit)
    most = MOST_STEPS_TO_LIMIT
    if loop.law.prompt_names or loop.schedule.K is None:
        voters = 1 if loop.schedule.K is not None else len(_voters(loop))
        most = max(10, min(most, _MOST_ROW_STEPS // (loop.law.size * max(1, voters))))
    steps = loop.steps_to_fixed_point(limit, within=NEAR, most=most)
    return Settlement(limit, steps=steps, most=most)


def limit_of(loop: CurationLoop) -> FixedPoint | str:
    """Return a loop's fixed point, or why it is not known: none, not found, or only in minutes."""
    if missing := without_fixed_point(loop):
        return missing
    try:
        with loop_errors():
            return _too_long(loop) or _limit(loop)
    except TooMuchWorkError as error:
        return (
            f"it was looked for over {error.steps:,} steps of so many rows only; "
            "recurate fixed-point looks on, which takes long"
        )
    except (ArithmeticError, InputError) as error:
        return str(error)


def _limit(loop: CurationLoop) -> FixedPoint:
    """Return the fixed point; TooMuchWorkError if it takes minutes, as of a pure loop's voters."""
    if loop.schedule.K is not None:
        return loop.fixed_point()
    return by_kind.find(loop.law, loop.schedule, None, _MOST_WORK)


def _voters(loop: CurationLoop) -> list[tuple[float, Rule]]:
    return collected(loop.rule, loop.schedule.lam, loop.retained).voters


def _too_long(loop: CurationLoop) -> str | None:
    """Return why a fixed point is not looked for, as it takes minutes; None if it is."""
    law, names = loop.law, loop.law.prompt_names
    if law.prompt_index is None or len(names) <= MOST_PROMPTS_RUN:
        return None
    voters = _voters(loop)
    if len(voters) <= 1 and all(isinstance(rule, BradleyTerry) for _, rule in voters):
        return None  # all prompts are solved together
    # How it is found in the largest prompt says how it is in all: by one equation, or by a run.
    largest = names[int(np.bincount(law.prompt_index).argmax())]
    is_solved = loop.on(law.prompt(largest)).fixed_point().method in ("ranks", "objective")
    if is_solved and len(names) <= MOST_PROMPTS_SOLVED:
        return None
    return (
        f"it would be looked for in each of {len(names):,} prompts, which takes long; recurate "
        "fixed-point does so"
    )
