"""The mean weight never falls below the reference's: shared steps."""

from __future__ import annotations

from recurate.theory.language import *
from recurate.theory.proving import Combination, Induction, Step, Supposing
from recurate.theory.real_data.theorem_2_3 import ONE_STEP

_a = synthetic_fraction
_mean_claim = at_least(mean_weight_at(t), mean_weight)

SUPPOSED = {
    "several candidates": at_least(K, 1),
    "start": equal(mean_weight_at(0), mean_weight),
    **ONE_STEP,
    "law": equal(mean_weight_at(t), Mean(drawn_weight(t))),
}
"""The loop from p_0 = p_ref, Lemma 2.2, and that W_t is drawn from p_t."""

GENERAL = {"lemma-2.2": (t,), "mixture": (t,), "law": (t,)}
"""Symbols for all of whose values it is supposed."""

STEPS = (
    Step(
        "mean at first",
        at_least(mean_weight_at(0), mean_weight),
        "The loop starts with the mean weight μ.",
        Combination({"start": 1}),
    ),
    Step(
        "mean next",
        implies(_mean_claim, at_least(mean_weight_at(t + 1), mean_weight)),
        "Curation does not lower the mean weight, nor do the reference's samples, if it is at "
        "least μ.",
        Supposing(
            Combination(
                {"mixture": 1, "lemma-2.2": _a, "hypothesis": _a},
                given=("several candidates",),
                remainder=_a * (1 - inverse_candidates) * variance_at(t) / max_weight,
            )
        ),
    ),
    Step(
        "mean stays",
        _mean_claim,
        "So it is never below μ.",
        Induction(t, 0, base="mean at first", step="mean next"),
    ),
    Step(
        "mean at least",
        at_least(Mean(drawn_weight(t)), mean_weight),
        "That is the mean weight of each of the other candidates.",
        Combination({"mean stays": 1, "law": -1}),
    ),
)
"""The last one says this about E[W_t]."""
