"""How far a table carries an answer, in words and digits."""

import math
from dataclasses import replace

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.numerics.inference.bootstrap import Bands
from recurate.numerics.inference.choice import Choice
from recurate.numerics.inference.trust import fixed_point_trust
from recurate.printing.trust import (
    bands_in_words,
    beside_in_words,
    best_in_words,
    choice_in_words,
    fixed_point_in_words,
    given_in_words,
    mixing_in_words,
)


def choice(lam, resampled=None, *, K=4, chosen="lam", quantity="kl", steps=None):
    values = None if resampled is None else np.sort(np.asarray(resampled, dtype=float))
    return Choice(K, lam, chosen, quantity, 0.1, 0.1, math.inf, steps, values)


def bands_with(level, replicates, **others):
    ends = np.zeros((4, 0))
    return Bands(level, replicates, {}, {}, (), ends, ends, **others)


def said(level, replicates, **others):
    """Return what is said of bands at t = 3."""
    return bands_in_words(bands_with(level, replicates, **others), "at t = 3")


def spread(low, high):
    """1,001 values of which 95% lie between two."""
    width = (high - low) / 0.95
    middle = (low + high) / 2
    return np.linspace(middle - width / 2, middle + width / 2, 1001)


@pytest.mark.parametrize(
    ("lam", "ends", "fraction", "shown", "said"),
    [
        # A fifth of .07 is .014: two digits. .659 is rounded down, and 1/1.65 = .60606 up.
        (0.659, (0.6213, 0.6881), "0.607", "0.65", "0.62 to 0.69"),
        (1.07247, (1.037, 1.122), "0.484", "1.07", "1.03 to 1.13"),
        (5.37, (2.1, 40.0), "0.17", "5", "2 to 4"),
        (0.0312, (0.0001, 0.4), "0.971", "0.03", "0.00 to 0.4"),
        (123456.0, (1e5, 1.5e5), "0.0000084", "120000", "100000 to 1"),
        # Three rows, of which some allow the pure loop: 1/1.96 = .5102.
        (0.9656, (0.73, math.inf), "0.511", "0.96", "0.73 to inf (no real data)"),
        (1.5, (1.441, 1.589), "0.400", "1.50", "1.44 to 1.59"),  # 1/2.5 is rounded to itself
    ],
)
def test_digits_are_those_that_the_range_carries(lam, ends, fraction, shown, said):
    values = [ends[0]] * 501 + [ends[1]] * 500 if ends[1] == math.inf else spread(*ends)
    found = choice(lam, values)
    assert mixing_in_words(found) == (fraction, shown)
    start = "of tables like this one (1,001 resampled) 95% would say λ at most "
    assert next(choice_in_words(found)).startswith(start + said)
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
        assert (1 - fraction) / fraction <= shown * (1 + 1e-12)
        # The share of real data is that of λ as printed, to less than λ's last digit.
        last = shown if resampled is not None else 2e-5 * shown
        assert (1 - fraction) / fraction > shown - last


def test_a_range_without_end_without_width_and_of_few():
    (endless, *_) = choice_in_words(choice(5.0, [2.0] * 50 + [math.inf] * 50))
    assert endless.endswith("(100 resampled) 95% would say λ at most 2 to inf (no real data)")
    (nothing, *_) = choice_in_words(choice(0.25, [0.0] * 50 + [0.5] * 50))
    assert nothing.endswith("λ at most 0 (no synthetic samples) to 0.5")
    (same, *_) = choice_in_words(choice(math.inf, [math.inf] * 50))
    assert same == "of tables like this one (50 resampled) 95% would say the same"
    (other, *_) = choice_in_words(choice(2.0, [math.inf] * 50))
    assert other.endswith("95% would say λ at most inf (no real data)")
    (few, *_) = choice_in_words(choice(0.65, [0.6, 0.7]))
    assert few == (
        "range of 2 resampled tables (fewer than 40, so no 95% range): λ at most 0.60 to 0.70"
    )
    (ranged, side) = choice_in_words(choice(0.2, [4.0] * 30 + [6.0] * 30, K=5, chosen="K"))
    assert ranged.endswith("(60 resampled) 95% would say K at most 4 to 6")
    assert side == "50% of the resampled tables allow less than K = 5"
    (none, *_) = choice_in_words(choice(1.0, [1.0] * 30 + [math.inf] * 30, K=2, chosen="K"))
    assert none.endswith("K at most 1 (no curation) to inf")


def test_the_side_on_which_a_table_errs():
    less, more, even = spread(0.25, 0.33), spread(0.22, 0.3), spread(0.27, 0.31)
    said = {
        lean: " ".join(choice_in_words(choice(0.28 if lean == "even" else 0.26, values)))
        for lean, values in (("less", less), ("more", more - 0.02), ("even", even - 0.01))
    }
    # 1/1.29 = .775, 1/1.26 = .794: .02 less; 1/1.24 = .806: .01 more.
    more_allowed = "errs on the unsafe side: resampled tables allow more on average"
    assert f"{more_allowed} (0.02 less real data)" in said["less"]
    less_allowed = "errs on the safe side: resampled tables allow less on average"
    assert f"{less_allowed} (0.01 more real data)" in said["more"]
    assert "no bias is seen" in said["even"]
    # λ = .26 is below 1/(K - 1), where a theorem holds whatever the rewards; .4 is above.
    assert not any("upper bound" in words for words in said.values())
    bounded = "if rewards have no upper bound, KL stays bounded only up to "
    (_, above) = choice_in_words(choice(0.4, spread(0.3, 0.5)))
    assert above == f"may err on the unsafe side: {bounded}λ = 1/(K - 1) = 0.3333"
    (_, seen) = choice_in_words(choice(0.4, spread(0.4, 0.6)))
    assert seen == (
        f"errs on the unsafe side: resampled tables allow more on average, and {bounded}"
        "λ = 1/(K - 1) = 0.3333"
    )
    # Where the theory has a reservation, no table is called safe.
    (_, reserved) = choice_in_words(choice(0.5, spread(0.35, 0.45)))
    assert " safe side" not in reserved
    (shares,) = choice_in_words(choice(0.4, quantity="min_share"))
    assert shares.startswith("above λ = 1/(K - 1) = 0.3333 better rewards, if there are any, may")
    assert not list(choice_in_words(choice(0.4, steps=10)))
    (of_candidates,) = choice_in_words(choice(0.5, K=4, chosen="K"))
    assert of_candidates == f"may err on the unsafe side: {bounded}K = 1 + 1/λ = 3"


def test_nothing_escapes_where_rows_are_all_answers():
    for quantity in ("kl", "min_share"):
        found = choice(0.4, spread(0.4, 0.6), quantity=quantity)
        assert "upper bound" in " ".join(choice_in_words(found)) or quantity != "kl"
        (_, side) = choice_in_words(found, has_all_answers=True)
        allowed = "resampled tables allow more on average"
        assert side.startswith(f"errs on the unsafe side: {allowed} (0.")


@pytest.mark.parametrize(("K", "lam", "chosen"), [(1, math.inf, "lam"), (math.inf, 0.0, "K")])
def test_where_nothing_is_curated_there_is_no_threshold(K, lam, chosen):
    said = list(choice_in_words(choice(lam, [math.inf] * 50, K=K, chosen=chosen)))
    assert said[0].endswith("would say the same")
    assert not any(" = " in line for line in said)


def test_fixed_points_have_the_verdict_of_steps():
    rng = np.random.default_rng(0)
    near = CurationLoop(RewardLaw(rng.random(500)), K=2, lam=0.5).fixed_point()
    assert fixed_point_in_words(near).startswith("trusted: the fixed point rests on 4")
    best = CurationLoop(RewardLaw(rng.random(500)), K=2, lam=math.inf).fixed_point()
    assert fixed_point_in_words(best) == (
        "not to be trusted: the fixed point rests on 1 of 500 rows (effective sample size), "
        "and needs 100"
    )
    items = RewardLaw([0.0, 1.0, 2.0], groups=["a", "b", "c"])
    assert fixed_point_in_words(CurationLoop(items, K=2, lam=math.inf).fixed_point()) == (
        "not to be trusted for other items than these: the fixed point rests on 1 of 3 rows "
        "(effective sample size), and needs 100"
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
    assert said(0.95, 40) == "95% bands at t = 3, from 40 resampled tables"
    assert said(None, 2) == "range of 2 resampled tables at t = 3 (fewer than 40, so no 95% bands)"
    assert said(None, 200, resampled="prompts") == (
        "range of 200 resampled tables at t = 3 (too few prompts, so no 95% bands)"
    )


def test_bands_of_estimates_say_what_was_resampled_and_what_fell_apart():
    assert said(0.95, 40, resampled="votes") == "95% bands at t = 3, from 40 resamples of the votes"
    # Five of 200 are what lies beyond one end of the band.
    few = "95% bands at t = 3, from 200 resamples of the votes by row"
    assert said(0.95, 200, failed=1, resampled="votes by row") == (
        f"{few} (1 fell apart and is left out)"
    )
    assert said(0.95, 200, failed=5, resampled="votes by row") == (
        f"{few} (5 fell apart and are left out)"
    )
    assert said(0.95, 200, failed=6, resampled="votes by row") == (
        f"{few} (6 fell apart and are left out), too narrow without those that fell apart"
    )
    assert said(None, 45, failed=6, resampled="votes") == (
        "range of 45 resamples of the votes (6 fell apart and are left out) at t = 3 "
        "(fewer than 40, so no 95% bands), too narrow without those that fell apart"
    )
    assert said(None, 200, resampled="raters and prompts") == (
        "range of 200 resamples of the raters and prompts at t = 3 "
        "(too few raters or prompts, so no 95% bands)"
    )


def test_ranges_of_estimates_say_what_was_resampled():
    found = replace(choice(0.65, spread(0.6, 0.7)), what="votes")
    (first, *_) = choice_in_words(found)
    assert first == "of 1,001 resamples of the votes 95% would say λ at most 0.60 to 0.70"
    # 26 of 1,027 are more than lie beyond one end.
    (first, *_) = choice_in_words(replace(found, failed=26))
    assert first == (
        "of 1,027 resamples of the votes (26 fell apart and are left out) 95% would say λ at most "
        "0.60 to 0.70, too narrow without those that fell apart"
    )
    few = replace(choice(0.65, [0.6, 0.7]), what="raters and prompts")
    assert next(choice_in_words(few)) == (
        "range of 2 resamples of the raters and prompts (fewer than 40, so no 95% range): "
        "λ at most 0.60 to 0.70"
    )


def test_items_that_are_given_are_no_sample():
    assert given_in_words(True).endswith("only their rewards are uncertain, as shown above")
    assert "--votes" in given_in_words(False)
    law = RewardLaw([0.0, 2.0, 1.0], groups=["a", "best", "c"])
    (line,) = best_in_words(law, bands_with(0.95, 200, resampled="votes", same_best=0.715))
    assert line == (
        "best is the best item in 72% of the resamples; the band of 'at max' is that of whichever "
        "is best"
    )
    assert not list(best_in_words(law, bands_with(0.95, 200)))


def test_a_figure_beside_its_band_is_said():
    run = CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=1.0).run(steps=1)
    own = {name: getattr(run, name) for name in ("expected_reward", "kl_to_reference")}
    above = {name: values + 0.1 for name, values in own.items()}
    further = {name: values + 0.2 for name, values in own.items()}

    def beside(low, high, resampled="votes"):
        bands = replace(bands_with(0.95, 200, resampled=resampled), low=low, high=high)
        return list(beside_in_words(run, bands))

    assert beside(own, above) == []
    (both,) = beside(above, further)
    assert both.startswith("not to be trusted: E[r] and KL lie beside their band")
    assert both.endswith("too few votes")
    divergence = own | {"kl_to_reference": above["kl_to_reference"]}
    (one,) = beside(divergence, further)
    assert one.startswith("not to be trusted: KL lies beside its band")
    # Rows and prompts have no such bias.
    assert beside(above, further, "rows") == []
