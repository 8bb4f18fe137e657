"""Loops of many voters with K = inf: how they are drawn and run, and where each of them ends."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any, ClassVar, NamedTuple

import flint
from hypothesis import strategies as st

from recurate.numerics import rules
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules.rule import Rule
from recurate.paper_checks.fixed_points.objectives import VotersLoop
from recurate.paper_checks.runs.rule_strategies import loops
from recurate.paper_checks.runs.ruled.by_rule import ByRule
from recurate.paper_checks.runs.ruled.choosing import BradleyTerry, Electorate
from recurate.paper_checks.runs.ruled.draws import law_of, mixing_of, of_many_sizes
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import EngineRuledRun, RuledRun
from recurate.paper_checks.runs.ruled.setting import RuledSetting
from recurate.paper_checks.runs.run import Numbers, RunKind
from recurate.paper_checks.runs.strategies import mixings
from recurate.paper_checks.runs.written import Fractions, fractions

_GROWTHS = fractions("1/4 9/10 99/100")
"""a over its largest value for which a law is a fixed point."""

_FEW_STEPS = 4  # of a loop that is built around a law, in the numbers of a run


class VotersSetting(RuledSetting):
    """Retraining on the choices of voters with K = inf, from any start."""

    tried: ClassVar[dict[RunKind, str]] = {
        "property": (
            "one to three voters with K = inf, adversaries and verifiers among them; laws of 1 to "
            "6 atoms, probabilities from 1e-12, rewards spanning 0 to 150; λ from 0 to 1e4 and "
            "inf; 1 to 12 steps; and loops of the same voters built around a law, 4 steps"
        ),
        "exact": (
            "one to four voters with K = inf, adversaries and verifiers among them; 2 to 4 atoms; "
            "λ from 0 to 100 and inf, and that for which a given law is a fixed point; p_0 = p_ref "
            "or any p_0, 1 to 3 steps"
        ),
        "certified": "the same with 2 to 8 atoms and 2 to 40 steps",
    }

    def exact_instances(self, seed: int) -> Iterator[RuledInstance]:
        return voters_instances(f"exact {seed}", sizes=(2, 2, 3, 3, 4), steps=(1, 2, 3))

    def certified_instances(self, seed: int, cases: int) -> Iterator[RuledInstance]:
        drawn = voters_instances(f"balls {seed}", sizes=(2, 3, 4, 6, 8), steps=(2, 4, 8, 40))
        return (instance for _, instance in zip(range(cases), drawn, strict=False))


VOTERS = VotersSetting()
"""Retraining on the choices of voters with K = inf."""


def voters_instances(
    seed: str, *, sizes: tuple[int, ...], steps: tuple[int, ...]
) -> Iterator[RuledInstance]:
    """Yield random loops of one to three voters; of two thirds the second law is a fixed point.

    Half of those have no real data, and one more voter. Some voters are adversaries of the first,
    and some are verifiers, whose weights may be 0.
    """
    source = random.Random(f"voters {seed}")
    while True:
        size, length = source.choice(sizes), source.choice(steps)
        shares, voters = _electorate(source, size)
        law = law_of(source, size)
        initial = None if source.random() < 1 / 2 else law_of(source, size)
        kind = source.randrange(3)
        if kind == 0:
            reference, lam = law_of(source, size), mixing_of(source, math.inf)
            length = _resolved(length, lam)
            yield instance_of_voters(reference, shares, voters, length, lam, initial, law)
            continue
        growth = source.choice(_GROWTHS)
        if kind == 1:
            loop = VotersLoop.around(list(law), shares, voters, growth)
        else:
            if source.random() < 1 / 3 and size > 2:
                left = (*law[:-1], Fraction(0))
                law = tuple(p / sum(left) for p in left)
            loop = VotersLoop.without_real_data(list(law), shares, voters, growth)
        if loop is not None and all(any(w) for w in loop.voters):
            yield built_instance(loop, law, length, initial or law_of(source, size))


def _resolved(steps: int, lam: Fraction | float) -> int:
    """Return a number of steps after which a loop still moves by what balls resolve.

    Its moves fall about as a^t, and what F rises by as their square: down to 1e-60.
    """
    if lam in (0, math.inf):
        return steps
    return max(1, min(steps, int(-30 / math.log10(lam / (1 + lam)))))


def _electorate(source: random.Random, size: int) -> tuple[list[Fraction], list[list[Fraction]]]:
    number = source.choice((1, 2, 2, 3))
    parts = [source.randint(1, 9) for _ in range(number)]
    shares = [Fraction(part, sum(parts)) for part in parts]
    first = [Fraction(of_many_sizes(source)) for _ in range(size)]
    voters = [first]
    while len(voters) < number:
        kind = source.randrange(3)
        other = [Fraction(of_many_sizes(source)) for _ in range(size)]
        if kind == 0:
            other = [1 / w for w in first]
        elif kind == 1:  # a verifier
            other = [Fraction(source.choice((0, 1, 1, 1))) for _ in range(size)]
            other[source.randrange(size)] = Fraction(1)
        voters.append(other)
    return shares, voters


def instance_of_voters(
    reference: Fractions,
    shares: Numbers,
    voters: list[Numbers],
    steps: int,
    lam: Fraction | float = math.inf,
    initial: Fractions | None = None,
    second: Fractions | None = None,
) -> RuledInstance:
    """Return the loop of voters with these shares and weights, all with K = inf."""
    choosing = Electorate(
        tuple(shares), tuple(BradleyTerry(math.inf, tuple(weights)) for weights in voters)
    )
    return RuledInstance(reference, choosing, steps, lam, initial=initial, second=second)


def built_instance(
    loop: VotersLoop, law: Fractions, steps: int, initial: Fractions
) -> RuledInstance:
    """Return a loop in rationals as an instance; the law is a fixed point of it."""
    lam = math.inf if loop.a == 1 else loop.a / loop.m
    steps = _resolved(steps, lam)
    reference = initial if loop.a == 1 else tuple(loop.reference)
    return instance_of_voters(reference, loop.shares, loop.voters, steps, lam, initial, law)


def loop_of(run: RuledRun) -> VotersLoop:
    """Return the loop that a run of voters is of, in the run's numbers."""
    _, _, a = run.shares(0)
    chosen: Any = run.choosing(0)
    law = run.loop.law if isinstance(run, EngineRuledRun) else None
    if isinstance(chosen, ByRule):  # a loop of floats in balls
        chosen, law = chosen.rule, chosen.law
    if law is not None:
        pairs = [(run.number(share), _weights_of(rule, law, run)) for share, rule in chosen.voters]
        total = sum((share for share, _ in pairs), flint.arb(0))  # one, but for rounding
        pairs = [(share / total, weights) for share, weights in pairs]
    else:
        pairs = [
            (run.number(share), [run.number(w) for w in voter.weights])
            for share, voter in zip(chosen.voters, chosen.choosers, strict=True)
        ]
    shares, voters = zip(*pairs, strict=True)
    return VotersLoop(list(shares), list(voters), a, run.reference)


def _weights_of(rule: Any, law: RewardLaw, run: RuledRun) -> Numbers:
    column = law.rewards if rule.by is None else law.scores[rule.by]
    if isinstance(rule, rules.Accept):
        return [run.number(float(chance)) for chance in column]
    logs = [flint.arb(float(x)) * flint.arb(rule.scale) for x in column]
    top = max(logs, key=lambda ball: float(ball.mid()))
    return [(x - top).exp() for x in logs]


class Approach(NamedTuple):
    """A loop of voters on its way, and a fixed point of it.

    Attributes
    ----------
    where : str
        Which one, in words.
    loop : VotersLoop
        The loop.
    laws : list of lists of numbers
        p_0, …, p_n.
    optimum : list of numbers, length n
        The fixed point p*, where the objective is largest.
    """

    where: str
    loop: VotersLoop
    laws: list[Numbers]
    optimum: Numbers


def approaches(run: RuledRun) -> Iterator[Approach]:
    """Yield the run if its second law is a fixed point, and loops of its voters built around one.

    Each of these starts where the run does, if it has mass everywhere, or at the uniform law.
    """
    loop = loop_of(run)
    if ends_at_second(run):
        laws = [run.law(t) for t in range(run.steps + 1)]
        yield Approach("the loop", loop, laws, run.second)
    uniform = [run.number(Fraction(1, run.size))] * run.size
    start = run.law(0) if all(p > 0 for p in run.law(0)) else uniform
    for i, (name, law) in enumerate((("second law", run.second), ("uniform law", uniform))):
        if not all(p > 0 for p in law):
            continue
        growth = run.number(_GROWTHS[(run.size + i) % len(_GROWTHS)])
        for made in (VotersLoop.around, VotersLoop.without_real_data):
            built = made(law, loop.shares, loop.voters, growth)
            if built is not None:
                laws = built.laws(start, min(run.steps, _FEW_STEPS))
                kind = "real data" if built.a != 1 else "no real data"
                yield Approach(f"built around the {name}, {kind}", built, laws, law)


def ends_at_second(run: RuledRun) -> bool:
    """Whether a run is of an instance whose second law is exactly a fixed point, and maximises F.

    Its mass has to be where p_0 has some.
    """
    instance = getattr(run, "instance", None)
    if instance is None:
        return False
    exact = VOTERS.exact_run(instance)
    loop = loop_of(exact)
    fixed, start = exact.second, list(instance.initial or instance.reference)
    if any(p > 0 and q == 0 for p, q in zip(fixed, start, strict=True)):
        return False
    if any(q > 0 and p == 0 and loop.m > 0 for q, p in zip(loop.reference, fixed, strict=True)):
        return False
    is_fixed = loop.step(fixed) == fixed
    return is_fixed and all(h <= 1 for h, p in zip(loop.ratio(fixed), start, strict=True) if p > 0)


def voters_loops(**plans: Any) -> st.SearchStrategy[CurationLoop]:
    """Return what draws loops of voters for the float engine; by default with any λ."""
    return loops(
        rules=lambda law: _several_voters(),
        schedules=plans or st.fixed_dictionaries({"lam": mixings()}),
    )


@cache
def _several_voters() -> st.SearchStrategy[Rule]:
    own = st.builds(
        rules.BradleyTerry,
        st.just(math.inf),
        scale=st.sampled_from([1.0, -1.0, 0.5, 3.0]),
        by=st.sampled_from([None, "second"]),
    )
    verifier = st.just(rules.Accept("accepted"))
    parts = st.lists(
        st.tuples(st.integers(1, 9), st.one_of(own, own, verifier)), min_size=1, max_size=3
    )
    return parts.map(
        lambda drawn: rules.Voters(
            tuple((part / sum(n for n, _ in drawn), rule) for part, rule in drawn)
        )
    )
