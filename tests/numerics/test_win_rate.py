"""How often a sample of p_t beats one of p_0: closed forms, and sums over pairs."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from recurate import CurationLoop, RewardLaw
from recurate.numerics.compression import win_rates
from recurate.numerics.compression.compressor import TOLERANCE
from recurate.numerics.laws.levels import mid_ranks
from recurate.rules import BestOf, BradleyTerry, TopShare, Voters


def over_pairs(rewards, probs, start):
    """The chance that a sample of the first law beats one of the other, ties half, by pairs."""
    ahead = rewards[:, None] > rewards
    tied = rewards[:, None] == rewards
    return float(probs @ (ahead + tied / 2) @ start)


@given(seed=st.integers(0, 2**32 - 1))
def test_it_is_the_sum_over_pairs(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 9))
    rewards = np.round(rng.normal(size=size), int(rng.integers(0, 3)))
    prompts = rng.integers(0, 3, size).tolist() if rng.random() < 0.5 else None
    law = RewardLaw(rewards, rng.dirichlet(np.ones(size)), prompts=prompts, scores={"c": -rewards})
    start = initial = None
    if rng.random() < 0.5:
        start = rng.dirichlet(np.ones(size))
        masses = np.bincount(law.prompt_of_atoms, start)
        initial = start / masses[law.prompt_of_atoms] * law.prompt_probs[law.prompt_of_atoms]
    voters = Voters([(0.6, BestOf(3)), (0.4, BradleyTerry(2, by="c"))])
    arguments = {"K": 4} if rng.random() < 0.5 else {"rule": voters}
    run = CurationLoop(law, **arguments, lam=2.0).run(steps=3, initial=initial)
    for t in range(4):
        rate = 0.0
        for z, mass in enumerate(law.prompt_probs):
            here = law.prompt_of_atoms == z
            laws = (run.probs(at)[here] / mass for at in (t, 0))
            rate += mass * over_pairs(rewards[here], *laws)
        assert run.win_rate[t] == pytest.approx(rate, abs=1e-14)
    assert run.win_rate.shape == (4,)
    assert not run.win_rate.flags.writeable


@pytest.mark.parametrize("K", [2, 5])
def test_the_best_of_K_without_ties(K):
    # K^t/(K^t + 1) without ties. Of n equal atoms a level of mass 1/n ties: the sum over levels is
    # that integral by the trapezoid rule, whose error is below K^{2t}/n².
    size = 20_000
    loop = CurationLoop(RewardLaw(np.arange(size)), rule=BestOf(K), lam=math.inf)
    powers = K ** np.arange(4.0)
    found = loop.run(steps=3).win_rate
    assert (np.abs(found - powers / (powers + 1)) <= powers**2 / size**2 + 1e-13).all()
    assert (found <= powers / (powers + 1) + 1e-13).all()


def test_ties_leave_less():
    # Two equal atoms of each reward, 0 and 1: best of two is (1/4, 3/4), ties half.
    run = CurationLoop(RewardLaw([0.0, 0.0, 1.0, 1.0]), rule=BestOf(2), lam=math.inf).run(steps=1)
    assert run.win_rate.tolist() == [0.5, pytest.approx(0.75 * 0.75 + 0.25 * 0.25, abs=1e-15)]


def test_densities():
    # K = inf tilts by e^r: of a uniform law, win = ∫ r e^r dr/(e-1) = 1/(e-1); a normal one moves
    # by one each step, so N(t, 1) beats N(0, 1) with the chance Φ(t/√2).
    uniform = RewardLaw.from_density(lambda r: 1.0 + 0 * r, support=(0, 1))
    run = CurationLoop(uniform, K=math.inf, lam=math.inf).run(steps=1)
    assert run.win_rate == pytest.approx([0.5, 1 / (math.e - 1)], abs=1e-14)
    normal = RewardLaw.from_density(scipy.stats.norm())
    run = CurationLoop(normal, K=math.inf, lam=math.inf).run(steps=2)
    expected = scipy.stats.norm.cdf(np.arange(3) / math.sqrt(2))
    assert run.win_rate == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize(
    ("distribution", "of"),
    [
        (scipy.stats.norm(3, 2), "reward"),
        (scipy.stats.expon(), "reward"),
        (scipy.stats.beta(2, 3), "reward"),
        (scipy.stats.beta(0.5, 3), "weight"),
        (scipy.stats.gamma(2.5), "weight"),
        (scipy.stats.powerlaw(3), "weight"),
    ],
    ids=["norm", "expon", "beta", "singular", "gamma", "power"],
)
def test_ranks_of_a_density_are_its_distribution_function(distribution, of):
    law = RewardLaw.from_density(distribution, of=of)
    values = law.rewards if of == "reward" else np.exp(law.rewards)
    # The argument is rounded: near the end by as much as the density times its last digit.
    rounding = np.abs(values) * 4e-16 * distribution.pdf(np.clip(values, 1e-300, None))
    allowed = 1e-13 + np.nan_to_num(rounding, posinf=0.0)
    assert (np.abs(law.ranks - distribution.cdf(values)) <= allowed).all()
    # A sample beats another of its own law with one half.
    assert law.probs @ law.ranks == pytest.approx(0.5, abs=1e-13)


@pytest.mark.parametrize("at_top", [False, True])
def test_ranks_count_what_lies_nearer_to_an_end_than_all_panels(at_top):
    # F(d) = d^0.02, d the distance from the end: of all mass, a thousandth is nearer than 1e-150.
    law = RewardLaw.from_density(
        lambda r: 0.02 * np.abs(r) ** -0.98, support=(-1, 0) if at_top else (0, 1)
    )
    distances = np.abs(law.rewards)
    known = (distances > 1e-3) & (law.probs > 0)  # of those nearer, rounding of r takes digits
    expected = distances[known] ** 0.02
    found = 1 - law.ranks[known] if at_top else law.ranks[known]
    assert known.sum() > 50
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_another_start_of_a_density_is_refused():
    law = RewardLaw.from_density(lambda r: 1.0 + 0 * r, support=(0, 1))
    start = law.probs * np.where(law.rewards < 0.5, 0.5, 1.5)
    run = CurationLoop(law, K=2, lam=1.0).run(steps=1, initial=start / start.sum())
    with pytest.raises(
        ValueError, match=r"^win_rate must be that of a run from p_ref for a law with"
    ):
        _ = run.win_rate
    same = CurationLoop(law, K=2, lam=1.0).run(steps=1, initial=law.probs)
    assert same.win_rate[0] == pytest.approx(0.5, abs=1e-13)


@pytest.mark.parametrize("falls_back", [False, True])
def test_compressed_runs(falls_back, monkeypatch):
    rng = np.random.default_rng(0)
    rewards = 2 * rng.normal(size=30_000)
    rewards[::3] = np.round(rewards[::3], 1)  # ties
    law = RewardLaw(rewards, rng.dirichlet(np.ones(rewards.size)))
    if falls_back:
        monkeypatch.setattr(win_rates, "TOLERANCE", 0.0)
    loop = CurationLoop(law, K=4, lam=3.0)
    found, expected = (loop.run(steps=6, compress=c) for c in (True, False))
    assert found.error_estimate > 0
    assert np.abs(found.win_rate - expected.win_rate).max() <= TOLERANCE


def test_mid_ranks_of_many_laws():
    rewards = np.array([[0.0, 0.0, 1.0, 2.0], [1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 1.0, 1.0]])
    masses = np.array([[0.25, 0.25, 0.25, 0.25], [0.1, 0.2, 0.3, 0.4], [0.5, 0.0, 0.25, 0.25]])
    expected = [[0.25, 0.25, 0.625, 0.875], [0.5] * 4, [0.25, 0.75, 0.75, 0.75]]  # by hand
    np.testing.assert_allclose(mid_ranks(rewards, masses), expected, rtol=0, atol=1e-15)


def test_the_best_share_of_a_large_law():
    # The best quarter of n equal atoms beats a sample: 1 - 1/8.
    run = CurationLoop(RewardLaw(np.arange(8000.0)), rule=TopShare(0.25), lam=math.inf).run(steps=1)
    assert run.win_rate[1] == pytest.approx(0.875, abs=1e-13)
