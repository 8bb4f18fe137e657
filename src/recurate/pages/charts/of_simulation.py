"""The charts of a simulation: its replicates about the exact loop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from recurate.numerics.laws.levels import FIGURES
from recurate.pages.charts.lines import lines
from recurate.pages.charts.of_prediction import ENDS, unit_of_reward
from recurate.pages.charts.over_steps import Series
from recurate.pages.charts.picture import Picture, short_name
from recurate.prediction import most_changed_groups

if TYPE_CHECKING:
    from recurate.numerics.validation import FloatArray
    from recurate.printing.answers.simulation import Simulation

ERRORS = 2.0
"""Half of the band about a mean over replicates, in its standard errors."""

MOST_PATHS = 20
"""Most replicates that are drawn one by one."""

_MOST_GROUPS = 3
_TITLES = {
    "expected_reward": "Expected reward",
    "expected_weight": "Expected weight e^r, relative to the best reward",
    "mass_at_max": "Samples with the best reward",
}


def pictures_of_simulation(simulation: Simulation) -> list[Picture]:
    """Return the charts of a simulation: reward, the groups that change most, and weights."""
    return list(_pictures(simulation))


def _pictures(simulation: Simulation) -> Iterator[Picture]:
    exact, run = simulation.exact, simulation.simulated
    units = {
        "expected_reward": unit_of_reward(simulation.table),
        "expected_weight": "weight; the best has 1",
        "mass_at_max": "share of the samples",
    }
    reward, *others = (
        _beside(
            _TITLES[name],
            unit,
            getattr(exact, name),
            run.figures[:, :, FIGURES.index(name)],
            run.standard_errors[name],
            ENDS[name],
        )
        for name, unit in units.items()
    )
    yield reward
    for group in most_changed_groups(exact, _MOST_GROUPS):
        yield _beside(
            f"Share of {short_name(str(exact.law.group_names[group]), 32)}",
            units["mass_at_max"],
            exact.group_proportions[:, group],
            run.groups[:, :, group],
            run.standard_errors["group_proportions"][:, group],
            (0.0, 1.0),
        )
    yield from others


def _beside(
    title: str,
    unit: str,
    exact: FloatArray,
    replicates: FloatArray,
    errors: FloatArray,
    ends: tuple[float, float],
) -> Picture:
    """Return the chart of a figure: the exact curve, and the mean of replicates with its error."""
    mean, name = replicates.mean(axis=0), "mean of the replicates"
    if len(replicates) == 1:  # which has no standard error
        series = [Series("exact", exact), Series(name, mean, kind="points", colour=1)]
        return lines(title, unit, series, ends=ends)
    ends_of_band = mean - ERRORS * errors, mean + ERRORS * errors
    series = [Series("exact", exact), Series(name, mean, *ends_of_band, kind="points", colour=1)]
    if len(replicates) <= MOST_PATHS:
        series += [Series("single replicates", path, kind="path", colour=1) for path in replicates]
    return lines(title, unit, series, ends=ends, band=f"± {ERRORS:g} standard errors")
