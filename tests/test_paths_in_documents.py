"""Files, modules, public names and sections that the documents name exist."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "site").rglob("*.md")),
    *(
        ROOT / name
        for name in ("README.md", "CONTRIBUTING.md", "proofs/README.md", "tests/README.md")
    ),
]
SUFFIXES = ("/", ".py", ".v", ".json", ".toml", ".mplstyle", ".md")
PLACEHOLDER = re.compile(r"[<>{}*]|\b[A-Z]{2,}\b")  # paper_checks/<chapter>/<result>.py, NAME.json
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
named = pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))


def prose(page):
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def inline_code(page):
    return re.findall(r"(?<!`)`([^`]+)`(?!`)", prose(page))


def paths(page):
    words = {word for code in inline_code(page) for word in code.split()}
    return sorted(
        word
        for word in words
        if re.search(r"\w", word) and word.endswith(SUFFIXES) and not PLACEHOLDER.search(word)
    )


def dotted_names(page):
    return sorted({name for code in inline_code(page) for name in names_in(code)})


def names_in(code):
    return re.findall(r"(?<![\w./-])recurate(?:\.[A-Za-z_]\w*)+", code)


def resolved(name):
    """Return the module, or the attribute of a module, that has the name."""
    parts = name.split(".")
    found = importlib.import_module(parts[0])
    for i, part in enumerate(parts[1:], start=2):
        if hasattr(found, part):
            found = getattr(found, part)
        else:
            found = importlib.import_module(".".join(parts[:i]))
    return found


def anchors(page):
    """Return the fragments of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@named
def test_paths_exist(page):
    missing = [
        path
        for path in paths(page)
        if not ((ROOT / path).exists() or (page.parent / path).exists())
    ]
    assert not missing


@named
def test_dotted_names_exist(page):
    for name in dotted_names(page):
        assert resolved(name) is not None, name


@named
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"https?:", link):
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if fragment:
            assert fragment in anchors(target), link


def test_the_index_leads_to_every_document():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "README.md" or f"]({page.name})" in index, page.name


def test_something_is_named():
    assert sum(len(paths(page)) for page in DOCUMENTS) > 50
    assert sum(len(dotted_names(page)) for page in DOCUMENTS) > 20


def test_what_is_missing_is_seen():
    assert names_in("recurate.numerics.nothing(x), recurate.loop") == [
        "recurate.numerics.nothing",
        "recurate.loop",
    ]
    with pytest.raises(ModuleNotFoundError):
        resolved("recurate.numerics.nothing")
