"""Showing a margin again: what a witness's lines of Python call."""

from __future__ import annotations

from typing import Any, Literal

import flint

from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.catalogue import CHECKS
from recurate.paper_checks.check import Check, Margin, midpoint
from recurate.paper_checks.instances import Instance
from recurate.paper_checks.run_kinds import CertifiedRun, EngineRun, ExactRun
from recurate.paper_checks.runs import Run


def least_margin(
    name: str,
    loop: Instance | CurationLoop,
    *,
    kind: Literal["exact", "certified"] = "exact",
    steps: int = 1,
    second: Any = None,
) -> Margin:
    """Return the smallest margin of a claim, or of a mutant, for one loop.

    Parameters
    ----------
    name : str
        Id of a checked result, such as "lemma-2.2", or of its third mutant, "lemma-2.2#2".
    loop : Instance or CurationLoop
        The loop; a CurationLoop is run in floating point.
    kind : {"exact", "certified"}
        For an instance, rationals or balls.
    steps : int
        For a CurationLoop, the number of steps.
    second : array_like, shape (n,), optional
        For a CurationLoop, the second law of claims about two laws.

    Returns
    -------
    Margin

    Raises
    ------
    KeyError
        If there is no such result or mutant.
    ValueError
        If the loop does not meet the claim's hypotheses.
    """
    check, run = _check(name), _run(loop, kind, steps, second)
    with flint.ctx.workprec(128):
        margins = check.margins_of(run) if check.speaks_of(run) else []
        if not margins:
            raise ValueError(f"loop must be one of which {name} speaks; got {loop}")
        return min(margins, key=lambda margin: midpoint(margin.value))


def _check(name: str) -> Check:
    statement, _, number = name.partition("#")
    check = CHECKS[statement]
    if not number:
        return check
    if not (number.isdecimal() and int(number) < len(check.mutants)):
        raise KeyError(f"{statement} has mutants #0 to #{len(check.mutants) - 1}; got #{number}")
    return check.mutated(check.mutants[int(number)])


def _run(loop: Instance | CurationLoop, kind: str, steps: int, second: Any) -> Run:
    if isinstance(loop, CurationLoop):
        return EngineRun(loop, steps, second)
    return ExactRun(loop) if kind == "exact" else CertifiedRun(loop)
