"""Loops beyond one model on infinite training sets: finite sets, networks of models, prompts.

Each run has `views`: runs as of one loop, whose `law` is what the claims about shares speak of.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from itertools import combinations_with_replacement
from typing import Any

import flint

from recurate.paper_checks.runs.ruled.choosing import words
from recurate.paper_checks.runs.ruled.draws import instance_of, law_of
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import (
    CertifiedRuledRun,
    ExactRuledRun,
    InstanceRun,
    RuledRun,
)
from recurate.paper_checks.runs.run import Number, Numbers, TriedRun, dot
from recurate.paper_checks.runs.written import Fractions
from recurate.theory.statement import Hypothesis

_MOST_SETS = 3000  # training sets, one after another, that are enumerated
_GUARD = 32


def _imports(loops: tuple[RuledInstance, ...]) -> list[str]:
    """Return the lines of import that loops need as Python expressions."""
    lines = [line for loop in loops for line in loop.imports]
    made_by = f"from {RuledInstance.__module__} import {RuledInstance.__name__}"
    return list(dict.fromkeys([*lines, made_by]))


@dataclass(frozen=True)
class TrainingSets:
    """A loop whose training sets have N winners each: all of them are enumerated.

    Attributes
    ----------
    loop : RuledInstance
        The loop that it is for N = inf.
    winners : int
        N.
    """

    loop: RuledInstance
    winners: int

    @property
    def is_small(self) -> bool:
        """Whether the training sets are few."""
        size, N = self.loop.size, self.winners
        sets = math.comb(N + size - 1, N) ** self.loop.steps
        return self.loop.is_small and sets <= _MOST_SETS

    @property
    def imports(self) -> list[str]:
        """Lines of import that its Python expression needs beside its own class."""
        return _imports((self.loop,))

    def to_python(self) -> str:
        """Return the Python expression that makes this instance; it may need math."""
        return f"TrainingSets({self.loop.to_python()}, {self.winners})"

    def __str__(self) -> str:
        """Return the loop in words, numbers exact."""
        return f"training sets of {self.winners} winners: {self.loop}"


@dataclass(frozen=True)
class NetworkOf:
    """Models that train on mixtures of one another's chosen samples.

    Attributes
    ----------
    models : tuple of RuledInstance
        The loops, with one reference and one number of steps.
    mixing : tuple of tuples of Fraction
        Row j has the shares of the models whose chosen samples model j is trained on; of sum 1.
    """

    models: tuple[RuledInstance, ...]
    mixing: tuple[Fractions, ...]

    @property
    def is_small(self) -> bool:
        """Whether it can be run in rationals: all rules act one after another."""
        return all(model.is_small for model in self.models)

    @property
    def imports(self) -> list[str]:
        """Lines of import that its Python expression needs beside its own class."""
        return _imports(self.models)

    def to_python(self) -> str:
        """Return the Python expression that makes this instance."""
        models = ", ".join(model.to_python() for model in self.models)
        rows = ", ".join(
            f"({', '.join(f'Fraction({str(x)!r})' for x in row)},)" for row in self.mixing
        )
        return f"NetworkOf(({models},), ({rows},))"

    def __str__(self) -> str:
        """Return the models in words, numbers exact."""
        models = "; ".join(map(str, self.models))
        return f"models trained on mixtures {words(self.mixing)} of one another: {models}"


@dataclass(frozen=True)
class PromptsOf:
    """A loop at each of several prompts, trained together: the same data mixture, other rules.

    Attributes
    ----------
    chances : tuple of Fraction
        Probabilities of the prompts.
    loops : tuple of RuledInstance
        The loop given each prompt; all have one λ, K and number of steps.
    """

    chances: Fractions
    loops: tuple[RuledInstance, ...]

    @property
    def is_small(self) -> bool:
        """Whether it can be run in rationals."""
        return all(loop.is_small for loop in self.loops)

    @property
    def imports(self) -> list[str]:
        """Lines of import that its Python expression needs beside its own class."""
        return _imports(self.loops)

    def to_python(self) -> str:
        """Return the Python expression that makes this instance."""
        chances = ", ".join(f"Fraction({str(p)!r})" for p in self.chances)
        loops = ", ".join(loop.to_python() for loop in self.loops)
        return f"PromptsOf(({chances},), ({loops},))"

    def __str__(self) -> str:
        """Return the loops in words, numbers exact."""
        loops = "; ".join(map(str, self.loops))
        return f"prompts with probabilities {words(self.chances)}: {loops}"


Wider = TrainingSets | NetworkOf | PromptsOf


class _View(RuledRun):
    """One model of a wider run, as if it were a loop: its law, and the least that it mixes in."""

    def __init__(self, of: InstanceRun, laws: Callable[[], list[Numbers]]) -> None:
        self._of, self._make = of, laws
        self.kind, self.arithmetic, self.steps = of.kind, of.arithmetic, of.steps
        self.is_degenerate = of.is_degenerate
        self.reference, self.second = of.reference, of.second

    @cached_property
    def _laws(self) -> list[Numbers]:
        with flint.ctx.workprec(getattr(self._of, "bits", _GUARD) + _GUARD):
            return self._make()

    def number(self, value: Fraction | float) -> Number:
        return self._of.number(value)

    def law(self, t: int) -> Numbers:
        return self._laws[t]

    def chosen_from(self, law: Numbers, t: int) -> Numbers:
        return self._of.chosen_from(law, t)

    def choosing(self, t: int) -> Any:
        return self._of.choosing(t)

    def exact_shares(self, t: int) -> tuple[Fraction, Fraction, Fraction]:
        return self._of.exact_shares(t)

    def K_at(self, t: int) -> int | float:
        return self._of.K_at(t)

    def lam_at(self, t: int) -> Fraction | float:
        return self._of.lam_at(t)

    def candidates_at(self, t: int) -> list[tuple[Number, int | float]]:
        return self._of.candidates_at(t)

    @property
    def accumulates(self) -> bool:
        return self._of.accumulates

    @property
    def sees_law(self) -> bool:
        return self._of.sees_law

    @property
    def changes(self) -> bool:
        return self._of.changes

    @property
    def starts_at_reference(self) -> bool:
        return self._of.starts_at_reference


class _Model(_View):
    """A model of a network: no model mixes in less than this, or chooses among more."""

    def __init__(
        self, of: InstanceRun, laws: Callable[[], list[Numbers]], models: list[InstanceRun]
    ) -> None:
        super().__init__(of, laws)
        self._models = models

    def exact_shares(self, t: int) -> tuple[Fraction, Fraction, Fraction]:
        exact = [model.exact_shares(t) for model in self._models]
        real = min(share for share, _, _ in exact)
        old = min(share + kept for share, kept, _ in exact)
        return real, old - real, 1 - old

    def K_at(self, t: int) -> int | float:
        return max(model.K_at(t) for model in self._models)

    def candidates_at(self, t: int) -> list[tuple[Number, int | float]]:
        return [(self.number(1), self.K_at(t))]


class PromptsView(_View):
    """A loop with prompts, on pairs of a prompt and an answer."""

    def __init__(
        self, parts: list[InstanceRun], chances: Numbers, laws: Callable[[], list[Numbers]]
    ) -> None:
        super().__init__(parts[0], laws)
        self.parts, self.chances = parts, chances
        self.is_degenerate = all(part.is_degenerate for part in parts)
        self.reference = self.second = _joint(chances, [part.reference for part in parts])

    def K_at(self, t: int) -> int | float:
        return max(part.K_at(t) for part in self.parts)

    def candidates_at(self, t: int) -> list[tuple[Number, int | float]]:
        return [(self.number(1), self.K_at(t))]


def _joint(chances: Numbers, laws: list[Numbers]) -> Numbers:
    return [chance * p for chance, law in zip(chances, laws, strict=True) for p in law]


def views_of(instance: Wider, run: Callable[[RuledInstance], InstanceRun]) -> list[RuledRun]:
    """Return what claims about shares speak of in a wider loop, made from runs of its parts."""
    if isinstance(instance, TrainingSets):
        of = run(instance.loop)
        return [_View(of, lambda: _expected_laws(of, instance.winners))]
    if isinstance(instance, PromptsOf):
        parts = [run(loop) for loop in instance.loops]
        chances = [parts[0].number(p) for p in instance.chances]

        def joint_laws() -> list[Numbers]:
            steps = range(parts[0].steps + 1)
            return [_joint(chances, [part.law(t) for part in parts]) for t in steps]

        return [PromptsView(parts, chances, joint_laws)]
    models = [run(model) for model in instance.models]
    found: list[list[Numbers]] = []

    def laws(j: int) -> list[Numbers]:
        if not found:
            found.extend(_network(models, instance.mixing))
        return [laws_of_step[j] for laws_of_step in found]

    return [_Model(model, partial(laws, j), models) for j, model in enumerate(models)]


def _expected_laws(run: InstanceRun, winners: int) -> list[Numbers]:
    """Return E p_0, …, E p_steps over all training sets of this many winners."""
    states = [(run.number(1), run.law(0))]
    expected = [run.law(0)]
    for t in range(run.steps):
        real, kept, new = run.shares(t)
        following = []
        for chance, law in states:
            chosen = run.chosen_from(law, t)
            for part, found in _samples(chosen, winners):
                parts = zip(run.reference, law, found, strict=True)
                after = [real * q + kept * p + new * run.number(e) for q, p, e in parts]
                following.append((chance * part, after))
        states = following
        columns = zip(*(([chance * p for p in law]) for chance, law in states), strict=True)
        expected.append([sum(column, run.number(0)) for column in columns])
    return expected


def _samples(law: Numbers, number: int) -> Iterator[tuple[Number, Fractions]]:
    """Yield the probability of each sample of this number of draws, and its empirical law."""
    for drawn in combinations_with_replacement(range(len(law)), number):
        counts = [drawn.count(i) for i in range(len(law))]
        orders = math.factorial(number) // math.prod(map(math.factorial, counts))
        mass = math.prod((law[i] for i in drawn), start=law[0] * 0 + 1)
        if not mass == 0:  # noqa: SIM201 — of balls, unless it is zero for certain
            yield orders * mass, tuple(Fraction(count, number) for count in counts)


def _network(models: list[InstanceRun], mixing: tuple[Fractions, ...]) -> list[list[Numbers]]:
    """Return the laws of all models, step by step."""
    number = models[0].number
    rows = [[number(share) for share in row] for row in mixing]
    steps = [[model.law(0) for model in models]]
    for t in range(models[0].steps):
        pairs = zip(models, steps[-1], strict=True)
        chosen = [model.chosen_from(law, t) for model, law in pairs]
        pool = [[dot(row, column) for column in zip(*chosen, strict=True)] for row in rows]
        after = []
        for model, law, curated in zip(models, steps[-1], pool, strict=True):
            real, kept, new = model.shares(t)
            parts = zip(model.reference, law, curated, strict=True)
            after.append([real * q + kept * p + new * c for q, p, c in parts])
        steps.append(after)
    return steps


class WiderRun(TriedRun):
    """A run of a wider loop.

    Attributes
    ----------
    instance : TrainingSets, NetworkOf or PromptsOf
        The loop.
    views : list of RuledRun
        What claims about shares speak of: the mean law, each model, the law on pairs of a prompt
        and an answer.
    """

    def __init__(self, instance: Wider, run: Callable[[RuledInstance], InstanceRun]) -> None:
        self.instance = instance
        self.views = views_of(instance, run)
        first = self.views[0]
        self.kind, self.arithmetic, self.steps = first.kind, first.arithmetic, first.steps
        self.is_degenerate = all(view.is_degenerate for view in self.views)

    def meets(self, hypothesis: Hypothesis) -> bool:
        return all(view.meets(hypothesis) for view in self.views)


class ExactWiderRun(WiderRun):
    """A wider run in rationals."""

    def __init__(self, instance: Wider) -> None:
        super().__init__(instance, ExactRuledRun)


class CertifiedWiderRun(WiderRun):
    """The same in balls."""

    def __init__(self, instance: Wider, bits: int = 128) -> None:
        self.bits = bits
        super().__init__(instance, lambda part: CertifiedRuledRun(part, bits))


def wider_instances(seed: int) -> Iterator[Wider]:
    """Yield random wider loops: 2 or 3 atoms, K from 1 to 3, 1 to 3 steps.

    Training sets have 1 to 3 winners; networks have 2 or 3 models; there are 2 or 3 prompts.
    """
    source = random.Random(f"wider {seed}")
    while True:
        size, K, steps = source.choice((2, 2, 3)), source.choice((1, 2, 2, 2, 3, 3)), 1
        steps += source.random() < 2 / 3
        kind = source.randrange(4)
        if kind >= 2:
            loop = instance_of(source, size, K, steps + (size == 2))
            yield TrainingSets(loop, source.choice((1, 2, 2, 3)))
            continue
        loops = [
            replace(instance_of(source, size, K, steps), training=None, second=None)
            for _ in range(source.choice((2, 2, 3)))
        ]
        if kind == 1:
            rows = [[source.randint(0, 3) for _ in loops] for _ in loops]
            for j, row in enumerate(rows):
                row[j] += 1
            yield NetworkOf(
                tuple(replace(loop, reference=loops[0].reference) for loop in loops),
                tuple(tuple(Fraction(x, sum(row)) for x in row) for row in rows),
            )
        else:
            lam, retained = loops[0].lam, loops[0].retained
            yield PromptsOf(
                law_of(source, len(loops)),
                tuple(replace(loop, lam=lam, retained=retained) for loop in loops),
            )
