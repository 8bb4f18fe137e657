"""How curation by K candidates becomes curation by infinitely many.

Lemma 2.1 gives the limit: p_{t+1} is proportional to p_t e^r. The next order, 1/K, is given by
lemma-2.1-next-order (docs/mathematics.md).
"""

from __future__ import annotations

import math

import numpy as np
import sympy
from matplotlib.figure import Figure

from recurate.figures.making import style
from recurate.figures.making.recipe import Agreement, Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Table
from recurate.figures.shared.candidate_lines import candidate_lines
from recurate.figures.shared.laws import uniform_rewards
from recurate.numerics.curation import log_curation_ratio
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.validation import FloatArray
from recurate.theory.language import notation
from recurate.theory.language.means import Moment
from recurate.theory.one_curation import lemma_2_1_next_order


def ratios(run: Run) -> Table:
    """Compute the curation ratio of the reference, as a function of the reward, for some K."""
    law, grid = _law(run), np.linspace(0.0, run.parameters["span"], run.parameters["points"])
    rewards = np.concatenate([grid, law.rewards])
    probs = np.concatenate([np.zeros(grid.size), law.probs])
    rows: list[tuple[float, float, float]] = []
    for done, K in enumerate(run.parameters["K"]):
        log_ratio = log_curation_ratio(rewards, probs, K=K)
        ratio = np.exp(log_ratio[: grid.size]).tolist()
        rows += zip([float(K)] * grid.size, grid.tolist(), ratio, strict=True)
        run.progress("curation ratios", done + 1, len(run.parameters["K"]))
    return Table.of_rows(
        rows,
        {
            "K": "number of candidates",
            "reward": "reward r",
            "ratio": "curation ratio H^K(r) at p_ref: curated density over model density",
        },
    )


def errors(run: Run) -> Table:
    """Compute the distance of the expected weight from its value at K = inf, against K."""
    law = _law(run)
    lam = run.parameters["lam"]
    predicted = _next_order(law)
    powers = range(1, run.parameters["largest_power"] + 1)
    log_limit = _log_ratio(law, math.inf)
    settled_limit = CurationLoop(law, K=math.inf, lam=lam).fixed_point().probs
    rows = []
    for power in powers:
        K = 2**power
        difference = np.exp(log_limit) * -np.expm1(_log_ratio(law, K) - log_limit)
        # One sum of differences loses no digits where the two laws are close.
        curated = float(law.probs * law.relative_weights @ difference)
        settled = CurationLoop(law, K=K, lam=lam).fixed_point().probs
        apart = (settled_limit - settled) @ law.relative_weights
        rows.append((K, curated, predicted / K, float(apart)))
        run.progress("distance from K = ∞", power, len(powers))
    return Table.of_rows(
        rows,
        {
            "K": "number of candidates",
            "curated": "E w after one curation of p_ref for K = inf, less for K",
            "next_order": "the same to the order 1/K, by lemma-2.1-next-order",
            "settled": f"E w at the fixed point with λ = {lam:g} for K = inf, less for K",
        },
    )


def _law(run: Run) -> RewardLaw:
    return uniform_rewards(run.parameters["span"])


def _log_ratio(law: RewardLaw, K: float) -> FloatArray:
    return log_curation_ratio(law.rewards, law.probs, K=K)


def _next_order(law: RewardLaw) -> float:
    """Return the limit of K (E_T w at K = inf - E_T w at K), from the statement's limit of H."""
    mean, second = (float(law.probs @ law.relative_weights**n) for n in (1, 2))
    mean_symbol, second_symbol = sympy.symbols("mean second", positive=True)
    ratio = lemma_2_1_next_order.statement.claim.rhs.subs(
        {Moment(0, 1): mean_symbol, Moment(0, 2): second_symbol}
    )
    function = sympy.lambdify([notation.weight, mean_symbol, second_symbol], ratio, "numpy")
    weights = law.relative_weights
    return -float(law.probs * weights @ function(weights, mean, second))


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw ratios beside distances from the limit."""
    figure = Figure(figsize=(style.PAGE_WIDTH, 2.4))
    ratio, error = panels = list(figure.subplots(1, 2))
    candidate_lines(ratio, tables["ratios"], parameters["K"], "reward", "ratio")
    ratio.set_title("curation ratio")
    ratio.set_xlabel("reward r")
    ratio.set_ylabel("H(r)")
    found = tables["errors"]
    for column, look, colour, label in (
        ("curated", "o-", style.COLOURS[0], "one curation of the real data"),
        ("next_order", "--", style.BOUND_COLOUR, "its limit (next order of Lemma 2.1)"),
        ("settled", "s-", style.COLOURS[1], f"fixed point, λ = {parameters['lam']:g}"),
    ):
        error.plot(found["K"], found["K"] * found[column], look, color=colour, label=label)
    error.set_xscale("log", base=2)
    error.set_ylim(
        0.0, 1.1 * max((found["K"] * found[name]).max() for name in ("curated", "settled"))
    )
    error.set_title("distance from K = ∞, times K")
    error.set_xlabel("candidates K")
    error.set_ylabel("K (E w at ∞ − E w at K)")
    error.legend(loc="lower right")
    style.name_panels(panels)
    return figure


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with the constant of the next order."""
    found = tables["errors"]
    first, constant = found["K"][0], found["K"][0] * found["next_order"][0]
    return (
        f"Rewards uniform on [0, {parameters['span']:g}]. (a) Curation ratio of the real data: for "
        "K = ∞ it is e^r over its mean, and finite K flatten it. (b) By how much K candidates fall "
        "short of infinitely many in expected weight (relative to the best): after one curation "
        f"the lemma's next order predicts {constant:.5f}/K; at K = {first} the distance is "
        f"{found['curated'][0]:.5f}, at K = {found['K'][-1]} it is {found['curated'][-1]:.3g}. At "
        "the fixed point it falls as 1/K too: drawn is the distance times K."
    )


def agreement(tables: Tables, parameters: Parameters) -> Agreement:
    """Return the relative distance from the next order, extrapolated to K = inf."""
    found = tables["errors"]
    scaled = found["K"] * found["curated"]
    constant = found["K"][-1] * found["next_order"][-1]
    extrapolated = 2 * scaled[-1] - scaled[-2]  # without the order 1/K of the scaled distance
    return Agreement(
        "K times the distance after one curation, extrapolated to K = ∞, from the next order's "
        "constant (relative)",
        float(abs(extrapolated / constant - 1)),
        100.0 / float(found["K"][-1]) ** 2,
        "order 1/K², which the extrapolation leaves, with room for its factor",
    )


_COMMON = {
    "span": 2.0,
    "lam": 1.0,
    "K": [2, 4, 16, math.inf],
    "points": 101,
}

recipe = Recipe(
    name="candidates_to_infinity",
    title="From K candidates to infinitely many",
    parameters={
        "smoke": {**_COMMON, "largest_power": 12},
        "default": {**_COMMON, "largest_power": 16},
        "paper": {**_COMMON, "largest_power": 16},
    },
    tables={"ratios": ratios, "errors": errors},
    draw=draw,
    caption=caption,
    agreement=agreement,
)
