"""What is guaranteed: by theorems about the rewards, and whatever people choose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from recurate.numerics.loop import STATE_ERROR
from recurate.printing.answers.told import Section
from recurate.printing.any_choice import any_choice_in_words, finite_run_in_words
from recurate.printing.words import SYMBOLS, mixings_below, number

if TYPE_CHECKING:
    from recurate.guarantees import Guarantee, SafeRange
    from recurate.prediction import Prediction

_WORDS = {
    "expected_weight": "the expected weight, E[e^r] over {best}'s e^max,",
    "kl_to_reference": "KL",
}

_THEOREMS, _ANY_CHOICE = "Guaranteed by the theorems", "Guaranteed whatever people choose"


def guaranteed(prediction: Prediction, groups: list[int], bounds: str) -> Iterator[Section]:
    """Yield what is guaranteed of a run.

    Parameters
    ----------
    prediction : Prediction
        The run.
    groups : list of int
        Groups whose shares are told.
    bounds : str
        Where bounds at each step are to be seen: "beside" the figure, or by which option.
    """
    steps, law = prediction.trajectory.steps, prediction.trajectory.law
    yield Section.of(_THEOREMS, _of_theorems(prediction, bounds))
    found = any_choice_in_words(prediction.any_choice(tuple(groups)), law, steps)
    run = prediction.finite_run
    of_runs = () if run is None else finite_run_in_words(run, steps, bool(groups))
    yield Section.of(_ANY_CHOICE, (*found, *of_runs))


def guaranteed_for_ever(prediction: Prediction, groups: list[int]) -> Iterator[Section]:
    """Yield what is guaranteed at every step, of a loop that may not have been run."""
    bounds = list(divergence_bounds_in_words(prediction.guarantees))
    if prediction.safe_range is None:
        bounds.append(_NO_THEOREM)
    else:
        bounds.append(safe_range_in_words(prediction.safe_range, prediction.loop.lam))
    yield Section.of(_THEOREMS, bounds)
    found = prediction.any_choice(tuple(groups))
    yield Section.of(_ANY_CHOICE, any_choice_in_words(found, prediction.loop.law, None))


def guaranteed_whatever_rewards(prediction: Prediction) -> Section:
    """Return what is guaranteed whatever people choose, if rewards may differ by more than here."""
    found = replace(prediction.any_choice(()), ends_of_gap=None)
    run = prediction.trajectory
    return Section.of(_ANY_CHOICE, any_choice_in_words(found, run.law, run.steps))


def divergence_bounds_in_words(guarantees: Iterable[Guarantee]) -> Iterator[str]:
    """Yield the bounds on KL that hold at every step."""
    for guarantee in guarantees:
        if guarantee.figure == "kl_to_reference" and guarantee.bound is not None:
            bound = number(float(np.nanmax(guarantee.bound)))
            yield f"{guarantee.statement.label}: KL is at most {bound}, whatever the rewards"


def safe_range_in_words(safe: SafeRange, lam: float) -> str:
    """Return for which λ theorems bound KL."""
    for_any, for_these = map(mixings_below, safe)
    return (
        f"theorems bound KL for {for_any} whatever the rewards, and for {for_these} with "
        f"these; here λ = {lam:g}"
    )


_NO_THEOREM = (
    "no theorem here bounds these figures by the rewards: those are about Bradley–Terry's "
    "choice by one reward, one λ, and training sets that are made anew, without samples "
    "kept uncurated"
)


def _of_theorems(prediction: Prediction, bounds: str) -> Iterator[str]:
    if prediction.safe_range is None:
        yield _NO_THEOREM
    best = "each prompt" if prediction.loop.law.prompt_names else "the best reward"
    for guarantee in prediction.guarantees:
        label = f"{guarantee.statement.label}: "
        words = _WORDS[guarantee.figure].format(best=best)
        symbol = SYMBOLS[guarantee.figure]
        if guarantee.bound is None:
            yield label + f"no bound on {symbol}; it needs {guarantee.missing}"
            continue
        values = getattr(prediction.trajectory, guarantee.figure)
        slack = (values - guarantee.bound) * (1 if guarantee.is_lower else -1)
        spoken = ~np.isnan(slack)
        if not spoken.any():
            yield label + "speaks of t >= 1"
            continue
        side = "at least" if guarantee.is_lower else "at most"
        least = f"least slack {_slack(float(slack[spoken].min()))}"
        of_steps = guarantee.bound[spoken]
        if bounds == "beside":
            yield f"{label}{symbol} is {side} the value beside it; {least}"
        elif np.ptp(of_steps) == 0.0:
            yield f"{label}{words} is {side} {number(float(of_steps[0]))}; {least}"
        else:
            yield f"{label}{words} is {side} its bound at each step ({bounds}); {least}"


def _slack(value: float) -> str:
    return "0, to rounding" if abs(value) < STATE_ERROR else number(value)
