"""The curation ratio on tensors: its digits in both types, and its gradients."""

import math

import numpy as np
import pytest
from hypothesis import given

from recurate import log_curation_ratio
from recurate.numerics.curation.floats import RATIO_ERROR, CurationKernel
from recurate.numerics.curation.short_quadrature import node_count
from recurate.strategies import candidate_numbers, reward_laws

from ..oracles import (
    enumerated,
    limit,
    logs,
    mpf,
    normalised,
    precise,
    quadrature,
    random_law,
    worst,
)

torch = pytest.importorskip("torch")
tensors = pytest.importorskip("recurate.numerics.curation.tensors")

WIDE = [-1500.0, -700.25, -3.0, 0.0]
K_VALUES = [2, 3, 10**4, 10**9, math.inf]


def tensor(values, dtype=torch.float64, **more):
    return torch.tensor(np.array(values), dtype=dtype, **more)


def expected_at(rewards, log_probs, K):
    """log H in 60 digits, of the numbers as they are given."""
    ratio = limit(rewards) if K == math.inf else quadrature(rewards, K, per_unit=5)
    return logs(ratio(normalised(log_probs=log_probs)))


def laws():
    for seed in range(3):
        rewards, probs = random_law(seed, span=10.0**seed)
        yield rewards, np.log(probs)
    yield WIDE, np.log([0.25] * 4)
    yield WIDE, np.log([1e-300, 1e-160, 1e-20, 1.0])
    yield WIDE, np.log([1.0, 1e-20, 1e-160, 1e-300])
    yield [-900.0, -300.0, 0.0, 500.0], [-1e5, -1e5 + 3.0, math.log(0.5), math.log(0.5)]
    yield [-20.0, 2.0, 0.0, 1.0], [math.log(0.3), -800.0, math.log(0.7), -1e5]
    # The span at which the short quadrature ends, in either type.
    for span in (59.0, 61.0, 149.0, 151.0):
        yield [-span, -1.0, 0.0], np.log([0.9, 0.1 - 1e-9, 1e-9])


@pytest.mark.parametrize("K", K_VALUES)
@pytest.mark.parametrize(("rewards", "log_probs"), list(laws()))
def test_both_types_have_their_stated_error(rewards, log_probs, K):
    found = log_curation_ratio(tensor(rewards), K=K, log_probs=tensor(log_probs))
    assert found.dtype == torch.float64
    assert worst(found.numpy(), expected_at(rewards, log_probs, K)) <= RATIO_ERROR
    single, log_p = tensor(rewards, torch.float32), tensor(log_probs, torch.float32)
    found = log_curation_ratio(single, K=K, log_probs=log_p)
    assert found.dtype == torch.float32
    # Doubles were held to 60 digits above, and hold what is given in float32.
    expected = log_curation_ratio(single.double(), K=K, log_probs=log_p.double().log_softmax(0))
    span = float(np.ptp(rewards))
    allowed = tensors.RATIO_ERROR_FLOAT32 + 6e-8 * span  # the latter is not relative to log H
    assert worst(found.double().numpy(), list(map(mpf, expected.tolist()))) <= allowed


@given(reward_laws(), candidate_numbers())
def test_it_is_the_ratio_of_arrays(law, K):
    expected = log_curation_ratio(law.rewards, law.probs, K)
    found = log_curation_ratio(tensor(law.rewards), tensor(law.probs), K).numpy()
    # Each of the two is right to its stated error.
    assert (np.abs(found - expected) <= 2 * RATIO_ERROR * np.maximum(1, np.abs(expected))).all()


def test_probabilities_may_be_given_either_way_and_one_tensor_is_enough():
    rewards, probs = [0.0, 1.0, 3.0], [0.5, 0.25, 0.25]
    expected = log_curation_ratio(rewards, probs, 3)
    for found in (
        log_curation_ratio(tensor(rewards), probs, 3),
        log_curation_ratio(rewards, tensor(probs), 3),
        log_curation_ratio(rewards, K=3, log_probs=tensor(np.log(probs))),
    ):
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-14, atol=1e-15)
    assert log_curation_ratio(tensor(rewards), probs, 1).tolist() == [0.0] * 3


def test_a_large_law_in_blocks(monkeypatch):
    rng = np.random.default_rng(0)
    rewards, log_p = tensor(5 * rng.random(5000)), tensor(rng.normal(size=5000)).log_softmax(0)
    assert 5000 * 38 > tensors._ENTRIES["cpu"]  # so it is taken in blocks
    expected = log_curation_ratio(rewards.numpy(), K=7, log_probs=log_p.numpy())
    for entries in (2**17, 500, 1):  # one atom at a time, at last
        monkeypatch.setitem(tensors._ENTRIES, "cpu", entries)
        some = slice(0, 5000 if entries > 500 else 40)
        part, law = rewards[some], log_p[some].log_softmax(0)
        if entries < 2**17:
            expected = log_curation_ratio(part.numpy(), K=7, log_probs=law.numpy())
        found = log_curation_ratio(part, K=7, log_probs=law)
        assert np.abs(found.numpy() - expected).max() <= 2 * RATIO_ERROR * 5


@pytest.mark.parametrize("entries", [2**17, 100])
@pytest.mark.parametrize("span", [1.0, 40.0, 400.0, 1500.0])
@pytest.mark.parametrize("K", [1, *K_VALUES])
def test_gradients(K, span, entries, monkeypatch):
    monkeypatch.setitem(tensors._ENTRIES, "cpu", entries)
    rng = np.random.default_rng(7)
    rewards = tensor(span * rng.random(6), requires_grad=True)
    logits = tensor(rng.normal(size=6) * 3, requires_grad=True)

    def ratio(rewards, logits):
        found = log_curation_ratio(rewards, K=K, log_probs=logits.log_softmax(0))
        return found + 0 * rewards.sum()  # K = 1 depends on nothing

    # Derivatives of the order of the values themselves; differences are right to some 1e-9 of them.
    assert torch.autograd.gradcheck(ratio, (rewards, logits), rtol=1e-5, atol=1e-6)
    if K in (2, math.inf) and span < 100:
        assert torch.autograd.gradgradcheck(ratio, (rewards, logits))


def test_gradients_of_probabilities():
    probs = tensor([0.2, 0.5, 0.3], requires_grad=True)
    rewards = tensor([0.0, 1.0, 4.0])

    def ratio(logits):  # a law whose sum stays one
        return log_curation_ratio(rewards, logits.softmax(0), 4)

    assert torch.autograd.gradcheck(ratio, probs)
    log_curation_ratio(rewards, probs, 4)[0].backward()
    assert (
        abs(float(probs.grad @ probs.detach())) < 1e-15
    )  # the sum is divided out: no change along p


def test_a_gradient_in_closed_form():
    # Two atoms, best of two: H_1 = 2 (p_1/2 + p_2/(1 + w)), so dH_1/dr_2 = -2 p_2 w/(1 + w)².
    r = tensor([0.0, math.log(3.0)], requires_grad=True)
    log_p = tensor(np.log([0.5, 0.5]))
    (found,) = torch.autograd.grad(log_curation_ratio(r, K=2, log_probs=log_p)[0].exp(), r)
    # It is H_1 (1 - Σ q s w_1 - Σ q q_1 s w_1) and -H_1 Σ q q_2 s w_2 over N = 23 nodes s, with
    # q, q_k >= 0: the sizes of the terms sum to at most 7/4 H_1. A term takes some 24 operations,
    # each right to 2u, whose errors e^{-s w} multiplies by 1 + s w, of mean below 2.2 (s has the
    # rates 2 w_1 and w_1 + w_2, by half). Two sums of N round N times each; the rule itself is
    # right to 6e-16, which is 6u. That is (24 · 2 · 2.2 + 2 N + 6) u at worst, 2.3e-14 in all. Of
    # errors that are independent, and no term above a third of all, three standard deviations are
    # 3 √((4.4² · 24 / 3 + 2 N) / 3) u: with the rule's 6u, 4.5e-15 in all.
    assert node_count(math.log(3.0)) == 23
    assert found.tolist() == pytest.approx([3 / 16, -3 / 16], rel=0, abs=5e-15)


@pytest.mark.parametrize("K", K_VALUES)
def test_atoms_without_mass_have_finite_gradients(K):
    rewards = tensor([0.0, 1.0, 2.0, 700.0], requires_grad=True)
    log_p = tensor([0.0, -math.inf, -2000.0, -math.inf], requires_grad=True)
    found = log_curation_ratio(rewards, K=K, log_probs=log_p)
    found.sum().backward()
    assert torch.isfinite(rewards.grad).all()
    assert torch.isfinite(log_p.grad).all()
    assert log_p.grad[1] == 0.0  # d/dlog p is p d/dp
    # An offset of all rewards changes nothing.
    assert abs(float(rewards.grad.sum())) <= 1e-9


@pytest.mark.parametrize("K", [2, 10**9])
def test_gradients_keep_the_digits_of_many_candidates(K):
    # Two atoms of small difference d: to first order in d, log H = ±(K-1)/K · d/2 at halves.
    r = tensor([0.0, 1e-9], requires_grad=True)
    log_p = tensor(np.log([0.5, 0.5]))
    (found,) = torch.autograd.grad(log_curation_ratio(r, K=K, log_probs=log_p)[1], r)
    expected = (K - 1) / K / 2
    assert found.tolist() == pytest.approx([-expected, expected], rel=1e-8)


@pytest.mark.parametrize("K", [10, 10**9])
@pytest.mark.parametrize("rare", [0.3, 1e-8])
def test_gradients_in_probabilities_keep_their_digits_too(rare, K):
    # Differences in 60 digits. Of K e^{-s w} and K (e^{-s w} - 1) the first would leave 1e-7.
    rewards, log_p = [-2.0, -0.5, 0.0], np.log([0.5, 0.5 - rare, rare])
    ratio = quadrature(rewards, K, per_unit=5)
    masses, step = normalised(log_probs=log_p), precise.mpf(10) ** -20

    def moved(k, sign):
        changed = [m * precise.exp(sign * step) if i == k else m for i, m in enumerate(masses)]
        total = precise.fsum(changed)
        return precise.log(ratio([m / total for m in changed])[1])

    logits = tensor(log_p, requires_grad=True)
    found = log_curation_ratio(tensor(rewards), K=K, log_probs=logits.log_softmax(0))[1]
    (gradient,) = torch.autograd.grad(found, logits)
    for k in range(3):
        expected = float((moved(k, 1) - moved(k, -1)) / (2 * step))
        assert float(gradient[k]) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"rewards": tensor([0, 1], torch.int64)}, TypeError, "rewards must be of float64 or"),
        (
            {"rewards": tensor([0, 1], torch.bfloat16)},
            TypeError,
            r"got bfloat16: rewards.double\(\)",
        ),
        ({"log_probs": tensor([0.0, 0.0], torch.float32)}, TypeError, "a tensor as rewards"),
        ({"probs": [0.5, 0.6], "log_probs": None}, ValueError, "probs must sum to 1 within 1e-09"),
        ({"log_probs": [0.0, 0.0]}, ValueError, r"exp\(log_probs\) must sum to 1"),
        ({"log_probs": [0.0, math.nan]}, ValueError, "finite or -inf; got nan at position 1"),
        ({"log_probs": [0.0]}, ValueError, "one entry per reward"),
        ({"probs": [1.5, -0.5], "log_probs": None}, ValueError, "at least 0; got -0.5"),
        ({"probs": [0.5, 0.5]}, TypeError, "exactly one of probs and log_probs"),
        ({"rewards": tensor([0.0, math.nan])}, ValueError, "rewards must be finite"),
        ({"rewards": tensor([[0.0, 1.0]])}, ValueError, "one-dimensional"),
        ({"K": 2.5}, ValueError, "K must be an integer"),
        ({"kernel": CurationKernel([0.0, 1.0], 2)}, TypeError, "kernel must be None for tensors"),
        (
            {"rewards": tensor([0, 1], torch.float32), "log_probs": np.log([0.5, 0.5]), "K": 1e13},
            ValueError,
            "at most 1e[+]12 in float32",
        ),
        (
            {"probs": tensor([1.0, 0.0], requires_grad=True), "log_probs": None},
            ValueError,
            "probs must be above 0 to have gradients.*got 0 at position 1",
        ),
    ],
)
def test_what_is_refused(arguments, error, words):
    given = {"rewards": tensor([0.0, 1.0]), "K": 2, "log_probs": np.log([0.5, 0.5])} | arguments
    with pytest.raises(error, match=words):
        log_curation_ratio(**given)


def test_few_candidates_against_the_definition():
    rewards, probs = [-1500.0, -500.0, 0.0, 0.0], [1e-300, 0.5, 0.25, 0.25]
    for K in (2, 3):
        found = log_curation_ratio(tensor(rewards), tensor(probs), K)
        assert worst(found.numpy(), logs(enumerated(rewards, K)(normalised(probs)))) < RATIO_ERROR
