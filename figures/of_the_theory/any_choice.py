"""How far any way of choosing moves the loop, at most, and how far some ways do move it.

S_t of any-choice-divergence is attained by people who always take the best of K, if no two rewards
are equal (many equal masses come close).
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

from recurate.figures.making import style
from recurate.figures.making.recipe import Agreement, Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Table
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import BestOf, BradleyTerry, Rule, Voters
from recurate.theory.envelopes import worst_divergence

_PEOPLE = ("best of K", "Bradley–Terry", "with adversaries")


def divergences(run: Run) -> Table:
    """Run the loops on many equal masses, and compute S_t."""
    parameters = run.parameters
    K, steps = parameters["K"], parameters["steps"]
    law = RewardLaw(np.linspace(0.0, parameters["span"], parameters["atoms"]))
    rows = []
    for done, lam in enumerate(parameters["lam"]):
        largest = worst_divergence(K=K, lam=lam, steps=steps)
        for people in _PEOPLE:
            loop = CurationLoop(law, rule=_rule(people, K, parameters), lam=lam)
            moved = loop.run(steps=steps).kl_to_reference
            rows += [(lam, people, t, float(moved[t]), float(largest[t])) for t in range(steps + 1)]
        run.progress("loops", done + 1, len(parameters["lam"]))
    return Table.of_rows(
        rows,
        {
            "lam": "λ, synthetic samples per real one",
            "people": "how people choose",
            "t": "retraining step",
            "divergence": "KL(p_t‖p_ref), in nats",
            "largest": "S_t, the largest divergence over all ways of choosing, in nats",
        },
    )


def _rule(people: str, K: int, parameters: Parameters) -> Rule:
    if people == "best of K":
        return BestOf(K)
    if people == "Bradley–Terry":
        return BradleyTerry(K)
    share = parameters["adversaries"]
    return Voters(((1.0 - share, BradleyTerry(K)), (share, BradleyTerry(K, scale=-1.0))))


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw a panel for each λ."""
    figure = Figure(figsize=(style.PAGE_WIDTH, 2.4))
    panels = list(figure.subplots(1, len(parameters["lam"]), sharey=True))
    labels = {"with adversaries": f"Bradley–Terry, {parameters['adversaries']:.0%} adversaries"}
    for axes, lam in zip(panels, parameters["lam"], strict=True):
        found = tables["divergences"].where(lam=lam)
        for people, colour in zip(_PEOPLE, style.COLOURS, strict=False):
            one = found.where(people=people)
            axes.plot(
                one["t"][1:], one["divergence"][1:], color=colour, label=labels.get(people, people)
            )
        axes.plot(
            one["t"][1:],
            one["largest"][1:],
            "--",
            color=style.BOUND_COLOUR,
            label="any choice, $S_t$",
        )
        axes.set_yscale("log")
        axes.set_xlabel("t")
        axes.set_title("λ = ∞" if lam == math.inf else f"λ = {lam:g}")
    panels[0].set_ylabel(r"KL$(p_t\,\|\,p_\mathrm{ref})$ (nats)")
    panels[-1].legend(loc="lower right", fontsize=5.5)
    style.name_panels(panels)
    return figure


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with the last divergences."""
    words = []
    for lam in parameters["lam"]:
        one = tables["divergences"].where(lam=lam, t=parameters["steps"])
        which = "∞" if lam == math.inf else f"{lam:g}"
        best = float(one["divergence"][one["people"] == "best of K"][0])
        words.append(f"{best:.4f} of {one['largest'][0]:.4f} for λ = {which}")
    return (
        f"Divergence from the real data over t, for {parameters['atoms']} equal masses with "
        f"rewards from 0 to {parameters['span']:g} and K = {parameters['K']}. No way of choosing "
        "among K samples, changing or not, moves the loop further than the dashed line. Always to "
        "take the best comes up to it, as far as finitely many masses can: after "
        f"{parameters['steps']} steps {', '.join(words)} (nats). "
        f"λ below 1/(K − 1) = {1 / (parameters['K'] - 1):.2f} keeps it bounded for ever."
    )


def agreement(tables: Tables, parameters: Parameters) -> Agreement:
    """Return the largest excess of a divergence over S_t, or what the best of K misses of it."""
    found = tables["divergences"]
    excess = float((found["divergence"] - found["largest"]).max())
    best = found.where(people="best of K")
    # Where a step is below the masses' width, 1/n, S_t is that of a density and n masses are not.
    early = best["t"] <= parameters["compared_steps"]
    missed = float((best["largest"] - best["divergence"])[early].max())
    return Agreement(
        f"Largest excess over S_t, or what the best of K misses of it up to t = "
        f"{parameters['compared_steps']} (nats)",
        max(0.0, excess, missed),
        float(parameters["missed"]),
        "n equal masses miss S_t by an amount of order (K^t/n)², which falls a hundredfold for "
        "ten times as many",
        unchanged=float(best["largest"].max()),
    )


_COMMON = {
    "K": 4,
    "lam": [0.25, 1.0, math.inf],
    "span": 3.0,
    "adversaries": 0.3,
    "compared_steps": 3,
}

recipe = Recipe(
    name="any_choice",
    title="How far any way of choosing moves the loop",
    parameters={
        "smoke": {**_COMMON, "atoms": 1000, "steps": 6, "missed": 1e-2},
        "default": {**_COMMON, "atoms": 10_000, "steps": 8, "missed": 1e-4},
        "paper": {**_COMMON, "atoms": 100_000, "steps": 8, "missed": 1e-6},
    },
    tables={"divergences": divergences},
    draw=draw,
    caption=caption,
    agreement=agreement,
)
