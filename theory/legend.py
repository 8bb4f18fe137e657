"""What the symbols in a statement and its proof mean, read from where they are defined.

A symbol's meaning is the text below its definition, and a function's the docstring of its class. A
statement's own module comes first, so that a symbol of several uses (G, an indicator here and a
density there) means what that module says; then the modules that it takes steps from; then the
shared notation and the draws.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from types import ModuleType
from typing import Any

import sympy
from sympy.core.function import AppliedUndef, UndefinedFunction

from recurate.theory import draws, notation
from recurate.theory.optimal_divergence import LogExcess
from recurate.theory.proving.means import Mean, Moment, PowerSum
from recurate.theory.statement import Statement

_PACKAGE = "recurate.theory."


def legend(statement: Statement) -> dict[Any, str]:
    """Return the meaning of each symbol and function that a statement and its proof contain.

    Returns
    -------
    dict
        From a symbol, or a function as it occurs (with the simplest arguments), to its meaning. The
        mean has none: what it is over says the statement's `law`.
    """
    found: dict[Any, Any] = {}
    for atom in _atoms(statement):
        key = _key(atom)
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


_MEANS = {PowerSum: "Sum over the candidates k = 1, …, K, with g_k and w_k for G and W of each."}


def unexplained(statement: Statement) -> list[Any]:
    """Return the symbols and functions of a statement and its proof that have no meaning."""
    explained = {_key(atom) for atom in legend(statement)} | {Mean, Moment}
    return [atom for atom in _atoms(statement) if _key(atom) not in explained]


def _atoms(statement: Statement) -> Iterator[Any]:
    """Yield the symbols and functions that need a meaning."""
    steps = (step.claim for step in statement.proof.steps)
    for part in (statement.claim, *statement.proof.supposed.values(), *steps):
        sums = part.atoms(sympy.Sum)
        indices = {index for total in sums for index in total.variables}
        for atom in part.atoms(sympy.Symbol, sympy.Function):
            is_textbook = (type(atom).__module__ or "").startswith("sympy.functions")
            is_textbook |= isinstance(atom, LogExcess)  # printed as x - log(1 + x)
            if not (is_textbook or atom in indices or atom in _SIDES):
                yield atom


def _key(atom: Any) -> Any:
    return atom if atom.is_Symbol else type(atom)


_SIDES = (sympy.Symbol("+"), sympy.Symbol("-"))  # of a limit


def modules(statement: Statement) -> list[ModuleType]:
    """Return the modules whose symbols a statement uses: its own one first."""
    own = importlib.import_module(_PACKAGE + re.sub(r"[-.]", "_", statement.id))
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
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(_PACKAGE):
            if not node.module.startswith(_PACKAGE + "proving"):
                yield importlib.import_module(node.module)
        elif isinstance(node, ast.ImportFrom) and node.module == _PACKAGE.rstrip("."):
            yield from (importlib.import_module(_PACKAGE + alias.name) for alias in node.names)


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


def _simplicity(atom: Any) -> tuple[int, str]:
    return int(sympy.count_ops(atom)), str(atom)
