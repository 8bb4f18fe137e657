"""Public tables with voters, hard choices, verifiers and growing training sets.

The tables, and what they should give, are those of ``test_real_tables.py``: the same dense oracle
of its own, K = 4 and the pure loop, unless said. Lists begin at t = 0.
"""

import math

import pytest

from recurate.settlement import Settlement
from tests.face.commands.test_real_tables import (
    LIKERT,
    RATERS,
    ROLLOUTS,
    RUNS,
    column,
    last_digit,
    predicted,
    run,
)

VOTERS = ("raters.tsv", "--group-column", "model", "--scale", "5", "--raters", "voters")
VOTERS += tuple(part for one in "abc" for part in ("--reward-column", f"rater_{one}"))
CORRECT = ("rollouts_lists.jsonl", "--reward-column", "correct", "--prompt-column", "question")
MECHANISM = (*RUNS, "--reward-column", "mechanism_correct", "--missing", "drop")
WITHIN = ("--prompt-column", "prompt")


@pytest.mark.parametrize(
    ("arguments", "steps", "expected"),
    [
        (
            VOTERS,  # pooled
            3,
            {
                "rater_a": {3: 0.912413},
                "rater_b": {3: 0.834307},
                "rater_c": {3: 0.930295},
                "m6": {3: 0.354221},
            },
        ),
        (
            (*VOTERS, *WITHIN, "--lam", "1"),
            5,
            {
                "rater_a": {5: 0.739518},
                "rater_b": {5: 0.657014},
                "rater_c": {5: 0.771745},
                "kl_to_reference": {5: 0.124543},
                "m6": {5: 0.225697},
                "m7": {5: 0.212770},
            },
        ),
        (
            (*RATERS, *WITHIN, "--choice", "best"),
            1,
            {"expected_reward": {1: 4.241795}, "kl_to_reference": {1: 0.503130}},
        ),
        (
            (*RATERS, "--accumulate"),
            10,
            {"expected_reward": {10: 4.547415}, "kl_to_reference": {10: 0.659841}},
        ),
        (
            (*ROLLOUTS, "--prompt-column", "question", "--lam", "1"),
            5,
            {"correct": {5: 0.371096}},
        ),
        (
            (*ROLLOUTS, "--prompt-column", "question", "--accumulate"),
            10,
            {"correct": {10: 0.414084}},
        ),
        (
            (*CORRECT, "--choice", "best"),
            3,
            {"expected_reward": [0.3175, 0.491836, 0.553294, 0.555]},
        ),
        (
            (*CORRECT, "--choice", "accept", "--nothing-accepted", "keep"),
            3,
            {"expected_reward": [0.3175, 0.555, 0.555, 0.555]},
        ),
        (
            (*CORRECT, "--choice", "accept", "--nothing-accepted", "drop"),
            3,
            {"expected_reward": {1: 1.0, 3: 1.0}},
        ),
        (
            (*RUNS, "--reward-column", "action_correct", "--choice", "best"),
            3,
            {"expected_reward": [0.850340, 0.992121, 0.999999, 1.0]},
        ),
        (
            (*MECHANISM, "--choice", "best"),
            3,
            {"expected_reward": [0.923333, 0.953087, 0.985886, 0.999884]},
        ),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, tuple) else "",
)
def test_a_table_gives_what_the_oracle_says(arguments, steps, expected):
    document, _ = predicted(*arguments, steps=steps)
    for name, values in expected.items():
        figures = column(document, name)
        for t, value in values.items() if isinstance(values, dict) else enumerate(values):
            assert figures[t] == pytest.approx(value, abs=last_digit(value))


def test_workers_of_a_scale_are_voters(monkeypatch):
    # Where the pure loop settles is not looked for here: in 156 prompts that takes a minute.
    monkeypatch.setattr("recurate.prediction.settlement", lambda _: Settlement(None, "not asked"))
    document, _ = predicted(*LIKERT, "--raters", "voters")
    value = 4.275134
    found = column(document, "expected_reward")[3]
    assert found == pytest.approx(value, abs=last_digit(value))


def test_questions_of_which_no_answer_is_correct_are_refused_with_both_ways():
    done = run(*CORRECT, "--choice", "accept")
    assert (done.exit_code, done.stdout) == (2, "")
    last = done.stderr.splitlines()[-1]
    assert "89 of 200" in last
    assert "--nothing-accepted keep" in last
    assert "drop" in last


def test_questions_that_are_dropped_are_counted():
    document, said = predicted(*CORRECT, "--choice", "accept", "--nothing-accepted", "drop")
    assert "89 of 200 prompts" in said
    assert document["parameters"]["prompts"]["count"] == 111
    # Each of them has a correct answer; their share of correct ones is .3175 · 200/111.
    assert column(document, "expected_reward")[0] == pytest.approx(0.3175 * 200 / 111, abs=1e-12)


def test_best_of_the_best_is_the_best_of_more():
    # Pooled, t steps of the hard best of 4 are one choice of the best of 4^t (docs/rules.md).
    args = ("raters.tsv", "--reward-column", "rater_a", "--choice", "best")
    twice, _ = predicted(*args, steps=2)
    once, _ = predicted(*args, "-K", "16", steps=1)
    for name in ("expected_reward", "kl_to_reference", "mass_at_max"):
        assert column(twice, name)[2] == pytest.approx(column(once, name)[1], abs=1e-12)
    assert column(once, "kl_to_reference")[1] < math.log(16) - 15 / 16  # ties: no equality
