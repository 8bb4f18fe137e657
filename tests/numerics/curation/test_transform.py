"""The Laplace transform of a law, in its two forms, against forty digits."""

import mpmath
import numpy as np
import pytest

from recurate.numerics.curation.transform import MatrixTransform, Terms, node_indices

from ..oracles import random_law


@pytest.mark.parametrize("K", [2, 10**9])
@pytest.mark.parametrize("span", [0.1, 5.0, 100.0, 480.0])
def test_log_transform_keeps_its_digits_near_one_and_far_below(span, K):
    rewards, probs = random_law(7, span=span, largest=20)
    relative = rewards - rewards.max()
    indices = node_indices(relative, K)
    found = MatrixTransform(relative, indices).log(np.log(probs))
    dense = Terms.of(relative, indices / 4).log_transform(probs)
    # Exponentials of log p and of r + u, which are rounded in the last place, and a few sums.
    allowed = np.finfo(float).eps * (8 + span - np.log(probs).min())
    with mpmath.workdps(40):
        weights = [mpmath.exp(mpmath.mpf(r)) for r in relative.tolist()]
        total = mpmath.fsum(map(mpmath.mpf, probs.tolist()))
        for j in range(0, indices.size, 7):
            s = mpmath.exp(mpmath.mpf(float(indices[j])) / 4)
            terms = zip(probs.tolist(), weights, strict=True)
            exact = mpmath.log(mpmath.fsum(p * mpmath.exp(-s * w) for p, w in terms) / total)
            if exact > -690:  # the transform itself is a double
                assert float(abs(found[j] / exact - 1)) < allowed
                assert float(abs(dense[j] / exact - 1)) < allowed


def test_sums_over_the_nodes_are_the_adjoint():
    rewards, _ = random_law(3, span=30.0, largest=20)
    relative = rewards - rewards.max()
    indices = node_indices(relative, 5)
    terms = np.random.default_rng(0).random(indices.size)
    found = MatrixTransform(relative, indices).adjoint(terms)
    assert found == pytest.approx(Terms.of(relative, indices / 4).powers @ terms, rel=1e-14)
