"""Identities of the curation ratio, searched by Hypothesis."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recurate.numerics.curation import log_curation_ratio

from ..oracles import RATIO_ERROR

searched = settings(derandomize=True, deadline=None, max_examples=80, database=None)

rewards = st.one_of(
    st.floats(-10.0, 10.0),
    st.floats(-1000.0, 1000.0),
    st.integers(-3, 3).map(float),  # many ties
)
candidates = st.one_of(st.integers(2, 10), st.integers(2, 10**9), st.just(math.inf), st.just(1))


@st.composite
def laws(draw):
    atoms = draw(st.lists(st.tuples(rewards, st.floats(0.0, 700.0)), min_size=1, max_size=8))
    values = np.array([r for r, _ in atoms])
    masses = np.exp(-np.array([d for _, d in atoms]))
    return values, masses / masses.sum()


def close(found, expected):
    allowed = 2 * RATIO_ERROR * np.maximum(1.0, np.abs(expected))
    return bool((np.abs(found - expected) <= allowed).all())


@searched
@given(laws(), candidates)
def test_curated_mass_is_one(law, K):
    values, probs = law
    log_ratio = log_curation_ratio(values, probs, K)
    # Relative error of H is that of log H: at most RATIO_ERROR max(1, |log H|), weighted by p H.
    with np.errstate(divide="ignore"):
        curated = np.exp(np.log(probs) + log_ratio)
    allowed = (curated * RATIO_ERROR * np.maximum(1.0, np.abs(log_ratio))).sum() + 1e-15
    assert abs(curated.sum() - 1.0) <= allowed


@searched
@given(laws(), candidates)
def test_ratio_is_at_most_K_and_increases_with_the_reward(law, K):
    values, probs = law
    log_ratio = log_curation_ratio(values, probs, K)
    slack = RATIO_ERROR * np.maximum(1.0, np.abs(log_ratio))
    assert (log_ratio <= (math.log(K) if K < math.inf else math.inf) + slack).all()
    order = np.argsort(values)
    assert (np.diff(log_ratio[order]) >= -(slack[order][1:] + slack[order][:-1])).all()


def test_ratio_increases_strictly_with_the_reward():
    # ratio-monotone in docs/mathematics.md; the gap of rewards, 0.01, is far above the error.
    values = np.linspace(0.0, 1.0, 101)
    for K in (2, 5, 10**6):
        assert (np.diff(log_curation_ratio(values, np.full(101, 1 / 101), K)) > 1e-4).all()


@searched
@given(laws(), candidates, st.sampled_from([-(2**30), -1000, 3, 2**20]))
def test_a_common_shift_of_rewards_changes_nothing(law, K, shift):
    values, probs = law
    values = np.round(values * 64) / 64  # so that the shift is exact
    expected = log_curation_ratio(values, probs, K)
    assert close(log_curation_ratio(values + shift, probs, K), expected)


@searched
@given(laws(), candidates, st.randoms(use_true_random=False))
def test_the_order_of_atoms_does_not_matter(law, K, random):
    values, probs = law
    order = list(range(values.size))
    random.shuffle(order)
    found = log_curation_ratio(values[order], probs[order], K)
    assert close(found, log_curation_ratio(values, probs, K)[order])


@searched
@given(laws(), candidates, st.floats(0.0, 1.0), st.data())
def test_splitting_an_atom_into_ties_changes_nothing(law, K, share, data):
    values, probs = law
    i = data.draw(st.integers(0, values.size - 1))
    split = np.append(probs, probs[i] * share)
    split[i] = probs[i] * (1 - share)
    found = log_curation_ratio(np.append(values, values[i]), split, K)
    expected = log_curation_ratio(values, probs, K)
    assert close(found, np.append(expected, expected[i]))


@searched
@given(laws(), candidates)
def test_log_probs_and_probs_give_the_same(law, K):
    values, probs = law
    with np.errstate(divide="ignore"):
        found = log_curation_ratio(values, K=K, log_probs=np.log(probs))
    assert close(found, log_curation_ratio(values, probs, K))
