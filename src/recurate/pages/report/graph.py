"""What depends on what: results and the textbook theorems that they cite, in layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from xml.etree.ElementTree import Element

from markupsafe import Markup

from recurate.pages.svg import add, drawn, picture
from recurate.paper_checks.evidence.evidence import Established
from recurate.theory.catalogue import CHAPTERS
from recurate.theory.proving.citing import cited_theorem
from recurate.theory.statement import Statement


@dataclass(frozen=True)
class Node:
    """A result, or a textbook theorem.

    Attributes
    ----------
    name : str
        Its id, or the theorem's name.
    standing : str
        How far it is established; "textbook" for a theorem.
    says : str
        What it says, in a few words.
    href : str or None
        Where its page is.
    chapter : str
        The chapter in whose band it stands.
    """

    name: str
    standing: Established | str
    says: str
    href: str | None
    chapter: str


@dataclass(frozen=True)
class Graph:
    """Nodes by name, and the edges: what is used, what uses it, and in which way."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[tuple[str, str, str]] = field(default_factory=list)

    def before(self, name: str, *kinds: str) -> list[str]:
        """Return what leads to a node, by these kinds of edges."""
        return [start for start, end, kind in self.edges if end == name and kind in kinds]

    def after(self, name: str, *kinds: str) -> list[str]:
        """Return where a node leads to, by these kinds of edges."""
        return [end for start, end, kind in self.edges if start == name and kind in kinds]

    def rests_on(self, name: str) -> list[str]:
        """Return all results that a proof rests on, directly or not, in the order of the nodes."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            for other in self.before(waiting.pop(), "uses"):
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return [other for other in self.nodes if other in found]


def graph_of(
    statements: Iterable[Statement],
    standings: Mapping[str, Established],
    hrefs: Mapping[str, str],
) -> Graph:
    """Return the graph of some results.

    Parameters
    ----------
    statements : iterable of Statement
        The results, with all that they use.
    standings : mapping
        How far each is established, by its id.
    hrefs : mapping
        Where the pages of those that have one are.
    """
    graph = Graph()
    among = {statement.id: statement for statement in statements}
    for name, one in among.items():
        graph.nodes[name] = Node(name, standings[name], one.title, hrefs.get(name), one.chapter)
    for name, one in among.items():
        graph.edges.extend((used, name, "uses") for used in one.uses if used in among)
        graph.edges.extend((name, other, "implies") for other in one.implies if other in among)
        for step in one.proof.steps:
            theorem = cited_theorem(step.because)
            if theorem is None or (theorem.name, name, "cites") in graph.edges:
                continue
            says = f"{theorem.reference}: {theorem.words}"
            node = Node(theorem.name, "textbook", says, None, one.chapter)
            graph.nodes.setdefault(theorem.name, node)
            graph.edges.append((theorem.name, name, "cites"))
    return graph


_WIDTH, _HEIGHT, _GAP, _ROW, _HEADING, _MARGIN = 206, 24, 30, 32, 34, 12

_LONGEST = 29  # letters in a box


def graph_picture(graph: Graph) -> Markup:
    """Return the picture: a band for each chapter, and what is used to the left of its uses."""
    columns = _columns(graph)
    places: dict[str, tuple[float, float]] = {}
    bands: list[tuple[str, float]] = []
    y = 0.0
    for chapter in [*CHAPTERS, ""]:
        members = [node.name for node in graph.nodes.values() if node.chapter == chapter]
        if not members:
            continue
        bands.append((CHAPTERS.get(chapter, "Other claims"), y))
        top, rows = y + _HEADING, 0
        for name, (column, row) in _in_band(members, columns, graph).items():
            places[name] = (_MARGIN + column * (_WIDTH + _GAP), top + row * _ROW)
            rows = max(rows, row + 1)
        y = top + rows * _ROW + 8
    width = 2 * _MARGIN + (max(columns.values()) + 1) * (_WIDTH + _GAP) - _GAP
    label = "Graph of what depends on what; the list below the picture says the same in words."
    image = picture(width, y, label=label)
    image.set("role", "group")  # an image's links would not be told to who does not see them
    for n, (heading, begin) in enumerate(bands):
        end = bands[n + 1][1] if n + 1 < len(bands) else y
        fill = "band odd" if n % 2 else "band"
        add(image, "rect", class_=fill, x=0, y=begin, width=width, height=end - begin)
        add(image, "text", heading, class_="heading", x=_MARGIN, y=begin + 21)
    for edge in graph.edges:
        _draw_edge(image, edge, places)
    for name, (x, top) in places.items():
        _draw_node(image, graph.nodes[name], x, top)
    return drawn(image)


def _columns(graph: Graph) -> dict[str, int]:
    """Return the column of each node: one to the right of all that leads to it."""
    before = {name: graph.before(name, "uses", "cites", "implies") for name in graph.nodes}
    columns: dict[str, int] = {}
    for name in TopologicalSorter(before).static_order():
        columns[name] = 1 + max((columns[other] for other in before[name]), default=-1)
    return columns


def _in_band(
    members: list[str], columns: Mapping[str, int], graph: Graph
) -> dict[str, tuple[int, int]]:
    """Return column and row of each member of a band.

    What is linked to nothing has no column of its own, and fills places that are free.
    """
    taken: dict[int, int] = {}
    places = {}
    linked = {name for edge in graph.edges for name in edge[:2]}
    for name in (name for name in members if name in linked):
        column = columns[name]
        places[name] = (column, taken.get(column, 0))
        taken[column] = taken.get(column, 0) + 1
    everywhere = range(max(columns.values()) + 1)
    for name in (name for name in members if name not in linked):
        column = min(everywhere, key=lambda one: (taken.get(one, 0), one))
        places[name] = (column, taken.get(column, 0))
        taken[column] = taken.get(column, 0) + 1
    return places


def _draw_edge(
    image: Element, edge: tuple[str, str, str], places: Mapping[str, tuple[float, float]]
) -> None:
    start, end, kind = edge
    x, y = places[start][0] + _WIDTH, places[start][1] + _HEIGHT / 2
    to, down = places[end][0], places[end][1] + _HEIGHT / 2
    bend = max(_GAP, (to - x) / 2)
    path = f"M{x:.0f} {y:.0f}C{x + bend:.0f} {y:.0f} {to - bend:.0f} {down:.0f} {to:.0f} {down:.0f}"
    add(image, "path", class_=f"edge {kind}", d=path, data_from=start, data_to=end)


def _draw_node(image: Element, node: Node, x: float, y: float) -> None:
    parent = image
    if node.href is not None:
        parent = add(image, "a", href=node.href)
    shown = node.name if len(node.name) <= _LONGEST else f"{node.name[: _LONGEST - 1]}…"
    group = add(parent, "g", class_=f"node {node.standing}", data_name=node.name)
    add(group, "title", f"{node.name} ({node.standing}): {node.says}")
    add(group, "rect", x=x, y=y, width=_WIDTH, height=_HEIGHT, rx=5)
    add(group, "text", MARKS[node.standing], class_="mark", x=x + 7, y=y + 16)
    add(group, "text", shown, x=x + 21, y=y + 16)


MARKS = {"formal": "F", "proved": "P", "tried": "t", "open": "?", "refuted": "✗", "textbook": "§"}
"""Signs of how far a node is established: colours alone would not do for everyone."""
