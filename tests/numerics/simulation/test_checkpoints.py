"""Damaged checkpoints: the run is right, or the file is refused; another file is never replaced."""

import dataclasses
import errno
import json
import logging
import os
from functools import cache

import msgspec
import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, simulate, simulate_loop
from recurate.numerics import own_files
from recurate.numerics.simulation import checkpoints, record
from recurate.numerics.simulation.checkpoints import CheckpointError
from recurate.numerics.simulation.models import GaussianModel

from ...damage import damaged, edited
from .stopped import StoppedError

LOOP = CurationLoop(RewardLaw([0.0, 1.0, 2.0], [0.5, 0.3, 0.2], groups="aba"), K=3, lam=1.0)
RUN = {"steps": 4, "n_generated": 50, "replicates": 4, "rng": 1}


@cache
def whole(at_once):
    """The run without a checkpoint; its replicates are drawn in chunks of so many samples."""
    return simulate_loop(LOOP, **RUN)


@pytest.fixture
def path(tmp_path, monkeypatch):
    """The checkpoint of a run that was stopped in the second of its four replicates."""
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(record, "PARTICLES_AT_ONCE", 100)
    monkeypatch.setattr("os.fsync", lambda handle: None)  # it takes most of the time
    path = tmp_path / "run"

    def stop(done, total):
        if done == 6:
            raise StoppedError

    with pytest.raises(StoppedError):
        simulate_loop(LOOP, **RUN, checkpoint=path, on_step=stop)
    assert opened(path)[0].place.t == 2
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 1e9)
    return path


def opened(path):
    return own_files.read_arrays(path, checkpoints.FILE, checkpoints._Described)


def is_right(path):
    """Whether the run is as if it had not stopped; False if the file is refused, and unchanged."""
    content = path.read_bytes()
    try:
        again = simulate_loop(LOOP, **RUN, checkpoint=path)
    except ValueError as error:
        # A state of fewer replicates is noticed by what it samples.
        assert str(error).startswith(("checkpoint must be ", "model.sample must "))  # noqa: PT017
        assert path.read_bytes() == content
        return False
    due = whole(record.PARTICLES_AT_ONCE)
    np.testing.assert_array_equal(again.figures, due.figures)
    np.testing.assert_array_equal(again.groups, due.groups)
    return True


def test_damaged_checkpoints_are_computed_again(path, monkeypatch):
    """Cut anywhere and garbled anywhere; refused only if the file no more begins as ours do."""
    monkeypatch.setattr(logging.getLogger("recurate"), "disabled", True)
    content = path.read_bytes()
    begin = json.dumps({"file": checkpoints.FILE})[:-1].encode()
    right = 0
    for form in (b"", *damaged(content, 20)):
        path.write_bytes(form)
        is_ours = form.startswith(begin) or not form
        assert is_right(path) == is_ours, form[:100]
        right += is_ours
    assert right > 20


def test_it_is_said_and_the_file_is_written_anew(path, caplog):
    path.write_bytes(path.read_bytes()[:-1])
    assert is_right(path)
    (line,) = caplog.messages
    assert line == (
        f"recurate: {str(path)!r} ends before its arrays do: the simulation begins anew"
    )
    assert opened(path)[0].place.chunk == 4
    caplog.clear()
    assert is_right(path)
    assert not caplog.messages


@pytest.mark.parametrize("content", [b"reward\n1.0\n2.0\n", b"PK\x03\x04", b"\x00", b"{", b"[1]"])
def test_a_file_of_another_kind_is_refused_and_left(tmp_path, content):
    path = tmp_path / "rewards.csv"
    path.write_bytes(content)
    assert not is_right(path)
    assert path.read_bytes() == content


def with_place(path, **changes):
    about, arrays = opened(path)
    about.place = msgspec.structs.replace(about.place, **changes)
    own_files.write_arrays(path, about, arrays)


@pytest.mark.parametrize(
    "changes",
    [
        {"chunk": 5, "t": 0, "generator": None},
        {"chunk": 10**30},
        {"chunk": 0},
        {"t": 5},
        {"t": 3},
        {"t": 1},
        {"t": 0},
        {"generator": None},
        {"max_reward": 3.0},
    ],
)
def test_an_impossible_place_is_not_gone_on_from(path, caplog, changes):
    """With a right checksum: a chunk beyond the last, a step that was not reached."""
    with_place(path, **changes)
    assert is_right(path)
    assert "the simulation begins anew" in caplog.text


def test_a_chunk_beyond_the_last_is_not_gone_on_from(path, caplog):
    """All is done, so that the figures are right whatever the chunk; the file is not ours."""
    assert is_right(path)
    with_place(path, chunk=5)
    assert is_right(path)
    assert "says that more is done than there is to do" in caplog.text


@pytest.mark.parametrize("generator", [{}, [1, 2], {"bit_generator": "MT19937", "state": {}}])
def test_a_generator_of_another_kind_is_refused(path, generator):
    with_place(path, generator=generator)
    with pytest.raises(CheckpointError, match=r"the same model; .* has a state that this one"):
        simulate_loop(LOOP, **RUN, checkpoint=path)


def not_a_number(array, *index):
    array[index] = np.nan
    return array


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("figures", lambda array: not_a_number(array, 0, 1, 2)),
        ("figures", lambda array: not_a_number(array, 1, 0, 0)),
        ("figures", lambda array: np.where(np.isnan(array), 0.0, array)),
        ("figures", lambda array: array[:, :-1]),
        ("figures", lambda array: array.astype(np.float32)),
        ("figures", lambda array: -array),
        ("groups", lambda array: not_a_number(array, 0, 0, 0)),
        ("groups", lambda array: array * 1.5),
        ("groups", lambda array: array.astype(str)),
        ("seeds", lambda array: array[:-1]),
        ("seeds", lambda array: array + 1),
        ("seeds", lambda array: -array),
        ("seeds", lambda array: array.astype(float)),
        ("model.samples", None),
        ("figures", None),
    ],
)
def test_impossible_arrays_are_not_taken(path, caplog, name, change):
    """With a right checksum: NaN where a number is due, other shapes and types."""
    about, arrays = opened(path)
    if change is None:
        del arrays[name]
    else:
        arrays[name] = change(arrays[name])
    own_files.write_arrays(path, about, arrays)
    assert is_right(path)
    assert "the simulation begins anew" in caplog.text


@pytest.mark.parametrize("samples", [np.array([[3]]), np.array([[-1]]), np.array([[0.5]])])
def test_samples_that_are_no_atoms_are_refused(path, samples):
    about, arrays = opened(path)
    own_files.write_arrays(path, about, arrays | {"model.samples": samples})
    assert not is_right(path)


def test_whatever_the_settings_and_the_place_say_there_is_no_traceback(path, monkeypatch):
    """Every entry left out or replaced, with a right checksum: right, refused, or begun anew.

    Only another number in the generator's own state cannot be told from a true one.
    """
    monkeypatch.setattr(logging.getLogger("recurate"), "disabled", True)
    line, _, data = path.read_bytes().partition(b"\n")
    document = json.loads(line)
    del document["checksum"]
    del document["place"]["generator"]["state"]
    generator = opened(path)[0].place.generator
    tried = 0
    for part in ("settings", "place", "bytes", "arrays"):
        for other in [*edited(document[part])][::8]:
            changed = {**document, part: other}
            if isinstance(changed["place"], dict) and isinstance(
                changed["place"].get("generator"), dict
            ):
                told = {"state": generator["state"], **changed["place"]["generator"]}
                changed["place"] = {**changed["place"], "generator": told}
            sealed = {**changed, "checksum": own_files._checksum(changed)}
            path.write_bytes(json.dumps(sealed).encode() + b"\n" + data)
            is_right(path)
            tried += 1
    assert tried > 40


def test_weights_that_overflow_are_no_damage(tmp_path, caplog):
    """A reward far above the largest real one: its weight is inf, and the variance NaN."""
    path = tmp_path / "run"
    run = {"real": np.zeros((20, 1)), "max_reward": -800.0, "rng": 0, "checkpoint": path}
    arguments = (GaussianModel(), lambda x: x[:, 0], 4, 1.0, 2, 10)
    with np.errstate(all="ignore"):
        first, second = (simulate(*arguments, **run) for _ in range(2))
    assert np.isnan(first.variance_weight).any()
    np.testing.assert_array_equal(first.figures, second.figures)
    assert not caplog.messages


def test_the_state_of_another_model_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 0.0)
    path = tmp_path / "run"

    @dataclasses.dataclass
    class Mean:
        name: str

        def fit(self, samples):
            self.mean = samples.mean(axis=0)

        def sample(self, n, rng):
            return self.mean + rng.normal(size=(n, 1))

        def get_state(self):
            return {self.name: self.mean}

        def set_state(self, state):
            self.mean = state[self.name]

    def run(name, **options):
        data = np.zeros((20, 1))
        reward = lambda x: x[:, 0]  # noqa: E731
        simulate(Mean(name), reward, 4, 1.0, 3, 10, real=data, rng=0, checkpoint=path, **options)

    def stop(done, total):
        if done == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        run("a", on_step=stop)
    content = path.read_bytes()
    with pytest.raises(CheckpointError, match=r"the same model; .* that this one does not take"):
        run("b")
    assert path.read_bytes() == content
    run("a")


def test_a_full_disk_does_not_lose_the_run(path, caplog, monkeypatch):
    def fail(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", fail)
    with caplog.at_level(logging.WARNING):
        assert is_right(path)
    assert path.read_bytes() == before
    said = (
        f"{str(path)!r} was not written ([Errno {errno.ENOSPC}] No space left on device: '{path}')"
    )
    assert f"recurate: {said}: the simulation goes on" in caplog.messages


def test_an_interrupted_write_of_a_whole_chunk_is_no_damage(tmp_path, monkeypatch, caplog):
    """The figures of its last steps are known then, but the state is that of an earlier step."""
    path = tmp_path / "run"
    write = checkpoints.Checkpoint.write

    def interrupted(self, place, arrays):
        if place.t == 0 and place.chunk == 2:
            monkeypatch.setattr(checkpoints.Checkpoint, "write", write)
            raise KeyboardInterrupt
        write(self, place, arrays)

    monkeypatch.setattr(record, "PARTICLES_AT_ONCE", 100)
    monkeypatch.setattr(checkpoints.Checkpoint, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        simulate_loop(LOOP, **RUN, checkpoint=path)
    assert opened(path)[0].place.chunk == 1
    assert is_right(path)
    assert not caplog.messages
