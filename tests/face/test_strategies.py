"""The public Hypothesis strategies, and their registration."""

import importlib.metadata
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
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
    # The ends are rare on purpose.
    first_drawn(lambda loop: loop.lam in (0.0, math.inf), recurate.strategies.curation_loops())
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


def drawn(strategy, number):
    """This many examples, always the same."""
    seen = []

    @settings(
        max_examples=number,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def look(value):
        seen.append(value)

    look()
    return seen


def parts_of(rule):
    yield rule
    for part in getattr(rule, "rules", [r for _, r in getattr(rule, "voters", [])]):
        yield from parts_of(part)


LAW = RewardLaw(
    [0.0, 1.0, 1.0], groups="aab", scores={"length": [3.0, 2.0, 1.0], "right": [0.0, 1.0, 0.5]}
)


def test_rules_are_of_every_kind():
    rules = drawn(recurate.strategies.rules(LAW), 600)
    names = {type(part).__name__ for rule in rules for part in parts_of(rule)}
    assert names == set(recurate.rules.__all__) - {"Rule", "NothingAcceptedError"}
    by = {getattr(part, "by", None) for rule in rules for part in parts_of(rule)}
    assert by == {None, "length", "right"}
    # Each is one that the law has all for: its winners have a law.
    log_probs = np.log(LAW.probs)
    for rule in rules:
        assert LAW.probs @ np.exp(rule.log_ratio(LAW, log_probs)) == pytest.approx(1, abs=1e-9)


def test_rules_read_what_the_law_has():
    bare = RewardLaw([-1.0, 3.0], scores={"unknown": [1.0, math.nan]})
    for rule in drawn(recurate.strategies.rules(bare), 200):
        for part in parts_of(rule):
            assert getattr(part, "by", None) is None
            assert type(part).__name__ != "Accept"
            assert getattr(part, "of", "atoms") == "atoms"


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_depth_of_rules(depth):
    def deep(rule):
        inner = list(parts_of(rule))[1:]
        return 1 + max(map(deep, inner)) if inner else 0

    depths = {deep(rule) for rule in drawn(recurate.strategies.rules(LAW, depth=depth), 150)}
    assert depths == set(range(depth + 1))


@pytest.mark.parametrize("is_sequence", [True, False])
@pytest.mark.parametrize("name", ["rule", "lam", "retained"])
def test_what_drives_a_step_may_be_a_sequence(name, is_sequence):
    found = first_drawn(lambda loop: isinstance(getattr(loop.schedule, name), tuple) == is_sequence)
    assert not is_sequence or len(getattr(found.schedule, name)) == 3


def test_training_sets_may_grow():
    assert first_drawn(lambda loop: loop.training is not None).schedule.lam == math.inf


def first_drawn(condition, strategy=recurate.strategies.loops(steps=3)):  # noqa: B008
    """The first loop that is drawn for which it is true; an error if there is none in 3,000."""
    asked = settings(max_examples=3000, database=None, phases=[Phase.generate])
    return find(strategy, condition, settings=asked)


def test_loops_run():
    for loop in drawn(recurate.strategies.loops(steps=3), 150):
        assert loop.law.score_names == ("second", "accepted")
        assert np.isfinite(loop.run(steps=3).expected_reward).all()


def test_loops_print_as_code():
    names = {name: getattr(recurate.rules, name) for name in recurate.rules.__all__}
    names |= {name: getattr(recurate, name) for name in ("CurationLoop", "RewardLaw", "Accumulate")}
    for loop in drawn(recurate.strategies.loops(steps=2), 60):
        again = eval(repr(loop), names)
        assert repr(again) == repr(loop)
        assert np.array_equal(again.run(steps=2).probs(2), loop.run(steps=2).probs(2))


def test_loops_shrink_to_simple_ones():
    simplest = find(recurate.strategies.loops(), lambda loop: True)
    # λ is one number; which one depends on the constants that Hypothesis finds in loaded modules.
    assert (simplest.law.size, simplest.retained) == (1, 0.0)
    assert isinstance(simplest.schedule.lam, float)
    nested = find(recurate.strategies.rules(LAW), lambda rule: hasattr(rule, "voters"))
    assert len(nested.voters) == 2
    assert not any(len(list(parts_of(rule))) > 1 for _, rule in nested.voters)


def test_parts_of_loops_can_be_given():
    rule, law = recurate.rules.BestOf(2), RewardLaw([0.0, 1.0])
    strategy = recurate.strategies.loops(laws=st.just(law), rules=rule, schedules={"lam": 2.0})
    for loop in drawn(strategy, 5):
        assert (loop.law, loop.rule, loop.lam) == (law, rule, 2.0)


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
