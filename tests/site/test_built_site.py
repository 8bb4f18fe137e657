"""The built site: links lead somewhere, nothing is loaded from elsewhere, nothing is missing."""

import importlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from sphinx.util.inventory import InventoryFile

import recurate
from recurate import rules, strategies, testing
from recurate.figures.catalogue import FIGURES
from recurate.theory.catalogue import STATEMENTS

ROOT = Path(__file__).parents[2]
FETCHED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """What a page links to, what it loads, the fragments that it has, and its pictures' texts."""

    def __init__(self, path):
        super().__init__()
        self.links, self.loaded, self.ids, self.without_text = [], [], set(), []
        self.is_in_a_link, self.nested = False, []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
            if self.is_in_a_link:
                self.nested.append(given["href"])
            self.is_in_a_link = True
        if given.get(FETCHED.get(tag)):
            self.loaded.append(given[FETCHED[tag]])
        if tag == "img" and not given.get("alt"):
            self.without_text.append(given.get("src"))

    def handle_endtag(self, tag):
        self.is_in_a_link = self.is_in_a_link and tag != "a"


@pytest.fixture(scope="module")
def pages(built):
    found = {path: Page(path) for path in built.rglob("*.html") if "report" not in path.parts}
    assert len(found) > 40
    return found


def test_links_within_the_site_lead_somewhere(built, pages):
    wrong = []
    for path, page in pages.items():
        for link in page.links:
            if re.match(r"https?:|mailto:", link):
                continue
            place, _, fragment = unquote(link).partition("#")
            target = (path.parent / place).resolve() if place else path
            if target.is_dir():
                target /= "index.html"
            known = pages.get(target)
            if not target.exists() or (fragment and known and fragment not in known.ids):
                wrong.append(f"{path.relative_to(built)}: {link}")
    assert not wrong, "\n".join(wrong)


def test_no_link_is_within_a_link(pages):
    assert not {path: page.nested for path, page in pages.items() if page.nested}


def test_nothing_is_loaded_from_another_host(built, pages):
    for path, page in pages.items():
        for source in page.loaded:
            assert not re.match(r"(?:\w+:)?//", source), f"{path}: {source}"
            place = re.split("[?#]", unquote(source))[0]
            assert (path.parent / place).exists(), f"{path}: {source}"
    for sheet in built.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.search(r"url\(\s*[\"']?(?:https?:)?//|@import", text), sheet


def test_every_document_is_a_page(built):
    for document in (*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "site").rglob("*.md")):
        page = built / document.relative_to(ROOT).with_suffix(".html")
        assert page.exists(), document


def test_pictures_have_texts(pages):
    for path, page in pages.items():
        assert not page.without_text, path


def described(built):
    with (built / "objects.inv").open("rb") as file:
        found = InventoryFile.load(file, "", lambda base, place: place)
    return {name for kind, names in found.items() if kind.startswith("py:") for name in names}


def public_names():
    yield from (f"recurate.{name}" for name in recurate.__all__ if name != "__version__")
    for module in (rules, strategies, testing):
        yield from (f"{module.__name__}.{name}" for name in module.__all__)


def imported_in_the_documents():
    """Names that a Python example of the documents imports from a module that lies deeper."""
    for document in (ROOT / "docs").glob("*.md"):
        text = document.read_text(encoding="utf-8")
        for module, names in re.findall(
            r"^>>> from (recurate\.[\w.]+) import (\([^)]*\)|.*)$", text, re.MULTILINE
        ):
            for name in re.findall(r"(?<![\w#])[A-Za-z_]\w*(?!\w)", names.partition("#")[0]):
                yield module, name


def test_every_public_name_is_in_the_reference(built):
    have = described(built)
    assert not set(public_names()) - have


def test_what_examples_import_is_in_the_reference(built):
    have = described(built)
    short = {name.rpartition(".")[2] for name in have}
    wanted = dict.fromkeys(imported_in_the_documents())
    assert len(wanted) > 20
    missing = [
        f"{module}.{name}"
        for module, name in wanted
        if name not in short
        and not hasattr(importlib.import_module(module), "statement")  # a theorem's own module
        and not isinstance(
            getattr(importlib.import_module(module), name, None), type(importlib)
        )  # a module of theorems
    ]
    assert not missing


@pytest.mark.parametrize("name", sorted(set(public_names())))
def test_public_functions_say_what_they_take_and_return(name):
    module, _, last = name.rpartition(".")
    found = getattr(importlib.import_module(module), last)
    text = found.__doc__ or ""
    assert text, name
    if callable(found) and not isinstance(found, type) and found.__code__.co_argcount:
        assert re.search(r"^ *Parameters\n *-+$", text, re.MULTILINE), name


def test_formulas_are_set(built):
    said = (built.parent / "said.txt").read_text(encoding="utf-8")
    done, left = re.search(r"formulas of docs/mathematics: ([\d,]+) set, (\d+) left", said).groups()
    assert int(done.replace(",", "")) > 2000
    page = (built / "docs" / "mathematics.html").read_text(encoding="utf-8")
    assert page.count("<math") > 4000
    assert page.count("tilts the density by <span") == 2  # a title's formula, and in the contents
    assert "$" not in re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    codes = re.findall(r'<code class="[^"]*literal[^"]*">(.*?)</code>', page)
    names = [re.sub("<[^>]*>", "", code) for code in codes]
    assert len(names) == int(left)
    others = {name for name in names if name not in STATEMENTS and name != "maximiser_unique"}
    assert all(name.startswith("recurate ") for name in others), others


def test_ids_of_results_and_names_of_documents_lead_to_them(built, pages):
    page = pages[built / "docs" / "choosing.html"]
    assert "mathematics.html#divergence-monotone" in page.links
    assert "../../rules.html" in pages[built / "docs" / "site" / "api" / "loop.html"].links
    assert "#theorem-2-1-odds" in pages[built / "docs" / "mathematics.html"].links


def test_every_figure_is_in_the_gallery(built):
    page = (built / "docs" / "site" / "gallery.html").read_text(encoding="utf-8")
    for recipe in FIGURES.values():
        assert f'id="{recipe.name.replace("_", "-")}"' in page
        assert f"recurate figures {recipe.name} " in re.sub("<[^>]*>", "", page)
    for section in re.findall(r'<section id="[^"]*">\s*<h2>.*?</section>', page, re.DOTALL):
        assert ("<img" in section) != ("Not drawn for this page" in section)


def test_the_report_becomes_a_part_of_the_site(built, pages):
    assert (built / "report" / "index.html").exists()
    assert "../../report/index.html" in pages[built / "docs" / "site" / "index.html"].links
    links = pages[built / "docs" / "mathematics.html"].links
    assert "../report/results/theorem-2.3.html" in links
    assert "../report/results/theorem-2.4.html" not in links  # which has no page here


def test_search_knows_the_words_of_the_pages(built):
    index = (built / "searchindex.js").read_text(encoding="utf-8")
    terms = json.loads(re.fullmatch(r"Search\.setIndex\((.*)\)", index.strip(), re.DOTALL)[1])
    assert "condens" in terms["terms"]  # stemmed


def test_the_first_page_leads_to_the_site(built):
    text = (built / "index.html").read_text(encoding="utf-8")
    (place,) = re.findall(r"url=([^\"]*)", text)
    assert (built / place).exists()
