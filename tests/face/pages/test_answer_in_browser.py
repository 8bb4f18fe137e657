"""The tables of an answer in a browser: no name widens them, none is broken into letters."""

import pytest

from recurate.pages.answer.answer import Answer, page
from recurate.printing.answers.told import Columns
from recurate.printing.columns import Column

from ...browser import require_narrow

LONG, ROWS = "A" * 300, 60


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    few = [
        Column("group", ["a", LONG, "several words that are broken"], is_text=True),
        *(Column(title, ["0.0001"] * 3) for title in ("real data", LONG, "t = 10", "∞")),
        Column("limit", ["kept", "not kept", "chosen"], is_text=True),
    ]
    many = [Column("t", [*map(str, range(ROWS))]), Column("KL", ["0.1"] * ROWS)]
    file = tmp_path_factory.mktemp("answer") / "answer.html"
    answer = Answer("An answer", ("One.", "Two."), [Columns.of(few), Columns.of(many)])
    file.write_text(page(answer, command="recurate predict", parameters={}), "utf-8")
    return file.as_uri()


def sizes(cells):
    return cells.evaluate_all(
        "all => all.map(one => [one.getBoundingClientRect().width, one.offsetHeight])"
    )


@pytest.mark.parametrize("width", [400, 1280])
def test_names_widen_no_table_and_are_not_broken_where_they_are_short(visit, address, width):
    opened = visit(address, width)
    require_narrow(opened)
    table = opened.locator("table").first
    # 12 rem and the padding, of 16 pixels each; on a small screen it is 9.
    assert all(wide < 230 for wide, _ in sizes(table.locator("th")))
    (wide, first), *_ = sizes(table.locator("tbody th"))
    assert wide > 140  # the long name below it has room for more than a few letters
    assert first < 45  # a line, with its padding
    assert all(high < 30 for _, high in sizes(table.locator("tbody td span")))


def test_a_long_table_scrolls_below_its_head_and_is_whole_on_paper(visit, address):
    opened = visit(address)
    box, head = opened.locator(".numbers").nth(1), opened.locator("thead").nth(1).locator("th")
    assert box.bounding_box()["height"] < 900  # the window's
    before = head.first.bounding_box()["y"]
    box.evaluate("box => box.scrollTop = 400")
    assert head.first.bounding_box()["y"] == before
    opened.emulate_media(media="print")
    assert box.evaluate("box => box.scrollHeight <= box.clientHeight")
