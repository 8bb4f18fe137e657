"""The report in a browser, from the disk: what can be clicked and typed, seen, and printed."""

import re
from pathlib import Path

import pytest

from recurate.pages.report.paths import paths
from recurate.pages.report.report import report_pages

from ...browser import faint, require_narrow
from .conftest import NAMES
from .inspected import HOSTILE

UNFOLD = "for (const part of document.querySelectorAll('details')) part.open = true"

FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  const seen = box.left >= 0 && box.width > 0;
  return [one.textContent.trim(), style.outlineStyle, parseFloat(style.outlineWidth), seen];
}"""


def written(pages, folder):
    (folder / "results").mkdir()
    for path, text in pages.items():
        (folder / path).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(pages, tmp_path_factory):
    return written(pages, tmp_path_factory.mktemp("report"))


@pytest.fixture
def opened(visit, folder):
    """A function that opens a page of the report by its path."""

    def open_page(path, *given, **options):
        return visit(f"{folder.as_uri()}/{path}", *given, **options)

    return open_page


def shown(page):
    return page.locator(".result:visible b:first-child").evaluate_all(
        "all => all.filter(one => one.parentElement.tagName === 'A').map(one => one.textContent)"
    )


# Search and filters


@pytest.mark.parametrize("words", ["theorem", "  MIXED Weight ", "expected", "e_{t+1}", "no such"])
def test_search_shows_what_has_all_words_and_restores_the_rest(opened, results, words):
    page = opened("index.html")
    assert shown(page) == list(NAMES)
    page.get_by_label("Search").press_sequentially(words)
    said = {one.statement.id: page_text(page, one.statement.id) for one in results}
    found = [name for name in NAMES if all(word in said[name] for word in words.lower().split())]
    assert shown(page) == found
    assert page.get_by_role("status").inner_text() == f"{len(found)} shown"
    headings = page.locator(".chapter:visible h2").count()
    assert headings == len({page_chapter(page, name) for name in found})
    page.get_by_label("Search").fill("")
    assert shown(page) == list(NAMES)


def page_text(page, name):
    """Id, title and claim of a result, as the index itself shows them."""
    row = page.locator(".result", has=page.locator(f"a[href='results/{name}.html']"))
    claim = row.locator("math").get_attribute("alttext")
    label = {"theorem-2.3": "theorem 2.3", "theorem-2.2": "theorem 2.2"}.get(name, "")
    return f"{name} {label} {row.text_content()} {claim}".lower()


def page_chapter(page, name):
    link = page.locator(f".chapter a[href='results/{name}.html']")
    return link.evaluate("one => one.closest('.chapter').dataset.chapter")


@pytest.mark.parametrize(
    ("label", "choice", "found"),
    [
        ("Verdict", "open", ["reward-monotone"]),
        ("Verdict", "holds", ["ratio-bound", "theorem-2.3", "theorem-2.2"]),
        ("Established", "proved", ["theorem-2.2"]),
        ("Evidence", "formal", ["ratio-bound", "theorem-2.3"]),
        ("Chapter", "The loop with real data", ["theorem-2.3"]),
    ],
)
def test_filters_show_what_has_the_value_chosen(opened, label, choice, found):
    page = opened("index.html")
    page.get_by_label(label, exact=True).select_option(choice)
    assert shown(page) == found
    page.get_by_label("Search").fill(found[0])
    assert shown(page) == found[:1]  # both hold
    page.get_by_label("Search").press("Enter")  # which sends nothing to anyone
    assert page.url.endswith("index.html")


# Folding


def test_steps_fold_by_mouse_and_by_keyboard(opened):
    page = opened("results/theorem-2.3.html")
    step = page.locator("#steps details").first
    told = step.locator("p").first
    assert not told.is_visible()
    step.locator("summary").click()
    assert told.is_visible()
    for key, is_open in (("Enter", False), ("Space", True)):
        page.keyboard.press(key)  # on the summary, which has the focus
        assert told.is_visible() == is_open


def test_all_steps_unfold_and_fold_at_once(opened):
    page = opened("results/theorem-2.3.html")
    steps = page.locator("#steps details")
    button = page.get_by_role("button", name="Unfold all")
    button.click()
    assert steps.evaluate_all("all => all.every(one => one.open)")
    page.get_by_role("button", name="Fold all", exact=True).press("Enter")
    assert steps.evaluate_all("all => all.every(one => !one.open)")
    assert button.is_visible()
    steps.first.locator("summary").click()
    assert button.is_visible()  # one is not all


def test_a_link_from_another_page_opens_the_step_that_it_leads_to(opened):
    page = opened("graph.html")
    link = page.locator("#list ~ dl a[href*='#step-']").first
    theorem = link.inner_text()
    number = re.search(r"theorem-2\.2\.html#step-(\d+)$", link.get_attribute("href"))[1]
    link.click()
    page.locator(f"#step-{number}").wait_for(
        timeout=10_000
    )  # the browser opens it once it is there
    step = page.locator("#steps > li").nth(int(number) - 1)
    assert step.locator("details").evaluate("one => one.open")
    assert theorem in step.inner_text()
    assert page.locator("#steps details[open]").count() == 1


def test_lines_are_copied(opened):
    page = opened("results/theorem-2.3.html", permissions=["clipboard-read", "clipboard-write"])
    page.evaluate(UNFOLD)
    page.get_by_role("button", name="Copy", exact=True).first.click()
    page.get_by_role("button", name="Copied").wait_for()
    lines = page.locator(".replay pre").first.text_content()
    assert page.evaluate("navigator.clipboard.readText()") == lines


# What is seen


def test_formulas_are_set(opened):
    page = opened("results/theorem-2.3.html")
    page.evaluate(UNFOLD)
    boxes = page.locator("math").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(box => [box.width, box.height])"
    )
    assert len(boxes) > 30
    assert all(width > 1 and height > 1 for width, height in boxes)
    fractions = page.locator("mfrac").evaluate_all(
        "all => all.map(one => [...one.children].map(part => part.getBoundingClientRect()))"
        ".map(([above, below]) => [above.bottom, below.top])"
    )
    assert len(fractions) > 10
    assert all(above < below for above, below in fractions)  # stacked, and not in a line
    powers = page.locator("msup").evaluate_all(
        "all => all.map(one => [...one.children].map(part => part.getBoundingClientRect()))"
        ".map(([base, power]) => [power.bottom, base.bottom, power.left, base.right])"
    )
    assert powers
    assert all(high < low and left > right - 2 for high, low, left, right in powers)


@pytest.mark.parametrize("path", paths(NAMES))
def test_pages_fit_a_small_screen_and_can_be_read_in_the_dark(opened, path):
    page = opened(path)
    page.evaluate(UNFOLD)
    for width in (1280, 400):
        page.set_viewport_size({"width": width, "height": 900})
        require_narrow(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert not faint(page)
    page.emulate_media(color_scheme="dark")
    assert "rgb(20, 23, 29)" == page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_focus_is_seen_and_begins_with_the_way_to_the_content(opened):
    page = opened("results/theorem-2.3.html")
    rings = []
    for _ in range(12):
        page.keyboard.press("Tab")
        rings.append(page.evaluate(FOCUSED))
    assert rings[0][0] == "Skip to the content"
    assert len({name for name, *_ in rings}) > 8
    assert all(style == "solid" and width >= 2 and seen for _, style, width, seen in rings), rings


def test_print_has_what_is_folded(opened):
    page = opened("results/theorem-2.3.html")
    told = page.locator("#steps p").first
    assert not told.is_visible()
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(
        "[...document.querySelectorAll('details p')].every(one => one.checkVisibility()"
        " && one.getBoundingClientRect().height > 0)"
    )
    assert told.bounding_box()["height"] > 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.get_by_role("button").first.is_visible()


# The graph


def test_nodes_lead_to_pages_that_exist(opened, folder):
    page = opened("graph.html")
    links = page.locator(".graph a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert sorted(links) == sorted(f"results/{name}.html" for name in NAMES)
    assert all((folder / link).is_file() for link in links)
    page.locator(".node[data-name='theorem-2.3']").click()
    assert page.url == (folder / "results/theorem-2.3.html").as_uri()
    assert page.locator("h1").inner_text().startswith("Theorem 2.3")


def test_a_node_points_out_its_lines(opened):
    page = opened("graph.html")
    near = page.locator(".edge.near")
    assert near.count() == 0
    page.locator(".node[data-name='theorem-2.3']").hover()
    assert near.evaluate_all("all => all.map(one => one.dataset.from)") == ["lemma-2.2"]
    page.mouse.move(0, 0)
    assert near.count() == 0
    page.locator(".graph a[href='results/theorem-2.2.html']").focus()
    assert set(near.evaluate_all("all => all.map(one => one.dataset.to)")) == {"theorem-2.2"}


def test_no_name_is_wider_than_its_box(opened):
    page = opened("graph.html")
    widths = page.locator(".node").evaluate_all(
        "all => all.map(one => [one.dataset.name, one.querySelector('rect').getBBox(),"
        " one.querySelector('text:last-child').getBBox()])"
        ".map(([name, box, text]) => [name, text.x + text.width, box.x + box.width])"
    )
    assert widths
    assert [name for name, text, box in widths if text > box] == []


# Text that others wrote


def test_hostile_text_is_seen_and_does_nothing(visit, hostile, tmp_path):
    pages = report_pages([hostile], seed=0, level="quick", command=f"check {HOSTILE}")
    folder = written(dict(pages), tmp_path)
    for path in ("index.html", "graph.html", "results/theorem-2.3.html"):
        page = visit((folder / path).as_uri(), 400)
        page.evaluate(UNFOLD)
        assert page.locator("img").count() == 0
        assert page.locator("script").count() == 2
        assert "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>" in page.inner_text(
            "body"
        )
        require_narrow(page)
    page = visit((folder / "index.html").as_uri())
    page.get_by_label("Search").fill("<script>")
    assert page.locator(".result:visible").count() == 1


def test_without_a_script_all_is_there(visit, folder):
    page = visit((folder / "index.html").as_uri(), java_script_enabled=False)
    assert page.locator(".result").count() == len(NAMES)
    assert not page.get_by_label("Search").is_visible()
    page.goto(Path(folder, "results/theorem-2.3.html").as_uri())
    page.locator("#steps summary").first.click()
    assert page.locator("#steps p").first.is_visible()
    assert page.get_by_role("button").count() == 0
