"""One curation raises the expected weight by at least a share of its variance."""

from __future__ import annotations

import sympy

from recurate.theory import notation
from recurate.theory.statement import PAPER, Hypothesis, Statement

_bound = (
    notation.mean_weight
    + (1 - notation.inverse_candidates) * notation.variance_weight / notation.max_weight
)

statement = Statement(
    id="lemma-2.2",
    label="Lemma 2.2",
    title="One curation raises the expected weight by a share of its variance",
    source=f"{PAPER}, Lemma 2.2",
    kind="paper",
    hypotheses=(Hypothesis("bounded rewards: w <= w_*"),),
    claim=sympy.Ge(notation.next_mean_weight, _bound),
    bound=_bound,
    equality_cases=("K = 1", "Var_t w = 0"),
)
