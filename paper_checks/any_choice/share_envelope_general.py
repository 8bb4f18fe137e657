"""Evidence for the general envelope: of the mean law, of each model, and over prompts.

E p_t(φ) is at least G_t(u) for every set and fuzzy set φ of atoms, t >= 1; all of it is rational.
In balls KL(E p_t‖p_ref) is compared with the finite sum that G_t gives, as well. Finite training
sets are enumerated, and networks of models and loops with prompts are run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

from recurate.paper_checks.any_choice.groups import Followed, floors, followed, groups, next_floor
from recurate.paper_checks.any_choice.majorised import finite_sum_margins
from recurate.paper_checks.any_choice.simulated_loops import sampled_evidence
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.runs.ruled.choosing import Avoid, BradleyTerry, Electorate
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import ExactRuledRun, RuledRun
from recurate.paper_checks.runs.ruled.setting import ruled_loops
from recurate.paper_checks.runs.ruled.wider import NetworkOf, PromptsView, TrainingSets
from recurate.paper_checks.runs.ruled.wider_setting import WIDER
from recurate.paper_checks.runs.run import Number, Numbers, dot
from recurate.paper_checks.runs.written import fractions
from recurate.theory.any_choice.share_envelope_general import statement


def _margins(run: Any, bound: Bound) -> Iterator[Margin]:
    for number, view in enumerate(run.views):
        name = f"model {number}, " if len(run.views) > 1 else ""
        for group, values in groups(view):
            for step, gap in _gaps(view, values):
                yield Margin(gap, f"t = {step.t}, {name}{group}", step.is_least)
            if isinstance(view, PromptsView):
                yield from _prompt_margins(view, group, values)
        if run.arithmetic == "ball":
            for t in range(1, view.steps + 1):
                yield from finite_sum_margins(view, t, partial(_floor, view, t))


def _gaps(run: RuledRun, values: Numbers) -> Iterator[tuple[Followed, Number]]:
    """Yield a group step by step, from t = 1, and by how much its share is above G_t(u)."""
    least = floors(run, run.mean(run.reference, values))
    for step in followed(run, values):
        yield step, step.share - least[step.t]


def _floor(run: RuledRun, t: int, u: Number) -> Number:
    """Return G_t(u)."""
    return floors(run, u)[t]


def _prompt_margins(view: PromptsView, group: str, values: Numbers) -> Iterator[Margin]:
    """The share is at least the sum of p(z) G_t(u_z) over the prompts z."""
    size = view.parts[0].size
    columns = [_gaps(part, values[z * size : (z + 1) * size]) for z, part in enumerate(view.parts)]
    for column in zip(*columns, strict=True):
        steps, gaps = zip(*column, strict=True)
        where = f"t = {steps[0].t}, {group}, prompt by prompt"
        yield Margin(dot(view.chances, gaps), where, all(step.is_least for step in steps))


def _against(after: Callable[[RuledRun, int, Number, Number], Number]) -> Margins:
    """Return the margins of E p_t(φ) >= G_t(u), with G_{t+1} = after(run, t, u, G_t)."""

    def margins(run: Any, bound: Bound) -> Iterator[Margin]:
        for number, view in enumerate(run.views):
            for group, values in groups(view):
                u = floor = view.mean(view.reference, values)
                for t in range(view.steps):
                    floor = after(view, t, u, floor)
                    gap = view.mean(view.law(t + 1), values) - floor
                    yield Margin(gap, f"t = {t + 1}, model {number}, {group}")

    return margins


def _least_candidates(run: RuledRun, t: int, u: Number, floor: Number) -> Number:
    least = min(K for _, K in run.candidates_at(t))
    return next_floor(run, t, u, floor, least)


def _retained_as_real(run: RuledRun, t: int, u: Number, floor: Number) -> Number:
    return next_floor(run, t, u, floor) + run.shares(t)[1] * (u - floor)


def _a_round_later(run: RuledRun, t: int, u: Number, floor: Number) -> Number:
    """Return the floor of accumulated data with η_{t+1} in place of η_t."""
    _, _, new = run.shares(t)
    later = new / (1 + new)  # 1/(ν+t+2), of η_t = 1/(ν+t+1)
    return floor + (next_floor(run, t, u, floor) - floor) * later / new


def _own_mixing(run: Any, bound: Bound) -> Iterator[Margin]:
    """Each model's floor by its own λ, and its own K."""
    if not isinstance(run.instance, NetworkOf):
        return
    for number, (view, model) in enumerate(zip(run.views, run.instance.models, strict=True)):
        own = ExactRuledRun(model)
        for group, values in groups(view):
            u = floor = view.mean(view.reference, values)
            for t in range(view.steps):
                floor = next_floor(own, t, u, floor)
                gap = view.mean(view.law(t + 1), values) - floor
                yield Margin(gap, f"t = {t + 1}, model {number}, {group}")


def _as_infinite(run: Any, bound: Bound) -> Iterator[Margin]:
    """E p_t of finite training sets is the p_t of infinite ones."""
    if not isinstance(run.instance, TrainingSets):
        return
    infinite = ExactRuledRun(run.instance.loop)
    for t in range(1, run.steps + 1):
        for i, (p, q) in enumerate(zip(run.views[0].law(t), infinite.law(t), strict=True)):
            yield Margin(-abs(p - q), f"t = {t}, atom {i}")


def _infinitely_many_as_two(run: RuledRun, t: int, u: Number, floor: Number) -> Number:
    return next_floor(run, t, u, floor, 2)


_HALVES = fractions("1/2 1/2")
_avoiding = Avoid(2, (0,))
_retained = RuledInstance(_HALVES, _avoiding, 3, Fraction(1), Fraction(1, 2))
_grown = RuledInstance(_HALVES, _avoiding, 3, training=(Fraction(1), Fraction(1)))
_unequal = RuledInstance(_HALVES, Electorate(_HALVES, (_avoiding, Avoid(3, (0,)))), 2, Fraction(1))
_sets = TrainingSets(RuledInstance(_HALVES, _avoiding, 2, Fraction(1)), 2)
_models = NetworkOf(
    (
        RuledInstance(_HALVES, _avoiding, 2, Fraction(1)),
        RuledInstance(_HALVES, Avoid(3, (0,)), 2, math.inf),
    ),
    (fractions("1/2 1/2"), fractions("0 1")),
)
_moved = RuledInstance(_HALVES, _avoiding, 2, Fraction(1), initial=fractions("0 1"))
_tilted = RuledInstance(_HALVES, BradleyTerry(math.inf, fractions("1 100")), 1)

check = Check(
    statement=statement,
    margins=_margins,
    setting=WIDER,
    loops=ruled_loops(),
    requires={
        "start": lambda run: all(view.starts_at_reference for view in run.views),
    },
    instances=(_retained, _grown, _unequal, _sets, _models),
    sampled=sampled_evidence,
    mutants=(
        Mutant(
            "the smallest number of candidates in place of each",
            margins=_against(_least_candidates),
            instances=(_unequal,),
        ),
        Mutant(
            "samples retained count as real ones",
            margins=_against(_retained_as_real),
            instances=(_retained,),
        ),
        Mutant(
            "accumulated data with the share 1/(ν+t+2) of a round",
            margins=_against(_a_round_later),
            admits=lambda run: all(view.accumulates for view in run.views),
            instances=(_grown,),
        ),
        Mutant(
            "each model of a network has the floor of its own λ and K",
            margins=_own_mixing,
            instances=(_models,),
        ),
        Mutant(
            "E p_t of finite training sets is that of infinite ones",
            margins=_as_infinite,
            instances=(_sets,),
        ),
        Mutant(
            "from any start p_0",
            admits=lambda run: True,
            instances=(_moved,),
        ),
        Mutant(
            "G^2 for infinitely many candidates",
            margins=_against(_infinitely_many_as_two),
            admits=lambda run: all(view.K == math.inf for view in run.views),
            instances=(_tilted,),
        ),
    ),
)
