"""The public Hypothesis strategies, and their registration."""

import importlib.metadata
import math
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import recurate
from recurate import CurationLoop, RewardLaw


def test_they_are_registered_by_an_entry_point():
    (entry,) = (
        e for e in importlib.metadata.entry_points(group="hypothesis") if e.name == "recurate"
    )
    assert entry.value == "recurate.strategies:_hypothesis_setup_hook"


@given(law=..., loop=...)
def test_types_resolve_to_strategies(law: RewardLaw, loop: CurationLoop):
    assert 1 <= law.size <= 12
    assert 0.0 < law.probs.max() <= 1.0
    assert law.rewards.max() - law.rewards.min() <= 50.0
    assert loop.K == math.inf or 1 <= loop.K <= 10_000


@given(law=recurate.strategies.reward_laws(max_atoms=2, max_span=1.0))
def test_ranges_can_be_narrowed(law):
    assert law.size <= 2
    assert law.rewards.max() - law.rewards.min() <= 1.0


def test_ranges_are_reached():
    seen = {"atoms": set(), "K": set(), "lam": set(), "span": set()}

    @settings(
        max_examples=500, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(loop=recurate.strategies.curation_loops())
    def look(loop):
        seen["atoms"].add(loop.law.size)
        seen["K"].add(loop.K)
        seen["lam"].add(loop.lam)
        seen["span"].add(float(loop.law.rewards.max() - loop.law.rewards.min()))

    look()
    assert seen["atoms"] <= set(range(1, 13))
    assert len(seen["atoms"]) >= 10
    assert {1, 12} <= seen["atoms"]
    assert {1.0, 2.0, math.inf} <= seen["K"]
    assert max(seen["K"] - {math.inf}) > 5_000
    assert seen["lam"] & {0.0, math.inf}  # the ends are rare on purpose
    assert min(seen["lam"] - {0.0}) < 1e-4
    assert max(seen["lam"] - {math.inf}) > 1e3
    assert {0.0} <= seen["span"]
    assert max(seen["span"]) > 40


def test_any_strategy_can_take_the_place_of_the_laws():
    fixed = RewardLaw([0.0, 1.0])

    @given(loop=recurate.strategies.curation_loops(laws=st.just(fixed)))
    def look(loop):
        assert loop.law is fixed

    look()


@pytest.mark.parametrize("first", ["recurate.strategies", "hypothesis"])
def test_either_may_be_imported_first(first):
    """Hypothesis looks for the registration while it is imported: here, by recurate.strategies."""
    program = (
        f"import {first}, recurate.strategies\n"
        "from hypothesis import strategies as st\n"
        "from recurate import CurationLoop, RewardLaw\n"
        "recurate.strategies._hypothesis_setup_hook()\n"
        "st.from_type(RewardLaw).validate()\n"
        "st.from_type(CurationLoop).validate()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
