"""Where mass condenses on the best reward: the critical λ by the number of candidates.

Weights have the density (k + 1)(1 - w)^k, which thins out towards the top. Above λ_c(K) the fixed
point has an atom there, although no p_t has one (docs/continuous_laws.md). For λ below 1/(K - 1)
Theorem 2.4 rules an atom out.
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from recurate.figures.making import style
from recurate.figures.making.recipe import Agreement, Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Table
from recurate.figures.shared.candidate_lines import candidate_lines
from recurate.numerics.fixed_points.condensation import condensation_threshold
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.theory.closed_forms.weight_laws import POWER_ATOM, POWER_THRESHOLD
from recurate.theory.language.compile import compile_expression
from recurate.theory.real_data import theorem_2_4

_EXACT = 1e-12
"""Stated relative error of the thresholds (docs/continuous_laws.md)."""


def thresholds(run: Run) -> Table:
    """Compute the critical λ for each exponent and number of candidates."""
    guaranteed = compile_expression(theorem_2_4.largest_mixing, "float")
    rows: list[tuple[float, float, float, float]] = []
    exponents, candidates = run.parameters["exponents"], [*_candidates(run), math.inf]
    for done, k in enumerate(exponents):
        law = _law(k)
        for K in candidates:
            rows.append((k, K, condensation_threshold(law, K), float(guaranteed(K=K))))
        run.progress("critical λ", done + 1, len(exponents))
    return Table.of_rows(
        rows,
        {
            "exponent": "k, of the density (k + 1)(1 - w)^k of weights",
            "K": "number of candidates",
            "threshold": "critical λ above which the fixed point has an atom at the top",
            "guaranteed": "1/(K - 1), up to which Theorem 2.4 speaks",
        },
    )


def atoms(run: Run) -> Table:
    """Compute the atom's mass against λ for one exponent."""
    law = _law(run.parameters["exponent_of_atoms"])
    lowest, highest = run.parameters["mixings"]
    mixings = np.geomspace(lowest, highest, run.parameters["points"])
    rows: list[tuple[float, float, float]] = []
    for done, K in enumerate(run.parameters["K"]):
        for lam in mixings:
            atom = CurationLoop(law, K=K, lam=lam).fixed_point().condensed_mass
            rows.append((float(K), float(lam), atom))
        run.progress("atoms", done + 1, len(run.parameters["K"]))
    return Table.of_rows(
        rows,
        {
            "K": "number of candidates",
            "lam": "λ, synthetic samples per real one",
            "atom": "mass of the fixed point at the top that no density holds",
        },
    )


def _law(exponent: float) -> RewardLaw:
    return RewardLaw.from_density(stats.beta(1, exponent + 1), of="weight")


def _candidates(run: Run) -> list[float]:
    largest = run.parameters["largest_candidates"]
    grid = np.geomspace(2, largest, run.parameters["numbers_of_candidates"])
    return sorted({float(round(K)) for K in grid})


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw the phases beside the atom's mass."""
    figure = Figure(figsize=(style.PAGE_WIDTH, 2.5))
    phases, masses = panels = list(figure.subplots(1, 2))
    found = tables["thresholds"]
    for k, colour in zip(parameters["exponents"], style.COLOURS, strict=False):
        one = found.where(exponent=float(k))
        finite = np.isfinite(one["K"])
        phases.plot(one["K"][finite], one["threshold"][finite], color=colour, label=f"k = {k:g}")
        limit = float(one["threshold"][~finite][0])
        phases.axhline(limit, color=colour, linestyle=":", linewidth=0.8)
    one = found.where(exponent=float(parameters["exponents"][0]))
    finite = np.isfinite(one["K"])
    phases.plot(
        one["K"][finite],
        one["guaranteed"][finite],
        color=style.BOUND_COLOUR,
        linestyle="--",
        label="1/(K − 1), Theorem 2.4",
    )
    phases.set_xscale("log")
    phases.set_yscale("log")
    phases.set_ylim(0.05, 60.0)
    phases.set_title("critical λ")
    phases.set_xlabel("candidates K")
    phases.set_ylabel("λ")
    phases.legend(loc="upper right")
    candidate_lines(masses, tables["atoms"], parameters["K"], "lam", "atom")
    masses.set_xscale("log")
    masses.set_ylim(0.0, 1.0)
    masses.set_title(f"condensed mass, k = {parameters['exponent_of_atoms']:g}")
    masses.set_xlabel("λ")
    masses.set_ylabel("mass of the atom")
    style.name_panels(panels)
    return figure


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with some critical λ."""
    found = tables["thresholds"]
    k = parameters["exponent_of_atoms"]
    one = found.where(exponent=float(k))
    return (
        "Weights of density (k + 1)(1 − w)^k. (a) Above the curve the fixed point has an atom at "
        "the best reward; dotted: K = ∞, where the critical λ is 1/k. Below the dashed line "
        "Theorem 2.4 keeps the density bounded, whatever the rewards. For "
        f"k = {k:g} and K = {one['K'][0]:g} the critical λ is {one['threshold'][0]:.6f}, against "
        f"{one['guaranteed'][0]:g} guaranteed. (b) The atom's mass against λ."
    )


def agreement(tables: Tables, parameters: Parameters) -> Agreement:
    """Return the distance of the atoms for K = inf from the closed form."""
    one = tables["atoms"].where(K=math.inf)
    k = parameters["exponent_of_atoms"]
    critical = POWER_THRESHOLD(shape=k)
    expected = [POWER_ATOM(shape=k, lam=m) if m > critical else 0.0 for m in one["lam"]]
    return Agreement(
        "mass of the atom for K = ∞ from the closed form (λk − 1)/(k(1 + λ))",
        float(np.abs(one["atom"] - expected).max()),
        _EXACT,
        "the stated error of the threshold",
    )


_COMMON = {
    "exponents": [0.5, 1.0, 3.0],
    "exponent_of_atoms": 1.0,
    "K": [2, 4, 16, math.inf],
    "mixings": [0.3, 100.0],
    "largest_candidates": 1000,
}

recipe = Recipe(
    name="condensation_phases",
    title="Where mass condenses on the best reward",
    parameters={
        "smoke": {**_COMMON, "numbers_of_candidates": 10, "points": 16},
        "default": {**_COMMON, "numbers_of_candidates": 40, "points": 61},
        "paper": {**_COMMON, "numbers_of_candidates": 80, "points": 241},
    },
    tables={"thresholds": thresholds, "atoms": atoms},
    draw=draw,
    caption=caption,
    agreement=agreement,
)
