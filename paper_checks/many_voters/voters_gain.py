"""Evidence for what a voter gains: an equation of rationals, at the law of each step and others.

And an adversary wins exactly from the share on at which her part outweighs the other's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.fixed_points.objectives import VotersLoop
from recurate.paper_checks.many_voters.voters import VOTERS, loop_of, voters_loops
from recurate.paper_checks.runs.ruled.choosing import BradleyTerry, Electorate
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.run import Number, Numbers, dot
from recurate.theory.many_voters.voters_gain import statement

Part = Callable[[Numbers, Numbers, Numbers], Number]
"""From a law, the weights of a voter u and hers: u's part in her gain, per share."""


def _covariance(law: Numbers, left: Numbers, right: Numbers) -> Number:
    centre = dot(law, left)
    return dot(law, [(x - centre) * y for x, y in zip(left, right, strict=True)])


def _part(law: Numbers, other: Numbers, own: Numbers) -> Number:
    return _covariance(law, other, own) / dot(law, other)


def _choices(run: RuledRun) -> Iterator[tuple[str, Numbers, Numbers]]:
    """Yield laws p, and T(p) as the run has it."""
    for t in range(run.steps):
        law, curated = run.choice(t)
        yield f"p_{t}", law, curated
    if all(p > 0 for p in run.second):
        yield "second law", run.second, run.chosen_from(run.second, 0)


def _gains(
    run: RuledRun, part: Part = _part, shares: Callable[[VotersLoop], Numbers] | None = None
) -> Iterator[Margin]:
    """Yield the margins of: each voter gains the sum of the parts."""
    loop = loop_of(run)
    given = loop.shares if shares is None else shares(loop)
    for where, law, curated in _choices(run):
        for v, own in enumerate(loop.voters):
            gain = dot([q - p for p, q in zip(law, curated, strict=True)], own)
            parts = zip(given, loop.voters, strict=True)
            total = sum((share * part(law, other, own) for share, other in parts), 0)
            yield Margin(-abs(gain - total), f"{where}, voter {v}", tight=True)


def _adversaries(run: RuledRun) -> Iterator[tuple[str, VotersLoop, Numbers, Number]]:
    """Yield two voters of opposite minds, a law, and the adversary's least share to win."""
    voters = loop_of(run).voters
    for u, other in enumerate(voters):
        own = voters[0]
        for where, law, _ in _choices(run):
            hers, against = _part(law, own, own), -_part(law, other, own)
            if against > 0 and hers > 0:
                loop = VotersLoop([], [own, other], run.number(1), law)
                yield f"{where}, adversary {u}", loop, law, hers / (hers + against)


def _gain_against(loop: VotersLoop, law: Numbers, share: Number) -> Number:
    """Return what the first voter gains if the other has this share."""
    tilted = loop.support(law, [1 - share, share])
    moved = [p * (s - 1) for p, s in zip(law, tilted, strict=True)]
    return dot(moved, loop.voters[0])


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    yield from _gains(run)
    for where, loop, law, least in _adversaries(run):
        yield Margin(-abs(_gain_against(loop, law, least)), f"{where}, even", tight=True)
        yield Margin(_gain_against(loop, law, least / 2), f"{where}, half the share")
        more = (1 + least) / 2
        yield Margin(-_gain_against(loop, law, more), f"{where}, a larger share")


def _over_own_mean(law: Numbers, other: Numbers, own: Numbers) -> Number:
    return _covariance(law, other, own) / dot(law, own)


def _own_part_only(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """Each voter gains π_v Var w_v/E w_v at least."""
    loop = loop_of(run)
    for where, law, curated in _choices(run):
        for v, (share, own) in enumerate(zip(loop.shares, loop.voters, strict=True)):
            gain = dot([q - p for p, q in zip(law, curated, strict=True)], own)
            yield Margin(gain - share * _part(law, own, own), f"{where}, voter {v}")


def _minority(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """An adversary with a share of a third does not win."""
    for where, loop, law, _ in _adversaries(run):
        yield Margin(_gain_against(loop, law, run.number(Fraction(1, 3))), where)


def _with_real_data(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """The whole step gains that, real data or not."""
    loop = loop_of(run)
    for t in range(run.steps):
        law, after = run.law(t), run.law(t + 1)
        for v, own in enumerate(loop.voters):
            gain = dot([q - p for p, q in zip(law, after, strict=True)], own)
            parts = zip(loop.shares, loop.voters, strict=True)
            total = sum((share * _part(law, other, own) for share, other in parts), 0)
            yield Margin(-abs(gain - total), f"t = {t}, voter {v}")


def _two_candidates(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """Half of it if each voter chooses among two."""
    choosing, loop, law = run.choosing(0), loop_of(run), run.law(0)
    if all(all(voter.weights) for voter in choosing.choosers):
        few = tuple(BradleyTerry(2, voter.weights) for voter in choosing.choosers)
        curated = Electorate(choosing.voters, few).curated(law)
        for v, own in enumerate(loop.voters):
            gain = dot([q - p for p, q in zip(law, curated, strict=True)], own)
            parts = zip(loop.shares, loop.voters, strict=True)
            total = sum((share * _part(law, other, own) for share, other in parts), 0)
            yield Margin(-abs(gain - total / 2), f"voter {v}")


check = Check(
    statement=statement,
    margins=_margins,
    setting=VOTERS,
    loops=voters_loops(),
    mutants=(
        Mutant(
            "equal shares in place of π",
            margins=lambda run, bound: _gains(run, shares=lambda loop: loop.equal_shares),
        ),
        Mutant(
            "each covariance over her own mean E w_v",
            margins=lambda run, bound: _gains(run, _over_own_mean),
        ),
        Mutant(
            "each covariance as it is, over nothing",
            margins=lambda run, bound: _gains(run, _covariance),
        ),
        Mutant("each voter gains at least her own part", margins=_own_part_only),
        Mutant("an adversary with a share of a third does not win", margins=_minority),
        Mutant("the same of p_{t+1}, with real data", margins=_with_real_data),
        Mutant("half of it for two candidates", margins=_two_candidates),
    ),
)
