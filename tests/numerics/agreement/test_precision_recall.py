"""Precision and recall, density and coverage: all pairs in integers, copies, ties, edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recurate.numerics.agreement import sample_quality
from recurate.numerics.agreement.sample_quality import PrecisionRecall, precision_recall

from .feature_samples import orthogonal, sample_of


def brute_force(generated, real, k):
    """The four measures in integers, by all pairs."""

    def distance(a, b):
        return sum((int(s) - int(t)) ** 2 for s, t in zip(a, b, strict=True))

    def balls(points):
        return [
            (p, sorted(distance(p, q) for j, q in enumerate(points) if j != i)[k - 1])
            for i, p in enumerate(points)
        ]

    def inside(points, balls):
        return [[distance(p, centre) <= radius for centre, radius in balls] for p in points]

    generated_in, real_in = inside(generated, balls(real)), inside(real, balls(generated))
    columns = list(zip(*generated_in, strict=True))
    return (
        sum(map(any, generated_in)) / len(generated),
        sum(map(any, real_in)) / len(real),
        sum(map(sum, generated_in)) / (k * len(generated)),
        sum(map(any, columns)) / len(real),
    )


@st.composite
def lattice_samples(draw):
    """Points on a small lattice: ties and copies abound."""
    features, k = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    points = st.integers(k + 1, 9).flatmap(
        lambda size: arrays(np.int64, (size, features), elements=st.integers(-3, 3))
    )
    return draw(points), draw(points), k


@given(lattice_samples(), st.sampled_from([1, 7, 2**22]))
def test_precision_and_recall_are_those_of_all_pairs(samples, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_quality, "_BLOCK", block)
        found = precision_recall(*samples)
    assert found == pytest.approx(brute_force(*samples), rel=1e-15)


@given(st.integers(0, 10**6), st.integers(5, 20), st.integers(5, 20), st.integers(1, 4))
def test_precision_and_recall_do_not_depend_on_the_frame(seed, m, n, k):
    x, y = sample_of(seed, m, 3), sample_of(seed + 10, n, 3)
    found = precision_recall(x, y, k)
    swapped = precision_recall(y, x, k)
    for exponent in (-400, 400, 1000):
        assert precision_recall(np.ldexp(x, exponent), np.ldexp(y, exponent), k) == found
    assert (swapped.precision, swapped.recall) == (found.recall, found.precision)
    turn = orthogonal(seed, 3)
    # Continuous samples have no ties that rounding could break: none within 1e-9 was ever drawn.
    assert precision_recall(x @ turn + 5, y @ turn + 5, k) == found
    assert precision_recall(-3.7 * x, -3.7 * y, k) == found
    more = precision_recall(x, y, k + 1) if min(m, n) > k + 1 else found
    assert more.precision >= found.precision
    assert more.recall >= found.recall
    assert more.coverage >= found.coverage


def test_copies_and_ties():
    rng = np.random.default_rng(0)
    real = rng.standard_normal((30, 4)) * 0.1 + 1e8  # where products of coordinates would be noise
    # At the very edge of each ball there is its third neighbour: four samples in it, with its own.
    assert precision_recall(real, real, 3) == PrecisionRecall(1, 1, 4 / 3, 1)
    # Each generated one has three copies beside it: its ball is a point, and holds its own copy.
    copies = np.repeat(real[:10], 4, axis=0)
    found = precision_recall(copies, real, 3)
    assert found.precision == 1
    assert found.recall == 10 / 30
    # Copies of the real ones, elsewhere: no ball has a radius.
    elsewhere = precision_recall(rng.standard_normal((30, 4)) * 0.1 + 1e8, copies, 3)
    assert (elsewhere.precision, elsewhere.density, elsewhere.coverage) == (0, 0, 0)


def test_far_samples_have_neither():
    x, y = sample_of(1, 20, 3), sample_of(2, 25, 3) + 1000
    assert precision_recall(x, y) == PrecisionRecall(0, 0, 0, 0)
    # One mode of two, dropped: all is precise, and half is recalled.
    both = np.concatenate([x, x + 1000])
    found = precision_recall(x, both, 3)
    assert (found.precision, found.recall, found.coverage) == (1, 0.5, 0.5)


TWO = [[0.0], [1.0]]
BAD = [
    (lambda: precision_recall(TWO, TWO, 0), ValueError, "k must be an integer of at least 1"),
    (lambda: precision_recall(TWO, TWO, True), TypeError, "k must be an integer"),
    (
        lambda: precision_recall(TWO, TWO, 2),
        ValueError,
        "generated must have at least 3 samples, for the k-th neighbour of each sample; got 2",
    ),
    (lambda: precision_recall(TWO * 2, TWO, 2), ValueError, "real must have at least 3 samples, f"),
    (lambda: precision_recall(TWO, [[1.0, 2.0]] * 2, 1), ValueError, "real must have as many feat"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_input_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
