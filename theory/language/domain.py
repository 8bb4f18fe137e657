"""The numbers that a bound may be given: what holds for every law, loop and count.

A statement's own hypotheses (`recurate.theory.statement`) come on top. Those must hold for certain:
a ball that may break one is refused. But the ranges here hold for every law, so a ball is refused
only if no number in it is allowed. For example, μ of a law with one atom is w_*, and its ball
overlaps w_*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

import flint
import numpy as np

ROUNDING = 1e-9
"""A mean weight in floats may exceed w_* by this share of it, since it is a rounded sum."""


@dataclass(frozen=True)
class Range:
    """The numbers that an argument may be.

    Attributes
    ----------
    text : str
        The range in words, with the argument's keyword.
    lower, upper : float
        Ends; `upper` is allowed if it is finite or `may_be_infinite`.
    is_open : bool
        Whether `lower` itself is left out.
    is_whole : bool
        Whether only integers are allowed (and infinity, if `may_be_infinite`).
    may_be_infinite : bool
        Whether infinity is allowed.
    """

    text: str
    lower: float = -inf
    upper: float = inf
    is_open: bool = False
    is_whole: bool = False
    may_be_infinite: bool = False

    def contains(self, value: Any) -> bool:
        """Return whether a number, every number of an array, or some number of a ball is allowed.

        Raises
        ------
        TypeError
            If the value is not a number.
        """
        if isinstance(value, flint.arb):
            return self._meets(value)
        numbers = np.asarray(value)
        if numbers.dtype.kind not in "biufO":
            raise TypeError(f"{value!r} is not a number: needed is {self.text}")
        if numbers.dtype.kind == "b":
            return False  # True is neither a count nor a probability
        is_inside = (numbers > self.lower) if self.is_open else (numbers >= self.lower)
        is_inside &= numbers <= self.upper
        if not self.may_be_infinite:
            is_inside &= abs(numbers) < inf
        if self.is_whole:
            # inf % 1 is nan
            with np.errstate(invalid="ignore"):
                is_inside &= (numbers == inf) | (numbers % 1 == 0)
        return bool(np.all(is_inside))

    def _meets(self, ball: flint.arb) -> bool:
        if ball.is_nan() or ball < self.lower or ball > self.upper:
            return False
        if self.is_open and ball <= self.lower:
            return False
        if not ball.is_finite():
            return self.may_be_infinite or not ball.is_exact()
        return ball.contains_integer() if self.is_whole else True


RANGES: Mapping[str, Range] = {
    "K": Range(
        "at least one candidate: K >= 1, an integer or infinity",
        lower=1,
        is_whole=True,
        may_be_infinite=True,
    ),
    "lam": Range("λ (lam) at least 0, or infinity", lower=0, may_be_infinite=True),
    "mean_weight": Range("a mean weight μ (mean_weight) above 0", lower=0, is_open=True),
    "variance_weight": Range("a variance V (variance_weight) of at least 0", lower=0),
    "max_weight": Range("a largest weight w_* (max_weight) above 0", lower=0, is_open=True),
    "third_central_moment": Range("a finite κ3 (third_central_moment)"),
    "curation_gain": Range("a gain G_K (curation_gain) of at least 0", lower=0),
    "total_variation": Range("a distance (total_variation) from 0 to 1", lower=0, upper=1),
    "weight_ratio": Range("ρ (weight_ratio) from 0 to 1", lower=0, upper=1),
    "top_mass": Range("q (top_mass) above 0 and at most 1", lower=0, upper=1, is_open=True),
    "steps": Range("t (steps), an integer of at least 0", lower=0, is_whole=True),
    "curvature": Range("α (curvature) above 0", lower=0, is_open=True),
    "hessian_lipschitz": Range("L (hessian_lipschitz) of at least 0", lower=0),
    "model_error": Range("ε (model_error) of at least 0", lower=0),
    "share": Range("a share u (share) from 0 to 1", lower=0, upper=1),
    "reward_gap": Range("Δ (reward_gap) of at least 0", lower=0),
    "real_rounds": Range("ν = n_0/n (real_rounds) above 0", lower=0, is_open=True),
    "choices": Range("N (choices), an integer of at least 1", lower=1, is_whole=True),
    "atoms": Range("n (atoms), an integer of at least 1", lower=1, is_whole=True),
    "limit_top_mass": Range(
        "p_inf(A) (limit_top_mass) above 0 and at most 1", lower=0, upper=1, is_open=True
    ),
    "preference_margin": Range(
        "δ (preference_margin) above 0 and at most 1", lower=0, upper=1, is_open=True
    ),
}
"""What each of ``notation.ARGUMENTS`` may be."""


def outside(names: Iterable[str], values: Mapping[str, Any]) -> str | None:
    """Return what an argument must be whose value is not allowed, or None.

    Parameters
    ----------
    names : iterable of str
        Keywords from `RANGES` that a bound needs.
    values : mapping
        Numbers, arrays or balls by keyword; missing ones are not checked.
    """
    given = [name for name in RANGES if name in names and name in values]
    for name in given:
        if not RANGES[name].contains(values[name]):
            return RANGES[name].text
    if {"mean_weight", "max_weight"} <= set(given):
        mean, highest = values["mean_weight"], values["max_weight"]
        if isinstance(mean, flint.arb) or isinstance(highest, flint.arb):
            is_above = bool(mean > highest)
        else:
            # Exact numbers were not rounded.
            is_rounded = any(np.asarray(number).dtype.kind == "f" for number in (mean, highest))
            is_above = bool(np.any(mean > highest * (1 + ROUNDING if is_rounded else 1)))
        if is_above:
            return "a mean weight μ (mean_weight) of at most w_* (max_weight)"
    return None
