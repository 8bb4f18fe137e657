"""The curation ratio is at most K."""

from __future__ import annotations

import sympy

from recurate.theory import notation
from recurate.theory.statement import PAPER, Statement

statement = Statement(
    id="ratio-bound",
    label="Ratio bound",
    title="Curation multiplies no density by more than K",
    source=f"{PAPER}, with Lemma 2.1",
    kind="paper",
    hypotheses=(),
    claim=sympy.Le(notation.ratio, notation.K),
    bound=notation.K,
    equality_cases=("K = 1", "approached as the other candidates' weights vanish"),
)
