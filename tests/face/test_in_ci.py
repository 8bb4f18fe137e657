"""What other people's CI sees: the workflow of docs/testing.md, and how failures print."""

import math
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import recurate
from recurate import CurationLoop, RewardLaw

GUIDE = Path(__file__).parents[2] / "docs" / "testing.md"
TESTS, WORKFLOW = "tests/test_curation.py", ".github/workflows/curation.yml"

FAILING = """
import numpy as np
import recurate
from hypothesis import given, settings
from recurate import CurationLoop, RewardLaw
from recurate.testing import assert_agrees, assert_choices, samples_needed

law = RewardLaw([0.0, 1.0], groups=["bad", "good"])
loop = CurationLoop(law, K=4, lam=1.0)

def test_winners():
    assert_agrees([0] * 50, loop, t=2)

def test_trajectory():
    fewer = CurationLoop(law, K=2, lam=1.0)
    run = recurate.simulate_loop(fewer, steps=2, n_generated=2000, replicates=30, rng=0)
    assert_agrees(run, loop)

def test_choices():
    assert_choices(np.zeros((50, 2)), [0] * 50)

def test_wrong_position():
    assert_choices(np.zeros((50, 2)), [3] * 50)

def test_no_scale():
    assert_choices([[0.0, 1.0]], [1], scale=None)

def test_wrong_winner():
    assert_agrees([7], loop)

def test_too_few_samples():
    rare = CurationLoop(RewardLaw([0.0, 5.0], [0.99, 0.01]), K=16, lam=1.0)
    assert_agrees(recurate.simulate_loop(rare, steps=5, n_generated=1000, rng=0), rare)

def test_wrong_power():
    samples_needed(loop, against=loop, power="0.9")
"""


def block(path):
    """The fenced block of the guide whose first line names this file."""
    return re.search(rf"```\w+\n(# {re.escape(path)}\n.*?)```", GUIDE.read_text("utf-8"), re.S)[1]


def pytest_command():
    return re.search(r"- run: (pytest .*)", block(WORKFLOW))[1]


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    """What the workflow's command prints, given a file of failing tests beside the guide's."""
    folder = tmp_path_factory.mktemp("theirs")
    (folder / "tests").mkdir()
    (folder / TESTS).write_text(block(TESTS), "utf-8")
    (folder / "tests" / "test_failing.py").write_text(FAILING, "utf-8")
    command = [sys.executable, "-m", *shlex.split(pytest_command()), "tests/test_failing.py"]
    # As on a CI, by which Hypothesis knows that no example has a deadline.
    env = os.environ | {"CI": "true", "PYTHONUTF8": "1", "COLUMNS": "200"}
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, encoding="utf-8", check=False
    )
    return done.stdout


def test_the_tests_of_the_workflow_pass(output):
    assert f"{TESTS} ..." in output
    assert "8 failed, 3 passed" in output


def test_the_workflow_is_one():
    """Its shape; it was held against the schema of workflows once, by check-jsonschema."""
    lines = block(WORKFLOW).splitlines()[1:]
    keys = [line.split(":")[0] for line in lines if not line.startswith(" ")]
    assert keys == ["name", "on", "permissions", "jobs"]
    assert all(re.fullmatch(r"(?:  )*(?:- )?[\w-]+:(?: .+)?", line) for line in lines)
    assert [line.split("- ")[1] for line in lines if "- " in line] == [
        "uses: actions/checkout@v4",
        "uses: actions/setup-python@v5",
        "run: pip install ./recurate pytest",
        f"run: pytest {TESTS}",
    ]


def test_no_frame_of_the_package_is_shown(output):
    shown = re.findall(r"^(\S+\.py):\d+: \w+Error$", output, re.M)
    assert shown == ["tests/test_failing.py"] * 8
    assert "numerics" not in output
    assert "testing.py:" not in output


@pytest.mark.parametrize(
    "start",
    [
        r"t = 2: atom 0 \(reward 0\) won 50 of 50 times, expected \d+\.\d ± \d\.\d",
        # The first of events that are one: the shares of both groups are as far off.
        r"t = 2: expected_reward is 0\.\d+, expected 0\.\d+ ± 0\.\d+",
        r"position 0 was chosen 50 of 50 times, expected 25\.0 ± 3\.5",
    ],
    ids=["winners", "trajectory", "choices"],
)
def test_the_first_line_has_step_figure_and_both_numbers(output, start):
    line = rf"^E +AssertionError: {start} \(p-value \S+, alpha 1e-06\)$"
    assert re.search(line, output, re.M)


def failing_example(strategy, is_fine):
    """The example that Hypothesis prints for a test that fails, and the value that failed."""
    failed = []

    @settings(
        database=None,
        derandomize=True,
        phases=[Phase.generate],  # the first that fails will do
        suppress_health_check=list(HealthCheck),
    )
    @given(value=strategy)
    def look(value):
        if not is_fine(value):
            failed.append(value)
            raise AssertionError

    with pytest.raises(AssertionError) as caught:
        look()
    text = "\n".join(caught.value.__notes__)
    return re.search(r"^ +value=(.*),$", text, re.M)[1], failed[-1]


def same_law(one, other):
    return (
        one.rewards.tolist() == other.rewards.tolist()
        and one.probs.tolist() == other.probs.tolist()
        and one.group_names == other.group_names
    )


@pytest.mark.parametrize(
    ("strategy", "is_fine"),
    [
        (recurate.strategies.reward_laws(), lambda law: law.size < 3),
        (recurate.strategies.reward_laws(), lambda law: law.probs.max() > 0.4),
        (st.from_type(RewardLaw), lambda law: law.max_reward < 3.0),
        (st.builds(RewardLaw, st.just([0.0, 2.0]), groups=st.just("xy")), lambda law: False),
    ],
)
def test_a_failing_law_can_be_pasted(strategy, is_fine):
    text, law = failing_example(strategy, is_fine)
    assert text.startswith("RewardLaw([")
    pasted = eval(text, {"RewardLaw": RewardLaw})
    assert same_law(pasted, law)
    assert not is_fine(pasted)


@pytest.mark.parametrize(
    ("options", "is_fine"),
    [
        ({}, lambda loop: loop.K < 3 or loop.lam < 0.5),
        (
            {"mixing": lambda K: st.just(math.inf), "candidates": st.just(math.inf)},
            lambda loop: False,
        ),
    ],
    ids=["finite", "infinite"],
)
def test_a_failing_loop_can_be_pasted(options, is_fine):
    text, loop = failing_example(recurate.strategies.curation_loops(**options), is_fine)
    pasted = eval(text, {"RewardLaw": RewardLaw, "CurationLoop": CurationLoop})
    assert same_law(pasted.law, loop.law)
    assert (pasted.K, pasted.lam) == (loop.K, loop.lam)
