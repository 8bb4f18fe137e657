"""What the command line prints: tables for people."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from recurate import __version__
from recurate.numerics.files import replaced_when_done
from recurate.numerics.loop import STATE_ERROR
from recurate.numerics.validation import FloatArray
from recurate.paper_checks.runner import Result
from recurate.prediction import Prediction

_MOST_ROWS = 21
_MOST_GROUPS = 3

_SYMBOLS = {"expected_weight": "E[e^r]/e^max", "kl_to_reference": "KL"}


def print_prediction(prediction: Prediction, console: Console) -> None:
    """Print a prediction: the loop, its figures over t with their bounds, and what holds."""
    law = prediction.loop.law
    console.print(
        f"{prediction.source}: {law.size:,} rewards, best {_number(law.max_reward)}"
        + (f", {len(law.group_names)} groups" if law.group_names else ""),
        highlight=False,
        markup=False,
    )
    console.print(f"{_loop_in_words(prediction)}\n", highlight=False, markup=False)
    console.print(_figures_table(prediction))
    console.print(
        "E[e^r]/e^max: expected weight relative to the best reward's; KL: divergence from the real "
        "data in nats;\nat max: share of the samples with the best reward.",
        style="dim",
        highlight=False,
        markup=False,
    )
    _print_groups(prediction, console)
    console.print("\nGuaranteed by the theorems", style="bold")
    for line in _guarantee_lines(prediction):
        console.print(f"  {line}", highlight=False, markup=False)


def _loop_in_words(prediction: Prediction) -> str:
    loop = prediction.loop
    data = (
        "pure loop, no real data (λ = inf)"
        if loop.lam == math.inf
        else f"λ = {loop.lam:g}: {loop.real_fraction:.4g} of each training set is real"
    )
    return f"best of K = {loop.K:g}, {data}; {prediction.trajectory.steps} retraining steps"


def _figures_table(prediction: Prediction) -> Table:
    trajectory = prediction.trajectory
    bounds = {guarantee.figure: guarantee for guarantee in prediction.guarantees}
    groups = prediction.most_changed_groups(_MOST_GROUPS)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    columns: list[tuple[str, FloatArray]] = [("E[r]", trajectory.expected_reward)]
    for figure, symbol in _SYMBOLS.items():
        columns.append((symbol, getattr(trajectory, figure)))
        guarantee = bounds.get(figure)
        if guarantee is not None and guarantee.bound is not None:
            columns.append(("at least" if guarantee.is_lower else "at most", guarantee.bound))
    columns.append(("at max", trajectory.mass_at_max))
    columns += [
        (f"group {trajectory.law.group_names[i]}", trajectory.group_proportions[:, i])
        for i in groups
    ]
    table.add_column("t", justify="right")
    for title, _ in columns:
        style = "dim" if title in ("at least", "at most") else None
        table.add_column(Text(title), justify="right", style=style)
    for t in _rows_shown(trajectory.steps):
        table.add_row(str(t), *(_number(float(values[t])) for _, values in columns))
    return table


def _rows_shown(steps: int) -> list[int]:
    """Return every t, or about twenty of them from the first to the last."""
    if steps < _MOST_ROWS:
        return list(range(steps + 1))
    return sorted({round(t) for t in np.linspace(0, steps, _MOST_ROWS)})


def _print_groups(prediction: Prediction, console: Console) -> None:
    trajectory = prediction.trajectory
    shifts = []
    for i in prediction.most_changed_groups(_MOST_GROUPS):
        first, last = trajectory.group_proportions[[0, -1], i]
        name = trajectory.law.group_names[i]
        shifts.append(f"{name}: {first:.4f} to {last:.4f} ({last - first:+.4f})")
    if shifts:
        console.print("\nShares that changed most", style="bold")
        for shift in shifts:
            console.print(f"  group {shift}", highlight=False, markup=False)


def _guarantee_lines(prediction: Prediction) -> Iterable[str]:
    for guarantee in prediction.guarantees:
        label = f"{guarantee.statement.label}: "
        if guarantee.bound is None:
            yield label + f"no bound on {_SYMBOLS[guarantee.figure]}; it needs {guarantee.missing}"
            continue
        values = getattr(prediction.trajectory, guarantee.figure)
        slack = (values - guarantee.bound) * (1 if guarantee.is_lower else -1)
        side = "at least" if guarantee.is_lower else "at most"
        spoken = ~np.isnan(slack)
        if not spoken.any():
            yield label + "speaks of t >= 1"
            continue
        yield label + (
            f"{_SYMBOLS[guarantee.figure]} is {side} the value beside it; "
            f"least slack {_slack(float(slack[spoken].min()))}"
        )


def _slack(value: float) -> str:
    return "0, to rounding" if abs(value) < STATE_ERROR else _number(value)


def _number(value: float) -> str:
    if math.isnan(value):
        return ""
    if value != 0 and (abs(value) < 1e-4 or abs(value) >= 1e6) and math.isfinite(value):
        return f"{value:.2e}"
    return f"{value:.4f}"


def print_checks(results: list[Result], seed: int, console: Console) -> None:
    """Print the verdict and the evidence of each result, and the witness where one is refuted."""
    console.print(_checks_table(results))
    for result in results:
        for evidence in result.evidence:
            if evidence.witness is not None:
                console.print(
                    f"{result.statement.id} is refuted ({evidence.kind}) by {evidence.witness}",
                    style="bold red",
                    highlight=False,
                    markup=False,
                )
    held = sum(result.verdict == "holds" for result in results)
    console.print(
        f"{held} of {len(results)} results hold (seed {seed}).\n"
        "property: searched in floating point, within the engine's stated error; exact: rational "
        "arithmetic, no rounding.\nA margin is a claim's distance from failing; 0 is equality.",
        highlight=False,
        markup=False,
    )


def write_results(results: list[Result], seed: int, path: Path) -> None:
    """Write the results as JSON, whole or not at all."""
    document = {
        "recurate": __version__,
        "seed": seed,
        "results": [
            {
                "id": result.statement.id,
                "title": result.statement.title,
                "verdict": result.verdict,
                "evidence": {
                    evidence.kind: {
                        "cases": evidence.cases,
                        "least_margin": float(evidence.least_margin),
                        "allowance": evidence.allowance,
                        "seconds": evidence.seconds,
                        "witness": evidence.witness,
                    }
                    for evidence in result.evidence
                },
            }
            for result in results
        ],
    }
    with replaced_when_done(path) as temporary:
        temporary.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _checks_table(results: Iterable[Result]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    for title in ("result", "verdict", "evidence", "cases", "least margin", "seconds"):
        number = title in ("cases", "least margin", "seconds")
        table.add_column(title, justify="right" if number else "left")
    for result in results:
        for i, evidence in enumerate(result.evidence):
            style = "green" if result.verdict == "holds" else "bold red"
            table.add_row(
                result.statement.id if i == 0 else "",
                Text(result.verdict, style=style) if i == 0 else "",
                evidence.kind,
                str(evidence.cases),
                _margin(evidence.least_margin),
                f"{evidence.seconds:.1f}",
            )
    return table


def _margin(margin: float | Fraction) -> str:
    if isinstance(margin, Fraction):
        text = str(margin)
        return text if len(text) <= 12 else f"{float(margin):.2e}"
    return f"{margin:.2e}"
