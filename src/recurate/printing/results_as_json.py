"""What came of checks, hunts and trials, as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from recurate import __version__
from recurate.paper_checks.evidence.check import shown
from recurate.paper_checks.evidence.evidence import Evidence, Witness
from recurate.paper_checks.evidence.nearest import CANDIDATES, MIXINGS, Nearest
from recurate.paper_checks.evidence.standing import scope_of
from recurate.printing.as_json import as_json, finite_or_none
from recurate.theory.plain_text import from_code, in_words, typed

if TYPE_CHECKING:
    from recurate.paper_checks.hunt.hunt import Hunt
    from recurate.paper_checks.runner import Result
    from recurate.paper_checks.trials.trial import Trial


def false_alarm_rate(results: Iterable[Result]) -> float:
    """Return a bound on the probability that sampled evidence refutes something true."""
    from recurate.paper_checks.evidence.gathering.sampled import ERROR_RATE

    return ERROR_RATE * sum(e.kind == "sampled" for r in results for e in r.evidence)


def results_json(results: Sequence[Result], *, seed: int, level: str) -> str:
    """Return the results as one JSON object; numbers that are not finite are null."""
    document = {
        "recurate": __version__,
        "level": level,
        "seed": seed,
        "false_alarm_rate": false_alarm_rate(results),
        "results": [_result_dict(result) for result in results],
    }
    return as_json(document) + "\n"


def _result_dict(result: Result) -> dict[str, Any]:
    return {
        "id": result.statement.id,
        "title": result.statement.title,
        "kind": result.statement.kind,
        "verdict": result.verdict,
        "expected": result.statement.expected,
        "established": result.established,
        "formal_scope": scope_of(result.statement) or None,
        "evidence": {evidence.kind: _evidence_dict(evidence) for evidence in result.evidence},
        "mutants": {
            "killed": len(result.mutants) - len(result.survivors),
            "total": len(result.mutants),
            "claims": [
                {
                    "claim": outcome.claim,
                    "refuted_by": outcome.kind,
                    "witness": _witness_dict(outcome.witness),
                }
                for outcome in result.mutants
            ],
        },
    }


def _evidence_dict(evidence: Evidence) -> dict[str, Any]:
    return {
        "verdict": evidence.verdict,
        "cases": evidence.cases,
        "nontrivial": evidence.nontrivial,
        "undecided": evidence.undecided,
        "least_margin": finite_or_none(evidence.least_margin),
        "attained": evidence.attained,
        "tried": evidence.tried,
        "allowance": evidence.allowance,
        "seed": evidence.seed,
        "seconds": evidence.seconds,
        "witness": _witness_dict(evidence.witness),
        "cause": evidence.cause or None,
        "error": evidence.error or None,
        "nearest": [_nearest_dict(near) for near in evidence.nearest],
    }


def _nearest_dict(near: Nearest) -> dict[str, Any]:
    candidates, mixing = near.place
    return {
        "K": None if candidates is None else CANDIDATES[candidates],
        "lam": None if mixing is None else MIXINGS[mixing],
        "cases": near.cases,
        "margin": finite_or_none(near.margin),
        "loop": near.loop or None,
        "where": near.where or None,
        "replay": near.replay or None,
    }


def _witness_dict(witness: Witness | None) -> dict[str, str] | None:
    return None if witness is None else asdict(witness)


def hunt_json(found: Hunt) -> str:
    """Return what came of a hunt as one JSON object; infinities are the string "inf"."""
    loop = found.loop
    document = {
        "recurate": __version__,
        "id": found.conjecture,
        "verdict": found.verdict,
        "least_margin": found.least_margin,
        "certified_margin": found.ball or None,
        "least_share": found.least_share,
        "where": found.where,
        "loop": None
        if loop is None
        else {
            "rewards": loop.law.rewards.tolist(),
            "probs": loop.law.probs.tolist(),
            "K": loop.K,
            "lam": loop.lam,
            "steps": found.steps,
        },
        "evaluations": found.evaluations,
        "seconds": found.seconds,
        "seed": found.seed,
        "replay": found.replay,
        "note": found.note,
    }
    return as_json(document)


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
        "least_margin": finite_or_none(trial.least_margin),
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
    return as_json(document) + "\n"
