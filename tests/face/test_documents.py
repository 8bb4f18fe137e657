"""Examples in the documents print what is shown."""

import doctest
from importlib.util import find_spec
from pathlib import Path

import pytest

DOCUMENTS = Path(__file__).parents[2] / "docs"
TUTORIALS = DOCUMENTS / "site" / "tutorials"
NEEDS_TORCH = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")


@pytest.mark.parametrize(
    "name",
    [
        "beyond_the_paper.md",
        "choosing.md",
        "continuous_laws.md",
        "evidence.md",
        "fixed_points.md",
        pytest.param("gradients.md", marks=NEEDS_TORCH),
        "large_tables.md",
        "networks.md",
        "parametric.md",
        "parts.md",
        "predicting.md",
        "rules.md",
        "simulation.md",
        "sweeping.md",
        "testing.md",
        "uncertainty.md",
        "units.md",
        "votes.md",
        "your_theorem.md",
        *(str(page.relative_to(DOCUMENTS)) for page in sorted(TUTORIALS.glob("*.md"))),
    ],
)
def test_examples(name):
    results = doctest.testfile(str(DOCUMENTS / name), module_relative=False, encoding="utf-8")
    assert results.attempted > 0
    assert results.failed == 0
