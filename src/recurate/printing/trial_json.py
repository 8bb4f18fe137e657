"""A trial of an altered statement as JSON, for programs."""

from __future__ import annotations

import json
import math
from typing import Any

from recurate import __version__
from recurate.paper_checks.evidence.check import shown
from recurate.paper_checks.trials.trial import Trial
from recurate.theory.plain_text import from_code, in_words, typed


def trial_json(trial: Trial) -> str:
    """Return what came of a trial as one JSON object; numbers that are not finite are null."""
    found, failing, statement = trial.counterexample, trial.failing_step, trial.statement
    document = {
        "recurate": __version__,
        "id": trial.original.id,
        "verdict": trial.verdict,
        "claim": in_words(statement.claim, statement.bound_law),
        "bound": None if statement.bound is None else typed(statement.bound, trial.original.bound),
        "without": dict(trial.broken_by),
        "least_margin": _finite(trial.least_margin),
        "counterexample": found
        and {
            "loop": str(found.instance),
            "margin": shown(found.margin.value),
            "where": found.margin.where,
            "kind": found.kind,
            "replay": trial.replay,
        },
        "tried": {evidence.kind: evidence.cases for evidence in trial.evidence},
        "undecided": sum(evidence.undecided for evidence in trial.evidence),
        "proof": {
            "steps": len(trial.proof),
            "first_to_fail": failing and failing.step.label,
            "reason": failing and from_code(failing.reason),
            "says_what_was_dropped": trial.says_what_was_dropped,
        },
        "seconds": trial.seconds,
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
