"""Where the mixed loop settles, as λ grows: densities, and the mass that condenses at the top.

The weight has the density (k+1)(1-w)^k on [0, 1]. For K = inf the fixed point is known in closed
form. For λ above 1/k it has an atom at the best weight, where the real data have no mass
(docs/mathematics.md, fixed-point-k-inf and condensation-threshold).
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats
from scipy.optimize import brentq

from recurate.figures.making import style
from recurate.figures.making.recipe import Agreement, Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Table
from recurate.numerics.curation import RATIO_ERROR, log_curation_ratio
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.validation import FloatArray
from recurate.theory.closed_forms import (
    POWER_ATOM,
    POWER_REST,
    POWER_THRESHOLD,
    POWER_TRANSFORM,
)

_EXACT = 1e-12
"""Largest error of an atom's mass (docs/continuous_laws.md: at K = inf below 1e-14)."""


def densities(run: Run) -> Table:
    """Compute the fixed points' densities on a grid of weights."""
    points = run.parameters["points"]
    grid = (np.arange(points) + 0.5) / points
    shape = run.parameters["shape"]
    law = _law(shape)
    reference = (shape + 1) * (1 - grid) ** shape
    rows: list[tuple[float, ...]] = []
    cases = [(K, lam) for K in run.parameters["K"] for lam in run.parameters["lam"]]
    for done, (K, lam) in enumerate(cases):
        density = reference * _density_ratio(CurationLoop(law, K=K, lam=lam), grid)
        closed = np.full(points, np.nan)
        if K == math.inf:
            closed = _closed_density(shape, lam, grid, reference)
        values = zip(grid.tolist(), density.tolist(), closed.tolist(), strict=True)
        rows += [(float(K), float(lam), *row) for row in values]
        run.progress("densities", done + 1, len(cases))
    return Table.of_rows(
        rows,
        {
            "K": "number of candidates",
            "lam": "λ, synthetic samples per real one",
            "w": "weight, relative to the best",
            "density": "density of the fixed point below the top, per unit of w",
            "closed_form": "the same in closed form (K = inf; else nan)",
        },
    )


def condensate(run: Run) -> Table:
    """Compute the mass of the fixed points' atom, for λ from below to above the threshold."""
    lowest, highest = run.parameters["lam_range"]
    lams = np.geomspace(lowest, highest, run.parameters["lam_points"])
    shape = run.parameters["shape"]
    law = _law(shape)
    rows = []
    cases = [(K, float(lam)) for K in run.parameters["K"] for lam in lams]
    for done, (K, lam) in enumerate(cases):
        found = CurationLoop(law, K=K, lam=lam).fixed_point()
        closed = math.nan
        if K == math.inf:
            closed = 0.0
            if lam * shape >= 1:
                closed = POWER_ATOM(lam=lam, shape=shape)
        rows.append((float(K), lam, found.condensed_mass, closed))
        run.progress("mass at the top", done + 1, len(cases))
    return Table.of_rows(
        rows,
        {
            "K": "number of candidates",
            "lam": "λ, synthetic samples per real one",
            "mass": "mass of the fixed point's atom at the best weight",
            "closed_form": "mass of the atom in closed form (K = inf; else nan)",
        },
    )


def _law(shape: float) -> RewardLaw:
    """Return the law whose weight has the density (k+1)(1-w)^k."""
    return RewardLaw.from_density(stats.beta(1, shape + 1), of="weight")


def _density_ratio(loop: CurationLoop, grid: FloatArray) -> FloatArray:
    """Return p/p_ref of a loop's fixed point p at weights below the best: m/(1 - aH)."""
    law, found = loop.law, loop.fixed_point()
    # The weights of the grid have mass zero, and a ratio all the same.
    log_ratio = log_curation_ratio(
        np.concatenate([np.log(grid), law.relative_rewards]),
        K=loop.K,
        probs=np.concatenate([np.zeros(grid.size), found.probs]),
    )
    ratio: FloatArray = np.exp(log_ratio[: grid.size])
    return loop.real_fraction / (1.0 - loop.synthetic_fraction * ratio)


def _closed_density(
    shape: float, lam: float, grid: FloatArray, reference: FloatArray
) -> FloatArray:
    """Return the density for K = inf, p_ref/((1+λ)(1 - z w)); above the threshold z is 1."""
    if lam * shape >= 1:
        return np.array([POWER_REST(lam=lam, shape=shape, weight=w) for w in grid.tolist()])

    def excess(z: float) -> float:
        return float(POWER_TRANSFORM(shape=shape, scalar=z)) - 1.0 - lam

    z = brentq(excess, 0.0, 1.0 - 1e-12, xtol=1e-15)
    density: FloatArray = reference / ((1.0 + lam) * (1.0 - z * grid))
    return density


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw densities for each K, and the mass at the top."""
    figure = Figure(figsize=(style.PAGE_WIDTH, 2.4))
    count = len(parameters["K"])
    panels = list(figure.subplots(1, count + 1))
    for axes, K in zip(panels, parameters["K"], strict=False):
        _densities_panel(axes, tables["densities"].where(K=float(K)), f"density, K = {_shown(K)}")
        axes.set_ylim(0, parameters["shape"] + 1)
    panels[0].set_ylabel("density of w")
    panels[1].legend(loc="upper right", title="λ", title_fontsize=6.5, ncols=2, columnspacing=1)
    _top_panel(panels[-1], tables["condensate"], parameters)
    style.name_panels(panels)
    return figure


def _densities_panel(axes: Axes, table: Table, title: str) -> None:
    lams = table.distinct("lam")
    for lam, colour in zip(lams, style.shades(len(lams)), strict=True):
        one = table.where(lam=lam)
        axes.plot(one["w"], one["density"], color=colour, label=f"{lam:g}")
        known = np.isfinite(one["closed_form"])
        if known.any():
            step = max(1, one.size // 10)
            few = slice(step // 2, None, step)
            axes.plot(one["w"][few], one["closed_form"][few], "o", color=colour, fillstyle="none")
    axes.set_title(title)
    axes.set_xlabel("weight w / best weight")
    axes.set_xlim(0, 1)


def _top_panel(axes: Axes, table: Table, parameters: Parameters) -> None:
    for number, K in enumerate(parameters["K"]):
        one = table.where(K=float(K))
        axes.plot(
            one["lam"], one["mass"], color=style.COLOURS[number], label=f"K = {_shown(K)}", zorder=3
        )
        known = np.isfinite(one["closed_form"])
        few = np.flatnonzero(known)[:: max(1, one.size // 15)]
        if known.any():
            axes.plot(
                one["lam"][few],
                one["closed_form"][few],
                "o",
                color=style.COLOURS[number],
                fillstyle="none",
                label="closed form",
            )
    axes.set_xscale("log")
    axes.set_title("mass at the top")
    axes.set_xlabel("λ")
    axes.set_ylim(-0.03, 1)
    axes.legend(loc="upper left")


def _shown(K: float) -> str:
    return "∞" if K == math.inf else f"{K:g}"


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with the threshold and the mass above it."""
    shape = parameters["shape"]
    last = tables["condensate"].where(K=math.inf)
    threshold = float(POWER_THRESHOLD(shape=shape))
    return (
        f"Fixed point of the mixed loop where the weight has the density {_density(shape)} on "
        "[0, 1]. Lines are computed, circles the closed form for K = ∞. Above the threshold, "
        f"λ = 1/k = {threshold:g} for K = ∞, a part of the mass condenses at the best weight, "
        f"which the real data never attain: {last['mass'][-1]:.3f} at λ = {last['lam'][-1]:g}, "
        f"where the closed form has {last['closed_form'][-1]:.3f}."
    )


def _density(shape: float) -> str:
    power = "" if shape == 1 else f"^{shape:g}"
    return f"{shape + 1:g}(1-w){power}"


def agreement(tables: Tables, parameters: Parameters) -> Agreement:
    """Return the largest distance of densities and masses from the closed forms, for K = inf."""
    density = tables["densities"].where(K=math.inf)
    mass = tables["condensate"].where(K=math.inf)
    distances = [
        float(np.abs(density["density"] - density["closed_form"]).max()),
        float(np.abs(mass["mass"] - mass["closed_form"]).max()),
    ]
    # A density is m p_ref/(1 - aH), and 1 - aH = 1 - zw comes down to half a cell at the last point
    cancelled = 2.0 * parameters["points"] * float(density["density"].max())
    return Agreement(
        "Largest distance of a density, or of the mass at the top, from the closed form (K = ∞)",
        max(distances),
        max(_EXACT, RATIO_ERROR * cancelled),
        "the ratio's stated error, as 1 - aH shows it at the last grid point",
    )


_COMMON = {
    "shape": 1,
    "K": [2, math.inf],
    "lam": [0.5, 1.0, 2.0, 4.0, 8.0],
    "lam_range": [0.1, 20.0],
}

recipe = Recipe(
    name="fixed_point_densities",
    title="Fixed points as λ grows, and condensation",
    parameters={
        "smoke": {**_COMMON, "points": 50, "lam_points": 30},
        "default": {**_COMMON, "points": 200, "lam_points": 60},
        "paper": {**_COMMON, "points": 200, "lam_points": 120},
    },
    tables={"densities": densities, "condensate": condensate},
    draw=draw,
    caption=caption,
    agreement=agreement,
)
