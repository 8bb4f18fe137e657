"""A few results, checked with little effort, and their pages."""

import pytest

from recurate.pages.report.report import report_pages
from recurate.paper_checks import runner
from recurate.paper_checks.evidence import manifest
from recurate.paper_checks.evidence.kinds import Effort

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
