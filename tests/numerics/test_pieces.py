"""Calls by any executor: order, how many are under way, and what is lost with a process."""

import threading
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial

import pytest

from recurate.numerics.pieces import WorkerLostError, carried_out, in_order, width

SQUARES = {n: partial(pow, n, 2) for n in range(20)}


class Counting(Executor):
    """Carries out calls at once, and breaks at some of them."""

    def __init__(self, breaking=()):
        self.submitted, self.breaking = 0, set(breaking)

    def submit(self, call, *args):
        self.submitted += 1
        future = Future()
        if call.args[0] in self.breaking:
            future.set_exception(BrokenExecutor("dead"))
        else:
            future.set_result(call(*args))
        return future


@pytest.mark.parametrize("executor", [None, Counting()])
def test_calls_come_in_order(executor):
    assert list(in_order(SQUARES, executor)) == [(n, n**2) for n in range(20)]


def test_an_executor_of_the_standard_library_will_do():
    with ThreadPoolExecutor(3) as executor:
        assert list(in_order(SQUARES, executor)) == [(n, n**2) for n in range(20)]
        assert list(in_order(SQUARES, executor, 7)) == [(n, n**2 % 7) for n in range(20)]


@pytest.mark.parametrize("executor", [None, Counting()])
def test_few_calls_are_looked_at_ahead(executor):
    looked = []

    def calls():
        for n in range(20):
            looked.append(n)
            yield n, partial(pow, n, 2)

    with closing(in_order(calls(), executor, ahead=lambda: 3)) as outcomes:
        assert next(outcomes) == (0, 0)
        assert len(looked) <= 3
        rest = list(outcomes)
    assert looked == list(range(20))
    assert rest == [(n, n**2) for n in range(1, 20)]


def test_how_many_are_looked_at_follows_who_joins_and_leaves():
    looked, now = [], [1]

    def calls():
        for n in range(20):
            looked.append(n)
            yield n, partial(pow, n, 2)

    with closing(carried_out(calls(), Counting(), ahead=lambda: now[0])) as outcomes:
        seen = []
        for most in (1, 5, 2, 2, 2, 2, 3):
            now[0] = most
            next(outcomes)
            seen.append(len(looked))
    # As many are under way as there is room for; more only when fewer are left than that.
    assert seen == [1, 6, 6, 6, 6, 7, 9]


@pytest.mark.parametrize("ahead", [None, lambda: 2])
def test_what_breaks_its_process_is_lost_alone(ahead):
    executor = Counting(breaking={3, 11})
    outcomes = dict(carried_out(SQUARES, executor, ahead=ahead))
    assert {n for n, outcome in outcomes.items() if isinstance(outcome, WorkerLostError)} == {3, 11}
    assert {n: v for n, v in outcomes.items() if n not in (3, 11)} == {
        n: n**2 for n in range(20) if n not in (3, 11)
    }
    assert executor.submitted == 22  # these two are given a second chance, and no other


def test_who_wants_no_more_gives_up_what_waits():
    gate, futures = threading.Event(), []
    with ThreadPoolExecutor(1) as pool:
        executor = Counting()
        executor.submit = lambda *call: futures.append(pool.submit(*call)) or futures[-1]
        calls = {"first": partial(pow, 2, 2), "slow": gate.wait, **SQUARES}
        with closing(carried_out(calls, executor)) as outcomes:
            assert next(outcomes) == ("first", 4)
        gate.set()
    assert all(future.cancelled() for future in futures[2:])  # the second may have begun


def test_width():
    with ThreadPoolExecutor(1) as executor:
        assert width(executor) >= 1
    assert width(None) == 1
