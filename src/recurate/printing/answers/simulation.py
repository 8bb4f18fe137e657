"""A simulation beside the exact loop: told, as JSON, and as a figure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from recurate import __version__
from recurate.numerics.agreement.exchanged_runs import runs_verdict
from recurate.numerics.agreement.p_values import sparse_samples, trajectory_verdict
from recurate.numerics.agreement.verdict import Verdict
from recurate.numerics.loop import CurationLoop
from recurate.numerics.schedules import Accumulate
from recurate.numerics.simulation.simulated_trajectory import SimulatedTrajectory
from recurate.numerics.text import printable
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray
from recurate.prediction import loop_in_short, most_changed_groups
from recurate.printing.answers.told import Columns, Lines, Section, Told, print_told
from recurate.printing.as_json import as_json
from recurate.printing.columns import Column
from recurate.printing.loops import loop_in_words
from recurate.printing.loops_as_json import parameters_of, trajectory_entries
from recurate.printing.words import (
    MOST_ROWS,
    SYMBOLS,
    cleared,
    group_name,
    meanings,
    number,
    plural,
    rounding_of,
    rounding_of_score,
    rounding_of_sum,
    rows_shown,
    score_name,
    table_in_words,
)
from recurate.reading.table import RewardTable

if TYPE_CHECKING:
    from rich.console import Console

MOST_ATOMS = 500
"""Most atoms for which all figures are tested together: that takes a matrix of this size, or one
for each prompt, of no more entries together."""

_MOST_COUNTED = 50_000  # atoms times steps for other loops: some hundred runs of them are made
_ALPHA = 1e-3  # a p-value that those runs can show

_SHOWN = ("expected_reward", "expected_weight", "mass_at_max")


@dataclass(frozen=True)
class Simulation:
    """A simulated loop and the exact one.

    Attributes
    ----------
    table : RewardTable
        What was read.
    loop : CurationLoop
        The loop, with the λ that follows from the numbers of samples.
    exact : Trajectory
        Its exact run.
    simulated : SimulatedTrajectory
        The simulated one.
    """

    table: RewardTable
    loop: CurationLoop
    exact: Trajectory
    simulated: SimulatedTrajectory

    @classmethod
    def of(
        cls, table: RewardTable, loop: CurationLoop, simulated: SimulatedTrajectory
    ) -> Simulation:
        """Return a simulation of a loop with the exact run that it is compared with."""
        loop = _as_realised(loop, simulated)
        return cls(table, loop, loop.run(steps=simulated.steps), simulated)

    @cached_property
    def untested(self) -> str | None:
        """Why the figures are not tested all together; None if they are."""
        law = self.loop.law
        if self.loop.schedule.K is None:
            return self._verdict_by_runs if isinstance(self._verdict_by_runs, str) else None
        if law.prompt_index is not None:
            pairs = int((np.bincount(law.prompt_index) ** 2).sum())
            if pairs > MOST_ATOMS**2:
                return f"that takes at most {MOST_ATOMS**2:,} pairs of answers to one prompt"
        elif law.size > MOST_ATOMS:
            return f"that takes a law of at most {MOST_ATOMS} rewards"
        return sparse_samples(self.simulated, self.loop)

    @cached_property
    def p_value(self) -> float | None:
        """Bound on the p-value of all figures together; None if they are `untested`."""
        if self.untested is not None:
            return None
        if isinstance(self._verdict_by_runs, Verdict):
            return self._verdict_by_runs.p_value
        return trajectory_verdict(self.simulated, self.loop).p_value

    @cached_property
    def _verdict_by_runs(self) -> Verdict | str | None:
        """What runs drawn by exact counts say of a loop beyond the paper's, or why they do not."""
        if self.loop.schedule.K is not None:
            return None
        if self.loop.law.size * self.simulated.steps > _MOST_COUNTED:
            return f"that takes at most {_MOST_COUNTED:,} rewards, times steps, for such a loop"
        try:
            return runs_verdict(self.simulated, self.loop, _ALPHA)
        except ValueError as error:
            return str(error)

    def to_json(self) -> str:
        """Return everything as one JSON object."""
        return as_json(
            {
                "recurate": __version__,
                "parameters": self.parameters,
                "exact": trajectory_entries(self.table, self.exact),
                "simulated": self.simulated.to_dict(),
                "p_value": self.p_value,
            }
        )

    @property
    def parameters(self) -> dict[str, Any]:
        """Its parameters, for JSON."""
        run = self.simulated
        return parameters_of(self.table, self.loop) | {
            "steps": run.steps,
            "replicates": run.replicates,
            "samples": asdict(run.sizes),
        }

    @property
    def writers(self) -> dict[str, Callable[[BinaryIO], None]]:
        """What writes each of its files, by the file's name."""
        return {"simulation.csv": self.simulated.to_csv, "simulation.png": self._draw}

    def _draw(self, file: BinaryIO) -> None:
        from recurate.figures.for_commands import predicted_trajectory, simulated_trajectory

        figure = simulated_trajectory.draw(
            self.exact,
            self.simulated,
            groups=most_changed_groups(self.exact, predicted_trajectory.MOST_GROUPS),
            source=printable(self.table.source),
            loop=loop_in_short(self.loop),
            are_odds=self.table.asked.are_odds,
        )
        predicted_trajectory.save(figure, file)


def _as_realised(loop: CurationLoop, run: SimulatedTrajectory) -> CurationLoop:
    """Return a loop with the λ and the share of uncurated samples that whole samples make."""
    law, sizes = loop.law, run.sizes
    if loop.schedule.K is not None:
        is_mixed = 0.0 < loop.lam < math.inf
        return CurationLoop(law, K=loop.K, lam=sizes.lam) if is_mixed else loop
    if loop.training is not None:
        grown = Accumulate(real=sizes.real, per_round=sizes.curated)
        return CurationLoop(law, rule=loop.rule, training=grown)
    every = run.sizes_by_step or (sizes,)
    lam = [size.lam for size in every]
    synthetic = [size.curated + size.retained for size in every]
    retained = [size.retained / max(n, 1) for size, n in zip(every, synthetic, strict=True)]
    if not run.sizes_by_step:
        return CurationLoop(law, rule=loop.rule, lam=lam[0], retained=retained[0])
    return CurationLoop(law, rule=loop.rule, lam=lam, retained=retained)


def _sizes_in_words(run: SimulatedTrajectory, is_growing: bool) -> str:
    """Return how many samples a step has."""
    sizes = run.sizes
    parts = [f"{sizes.generated:,} generated", f"{sizes.curated:,} curated"]
    if sizes.retained:
        parts.append(f"{sizes.retained:,} kept uncurated")
    each = "each step" if not run.sizes_by_step else "the first step"
    of_each = " for each prompt" if run.prompts else ""
    if is_growing:
        return (
            f"training sets begin with {sizes.real:,} real samples, and {each} adds "
            f"{sizes.curated:,} curated ones, of {sizes.generated:,} generated{of_each}"
        )
    return f"{each} {', '.join(parts)} and {sizes.real:,} real samples{of_each}"


def print_simulation(simulation: Simulation, console: Console) -> None:
    """Print a simulation, as `tell_simulation` tells it."""
    print_told(tell_simulation(simulation), console)


def tell_simulation(simulation: Simulation, *, most_rows: int = MOST_ROWS) -> Told:
    """Tell a simulation: its sizes, its figures beside the exact ones, and how they agree."""
    return list(_told(simulation, most_rows))


def _told(simulation: Simulation, most_rows: int) -> Iterator[Lines | Columns | Section]:
    run, loop = simulation.simulated, simulation.loop
    sizes = _sizes_in_words(run, loop.training is not None)
    yield Lines.of(
        table_in_words(simulation.table),
        f"{loop_in_words(loop)}; {plural(run.steps, 'retraining step')}",
        f"{plural(run.replicates, 'replicate')}; {sizes}",
    )
    shown = rows_shown(run.steps, most_rows)
    columns = [Column("t", [str(t) for t in shown])]
    for name, exact, simulated, error in _columns(simulation):
        figure = next((figure for figure, title in SYMBOLS.items() if title == name), "share")
        exactly, simulations, z_scores = [], [], []
        for t in shown:
            rounding = rounding_of(figure, loop.law, t)
            exactly.append(number(float(exact[t]), rounding))
            simulations.append(_with_error(float(simulated[t]), error[t], rounding))
            rounding += rounding_of_sum(loop.law.size, abs(float(exact[t])))
            z_scores.append(_z_score(cleared(float(simulated[t] - exact[t]), rounding), error[t]))
        columns += [Column(name, exactly), Column("simulated", simulations), Column("z", z_scores)]
        if figure == "expected_reward":
            columns += _scores(simulation, shown)
    yield Columns.of(columns)
    yield Lines.of(
        f"{meanings(simulation.table, *_SHOWN)}; simulated: mean ± standard error of the "
        "replicates; z: difference from the exact loop in standard errors.",
        is_dim=True,
    )
    means = (f"{c.title}: {c.cells[0]} to {c.cells[-1]}" for c in columns if c.kind)
    heading = "Columns by which samples are chosen, exactly"
    yield Section.of(heading, means, instead_of="score")
    yield Lines.of(_agreement(simulation))


def _columns(simulation: Simulation) -> list[tuple[str, FloatArray, FloatArray, FloatArray]]:
    exact, run = simulation.exact, simulation.simulated
    columns = [
        (SYMBOLS[name], getattr(exact, name), getattr(run, name), run.standard_errors[name])
        for name in _SHOWN
    ]
    for i in most_changed_groups(exact, 1):
        shares, errors = run.group_proportions, run.standard_errors["group_proportions"]
        title = f"group {group_name(simulation.loop.law, i)}"
        columns.append((title, exact.group_proportions[:, i], shares[:, i], errors[:, i]))
    return columns


def _scores(simulation: Simulation, shown: list[int]) -> Iterable[Column]:
    """Yield the exact means of rewards as they stand in the table, and of the voters' rewards."""
    exact, in_unit = simulation.exact, simulation.table.in_unit
    for i, name in enumerate(exact.score_names):
        cells = []
        for t in shown:
            mean = float(exact.expected_scores[t, i])
            rounding = rounding_of_score(exact.law, name, mean, partial(exact.probs, t))
            cells.append(number(mean, rounding))
        yield Column(score_name(name), cells, kind="" if name == in_unit else "score")


def _agreement(simulation: Simulation) -> str:
    p_value = simulation.p_value
    if p_value is None:
        return f"(no p-value of all figures together: {simulation.untested})"
    text = "1" if p_value == 1 else f"{p_value:.2g}"
    if simulation.loop.schedule.K is None:
        text = f"at most {text}"
    return f"all figures at all steps together, finite samples taken into account: p-value {text}"


def _with_error(value: float, error: float, rounding: float) -> str:
    return number(value, rounding) + ("" if math.isnan(error) else f" ± {error:.4f}")


def _z_score(difference: float, error: float) -> str:
    if difference == 0.0:
        return "0.0"
    if math.isnan(error) or error == 0.0:
        return ""
    return f"{round(difference / error, 1) + 0.0:.1f}"  # no -0.0
