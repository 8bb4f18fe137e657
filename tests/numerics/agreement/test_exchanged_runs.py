"""Runs against others of the same loop: the bound, the sizes, and what is counted."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurate import Accumulate, CurationLoop, RewardLaw, simulate_loop
from recurate.numerics.agreement.counted_runs import counted_runs
from recurate.numerics.agreement.exchanged_runs import log_rates, runs_verdict, sizes_of_loop
from recurate.numerics.simulation.simulated_trajectory import Sizes
from recurate.rules import BestOf

LAW = RewardLaw([0.0, 1.0, 2.0], [0.5, 0.3, 0.2], groups="xyx")
VALUES = st.lists(st.floats(-1e3, 1e3).map(lambda x: round(x, 6)), min_size=5, max_size=8)


@given(values=VALUES, runs=st.integers(1, 3))
def test_the_bound_holds_for_every_way_to_draw(values, runs):
    """All samples without replacement: as large a mean on one side is at most e^-L likely."""
    values = np.array(values)
    ways = [list(way) for way in itertools.combinations(range(values.size), runs)]
    means = np.array([values[way].mean() for way in ways])
    for way, mean in zip(ways, means, strict=True):
        rest = np.delete(values, way)
        rate = log_rates(values[way][:, None], rest[:, None], np.zeros(1))[0]
        side = 1 if mean > values.mean() else -1
        as_large = (side * (means - mean) >= -1e-9 * np.abs(values).max()).mean()
        assert as_large <= math.exp(-rate) * (1 + 1e-6)


@pytest.mark.parametrize(("runs", "more"), [(1, 9), (3, 200), (10, 10)])
def test_the_bound_where_all_are_at_one_end(runs, more):
    """(R/(R+M))^R, the limit of a large tilt; and nothing within what is allowed."""
    found, others = np.ones((runs, 3)), np.zeros((more, 3))
    rates = log_rates(found, others, np.array([0.0, 2.0, more / (runs + more)]))
    assert rates == pytest.approx([runs * math.log((runs + more) / runs), 0.0, 0.0], abs=1e-9)


def test_no_number_is_no_agreement():
    found = np.array([[1.0, np.nan], [2.0, 1.0]])
    assert log_rates(found, np.zeros((5, 2)), np.zeros(2))[1] == math.inf


def run(**given):
    loop = CurationLoop(LAW, **given)
    return simulate_loop(loop, steps=2, n_generated=1_000, replicates=2, rng=0)


@pytest.mark.parametrize(("given_", "other", "sizes"), [
    # Those of a run are kept if they are the loop's, and otherwise made of as many synthetic ones.
    ({"K": 3, "lam": 2.0}, {"rule": BestOf(3), "lam": 2.0}, [(1000, 500, 0)] * 2),
    ({"K": 3, "lam": 1.0}, {"rule": BestOf(3), "lam": 2.0}, [(1000, 500, 0)] * 2),
    ({"K": 3, "lam": 1.0}, {"K": 3, "lam": 1.0, "retained": 0.3}, [(700, 1000, 300)] * 2),
    ({"K": 3, "lam": 0.0}, {"K": 3, "lam": [1.0, 0.0]}, [(1000, 1000, 0), (0, 1000, 0)]),
    (
        {"K": 3, "lam": 1.0, "retained": 0.5},
        {"K": 3, "training": Accumulate(2.0)},
        [(1000, 2000, 0)] * 2,
    ),
    (
        {"K": 3, "lam": [1.0, 3.0]},
        {"K": 3, "lam": lambda t: 1.0 + 2.0 * t},
        [(1000, 1000, 0), (1000, 333, 0)],
    ),
])  # fmt: skip
def test_sizes_are_those_of_the_loop(given_, other, sizes):
    found = sizes_of_loop(run(**given_), CurationLoop(LAW, **other))
    assert [(one.curated, one.real, one.retained) for one in found] == sizes


def test_the_first_step_of_counted_runs_is_multinomial():
    """Without a step the figures are those of n samples of p_ref: variances are p(1-p)/n."""
    loop = CurationLoop(LAW, rule=BestOf(3), lam=1.0)
    figures, groups = counted_runs(loop, [Sizes(50, 50, 50)], 20_000, np.random.default_rng(0))
    assert figures.shape == (20_000, 1, 5)
    # Ten standard errors of a variance, about √(2/20,000) of it.
    assert groups[:, 0, 1].var() == pytest.approx(0.3 * 0.7 / 50, rel=0.1)
    assert groups[:, 0].sum(axis=1) == pytest.approx(1.0)
    assert np.unique(figures[:, 0, 4] * 50).tolist() == pytest.approx(
        np.unique(np.round(figures[:, 0, 4] * 50)).tolist()
    )


def test_so_few_runs_are_refused_with_how_many_are_needed():
    """R runs have no p-value below 2 points (R/(R+M))^R, with at most 20,000 others."""
    loop = CurationLoop(LAW, rule=BestOf(3), lam=1.0)
    few = simulate_loop(loop, steps=2, n_generated=100, replicates=1, rng=0)
    with pytest.raises(ValueError, match=r"at least 3 independent runs .* below 1e-06, .* got 1"):
        runs_verdict(few, loop, 1e-6)
    enough = simulate_loop(loop, steps=2, n_generated=100, replicates=3, rng=0)
    other = CurationLoop(LAW, rule=BestOf(3), lam=5.0)
    assert runs_verdict(enough, loop, 1e-6).p_value == 1.0
    many = simulate_loop(other, steps=2, n_generated=10_000, replicates=3, rng=0)
    assert runs_verdict(many, loop, 1e-6).p_value < 1e-6
