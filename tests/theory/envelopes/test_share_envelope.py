"""`recurate.share_envelope` and `recurate.worst_divergence`: what they take, and special loops."""

import itertools
import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, share_envelope, worst_divergence
from recurate.numerics.schedules import Accumulate
from recurate.rules import BestOf
from recurate.theory.envelopes.divergence import divergences
from recurate.theory.envelopes.limits import (
    divergence_for_ever,
    envelope_for_ever,
    largest_mixing_for_divergence,
    largest_mixing_for_share,
    largest_within,
)
from recurate.theory.envelopes.rounds import Round, fresh
from recurate.theory.envelopes.shares import envelope
from recurate.theory.envelopes.two_rewards import chosen_share


def test_shapes_and_the_start():
    floor, ceiling = share_envelope(0.25, K=3, lam=1.0, steps=4)
    assert floor.shape == ceiling.shape == (5,)
    assert floor[0] == ceiling[0] == 0.25
    shares = np.array([[0.0, 0.25, 1.0], [0.5, 0.25, 0.75]])
    floors, ceilings = share_envelope(shares, K=3, lam=1.0, steps=4)
    assert floors.shape == ceilings.shape == (5, 2, 3)
    np.testing.assert_array_equal(floors[:, 0, 1], floor)
    # Nobody and everybody stay so; what one group keeps is what all others cannot have.
    np.testing.assert_array_equal(floors[:, 0, [0, 2]], np.tile([0.0, 1.0], (5, 1)))
    np.testing.assert_array_equal(ceilings[:, 0, [0, 2]], np.tile([0.0, 1.0], (5, 1)))
    np.testing.assert_allclose(ceilings[:, 0, 1], 1.0 - floors[:, 1, 2], rtol=1e-15)
    assert worst_divergence(K=3, lam=1.0, steps=0).tolist() == [0.0]


def test_by_hand():
    # u = 1/2, λ = 1, K = 3: 5/16 and 1/4 + 125/8192; in the pure loop (1/2)^3 and (1/2)^9
    floor, ceiling = share_envelope(0.5, K=3, lam=1.0, steps=2)
    assert floor.tolist() == [0.5, 0.3125, 0.25 + 125 / 8192]
    np.testing.assert_allclose(ceiling, 1.0 - floor, rtol=1e-15)
    floor, _ = share_envelope(0.5, K=3, lam=math.inf, steps=2)
    assert floor.tolist() == [0.5, 2.0**-3, 2.0**-9]


def test_tiny_shares_keep_their_digits():
    # 1 - (1-u)^K is K u for tiny u, and then K^2 u; the floor of K = 2 is u^2
    _, ceiling = share_envelope(1e-200, K=5, lam=math.inf, steps=2)
    np.testing.assert_allclose(ceiling, [1e-200, 5e-200, 25e-200], rtol=1e-15)
    floor, _ = share_envelope(1e-100, K=2, lam=math.inf, steps=3)
    np.testing.assert_allclose(floor[:3], [1e-100, 1e-200, 0.0], rtol=1e-13, atol=1e-308)
    assert floor[3] == 0.0  # 1e-800


def test_a_share_that_rises_again_after_it_was_no_double():
    # Two pure steps take .5 to 2^-1000000, and a real one back to m u + a 2^-…, that is .25.
    floor, _ = share_envelope(0.5, K=1000, lam=[math.inf, math.inf, 1.0], steps=3)
    assert floor.tolist() == [0.5, 2.0**-1000, 0.0, 0.25]


def test_infinitely_many_candidates_leave_the_real_data():
    floor, ceiling = share_envelope([0.2, 1.0], K=math.inf, lam=3.0, steps=2)
    np.testing.assert_allclose(floor, [[0.2, 1.0], [0.05, 1.0], [0.05, 1.0]], rtol=1e-15)
    np.testing.assert_allclose(ceiling[1:, 0], 0.8, rtol=1e-15)
    assert worst_divergence(K=math.inf, lam=1e-9, steps=2).tolist() == [0.0, math.inf, math.inf]
    assert worst_divergence(K=math.inf, lam=0.0, steps=1).tolist() == [0.0, 0.0]


def test_sequences_are_taken_step_by_step():
    numbers, mixings, kept = [2, 5, 1, 3], [0.5, math.inf, 2.0, 0.0], [0.0, 0.25, 0.5, 1.0]
    floor, ceiling = share_envelope(0.3, K=numbers, lam=mixings, steps=4, retained=kept)
    least, most = 0.3, 0.7
    for t in range(4):
        m = 1.0 / (1.0 + mixings[t])
        a = (1.0 - m) * (1.0 - kept[t])
        b = (1.0 - m) * kept[t]
        least = m * 0.3 + b * least + a * least ** numbers[t]
        most = m * 0.7 + b * most + a * most ** numbers[t]
        assert floor[t + 1] == pytest.approx(least, rel=1e-14)
        assert ceiling[t + 1] == pytest.approx(1.0 - most, rel=1e-14)
    one = share_envelope(0.3, K=[3] * 5, lam=[1.0] * 5, steps=5, retained=[0.1] * 5)
    np.testing.assert_array_equal(one, share_envelope(0.3, K=3, lam=1.0, steps=5, retained=0.1))
    np.testing.assert_array_equal(
        worst_divergence(K=[3] * 5, lam=[1.0] * 5, steps=5), worst_divergence(K=3, lam=1.0, steps=5)
    )


def slope_integral(rounds, nodes=200_000):
    """S_t by the midpoint rule on u, with g by the recursion as it is written: a plain oracle."""
    u = (np.arange(nodes) + 0.5) / nodes
    value, slope = u.copy(), np.ones(nodes)
    found = [0.0]
    for step in rounds:
        powers = [(part, number, value ** (number - 1)) for part, number in step.chosen]
        slope = step.real + step.kept * slope + sum(p * n * x * slope for p, n, x in powers)
        value = step.real * u + step.kept * value + sum(p * x * value for p, _, x in powers)
        found.append(float(np.mean(slope * np.log(slope))))
    return np.array(found)


MIXED = Round(real=0.25, kept=0.25, chosen=((0.3, 2.0), (0.2, 4.0)))


@pytest.mark.parametrize(
    "rounds",
    [
        [fresh(0.5, [(1.0, 4.0)])] * 4,
        [fresh(2.0, [(0.5, 2.0), (0.5, 5.0)], 0.3), MIXED, MIXED],
        [fresh(math.inf, [(1.0, 2.0)]), fresh(1.0, [(1.0, 3.0)]), fresh(4.0, [(1.0, 1.0)])],
    ],
    ids=["one K", "voters", "a pure step first"],
)
def test_divergence_of_steps_of_all_kinds(rounds):
    # The midpoint rule is right to 1e-8 where g is bounded and above 0.
    np.testing.assert_allclose(divergences(rounds), slope_integral(rounds), rtol=1e-7, atol=1e-12)


def test_steps_without_a_choice_move_nothing():
    for given in ({"K": 1, "lam": math.inf}, {"K": 1, "lam": 2.0}, {"K": 7, "lam": 0.0}):
        assert worst_divergence(**given, steps=3).tolist() == [0.0] * 4
        np.testing.assert_allclose(share_envelope(0.3, **given, steps=3), 0.3, rtol=1e-15)
    kept = worst_divergence(K=4, lam=1.0, steps=3, retained=1.0)
    assert kept.tolist() == [0.0] * 4


def test_pure_steps_are_one_choice_of_more():
    # Two pure steps of 2 and 5 candidates are one of 10: log 10 - 1 + 1/10.
    found = worst_divergence(K=[2, 5], lam=math.inf, steps=2)
    assert found[-1] == pytest.approx(math.log(10) - 0.9, rel=1e-15)
    floor, _ = share_envelope(0.6, K=[2, 5], lam=math.inf, steps=2)
    assert floor[-1] == pytest.approx(0.6**10, rel=1e-15)


def test_the_hard_best_of_K_attains_all_of_it():
    # n equal atoms: their lowest j/n have exactly G_t(j/n), and KL comes near S_t from below
    # (mathematics_general.md, I3: 9e-8 at n = 10^4, K = 4, λ = 1, t = 3).
    law = RewardLaw(np.arange(10_000.0), groups=["low"] * 3000 + ["high"] * 7000)
    for given in ({"lam": 1.0}, {"lam": 1.0, "retained": 0.25}):
        run = CurationLoop(law, rule=BestOf(4), **given).run(steps=3)
        floor, _ = share_envelope(0.3, K=4, steps=3, **given)
        _, ceiling = share_envelope(0.7, K=4, steps=3, **given)
        np.testing.assert_allclose(run.group_proportions[:, 0], floor, rtol=1e-12)
        np.testing.assert_allclose(run.group_proportions[:, 1], ceiling, rtol=1e-12)
        short = worst_divergence(K=4, steps=3, **given) - run.kl_to_reference
        assert np.all(short > -1e-13)
        assert short[-1] < 2e-7


def test_accumulating_data_attain_it_too():
    law = RewardLaw(np.arange(2000.0), groups=["low"] * 600 + ["high"] * 1400)
    run = CurationLoop(law, rule=BestOf(3), training=Accumulate(2.0, 3.0)).run(steps=6)
    floor, _ = share_envelope(0.3, K=3, steps=6, training=(2.0, 3.0))
    np.testing.assert_allclose(run.group_proportions[:, 0], floor, rtol=1e-12)
    short = worst_divergence(K=3, steps=6, training=(2.0, 3.0)) - run.kl_to_reference
    assert np.all(short > -1e-13)
    assert short[-1] < 1e-4
    # L1: at least u n_0/(n_0 + t n), which is what is left for K = inf
    end, _ = share_envelope(0.3, K=math.inf, steps=6, training=(2.0, 3.0))
    np.testing.assert_allclose(end, 0.3 * 2.0 / (2.0 + 3.0 * np.arange(7)), rtol=1e-14)


def test_two_rewards_attain_the_envelope_of_a_gap():
    # The group has reward 0 and all others Δ: it keeps exactly the floor.
    for K, gap in ((2, 0.5), (7, 3.0), (math.inf, 1.0)):
        law = RewardLaw([0.0, gap], [0.3, 0.7], groups=["low", "high"])
        run = CurationLoop(law, K=K, lam=2.0).run(steps=5)
        floor, _ = share_envelope(0.3, K=K, lam=2.0, steps=5, gap=gap)
        _, ceiling = share_envelope(0.7, K=K, lam=2.0, steps=5, gap=gap)
        np.testing.assert_allclose(run.group_proportions[:, 0], floor, rtol=1e-12)
        np.testing.assert_allclose(run.group_proportions[:, 1], ceiling, rtol=1e-12)


@pytest.mark.parametrize("K", [2, 5, 1000, math.inf])
def test_a_group_that_is_all_or_nobody_stays_so_exactly(K):
    for gap in (None, 0.5, 3.0, 60.0):
        for curve in share_envelope([0.0, 1.0], K=K, lam=math.inf, steps=4, gap=gap):
            np.testing.assert_array_equal(curve, [[0.0, 1.0]] * 5)


def test_only_the_ratio_of_training_sizes_matters():
    floor, ceiling = share_envelope(0.2, K=4, steps=3, training=(1.0, 2.0))
    scaled = share_envelope(0.2, K=4, steps=3, training=(8e307, 1.6e308))
    np.testing.assert_allclose(scaled, (floor, ceiling), rtol=1e-15)


def test_what_is_beyond_a_double_says_nothing():
    # pytest takes warnings for errors. S_t is that of the pure loop: e^{-700} is real.
    largest = worst_divergence(K=10**9, lam=1e300, steps=100)
    pure = worst_divergence(K=10**9, lam=math.inf, steps=100)
    np.testing.assert_allclose(largest, pure, rtol=1e-13)
    # K^t is beyond a double, and 1 real sample in 10^300 is left.
    floor, _ = share_envelope(0.2, K=10**9, lam=1e300, steps=100)
    np.testing.assert_allclose(floor[2:], 2e-301, rtol=1e-13)
    floor, _ = share_envelope(0.2, K=3, lam=math.inf, steps=2000)
    assert floor[-1] == 0.0


def test_gaps_lie_between_no_choice_and_every_choice():
    wide = share_envelope(0.2, K=5, lam=3.0, steps=6)
    gaps = [0.0, 0.1, 1.0, 5.0, 700.0]
    curves = [share_envelope(0.2, K=5, lam=3.0, steps=6, gap=gap) for gap in gaps]
    np.testing.assert_allclose(curves[0], 0.2, rtol=1e-15)  # nobody prefers anything
    for (low, high), (lower, higher) in itertools.pairwise(curves):
        assert np.all(lower[1:] < low[1:])
        assert np.all(higher[1:] > high[1:])
    np.testing.assert_allclose(curves[-1], wide, rtol=1e-14)  # e^-700 is nothing


@pytest.mark.parametrize("K", [2, 3, 40])
@pytest.mark.parametrize("gap", [0.3, 4.0, -2.0])
def test_chosen_share_is_a_binomial_mean(K, gap):
    x = np.array([1e-6, 0.2, 0.9])
    j = np.arange(K + 1)
    chances = np.array([[math.comb(K, n) * y**n * (1 - y) ** (K - n) for n in j] for y in x])
    expected = chances @ (j / (j + (K - j) * math.exp(gap)))
    np.testing.assert_allclose(chosen_share(x, 1.0 - x, gap, K), expected, rtol=1e-13)


def test_for_ever_is_where_the_steps_lead():
    shares = np.array([0.0, 1e-9, 0.2, 0.9, 1.0])
    for step, gap in ((fresh(2.0, [(1.0, 4.0)]), None), (MIXED, None), (MIXED, 1.5)):
        floor, ceiling = envelope_for_ever(shares, step, gap)
        rows = envelope(shares, [step] * 400, gap)
        np.testing.assert_allclose(floor, rows[0][-1], rtol=1e-13)
        np.testing.assert_allclose(ceiling, rows[1][-1], rtol=1e-13)
    floor, ceiling = envelope_for_ever(shares, fresh(math.inf, [(1.0, 2.0)]))
    assert floor.tolist() == [0.0, 0.0, 0.0, 0.0, 1.0]
    assert ceiling.tolist() == [0.0, 1.0, 1.0, 1.0, 1.0]


def test_tiny_shares_for_ever():
    # 1 - G(1-u) for ever is u/(1 - λ(K-1)) for tiny u
    for u in (1e-300, 1e-200, 1e-20):
        floor, ceiling = envelope_for_ever(np.array([u]), fresh(0.25, [(1.0, 3.0)]))
        np.testing.assert_allclose(ceiling, 2.0 * u, rtol=1e-12)
        np.testing.assert_allclose(floor, 0.8 * u, rtol=1e-12)


def test_divergence_for_ever():
    # 1 - log 2 for K = 2 and λ = 1: theorem-2.4-optimal's largest; none beyond
    assert divergence_for_ever(fresh(1.0, [(1.0, 2.0)])) == pytest.approx(
        1 - math.log(2), rel=1e-14
    )
    assert divergence_for_ever(fresh(1.001, [(1.0, 2.0)])) == math.inf
    mixed = Round(real=0.6, kept=0.2, chosen=((0.15, 2.0), (0.05, 3.0)))
    steps = divergences([mixed] * 400)
    assert divergence_for_ever(mixed) == pytest.approx(float(steps[-1]), rel=1e-13)
    # noise-equivalence: what is retained makes λ smaller
    kept = divergence_for_ever(fresh(0.4, [(1.0, 2.0)], 0.25))
    assert kept == pytest.approx(divergence_for_ever(fresh(0.3, [(1.0, 2.0)])), rel=1e-14)
    assert divergence_for_ever(fresh(math.inf, [(1.0, 2.0)])) == math.inf
    assert divergence_for_ever(fresh(1e-9, [(1.0, math.inf)])) == math.inf
    assert divergence_for_ever(fresh(math.inf, [(1.0, 1.0)])) == 0.0


@pytest.mark.parametrize(("K", "retained"), [(2, 0.0), (5, 0.0), (10**6, 0.5), (math.inf, 0.0)])
def test_largest_mixing_keeps_just_the_share(K, retained):
    for is_least, limit in ((True, 0.1), (False, 0.6)):
        lam = largest_mixing_for_share(0.3, limit, K, retained=retained, is_least=is_least)
        end = envelope_for_ever(np.array([0.3]), fresh(lam, [(1.0, K)], retained))
        assert end[0 if is_least else 1][0] == pytest.approx(limit, rel=1e-12)
    # a share so small that 1 is its complement, in doubles: (u - y)/(y - y^K) is u/y
    assert largest_mixing_for_share(0.3, 1e-305, K, retained=retained) == pytest.approx(
        0.3e305 / (1.0 - retained), rel=1e-13
    )
    for u, limit, is_least in ((1.0, 0.3, True), (1.0, 1.0, True), (0.0, 0.1, False)):
        lam = largest_mixing_for_share(u, limit, K, retained=retained, is_least=is_least)
        assert lam == math.inf  # nobody and all stay so
    assert largest_mixing_for_share(0.3, 0.1, 1) == math.inf
    assert largest_mixing_for_share(0.3, 0.0, K) == math.inf
    assert largest_mixing_for_share(0.3, 0.3, K) == 0.0
    assert math.isnan(largest_mixing_for_share(0.3, 0.4, K))
    assert math.isnan(largest_mixing_for_share(0.3, 0.2, K, is_least=False))


def test_largest_mixing_keeps_just_the_divergence():
    for steps in (None, 3):
        lam = largest_mixing_for_divergence(0.05, 4, steps=steps)
        step = fresh(lam, [(1.0, 4.0)])
        found = divergence_for_ever(step) if steps is None else divergences([step] * steps)[-1]
        assert 0.05 * (1 - 1e-10) < found <= 0.05
    # Beyond 1/(K-1) nothing is bounded for ever; three pure steps have 3 log 4 - 1 + 1/64.
    assert largest_mixing_for_divergence(100.0, 4) == 1 / 3
    assert largest_mixing_for_divergence(3.2, 4, steps=3) == math.inf
    assert largest_mixing_for_divergence(0.1, math.inf) == 0.0
    assert largest_mixing_for_divergence(0.1, 1) == math.inf
    assert largest_within(lambda x: False, 1.0) == 0.0


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"u": 1.5}, ValueError, "u must be a share from 0 to 1, or an array of them; got 1.5"),
        ({"u": [0.5, math.nan]}, ValueError, "u must be a share from 0 to 1"),
        (
            {"u": "half"},
            TypeError,
            "u must be a share from 0 to 1, or an array of them; got 'half'",
        ),
        ({"K": 0}, ValueError, "K must be an integer of at least 1 or inf; got 0"),
        ({"K": 2.5}, ValueError, "K must be an integer of at least 1 or inf; got 2.5"),
        ({"K": True}, TypeError, "K must be an integer of at least 1 or inf; got True"),
        ({"K": "4"}, TypeError, "K must be an integer of at least 1 or inf; got '4'"),
        ({"K": [2, 0, 2]}, ValueError, r"K\[1\] must be an integer"),
        ({"K": [2, 2]}, ValueError, "K must be a number, or a sequence of 3 of them.*; got 2"),
        ({"lam": -1.0}, ValueError, "lam must be a number of at least 0 or inf; got -1.0"),
        ({"lam": math.nan}, ValueError, "lam must be a number of at least 0 or inf; got nan"),
        ({"lam": None}, TypeError, "lam must be given, or training"),
        ({"lam": [1.0] * 4}, ValueError, "lam must be a number, or a sequence of 3"),
        ({"retained": 1.5}, ValueError, "retained must be a number from 0 to 1; got 1.5"),
        ({"steps": -1}, ValueError, "steps must be from 0 to 1,000,000; got -1"),
        ({"steps": 2.0}, TypeError, "steps must be an integer of at least 0; got 2.0"),
        ({"training": (1.0, 1.0)}, TypeError, "lam and retained must be left out where training"),
        (
            {"lam": None, "training": (0.0, 1.0)},
            ValueError,
            r"training must be two finite numbers above 0, .*; got \(0.0, 1.0\)",
        ),
        ({"lam": None, "training": (1.0,)}, TypeError, r"two finite numbers .*; got \(1.0,\)"),
        ({"lam": None, "training": 5}, TypeError, "two finite numbers .*; got 5"),
        ({"lam": None, "training": "ab"}, TypeError, "two finite numbers .*; got 'ab'"),
        ({"gap": -0.5}, ValueError, "gap must be a finite number of at least 0; got -0.5"),
        ({"gap": "1"}, TypeError, "gap must be a finite number of at least 0; got '1'"),
        ({"gap": [1.0]}, TypeError, r"gap must be a finite number of at least 0; got \[1.0\]"),
        ({"gap": True}, TypeError, "gap must be a finite number of at least 0; got True"),
        ({"K": 10**400}, ValueError, "K must be an integer .* and below 1e308 if finite"),
        ({"u": [[0.1], [0.2, 0.3]]}, ValueError, "u must be .*; got rows of unequal lengths"),
        ({"u": ["a"]}, TypeError, "u must be .*; got an array of type <U1"),
    ],
)
def test_bad_input(given, error, message):
    arguments = {"u": 0.5, "K": 2, "lam": 1.0, "steps": 3, **given}
    with pytest.raises(error, match=message):
        share_envelope(arguments.pop("u"), **arguments)
    if not {"u", "gap"} & given.keys():
        arguments.pop("u", None)
        with pytest.raises(error, match=message):
            worst_divergence(**arguments)
