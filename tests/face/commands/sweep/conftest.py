"""A folder with tables, in which sweeps run."""

import numpy as np
import pytest

RNG = np.random.default_rng(0)
TABLE = "reward,group,length,q\n" + "".join(
    f"{reward:.3f},{'abc'[i % 3]},{i % 7},{i % 5}\n"
    for i, reward in enumerate(RNG.normal(size=60).tolist())
)
RATES = "reward,group\n" + "".join(
    f"{0.1 + 0.8 * x:.3f},{'ab'[i % 2]}\n" for i, x in enumerate(RNG.random(30))
)
VOTES = "model_a,model_b,winner\n" + "a,b,a\nb,a,a\na,b,b\nb,c,b\nc,b,c\nc,a,c\na,c,a\n" * 3


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with tables, in which commands run."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("t.csv", TABLE), ("rates.csv", RATES), ("votes.csv", VOTES)):
        (tmp_path / name).write_text(text)
    return tmp_path
