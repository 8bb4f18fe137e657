"""Interpolation of the ratio in the reward: its bound, and its digits where they are hard to keep.

Oracles: quadrature in 60 digits, balls, and the dense engine, which others tests hold to both.
"""

import math
from functools import cache

import flint
import mpmath
import numpy as np
import pytest

from recurate.numerics.curation import CurationKernel, balls, interpolated
from recurate.numerics.curation.interpolated import CELLS, InterpolatedRatio

from ..oracles import RATIO_ERROR, logs, normalised, quadrature, worst


@pytest.fixture(params=range(len(CELLS)), ids=[f"{c.per_unit} cells a unit" for c in CELLS])
def cells(request, monkeypatch):
    """One way to interpolate, for few rewards too."""
    monkeypatch.setattr(interpolated, "_few_levels", lambda _: (None, None))
    monkeypatch.setattr(interpolated, "CELLS", CELLS[request.param : request.param + 1])
    return CELLS[request.param]


def interpolated_at_extremes(cells, function, start):
    """Values of a function on a cell, and those of its interpolant, where that errs most."""
    points = [
        -mpmath.cos(mpmath.pi * (2 * j + 1) / (2 * cells.points)) for j in range(cells.points)
    ]
    signs = [
        (-1) ** j * mpmath.sin(mpmath.pi * (2 * j + 1) / (2 * cells.points))
        for j in range(cells.points)
    ]
    places = [start + (1 + x) / (2 * cells.per_unit) for x in points]
    values = [function(place) for place in places]
    for k in range(cells.points + 1):
        x = -mpmath.cos(mpmath.pi * (k + mpmath.mpf("1e-6")) / cells.points)
        parts = [sign / (x - point) for sign, point in zip(signs, points, strict=True)]
        found = mpmath.fdot(parts, values) / mpmath.fsum(parts)
        at = start + (1 + x) / (2 * cells.per_unit)
        yield at, found, function(at)


@pytest.mark.parametrize("cells", CELLS)
def test_the_bound_is_that_of_the_proof(cells):
    # docs/large_tables.md: the scatter's is (1/c - 1) sup |error of e^{-u}|/(e^{-cu} - e^{-u}),
    # here for c = 1/10; the gather's is 8 (h/4π)^N. Cells start at any place relative to log s: 8
    # a unit.
    with mpmath.workdps(40):
        c, scatter = mpmath.mpf(1) / 10, mpmath.mpf(0)
        for place in range(-32, 40):
            start = mpmath.mpf(place) / 8
            for at, found, true in interpolated_at_extremes(
                cells, lambda x: mpmath.exp(-mpmath.exp(x)), start
            ):
                room = mpmath.exp(-c * mpmath.exp(at)) - true
                scatter = max(scatter, (1 / c - 1) * abs(found - true) / room)
        gather = 8 * (1 / (4 * mpmath.pi * cells.per_unit)) ** cells.points
        # Where H itself is interpolated: it is a mean of w/(w + S), and errs relatively by less.
        for place in range(-20, 20):
            start = mpmath.mpf(place) / 4
            for _, found, true in interpolated_at_extremes(
                cells, lambda x: 1 / (1 + mpmath.exp(-x)), start
            ):
                assert abs(found / true - 1) <= gather
        assert 0.5 * cells.error <= scatter + gather <= cells.error


def laws():
    rng = np.random.default_rng(5)
    yield "normal", rng.standard_normal(12), np.zeros(12)
    yield "one cell", 1e-9 * rng.standard_normal(6), rng.standard_normal(6)
    yield "rough masses", rng.standard_normal(12), -60.0 * rng.exponential(size=12)
    yield "rare below", np.array([0.0, 0.1, 20.0, 20.1, 21.0]), np.log([1e-300, 1e-300, 1, 1, 1])
    yield "rare within a cell", np.array([0.0, 1e-3, 2e-3, 5.0]), np.log([1.0, 1e-300, 1e-20, 1e-9])
    yield "span 400", 400.0 * rng.random(10), np.zeros(10)
    yield "span 1500", np.array([0.0, 1.0, 700.0, 700.1, 1499.0, 1500.0]), np.zeros(6)
    rare = np.log([1e-300, 1e-300, 1e-12, 0.3, 1e-12, 0.7])
    yield "span 1500, rare below", np.array([0.0, 1.0, 700.0, 700.1, 1499.0, 1500.0]), rare
    none = np.array([-np.inf, -np.inf, -1.0, 0.0])
    yield "span 1500, no mass in some cells", np.array([0.0, 1e-4, 700.0, 1500.0]), none
    beyond = np.array([-2000.0, -900.0, 0.0])
    yield "span 1500, masses below all doubles", np.array([0.0, 700.0, 1500.0]), beyond


LAWS = {
    name: (rewards, log_masses - np.log(np.exp(log_masses).sum()))
    for name, rewards, log_masses in laws()
}


@cache
def in_60_digits(name, K):
    """log H, once for all ways to interpolate it."""
    rewards, log_probs = LAWS[name]
    return logs(quadrature(rewards, K, per_unit=5)(normalised(log_probs=log_probs)))


@pytest.mark.parametrize("K", [2, 4, 10**9])
@pytest.mark.parametrize("name", LAWS)
def test_against_60_digits(cells, name, K):
    rewards, log_probs = LAWS[name]
    ratio, expected = InterpolatedRatio(rewards, K), in_60_digits(name, K)
    allowed = RATIO_ERROR + cells.error
    assert worst(ratio(log_probs), expected) <= allowed
    if ratio.is_narrow:
        found = np.log(ratio.ratio(np.exp(log_probs), 0.25)) - math.log(0.25)
        assert worst(found, expected) <= allowed


@pytest.mark.parametrize("K", [3, 10**9])
def test_against_balls(cells, K):
    # Masses that lie where the interpolant errs most, all on one side.
    place = -np.cos(np.pi * np.arange(0, cells.points + 1, 2) / cells.points) * (1 - 1e-9)
    rewards = np.concatenate([-(1 + place) / (2 * cells.per_unit), [-3.0, -8.5]])
    probs = np.append(np.full(place.size, 1.0), [1e-3, 1e-30])
    probs /= probs.sum()
    found = InterpolatedRatio(rewards, K)(np.log(probs))
    weights = [flint.arb(float(r)).exp() for r in rewards]
    for log_ratio, ball in zip(
        found, balls.curation_ratio(weights, probs.tolist(), K), strict=True
    ):
        true = float(ball.log().mid())
        assert abs(log_ratio - true) <= (RATIO_ERROR + cells.error) * max(1, abs(true))


@pytest.mark.parametrize("K", [2, 64])
@pytest.mark.parametrize("tilt", [-5.0, 0.0, 15.0])
def test_many_rewards_against_the_dense_engine(K, tilt):
    rewards = np.random.default_rng(3).standard_normal(3000)
    log_probs = tilt * rewards
    log_probs -= np.log(np.exp(log_probs).sum())
    ratio = InterpolatedRatio(rewards, K)
    assert ratio.error == CELLS[0].error
    dense = CurationKernel(rewards, K).log_ratio(log_probs, K)
    assert np.abs(ratio(log_probs) - dense).max() <= 2 * RATIO_ERROR + ratio.error


@pytest.mark.parametrize(("span", "which"), [(15.0, CELLS[0]), (50.0, CELLS[1]), (400.0, CELLS[2])])
def test_wide_rewards_have_wider_cells(span, which):
    rewards = np.random.default_rng(4).uniform(0.0, span, 5000)
    assert InterpolatedRatio(rewards, 2).error == which.error


def test_far_outliers_need_few_cells():
    rewards = np.append(np.random.default_rng(4).standard_normal(5000), [-1e9, -300.0])
    log_probs = np.full(rewards.size, -math.log(rewards.size))
    ratio = InterpolatedRatio(rewards, 4)
    assert ratio.error == CELLS[0].error
    dense = CurationKernel(rewards, 4).log_ratio(log_probs, 4)
    relative = np.abs(ratio(log_probs) - dense) / np.maximum(1.0, np.abs(dense))
    assert relative.max() <= 2 * RATIO_ERROR + ratio.error


def test_few_distinct_rewards_are_the_nodes():
    rewards = np.random.default_rng(6).integers(0, 7, 9000) / 3
    log_probs = np.full(9000, -math.log(9000))
    ratio = InterpolatedRatio(rewards, 4)
    assert ratio.error == 0.0
    dense = CurationKernel(rewards, 4).log_ratio(log_probs, 4)
    assert np.abs(ratio(log_probs) - dense).max() <= 2 * RATIO_ERROR
