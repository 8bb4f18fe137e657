"""Predictions, fixed points and choices as JSON, for programs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from recurate import __version__
from recurate.chosen import Chosen
from recurate.numerics.fixed_points.fixed_point import FixedPoint
from recurate.numerics.inference.trust import (
    Trust,
    effective_sample_sizes,
    fixed_point_trust,
    trusted_until,
)
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.laws.pair_gaps import pair_gaps
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray
from recurate.printing.as_json import as_json
from recurate.printing.votes import fit_entries, votes_entries
from recurate.printing.words import prompts_with_one_answer
from recurate.reading.loop_files import loop_entries
from recurate.reading.table import RewardTable

if TYPE_CHECKING:  # it loads the theorems, which a choice does without
    from recurate.prediction import Prediction
    from recurate.settlement import Settlement

_IN_UNIT = "expected_reward_in_unit"


def prediction_json(prediction: Prediction) -> str:
    """Return a prediction as one JSON object."""
    trajectory, safe_range = prediction.trajectory, prediction.safe_range
    return as_json(
        {
            "recurate": __version__,
            "parameters": parameters_of_prediction(prediction),
            "scale_of_rewards": _scale_entries(trajectory.law),
            "test_of_fit": fit_entries(prediction.table.votes),
            "trajectory": trajectory_entries(prediction.table, trajectory),
            "fixed_point": _settlement_entries(prediction.table, prediction.settlement),
            "safe_range": None if safe_range is None else safe_range._asdict(),
            "uncertainty": _uncertainty_entries(prediction),
            "estimates": _estimate_entries(prediction),
            "guarantees": [
                {
                    "id": guarantee.statement.id,
                    "title": guarantee.statement.title,
                    "figure": guarantee.figure,
                    "relation": ">=" if guarantee.is_lower else "<=",
                    "holds_for_this_loop": guarantee.bound is not None,
                    "missing_hypothesis": guarantee.missing,
                    "bound": None if guarantee.bound is None else guarantee.bound.tolist(),
                }
                for guarantee in prediction.guarantees
            ],
            **({} if prediction.sampled is not None else _any_choice_entries(prediction)),
        }
    )


def parameters_of_prediction(prediction: Prediction) -> dict[str, Any]:
    """Return the parameters of a prediction, for JSON."""
    law = prediction.trajectory.law
    extent: dict[str, Any] = {"steps": prediction.trajectory.steps, "max_reward": law.max_reward}
    if law.prompt_names:
        extent["rows"] = "all" if prediction.sampled is None else "sampled"
    return parameters_of(prediction.table, prediction.loop) | extent


def _any_choice_entries(prediction: Prediction) -> dict[str, Any]:
    from recurate.printing.any_choice import any_choice_entries  # it loads the theorems

    return any_choice_entries(prediction)


def trajectory_entries(table: RewardTable, trajectory: Trajectory) -> dict[str, Any]:
    """Return a run's figures, for JSON."""
    return trajectory.to_dict() | _score_entries(table, trajectory)


def _score_entries(table: RewardTable, means: Trajectory | FixedPoint) -> dict[str, Any]:
    """Return the mean of the rewards as they stand in the table, and those that are followed."""
    names, scores = table.law.score_names, means.expected_scores
    own = np.asarray(means.expected_reward)
    if table.in_unit is not None:
        own = scores[..., names.index(table.in_unit)]
    followed = scores[..., [names.index(name) for name in table.followed]]
    return {
        _IN_UNIT: own.tolist(),
        "score_names": list(table.followed),
        "expected_scores": followed.tolist(),
    }


def _named(prediction: Prediction, columns: Mapping[str, FloatArray]) -> dict[str, list[float]]:
    """Return columns by their names in JSON, in which rewards in their own unit have one."""
    table, trajectory = prediction.table, prediction.trajectory
    labels = dict(zip(trajectory.score_names, trajectory.score_labels, strict=True))
    own = columns["expected_reward" if table.in_unit is None else labels[table.in_unit]]
    left_out = {labels[name] for name in labels.keys() - set(table.followed)}
    named = {_IN_UNIT: own} | {name: columns[name] for name in columns if name not in left_out}
    return {name: values.tolist() for name, values in named.items()}


def _scale_entries(law: RewardLaw) -> dict[str, float] | None:
    """Return how decided choices between two samples are; None if all are tied."""
    gaps = pair_gaps(law)
    names = ("chosen_better", "odds", "median_ratio")
    return None if gaps is None else {name: getattr(gaps, name) for name in names}


def _settlement_entries(table: RewardTable, settled: Settlement) -> dict[str, Any]:
    if settled.limit is None:
        return {"missing": settled.missing}
    return _fixed_point_entries(table, settled.limit) | {
        "steps_to_within_0.01": settled.steps,
        "most_steps": settled.most,
    }


def _uncertainty_entries(prediction: Prediction) -> dict[str, Any]:
    sizes = prediction.effective_sample_sizes
    entries: dict[str, Any] = {
        "effective_sample_size": None if sizes is None else sizes.tolist(),
        "trusted_until": prediction.trusted_until,
    }
    if prediction.error_of_bins is not None:
        entries["error_of_bins"] = prediction.error_of_bins
    if prediction.loop.law.prompt_names and prediction.sampled is None:
        entries["sampled_rows_known_until"] = prediction.carried_until
    bands = prediction.bands
    if bands is not None:
        for name in ("level", "replicates", "resampled", "failed", "same_best"):
            entries[name] = getattr(bands, name)
        entries["bands"] = band_kind(bands.level)
        for side, columns in zip(("low", "high"), prediction.band_columns(), strict=True):
            entries[side] = _named(prediction, columns)
    return entries


def _estimate_entries(prediction: Prediction) -> dict[str, Any] | None:
    """Return the estimates for all answers of each prompt, None where its rows are all of them."""
    found = prediction.sampled
    if found is None:
        return None
    figures = prediction.estimates.items()
    ends = {
        end: _named(prediction, {name: values[i] for name, values in figures})
        for i, end in enumerate(("values", "low", "high"))
    }
    return ends | {
        name: getattr(found, name)
        for name in ("level", "known_until", "prompts", "left_out", "mass_left_out")
    }


def band_kind(level: float | None) -> str:
    """Return what bands are: quantiles of the resampled tables, or the range of a few."""
    return "range" if level is None else "quantiles"


def _fixed_point_entries(table: RewardTable, limit: FixedPoint) -> dict[str, Any]:
    """Return a fixed point's figures, and how it was found, for JSON."""
    entries: dict[str, Any] = {name: getattr(limit, name) for name in FIGURES}
    entries["group_names"] = list(limit.law.group_names)
    entries["group_proportions"] = limit.group_proportions.tolist()
    entries |= _score_entries(table, limit)
    for name in ("condensed_mass", "residual", "error_bound", "evaluations", "method"):
        entries[name] = getattr(limit, name)
    names = ("is_unique", "objective_gap", "spectral_radius")  # of loops that are not the paper's
    of_rules = {name: getattr(limit, name) for name in names}
    if any(value is not None for value in of_rules.values()):
        entries |= of_rules
    return entries | _trust_entries(table, limit)


def _trust_entries(table: RewardTable, limit: FixedPoint) -> dict[str, Any]:
    """Return how far a table carries its fixed point; null where its rows are no sample."""
    if not table.is_sample:
        return dict.fromkeys((*Trust._fields, "trusted"))
    trust = fixed_point_trust(limit)
    return trust._asdict() | {"trusted": trust.is_trusted}


def fixed_point_json(table: RewardTable, loop: CurationLoop, limit: FixedPoint) -> str:
    """Return a loop and its fixed point as one JSON object."""
    return as_json(
        {
            "recurate": __version__,
            "parameters": parameters_of(table, loop),
            "scale_of_rewards": _scale_entries(table.law),
            "test_of_fit": fit_entries(table.votes),
            "fixed_point": _fixed_point_entries(table, limit),
        }
    )


def choice_json(chosen: Chosen) -> str:
    """Return a choice as one JSON object."""
    table, choice = chosen.table, chosen.choice
    entries = {name: getattr(choice, name) for name in ("chosen", "quantity", "limit", "reached")}
    entries |= {"group": chosen.group, "at_step": choice.step, "steps": choice.steps}
    entries |= {name: getattr(choice, name) for name in ("lam_range", "candidates_range", "lean")}
    if choice.resampled is not None:
        replicates = choice.resampled.size + choice.failed
        entries["level"], entries["replicates"] = choice.level, replicates
        entries["resampled"], entries["failed"] = choice.what, choice.failed
        entries["range"] = band_kind(choice.level)
    if chosen.end is not None:
        trust = _trust_entries(table, chosen.end)
    elif not table.is_sample:
        trust = {"effective_sample_size": None, "trusted_until": None}
    else:
        sizes = effective_sample_sizes(chosen.run)
        until = trusted_until(chosen.run)
        trust = {"effective_sample_size": sizes.tolist(), "trusted_until": until}
    return as_json(
        {
            "recurate": __version__,
            "parameters": parameters_of(table, chosen.loop),
            "test_of_fit": fit_entries(table.votes),
            "choice": entries,
            "uncertainty": trust,
        }
    )


def parameters_of(table: RewardTable, loop: CurationLoop) -> dict[str, Any]:
    """Return the parameters of every loop, for JSON."""
    return {
        "source": table.source,
        **table_entries(table),
        **_paper_entries(loop),
        "loop": loop_entries(loop),
    }


def table_entries(table: RewardTable) -> dict[str, Any]:
    """Return what was asked of a table, and what it has, for JSON."""
    asked = asdict(table.asked)
    unit, scale = asked.pop("unit"), asked.pop("scale")
    del asked["are_odds"]  # the loop says it
    return {
        "table": asked,
        "rewards": table.rows,
        "prompts": _prompt_entries(table),
        "votes": None if table.votes is None else votes_entries(table.votes),
        "reward_is": unit or "log-odds",
        "reward_unit_column": table.in_unit,
        "scale": scale,
    }


def _paper_entries(loop: CurationLoop) -> dict[str, Any]:
    """Return K and λ, None where a loop has not one of each."""
    if loop.schedule.K is None:
        return dict.fromkeys(("candidates", "lam", "real_fraction"))
    return {
        "candidates": loop.K if loop.K == math.inf else int(loop.K),
        "lam": loop.lam,
        "real_fraction": loop.real_fraction,
    }


def _prompt_entries(table: RewardTable) -> dict[str, Any] | None:
    law = table.law
    if not law.prompt_names:
        return None
    return {
        "count": len(law.prompt_names),
        "weights": table.asked.prompt_weights,
        "with_one_answer": prompts_with_one_answer(law),
    }
