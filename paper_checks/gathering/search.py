"""Property evidence: a search for counterexamples in floating point, with Hypothesis."""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st

from recurate.paper_checks.check import Check
from recurate.paper_checks.evidence import Evidence
from recurate.paper_checks.gathering.tally import Tally


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
    @given(loop=check.loops, steps=st.integers(*check.setting.steps), data=st.data())
    def search(loop: Any, steps: int, data: st.DataObject) -> None:
        run, described, replay = check.setting.searched(loop, steps, data)
        if not check.speaks_of(run):
            return
        failed = tally.add(check, run, described, lambda: replay(name))
        if failed is not None:
            raise _RefutedError(failed.where)

    with contextlib.suppress(_RefutedError):
        search()
    setting = check.setting
    return tally.evidence(
        "property", tried=setting.tried["property"], allowance=setting.allowance, seed=seed
    )
