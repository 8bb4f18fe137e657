"""What is found of a law's scores once: their ends, and which are the rewards in another unit."""

from __future__ import annotations

import numpy as np

from recurate.numerics.laws.kept import kept_with_law
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.validation import FloatArray

_CHUNK = 2**16  # values that are looked at together: a score that is no multiple shows early
_ROUNDING = 4 * np.finfo(np.float64).eps  # relative, of a quotient, a product and a difference


@kept_with_law
def ends_of_scores(law: RewardLaw) -> dict[str, tuple[float, float]]:
    """Return the least and the largest value of each of a law's scores, by its name."""
    return {
        name: (float(np.nanmin(values)), float(np.nanmax(values)))
        for name, values in law.scores.items()
    }


@kept_with_law
def factors_of_scores(law: RewardLaw) -> dict[str, float]:
    """Return the factors of the scores that are a multiple of the rewards, up to rounding.

    So are rewards as a table has them, where the law's are these times γ.
    """
    found = {name: _factor(values, law.rewards) for name, values in law.scores.items()}
    return {name: factor for name, factor in found.items() if factor is not None}


def _factor(values: FloatArray, rewards: FloatArray) -> float | None:
    place = int(np.argmax(np.abs(rewards[:_CHUNK])))
    if rewards[place] == 0:
        return None
    factor = float(values[place] / rewards[place])
    for begin in range(0, rewards.size, _CHUNK):
        part = values[begin : begin + _CHUNK]
        far = np.abs(part - factor * rewards[begin : begin + _CHUNK])
        if not (far <= _ROUNDING * np.abs(part)).all():  # nor if one is missing
            return None
    return factor
