"""`assert_choices` and `samples_needed`: what they take, what they say, and what they refuse."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.testing import assert_choices, samples_needed

NAN = math.nan
SHOWN = [[0.0, 1.0, NAN], [2.0, NAN, 1.0], [0.0, 0.5, 1.0], [3.0, NAN, NAN]]
LAW = RewardLaw([0.0, 1.0, 2.0], [0.5, 0.3, 0.2])
LOOP = CurationLoop(LAW, K=4, lam=1.0)
FEWER = CurationLoop(LAW, K=2, lam=1.0)


def test_it_takes_what_a_log_has():
    torch = pytest.importorskip("torch")
    pandas = pytest.importorskip("pandas")
    chosen = [1, 0, 1, 0]
    shapes = (SHOWN, np.array(SHOWN), torch.tensor(SHOWN), pandas.DataFrame(SHOWN))
    fitted = {assert_choices(shown, chosen, scale=None) for shown in shapes}
    assert len(fitted) == 1
    for positions in (np.uint8(chosen), torch.tensor(chosen), pandas.Series(chosen)):
        assert assert_choices(SHOWN, positions, scale=-2) == -2.0


def test_the_first_line_says_what_was_found_and_expected():
    with pytest.raises(AssertionError) as caught:
        assert_choices([[0.0, 0.0]] * 50, [1] * 50)
    assert str(caught.value).splitlines() == [
        # 4 · 2^-50: either position, two-sided.
        "position 0 was chosen 0 of 50 times, expected 25.0 ± 3.5 (p-value 3.6e-15, alpha 1e-06)",
        "  choices disagree with Bradley–Terry's rule at scale 1",
        "  null hypothesis: 50 independent choices, Bradley–Terry with weights e^(s r), s = 1",
    ]


def test_at_the_fitted_scale_it_says_which():
    shown = np.stack([np.zeros(400), np.linspace(-1.0, 1.0, 400)], axis=1)
    with pytest.raises(AssertionError, match=r"rule at every scale\n.* at some s; fitted s = "):
        assert_choices(shown, [0] * 390 + [1] * 10, scale=None)


@pytest.mark.parametrize(
    ("shown", "chosen", "message"),
    [
        (SHOWN, [1, 0, 2, 0], r"not always be the highest .* each of 4 choices .* scale is inf"),
        (SHOWN, [0, 2, 0, 0], r"not always be the lowest .* fitted scale is -inf: give a scale"),
        ([[1.0, 1.0]], [0], r"different rewards in some row .* got rows of equal rewards only"),
    ],
)
def test_no_finite_scale_is_said(shown, chosen, message):
    with pytest.raises(ValueError, match=message):
        assert_choices(shown, chosen, scale=None)
    assert assert_choices(shown, chosen) == 1.0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((SHOWN, [1, 0, 1, 1]), ValueError, r"1 in row 3, where shown has NaN \(allowed: \[0\]\)"),
        ((SHOWN, [1, 0, 3, 0]), ValueError, r"positions from 0 to 2; got 3 in row 2"),
        ((SHOWN, [1, -1, 1, 0]), ValueError, r"positions from 0 to 2; got -1 in row 1"),
        ((SHOWN, [1, 0, 1]), ValueError, r"each row of shown, shape \(4,\); got shape \(3,\)"),
        ((SHOWN, [[1, 0, 1, 0]]), ValueError, r"shape \(4,\); got shape \(1, 4\)"),
        ((SHOWN, [1.0, 0.0, 1.0, 0.0]), TypeError, "integers; got an array of type float64"),
        ((SHOWN, [True] * 4), TypeError, "chosen must be integers; got an array of type bool"),
        (([1.0, 2.0], [0, 0]), ValueError, r"shape \(n, K\), n and K at least 1; got shape \(2,\)"),
        ((np.empty((0, 3)), []), ValueError, r"n and K at least 1; got shape \(0, 3\)"),
        (([[1.0], [NAN]], [0, 0]), ValueError, r"one reward in each row; got \[nan\] in row 1"),
        (([[1.0, math.inf]], [0]), ValueError, r"finite rewards, or NaN; got \[1, inf\] in row 0"),
        (([[1.0], [-math.inf]], [0, 0]), ValueError, r"got \[-inf\] in row 1"),
        (([[0.0, 2e12]], [0]), ValueError, r"span at most 1e\+12 in each row; got \[0, 2e\+12\]"),
        (([[-1e308, 1e308]], [0]), ValueError, "span at most"),
        (([[0.0, 1.0], [2.0]], [0, 0]), ValueError, "rows of one length, filled up with NaN"),
        (([["a", "b"]], [0]), TypeError, "shown must be real numbers"),
        (([[1.0, None]], [0]), TypeError, "shown must be real numbers"),
        ((np.ma.array([[1.0, 2.0]], mask=[[0, 1]]), [0]), ValueError, "got a masked array"),
    ],
)  # fmt: skip
def test_bad_logs(arguments, error, message):
    with pytest.raises(error, match=message):
        assert_choices(*arguments)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"alpha": 0.0}, ValueError, "alpha must be above 0 and below 1; got 0.0"),
        ({"alpha": 1}, ValueError, "alpha must be above 0 and below 1; got 1"),
        ({"alpha": "1e-6"}, TypeError, "alpha must be a finite number"),
        ({"scale": math.inf}, ValueError, "scale must be a finite number; got inf"),
        ({"scale": NAN}, ValueError, "scale must be a finite number; got nan"),
        ({"scale": "1"}, TypeError, "scale must be a finite number"),
        ({"scale": -1e300}, ValueError, r"scale must be at most 1e\+250 in size; got -1e\+300"),
    ],
)
def test_bad_options(options, error, message):
    with pytest.raises(error, match=message):
        assert_choices(SHOWN, [1, 0, 1, 0], **options)


@pytest.mark.parametrize("scale", [0.0, -1.0, 1e250, -1e250, 1e-300])
def test_any_scale_is_taken(scale):
    assert assert_choices([[0.0, 1e12], [3.0, 3.0]], [int(scale > 0), 0], scale=scale) == scale


def test_more_winners_are_needed_for_more_power_a_smaller_alpha_and_a_nearer_loop():
    base = samples_needed(LOOP, against=FEWER)
    assert isinstance(base, int)
    assert base < samples_needed(LOOP, against=FEWER, power=0.99)
    assert base < samples_needed(LOOP, against=FEWER, alpha=1e-9)
    assert base < samples_needed(LOOP, against=CurationLoop(LAW, K=3, lam=1.0))
    assert base != samples_needed(LOOP, against=FEWER, t=3)


def test_rewards_of_another_temperature_have_the_same_atoms():
    scaled = CurationLoop(RewardLaw(1.05 * LAW.rewards, LAW.probs), K=4, lam=1.0)
    assert samples_needed(LOOP, against=scaled) > 10_000


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"against": LOOP}, ValueError, r"laws at t = 0 that differ by at most 0, and 1e\+12"),
        # At t = 0 the candidates are real data, whatever λ is.
        ({"against": CurationLoop(LAW, K=4, lam=3.0)}, ValueError, "another law of winners"),
        ({"against": CurationLoop(RewardLaw([0.0, 1.0]), K=4, lam=1.0)}, ValueError,
         "against must have the atoms of loop, 3; got 2"),
        ({"against": LAW}, TypeError, "against must be a CurationLoop; got RewardLaw"),
        ({"against": FEWER, "power": 1.0}, ValueError, "above alpha, 1e-06, and below 1; got 1.0"),
        ({"against": FEWER, "power": 1e-6}, ValueError, "power must be above alpha"),
        ({"against": FEWER, "alpha": 0.0}, ValueError, "alpha must be above 0"),
        ({"against": FEWER, "t": -1}, ValueError, "t must be an integer of at least 0"),
    ],
)  # fmt: skip
def test_bad_comparisons(options, error, message):
    with pytest.raises(error, match=message):
        samples_needed(LOOP, **options)
