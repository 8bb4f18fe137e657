"""How a trajectory is written: CSV, dictionary, data frame; and files are replaced as a whole."""

import builtins
import csv
import json
import math
import os
import pickle
import stat

import numpy as np
import pandas
import pytest

from recurate.numerics.files import written
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.trajectory import Trajectory


@pytest.fixture
def run():
    law = RewardLaw([0.0, 1.0 / 3.0, 2.0], [0.5, 0.3, 0.2], groups=["a,b", 7, "a,b"])
    return CurationLoop(law, K=3, lam=1.0).run(steps=4)


COLUMNS = ["t", *FIGURES, "proportion[a,b]", "proportion[7]"]


def expected_rows(run):
    columns = [getattr(run, name) for name in FIGURES] + list(run.group_proportions.T)
    return np.column_stack([np.arange(5), *columns])


def test_csv_keeps_every_digit(run, tmp_path):
    run.to_csv(tmp_path / "run.csv")
    with open(tmp_path / "run.csv", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == COLUMNS
    assert [row[0] for row in rows] == ["0", "1", "2", "3", "4"]
    assert np.array_equal(np.array(rows, dtype=float), expected_rows(run))
    assert b"\r" not in (tmp_path / "run.csv").read_bytes()


def test_csv_holds_infinity_and_takes_a_string(tmp_path):
    law = RewardLaw([0.0, 1.0], [1.0, 0.0])
    CurationLoop(law, K=2, lam=1.0).run(steps=1, initial=[0.5, 0.5]).to_csv(str(tmp_path / "a.csv"))
    with open(tmp_path / "a.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["kl_to_reference"]) for row in rows] == [math.inf] * 2


def test_csv_replaces_an_older_file_and_leaves_nothing_else(run, tmp_path):
    (tmp_path / "run.csv").write_text("old")
    run.to_csv(tmp_path / "run.csv")
    assert (tmp_path / "run.csv").read_text().startswith("t,expected_weight,")
    assert os.listdir(tmp_path) == ["run.csv"]


@pytest.mark.parametrize("old", ["old", None])
def test_csv_that_fails_leaves_things_as_they_were(run, tmp_path, monkeypatch, old):
    if old is not None:
        (tmp_path / "run.csv").write_text(old)

    class Broken(list):
        def tolist(self):
            yield 1.0
            raise OSError("disk full")

    columns = Trajectory._columns(run) | {"mass_at_max": Broken()}
    monkeypatch.setattr(Trajectory, "_columns", lambda self: columns)
    with pytest.raises(OSError, match="disk full"):
        run.to_csv(tmp_path / "run.csv")
    assert os.listdir(tmp_path) == ([] if old is None else ["run.csv"])
    if old is not None:
        assert (tmp_path / "run.csv").read_text() == old


def test_dict_is_plain(run):
    found = run.to_dict()
    names = ["group_names", "group_proportions", "score_names", "expected_scores"]
    assert list(found) == ["t", *FIGURES, *names]
    assert found["t"] == [0, 1, 2, 3, 4]
    assert found["group_names"] == ["a,b", 7]
    assert found["group_proportions"] == run.group_proportions.tolist()
    for name in FIGURES:
        assert found[name] == getattr(run, name).tolist()
    assert json.loads(json.dumps(found)) == found


def test_dict_without_groups():
    found = CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=1.0).run(steps=1).to_dict()
    assert found["group_names"] == []
    assert found["group_proportions"] == [[], []]


def test_dataframe_has_the_columns_of_the_csv(run):
    frame = run.to_dataframe()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == COLUMNS
    assert np.array_equal(frame.to_numpy(dtype=float), expected_rows(run))


def test_dataframe_without_pandas_says_what_to_install(run, monkeypatch):
    original = builtins.__import__

    def without_pandas(name, *arguments, **options):
        if name == "pandas":
            raise ImportError("No module named 'pandas'")
        return original(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_pandas)
    with pytest.raises(ImportError, match=r"^to_dataframe needs pandas: pip install pandas$"):
        run.to_dataframe()


def test_replacement_happens_at_the_end(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with written(target) as file:
        file.write(b"new")
        assert target.read_text() == "old"
        assert os.listdir(tmp_path) == ["a.txt"]
    assert target.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_replaced_file_has_ordinary_permissions(tmp_path):
    (tmp_path / "plain").write_text("")
    with written(tmp_path / "a.txt") as file:
        file.write(b"new")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "a.txt")]
    assert modes[0] == modes[1]


def test_interrupted_block_leaves_no_stray_file(tmp_path):
    def interrupted():
        with written(tmp_path / "a.txt") as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert os.listdir(tmp_path) == []


def test_two_labels_of_one_text_keep_their_columns(tmp_path):
    trajectory = CurationLoop(RewardLaw([0.0, 1.0], groups=[1, "1"]), K=2, lam=1.0).run(steps=1)
    frame = trajectory.to_dataframe()
    assert list(frame.columns[-2:]) == ["proportion[0: 1]", "proportion[1: '1']"]


def test_trajectories_can_be_pickled():
    trajectory = CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=1.0).run(steps=3)
    copy = pickle.loads(pickle.dumps(trajectory))
    assert np.array_equal(copy.probs(3), trajectory.probs(3))


@pytest.mark.parametrize("place", ["missing/t.csv", "."])
def test_errors_name_the_file_that_was_asked_for(tmp_path, place):
    trajectory = CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=1.0).run(steps=1)
    target = tmp_path / place
    with pytest.raises((FileNotFoundError, IsADirectoryError)) as caught:
        trajectory.to_csv(target)
    assert caught.value.filename == str(target)
    assert list(tmp_path.iterdir()) == []


def test_numpy_labels_become_pythons():
    law = RewardLaw([0.0, 1.0], groups=[np.int64(3), np.float64(0.5)])
    assert [type(name) for name in law.group_names] == [int, float]
