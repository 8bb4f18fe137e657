"""Three voters whose majorities go round in a circle: K = 2 never settles, K = 4 does.

Pairwise choice (K = 2) is a game of rock, paper and scissors, and the pure loop its replicator
dynamics: the divergence of the balance from p_t never falls (condorcet-cycle). More candidates, or
enough real data, and the loop settles at the balance.
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

from recurate.figures.making import style
from recurate.figures.making.recipe import Agreement, Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Table
from recurate.figures.shared.simplex import frame, point
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import BradleyTerry, Voters

_LOOPS = (
    ("K = 2", 2, math.inf, "near", "steps"),
    ("K = 4", 4, math.inf, "far", "settling_steps"),
    ("K = 2, real data", 2, None, "far", "settling_steps"),
)
"""Title, K, λ (None: the parameter), and the parameters with the start and the number of steps."""


def loops(run: Run) -> Table:
    """Run the three loops, and measure how far p_t is from the balance."""
    span = run.parameters["span"]
    columns = [[2.0, 1.0, 0.0], [0.0, 2.0, 1.0], [1.0, 0.0, 2.0]]
    names = [f"voter {i}" for i in range(3)]
    scores = {name: span / 2 * np.array(c) for name, c in zip(names, columns, strict=True)}
    law = RewardLaw(np.zeros(3), scores=scores)
    rows = []
    for done, (title, K, lam, start, steps) in enumerate(_LOOPS):
        rule = Voters(tuple((1 / 3, BradleyTerry(K, by=name)) for name in names))
        mixing = run.parameters["lam"] if lam is None else lam
        loop = CurationLoop(law, rule=rule, lam=mixing)
        trajectory = loop.run(steps=run.parameters[steps], initial=run.parameters[start])
        for t in range(trajectory.steps + 1):
            log_probs = trajectory.log_probs(t)
            x, y = point(np.exp(log_probs))
            # Of the balance q = (1/3, 1/3, 1/3): KL(q‖p) = -log 3 - mean of log p.
            apart = -math.log(3.0) - float(log_probs.mean())
            rows.append((title, t, float(x), float(y), apart))
        run.progress("loops", done + 1, len(_LOOPS))
    return Table.of_rows(
        rows,
        {
            "loop": "which loop",
            "t": "retraining step",
            "x": "place of p_t in the triangle, to the right",
            "y": "place of p_t in the triangle, upwards",
            "divergence": "KL(q‖p_t) of the balance q = (1/3, 1/3, 1/3), in nats",
        },
    )


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw a triangle for each loop."""
    figure = Figure(figsize=(style.PAGE_WIDTH, 2.0))
    panels = list(figure.subplots(1, len(_LOOPS)))
    found = tables["loops"]
    for axes, (title, _, lam, *_) in zip(panels, _LOOPS, strict=True):
        one = found.where(loop=title)
        frame(axes, ("A", "B", "C"))
        axes.plot(one["x"], one["y"], color=style.COLOURS[0], linewidth=0.7)
        axes.plot(one["x"][:1], one["y"][:1], "o", color="black", markersize=3)
        axes.plot(one["x"][-1:], one["y"][-1:], "s", color=style.COLOURS[1], markersize=3)
        axes.set_title(title if lam is not None else f"K = 2, λ = {parameters['lam']:g}")
    style.name_panels(panels)
    return figure


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with the divergences at both ends."""
    words = []
    for title, *_ in _LOOPS:
        one = tables["loops"].where(loop=title)["divergence"]
        words.append(f"{one[0]:.4f} to {one[-1]:.3g}")
    top, middle = parameters["span"], parameters["span"] / 2
    return (
        f"Three voters of equal share rank the answers A > B > C, B > C > A and C > A > B, with "
        f"rewards {top:g}, {middle:g} and 0 (Bradley–Terry). Circle: start; square: end. "
        "(a) By pairs the loop spirals away from the balance q, where all masses are equal: in "
        f"{parameters['steps']} steps KL(q‖p_t) goes from {words[0]} nats. (b) With four "
        f"candidates it settles at q: {words[1]} in {parameters['settling_steps']} steps. (c) By "
        f"pairs it does with λ = {parameters['lam']:g} synthetic samples per real one, the real "
        f"ones being q: {words[2]}."
    )


def agreement(tables: Tables, parameters: Parameters) -> Agreement:
    """Return the largest fall of the divergence for K = 2, which the theorem excludes."""
    divergence = tables["loops"].where(loop="K = 2")["divergence"]
    settling = tables["loops"].where(loop="K = 4")["divergence"]
    return Agreement(
        "Largest fall of KL(q‖p_t) from one step to the next in the pure loop with K = 2 (nats)",
        max(0.0, -float(np.diff(divergence).min())),
        1e-12,
        "rounding of log p_t; the theorem excludes any fall",
        unchanged=max(0.0, -float(np.diff(settling).min())),
    )


_COMMON = {"span": 6.0, "lam": 6.0, "near": [0.3, 0.36, 0.34], "far": [0.8, 0.15, 0.05]}

recipe = Recipe(
    name="condorcet_cycle",
    title="Majorities that go round in a circle",
    parameters={
        "smoke": {**_COMMON, "steps": 250, "settling_steps": 60},
        "default": {**_COMMON, "steps": 350, "settling_steps": 100},
        "paper": {**_COMMON, "steps": 400, "settling_steps": 100},
    },
    tables={"loops": loops},
    draw=draw,
    caption=caption,
    agreement=agreement,
)
