"""What a loop with K = inf climbs: level sets of its objective on the laws of three answers.

F(p) = a Σ_u π_u log E_p w_u - m KL(p_ref‖p) (implicit-objective for one voter,
pluralistic-objective for many): a step raises it by KL(p_{t+1}‖p_t) at least.
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

from recurate.figures.making import style
from recurate.figures.making.recipe import Agreement, Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Table
from recurate.figures.shared.simplex import frame, inner_laws, point
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import BradleyTerry, Voters
from recurate.numerics.validation import FloatArray

_VOTERS = {"one voter": {"first": 1.0}, "two voters": {"first": 0.6, "second": 0.4}}
"""Shares of the voters in each panel."""


def levels(run: Run) -> Table:
    """Compute the objective on a grid of laws, for each panel."""
    laws = inner_laws(run.parameters["points"])
    x, y = point(laws)
    rows = []
    for name, shares in _VOTERS.items():
        values = _objective(np.log(laws), shares, run.parameters)
        rows += [(name, *row) for row in zip(x.tolist(), y.tolist(), values.tolist(), strict=True)]
    return Table.of_rows(
        rows,
        {
            "voters": "which voters",
            "x": "place of the law in the triangle, to the right",
            "y": "place of the law in the triangle, upwards",
            "objective": "F at that law, in nats",
        },
    )


def climbs(run: Run) -> Table:
    """Run the loops from each start, with F at every step."""
    parameters = run.parameters
    law = RewardLaw(np.zeros(3), parameters["reference"], scores=parameters["rewards"])
    rows = []
    for name, shares in _VOTERS.items():
        rule = Voters(
            tuple((share, BradleyTerry(math.inf, by=who)) for who, share in shares.items())
        )
        loop = CurationLoop(law, rule=rule, lam=parameters["lam"])
        for number, start in enumerate(parameters["starts"]):
            trajectory = loop.run(steps=parameters["steps"], initial=start)
            for t in range(trajectory.steps + 1):
                log_probs = trajectory.log_probs(t)
                x, y = point(np.exp(log_probs))
                value = float(_objective(log_probs, shares, parameters))
                moved = trajectory.kullback_leibler(t, t - 1) if t else 0.0
                rows.append((name, number, t, float(x), float(y), value, moved))
    return Table.of_rows(
        rows,
        {
            "voters": "which voters",
            "start": "number of the start",
            "t": "retraining step",
            "x": "place of p_t in the triangle, to the right",
            "y": "place of p_t in the triangle, upwards",
            "objective": "F at p_t, in nats",
            "moved": "KL(p_t‖p_{t-1}), in nats; 0 at t = 0",
        },
    )


def _objective(
    log_probs: FloatArray, shares: dict[str, float], parameters: Parameters
) -> FloatArray:
    """Return F at laws, shape (..., 3) to (...)."""
    lam, reference = parameters["lam"], np.array(parameters["reference"])
    value = -((np.log(reference) - log_probs) @ reference) / (1 + lam)
    for who, share in shares.items():
        weights = np.exp(parameters["rewards"][who])
        value = value + lam / (1 + lam) * share * np.log(np.exp(log_probs) @ weights)
    return np.asarray(value)


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw level sets, and the loops that climb, for each panel."""
    figure = Figure(figsize=(style.PAGE_WIDTH, 2.5))
    panels = list(figure.subplots(1, len(_VOTERS)))
    for axes, name in zip(panels, _VOTERS, strict=True):
        grid, climb = tables["levels"].where(voters=name), tables["climbs"].where(voters=name)
        frame(axes, ("A", "B", "C"))
        shown = np.quantile(grid["objective"], np.linspace(0.1, 0.99, 12))
        axes.tricontour(
            grid["x"],
            grid["y"],
            grid["objective"],
            levels=np.unique(shown),
            cmap="viridis",
            linewidths=0.6,
        )
        for number, colour in zip(climb.distinct("start"), style.COLOURS, strict=False):
            one = climb.where(start=number)
            axes.plot(one["x"], one["y"], "o-", color=colour, markersize=1.8, linewidth=0.8)
        axes.plot(one["x"][-1:], one["y"][-1:], "+", color="black", markersize=5, zorder=3)
        axes.set_title(name)
    style.name_panels(panels)
    return figure


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with the objective's rise."""
    words = []
    for name in _VOTERS:
        climb = tables["climbs"].where(voters=name, start=0)["objective"]
        words.append(f"{climb[0]:.4f} to {climb[-1]:.4f} nats with {name}")
    rewards = "; ".join(
        f"({', '.join(f'{r:g}' for r in v)})" for v in parameters["rewards"].values()
    )
    return (
        "Level sets of F(p) = a Σ π_u log E_p w_u − m KL(p_ref‖p) on the laws of three answers, "
        f"and loops with K = ∞ and λ = {parameters['lam']:g} from three starts (dots: steps). They "
        "climb from each start to its one maximum (cross; yellow is high). Rewards of the voters: "
        f"{rewards}; the shares are .6 and .4 in (b). From the first start F rises from "
        f"{' and from '.join(words)}."
    )


def agreement(tables: Tables, parameters: Parameters) -> Agreement:
    """Return by how much a step's gain falls short of KL(p_{t+1}‖p_t), at most."""
    climb = tables["climbs"]
    later = climb["t"] > 0
    gains = np.diff(climb["objective"])[later[1:]]
    moved = climb["moved"][later]
    return Agreement(
        "Largest excess of KL(p_{t+1}‖p_t) over the rise of F in that step (nats)",
        max(0.0, float((moved - gains).max())),
        1e-13,
        "rounding of F, a sum of a few logarithms; the theorem excludes any excess",
        unchanged=float(moved.max()),
    )


_COMMON = {
    "lam": 3.0,
    "reference": [0.4, 0.3, 0.3],
    "rewards": {"first": [2.0, 0.0, 0.5], "second": [0.0, 2.5, 0.5]},
    "starts": [[0.02, 0.08, 0.9], [0.05, 0.9, 0.05], [0.6, 0.02, 0.38]],
}

recipe = Recipe(
    name="implicit_objective",
    title="What the loop climbs",
    parameters={
        "smoke": {**_COMMON, "points": 30, "steps": 25},
        "default": {**_COMMON, "points": 200, "steps": 60},
        "paper": {**_COMMON, "points": 400, "steps": 100},
    },
    tables={"levels": levels, "climbs": climbs},
    draw=draw,
    caption=caption,
    agreement=agreement,
)
