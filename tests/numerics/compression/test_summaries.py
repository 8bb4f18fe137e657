"""Summaries of rewards: what is kept depends on the rows alone, however they are split."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurate import Summary
from recurate.numerics.compression import lattice

KINDS = (
    "normal",
    "uniform",
    "ties",
    "cauchy",
    "clusters",
    "tiny",
    "huge",
    "far top",
    "exponential",
)


def drawn(kind, size, rng):
    """Return rewards of some shape: spread evenly, heavily tied, far apart, or at one place."""
    z = rng.normal(size=size)
    return {
        "normal": z,
        "uniform": rng.uniform(-1.0, 3.0, size),
        "ties": rng.integers(-3, 300, size) / 4,
        "cauchy": rng.standard_cauchy(size),
        "clusters": z * 1e-6 + rng.integers(0, 3, size) * 1e5,
        "tiny": z * 1e-300,
        "huge": 1e300 + 0 * z,
        "far top": np.where(rng.random(size) < 0.1, 1e9 + z, -np.abs(z)),
        "exponential": -(rng.exponential(size=size) ** 3),
    }[kind]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Few rewards are kept, so that few rows make bins."""
    monkeypatch.setattr(lattice, "KEPT_TOP", 40)
    monkeypatch.setattr(lattice, "KEPT_BOTTOM", 8)
    monkeypatch.setattr(lattice, "KEPT_OF_PROMPTS", 120)


def assert_same(one, other, scale=1.0):
    """Assert that two summaries are the same, and their sums but for rounding."""
    a, b = one.content, other.content
    assert (a.rows, a.bins) == (b.rows, b.bins)
    assert [set(n or ()) for n in a.names] == [set(n or ()) for n in b.names]
    for field in ("coarsest", "finest", "bits"):
        assert getattr(a.frame, field) == getattr(b.frame, field), field
    groups, prompts = (
        np.array([there.index(name) for name in here or ()] or [0])
        for here, there in zip(a.names[:2], b.names[:2], strict=True)
    )
    order = np.argsort(prompts)
    for ends in ("upper", "lower"):
        np.testing.assert_array_equal(
            getattr(a.frame, ends)[order], getattr(b.frame, ends)[np.sort(prompts)]
        )
    for ours, theirs in ((a.kept, b.kept), (a.binned, b.binned)):
        ours = ours._replace(prompts=prompts[ours.prompts], groups=groups[ours.groups]).reduced()
        for column in ("prompts", "groups", "places", "levels"):
            np.testing.assert_array_equal(getattr(ours, column), getattr(theirs, column))
        np.testing.assert_array_equal(ours.sums[0], theirs.sums[0])  # the rows
        # Moments are at most the mass times 2^-k: rounding of each addition, and of each shift.
        largest = theirs.sums[2] * scale
        assert (np.abs(ours.sums - theirs.sums) <= 1e-12 * np.maximum(largest, 1e-300)).all()


@given(
    st.sampled_from(KINDS),
    st.integers(0, 2**32),
    st.integers(1, 6),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_a_summary_does_not_depend_on_how_rows_are_split(
    kind, seed, pieces, with_groups, with_prompts, sorts
):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 3000))
    rewards = drawn(kind, size, rng)
    if sorts:
        rewards = np.sort(rewards)
    columns = {"rewards": rewards}
    if with_groups:
        columns["groups"] = rng.integers(0, 3, size)
    if with_prompts:
        columns["prompts"] = rng.integers(0, 4, size)
    whole = Summary.of(**columns, bins=64)
    cuts = np.sort(rng.integers(0, size + 1, pieces - 1))
    parts = [
        Summary.of(**{name: column[rows] for name, column in columns.items()}, bins=64)
        for rows in np.split(rng.permutation(size), cuts)
    ]
    while len(parts) > 1:  # any tree
        some = sorted(rng.choice(len(parts), 2, replace=False).tolist(), reverse=True)
        first, second = (parts.pop(i) for i in some)
        parts.append(first.merged(second))
    assert_same(parts[0], whole)
