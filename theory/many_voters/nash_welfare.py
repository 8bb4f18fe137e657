"""K = inf without real data: many voters' loop maximises their Nash welfare."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import pure_loop
from recurate.theory.language import *
from recurate.theory.many_voters import pluralistic_objective
from recurate.theory.many_voters.pluralistic_objective import (
    objective_at,
    optimum,
    optimum_divergence_at,
)
from recurate.theory.proving import Combination, Proof, Step, Tangent, UnderMean
from recurate.theory.statement import Hypothesis, Statement, instance_of


class welfare_at(AtStep):
    """N(p_t) = Σ_u π_u log E_t w_u, the weighted Nash welfare of the voters."""

    plain, typeset = "N(p_[{}])", "N(p_{@})"


optimal_welfare, other_welfare = sympy.symbols("N(p*) N(q)", real=True)
"""N(p*) and N(q), the same of p*, where it is largest, and of any law q."""

_value = sympy.Symbol("x", positive=True)
_growth = Mean(random_density)

_claim = at_most(other_welfare - welfare_at(t), optimum_divergence_at(0) / (t + 1))

_proof = Proof(
    supposed={
        # λ = inf: F is N, as m = 0 and a = 1.
        "pluralistic-objective": instance_of(
            pluralistic_objective.statement,
            {objective_at(t): welfare_at(t), optimum: optimal_welfare},
        ),
        "welfare": equal(other_welfare - optimal_welfare, Mean(sympy.log(random_density))),
        # E_q of Σ_u π_u w_u/W_u(p*), which is at most 1
        "KKT": at_most(_growth, 1),
    },
    steps=(
        Step(
            "tangent",
            at_least(-sympy.log(random_density), 1 - random_density),
            "-log is convex and lies above its tangent at 1. D = W_u(q)/W_u(p*) is by how much "
            "voter u gains if q takes the place of p*, W_u being the mean of w_u.",
            Tangent(-sympy.log(_value), _value, sympy.Integer(1), random_density),
        ),
        Step(
            "mean of the tangent",
            at_least(-Mean(sympy.log(random_density)), 1 - _growth),
            "In the mean over the voters, with their shares.",
            UnderMean("tangent"),
        ),
        Step(
            "optimum",
            at_most(other_welfare, optimal_welfare),
            "The mean of D is that of Σ_u π_u w_u/W_u(p*) under q, at most 1. So no law has more "
            "welfare than p*.",
            Combination({"mean of the tangent": 1, "welfare": -1, "KKT": 1}),
        ),
        Step(
            "claim",
            _claim,
            "Without real data F is the welfare, and p* a fixed point: p_t is within "
            "KL(p*‖p_0)/(t+1) of its welfare.",
            Combination({"optimum": 1, "pluralistic-objective": 1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="nash-welfare",
    label="Nash welfare",
    title="For K = inf the pure loop of many voters maximises their Nash welfare, at the rate 1/t",
    kind="ours",
    hypotheses=(
        pure_loop("pluralistic-objective", more=", from any start p_0"),
        Hypothesis(
            "infinite_K",
            "K = inf for each voter u: with shares π_u >= 0 that sum to one, and weights w_u >= 0, "
            "p_{t+1} = Σ_u π_u p_t w_u/E_t w_u",
            carried_by=("pluralistic-objective", "welfare", "KKT"),
        ),
        Hypothesis(
            "optimum",
            "Σ_u π_u w_u(x)/E_{p*} w_u is 1 wherever p* has mass and at most 1 wherever p_0 has "
            "(that is, p* maximises N over the laws on p_0's support)",
            carried_by=("pluralistic-objective", "KKT"),
        ),
        Hypothesis(
            "support",
            "p* and q have mass only where p_0 has, and give each w_u with π_u > 0 a positive mean",
            carried_by=("pluralistic-objective", "welfare", "KKT"),
        ),
    ),
    claim=_claim,
    equality_cases=("p_0 = p* = q",),
    proof=_proof,
    law="over the voters, with their shares π_u; D is E_q w_u/E_{p*} w_u",
    uses=("pluralistic-objective",),
    remarks=(
        "The condition on p* is that of Karush, Kuhn and Tucker, and it is necessary: moving a "
        "little mass to x changes N at the rate Σ_u π_u w_u(x)/E_{p*} w_u - 1.",
        "The rate cannot be better by more than a factor of 2.5: one voter of weights 1 and 1 - ε, "
        "p_0 = (½, ½), has .4 of the bound at t + 1 = 1.28/ε, as ε → 0.",
        "N never falls, and rises by at least KL(p_{t+1}‖p_t) in a step (pluralistic-objective).",
        "This is Cover's algorithm for log-optimal portfolios (Cover 1984): answers are stocks, "
        "voters the market's states. With one voter all mass goes to the largest weight.",
        "Voters of few candidates decide otherwise: r = (5, 0, 3) and (0, 5, 3), half each, from "
        "the uniform law, end at the compromise (0, 0, 1) for K = 2, and at (½, ½, 0), where N is "
        "largest, for K >= 3 (found numerically).",
        "p_t tends to a maximiser (in Rocq, for finite laws). Where there are several the limit "
        "depends on p_0.",
    ),
)
