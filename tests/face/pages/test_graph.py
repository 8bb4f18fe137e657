"""The graph of what depends on what, and the pictures of margins."""

from fractions import Fraction

import pytest

from recurate.pages.report.graph import Graph, Node, graph_of, graph_picture
from recurate.pages.report.margins import (
    cell_in_words,
    margins_picture,
    other_ranges,
    place_in_words,
    shade,
    short,
)
from recurate.pages.report.report import Report
from recurate.pages.svg import add, drawn, number, picture
from recurate.paper_checks.evidence.evidence import Evidence
from recurate.paper_checks.evidence.nearest import Nearest, Place
from recurate.theory.catalogue import STATEMENTS
from recurate.theory.proving.citing import cited_theorem

from .inspected import parsed


def tree_of(markup):
    return parsed(f'<!DOCTYPE html>\n<html lang="en">{markup}</html>')


@pytest.fixture(scope="module")
def graph():
    standings = dict.fromkeys(STATEMENTS, "proved") | {"lemma-2.1": "tried"}
    return graph_of(STATEMENTS.values(), standings, {"theorem-2.3": "results/theorem-2.3.html"})


def test_edges_are_what_is_used_implied_and_cited(graph):
    wanted = set()
    for name, one in STATEMENTS.items():
        wanted |= {(used, name, "uses") for used in one.uses}
        wanted |= {(name, other, "implies") for other in one.implies}
        theorems = (cited_theorem(step.because) for step in one.proof.steps)
        wanted |= {(theorem.name, name, "cites") for theorem in theorems if theorem is not None}
    assert len(graph.edges) == len(set(graph.edges))
    assert set(graph.edges) == wanted
    assert set(graph.nodes) == set(STATEMENTS) | {
        start for start, _, kind in wanted if kind == "cites"
    }


def test_lines_lead_from_left_to_right_between_the_nodes(graph):
    tree = tree_of(graph_picture(graph))
    boxes = {
        one.get("data-name"): one.find("rect")
        for one in tree.iter("g")
        if "node" in one.get("class").split()
    }
    assert set(boxes) == set(graph.nodes)
    corners = [(box.get("x"), box.get("y")) for box in boxes.values()]
    assert len(corners) == len(set(corners))
    lines = [one for one in tree.iter("path") if "edge" in one.get("class")]
    assert {(one.get("data-from"), one.get("data-to")) for one in lines} == {
        edge[:2] for edge in graph.edges
    }
    for line in lines:
        start, end = boxes[line.get("data-from")], boxes[line.get("data-to")]
        right = float(start.get("x")) + float(start.get("width"))
        assert right < float(end.get("x"))
        assert line.get("d").startswith(f"M{right:.0f} {float(start.get('y')) + 12:.0f}")
    width = float(next(tree.iter("svg")).get("width"))
    assert all(float(b.get("x")) + float(b.get("width")) <= width for b in boxes.values())


def test_only_results_with_a_page_are_links(graph):
    links = list(tree_of(graph_picture(graph)).iter("a"))
    assert [link.get("href") for link in links] == ["results/theorem-2.3.html"]
    assert links[0].find("g").get("class") == "node proved"


def test_what_is_not_proved_is_told_however_far_away(graph):
    report = Report((), "c", graph=graph)
    assert "lemma-2.1" in STATEMENTS["ratio-monotone"].uses
    assert "ratio-monotone" in STATEMENTS["density-monotone"].uses
    assert report.unproved("density-monotone") == ["lemma-2.1"]
    assert report.unproved("lemma-2.1") == []
    assert graph.rests_on("density-monotone") == ["ratio-monotone", "lemma-2.1"]


def test_a_text_in_the_graph_is_escaped():
    graph = Graph({"<b>": Node("<b>", "open", '"><script>', "a&b.html", "foundations")})
    tree = tree_of(graph_picture(graph))
    assert not list(tree.iter("script"))
    assert next(tree.iter("title")).text == '<b> (open): "><script>'
    assert next(tree.iter("a")).get("href") == "a&b.html"


def near(margin, K=1, lam=2, cases=3):
    return Nearest(Place(K, lam), cases, margin, "a loop", "t = 1", "print()")


@pytest.mark.parametrize(
    ("margin", "name"),
    [
        *((None, "equal"), (-1e-18, "shade-0"), (0.0, "shade-0"), (1e-12, "shade-1")),
        *((1e-9, "shade-1"), (2e-9, "shade-2"), (1e-4, "shade-3"), (Fraction(1, 100), "shade-4")),
        *((0.1, "shade-4"), (0.2, "shade-5"), (30, "shade-5")),
    ],
)
def test_shades(margin, name):
    assert shade(near(margin)) == name


@pytest.mark.parametrize(
    ("margin", "text"),
    [
        *(
            (0.0, "0"),
            (3.2e-4, "3e-4"),
            (0.0499, "0.05"),
            (0.2, "0.2"),
            (9.6, "1e+01"),
            (12.3, "12"),
        ),
        *((-1.4e-18, "-1e-18"), (2.5e7, "2e7"), (99.7, "100")),
    ],
)
def test_short_margins(margin, text):
    assert short(margin) == text


def test_picture_of_margins_has_a_cell_for_each_range():
    evidence = Evidence(
        *("exact", 9, 0.0, "loops"),
        nearest=(
            near(1e-4),
            near(0.2, K=7, lam=6),
            near(None, K=0, lam=0),
            near(2.0, K=3, lam=None),
        ),
    )
    tree = tree_of(margins_picture(evidence))
    cells = list(tree.iter("g"))
    assert [one.find("text").text for one in cells] == ["1e-4", "0.2", "=", "2"]
    assert cells[0].find("title").text == "K = 2, λ ≤ 0.5: 3 loops, least margin 1.0e-04, at t = 1"
    assert cells[2].find("title").text == "K = 1, λ = 0: 3 loops, equality is listed at every place"
    rows = [float(one.find("rect").get("y")) for one in cells]
    assert rows[2] < rows[0] < rows[3] < rows[1]  # K = 1, 2, 4, infinity
    columns = [float(one.find("rect").get("x")) for one in cells]
    assert columns[2] < columns[0] < columns[1] < columns[3]  # λ = 0, to 0.5, infinity, another
    assert "The least: K = 2" in next(tree.iter("svg")).get("aria-label")
    assert other_ranges(evidence) == [
        "“other”: λ changes from step to step, or samples are retained."
    ]
    nobody = Evidence(*("exact", 9, 0.0, "loops"), nearest=(near(1.0, K=None),))
    assert other_ranges(nobody) == ["“none”: nobody chooses."]
    assert margins_picture(Evidence("formal", 1, 0.0, "x")) == ""


def test_places_in_words():
    assert place_in_words(near(1.0, K=6, lam=5)) == "K > 100, λ > 10"
    assert place_in_words(near(1.0, K=None, lam=6)) == "λ = ∞"
    assert place_in_words(near(1.0, K=None, lam=None)) == "any K and λ"
    assert cell_in_words(near(1.0, cases=1)).startswith("K = 2, λ ≤ 0.5: 1 loop, ")


def test_numbers_and_names_in_pictures():
    image = picture(10, 20.04, label='a "b"')
    add(image, "text", "<&>", x=1.25, text_anchor="end", class_="a b")
    assert drawn(image) == (
        '<svg width="10" height="20" viewBox="0 0 10 20" role="img" aria-label="a &quot;b&quot;">'
        '<text x="1.2" text-anchor="end" class="a b">&lt;&amp;&gt;</text></svg>'
    )
    assert number(100.0) == "100"
