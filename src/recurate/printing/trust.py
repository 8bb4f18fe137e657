"""How far a table carries an answer, in words: bands, steps, fixed points and choices."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from recurate.numerics.inference.trust import LEAST_SAMPLES, fixed_point_trust
from recurate.numerics.validation import FloatArray
from recurate.printing.words import plural

if TYPE_CHECKING:
    from recurate.numerics.fixed_points.fixed_point import FixedPoint
    from recurate.numerics.inference.choosing import Choice

_HEAVY = "rewards that the table happens not to have would weigh too much (heavy tail)"


def bands_in_words(level: float | None, what: str, replicates: int) -> str:
    """Return what bands or ranges are: of so few tables their range, and no quantiles."""
    tables = plural(replicates, "resampled table")
    if level is None:
        return f"range of {tables} {what} (fewer than 40, so no 95% bands)"
    return f"{level:.0%} bands {what}, from {tables}"


def steps_in_words(sizes: FloatArray, trusted: int | None, size: int) -> Iterable[str]:
    """Yield until which step a table of `size` rows is trusted, and why no further."""
    steps = sizes.size - 1
    rests = "p_{t} rests on {count:,.0f} of {size:,} rows (effective sample size)"
    if trusted is None:
        said = rests.format(t=0, count=sizes[0], size=size)
        yield f"not to be trusted: {said}, and needs {LEAST_SAMPLES:g}"
    elif trusted == steps:
        said = rests.format(t=steps, count=sizes[-1], size=size)
        yield f"trusted until the last step: {said}"
    else:
        said = rests.format(t=trusted, count=sizes[trusted], size=size)
        yield f"trusted until t = {trusted}: {said}"
        after = trusted + 1
        yield f"from t = {after} on " + (
            f"too few rows carry it: {sizes[after]:,.0f} at t = {after}"
            if sizes[after] < LEAST_SAMPLES
            else _HEAVY
        )


def fixed_point_in_words(limit: FixedPoint) -> str:
    """Return whether a table carries its fixed point."""
    trust = fixed_point_trust(limit)
    rests = f"{trust.effective_sample_size:,.0f} of {plural(limit.law.size, 'row')}"
    rests = f"the fixed point rests on {rests} (effective sample size)"
    if trust.is_trusted:
        return f"trusted: {rests}"
    if trust.effective_sample_size < LEAST_SAMPLES:
        return f"not to be trusted: {rests}, and needs {LEAST_SAMPLES:g}"
    return f"not to be trusted: {rests}, but {_HEAVY}"


def choice_in_words(choice: Choice) -> Iterable[str]:
    """Yield what tables like this one would choose, and on which side this one errs."""
    ends, level = choice.lam_range or choice.candidates_range, choice.level
    what = "λ" if choice.chosen == "lam" else "K"
    if ends is not None and choice.resampled is not None:
        low, high = ends
        if choice.chosen == "lam":
            unit = _unit(choice.lam, ends)
            said = [_rounded(low, unit, ROUND_FLOOR), _rounded(high, unit, ROUND_CEILING)]
        else:
            said = [f"{low:g}", f"{high:g}"]
        tables = plural(choice.resampled.size, "resampled table")
        answer = "the same" if low == high else f"{what} at most {said[0]} to {said[1]}"
        if level is None:
            yield f"{tables} (fewer than 40, so no 95% range) say {answer}"
        else:
            yield f"of tables like this one {level:.0%} would say {answer} ({tables})"
    yield from _sides_in_words(choice)


def _sides_in_words(choice: Choice) -> Iterable[str]:
    """Yield on which side a table errs, as far as its resampled ones or the theory tell."""
    K, lam, lean = choice.K, choice.lam, choice.lean
    # Above this, mass goes to ever better rewards if there are any (`FixedPoint.condensed_mass`).
    escapes = choice.steps is None and K > 1 and lam * (K - 1) > 1
    is_unsafe = escapes and choice.quantity == "kl"
    if lean is not None and not (is_unsafe and lean >= 0):
        asked = "resampled tables ask for {} real data on average: this one errs on the {} side"
        if lean < 0:
            yield asked.format(f"{-lean:.1g} less", "unsafe")
        elif lean > 0:
            yield asked.format(f"{lean:.1g} more", "safe")
        else:
            yield "no bias is seen: on average resampled tables ask for as much real data"
    if not escapes:
        return
    if choice.chosen == "lam":
        threshold = f"λ above 1/(K - 1) = {0.0 if K == math.inf else 1 / (K - 1):.4g}"
    else:
        threshold = f"K above 1 + 1/λ = {1 + 1 / lam:.4g}"
    rests = "it rests on there being no better reward"
    if is_unsafe:
        yield (
            f"{rests}: if rewards have no upper bound, no {threshold} keeps a limit of KL for "
            "ever, so that a short table errs on the unsafe side"
        )
    else:
        yield (
            f"{rests}: for {threshold} better ones would take over samples in the end, with the "
            "shares of their own groups"
        )


def mixing_in_words(choice: Choice) -> tuple[str, str]:
    """Return the share of real data, rounded up, and λ, rounded down: both may be typed again.

    They have no more digits than the range carries; without a range they have six.
    """
    ends, fraction = choice.lam_range, choice.real_fraction
    if ends is None:
        return (
            _rounded(fraction, 1e-6, ROUND_CEILING),
            _rounded(choice.lam, 10.0 ** (math.floor(math.log10(choice.lam)) - 5), ROUND_FLOOR),
        )
    of_fraction = _unit(fraction, (1 / (1 + ends[1]), 1 / (1 + ends[0])), 1 - fraction)
    return (
        _rounded(fraction, of_fraction, ROUND_CEILING),
        _rounded(choice.lam, _unit(choice.lam, ends), ROUND_FLOOR),
    )


def _unit(value: float, ends: tuple[float, float], *others: float) -> float:
    """Return the last digit's unit: at most a fifth of the range, and one digit of each number."""
    low, high = ends
    width = high - low if high < math.inf else 2 * abs(value - low)
    if value == math.inf:
        width = low
    sizes = [x for x in (width / 5, value, *others) if 0 < x < math.inf]
    if not sizes or width == 0:  # all tables say the same
        return 1e-6
    return 10.0 ** math.floor(math.log10(min(sizes)) + 1e-9)


def _rounded(value: float, unit: float, rounding: str) -> str:
    if not math.isfinite(value):
        return f"{value:g}"
    return f"{Decimal(repr(value)).quantize(Decimal(f'{unit:.0e}'), rounding):f}"
