"""What a function's results depend on in this package's code, as one hash for each source file.

A table of data is computed again when code has changed that could change it. That is the function,
what it uses of its own module, and every module of the package that these import, directly or not.
The rest of the function's own module does not count, so that a label can be moved without training
models again. Comments, docstrings and line breaks do not count either.

Names are followed as they are written. An import whose name is put together at run time is missed.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

_PACKAGE = "recurate"
_ROOT = Path(__file__).parents[2]  # of figures/: through the link, the folder of the package


def code_of(function: Callable[..., Any]) -> dict[str, str]:
    """Return the hash of each source that a function's results may depend on.

    Parameters
    ----------
    function : callable
        Defined at the top of a module, of this package or not.

    Returns
    -------
    dict
        From a file's path in the package (or its name, if the function lies elsewhere) to the
        hash of its code. Of the function's own module only the part that it uses is hashed.
    """
    path = Path(inspect.getfile(function))
    statements = _used(_parsed(path), function.__name__)
    hashes = {_label(path): _hash(statements)}
    waiting = [module for statement in statements for module in _imported(statement)]
    while waiting:
        other = waiting.pop()
        if _label(other) not in hashes:
            hashes[_label(other)], imports = _whole(other)
            waiting += imports
    return dict(sorted(hashes.items()))


@lru_cache(maxsize=512)
def _whole(path: Path) -> tuple[str, tuple[Path, ...]]:
    """Return the hash of a module, and the modules that it imports."""
    body = _parsed(path)
    return _hash(body), tuple(module for statement in body for module in _imported(statement))


def _used(body: list[ast.stmt], name: str) -> list[ast.stmt]:
    """Return the statements of a module that one of its names depends on, or that bind no name."""
    binding: dict[str, list[int]] = {}
    unbound = set()
    for number, statement in enumerate(body):
        names = set(_bound(statement))
        for bound in names:
            binding.setdefault(bound, []).append(number)
        if not names:
            unbound.add(number)
    used, waiting = set(unbound), [name]
    waiting += [n for number in unbound for n in _names(body[number])]
    while waiting:
        for number in binding.pop(waiting.pop(), []):
            if number not in used:
                used.add(number)
                waiting += _names(body[number])
    return [body[number] for number in sorted(used)]


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement at the top of a module binds."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        for alias in statement.names:
            yield alias.asname or alias.name.split(".")[0]
    else:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id


def _names(statement: ast.stmt) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def _imported(statement: ast.stmt) -> Iterator[Path]:
    """Yield the files of the package's modules that a statement imports, at any depth in it."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Import):
            names = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [(node.module or "", alias.name) for alias in node.names]
        else:
            continue
        for module, name in names:
            if module.split(".")[0] == _PACKAGE:
                path = _file(f"{module}.{name}") or _file(module)
                if path is not None:
                    yield path


def _file(module: str) -> Path | None:
    base = _ROOT.joinpath(*module.split(".")[1:])
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


def _label(path: Path) -> str:
    return path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else path.name


def _parsed(path: Path) -> list[ast.stmt]:
    return _statements(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def _statements(text: str) -> list[ast.stmt]:
    """Return a module's statements without docstrings and other bare strings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [s for s in node.body if not _is_words(s)] or [ast.Pass()]
    return [part for statement in tree.body for part in _parts(statement)]


def _parts(statement: ast.stmt) -> Iterator[ast.stmt]:
    """Yield an import of each name by itself, and other statements as they are."""
    if isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            yield ast.ImportFrom(statement.module, [alias], statement.level)
    else:
        yield statement


def _is_words(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _hash(statements: list[ast.stmt]) -> str:
    text = "\n".join(ast.unparse(statement) for statement in statements)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
