"""Running sums, and sums by index, keep their digits over many terms and where terms underflow."""

import math

import numpy as np
import pytest

from recurate.numerics.log_sums import log_sums_by_index, running_log_sums, running_sums


@pytest.mark.parametrize("n", [1, 255, 256, 257, 65536, 300_001])
def test_running_sums(n):
    # Of n uneven terms, against exact sums of the doubles. A plain cumulative sum errs by up to n
    # roundings; here it is by 256 for each of at most three levels.
    terms = np.random.default_rng(n).random(n) ** 8
    found, logs = running_sums(terms), running_log_sums(np.log(terms))
    for i in {0, n // 2, n - 1}:
        exact = math.fsum(terms[: i + 1])
        assert abs(found[i] - exact) <= 3 * 256 * 2**-53 * exact
        assert abs(logs[i] - math.log(exact)) <= 1e-13 * max(1.0, abs(math.log(exact)))


def test_a_million_equal_terms():
    n = 10**6
    found = running_sums(np.full(n, 0.1))
    assert np.abs(found / (np.arange(1, n + 1) * 0.1) - 1).max() <= 3 * 256 * 2**-53


def test_running_sums_without_underflow():
    found = running_log_sums(np.array([-math.inf, -3000.0, -3000.0, -1000.0]))
    assert found.tolist() == [-math.inf, -3000.0, -3000.0 + math.log(2), -1000.0]


def test_sums_by_index():
    index = np.array([0, 1, 0, 3, 1, 3, 4])
    logs = np.array([math.log(0.25), -2000.0, math.log(0.5), -math.inf, -2000.0, -math.inf, -705.0])
    found = log_sums_by_index(index, logs, 6)
    expected = [math.log(0.75), -2000 + math.log(2), -math.inf, -math.inf, -705.0, -math.inf]
    assert found.tolist() == pytest.approx(expected, rel=1e-15)
