"""Evidence for the contraction whatever people choose: pairs of laws, and rules that see neither.

The laws are p_ref, each p_t, and an arbitrary second one. All of it is rational.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.ruled.choosing import BestBy, ChoiceTable, Click, Seek
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.popular import Popular
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.ruled.setting import RULED, ruled_loops
from recurate.paper_checks.runs.run import Numbers
from recurate.paper_checks.runs.written import fractions
from recurate.theory.any_choice.any_choice_contraction import statement
from recurate.theory.language.notation import K, total_variation

_EVENLY = fractions("1/2 1/2")


def sees_candidates_alone(run: RuledRun) -> bool:
    """Whether K is finite and no rule looks at the law, so that the statement speaks of it."""
    return not run.sees_law


def _pairs(run: RuledRun) -> Iterator[tuple[str, int, Numbers, Numbers, Numbers, Numbers]]:
    """Yield for each step p and q, T(p) and T(q): p_t, and the second law or p_ref."""
    for t in range(run.steps):
        p, chosen = run.choice(t)
        others = [("the second law", run.second), *([("p_ref", run.reference)] if t else [])]
        for name, q in others:
            yield f"p_{t} and {name}", t, p, q, chosen, run.chosen_from(q, t)


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    for where, t, p, q, chosen_p, chosen_q in _pairs(run):
        distance = run.total_variation(p, q)
        value = bound(K=run.K_at(t), total_variation=distance) - run.total_variation(
            chosen_p, chosen_q
        )
        tight = run.K_at(t) == 1 or not distance > 0 or _is_attained(run, t, p, q)
        yield Margin(value, where, tight)


def _is_attained(run: RuledRun, t: int, p: Numbers, q: Numbers) -> bool:
    """Whether q = (1-δ) p + δ s, s on points where p has no mass, which win whenever there."""
    rule = run.choosing(t)
    if not isinstance(rule, Seek):
        return False
    inside, outside = rule.group, [i for i in range(run.size) if i not in rule.group]
    is_proportional = not any(abs(p[i] * q[j] - p[j] * q[i]) > 0 for i, j in pairwise(outside))
    return is_proportional and all(p[i] == 0 for i in inside)


def _look_at_the_law(run: RuledRun) -> bool:
    return run.sees_law


def _new(K: int, rate: str) -> RuledInstance:
    """Return a law and one with something new, which wins whenever it is a candidate."""
    share = Fraction(rate)
    return RuledInstance(
        reference=fractions("1/2 1/2 0"),
        choosing=Seek(K, (2,)),
        steps=2,
        second=((1 - share) / 2, (1 - share) / 2, share),
    )


check = Check(
    statement=statement,
    margins=_margins,
    setting=RULED,
    admits=sees_candidates_alone,
    loops=ruled_loops(),
    instances=(
        _new(2, "1/4"),
        _new(3, "1/10"),
        _new(4, "9/10"),
        RuledInstance(_EVENLY, Click(), 1, second=fractions("1/3 2/3")),
        RuledInstance(fractions("1/10 9/10"), BestBy(2, (1, 0)), 3, Fraction(1, 2), second=_EVENLY),
        RuledInstance(_EVENLY, ChoiceTable(4, 7, changes=True), 2, second=fractions("1/9 8/9")),
    ),
    mutants=(
        Mutant("TV(Tp, Tq) <= TV(p, q): choosing never drives laws apart", bound=total_variation),
        Mutant("K - 1 in place of K", bound=1 - (1 - total_variation) ** K / (1 - total_variation)),
        Mutant(
            "K TV (1-TV) in place of 1 - (1-TV)^K",
            bound=K * total_variation * (1 - total_variation),
        ),
        Mutant("1 - (1-TV²)^K", bound=1 - (1 - total_variation**2) ** K),
        Mutant(
            "for a rule that sees the law, too",
            admits=_look_at_the_law,
            instances=(
                RuledInstance(_EVENLY, Popular(2), 1, Fraction(1, 2), second=fractions("5/8 3/8")),
            ),
        ),
    ),
)
