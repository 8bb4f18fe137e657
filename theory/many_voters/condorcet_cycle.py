"""K = 2: where majorities go in a circle the pure loop never comes nearer their balance."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import pure_loop
from recurate.theory.language import *
from recurate.theory.proving import Combination, Proof, Step, Tangent, UnderMean
from recurate.theory.statement import Hypothesis, Statement


class balance_divergence_at(AtStep):
    """Kullback–Leibler divergence of the balance q from p_t, in nats."""

    plain, typeset = "KL(q|p_[{}])", r"\mathrm{KL}(q\|p_{@})"
    is_nonnegative = True


class growth_at_balance(Drawn):
    """H_t(X) = p_{t+1}(X)/p_t(X) = 1 + Σ_y A(X, y) p_t(y) at an answer X drawn from q."""

    tacit = frozenset({K, lam})
    plain, typeset = "H_[{}]", "H_{@}"
    is_positive = True


_value = sympy.Symbol("x", positive=True)
_growth = growth_at_balance(t)
_claim = at_least(balance_divergence_at(t + 1), balance_divergence_at(t))

_proof = Proof(
    supposed={
        # p_{t+1} = p_t H_t, by preference-game
        "divergence": equal(
            balance_divergence_at(t + 1) - balance_divergence_at(t), -Mean(sympy.log(_growth))
        ),
        # Σ_x q(x) A(x, y) = 0 for each y
        "balance": equal(Mean(_growth), 1),
    },
    steps=(
        Step(
            "tangent",
            at_least(-sympy.log(_growth), -(_growth - 1)),
            "-log is convex and lies above its tangent at 1. The growth H_t(X) is positive: it is "
            "at least p_t(X).",
            Tangent(-sympy.log(_value), _value, 1, _growth),
        ),
        Step(
            "mean of the tangent",
            at_least(-Mean(sympy.log(_growth)), 1 - Mean(_growth)),
            "In the mean over q.",
            UnderMean("tangent"),
        ),
        Step(
            "claim",
            _claim,
            "The divergence grows by the mean of -log H_t, and the mean of H_t is 1 + Σ_y p_t(y) "
            "Σ_x q(x) A(x, y) = 1.",
            Combination({"mean of the tangent": 1, "divergence": 1, "balance": -1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="condorcet-cycle",
    label="Condorcet cycle",
    title="For K = 2 the pure loop never comes nearer a balance of preferences",
    kind="ours",
    hypotheses=(
        pure_loop("divergence", more=", with K = 2 and any preferences, from any start"),
        Hypothesis(
            "balance",
            "q is a balance of the preferences: Σ_x q(x) A(x, y) = 0 for each y with mass under "
            "p_0, A(x, y) = 2 P(x over y) - 1",
            carried_by=("balance",),
        ),
        Hypothesis(
            "support",
            "p_0 has mass wherever q has, so that KL(q‖p_0) is finite",
            carried_by=("divergence",),
        ),
    ),
    claim=_claim,
    equality_cases=("Σ_y A(x, y) p_t(y) = 0 wherever q has mass",),
    proof=_proof,
    law="over an answer X drawn from q",
    uses=("preference-game",),
    remarks=(
        "It grows strictly, except where listed: by at least E_q (A p_t)²/4.",
        "If q and p_0 have full support and A p_0 is not zero the loop never settles, and the "
        "least p_t(x) tends to 0: the loop spirals away from q (in Rocq).",
        "Three voters of equal shares, with the rewards (2, 1, 0), (0, 2, 1) and (1, 0, 2), have "
        "q = (1/3, 1/3, 1/3). From (.3, .36, .34) KL(q‖p_t) is .0029, .0076, .0200 and .1296 at "
        "t = 0, 1000, 2000 and 4000. Compute such loops in log-probabilities: elsewhere rounding "
        "ends the spiral at a false vertex.",
        "With real data and p_ref = q the balance attracts if λ < 1/(√(1+ω²) - 1), and repels if λ "
        "is above it, ω the largest modulus of an eigenvalue of diag(q) A: 2041.9 for these voters "
        "(linearised; docs/mathematics.md).",
        "A balance is an equilibrium of preference-game. One of full support exists where "
        "majorities go in a circle (rock, paper, scissors), never where an answer is preferred to "
        "each other one (condorcet-winner).",
        "With K >= 3 candidates intensities count, and three voters of a circle settle, as far as "
        "is known: cyclic-voters-settle.",
    ),
)
