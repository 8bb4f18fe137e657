"""Evidence for the divergence of the best of n. Logarithms: no rational core."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.literature.best_of_n import (
    ONE_CHOICE,
    BestOfN,
    equal_masses,
    is_best_of_n,
    one_choice_loops,
)
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.theory.language.notation import K
from recurate.theory.literature.best_of_n_divergence import statement


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    law, chosen = run.choice(0)
    # The float engine may leave open whether a mass is there at all.
    if all(p > 0 or p == 0 for p in chosen):
        yield Margin(bound(K=run.K) - run.kl(chosen, law), tight=run.K == 1)


def _reverse(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """KL(p‖T(p)) in place of KL(T(p)‖p)."""
    law, chosen = run.choice(0)
    if all(p > 0 for p in chosen):
        yield Margin(bound(K=run.K) - run.kl(law, chosen))


def _less_by_collisions(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """Less Σ p² (1 - 1/n) / n for n >= 2."""
    law, chosen = run.choice(0)
    if run.K > 1 and all(p > 0 for p in chosen):
        number = run.number(Fraction(int(run.K)))
        less = BestOfN.of(run).collision() * (1 - 1 / number) / number
        yield Margin(bound(K=run.K) - run.kl(chosen, law) - less)


check = Check(
    statement=statement,
    margins=_margins,
    setting=ONE_CHOICE,
    admits=is_best_of_n,
    loops=one_choice_loops(),
    instances=(equal_masses(64, 4), equal_masses(5, 2), equal_masses(400, 2)),
    is_exact=False,
    mutants=(
        Mutant("log n - 1", bound=statement.bound - 1 / K, is_exact=False),
        Mutant("log n - (n-1)/n less 1/(20 n)", bound=statement.bound - 1 / K / 20, is_exact=False),
        Mutant(
            "half of it for large n: (log n)/2",
            bound=statement.bound / 2,
            is_exact=False,
        ),
        Mutant("the divergence of p from its best of n", margins=_reverse, is_exact=False),
        Mutant("less Σ p² (n-1)/n²", margins=_less_by_collisions, is_exact=False),
    ),
)
