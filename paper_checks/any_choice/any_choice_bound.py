"""Evidence for the bound of one choice: of every set and fuzzy set of atoms, at every step.

The share that is chosen, T(p)(φ), is at least u^K with u = p(φ), at most 1 - (1-u)^K, and at most
K u. All of it is rational. The engine's p is taken as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

from recurate.paper_checks.any_choice.groups import groups, is_zero
from recurate.paper_checks.any_choice.simulated_choices import sampled_evidence
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.runs.ruled.choosing import Avoid, BestBy, BradleyTerry, Seek, power
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.ruled.setting import RULED, choices_among_K, ruled_loops
from recurate.paper_checks.runs.run import Number
from recurate.paper_checks.runs.written import fractions
from recurate.theory.any_choice.any_choice_bound import statement
from recurate.theory.language.notation import share


def _of_choices(
    told: Callable[[Number, Number, int], Number], *, largest: int = 2, infinite: bool = False
) -> Margins:
    """Return the margins of told(u, T(p)(φ), K) >= 0, for every choice and group φ."""

    def margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
        for t, name, u, chosen, candidates in _choices(run):
            if candidates < math.inf:
                yield Margin(told(u, chosen, int(candidates)), f"t = {t}, {name}")
            elif infinite:
                yield Margin(told(u, chosen, largest), f"t = {t}, {name}")

    return margins


def _choices(run: RuledRun) -> Iterator[tuple[int, str, Number, Number, int | float]]:
    """Yield each step's t, each group's name, its shares p_t(φ) and T(p_t)(φ), and K."""
    tried = groups(run)
    for t in range(run.steps):
        law, chosen = run.choice(t)
        for name, values in tried:
            yield t, name, run.mean(law, values), run.mean(chosen, values), run.K_at(t)


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    for t, name, u, chosen, candidates in _choices(run):
        if candidates == math.inf:
            continue
        number = int(candidates)
        where = f"t = {t}, {name}"
        # Equality says that a member is chosen only if all are members; and whenever one is.
        gap = chosen - bound(share=u, K=number)
        yield Margin(gap, where, tight=is_zero(gap))
        gap = 1 - power(1 - u, number) - chosen
        yield Margin(gap, f"{where}, at most", tight=is_zero(gap))
        yield Margin(number * u - chosen, f"{where}, at most K u", number == 1 or is_zero(u))


_avoided = RuledInstance(fractions("1/2 1/2"), Avoid(3, (0,)), lam=Fraction(1))
_sought = RuledInstance(fractions("1/2 1/2"), Seek(3, (0,)), lam=Fraction(1))
_tilted = RuledInstance(fractions("1/2 1/2"), BradleyTerry(math.inf, fractions("1 100")))

check = Check(
    statement=statement,
    margins=_margins,
    setting=RULED,
    loops=ruled_loops(rules=choices_among_K),
    admits=lambda run: any(run.K_at(t) < math.inf for t in range(run.steps)),
    requires={"choice": lambda run: True},
    instances=(
        _avoided,
        _sought,
        RuledInstance(fractions("1/4 1/4 1/2"), BestBy(4, (0, 1, 2)), 2, Fraction(2)),
    ),
    sampled=sampled_evidence,
    mutants=(
        Mutant(
            "T(p)(φ) >= u^(K-1) for K >= 2",
            margins=_of_choices(
                lambda u, chosen, number: chosen - power(u, max(number - 1, 1)),
            ),
            instances=(_avoided,),
        ),
        Mutant("T(p)(φ) >= u: a choice is fair to every group", bound=share),
        Mutant(
            "T(p)(φ) <= 1 - (1-u)^(K-1)",
            margins=_of_choices(lambda u, chosen, number: 1 - power(1 - u, number - 1) - chosen),
            instances=(_sought,),
        ),
        Mutant(
            "T(p)(φ) <= (K-1) u for K >= 2",
            margins=_of_choices(
                lambda u, chosen, number: (number - 1) * u - chosen if number > 1 else u * 0
            ),
        ),
        Mutant(
            "T(p)(φ) <= 1 - u^K",
            margins=_of_choices(lambda u, chosen, number: 1 - power(u, number) - chosen),
        ),
        Mutant(
            "T(p)(φ) >= u^2 for infinitely many candidates, too",
            margins=_of_choices(
                lambda u, chosen, number: chosen - power(u, number), largest=2, infinite=True
            ),
            admits=lambda run: run.K == math.inf,
            instances=(_tilted,),
        ),
    ),
)
