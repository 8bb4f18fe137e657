"""Loops on laws of summarised rows against the dense engine on all rows, on laws drawn to be hard.

Bins are few, so that they are wide and their errors large: the estimate must not be below the
difference. A seeded sample is the test; a wide search is run by hand:

    python tests/numerics/compression/test_summaries_adversarial.py CASES [SEED]
"""

import sys

import numpy as np
import pytest

from recurate.numerics.compression import compressor, lattice
from recurate.numerics.compression.summary import Summary
from recurate.numerics.loop import CurationLoop
from recurate.numerics.trajectory import trajectory_of
from tests.numerics.compression.test_compression_adversarial import (
    CANDIDATES,
    INF,
    MIXINGS,
    allowance,
    distance,
    law_of,
)


def merged(law, bins, draw):
    """Return the law of the rows of a law, summarised in parts that are joined in any order."""
    rows, weights = draw.permutation(law.size), law.probs * law.size
    names = np.array(law.group_names)[law.group_index]
    score = law.scores["score"]
    cuts = np.sort(draw.integers(0, law.size, draw.integers(0, 6)))
    parts = [
        Summary.of(law.rewards[p], weights[p], names[p], scores={"score": score[p]}, bins=bins)
        for p in np.split(rows, cuts)
    ]
    while len(parts) > 1:
        first, second = (parts.pop(draw.integers(len(parts))) for _ in range(2))
        parts.append(first.merged(second))
    return parts[0].law()


def one_case(seed):
    """Compare one drawn loop on both laws; return what it was, and the differences."""
    draw = np.random.default_rng(seed)
    law = law_of(draw)
    K, lam = CANDIDATES[draw.integers(len(CANDIDATES))], MIXINGS[draw.integers(len(MIXINGS))]
    steps = int(draw.choice([1, 7, 40, 200]))
    if np.ptp(law.rewards) > 60 and K < INF:
        steps = min(steps, 12)
    bins = int(draw.choice([64, 512, 4096]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lattice, "KEPT_TOP", int(draw.choice([1, 60, 600])))
        patch.setattr(lattice, "KEPT_BOTTOM", 1)
        patch.setattr(lattice, "MOST_BITS", int(draw.choice([3, 4, 5, 8])))
        small = merged(law, bins, draw)
    loop = CurationLoop(small, K=K, lam=lam)
    how = "compressed" if draw.random() < 0.6 else "dense"
    if how == "compressed":
        found = trajectory_of(
            small, *compressor.compressor_of(small).run(K, lam, steps), steps, None
        )
    else:
        found = loop.run(steps=steps, compress=False)
    expected = CurationLoop(law, K=K, lam=lam).run(steps=steps, compress=False)
    order = [small.group_names.index(name) for name in law.group_names]
    object.__setattr__(found, "group_proportions", found.group_proportions[:, order])
    error = distance(found, expected)
    what = (
        f"seed {seed}: n = {law.size}, span {np.ptp(law.rewards):.3g}, K = {K}, lam = {lam}, "
        f"{steps} steps, {bins} bins of {small.content.binned.size}, {how}"
    )
    return what, error, found, allowance(law, steps)


@pytest.mark.parametrize("seed", range(40))
def test_loops_on_summarised_rows_have_the_figures_of_all_rows(seed):
    what, error, found, rounding = one_case(seed)
    assert error <= found.error_estimate + rounding, what


def search(cases, seed):
    """Try many, and print the worst ones."""
    worst, largest = 0.0, 0.0
    for case in range(seed, seed + cases):
        try:
            what, error, found, rounding = one_case(case)
        except compressor.CompressionError as refusal:
            print(f"seed {case}: {refusal}")
            continue
        estimate = found.error_estimate
        over, largest = error / (estimate + rounding), max(largest, error)
        if over > min(worst, 1.0):
            worst = max(over, worst)
            print(
                f"{what}: error {error:.3g}, estimate {estimate:.3g}, {over:.3g} of allowed",
                flush=True,
            )
    print(f"{cases} cases: errors up to {largest:.3g}, worst {worst:.3g} of allowed")


if __name__ == "__main__":
    search(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
