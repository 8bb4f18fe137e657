"""What is drawn depends on the seed alone, and not on which modules are loaded."""

import importlib
import sys
from contextlib import nullcontext

from hypothesis import Phase, given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st

from recurate.paper_checks.runs.drawing import by_the_seed_alone

NUMBERS = [n + 0.123456789 for n in range(1000, 1100)]


def drawn(context):
    found = []

    @with_seed(7)
    @settings(max_examples=400, database=None, phases=[Phase.generate])
    @given(st.floats(900.0, 1200.0))
    def keep(number):
        found.append(number)

    with context:
        keep()
    return found


def test_numbers_of_loaded_modules_are_not_drawn(tmp_path, monkeypatch):
    before = drawn(by_the_seed_alone())
    (tmp_path / "a_user_s_module.py").write_text(f"NUMBERS = {NUMBERS}")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("a_user_s_module")
    try:
        # Outside of the block they are: otherwise this test would say nothing.
        assert set(drawn(nullcontext())) & set(NUMBERS)
        assert drawn(by_the_seed_alone()) == before
        assert set(drawn(nullcontext())) & set(NUMBERS), "what was replaced is back"
    finally:
        del sys.modules["a_user_s_module"]
