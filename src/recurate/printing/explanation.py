"""`recurate list` and `recurate explain`: statements and their proofs for people and programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import sympy
from rich.console import Console
from rich.padding import Padding
from rich.text import Text
from sympy.printing.latex import LatexPrinter

from recurate.errors import InputError
from recurate.paper_checks.evidence.evidence import ESTABLISHED, Established
from recurate.paper_checks.evidence.manifest import (
    FormalTheorem,
    StaleManifestError,
    formal_theorems,
    read_manifest,
)
from recurate.paper_checks.evidence.proof_cache import CheckedProof, CheckedStep
from recurate.paper_checks.evidence.standing import established_in_words, scope_of, standing
from recurate.theory.language import notation
from recurate.theory.legend import legend, legend_lines, meaning_of, word_lines
from recurate.theory.plain_text import OneDraw, from_code, in_words, plain
from recurate.theory.proving.citing import Theorem, cited_theorem
from recurate.theory.proving.proof import Step
from recurate.theory.source import Source
from recurate.theory.statement import Statement

_MARKS = {
    "verified": Text("verified", "green"),
    "cited": Text("cited   ", "yellow"),
    "failed": Text("FAILED  ", "bold red"),
}

_LEVELS: dict[Established, str] = {
    "formal": "green",
    "proved": "green",
    "tried": "yellow",
    "open": "yellow",
    "refuted": "bold red",
}


class _TypesetPrinter(OneDraw, LatexPrinter):  # type: ignore[misc, unused-ignore]
    """Formulas in LaTeX."""


def latex(expression: Any) -> str:
    """Return a formula in LaTeX."""
    if isinstance(expression, sympy.Implies):
        premise, conclusion = expression.args
        return rf"{latex(premise)} \;\Rightarrow\; {latex(conclusion)}"
    text: str = _TypesetPrinter().doprint(expression)
    return text


_KINDS = {
    "paper": "as the paper states it, whose text was read",
    "reported": "the paper's, as others restate it: its own text was not read",
    "sharpened": "a result of the paper with a better bound",
    "ours": "a result of this project",
    "conjecture": "not proved",
}


def print_list(
    statements: Iterable[Statement], levels: Mapping[str, Established], console: Console
) -> None:
    """Print the statements: who claims each, how far it is established, hypotheses and source.

    Parameters
    ----------
    statements : iterable of Statement
        What to print.
    levels : mapping
        How far each is established, by its id.
    console : Console
        Where to print.
    """
    found = []
    for statement in statements:
        level = levels[statement.id]
        found.append((statement.kind, level))
        _say(
            console,
            Text.assemble((statement.id, "bold"), f"  {statement.kind}, ", (level, _LEVELS[level])),
        )
        _say(console, statement.title, 2)
        for hypothesis in statement.hypotheses:
            _say(console, f"if {hypothesis.text}", 4, "dim")
        _say(console, str(statement.source), 2, "dim")
        if isinstance(statement.source, Source):
            _say(console, statement.source.summary, 4, "dim")
    kinds, reached = ({pair[i] for pair in found} for i in (0, 1))
    for words, meanings in ((kinds, _KINDS), (reached, ESTABLISHED)):
        for word, meaning in meanings.items():
            if word in words:
                _say(console, f"{word}: {meaning}", style="dim")
    _say(console, "recurate explain ID shows a proof, recurate check ID the evidence.", style="dim")


def _say(console: Console, text: str | Text, indent: int = 0, style: str = "") -> None:
    content = text if isinstance(text, Text) else Text(text)
    content.stylize(style)
    console.print(Padding(content, (0, 0, 0, indent), expand=False))


def list_json(statements: Iterable[Statement], levels: Mapping[str, Established]) -> str:
    """Return the statements, and how far each is established, as a JSON list."""
    return json.dumps(
        [
            {
                "id": statement.id,
                "label": statement.label,
                "title": statement.title,
                "kind": statement.kind,
                **_standing_json(statement, levels[statement.id]),
                "hypotheses": [hypothesis.text for hypothesis in statement.hypotheses],
                "claim": in_words(statement.claim, statement.bound_law),
            }
            for statement in statements
        ],
        indent=2,
        ensure_ascii=False,
    )


def _standing_json(statement: Statement, level: Established) -> dict[str, Any]:
    source = statement.source
    return {
        "established": level,
        "formal_scope": scope_of(statement) or None,
        "source": str(source),
        "provenance": asdict(source) if isinstance(source, Source) else None,
    }


def print_explanation(statement: Statement, proof: CheckedProof, console: Console) -> None:
    """Print a statement, its hypotheses and its proof, with the state of each step."""
    say = partial(_say, console)
    say(f"{statement.label}: {statement.title}", style="bold")
    say(f"{statement.source} ({statement.kind})", style="dim")
    if isinstance(statement.source, Source):
        say(statement.source.provenance, 2, "dim")
    level = standing(statement, proof)
    say(established_in_words(statement, level, is_proved=proof.is_complete), style=_LEVELS[level])
    for hypothesis in statement.hypotheses:
        say(Text.assemble(f"if {hypothesis.text} ", (f"[{hypothesis.name}]", "dim")), 2)
    say(f"then {in_words(statement.claim, statement.bound_law)}", 2, "bold")
    for title, lines in (
        ("Symbols", _symbol_lines(statement)),
        ("Equality", statement.equality_cases),
        ("K = inf", (statement.infinite_candidates,) if statement.infinite_candidates else ()),
        ("Uses", statement.uses),
        ("Remarks", statement.remarks),
        ("To try it with another bound, or without a hypothesis", _ways_to_alter(statement)),
    ):
        if lines:
            say("")
            say(title, style="bold")
            for line in lines:
                say(line, 2)
    for number, theorem in enumerate(_formal(statement)):
        say("")
        if number == 0:
            say(f"In Rocq, checked by {read_manifest().checker}", style="bold")
        say(f"{theorem.theorem} (proofs/{theorem.file}; {_axioms(theorem)})", 2)
        say(theorem.statement, 4, "cyan")
    if not statement.proof.steps:
        say("")
        is_proved = statement.kind != "conjecture"
        known = f"The proof is in prose ({statement.source})" if is_proved else "No proof is known"
        say(f"{known}; evidence for it comes from recurate check.")
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
        say(f"by {_described(step)}", 3, "dim")
        cited = cited_theorem(step.because)
        if cited is not None and cited.name not in told:
            told.add(cited.name)
            say(f"which says: {cited.words}", 3, "yellow")
        if outcome.citations and outcome.state == "verified":
            say(f"rests on what is cited in {', '.join(outcome.citations)}", 3, "yellow")
        if outcome.reason:
            say(f"failed: {outcome.reason}", 3, "bold red")


def _formal(statement: Statement) -> tuple[FormalTheorem, ...]:
    """Return what Rocq checked of a statement; never what it has not."""
    try:
        return formal_theorems(statement.id)
    except StaleManifestError as error:
        raise InputError(f"the formal proofs are {error}") from error


def _axioms(theorem: FormalTheorem) -> str:
    return f"axioms: {', '.join(theorem.axioms) or 'none'}"


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


def _ways_to_alter(statement: Statement) -> list[str]:
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


def _described(step: Step) -> str:
    return from_code(step.because.describe())


def _tally(proof: CheckedProof) -> str:
    parts = [f"{proof.count(state)} {state}" for state in ("verified", "cited", "failed")]
    seconds = sum(step.seconds for step in proof.steps)
    return f"{', '.join(part for part in parts if not part.startswith('0 '))}; {seconds:.2f} s"


def explanation_json(statement: Statement, proof: CheckedProof) -> str:
    """Return a statement and its checked proof as a JSON object."""
    return json.dumps(
        {
            "id": statement.id,
            "title": statement.title,
            "kind": statement.kind,
            **_standing_json(statement, standing(statement, proof)),
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
            "remarks": list(statement.remarks),
            "given": {label: plain(premise) for label, premise in statement.proof.supposed.items()},
            "steps": [
                _step_json(step, outcome)
                for step, outcome in zip(statement.proof.steps, proof.steps, strict=True)
            ],
            "formal": [
                {**asdict(theorem), "checker": read_manifest().checker}
                for theorem in _formal(statement)
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def _theorem_json(theorem: Theorem) -> dict[str, str]:
    return {"name": theorem.name, "reference": theorem.reference, "says": theorem.words}


def _step_json(step: Step, outcome: CheckedStep) -> dict[str, Any]:
    theorem = cited_theorem(step.because)
    return {
        "label": step.label,
        "claim": plain(step.claim),
        "text": step.text,
        "because": _described(step),
        "theorem": None if theorem is None else _theorem_json(theorem),
        "state": outcome.state,
        "seconds": outcome.seconds,
        "reason": outcome.reason or None,
        "rests_on_citations": list(outcome.citations),
    }


def explanation_latex(statement: Statement, proof: CheckedProof) -> str:
    r"""Return a statement and its proof as a LaTeX fragment, for a document that uses amsmath."""
    lines = [
        rf"% recurate explain {statement.id}; needs \usepackage{{amsmath,amssymb}}",
        rf"\paragraph{{{_escaped(statement.label)}.}} {_escaped(statement.title)}"
        rf" ({_escaped(str(statement.source))}).",
    ]
    if statement.hypotheses:
        lines.append(r"\begin{itemize}")
        lines += [rf"  \item {_escaped(hypothesis.text)}" for hypothesis in statement.hypotheses]
        lines.append(r"\end{itemize}")
    lines += [r"Then", rf"\[ {latex(statement.claim)} \]", "Here", r"\begin{itemize}"]
    lines += [
        rf"  \item \( {latex(symbol)} \): {_escaped(meaning)}"
        for symbol, meaning in legend(statement).items()
    ]
    if statement.law:
        lines.append(rf"  \item \( \mathbb{{E}}[\dots] \): mean {_escaped(statement.law)}.")
    lines.append(r"\end{itemize}")
    if statement.infinite_candidates:
        lines.append(rf"For \( K = \infty \): {_escaped(statement.infinite_candidates)}.")
    if statement.proof.steps:
        lines += [r"\emph{Proof.} Given are", r"\begin{itemize}"]
        lines += [
            rf"  \item {_escaped(label)}: \( {latex(premise)} \)"
            for label, premise in statement.proof.supposed.items()
        ]
        lines += [r"\end{itemize}", r"\begin{enumerate}"]
        for step, outcome in zip(statement.proof.steps, proof.steps, strict=True):
            name, text = _escaped(step.label), _escaped(step.text)
            lines += [
                rf"  \item \emph{{{name}}} ({outcome.state}): {text}",
                rf"    \[ {latex(step.claim)} \]",
            ]
        lines.append(r"\end{enumerate}")
    lines += _formal_latex(statement)
    return "\n".join(lines) + "\n"


def _formal_latex(statement: Statement) -> list[str]:
    """Return the theorems in Rocq, each as it is printed there."""
    lines = []
    for theorem in _formal(statement):
        name = _escaped(f"{theorem.theorem} (proofs/{theorem.file}; {_axioms(theorem)})")
        lines += [
            rf"\par In Rocq, checked by {_escaped(read_manifest().checker)}: {name}",
            r"\begin{verbatim}",
            theorem.statement,
            r"\end{verbatim}",
        ]
    return lines


_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "varepsilon",
    "θ": "theta",
    "κ": "kappa",
    "λ": "lambda",
    "μ": "mu",
    "ν": "nu",
    "ρ": "rho",
    "σ": "sigma",
    "τ": "tau",
    "φ": "varphi",
    "Δ": "Delta",
    "Σ": "Sigma",
    "Ψ": "Psi",
    "Θ": "Theta",
    "Φ": "Phi",
}

_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<=": r"\(\le\)", ">=": r"\(\ge\)", "<": r"\(<\)", ">": r"\(>\)", "*": r"\(*\)",
    "∞": r"\(\infty\)", "∫": r"\(\int\)", "→": r"\(\to\)", "‖": r"\(\|\)", "·": r"\(\cdot\)",
    "–": "--", "²": r"\({}^2\)", "…": r"\dots{}", "≤": r"\(\le\)", "≥": r"\(\ge\)",
} | {letter: rf"\(\{name}\)" for letter, name in _GREEK.items()}  # fmt: skip


def _escaped(text: str) -> str:
    """Return plain text as LaTeX: special characters escaped, Greek letters as mathematics."""
    pattern = sorted(_TEX, key=len, reverse=True)
    out, i = [], 0
    while i < len(text):
        token = next((t for t in pattern if text.startswith(t, i)), text[i])
        out.append(_TEX.get(token, token))
        i += len(token)
    return "".join(out)
