"""Evidence for the hard best of K in the pure loop: distribution functions, divergences, win rates.

The claim is about divergences. Its rational core is that distribution functions are raised to the
power K^t, and the probability with which the winner beats a fresh sample of p_0. On finite laws the
bounds are not attained (a winner may meet its own atom), but nearly so on many equal atoms.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any, ClassVar

from hypothesis import strategies as st

from recurate.numerics.rules import BestOf
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.ruled.by_rule import ByRule
from recurate.paper_checks.runs.ruled.choosing import BestBy, power
from recurate.paper_checks.runs.ruled.draws import law_of
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.ruled.setting import RuledSetting, ruled_loops
from recurate.paper_checks.runs.run import Number, Numbers, RunKind
from recurate.theory.any_choice.best_of_k import statement, win_rate
from recurate.theory.language.notation import K, t


class _BestSetting(RuledSetting):
    """The pure loop with the hard best of K."""

    tried: ClassVar[dict[RunKind, str]] = {
        "property": (
            "laws of 1 to 6 atoms, probabilities from 1e-12, rewards with ties and without; the "
            "hard best of K from 1 to 1e4; 1 to 12 steps"
        ),
        "exact": "1 to 4 atoms with ties and without; the hard best of K from 1 to 5; 1 to 4 steps",
        "certified": "the same with 2 to 12 atoms, K to 100, 1 to 4 steps; and as exact evidence",
    }

    def exact_instances(self, seed: int) -> Iterator[RuledInstance]:
        source = random.Random(f"best of K {seed}")
        while True:
            candidates = source.choice((1, 2, 2, 2, 3, 3, 4, 5))
            yield _best(
                source, source.choice((1, 2, 3, 3, 4)), candidates, 1 + 6 // (candidates + 1)
            )

    def certified_instances(self, seed: int, cases: int) -> Iterator[RuledInstance]:
        source = random.Random(f"best of more {seed}")
        for _ in range(cases - cases // 4):
            size, candidates = source.choice((2, 4, 8, 12)), source.choice((2, 3, 8, 100))
            yield _best(source, size, candidates, source.randint(1, 4))
        yield from islice(self.exact_instances(seed + 1), cases // 4)


def _best(source: random.Random, size: int, candidates: int, steps: int) -> RuledInstance:
    ranks = tuple(source.randrange(size) for _ in range(size))
    rule = BestBy(candidates, ranks, source.choice(("best", "worst")))
    return RuledInstance(law_of(source, size), rule, steps, initial=law_of(source, size))


def heights_of(run: RuledRun) -> Sequence[Any] | None:
    """Return the atoms' rewards, if one of the best of K is chosen by them at every step."""
    rules = [run.choosing(step) for step in range(run.steps)]
    if run.lam != math.inf or any(rule != rules[0] for rule in rules):
        return None
    if isinstance(rules[0], BestBy):
        return [rank if rules[0].towards == "best" else -rank for rank in rules[0].order]
    first: Any = rules[0]
    law: Any = getattr(getattr(run, "loop", None), "law", None)
    if isinstance(first, ByRule):  # a loop of floats in balls
        first, law = first.rule, first.law
    if isinstance(first, BestOf) and first.keep == 1:
        return list(law.rewards)
    return None


def _takes_the_best(run: RuledRun) -> bool:
    return heights_of(run) is not None


def masses_below(heights: Sequence[Any], law: Numbers) -> list[tuple[Number, Number]]:
    """Return the masses below each level of the reward, and of the level, the lowest one first."""
    levels, below = [], law[0] * 0
    for level in sorted(set(heights)):
        own = sum((p for p, h in zip(law, heights, strict=True) if h == level), law[0] * 0)
        levels.append((below, own))
        below = below + own
    return levels


def _powers(run: RuledRun, exponent: Callable[[int, int], int] = pow) -> Iterator[Margin]:
    """Yield the margins of: distribution functions are those of p_0 to the power K^t."""
    heights = heights_of(run)
    assert heights is not None
    start = masses_below(heights, run.law(0))
    for step in range(1, run.steps + 1):
        number = exponent(int(run.K), step)
        levels = masses_below(heights, run.law(step))
        for level, ((before, _), (now, _)) in enumerate(zip(start, levels, strict=True)):
            if level:
                value = -abs(now - power(before, number))
                yield Margin(value, f"t = {step}, below level {level}", tight=True)


def _wins(
    run: RuledRun,
    largest: Callable[[int], Number],
    ties: Fraction = Fraction(1, 2),
) -> Iterator[Margin]:
    """Yield the margins of: p_t beats a fresh sample of p_0 with at most this probability."""
    heights = heights_of(run)
    assert heights is not None
    start = masses_below(heights, run.law(0))
    for step in range(1, run.steps + 1):
        levels = masses_below(heights, run.law(step))
        pairs = zip(start, levels, strict=True)
        wins = sum((p * (below + run.number(ties) * q) for (below, q), (_, p) in pairs), 0)
        yield Margin(largest(step) - wins, f"wins, t = {step}")


def _claimed_wins(run: RuledRun) -> Iterator[Margin]:
    return _wins(run, lambda step: value_of(run, win_rate, {t: step}))


def _core(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    yield from _powers(run)
    yield from _claimed_wins(run)


def _divergences(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    for step in range(1, run.steps + 1):
        # The float engine may leave open whether a mass is there at all.
        if all(p > 0 or p == 0 for p in run.law(step)):
            divergence = run.kl(run.law(step), run.law(0))
            yield Margin(bound(K=run.K, steps=step) - divergence, f"t = {step}")


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    yield from _core(run, bound)
    yield from _divergences(run, bound)


def _one_choice(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """The winner beats a fresh sample of p_0 with a probability of at most K/(K+1), at every t."""
    return _wins(run, lambda step: run.number(Fraction(int(run.K), int(run.K) + 1)))


def _ties_won(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """Ties count as wins."""
    return _wins(run, lambda step: value_of(run, win_rate, {t: step}), Fraction(1))


def _by_power(exponent: Callable[[int, int], int]) -> Margins:
    def margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
        return (margin._replace(tight=False) for margin in _powers(run, exponent))

    return margins


def _equal_atoms(size: int, candidates: int, steps: int) -> RuledInstance:
    masses = (Fraction(1, size),) * size
    return RuledInstance(masses, BestBy(candidates, tuple(range(size))), steps)


_many = _equal_atoms(16, 4, 2)

check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_core,
    setting=_BestSetting(),
    admits=_takes_the_best,
    loops=ruled_loops(
        rules=lambda law: st.sampled_from([2, 3, 4, 8, 1, 100, 10_000]).map(BestOf),
        schedules={"lam": math.inf},
    ),
    instances=(_many, _equal_atoms(5, 2, 3), _equal_atoms(24, 2, 1)),
    mutants=(
        Mutant(
            "t (log K - (K-1)/K), t times what one step can do",
            bound=t * (statement.bound.subs(t, 1)),
            is_exact=False,
        ),
        Mutant("t log K - 1, without K^-t", bound=statement.bound - K**-t, is_exact=False),
        Mutant("the win rate K/(K+1) of one choice, at every t", margins=_one_choice),
        Mutant("ties count as wins in the win rate", margins=_ties_won),
        Mutant(
            "the distribution function to the power K t",
            margins=_by_power(lambda candidates, step: candidates * step),
        ),
        Mutant(
            "t steps are one choice of the best of K^(t+1)",
            margins=_by_power(lambda candidates, step: candidates ** (step + 1)),
        ),
    ),
)
