"""Conjecture: with few candidates, too, the loop climbs the objective of infinitely many."""

from __future__ import annotations

from recurate.theory.hypotheses import from_reference
from recurate.theory.language import *
from recurate.theory.many_voters.pluralistic_objective import objective_at
from recurate.theory.statement import Hypothesis, Statement

statement = Statement(
    module=__name__,
    id="objective-monotone",
    label="Conjecture 4",
    title="With one voter and any K, the objective of K = inf never falls from the reference",
    kind="conjecture",
    hypotheses=(
        from_reference(),
        Hypothesis(
            "one_voter",
            "one voter, whose choice has any K: F(p) = a log E_p w - m KL(p_ref‖p)",
        ),
    ),
    claim=at_least(objective_at(t + 1), objective_at(t)),
    equality_cases=("K = 1", "λ = 0", "one atom"),
    remarks=(
        "Open in general. Proved for K = inf (pluralistic-objective, from every start), for the "
        "pure loop, for two weights, for the first step, and until a second weight loses mass; F "
        "then rises by at least KL(p_{t+1}‖p_t). That follows wherever w/E_t w - H_t, whose mean "
        "under p_t is 0, has a mean of at least 0 under p_{t+1}: so if p_{t+1}/p_t increases with "
        "w. The proofs are in docs/mathematics.md. Evidence counts other steps only.",
        "Another start refutes it: from F's own maximiser F falls for every finite K, since the "
        "loop ends elsewhere. w = (1, 3), p_ref = (¾, ¼), λ = 1, p_0 = (½, ½).",
        "So do two voters, from p_ref: w = (1, 10) and (10, 1), shares ¾ and ¼, p_ref = (1/100, "
        "99/100), K = 2. Few candidates count majorities, F counts intensities.",
        "Searched without a counterexample: 18 million loops at K = 2 and 5 million at K = 3, ten "
        "steps each, and by adversarial search with K up to 100. Stronger and not refuted either: "
        "F rises by at least KL(p_{t+1}‖p_t), and w/E_t w - H_t has a mean of at least 0 under "
        "p_{t+1}.",
    ),
)
