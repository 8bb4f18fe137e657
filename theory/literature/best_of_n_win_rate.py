"""Beirami et al., Theorem 5.3: how often the best of n wins."""

from __future__ import annotations

from recurate.theory.language import *
from recurate.theory.literature.best_of_n import best, largest_win_rate, win_rate_of_best
from recurate.theory.literature.papers import best_of_n
from recurate.theory.statement import Statement

statement = Statement(
    module=__name__,
    id="best-of-n-win-rate",
    label="Best of n, Theorem 5.3",
    title="The best of n beats a fresh sample with probability n/(n+1) at most",
    kind="literature",
    source=best_of_n("Theorem 5.3", place="section 5"),
    hypotheses=(best(),),
    claim=at_most(win_rate_of_best, largest_win_rate),
    bound=largest_win_rate,
    equality_cases=("K = 1",),
    uses=("best-of-k",),
    remarks=(
        "Ties count half. The paper has none between different answers; that is not needed.",
        "After t pure steps it is n^t/(n^t + 1): a remark of best-of-k.",
    ),
)
