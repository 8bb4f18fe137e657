"""States are kept within the budget, and dropped ones are computed again to the same digits."""

import random

import numpy as np
import pytest

from recurate.numerics.laws import history as kept_history
from recurate.numerics.laws.history import History
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop

STEPS = 60
LEVELS = 50


def small_run(**options):
    law = RewardLaw(np.linspace(0.0, 2.0, LEVELS))
    return CurationLoop(law, K=3, lam=2.0).run(steps=STEPS, **options)


@pytest.mark.parametrize("kept", [1, 2, 7, 30])
@pytest.mark.parametrize("start", [None, np.full(LEVELS, 1 / LEVELS)])
def test_replay_is_identical_in_any_order(monkeypatch, kept, start):
    whole = small_run(initial=start)
    expected = [whole.log_probs(t) for t in range(STEPS + 1)]
    monkeypatch.setattr(kept_history, "_HISTORY_BYTES", kept * LEVELS * 8)
    found = small_run(initial=start)
    assert len(found._history._kept) <= kept
    order = [*range(STEPS + 1), *reversed(range(STEPS + 1)), 5, 5, 4, STEPS, 0]
    shuffled = list(range(STEPS + 1))
    random.Random(1).shuffle(shuffled)
    for t in order + shuffled:
        assert np.array_equal(found.log_probs(t), expected[t])
    assert len(found._history._kept) <= kept
    assert np.array_equal(found.kl_to_reference, whole.kl_to_reference)


@pytest.mark.parametrize("steps", [0, 1, 10, 99])
@pytest.mark.parametrize("budget", [1, 3, 10, 1000])
def test_budget_is_kept_and_every_state_is_right(monkeypatch, steps, budget):
    # The map adds one, so the state at t is t.
    monkeypatch.setattr(kept_history, "_HISTORY_BYTES", 8 * budget)
    history = History(np.zeros(1), lambda state: state + 1.0, steps)
    for t in [*range(steps + 1), steps, 0, steps // 2, steps // 3, steps]:
        assert history.at(t)[0] == t
        assert sum(state.nbytes for state in history._kept) <= 8 * max(1, budget)


def test_going_forward_costs_one_step_each(monkeypatch):
    monkeypatch.setattr(kept_history, "_HISTORY_BYTES", 8 * 5)
    calls = []

    def step(state):
        calls.append(state[0])
        return state + 1.0

    history = History(np.zeros(1), step, 100)
    for t in range(101):
        history.at(t)
    assert len(calls) == 100
    # Afterwards a state costs less than a stride of steps, and the latest one costs nothing.
    history.at(37)
    assert len(calls) <= 100 + history._stride
    spent = len(calls)
    history.at(37)
    assert len(calls) == spent


def test_everything_is_kept_within_the_budget():
    assert kept_history._HISTORY_BYTES == 64 * 2**20
    assert len(small_run()._history._kept) == STEPS + 1


def test_results_cannot_spoil_later_ones():
    run = small_run()
    expected = run.log_probs(7).copy()
    for array in (run.log_probs(7), run.probs(7), run.log_density(7)):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 3.0
    assert np.array_equal(run.log_probs(7), expected)
    assert run.log_density(7) == pytest.approx(expected + np.log(LEVELS), abs=1e-13)
