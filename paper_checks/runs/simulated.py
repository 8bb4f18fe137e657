"""People's choices as they are made, in floats: K candidates are drawn, and one is taken."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.validation import FloatArray

Liking = Callable[[IntArray, FloatArray, FloatArray, np.random.Generator], FloatArray]
"""From candidates, shape (R, N, K), to how each is liked, of the same shape.

It is given the laws that they come from, shape (R, n), and the atoms' rewards, shape (n,), too."""


def candidates(laws: FloatArray, number: int, K: int, rng: np.random.Generator) -> IntArray:
    """Draw the candidates of choices from each of several laws.

    Parameters
    ----------
    laws : ndarray, shape (R, n)
        Where they are drawn from.
    number, K : int
        Number N of choices from each law, and of candidates for each choice.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of int, shape (R, N, K)
        Numbers of atoms.
    """
    places = rng.uniform(size=(len(laws), number, K, 1))
    drawn: IntArray = (places > np.cumsum(laws, axis=1)[:, None, None, :-1]).sum(axis=-1)
    return drawn


def shares_of_winners(drawn: IntArray, liked: FloatArray, size: int) -> FloatArray:
    """Return the atoms' shares of what is liked best among each choice's candidates, shape (R, n).

    The first one of several is taken, which is any of them, as candidates are independent.
    """
    runs, number, _ = drawn.shape
    taken = np.take_along_axis(drawn, liked.argmax(axis=-1)[..., None], axis=-1)[..., 0]
    places = taken + size * np.arange(runs)[:, None]
    shares: FloatArray = np.bincount(places.ravel(), minlength=runs * size) / number
    return shares.reshape(runs, size)


def bradley_terry(
    drawn: IntArray, laws: FloatArray, rewards: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """The largest reward plus Gumbel noise is Bradley–Terry's choice."""
    return rewards[drawn] + rng.gumbel(size=drawn.shape)


def _best(
    drawn: IntArray, laws: FloatArray, rewards: FloatArray, rng: np.random.Generator
) -> FloatArray:
    return rewards[drawn]


def _rarest(
    drawn: IntArray, laws: FloatArray, rewards: FloatArray, rng: np.random.Generator
) -> FloatArray:
    return -laws[np.arange(len(laws))[:, None, None], drawn]


def _by_table(
    drawn: IntArray, laws: FloatArray, rewards: FloatArray, rng: np.random.Generator
) -> FloatArray:
    size, K = rewards.size, drawn.shape[-1]
    table = rng.integers(K, size=(size,) * K)
    place = table[tuple(drawn[..., k] for k in range(K))]
    liked: FloatArray = (place[..., None] == np.arange(K)).astype(float)
    return liked


LIKINGS: dict[str, Liking] = {
    "the best": _best,
    "Bradley–Terry's choice": bradley_terry,
    "the rarest under p_t": _rarest,
    "a place by the tuple, drawn for each round": _by_table,
}
"""Ways of choosing, by what is taken; with rewards of 0 and 1 the best seeks or avoids a group."""
