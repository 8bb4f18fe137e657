"""What is left off the best reward if curated data replace the old ones, or are added to them.

Replaced, it vanishes geometrically (theorem-2.1-rate). Added, nothing is lost faster than like 1/t
(accumulation-floor), and it still vanishes, like a power of t at least (accumulation-rate).
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
from recurate.numerics.schedules import Accumulate
from recurate.numerics.validation import FloatArray
from recurate.theory.accumulation import accumulation_rate

_LOOPS = {
    "replaced": "replaced, no real data",
    "mixed": "replaced, with real data",
    "added": "added, nothing thrown away",
}


def masses(run: Run) -> Table:
    """Run the loops, and compute the bounds on what accumulation leaves."""
    parameters = run.parameters
    law = RewardLaw(parameters["rewards"], parameters["reference"])
    K, steps = parameters["K"], parameters["steps"]
    loops = {
        "replaced": CurationLoop(law, K=K, lam=math.inf),
        "mixed": CurationLoop(law, K=K, lam=parameters["lam"]),
        "added": CurationLoop(law, K=K, training=Accumulate()),
    }
    times = np.unique(np.geomspace(1, steps, parameters["points"]).astype(int))
    lower, upper = _bounds(law, K, steps)
    rows = []
    for name, loop in loops.items():
        trajectory = loop.run(steps=steps)
        for t in [0, *times.tolist()]:
            below = np.exp(trajectory.log_probs(t))[law.rewards < law.rewards.max()].sum()
            rows.append((name, t, float(below), float(lower[t]), float(upper[t])))
    return Table.of_rows(
        rows,
        {
            "loop": "which loop",
            "t": "retraining step",
            "below": "mass of p_t below the best reward",
            "floor": "least such mass if data are added (accumulation-floor)",
            "ceiling": "largest such mass if data are added (accumulation-rate)",
        },
    )


def _bounds(law: RewardLaw, K: float, steps: int) -> tuple[FloatArray, FloatArray]:
    """Return what accumulation leaves below the best reward at each t, at least and at most."""
    times = np.arange(steps + 1.0)
    is_top = law.rewards == law.rewards.max()
    q = float(law.probs[is_top].sum())
    upper = accumulation_rate.statement.bound_function()(
        K=K,
        top_mass=q,
        weight_ratio=float(law.relative_weights[~is_top].max()),
        real_rounds=1.0,
        steps=times,
    )
    return (1.0 - q) / (1.0 + times), upper


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw the masses against t on logarithmic axes, and with a linear axis for t."""
    figure = Figure(figsize=(style.PAGE_WIDTH, 2.4))
    panels = list(figure.subplots(1, 2, sharey=True))
    for axes in panels:
        for (name, label), colour in zip(_LOOPS.items(), style.COLOURS, strict=False):
            one = tables["masses"].where(loop=name)
            shown = (one["t"] > 0) & (one["below"] > 0)
            axes.plot(one["t"][shown], one["below"][shown], color=colour, label=label)
        one = tables["masses"].where(loop="added")
        bounds = {"floor": "bounds where data are added", "ceiling": None}
        for bound, words in bounds.items():
            axes.plot(
                one["t"][1:], one[bound][1:], "--", color=style.BOUND_COLOUR, label=words, zorder=3
            )
        axes.set_yscale("log")
        axes.set_xlabel("t")
    panels[0].set_xscale("log")
    panels[1].set_xlim(0, parameters["linear_steps"])
    panels[0].set_ylim(parameters["least_shown"], 1.0)
    panels[0].set_ylabel("mass below the best reward")
    panels[0].set_title("powers of t are straight")
    panels[1].set_title("geometric decay is straight")
    panels[1].legend(loc="lower right", fontsize=5.5)
    style.name_panels(panels)
    return figure


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with the last masses."""
    last = {}
    for name in _LOOPS:
        one = tables["masses"].where(loop=name)
        last[name] = float(one["below"][-1])
    rewards = ", ".join(f"{r:g}" for r in parameters["rewards"])
    probs = ", ".join(f"{p:g}" for p in parameters["reference"])
    one = tables["masses"].where(loop="added")
    return (
        f"Mass below the best reward, for rewards {rewards} with the real shares {probs} and K = "
        f"{parameters['K']}. Replaced each round, it vanishes geometrically; with real data mixed "
        f"in (λ = {parameters['lam']:g}) {last['mixed']:.3f} of it stay. If each round's curated "
        "data are added to all earlier ones, as many as the real ones, it vanishes like a power of "
        f"t: after {parameters['steps']} rounds {last['added']:.3g} are left, between the bounds "
        f"{one['floor'][-1]:.3g} (whatever people choose) and {one['ceiling'][-1]:.3g}."
    )


def agreement(tables: Tables, parameters: Parameters) -> Agreement:
    """Return the largest factor by which the mass is beyond a bound."""
    one = tables["masses"].where(loop="added")
    beyond = max(
        float((one["floor"] / one["below"]).max()), float((one["below"] / one["ceiling"]).max())
    )
    return Agreement(
        "Largest factor by which what accumulation leaves is beyond a bound, less 1",
        max(0.0, beyond - 1.0),
        1e-10,
        "rounding, which grows with the number of steps",
        unchanged=float((one["below"][0] / one["ceiling"]).max() - 1.0),
    )


_COMMON = {
    "rewards": [2.0, 0.5, 0.0],
    "reference": [0.4, 0.3, 0.3],
    "K": 4,
    "lam": 1.0,
    "linear_steps": 30,
    "least_shown": 1e-6,
}

recipe = Recipe(
    name="accumulate_or_replace",
    title="Curated data that replace the old ones, or are added to them",
    parameters={
        "smoke": {**_COMMON, "steps": 300, "points": 40},
        "default": {**_COMMON, "steps": 10_000, "points": 120},
        "paper": {**_COMMON, "steps": 100_000, "points": 200},
    },
    tables={"masses": masses},
    draw=draw,
    caption=caption,
    agreement=agreement,
)
