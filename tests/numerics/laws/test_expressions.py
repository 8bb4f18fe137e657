"""Laws and loops print as Python that makes them again."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurate import CurationLoop, RewardLaw, strategies
from recurate.numerics.laws.expressions import number_expression

NAMES = {"RewardLaw": RewardLaw, "CurationLoop": CurationLoop}


def test_what_is_printed():
    law = RewardLaw([0, 1.0, 1e-3], [0.5, 0.3, 0.2], groups=["cat", "it's", 7])
    assert repr(law) == (
        "RewardLaw([0.0, 1.0, 0.001], [0.5, 0.3, 0.2], groups=['cat', \"it's\", 7])"
    )
    scored = RewardLaw([0.0, 1.0], scores={"length": [3, 0.1]})
    assert repr(scored) == "RewardLaw([0.0, 1.0], [0.5, 0.5], scores={'length': [3.0, 0.1]})"
    assert np.array_equal(eval(repr(scored), NAMES).scores["length"], scored.scores["length"])
    assert repr(RewardLaw([0.0, 2.0])) == "RewardLaw([0.0, 2.0], [0.5, 0.5])"
    loop = CurationLoop(RewardLaw([0.0, 2.0]), K=4, lam=0.1)
    assert repr(loop) == "CurationLoop(RewardLaw([0.0, 2.0], [0.5, 0.5]), K=4, lam=0.1)"
    endless = CurationLoop(RewardLaw([1.0]), K=math.inf, lam=math.inf)
    assert repr(endless) == (
        "CurationLoop(RewardLaw([1.0], [1.0]), K=float('inf'), lam=float('inf'))"
    )


def test_what_cannot_be_pasted_is_clearly_no_code():
    large = RewardLaw(np.linspace(0.0, 3.0, 13), groups="abcabcabcabca")
    assert repr(large) == "<RewardLaw of 13 atoms, max_reward 3, 3 groups>"
    assert repr(CurationLoop(large, K=2, lam=1)).startswith("CurationLoop(<RewardLaw of 13 atoms")
    # A frozenset's repr is not a literal: its names may not be known where it is pasted.
    assert (
        repr(RewardLaw([1.0], groups=[frozenset()]))
        == "<RewardLaw of 1 atoms, max_reward 1, 1 groups>"
    )
    missing = RewardLaw([0.0, 1.0], scores={"length": [3.0, math.nan]})
    assert repr(missing) == "<RewardLaw of 2 atoms, max_reward 1, 1 scores>"
    density = RewardLaw.from_density(lambda w: 2 * (1 - w), support=(0, 1), of="weight")
    assert repr(density) == f"<DensityLaw of {density.size} nodes, max_reward 0>"
    for text in (repr(large), repr(density)):
        with pytest.raises(SyntaxError):
            eval(text)


LABELS = [
    None,
    "abcabcabcabc",
    ["it's", '"', "\\", "λ", "a\nb", " c"] * 2,
    [True, 2, 0.5, 7, (1, "a"), b"b"] * 2,
]


@given(law=strategies.reward_laws(), names=st.sampled_from(LABELS))
def test_laws_are_the_same_again(law, names):
    """To the last digit: normalised probabilities may change when they are normalised again."""
    if names is not None:
        law = RewardLaw(law.rewards, law.given_probs, names[: law.size])
    again = eval(repr(law), NAMES)
    assert np.array_equal(again.rewards, law.rewards)
    assert np.array_equal(again.probs, law.probs)
    assert again.group_names == law.group_names
    assert names is None or np.array_equal(again.group_index, law.group_index)


@pytest.mark.parametrize("size", range(1, 13))
def test_uniform_laws_are_the_same_again(size):
    law = RewardLaw(np.arange(size))
    assert np.array_equal(eval(repr(law), NAMES).probs, law.probs)


@given(loop=strategies.curation_loops())
def test_loops_are_the_same_again(loop):
    again = eval(repr(loop), NAMES)
    assert (again.K, again.lam) == (loop.K, loop.lam)
    assert np.array_equal(again.law.probs, loop.law.probs)


def test_numbers():
    numbers = {
        4.0: "4",
        0.1: "0.1",
        1e250: "1e+250",
        math.inf: "float('inf')",
        0.0: "0",
        -2.0: "-2",
    }
    for number, text in numbers.items():
        assert number_expression(number) == text
        assert eval(text) == number
