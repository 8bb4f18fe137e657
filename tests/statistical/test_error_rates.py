"""The error rates of the statistical tests, together."""

import inspect
from pathlib import Path

LARGEST = 1e-6


def test_family_wise_error_rate(request):
    """By the union bound, a correct program fails one of these tests at most that often."""
    rates = [
        item.get_closest_marker("error_rate").kwargs
        for item in request.session.items
        if item.get_closest_marker("error_rate") is not None
    ]
    assert all(rate["null"] and rate["size"] and rate["rate"] > 0 for rate in rates)
    assert sum(rate["rate"] for rate in rates) <= LARGEST


def test_every_statistical_test_states_its_rate(request):
    """Tests in this folder that draw at random, by their seed, are marked."""
    here = Path(__file__)
    for item in request.session.items:
        is_marked = item.get_closest_marker("error_rate") is not None
        if item.path.parent == here.parent and item.path != here and not is_marked:
            source = inspect.getsource(item.function)
            assert "simulate_loop(" not in source, item.nodeid
            assert "curate(" not in source, item.nodeid
