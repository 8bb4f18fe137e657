"""How a neural model is trained: Adam on batches, with a stated budget, from its own seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from recurate.numerics.sampling.streams import DTYPES
from recurate.numerics.validation import optional_flag, positive_count, positive_number, shown

if TYPE_CHECKING:
    import torch

Loss: TypeAlias = "Callable[[torch.Tensor, torch.Generator], torch.Tensor]"
"""From a batch and the generator to the loss, a scalar."""

LARGEST_GRADIENT = 1.0
"""Gradients are cut to this norm: a batch from a loop that has nearly collapsed can be far off."""

UPDATES_BETWEEN = 50
"""Updates between two looks at the loss: each look makes a GPU's host wait for it."""


@dataclass(frozen=True)
class Training:
    """Budget, start and place of a neural model's training.

    Parameters
    ----------
    updates : int
        Updates of the weights when a model is fitted from fresh weights.
    retraining_updates : int, optional
        Updates when it is fitted from the weights it has; `updates` if not given.
    batch_size : int
        Samples in each update: parts of a random order of all, which is drawn anew when they run
        out. All samples, if there are fewer.
    learning_rate : float
        Adam's, at the beginning: it falls to zero along a half cosine.
    warm_start : bool
        Whether a model is retrained from the weights it has, as the paper does, in the units that
        its first samples set; if not, each fit starts from fresh weights. Adam's moments start from
        zero in either case.
    common_scale : bool
        Whether the network works in one unit for all coordinates, as is right for pixels or
        principal components, whose scales say how much they matter; if not, each has its own.
    device : str or torch.device, optional
        Where the network is; by default where the samples are.
    dtype : {"float32", "float64"}
        Type of the weights. Samples come in the type of those that the model was fitted to.
    on_update : callable, optional
        Called with how many updates of this fit are done, of how many, and the last batch's loss:
        every 50 updates, and at the end.

    Raises
    ------
    TypeError, ValueError
        If one of them has the wrong kind or is out of range.

    Examples
    --------
    >>> Training(updates=500, warm_start=True).budget(is_first=False)
    500
    """

    updates: int = 2_000
    retraining_updates: int | None = None
    batch_size: int = 256
    learning_rate: float = 2e-3
    warm_start: bool = False
    common_scale: bool = False
    device: Any = None
    dtype: str = "float32"
    on_update: Callable[[int, int, float], None] | None = None

    def __post_init__(self) -> None:
        positive_count(self.updates, "updates")
        if self.retraining_updates is not None:
            positive_count(self.retraining_updates, "retraining_updates")
        positive_count(self.batch_size, "batch_size")
        positive_number(self.learning_rate, "learning_rate")
        for name in ("warm_start", "common_scale"):
            if optional_flag(getattr(self, name), name) is None:
                raise TypeError(f"{name} must be True or False; got None")
        if self.dtype not in DTYPES:
            raise ValueError(f'dtype must be "float64" or "float32"; got {shown(self.dtype)}')
        if self.on_update is not None and not callable(self.on_update):
            raise TypeError(
                f"on_update must be a function of (done, of, loss); got {shown(self.on_update)}"
            )

    def __deepcopy__(self, memo: dict[int, Any]) -> Training:
        # It never changes, and copies of a model report to one progress bar, not to copies of it.
        return self

    def budget(self, *, is_first: bool) -> int:
        """Return the number of updates of a fit, from fresh weights or from those there are."""
        if is_first or self.retraining_updates is None:
            return int(self.updates)
        return int(self.retraining_updates)


def seeded(seed: int, *purpose: int) -> int:
    """Return a seed for one purpose, of 63 bits; those of different purposes are independent."""
    word = np.random.SeedSequence([seed, *purpose]).generate_state(1, np.uint64)[0]
    return int(word >> np.uint64(1))


def train(
    network: torch.nn.Module,
    loss: Loss,
    points: torch.Tensor,
    training: Training,
    updates: int,
    generator: torch.Generator,
) -> None:
    """Train a network on points, shape (n, d), with Adam.

    Parameters
    ----------
    network : torch.nn.Module
        Its parameters are changed in place.
    loss : callable
        From a batch, shape (batch, d), and the generator to the loss, a scalar tensor.
    points : torch.Tensor, shape (n, d)
        What to train on.
    training : Training
        Batch size, learning rate and callback.
    updates : int
        Number of updates.
    generator : torch.Generator
        Where batches, and the loss, take their randomness from.

    Raises
    ------
    FloatingPointError
        If the loss is no longer finite.

    Notes
    -----
    Kingma and Ba 2015 (arXiv:1412.6980), with the half cosine of Loshchilov and Hutter 2017
    (arXiv:1608.03983), without its restarts.
    """
    import torch

    optimiser = torch.optim.Adam(network.parameters(), lr=training.learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=updates)
    batches = _batches(points, min(training.batch_size, points.shape[0]), generator)
    for done in range(1, updates + 1):
        optimiser.zero_grad()
        value = loss(next(batches), generator)
        value.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        schedule.step()
        if done % UPDATES_BETWEEN == 0 or done == updates:
            _report(float(value.detach()), done, updates, training)


def _batches(points: torch.Tensor, size: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
    import torch

    n = points.shape[0]
    while True:
        order = torch.randperm(n, generator=generator, device=generator.device)
        for start in range(0, n - size + 1, size):
            yield points[order[start : start + size]]


def _report(loss: float, done: int, updates: int, training: Training) -> None:
    if not np.isfinite(loss):
        raise FloatingPointError(
            f"the loss must stay finite; got {loss} after {done} of {updates} updates "
            f"(learning_rate = {training.learning_rate:g}: try a lower one)"
        )
    if training.on_update is not None:
        training.on_update(done, updates, loss)
