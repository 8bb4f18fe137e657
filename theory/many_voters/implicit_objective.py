"""K = inf, one voter: what a loop with real data maximises, in one line."""

from __future__ import annotations

import sympy

from recurate.theory.fixed_points import fixed_point_voters
from recurate.theory.fixed_points.fixed_point_voters import (
    largest_ratio,
    objective,
    other_objective,
)
from recurate.theory.hypotheses import real_data
from recurate.theory.language import *
from recurate.theory.many_voters import pluralistic_objective
from recurate.theory.many_voters.pluralistic_objective import (
    objective_at,
    optimum,
    optimum_divergence_at,
)
from recurate.theory.proving import Combination, Proof, Step
from recurate.theory.statement import Hypothesis, Statement, instance_of

other_weight = sympy.Symbol("E_{q}w", positive=True)
"""Mean weight under any law q."""

other_divergence = sympy.Symbol("KL(p_ref|q)", nonnegative=True)
"""Kullback–Leibler divergence of p_ref from q, in nats."""

_m, _a = real_fraction, synthetic_fraction

other_value = sympy.log(other_weight) - other_divergence / lam
value = sympy.log(mean_weight_at(t)) - reverse_divergence_at(t) / lam
_distance = optimum_divergence_at(0)
_claim = at_most(other_value, value + (1 + 1 / lam) * _distance / (t + 1))

_proof = Proof(
    supposed={
        "some synthetic data": less(0, lam),
        # H is one wherever the fixed point has mass, and q has mass only there.
        "fixed-point-voters": instance_of(
            fixed_point_voters.statement, {largest_ratio: sympy.Integer(1)}
        ),
        "pluralistic-objective": instance_of(pluralistic_objective.statement, {optimum: objective}),
        # F with one voter
        "objective": equal(
            objective_at(t), _a * sympy.log(mean_weight_at(t)) - _m * reverse_divergence_at(t)
        ),
        "other objective": equal(
            other_objective, _a * sympy.log(other_weight) - _m * other_divergence
        ),
    },
    steps=(
        Step(
            "optimum",
            at_most(other_objective, objective),
            "At the fixed point H is 1 wherever there is mass: no F(q) is above F(p*).",
            Combination({"fixed-point-voters": 1}),
        ),
        Step(
            "gap",
            at_most(other_objective - objective_at(t), _distance / (t + 1)),
            "F(p_t) comes as near to F(p*) as KL(p*‖p_0)/(t+1).",
            Combination({"optimum": 1, "pluralistic-objective": 1}),
        ),
        Step(
            "claim",
            _claim,
            "With one voter F is a log E w - m KL(p_ref‖·). Divide by a: m/a is 1/λ, and 1/a is "
            "1 + 1/λ.",
            Combination(
                {
                    "gap": (1 + lam) / lam,
                    "objective": -(1 + lam) / lam,
                    "other objective": (1 + lam) / lam,
                },
                given=("some synthetic data",),
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="implicit-objective",
    label="Implicit objective",
    title="For K = inf a loop with real data maximises log E e^r - KL(p_ref‖p)/λ",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "infinite_K",
            "K = inf, one voter: T(p) = p w/E_p w, and p* is the fixed point with mass wherever "
            "p_ref has",
            carried_by=("fixed-point-voters", "pluralistic-objective", "objective"),
        ),
        real_data("fixed-point-voters", "objective", "other objective"),
        Hypothesis(
            "synthetic_data",
            "some data are synthetic: λ (lam) > 0",
            less(0, lam),
            carried_by=("some synthetic data",),
        ),
        Hypothesis(
            "support",
            "p_0 and q have mass wherever p_ref has, and nowhere else",
            carried_by=("fixed-point-voters", "pluralistic-objective"),
        ),
    ),
    claim=_claim,
    equality_cases=("p_0 = p* = q",),
    proof=_proof,
    uses=("fixed-point-voters", "pluralistic-objective"),
    remarks=(
        "This is what a curated loop optimises: a regularised reward, by the reverse of RLHF's "
        "divergence. kl-regularised-reward maximises E_p r - β KL(p‖p_0), which may give up any "
        "part of p_0 at a bounded price; here the real data cannot be given up, as KL(p_ref‖p) has "
        "to stay finite. A nat of it costs 1/λ.",
        "So p* maximises it over the laws on p_ref's support, and p_t tends to p*. In each step it "
        "rises by at least (1 + 1/λ) KL(p_{t+1}‖p_t) (pluralistic-objective).",
        "No other law has the value of p*: it is strictly concave on p_ref's support (in Rocq, for "
        "finite laws and many voters: pluralistic-objective).",
        "For finite K the loop does not end at this maximum, and no such objective is known.",
        "If q may have mass where p_ref has none, p* still is best if w/E_{p*} w <= 1/a there.",
    ),
)
