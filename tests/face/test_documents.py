"""Examples in the documents print what is shown."""

import doctest
from pathlib import Path

import pytest

DOCUMENTS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    "name",
    [
        "continuous_laws.md",
        "evidence.md",
        "parametric.md",
        "predicting.md",
        "rules.md",
        "simulation.md",
        "testing.md",
        "units.md",
        "votes.md",
        "your_theorem.md",
    ],
)
def test_examples(name):
    results = doctest.testfile(str(DOCUMENTS / name), module_relative=False, encoding="utf-8")
    assert results.attempted > 0
    assert results.failed == 0
