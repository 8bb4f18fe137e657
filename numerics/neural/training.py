"""Training of a neural model: Adam on batches, with a stated budget and its own seed."""

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
"""Gradients are cut to this norm, for batches from a loop that has nearly collapsed."""

UPDATES_BETWEEN = 50
"""Updates between two checks of the loss: at each check the host waits for the GPU."""


@dataclass(frozen=True)
class Training:
    """Budget, start and device of a neural model's training.

    Parameters
    ----------
    updates : int
        Updates of a fit from fresh weights.
    retraining_updates : int, optional
        Updates of a fit from the current weights; `updates` by default.
    batch_size : int
        Samples in each update, in a random order that is drawn anew when they run out. If there are
        fewer samples, all of them.
    learning_rate : float
        Adam's initial rate; it falls to zero along a half cosine.
    warm_start : bool
        Whether a model is retrained from its current weights, as in the paper, in the units set by
        its first samples. Otherwise each fit starts from fresh weights. Adam's moments start from
        zero in either case.
    common_scale : bool
        Whether all coordinates have one unit, as is right for pixels or principal components, whose
        scales show how much they matter. Otherwise each has its own.
    device : str or torch.device, optional
        Device of the network; by default that of the samples.
    dtype : {"float32", "float64"}
        Type of the weights. Samples are drawn in the type that the model was fitted to.
    on_update : callable, optional
        Called with the number of updates done, their total in this fit and the last batch's loss,
        every 50 updates and at the end.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range.

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
        # It never changes, and all copies of a model report to one progress bar.
        return self

    def budget(self, *, is_first: bool) -> int:
        """Return the number of updates of a fit, from fresh or from current weights."""
        if is_first or self.retraining_updates is None:
            return int(self.updates)
        return int(self.retraining_updates)


def seeded(seed: int, *purpose: int) -> int:
    """Return a seed of 63 bits for one purpose; seeds for different purposes are independent."""
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
        The training points.
    training : Training
        Batch size, learning rate and callback.
    updates : int
        Number of updates.
    generator : torch.Generator
        Source of randomness for batches and loss.

    Raises
    ------
    FloatingPointError
        If the loss is not finite.

    Notes
    -----
    Kingma and Ba 2015 (arXiv:1412.6980), with the half cosine of Loshchilov and Hutter 2017
    (arXiv:1608.03983), without its restarts.
    """
    import torch

    optimiser = torch.optim.Adam(network.parameters(), lr=training.learning_rate, foreach=True)
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
