"""Curated loops of neural models against the exact theory, from each first model's own rewards.

Null hypothesis: retraining is exact, so that rewards move as those of a `CurationLoop` whose law is
the rewards that the first model generated. A network is not exact: the band is 15% of the predicted
move, where 12 seeds of each model were off by at most 6% (of which 4% are two standard deviations
of what 4,000 samples bring). A prediction of no change fails by 100%, one with K = 2 by 40%.
"""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, simulate

pytest.importorskip("torch")
pytest.importorskip("zuko")
pytest.importorskip("torchdiffeq")
pytest.importorskip("ot")

from recurate.numerics.neural.diffusion import DiffusionModel
from recurate.numerics.neural.flow_matching import FlowMatchingModel
from recurate.numerics.neural.normalising_flow import NormalisingFlowModel
from recurate.numerics.neural.training import Training

K, STEPS, BAND = 4, 2, 0.15

MODELS = {
    "normalising flow": NormalisingFlowModel(
        Training(updates=250, retraining_updates=100, learning_rate=5e-3, warm_start=True),
        transforms=3,
        width=32,
    ),
    "diffusion": DiffusionModel(
        Training(updates=1_000, retraining_updates=500, learning_rate=5e-3, warm_start=True),
        levels=50,
        width=64,
    ),
    "flow matching": FlowMatchingModel(
        Training(
            updates=600,
            retraining_updates=300,
            batch_size=128,
            learning_rate=5e-3,
            warm_start=True,
        ),
        width=64,
    ),
}


def ring(n, rng):
    """Eight Gaussians on a circle of radius 2, of standard deviation 0.3."""
    angles = rng.integers(0, 8, n) * np.pi / 4
    centres = 2.0 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return centres + 0.3 * rng.standard_normal((n, 2))


@pytest.mark.parametrize("name", MODELS)
def test_rewards_move_as_predicted(name):
    seen = []

    def reward(samples):
        seen.append(samples[:, 0])
        return samples[:, 0]

    run = simulate(
        MODELS[name], reward, K, math.inf, STEPS, 4_000,
        real=ring(2_000, np.random.default_rng(0)), rng=2,
    )  # fmt: skip
    law = RewardLaw(seen[1])  # seen[0] are the real data's

    def predicted(candidates):
        return CurationLoop(law, K=candidates, lam=math.inf).run(steps=STEPS).expected_reward

    exact = predicted(K)
    assert run.expected_reward[0] == pytest.approx(exact[0], rel=1e-6)
    band = BAND * (exact - exact[0])
    error = np.abs(run.expected_reward - exact)
    assert (np.diff(run.expected_reward) > 0).all()
    assert (error[1:] < band[1:]).all()
    # What the band can tell apart: no change, and half as many candidates.
    for wrong in (np.full_like(exact, exact[0]), predicted(2)):
        assert (np.abs(run.expected_reward - wrong)[1:] > band[1:]).all()
