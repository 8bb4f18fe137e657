"""The float engine's rules in balls, so that what is found in floating point can be certain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

import flint

from recurate.numerics.laws.expressions import law_expression
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules.rule import Rule
from recurate.numerics.schedules import Accumulate, entry
from recurate.numerics.validation import FloatArray
from recurate.paper_checks.runs.certified_law import CertifiedLaw
from recurate.paper_checks.runs.ruled.choosing import Choosing
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.rules_in_balls import Ratio, ratio_in_balls
from recurate.paper_checks.runs.run import Numbers
from recurate.paper_checks.runs.written import Fractions


@dataclass(frozen=True)
class ByRule(Choosing):
    """One of `recurate.rules` on a law's rewards, scores and groups, as the floats that they are.

    Attributes
    ----------
    rule : Rule
        The rule.
    law : RewardLaw
        What it reads; not the law that it chooses from.
    """

    rule: Rule
    law: RewardLaw

    more_imports: ClassVar[tuple[str, ...]] = (
        "from recurate import RewardLaw",
        "from recurate.rules import *",
    )

    @property
    def candidates(self) -> int | float:
        K = self.rule.most_candidates
        return K if K == math.inf else int(K)

    def is_small(self, size: int) -> bool:
        return False  # weights e^r are irrational

    @cached_property
    def _ratios(self) -> dict[int, Ratio]:
        return {}

    def curated(self, law: Numbers, t: int = 0) -> Numbers:
        bits = flint.ctx.prec
        if bits not in self._ratios:
            given = CertifiedLaw.of(self.law, bits=bits)
            self._ratios[bits] = ratio_in_balls(self.rule, given, bits)
        return [p * h for p, h in zip(law, self._ratios[bits](law), strict=True)]

    def to_python(self) -> str:
        return f"ByRule({self.rule!r}, {law_expression(self.law)})"

    def __str__(self) -> str:
        """Return the rule and what it reads as Python expressions."""
        return self.to_python()


def instance_of_loop(loop: CurationLoop, steps: int, second: FloatArray | None) -> RuledInstance:
    """Return a loop of floats as the exact numbers that they are, with a second law or none."""
    plan = loop.schedule.plan(steps)
    rules = {id(rule): ByRule(rule, loop.law) for rule in plan.rules}
    choosing = tuple(rules[id(plan(t).rule)] for t in range(steps))
    grown: Accumulate | None = loop.training
    lams = tuple(_exact(plan(t).lam) for t in range(steps))
    retained = tuple(Fraction(entry(plan.retained, t)) for t in range(steps))
    return RuledInstance(
        reference=_law(loop.law.probs),
        choosing=choosing[0] if len(rules) == 1 else choosing,
        steps=steps,
        lam=_one_or_each(lams),
        retained=_one_or_each(retained),
        training=None if grown is None else (Fraction(grown.real), Fraction(grown.per_round)),
        second=None if second is None else _law(second),
    )


def _one_or_each(values: tuple[Any, ...]) -> Any:
    return values[0] if len(set(values)) == 1 else values


def _exact(lam: float) -> Fraction | float:
    return lam if lam == math.inf else Fraction(lam)


def _law(probs: FloatArray) -> Fractions:
    masses = [Fraction(p) for p in probs.tolist()]
    return tuple(mass / sum(masses) for mass in masses)
