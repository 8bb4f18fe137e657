"""A small table, for all commands that take one."""

import pytest


@pytest.fixture
def rewards(tmp_path):
    path = tmp_path / "rewards.csv"
    path.write_text("reward,group\n0.0,plain\n1.0,liked\n0.5,plain\n")
    return path
