"""The site in a browser, from the disk: it can be searched, fits a small screen, asks no host."""

import pytest

from ..browser import faint, require_narrow

PAGES = [
    "docs/site/index.html",
    "docs/site/gallery.html",
    "docs/site/tutorials/decision.html",
    "docs/site/api/loop.html",
    "docs/rules.html",
    "docs/tables.html",
    "proofs/README.html",
    "search.html",
    "genindex.html",
]


@pytest.fixture
def opened(visit, built):
    """A function that opens a page of the site by its path."""

    def open_page(path):
        place, _, query = path.partition("?")
        return visit(f"{(built / place).as_uri()}?{query}")

    return open_page


@pytest.mark.parametrize("name", PAGES)
def test_pages_fit_a_small_screen_and_can_be_read_in_the_dark(opened, name):
    page = opened(name)
    for width in (1280, 400):
        page.set_viewport_size({"width": width, "height": 900})
        require_narrow(page)
    back = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert not faint(page)
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        back[scheme] = sum(map(int, colour[4:-1].split(",")))
    assert back["dark"] < 200 < 600 < back["light"]


def test_search_finds_without_a_server(opened):
    page = opened("search.html?q=condensation")
    page.wait_for_selector("#search-results li")
    found = page.locator("#search-results li").all_inner_texts()
    assert any("Mathematics" in one or "Fixed points" in one for one in found), found


def test_formulas_are_set_and_fit_a_small_screen(opened):
    page = opened("docs/mathematics.html")
    boxes = page.evaluate(
        "[...document.querySelectorAll('math')].map(e => e.getBoundingClientRect())"
        ".map(b => [b.width, b.height])"
    )
    assert len(boxes) > 4000
    assert all(width > 1 and height > 1 for width, height in boxes)  # dots are two pixels high
    page.set_viewport_size({"width": 400, "height": 900})
    require_narrow(page)
