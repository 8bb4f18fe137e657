"""K = inf: the fixed point of many voters maximises their welfare, and the distance is known."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import real_data
from recurate.theory.language import *
from recurate.theory.proving import Combination, Proof, Step, Tangent, UnderMean
from recurate.theory.statement import Hypothesis, Statement

objective, other_objective = sympy.symbols("F(p) F(q)", real=True)
"""F(p) = a Σ_u π_u log E_p w_u - m KL(p_ref‖p), and the same of any other law q."""

largest_ratio = sympy.Symbol("H_max", positive=True)
"""Largest value of H = p'/p, p' being the law after a step from p."""

_growth = sympy.Symbol("E_{q}H", positive=True)
"""Mean of that ratio under q."""

_value = sympy.Symbol("x", positive=True)
_claim = at_most(other_objective - objective, sympy.log(largest_ratio))

_proof = Proof(
    supposed={
        # Definitions of F and of KL, and of E_q H for H = m p_ref/p + a Σ_u π_u w_u/W_u
        "objective": equal(other_objective - objective, Mean(sympy.log(random_density))),
        "step": equal(_growth, Mean(random_density)),
        "largest": at_most(_growth, largest_ratio),
    },
    steps=(
        Step(
            "tangent",
            at_least(
                -sympy.log(random_density),
                -sympy.log(largest_ratio) - (random_density - largest_ratio) / largest_ratio,
            ),
            "-log is convex and lies above its tangent, here the one at the largest ratio. The "
            "p' of a step is m p_ref + a Σ_u π_u p w_u/W_u, with W_u = E_p w_u (K = inf): a "
            "mixture of sources, the real data and each voter's choices. D is by how much a "
            "source's part grows if q takes the place of p: q/p at a draw from p_ref, and "
            "E_q w_u/E_p w_u for a voter.",
            Tangent(-sympy.log(_value), _value, largest_ratio, random_density),
        ),
        Step(
            "mean of the tangent",
            at_least(
                -Mean(sympy.log(random_density)),
                -sympy.log(largest_ratio) - (Mean(random_density) - largest_ratio) / largest_ratio,
            ),
            "In the mean over the sources, with their shares m and a π_u.",
            UnderMean("tangent"),
        ),
        Step(
            "claim",
            _claim,
            "The mean of log D is F(q) - F(p), by the definition of F. The mean of D is m E_ref "
            "q/p + a Σ_u π_u E_q w_u/W_u = E_q H, which is at most the largest H.",
            Combination(
                {
                    "mean of the tangent": 1,
                    "objective": -1,
                    "step": 1 / largest_ratio,
                    "largest": 1 / largest_ratio,
                }
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="fixed-point-voters",
    label="Fixed point, many voters",
    title="For K = inf the voters' fixed point maximises their welfare, with a certificate",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "infinite_K",
            "K = inf for each voter u: with shares π_u >= 0 that sum to one, and weights w_u >= 0, "
            "T(p) = Σ_u π_u p w_u/E_p w_u",
            carried_by=("objective", "step"),
        ),
        real_data("objective", "step"),
        Hypothesis(
            "support",
            "p and q have mass wherever p_ref has, and give each w_u with π_u > 0 a positive mean",
            carried_by=("objective", "step"),
        ),
        Hypothesis(
            "bounded",
            "H is at most H_max wherever q has mass",
            carried_by=("largest",),
        ),
    ),
    claim=_claim,
    equality_cases=("q = p, a fixed point", "p' = p H with H the same wherever q has mass"),
    proof=_proof,
    law=(
        "over the sources of a sample: p_ref with probability m, from which x is drawn, and each "
        "voter u with a π_u; D is q/p at x, or E_q w_u/E_p w_u"
    ),
    remarks=(
        "At a fixed point H is one wherever p has mass. With H <= 1 elsewhere it maximises F, and "
        "there is no other maximiser on p_ref's support: F is strictly concave there, as m > 0.",
        "p = p_ref d is that law iff d = m/(1 - a Σ_u π_u w_u/W_u) on p_ref's support (collect d "
        "in d = m + a d Σ_u π_u w_u/W_u): J numbers W_u for J voters. With one voter it is "
        "fixed-point-k-inf.",
        "The bound holds for any p: it says how far F(p) is from its maximum, in nats.",
        "F(p') - F(p) >= KL(p'‖p), so that the loop climbs F, and the gap falls like 1/t: "
        "pluralistic-objective.",
        "For λ = inf the same bound is that of log-optimal portfolios; the maximiser need not be "
        "unique then.",
    ),
)
