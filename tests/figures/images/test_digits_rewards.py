"""The digits' rewards: the shipped table is what the script computes."""

import sys
import warnings
from importlib.resources import files

import numpy as np
import pytest

from recurate.figures.images import digits_rewards

COLUMNS = ("digit", "predicted_digit", "class_reward", "confidence_reward")


def read(path):
    with path.open() as file:
        assert file.readline() == ",".join(COLUMNS) + "\n"
        table = np.loadtxt(file, delimiter=",")
    return dict(zip(COLUMNS, table.T, strict=True))


@pytest.fixture(scope="module")
def shipped():
    return read(files("recurate") / "examples" / "digits.csv")


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory):
    pytest.importorskip("sklearn", reason="scikit-learn computes the rewards")
    path = tmp_path_factory.mktemp("digits") / "digits.csv"
    with warnings.catch_warnings():
        # scikit-learn 1.6 calls the optimiser of SciPy 1.17 by options that this one deprecates.
        warnings.filterwarnings("ignore", "scipy.optimize", DeprecationWarning)
        digits_rewards.main(["--out", str(path)])
    return read(path)


@pytest.mark.parametrize("column", ["digit", "predicted_digit"])
def test_regenerating_gives_the_shipped_digits(shipped, regenerated, column):
    np.testing.assert_array_equal(regenerated[column], shipped[column])


@pytest.mark.parametrize("column", ["class_reward", "confidence_reward"])
def test_regenerating_gives_the_shipped_rewards(shipped, regenerated, column):
    # The optimiser stops at a tolerance, and where depends on the versions of scikit-learn,
    # SciPy and the BLAS: the problem fixes the rewards, the versions their last digits.
    np.testing.assert_allclose(regenerated[column], shipped[column], rtol=0, atol=1e-4)


def test_rewards_are_scaled_probabilities(shipped):
    # The largest of ten probabilities that sum to one is at least 1/10.
    gamma = digits_rewards.GAMMA
    assert shipped["digit"].size == 1797  # scikit-learn's documentation of load_digits
    assert set(shipped["digit"]) == set(shipped["predicted_digit"]) == set(range(10))
    assert (shipped["confidence_reward"] >= gamma / 10).all()
    assert (shipped["confidence_reward"] <= gamma).all()
    assert (shipped["class_reward"] >= 0).all()


def test_class_reward_is_the_confidence_where_class_0_is_predicted(shipped):
    zero = shipped["predicted_digit"] == 0
    class_reward, confidence = shipped["class_reward"], shipped["confidence_reward"]
    np.testing.assert_array_equal(class_reward[zero], confidence[zero])
    assert (class_reward[~zero] < confidence[~zero]).all()


def test_without_scikit_learn_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"pip install 'recurate\[data\]'"):
        digits_rewards.rewards()


def test_a_failed_run_leaves_the_old_file(monkeypatch, tmp_path):
    path = tmp_path / "digits.csv"
    path.write_text("old")
    broken = digits_rewards.DigitRewards(*[np.zeros(n) for n in (2, 2, 2, 1)])
    monkeypatch.setattr(digits_rewards, "rewards", lambda: broken)
    with pytest.raises(ValueError, match="shorter"):
        digits_rewards.main(["--out", str(path)])
    assert [file.name for file in tmp_path.iterdir()] == ["digits.csv"]
    assert path.read_text() == "old"
