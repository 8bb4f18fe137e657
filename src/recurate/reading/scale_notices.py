"""What rewards may be, if not log-odds: a remark with what to type, where a table looks like it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from recurate.numerics.laws.pair_gaps import PairGaps, pair_gaps
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.laws.units import RATES, Unit
from recurate.numerics.text import LARGEST_NUMBER, listed, shown, three_digits
from recurate.numerics.validation import FloatArray
from recurate.reading.names import words

if TYPE_CHECKING:
    from recurate.reading.table import RewardTable

STEEP, FLAT = 1000.0, 1.5
"""Odds of half of all pairs above and below which rewards are hardly in log-odds."""

_FEWEST = 10  # rows, where only values tell
_SAMPLE = 500  # rows, or rows of so many prompts
_NEAR = 1.25  # a sample's gap over those: then all pairs are looked at

_LOOKS: dict[Unit, tuple[str, str]] = {
    "percent": ("percentages", "takes their logit"),
    "probability": ("probabilities", "takes their logit"),
    "elo": ("Elo ratings", "takes 400 of them for odds of 10 to 1"),
    "ratio": ("ratios", "takes their logarithm"),
}

# Words in names of columns, by what such a column may hold.
_RANKS = {"rank", "ranks", "ranking", "rankings"}
_PLACES = {"place", "placement", "position"}
_NUMBERS = {"id", "idx", "uid", "seed"}
_TIMES = {"step", "epoch", "iteration", "iter", "turn", "round", "timestamp", "runtime"}
_LOSSES = {"loss", "losses", "nll", "perplexity", "ppl", "error", "errors", "wer", "cer", "fid"}
_LOSSES |= {"mse", "rmse", "mae", "distance", "latency"}
_VOTES = {"winner", "label", "vote", "votes", "choice", "chosen", "preferred", "preference"}
_VOTES |= {"annotator", "better", "verdict", "judgment", "judgement"}
_CHOSEN = {"chosen", "selected", "picked", "winner", "choice", "preferred", "preference", "clicked"}
_PERCENTAGES = {"percent", "percentage", "pct", "perc"}
_RATES = {"rate", "winrate", "accuracy", "acc", "share", "probability", "prob", "proportion"}
_RATES |= {"confidence", "frequency"}
_ELO = {"elo", "rating", "ratings", "arena"}
_RATIOS = {"ratio", "ratios", "speedup", "speedups", "odds"}
_REWARDS = {"reward", "rewards", "score", "scores", "return", "utility"}


def no_rewards(field: str, values: FloatArray, scale: float) -> str | None:
    """Return what to say of a column that hardly holds rewards, by its name and its values.

    Parameters
    ----------
    field : str
        Name of the column.
    values : ndarray, shape (n,)
        As they stand in the table.
    scale : float
        γ: below 0, smaller values are better, as ranks are.
    """
    found = words(field)
    if set(found) & (_REWARDS | _RATIOS):  # of steps, say
        found = []
    named = set(found)
    low, high = float(values.min()), float(values.max())
    read = "and is read as rewards, of which larger is better"
    other = "name the rewards with --reward-column"
    if named & _TIMES and not named & {"n", "num", "per", "count"} and scale > 0:
        return f"column {shown(field)} looks like steps or times, {read}: {other}"
    if named & _LOSSES and low >= 0 and scale > 0:
        return (
            f"column {shown(field)} looks like losses, {read}: if smaller is better, --scale -1 "
            "turns them round"
        )
    is_whole = low < high and _are_whole(values)
    is_ranked = bool(named & _RANKS) and (is_whole or low >= 1)  # or means of ranks
    is_small = 0 <= low and high <= max(100, values.size)
    if (is_ranked or (is_whole and named & _PLACES)) and is_small and scale > 0:
        return (
            f"column {shown(field)} looks like ranks, {read}: if 1 is the best, --scale -1 turns "
            "them round"
        )
    is_named = found == ["index"] or bool(set(found[-1:]) & _NUMBERS)
    if is_whole and (is_named or _numbers_rows(values, low, high)):
        return f"column {shown(field)} looks like numbers of rows or runs, {read}: {other}"
    if is_whole and {"pref", "preference"} & set(words(field)) and -low == high <= 5:
        return (
            f"column {shown(field)} looks like degrees by which one of two is preferred "
            f"({low:g} to {high:g}), {read}: {other}"
        )
    if named & _CHOSEN and is_whole and (low, high) == (0, 1):
        return (
            f"column {shown(field)} looks like votes (0, 1), {read}: if 1 says what was chosen, "
            "recurate votes makes rewards of them"
        )
    if named & _VOTES and is_whole and 0 <= low and high == 2:
        codes = listed(np.unique(values).astype(int).tolist())
        return (
            f"column {shown(field)} looks like votes ({codes}), {read}: if 1 and 2 say who won, "
            "recurate votes makes rewards of them"
        )
    return None


def _are_whole(values: FloatArray) -> bool:
    return bool((values[:_SAMPLE] % 1 == 0).all() and (values % 1 == 0).all())


def _numbers_rows(values: FloatArray, low: float, high: float) -> bool:
    """Return whether whole numbers are consecutive, each once."""
    is_each_once = high - low == values.size - 1 >= 2 * _FEWEST - 1
    return is_each_once and np.unique(values).size == values.size


def of_another_unit(field: str, table: RewardTable, *, has_signs: bool) -> str | None:
    """Return what to say of rewards that look like another unit than log-odds, or of their scale.

    Parameters
    ----------
    field : str
        Name of their column.
    table : RewardTable
        As it is read without a unit and without a scale.
    has_signs : bool
        Whether they were written with percent signs.
    """
    law = table.law
    values = law.rewards if law.probs.all() else law.rewards[law.probs > 0]
    low, high = float(values.min()), float(values.max())
    gaps = None if low == high else _telling_gaps(law)
    unit = "percent" if has_signs else _unit_by_name(field, values, low, high)
    if unit is not None:
        what, does = _LOOKS[unit]
        steep = ""
        if gaps is not None and gaps.median_ratio > STEEP:
            steep = f", so that half of all pairs have odds above {_odds(gaps)} to 1"
        if unit in RATES and (low == 0 or high == RATES[unit]):
            does += f"; --trials N lets rates of 0 and {'100%' if unit == 'percent' else '1'} in"
        return (
            f"column {shown(field)} looks like {what}, and is read as log-odds{steep}: --reward-is "
            f"{unit} {does}"
        )
    if gaps is None or (values.size < _FEWEST and gaps.median_ratio <= STEEP):
        return None
    return _of_values(values, gaps)


def _unit_by_name(field: str, values: FloatArray, low: float, high: float) -> Unit | None:
    """Return the unit of a column, if its name and its range are those of one."""
    named = set(words(field))
    is_percentage = bool(named & _PERCENTAGES) or "%" in field
    if (is_percentage or named & _RATES) and low >= 0:
        if 1 < high <= 100 and (is_percentage or high > 10):  # no stars
            return "percent"
        if high <= 1 and not _are_whole(values):
            return "probability"
    if named & _ELO and (_may_be_elo(low, high) or ("elo" in named and high - low > 50)):
        return "elo"
    return "ratio" if named & _RATIOS and low > 0 else None


def of_given_unit(field: str, values: FloatArray, unit: str | None) -> str | None:
    """Return what to say of rewards that look like another unit than the one that is given."""
    if unit == "percent" and values.max() <= 1:
        return (
            f"no percentage of column {shown(field)} is above 1: if they are probabilities, "
            "--reward-is probability takes their logit"
        )
    return None


def _may_be_elo(low: float, high: float) -> bool:
    return low >= 400 and high <= 3500 and high - low > 50


def _of_values(values: FloatArray, gaps: PairGaps) -> str | None:
    """Return what to say where only values tell."""
    low, high = float(values.min()), float(values.max())
    if gaps.median_ratio > STEEP:
        said = f"half of all pairs of rewards have odds above {_odds(gaps)} to 1"
        if 0 <= low and 10 < high <= 100:
            return f"{said}: are these percentages? --reward-is percent takes their logit"
        if _may_be_elo(low, high):
            return f"{said}: are these Elo ratings? --reward-is elo says so"
        return f"{said}: are they in log-odds? --reward-is names another unit, --scale a factor"
    flat = ""
    if gaps.median_ratio < FLAT:
        flat = f"half of all pairs have odds below {_odds(gaps)} to 1; "
        flat += "--scale, which recurate calibrate finds, multiplies rewards"
    is_inside = 0 < low and high < 1
    if is_inside or (0 <= low and high <= 1 and np.unique(values).size > 3):  # no 0, ½ and 1
        ends = "" if is_inside else "; --trials N lets rates of 0 and 1 in"
        said = "rewards lie between 0 and 1: if they are probabilities, as win rates are, "
        said += f"--reward-is probability takes their logit{ends}"
        return f"{said}; as log-odds they are nearly flat: {flat}" if flat else said
    return f"rewards are nearly flat: {flat}" if flat else None


def _odds(gaps: PairGaps) -> str:
    return three_digits(min(gaps.median_ratio, LARGEST_NUMBER))


def _telling_gaps(law: RewardLaw) -> PairGaps | None:
    """Return the gaps between rewards if they say something; of a long table a sample tells."""
    few = law if law.size <= 2 * _SAMPLE else _sample(law)
    gaps = pair_gaps(few)
    if gaps is None:
        return None
    is_telling = not math.log(FLAT) * _NEAR < gaps.median_gap < math.log(STEEP) / _NEAR
    return pair_gaps(law) if is_telling and few is not law else gaps


def _sample(law: RewardLaw) -> RewardLaw:
    """Return the law of some rows, or of some prompts' rows."""
    rng = np.random.default_rng(0)
    if law.prompt_index is None:
        rows = rng.choice(law.size, _SAMPLE, replace=False)
    else:
        prompts = law.prompt_probs.size
        few = min(prompts, max(20, 8 * _SAMPLE * prompts // law.size))
        is_taken = np.zeros(prompts, np.bool_)
        is_taken[rng.choice(prompts, few, replace=False)] = True
        rows = np.flatnonzero(is_taken[law.prompt_index])
    probs = law.probs[rows]
    if not probs.sum() > 1e-200:  # as shares of it they would lose digits
        return law
    labels = None if law.prompt_index is None else law.prompt_index[rows]
    return RewardLaw(law.rewards[rows], probs / probs.sum(), prompts=labels)
