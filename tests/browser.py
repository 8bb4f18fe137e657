"""Pages in a real browser: Debian's Chromium, from the disk, with every other request refused.

Where Chromium is missing, tests of pages are skipped. With RECURATE_BROWSER=required, as in
.ci/run, they fail instead: a run that was to look at the pages has to have looked.
"""

import os
import shutil

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def _missing(what):
    if os.environ.get("RECURATE_BROWSER") == "required":
        pytest.fail(f"RECURATE_BROWSER=required, and {what} is not installed", pytrace=False)
    pytest.skip(f"needs {what}")


@pytest.fixture(scope="module")  # longer, and its event loop would stop other tests from their own
def browser():
    """Chromium, without a window and without a name server."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("playwright")
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        _missing("Chromium")
    # Root has no sandbox in a container, and no name leads anywhere but to a server of a test.
    options = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    with sync_playwright() as started:
        running = started.chromium.launch(executable_path=path, args=options)
        yield running
        running.close()


@pytest.fixture
def visit(browser):
    """A function that opens a page; at the end, none may have asked a host or told of an error.

    It takes the address, the width of the window, and a colour scheme. A request is refused, and
    fails the test, unless it is for a file or begins with `own`: the address of the test's server.
    """
    said, opened = [], []

    def open_page(address, width=1280, *, scheme="light", own=None, **options):
        page = browser.new_page(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            reduced_motion="reduce",
            **options,
        )
        opened.append(page)
        known = ("file:", "data:", "blob:", *([own] if own else []))

        def answer(route):
            if route.request.url.startswith(known):
                route.continue_()
            else:
                said.append(f"asks for {route.request.url}")
                route.abort()

        def connected(socket):
            if not own or not socket.url.startswith(own.replace("http", "ws", 1)):
                said.append(f"connects to {socket.url}")

        def shown(dialog):
            said.append(f"says {dialog.message}")
            dialog.dismiss()

        page.route("**/*", answer)
        page.on("websocket", connected)
        page.on("dialog", shown)
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(str(address))
        return page

    yield open_page
    for page in opened:
        page.close()
    assert not said


def require_narrow(page):
    """Hold a page to the width of its window: only parts of it may scroll sideways."""
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], _WIDER.format(page.url, page.evaluate(_WIDE))


_WIDER = "{} is wider than its window, by {}"
_WIDE = """() => {
  const scrolls = (e) =>
    e && (getComputedStyle(e).overflowX !== "visible" || scrolls(e.parentElement));
  return [...document.body.querySelectorAll("*")]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e.parentElement))
    .map((e) => e.outerHTML.slice(0, 80)).slice(0, 5);
}"""


def faint(page):
    """Return the texts of a page with less contrast to what is behind them than WCAG 2 asks for.

    That is 4.5 to 1, and 3 to 1 for large letters (24 pixels, or 18.66 if they are bold). Behind a
    text in a picture is the shape before it in its group, if any.
    """
    return page.evaluate(_FAINT)


_FAINT = """() => {
  const parts = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], [R, G, B]) =>
    [a * r + (1 - a) * R, a * g + (1 - a) * G, a * b + (1 - a) * B];
  const known = new Map();
  const behind = (e) => {
    if (!e) return [255, 255, 255];
    if (!known.has(e)) known.set(e, composed(e));
    return known.get(e);
  };
  const composed = (e) => {
    const style = getComputedStyle(e);
    const shape = e instanceof SVGTextElement && e.parentElement.querySelector(":scope > rect");
    const own = shape ? getComputedStyle(shape).fill : style.backgroundColor;
    const [r, g, b, a] = own === "none" ? [0, 0, 0, 0] : parts(own);
    return a === 1 ? [r, g, b] : over([r, g, b, a], behind(e.parentElement));
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => c / 255)
      .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const e of document.body.querySelectorAll("*")) {
    const text = [...e.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE)
      .map((n) => n.textContent.trim()).join("");
    const style = getComputedStyle(e);
    const seen = e.tagName !== "OPTION" && e.checkVisibility({ visibilityProperty: true });
    if (!text || !seen) continue;
    const back = behind(e);
    const ink = over(parts(e instanceof SVGElement ? style.fill : style.color), back);
    const [low, high] = [light(ink), light(back)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) found.push(`${ratio.toFixed(2)}: ${text.slice(0, 60)}`);
  }
  return found;
}"""
