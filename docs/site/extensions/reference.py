"""The directive `reference`: what a list of names has in its docstrings, after a table of them."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class Reference(SphinxDirective):
    """Names, one a line: classes, functions, values, or modules, of which all public names."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the table and the entries."""
        given = [line.strip() for line in self.content]
        names = [full for name in given for full in _public(name)]
        modules = [
            line
            for name in given
            if inspect.ismodule(_resolved(name))
            for line in (f".. py:module:: {name}", "")
        ]
        table = [".. autosummary::", "   :nosignatures:", "", *(f"   ~{name}" for name in names)]
        entries = [line for name in names for line in (f".. {_directive(name)}:: {name}", "")]
        return self.parse_text_to_nodes(
            "\n".join(["```{eval-rst}", *table, "", *entries, *modules, "```"])
        )


def _public(name: str) -> list[str]:
    found = _resolved(name)
    if not inspect.ismodule(found):
        return [name]
    return [f"{name}.{one}" for one in found.__all__ if not isinstance(getattr(found, one), str)]


def _directive(name: str) -> str:
    found = _resolved(name)
    if isinstance(found, type):
        return "autoexception" if issubclass(found, BaseException) else "autoclass"
    return "autofunction" if callable(found) else "autodata"


def _resolved(name: str) -> Any:
    """Return the module of the name, or the attribute of a module."""
    home, _, last = name.rpartition(".")
    module = importlib.import_module(home)
    return getattr(module, last) if hasattr(module, last) else importlib.import_module(name)


MARK = re.compile(r"(`+).+?\1|(?P<mark>\||(?<=\w)_(?!\w))")


def _plain(*event: Any) -> None:
    """Keep |x| and F_ of a docstring as they are: they would mark references outside of code."""
    lines = event[-1]
    for i, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            lines[i] = MARK.sub(
                lambda found: rf"\{found[0]}" if len(found[0]) == 1 else found[0], line
            )


def setup(app: Any) -> dict[str, Any]:
    """Add the directive."""
    app.connect("autodoc-process-docstring", _plain, priority=400)  # before numpydoc
    app.add_directive("reference", Reference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
