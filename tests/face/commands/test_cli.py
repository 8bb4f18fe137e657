"""The command line as a whole, in a process of its own where that matters."""

import os
import subprocess
import sys

import pytest

from recurate import __version__

from .in_process import succeeded


def process(*arguments, cwd=None):
    """Run a command as a user does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "recurate", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        encoding="utf-8",
    )


def test_version():
    done = process("--version")
    assert (done.returncode, done.stdout) == (0, f"recurate {__version__}\n")


@pytest.mark.parametrize("command", [(), ("predict",), ("fixed-point",), ("choose",), ("check",)])
def test_help(command):
    done = succeeded(*command, "--help")
    assert "Usage: " in done.stdout
    assert done.stderr == ""


def test_terminal_that_does_not_know_greek(rewards):
    done = subprocess.run(
        [sys.executable, "-m", "recurate", "predict", str(rewards), "--bands", "0"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"\u03bb" in done.stdout


def test_check_leaves_nothing_behind(monkeypatch, tmp_path):
    """Neither here nor in the temporary folder, where all users of a machine meet."""
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    here.mkdir()
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    assert process("check", "reference-divergence", cwd=here).returncode == 0
    assert [*here.iterdir(), *temporary.iterdir()] == []
