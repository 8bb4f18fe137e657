"""Kullback–Leibler divergence against its definition in 60 digits."""

import math

import numpy as np
import pytest

from recurate.numerics.divergences import kullback_leibler

from .oracles import mpf, normalised, precise


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1e-3, 0.4, 0.5, 0.6, 3.0, 50.0])
@pytest.mark.parametrize("seed", range(4))
def test_against_the_definition(seed, scale):
    # p is q tilted by a random vector, in 60 digits; the float densities are its roundings, whose
    # effect on KL = sum q phi(log p/q) is eps max|log p/q|^2 and more than covered.
    rng = np.random.default_rng(seed)
    q = normalised(rng.dirichlet(np.ones(6)))
    tilted = [
        x * precise.exp(mpf(float(scale * g))) for x, g in zip(q, rng.normal(size=6), strict=True)
    ]
    total = precise.fsum(tilted)
    log_density = [precise.log(x / total / y) for x, y in zip(tilted, q, strict=True)]
    expected = precise.fsum(x / total * d for x, d in zip(tilted, log_density, strict=True))
    found = kullback_leibler(np.array(log_density, dtype=float), np.array(q, dtype=float))
    assert abs(mpf(found) / expected - 1) < 1e-13 * max(1.0, scale)


def test_two_points():
    # Closed form: p = (3/4, 1/4), q = (1/2, 1/2).
    found = kullback_leibler(np.log([1.5, 0.5]), np.array([0.5, 0.5]))
    assert found == pytest.approx(0.75 * math.log(1.5) + 0.25 * math.log(0.5), rel=1e-15)


def test_an_atom_that_lost_its_mass():
    # Closed form: a point mass against q, -log q.
    found = kullback_leibler(np.array([math.log(4.0), -math.inf]), np.array([0.25, 0.75]))
    assert found == pytest.approx(math.log(4.0), rel=1e-15)


def test_massless_atoms_of_the_reference_do_not_count():
    densities = np.array([math.log(1.5), 700.0, math.log(0.5), math.inf])
    found = kullback_leibler(densities, np.array([0.5, 0.0, 0.5, 0.0]))
    assert found == kullback_leibler(densities[[0, 2]], np.array([0.5, 0.5]))


def test_equal_laws():
    assert kullback_leibler(np.zeros(3), np.full(3, 1 / 3)) == 0.0


def test_a_mass_that_underflows_is_silent():
    # q φ(δ) with δ = -800 is q; with δ = 700 on q = 1e-300 it is p (δ - 1) + q.
    found = kullback_leibler(np.array([690.0, -800.0]), np.array([1e-300, 1.0]))
    p = mpf(1e-300) * precise.exp(690)
    assert found == pytest.approx(float(p * 689 + mpf(1e-300) + 1), rel=1e-12)
