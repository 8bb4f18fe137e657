"""Evidence for Theorem 2.4 with bounded weights, at every t, inside its hypothesis λ < 1/(h - 1).

Besides the divergence no curation ratio may exceed h = (1 - (1-θ)^K)/θ, θ = μ/w_*. That is
rational, and so is the core: the density p_t/p_ref is at most 1/(1 - λ(h-1)).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.foundations.curation_order import true_curation
from recurate.paper_checks.real_data.theorem_2_4 import (
    density_margins,
    divergence_margins,
    divergence_margins_from,
)
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Run
from recurate.paper_checks.runs.strategies import candidate_numbers, reward_laws
from recurate.theory.language.compile import compile_expression
from recurate.theory.language.notation import K, inverse_candidates, lam, max_weight, mean_weight
from recurate.theory.one_curation.curation_ceiling import highest_ratio
from recurate.theory.real_data.theorem_2_4_bounded_weights import statement

_highest = highest_ratio(K)
_excess = lam * (_highest - 1)
_jensen = 1 / (inverse_candidates + (1 - inverse_candidates) * mean_weight / max_weight)


def _highest_of(run: Run) -> Number:
    """Return h for the reference."""
    return run.evaluate(_highest, K=run.K, mean_weight=run.mean_weight, max_weight=1)


def _ceiling_margins(highest: Any) -> Margins:
    """Return the margins of H_t(w) <= `highest`, which K = inf attains at the start."""

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        ceiling = run.evaluate(highest, K=run.K, mean_weight=run.mean_weight, max_weight=1)
        top = run.top[0]  # nothing wins more often than the heaviest
        for t in run.some_steps:
            attained = t == 0 and run.K == math.inf
            highest_there = true_curation(run, t).ratio[top]
            yield Margin(ceiling - highest_there, f"t = {t}, H", tight=attained)

    return margins


_ratio_margins = _ceiling_margins(_highest)


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    yield from divergence_margins(run, bound)
    yield from _ratio_margins(run, bound)


def _exact_margins(run: Run, bound: Bound) -> Iterator[Margin]:
    yield from density_margins(run, bound)
    yield from _ratio_margins(run, bound)


def _proportional(run: Run, bound: Bound) -> Iterator[Margin]:
    """H(w) <= h w/w_* for every weight."""
    ceiling = _highest_of(run)
    for weight, ratio in zip(run.weights, run.curation(0).ratio, strict=True):
        yield Margin(ceiling * weight - ratio)


def _meets_condition(run: Run) -> bool:
    return run.lam < math.inf and bool(run.number(run.lam) * (_highest_of(run) - 1) < 1)


def _loop(law: RewardLaw, K: float, share: int) -> CurationLoop:
    """Return the loop with λ(h-1) at a share of 10^-4, but λ at most 10^4."""
    mean = min(float(law.probs @ np.exp(law.rewards - law.rewards.max())), 1.0)
    highest = float(compile_expression(_highest, "float")(K=K, mean_weight=mean, max_weight=1.0))
    lam = min(share / max(highest - 1.0, 1e-12), 1e8) / 10_000
    return CurationLoop(law, K=K, lam=lam)


_several = candidate_numbers().filter(lambda K: K > 1)

check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_exact_margins,
    # Not where h = 1, as for K = 1: there all is zero, and a ball cannot exclude h < 1.
    admits=lambda run: bool(_highest_of(run) > 1),
    loops=st.builds(_loop, reward_laws(), _several, st.integers(1, 9999)),
    # Weights near 0 and w_* only, and a small λ: the mean weight hardly grows.
    instances=(
        two_points("1/1000", "1/10", K=math.inf, lam="1/1000", steps=6),
        two_points("1/1000", "1/10", K=math.inf, lam="1/20", steps=4),
        two_points("1/1000", "1/10", K=2, lam="1/10", steps=4),
        two_points("1/10000", "1/10", K=16, lam="1/100", steps=6),
        hierarchy(3, ratio=1000, K=3, lam="1/5", steps=3),
    ),
    mutants=(
        Mutant(
            "9/10 of the bound, [-log(1 - λ(h-1)) - (h-1) log(1+λ)] 9/(10h)",
            bound=9 * statement.bound / 10,
        ),
        Mutant(
            "density at most 1/(1 - 9λ(h-1)/10)",
            core=1 / (1 - 9 * _excess / 10),
        ),
        Mutant(
            "h = K w_*/(w_* + (K-1)μ), Jensen the wrong way",
            margins=_ceiling_margins(_jensen),
        ),
        Mutant("H(w) at most h w/w_*, in proportion to the weight", margins=_proportional),
        Mutant(
            "density at most h, for every λ",
            core=_highest,
            admits=lambda run: True,
            instances=(two_points("1/1000", "1/10", K=2, lam=3, steps=6),),
        ),
        Mutant(
            "from any start p_0, at every t >= 1",
            margins=divergence_margins_from(1),
            is_exact=False,
            admits=_meets_condition,
            instances=(
                Instance.of(
                    "1/100 1", "99/100 1/100", initial="1/100 99/100", K=math.inf, lam="1/1000"
                ),
            ),
        ),
    ),
)
