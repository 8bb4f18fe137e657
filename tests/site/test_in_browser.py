"""The site in a browser, from the disk: it can be searched, fits a small screen, asks no host."""

import shutil

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
PAGES = [
    "docs/site/index.html",
    "docs/site/gallery.html",
    "docs/site/tutorials/decision.html",
    "docs/site/api/loop.html",
    "docs/mathematics.html",
    "docs/rules.html",
    "docs/tables.html",
    "proofs/README.html",
    "search.html",
    "genindex.html",
]


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        running = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def opened(browser, built):
    """A function that opens a page of the site, and fails if it asks a host or reports an error."""
    said = []

    def open_page(name, width, scheme="light"):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "request",
            lambda asked: asked.url.startswith(("file:", "data:")) or said.append(asked.url),
        )
        page.goto(f"{(built / name.partition('?')[0]).as_uri()}?{name.partition('?')[2]}")
        return page

    yield open_page
    assert not said


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_no_wider_than_the_screen(opened, name, width):
    page = opened(name, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_search_finds_without_a_server(opened):
    page = opened("search.html?q=condensation", 1280)
    page.wait_for_selector("#search-results li")
    found = page.locator("#search-results li").all_inner_texts()
    assert any("Mathematics" in one or "Fixed points" in one for one in found), found


def test_formulas_have_a_size(opened):
    page = opened("docs/mathematics.html", 1280)
    boxes = page.evaluate(
        "[...document.querySelectorAll('math')].map(e => e.getBoundingClientRect())"
        ".map(b => [b.width, b.height])"
    )
    assert len(boxes) > 4000
    assert all(width > 1 and height > 2 for width, height in boxes)


def test_dark_pages_are_dark(opened):
    colours = {}
    for scheme in ("light", "dark"):
        page = opened("docs/rules.html", 1280, scheme)
        colours[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light, dark = (sum(map(int, colours[s][4:-1].split(","))) for s in ("light", "dark"))
    assert dark < 200 < 600 < light
