"""A group's least and largest share, whatever people choose, and the people who attain both.

Both ends of share-envelope are attained at every t at once: by people who avoid the group whenever
they can, and by people who prefer it.
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from recurate.figures.making import style
from recurate.figures.making.recipe import Agreement, Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Table
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import BestOf, BradleyTerry, Rule, Voters
from recurate.theory.envelopes import share_envelope

_PEOPLE = {
    "prefer": "prefer the group",
    "avoid": "avoid the group",
    "Bradley–Terry": "Bradley–Terry, r = 2",
    "divided": "half prefer, half avoid it",
}


def shares(run: Run) -> Table:
    """Run loops in which people choose in different ways, for each λ."""
    parameters = run.parameters
    K, u, steps = parameters["K"], parameters["share"], parameters["steps"]
    rows = []
    mixings = [*parameters["shown"], *_grid(parameters)]
    for done, lam in enumerate(mixings):
        floor, ceiling = share_envelope(u, K=K, lam=lam, steps=steps)
        for people in _PEOPLE:
            loop = CurationLoop(_law(u), rule=_rule(people, K), lam=lam)
            share = loop.run(steps=steps).group_proportions[:, 0]
            rows += [
                (lam, people, t, float(share[t]), float(floor[t]), float(ceiling[t]))
                for t in range(steps + 1)
            ]
        run.progress("loops", done + 1, len(mixings))
    return Table.of_rows(
        rows,
        {
            "lam": "λ, synthetic samples per real one",
            "people": "how people choose",
            "t": "retraining step",
            "share": "the group's share of p_t",
            "floor": "least share that any way of choosing among K leaves",
            "ceiling": "largest share that any way of choosing among K gives",
        },
    )


def _grid(parameters: Parameters) -> list[float]:
    lowest, highest = parameters["mixings"]
    grid: list[float] = np.geomspace(lowest, highest, parameters["points"]).tolist()
    return grid


def _law(u: float) -> RewardLaw:
    columns = {"for": [1.0, 0.0], "against": [0.0, 1.0], "mildly for": [2.0, 0.0]}
    return RewardLaw(np.zeros(2), [u, 1.0 - u], ["group", "others"], scores=columns)


def _rule(people: str, K: int) -> Rule:
    return {
        "prefer": BestOf(K, by="for"),
        "avoid": BestOf(K, by="against"),
        "Bradley–Terry": BradleyTerry(K, by="mildly for"),
        "divided": Voters(((0.5, BestOf(K, by="for")), (0.5, BestOf(K, by="against")))),
    }[people]


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw shares over t for some λ, and the shares at the end over λ."""
    figure = Figure(figsize=(style.PAGE_WIDTH, 2.4))
    panels = list(figure.subplots(1, 1 + len(parameters["shown"]), sharey=True))
    found = tables["shares"]
    for axes, lam in zip(panels, parameters["shown"], strict=False):
        _panel(axes, found.where(lam=lam), "t")
        axes.set_xlabel("t")
        axes.set_title("λ = ∞" if lam == math.inf else f"λ = {lam:g}")
    last = found.where(t=parameters["steps"])
    rows = np.isin(last["lam"], _grid(parameters))
    at_end = Table({name: column[rows] for name, column in last.columns.items()}, last.meanings)
    _panel(panels[-1], at_end, "lam")
    panels[-1].set_xscale("log")
    panels[-1].set_xlabel("λ")
    panels[-1].set_title(f"t = {parameters['steps']}")
    panels[0].set_ylabel("share of the group")
    panels[0].set_ylim(-0.02, 1.02)
    panels[0].legend(loc="upper left", fontsize=5.0)
    style.name_panels(panels)
    return figure


def _panel(axes: Axes, table: Table, x: str) -> None:
    for (people, label), colour in zip(_PEOPLE.items(), style.COLOURS, strict=False):
        one = table.where(people=people)
        axes.plot(one[x], one["share"], color=colour, label=label)
    one = table.where(people="avoid")
    bounds = {"floor": "floor and ceiling", "ceiling": None}
    for name, words in bounds.items():
        axes.plot(one[x], one[name], "--", color=style.BOUND_COLOUR, label=words, zorder=3)


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with the last shares."""
    last = tables["shares"].where(t=parameters["steps"], people="divided")
    words = []
    for lam in parameters["shown"]:
        one = last.where(lam=lam)
        which = "∞" if lam == math.inf else f"{lam:g}"
        words.append(f"{one['floor'][0]:.4f} and {one['ceiling'][0]:.4f} for λ = {which}")
    return (
        f"The share of a group that has {parameters['share']:g} of the real data, when people "
        f"choose among K = {parameters['K']} samples in different ways. Dashed: the least and the "
        "largest share that any way of choosing can lead to. Those who avoid the group whenever "
        "they can attain the floor at every step, those who prefer it the ceiling. After "
        f"{parameters['steps']} steps they are {'; '.join(words)}. Last panel: the same at "
        "that step, over λ."
    )


def agreement(tables: Tables, parameters: Parameters) -> Agreement:
    """Return the largest distance of the two extremes from their ends, or excess of others."""
    found = tables["shares"]
    avoid, prefer = (found.where(people=who) for who in ("avoid", "prefer"))
    apart = max(
        float(np.abs(avoid["share"] - avoid["floor"]).max()),
        float(np.abs(prefer["share"] - prefer["ceiling"]).max()),
        float((found["floor"] - found["share"]).max()),
        float((found["share"] - found["ceiling"]).max()),
    )
    return Agreement(
        "Largest distance of the extreme loops from floor and ceiling, or of another beyond them",
        apart,
        1e-12,
        "rounding of the loop's shares",
        unchanged=float(np.abs(avoid["floor"] - parameters["share"]).max()),
    )


_COMMON = {"K": 4, "share": 0.3, "shown": [0.5, 2.0, math.inf], "mixings": [0.02, 200.0]}

recipe = Recipe(
    name="share_envelope",
    title="A group's share, whatever people choose",
    parameters={
        "smoke": {**_COMMON, "points": 15, "steps": 8},
        "default": {**_COMMON, "points": 60, "steps": 10},
        "paper": {**_COMMON, "points": 200, "steps": 10},
    },
    tables={"shares": shares},
    draw=draw,
    caption=caption,
    agreement=agreement,
)
