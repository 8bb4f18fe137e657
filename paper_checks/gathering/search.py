"""Property evidence: a search for counterexamples in floating point, with Hypothesis."""

from __future__ import annotations

import contextlib

import numpy as np
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st

from recurate.numerics.loop import CurationLoop
from recurate.numerics.validation import FloatArray
from recurate.paper_checks.check import Check
from recurate.paper_checks.evidence import Evidence
from recurate.paper_checks.gathering.tally import Tally
from recurate.paper_checks.run_kinds import EngineRun
from recurate.paper_checks.strategies import second_laws

STEPS = 60
"""Longest trajectory of the search."""

TRIED = (
    "laws of 1 to 12 atoms, probabilities from 1e-12, rewards spanning 0 to 50; K from 1 to 1e4 "
    f"and inf, λ from 0 to 1e4 and inf (as the hypotheses allow); 1 to {STEPS} steps"
)

ALLOWANCE = (
    "the engine's stated error of log H and of log p_t, carried to the margin by ball arithmetic"
)


class _RefutedError(Exception):
    """Raised inside the search at a counterexample, so that Hypothesis makes it small."""


def property_evidence(check: Check, *, name: str, cases: int, seed: int) -> Evidence:
    """Search for a counterexample in floating point.

    Parameters
    ----------
    check : Check
        What to search.
    name : str
        Name of the check or mutant, for the lines that replay a witness.
    cases : int
        Number of loops to draw.
    seed : int
        Seed; the same seed draws the same loops.

    Returns
    -------
    Evidence
        With the smallest counterexample that Hypothesis found as witness, if there is one.
    """
    tally = Tally(decides=False)

    @with_seed(seed)
    @settings(
        max_examples=cases,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
    )
    @given(loop=check.loops, steps=st.integers(1, STEPS), data=st.data())
    def search(loop: CurationLoop, steps: int, data: st.DataObject) -> None:
        second = data.draw(second_laws(loop.law.size))
        run = EngineRun(loop, steps, second)
        if not check.speaks_of(run):
            return
        replay = _replay(loop, steps, second, name)
        failed = tally.add(check, run, lambda: described(loop, steps, second), lambda: replay)
        if failed is not None:
            raise _RefutedError(failed.where)

    with contextlib.suppress(_RefutedError):
        search()
    return tally.evidence("property", tried=TRIED, allowance=ALLOWANCE, seed=seed)


def described(loop: CurationLoop, steps: int, second: FloatArray) -> str:
    """Return a loop as the Python expressions that make it, and its second law."""
    law = loop.law
    return (
        f"RewardLaw({law.rewards.tolist()}, {law.probs.tolist()}), K={loop.K:g}, "
        f"lam={loop.lam!r}, steps={steps}, second={second.tolist()}"
    )


def _replay(loop: CurationLoop, steps: int, second: FloatArray, name: str) -> str:
    law = loop.law
    K, lam = (f"float({str(x)!r})" if np.isinf(x) else repr(x) for x in (loop.K, loop.lam))
    return (
        "from recurate import CurationLoop, RewardLaw\n"
        "from recurate.paper_checks.replay import least_margin\n"
        f"law = RewardLaw({law.rewards.tolist()}, {law.probs.tolist()})\n"
        f"loop = CurationLoop(law, K={K}, lam={lam})\n"
        f"print(least_margin({name!r}, loop, steps={steps}, second={second.tolist()}))"
    )
