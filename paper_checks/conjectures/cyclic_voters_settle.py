"""Evidence for Conjecture 5, that circles of three voters come nearer their balance for K >= 3.

Its rational core: the product of p_{t+1}(x)/p_t(x) over the three answers is at least 1. A search
that finds nothing proves nothing: the verdict stays open.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.ruled.choosing import BradleyTerry, Electorate
from recurate.paper_checks.runs.ruled.circles import CIRCLES, circle_loops
from recurate.paper_checks.runs.ruled.games import circle, instance_of_run, uniform
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.run import Number, Numbers, log_of
from recurate.paper_checks.runs.written import fractions
from recurate.theory.conjectures.cyclic_voters_settle import statement

TEN_ANSWERS = (3, 9, 7, 5, 4, 2, 1, 0, 8, 6)
"""Ten answers from the worst to the best of a voter, whose circle repels for K = 3."""

TEN_WEIGHTS = tuple(Fraction(1000) ** TEN_ANSWERS.index(x) for x in range(10))
"""Weights of that voter, each 1000 times the one before."""


def _is_open(run: RuledRun) -> bool:
    """Return whether K is finite, since K = inf is proved."""
    return bool(run.K < math.inf)


def _ratios(run: RuledRun) -> Iterator[tuple[int, Numbers, bool]]:
    """Yield t and p_{t+1}/p_t at each answer, and whether p_t is the balance or r is constant."""
    for t in range(run.steps):
        law, chosen = run.choice(t)
        ratios = [after / before for before, after in zip(law, chosen, strict=True)]
        yield t, ratios, _stays(run)


def _stays(run: RuledRun) -> bool:
    given = instance_of_run(run)
    if given is None:
        return False
    rule, start = given.choosing_at(0), given.initial or given.reference
    is_constant = isinstance(rule, Electorate) and all(
        isinstance(voter, BradleyTerry) and len(set(voter.weights)) == 1 for voter in rule.choosers
    )
    return is_constant or len(set(start)) == 1


def _fall(ratios: Numbers) -> Number:
    """Return KL(q‖p_t) - KL(q‖p_{t+1}), the mean of log p_{t+1}/p_t under the uniform q."""
    return sum((log_of(ratio) for ratio in ratios), 0) / len(ratios)


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    for t, ratios, stays in _ratios(run):
        yield Margin(_fall(ratios), f"t = {t}", tight=stays)


def _core_margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    for t, ratios, stays in _ratios(run):
        yield Margin(math.prod(ratios) - 1, f"t = {t}", tight=stays)


def _every_answer(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """The least p_t(x) never falls."""
    for t in range(run.steps):
        before, after = (min(run.law(s)) for s in (t, t + 1))
        yield Margin(after - before, f"t = {t}")


def _half(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """KL(q‖p_{t+1}) <= KL(q‖p_t)/2."""
    for t, ratios, _ in _ratios(run):
        before = -sum((log_of(p * run.size) for p in run.law(t)), 0) / run.size
        yield Margin(_fall(ratios) - before / 2, f"t = {t}")


_NEAR = fractions("3/10 9/25 17/50")
_FAR = fractions("1/1000 9/1000 99/100")
_VOTERS = fractions("739/100 272/100 1")
# A little along cos(2πx/10), in hundredths: the direction that grows.
_WAVE = (100, 81, 31, -31, -81, -100, -81, -31, 31, 81)
_TEN = RuledInstance(
    tuple(Fraction(10**5 + height, 10**6) for height in _WAVE),
    circle(3, TEN_WEIGHTS),
    1,
    second=uniform(10),
)
_OTHERS = Electorate(
    fractions("1/3 1/3 1/3"),
    tuple(BradleyTerry(3, weights) for weights in map(fractions, ("4 2 1", "4 1 2", "1 4 2"))),
)

check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_core_margins,
    setting=CIRCLES,
    is_open=_is_open,
    loops=circle_loops(),
    instances=(
        RuledInstance(_NEAR, circle(3, _VOTERS), 3, second=uniform(3)),
        RuledInstance(_FAR, circle(3, fractions("100 10 1")), 3, second=uniform(3)),
        RuledInstance(_NEAR, circle(3, fractions("1000000 1000 1")), 3, second=uniform(3)),
        # Where nothing moves: at the balance, and for a constant reward.
        RuledInstance(uniform(3), circle(4, _VOTERS), 2, second=uniform(3)),
        RuledInstance(_NEAR, circle(3, fractions("1 1 1")), 2, second=uniform(3)),
    ),
    mutants=(
        Mutant(
            "for K = 2, too",
            admits=lambda run: run.K >= 2,
            instances=(RuledInstance(_NEAR, circle(2, _VOTERS), 2, second=uniform(3)),),
        ),
        Mutant(
            "for ten answers and ten voters, too",
            admits=lambda run: run.K >= 3,
            instances=(_TEN,),
        ),
        Mutant(
            "for three voters who are not in a circle",
            admits=lambda run: run.K >= 3,
            instances=(RuledInstance(_NEAR, _OTHERS, 1, second=uniform(3)),),
        ),
        Mutant(
            "for shares that differ",
            admits=lambda run: run.K >= 3,
            instances=(
                RuledInstance(
                    uniform(3),
                    Electorate(fractions("1/2 1/4 1/4"), circle(3, _VOTERS).choosers),
                    1,
                    second=uniform(3),
                ),
            ),
        ),
        Mutant("the least of the three shares never falls", margins=_every_answer),
        Mutant("KL(q‖p_t) is halved at each step", margins=_half, is_exact=False),
    ),
)
