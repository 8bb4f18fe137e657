"""`BestOf` and `TopShare`: fixed points from distribution functions, against the loop and roots."""

import math

import mpmath
import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.rules import BestOf, RandomChoice, TopShare, Voters


def random_law(rng):
    size = int(rng.integers(1, 14))
    log_probs = -rng.exponential(float(rng.choice([0.1, 1.0, 20.0])), size)
    probs = np.exp(np.maximum(log_probs - log_probs.max(), -600.0))
    ranks = rng.integers(0, 8, size).astype(float)
    return RewardLaw(ranks, probs / probs.sum(), scores={"other": rng.permutation(ranks)})


RULES = [
    lambda rng: BestOf(int(rng.choice([2, 3, 10, 1000, 10**9]))),
    lambda rng: BestOf(int(rng.integers(3, 30)), keep=2, by="other"),
    lambda rng: TopShare(float(rng.uniform(0.01, 1.0))),
    lambda rng: Voters([(0.5, BestOf(3)), (0.3, TopShare(0.3)), (0.2, RandomChoice())]),
]


@pytest.mark.parametrize("make", RULES, ids=["best", "best two", "top share", "voters"])
@pytest.mark.parametrize("seed", range(10))
def test_long_runs_end_there(make, seed):
    rng = np.random.default_rng(seed)
    loop = CurationLoop(
        random_law(rng), rule=make(rng), lam=float(10 ** rng.uniform(-2, 1)), retained=0.1
    )
    found = loop.fixed_point()
    assert found.method in ("ranks", "reference")
    assert found.is_unique
    run = loop.run(steps=600)
    # Some settle slowly, and those are asked only for what they have come near to.
    moving = np.abs(run.probs(600) - run.probs(300)).max()
    assert np.abs(run.probs(600) - found.probs).max() <= 1e-13 + 10 * moving


@pytest.mark.parametrize("make", RULES)
def test_without_a_loop_it_is_p_ref(make):
    rng = np.random.default_rng(1)
    law = random_law(rng)
    found = CurationLoop(law, rule=make(rng), lam=0.0, retained=0.3).fixed_point()
    np.testing.assert_allclose(found.probs, law.probs, rtol=1e-14)
    assert found.is_unique


@pytest.mark.parametrize("K", [2, 7, 1000, 10**9])
@pytest.mark.parametrize("lam", [0.01, 0.4, 3.0, 200.0])
def test_distribution_function_against_roots_in_many_digits(K, lam):
    # z = m v + a (1 - (1-z)^K), the mass z above a reward, has one root in (0, 1] for v > 0.
    masses = [1e-300, 1e-200, 1e-30, 1e-9, 0.001, 0.2, 0.3]
    masses.append(1 - math.fsum(masses))
    law = RewardLaw(np.arange(8.0)[::-1], masses)
    found = CurationLoop(law, rule=BestOf(K), lam=lam).fixed_point()
    own = np.cumsum(found.probs)
    with mpmath.workdps(400):
        real = 1 / (1 + mpmath.mpf(lam))
        reference = [mpmath.mpf(float(p)) for p in law.probs]
        total, above, roots = mpmath.fsum(reference), mpmath.mpf(0), [mpmath.mpf(0)]
        for mass, near in zip(reference, own, strict=True):
            above += mass / total
            root = mpmath.mpf(float(near))
            for _ in range(12):  # Newton's method, from what was found
                power = (1 - root) ** (K - 1)
                excess = real * above + (1 - real) * (1 - (1 - root) * power) - root
                root -= excess / ((1 - real) * K * power - 1)
            assert abs(excess) <= mpmath.mpf(10) ** -390
            roots.append(root)
        exact = [float(mpmath.log(roots[i + 1] - roots[i])) for i in range(8)]
    error = np.abs(np.log(law.probs) + found.log_density - exact)
    assert error.max() <= found.log_density_error
    assert found.log_density_error <= 1e-10


def test_top_share_in_closed_form():
    # Above σ the mass at or above a reward is z = m v + a; else z (1 - a/σ) = m v.
    rng = np.random.default_rng(0)
    law = RewardLaw(np.arange(40.0), rng.dirichlet(np.ones(40)))
    for share in (0.05, 0.3, 0.8):
        for lam in (0.05, 0.5, 4.0):
            real, synthetic = 1 / (1 + lam), lam / (1 + lam)
            found = CurationLoop(law, rule=TopShare(share), lam=lam).fixed_point()
            above = np.cumsum(law.probs[::-1])[::-1]
            filled = real * above + synthetic
            ratio = real / np.where(filled >= share, 1.0, 1 - synthetic / share)
            expected = np.where(filled >= share, filled, ratio * above)
            own = np.cumsum(found.probs[::-1])[::-1]
            np.testing.assert_allclose(own, expected, rtol=1e-13)


@pytest.mark.parametrize("rule", [BestOf(2), BestOf(9, keep=4), TopShare(0.3)])
def test_the_pure_loop_ends_at_the_best(rule):
    law = RewardLaw([1.0, 3.0, 3.0, 5.0], [0.5, 0.2, 0.3, 0.0])
    found = CurationLoop(law, rule=rule, lam=math.inf, retained=0.5).fixed_point()
    np.testing.assert_allclose(found.probs, [0, 0.4, 0.6, 0], rtol=1e-15)
    assert found.is_unique is False  # from another start the two keep other proportions
    assert found.log_density.tolist()[3] == math.inf
    alone = RewardLaw([1.0, 3.0], [0.5, 0.5])
    assert CurationLoop(alone, rule=rule, lam=math.inf).fixed_point().is_unique


def test_many_rewards():
    law = RewardLaw(np.random.default_rng(0).normal(size=100_000))
    found = CurationLoop(law, rule=BestOf(4), lam=1.0).fixed_point()
    # The density of the continuous law: with y = F, y = m u + a y^4 gives p/p_ref = m/(1 - 4 a y³).
    y = np.cumsum(found.probs[np.argsort(law.rewards)])
    u = np.arange(1, law.size + 1) / law.size
    np.testing.assert_allclose(y[:-1], (0.5 * u + 0.5 * y**4)[:-1], rtol=1e-11)
