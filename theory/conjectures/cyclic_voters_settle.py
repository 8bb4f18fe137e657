"""Conjecture: with three candidates or more, three voters in a circle settle."""

from __future__ import annotations

from recurate.theory.hypotheses import pure_loop
from recurate.theory.language import *
from recurate.theory.many_voters.condorcet_cycle import balance_divergence_at
from recurate.theory.statement import Hypothesis, Statement

statement = Statement(
    module=__name__,
    id="cyclic-voters-settle",
    label="Conjecture 5",
    title="With K >= 3 candidates three voters in a circle come nearer their balance at every step",
    kind="conjecture",
    hypotheses=(
        pure_loop(more=", from any start p_0 that has mass at each of three answers"),
        Hypothesis(
            "circle",
            "three voters of equal shares choose by Bradley–Terry, voter u with the reward "
            "r(x - u) of the answer x, x - u modulo 3; q = (1/3, 1/3, 1/3)",
        ),
        Hypothesis("candidates", "three candidates or more: K >= 3", at_least(K, 3)),
    ),
    claim=at_most(balance_divergence_at(t + 1), balance_divergence_at(t)),
    equality_cases=("p_t = q", "r is constant"),
    remarks=(
        "Open in general. Proved for K = inf (pluralistic-objective, with F constant at its "
        "maximiser q), and near q for every K >= 3 and every r that is not constant: both "
        "eigenvalues of the step at q have a modulus below 1, and real part and imaginary part c "
        "and ω of what they lack of 1 obey |ω| <= √3 c. The proofs are in docs/mathematics.md. "
        "Evidence counts finite K only.",
        "If it is strict unless p_t = q, as it seems, then p_t tends to q; and with real data and "
        "p_ref = q geometrically, since KL(q‖m q + a T(p)) <= a KL(q‖T(p)).",
        "For K = 2 it is the other way round: KL(q‖p_t) never falls (condorcet-cycle). So the "
        "third candidate is what lets the circle settle.",
        "For more answers it is false. Ten voters in a circle whose own rewards put the answers in "
        "the order 3, 9, 7, 5, 4, 2, 1, 0, 8, 6, each worth 1000 times the weight of the one "
        "before, have a balance that repels for K = 3: the step has there an eigenvalue of modulus "
        "1.0013. Nine answers are enough in floating point; up to eight it was not seen to fail.",
        "Searched without a counterexample: 40,000 laws and rewards by adversarial search, K from "
        "3 to 50; the least relative fall met was .003 of KL(q‖p_t) times the square of the "
        "rewards' span.",
        "For any Bradley–Terry voters, any balance q and K >= 3, each eigenvalue θ of the step "
        "at q is in the disc |θ + 1/(K-2)| <= (K-1)/(K-2) (docs/mathematics.md).",
    ),
)
