"""What `recurate calibrate` prints: the scale of rewards, and whether it holds at all sizes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from recurate import __version__
from recurate.printing.as_json import as_json
from recurate.printing.words import (
    LEVEL,
    number,
    p_in_words,
    printable,
    say,
    say_under,
    say_what_to_type,
    three_digits,
)

if TYPE_CHECKING:
    from rich.console import Console

    from recurate.numerics.votes.calibration import Scale
    from recurate.reading.votes.asked import AskedPairs


def print_calibration(source: str, scale: Scale, console: Console) -> None:
    """Print the scale of rewards with its error, a test of its form, and what to type next.

    Parameters
    ----------
    source : str
        What to call the table of pairs.
    scale : Scale
        The scale.
    console : Console
        Where to print.
    """
    pairs = f"{scale.pairs:,.10g} pair{'' if scale.pairs == 1 else 's'}"
    say(console, f"{printable(source)}: {pairs} with the rewards of both")
    low, high = map(number, scale.interval)
    error = number(scale.standard_error)
    interval = f"95% interval: {low} to {high}"
    say(console, f"γ = {number(scale.gamma)} ± {error} (standard error; {interval})")
    say(console, "")
    for line in _meanings(scale):
        say(console, line)
    say_under(console, "Does one scale fit small and large differences?", _form_lines(scale))
    if scale.is_significant and scale.gamma > 0:
        typed = f"recurate predict rewards.csv --scale {_typed(scale)} -K 4"
        say_what_to_type(console, [f"{typed}  # with your table of such rewards"])


def _meanings(scale: Scale) -> Iterable[str]:
    odds = math.exp(min(scale.gamma, 700))
    yield (
        "of two answers, the one whose reward is higher by 1 is chosen with probability "
        f"{odds / (1 + odds):.2f}, odds {three_digits(odds)} to 1"
    )
    yield (
        f"the chosen one has the higher reward in {scale.share_agreeing:.1%} of the pairs (equal "
        "ones count half)"
    )
    if scale.naive_standard_error != scale.standard_error:
        yield (
            "the standard error lets pairs of one prompt depend on one another; as if all were "
            f"independent it would be {number(scale.naive_standard_error)}"
        )
    if not scale.is_significant:
        yield "0 lies in the interval: people's choices may have nothing to do with these rewards"
        if scale.gamma < 0:
            yield "γ is below 0: are the two columns the right way round?"
    elif scale.gamma < 0:
        yield "people choose the lower reward: are the two columns the right way round?"
    elif scale.interval[0] <= 1 <= scale.interval[1]:
        yield "1 lies in the interval: the rewards may be log-odds as they stand"
    else:
        yield "1 lies outside the interval: the rewards seem to be no log-odds as they stand"


def _form_lines(scale: Scale) -> Iterable[str]:
    if scale.form_p_value is None:
        yield "nothing tests it: all differences are of one size"
    elif scale.form_p_value < LEVEL:
        yield (
            f"no: {p_in_words(scale.form_p_value)}; choices do not follow γ times the difference, "
            "and one γ misleads for the small or for the large ones"
        )
    else:
        yield f"it may, as far as these pairs tell: {p_in_words(scale.form_p_value)}"


def _typed(scale: Scale) -> str:
    """Return γ to two digits of its standard error, as it is typed."""
    digits = 1 - math.floor(math.log10(scale.standard_error))
    return f"{round(scale.gamma, digits):.10g}"


def calibration_json(source: str, asked: AskedPairs, scale: Scale) -> str:
    """Return the scale as one JSON object."""
    return as_json(
        {
            "recurate": __version__,
            "parameters": {"source": source, "table": asdict(asked)},
            "scale": asdict(scale),
        }
    )
