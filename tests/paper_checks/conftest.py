"""What several tests of the checks need."""

import pytest

from recurate.paper_checks.runs import setting


@pytest.fixture
def nothing_kept():
    """For tests that break code: no run is kept from before, and none of theirs for others."""
    setting.forget_runs()
    yield
    setting.forget_runs()
