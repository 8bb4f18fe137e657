"""The charts of a prediction, and of a fixed point."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from recurate.numerics.inference.trust import LEAST_SAMPLES
from recurate.numerics.laws.of_scores import ends_of_scores
from recurate.pages.charts.lines import lines
from recurate.pages.charts.over_steps import Series
from recurate.pages.charts.picture import COLOURS, Picture, short_name
from recurate.pages.charts.shares import Share, shares
from recurate.printing.words import (
    cleared,
    number,
    plural,
    rounding_of,
    rounding_of_score,
    score_name,
)

if TYPE_CHECKING:
    from recurate.numerics.fixed_points.fixed_point import FixedPoint
    from recurate.numerics.laws.reward_law import RewardLaw
    from recurate.numerics.trajectory import Trajectory
    from recurate.numerics.validation import FloatArray
    from recurate.prediction import Prediction
    from recurate.reading.table import RewardTable

MOST_SCORES = 6
"""Most columns that are followed with a chart each; the table has all."""

MOST_SHARES = 20
"""Most groups with a row in the chart of shares; of the others its caption has the sum."""

ENDS = {
    "expected_reward": (-math.inf, math.inf),
    "expected_weight": (0.0, 1.0),
    "kl_to_reference": (0.0, math.inf),
    "mass_at_max": (0.0, 1.0),
}
"""What the figures cannot pass."""

NAMES = {
    "expected_reward": "expected reward",
    "expected_weight": "expected weight",
    "kl_to_reference": "KL",
    "mass_at_max": "share",
}
_LONGEST = 32  # letters of a name
_ANYTHING = 5e-5  # of a share: an envelope nearer to 0 and to 1 says nothing


def pictures_of_prediction(prediction: Prediction) -> list[Picture]:
    """Return the charts of a prediction, the most important first."""
    return list(_OfPrediction(prediction).pictures())


def pictures_of_fixed_point(start: Trajectory, limit: FixedPoint) -> list[Picture]:
    """Return the chart of the groups' shares, of the real data and at a fixed point."""
    before, after = start.group_proportions[0], limit.group_proportions
    if not before.size:
        return []
    changed = np.argsort(-np.abs(after - before).round(12), kind="stable")[:MOST_SHARES]
    rows = _rows(limit.law, changed.tolist(), before, np.full_like(before, np.nan), after, {})
    others = _others(changed.tolist(), before, after)
    return [shares("From the real data to the fixed point", rows, caption=others)]


class _OfPrediction:
    """What all charts of a prediction share."""

    def __init__(self, prediction: Prediction) -> None:
        self._prediction = prediction
        self._run, self._limit = prediction.trajectory, prediction.settlement.limit
        self._estimates, (low, high) = prediction.estimates, prediction.band_columns()
        self._ends = {name: (low[name], high[name]) for name in low}
        self._trusted, self._beyond = None, ""
        if prediction.table.is_sample and prediction.sampled is None:
            self._trusted = -1 if prediction.trusted_until is None else prediction.trusted_until
            unit = "prompts" if self._run.law.prompt_names else "rows"
            self._beyond = f"too few {unit}{' from here on' if self._trusted >= 0 else ''}"

    def pictures(self) -> Iterator[Picture]:
        """Yield the charts."""
        prediction, run = self._prediction, self._run
        yield self._of_figure(
            "expected_reward", "Expected reward", unit_of_reward(prediction.table)
        )
        for i in range(min(len(run.score_names), MOST_SCORES)):
            yield self._of_score(i)
        groups = prediction.most_changed_groups(COLOURS)
        if groups:
            yield self._of_groups(groups)
        bounds = self._bounds("kl_to_reference")
        yield self._of_figure("kl_to_reference", "Divergence from the real data", "nats", bounds)
        if prediction.sampled is not None:
            return
        best = f"the best reward{' of their prompt' if run.law.prompt_names else ''}"
        yield self._of_figure("mass_at_max", f"Samples with {best}", "share of the samples")
        bounds = self._bounds("expected_weight")
        if bounds:
            title = f"Expected weight e^r, relative to {best}"
            yield self._of_figure("expected_weight", title, "weight; the best has 1", bounds)
        sizes = prediction.effective_sample_sizes
        if sizes is not None and not run.law.prompt_names:
            yield _of_sizes(sizes)
        if groups:  # it may be high
            yield self._of_all_groups()

    def _of_figure(
        self, name: str, title: str, unit: str, bounds: Sequence[Series] = ()
    ) -> Picture:
        limit = math.nan if self._limit is None else float(getattr(self._limit, name))
        rounding = partial(rounding_of, name, self._run.law)
        one = self._series(name, NAMES[name], getattr(self._run, name), limit, rounding)
        may_be_log = name in ("kl_to_reference", "expected_weight")
        return self._lines(title, unit, [one, *bounds], ENDS[name], may_be_log)

    def _of_score(self, i: int) -> Picture:
        run, name, limit = self._run, self._run.score_names[i], math.nan
        if self._limit is not None:
            limit = float(self._limit.expected_scores[i])

        def rounding(t: float) -> float:
            end = self._limit if t == math.inf else None
            mean = limit if end is not None else float(run.expected_scores[int(t), i])
            return rounding_of_score(
                run.law, name, mean, lambda: end.probs if end else run.probs(int(t))
            )

        short = short_name(score_name(name), _LONGEST)
        one = self._series(
            run.score_labels[i], f"mean of {short}", run.expected_scores[:, i], limit, rounding
        )
        unit = "as in the table" if name == self._prediction.table.in_unit else "unit of the column"
        return self._lines(f"Mean of {short}", unit, [one], ends_of_scores(run.law)[name])

    def _of_groups(self, groups: Sequence[int]) -> Picture:
        run = self._run
        after = self._after
        every = [
            self._series(
                run.proportion_labels[group],
                short_name(str(run.law.group_names[group]), _LONGEST),
                run.group_proportions[:, group],
                math.nan if after is None else float(after[group]),
                colour=colour,
            )
            for colour, group in enumerate(groups)
        ]
        more = len(run.law.group_names) > len(groups)
        title = f"Shares of the groups{' that change most' if more else ''}"
        return self._lines(title, "share of the samples", every, (0.0, 1.0))

    def _of_all_groups(self) -> Picture:
        run = self._run
        groups = self._prediction.most_changed_groups(MOST_SHARES)
        within, words = _envelope(self._prediction, tuple(groups))
        ends = run.group_proportions[0], run.group_proportions[-1]
        rows = _rows(run.law, groups, *ends, self._after, within)
        title = "From the real data to where the loop goes"
        others = _others(groups, ends[0], ends[1] if self._after is None else self._after)
        return shares(title, rows, end=f"t = {run.steps:,}", within=words, caption=others)

    @property
    def _after(self) -> FloatArray | None:
        return None if self._limit is None else self._limit.group_proportions

    def _series(
        self,
        label: str,
        name: str,
        values: FloatArray,
        limit: float,
        rounding: Callable[[float], float] = lambda t: 0.0,
        colour: int = 0,
    ) -> Series:
        """Return a figure over t, with its band: an estimate, where rows are a sample."""
        if self._prediction.sampled is not None:
            return Series(name, *self._estimates[label], colour=colour)
        values = np.array([cleared(float(v), rounding(t)) for t, v in enumerate(values)])
        low, high = self._ends.get(label, (None, None))
        if not math.isnan(limit):
            limit = cleared(limit, rounding(math.inf))
        return Series(name, values, low, high, limit, colour=colour)

    def _bounds(self, name: str) -> list[Series]:
        """Return what theorems say of a figure, and what holds whatever people choose."""
        found = []
        for guarantee in self._prediction.guarantees:
            if guarantee.figure == name and guarantee.bound is not None:
                side = "at least" if guarantee.is_lower else "at most"
                words = f"{side}, by {guarantee.statement.label}"
                found.append(Series(words, guarantee.bound, kind="bound"))
        if name == "kl_to_reference" and self._prediction.sampled is None:
            divergence = self._prediction.any_choice(()).ends.divergence
            if np.isfinite(divergence).all():
                found.append(
                    Series("at most, whatever people choose", divergence, kind="bound", colour=1)
                )
        return found

    def _lines(
        self,
        title: str,
        unit: str,
        series: Sequence[Series],
        ends: tuple[float, float],
        may_be_log: bool = False,
    ) -> Picture:
        has_one = sum(one.kind == "curve" for one in series) == 1
        return lines(
            title,
            unit,
            series,
            caption=from_to(series[0]) if has_one else "",
            ends=ends,
            may_be_log=may_be_log,
            trusted_until=self._trusted,
            beyond=self._beyond,
            band=self._band,
        )

    @property
    def _band(self) -> str:
        """What the legend says of bands."""
        sampled, bands = self._prediction.sampled, self._prediction.bands
        if sampled is not None:
            return f"{sampled.level:.0%} band of the estimate"
        if bands is None:
            return ""
        what = "tables" if bands.resampled in ("rows", "prompts") else bands.resampled
        return f"{f'{bands.level:.0%}' if bands.level else 'range'} of resampled {what}"


def unit_of_reward(table: RewardTable) -> str:
    """Return what rewards count."""
    return "log-odds" if table.asked.are_odds else "reward"


def from_to(series: Series, written: Callable[[float], str] = number) -> str:
    """Return in a sentence where a figure begins and where it goes."""
    values = series.values
    first, last = (written(float(values[t])) or "no value" for t in (0, -1))
    text = f"{first} at t = 0"
    if values.size > 1:
        text = f"From {text} to {last} at t = {values.size - 1:,}"
    if not math.isnan(series.limit):
        text += f"; {number(series.limit)} at the fixed point"
    return f"{text}."


def _of_sizes(sizes: FloatArray) -> Picture:
    """Return the chart of how many rows a prediction rests on."""
    least = Series(
        f"{LEAST_SAMPLES:g}, the fewest that are trusted",
        np.full(sizes.size, LEAST_SAMPLES),
        kind="bound",
    )
    own = Series("rows", sizes)
    title = "Rows that carry it (effective sample size)"
    caption = from_to(own, "{:,.0f}".format)
    return lines(
        title, "rows", [own, least], caption=caption, ends=(0.0, math.inf), may_be_log=True
    )


def _rows(
    law: RewardLaw,
    groups: Sequence[int],
    start: FloatArray,
    end: FloatArray,
    limit: FloatArray | None,
    within: dict[int, tuple[float, float]],
) -> list[Share]:
    """Return the rows of groups, from what gains most to what loses most."""
    after = np.full_like(start, np.nan) if limit is None else limit
    rows = [
        Share(
            str(law.group_names[g]),
            float(start[g]),
            float(end[g]),
            float(after[g]),
            within.get(g),
        )
        for g in groups
    ]
    return sorted(rows, key=lambda row: row.start - row.last)


def _others(groups: Sequence[int], start: FloatArray, last: FloatArray) -> str:
    """Return what all other groups have together: their sum would dwarf the rows of single ones."""
    others = np.setdiff1d(np.arange(start.size), groups)
    if not others.size:
        return ""
    first, then = (number(float(part[others].sum())) for part in (start, last))
    return f"All others together ({plural(others.size, 'group')}): from {first} to {then}."


def _envelope(
    prediction: Prediction, groups: tuple[int, ...]
) -> tuple[dict[int, tuple[float, float]], str]:
    """Return between what the groups' shares stay whatever people choose, and the words for it."""
    ends = prediction.any_choice(groups).ends
    floor, ceiling, when = (
        ends.floor[-1],
        ends.ceiling[-1],
        f"at t = {prediction.trajectory.steps:,}",
    )
    if ends.floor_for_ever is not None and ends.ceiling_for_ever is not None:
        floor, ceiling, when = ends.floor_for_ever, ends.ceiling_for_ever, "for ever"
    if floor.max() < _ANYTHING and ceiling.min() > 1.0 - _ANYTHING:
        return {}, ""
    within = {
        group: (float(low), float(high))
        for group, low, high in zip(groups, floor, ceiling, strict=True)
    }
    return within, f"whatever people choose, {when}"
