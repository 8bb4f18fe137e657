"""The reward law: what it holds, the labels it accepts, and the bad input it refuses."""

import math
from fractions import Fraction

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw

REWARDS = [0.0, 2.0, 1.0, 2.0]


def test_defaults_and_attributes():
    law = RewardLaw([3, 1, 2])
    assert law.rewards.tolist() == [3.0, 1.0, 2.0]
    assert law.rewards.dtype == law.probs.dtype == np.float64
    assert law.probs.tolist() == [1 / 3] * 3
    assert (law.size, law.max_reward, law.group_names, law.group_index) == (3, 3.0, (), None)


def test_massless_atoms_do_not_count_for_the_largest_reward():
    assert RewardLaw([5.0, 1.0, 0.0], [0.0, 0.5, 0.5]).max_reward == 1.0


def test_distinct_rewards_ascend():
    levels, index = RewardLaw(REWARDS).distinct
    assert levels.tolist() == [0.0, 1.0, 2.0]
    assert index.tolist() == [0, 2, 1, 2]


def test_sums_within_the_tolerance_are_normalised():
    law = RewardLaw([0.0, 1.0], [0.5, 0.5 + 1e-10])
    assert math.fsum(law.probs) == pytest.approx(1.0, abs=1e-15)
    assert law.probs[1] / law.probs[0] == pytest.approx(1 + 2e-10, abs=1e-15)


def test_arrays_are_read_only_copies():
    rewards, probs = np.array([0.0, 1.0]), np.array([0.25, 0.75])
    labels = np.array([3, 3])
    law = RewardLaw(rewards, probs, labels)
    for held in (law.rewards, law.probs, law.group_index):
        with pytest.raises(ValueError, match="read-only"):
            held[0] = 1
    rewards[0], probs[0], labels[0] = 7.0, 0.5, 4
    assert law.rewards.tolist() == [0.0, 1.0]
    assert law.probs.tolist() == [0.25, 0.75]
    assert law.group_index.tolist() == [0, 0]


def test_input_arrays_stay_writeable():
    rewards, probs, labels = np.array([0.0, 1.0]), np.array([0.5, 0.5]), np.array([1, 2])
    RewardLaw(rewards, probs, labels)
    assert rewards.flags.writeable
    assert probs.flags.writeable
    assert labels.flags.writeable


@pytest.mark.parametrize(
    ("labels", "names", "index"),
    [
        ("bbab", ("b", "a"), [0, 0, 1, 0]),
        (["z", "y", "z", "x"], ("z", "y", "x"), [0, 1, 0, 2]),
        ([-1, 1, "1", -1], (-1, 1, "1"), [0, 1, 2, 0]),
        ([(1, 2), (0,), (1, 2), ()], ((1, 2), (0,), ()), [0, 1, 0, 2]),
        (
            [Fraction(1, 2), 0.5, frozenset(), b"x"],
            (Fraction(1, 2), frozenset(), "x"),
            [0, 0, 1, 2],
        ),
        ([True, False, True, 2], (True, False, 2), [0, 1, 0, 2]),
        (np.array([7, 3, 7, 9]), (7, 3, 9), [0, 1, 0, 2]),
        (np.array([3, 1, 3, 2], dtype=np.uint8), (3, 1, 2), [0, 1, 0, 2]),
        (np.array(["dog", "cat", "owl", "cat"]), ("dog", "cat", "owl"), [0, 1, 2, 1]),
        (np.array([b"q", b"p", b"q", b"q"]), ("q", "p"), [0, 1, 0, 0]),
        ([b"q", "p", "q", b"p"], ("q", "p"), [0, 1, 0, 1]),
        (np.array([True, False, True, True]), (True, False), [0, 1, 0, 0]),
        (np.array([1.5, 0.5, 1.5, 2.5]), (1.5, 0.5, 2.5), [0, 1, 0, 2]),
        (np.array(["b", (), "b", 3], dtype=object), ("b", (), 3), [0, 1, 0, 2]),
        (range(4), (0, 1, 2, 3), [0, 1, 2, 3]),
    ],
    ids=str,
)
def test_labels_of_any_hashable_kind_in_order_of_first_appearance(labels, names, index):
    law = RewardLaw(REWARDS, groups=labels)
    assert law.group_names == names
    assert law.group_index.tolist() == index


def test_labels_may_come_from_a_generator_or_a_series():
    pandas = pytest.importorskip("pandas")
    for labels in ((c for c in "xyxx"), pandas.Series(list("xyxx")), iter("xyxx")):
        law = RewardLaw(REWARDS, groups=labels)
        assert law.group_names == ("x", "y")
        assert law.group_index.tolist() == [0, 1, 0, 0]


def test_names_of_array_labels_are_python_values():
    law = RewardLaw(REWARDS, groups=np.array([1, 2, 3, 4]))
    assert [type(name) for name in law.group_names] == [int] * 4
    law = RewardLaw(REWARDS, groups=np.array(list("abcd")))
    assert [type(name) for name in law.group_names] == [str] * 4


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ([1, [2], 3, 4], TypeError, "^groups must be hashable labels; got list at position 1$"),
        ([1, 2, 3, {}], TypeError, "^groups must be hashable labels; got dict at position 3$"),
        (
            np.zeros((4, 2)),
            TypeError,
            "^groups must be hashable labels; got ndarray at position 0$",
        ),
        (
            ["a", math.nan, "a", "b"],
            ValueError,
            "^groups must be labels that equal themselves; got nan at position 1$",
        ),
        (
            np.array([1.0, 2.0, math.nan, math.nan]),
            ValueError,
            "^groups must be labels that equal themselves; got .*nan.* at position 2$",
        ),
        ([1, None, 2, 3], ValueError, "^groups, position 1: must be a label; got None, which is"),
        (
            ["a", "b", " \t", "a"],
            ValueError,
            r"^groups, position 2: .*; got ' \\t', which is missing",
        ),
        (np.array(["a", "", "b", ""]), ValueError, "^groups, position 1: must .*; got '', which"),
        ([b"a", b"\xff", 1, 2], ValueError, r"^groups, position 1: .*b'\\xff', bytes that are not"),
        ("abc", ValueError, r"^groups must have one entry per reward \(4\); got 3$"),
        (range(5), ValueError, r"^groups must have one entry per reward \(4\); got 5$"),
        (np.arange(3), ValueError, r"^groups must have one entry per reward \(4\); got 3$"),
        ([], ValueError, r"^groups must have one entry per reward \(4\); got 0$"),
    ],
    ids=str,
)
def test_bad_labels(labels, error, message):
    with pytest.raises(error, match=message):
        RewardLaw(REWARDS, groups=labels)


@pytest.mark.parametrize(
    ("rewards", "error", "message"),
    [
        ([], ValueError, "^rewards must have at least one entry; got none$"),
        ([0, math.nan], ValueError, "^rewards must be finite real numbers; got nan at position 1$"),
        ([0, math.inf], ValueError, "^rewards must be finite real numbers; got inf at position 1$"),
        ([[1.0]], ValueError, r"^rewards must be one-dimensional; got an array of shape \(1, 1\)$"),
        (["x"], TypeError, "^rewards must be real numbers; got an array of type <U1$"),
        ([1j], TypeError, "^rewards must be real numbers; got an array of type complex128$"),
        ([0, 2e12], ValueError, r"^rewards must span at most 1e\+12; got values from 0 to 2e\+12$"),
        (np.ma.array([1.0], mask=[True]), ValueError, "^rewards must not have masked entries"),
    ],
    ids=str,
)
def test_bad_rewards(rewards, error, message):
    with pytest.raises(error, match=message):
        RewardLaw(rewards)


@pytest.mark.parametrize(
    ("probs", "error", "message"),
    [
        ([0.5, 0.75, -0.25], ValueError, r"^probs must be at least 0; got -0\.25 at position 2$"),
        (
            [0.5, 0.5, 1e-8],
            ValueError,
            r"^probs must sum to 1 within 1e-09; got a sum of 1\.00000001",
        ),
        ([0.5, 0.5], ValueError, r"^probs must have one entry per reward \(3\); got 2$"),
        ([0.5, math.nan, 0.5], ValueError, "^probs must be finite real numbers; got nan at"),
        (list("abc"), TypeError, "^probs must be real numbers; got an array of type <U1$"),
    ],
    ids=str,
)
def test_bad_probs(probs, error, message):
    with pytest.raises(error, match=message):
        RewardLaw([0.0, 1.0, 2.0], probs)


def test_integer_labels_are_numbered_by_first_appearance():
    # Small ranges are numbered by a table, others by a sort: the numbers are the same.
    rng = np.random.default_rng(1)
    small = rng.integers(-3, 9, 500)
    law, far = (
        RewardLaw(np.zeros(500), groups=small),
        RewardLaw(np.zeros(500), groups=small * 10**9),
    )
    seen = list(dict.fromkeys(small.tolist()))
    assert list(law.group_names) == seen
    assert list(far.group_names) == [name * 10**9 for name in seen]
    assert law.group_index.tolist() == far.group_index.tolist()
    assert law.group_index.tolist() == [seen.index(label) for label in small.tolist()]


def test_a_prompt_without_values_of_a_score_has_no_such_score():
    # Of the second prompt, only an answer without mass has a value.
    law = RewardLaw(
        [0.0, 1.0, 2.0, 3.0],
        [0.25, 0.25, 0.5, 0.0],
        prompts=["a", "a", "b", "b"],
        scores={"length": [1.0, np.nan, np.nan, 4.0]},
    )
    assert law.prompt("a").score_names == ("length",)
    assert law.prompt("b").score_names == ()


def test_masses_of_prompts_of_many_rows_keep_their_digits():
    # Added up one by one, 10^5 numbers lose four digits: 2e-12 here.
    n = 10**5
    prompts = np.arange(n) < 99_990
    assert RewardLaw(np.zeros(n), prompts=prompts).prompt_probs == pytest.approx(
        [0.9999, 0.0001], rel=1e-15
    )
    probs = np.random.default_rng(0).exponential(size=n)
    probs /= math.fsum(probs)
    law = RewardLaw(np.zeros(n), probs, prompts=prompts)
    expected = [math.fsum(law.probs[prompts]), math.fsum(law.probs[~prompts])]
    assert law.prompt_probs == pytest.approx(expected, rel=1e-15)


def test_levels_of_many_rows_keep_their_digits():
    rewards = np.arange(10**5) % 2
    run = CurationLoop(RewardLaw(rewards), K=2, lam=1.0).run(steps=0, compress=False)
    assert run.mass_at_max[0] == pytest.approx(0.5, rel=1e-15)


def test_scores_of_laws_without_any_are_not_shared():
    with pytest.raises(TypeError, match="does not support item assignment"):
        RewardLaw([0.0]).scores["length"] = np.ones(1)


def test_a_reward_of_zero_has_no_sign():
    law = RewardLaw([-0.0, -1.0, 0.0])
    assert not np.signbit(law.rewards[law.rewards == 0]).any()
    assert not np.signbit(law.max_reward)
