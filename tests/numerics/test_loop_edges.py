"""The loop's edge cases, its hooks and its attributes."""

import math

import numpy as np
import pytest

from recurate.numerics import curation
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop

LAW = RewardLaw([0.0, 1.0, 1.0, 3.0], [0.4, 0.2, 0.3, 0.1], groups="abca")


def run(law=LAW, K=3, lam=1.0, **options):
    return CurationLoop(law, K=K, lam=lam).run(**{"steps": 5, **options})


def test_without_mixing_every_law_is_the_reference():
    found = run(lam=0)
    for t in range(6):
        assert found.log_density(t).tolist() == [0.0] * 4
        assert found.probs(t) == pytest.approx(LAW.probs, rel=1e-15)
    assert found.kl_to_reference.tolist() == [0.0] * 6


def test_without_mixing_another_start_is_forgotten_at_once():
    found = run(lam=0, initial=[0, 0, 0, 1])
    assert found.probs(0).tolist() == [0, 0, 0, 1]
    assert found.probs(1) == pytest.approx(LAW.probs, rel=1e-15)


@pytest.mark.parametrize("lam", [0.5, math.inf])
def test_one_candidate_keeps_the_reference(lam):
    found = run(K=1, lam=lam)
    assert found.probs(5) == pytest.approx(LAW.probs, rel=1e-15)
    assert found.kl_to_reference == pytest.approx(np.zeros(6), abs=1e-30)


def test_one_candidate_mixes_a_start_back_geometrically():
    # Closed form: p_t - p_ref = (lam/(1+lam))^t (p_0 - p_ref).
    start = np.array([0.0, 0.5, 0.25, 0.25])
    found = run(K=1, lam=3.0, initial=start)
    for t in range(6):
        expected = LAW.probs + 0.75**t * (start - LAW.probs)
        assert found.probs(t) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("K", [1, 2, 10**9, math.inf])
@pytest.mark.parametrize("lam", [0, 1.0, math.inf])
def test_a_single_atom_stays(K, lam):
    found = run(RewardLaw([4.2]), K=K, lam=lam)
    assert found.probs(5) == pytest.approx([1.0], rel=1e-14)
    assert found.expected_weight == pytest.approx(np.ones(6), rel=1e-14)
    assert found.expected_reward == pytest.approx(np.full(6, 4.2), rel=1e-14)
    assert found.mass_at_max == pytest.approx(np.ones(6), rel=1e-14)
    assert np.abs(found.variance_weight).max() < 1e-28
    assert np.abs(found.kl_to_reference).max() < 1e-24


def test_a_start_on_one_atom_stays_there_in_the_pure_loop():
    found = run(lam=math.inf, initial=[0, 1, 0, 0])
    assert found.log_probs(5) == pytest.approx([-math.inf, 0.0, -math.inf, -math.inf], abs=1e-14)
    # Closed form: KL of a point mass is -log p_ref.
    assert found.kl_to_reference == pytest.approx(np.full(6, math.log(5)), rel=1e-14)


def test_the_start_at_the_reference_is_the_default():
    default, given = run(), run(initial=LAW.probs)
    for t in range(6):
        assert given.log_probs(t) == pytest.approx(default.log_probs(t), abs=1e-13)
    assert given.to_dict()["kl_to_reference"] == pytest.approx(
        default.to_dict()["kl_to_reference"], abs=1e-13
    )


def test_no_steps_give_the_start_alone():
    found = run(steps=0)
    assert found.steps == 0
    assert found.expected_weight.shape == (1,)
    # By hand: 0.4 e^-3 + 0.5 e^-2 + 0.1.
    assert found.expected_weight[0] == pytest.approx(
        0.4 * math.exp(-3) + 0.5 * math.exp(-2) + 0.1, rel=1e-15
    )
    assert found.probs(0) == pytest.approx(LAW.probs, rel=1e-15)


def test_a_larger_run_starts_with_the_smaller_one():
    assert run(steps=3).kl_to_reference.tolist() == run(steps=9).kl_to_reference[:4].tolist()


def test_fractions_sum_to_one():
    for lam in (0, 1e-300, 0.3, 1e300, math.inf):
        loop = CurationLoop(LAW, K=2, lam=lam)
        assert loop.real_fraction + loop.synthetic_fraction == pytest.approx(1.0, rel=1e-15)
    assert CurationLoop(LAW, K=2, lam=math.inf).synthetic_fraction == 1.0
    assert CurationLoop(LAW, K=2, lam=4).real_fraction == 0.2


@pytest.mark.parametrize("lam", [1e-300, 5e-324, 1e300])
def test_extreme_mixing_is_silent(lam):
    found = run(lam=lam)
    assert np.isfinite(found.kl_to_reference).all()
    assert found.probs(5).sum() == pytest.approx(1.0, abs=1e-14)


def test_progress_is_reported_after_every_step():
    seen = []
    run(steps=4, on_step=seen.append)
    assert seen == [1, 2, 3, 4]


@pytest.mark.parametrize("K", [2, math.inf])
@pytest.mark.parametrize("start", [None, [0.25] * 4])
def test_the_ratio_is_looked_up_in_its_module(monkeypatch, K, start):
    expected = run(K=1, lam=math.inf, initial=start)  # H = 1

    def flat(rewards, probs=None, K=None, *, log_probs=None, kernel=None):
        return np.zeros(len(rewards))

    monkeypatch.setattr(curation, "log_curation_ratio", flat)
    found = run(K=K, lam=math.inf, initial=start)
    assert found.probs(5) == pytest.approx(expected.probs(5), rel=1e-15)


@pytest.mark.parametrize("start", [None, [0.25] * 4])
def test_the_quadrature_is_prepared_once_a_run(monkeypatch, start):
    made = []
    original = curation.CurationKernel

    class Counted(original):
        def __init__(self, rewards, K):
            made.append(K)
            super().__init__(rewards, K)

    monkeypatch.setattr(curation, "CurationKernel", Counted)
    run(K=3, initial=start)
    assert made == [3]


def test_the_curated_law_is_normalised_before_mixing(monkeypatch):
    # A ratio that is off by a constant factor changes nothing: each step normalises the mass.
    original = curation.log_curation_ratio
    expected = run(K=4, lam=2.0).log_probs(5)

    def heavy(*arguments, **options):
        return original(*arguments, **options) + 0.1

    monkeypatch.setattr(curation, "log_curation_ratio", heavy)
    assert run(K=4, lam=2.0).log_probs(5) == pytest.approx(expected, abs=1e-13)
