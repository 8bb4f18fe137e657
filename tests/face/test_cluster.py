"""Dask: results do not depend on who computes, workers may die, and a lost cluster says so."""

import asyncio
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from recurate import cluster
from recurate.cli import app
from recurate.errors import InputError
from recurate.numerics.inference.choosing import choose
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.pieces import ExecutorLostError, WorkerLostError, carried_out, in_order
from recurate.numerics.rules import BestOf
from recurate.paper_checks import runner
from recurate.paper_checks.evidence.kinds import EFFORTS, Effort
from recurate.paper_checks.hunt.hunt import hunt
from recurate.workers import executor
from tests.face.for_workers import (
    Unread,
    Unsent,
    counted,
    divided_by_zero,
    entry,
    killed,
    killed_at_first,
    square,
)

dask = pytest.importorskip("dask")
psutil = pytest.importorskip("psutil")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="workers are killed by signals")

ALLOWED_FAILURES = 0
"""How many of a call's workers may die before it is given up, at first: few are to restart."""


def workers(pid=None):
    """Return the processes that this one has started, and these, and that compute."""
    found = []
    for process in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "spawn_main" in " ".join(process.cmdline()):
                found.append(process)
    return found


@pytest.fixture(scope="module")
def pool():
    """Yield two workers on this machine, to which the tests' functions are known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2])
        with (
            dask.config.set({"distributed.scheduler.allowed-failures": ALLOWED_FAILURES}),
            executor(workers=2) as made,
        ):
            assert len(workers()) == 2
            yield made
    assert not any("local_cluster" in " ".join(p.cmdline()) for p in psutil.Process().children())
    assert not workers()


class Counted(list):
    """Counts how often it is sent."""

    sent = 0

    def __reduce__(self):
        Counted.sent += 1
        return list, (list(self),)


def test_two_workers_share_the_calls(pool):
    outcomes = dict(in_order({n: partial(square, n) for n in range(20)}, pool))
    assert list(outcomes) == list(range(20))
    assert [value for _, value in outcomes.values()] == [n * n for n in range(20)]
    assert {pid for pid, _ in outcomes.values()} == {process.pid for process in workers()}
    assert os.getpid() not in {pid for pid, _ in outcomes.values()}


def test_a_shared_value_is_sent_once(pool):
    Counted.sent = 0
    values = Counted(range(100))
    calls = {n: partial(entry, n=n) for n in range(20)}
    outcomes = dict(carried_out(calls, pool, values))
    assert {n: value for n, (_, value) in outcomes.items()} == {n: n for n in range(20)}
    assert Counted.sent == 1


def test_errors_of_calls_are_raised(pool):
    with pytest.raises(ZeroDivisionError):
        list(carried_out({"a": partial(pow, 0, -1)}, pool))


def test_calls_of_a_killed_worker_run_again(pool, tmp_path):
    calls = {n: partial(killed_at_first, str(tmp_path / "killed"), n) for n in range(12)}
    assert list(in_order(calls, pool)) == [(n, n * n) for n in range(12)]
    assert (tmp_path / "killed").exists()


@pytest.fixture
def losing(pool, tmp_path, monkeypatch):
    """Return a file; the worker whose process it names dies when it has the first result."""
    runs = tmp_path / "runs"

    async def result(theirs):
        while not theirs.done():
            await asyncio.sleep(0.01)
        monkeypatch.undo()
        os.kill(int(runs.read_text()), signal.SIGKILL)
        return await pool._result(theirs)

    monkeypatch.setattr(pool, "_result", result)
    return str(runs)


def test_a_result_that_is_lost_with_its_worker_is_made_again(pool, losing):
    assert pool.submit(counted, losing).result() == 2


@pytest.mark.parametrize(
    ("then", "error"), [(killed, BrokenExecutor), (divided_by_zero, ZeroDivisionError)]
)
def test_what_goes_wrong_as_it_is_made_again_is_told(pool, losing, then, error):
    with pytest.raises(error):
        pool.submit(counted, losing, then).result()


def test_a_result_that_cannot_be_sent_or_read_says_so(pool):
    with pytest.raises(TypeError, match="cannot pickle"):
        pool.submit(Unsent).result()
    with pytest.raises(ValueError, match="cannot be read here: ZeroDivisionError: division by"):
        pool.submit(Unread).result()


def test_a_call_that_kills_its_workers_is_lost_alone(pool):
    calls = {n: partial(square, n) for n in range(12)} | {"lost": killed}
    outcomes = dict(carried_out(calls, pool))
    lost = outcomes.pop("lost")
    assert isinstance(lost, WorkerLostError)
    assert "killed" in str(lost)
    assert {n: value for n, (_, value) in outcomes.items()} == {n: n * n for n in range(12)}


def _called(call):
    return call()


def test_workers_take_one_call_at_a_time_whatever_their_threads():
    busy, most = 0, 0

    def call():
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        time.sleep(0.02)
        busy -= 1

    arguments = cluster.software(), pickle.dumps(_called), call
    threads = [threading.Thread(target=cluster.carried_out, args=arguments) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_workers_end_with_the_command_even_if_it_is_killed():
    """Also while they start, when Dask's own would go on looking for the scheduler."""
    code = "from recurate.workers import executor\nwith executor(workers=1): pass"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        while not (started := workers(process.pid)):
            time.sleep(0.01)
        process.kill()
    assert not psutil.wait_procs(started, timeout=30)[1]


def checked(path, *options):
    """Return what came of the command, and its results without times and the proof cache's part."""
    done = CliRunner().invoke(app, ["check", *NAMES, "--json", str(path), *options])
    text = path.read_text().replace(", from cache", "")
    entries = {"object_hook": lambda entry: {k: v for k, v in entry.items() if k != "seconds"}}
    return done, json.loads(text, **entries)


NAMES = ("ratio-bound", "lemma-2.2")


def test_a_check_finds_the_same(pool, tmp_path):
    done, alone = checked(tmp_path / "alone.json", "--jobs", "1")
    assert done.exit_code == 0, done.output
    done, together = checked(tmp_path / "together.json", "--scheduler", pool.address)
    assert done.exit_code == 0, done.output
    assert together == alone
    for result in alone["results"]:  # so much the same that something was tried
        assert all(result["evidence"][kind]["cases"] for kind in ("property", "exact", "certified"))


def test_a_hunt_finds_the_same(pool):
    asked = {"evaluations": 200, "restart": 4, "steps": (1, 4), "atoms": (2, 3)}  # three searches
    alone, together = hunt("theorem-2.4#0", **asked), hunt("theorem-2.4#0", **asked, executor=pool)
    assert repr(together.loop) == repr(alone.loop)
    for name in ("verdict", "least_margin", "ball", "where", "evaluations", "replay"):
        assert getattr(together, name) == getattr(alone, name)


def test_a_choice_is_the_same(pool):
    law = RewardLaw(np.random.default_rng(0).normal(size=100))
    asked = {"rule": BestOf(3), "max_kl": 0.1, "steps": 3, "replicates": 120, "rng": 5}
    alone, together = choose(law, **asked), choose(law, **asked, executor=pool)
    assert together.resampled.tobytes() == alone.resampled.tobytes()
    assert np.unique(alone.resampled).size > 100


@contextmanager
def strange_cluster(**environment):
    """Yield the address of a scheduler with a worker, and what ends the scheduler."""
    with socket.socket() as one:  # a free port
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    here = ["--host", "127.0.0.1", "--no-dashboard"]
    commands = {
        "dask_scheduler": [*here, "--port", str(port)],
        "dask_worker": [address, *here, "--no-nanny", "--nthreads", "1", "--memory-limit", "0"],
    }
    started = [
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{name}", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | (environment if name == "dask_worker" else {}),
        )
        for name, arguments in commands.items()
    ]
    try:
        yield address, started[0].kill
    finally:
        for process in started:
            process.kill()
            process.wait()


def test_a_check_whose_scheduler_is_lost_reports_what_was_gathered(tmp_path, monkeypatch):
    small = Effort(property=5, exact=10, certified=4, sampled=2, uses_cache=True)
    monkeypatch.setitem(EFFORTS, "quick", small)
    with strange_cluster() as (address, kill):
        whole = runner.carried_out

        def losing(*arguments):
            for number, outcome in enumerate(whole(*arguments), 1):
                yield outcome
                if number == len(runner.parts_of(NAMES[0])):
                    kill()

        monkeypatch.setattr(runner, "carried_out", losing)
        path = tmp_path / "some.json"
        done, document = checked(path, "--scheduler", address)
    assert done.exit_code == 2
    assert done.stderr == f"recurate: the scheduler {address} is lost: it answers no more\n"
    first, second = document["results"]
    assert first["verdict"] == "holds"
    errors = [evidence.get("error") or "" for evidence in second["evidence"].values()]
    assert any("is lost" in error for error in errors)


def test_whatever_is_asked_of_a_lost_scheduler_says_so():
    """Also while calls are still being submitted, and when its end is known."""
    with strange_cluster() as (address, kill), executor(scheduler=address) as made:
        made._client._timeout = 0.1  # for which Dask would try to connect again

        def calls():
            for n in range(10_000):
                if n == 20:
                    kill()
                yield n, partial(pow, n, 2)

        under_way = made.submit(time.sleep, 60)
        asked = (
            lambda: dict(carried_out(calls(), made, ahead=lambda: 10_000)),
            under_way.result,
            lambda: made.width,
            lambda: made.scattered(1),
            lambda: made.submit(pow, 1, 2).result(),
        )
        for ask in asked:
            with pytest.raises(ExecutorLostError, match=f"{address} is lost: it answers no more"):
                ask()


class Closing:
    """A client whose connection ends while something is asked."""

    loop, status, asked = None, "running", 0

    def scheduler_info(self):
        return {"address": "tcp://here:1"}

    def nthreads(self):
        self.asked, self.status = self.asked + 1, "closing"
        return {}


def test_an_answer_that_may_never_come_is_not_waited_for():
    client = Closing()
    made = cluster.Cluster(client)
    for _ in range(2):
        with pytest.raises(ExecutorLostError, match="tcp://here:1 is lost"):
            _ = made.width
    assert client.asked == 1


def test_workers_with_other_versions_are_refused(tmp_path):
    (tmp_path / "recurate").mkdir()
    (tmp_path / "recurate" / "__init__.py").write_text("__version__ = '0.0.9'")
    with (
        strange_cluster(PYTHONPATH=str(tmp_path)) as (address, _),
        pytest.raises(InputError, match=r"has recurate 0\.0\.9 \(here [^;]*\)$"),
        executor(scheduler=address),
    ):
        pass


def test_workers_without_recurate_say_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "recurate", None)
    assert cluster._reporter()() == {}
    monkeypatch.undo()
    assert "recurate not installed (here" in cluster._differing({}, cluster.software())
    assert not cluster._differing(cluster.software(), cluster.software())


def test_a_worker_that_joins_late_with_other_versions_stops_the_run():
    """What it is asked is not even read: its recurate may lack what that needs."""
    answer = cluster.carried_out({**cluster.software(), "numpy": "0.1"}, b"")
    with pytest.raises(ExecutorLostError, match=r"joined that has numpy .* \(here 0\.1\)"):
        cluster.read(answer)


def test_a_worker_that_joins_late_without_recurate_stops_the_run(monkeypatch):
    monkeypatch.setitem(sys.modules, "recurate.cluster", None)
    answer = cluster._by_value()(b"")
    with pytest.raises(ExecutorLostError, match=r"joined that has no recurate, or another one"):
        cluster.read(answer)


def test_addresses_where_no_scheduler_is(monkeypatch):
    monkeypatch.setattr(cluster, "SECONDS_TO_CONNECT", 0.5)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        addresses = ["nowhere", "tcp://", "http://x:1", "tcp://127.0.0.1:1"]
        for address in [*addresses, f"tcp://127.0.0.1:{silent.getsockname()[1]}"]:
            done = CliRunner().invoke(app, ["check", "ratio-bound", "--scheduler", address])
            assert done.exit_code == 2
            assert done.stderr.startswith("recurate: --scheduler must be the address of a Dask")
            assert done.stderr.count("\n") == 1


def test_without_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = CliRunner().invoke(app, ["check", "ratio-bound", "--workers", "2"])
    assert done.exit_code == 2
    assert "pip install 'recurate[distributed]'" in done.stderr


@pytest.mark.parametrize("command", [["check"], ["hunt", "lemma-2.2"]])
def test_one_way_to_compute_is_asked_for(command):
    done = CliRunner().invoke(app, [*command, "--jobs", "2", "--workers", "2"])
    assert done.exit_code == 2
    assert "only one of --jobs, --workers, --scheduler can be given; got --jobs" in done.stderr
