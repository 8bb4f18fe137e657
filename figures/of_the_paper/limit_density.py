"""Level sets of the reward, the initial density and the theoretical limit (paper, Figure 6).

The setting is eight Gaussians, and a reward that is largest on a disc about one of them. The limit
of the pure loop is the initial density conditioned on that disc; with real data mixed in, the loop
has a fixed point that keeps the other Gaussians. Both are computed, and the steps before them:
p_t = g_t(r) p_ref, where g_t comes from the loop on the law of the reward.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from recurate.figures.making import style
from recurate.figures.making.recipe import Agreement, Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Column, Table
from recurate.figures.shared.eight_gaussians import EightGaussians, PolarRule
from recurate.numerics.loop import CurationLoop
from recurate.numerics.validation import FloatArray

_PIECE = 8192  # rewards in one run: the engine's matrix has some 600 columns for each

_STEPS = {"pure": "pure loop", "mixed": "real data mixed in"}


def densities(run: Run) -> Table:
    """Compute the densities on a grid in the plane."""
    setting = EightGaussians.of(run.parameters)
    line = _cell(run) * (np.arange(_side(run)) + 0.5) - run.parameters["half_width"]
    x, y = (axis.ravel() for axis in np.meshgrid(line, line))
    points = np.stack([x, y], axis=1)
    reward, reference = setting.reward(points), setting.density(points)
    columns: dict[str, Any] = {"x": x, "y": y, "reward": reward, "reference": reference}
    meanings = {
        "x": "first coordinate of a cell's centre; the disc's centre is at (radius, 0)",
        "y": "second coordinate",
        "reward": "reward r",
        "reference": "density of p_ref = p_0, per unit of area",
    }
    for name, meaning, density in _relative_densities(run, setting, reward):
        columns[name] = reference * density
        meanings[name] = f"density {meaning}, per unit of area"
    return Table(columns, meanings)


def masses(run: Run) -> Table:
    """Integrate the densities over the plane and over the disc, in polar coordinates."""
    setting = EightGaussians.of(run.parameters)
    rule = PolarRule.of(setting, run.parameters["panels"] + 7, run.parameters["angles"])
    inside = rule.distance < setting.disc
    grid = run.tables["densities"]
    rows = []
    relative = _relative_densities(run, setting, setting.reward_at(rule.distance))
    for name, _, density in relative:
        mass = density * rule.mass
        rows.append((name, mass.sum(), mass[inside].sum(), grid[name].sum() * _cell(run) ** 2))
    return Table.of_rows(
        rows,
        {
            "density": "name of the density's column",
            "mass": "its integral over the plane, by quadrature in polar coordinates",
            "disc": "its integral over the disc, likewise",
            "grid_mass": "sum over the grid times a cell's area: how well the picture has it",
        },
    )


def _side(run: Run) -> int:
    """Return the number of the grid's cells on a side."""
    return int(run.parameters["side"])


def _cell(run: Run) -> float:
    """Return the width of a cell."""
    return float(2 * run.parameters["half_width"] / _side(run))


def _relative_densities(
    run: Run, setting: EightGaussians, rewards: FloatArray
) -> Iterator[tuple[str, str, FloatArray]]:
    """Yield a name, its meaning and p/p_ref at these rewards, for each density that is shown."""
    pieces = np.array_split(rewards, math.ceil(rewards.size / _PIECE))
    for kind, lam in (("pure", math.inf), ("mixed", run.parameters["lam"])):
        parts: dict[str, list[FloatArray]] = {}
        for number, piece in enumerate(pieces):
            loop = CurationLoop(
                setting.law(run.parameters["panels"], piece), K=run.parameters["K"], lam=lam
            )
            trajectory = loop.run(steps=max(run.parameters["steps"]))
            for t in run.parameters["steps"]:
                parts.setdefault(f"{kind}_{t}", []).append(trajectory.log_density(t)[: piece.size])
            limit = loop.fixed_point().log_density[: piece.size]
            if kind == "pure":  # p_ref conditioned on the largest reward
                limit = np.where(piece == 0.0, -math.log(setting.disc_mass), -np.inf)
            parts.setdefault(f"{kind}_limit", []).append(limit)
            run.progress(_STEPS[kind], number + 1, len(pieces))
        for name, logarithms in parts.items():
            step = name.removeprefix(f"{kind}_")
            which = "in the limit" if step == "limit" else f"after {step} steps"
            yield name, f"{which}, λ = {lam:g}", np.exp(np.concatenate(logarithms))


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw the reward and p_ref, then a row of densities for each loop."""
    table = tables["densities"]
    shown = [*(f"{t}" for t in parameters["steps"]), "limit"]
    figure = Figure(figsize=(style.PAGE_WIDTH, 2.85))
    panels = figure.subplots(2, 1 + len(shown), sharex=True, sharey=True)
    largest = max(float(table[name].max()) for name in table.columns if name.endswith("_limit"))
    norm = PowerNorm(0.5, 0.0, largest)
    _reward_panel(panels[0, 0], table)
    mesh = _density_panel(panels[1, 0], table, "reference", "real data, t = 0", norm)
    for row, (kind, lam) in enumerate((("pure", "∞"), ("mixed", f"{parameters['lam']:g}"))):
        limit = "limit" if kind == "pure" else "fixed point"
        for axes, step in zip(panels[row, 1:], shown, strict=True):
            when = limit if step == "limit" else f"t = {step}"
            _density_panel(axes, table, f"{kind}_{step}", f"{when}, λ = {lam}", norm)
    figure.colorbar(mesh, ax=panels, label="density", pad=0.01, aspect=30)
    style.name_panels(panels.flat, fontsize=6.5)
    for axes in panels.flat:
        axes.set_aspect("equal")
        axes.set_xticks([-5, 0, 5])
        axes.set_yticks([-5, 0, 5])
        centre, colour = (parameters["radius"], 0.0), "black" if axes is panels[0, 0] else "white"
        axes.add_patch(Circle(centre, parameters["disc"], fill=False, color=colour, lw=0.6))
    return figure


def _reward_panel(axes: Axes, table: Table) -> None:
    levels = np.arange(20 * math.ceil(float(table["reward"].min()) / 20), 0, 20)
    x, y, reward = (_squared(table[name]) for name in ("x", "y", "reward"))
    lines = axes.contour(
        x, y, reward, levels=levels, colors=style.COLOURS[0], linewidths=0.7, linestyles="-"
    )
    axes.clabel(lines, fontsize=5, fmt="%g")
    axes.set_title("reward")


def _density_panel(axes: Axes, table: Table, name: str, title: str, norm: PowerNorm) -> QuadMesh:
    mesh = axes.pcolormesh(
        _squared(table["x"]),
        _squared(table["y"]),
        _squared(table[name]),
        norm=norm,
        shading="nearest",
        rasterized=True,  # in PDF and SVG: tens of thousands of cells
    )
    axes.set_title(title)
    return mesh


def _squared(column: Column) -> Column:
    """Return a column of the grid as a square, rows of one y."""
    side = math.isqrt(column.size)
    return column.reshape(side, side)


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with the setting and the masses of the disc."""
    found = tables["masses"]
    disc = dict(zip(found["density"].tolist(), found["disc"].tolist(), strict=True))
    setting = EightGaussians.of(parameters)
    last = parameters["steps"][-1]
    return (
        f"Eight Gaussians (standard deviation {setting.deviation:g}, centres on a circle of "
        f"radius {setting.radius:g}) and the reward minus {setting.gamma:g} times the distance "
        f"from one centre beyond {setting.disc:g} (the circle), with K = {parameters['K']}. Upper "
        f"row: the pure loop, whose limit is the real data given the disc. Of the real data "
        f"{setting.disc_mass:.3f} lie in it, of the model's {disc[f'pure_{last}']:.3f} after "
        f"{last} steps and all in the limit. Lower row: with real data mixed in (λ = "
        f"{parameters['lam']:g}), {disc[f'mixed_{last}']:.3f} after {last} steps and "
        f"{disc['mixed_limit']:.3f} at the fixed point, and no Gaussian is lost. All densities are "
        "exact, from the loop on the law of the reward; the circle's radius and the deviation are "
        "this project's choice."
    )


def agreement(tables: Tables, parameters: Parameters) -> Agreement:
    """Return the largest distance of a density's integral from one."""
    return Agreement(
        "Largest distance from one of a density's integral, by quadrature that does not know the "
        "law of the reward",
        float(np.abs(tables["masses"]["mass"] - 1.0).max()),
        1e-10,
        "both rules converge to rounding, 1e-13 for each step and quadrature node",
    )


_COMMON = {
    "radius": 4.0,
    "deviation": 0.5,
    "gamma": 10.0,
    "disc": 1.0,
    "K": 4,
    "lam": 1.0,
    "steps": [1, 2],
    "half_width": 6.0,
    "panels": 80,
    "angles": 1024,
}

recipe = Recipe(
    name="limit_density",
    title="The limit density of the loop (paper, Figure 6)",
    parameters={
        "smoke": {**_COMMON, "side": 80},
        "default": {**_COMMON, "side": 160},
        "paper": {**_COMMON, "side": 240},
    },
    tables={"densities": densities, "masses": masses},
    draw=draw,
    caption=caption,
    agreement=agreement,
)
