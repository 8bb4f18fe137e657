"""Exact and certified evidence: loops given by exact numbers, without rounding or in balls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import TypeVar

import flint

from recurate.paper_checks.check import Check
from recurate.paper_checks.evidence import Evidence, Kind
from recurate.paper_checks.gathering.tally import Tally
from recurate.paper_checks.instances import Instance, irrational_instances, rational_instances
from recurate.paper_checks.run_kinds import CertifiedRun, ExactRun
from recurate.paper_checks.runs import Run

_Run = TypeVar("_Run", bound=Run)

BITS = (128, 256, 512)
"""Precisions of certified evidence: the next one is tried where a sign is left open."""

TRIED_EXACTLY = (
    "rational weights and masses of many sizes, 1 to 4 atoms, K from 1 to 4 and inf, λ from 0 to "
    "100, shares of 1/(K-1), and inf; 1 to 4 steps"
)
TRIED_CERTIFIED = (
    "irrational weights e^r with r spanning 0 to 50, 1 to 8 atoms, masses to 1e-12, K from 2 to "
    "1e4 and inf, λ as in exact evidence, 2 or 3 steps; and rational weights"
)


@lru_cache(maxsize=4)
def _exact_pool(seed: int, cases: int) -> tuple[ExactRun, ...]:
    """Return the random runs in rationals that all checks share: each is computed once."""
    return tuple(ExactRun(instance) for instance in islice(rational_instances(seed), cases))


@lru_cache(maxsize=4)
def _certified_pool(seed: int, cases: int) -> tuple[CertifiedRun, ...]:
    irrational = islice(irrational_instances(seed), cases - cases // 4)
    rational = islice(rational_instances(seed + 1), cases // 4)
    return tuple(CertifiedRun(instance, BITS[0]) for instance in (*irrational, *rational))


def exact_evidence(check: Check, *, name: str, cases: int, seed: int) -> Evidence:
    """Test the claim's rational core without rounding: on its own instances, and on random ones.

    Parameters
    ----------
    check : Check
        What to test.
    name : str
        Name of the check or mutant, for the lines that replay a witness.
    cases : int
        Number of random loops; those that meet the hypotheses count.
    seed : int
        Seed; the same seed draws the same loops.

    Returns
    -------
    Evidence
        With the first counterexample as witness, if there is one.
    """
    tally = Tally(decides=True)
    own = (ExactRun(instance) for instance in check.instances if instance.is_small)
    for run in _spoken_of(check, own, lambda: _exact_pool(seed, cases)):
        if tally.add(check, run, *_words(run, name)):
            break
    return tally.evidence(
        "exact", tried=TRIED_EXACTLY, allowance="none: rational arithmetic", seed=seed
    )


def certified_evidence(check: Check, *, name: str, cases: int, seed: int) -> Evidence:
    """Test the claim in balls that contain the true values, irrational weights included.

    A margin whose ball is above zero is a theorem about that loop. Where a ball contains zero and
    the statement lists no equality, more bits are used, up to the last of `BITS`.

    Parameters
    ----------
    check, name, cases, seed
        As in `exact_evidence`.

    Returns
    -------
    Evidence
        With the first certain counterexample as witness, if there is one.
    """
    tally = Tally(decides=True)
    own = (CertifiedRun(instance, BITS[0]) for instance in check.instances)
    for run in _spoken_of(check, own, lambda: _certified_pool(seed, cases)):
        if _add_certified(tally, check, run, name):
            break
    return tally.evidence(
        "certified",
        tried=TRIED_CERTIFIED,
        allowance="none: every rounding and truncation is inside the balls",
        seed=seed,
    )


def _add_certified(tally: Tally, check: Check, run: CertifiedRun, name: str) -> bool:
    for bits in BITS:
        if bits > run.bits:
            run = CertifiedRun(run.instance, bits)
        attempt = Tally(decides=True)
        with flint.ctx.workprec(bits):
            attempt.add(check, run, *_words(run, name))
        if attempt.witness is not None or not attempt.undecided:
            break
    tally.merge(attempt)
    return tally.witness is not None


def _spoken_of(
    check: Check, own: Iterable[_Run], pool: Callable[[], tuple[_Run, ...]]
) -> Iterator[_Run]:
    """Yield the runs that meet the hypotheses; the pool is only made when it is needed."""
    # In the precision of certified runs: what a run keeps, such as its moments, is kept in it.
    with flint.ctx.workprec(BITS[0]):
        spoken_of = [run for run in own if check.speaks_of(run)]
    yield from spoken_of
    with flint.ctx.workprec(BITS[0]):
        spoken_of = [run for run in pool() if check.speaks_of(run)]
    yield from spoken_of


def _words(run: ExactRun | CertifiedRun, name: str) -> tuple[Callable[[], str], Callable[[], str]]:
    return lambda: str(run.instance), lambda: replay_lines(run.instance, name, run.kind)


def replay_lines(instance: Instance, name: str, kind: Kind | str) -> str:
    """Return the lines of Python that show an instance's margins again."""
    return (
        "import math\n"
        "from fractions import Fraction\n"
        "from recurate.paper_checks.instances import Instance\n"
        "from recurate.paper_checks.replay import least_margin\n"
        f"instance = {instance.to_python()}\n"
        f"print(least_margin({name!r}, instance, kind={kind!r}))"
    )
