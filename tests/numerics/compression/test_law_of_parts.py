"""The loop on a law of parts has the figures of that of all rows, to the stated accuracy."""

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, Summary, law_of_parts
from recurate.numerics.compression import lattice
from recurate.numerics.compression.compressor import TOLERANCE
from recurate.numerics.laws.levels import FIGURES

INF = float("inf")
SIZE = 60_000
LOOPS = [(2, 0.5, 200), (4, 1.0, 50), (50, INF, 20), (INF, 0.5, 200), (INF, INF, 40)]


def rewards_of(kind, rng):
    z = rng.normal(size=SIZE)
    return {
        "uniform": lambda: rng.uniform(-1.0, 1.0, SIZE),
        "normal": lambda: z,
        "clustered": lambda: 0.01 * z + 5.0 * rng.integers(0, 3, SIZE),
        "heavily tied": lambda: np.where(rng.random(SIZE) < 0.8, np.round(z), z),
        "dense top": lambda: -rng.exponential(size=SIZE),
        "span 1000": lambda: rng.uniform(0.0, 1000.0, SIZE),
        "cauchy": lambda: rng.standard_cauchy(SIZE).clip(-300.0, 300.0),
        "far top": lambda: np.where(rng.random(SIZE) < 1e-3, 60.0 + z, z),
    }[kind]()


def columns_of(rewards, rng):
    """Weights, groups by the reward and by chance, and a score with gaps."""
    return {
        "rewards": rewards,
        "weights": rng.uniform(0.5, 2.0, SIZE),
        "groups": (rewards > np.median(rewards)) * 2 + rng.integers(0, 2, SIZE),
        "scores": {"s": np.where(rng.random(SIZE) < 0.1, np.nan, np.sin(1e4 * rewards))},
    }


def parts_of(columns, pieces):
    for rows in np.array_split(np.arange(SIZE), pieces):
        part = {name: columns[name][rows] for name in ("rewards", "weights", "groups")}
        yield part | {"scores": {"s": columns["scores"]["s"][rows]}}


@pytest.fixture(autouse=True)
def few_are_kept(monkeypatch):
    monkeypatch.setattr(lattice, "KEPT_TOP", 200)
    monkeypatch.setattr(lattice, "KEPT_BOTTOM", 20)


def difference(ours, theirs):
    """Return the largest difference: of rewards beside the rounding of their span."""
    order = [ours.law.group_names.index(name) for name in theirs.law.group_names]
    changes = [
        np.abs(ours.group_proportions[..., order] - theirs.group_proportions).max(initial=0.0),
        np.abs(ours.expected_scores - theirs.expected_scores).max(initial=0.0) / 2.0,
    ]
    for name in FIGURES:
        scale = 1.0
        if name == "expected_reward":  # as docs/compression.md has it: 2e-15 of the span, each step
            scale = max(1.0, float(np.ptp(theirs.law.rewards)) / 100)
        changes.append(np.abs(getattr(ours, name) - getattr(theirs, name)).max() / scale)
    return float(max(changes))


@pytest.mark.parametrize(
    "kind",
    [
        "uniform",
        "normal",
        "clustered",
        "heavily tied",
        "dense top",
        "span 1000",
        "cauchy",
        "far top",
    ],
)
def test_loops_have_the_figures_of_all_rows(kind):
    rng = np.random.default_rng(0)
    columns = columns_of(rewards_of(kind, rng), rng)
    law = law_of_parts(parts_of(columns, 4))
    assert law.rows == SIZE
    assert law.atom_rows.are_binned
    weights = columns["weights"]
    full = RewardLaw(
        columns["rewards"], weights / weights.sum(), columns["groups"], scores=columns["scores"]
    )
    for K, lam, steps in LOOPS:
        if np.ptp(full.rewards) > 100 and K < INF:
            steps = min(steps, 2)
        ours, theirs = (CurationLoop(of, K=K, lam=lam).run(steps=steps) for of in (law, full))
        assert ours.error_estimate <= TOLERANCE
        # Both are compressed, the second by its own estimate; the dense engine is compared with in
        # test_summaries_adversarial.py.
        assert difference(ours, theirs) <= ours.error_estimate + theirs.error_estimate + 1e-12


@pytest.mark.parametrize("kind", ["uniform", "heavily tied", "far top"])
@pytest.mark.parametrize(("K", "lam"), [(2, 0.5), (4, 1.0), (50, 1.0), (INF, 0.5)])
def test_fixed_points_are_those_of_all_rows(kind, K, lam):
    rng = np.random.default_rng(0)
    rewards = rewards_of(kind, rng)
    law = Summary.of(rewards[::2]).merged(Summary.of(rewards[1::2])).law()
    ours, theirs = (
        CurationLoop(of, K=K, lam=lam).fixed_point() for of in (law, RewardLaw(rewards))
    )
    for name in FIGURES:
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), abs=TOLERANCE), name
    assert ours.error_estimate <= TOLERANCE


def test_loops_within_prompts():
    rng = np.random.default_rng(0)
    rewards, prompts = rng.normal(size=20_000), rng.integers(0, 4, 20_000)
    parts = (
        {"rewards": rewards[rows], "prompts": prompts[rows]}
        for rows in (slice(9000), slice(9000, None))
    )
    law = law_of_parts(parts, bins=512)
    assert law.atom_rows.are_binned
    ours, theirs = (
        CurationLoop(of, K=4, lam=1.0).run(steps=5)
        for of in (law, RewardLaw(rewards, prompts=prompts))
    )
    assert difference(ours, theirs) <= TOLERANCE
    assert ours.error_estimate <= TOLERANCE
