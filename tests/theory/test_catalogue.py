"""Chapters, from the foundations to the conjectures, and the one vocabulary of their modules."""

import ast
from itertools import groupby
from pathlib import Path

import pytest

from recurate.theory import language, proving
from recurate.theory.catalogue import CHAPTERS, STATEMENTS
from recurate.theory.language import draws, notation

ROOT = Path(__file__).parents[2]


def test_chapters_stand_together_in_order():
    assert [name for name, _ in groupby(s.chapter for s in STATEMENTS.values())] == list(CHAPTERS)


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_is_in_the_module_of_its_name_and_so_are_its_checks(name):
    statement = STATEMENTS[name]
    module = name.replace("-", "_").replace(".", "_")
    assert statement.module == f"recurate.theory.{statement.chapter}.{module}"
    for room in ("theory", "paper_checks"):
        assert (ROOT / room / statement.chapter / f"{module}.py").is_file()


def test_a_star_imports_the_language_and_nothing_else():
    for path in sorted((ROOT / "theory").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                assert node.module == "recurate.theory.language", path


def test_the_language_has_every_word():
    words = set(language.__all__)
    tables = {"ARGUMENTS", "DERIVED", "NAMES", "TACIT", "RANDOM", "PRIMED", "tacit"}
    for module in (notation, draws):
        own = {
            name
            for node in ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body
            for name in defined(node)
        }
        assert {name for name in own if not name.startswith("_")} - words <= tables


def defined(node):
    """Names that a statement of a module defines."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


@pytest.mark.parametrize("package", [language, proving])
def test_what_is_offered_is_there(package):
    for name in package.__all__:
        assert getattr(package, name) is not None
