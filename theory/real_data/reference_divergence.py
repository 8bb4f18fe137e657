"""However long the loop runs, the reference stays within log(1+λ) of it in one direction."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import from_reference
from recurate.theory.language import *
from recurate.theory.proving import (
    Combination,
    Induction,
    Monotone,
    Proof,
    Step,
    Supposing,
    UnderMean,
)
from recurate.theory.real_data.theorem_2_4 import LOOP
from recurate.theory.statement import Statement

_claim = at_most(reverse_divergence_at(t), sympy.log(1 + lam))
_floor = at_least(density_at(t), 1 / (1 + lam))
_density = sympy.Symbol("d", positive=True)

_proof = Proof(
    general={"loop": (t,)},
    supposed={
        "loop": LOOP,
        "start": equal(density_at(0), 1),
        "divergence": equal(reverse_divergence_at(t), -Mean(sympy.log(density_at(t)))),
    },
    steps=(
        Step(
            "base",
            at_least(density_at(0), 1 / (1 + lam)),
            "The loop starts at density 1.",
            Combination({"start": 1}, remainder=lam / (1 + lam)),
        ),
        Step(
            "next",
            implies(_floor, at_least(density_at(t + 1), 1 / (1 + lam))),
            "A share 1/(1+λ) of every p_{t+1} is the reference itself, whatever p_t is.",
            Supposing(
                Combination({"loop": 1}, remainder=synthetic_fraction * density_at(t) * ratio_at(t))
            ),
        ),
        Step(
            "density",
            _floor,
            "So the density never falls below 1/(1+λ).",
            Induction(t, 0, base="base", step="next"),
        ),
        Step(
            "log density",
            at_least(sympy.log(density_at(t)), -sympy.log(1 + lam)),
            "Nor does its logarithm fall below -log(1+λ).",
            Monotone("density", sympy.log(_density), _density),
        ),
        Step(
            "expectation",
            at_least(Mean(sympy.log(density_at(t))), -sympy.log(1 + lam)),
            "Nor does the logarithm's mean under p_ref.",
            UnderMean("log density"),
        ),
        Step(
            "claim",
            _claim,
            "That mean, with the sign changed, is the divergence of p_ref from p_t.",
            Combination({"expectation": 1, "divergence": -1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="reference-divergence",
    label="Divergence of the reference",
    title="The loop never loses the reference by more than log(1+λ)",
    kind="ours",
    hypotheses=(from_reference("start"),),
    claim=_claim,
    bound=sympy.log(1 + lam),
    rational_core=1 + lam,  # bounds the density p_ref/p_t, and the divergence with it
    equality_cases=("λ = 0", "approached at K = inf, with a dominating top weight of small mass"),
    proof=_proof,
    infinite_candidates="the same proof: it only needs that H is nonnegative",
    law="over p_ref, at a draw from which d_t and H_t are taken",
    uses=("lemma-2.1",),
    remarks=(
        "It holds for every K, K = inf included, every λ and every t, and rewards need not be "
        "bounded; for λ = inf it says nothing.",
        "From any other start it holds for t >= 1: p_1 has a share 1/(1+λ) of the reference.",
        "Expectations are under p_ref here: the divergence is the reverse of that in theorem-2.4, "
        "and needs no threshold for λ.",
        "Every f-divergence of p_ref from p_t is bounded alike, since p_ref/p_t <= 1 + λ.",
    ),
)
