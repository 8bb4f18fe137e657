"""A few results, checked with little effort, and their pages."""

from dataclasses import replace

import pytest

from recurate.pages.report.report import report_pages
from recurate.paper_checks import runner
from recurate.paper_checks.evidence import manifest
from recurate.paper_checks.evidence.evidence import MutantOutcome, Witness
from recurate.paper_checks.evidence.kinds import Effort
from recurate.theory.statement import Hypothesis

from .inspected import HOSTILE

NAMES = ("ratio-bound", "theorem-2.3", "theorem-2.2", "two-basins-limit-finite", "reward-monotone")
"""One that Rocq checked, one with few and one with many steps, one that is false, one open."""


@pytest.fixture(autouse=True)
def any_sources(monkeypatch):
    """Take the manifest of formal proofs as it is: which sources it is of is not the point here."""
    monkeypatch.setattr(manifest, "require_current", lambda *_: None)


@pytest.fixture(scope="session")
def results():
    little = Effort(property=6, exact=20, certified=6, sampled=2, uses_cache=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(runner.EFFORTS, "quick", little)
        patch.setattr(manifest, "require_current", lambda *_: None)
        return list(runner.run_checks(NAMES))


@pytest.fixture(scope="session")
def pages(results):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "require_current", lambda *_: None)
        return dict(report_pages(results, seed=0, level="quick", command="recurate check --html D"))


@pytest.fixture(scope="session")
def hostile(results):
    """A result in which every text is hostile, to be put into every place of a page."""
    result = results[1]
    witness = Witness(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    statement = replace(
        result.statement,
        title=HOSTILE,
        label=HOSTILE,
        hypotheses=(Hypothesis(HOSTILE, HOSTILE),),
        source=HOSTILE,
        remarks=(HOSTILE,),
        equality_cases=(HOSTILE,),
        infinite_candidates=HOSTILE,
        law=HOSTILE,
        bound_law="p_" + HOSTILE,
    )
    evidence = [
        replace(
            piece,
            tried=HOSTILE,
            allowance=HOSTILE,
            cause=HOSTILE,
            error=HOSTILE,
            attained=HOSTILE,
            witness=witness,
            nearest=tuple(
                replace(near, loop=HOSTILE, where=HOSTILE, replay=HOSTILE) for near in piece.nearest
            ),
        )
        for piece in result.evidence
    ]
    mutants = (MutantOutcome(HOSTILE, witness, "exact"), MutantOutcome(HOSTILE, None, None))
    return replace(result, statement=statement, evidence=tuple(evidence), mutants=mutants)
