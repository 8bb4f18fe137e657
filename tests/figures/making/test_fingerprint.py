"""What a table depends on: code that can change it, and no other."""

import importlib.util

import pytest

from recurate.figures.making import fingerprint
from recurate.figures.making.fingerprint import code_of
from recurate.figures.of_the_paper import limit_density

SOURCE = '''"""A module."""

import math

from recurate.numerics.curation import log_curation_ratio
from recurate.figures.making.style import COLOURS

SCALE = 2.0
LABEL = "scaled"


def data(run):
    """Compute."""
    return helper(run) * SCALE


def helper(run):
    return log_curation_ratio(run, K=2)


def draw(tables):
    return LABEL, COLOURS
'''


@pytest.fixture
def load(tmp_path):
    def loaded(source):
        path = tmp_path / "example.py"
        path.write_text(source)
        specification = importlib.util.spec_from_file_location("example", path)
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
        return module

    return loaded


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SCALE = 2.0", "SCALE = 3.0"),
        ("K=2", "K=3"),
        ("helper(run) * SCALE", "helper(run) + SCALE"),
    ],
)
def test_code_that_data_use_counts(load, old, new):
    before = code_of(load(SOURCE).data)
    after = code_of(load(SOURCE.replace(old, new)).data)
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == ["example.py"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"scaled"', '"doubled"'),
        ("return LABEL, COLOURS", "return COLOURS, LABEL"),
        ('"""Compute."""', '"""Compute it."""'),
        ("    return helper(run) * SCALE", "    # why\n    return (\n        helper(run) * SCALE)"),
    ],
)
def test_labels_comments_and_line_breaks_do_not_count(load, old, new):
    assert old in SOURCE
    before = code_of(load(SOURCE).data)
    assert code_of(load(SOURCE.replace(old, new)).data) == before


def test_drawing_depends_on_what_it_uses(load):
    found = code_of(load(SOURCE).draw)
    assert "figures/making/style.py" in found
    assert "numerics/curation/floats.py" not in found
    assert "numerics/curation/floats.py" in code_of(load(SOURCE).data)


def test_imports_are_followed_to_the_end():
    found = code_of(limit_density.densities)
    # numerics.loop imports curation, which limit_density does not; divergences come by state.
    assert {
        "figures/of_the_paper/limit_density.py",
        "figures/shared/eight_gaussians.py",
        "figures/shared/laws.py",
        "numerics/loop.py",
        "numerics/curation/floats.py",
        "numerics/laws/divergences.py",
    } <= found.keys()
    assert "figures/making/style.py" not in found


def test_a_changed_module_of_the_package_counts(monkeypatch):
    before = code_of(limit_density.densities)
    parsed = fingerprint._parsed

    def changed(path):
        statements = parsed(path)
        return statements[:-1] if path.name == "floats.py" else statements

    monkeypatch.setattr(fingerprint, "_parsed", changed)
    fingerprint._whole.cache_clear()
    after = code_of(limit_density.densities)
    fingerprint._whole.cache_clear()
    assert [name for name in before if before[name] != after.get(name)] == [
        "numerics/curation/floats.py"
    ]
