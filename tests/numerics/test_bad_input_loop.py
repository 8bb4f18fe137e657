"""Bad input of the loop and of its trajectory: each case has its own message."""

import math
from fractions import Fraction

import numpy as np
import pytest

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop

LAW = RewardLaw([0.0, 1.0, 2.0], [0.5, 0.25, 0.25])
LOOP = CurationLoop(LAW, K=2, lam=1.0)
RUN = LOOP.run(steps=3)

LAM_ALLOWED = "^lam must be a number of at least 0 or infinity"
STEPS_ALLOWED = "^steps must be an integer from 0 to 10000000"


@pytest.mark.parametrize(
    ("lam", "error", "message"),
    [
        (-1, ValueError, f"{LAM_ALLOWED}; got -1$"),
        (-1e-300, ValueError, f"{LAM_ALLOWED}; got -1e-300$"),
        (-math.inf, ValueError, f"{LAM_ALLOWED}; got -inf$"),
        (math.nan, ValueError, f"{LAM_ALLOWED}; got nan$"),
        (10**400, ValueError, f"{LAM_ALLOWED}; got a number beyond 1e308, not infinity$"),
        (True, TypeError, f"{LAM_ALLOWED}; got True$"),
        (np.False_, TypeError, f"{LAM_ALLOWED}; got False$"),
        ("1", TypeError, f"{LAM_ALLOWED}; got '1'$"),
        (1j, TypeError, f"{LAM_ALLOWED}; got 1j$"),
    ],
)
def test_mixing(lam, error, message):
    with pytest.raises(error, match=message):
        CurationLoop(LAW, K=2, lam=lam)


@pytest.mark.parametrize(
    ("K", "error", "got"),
    [
        (0, ValueError, "0"),
        (1.5, ValueError, r"1\.5"),
        (math.nan, ValueError, "nan"),
        (False, TypeError, "False"),
        ("inf", TypeError, "'inf'"),
    ],
)
def test_candidates(K, error, got):
    message = f"^K must be an integer of at least 1 or infinity; got {got}$"
    with pytest.raises(error, match=message):
        CurationLoop(LAW, K=K, lam=1.0)


@pytest.mark.parametrize(
    ("steps", "error", "message"),
    [
        (-1, ValueError, f"{STEPS_ALLOWED}; got -1$"),
        (2.5, ValueError, rf"{STEPS_ALLOWED}; got 2\.5$"),
        (math.inf, ValueError, f"{STEPS_ALLOWED}; got inf$"),
        (math.nan, ValueError, f"{STEPS_ALLOWED}; got nan$"),
        (True, TypeError, f"{STEPS_ALLOWED}; got True$"),
        ("3", TypeError, f"{STEPS_ALLOWED}; got '3'$"),
        (None, TypeError, f"{STEPS_ALLOWED}; got None$"),
    ],
)
def test_steps(steps, error, message):
    with pytest.raises(error, match=message):
        LOOP.run(steps=steps)


@pytest.mark.parametrize(
    ("initial", "error", "message"),
    [
        ([0.5, 0.5], ValueError, r"^initial must have one entry per reward \(3\); got 2$"),
        ([0.5, 0.75, -0.25], ValueError, r"^initial must be at least 0; got -0\.25 at position 2$"),
        ([0.5, 0.5, 0.5], ValueError, r"^initial must sum to 1 within 1e-09; got a sum of 1\.5$"),
        ([1, math.nan, 0], ValueError, "^initial must be finite real numbers; got nan at"),
        ([[1, 0, 0]], ValueError, "^initial must be one-dimensional; got an array of shape"),
        ([], ValueError, "^initial must have at least one entry; got none$"),
        (list("abc"), TypeError, "^initial must be real numbers; got an array of type <U1$"),
        (np.ma.masked_less([1, 0, 0], 1), ValueError, "^initial must not have masked entries"),
    ],
    ids=str,
)
def test_start(initial, error, message):
    with pytest.raises(error, match=message):
        LOOP.run(steps=1, initial=initial)


def test_a_start_within_the_tolerance_is_normalised():
    run = LOOP.run(steps=2, initial=[0.5, 0.25, 0.25 + 1e-10])
    assert math.fsum(run.probs(0)) == pytest.approx(1.0, abs=1e-15)
    assert run.probs(0)[2] / run.probs(0)[1] == pytest.approx(1 + 4e-10, abs=1e-15)


@pytest.mark.parametrize("law", [[0.0, 1.0], None, np.array([1.0])], ids=repr)
def test_law(law):
    message = f"^law must be a RewardLaw; got {type(law).__name__}$"
    with pytest.raises(TypeError, match=message):
        CurationLoop(law, K=2, lam=1.0)


@pytest.mark.parametrize("read", ["log_probs", "probs", "log_density"])
@pytest.mark.parametrize(
    ("t", "error", "message"),
    [
        (4, ValueError, "^t must be an integer from 0 to 3; got 4$"),
        (10**400, ValueError, "^t must be an integer "),
        (-1, ValueError, "^t must be an integer .*; got -1$"),
        (1.5, ValueError, r"^t must be an integer .*; got 1\.5$"),
        (math.nan, ValueError, "^t must be an integer .*; got nan$"),
        (True, TypeError, "^t must be an integer .*; got True$"),
        ("1", TypeError, "^t must be an integer .*; got '1'$"),
    ],
)
def test_step_out_of_range(read, t, error, message):
    with pytest.raises(error, match=message):
        getattr(RUN, read)(t)


def test_whole_numbers_of_any_kind_are_taken():
    expected = RUN.probs(2).tolist()
    for two in (2.0, np.int64(2), np.uint8(2), Fraction(2)):
        assert RUN.probs(two).tolist() == expected
        assert LOOP.run(steps=two).steps == 2
        loop = CurationLoop(LAW, K=two, lam=Fraction(1))
        assert loop.run(steps=2).probs(2).tolist() == expected


def test_input_arrays_are_never_modified():
    rewards, probs = np.array([0.0, 1.0, 2.0]), np.array([0.5, 0.25, 0.25 + 1e-10])
    start = np.array([0.25, 0.5, 0.25 - 1e-10])
    given = [array.copy() for array in (rewards, probs, start)]
    run = CurationLoop(RewardLaw(rewards, probs), K=3, lam=1.0).run(steps=3, initial=start)
    for handed_out in (run.log_probs(0), run.log_density(0)):
        with pytest.raises(ValueError, match="read-only"):
            handed_out[:] = 0.0
    for array, before in zip((rewards, probs, start), given, strict=True):
        assert array.tolist() == before.tolist()
    assert run.probs(0) == pytest.approx(start / start.sum(), rel=1e-15)
