"""Claims about loops with any rules and about wider ones: how these are drawn and run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, ClassVar

from recurate.paper_checks.runs.ruled.draws import longer_ruled_instances, ruled_instances
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.setting import RuledSetting
from recurate.paper_checks.runs.ruled.wider import (
    CertifiedWiderRun,
    ExactWiderRun,
    wider_instances,
)
from recurate.paper_checks.runs.run import RunKind

_WIDER = (
    "; a third of the loops have training sets of 1 to 3 winners, all enumerated, or are networks "
    "of models or loops with prompts: 2 or 3 atoms, K to 3, to 3 steps"
)


class WiderSetting(RuledSetting):
    """Loops with any rules, finite training sets, networks of models, and prompts."""

    tried: ClassVar[dict[RunKind, str]] = {
        kind: text if kind == "property" else text + _WIDER
        for kind, text in RuledSetting.tried.items()
    }

    def new_exact_run(self, instance: Any) -> Any:
        if isinstance(instance, RuledInstance):
            return super().new_exact_run(instance)
        return ExactWiderRun(instance)

    def certified_run(self, instance: Any, bits: int) -> Any:
        if isinstance(instance, RuledInstance):
            return super().certified_run(instance, bits)
        return CertifiedWiderRun(instance, bits)

    def exact_instances(self, seed: int) -> Iterator[Any]:
        yield from _mixed(ruled_instances(seed), seed)

    def certified_instances(self, seed: int, cases: int) -> Iterator[Any]:
        yield from islice(_mixed(longer_ruled_instances(seed), seed + 1), cases)


def _mixed(instances: Iterator[RuledInstance], seed: int) -> Iterator[Any]:
    """Yield two of these for each wider one."""
    for wider in wider_instances(seed):
        yield from islice(instances, 2)
        if wider.is_small:
            yield wider


WIDER = WiderSetting()
"""Retraining on what people choose, in all the ways that one envelope covers."""
