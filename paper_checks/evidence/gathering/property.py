"""Property evidence: a search for counterexamples in floating point, with Hypothesis."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, assume, given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st

from recurate.paper_checks.evidence.check import Check
from recurate.paper_checks.evidence.evidence import Evidence
from recurate.paper_checks.evidence.gathering.exact_and_certified import tried_in_balls
from recurate.paper_checks.evidence.gathering.tally import Tally
from recurate.paper_checks.runs.drawing import by_the_seed_alone
from recurate.paper_checks.runs.setting import BITS, Searched


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
        With the smallest counterexample that Hypothesis found as witness, if there is one: in balls
        if they certify it, and otherwise with the reason why they do not.
    """
    tally = Tally(decides=False)
    setting = check.setting
    violating: list[Searched] = []

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
        searched = setting.searched(loop, steps, data)
        if not check.speaks_of(searched.run):
            assume(check.is_open is None)  # another loop is drawn for one that decides nothing
            return
        failed = tally.add(check, searched.run, searched.described, lambda: searched.replay(name))
        if failed is not None:
            violating[:] = [searched]
            raise _RefutedError(failed.where)

    with contextlib.suppress(_RefutedError), by_the_seed_alone():
        search()
    found = tally.evidence(
        "property", tried=setting.tried["property"], allowance=setting.allowance, seed=seed
    )
    return replace(found, **_certified(check, violating[0], name)) if violating else found


def _certified(check: Check, violating: Searched, name: str) -> dict[str, Any]:
    """Return a witness in balls for the same loop, or the reason why there is none."""
    if violating.instance is None:
        return {"cause": "such loops are computed in floating point only"}
    try:
        again = tried_in_balls(check, violating.instance(), name)
    except Exception as error:  # that the floats violate the claim is known already
        return {"cause": f"the computation in balls fails with {type(error).__name__}: {error}"}
    if again.witness is not None:
        return {"witness": again.witness}
    if not again.cases:
        return {"cause": "in balls it is not certain that the loop meets the hypotheses"}
    if again.undecided:
        return {"cause": f"balls of {BITS[-1]} bits leave the sign open"}
    return {"cause": "balls do not confirm it: the float engine errs by more than it states"}
