"""The expected weight over the steps, and the theorems' lower bounds on it.

The bounds are Lemma 2.2 for the pure loop, Theorem 2.3 for the loop with real data mixed in
(Ferbach et al. 2024), and their sharper forms (docs/mathematics.md).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from recurate.figures.making import style
from recurate.figures.making.recipe import Agreement, Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Table
from recurate.figures.shared.laws import uniform_rewards
from recurate.numerics.loop import CurationLoop
from recurate.numerics.trajectory import Trajectory
from recurate.theory.one_curation import lemma_2_2, lemma_2_2_sharp
from recurate.theory.real_data import theorem_2_3, theorem_2_3_optimal, theorem_2_3_sharp
from recurate.theory.statement import Statement

# A bound may be exceeded by the engine's stated error, 1e-13 for each step, and rounding.
_ALLOWED = 1e-11

_MEANINGS = {"t": "retraining step", "expected_weight": "E_t w, w relative to its largest value"}


def pure(run: Run) -> Table:
    """Compute the pure loop, and Lemma 2.2's bounds on each step from the law before it."""
    loop, trajectory = _run(run, math.inf)
    before = {
        "K": loop.K,
        "mean_weight": trajectory.expected_weight[:-1],
        "variance_weight": trajectory.variance_weight[:-1],
        "max_weight": 1.0,
    }
    moments = np.array([_third_moment(trajectory, t) for t in range(trajectory.steps)])
    return _table(
        trajectory,
        [
            (lemma_2_2.statement, before),
            (lemma_2_2_sharp.statement, before | {"third_central_moment": moments}),
        ],
    )


def mixed(run: Run) -> Table:
    """Compute the loop with real data, and Theorem 2.3's bounds on all steps from the first law."""
    loop, trajectory = _run(run, run.parameters["lam"])
    curated = CurationLoop(loop.law, K=loop.K, lam=math.inf).run(steps=1).expected_weight
    start = {"lam": loop.lam, "mean_weight": trajectory.expected_weight[0]}
    moments = {"K": loop.K, "variance_weight": trajectory.variance_weight[0], "max_weight": 1.0}
    return _table(
        trajectory,
        [
            (theorem_2_3.statement, start | moments),
            (theorem_2_3_sharp.statement, start | moments),
            (theorem_2_3_optimal.statement, start | {"curation_gain": curated[1] - curated[0]}),
        ],
    )


def _run(run: Run, lam: float) -> tuple[CurationLoop, Trajectory]:
    law = uniform_rewards(run.parameters["span"])
    loop = CurationLoop(law, K=run.parameters["K"], lam=lam)
    steps = run.parameters["steps"]
    return loop, loop.run(steps=steps, on_step=lambda t: run.progress(f"λ = {lam:g}", t, steps))


def _third_moment(trajectory: Trajectory, t: int) -> float:
    """Return the third central moment of the weight under p_t."""
    weights = trajectory.law.relative_weights
    return float(trajectory.probs(t) @ (weights - trajectory.expected_weight[t]) ** 3)


def _table(trajectory: Trajectory, bounds: list[tuple[Statement, dict[str, Any]]]) -> Table:
    """Return the table of a run, with bounds at steps 1, 2, …: statements and their arguments."""
    steps = np.arange(trajectory.steps + 1)
    columns: dict[str, Any] = {"t": steps, "expected_weight": trajectory.expected_weight}
    meanings = dict(_MEANINGS)
    for statement, values in bounds:
        bound = np.full(steps.size, np.nan)
        bound[1:] = statement.bound_function()(**values)
        columns[statement.id] = bound
        meanings[statement.id] = f"lower bound of {statement.label}; nan at t = 0"
    return Table(columns, meanings)


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw the pure loop beside the mixed one."""
    figure = Figure(figsize=(style.PAGE_WIDTH, 2.3))
    pure_panel, mixed_panel = panels = list(figure.subplots(1, 2))
    lemma = {"lemma-2.2": "Lemma 2.2", "lemma-2.2-sharp": "sharpened"}
    _panel(pure_panel, tables["pure"], "pure loop", lemma)
    pure_panel.legend(loc="upper left")
    theorem = {
        "theorem-2.3": "Theorem 2.3",
        "theorem-2.3-sharp": "sharpened",
        "theorem-2.3-optimal": "optimal",
    }
    title = f"real data mixed in, λ = {parameters['lam']:g}"
    _panel(mixed_panel, tables["mixed"], title, theorem)
    mixed_panel.legend(loc="center right", bbox_to_anchor=(1.0, 0.69))
    panels[0].set_ylabel("expected weight / best weight")
    style.name_panels(panels)
    return figure


def _panel(axes: Axes, table: Table, title: str, bounds: dict[str, str]) -> None:
    axes.plot(table["t"], table["expected_weight"], marker="o", label="exact", zorder=3)
    looks = (("v", "--"), ("s", ":"), ("x", "-."))
    for (column, label), (marker, dashes) in zip(bounds.items(), looks, strict=False):
        axes.plot(
            table["t"],
            table[column],
            color=style.BOUND_COLOUR,
            linestyle=dashes,
            linewidth=0.9,
            marker=marker,
            fillstyle="none",
            label=label,
        )
    axes.set_title(title)
    axes.set_xlabel("retraining step t")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with the bounds' constants."""
    mixed_table = tables["mixed"]
    start, last = mixed_table["expected_weight"][[0, -1]]
    gains = [
        (mixed_table[name][1] - start) / (last - start)
        for name in ("theorem-2.3", "theorem-2.3-sharp", "theorem-2.3-optimal")
    ]
    return (
        f"Expected weight E_t w, relative to the best, for rewards uniform on "
        f"[0, {parameters['span']:g}] and K = {parameters['K']}. (a) The pure loop with Lemma "
        "2.2's bound on each step from the law before it, and the sharpened form with the third "
        f"moment. (b) With real data mixed in (λ = {parameters['lam']:g}): of the gain after "
        f"{parameters['steps']} steps, Theorem 2.3 guarantees {gains[0]:.1%}, λ/(1+λ) in place of "
        f"λ/(1+λ)³ {gains[1]:.1%}, and the optimal form, which the first step attains, "
        f"{gains[2]:.1%}."
    )


def agreement(tables: Tables, parameters: Parameters) -> Agreement:
    """Return the largest shortfall below a bound, and the optimal one's distance at t = 1."""
    shortfalls = [
        float(np.nanmax(table[name] - table["expected_weight"]))
        for table in tables.values()
        for name in table.columns
        if name not in _MEANINGS
    ]
    first = abs(
        float(tables["mixed"]["theorem-2.3-optimal"][1] - tables["mixed"]["expected_weight"][1])
    )
    return Agreement(
        "Largest shortfall of E_t w below a bound, and distance from the optimal one at t = 1, "
        "where it is attained",
        max(0.0, first, *shortfalls),
        _ALLOWED,
        "the engine's stated error, 1e-13 for each step",
    )


_COMMON = {"K": 4, "lam": 1.0, "span": 2.0}

recipe = Recipe(
    name="reward_bounds",
    title="Expected weight and its lower bounds",
    parameters={
        "smoke": {**_COMMON, "steps": 10},
        "default": {**_COMMON, "steps": 10},
        "paper": {**_COMMON, "steps": 20},
    },
    tables={"pure": pure, "mixed": mixed},
    draw=draw,
    caption=caption,
    agreement=agreement,
)
