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
