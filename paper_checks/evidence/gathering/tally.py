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
from recurate.paper_checks.evidence.nearest import Nearest, Place, in_order, place_of
from recurate.paper_checks.runs.run import TriedRun


@dataclass
class _Near:
    """What was tried in one range of K and of λ, while evidence is being gathered."""

    cases: int = 0
    least: float | Fraction | None = None
    where: str = ""
    describe: Callable[[], str] = str
    replay: Callable[[], str] = str

    def merge(self, other: _Near) -> None:
        self.cases += other.cases
        if other.least is not None and (self.least is None or other.least < self.least):
            self.least, self.where = other.least, other.where
            self.describe, self.replay = other.describe, other.replay

    def found_at(self, place: Place) -> Nearest:
        if self.least is None:
            return Nearest(place, self.cases)
        # A witness's lines show every margin, and these the ones that are kept here.
        replay = self.replay().replace("least_margin", "nearest_margin")
        return Nearest(place, self.cases, self.least, self.describe(), self.where, replay)


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
    near: dict[Place, _Near] = field(default_factory=dict)

    def add(
        self, check: Check, run: TriedRun, describe: Callable[[], str], replay: Callable[[], str]
    ) -> Margin | None:
        """Count a run's margins; return the worst one if the claim certainly fails there."""
        worst = None
        margins = check.margins_of(run)
        self.cases += bool(margins)
        self.nontrivial += bool(margins) and not run.is_degenerate
        near = _Near(bool(margins), describe=describe, replay=replay)
        for margin in margins:
            if margin.value < 0 and (worst is None or _below(margin.value, worst.value)):
                worst = margin
            self.undecided += self._is_undecided(margin, run)
            if margin.is_telling(run):
                self._keep_least(margin, near)
        if margins:
            self.near.setdefault(place_of(run), _Near()).merge(near)
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
        for place, near in other.near.items():
            self.near.setdefault(place, _Near()).merge(near)

    def _keep_least(self, margin: Margin, near: _Near) -> None:
        value = midpoint(margin.value)
        if value != value:  # NaN
            return
        if near.least is None or value < near.least:
            near.least, near.where = value, margin.where
        if self.least is None or value < self.least:
            self.least = value
            self.attained = near.describe() + (f", at {margin.where}" if margin.where else "")

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
            nearest=in_order([near.found_at(place) for place, near in self.near.items()]),
        )


def _below(value: Any, other: Any) -> bool:
    return bool(midpoint(value) < midpoint(other))
