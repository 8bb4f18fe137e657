"""With infinitely many candidates the pure loop is an exponential tilt, in closed form."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import pure_loop
from recurate.theory.language import *
from recurate.theory.one_curation import lemma_2_1_limit
from recurate.theory.proving import (
    Combination,
    Image,
    Induction,
    Proof,
    Step,
    Substitution,
    Supposing,
    UnderMean,
)
from recurate.theory.statement import Hypothesis, Statement, instance_of

# Means are under p_0, and g is the indicator of A = {w = w_*}.
_g, _value = random_quantity, sympy.Symbol("x", positive=True)
_rest = Mean((1 - _g) * (random_weight / max_weight) ** t)
_claim = equal(limit_divergence_at(t), sympy.log(1 + _rest / top_mass))
_power = equal(density_of(t, weight) * normaliser_at(t), weight**t)
_next_power = equal(density_of(t + 1, weight) * normaliser_at(t + 1), weight ** (t + 1))
_top = density_of(t, max_weight)
_ratio = curation_ratio_of(t, weight)

_proof = Proof(
    general={
        "lemma-2.1-limit": (t, weight),
        "loop": (t, weight),
        "normaliser": (t,),
        "start": (weight,),
    },
    supposed={
        # K = inf: the limit of H is the ratio.
        "lemma-2.1-limit": instance_of(
            lemma_2_1_limit.statement,
            {lemma_2_1_limit.statement.claim.lhs: _ratio, mean_weight: mean_weight_at(t)},
        ),
        "loop": equal(density_of(t + 1, weight), density_of(t, weight) * _ratio),
        "start": equal(density_of(0, weight), 1),
        "normaliser": equal(normaliser_at(t + 1), normaliser_at(t) * mean_weight_at(t)),
        "first normaliser": equal(normaliser_at(0), 1),
        "total mass": equal(Mean(density_of(t, random_weight)), 1),
        "weight on A": equal(_g * random_weight**t, _g * max_weight**t),
        "mass of A": equal(Moment(1, 0), top_mass),
        "divergence": equal(limit_divergence_at(t), sympy.log(1 / (top_mass * _top))),
    },
    steps=(
        Step(
            "base",
            equal(density_of(0, weight) * normaliser_at(0), 1),
            "The loop starts at density 1.",
            Combination({"start": normaliser_at(0), "first normaliser": 1}),
        ),
        Step(
            "next",
            implies(_power, _next_power),
            "Each step multiplies the density by w and divides it by the mean weight.",
            Supposing(
                Combination(
                    {
                        "hypothesis": weight,
                        "loop": normaliser_at(t + 1),
                        "lemma-2.1-limit": density_of(t, weight) * normaliser_at(t + 1),
                        "normaliser": density_of(t, weight) * weight / mean_weight_at(t),
                    }
                )
            ),
        ),
        Step(
            "power",
            _power,
            "So after t steps it is w^t over the product Z_t of the mean weights so far.",
            Induction(t, 0, base="base", step="next"),
        ),
        Step(
            "power, drawn",
            equal(density_of(t, random_weight) * normaliser_at(t), random_weight**t),
            "In particular at the weight of a draw from p_0.",
            Substitution("power", {weight: random_weight}),
        ),
        Step(
            "mean power",
            equal(Mean(density_of(t, random_weight)) * normaliser_at(t), Mean(random_weight**t)),
            "In the mean under p_0.",
            UnderMean("power, drawn"),
        ),
        Step(
            "power at the top",
            equal(_top * normaliser_at(t), max_weight**t),
            "And at the largest weight.",
            Substitution("power", {weight: max_weight}),
        ),
        Step(
            "mean on A",
            equal(Mean(_g * random_weight**t), Moment(1, 0) * max_weight**t),
            "On A the weight is w_*, and so it is in the mean.",
            UnderMean("weight on A"),
        ),
        Step(
            "powers on A",
            equal(Mean(_g * random_weight**t), top_mass * max_weight**t),
            "The mass of A is q.",
            Combination({"mean on A": 1, "mass of A": max_weight**t}),
        ),
        Step(
            "odds",
            equal(1 / (top_mass * _top), 1 + _rest / top_mass),
            "Since p_t has mass 1, Z_t = E_0 w^t = q w_*^t + E_0[w^t; w < w_*], and p_t(A) is "
            "q w_*^t/Z_t.",
            Combination(
                {
                    "power at the top": -1 / (top_mass * _top * max_weight**t),
                    "mean power": 1 / (top_mass * max_weight**t),
                    "total mass": -normaliser_at(t) / (top_mass * max_weight**t),
                    "powers on A": 1 / (top_mass * max_weight**t),
                }
            ),
        ),
        Step(
            "logarithm",
            equal(sympy.log(1 / (top_mass * _top)), sympy.log(1 + _rest / top_mass)),
            "The logarithm of both sides.",
            Image("odds", sympy.log(_value), _value),
        ),
        Step(
            "claim",
            _claim,
            "The divergence is -log p_t(A).",
            Combination({"divergence": 1, "logarithm": 1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="theorem-2.1-k-inf",
    label="Theorem 2.1, K = inf",
    title="With infinitely many candidates, the divergence from the limit in closed form",
    kind="ours",
    hypotheses=(
        pure_loop("loop", "lemma-2.1-limit", more=", with K = inf, from any start"),
        Hypothesis(
            "top",
            "the largest weight has mass q = p_0(A) > 0, A = {w = w_*}",
            carried_by=("weight on A", "mass of A", "divergence"),
        ),
    ),
    claim=_claim,
    equality_cases=("it is an equation",),
    proof=_proof,
    law="over p_0, from which W is drawn; G indicates W = w_*",
    uses=("lemma-2.1-limit",),
    remarks=(
        "For a law on atoms, KL(p_*‖p_t) = log(1 + sum over i not in A of (p_i/q)(w_i/w_*)^t).",
        "On the way: p_t = p_0 w^t/E_0 w^t.",
        "It tends to zero by dominated convergence, and like ρ^t p_ρ/q where the largest weight "
        "below w_* is an atom of mass p_ρ at ρ w_*.",
    ),
)
