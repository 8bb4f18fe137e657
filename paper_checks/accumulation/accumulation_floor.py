"""Evidence for the floor of accumulation: of every set and fuzzy set of atoms, at every t >= 1.

p_t(φ) >= u ν/(ν+t), u = p_ref(φ), by any rule, and with infinitely many candidates; it is rational.
In balls KL(p_ref‖p_t) <= log(1 + t/ν), as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar

from hypothesis import strategies as st

from recurate.numerics.schedules import Accumulate
from recurate.paper_checks.any_choice.groups import groups, is_zero
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.ruled.choosing import Avoid, BradleyTerry
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.ruled.setting import RuledSetting, ruled_loops
from recurate.paper_checks.runs.run import Number, RunKind
from recurate.paper_checks.runs.written import fractions
from recurate.theory.accumulation.accumulation_floor import statement
from recurate.theory.language.notation import real_rounds, share, t


class _Accumulating(RuledSetting):
    """Loops that keep all data."""

    tried: ClassVar[dict[RunKind, str]] = {
        kind: text + "; all data are kept" for kind, text in RuledSetting.tried.items()
    }

    def exact_instances(self, seed: int) -> Iterator[RuledInstance]:
        return map(_grown, super().exact_instances(seed))

    def certified_instances(self, seed: int, cases: int) -> Iterator[RuledInstance]:
        return map(_grown, super().certified_instances(seed, cases))


_SIZES = fractions("1 10 1/10 100")


def _grown(instance: RuledInstance) -> RuledInstance:
    """Return the loop with all data kept: ν by the reference's first mass, of many sizes."""
    size = _SIZES[instance.reference[0].denominator % len(_SIZES)]
    training = instance.training or (size, Fraction(1))
    choosing: Any = instance.choosing
    if instance.reference[0].numerator % 2 and instance.size > 1:  # at times, infinitely many
        choosing = BradleyTerry(math.inf, (Fraction(0), *(Fraction(1),) * (instance.size - 1)))
    return replace(
        instance, choosing=choosing, training=training, lam=math.inf, retained=Fraction(0)
    )


def _rounds(run: RuledRun) -> Number:
    """Return ν: the first round is 1/(ν+1) of all."""
    _, kept, new = run.shares(0)
    return kept / new


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    rounds = _rounds(run)
    for name, values in groups(run):
        u = run.mean(run.reference, values)
        never = True
        for at in range(1, run.steps + 1):
            share_now = run.mean(run.law(at), values)
            before = run.mean(run.law(at - 1), values)
            # A member was never chosen: the samples of the group are as many as before.
            never = never and is_zero((rounds + at) * share_now - (rounds + at - 1) * before)
            gap = share_now - bound(share=u, real_rounds=rounds, steps=at)
            yield Margin(gap, f"t = {at}, {name}", never)
    if run.arithmetic == "ball":
        for at in range(1, run.steps + 1):
            most = (1 + at / rounds).log()
            yield Margin(most - run.kl(run.reference, run.law(at)), f"t = {at}, divergence")


def _replaces(run: RuledRun) -> bool:
    shares = {tuple(run.shares(at)) for at in range(run.steps)}
    real, kept, new = run.shares(0)
    return run.starts_at_reference and len(shares) == 1 and real == 0 and 0 < kept and 0 < new


_halves = fractions("1/2 1/2")
_one, _tenth = (Fraction(1), Fraction(1)), (Fraction(1, 10), Fraction(1))
_never = BradleyTerry(math.inf, fractions("0 1"))
_replacing = RuledInstance(_halves, _never, 2, math.inf, Fraction(1, 2))

check = Check(
    statement=statement,
    margins=_margins,
    setting=_Accumulating(),
    loops=ruled_loops(
        schedules=st.fixed_dictionaries(
            {
                "training": st.builds(
                    Accumulate, st.sampled_from([1.0, 10.0, 0.1]), st.sampled_from([1.0, 3.0])
                )
            }
        )
    ),
    requires={
        "start": lambda run: run.starts_at_reference,
        "accumulated": lambda run: run.accumulates,
    },
    instances=(
        RuledInstance(_halves, _never, 4, training=_one),
        RuledInstance(_halves, _never, 4, training=_tenth),
        RuledInstance(_halves, Avoid(2, (0,)), 4, training=_one),
        _replacing,  # which does not accumulate: for those who drop that
    ),
    mutants=(
        Mutant(
            "u ν/(ν+t-1), the samples of the last round left out",
            bound=share * real_rounds / (real_rounds + t - 1),
        ),
        Mutant("u ν/(ν+1) for ever", bound=share * real_rounds / (real_rounds + 1)),
        Mutant("u ν/(ν+t/2)", bound=share * real_rounds / (real_rounds + t / 2)),
        Mutant("u ν²/(ν²+t)", bound=share * real_rounds**2 / (real_rounds**2 + t)),
        Mutant(
            "from any start p_0",
            admits=lambda run: run.accumulates,
            instances=(RuledInstance(_halves, _never, 2, training=_one, initial=fractions("0 1")),),
        ),
        Mutant(
            "where each round replaces the share 1/(ν+1) of the data",
            admits=_replaces,
            instances=(_replacing,),
        ),
    ),
)
