"""Loops of figures go on from their checkpoint; a damaged one blocks nothing, and that is said."""

import os

import numpy as np
import pytest

from recurate.figures.making.recipe import Run
from recurate.figures.shared.recorded_loops import recorded
from recurate.numerics import own_files
from recurate.numerics.simulation import checkpoints

PARAMETERS = {"K": 3, "lam": 1.0, "steps": 3, "generated": 40, "curated": 20}


class Resampler:
    """A model that costs nothing."""

    def fit(self, samples):
        self.samples = samples

    def sample(self, n, rng):
        return self.samples[rng.integers(len(self.samples), size=n)]

    def get_state(self):
        return {"samples": self.samples}

    def set_state(self, state):
        self.samples = state["samples"]


class StoppedError(Exception):
    """What stops a run from outside."""


def rewards_of(recorder):
    return [sample.rewards.tolist() for sample in (*recorder.generated, *recorder.training)]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the loop; return its record and what was said. It may be stopped after a step."""
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 0.0)
    real = np.linspace(-1.0, 1.0, 30)[:, None]

    def once(stop_at=None):
        said = []

        def progress(what, done, total):
            if done == stop_at:
                raise StoppedError

        figure = Run(PARAMETERS, {}, "cpu", tmp_path, tmp_path, progress, say=said.append)
        look = lambda samples: (samples[:, 0], (samples[:, 0] > 0).astype(int))  # noqa: E731
        keep = lambda t, samples: {"first": samples[:2]}  # noqa: E731
        made = recorded(figure, Resampler(), look, real, loop="mixed", keep=keep, seed=3)
        return made, said

    return once


@pytest.fixture
def stopped(run, tmp_path):
    with pytest.raises(StoppedError):
        run(stop_at=2)
    path = tmp_path / "loop.checkpoint"
    assert path.is_file()
    return path


def test_it_goes_on_from_a_whole_checkpoint(run, stopped):
    made, said = run()
    assert said == []
    assert not stopped.exists()
    whole, _ = run()
    assert rewards_of(made) == rewards_of(whole)
    assert len(made.kept) == 4


def resealed(path, change):
    about, arrays = own_files.read_arrays(path, checkpoints.FILE, checkpoints._Described)
    own_files.write_arrays(path, change(about), arrays)


def with_settings(path):
    def other(about):
        about.settings["steps"] = 7
        return about

    resealed(path, other)


def with_generator(path):
    def other(about):
        about.place.generator = {"bit_generator": "none"}
        return about

    resealed(path, other)


def with_other_arrays(path):
    """As of a recorder that kept less."""
    about, arrays = own_files.read_arrays(path, checkpoints.FILE, checkpoints._Described)
    arrays = {name: array for name, array in arrays.items() if not name.endswith(".groups")}
    own_files.write_arrays(path, about, arrays)


def into_folder(path):
    path.unlink()
    (path / "below").mkdir(parents=True)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda path: path.write_bytes(b""), "is not a file that this version"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "ends before its arrays do"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9] + b"x" * 9), "has other numbers"),
        (lambda path: path.write_bytes(b"PK\x03\x04"), "is not a file that this version"),
        (into_folder, "is not a file"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "is not a file"),
        (with_settings, "has steps = 7"),
        (with_generator, "state that this one does not take"),
        (with_other_arrays, "state that this one does not take"),
    ],
)
def test_a_damaged_checkpoint_blocks_nothing(run, stopped, damage, why):
    damage(stopped)
    made, (line,) = run()
    assert line.startswith(f"{str(stopped)!r} is of no use (")
    assert why in line
    assert line.endswith("): the loop begins anew")
    assert not stopped.exists()
    assert rewards_of(made) == rewards_of(run()[0])
