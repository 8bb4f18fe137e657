"""Claims about loops with any rules of choice: how these are drawn, run, and shown again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Any, ClassVar

from hypothesis import strategies as st

from recurate.numerics.laws.expressions import law_expression
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.validation import FloatArray
from recurate.paper_checks.runs.rule_strategies import loops, one_or_each, rules
from recurate.paper_checks.runs.ruled.by_rule import instance_of_loop
from recurate.paper_checks.runs.ruled.draws import longer_ruled_instances, ruled_instances
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import (
    CertifiedRuledRun,
    EngineRuledRun,
    ExactRuledRun,
)
from recurate.paper_checks.runs.run import RunKind
from recurate.paper_checks.runs.setting import Searched, Setting, kept_run
from recurate.paper_checks.runs.strategies import mixings, second_laws

LARGEST_STEPS = 12
"""Longest run of the search."""

_OWN_STEPS = 5  # of loops that change from step to step


class RuledSetting(Setting):
    """Retraining on what people choose, by any rule: the loop has rules and a schedule."""

    loop_type = CurationLoop
    steps: ClassVar[tuple[int, int]] = (1, LARGEST_STEPS)
    tried: ClassVar[dict[RunKind, str]] = {
        "property": (
            "rules of every kind of recurate.rules, voters and stages of them, one or one a step; "
            "laws of 1 to 6 atoms, probabilities from 1e-12, rewards spanning 0 to 50; λ from 0 to "
            "1e4 and inf, one or one a step, samples retained, training sets that grow; "
            f"1 to {LARGEST_STEPS} steps"
        ),
        "exact": (
            "random tables over K-tuples (that look at p_t, too, and that change), the hard best "
            "and worst, avoiding and seeking a group, Bradley–Terry's choice, preferences of "
            "pairs, clicks, mixtures of voters, one or one a step; 1 to 4 atoms, K from 1 to 4; λ "
            "from 0 to 100 and inf, one or one a step, samples retained, training sets that grow; "
            "1 to 4 steps"
        ),
        "certified": "the same with 2 to 12 atoms, K to 16, 1 to 12 steps; and as exact evidence",
    }
    allowance = (
        "the engine's stated error of log H and of log p_t, carried to the margin by ball "
        "arithmetic"
    )

    def searched(self, loop: CurationLoop, steps: int, data: st.DataObject) -> Searched:
        second = data.draw(second_laws(loop.law.size))
        steps = own_steps(loop) or steps
        return Searched(
            self.engine_run(loop, steps, second),
            lambda: (
                f"{law_expression(loop.law)}, {loop.schedule}, steps={steps}, "
                f"second={second.tolist()}"
            ),
            lambda name: _replay(loop, steps, second, name),
            lambda: instance_of_loop(loop, steps, second),
        )

    def new_exact_run(self, instance: RuledInstance) -> ExactRuledRun:
        return ExactRuledRun(instance)

    def exact_run(self, instance: RuledInstance) -> Any:
        return kept_run(self.new_exact_run, instance)

    def certified_run(self, instance: RuledInstance, bits: int) -> CertifiedRuledRun:
        return CertifiedRuledRun(instance, bits)

    def exact_instances(self, seed: int) -> Iterator[RuledInstance]:
        return ruled_instances(seed)

    def certified_instances(self, seed: int, cases: int) -> Iterator[RuledInstance]:
        yield from islice(longer_ruled_instances(seed), cases - cases // 4)
        yield from islice(ruled_instances(seed + 1), cases // 4)

    @property
    def any_start(self) -> Setting:
        return AnyRuledStart(self)

    def engine_run(self, loop: CurationLoop, steps: int, second: Any) -> EngineRuledRun:
        return EngineRuledRun(loop, own_steps(loop) or steps, second)


@dataclass(frozen=True)
class AnyRuledStart(RuledSetting):
    """The same loops from a random p_0 on p_ref's atoms; the float search starts at p_ref.

    Attributes
    ----------
    of : RuledSetting
        What draws them, and runs them. Loops that are more than a `RuledInstance` stay as they are.
    """

    of: RuledSetting

    def new_exact_run(self, instance: Any) -> Any:
        return self.of.new_exact_run(instance)

    def certified_run(self, instance: Any, bits: int) -> Any:
        return self.of.certified_run(instance, bits)

    def exact_instances(self, seed: int) -> Iterator[Any]:
        return map(_started, self.of.exact_instances(seed))

    def certified_instances(self, seed: int, cases: int) -> Iterator[Any]:
        return map(_started, self.of.certified_instances(seed, cases))


def _started(instance: Any) -> Any:
    """Return the loop that starts at its second law."""
    if isinstance(instance, RuledInstance):
        return replace(instance, initial=instance.second)
    return instance


RULED = RuledSetting()
"""Retraining on what people choose, by whatever rule."""


def ruled_loops(**given: Any) -> st.SearchStrategy[CurationLoop]:
    """Return what draws the float engine's loops with rules: `loops`, with its arguments.

    What changes from step to step has five entries; such loops are run for five steps.
    """
    return loops(steps=_OWN_STEPS, **given)


def choices_among_K(law: RewardLaw) -> st.SearchStrategy[Any]:
    """Return what draws rules for a law that choose among finitely many: one, or one a step."""
    return one_or_each(_finite(rules(law)), _OWN_STEPS)


@cache
def _finite(rules: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return rules.filter(lambda rule: rule.most_candidates < math.inf)


def one_lam() -> st.SearchStrategy[dict[str, Any]]:
    """Return what draws one λ for all steps, nothing retained: arguments of `CurationLoop`."""
    return st.fixed_dictionaries({"lam": mixings()})


def own_steps(loop: CurationLoop) -> int | None:
    """Return the number of steps of a loop that changes from step to step; None for any."""
    schedule = loop.schedule
    given = (schedule.rule, schedule.lam, schedule.retained)
    return next((len(entries) for entries in given if isinstance(entries, tuple)), None)


def _replay(loop: CurationLoop, steps: int, second: FloatArray, name: str) -> str:
    return (
        "from recurate import Accumulate, CurationLoop, RewardLaw\n"
        "from recurate.rules import *\n"
        "from recurate.paper_checks.replay import least_margin\n"
        f"law = {law_expression(loop.law)}\n"
        f"loop = CurationLoop(law, {loop.schedule})\n"
        f"print(least_margin({name!r}, loop, steps={steps}, second={second.tolist()}))"
    )
