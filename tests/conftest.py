"""What holds for every test.

Nothing depends on how fast the machine is, and a proof is verified once in a run. Statistical tests
state their error rates; the sum is kept, and printed at the end of a run.
"""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from .browser import browser, visit  # noqa: F401 (fixtures of all tests that look at pages)

settings.register_profile("any_speed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any_speed")

PROOFS = "tests/theory/test_proofs.py"

MARK = "error_rate(rate, null, size): probability of a false alarm, null hypothesis, sample size"


def pytest_configure(config):
    config.addinivalue_line("markers", MARK)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Collect tests without collecting garbage: a third of the time went to it, for next to none.

    What was made here stays to the end, and is not looked through again while tests run.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items):
    # First the proofs, which later tests take from the cache: the sort keeps the order of the rest.
    items.sort(key=lambda item: not item.nodeid.startswith(PROOFS))


@pytest.fixture(autouse=True, scope="session")
def cache_of_this_run(tmp_path_factory):
    """One cache of verified proofs for all tests and workers; what alters proofs has its own."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.setenv("RECURATE_TRACEBACK", "1")  # no defect ends in a line that a test may overlook
        yield


def pytest_runtest_setup(item):
    mark = item.get_closest_marker("error_rate")
    if mark is not None:  # on the report, which also comes from other processes
        item.user_properties.append(("error_rate", mark.kwargs["rate"]))


def pytest_terminal_summary(terminalreporter):
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, [])]
    rates = [
        rate
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, rate in report.user_properties
        if name == "error_rate"
    ]
    if rates:
        terminalreporter.write_line(
            f"{len(rates)} statistical tests; family-wise error rate at most {sum(rates):.3g}"
        )
