"""Where two voters' loop ends: at a compromise, with the majority, or with both.

Two candidates count heads: the answer that most voters prefer to each other one takes all
(condorcet-winner). Infinitely many count intensities: the loop maximises the voters' Nash welfare
(nash-welfare), and so keeps both voters' best answers.
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from recurate.figures.making import style
from recurate.figures.making.recipe import Agreement, Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Table
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import BradleyTerry, Voters

_ANSWERS = {
    "majority": "larger voter's best",
    "minority": "other voter's best",
    "compromise": "compromise",
}
"""The answers, by their columns, and the titles of their panels."""


def ends(run: Run) -> Table:
    """Run the pure loop from equal masses for each K and each share of the first voter."""
    best, shared = run.parameters["best"], run.parameters["shared"]
    law = RewardLaw(
        np.zeros(3), scores={"first": [best, 0.0, shared], "second": [0.0, best, shared]}
    )
    rows = []
    shares = np.linspace(0.5, 1.0, run.parameters["points"] + 1)[:-1]
    for done, K in enumerate(run.parameters["K"]):
        for share in shares:
            rule = Voters(
                (
                    (float(share), BradleyTerry(K, by="first")),
                    (1.0 - float(share), BradleyTerry(K, by="second")),
                )
            )
            loop = CurationLoop(law, rule=rule, lam=math.inf)
            end = loop.run(steps=run.parameters["steps"]).probs(run.parameters["steps"])
            rows.append((float(done), float(K), float(share), *end.tolist()))
        run.progress("ends of loops", done + 1, len(run.parameters["K"]))
    return Table.of_rows(
        rows,
        {
            "row": "number of the row, from below",
            "K": "number of candidates",
            "share": "share of the first voter",
            "majority": "mass of her best answer at the end",
            "minority": "mass of the other voter's best answer at the end",
            "compromise": "mass of the answer that both like at the end",
        },
    )


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw a panel for the mass of each answer."""
    figure = Figure(figsize=(style.PAGE_WIDTH, 2.1))
    panels = list(figure.subplots(1, len(_ANSWERS), sharey=True))
    for axes, (answer, title) in zip(panels, _ANSWERS.items(), strict=True):
        mesh = _panel(axes, tables["ends"], answer)
        axes.set_title(title)
        axes.set_xlabel("share of the first voter")
    candidates = ["∞" if K == math.inf else f"{K:g}" for K in parameters["K"]]
    panels[0].set_yticks(range(len(candidates)), candidates)
    panels[0].set_ylabel("candidates K")
    figure.colorbar(mesh, ax=panels, label="mass at the end", pad=0.01, aspect=25)
    style.name_panels(panels)
    return figure


def _panel(axes: Axes, table: Table, answer: str) -> QuadMesh:
    shape = (len(table.distinct("row")), -1)
    return axes.pcolormesh(
        table["share"].reshape(shape)[0],
        table["row"].reshape(shape)[:, 0],
        table[answer].reshape(shape),
        vmin=0.0,
        vmax=1.0,
        shading="nearest",
        rasterized=True,
    )


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with the ends for one share."""
    found = tables["ends"]
    share = min(found.distinct("share"), key=lambda s: abs(s - 0.7))
    words = []
    for K in parameters["K"]:
        one = found.where(K=float(K), share=share)
        words.append(f"{one['minority'][0]:.4f}" + (" for K = ∞" if K == math.inf else ""))
    return (
        f"Two voters with the rewards ({parameters['best']:g}, 0, {parameters['shared']:g}) and "
        f"(0, {parameters['best']:g}, {parameters['shared']:g}) choose by Bradley–Terry, in the "
        f"pure loop from equal masses; masses after {parameters['steps']} steps. With K = 2 an "
        "answer that a majority prefers to each other one takes all: the compromise while the "
        "voters are nearly equal, then the larger voter's best. With many candidates both voters' "
        f"best answers stay and the compromise dies out. At a share of {share:.2f} the other "
        f"voter's best answer keeps {', '.join(words[:-1])} and {words[-1]} (K from below)."
    )


def agreement(tables: Tables, parameters: Parameters) -> Agreement:
    """Return the largest excess of what K = 2 leaves of other answers over its bound."""
    best, shared = parameters["best"], parameters["shared"]
    rewards = np.array([[best, 0.0, shared], [0.0, best, shared]])
    margins = np.tanh((rewards[:, :, None] - rewards[:, None, :]) / 2)
    one = tables["ends"].where(K=2.0)
    excess, seen = 0.0, 0
    for i, share in enumerate(one["share"]):
        matrix = share * margins[0] + (1 - share) * margins[1]  # A, of the game
        for x, answer in enumerate(_ANSWERS):
            alpha = float(np.delete(matrix[x], x).min())
            if alpha > 0:
                seen += 1
                bound = (2 / 3) * (1 - alpha / 3) ** parameters["steps"]
                excess = max(excess, 1.0 - float(one[answer][i]) - bound)
    assert seen
    return Agreement(
        "Largest excess of 1 - p_t(x*) over (1 - p_0(x*))(1 - α p_0(x*))^t for K = 2, x* the "
        "answer that the voters prefer to each other one, by α at least",
        max(0.0, excess),
        1e-12,
        "rounding; the theorem (condorcet-winner) excludes any excess",
    )


_COMMON = {"best": 5.0, "shared": 3.0}

recipe = Recipe(
    name="polarisation",
    title="Compromise, majority or both: how many candidates decide",
    parameters={
        "smoke": {**_COMMON, "K": [2, 3, 4, math.inf], "points": 5, "steps": 200},
        "default": {
            **_COMMON,
            "K": [2, 3, 4, 5, 6, 8, 12, 16, 32, 64, math.inf],
            "points": 25,
            "steps": 400,
        },
        "paper": {
            **_COMMON,
            "K": [2, 3, 4, 5, 6, 8, 12, 16, 32, 64, math.inf],
            "points": 100,
            "steps": 4000,
        },
    },
    tables={"ends": ends},
    draw=draw,
    caption=caption,
    agreement=agreement,
)
