"""Evidence for the rate at which the top weight takes over where data accumulate.

The product over the rounds is rational: for a number of rounds it is written out.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from itertools import islice
from typing import Any, ClassVar, NamedTuple

import flint
import sympy
from hypothesis import strategies as st

from recurate.numerics import rules
from recurate.numerics.schedules import Accumulate
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.ruled.choosing import BradleyTerry
from recurate.paper_checks.runs.ruled.draws import law_of, of_many_sizes
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import EngineRuledRun, RuledRun
from recurate.paper_checks.runs.ruled.setting import RuledSetting, ruled_loops
from recurate.paper_checks.runs.run import Number, RunKind
from recurate.paper_checks.runs.strategies import candidate_numbers
from recurate.paper_checks.runs.written import fractions
from recurate.theory.accumulation.accumulation_rate import exponent, largest_gain, statement
from recurate.theory.language import AccumulationProduct
from recurate.theory.language.notation import K, lam, real_rounds, t, top_mass, weight_ratio

_SIZES = fractions("1 10 1/10 1/2 100")


class _GrowingSetting(RuledSetting):
    """Bradley–Terry's choice, with training sets that grow."""

    tried: ClassVar[dict[RunKind, str]] = {
        "property": (
            "laws of 1 to 6 atoms, probabilities from 1e-12, rewards spanning 0 to 50; K from 1 to "
            "1e4 and inf; n_0 and n of many sizes; 1 to 12 rounds"
        ),
        "exact": (
            "rational weights and masses of many sizes, 1 to 4 atoms, K from 1 to 4 and inf, n_0/n "
            "from 1/10 to 100; 1 to 4 rounds"
        ),
        "certified": "the same with 2 to 12 atoms, K to 100, 2 to 12 rounds; and as exact evidence",
    }

    def exact_instances(self, seed: int) -> Iterator[RuledInstance]:
        source = random.Random(f"growing {seed}")
        while True:
            candidates = source.choice((1, 2, 2, 2, 3, 3, 4, math.inf, math.inf))
            steps = 4 if candidates in (1, 2, math.inf) else 6 - int(candidates)
            yield _growing(source, source.choice((1, 2, 2, 3, 4)), candidates, steps)

    def certified_instances(self, seed: int, cases: int) -> Iterator[RuledInstance]:
        source = random.Random(f"growing longer {seed}")
        for _ in range(cases - cases // 4):
            candidates = source.choice((2, 3, 8, 100, math.inf))
            yield _growing(source, source.choice((2, 4, 12)), candidates, source.choice((2, 6, 12)))
        yield from islice(self.exact_instances(seed + 1), cases // 4)


def _growing(
    source: random.Random, size: int, candidates: int | float, steps: int
) -> RuledInstance:
    weights = tuple(Fraction(of_many_sizes(source)) for _ in range(size))
    sizes = (source.choice(_SIZES), Fraction(1))
    return RuledInstance(
        law_of(source, size), BradleyTerry(candidates, weights), steps, training=sizes
    )


class _Growing(NamedTuple):
    """What the claim reads of a run: the top atoms, ρ, ν, and whether there are two weights."""

    top: list[int]
    ratio: Number
    rounds: Number
    has_two_weights: bool


def _keeps_all(run: RuledRun) -> bool:
    given = run.loop if isinstance(run, EngineRuledRun) else run.instance  # type: ignore[attr-defined]
    return given.training is not None


def _growth_of(run: RuledRun) -> _Growing | None:
    """Return a run's numbers, if all its data are kept, and chosen by one Bradley–Terry rule."""
    rule = run.choosing(0)
    _, kept, new = run.shares(0)
    if not _keeps_all(run) or any(run.choosing(step) != rule for step in range(run.steps)):
        return None
    if isinstance(rule, BradleyTerry):
        heights: Any = rule.weights
        weights = [run.number(Fraction(weight) / max(heights)) for weight in heights]
    elif isinstance(rule, rules.BradleyTerry) and rule.by is None and rule.scale == 1.0:
        heights = run.loop.law.rewards.tolist()  # type: ignore[attr-defined]
        weights = [(flint.arb(height) - flint.arb(max(heights))).exp() for height in heights]
    else:
        return None
    top = [i for i, height in enumerate(heights) if height == max(heights)]
    others = [i for i in range(run.size) if i not in top]
    if not others:
        return None  # a single weight, and nothing to take over
    second = max(others, key=lambda i: heights[i])
    rounds = kept / new  # η_0 = 1/(ν+1)
    return _Growing(top, weights[second], rounds, len(set(heights)) == 2)


def _grows(run: RuledRun) -> bool:
    return _growth_of(run) is not None


def _rests(run: RuledRun) -> Iterator[tuple[int, Number, dict[Any, Any], bool]]:
    """Yield t, the mass off the top weights, what the bound depends on, and if that is attained."""
    growing = _growth_of(run)
    assert growing is not None
    mass = sum((run.law(0)[i] for i in growing.top), run.number(0))
    off = [i for i in range(run.size) if i not in growing.top]
    for step in range(run.steps + 1):
        rest = sum((run.law(step)[i] for i in off), run.number(0))
        values = {K: run.K, weight_ratio: growing.ratio, top_mass: mass}
        values |= {real_rounds: growing.rounds, t: step}
        is_first = step == 1 and run.K == math.inf and growing.has_two_weights
        yield step, rest, values, step == 0 or run.K == 1 or is_first


@cache
def _written_out(bound: Any, steps: int) -> Any:
    """Return a bound after this number of rounds as the product that it is."""
    return sympy.expand_func(bound.subs(t, steps))


def _by(bound: Callable[[int], Any]) -> Margins:
    """Return the margins of a bound, given for each number of rounds."""

    def margins(run: RuledRun, _: Bound) -> Iterator[Margin]:
        for step, rest, values, tight in _rests(run):
            numbers = {symbol: value for symbol, value in values.items() if symbol != t}
            allowed = value_of(run, bound(step), numbers | {lam: run.number(1)})
            yield Margin(allowed - rest, f"t = {step}", tight)

    return margins


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    for step, rest, values, tight in _rests(run):
        allowed = bound(
            K=run.K,
            weight_ratio=values[weight_ratio],
            top_mass=values[top_mass],
            real_rounds=values[real_rounds],
            steps=step,
        )
        yield Margin(allowed - rest, f"t = {step}", tight)


def _other(kappa: Any, rounds: Any = real_rounds) -> Margins:
    """Return the margins of the bound with another κ, or other rounds."""
    bound = (1 - top_mass) * AccumulationProduct(kappa, rounds, t)
    return _strictly(_by(lambda step: _written_out(bound, step)))


def _strictly(margins: Margins) -> Margins:
    """Return the margins of a false claim but for t = 0, where it is true."""

    def strict(run: RuledRun, bound: Bound) -> Iterator[Margin]:
        return (margin for margin in margins(run, bound) if margin.where != "t = 0")

    return strict


_KAPPA = exponent(largest_gain)


def _geometric(step: int) -> Any:
    return (1 - top_mass) * (1 - _KAPPA / (real_rounds + 1)) ** step


def _two(ratio: str, top: str, rounds: str, candidates: int | float, steps: int) -> RuledInstance:
    mass = Fraction(top)
    rule = BradleyTerry(candidates, (Fraction(ratio), Fraction(1)))
    return RuledInstance((1 - mass, mass), rule, steps, training=(Fraction(rounds), Fraction(1)))


check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_by(lambda step: _written_out(statement.bound, step)),
    setting=_GrowingSetting(),
    admits=_grows,
    loops=ruled_loops(
        rules=lambda law: candidate_numbers().map(rules.BradleyTerry),
        schedules=st.fixed_dictionaries(
            {
                "training": st.builds(
                    Accumulate,
                    st.sampled_from([1.0, 0.1, 10.0, 100.0]),
                    st.sampled_from([1.0, 0.5, 4.0]),
                )
            }
        ),
    ),
    instances=(
        _two("9/10", "1/2", "1", math.inf, 4),
        _two("1/2", "1/10", "1", math.inf, 4),
        _two("1/1000", "1/1000", "1", 2, 4),
        _two("1/2", "1/2", "1", 1, 2),
    ),
    mutants=(
        Mutant(
            "κ = qc/(1 + qc), with c in place of c - 1", margins=_other(exponent(largest_gain + 1))
        ),
        Mutant("κ = q(c-1), without the divisor", margins=_other(top_mass * largest_gain)),
        Mutant(
            "κ = (c-1)/c, as if p_0(A) were 1", margins=_other(largest_gain / (1 + largest_gain))
        ),
        Mutant("the shares 1/(ν+s) of new data", margins=_other(_KAPPA, real_rounds - 1)),
        Mutant(
            "a geometric rate: (1 - κ η_0)^t in place of the product",
            margins=_strictly(_by(_geometric)),
        ),
        Mutant("as fast as nothing can be: κ = 1", margins=_other(sympy.S.One)),
    ),
)
