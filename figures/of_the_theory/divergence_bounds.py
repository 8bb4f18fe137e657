"""How far from the real data the loop settles as λ grows, and Theorem 2.4's bounds on that."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from recurate.figures.making import style
from recurate.figures.making.recipe import Agreement, Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Table
from recurate.figures.shared.laws import uniform_rewards
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.theory.real_data import theorem_2_4, theorem_2_4_bounded_weights, theorem_2_4_optimal

# Rounding of a bound that is as small as the smallest divergence shown.
_ALLOWED = 1e-12


def settled(run: Run) -> Table:
    """Compute the fixed points' divergences from the reference, for two laws of the reward."""
    laws = {
        "uniform": uniform_rewards(run.parameters["span"]),
        # Equal masses, each reward far above the one before it, so that only the order counts.
        "far apart": RewardLaw(run.parameters["gap"] * np.arange(run.parameters["atoms"])),
    }
    rows = []
    pairs = [(K, lam) for K in run.parameters["K"] for lam in _mixings(run, K)]
    for done, (K, lam) in enumerate(pairs):
        for name, law in laws.items():
            divergence = CurationLoop(law, K=K, lam=lam).fixed_point().kl_to_reference
            rows.append((K, lam, name, divergence))
        run.progress("fixed points", done + 1, len(pairs))
    return Table.of_rows(
        rows,
        {
            "K": "number of candidates",
            "lam": "λ, synthetic samples per real one",
            "law": "law of the reward under the reference",
            "divergence": "KL(p_inf‖p_ref) at the fixed point, in nats",
        },
    )


def bounds(run: Run) -> Table:
    """Compute the bounds of Theorem 2.4 and its sharper forms."""
    law = uniform_rewards(run.parameters["span"])
    mean_weight = float(law.probs @ law.relative_weights)
    rows = []
    for K in run.parameters["K"]:
        for lam in _mixings(run, K):
            paper = np.inf
            if lam * (K - 1) < 1:
                paper = theorem_2_4.statement.bound_function()(K=K, lam=lam)
            optimal = theorem_2_4_optimal.statement.bound_function()(K=K, lam=lam)
            bounded = theorem_2_4_bounded_weights.statement
            values = {"K": K, "lam": lam, "mean_weight": mean_weight, "max_weight": 1.0}
            failing = bounded.failing_hypothesis(**values)
            uniform = np.nan if failing is not None else bounded.bound_function()(**values)
            rows.append((K, lam, paper, optimal, uniform))
    return Table.of_rows(
        rows,
        {
            "K": "number of candidates",
            "lam": "λ, synthetic samples per real one",
            "theorem-2.4": "the paper's bound, -log(1 - λ(K-1)) nats",
            "theorem-2.4-optimal": "the least bound for all laws, in nats",
            "theorem-2.4-bounded-weights": "bound for the mean weight of the uniform law, in nats",
        },
    )


def _mixings(run: Run, K: int) -> list[float]:
    """Return values of λ from near 0 to 1/(K-1), dense at both ends."""
    points = run.parameters["points"]
    shares = np.sin(np.linspace(0.0, np.pi / 2, points + 1)[1:]) ** 2
    return [float(share) / (K - 1) for share in shares]


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw one panel for each K."""
    layout = ConstrainedLayoutEngine(wspace=0.06)
    figure = Figure(figsize=(style.PAGE_WIDTH, 2.5), layout=layout)
    panels = list(figure.subplots(1, len(parameters["K"]), sharey=True, squeeze=False).flat)
    for axes, K in zip(panels, parameters["K"], strict=True):
        guaranteed, found = tables["bounds"].where(K=K), tables["settled"].where(K=K)
        for column, label, dashes in (
            ("theorem-2.4", "Theorem 2.4", "--"),
            ("theorem-2.4-optimal", "optimal for all laws", "-."),
            ("theorem-2.4-bounded-weights", "for (ii)'s mean weight", ":"),
        ):
            axes.plot(
                guaranteed["lam"],
                guaranteed[column],
                color=style.BOUND_COLOUR,
                linestyle=dashes,
                zorder=3,  # the law that comes near a bound does not hide it
                label=label,
            )
        for name, label, colour in (
            ("far apart", f"(i) {parameters['atoms']} rewards far apart", style.COLOURS[1]),
            ("uniform", f"(ii) uniform on [0, {parameters['span']:g}]", style.COLOURS[0]),
        ):
            law = found.where(law=name)
            axes.plot(law["lam"], law["divergence"], color=colour, label=label)
        axes.set_yscale("log")
        axes.set_ylim(1e-5, 10)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.set_xlim(0, 1 / (K - 1))
        axes.set_title(f"K = {K}")
        axes.set_xlabel("λ, up to 1/(K−1)")
    panels[0].set_ylabel(r"KL$(p_\infty\,\|\,p_\mathrm{ref})$ (nats)")
    panels[-1].legend(loc="lower right")
    style.name_panels(panels)
    return figure


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with the values at the end of the range."""
    words = []
    for K in parameters["K"]:
        top = tables["settled"].where(K=K, law="far apart")["divergence"][-1]
        bound = tables["bounds"].where(K=K)["theorem-2.4-optimal"][-1]
        words.append(f"{top:.4f} of {bound:.4f} for K = {K}")
    return (
        "Divergence of the fixed point from the real data against the share of synthetic data, up "
        "to λ = 1/(K-1), where the paper's bound -log(1-λ(K-1)) becomes infinite and the optimal "
        f"one stays finite. {parameters['atoms']} equally likely rewards, each "
        f"{parameters['gap']:g} above the one before, come near the optimal bound: at λ = 1/(K-1) "
        f"they reach {', '.join(words)} (nats). Uniform rewards stay far below, and a bound that "
        "knows their mean weight says so."
    )


def agreement(tables: Tables, parameters: Parameters) -> Agreement:
    """Return the largest excess of a fixed point's divergence over a bound."""
    excess = 0.0
    for K in parameters["K"]:
        guaranteed, found = tables["bounds"].where(K=K), tables["settled"].where(K=K)
        for law, names in {
            "far apart": ("theorem-2.4", "theorem-2.4-optimal"),
            "uniform": ("theorem-2.4", "theorem-2.4-optimal", "theorem-2.4-bounded-weights"),
        }.items():
            divergence = found.where(law=law)["divergence"]
            for name in names:
                # NaN, where a bound does not apply, is skipped.
                excess = float(np.fmax(excess, np.nanmax(divergence - guaranteed[name])))
    return Agreement(
        "Largest excess of a divergence over a bound (nats)",
        excess,
        _ALLOWED,
        "rounding; the fixed points' residual is below 1e-13",
    )


_COMMON = {"K": [2, 4], "span": 2.0, "gap": 30.0}

recipe = Recipe(
    name="divergence_bounds",
    title="Distance from the real data and its upper bounds",
    parameters={
        "smoke": {**_COMMON, "atoms": 40, "points": 15},
        "default": {**_COMMON, "atoms": 100, "points": 40},
        "paper": {**_COMMON, "atoms": 200, "points": 80},
    },
    tables={"settled": settled, "bounds": bounds},
    draw=draw,
    caption=caption,
    agreement=agreement,
)
