"""Trying a statement, or what someone made of it: a small counterexample, and the proof's steps.

A claim with another bound, or without a hypothesis, is put through the evidence of the statement
that it was made from. What is found in floating point is computed again in balls, so that a witness
is certain, and then it is made small.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import flint
import numpy as np
import sympy

from recurate.paper_checks.catalogue import CHECKS
from recurate.paper_checks.evidence.check import START, Bound, Check, Margin, midpoint
from recurate.paper_checks.evidence.evidence import Evidence, MutantOutcome
from recurate.paper_checks.evidence.gathering.exact_and_certified import (
    certified_evidence,
    exact_evidence,
)
from recurate.paper_checks.evidence.gathering.mutants import mutant_outcomes
from recurate.paper_checks.evidence.gathering.property import property_evidence
from recurate.paper_checks.evidence.kinds import EFFORTS, Level
from recurate.paper_checks.hunt.margins import CheckConjecture
from recurate.paper_checks.hunt.search import Search
from recurate.paper_checks.hunt.space import space_of
from recurate.paper_checks.runs.instances import Instance
from recurate.paper_checks.runs.setting import BITS, CURATION, TriedInstance
from recurate.paper_checks.runs.small_instances import simpler
from recurate.paper_checks.trials.trial import Counterexample, Trial
from recurate.theory.catalogue import statement
from recurate.theory.proving.justifications import Combination
from recurate.theory.proving.proof import Proof, Step, Verification
from recurate.theory.proving.signs import difference, has_symbol_side
from recurate.theory.statement import Statement

_SEARCHED: dict[Level, int] = {"quick": 120, "full": 2000}  # loops that the optimisers try
_SIMPLER = 300  # loops tried to make a counterexample small
_LONGER = 10  # steps of small loops in balls


def check(tried: str | Statement | Check, *, level: Level = "quick", seed: int = 0) -> Trial:
    """Try a statement, as it is or altered: look for a counterexample, and check its proof.

    Parameters
    ----------
    tried : str, Statement or Check
        Id of a result, such as "theorem-2.3"; or what `recurate.statement` returned, altered by
        ``with_bound`` and ``without``; or the check of a statement of your own
        (`recurate.paper_checks.evidence.check.Check`), altered by ``check.of(statement)``.
    level : {"quick", "full"}
        How much is tried: seconds or minutes.
    seed : int
        Seed of every search.

    Returns
    -------
    Trial
        It prints verdict, least margin, smallest certified counterexample and failing proof step.

    Raises
    ------
    TypeError
        If `tried` is of another type.
    ValueError
        If there is no such result, no such level, or a bound has a symbol that is not known.

    Examples
    --------
    >>> import recurate
    >>> theorem = recurate.statement("theorem-2.3")
    >>> twice = recurate.check(theorem.with_bound("2*bound - mean_weight"))
    >>> twice.verdict, twice.failing_step.step.label
    ('refuted', 'base')
    >>> recurate.check(theorem.with_bound("mean_weight")).verdict
    'holds'
    """
    begin = time.perf_counter()
    if level not in EFFORTS:
        raise ValueError(f"level must be one of {', '.join(EFFORTS)}; got {level!r}")
    own, altered = _checks_of(tried)
    search = _Search(own, altered, level, seed)
    evidence = tuple(search.evidence())
    found = search.found
    return Trial(
        statement=altered.statement,
        original=own.statement,
        evidence=evidence,
        counterexample=None if found is None else _made_small(altered, found),
        proof=_verified(altered.statement, own.statement),
        broken_by=search.broken_by,
        mutants=search.mutants() if altered.mutants else (),
        seconds=time.perf_counter() - begin,
    )


def _checks_of(tried: str | Statement | Check) -> tuple[Check, Check]:
    """Return the check of the statement that was altered, and that of what was made of it."""
    if isinstance(tried, Check):
        return tried.original or tried, tried
    told = statement(tried) if isinstance(tried, str) else tried
    if not isinstance(told, Statement):
        raise TypeError(f"tried must be an id, a Statement or a Check; got {type(told).__name__}")
    if told.id not in CHECKS:
        raise ValueError(
            f"a statement of your own needs a Check, which says what its margins are; got the "
            f"statement {told.id!r} without one"
        )
    return CHECKS[told.id], CHECKS[told.id].of(told)


class _Search:
    """A search for a counterexample: small loops, random ones, then an adversary.

    Attributes
    ----------
    found : TriedInstance or None
        A certain counterexample, not yet made small.
    breaking : dict
        From each hypothesis that was dropped to the loops tried that do not meet it.
    """

    def __init__(self, own: Check, altered: Check, level: Level, seed: int) -> None:
        self.own, self.altered, self.seed = own, altered, seed
        self.effort, self.searched = EFFORTS[level], _SEARCHED[level]
        self.found: Any = None
        left = {hypothesis.name for hypothesis in altered.statement.hypotheses}
        self.dropped = [h for h in own.statement.hypotheses if h.name not in left]
        self.breaking: dict[str, set[Any]] = {h.name: set() for h in self.dropped}
        small = altered.setting.small_instances()
        if not altered.is_exact:  # balls do not grow with the steps
            small = tuple(replace(instance, steps=_LONGER) for instance in small)
        self.check = replace(altered, margins=self._margins, instances=small + altered.instances)

    def _margins(self, run: Any, bound: Bound) -> Iterable[Margin]:
        margins = list(self.altered.margins(run, bound))
        for hypothesis in self.dropped if margins else ():
            is_moved = hypothesis.name == START and getattr(run.instance, "initial", None)
            if is_moved or not self.own.meets(run, hypothesis):
                self.breaking[hypothesis.name].add(run.instance)  # which is run with more bits, too
        return margins

    @property
    def broken_by(self) -> dict[str, int]:
        """As in `Trial`."""
        return {name: len(loops) for name, loops in self.breaking.items()}

    def evidence(self) -> Iterator[Evidence]:
        """Yield the evidence, a piece a kind, until there is a counterexample."""
        arguments: dict[str, Any] = {"name": self.altered.statement.id, "seed": self.seed}
        if self.check.is_exact:
            yield exact_evidence(
                self.check, cases=self.effort.exact, on_witness=self._keep, **arguments
            )
        if self.found is None:
            # What rationals have decided need not be tried again in balls.
            own = self.altered.instances if self.check.is_exact else self.check.instances
            yield certified_evidence(
                replace(self.check, instances=own),
                cases=self.effort.certified,
                on_witness=self._keep,
                **arguments,
            )
        if self.found is None and self.check.setting is CURATION:
            yield self._hunted()
        elif self.found is None and self.altered is self.own:
            yield property_evidence(self.altered, cases=self.searched, **arguments)

    def _keep(self, instance: TriedInstance) -> None:
        self.found = instance

    def _hunted(self) -> Evidence:
        """Search in floating point, with optimisers; what they find is certain."""
        begin = time.perf_counter()
        conjecture = CheckConjecture(self.altered.statement.id, self.altered)
        space = space_of((2, 6), (1, 30), (2, 3, 4, 8, 16, 100, math.inf), None)
        source = np.random.default_rng(self.seed)
        search = Search(conjecture, space, source, math.inf, self.searched, None)
        search.run(self.searched, has_own_cases=True)
        if search.found is not None:
            self.found = search.found[0].instance()
        case, margin, where = search.best or (None, None, "")
        return Evidence(
            kind="property",
            cases=search.evaluations,
            seconds=time.perf_counter() - begin,
            tried="an adversarial search in floating point, as in recurate hunt; 2 to 6 atoms, "
            "K from 2 to 100 and inf, all λ, 1 to 30 steps",
            seed=self.seed,
            nontrivial=search.evaluations,
            least_margin=margin,
            attained=where if case is None else f"{case.loop!r}, at {where}",
        )

    def mutants(self) -> tuple[MutantOutcome, ...]:
        """Return what comes of the nearby false claims."""
        return tuple(
            mutant_outcomes(
                self.own,
                name=self.own.statement.id,
                exact_cases=self.effort.exact,
                certified_cases=self.effort.certified,
                seed=self.seed,
            )
        )


def _made_small(check: Check, instance: TriedInstance) -> Counterexample:
    """Return a counterexample near one that was found, as short as it gets step by step."""
    found = next(one for bits in BITS if (one := _refuting(check, instance, bits)) is not None)
    left = _SIMPLER
    while isinstance(found.instance, Instance) and left > 0:
        nearby = list(islice(simpler(found.instance), left))
        for other in nearby:
            left -= 1
            smaller = _refuting(check, other, BITS[0])
            if smaller is not None:
                found = smaller
                break
        else:
            break
    return found


def _refuting(check: Check, instance: Any, bits: int) -> Counterexample | None:
    """Return the worst margin of a loop, if it is certainly negative."""
    is_exact = check.is_exact and instance.is_small
    setting = check.setting
    run = setting.exact_run(instance) if is_exact else setting.certified_run(instance, bits)
    with flint.ctx.workprec(bits):
        margins = check.margins_of(run) if check.speaks_of(run) else []
        negative = [margin for margin in margins if margin.value < 0]
        if not negative:
            return None
        worst = min(negative, key=lambda margin: midpoint(margin.value))
        return Counterexample(run.instance, worst, "exact" if is_exact else "certified")


def _verified(tried: Statement, original: Statement) -> tuple[Verification, ...]:
    """Return the proof's steps, checked; a weaker bound may follow from the old one."""
    steps = tried.proof.verify()
    if tried.bound == original.bound or all(step.state != "failed" for step in steps):
        return steps
    dropped = {h.name for h in original.hypotheses} - {h.name for h in tried.hypotheses}
    for name in dropped:
        original = original.without(name)
    with_old_bound = original.proof
    given = tuple(
        label
        for label, premise in with_old_bound.supposed.items()
        if isinstance(premise, sympy.Rel)
        and not isinstance(premise, sympy.Eq)
        and has_symbol_side(premise)
    )
    less = Step(
        "another bound",
        tried.claim,
        "The bound is no better than the statement's own.",
        Combination(
            {with_old_bound.steps[-1].label: 1},
            given=given,
            remainder=difference(tried.claim) - difference(original.claim),
        ),
    )
    longer = Proof((*with_old_bound.steps, less), with_old_bound.supposed, with_old_bound.general)
    checked = longer.verify()
    return checked if all(step.state != "failed" for step in checked) else steps
