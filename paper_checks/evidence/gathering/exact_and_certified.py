"""Exact and certified evidence: loops given by exact numbers, without rounding or in balls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import flint

from recurate.paper_checks.evidence.check import Check
from recurate.paper_checks.evidence.evidence import Evidence
from recurate.paper_checks.evidence.gathering.tally import Tally
from recurate.paper_checks.runs.setting import BITS, TriedInstance, replay_lines


def exact_evidence(
    check: Check,
    *,
    name: str,
    cases: int,
    seed: int,
    on_witness: Callable[[TriedInstance], None] | None = None,
) -> Evidence:
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
    on_witness : callable, optional
        Called with the counterexample, if there is one.

    Returns
    -------
    Evidence
        With the first counterexample as witness, if there is one.
    """
    tally = Tally(decides=True)
    setting = check.setting
    own = (setting.exact_run(instance) for instance in check.instances if instance.is_small)
    for run in _spoken_of(check, own, lambda: setting.exact_pool(seed, cases)):
        if tally.add(check, run, *_words(run, name)):
            if on_witness is not None:
                on_witness(run.instance)
            break
    return tally.evidence(
        "exact",
        tried=setting.tried["exact"],
        allowance="none, since rationals are not rounded",
        seed=seed,
    )


def certified_evidence(
    check: Check,
    *,
    name: str,
    cases: int,
    seed: int,
    on_witness: Callable[[TriedInstance], None] | None = None,
) -> Evidence:
    """Test the claim in balls that contain the true values, irrational weights included.

    A margin whose ball is above zero is a theorem about that loop. Where a ball contains zero and
    the statement lists no equality, more bits are used, up to the last of `BITS`.

    Parameters
    ----------
    check, name, cases, seed, on_witness
        As in `exact_evidence`.

    Returns
    -------
    Evidence
        With the first certain counterexample as witness, if there is one.
    """
    tally = Tally(decides=True)
    setting = check.setting
    own = (setting.certified_run(instance, BITS[0]) for instance in check.instances)
    for run in _spoken_of(check, own, lambda: setting.certified_pool(seed, cases)):
        if _add_certified(tally, check, run, name):
            if on_witness is not None:
                on_witness(run.instance)
            break
    return tally.evidence(
        "certified",
        tried=setting.tried["certified"],
        allowance="none, since the balls contain every rounding and truncation",
        seed=seed,
    )


def tried_in_balls(check: Check, instance: TriedInstance, name: str) -> Tally:
    """Return the tally of one instance, in balls with as many bits as it needs."""
    tally = Tally(decides=True)
    run = check.setting.certified_run(instance, BITS[0])
    with flint.ctx.workprec(BITS[0]):
        is_spoken_of = check.speaks_of(run)
    if is_spoken_of:
        _add_certified(tally, check, run, name)
    return tally


def _add_certified(tally: Tally, check: Check, run: Any, name: str) -> bool:
    for bits in BITS:
        if bits > run.bits:
            run = check.setting.certified_run(run.instance, bits)
        attempt = Tally(decides=True)
        with flint.ctx.workprec(bits):
            attempt.add(check, run, *_words(run, name))
        if attempt.witness is not None or not attempt.undecided:
            break
    tally.merge(attempt)
    return tally.witness is not None


def _spoken_of(
    check: Check, own: Iterable[Any], pool: Callable[[], tuple[Any, ...]]
) -> Iterator[Any]:
    """Yield the runs that meet the hypotheses; the pool is only made when it is needed."""
    # In the precision of certified runs: what a run keeps, such as its moments, is kept in it.
    with flint.ctx.workprec(BITS[0]):
        spoken_of = [run for run in own if check.speaks_of(run)]
    yield from spoken_of
    with flint.ctx.workprec(BITS[0]):
        spoken_of = [run for run in pool() if check.speaks_of(run)]
    yield from spoken_of


def _words(run: Any, name: str) -> tuple[Callable[[], str], Callable[[], str]]:
    return lambda: str(run.instance), lambda: replay_lines(run.instance, repr(name), run.kind)
