"""Small neural models, and data for them."""

import numpy as np
import pytest

from recurate.numerics.neural.diffusion import DiffusionModel
from recurate.numerics.neural.flow_matching import FlowMatchingModel
from recurate.numerics.neural.normalising_flow import NormalisingFlowModel
from recurate.numerics.neural.training import Training

CENTRES = 2.0 * np.stack(
    [np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], axis=1
)


SETTINGS = {
    NormalisingFlowModel: {"transforms": 2, "width": 16},
    DiffusionModel: {"levels": 10, "width": 16, "depth": 2},
    FlowMatchingModel: {"ode_steps": 4, "width": 16, "depth": 2},
}


KINDS = pytest.mark.parametrize("kind", SETTINGS)


def ring(n, rng):
    """Eight Gaussians on a circle of radius 2, of standard deviation 0.3."""
    return CENTRES[rng.integers(0, 8, n)] + 0.3 * rng.standard_normal((n, 2))


DATA = ring(500, np.random.default_rng(0))


def tiny(kind, seed=0, **training):
    """A model that is trained only briefly."""
    given = {"updates": 12, "batch_size": 64} | training
    return kind(Training(**given), seed=seed, **SETTINGS[kind])


def fitted(kind, data=DATA, **options):
    model = tiny(kind, **options)
    model.fit(data)
    return model


def drawn(model, n=50, seed=3):
    return model.sample(n, np.random.default_rng(seed))
