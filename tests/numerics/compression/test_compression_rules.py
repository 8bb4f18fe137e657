"""The parts of compression: Gauss rules from moments, cells, and the banded quadrature."""

import math

import numpy as np
import pytest

from recurate.numerics.compression import cells as compression_cells
from recurate.numerics.compression.banded_ratio import BandedKernel
from recurate.numerics.compression.bins import Atoms, BinnedLaw
from recurate.numerics.compression.cells import (
    NODES,
    cells_between,
    first_edges,
    interpolated,
    shifted,
    snapped,
)
from recurate.numerics.compression.moments import gauss_rules
from recurate.numerics.curation.floats import RATIO_ERROR, CurationKernel
from recurate.numerics.laws.reward_law import RewardLaw


def moments_of(positions, probs):
    return np.array([[(probs * positions**k).sum()] for k in range(6)])


def atoms_of(rewards, probs):
    zeros = np.zeros(rewards.size)
    nothing = np.empty(0)
    return Atoms(rewards, probs, zeros, zeros, rewards, nothing, nothing, np.empty((0, 0)))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 200])
@pytest.mark.parametrize("spread", [1.0, 1e-2, 1e-5, 1e-9])
def test_a_bins_rule_has_its_moments(size, spread, seed):
    draw = np.random.default_rng(seed)
    positions = 0.4 * (draw.random() - 0.5) + 0.6 * spread * (draw.random(size) - 0.5)
    probs = draw.random(size) ** 8 + 1e-18
    moments = moments_of(positions, probs)
    nodes, weights = gauss_rules(moments)
    assert (weights >= 0).all()
    assert np.abs(nodes).max() <= 0.5 * (1 + 1e-8)
    found = moments_of(nodes[0], weights[0])
    # A variance up to 1e-11 becomes one atom.
    assert np.abs(found - moments).max() <= 1.5e-11 * moments[0, 0]


def test_up_to_three_values_in_a_bin_are_found():
    positions, probs = np.array([-0.3, 0.1, 0.45]), np.array([0.2, 0.5, 0.3])
    for size in (1, 2, 3):
        nodes, weights = gauss_rules(moments_of(positions[:size], probs[:size]))
        assert np.sort(nodes[weights > 0]) == pytest.approx(positions[:size], abs=1e-13)
        assert np.sort(weights[weights > 0]) == pytest.approx(np.sort(probs[:size]), abs=1e-13)


def test_the_atoms_integrate_polynomials_of_degree_five_in_each_group():
    draw = np.random.default_rng(2)
    rewards, groups = draw.standard_normal(20_000), draw.integers(0, 3, 20_000)
    law = RewardLaw(rewards, groups=groups)
    atoms = BinnedLaw(law).atoms()
    assert atoms.probs.sum() == pytest.approx(1.0, abs=1e-14)
    assert (np.diff(atoms.lefts) >= 0).all()
    for k in range(6):
        assert atoms.probs @ atoms.rewards**k == pytest.approx((rewards**k).mean(), abs=1e-12)
        for name, shares in zip(law.group_names, atoms.shares, strict=True):
            expected = np.where(groups == name, rewards**k, 0.0).mean()
            assert shares @ atoms.points**k == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("divided", [False, True])
def test_joined_bins_integrate_the_same_polynomials_in_each_group(divided):
    draw = np.random.default_rng(2)
    rewards, groups = draw.standard_normal(60_000), draw.integers(0, 3, 60_000)
    law = RewardLaw(rewards, groups=groups)
    bins = BinnedLaw(law)
    if divided:
        # One bin in seven has three parts: a whole bin and a divided one are not joined.
        edges = np.append(np.linspace(-2.0, 1.0, 8), np.inf)
        assert bins.divide(edges, np.array([1, 1, 1, 3.0, 1, 1, 1, 1]))
    fine, coarse = bins.atoms(), bins.atoms(coarse=True)
    assert coarse.probs.size < 0.8 * fine.probs.size
    assert np.isclose(coarse.widths.max(), 2 * fine.widths.max())
    assert coarse.rewards.max() == fine.rewards.max()
    for k in range(6):
        # The fine atoms are tested against the rewards themselves.
        assert coarse.probs @ coarse.rewards**k == pytest.approx((rewards**k).mean(), abs=1e-12)
        for name, shares in zip(law.group_names, coarse.shares, strict=True):
            expected = np.where(groups == name, rewards**k, 0.0).mean()
            assert shares @ coarse.points**k == pytest.approx(expected, abs=1e-12)


def test_shifted_cells_are_others_with_the_top_alone():
    law = RewardLaw(np.random.default_rng(2).standard_normal(20_000))
    atoms = BinnedLaw(law).atoms()
    edges = first_edges(atoms, 100)
    others = shifted(atoms, edges)
    assert others[0] == edges[0]
    assert others[-2:].tolist() == edges[-2:].tolist() == [law.max_reward, np.inf]
    assert abs(others.size - edges.size) <= 1
    # Cells of a few rewards kept as they are have no middle but themselves.
    assert np.intersect1d(others[1:-2], edges[1:-2]).size <= 0.2 * edges.size
    assert sum(cell.weights.sum() for cell in cells_between(atoms, others, {})) == pytest.approx(
        1.0
    )


def test_groups_that_are_not_at_one_place_drift_from_their_atom():
    # Two groups 4e-9 apart in a bin of 2e-3: one atom, which is right for both only at order 0.
    draw = np.random.default_rng(3)
    groups = np.arange(40_000) % 2
    broad = draw.random(40_000) * 4 + np.where(draw.random(40_000) < 0.5, 0.0, 6.0)
    rewards = np.where(groups < 1, broad, 5.0 + 1e-10 * draw.random(40_000))
    rewards[1::4] += 4e-9
    labels = np.where(groups < 1, "broad", np.where(np.arange(40_000) % 4 == 1, "high", "low"))
    ties = np.where(groups < 1, rewards, 5.0)
    for values, drifts in ((rewards, True), (ties, False)):
        atoms = BinnedLaw(RewardLaw(values, groups=labels)).atoms()
        assert (atoms.drifts > 0).any() == drifts
        if drifts:
            # A quarter of the mass at either of two means 4e-9 apart.
            assert atoms.drifts.max() == pytest.approx(0.25 * 2e-9, rel=0.05)


def test_a_cells_rule_is_exact_to_degree_23_and_no_further():
    draw = np.random.default_rng(5)
    rewards = np.sort(draw.random(300)) * 0.9
    probs = draw.random(300)
    probs /= probs.sum()
    atoms = atoms_of(rewards, probs)
    (cell,) = cells_between(atoms, np.array([rewards[0], np.inf]), {})
    assert cell.nodes.size == NODES
    assert (cell.weights > 0).all()
    centred = [2 * x / 0.9 - 1 for x in (cell.nodes, rewards)]
    for k in range(24):
        found, expected = cell.weights @ centred[0] ** k, probs @ centred[1] ** k
        assert found == pytest.approx(expected, abs=1e-14)
    assert abs(cell.weights @ centred[0] ** 24 - probs @ centred[1] ** 24) > 1e-9


def test_polynomials_of_degree_eleven_are_read_back():
    draw = np.random.default_rng(5)
    law = RewardLaw(np.append(3 * draw.random(20_000), [40.0, 41.0, 41.0]))
    atoms = BinnedLaw(law).atoms()
    found = cells_between(atoms, first_edges(atoms, 10), {})
    nodes = np.concatenate([cell.nodes for cell in found])

    def function(x):
        return ((x - 1.4) / 2) ** 11 + np.minimum(x, 4.0)  # straight up to 4, which no cell spans

    values = interpolated(found, function(nodes), law.rewards)
    # Rounding grows with the root of one over the share of mass: 1e-16 times 1e5 for a small one.
    assert np.abs(values / function(law.rewards) - 1).max() < 1e-10


def test_integrals_that_only_multiply_rounding_are_left_out():
    # Mass 1/4, root 1/2: the limit is 1000 times that up to degree 5, and twice that beyond.
    integrals = np.array([[0.25, -0.4, 90.0, 6e2, 5.0, 1e6, 0.9, 1.1, -0.2]])
    integrals = np.concatenate([integrals, -integrals])
    lost = compression_cells.unresolved(integrals, 0.25)
    assert lost.tolist() == [0, 0, 0, 600, 0, 1e6, 0, 1.1, 0]


def test_few_places_need_few_nodes():
    # A thousand atoms at five places, up to rounding: the rule has five nodes.
    places = np.sort(np.tile(np.arange(5.0) / 5, 200) * (1 + 1e-15 * np.arange(1000) / 1000))
    atoms = atoms_of(places, np.full(1000, 1e-3))
    (cell,) = cells_between(atoms, np.array([places[0], np.inf]), {})
    assert cell.nodes == pytest.approx(np.arange(5.0) / 5, abs=1e-13)
    assert cell.weights == pytest.approx([0.2] * 5, abs=1e-13)


def test_edges_move_to_the_bins_that_are_left():
    rewards = np.array([0.0, 1.0, 2.0, 3.0])
    atoms = atoms_of(rewards, np.full(4, 0.25))
    # No bin starts in [0.5, 0.9): the two edges fall together.
    assert snapped(atoms, np.array([0.0, 0.5, 0.9, 3.0, np.inf])).tolist() == [0, 1, 3, np.inf]


@pytest.mark.parametrize("K", [2, 4, 10_000, 10**9])
@pytest.mark.parametrize("slope", [0.0, 1.0, -1.0, 30.0])
@pytest.mark.parametrize("span", [4.0, 700.0])
def test_the_banded_quadrature_is_the_dense_one(span, slope, K):
    draw = np.random.default_rng(1)
    rewards = np.sort(span * draw.random(300))
    # Slopes of either sign: M tiny at the low rewards, or the mass there; both forms of the sums.
    log_probs = slope * (rewards - rewards[-1]) + draw.standard_normal(rewards.size)
    log_probs -= np.logaddexp.reduce(log_probs)
    expected = CurationKernel(rewards, K).log_ratio(log_probs, K)
    found = BandedKernel(rewards, K).log_ratio(log_probs, K)
    assert (np.abs(found - expected) / np.maximum(1.0, np.abs(expected))).max() < 2 * RATIO_ERROR


def test_ratios_that_underflow_come_from_the_nodes_near_them():
    # M decreases as s^{-1/2}, so that H is about w^{1/2}, down to e^{-750}, from s about 1/w.
    rewards = np.linspace(-1_500.0, 0.0, 250)
    log_probs = 0.5 * rewards
    log_probs -= np.logaddexp.reduce(log_probs)
    expected = CurationKernel(rewards, 2).log_ratio(log_probs, 2)
    found = BandedKernel(rewards, 2).log_ratio(log_probs, 2)
    assert expected[0] < -740
    assert (np.abs(found - expected) / np.maximum(1.0, np.abs(expected))).max() < 2 * RATIO_ERROR


def test_the_banded_quadrature_keeps_the_identities():
    rewards = np.linspace(-2_500.0, 0.0, 400)
    log_probs = np.full(400, -math.log(400))
    for K in (2, 50):
        log_ratio = BandedKernel(rewards, K).log_ratio(log_probs, K)
        assert np.exp(log_ratio).mean() == pytest.approx(1.0, abs=1e-12)
        assert log_ratio.max() <= math.log(K)
