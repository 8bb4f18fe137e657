"""Statements and their proofs in LaTeX."""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy

from recurate.paper_checks.evidence.manifest import read_manifest
from recurate.paper_checks.evidence.proof_cache import CheckedProof
from recurate.printing.formal import axioms, rocq_theorems
from recurate.printing.typeset import TypesetPrinter
from recurate.theory.legend import legend
from recurate.theory.statement import Statement


@cache  # a proof has the same formulas again and again
def latex(expression: Any) -> str:
    """Return a formula in LaTeX."""
    if isinstance(expression, sympy.Implies):
        premise, conclusion = expression.args
        return rf"{latex(premise)} \;\Rightarrow\; {latex(conclusion)}"
    text: str = TypesetPrinter().doprint(expression)
    return text


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
    for theorem in rocq_theorems(statement):
        name = _escaped(f"{theorem.theorem} (proofs/{theorem.file}; {axioms(theorem)})")
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
    "η": "eta",
    "κ": "kappa",
    "λ": "lambda",
    "μ": "mu",
    "ν": "nu",
    "π": "pi",
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
