"""How far a table carries an answer, in words and digits."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.numerics.inference.choosing import Choice
from recurate.numerics.inference.trust import fixed_point_trust
from recurate.printing.trust import (
    bands_in_words,
    choice_in_words,
    fixed_point_in_words,
    mixing_in_words,
)


def choice(lam, resampled=None, *, K=4, chosen="lam", quantity="kl", steps=None):
    values = None if resampled is None else np.sort(np.asarray(resampled, dtype=float))
    return Choice(K, lam, chosen, quantity, 0.1, 0.1, math.inf, steps, values)


def spread(low, high):
    """1,001 values of which 95% lie between two."""
    width = (high - low) / 0.95
    middle = (low + high) / 2
    return np.linspace(middle - width / 2, middle + width / 2, 1001)


@pytest.mark.parametrize(
    ("lam", "ends", "fraction", "shown", "said"),
    [
        # A fifth of .07 is .014: two digits. 1/1.659 = .6028 is rounded up, .659 down.
        (0.659, (0.6213, 0.6881), "0.603", "0.65", "0.62 to 0.69"),
        (1.07247, (1.037, 1.122), "0.483", "1.07", "1.03 to 1.13"),
        (5.37, (2.1, 40.0), "0.16", "5", "2 to 4"),
        (0.0312, (0.0001, 0.4), "0.97", "0.03", "0.00 to 0.4"),
        (123456.0, (1e5, 1.5e5), "0.0000081", "120000", "100000 to 1"),
    ],
)
def test_digits_are_those_that_the_range_carries(lam, ends, fraction, shown, said):
    found = choice(lam, spread(*ends))
    assert mixing_in_words(found) == (fraction, shown)
    assert f"of tables like this one 95% would say λ at most {said}" in next(choice_in_words(found))
    # What is printed may be typed again.
    assert 0 < float(shown) <= lam
    assert 0 < (1 - float(fraction)) / float(fraction) <= lam


@pytest.mark.parametrize("seed", range(20))
def test_what_is_printed_is_on_the_safe_side(seed):
    rng = np.random.default_rng(seed)
    lam = float(10 ** rng.uniform(-6, 6))
    values = lam * np.exp(rng.normal(scale=10 ** rng.uniform(-3, 1), size=200))
    for resampled in (
        None,
        values,
        np.append(values, [math.inf] * 20),
        np.append(values, [0.0] * 20),
    ):
        fraction, shown = map(float, mixing_in_words(choice(lam, resampled)))
        assert 0 < shown <= lam
        assert 0 < fraction < 1
        assert (1 - fraction) / fraction <= lam * (1 + 1e-12)


def test_a_range_without_end_without_width_and_of_few():
    (endless, *_) = choice_in_words(choice(5.0, [2.0] * 50 + [math.inf] * 50))
    assert "λ at most 2 to inf (100 resampled tables)" in endless
    (same, *_) = choice_in_words(choice(math.inf, [math.inf] * 50))
    assert same == "of tables like this one 95% would say the same (50 resampled tables)"
    (few, *_) = choice_in_words(choice(0.65, [0.6, 0.7]))
    assert few == "2 resampled tables (fewer than 40, so no 95% range) say λ at most 0.60 to 0.70"
    (of_candidates, *_) = choice_in_words(choice(1.0, [4.0] * 30 + [6.0] * 30, K=5, chosen="K"))
    assert "95% would say K at most 4 to 6 (60 resampled tables)" in of_candidates


def test_the_side_on_which_a_table_errs():
    less, more, even = spread(0.25, 0.33), spread(0.22, 0.3), spread(0.27, 0.31)
    said = {
        lean: " ".join(choice_in_words(choice(0.28 if lean == "even" else 0.26, values)))
        for lean, values in (("less", less), ("more", more - 0.02), ("even", even - 0.01))
    }
    # 1/1.29 = .775, 1/1.26 = .794: .02 less; 1/1.24 = .806: .01 more.
    assert (
        "ask for 0.02 less real data on average: this one errs on the unsafe side" in said["less"]
    )
    assert "ask for 0.01 more real data on average: this one errs on the safe side" in said["more"]
    assert "no bias is seen" in said["even"]
    # λ = .26 is below 1/(K - 1), where a theorem holds whatever the rewards; .4 is above.
    assert not any("upper bound" in words for words in said.values())
    above = " ".join(choice_in_words(choice(0.4, spread(0.3, 0.5))))
    assert "no λ above 1/(K - 1) = 0.3333 keeps a limit of KL for ever" in above
    assert "a short table errs on the unsafe side" in above
    assert " safe side" not in above
    shares = " ".join(choice_in_words(choice(0.4, quantity="min_share")))
    assert "better ones would take over samples" in shares
    for_steps = " ".join(choice_in_words(choice(0.4, steps=10)))
    assert for_steps == ""
    of_candidates = " ".join(choice_in_words(choice(0.5, K=4, chosen="K")))
    assert "no K above 1 + 1/λ = 3 keeps a limit" in of_candidates


def test_fixed_points_have_the_verdict_of_steps():
    rng = np.random.default_rng(0)
    near = CurationLoop(RewardLaw(rng.random(500)), K=2, lam=0.5).fixed_point()
    assert fixed_point_in_words(near).startswith("trusted: the fixed point rests on 4")
    best = CurationLoop(RewardLaw(rng.random(500)), K=2, lam=math.inf).fixed_point()
    assert fixed_point_in_words(best) == (
        "not to be trusted: the fixed point rests on 1 of 500 rows (effective sample size), "
        "and needs 100"
    )
    # Rewards so far apart that g is a power of the rank: a heavy tail though many rows carry it.
    heavy = CurationLoop(RewardLaw(rng.exponential(size=20_000)), K=4, lam=0.36)
    trust = fixed_point_trust(heavy.fixed_point())
    assert trust.effective_sample_size > 100
    assert trust.tail_index > 0.5
    assert fixed_point_in_words(heavy.fixed_point()).endswith("weigh too much (heavy tail)")
    # Best rows alone: all of them, or not all of the best that are looked at.
    many = RewardLaw([1.0] * 300 + [0.0] * 20_000)
    assert fixed_point_trust(CurationLoop(many, K=2, lam=math.inf).fixed_point()).tail_index == 0
    fewer = RewardLaw([1.0] * 120 + [0.0] * 20_000)
    limit = CurationLoop(fewer, K=2, lam=math.inf).fixed_point()
    assert fixed_point_trust(limit).effective_sample_size == pytest.approx(120)
    assert not fixed_point_trust(limit).is_trusted


def test_bands_of_few_tables_are_their_range():
    assert bands_in_words(0.95, "at t = 3", 40) == "95% bands at t = 3, from 40 resampled tables"
    assert bands_in_words(None, "at t = 3", 2) == (
        "range of 2 resampled tables at t = 3 (fewer than 40, so no 95% bands)"
    )
