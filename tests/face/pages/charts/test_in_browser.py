"""Charts in a browser: what the pointer and the keyboard find, on any screen."""

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, choose
from recurate.chosen import Chosen
from recurate.frontier import alternatives
from recurate.pages.answer.answer import Answer, page
from recurate.pages.charts.of_choice import pictures_of_choice
from recurate.pages.charts.of_prediction import pictures_of_prediction
from recurate.prediction import predict_loop
from recurate.printing.answers.prediction import tell_prediction
from recurate.reading.asked import Asked
from recurate.reading.table import RewardTable

from ....browser import faint, require_narrow
from ..inspected import HOSTILE
from .drawn import of_class


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(8)
    groups = rng.choice([HOSTILE, "a group whose name is rather long to be read", "c"], 150)
    law = RewardLaw(rng.normal(size=150), groups=groups)
    table = RewardTable("t.csv", Asked(), law)
    loop = CurationLoop(law, K=4, lam=0.3)
    prediction = predict_loop(table, loop, steps=10, replicates=50)
    chosen = Chosen(table, None, choose(law, K=4, max_kl=0.1))
    frontier, *_ = pictures_of_choice(chosen, alternatives(chosen))
    return prediction, [*pictures_of_prediction(prediction), frontier]


@pytest.fixture(scope="module")
def address(pictures, tmp_path_factory):
    prediction, charts = pictures
    file = tmp_path_factory.mktemp("charts") / "answer.html"
    answer = Answer("An answer", ("One.", "Two."), tell_prediction(prediction), charts)
    file.write_text(page(answer, command="recurate predict", parameters={"K": 4}), "utf-8")
    return file.as_uri()


def told(picture, number):
    """Return the lines of a place of a chart."""
    return of_class(picture, "place")[number].find("title").text.split("\n")


def readout(opened):
    return opened.locator(".readout").evaluate_all(
        "all => all.map(one => [...one.children].map(line => line.textContent))"
    )


@pytest.mark.parametrize("width", [400, 1280])
def test_the_pointer_shows_what_a_place_says(visit, address, pictures, width):
    opened = visit(address, width)
    for number, picture in enumerate(pictures[1]):
        places = opened.locator("svg.chart").nth(number).locator(".place")
        for place in (0, 2):
            # In the middle, where no other place is over it.
            places.nth(place).hover(force=True)
            (lines,) = readout(opened)
            assert lines == told(picture, place)
            box = opened.locator(".readout").bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
    opened.mouse.move(width / 2, 0)
    opened.locator("h1").hover()
    assert readout(opened) == []


def test_arrows_go_through_the_values(visit, address, pictures):
    opened = visit(address)
    chart = opened.locator("svg.chart").first
    chart.focus()
    picture = pictures[1][0]
    for key, place in (
        ("ArrowRight", 0),
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("End", -1),
        ("ArrowRight", -1),
        ("Home", 0),
        ("ArrowLeft", 0),
    ):
        opened.keyboard.press(key)
        assert readout(opened) == [told(picture, place)]
    opened.keyboard.press("Escape")
    assert readout(opened) == []
    opened.keyboard.press("ArrowLeft")
    assert readout(opened) == [told(picture, -1)]
    opened.keyboard.press("Tab")
    assert readout(opened) == []


def test_a_chart_that_was_replaced_has_readouts_too(visit, address, pictures):
    opened = visit(address)
    chart = opened.locator("svg.chart").first
    chart.locator(".place").nth(3).hover(force=True)
    opened.evaluate(
        """() => {
          const figure = document.querySelector("figure.picture");
          figure.replaceWith(document.querySelectorAll("figure.picture")[1].cloneNode(true));
        }"""
    )
    chart.locator(".place").nth(4).hover(force=True)
    assert readout(opened) == [told(pictures[1][1], 4)]


def test_without_scripts_titles_are_there(visit, address, pictures, browser):
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(address)
    title = opened.locator("svg.chart").first.locator(".place title").nth(2)
    assert title.text_content().split("\n") == told(pictures[1][0], 2)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_charts_are_readable(visit, address, width, scheme):
    opened = visit(address, width, scheme=scheme)
    require_narrow(opened)
    assert faint(opened) == []
    # Letters of a chart as they are on the screen.
    sizes = opened.evaluate(
        """() => [...document.querySelectorAll("svg.chart text")].map(e =>
          parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a)"""
    )
    assert min(sizes) >= 10


@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_in_a_chart_overlaps_or_is_cut(visit, address, width):
    opened = visit(address, width)
    overlapping, cut = opened.evaluate(
        """() => {
          const found = [], cut = [];
          for (const chart of document.querySelectorAll("svg.chart")) {
            const frame = chart.parentElement.getBoundingClientRect();
            const texts = [...chart.querySelectorAll("text")].filter(e => e.textContent);
            const boxes = texts.map(e => e.getBoundingClientRect());
            boxes.forEach((a, i) => {
              const name = texts[i].textContent;
              if (a.left < frame.left - 1 || a.right > frame.right + 1) cut.push(name);
              boxes.slice(i + 1).forEach((b, j) => {
                const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                if (wide > 1 && high > 3) found.push([name, texts[i + 1 + j].textContent]);
              });
            });
          }
          return [found, cut];
        }"""
    )
    assert overlapping == []
    assert cut == []
