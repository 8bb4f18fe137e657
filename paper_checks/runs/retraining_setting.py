"""Parametric retraining as a setting: families, data and λ, drawn and run for Theorem 2.2."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, ClassVar

import numpy as np
from hypothesis import strategies as st

from recurate.numerics.parametric import (
    DiscreteLaw,
    Family,
    Law,
    LocatedLaw,
    LocationFamily,
    LocationScaleFamily,
    Logistic,
    MixtureLaw,
    Normal,
    PowerFamily,
    RetrainingLoop,
    StudentT,
)
from recurate.paper_checks.runs.retraining_draws import finite_instances, logistic_instances
from recurate.paper_checks.runs.retraining_instances import FiniteInstance, LogisticInstance
from recurate.paper_checks.runs.retraining_runs import (
    CertifiedFiniteRun,
    CertifiedLogisticRun,
    ExactRetrainingRun,
    MeasuredRun,
)
from recurate.paper_checks.runs.run import RunKind
from recurate.paper_checks.runs.setting import Searched, Setting

LARGEST_SHARE = 0.6
"""Of one point of discrete data: more, and a heavy-tailed model shrinks to that point."""


class _Retraining(Setting):
    """Retraining by maximum likelihood, without curation."""

    loop_type = RetrainingLoop
    tried: ClassVar[dict[RunKind, str]] = {
        "property": (
            "logistic, Student-t (2, 3, 8 degrees of freedom) and normal location models, logistic "
            "and Student-t location-scale models, power families (ρ from 0 to 1) on 4 to 6 points; "
            "data of 4 to 6 points or 4 to 6 normal laws; λ from 1e-3 to 100; from KL(p_θ*‖p_θ_0) "
            "= 1e-8 in the slowest direction, at most 40 retrainings"
        ),
        "exact": (
            "power families (ρ from -1 to 2) on 3 to 6 points, 1 or 2 parameters, data from the "
            "best model itself to the farthest that has it as best, λ from 1/100 to 100"
        ),
        "certified": (
            "the logistic location model, data at logarithms of 2 to 6 rationals from 1/1000 to "
            "1000, λ from 1/100 to 100; a quarter as in exact evidence"
        ),
    }
    allowance = (
        "the engine's stated error of α, L, ε and J, and of the measured rate: twice what the rest "
        "of a geometric sequence adds to its last ratio"
    )

    def searched(self, loop: RetrainingLoop, steps: int, data: st.DataObject) -> Searched:
        return Searched(
            MeasuredRun(loop), lambda: repr(loop), lambda name: replay_lines(loop, name)
        )

    def new_exact_run(self, instance: FiniteInstance) -> ExactRetrainingRun:
        return ExactRetrainingRun(instance)

    def certified_run(self, instance: FiniteInstance | LogisticInstance, bits: int) -> Any:
        if isinstance(instance, LogisticInstance):
            return CertifiedLogisticRun(instance, bits)
        return CertifiedFiniteRun(instance, bits)

    def exact_instances(self, seed: int) -> Iterator[FiniteInstance]:
        return finite_instances(seed)

    def certified_instances(
        self, seed: int, cases: int
    ) -> Iterator[FiniteInstance | LogisticInstance]:
        yield from islice(logistic_instances(seed), cases - cases // 4)
        yield from islice(finite_instances(seed + 1), cases // 4)

    def engine_run(self, loop: RetrainingLoop, steps: int, second: Any) -> MeasuredRun:
        return MeasuredRun(loop)


RETRAINING = _Retraining()
"""Parametric retraining without curation, which Theorem 2.2 is about."""


def replay_lines(loop: RetrainingLoop, name: str) -> str:
    """Return the lines of Python that show a loop's margins again."""
    return (
        "from recurate.numerics.parametric import *\n"
        "from recurate.paper_checks.replay import least_margin\n"
        f"print(least_margin({name!r}, {loop!r}))"
    )


def retraining_loops() -> st.SearchStrategy[RetrainingLoop]:
    """Parametric retraining loops with a regular best model θ*.

    Returns
    -------
    SearchStrategy of RetrainingLoop
    """
    located = st.builds(_loop, _families(), _data(), _mixings())
    # Where heavy-tailed models find no regular best one, the theorem does not speak.
    return st.one_of(
        located, located, st.builds(_power_loop, _masses(), st.data(), _mixings())
    ).filter(_has_best)


def _loop(family: Family, data: Law, lam: float) -> RetrainingLoop:
    return RetrainingLoop(family, data, lam=lam)


def _has_best(loop: RetrainingLoop) -> bool:
    try:
        return bool(np.isfinite(loop.best).all())
    except ArithmeticError:
        return False


def _mixings() -> st.SearchStrategy[float]:
    return st.integers(-30, 20).map(lambda tenths: 10.0 ** (tenths / 10))


def _families() -> st.SearchStrategy[Family]:
    heavy = st.sampled_from([2.0, 3.0, 8.0]).map(StudentT)
    scales = st.sampled_from([0.5, 1.0, 2.0])
    curved = st.one_of(st.just(Logistic()), heavy)
    return st.one_of(
        st.builds(LocationFamily, curved, scales),
        st.builds(LocationScaleFamily, curved),
        st.builds(LocationFamily, st.just(Normal()), scales),
    )


def _masses() -> st.SearchStrategy[list[float]]:
    return st.lists(st.floats(0.05, 1.0), min_size=4, max_size=6).filter(
        lambda masses: max(masses) <= LARGEST_SHARE * sum(masses)
    )


def _data() -> st.SearchStrategy[Law]:
    """Discrete laws and mixtures of normal ones, with at least four centres."""

    def with_places(masses: list[float]) -> st.SearchStrategy[Law]:
        size, probs = len(masses), np.array(masses) / sum(masses)
        places = st.lists(st.integers(-40, 40), min_size=size, max_size=size, unique=True).map(
            lambda tenths: [tenth / 10 for tenth in tenths]
        )
        widths = st.lists(st.sampled_from([0.3, 1.0, 2.0]), min_size=size, max_size=size)
        discrete = places.map(lambda points: DiscreteLaw(points, probs))
        smooth = st.builds(
            lambda centres, scales: MixtureLaw(
                [LocatedLaw(Normal(), *pair) for pair in zip(centres, scales, strict=True)], probs
            ),
            places,
            widths,
        )
        return st.one_of(discrete, smooth)

    return _masses().flatmap(with_places)


def _power_loop(masses: list[float], data: st.DataObject, lam: float) -> RetrainingLoop:
    """Return a loop on finitely many points, the data apart from every model."""
    size = len(masses)
    numbers = st.lists(st.integers(-9, 9), min_size=size, max_size=size, unique=True)
    statistic = np.array(data.draw(numbers), dtype=float)
    base = np.array(masses) / sum(masses)
    statistic = (statistic - base @ statistic) / np.abs(statistic).max()
    form = data.draw(st.sampled_from([0.0, 0.5, 1.0]))
    family = PowerFamily(range(size), base, statistic[:, None], form)
    other = np.array(data.draw(st.lists(st.floats(0.05, 1.0), min_size=size, max_size=size)))
    return RetrainingLoop(
        family, DiscreteLaw(range(size), 0.8 * base + 0.2 * other / other.sum()), lam=lam
    )
