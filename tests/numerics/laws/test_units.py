"""Units of rewards: against their definitions, in mpmath and by hand."""

import math

import mpmath
import numpy as np
import pandas as pd
import pytest

from recurate import RewardLaw
from recurate.numerics.laws.units import UNITS, first_without, in_log_odds

mpmath.mp.dps = 40


def logit(p):
    return float(mpmath.log(p) - mpmath.log1p(-p))


@pytest.mark.parametrize("p", [5e-324, 1e-300, 1e-17, 0.1, 0.5, 0.75, 1 - 1e-9, 1 - 2.0**-53])
def test_probabilities_and_percentages_have_the_logit_of_what_is_written(p):
    (found,) = in_log_odds(np.array([p]), "probability")
    assert found == pytest.approx(logit(mpmath.mpf(p)), rel=1e-15)
    percent = 100 * p
    (found,) = in_log_odds(np.array([percent]), "percent")
    assert found == pytest.approx(logit(mpmath.mpf(percent) / 100), rel=1e-14)


def test_elo_ratings_and_ratios_by_hand():
    # 400 of Elo are odds of 10 to 1; twice as fast is odds of 2 to 1.
    assert in_log_odds(np.array([400.0, -800.0]), "elo") == pytest.approx(
        [math.log(10), -2 * math.log(10)], rel=1e-15
    )
    assert in_log_odds(np.array([2.0, 0.5]), "ratio").tolist() == [math.log(2), -math.log(2)]
    assert in_log_odds(np.array([2.0, -7.0]), "log-odds").tolist() == [2.0, -7.0]


def test_rates_of_trials_are_those_of_half_a_success_and_half_a_failure_more():
    # 0 of 4: (0 + ½) : (4 + ½); 3 of 4: 3½ : 1½; 10 of 10: 10½ : ½.
    odds = [1 / 9, 7 / 3, 21]
    trials = np.array([4.0, 4.0, 10.0])
    for rates, unit in (([0.0, 0.75, 1.0], "probability"), ([0.0, 75.0, 100.0], "percent")):
        found = in_log_odds(np.array(rates), unit, trials)
        assert found == pytest.approx(np.log(odds), rel=1e-14)
    found = in_log_odds(np.array([0.25]), "probability", np.array([1e12]))
    assert found == pytest.approx([math.log(1 / 3)], rel=1e-11)


@pytest.mark.parametrize(
    ("values", "unit", "position", "allowed"),
    [
        ([0.5, 0.0], "probability", 1, "a probability above 0 and below 1; got 0.0"),
        ([0.5, 0.1, 1.0], "probability", 2, "a probability above 0 and below 1; got 1.0"),
        ([-0.1], "probability", 0, "a probability above 0 and below 1; got -0.1"),
        ([50.0, 100.0], "percent", 1, "a percentage above 0 and below 100; got 100.0"),
        ([0.0, -1.0], "ratio", 0, "a ratio above 0; got 0.0"),
    ],
)
def test_values_without_log_odds_are_named(values, unit, position, allowed):
    assert first_without(np.array(values), unit) == (position, f"must be {allowed}")
    assert not np.isfinite(in_log_odds(np.array(values), unit)[position])
    message = f"column 'r', position {position}: must be {allowed}"
    with pytest.raises(ValueError, match=message):
        RewardLaw.from_table(pd.DataFrame({"r": values}), reward="r", reward_is=unit)


def test_what_trials_allow_and_what_not():
    ends = np.array([0.0, 1.0])
    assert first_without(ends, "probability", with_ends=True) is None
    assert first_without(100 * ends, "percent", with_ends=True) is None
    found = first_without(100 * ends, "probability", with_ends=True)
    assert found == (1, "must be a probability from 0 to 1; got 100.0")
    assert first_without(np.array([0.0, 8.0]), "ratio", with_ends=True) is None
    found = first_without(np.array([0.0, -1.0]), "ratio", with_ends=True)
    assert found == (1, "must be a ratio at least 0; got -1.0")
    assert first_without(np.array([-5.0, 3000.0]), "elo") is None


def test_a_table_in_memory_is_read_in_its_unit():
    frame = pd.DataFrame({"rate": [75.0, 50.0]})
    law = RewardLaw.from_table(frame, reward="rate", reward_is="percent", scale=2)
    assert law.rewards == pytest.approx([2 * math.log(3), 0], rel=1e-15)
    assert RewardLaw.from_table(frame, reward="rate", scale=-1).rewards.tolist() == [-75.0, -50.0]
    with pytest.raises(ValueError, match=f"reward_is must be one of {', '.join(UNITS)}; got 'b'"):
        RewardLaw.from_table(frame, reward="rate", reward_is="b")
    with pytest.raises(ValueError, match="scale must be a finite number; got inf"):
        RewardLaw.from_table(frame, reward="rate", scale=math.inf)
