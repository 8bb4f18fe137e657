"""Showing a margin again: the functions that the lines of Python of witnesses call."""

from __future__ import annotations

from typing import Any, Literal

import flint

from recurate.numerics.loop import CurationLoop
from recurate.numerics.parametric import RetrainingLoop
from recurate.paper_checks.catalogue import CHECKS, check_of
from recurate.paper_checks.evidence.check import Check, Margin, midpoint
from recurate.paper_checks.runs.run import TriedRun
from recurate.paper_checks.runs.setting import BITS, Setting, TriedInstance
from recurate.theory.statement import Statement


def least_margin(
    claim: str | Statement | Check,
    loop: TriedInstance | CurationLoop | RetrainingLoop,
    *,
    kind: Literal["exact", "certified"] = "exact",
    steps: int = 1,
    second: Any = None,
) -> Margin:
    """Return the smallest margin of a claim, or of a mutant, for one loop.

    Parameters
    ----------
    claim : str, Statement or Check
        Id of a checked result, such as "lemma-2.2", or of its third mutant, "lemma-2.2#2"; or what
        ``with_bound`` and ``without`` made of a result; or a check of your own.
    loop : CurationLoop, RetrainingLoop, or an instance in exact numbers
        The loop, of the kind that the claim is about; the first two are run in floating point.
    kind : {"exact", "certified"}
        For an instance, rationals or balls.
    steps : int
        For a CurationLoop, the number of steps.
    second : array_like, shape (n,), optional
        For a CurationLoop, the second law of claims about two laws.

    Returns
    -------
    Margin
        The margin that is nearest to failing.

    Raises
    ------
    ValueError
        If there is no such result or mutant, or the loop does not meet the claim's hypotheses.
    """
    _, margins = _margins(claim, loop, kind, steps, second)
    return _least(margins)


def nearest_margin(
    claim: str | Statement | Check,
    loop: TriedInstance | CurationLoop | RetrainingLoop,
    *,
    kind: Literal["exact", "certified"] = "exact",
    steps: int = 1,
    second: Any = None,
) -> Margin:
    """Return the smallest margin where the statement lists no equality, for one loop.

    Parameters
    ----------
    claim, loop, kind, steps, second
        As of `least_margin`.

    Returns
    -------
    Margin

    Raises
    ------
    ValueError
        If there is no such result or mutant, or it lists equality all over the loop.
    """
    run, margins = _margins(claim, loop, kind, steps, second)
    with flint.ctx.workprec(128):
        telling = [margin for margin in margins if margin.is_telling(run)]
    if not telling:
        raise ValueError(f"loop must be one where equality is not due everywhere; got {loop}")
    return _least(telling)


def _margins(
    claim: str | Statement | Check, loop: Any, kind: str, steps: int, second: Any
) -> tuple[TriedRun, list[Margin]]:
    """Return a loop's run, and the claim's margins there."""
    check = _check(claim)
    run = _run(check.setting, loop, kind, steps, second)
    with flint.ctx.workprec(128):
        margins = check.margins_of(run) if check.speaks_of(run) else []
    if not margins:
        raise ValueError(f"loop must be one that {check.statement.id} is about; got {loop}")
    return run, margins


def _least(margins: list[Margin]) -> Margin:
    return min(margins, key=lambda margin: midpoint(margin.value))


def _check(claim: str | Statement | Check) -> Check:
    if isinstance(claim, Check):
        return claim
    if isinstance(claim, Statement):
        return CHECKS[claim.id].of(claim)
    return check_of(claim)


def _run(setting: Setting, loop: Any, kind: str, steps: int, second: Any) -> TriedRun:
    if isinstance(loop, setting.loop_type):
        return setting.engine_run(loop, steps, second)
    run: TriedRun = (
        setting.exact_run(loop) if kind == "exact" else setting.certified_run(loop, BITS[0])
    )
    return run
