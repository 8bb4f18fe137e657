"""The meaning of the symbols in a statement and its proof, read from their definitions.

The meaning of a symbol is the text below its definition; that of a function is the docstring of its
class. A symbol may have several uses (G is an indicator here and a density there), so the
statement's own module comes first, then the modules that it takes steps from, and last the shared
notation and the draws.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from types import ModuleType
from typing import Any

import sympy
from sympy.core.function import AppliedUndef, UndefinedFunction

from recurate.theory.language import draws, notation
from recurate.theory.language.means import Mean, Moment, PowerSum
from recurate.theory.language.special_functions import LogExcess
from recurate.theory.plain_text import moments_in_words, plain, words_for
from recurate.theory.statement import Statement

_PACKAGE = "recurate.theory"


def legend(statement: Statement) -> dict[Any, str]:
    """Return the meaning of each symbol and function that a statement and its proof contain.

    Returns
    -------
    dict
        From a symbol, or a function (at t, or with the simplest arguments that occur), to its
        meaning. The mean is left out: the statement's `law` says what it is over.
    """
    found: dict[Any, Any] = {}
    for atom in _atoms(statement):
        key = _key(atom)
        atom = _shown(atom)
        if key not in found or _simplicity(atom) < _simplicity(found[key]):
            found[key] = atom
    texts: dict[Any, str] = {}
    for module in modules(statement):
        for key, text in _documented(module).items():
            texts.setdefault(key, text)
    out = {found[key]: text for key, text in texts.items() if key in found}
    for key, atom in found.items():
        is_ours = not atom.is_Symbol and (key.__module__ or "").startswith(_PACKAGE)
        if key not in texts and is_ours and key not in (Mean, Moment):
            out[atom] = _MEANS.get(key) or _sentence(key.__doc__)
    return out


def legend_lines(
    meanings: Mapping[Any, str], law: str = "", names: Mapping[str, Any] | None = None
) -> list[str]:
    """Return a legend as lines, one for each meaning.

    Parameters
    ----------
    meanings : mapping
        From symbols and functions to their meanings.
    law : str
        The law that μ and V are mean and variance under (`Statement.bound_law`).
    names : mapping, optional
        ASCII names of symbols, put in brackets at the end of the line.
    """
    words = {symbol: name.name for symbol, name in moments_in_words(law).items()}
    typed = {symbol: name for name, symbol in (names or {}).items()}
    by_meaning: dict[str, list[Any]] = {}
    for symbol, meaning in meanings.items():
        by_meaning.setdefault(meaning, []).append(symbol)
    lines = []
    for meaning, symbols in by_meaning.items():
        letters = [plain(symbol) for symbol in symbols]
        shown = ", ".join(letters)
        says_name = meaning.startswith((f"{shown} = ", f"{shown}, "))
        spoken = "".join(f" = {words[symbol]}" for symbol in symbols if symbol in words)
        line = meaning if says_name else f"{shown}{spoken}: {meaning}"
        line += f" Here that law is {law}." if spoken else ""
        lines.append(line + "".join(f" [{typed[s]}]" for s in symbols if s in typed))
    return lines


def claim_legend(statement: Statement, *formulas: Any) -> dict[Any, str]:
    """Return the meanings of the symbols in some formulas, by the legend of their statement.

    Symbols that are not in that legend, or are from a statement outside the catalogue, have their
    meaning in the shared notation. Unknown ones are left out.
    """
    parts = {atom for formula in formulas for atom in _parts(formula)}
    atoms = {_key(a): _shown(a) for a in sorted(parts, key=_simplicity, reverse=True)}
    known: dict[Any, str] = {}
    if statement.module:
        known |= {_key(atom): text for atom, text in legend(statement).items()}
    for key, text in _documented(notation).items():
        known.setdefault(key, text)
    for key, atom in atoms.items():
        is_ours = not atom.is_Symbol and (key.__module__ or "").startswith(_PACKAGE)
        if is_ours and key not in (Mean, Moment):
            known.setdefault(key, _sentence(key.__doc__))
    return {atoms[key]: text for key, text in known.items() if key in atoms}


def word_lines(texts: Iterable[str], lines: Iterable[str] = ()) -> list[str]:
    """Return meanings of words such as p_ref, if some texts have them and a legend does not."""
    found, said = "\n".join((*texts, *lines)), tuple(lines)
    out = []
    for pattern, meaning in _WORDS.items():
        word = re.split("[:,]| =", meaning)[0]
        at_t = word.replace(")", "_t)")  # F(p_t) = … says what F is
        own = (f"{word}:", f"{word} =", f"{word},", f"{at_t} =")
        is_said = any(line.startswith(own) for line in said)
        if not is_said and re.search(rf"(?<![^\W_]){pattern}", found):
            out.append(meaning)
    return out


_WORDS = {
    r"w(?!\w)": "w = e^r: Weight of a sample, r its reward.",
    r"p_ref": "p_ref: Law of the reference, the real data.",
    r"p_0": "p_0: Law that the loop starts from.",
    r"p_(t|\{t)": "p_t: Law of the model's samples after t steps.",
    r"T(\(p|p,)": "T(p): Law of the winner of K candidates from p.",
    r"F(\(p|p,)": "F(p): Law after one more step of the loop, p_ref/(1+λ) + λ/(1+λ) T(p).",
    r"p_θ": "p_θ, model with the parameters θ; θ* are the best ones, and θt those after t steps.",
    r"p_data": "p_data: Law of the real data.",
    r"W1": "W1: Wasserstein distance of order 1.",
}
"""Words that occur in hypotheses and in the names of symbols, and are not symbols themselves."""


def meaning_of(symbol: Any) -> str:
    """Return what a symbol of the shared notation means."""
    return _documented(notation)[symbol]


_MEANS = {PowerSum: "Sum over the candidates k = 1, …, K, with g_k and w_k for G and W of each."}


def unexplained(statement: Statement) -> list[Any]:
    """Return the symbols and functions of a statement and its proof that are not explained."""
    explained = {_key(atom) for atom in legend(statement)} | {Mean, Moment}
    return [atom for atom in _atoms(statement) if _key(atom) not in explained]


def _atoms(statement: Statement) -> Iterator[Any]:
    """Yield the symbols and functions that need a meaning."""
    claims = (statement.claim, words_for(statement.claim, ""))  # which is printed in λ and K
    steps = (step.claim for step in statement.proof.steps)
    for part in (*claims, *statement.proof.supposed.values(), *steps):
        yield from _parts(part)


def _parts(formula: Any) -> Iterator[Any]:
    """Yield what needs a meaning in one formula."""
    sums = formula.atoms(sympy.Sum)
    indices = {index for total in sums for index in total.variables}
    for atom in sorted(formula.atoms(sympy.Symbol, sympy.Function), key=sympy.default_sort_key):
        is_textbook = (type(atom).__module__ or "").startswith("sympy.functions")
        is_textbook |= isinstance(atom, LogExcess)  # printed as x - log(1 + x)
        if not (is_textbook or atom in indices or atom in _SIDES):
            yield atom


def _shown(atom: Any) -> Any:
    """Return a function as the legend shows it: E_t w, not E_0 w."""
    if atom.is_Symbol or isinstance(atom, Moment | PowerSum):
        return atom
    is_at_step = isinstance(atom, notation.AtStep) or atom.args[0].is_Integer
    return atom.func(notation.t, *atom.args[1:]) if is_at_step else atom


def _key(atom: Any) -> Any:
    return atom if atom.is_Symbol else type(atom)


_SIDES = (sympy.Symbol("+"), sympy.Symbol("-"))  # of a limit


def modules(statement: Statement) -> list[ModuleType]:
    """Return the modules whose symbols a statement uses: its own one first."""
    own = importlib.import_module(statement.module)
    order = [own]
    for module in order:  # grows
        order += [taken for taken in _taken(module) if taken not in order]
    shared = [notation, draws]
    return [module for module in order if module not in shared] + shared


@cache
def _taken(module: ModuleType) -> tuple[ModuleType, ...]:
    """Return the modules of results and of notation that a module imports."""
    return tuple(_imported(module))


def _imported(module: ModuleType) -> Iterator[ModuleType]:
    for node in ast.parse(inspect.getsource(module)).body:
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith(_PACKAGE):
            continue
        source = importlib.import_module(str(node.module))
        named = [getattr(source, alias.name, None) for alias in node.names]  # None for *
        taken = [value for value in named if isinstance(value, ModuleType)] or [source]
        yield from (each for each in taken if ".proving" not in each.__name__)


@cache
def _documented(module: ModuleType) -> dict[Any, str]:
    """Return the texts below a module's definitions of symbols and unknown functions."""
    texts: dict[Any, str] = {}
    for node, below in pairwise(ast.parse(inspect.getsource(module)).body):
        if not (
            isinstance(node, ast.Assign)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            continue
        for name in ast.walk(node.targets[0]):
            value = getattr(module, name.id) if isinstance(name, ast.Name) else None
            key = value.func if isinstance(value, AppliedUndef) else value
            if isinstance(key, sympy.Symbol | UndefinedFunction):
                texts[key] = _sentence(below.value.value)
    return texts


def _sentence(text: str | None) -> str:
    """Return a docstring's first paragraph on one line."""
    return " ".join((text or "").split("\n\n")[0].split())


@cache
def _simplicity(atom: Any) -> tuple[int, str]:
    return int(sympy.count_ops(atom)), str(atom)
