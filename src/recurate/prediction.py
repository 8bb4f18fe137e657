"""The main job: where the loop of a table of rewards goes, and what the theorems guarantee."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import BinaryIO, Literal

import numpy as np

from recurate.any_choice import AnyChoice, any_choice
from recurate.errors import as_input_errors
from recurate.finite_sets import FiniteRun, finite_run
from recurate.guarantees import Guarantee, SafeRange, guarantees, safe_range
from recurate.numerics.files import write_csv
from recurate.numerics.inference.bootstrap import Bands, bootstrap_bands
from recurate.numerics.inference.bootstrap import require_bounded as require_bounded_bands
from recurate.numerics.inference.sampled_rows import SampledRows, carried_until, extrapolated
from recurate.numerics.inference.trust import effective_sample_sizes, trusted_until
from recurate.numerics.loop import CurationLoop
from recurate.numerics.text import printable, shortened
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.trajectory import require_bounded as require_bounded_run
from recurate.numerics.validation import FloatArray
from recurate.reading.asked_loop import loop_errors
from recurate.reading.table import RewardTable
from recurate.settlement import Settlement, settlement
from recurate.voters_figures import Objective, VoterFigures, objective, voters_figures

MOST_GROUPS_IN_BANDS = 50
"""Largest number of groups with bands: those whose shares change most."""

_LONGEST_TITLE = 200


def predict_loop(
    table: RewardTable,
    loop: CurationLoop,
    *,
    steps: int,
    replicates: int,
    seed: int = 0,
    rows: Literal["all", "sampled"] = "all",
    curated: float | None = None,
    on_stage: Callable[[str, int | None], None] = lambda stage, t: None,
) -> Prediction:
    """Run a loop, find where it settles, and resample its table.

    Parameters
    ----------
    table, loop
        As of `Prediction`.
    steps : int
        Number of retraining steps.
    replicates : int
        Resampled tables for the bands; 0 for none.
    seed : int
        Seed of the resampling.
    rows : {"all", "sampled"}
        Whether a prompt's rows are all its answers, or a sample of them: then the law's figures
        are only those of the rows, and there are estimates in place of bands and a fixed point.
    curated : float, optional
        Number of curated samples in each training set of a real run, of which bounds are wanted.
    on_stage : callable
        Called with what is being done and, while the loop runs, with the step (to show progress).
    """
    with loop_errors():
        trajectory = loop.run(steps=steps, on_step=lambda t: on_stage("retraining", t))
    if rows == "sampled":
        groups = most_changed_groups(trajectory, MOST_GROUPS_IN_BANDS)
        unknown = Settlement(None, "a sample does not show the best answer of each prompt")
        with as_input_errors():  # prompts of too few rows
            sampled = extrapolated(
                loop, steps, groups=groups, rng=seed, on_step=lambda t: on_stage("estimating", t)
            )
        return Prediction(table, loop, trajectory, unknown, sampled=sampled)
    on_stage("looking for the fixed point", None)
    settled = settlement(loop)
    carried = None
    if loop.law.prompt_names and loop.schedule.K is not None:
        on_stage("looking at the rows of each prompt", None)
        carried = carried_until(loop, steps, rng=seed)
    found = Prediction(table, loop, trajectory, settled, carried_until=carried, curated=curated)
    return with_bands(found, replicates=replicates, seed=seed, on_stage=on_stage)


def with_bands(
    prediction: Prediction,
    *,
    replicates: int,
    seed: int = 0,
    on_stage: Callable[[str, int | None], None] = lambda stage, t: None,
) -> Prediction:
    """Return a prediction with bands, if any are asked for and its table can be resampled.

    Parameters are those of `predict_loop`.
    """
    table, loop = prediction.table, prediction.loop
    if not replicates or not _can_be_resampled(table):
        return prediction
    estimates = table.estimates
    what = "table" if estimates is None else estimates.what(loop.law)
    on_stage(f"resampling the {what}", None)
    with as_input_errors():  # votes that always fall apart
        bands = bootstrap_bands(
            loop,
            prediction.trajectory,
            groups=prediction.most_changed_groups(MOST_GROUPS_IN_BANDS),
            replicates=replicates,
            rng=seed,
            estimates=estimates,
            on_step=lambda t: on_stage(f"resampling the {what}", t),
        )
    return replace(prediction, bands=bands)


def require_bounded(table: RewardTable, loop: CurationLoop, steps: int, replicates: int) -> None:
    """Raise InputError if so many steps, or bands, would take very much memory or time."""
    groups = min(len(loop.law.group_names), MOST_GROUPS_IN_BANDS)
    atoms = 0 if table.estimates is None else loop.law.size
    with as_input_errors():
        require_bounded_run(steps, loop.law)
        require_bounded_bands(replicates, steps, groups, len(loop.law.scores), atoms)


def _can_be_resampled(table: RewardTable) -> bool:
    """Return whether there are two of what is resampled: one prompt says nothing of others."""
    if table.estimates is not None:
        return table.estimates.units(table.law) > 1
    return len(table.law.prompt_names) != 1


@dataclass(frozen=True)
class Prediction:
    """A loop, its run from the real data, and the bounds that hold for it.

    Attributes
    ----------
    table : RewardTable
        What was read.
    loop : CurationLoop
        The loop.
    trajectory : Trajectory
        Its run from p_ref.
    settlement : Settlement
        Where it settles.
    bands : Bands or None
        Bootstrap bands, of the groups `most_changed`; None if they were not asked for, or there is
        one of what is resampled: one prompt, or all votes depend on one another.
    sampled : SampledRows or None
        Estimates for all answers of each prompt, if its rows are a sample of them.
    carried_until : int or None
        Last step that such estimates would know, if they were not asked for; None if there are
        none, or no prompts.
    curated : float or None
        Number of curated samples in each training set of a real run.
    """

    table: RewardTable
    loop: CurationLoop
    trajectory: Trajectory
    settlement: Settlement
    bands: Bands | None = None
    sampled: SampledRows | None = None
    carried_until: int | None = None
    curated: float | None = None

    @cached_property
    def guarantees(self) -> tuple[Guarantee, ...]:
        """The theorems' bounds; none for a loop that is not the paper's."""
        if self.loop.schedule.K is None:
            return ()
        return guarantees(self.loop, self.trajectory)

    @cached_property
    def safe_range(self) -> SafeRange | None:
        """The λ below which the theorems bound the divergence from the real data, as above."""
        if self.loop.schedule.K is None:
            return None
        by_prompt = self.trajectory.by_prompt
        return safe_range(self.loop, (by_prompt or self.trajectory).expected_weight[0])

    def any_choice(self, groups: tuple[int, ...]) -> AnyChoice:
        """Return what holds for some groups, and for the divergence, whatever people choose."""
        known = self._any_choices
        if groups not in known:  # sentences, tables and charts ask for the same
            loop = self.loop.on(self.trajectory.law)
            known[groups] = any_choice(loop, self.trajectory.steps, groups)
        return known[groups]

    @cached_property
    def _any_choices(self) -> dict[tuple[int, ...], AnyChoice]:
        return {}

    @cached_property
    def finite_run(self) -> FiniteRun | None:
        """How far one real run may be from the fixed point; None if no size was named."""
        if self.curated is None:
            return None
        return finite_run(self.loop, self.trajectory, self.settlement.limit, self.curated)

    @cached_property
    def objective(self) -> Objective | None:
        """What the loop climbs, if K is infinite; None if it is not."""
        return objective(self.loop, self.trajectory, self.settlement.limit)

    @cached_property
    def voters(self) -> tuple[VoterFigures, ...]:
        """How each of several voters fares."""
        return voters_figures(self.loop, self.trajectory, self.settlement.limit)

    @cached_property
    def effective_sample_sizes(self) -> FloatArray | None:
        """How many rows each p_t rests on, shape (steps + 1,); None if they are no sample."""
        return effective_sample_sizes(self.trajectory) if self.table.is_sample else None

    @cached_property
    def trusted_until(self) -> int | None:
        """Last step up to which the table carries the prediction; None if it carries none.

        None too if the rows are no sample: then only the bands say how far it is to be trusted.
        """
        return trusted_until(self.trajectory) if self.table.is_sample else None

    @cached_property
    def error_of_bins(self) -> float | None:
        """Estimated error of the run's figures on summarised rows; None if all rows are there."""
        rows = self.loop.law.atom_rows
        return None if rows is None or not rows.are_binned else self.trajectory.error_estimate

    def most_changed_groups(self, most: int) -> list[int]:
        """Return the numbers of the groups whose share changed most, most changed first."""
        return most_changed_groups(self.trajectory, most)

    def band_columns(self) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
        """Return the bands' lower and upper ends, by the names of the trajectory's columns."""
        bands = self.bands
        if bands is None:
            return {}, {}
        labels = self.trajectory.proportion_labels
        names = [labels[group] for group in bands.groups]
        return (
            bands.low | dict(zip(names, bands.low_proportions.T, strict=True)),
            bands.high | dict(zip(names, bands.high_proportions.T, strict=True)),
        )

    @property
    def writers(self) -> dict[str, Callable[[BinaryIO], None]]:
        """What writes each of its files, by the file's name; bands only if there are any."""
        return {
            "trajectory.csv": self.trajectory.to_csv,
            "bands.csv": self._write_bands,
            "estimates.csv": self._write_estimates,
            "trajectory.png": self._draw,
            "trajectory.svg": partial(self._draw, ending="svg"),
        }

    def _write_bands(self, file: BinaryIO) -> None:
        low, high = self.band_columns()
        columns = {"t": list(range(self.trajectory.steps + 1))}
        for name in low:
            columns[f"{name} low"] = low[name].tolist()
            columns[f"{name} high"] = high[name].tolist()
        write_csv(file, columns)

    def _write_estimates(self, file: BinaryIO) -> None:
        columns = {"t": list(range(self.trajectory.steps + 1))}
        for name, (values, low, high) in self.estimates.items():
            for end, numbers in (("", values), (" low", low), (" high", high)):
                columns[f"{name}{end}"] = numbers.tolist()
        write_csv(file, columns)

    @property
    def estimates(self) -> dict[str, tuple[FloatArray, FloatArray, FloatArray]]:
        """Estimates and the ends of their bands, by the names of the trajectory's columns."""
        found, trajectory = self.sampled, self.trajectory
        if found is None:
            return {}
        shares = [trajectory.proportion_labels[group] for group in found.groups]
        named = {
            name: (found.estimates[name], found.low[name], found.high[name])
            for name in found.estimates
        }
        for names, parts in (
            (shares, (found.proportions, found.low_proportions, found.high_proportions)),
            (
                trajectory.score_labels,
                (found.expected_scores, found.low_scores, found.high_scores),
            ),
        ):
            named |= dict(zip(names, zip(*(part.T for part in parts), strict=True), strict=True))
        return named

    def _draw(self, file: BinaryIO, ending: str = "png") -> None:
        from recurate.figures.for_commands import predicted_trajectory

        figure = predicted_trajectory.draw(
            self.trajectory,
            bounds={g.figure: g.bound for g in self.guarantees if g.bound is not None},
            labels={g.figure: g.statement.label for g in self.guarantees},
            groups=self.most_changed_groups(predicted_trajectory.MOST_GROUPS),
            source=printable(self.table.source),
            loop=loop_in_short(self.loop),
            bands=self.bands,
            limit=self.settlement.limit,
            trusted_until=self.trusted_until,
            is_sample=self.table.is_sample,
            are_odds=self.table.asked.are_odds,
        )
        predicted_trajectory.save(figure, file, ending)


def loop_in_short(loop: CurationLoop) -> str:
    """Return a loop as the title of a picture names it."""
    if loop.schedule.K is None:
        return shortened(str(loop.schedule), _LONGEST_TITLE)
    return f"K = {loop.K:g}, λ = {loop.lam:g}"


def most_changed_groups(trajectory: Trajectory, most: int) -> list[int]:
    """Return the numbers of the groups whose share changed most, most changed first."""
    proportions = trajectory.group_proportions
    # Rounded, so that equal changes keep the order of the groups.
    change = np.abs(proportions[-1] - proportions[0]).round(12)
    return [int(i) for i in np.argsort(-change, kind="stable")[:most]]
