"""`recurate explain`: a statement and its proof, for people and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

from rich.console import Console
from rich.text import Text

from recurate.paper_checks.evidence.manifest import read_manifest
from recurate.paper_checks.evidence.proof_cache import CheckedProof, CheckedStep
from recurate.paper_checks.evidence.standing import established_in_words, standing
from recurate.printing.as_json import as_json
from recurate.printing.chapters import titled
from recurate.printing.formal import axioms, rocq_theorems
from recurate.printing.results_list import standing_entries
from recurate.printing.words import ESTABLISHED_STYLES
from recurate.printing.words import say as print_text
from recurate.theory.language import notation
from recurate.theory.legend import legend, legend_lines, meaning_of, word_lines
from recurate.theory.plain_text import from_code, in_words, plain
from recurate.theory.proving.citing import Theorem, cited_theorem
from recurate.theory.proving.proof import Step
from recurate.theory.source import Source
from recurate.theory.statement import Statement

_MARKS = {
    "verified": Text("verified", "green"),
    "cited": Text("cited   ", "yellow"),
    "failed": Text("FAILED  ", "bold red"),
}


def print_explanation(statement: Statement, proof: CheckedProof, console: Console) -> None:
    """Print a statement, its hypotheses and its proof, with the state of each step."""
    say = partial(print_text, console)
    say(f"{statement.label}: {titled(statement)}", style="bold")
    say(f"{statement.source} ({statement.kind})", style="dim")
    if isinstance(statement.source, Source):
        say(statement.source.provenance, 2, "dim")
    level = standing(statement, proof)
    say(
        established_in_words(statement, level, is_proved=proof.is_complete),
        style=ESTABLISHED_STYLES[level],
    )
    for hypothesis in statement.hypotheses:
        say(Text.assemble(f"if {hypothesis.text} ", (f"[{hypothesis.name}]", "dim")), 2)
    say(f"then {in_words(statement.claim, statement.bound_law)}", 2, "bold")
    for title, lines in (
        ("Symbols", _symbol_lines(statement)),
        ("Equality", statement.equality_cases),
        ("K = inf", (statement.infinite_candidates,) if statement.infinite_candidates else ()),
        ("Uses", statement.uses),
        ("Implies", statement.implies),
        ("Remarks", statement.remarks),
        ("To try it with another bound, or without a hypothesis", ways_to_alter(statement)),
    ):
        if lines:
            say("")
            say(title, style="bold")
            for line in lines:
                say(line, 2)
    for number, theorem in enumerate(rocq_theorems(statement)):
        say("")
        if number == 0:
            say(f"In Rocq, checked by {read_manifest().checker}", style="bold")
        say(f"{theorem.theorem} (proofs/{theorem.file}; {axioms(theorem)})", 2)
        say(theorem.statement, 4, "cyan")
    if not statement.proof.steps:
        say("")
        say(without_steps(statement))
        return
    say("")
    say("Given", style="bold")
    for label, premise in statement.proof.supposed.items():
        say(f"{label}: {plain(premise)}", 2)
    say("")
    cached = ", from the cache" if proof.from_cache else ""
    say(f"Proof ({_tally(proof)}{cached})", style="bold")
    told = set()
    for number, (step, outcome) in enumerate(zip(statement.proof.steps, proof.steps, strict=True)):
        say(Text.assemble(f"{number + 1}. ", _MARKS[outcome.state], f" {step.label}"), 0)
        say(plain(step.claim), 3, "cyan")
        say(step.text, 3)
        say(f"by {described(step)}", 3, "dim")
        cited = cited_theorem(step.because)
        if cited is not None and cited.name not in told:
            told.add(cited.name)
            say(f"which says: {cited.words}", 3, "yellow")
        if outcome.citations and outcome.state == "verified":
            say(f"rests on what is cited in {', '.join(outcome.citations)}", 3, "yellow")
        if outcome.reason:
            say(f"failed: {outcome.reason}", 3, "bold red")


def without_steps(statement: Statement) -> str:
    """Return what stands for the proof of a statement that has none in steps."""
    if statement.expected == "refuted":
        return f"It is false: recurate check {statement.id} finds a loop that breaks it."
    if statement.kind == "conjecture":
        known = "No proof is known"
    elif statement.kind == "literature":
        known = f"Why it holds: docs/mathematics.md, {statement.id}"
    else:
        known = f"The proof is in prose ({statement.source})"
    return f"{known}; evidence for it comes from recurate check."


def _symbol_lines(statement: Statement) -> list[str]:
    names = bound_names(statement)
    meanings = {symbol: meaning_of(symbol) for symbol in names.values()} | legend(statement)
    lines = legend_lines(meanings, statement.bound_law, names)
    lines += [f"E[…]: mean {statement.law}."] if statement.law else []
    claim = in_words(statement.claim, statement.bound_law)
    return [*lines, *word_lines((claim, *(h.text for h in statement.hypotheses)), lines)]


def bound_names(statement: Statement) -> dict[str, Any]:
    """Return the symbols that another bound of a statement may have, by their ASCII names."""
    from recurate.paper_checks.catalogue import CHECKS

    if statement.bound is None or statement.id not in CHECKS:
        return {}
    return {name: notation.NAMES[name] for name in CHECKS[statement.id].names}


def ways_to_alter(statement: Statement) -> list[str]:
    """Return the options of `recurate check` that alter this statement."""
    lines = []
    if bound_names(statement):
        lines.append(
            f"recurate check {statement.id} --bound FORMULA, where FORMULA may have bound (the "
            "bound above) and the names in brackets above: 'bound/2', say"
        )
    for hypothesis in statement.hypotheses:
        lines.append(f"recurate check {statement.id} --without {hypothesis.name}")
    return lines


def described(step: Step) -> str:
    """Return how a step follows, in words."""
    return from_code(step.because.describe())


def _tally(proof: CheckedProof) -> str:
    parts = [f"{proof.count(state)} {state}" for state in ("verified", "cited", "failed")]
    seconds = sum(step.seconds for step in proof.steps)
    return f"{', '.join(part for part in parts if not part.startswith('0 '))}; {seconds:.2f} s"


def explanation_json(statement: Statement, proof: CheckedProof) -> str:
    """Return a statement and its checked proof as a JSON object."""
    return as_json(
        {
            "id": statement.id,
            "title": statement.title,
            "kind": statement.kind,
            **standing_entries(statement, standing(statement, proof)),
            "claim": in_words(statement.claim, statement.bound_law),
            "symbols": {plain(symbol): meaning for symbol, meaning in legend(statement).items()},
            "names": {name: plain(symbol) for name, symbol in bound_names(statement).items()},
            "law": statement.law or None,
            "bound_law": statement.bound_law or None,
            "hypotheses": [hypothesis.text for hypothesis in statement.hypotheses],
            "hypothesis_names": [hypothesis.name for hypothesis in statement.hypotheses],
            "infinite_candidates": statement.infinite_candidates or None,
            "equality_cases": list(statement.equality_cases),
            "uses": list(statement.uses),
            "implies": list(statement.implies),
            "expected": statement.expected,
            "remarks": list(statement.remarks),
            "given": {label: plain(premise) for label, premise in statement.proof.supposed.items()},
            "steps": [
                _step_json(step, outcome)
                for step, outcome in zip(statement.proof.steps, proof.steps, strict=True)
            ],
            "formal": [
                {**asdict(theorem), "checker": read_manifest().checker}
                for theorem in rocq_theorems(statement)
            ],
        },
    )


def _theorem_json(theorem: Theorem) -> dict[str, str]:
    return {"name": theorem.name, "reference": theorem.reference, "says": theorem.words}


def _step_json(step: Step, outcome: CheckedStep) -> dict[str, Any]:
    theorem = cited_theorem(step.because)
    return {
        "label": step.label,
        "claim": plain(step.claim),
        "text": step.text,
        "because": described(step),
        "theorem": None if theorem is None else _theorem_json(theorem),
        "state": outcome.state,
        "seconds": outcome.seconds,
        "reason": outcome.reason or None,
        "rests_on_citations": list(outcome.citations),
    }
