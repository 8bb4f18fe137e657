"""Bad input of the curation ratio: each case has its own message; good input is taken."""

import math
from fractions import Fraction

import numpy as np
import pytest

from recurate.numerics.curation.floats import CurationKernel, log_curation_ratio

REWARDS, PROBS = [0.0, 1.0], [0.5, 0.5]
K_ALLOWED = "^K must be an integer of at least 1 or infinity"


def refuses(error, message):
    return pytest.raises(error, match=message)


@pytest.mark.parametrize(
    ("rewards", "error", "message"),
    [
        ([0, math.nan], ValueError, "^rewards must be finite real numbers; got nan at position 1$"),
        ([math.inf, 0], ValueError, "^rewards must be finite real numbers; got inf at position 0$"),
        ([0, -math.inf], ValueError, "^rewards must be finite .*; got -inf at position 1$"),
        ([math.nan] * 3, ValueError, r"; got nan at position 0 \(and at 2 more\)$"),
        ([], ValueError, "^rewards must have at least one entry; got none$"),
        ([[0, 1]], ValueError, r"^rewards must be one-dim.*; got an array of shape \(1, 2\)$"),
        (3.0, ValueError, r"^rewards must be one-dimensional; got an array of shape \(\)$"),
        (["a", "b"], TypeError, "^rewards must be real numbers; got an array of type <U1$"),
        ([1j, 0], TypeError, "^rewards must be real numbers; got an array of type complex128$"),
        ([None, 1.0], TypeError, "^rewards must be real numbers; got None at position 0$"),
        (np.array(["1", 2.0], dtype=object), TypeError, "^rewards must be real numbers; got "),
        ([0, {}], TypeError, "^rewards must be real numbers; got "),
        ([0, 10**400], ValueError, "^rewards must be finite .*; got an integer beyond 1e308$"),
        (
            np.ma.array([0.0, 1.0], mask=[False, True]),
            ValueError,
            "^rewards must not have masked entries; got a masked array$",
        ),
        (
            [0.0, 1.1e12],
            ValueError,
            r"^rewards must span at most 1e\+12; got values from 0 to 1\.1e\+12$",
        ),
    ],
)
def test_rewards(rewards, error, message):
    with refuses(error, message):
        log_curation_ratio(rewards, PROBS, 2)
    with refuses(error, message):
        CurationKernel(rewards, 2)


@pytest.mark.parametrize(
    ("probs", "error", "message"),
    [
        ([-0.5, 1.5], ValueError, r"^probs must be at least 0; got -0\.5 at position 0$"),
        ([1.5, -0.5], ValueError, r"^probs must be at least 0; got -0\.5 at position 1$"),
        (
            [-1, -1],
            ValueError,
            r"^probs must be at least 0; got -1 at position 0 \(and at 1 more\)",
        ),
        ([math.nan, 0.5], ValueError, "^probs must be finite real numbers; got nan at position 0$"),
        ([math.inf, 0.5], ValueError, "^probs must be finite real numbers; got inf at position 0$"),
        ([0.5, 0.5 + 2e-9], ValueError, r"^probs must sum to 1 within 1e-09; got a sum of 1\.0"),
        ([0.5, 0.5 - 2e-9], ValueError, r"^probs must sum to 1 within 1e-09; got a sum of 0\.9"),
        ([0, 0], ValueError, r"^probs must sum to 1 within 1e-09; got a sum of 0\.0$"),
        ([1.0], ValueError, r"^probs must have one entry per reward \(2\); got 1$"),
        ([0.5, 0.25, 0.25], ValueError, r"^probs must have one entry per reward \(2\); got 3$"),
        ([], ValueError, "^probs must have at least one entry; got none$"),
        ([PROBS], ValueError, "^probs must be one-dimensional; got an array of shape"),
        (["0.5", "0.5"], TypeError, "^probs must be real numbers; got an array of type <U3$"),
        ([0.5j, 0.5], TypeError, "^probs must be real numbers; got an array of type complex128$"),
        (
            np.ma.array(PROBS, mask=[True, False]),
            ValueError,
            "^probs must not have masked entries; got a masked array$",
        ),
    ],
)
def test_probs(probs, error, message):
    with refuses(error, message):
        log_curation_ratio(REWARDS, probs, 2)


@pytest.mark.parametrize(
    ("log_probs", "error", "message"),
    [
        ([math.nan, 0], ValueError, "^log_probs must be finite or -inf; got nan at position 0$"),
        ([0, math.inf], ValueError, "^log_probs must be finite or -inf; got inf at position 1$"),
        ([math.nan] * 2, ValueError, r"; got nan at position 0 \(and at 1 more\)$"),
        ([0, 0], ValueError, r"^exp\(log_probs\) must sum to 1 within 1e-09; got a sum of 2\.0$"),
        ([900, 0], ValueError, r"^exp\(log_probs\) must sum to 1 within 1e-09; got a sum of inf$"),
        ([-math.inf] * 2, ValueError, r"^exp\(log_probs\) must sum to 1 .*; got a sum of 0\.0$"),
        ([0], ValueError, r"^log_probs must have one entry per reward \(2\); got 1$"),
        (["a", "b"], TypeError, "^log_probs must be real numbers; got an array of type <U1$"),
    ],
)
def test_log_probs(log_probs, error, message):
    with refuses(error, message):
        log_curation_ratio(REWARDS, K=2, log_probs=log_probs)


@pytest.mark.parametrize(
    ("K", "error", "message"),
    [
        (0, ValueError, f"{K_ALLOWED}; got 0$"),
        (-3, ValueError, f"{K_ALLOWED}; got -3$"),
        (-math.inf, ValueError, f"{K_ALLOWED}; got -inf$"),
        (2.5, ValueError, rf"{K_ALLOWED}; got 2\.5$"),
        (np.float64(2.5), ValueError, rf"{K_ALLOWED}; got 2\.5$"),
        (Fraction(5, 2), ValueError, f"{K_ALLOWED}; got 5/2$"),
        (math.nan, ValueError, f"{K_ALLOWED}; got nan$"),
        (1e251, ValueError, rf"{K_ALLOWED}, at most 1e\+250 if finite; got 1e\+251$"),
        (
            10**300,
            ValueError,
            rf"{K_ALLOWED}, at most 1e\+250 if finite; got an integer of about 300 digits$",
        ),
        (10**400, ValueError, f"{K_ALLOWED}; got a number beyond 1e308, not infinity$"),
        (True, TypeError, f"{K_ALLOWED}; got True$"),
        (np.True_, TypeError, f"{K_ALLOWED}; got True$"),
        ("2", TypeError, f"{K_ALLOWED}; got '2'$"),
        (None, TypeError, f"{K_ALLOWED}; got None$"),
        (2 + 0j, TypeError, rf"{K_ALLOWED}; got \(2\+0j\)$"),
        ([2], TypeError, rf"{K_ALLOWED}; got \[2\]$"),
    ],
)
def test_candidates(K, error, message):
    with refuses(error, message):
        log_curation_ratio(REWARDS, PROBS, K)
    with refuses(error, message):
        CurationKernel(REWARDS, K)


@pytest.mark.parametrize(
    "K", [4, 4.0, np.int64(4), np.uint8(4), np.float32(4), Fraction(4)], ids=repr
)
def test_whole_numbers_of_any_kind_are_taken(K):
    expected = log_curation_ratio(REWARDS, PROBS, 4)
    assert log_curation_ratio(REWARDS, PROBS, K).tolist() == expected.tolist()


@pytest.mark.parametrize("given", [{}, {"probs": PROBS, "log_probs": [-1, -1]}])
def test_both_or_neither_of_probs_and_log_probs(given):
    with refuses(TypeError, "^exactly one of probs and log_probs must be given$"):
        log_curation_ratio(REWARDS, K=2, **given)


def test_kernel_for_other_rewards():
    message = "^kernel must be prepared for the rewards given; got one for others$"
    for others in ([0.0, 1.0 + 1e-15], [0.0, 1.0, 2.0], [1.0, 0.0]):
        with refuses(ValueError, message):
            log_curation_ratio(REWARDS, PROBS, 2, kernel=CurationKernel(others, 2))


@pytest.mark.parametrize("prepared", [1, 2, math.inf])
def test_kernel_for_fewer_candidates(prepared):
    message = f"^kernel must be prepared for a finite K of at least 3; got one for K = {prepared}$"
    with refuses(ValueError, message):
        log_curation_ratio(REWARDS, PROBS, 3, kernel=CurationKernel(REWARDS, prepared))


@pytest.mark.parametrize("K", [2, math.inf])
def test_sums_within_the_tolerance_are_normalised(K):
    for off in (1e-10, -1e-10):
        expected = log_curation_ratio(REWARDS, [0.5 / (1 + off), (0.5 + off) / (1 + off)], K)
        found = log_curation_ratio(REWARDS, [0.5, 0.5 + off], K)
        assert found == pytest.approx(expected, abs=1e-15)
        logs = np.log([0.5, 0.5 + off])
        found = log_curation_ratio(REWARDS, K=K, log_probs=logs)
        assert found == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("span", [1.0, 1000.0])
@pytest.mark.parametrize("K", [1, 2, math.inf])
def test_input_is_never_modified_nor_returned(span, K):
    rewards, probs = np.array([0.0, span, 0.5]), np.array([0.25, 0.25, 0.5 + 1e-10])
    log_probs = np.log(probs)
    given = [rewards.copy(), probs.copy(), log_probs.copy()]
    for array in (rewards, probs, log_probs):
        array.setflags(write=False)
    kernel = CurationKernel(rewards, 2)
    first = log_curation_ratio(rewards, probs, K)
    second = log_curation_ratio(rewards, K=K, log_probs=log_probs)
    first[:] = second[:] = 9.0
    for before, after in zip(given, [rewards, probs, log_probs], strict=True):
        assert np.array_equal(before, after)
    assert np.array_equal(kernel._rewards, given[0])


def test_other_containers_are_taken():
    expected = log_curation_ratio([0.0, 2.0], PROBS, 2).tolist()
    for rewards in ((0, 2), range(0, 3, 2), np.array([0, 2], dtype=np.int8), [Fraction(0), 2]):
        assert log_curation_ratio(rewards, tuple(PROBS), 2).tolist() == expected
    unmasked = np.ma.array([0.0, 2.0], mask=[False, False])
    assert log_curation_ratio(unmasked, PROBS, 2).tolist() == expected


def test_kernel_keeps_its_own_rewards():
    rewards = np.array([0.0, 1.0])
    kernel = CurationKernel(rewards, 2)
    rewards[1] = 5.0
    with refuses(ValueError, "^kernel must be prepared for the rewards given"):
        log_curation_ratio(rewards, PROBS, 2, kernel=kernel)
