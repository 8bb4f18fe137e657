"""Tables that are computed side by side: the same bytes, and what is done is kept."""

import os
from concurrent.futures import Executor, Future

import numpy as np
import pytest
from matplotlib.figure import Figure

from recurate.figures.making.computing import Computation, versions
from recurate.figures.making.make import CHECKPOINTS, Watch, make
from recurate.figures.making.recipe import Recipe
from recurate.figures.making.table import Table
from recurate.numerics.pieces import ExecutorLostError
from recurate.numerics.processes import Processes

from ..drawn import write_blank


def drawn(run, seed):
    run.say(f"process {os.getpid()}")
    (run.checkpoints / "left").write_text("on the way")
    (run.checkpoints / "left").unlink()
    return Table({"x": np.random.default_rng(seed).normal(size=5)}, {"x": "a number"})


def one(run):
    return drawn(run, 1)


def two(run):
    return drawn(run, 2)


def total(run):
    return Table({"y": run.tables["one"]["x"] + run.tables["two"]["x"]}, {"y": "their sum"})


RECIPE = Recipe(
    name="example",
    title="An example",
    parameters={scale: {"K": 2} for scale in ("smoke", "default", "paper")},
    tables={"one": one, "two": two, "total": total},
    apart=("one", "two"),
    draw=lambda tables, parameters: Figure(),
    caption=lambda tables, parameters: "",
)


class Losing(Executor):
    """Carries out one call, and is lost with the others."""

    def __init__(self):
        self.calls = 0

    def submit(self, call, *arguments):
        future, self.calls = Future(), self.calls + 1
        if self.calls == 1:
            future.set_result(call(*arguments))
        else:
            future.set_exception(ExecutorLostError("the scheduler is lost"))
        return future


@pytest.fixture(autouse=True)
def blank(monkeypatch):
    monkeypatch.setattr(Figure, "savefig", write_blank)


def made(folder, executor=None):
    folder.mkdir(exist_ok=True)
    said = []
    record = make(RECIPE, folder, scale="smoke", watch=Watch(said.append), executor=executor)
    return record, said


def processes(said):
    return {line for line in said if "process" in line}


def computed(said):
    return {line.split()[1] for line in said if " computed:" in line}


def test_processes_compute_the_same(tmp_path):
    alone, said = made(tmp_path / "alone")
    assert processes(said) == {f"example: process {os.getpid()}"}
    with Processes(2) as executor:
        together, said = made(tmp_path / "together", executor)
    assert len(processes(said)) >= 1
    assert f"example: process {os.getpid()}" not in processes(said)
    assert {n: e["files"] for n, e in together["tables"].items()} == {
        n: e["files"] for n, e in alone["tables"].items()
    }
    assert together["tables"]["total"]["inputs"]["tables"].keys() == {"one", "two"}
    assert not (tmp_path / "together" / CHECKPOINTS).exists()


def test_only_what_is_out_of_date_is_computed(tmp_path):
    made(tmp_path / "f")
    (tmp_path / "f" / "example-two.csv").unlink()
    with Processes(2) as executor:
        _, said = made(tmp_path / "f", executor)
    assert computed(said) == {"two"}


def test_what_was_computed_before_the_executor_was_lost_is_kept(tmp_path):
    with pytest.raises(ExecutorLostError):
        made(tmp_path / "f", Losing())
    _, said = made(tmp_path / "f")
    assert computed(said) == {"two", "total"}


def test_a_machine_without_the_folders_has_its_own(tmp_path):
    nowhere = tmp_path / "elsewhere"
    computation = Computation(one, {}, "cpu", "digits", nowhere, nowhere, False)
    found = computation({})
    assert found.said == (f"process {os.getpid()}",)
    assert found.made["x"].size == 5
    assert not nowhere.exists()


def test_a_machine_with_other_packages_computes_nothing(tmp_path):
    others = {**versions(), "numpy": "0.1"}
    computation = Computation(one, {}, "cpu", "digits", tmp_path, tmp_path, False, others)
    with pytest.raises(ExecutorLostError, match=r"^a worker has numpy .* \(here 0\.1\)$"):
        computation({})
