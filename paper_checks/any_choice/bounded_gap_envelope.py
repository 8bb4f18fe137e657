"""Evidence for the envelope of bounded gaps: Bradley–Terry voters, groups and fuzzy groups.

In rationals the floor is the share of the group in the loop that attains it, in which there are two
weights, one on the group and e^Δ off it; the claim's own function is what balls are compared with.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from typing import Any, ClassVar

import flint
from hypothesis import strategies as st

from recurate.numerics import rules
from recurate.paper_checks.any_choice.groups import groups
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.runs.ruled.choosing import BradleyTerry, Choosing, Click, Electorate
from recurate.paper_checks.runs.ruled.draws import law_of
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.ruled.setting import RuledSetting, ruled_loops
from recurate.paper_checks.runs.run import Number, Numbers, RunKind
from recurate.paper_checks.runs.strategies import candidate_numbers, mixings
from recurate.paper_checks.runs.written import fractions
from recurate.theory.any_choice.bounded_gap_envelope import (
    ceiling,
    divergence_bound,
    largest_ratio,
    statement,
)
from recurate.theory.language import GapFloor
from recurate.theory.language.notation import K, lam, reward_gap, share, t

_FACTORS = fractions("11/10 2 2 5 30 1000")
_MIXINGS: tuple[Fraction | float, ...] = (*fractions("1/100 1/10 1/2 1 1 3 100 0"), math.inf)


class _VotersSetting(RuledSetting):
    """Bradley–Terry voters, one kind or several, the same at each step or others."""

    tried: ClassVar[dict[RunKind, str]] = {
        "property": (
            "Bradley–Terry voters of one to three kinds, K from 1 to 1e4 and inf; laws of 1 to 6 "
            "atoms, rewards spanning 0 to 50; λ from 0 to 1e4 and inf; 1 to 12 steps"
        ),
        "exact": (
            "one to three kinds of voters with rational weights that span factors from 1.1 to "
            "1000, or others at each step; 1 to 4 atoms, K from 1 to 3 and inf; λ from 0 to 100 "
            "and inf; 1 to 3 steps"
        ),
        "certified": "the same with 2 to 6 atoms, K to 100, 1 to 6 steps; and as exact evidence",
    }

    def exact_instances(self, seed: int) -> Iterator[RuledInstance]:
        source = random.Random(f"voters {seed}")
        while True:
            yield _instance(source, source.choice((1, 2, 2, 3, 4)), (1, 2, 2, 3, math.inf), 3)

    def certified_instances(self, seed: int, cases: int) -> Iterator[RuledInstance]:
        source = random.Random(f"more voters {seed}")
        for _ in range(cases - cases // 4):
            yield _instance(source, source.choice((2, 3, 6)), (2, 8, 8, math.inf, 100), 6)
        yield from islice(self.exact_instances(seed + 1), cases // 4)


def _instance(
    source: random.Random, size: int, candidates: tuple[int | float, ...], longest: int
) -> RuledInstance:
    steps = source.randint(1, longest)
    factor = source.choice(_FACTORS)

    def voter() -> BradleyTerry:
        weights = tuple(1 + (factor - 1) * Fraction(source.randint(0, 4), 4) for _ in range(size))
        return BradleyTerry(source.choice(candidates), weights)

    def choosing() -> Choosing:
        number = source.choice((1, 1, 2, 3))
        if number == 1:
            return voter()
        return Electorate(law_of(source, number), tuple(voter() for _ in range(number)))

    several = source.random() < 1 / 4
    return RuledInstance(
        law_of(source, size),
        tuple(choosing() for _ in range(steps)) if several else choosing(),
        steps,
        source.choice(_MIXINGS),
    )


def _voters(choosing: Any) -> list[Any] | None:
    """Return the Bradley–Terry voters of a rule, or None if there are any others."""
    parts: list[Any] = [choosing]
    if isinstance(choosing, Electorate):
        parts = list(choosing.choosers)
    elif isinstance(choosing, rules.Voters):
        parts = [rule for _, rule in choosing.voters]
    kinds = (BradleyTerry, Click, rules.BradleyTerry, rules.RandomChoice)
    return parts if all(isinstance(part, kinds) for part in parts) else None


def _speaks_of(run: RuledRun) -> bool:
    """Whether λ is one number, and all steps have Bradley–Terry voters."""
    is_one = run.lam is not None and not run.accumulates
    return is_one and all(_voters(run.choosing(at)) is not None for at in range(run.steps))


def _all_voters(run: RuledRun) -> Iterator[Any]:
    for at in range(run.steps):
        yield from _voters(run.choosing(at)) or ()


def _factor(run: RuledRun) -> Fraction:
    """Return e^Δ of an instance, exactly."""
    charged = [i for i, p in enumerate(run.reference) if p > 0]
    weights = (
        [voter.weights[i] for i in charged]
        for voter in _all_voters(run)
        if isinstance(voter, BradleyTerry)
    )
    return max((max(some) / min(some) for some in weights), default=Fraction(1))


def _gap(run: RuledRun) -> Number:
    """Return Δ, a ball."""
    if not hasattr(run, "loop"):
        return run.number(_factor(run)).log()
    widest, law = flint.arb(0), run.loop.law
    for voter in _all_voters(run):
        if isinstance(voter, rules.BradleyTerry):
            column = (law.rewards if voter.by is None else law.scores[voter.by])[law.probs > 0]
            ends = [flint.arb(float(end)) for end in (column.max(), column.min())]
            widest = widest.max(abs(flint.arb(voter.scale)) * (ends[0] - ends[1]))
    return widest


def _extremal(run: RuledRun, u: Number, *, upper: bool = False) -> list[Number]:
    """Return the group's shares in the loop that attains an end: two weights, 1 and e^Δ."""
    factor = _factor(run)
    rule = BradleyTerry(run.K, (factor, Fraction(1)) if upper else (Fraction(1), factor))
    m = 1 / (1 + Fraction(run.lam)) if run.lam < math.inf else Fraction(0)  # type: ignore[operator, arg-type]
    shares = [u]
    for _ in range(run.steps):
        x = shares[-1]
        shares.append(m * u + (1 - m) * rule.curated([x, 1 - x])[0])
    return shares


def _is_extremal(run: RuledRun, values: Numbers, at: int) -> tuple[bool, bool]:
    """Whether all voters before step t make the group's share the floor, and the ceiling."""
    if run.kind == "property" or any(value not in (0, 1) for value in values):
        return False, False
    voters = [voter for step in range(at) for voter in _voters(run.choosing(step)) or ()]
    ends = {_end(run, voter, values) for voter in voters}
    return ends == {"least"}, ends == {"most"}


def _end(run: RuledRun, voter: Any, values: Numbers) -> str:
    """Return whether a voter makes the share of a group the least or the most that Δ allows."""
    if not isinstance(voter, BradleyTerry) or voter.candidates != run.K:
        return "neither"
    inside = {w for w, v in zip(voter.weights, values, strict=True) if v == 1}
    outside = {w for w, v in zip(voter.weights, values, strict=True) if v == 0}
    if len(inside) != 1 or len(outside) != 1:
        return "neither"
    ratio = outside.pop() / inside.pop()
    return {_factor(run): "least", 1 / _factor(run): "most"}.get(ratio, "neither")


def _core(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    for name, values in groups(run):
        u = run.mean(run.reference, values)
        low, high = _extremal(run, u), _extremal(run, u, upper=True)
        for at in range(1, run.steps + 1):
            is_least, is_most = _is_extremal(run, values, at)
            now = run.mean(run.law(at), values)
            is_still = _factor(run) == 1 or run.is_degenerate or u in (0, 1)
            yield Margin(now - low[at], f"t = {at}, {name}", is_least or is_still)
            yield Margin(high[at] - now, f"t = {at}, {name}, at most", is_most or is_still)


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    yield from _shares(run, lambda **given: bound(**given))
    yield from _divergences(run, divergence_bound)


def _some(run: RuledRun) -> tuple[list[Any], list[int]]:
    """Return groups and steps: some of them in the search, and where f is an integral."""
    found, steps = groups(run), list(range(1, run.steps + 1))
    if run.kind == "property" or 64 < run.K < math.inf:
        return found[::6], sorted({1, run.steps})
    return found, steps


def _shares(run: RuledRun, floor: Bound, highest: Any = ceiling) -> Iterator[Margin]:
    gap = _gap(run)
    some, steps = _some(run)
    for name, values in some:
        u = run.mean(run.reference, values)
        is_still = not gap > 0 or run.is_degenerate or not 0 < u < 1
        for at in steps:
            is_least, is_most = _is_extremal(run, values, at)
            given = {"share": u, "lam": run.lam, "K": run.K, "reward_gap": gap, "steps": at}
            now = run.mean(run.law(at), values)
            yield Margin(now - floor(**given), f"t = {at}, {name}", is_least or is_still)
            largest = run.evaluate(highest, **given)
            yield Margin(largest - now, f"t = {at}, {name}, at most", is_most or is_still)


def _divergences(run: RuledRun, bound: Any) -> Iterator[Margin]:
    """KL(p_t‖p_ref) is at most -log(1 - λ(h-1)), where that is defined."""
    given = {"lam": run.lam, "K": run.K, "reward_gap": _gap(run)}
    if run.lam == math.inf or not run.evaluate(lam * (largest_ratio - 1), **given) < 1:
        return
    for at in range(1, run.steps + 1):
        if all(p > 0 or p == 0 for p in run.law(at)):
            divergence = run.kl(run.law(at), run.reference)
            is_still = not given["reward_gap"] > 0 or run.is_degenerate
            yield Margin(run.evaluate(bound, **given) - divergence, f"KL, t = {at}", is_still)


def _other_ceiling(highest: Any) -> Margins:
    def margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
        yield from _shares(run, lambda **given: run.number(0), highest)

    return margins


def _fewest(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """With the smallest number of candidates of the voters in place of the largest."""
    fewest = min(voter.candidates for voter in _all_voters(run))
    yield from _shares(run, lambda **given: bound(**(given | {"K": fewest})))


def _one(K: int | float, u: str, factor: str, lam: str, steps: int = 3) -> RuledInstance:
    """Return the loop that attains the floor."""
    mass = Fraction(u)
    rule = BradleyTerry(K, (Fraction(1), Fraction(factor)))
    return RuledInstance((mass, 1 - mass), rule, steps, Fraction(lam))


_divided = RuledInstance(
    fractions("1/10 9/10"),
    Electorate(
        fractions("9/10 1/10"),
        (BradleyTerry(math.inf, fractions("1 5")), BradleyTerry(2, fractions("5 1"))),
    ),
    2,
    Fraction(1),
)
_few_and_many = RuledInstance(
    fractions("1/2 1/2"),
    (BradleyTerry(2, fractions("1 1")), BradleyTerry(4, fractions("1 9"))),
    2,
    Fraction(3),
)


def _loops() -> st.SearchStrategy[Any]:
    one = st.builds(
        rules.BradleyTerry,
        candidate_numbers(),
        scale=st.sampled_from([1.0, -1.0, 0.1]),
        by=st.sampled_from([None, "second"]),
    )
    pairs = st.tuples(st.sampled_from([0.5, 0.1, 0.9]), one, one)
    several = pairs.map(lambda d: rules.Voters(((d[0], d[1]), (1 - d[0], d[2]))))
    voters = st.one_of(one, several)
    return ruled_loops(rules=lambda law: voters, schedules=mixings().map(lambda lam: {"lam": lam}))


check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_core,
    setting=_VotersSetting(),
    admits=_speaks_of,
    requires={"start": lambda run: run.starts_at_reference},
    loops=_loops(),
    instances=(
        _one(2, "1/2", "2", "1"),
        _one(3, "9/10", "10", "1/2", 2),
        _one(math.inf, "1/2", "5", "3"),
        _one(4, "1/10", "1/2", "1", 2),
        _divided,
        _few_and_many,
    ),
    mutants=(
        Mutant("half of Δ", bound=GapFloor(share, lam, K, reward_gap / 2, t)),
        Mutant("a group keeps its share u", bound=share),
        Mutant(
            "the floor of the first step for ever", bound=GapFloor(share, lam, K, reward_gap, 1)
        ),
        Mutant(
            "a share is at most 1 - G_t(u)",
            margins=_other_ceiling(1 - GapFloor(share, lam, K, reward_gap, t)),
            is_exact=False,
        ),
        Mutant("the smallest K of all voters", margins=_fewest, is_exact=False),
        Mutant(
            "λ/2 in place of λ",
            bound=GapFloor(share, lam / 2, K, reward_gap, t),
        ),
    ),
)
