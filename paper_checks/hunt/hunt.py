"""The hunt for a counterexample to a conjecture about the retraining loop.

Global and local optimisers of scipy look for loops with a small margin, in floating point. A
margin that is negative beyond its noise is a candidate; it is computed again in balls, at the very
same numbers, and only a ball that is certainly negative refutes the conjecture.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from recurate.numerics.loop import CurationLoop
from recurate.numerics.pieces import ExecutorLostError, WorkerLostError, in_order, width
from recurate.numerics.validation import count, shown
from recurate.paper_checks.hunt.margins import (
    Case,
    Conjecture,
    described,
)
from recurate.paper_checks.hunt.search import Found
from recurate.paper_checks.hunt.searches import (
    ATOMS,
    CANDIDATES,
    RESTARTS,
    Asked,
    lengths,
    searched,
)

SECONDS = 60.0
"""Seconds that a hunt takes by default."""

RESTART = 200
"""Evaluations of one restart by default."""

Verdict = Literal["refuted", "violated", "open"]


@dataclass(frozen=True, eq=False)
class Hunt:
    """What came of a hunt.

    Attributes
    ----------
    conjecture : str
        Its name: the id, or the function's name.
    verdict : {"refuted", "violated", "open"}
        Refuted by a certified counterexample; violated in floating point, beyond the noise, but not
        certified; or open: none was found, which proves nothing.
    least_margin : float
        The counterexample's margin; if open, the margin behind `least_share`; NaN if no margin
        ever stood out of the noise.
    ball : str
        If refuted, the ball that contains the margin's true value; empty otherwise.
    where : str
        The place of that margin.
    loop : CurationLoop or None
        The loop that has it; its floats are exact.
    steps : int
        Number of its steps.
    least_share : float
        Smallest margin over the largest absolute one of its run: free of scale.
    lowest_dip : float
        Smallest margin over the geometric mean of its two neighbours in the function's array: for
        differences over t, which shrink together as a loop converges, this is small only where
        one is small by itself. As `least_share` where there are fewer than three.
    evaluations : int
        Number of loops looked at in floating point.
    seconds : float
        Time taken.
    seed : int
        Seed.
    replay : str
        Lines of Python that show the margin again.
    note : str
        If violated, why that is not certified; empty otherwise.
    """

    conjecture: str
    verdict: Verdict
    least_margin: float
    ball: str
    where: str
    loop: CurationLoop | None
    steps: int
    least_share: float
    lowest_dip: float
    evaluations: int
    seconds: float
    seed: int
    replay: str
    note: str = ""

    def __str__(self) -> str:
        """Return verdict, margin, loop and effort, in lines."""
        effort = f"{self.evaluations} evaluations, {self.seconds:.1f} s, seed {self.seed}"
        verdict = f"{self.verdict}, not certified: {self.note}" if self.note else self.verdict
        lines = [f"{self.conjecture}: {verdict} ({effort})"]
        place = self.where if self.where.startswith("after") else f"at {self.where}"
        if self.verdict == "refuted":
            lines.append(f"  margin {self.ball} {place}, certified, for")
        elif self.verdict == "violated":
            lines.append(
                f"  margin {self.least_margin:.6g} {place}, in floating point and beyond "
                "its noise, for"
            )
        elif self.loop is None:
            lines.append("  no margin ever stood out of the rounding")
        else:
            lines.append("  no certified counterexample found, which proves nothing")
            lines.append(
                f"  least margin over the largest of its run {self.least_share:.3g}, over its "
                f"neighbours' mean {self.lowest_dip:.3g}"
            )
            lines.append(f"  least margin {self.least_margin:.6g} {place}, for")
        if self.loop is not None:
            lines.append(f"  {described(Case(self.loop, self.steps))}")
        return "\n".join(lines)


def hunt(
    margin: Callable[[Any, Any], Any] | str,
    *,
    budget: float | None = None,
    evaluations: int | None = None,
    seed: int = 0,
    atoms: tuple[int, int] = ATOMS,
    steps: tuple[int, int] = (1, 30),
    candidates: Sequence[float] = CANDIDATES,
    mixing: Any = None,
    loops: Any = None,
    restart: int = RESTART,
    on_progress: Callable[[int, float], None] | None = None,
    executor: Executor | None = None,
) -> Hunt:
    """Search for a loop that breaks a conjecture, adversarially and for a given time.

    Parameters
    ----------
    margin : callable or str
        A function of a loop and its trajectory (`CurationLoop` and `Trajectory`, from p_ref) that
        returns a number or an array; the conjecture is that all of them are at least 0. It
        returns an empty array where the conjecture does not speak. Or an id of the catalogue,
        such as "theorem-2.4", or of a mutant, "theorem-2.4#0". A conjecture of the catalogue is
        hunted only where it is open, even if the other arguments allow more.
    budget : float, optional
        Seconds; 60 unless `evaluations` is given. A counterexample found ends the hunt, after
        a few more seconds in which it is made small.
    evaluations : int, optional
        Number of loops to look at, in place of seconds or beside them. With it alone, the same
        seed gives the same result.
    seed : int
        Seed of the search.
    atoms, steps : tuple of int
        Least and largest number of atoms of the law, and of steps.
    candidates : sequence of numbers
        Values of K, at least 1, infinity allowed; small ones first: they are drawn more often.
    mixing : float, tuple or callable, optional
        λ, or its least and largest value, or a function of K that returns these; by default all
        of [0, inf], with the pure loop and λ below 1/(K-1) drawn more often. The ends of a range
        are approached, not taken.
    loops : search strategy of CurationLoop, optional
        Loops of more than K and λ, such as ``recurate.strategies.loops()`` with voters, stages and
        accumulated data, in place of `atoms`, `candidates` and `mixing`. The search draws loops and
        varies their numbers: rewards, scores, masses, λ. `steps` is for those without sequences.
    restart : int
        Evaluations after which the search starts anew.
    on_progress : callable, optional
        Called with the number of evaluations and the least share so far, after each restart.
    executor : concurrent.futures.Executor, optional
        What carries out the searches of which a hunt consists, side by side; without it they are,
        one after another, here. Its calls must run in processes, not in threads of this one, and
        the function must be one that can be sent there. With `evaluations` alone, the result is
        the same.

    Returns
    -------
    Hunt
        The counterexample, if there is one, and what was searched.

    Raises
    ------
    TypeError
        If an argument, or what the function returns, has the wrong kind.
    ValueError
        If one is out of range, the function returns NaN, or there is no such id.

    Notes
    -----
    In the certified run the function gets the same names with arrays of `Ball`. Arithmetic, sums,
    ``np.diff``, ``np.log``, ``np.exp``, ``np.sqrt``, ``np.where``, ``np.isfinite``, ``np.minimum``
    work on them; ``math.log`` and ``float`` do not. If the function fails on them, or compares
    balls that overlap, a violation cannot be certified.

    Examples
    --------
    >>> import numpy as np
    >>> def variance_never_grows(loop, trajectory):
    ...     return -np.diff(trajectory.variance_weight)
    >>> found = hunt(variance_never_grows, evaluations=200, mixing=math.inf)
    >>> found.verdict, found.least_margin < 0
    ('refuted', True)
    """
    begin = time.perf_counter()
    asked = Asked(margin, atoms, steps, candidates, mixing, loops)
    conjecture, _ = asked.prepared()
    seed = count(seed, "seed")
    limit = None if evaluations is None else _positive(count(evaluations, "evaluations"))
    deadline = begin + _seconds(budget, limit)
    restart = max(2, count(restart, "restart"))
    told = on_progress if executor is None else None
    found = Found()

    def searches() -> Iterator[tuple[int, Callable[[], Found]]]:
        left: float = math.inf if limit is None else limit
        for number in itertools.count():
            seconds = deadline - time.perf_counter()
            size = int(min(left, restart * RESTARTS * lengths(number)))
            if size == 0 or (number and seconds <= 0):
                return
            before = found if executor is None else Found()
            yield (
                number,
                partial(searched, asked, seed, number, size, seconds, restart, told, before),
            )
            left -= size

    try:
        with closing(in_order(searches(), executor, ahead=lambda: width(executor))) as outcomes:
            for number, outcome in outcomes:
                if isinstance(outcome, WorkerLostError):
                    raise ExecutorLostError(f"search {number} of the hunt was lost: {outcome}")
                found = found.then(outcome)
                if on_progress is not None and executor is not None:
                    on_progress(found.evaluations, found.shares[0])
                if found.refuted is not None or found.is_given_up:
                    break
    except ExecutorLostError as lost:
        lost.so_far = _result(conjecture, found, seed, begin)
        raise
    return _result(conjecture, found, seed, begin)


def _result(conjecture: Conjecture, found: Found, seed: int, begin: float) -> Hunt:
    case: Case | None = None
    verdict: Verdict = "open"
    margin, where, ball, note = math.nan, "", "", ""
    if found.refuted is not None:
        verdict = "refuted"
        case, margin, where, ball = found.refuted
    elif found.violated is not None:
        verdict = "violated"
        case, margin, where, note = found.violated
    elif found.best is not None:
        case, margin, where = found.best
    return Hunt(
        conjecture=conjecture.name,
        verdict=verdict,
        least_margin=margin,
        ball=ball,
        where=where,
        loop=None if case is None else case.loop,
        steps=0 if case is None else case.steps,
        least_share=found.shares[0],
        lowest_dip=found.shares[1],
        evaluations=found.evaluations,
        seconds=time.perf_counter() - begin,
        seed=seed,
        replay="" if case is None else conjecture.replay(case),
        note=note,
    )


def _seconds(budget: float | None, limit: int | None) -> float:
    if budget is None:
        return SECONDS if limit is None else math.inf
    allowed = "budget must be a positive number of seconds"
    if isinstance(budget, bool) or not isinstance(budget, int | float):
        raise TypeError(f"{allowed}; got {shown(budget)}")
    if not 0 < budget < math.inf:
        raise ValueError(f"{allowed}; got {shown(budget)}")
    return float(budget)


def _positive(evaluations: int) -> int:
    if evaluations == 0:
        raise ValueError("evaluations must be an integer of at least 1; got 0")
    return evaluations
