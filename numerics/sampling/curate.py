"""Curation by sampling: K candidates are drawn from a pool, and one of them is chosen."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.sampling.arrays import Array, is_tensor, on_cpu
from recurate.numerics.sampling.choice_rule import ChoiceRule, Pool
from recurate.numerics.sampling.streams import NumpyStream, Stream, TorchStream, open_stream
from recurate.numerics.validation import (
    LARGEST_SPAN,
    FloatArray,
    count,
    probability_vector,
    rewards_vector,
)


def curate(
    rewards: Any,
    K: Any,
    n_curated: Any,
    *,
    prompts: Iterable[Hashable] | None = None,
    probs: Any = None,
    temperature: Any = 1.0,
    method: str = "cumulative",
    rng: Any = None,
    backend: str = "numpy",
    device: Any = None,
    dtype: str | None = None,
) -> Array:
    """Draw K candidates from a pool and choose one of them by its reward, `n_curated` times.

    Parameters
    ----------
    rewards : array_like, shape (n,)
        Rewards r of the pool, finite.
    K : int or math.inf
        Number of candidates of each choice, drawn with replacement. Infinitely many candidates are
        the pool itself.
    n_curated : int
        Number of choices; with prompts, for each of them.
    prompts : iterable of length n, optional
        A hashable label for each entry of the pool, of the prompt that it answers. The K candidates
        of a choice then answer one prompt.
    probs : array_like, shape (n,), optional
        Probabilities that candidates are drawn with; uniform by default. Within a prompt their
        ratios count.
    temperature : float
        τ: candidate k is chosen with probability proportional to e^{r_k/τ}. 1 is Bradley–Terry's
        choice (Plackett–Luce's first place); 0 always chooses the highest reward, one of the
        highest at random.
    method : {"cumulative", "gumbel"}
        How a choice is made: by one uniform number among the cumulative weights, or by the largest
        of r/τ + Gumbel noise. The law is the same.
    rng : int or numpy.random.Generator, optional
        Seed or generator, for either backend: torch's own generator is seeded from it.
    backend : {"numpy", "torch"}
        The array library.
    device : str or torch.device, optional
        Where torch computes: "cpu" by default.
    dtype : {"float64", "float32"}, optional
        Type of rewards, weights and uniforms; float64 by default. In float32 each candidate adds an
        error of about 2^-24 to the law of a choice, and rewards are rounded to 2^-24 of their
        distance from the highest.

    Returns
    -------
    array of int, shape (n_curated,), or (prompts, n_curated)
        Indices of the winners in the pool: NumPy's, or a torch tensor on the device. Prompts are
        in the order of their first appearance, a row for each.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range; rewards over the temperature may span
        at most 1e12. If a label of a prompt is missing, or a prompt has no mass.
    ImportError
        If torch is asked for and not installed.

    Notes
    -----
    Ferbach et al. 2024 (arXiv:2407.09499), the curated choice of Section 2. The winner's law is
    p · H^K_p with p the pool's law. Memory is bounded whatever `n_curated` and K are: choices are
    made in blocks, and if K exceeds a block, the candidates are chosen from in turn.

    Examples
    --------
    Weights e^r of 1 and 3, best of two: the second wins with probability (1/2) (5/4).

    >>> import numpy as np
    >>> winners = curate([0.0, np.log(3.0)], K=2, n_curated=100_000, rng=1)
    >>> bool(abs(winners.mean() - 0.625) < 0.01)  # six standard deviations
    True

    Two prompts, one of which has a single answer:

    >>> curate([0.0, 9.0, 5.0], 2, 4, prompts=["a", "b", "a"], temperature=0, rng=1)
    array([[2, 2, 2, 2],
           [1, 1, 1, 1]])
    """
    stream = open_stream(rng, backend, device, dtype)
    choice = ChoiceRule(K, temperature, method)
    n_curated = count(n_curated, "n_curated")
    values = _checked(rewards, stream)
    size = values.shape[0]
    checked = None if probs is None else probability_vector(probs, "probs", size)
    if prompts is not None:
        return _within(prompts, values, checked, choice, n_curated, stream)
    law = None
    highest = values.max()
    if checked is not None:
        law = _on_device(checked, stream)
        highest = values[law > 0].max()
    # Relative to the highest before anything is rounded to float32.
    pool = Pool(choice.scaled(values - highest), law, stream)
    return choice.winners(pool, n_curated)[0, :]


def _within(
    prompts: Iterable[Hashable],
    values: Array,
    probs: FloatArray | None,
    choice: ChoiceRule,
    n_curated: int,
    stream: Stream,
) -> Array:
    """Return the winners of `n_curated` choices within each prompt, shape (prompts, n_curated)."""
    xp = stream.xp
    # The law has what is needed: the order of the prompts, and the best reward of each.
    law = RewardLaw(on_cpu(values), probs, prompts=prompts)
    order = np.argsort(law.prompt_of_atoms, kind="stable")
    ends = np.cumsum(np.bincount(law.prompt_of_atoms))
    starts, places = map(stream.asarray, (np.concatenate([[0], ends]), order))
    relative = _on_device(law.relative_rewards[order], stream)
    weights = None if probs is None else _on_device(law.probs[order], stream)
    pool = Pool(choice.scaled(relative), weights, stream, starts)
    winners = choice.winners(pool, n_curated)
    return xp.reshape(xp.take(places, xp.reshape(winners, (-1,))), winners.shape)


def _checked(rewards: Any, stream: Stream) -> Array:
    """Return checked rewards: a torch tensor stays where it is if the stream is torch's."""
    if is_tensor(rewards):
        if isinstance(stream, TorchStream) and rewards.is_floating_point() and rewards.ndim == 1:
            place = rewards.detach().to(stream.generator.device)
            if (
                rewards.shape[0]
                and -LARGEST_SPAN <= 2 * place.min() <= 2 * place.max() <= LARGEST_SPAN
            ):
                return place.to(stream.xp.float64)
        rewards = on_cpu(rewards)  # for the check below, and its message
    return _on_device(rewards_vector(rewards), stream)


def _on_device(checked: FloatArray, stream: Stream) -> Array:
    """Return an array of doubles as an array of the stream's backend."""
    if isinstance(stream, NumpyStream):
        return checked
    return stream.xp.asarray(checked, device=stream.generator.device)
