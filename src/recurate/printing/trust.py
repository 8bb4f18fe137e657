"""How far a table carries an answer, in words: bands, steps, fixed points and choices."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

import numpy as np

from recurate.numerics.inference.trust import LEAST_SAMPLES, fixed_point_trust
from recurate.numerics.text import shown
from recurate.numerics.validation import FloatArray
from recurate.printing.words import SYMBOLS, candidates_in_words, group_name, plural

if TYPE_CHECKING:
    from recurate.numerics.fixed_points.fixed_point import FixedPoint
    from recurate.numerics.inference.bootstrap import Bands
    from recurate.numerics.inference.choice import Choice
    from recurate.numerics.laws.reward_law import RewardLaw
    from recurate.numerics.trajectory import Trajectory
    from recurate.reading.table import RewardTable

_OWN = ("rows", "prompts")  # what is resampled of rewards that are no estimates
_PLAIN = 1e-15, 1e15  # λ that are written without an exponent
_LEAST_TABLES = 40  # of which 2.5% are one
_HEAVY = "rewards that the table happens not to have would weigh too much (heavy tail)"


def bands_in_words(bands: Bands, where: str) -> str:
    """Return what bands are: of so few resamples their range, and no quantiles.

    Parameters
    ----------
    bands : Bands
        The bands.
    where : str
        At which step.
    """
    of = _resamples(bands.replicates, bands.resampled, bands.failed)
    narrow = _narrow(bands.replicates, bands.failed, bands.level)
    if bands.level is None:
        few = _few(bands.replicates - bands.failed, bands.resampled)
        return f"range of {of} {where} ({few}, so no 95% bands){narrow}"
    return f"{bands.level:.0%} bands {where}, from {of}{narrow}"


def _resamples(replicates: int, what: str, failed: int) -> str:
    if what in _OWN:
        return plural(replicates, "resampled table")
    of = f"{plural(replicates, 'resample')} of the {what}"
    if failed:
        of += f" ({failed:,} fell apart and {'is' if failed == 1 else 'are'} left out)"
    return of


def _narrow(replicates: int, failed: int, level: float | None) -> str:
    # Those that fall apart are the outermost: more of them than lie beyond an end move it inward.
    is_narrow = failed > (0 if level is None else replicates * (1 - level) / 2)
    return ", too narrow without those that fell apart" if is_narrow else ""


def _few(count: int, what: str) -> str:
    if count < _LEAST_TABLES:
        return f"fewer than {_LEAST_TABLES}"
    return f"too few {what.replace(' and ', ' or ')}"


def given_in_words(is_resampled: bool) -> str:
    """Return what is uncertain where the items are given, and only their rewards are estimates."""
    return (
        "the items and their shares are given, and are no sample of others: only their rewards are "
        "uncertain, "
        + ("as shown above" if is_resampled else "for which recurate predict --votes has bands")
    )


def unused_errors_in_words(table: RewardTable) -> Iterable[str]:
    """Yield that resampled rows leave the standard errors of rewards aside, if there are some."""
    if table.unused_errors is not None:
        yield (
            f"the rows were resampled, as if others might have been drawn, and column "
            f"{shown(table.unused_errors)} has no part in that; for rewards from votes, recurate "
            "predict --votes resamples the votes"
        )


def best_in_words(law: RewardLaw, bands: Bands) -> Iterable[str]:
    """Yield how often the best item of a law is the best in its resamples too."""
    if bands.same_best is not None:
        best, index = int(np.argmax(law.rewards)), law.group_index
        name = f"item {best + 1}" if index is None else group_name(law, int(index[best]))
        yield (
            f"{name} is the best item in {bands.same_best:.0%} of the resamples; the band of "
            f"'{SYMBOLS['mass_at_max']}' is that of whichever is best"
        )


def beside_in_words(trajectory: Trajectory, bands: Bands) -> Iterable[str]:
    """Yield which figures' bands do not hold the figure itself at the last step, and why.

    A band of estimated rewards is of loops on rewards that were estimated once more.
    """
    beside = [
        SYMBOLS[name]
        for name in ("expected_reward", "kl_to_reference")
        for own in [getattr(trajectory, name)[-1]]
        if not bands.low[name][-1] - 1e-9 <= own <= bands.high[name][-1] + 1e-9
    ]
    if beside and bands.resampled not in _OWN:
        lie, their = ("lies", "its") if len(beside) == 1 else ("lie", "their")
        yield (
            f"not to be trusted: {' and '.join(beside)} {lie} beside {their} band, for resampled "
            "rewards lie further apart than the estimated ones, as those do than the true ones: "
            f"too few {bands.resampled.replace(' and ', ' or ')}"
        )


def steps_in_short(trusted: int | None, steps: int, law: RewardLaw) -> str:
    """Return until which step a table is trusted, in a clause."""
    units = plural(*units_of(law))
    if trusted is None:
        return f"{untrusted_in_words(law)}, for {units} are too few"
    until = "to the last step" if trusted == steps else f"up to t = {trusted}, and no further"
    return f"the {units} of the table carry this {until}"


def steps_in_words(sizes: FloatArray, trusted: int | None, law: RewardLaw) -> Iterable[str]:
    """Yield until which step a table is trusted, and why no further."""
    steps = sizes.size - 1
    size, unit = units_of(law)
    rests = f"p_{{t}} rests on {{count:,.0f}} of {{size:,}} {unit}s (effective sample size)"
    if trusted is None:
        said = rests.format(t=0, count=sizes[0], size=size)
        yield f"{untrusted_in_words(law)}: {said}, and needs {LEAST_SAMPLES:g}"
    elif trusted == steps:
        said = rests.format(t=steps, count=sizes[-1], size=size)
        yield f"trusted until the last step: {said}"
    else:
        said = rests.format(t=trusted, count=sizes[trusted], size=size)
        yield f"trusted until t = {trusted}: {said}"
        after = trusted + 1
        yield f"from t = {after} on " + (
            f"too few {unit}s carry it: {sizes[after]:,.0f} at t = {after}"
            if sizes[after] < LEAST_SAMPLES
            else _HEAVY
        )


def untrusted_in_words(law: RewardLaw) -> str:
    """Return that a table is not to be trusted, and for what."""
    # For these prompts and answers themselves, or items by name, the figures are exact.
    if law.prompt_names:
        return "not to be trusted for other prompts"
    has_items = len(law.group_names) == law.rows
    return "not to be trusted" + (" for other items than these" if has_items else "")


def units_of(law: RewardLaw) -> tuple[int, str]:
    """Return how many of which units a table is a sample of: the prompts, or else the rows."""
    return (len(law.prompt_names), "prompt") if law.prompt_names else (law.rows, "row")


def fixed_point_in_words(limit: FixedPoint) -> str:
    """Return whether a table carries its fixed point."""
    trust = fixed_point_trust(limit)
    rests = f"{trust.effective_sample_size:,.0f} of {plural(*units_of(limit.law))}"
    rests = f"the fixed point rests on {rests} (effective sample size)"
    if trust.is_trusted:
        return f"trusted: {rests}"
    if trust.effective_sample_size < LEAST_SAMPLES:
        return f"{untrusted_in_words(limit.law)}: {rests}, and needs {LEAST_SAMPLES:g}"
    return f"not to be trusted: {rests}, but {_HEAVY}"


def choice_in_words(choice: Choice, *, has_all_answers: bool = False) -> Iterable[str]:
    """Yield what tables like this one would choose, and on which side this one errs.

    Where rows are all answers to their prompts, no prompt has better ones that are missing.
    """
    if choice.resampled is not None:
        number, answer = choice.resampled.size, _range_in_words(choice)
        replicates = number + choice.failed
        of = _resamples(replicates, choice.what, choice.failed)
        narrow = _narrow(replicates, choice.failed, choice.level)
        if choice.level is None:
            few = _few(number, choice.what)
            yield f"range of {of} ({few}, so no 95% range): {answer}{narrow}"
        elif choice.what in _OWN:
            tables = f"of tables like this one ({number:,} resampled)"
            yield f"{tables} {choice.level:.0%} would say {answer}"
        else:
            yield f"of {of} {choice.level:.0%} would say {answer}{narrow}"
    yield from _sides_in_words(choice, has_all_answers)


def _range_in_words(choice: Choice) -> str:
    symbol, chosen, ends = "K", choice.K, choice.candidates_range
    meanings = {1.0: "1 (no curation)"}
    unit = 1.0
    if ends is None:
        symbol, chosen, ends = "λ", choice.lam, choice.lam_range or (0.0, math.inf)
        meanings = {0.0: "0 (no synthetic samples)", math.inf: "inf (no real data)"}
        unit = _unit(chosen, ends)
    if ends[0] == ends[1] == chosen:
        return "the same"
    low, high = (
        meanings.get(end, _rounded(end, unit, rounding))
        for end, rounding in zip(ends, (ROUND_FLOOR, ROUND_CEILING), strict=True)
    )
    return f"{symbol} at most {low}" + (f" to {high}" if high != low else "")


def _sides_in_words(choice: Choice, has_all_answers: bool) -> Iterable[str]:
    """Yield on which side a table errs, as far as its resampled ones or the theory tell."""
    K, lam, lean = choice.K, choice.lam, choice.lean
    others = "resampled tables" if choice.what in _OWN else "resamples"
    # Above this, mass goes to ever better rewards if there are any (`FixedPoint.condensed_mass`).
    # It is proved of rewards that are log-odds: others may be bounded, as ranks are.
    is_paper = choice.rule is None
    escapes = is_paper and choice.steps is None and lam * (K - 1) > 1 and not has_all_answers
    if not escapes:
        threshold = ""
    elif choice.chosen == "lam":
        threshold = f"λ = 1/(K - 1) = {1 / (K - 1):.4g}"  # 0 for K = inf
    else:
        threshold = f"K = 1 + 1/λ = {1 + 1 / lam:.4g}"
    if escapes and choice.quantity == "kl":
        known = lean is not None and lean < 0
        yield (
            ("errs" if known else "may err")
            + " on the unsafe side: "
            + (f"{others} allow more on average, and " if known else "")
            + f"if rewards have no upper bound, KL stays bounded only up to {threshold}"
        )
        return
    if lean == 0:
        yield f"no bias is seen: {others} allow as much on average"
    elif lean is not None:
        side, more, less = ("unsafe", "more", "less") if lean < 0 else ("safe", "less", "more")
        average = f"{more} on average ({abs(lean):.1g} {less} real data)"
        yield f"errs on the {side} side: {others} allow {average}"
    elif choice.resampled is not None and (fewer := float((choice.resampled < K).mean())) > 0:
        yield f"{fewer:.0%} of the {others} allow less than K = {candidates_in_words(K)}"
    if escapes:
        may = "better rewards, if there are any, may change the shares in the end"
        yield f"above {threshold} {may}"


def mixing_in_words(choice: Choice) -> tuple[str, str]:
    """Return the share of real data, rounded up, and λ, rounded down: both may be typed again.

    λ has no more digits than the range carries, or six without a range. The share of real data is
    that of λ as it is printed, with as many digits as tell it from its neighbours; for a λ below
    1e-15, which no double tells from 1, it is what is left of 1.
    """
    ends, lam = choice.lam_range, choice.lam
    if 0.0 < lam < _PLAIN[0]:
        shown = _scientific(Decimal(repr(lam)), ROUND_FLOOR)
        return f"1 - {shown}", shown
    if _PLAIN[1] < lam < math.inf:
        shown = _scientific(Decimal(repr(lam)), ROUND_FLOOR)
        return _scientific(1 / (1 + Decimal(shown)), ROUND_CEILING), shown
    unit = _sixth_digit(lam) if ends is None else _unit(lam, ends)
    shown = _rounded(lam, unit, ROUND_FLOOR)
    fraction = 1 / (1 + Decimal(shown))
    return _rounded(fraction, _power_of_ten(unit * float(fraction) ** 2), ROUND_CEILING), shown


def _unit(value: float, ends: tuple[float, float]) -> float:
    """Return the last digit's unit: at most a fifth of the range, and one digit of the number."""
    low, high = ends
    width = high - low if high < math.inf else 2 * abs(value - low)
    if value == math.inf:
        width = low
    sizes = [x for x in (width / 5, value) if 0 < x < math.inf]
    if not sizes or width == 0:  # all tables say the same
        return _sixth_digit(min(value, high))
    return _power_of_ten(min(sizes))


def _scientific(value: Decimal, rounding: str) -> str:
    """Return six digits with an exponent."""
    unit = Decimal(1).scaleb(value.adjusted() - 5)
    return f"{value.quantize(unit, rounding):.5e}"


def _sixth_digit(value: float) -> float:
    return _power_of_ten(value) / 1e5 if 0 < value < math.inf else 1e-6


def _power_of_ten(largest: float) -> float:
    return 10.0 ** math.floor(math.log10(largest) + 1e-9)


def _rounded(value: float | Decimal, unit: float, rounding: str) -> str:
    if not math.isfinite(value):
        return f"{value:g}"
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    return f"{exact.quantize(Decimal(f'{unit:.0e}'), rounding):f}"
