"""The formula that was in use for the divergence of the best of n: an upper bound, not a value."""

from __future__ import annotations

from recurate.theory.language import *
from recurate.theory.literature.best_of_n import (
    best,
    divergence_of_best,
    largest_divergence,
    no_ties,
)
from recurate.theory.literature.papers import best_of_n_reviewed
from recurate.theory.statement import Statement

statement = Statement(
    module=__name__,
    id="best-of-n-formula",
    label="Best of n, the formula in use",
    title="The best of n is log n - (n-1)/n from the law that it is drawn from, exactly",
    kind="literature",
    source=best_of_n_reviewed(
        "Example 1",
        place="section 3",
        note="The paper quotes the formula as one that was in use, and refutes it by this example.",
    ),
    hypotheses=(best(), no_ties()),
    claim=equal(divergence_of_best, largest_divergence),
    expected="refuted",
    implies=("best-of-n-divergence",),
    remarks=(
        "On finitely many answers the divergence is at most max -log p(y), and the formula grows "
        "without limit. For two answers of mass 1/2 it is log 2 - h(2^-n), h being the entropy of "
        "a coin.",
        "It is a limit: where p has a density, and no ties, the formula is right (best-of-k).",
    ),
)
