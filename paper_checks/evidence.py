"""Evidence: what was tried for a result, the smallest margin found, and a witness if it failed."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from recurate.numerics.loop import CurationLoop
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray
from recurate.paper_checks.instances import RationalLoop
from recurate.theory.statement import Statement

STEPS = 60
"""Longest trajectory of the property evidence."""


@dataclass(frozen=True)
class Margins:
    """How far a claim is from failing, at each place where it speaks, and what rounding allows.

    Attributes
    ----------
    values : ndarray
        Claimed larger side minus smaller side, computed in a form that does not cancel.
    allowances : ndarray, of the same shape
        Bound on the error of `values`, from the engine's stated error.
    """

    values: FloatArray
    allowances: FloatArray


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence for a result.

    Attributes
    ----------
    kind : {"property", "exact"}
        How it was gathered.
    cases : int
        Number of loops tried.
    least_margin : float or Fraction
        Smallest margin found; for the exact kind it has no error.
    allowance : str
        What error is allowed for, and why.
    seed : int
        Seed of the search.
    seconds : float
        Time it took.
    witness : str, optional
        A loop for which the claim fails.
    """

    kind: Literal["property", "exact"]
    cases: int
    least_margin: float | Fraction
    allowance: str
    seed: int
    seconds: float
    witness: str | None = None

    @property
    def holds(self) -> bool:
        """Whether no counterexample was found."""
        return self.witness is None


@dataclass(frozen=True)
class Check:
    """How evidence is gathered for one statement.

    Attributes
    ----------
    statement : Statement
        The claim and the bound.
    loops : search strategy
        Loops that meet its hypotheses.
    margins : callable
        From a loop and its trajectory to the margins in floats.
    exact_margins : callable
        From a rational loop to the exact margins of the claim's rational core; none where a
        hypothesis fails.
    allowance : str
        The reason for the margins' allowances.
    """

    statement: Statement
    loops: st.SearchStrategy[CurationLoop]
    margins: Callable[[CurationLoop, Trajectory], Margins]
    exact_margins: Callable[[RationalLoop], Iterable[Fraction]]
    allowance: str


class _RefutedError(Exception):
    """Raised inside a search at a counterexample, so that Hypothesis makes it small."""


@dataclass
class _Tally:
    cases: int = 0
    least: float = np.inf
    witness: str | None = None


def property_evidence(check: Check, *, cases: int, seed_value: int) -> Evidence:
    """Search for a counterexample in floating point with Hypothesis.

    Parameters
    ----------
    check : Check
        What to search.
    cases : int
        Number of loops to draw.
    seed_value : int
        Seed; the same seed draws the same loops.

    Returns
    -------
    Evidence
        With the smallest counterexample Hypothesis found as witness, if there is one.
    """
    begin, tally = time.perf_counter(), _Tally()

    @seed(seed_value)
    @settings(
        max_examples=cases,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
    )
    @given(loop=check.loops, steps=st.integers(1, STEPS))
    def search(loop: CurationLoop, steps: int) -> None:
        margins = check.margins(loop, loop.run(steps=steps))
        tally.cases += 1
        tally.least = min(tally.least, float(margins.values.min(initial=np.inf)))
        failed = ~(margins.values >= -margins.allowances)  # a NaN fails
        if failed.any():
            tally.witness = _describe(loop, steps, float(margins.values[failed].min()))
            raise _RefutedError(tally.witness)

    with contextlib.suppress(_RefutedError):
        search()
    return Evidence(
        kind="property",
        cases=tally.cases,
        least_margin=tally.least,
        allowance=check.allowance,
        seed=seed_value,
        seconds=time.perf_counter() - begin,
        witness=tally.witness,
    )


def exact_evidence(check: Check, *, cases: int, seed_value: int) -> Evidence:
    """Test the claim's rational core on random rational loops, without rounding.

    Parameters
    ----------
    check : Check
        What to test.
    cases : int
        Number of loops that meet the hypotheses to try.
    seed_value : int
        Seed; the same seed draws the same loops.

    Returns
    -------
    Evidence
        With the first counterexample as witness, if there is one.
    """
    begin, source = time.perf_counter(), random.Random(seed_value)
    tried, least, witness = 0, Fraction(10**9), None
    while tried < cases and witness is None:
        loop = RationalLoop.draw(source)
        margins = list(check.exact_margins(loop))
        if not margins:
            continue
        tried += 1
        least = min(least, *margins)
        if least < 0:
            witness = f"{loop} (margin {least})"
    return Evidence(
        kind="exact",
        cases=tried,
        least_margin=least,
        allowance="none: rational arithmetic",
        seed=seed_value,
        seconds=time.perf_counter() - begin,
        witness=witness,
    )


def _describe(loop: CurationLoop, steps: int, margin: float) -> str:
    law = loop.law
    return (
        f"RewardLaw({law.rewards.tolist()}, {law.probs.tolist()}), "
        f"K={loop.K:g}, lam={loop.lam!r}, steps={steps} (margin {margin:.3g})"
    )
