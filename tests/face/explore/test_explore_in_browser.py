"""The page in a browser: controls by keyboard, addresses, copies, small screens, the dark."""

import shlex
from contextlib import contextmanager

import pytest

from ...browser import faint, require_narrow
from ..commands.in_process import document
from .conftest import served, table_of

FEW = ("--bands", "8", "--lam", "1", "--steps", "4")


@pytest.fixture
def shown(explored, visit):
    """A function that opens the page of a command in a browser."""

    @contextmanager
    def show(*arguments, width=1280, query="", **options):
        with served(explored(*arguments)) as address:
            own = address.split("/", 3)
            page = visit(f"{address}{query}", width, own="/".join(own[:3]), **options)
            yield page

    return show


def at_rest(page, command):
    """Wait until the page has the whole answer of a command, whose words these are in part."""
    page.wait_for_function(
        "part => document.querySelector('#use code').textContent.includes(part)"
        " && !document.querySelector('#answer').hasAttribute('aria-busy')"
        " && document.querySelector('#said').textContent",
        arg=command,
    )


def require_numbers_of_the_command(page):
    """Hold the table of the page to what the command on it prints."""
    words = shlex.split(page.locator("#use code").inner_text())
    run = document(*words[1:])
    table = page.locator("#answer table").first.inner_html()
    columns = table_of(f"<table>{table}</table>")
    for title, name in (("E[r]", "expected_reward"), ("KL", "kl_to_reference")):
        cells = list(map(float, columns[title]))
        assert cells[:-1] == pytest.approx(run["trajectory"][name], abs=5.1e-5)  # four places
        assert cells[-1] == pytest.approx(run["fixed_point"][name], abs=5.1e-5)


def test_sliders_moved_by_keyboard_change_the_numbers(shown):
    with shown(*FEW) as page:
        before = page.locator("#answer .lead").first.inner_text()
        page.get_by_role("slider", name="Candidates, K, slider").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        at_rest(page, "-K 6 ")
        assert page.locator("#K").input_value() == "6"
        assert page.locator("#answer .lead").first.inner_text() != before
        assert page.evaluate("document.activeElement.dataset.of") == "K"
        require_numbers_of_the_command(page)
        page.get_by_role("slider", name="Share of real data, slider").focus()
        page.keyboard.press("Home")
        at_rest(page, "--real-fraction 0 ")
        assert page.locator("#lam").input_value() == "inf"
        page.get_by_role("slider", name="Candidates, K, slider").focus()
        page.keyboard.press("End")
        at_rest(page, "-K inf ")
        page.locator("#lam").fill("0.5")
        at_rest(page, "--lam 0.5 ")
        assert page.locator("#real-fraction").input_value() == "0.666667"
        page.locator("#choice").select_option("top")
        page.locator("#share").fill("0.4")
        at_rest(page, "--choice top:0.4")
        assert not page.locator("#K").is_visible()
        require_numbers_of_the_command(page)


def test_addresses_keep_states_for_reloading_and_going_back(shown):
    with shown(*FEW) as page:
        for steps in ("5", "6"):
            page.locator("#steps").fill(steps)
            page.keyboard.press("Enter")
            at_rest(page, f"--steps {steps}")
            page.wait_for_url(f"**steps={steps}**")
        page.reload()
        assert page.locator("#steps").input_value() == "6"
        page.go_back()
        page.wait_for_function("() => document.querySelector('#steps').value === '5'")
        at_rest(page, "--steps 5")
        require_numbers_of_the_command(page)


def test_what_cannot_be_is_said_and_the_last_answer_stays(shown):
    with shown(*FEW) as page:
        page.locator("#K").fill("0")
        page.locator("#error").wait_for(state="visible")
        assert page.locator("#error").inner_text().endswith("of at least 1 or infinity; got 0")
        assert page.locator("#answer svg.chart").count()
        page.locator("#K").fill("3")
        page.locator("#error").wait_for(state="hidden")
        at_rest(page, "-K 3 ")


def test_the_command_is_copied_and_files_are_kept(shown, tmp_path):
    allowed = ["clipboard-read", "clipboard-write"]
    with shown(*FEW, permissions=allowed) as page:
        page.locator("#K").fill("2")
        at_rest(page, "-K 2 ")
        page.get_by_role("button", name="Copy").click()
        page.get_by_role("button", name="Copied").wait_for()
        text = page.evaluate("navigator.clipboard.readText()")
        assert text == page.locator("#use code").inner_text()
        with page.expect_download() as waited:
            page.get_by_role("link", name="Table (CSV)").click()
        waited.value.save_as(tmp_path / "kept.csv")
        document(*shlex.split(text)[1:], "--out", tmp_path)
        assert (tmp_path / "kept.csv").read_bytes() == (tmp_path / "trajectory.csv").read_bytes()


def test_it_fits_a_small_screen_and_can_be_read_in_the_dark(shown):
    with shown(*FEW) as page:
        for width in (1280, 700, 400):
            page.set_viewport_size({"width": width, "height": 900})
            require_narrow(page)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert not faint(page)
        page.locator("#K").fill("0")
        page.locator("#error").wait_for(state="visible")
        assert not [text for text in faint(page) if "infinity" in text]


def test_on_a_small_screen_sentence_and_picture_are_seen_while_a_control_moves(shown):
    with shown(*FEW, width=400) as page:

        def ends(*selectors):
            boxes = [page.locator(selector).first.bounding_box() for selector in selectors]
            return [(box["y"], box["y"] + box["height"]) for box in boxes]

        page.evaluate("scrollTo(0, document.querySelector('#heading').offsetTop)")
        place = page.evaluate("scrollY")
        for name in ("K", "real-fraction", "scale", "steps"):
            before = page.locator("#answer .lead").first.inner_text()
            page.locator(f"input[data-of={name}]").focus()
            page.keyboard.press("ArrowRight")
            page.wait_for_function(
                "text => document.querySelector('#answer .lead').innerText !== text", arg=before
            )
            assert page.evaluate("scrollY") == place  # the controls scroll, and the page stays
            panel, *parts = ends(
                "#controls", "#answer .lead", "svg.chart", f"[for={name}]", f"[data-of={name}]"
            )
            assert 0 <= parts[0][0] < parts[0][1] < parts[1][0] < parts[1][1] < panel[0]
            assert panel[0] <= parts[2][0] < parts[2][1] <= parts[3][0] < parts[3][1] <= 900
        chart = page.locator("svg.chart").nth(3)
        chart.evaluate("e => scrollTo(0, scrollY + e.getBoundingClientRect().top - 600)")
        chart.focus()  # below the controls, where none is to be seen
        assert chart.bounding_box()["y"] + 50 < ends("#controls")[0][0]


def test_it_works_without_a_script(shown):
    with shown(*FEW, java_script_enabled=False) as page:
        assert not page.locator("input[type=range]").first.is_visible()
        page.locator("#K").fill("3")
        page.locator("#lam").fill("2")
        page.locator("#by").select_option("lam")
        page.get_by_role("button", name="Show").click()
        page.wait_for_url("**K=3**")
        assert "-K 3 --lam 2 " in page.locator("#use code").inner_text()
        assert page.locator("#real-fraction").input_value() == "0.333333"
        require_numbers_of_the_command(page)


def test_hostile_names_are_shown_as_text(shown, tmp_path):
    name = "<img src=x onerror=alert(1)>"
    rows = [f"{i / 7},{name}{i % 2}" for i in range(12)]
    (tmp_path / f"{name}.csv").write_text("\n".join(["reward,group", *rows]))
    with shown(tmp_path / f"{name}.csv", *FEW) as page:
        assert name in page.locator("#heading").inner_text()
        page.locator("#K").fill("3")
        at_rest(page, "-K 3 ")
        assert page.locator("#answer").get_by_text(name).count()
        assert page.locator("img").count() == 0
