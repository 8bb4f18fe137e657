"""Counting what was tried, and keeping the smallest margin and the first counterexample."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import flint

from recurate.paper_checks.evidence.check import Check, Margin, midpoint, shown
from recurate.paper_checks.evidence.evidence import Evidence, Witness
from recurate.paper_checks.evidence.kinds import Kind
from recurate.paper_checks.runs.run import TriedRun


@dataclass
class Tally:
    """Evidence being gathered.

    Attributes
    ----------
    decides : bool
        Whether the kind has to decide the sign of every margin where no equality is listed. The
        float engine need not: its error allows for a margin about zero.
    """

    decides: bool
    cases: int = 0
    nontrivial: int = 0
    undecided: int = 0
    least: float | Fraction | None = None
    attained: str = ""
    witness: Witness | None = None
    begin: float = field(default_factory=time.perf_counter)

    def add(
        self, check: Check, run: TriedRun, describe: Callable[[], str], replay: Callable[[], str]
    ) -> Margin | None:
        """Count a run's margins; return the worst one if the claim certainly fails there."""
        worst = None
        margins = check.margins_of(run)
        self.cases += bool(margins)
        self.nontrivial += bool(margins) and not run.is_degenerate
        for margin in margins:
            if margin.value < 0 and (worst is None or _below(margin.value, worst.value)):
                worst = margin
            self.undecided += self._is_undecided(margin, run)
            if margin.value > 0 or not (margin.tight or run.is_degenerate):
                self._keep_least(margin, describe)
        if worst is not None:
            self.witness = Witness(describe(), shown(worst.value), worst.where, replay())
        return worst

    def _is_undecided(self, margin: Margin, run: TriedRun) -> bool:
        """Return whether a margin decides nothing, or a listed equality does not hold."""
        value = margin.value
        if isinstance(value, flint.arb) and value.is_nan():
            return True
        if run.kind == "exact" and margin.tight:
            return bool(value != 0)
        return self.decides and not (value > 0 or value < 0 or margin.tight or run.is_degenerate)

    def merge(self, other: Tally) -> None:
        """Take over what another tally counted."""
        self.cases += other.cases
        self.nontrivial += other.nontrivial
        self.undecided += other.undecided
        if other.least is not None and (self.least is None or other.least < self.least):
            self.least, self.attained = other.least, other.attained
        self.witness = self.witness or other.witness

    def _keep_least(self, margin: Margin, describe: Callable[[], str]) -> None:
        value = midpoint(margin.value)
        if value != value:  # NaN
            return
        if self.least is None or value < self.least:
            self.least = value
            self.attained = describe() + (f", at {margin.where}" if margin.where else "")

    def evidence(self, kind: Kind, *, tried: str, allowance: str, seed: int) -> Evidence:
        """Return what was gathered."""
        return Evidence(
            kind=kind,
            cases=self.cases,
            seconds=time.perf_counter() - self.begin,
            tried=tried,
            allowance=allowance,
            seed=seed,
            nontrivial=self.nontrivial,
            least_margin=self.least,
            attained=self.attained,
            undecided=self.undecided,
            witness=self.witness,
        )


def _below(value: Any, other: Any) -> bool:
    return bool(midpoint(value) < midpoint(other))
