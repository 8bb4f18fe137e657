"""The quadrature's two implementations, its storage and its reuse give one answer."""

import math
from pathlib import Path

import numpy as np
import pytest

import recurate.numerics
from recurate.numerics.curation import floats, transform
from recurate.numerics.curation.floats import CurationKernel, log_curation_ratio

from ..oracles import RATIO_ERROR, random_law


def used(rewards, K):
    kernel = CurationKernel(rewards, K)
    parts = {"matrix": kernel._matrix, "logarithms": kernel._tail}
    return {name for name, part in parts.items() if part is not None}


def agreement(found, expected):
    return np.max(np.abs(found - expected) / np.maximum(1.0, np.abs(expected)))


def test_the_span_decides_the_path():
    # The last node is at s w_min = 40, log 40 = 3.7 above the span.
    assert used([0.0, 496.0], 2) == {"matrix"}
    assert used([0.0, 497.0], 2) == {"matrix", "logarithms"}


def test_only_low_atoms_pay_for_a_wide_span():
    kernel = CurationKernel([0.0, -1.0, -1e9, -400.0], 2)
    assert kernel._in_tail.tolist() == [False, False, True, False]


def test_neither_is_needed_without_an_integral():
    assert used([0.0, 1.0], 1) == set()
    assert used([0.0, 1.0], math.inf) == set()


@pytest.mark.parametrize("K", [2, 3, 50, 10**6, 10**9])
@pytest.mark.parametrize("seed", range(6))
def test_narrow_and_wide_paths_agree(monkeypatch, seed, K):
    rewards, probs = random_law(seed, span=(1.0, 30.0, 500.0)[seed % 3], largest=30)
    narrow = log_curation_ratio(rewards, probs, K)
    monkeypatch.setattr(floats, "_MATRIX_TOP", -math.inf)
    assert used(rewards, K) == {"logarithms"}
    assert agreement(log_curation_ratio(rewards, probs, K), narrow) < 2 * RATIO_ERROR


@pytest.mark.parametrize("K", [2, 1000])
def test_matrices_rebuilt_block_by_block_give_the_same(monkeypatch, K):
    rng = np.random.default_rng(3)
    rewards, probs = rng.normal(size=100) * 5, rng.dirichlet(np.ones(100))
    stored = log_curation_ratio(rewards, probs, K)
    monkeypatch.setattr(transform, "BLOCK_BYTES", 8 * 7 * 200)
    kernel = CurationKernel(rewards, K)
    assert len(kernel._matrix._slices) > 10
    assert kernel._matrix._stored is not None
    in_blocks = log_curation_ratio(rewards, probs, K, kernel=kernel)
    monkeypatch.setattr(transform, "STORED_BYTES", 0)
    kernel = CurationKernel(rewards, K)
    assert kernel._matrix._stored is None
    rebuilt = log_curation_ratio(rewards, probs, K, kernel=kernel)
    assert np.array_equal(rebuilt, in_blocks)
    assert np.array_equal(log_curation_ratio(rewards, probs, K, kernel=kernel), rebuilt)
    # Sums of positive terms in another order: each within RATIO_ERROR of the truth.
    assert agreement(in_blocks, stored) < 2 * RATIO_ERROR


def test_storage_is_refused_by_the_matrix_size(monkeypatch):
    rewards = np.linspace(0.0, 1.0, 50)
    size = 8 * CurationKernel(rewards, 2)._matrix._stored[0].size
    monkeypatch.setattr(transform, "STORED_BYTES", size)
    assert CurationKernel(rewards, 2)._matrix._stored is not None
    monkeypatch.setattr(transform, "STORED_BYTES", size - 1)
    assert CurationKernel(rewards, 2)._matrix._stored is None


def test_wide_path_in_small_blocks_gives_the_same(monkeypatch):
    rewards, probs = np.linspace(-1500.0, 0.0, 40), np.full(40, 1 / 40)
    whole = log_curation_ratio(rewards, probs, 4)
    monkeypatch.setattr(transform, "BLOCK_BYTES", 8 * 40 * 7)
    assert agreement(log_curation_ratio(rewards, probs, 4), whole) < 2 * RATIO_ERROR
    monkeypatch.setattr(transform, "BLOCK_BYTES", 1)
    assert agreement(log_curation_ratio(rewards, probs, 4), whole) < 2 * RATIO_ERROR


@pytest.mark.parametrize("span", [10.0, 800.0])
def test_one_kernel_serves_every_smaller_K(span):
    rewards, probs = random_law(5, span=span)
    kernel = CurationKernel(rewards, 10**6)
    for K in (1, 2, 77, 10**6, 2):
        found = log_curation_ratio(rewards, probs, K, kernel=kernel)
        assert agreement(found, log_curation_ratio(rewards, probs, K)) < 2 * RATIO_ERROR


def test_a_far_outlier_costs_no_nodes():
    # Two bands of nodes whatever the gap: without it there would be 4e9 nodes.
    relative = np.array([-1e9, 0.0])
    near = transform.node_indices(relative / 1e3, 2)
    assert transform.node_indices(relative, 2).size == near.size


def test_nodes_ascend_without_repetition():
    for relative in ([-3.0, -2.9, 0.0], [-2000.0, -1900.0, -50.0, 0.0], [-1e12, 0.0]):
        nodes = transform.node_indices(np.array(relative), 5)
        assert (np.diff(nodes) >= 1).all()


def test_numerics_looks_the_ratio_up_in_its_package():
    """Not in the module that computes it: another ratio put into the package changes every loop."""
    numerics = Path(recurate.numerics.__file__).parent
    for path in numerics.rglob("*.py"):
        if path.parent.name != "curation":
            assert "numerics.curation.floats" not in path.read_text(encoding="utf-8"), path
            assert "import log_curation_ratio" not in path.read_text(encoding="utf-8"), path
