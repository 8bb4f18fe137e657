"""What docs/mathematics.md proves of the steps of reward-monotone, in rationals on random loops."""

import math
from dataclasses import replace
from itertools import islice, pairwise

import pytest

from recurate.paper_checks.conjectures.first_and_last_steps import (
    settled_steps,
    steps_in_ratio_order,
)
from recurate.paper_checks.runs.instances import rational_instances
from recurate.paper_checks.runs.kinds import ExactRun

STEPS = {2: 7, 3: 4, 4: 3}


def mixed_loops(sizes, candidates, number):
    """Loops with real and synthetic data, and with as many weights as atoms."""
    found = (
        replace(instance, K=K, steps=STEPS[K])
        for instance in rational_instances(11, sizes)
        for K in candidates
        if 0 < instance.lam < math.inf and len(set(instance.weights)) == instance.size
    )
    return [ExactRun(instance) for instance in islice(found, number)]


def moves(run, t):
    """Return what each weight gains from p_t to p_{t+1}, the lightest one first."""
    return [run.law(t + 1)[i] - run.law(t)[i] for i in run.order]


def changes_once_from_loss_to_gain(moved):
    return all(low <= 0 or high >= 0 for low, high in pairwise(moved)) and moved[0] <= 0


@pytest.mark.parametrize(
    ("sizes", "candidates"), [((3,), (2, 3, 4)), ((4, 5), (2,))], ids=["three", "K = 2"]
)
def test_few_weights_move_up_at_every_step(sizes, candidates):
    runs = mixed_loops(sizes, candidates, 60)
    seen = set()
    for run in runs:
        for t in range(run.steps):
            moved = moves(run, t)
            assert changes_once_from_loss_to_gain(moved)
            assert all(sum(moved[c:]) > 0 for c in range(1, len(moved)))
            seen.add("".join("-" if gain < 0 else "+" for gain in moved))
        assert settled_steps(run) == set(range(run.steps))
    # All patterns of one change of sign occur, so each phase of the proof is tried.
    most = max(sizes)
    assert {"-" * c + "+" * (most - c) for c in range(1, most)} <= seen


def test_a_weight_that_loses_goes_on_losing():
    for run in mixed_loops((4, 5, 6), (2, 3), 60):
        for before, after in pairwise(moves(run, t) for t in range(run.steps)):
            assert all(new < 0 for old, new in zip(before, after, strict=True) if old <= 0)


def test_until_a_second_weight_loses_the_order_is_that_of_likelihood_ratios():
    early = 0
    for run in mixed_loops((4, 5, 6), (2, 3), 60):
        known = steps_in_ratio_order(run)
        for t in range(run.steps):
            growth = [run.law(t + 1)[i] / run.law(t)[i] for i in run.order]
            assert (t in known) == (sum(factor < 1 for factor in growth) == 1)
            if t not in known:
                break
            assert all(low <= high for low, high in pairwise(growth))
            early += 1
    assert early > 20
