"""Enough real data keeps the loop near the reference for ever."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import from_reference, one_candidate
from recurate.theory.language import *
from recurate.theory.one_curation import ratio_bound
from recurate.theory.proving import (
    Combination,
    Induction,
    Monotone,
    Proof,
    Reciprocal,
    Step,
    Supposing,
    UnderMean,
)
from recurate.theory.source import Source
from recurate.theory.statement import Hypothesis, Statement, instance_of

largest_mixing = 1 / (K - 1)
"""The bound of λ in the hypothesis."""

LOOP = equal(density_at(t + 1), real_fraction + synthetic_fraction * density_at(t) * ratio_at(t))
"""One step of the loop, in densities over p_ref."""

_slack = 1 - lam * (K - 1)
_claim = at_most(divergence_at(t), -sympy.log(_slack))
_density_claim = at_most(density_at(t), 1 / _slack)
_density = sympy.Symbol("d", positive=True)

_proof = Proof(
    general={"ratio-bound": (t,), "loop": (t,)},
    supposed={
        "candidates": at_least(K, 1),
        "safe": less(0, _slack),
        "loop": LOOP,
        "ratio-bound": instance_of(ratio_bound.statement, {ratio: ratio_at(t)}),
        "start": equal(density_at(0), 1),
        "divergence": equal(divergence_at(t), Mean(sympy.log(density_at(t)))),
    },
    steps=(
        Step(
            "one step",
            at_most(density_at(t + 1), real_fraction + synthetic_fraction * K * density_at(t)),
            "The density is multiplied by at most K, and mixed with the reference's.",
            Combination({"loop": -1, "ratio-bound": synthetic_fraction * density_at(t)}),
        ),
        Step(
            "inverse",
            less(0, 1 / _slack),
            "1 - λ(K-1) is positive.",
            Reciprocal("safe"),
        ),
        Step(
            "base",
            at_most(density_at(0), 1 / _slack),
            "The loop starts at density 1.",
            Combination({"start": -1, "inverse": lam * (K - 1)}, given=("candidates",)),
        ),
        Step(
            "next",
            implies(_density_claim, at_most(density_at(t + 1), 1 / _slack)),
            "The bound D = 1/(1 - λ(K-1)) solves m + a K D = D.",
            Supposing(Combination({"one step": 1, "hypothesis": synthetic_fraction * K})),
        ),
        Step(
            "density",
            _density_claim,
            "So no density ever exceeds it.",
            Induction(t, 0, base="base", step="next"),
        ),
        Step(
            "log density",
            at_most(sympy.log(density_at(t)), -sympy.log(_slack)),
            "Nor does its logarithm exceed the bound's.",
            Monotone("density", -sympy.log(1 / _density), _density),
        ),
        Step(
            "expectation",
            at_most(Mean(sympy.log(density_at(t))), -sympy.log(_slack)),
            "Nor does the logarithm's mean under p_t.",
            UnderMean("log density"),
        ),
        Step(
            "claim",
            _claim,
            "That mean is the divergence.",
            Combination({"expectation": 1, "divergence": -1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="theorem-2.4",
    label="Theorem 2.4",
    title="Enough real data keeps the loop near the reference",
    source=Source("Theorem 2.4", seen="words"),
    kind="reported",
    hypotheses=(
        from_reference("start"),
        Hypothesis(
            "small_lam",
            "λ (lam) below 1/(K - 1)",
            less(lam / largest_mixing, 1),
            carried_by=("safe",),
        ),
        one_candidate("candidates"),
    ),
    claim=_claim,
    bound=-sympy.log(_slack),
    rational_core=1 / _slack,  # bounds the density p_t/p_ref, and the divergence with it
    equality_cases=("K = 1", "λ = 0"),
    proof=_proof,
    law="over p_t, at a draw from which d_t and H_t are taken",
    uses=("ratio-bound",),
    remarks=(
        "Rewards need not be bounded.",
        "It is not attained: theorem-2.4-optimal is the best possible bound, and far smaller.",
    ),
)
