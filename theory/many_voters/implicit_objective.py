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
from recurate.theory.proving import Combination, Proof, Step
from recurate.theory.statement import Hypothesis, Statement, instance_of

limit_weight, other_weight = sympy.symbols("E_{inf}w E_{q}w", positive=True)
"""Mean weight under the loop's fixed point p_inf, and under another law q."""

limit_divergence, other_divergence = sympy.symbols("KL(p_ref|p_inf) KL(p_ref|q)", nonnegative=True)
"""Kullback–Leibler divergence of p_ref from p_inf, and from q, in nats."""

_m, _a = real_fraction, synthetic_fraction

value = sympy.log(limit_weight) - limit_divergence / lam
other_value = sympy.log(other_weight) - other_divergence / lam
_claim = at_most(other_value, value)

_proof = Proof(
    supposed={
        "some synthetic data": less(0, lam),
        # H is one wherever p_inf has mass, and q has mass only there.
        "fixed-point-voters": instance_of(
            fixed_point_voters.statement, {largest_ratio: sympy.Integer(1)}
        ),
        # F with one voter
        "objective": equal(objective, _a * sympy.log(limit_weight) - _m * limit_divergence),
        "other objective": equal(
            other_objective, _a * sympy.log(other_weight) - _m * other_divergence
        ),
    },
    steps=(
        Step(
            "objectives",
            at_most(
                _a * sympy.log(other_weight) - _m * other_divergence,
                _a * sympy.log(limit_weight) - _m * limit_divergence,
            ),
            "At the fixed point H is 1 wherever there is mass, so no F(q) is above F(p_inf). With "
            "one voter F is a log E w - m KL(p_ref‖·).",
            Combination({"fixed-point-voters": 1, "objective": -1, "other objective": 1}),
        ),
        Step(
            "claim",
            _claim,
            "Divide by a; m/a is 1/λ.",
            Combination({"objectives": (1 + lam) / lam}, given=("some synthetic data",)),
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
            "K = inf, one voter: T(p) = p w/E_p w, and p_inf is the fixed point with mass wherever "
            "p_ref has",
            carried_by=("fixed-point-voters", "objective", "other objective"),
        ),
        real_data("fixed-point-voters"),
        Hypothesis(
            "synthetic_data",
            "some data are synthetic: λ (lam) > 0",
            less(0, lam),
            carried_by=("some synthetic data",),
        ),
        Hypothesis(
            "support",
            "q has mass wherever p_ref has, and nowhere else",
            carried_by=("fixed-point-voters",),
        ),
    ),
    claim=_claim,
    equality_cases=("q = p_inf, and no other q",),
    proof=_proof,
    uses=("fixed-point-voters",),
    remarks=(
        "This is what a curated loop optimises: a regularised reward, by the reverse of RLHF's "
        "divergence. kl-regularised-reward maximises E_p r - β KL(p‖p_0), which may give up any "
        "part of p_0; here the real data cannot be given up, as KL(p_ref‖p) has to stay finite. "
        "The loop gets there by p_{t+1} = m p_ref + a p_t w/E_t w, from every start on p_ref's "
        "support: pluralistic-objective.",
        "λ is the price: what a nat of KL(p_ref‖p) costs is 1/λ of a nat of log E_p e^r.",
        "No other q has the same value: the left-hand side is strictly concave in q on p_ref's "
        "support (docs/mathematics.md, not verified).",
        "For finite K the loop does not end at this maximum, and no such objective is known.",
        "If q may have mass where p_ref has none, p_inf still is best if w/E_inf w <= 1/a there.",
    ),
)
