"""What kind of loop a claim is about: how its loops are drawn, run, and shown again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import Any, ClassVar, NamedTuple, Protocol

from hypothesis import strategies as st

from recurate.numerics.laws.expressions import law_expression, number_expression
from recurate.numerics.loop import CurationLoop
from recurate.numerics.validation import FloatArray
from recurate.paper_checks.runs.instances import Instance, irrational_instances, rational_instances
from recurate.paper_checks.runs.kinds import CertifiedRun, EngineRun, ExactRun
from recurate.paper_checks.runs.run import RunKind, TriedRun
from recurate.paper_checks.runs.small_instances import small_instances
from recurate.paper_checks.runs.strategies import second_laws

BITS = (128, 256, 512)
"""Precisions of certified evidence: the next one is tried where a sign is left open."""

STEPS = 60
"""Longest trajectory of the search."""


class TriedInstance(Protocol):
    """A loop given by exact numbers."""

    @property
    def is_small(self) -> bool:
        """Whether it can be run in rationals."""

    def to_python(self) -> str:
        """Return the Python expression that makes it; it may need math, and needs its class."""


class Searched(NamedTuple):
    """A loop that the search has drawn.

    Attributes
    ----------
    run : TriedRun
        Its run in floating point.
    described : callable
        The loop as a Python expression.
    replay : callable
        From a check's name to lines of Python that show its least margin again.
    instance : callable, optional
        The very same loop in exact numbers, where there is one.
    """

    run: TriedRun
    described: Callable[[], str]
    replay: Callable[[str], str]
    instance: Callable[[], TriedInstance] | None = None


class Setting(ABC):
    """A kind of loop.

    Attributes
    ----------
    loop_type : type
        Loops of the float engine.
    steps : tuple of int
        Least and largest number of steps of the search.
    tried : mapping
        What property, exact and certified evidence try, in words.
    allowance : str
        What error is allowed for in property evidence.
    """

    loop_type: ClassVar[type]
    steps: ClassVar[tuple[int, int]] = (1, STEPS)
    tried: ClassVar[dict[RunKind, str]]
    allowance: ClassVar[str]

    @abstractmethod
    def searched(self, loop: Any, steps: int, data: st.DataObject) -> Searched:
        """Return a drawn loop's run, with more of it drawn where it needs more."""

    @abstractmethod
    def new_exact_run(self, instance: Any) -> Any:
        """Return an instance's run in rationals, computed afresh."""

    def exact_run(self, instance: Any) -> Any:
        """Return an instance's run in rationals, which may be one that was kept."""
        return self.new_exact_run(instance)

    @abstractmethod
    def certified_run(self, instance: Any, bits: int) -> Any:
        """Return an instance's run in balls."""

    @abstractmethod
    def exact_instances(self, seed: int) -> Iterator[Any]:
        """Yield random instances to be run in rationals."""

    @abstractmethod
    def certified_instances(self, seed: int, cases: int) -> Iterator[Any]:
        """Yield this number of random instances to be run in balls."""

    def exact_pool(self, seed: int, cases: int) -> tuple[Any, ...]:
        """Return random runs in rationals, which all checks share: each is computed once."""
        return _exact_pool(self, seed, cases)

    def certified_pool(self, seed: int, cases: int) -> tuple[Any, ...]:
        """Return random runs in balls, which all checks share."""
        return _certified_pool(self, seed, cases)

    def small_instances(self) -> tuple[Any, ...]:
        """Return loops given by few and small numbers, the smallest first; none by default."""
        return ()

    @property
    def any_start(self) -> Setting:
        """The same from any start p_0, for claims that drop p_0 = p_ref; itself if starts vary."""
        return self

    @abstractmethod
    def engine_run(self, loop: Any, steps: int, second: Any) -> TriedRun:
        """Return a loop's run in floating point."""


class CurationSetting(Setting):
    """Curated retraining: the loop is a reward law with K and λ."""

    loop_type = CurationLoop
    tried: ClassVar[dict[RunKind, str]] = {
        "property": (
            "laws of 1 to 12 atoms, probabilities from 1e-12, rewards spanning 0 to 50; K from 1 "
            "to 1e4 and inf, λ from 0 to 1e4 and inf (as the hypotheses allow); "
            f"1 to {STEPS} steps"
        ),
        "exact": (
            "rational weights and masses of many sizes, 1 to 4 atoms, K from 1 to 4 and inf, λ "
            "from 0 to 100, shares of 1/(K-1), and inf; 1 to 4 steps"
        ),
        "certified": (
            "irrational weights e^r with r spanning 0 to 50, 1 to 8 atoms, masses to 1e-12, K from "
            "2 to 1e4 and inf, λ as in exact evidence, 2 or 3 steps; and rational weights"
        ),
    }
    allowance = (
        "the engine's stated error of log H and of log p_t, carried to the margin by ball "
        "arithmetic"
    )

    def searched(self, loop: CurationLoop, steps: int, data: st.DataObject) -> Searched:
        second = data.draw(second_laws(loop.law.size))
        return Searched(
            EngineRun(loop, steps, second),
            lambda: _described(loop, steps, second),
            lambda name: _replay(loop, steps, second, name),
            lambda: Instance.of_loop(loop, steps, second),
        )

    def new_exact_run(self, instance: Instance) -> ExactRun:
        return ExactRun(instance)

    def exact_run(self, instance: Instance) -> ExactRun:
        run: ExactRun = kept_run(ExactRun, instance)
        return run

    def certified_run(self, instance: Instance, bits: int) -> CertifiedRun:
        return CertifiedRun(instance, bits)

    def exact_instances(self, seed: int) -> Iterator[Instance]:
        return rational_instances(seed)

    def certified_instances(self, seed: int, cases: int) -> Iterator[Instance]:
        yield from islice(irrational_instances(seed), cases - cases // 4)
        yield from islice(rational_instances(seed + 1), cases // 4)

    def small_instances(self) -> tuple[Instance, ...]:
        return small_instances()

    @property
    def any_start(self) -> Setting:
        return ANY_START

    def engine_run(self, loop: CurationLoop, steps: int, second: Any) -> EngineRun:
        return EngineRun(loop, steps, second)


class _AnyStart(CurationSetting):
    """The same from another start than the reference, for claims that drop that hypothesis."""

    tried: ClassVar[dict[RunKind, str]] = {
        kind: f"{text}; a random p_0 on p_ref's atoms"
        for kind, text in CurationSetting.tried.items()
        if kind != "property"
    }

    def exact_instances(self, seed: int) -> Iterator[Instance]:
        return map(_started, super().exact_instances(seed))

    def certified_instances(self, seed: int, cases: int) -> Iterator[Instance]:
        return map(_started, super().certified_instances(seed, cases))

    def small_instances(self) -> tuple[Instance, ...]:
        return small_instances(any_start=True)


def _started(instance: Instance) -> Instance:
    """Return the loop that starts at its second law."""
    return replace(instance, initial=instance.second)


CURATION = CurationSetting()
"""Curated retraining, which nearly all results are about."""

ANY_START = _AnyStart()
"""Curated retraining from any start p_0; the search in floating point knows p_ref only."""


@lru_cache(maxsize=2048)
def kept_run(make: Callable[[Any], Any], instance: Any) -> Any:
    """Return an instance's run, kept: a claim and its mutants ask for the same loops."""
    return make(instance)


@lru_cache(maxsize=8)
def _exact_pool(setting: Setting, seed: int, cases: int) -> tuple[Any, ...]:
    return tuple(map(setting.new_exact_run, islice(setting.exact_instances(seed), cases)))


@lru_cache(maxsize=8)
def _certified_pool(setting: Setting, seed: int, cases: int) -> tuple[Any, ...]:
    instances = setting.certified_instances(seed, cases)
    return tuple(setting.certified_run(instance, BITS[0]) for instance in instances)


def forget_runs() -> None:
    """Forget the runs that are kept: what they are computed with has changed."""
    for kept in (kept_run, _exact_pool, _certified_pool):
        kept.cache_clear()


def replay_lines(
    instance: TriedInstance,
    claim: str,
    kind: RunKind,
    *,
    imports: Sequence[str] = (),
) -> str:
    """Return the lines of Python that show an instance's least margin again.

    Parameters
    ----------
    instance : TriedInstance
        The loop.
    claim : str
        What `least_margin` takes as claim, as a Python expression.
    kind : {"exact", "certified"}
        In which numbers the margin is computed.
    imports : sequence of str
        Lines of import that the claim needs.
    """
    made_by, made = type(instance), instance.to_python()
    lines = [
        *(["import math"] if "math." in made else []),
        *imports,
        *getattr(instance, "imports", ()),
        f"from {made_by.__module__} import {made_by.__name__}",
        "from recurate.paper_checks.replay import least_margin",
        f"claim = {claim}",
        f"instance = {made}",
        f"print(least_margin(claim, instance, kind={kind!r}))",
    ]
    return "\n".join(lines)


def _described(loop: CurationLoop, steps: int, second: FloatArray) -> str:
    """Return a loop as the Python expressions that make it, and its second law."""
    return (
        f"{law_expression(loop.law)}, K={loop.K:g}, lam={loop.lam!r}, steps={steps}, "
        f"second={second.tolist()}"
    )


def _replay(loop: CurationLoop, steps: int, second: FloatArray, name: str) -> str:
    K, lam = (number_expression(x) for x in (loop.K, loop.lam))
    return (
        "from recurate import CurationLoop, RewardLaw\n"
        "from recurate.paper_checks.replay import least_margin\n"
        f"law = {law_expression(loop.law)}\n"
        f"loop = CurationLoop(law, K={K}, lam={lam})\n"
        f"print(least_margin({name!r}, loop, steps={steps}, second={second.tolist()}))"
    )
