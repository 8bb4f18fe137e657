"""What a retraining step is made of, as far as the envelopes depend on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

MOST_STEPS = 10**6
"""Largest number of steps, as of the loops that are run."""


@dataclass(frozen=True)
class Round:
    """One step: p_{t+1} is a mixture of p_ref, of p_t, and of what is chosen from p_t.

    Attributes
    ----------
    real, kept : float
        Shares of p_ref and of p_t.
    chosen : tuple of pairs
        Shares of what is chosen among so many candidates, with that number. All shares sum to 1.
    """

    real: float
    kept: float
    chosen: tuple[tuple[float, float], ...]

    @property
    def candidates(self) -> float | None:
        """The number of candidates if all samples are chosen among as many, else None."""
        is_pure = self.real == self.kept == 0.0 and len(self.chosen) == 1
        return self.chosen[0][1] if is_pure else None

    @property
    def most_candidates(self) -> float:
        """The largest number of candidates that any sample is chosen among; 1 if none is."""
        return max((number for share, number in self.chosen if share > 0.0), default=1.0)


def fresh(lam: float, chosen: Sequence[tuple[float, float]], retained: float = 0.0) -> Round:
    """Return a step whose training set is made anew, with λ synthetic samples per real one."""
    synthetic = 1.0 if lam == math.inf else lam / (1.0 + lam)
    return Round(
        real=1.0 / (1.0 + lam),
        kept=synthetic * retained,
        chosen=tuple((synthetic * (1.0 - retained) * part, number) for part, number in chosen),
    )


def added(real: float, per_round: float, t: int, chosen: Sequence[tuple[float, float]]) -> Round:
    """Return the step from t to t+1 if each round adds samples and nothing is thrown away."""
    # In units of the larger one, since their sum may be beyond a double.
    unit = max(real, per_round)
    real, per_round = real / unit, per_round / unit
    size = real + (t + 1) * per_round
    parts = tuple((per_round / size * part, number) for part, number in chosen)
    return Round(real=0.0, kept=(real + t * per_round) / size, chosen=parts)


def rounds_of(
    K: Any, lam: Any, steps: Any, retained: Any = 0.0, training: Any = None
) -> list[Round]:
    """Return the steps that a caller describes; equal ones that follow each other are one object.

    Parameters
    ----------
    K, lam, retained : number or sequence of numbers
        As of `share_envelope`; of a sequence entry t is that of the step from t to t+1.
    steps : int
        Number of steps.
    training : pair of numbers, optional
        Real samples at the start and samples added per round, if nothing is thrown away.

    Raises
    ------
    TypeError, ValueError
        If something is missing, is no number or is out of range.
    """
    steps = _steps(steps)
    numbers = _over_time(K, "K", steps, _candidates)
    if training is None:
        if lam is None:
            raise TypeError("lam must be given, or training")
        mixings = _over_time(lam, "lam", steps, _mixing)
        shares = _over_time(retained, "retained", steps, _fraction)
        keys = list(zip(mixings, numbers, shares, strict=True))
        found = [fresh(keys[0][0], [(1.0, keys[0][1])], keys[0][2])] if keys else []
        for before, key in pairwise(keys):
            same = key == before
            found.append(found[-1] if same else fresh(key[0], [(1.0, key[1])], key[2]))
        return found
    if lam is not None or np.any(np.asarray(retained) != 0.0):
        raise TypeError("lam and retained must be left out where training is given")
    real, per_round = _sizes(training)
    return [added(real, per_round, t, [(1.0, number)]) for t, number in enumerate(numbers)]


def _steps(steps: Any) -> int:
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer):
        raise TypeError(f"steps must be an integer of at least 0; got {steps!r}")
    if not 0 <= steps <= MOST_STEPS:
        raise ValueError(f"steps must be from 0 to {MOST_STEPS:,}; got {steps}")
    return int(steps)


def _over_time(value: Any, name: str, steps: int, checked: Any) -> list[float]:
    """Return the value of each step: of a number, the same one."""
    if np.ndim(value) == 0:
        return [checked(value, name)] * steps
    if np.ndim(value) != 1 or len(value) != steps:
        raise ValueError(
            f"{name} must be a number, or a sequence of {steps} of them, one for each step; got "
            f"{np.size(value)}"
        )
    return [checked(entry, f"{name}[{t}]") for t, entry in enumerate(value)]


def real_number(value: Any, name: str, allowed: str) -> float:
    """Return a number as a float, or raise an error that says what is allowed."""
    if isinstance(value, bool | np.bool_ | str):
        raise TypeError(f"{name} must be {allowed}; got {value!r}")
    try:
        return float(value)
    except OverflowError:  # of an integer, whose digits may be too many to write
        raise ValueError(
            f"{name} must be {allowed}, and below 1e308 if finite; got a larger one"
        ) from None
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be {allowed}; got {value!r}") from None


def _candidates(value: Any, name: str) -> float:
    allowed = "an integer of at least 1 or inf"
    number = real_number(value, name, allowed)
    if not (number >= 1.0 and (number == math.inf or number.is_integer())):
        raise ValueError(f"{name} must be {allowed}; got {value}")
    return number


def _mixing(value: Any, name: str) -> float:
    number = real_number(value, name, "a number of at least 0 or inf")
    if not number >= 0.0:
        raise ValueError(f"{name} must be a number of at least 0 or inf; got {value}")
    return number


def _fraction(value: Any, name: str) -> float:
    number = real_number(value, name, "a number from 0 to 1")
    if not 0.0 <= number <= 1.0:
        raise ValueError(f"{name} must be a number from 0 to 1; got {value}")
    return number


def _sizes(training: Any) -> tuple[float, float]:
    """Return the two sizes of sets that grow; only their ratio matters."""
    allowed = "two finite numbers above 0, real samples and samples added per round"
    sizes = list(training) if isinstance(training, tuple | list | np.ndarray) else []
    if len(sizes) != 2:
        raise TypeError(f"training must be {allowed}; got {training!r}")
    real, per_round = (real_number(size, "training", allowed) for size in sizes)
    if not (0.0 < real < math.inf and 0.0 < per_round < math.inf):
        raise ValueError(f"training must be {allowed}; got {tuple(sizes)}")
    return real, per_round
