"""Where the pages of a report are in its folder."""

from __future__ import annotations

from collections.abc import Iterable


def paths(names: Iterable[str]) -> list[str]:
    """Return the paths of the pages of a report about these results."""
    return ["index.html", "graph.html", *map(path_of, names)]


def path_of(name: str) -> str:
    """Return the path of a result's page."""
    return f"results/{name}.html"
