"""Images moved and mirrored at random, so that there are more to train on."""

from __future__ import annotations

from typing import Any

CROP = 4
"""Most pixels by which an image is moved (He et al. 2016, section 4.2)."""


def augmented(images: Any, generator: Any) -> Any:
    """Return images moved by up to `CROP` pixels each way on black, half of them mirrored.

    Parameters
    ----------
    images : torch.Tensor, shape (n, channels, height, width)
        On the generator's device.
    generator : torch.Generator
        Source of the moves.

    Returns
    -------
    torch.Tensor
        New images, of the same shape.
    """
    import torch

    n, channels, height, width = images.shape
    place = images.device
    moves = torch.randint(0, 2 * CROP + 1, (2, n, 1), generator=generator, device=place)
    mirrored = torch.randint(0, 2, (n, 1), generator=generator, device=place).bool()
    padded = torch.nn.functional.pad(images, (CROP, CROP, CROP, CROP))
    rows = moves[0] + torch.arange(height, device=place)
    columns = moves[1] + torch.arange(width, device=place)
    columns = torch.where(mirrored, columns.flip(1), columns)
    each = torch.arange(n, device=place)[:, None, None, None]
    channel = torch.arange(channels, device=place)[None, :, None, None]
    return padded[each, channel, rows[:, None, :, None], columns[:, None, None, :]]
