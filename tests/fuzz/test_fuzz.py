"""Nothing that is typed, read or found in a folder breaks a command: a short run of `make fuzz`."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .cases import ALL

EXAMPLES = {"tables": 60, "words": 25, "folders": 8, "checkpoints": 15, "caches": 4}


@pytest.mark.parametrize("name", ALL)
def test_nothing_breaks_a_command(name):
    short = settings(
        max_examples=EXAMPLES[name],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    short(given(st.data())(ALL[name]))()
