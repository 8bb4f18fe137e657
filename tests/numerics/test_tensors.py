"""Tensors of torch where arrays are expected: of any type, with a gradient, without values."""

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, curate
from recurate.numerics.validation import on_cpu, real_vector
from recurate.testing import assert_choices

torch = pytest.importorskip("torch")

VALUES = [0.0, 1.0, 2.0, 0.5]  # exact in bfloat16


@pytest.mark.parametrize(
    "tensor",
    [
        torch.tensor(VALUES, requires_grad=True),
        torch.tensor(VALUES, dtype=torch.bfloat16),
        torch.tensor(VALUES, dtype=torch.float8_e5m2),
        torch.tensor(VALUES, dtype=torch.float16),
        -torch.tensor([-v for v in VALUES], dtype=torch.float64, requires_grad=True),
    ],
    ids=lambda tensor: str(tensor.dtype),
)
def test_rewards_may_be_any_dense_tensor(tensor):
    law = RewardLaw(tensor, groups=torch.tensor([0, 1, 1, 0]))
    assert law.rewards.tolist() == VALUES
    assert law.group_names == (0, 1)
    assert RewardLaw([1.0, 2.0], probs=torch.tensor([0.25, 0.75], requires_grad=True)).size == 2
    if tensor.dtype not in (torch.float8_e5m2,):
        assert curate(tensor.detach(), 2, 5, rng=0).shape == (5,)
        loop = CurationLoop(law, K=2, lam=1.0)
        assert loop.run(steps=1, initial=torch.full((4,), 0.25, requires_grad=True)).steps == 1
        shown = torch.stack([tensor.detach(), tensor.detach()]).requires_grad_()
        assert_choices(shown, torch.tensor([2, 2]))


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("name", ["rewards", "probs"])
def test_samples_have_no_gradients(name, backend):
    given = {"rewards": torch.tensor(VALUES), "probs": torch.tensor([0.25] * 4)}
    assert curate(**given, K=2, n_curated=3, rng=1, backend=backend).shape == (3,)
    given[name].requires_grad_()
    with pytest.raises(ValueError, match=f"{name} must not require gradients.*{name}.detach"):
        curate(**given, K=2, n_curated=3, rng=1, backend=backend)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.empty(4, device="meta"),
        torch.eye(4).to_sparse(),
    ],
    ids=["meta", "sparse"],
)
def test_other_tensors_are_refused_in_words(tensor):
    for use in (RewardLaw, lambda x: real_vector(x, "x"), lambda x: curate(x, 2, 3)):
        with pytest.raises(TypeError, match="a tensor must be dense and have values; got one of"):
            use(tensor)


def test_numbers_that_numpy_lacks_become_doubles():
    assert on_cpu(torch.tensor(VALUES, dtype=torch.bfloat16)).dtype == np.float64
    assert on_cpu(torch.tensor(VALUES)).dtype == np.float32
    assert on_cpu(torch.tensor([1 + 2j]).conj()).tolist() == [1 - 2j]
