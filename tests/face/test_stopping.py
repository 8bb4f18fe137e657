"""Signals: the command ends at once, with one line and its code, and leaves nothing behind.

Most tests run a few lines within `stoppable`, in a process of their own; two run whole commands.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recurate.cli import app
from recurate.commands.terminal import reported
from recurate.stopping import MESSAGE

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has other signals")

BEGIN = """
import atexit, signal, sys, time
from recurate import stopping
stopping.SECONDS = 0.3

def ready():
    print("ready", flush=True)
    time.sleep(60)

with stopping.stoppable():
"""
SECONDS = 2.0
"""The time a command has to end; more only where the machine is busy with other things."""


def started(arguments, **options):
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def stopped(process, number, *, to=os.kill):
    """Send a signal; return what the process printed on standard error until it ended."""
    begin = time.monotonic()
    to(process.pid, number)
    try:
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert time.monotonic() - begin < 5 * SECONDS  # two seconds, on a machine that is busy
    assert process.returncode == 128 + number, errors
    return errors


def ready(code, **options):
    """Return a process that runs code until it says that it is ready."""
    lines = "\n".join(f"    {line}" for line in code.strip().splitlines())
    process = started(["-c", BEGIN + lines], **options)
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_one_line_and_a_code(number):
    assert stopped(ready("ready()"), number) == f"{MESSAGE}\n"


LOST = {
    "the exception is caught": """
        while True:
            try:
                ready()
            except BaseException:
                pass
    """,
    "it is raised where none can leave": """
        class Late:
            def __del__(self):
                ready()
        Late()
        time.sleep(60)
    """,
    "a call does not return": """
        import ctypes
        lock = ctypes.create_string_buffer(256)
        print("ready", flush=True)
        for _ in range(2):
            ctypes.CDLL(None).pthread_mutex_lock(lock)
    """,
    "blocks take long to leave": """
        try:
            ready()
        finally:
            time.sleep(60)
    """,
    "Ctrl-C comes again and again": """
        try:
            ready()
        finally:
            for _ in range(60):
                signal.raise_signal(signal.SIGINT)
                time.sleep(1)
    """,
}


@pytest.mark.parametrize("code", LOST.values(), ids=LOST)
def test_it_ends_whatever_becomes_of_the_exception(code, tmp_path):
    unfinished = tmp_path / "unfinished"
    make = f"""
from recurate.numerics.files import UNFINISHED
UNFINISHED.add({str(unfinished)!r})
open({str(unfinished)!r}, "w").close()
"""
    body = "\n".join(line.removeprefix(" " * 8) for line in code.splitlines())
    assert stopped(ready(make + body), signal.SIGINT) == f"{MESSAGE}\n"
    assert not unfinished.exists()


def test_blocks_are_left_in_order(tmp_path):
    code = f"""
try:
    ready()
finally:
    open({str(tmp_path / "left")!r}, "w").close()
"""
    stopped(ready(code), signal.SIGTERM)
    assert (tmp_path / "left").exists()


@pytest.mark.parametrize("blocked", [[], ["SIGINT"]], ids=["heard", "not heard"])
def test_a_signal_after_the_command_is_quiet(blocked):
    """Also where the main thread does not hear it, and the other one ends the process."""
    last = f"signal.pthread_sigmask(signal.SIG_BLOCK, [getattr(signal, n) for n in {blocked}])"
    process = ready(f"atexit.register(lambda: ({last}, ready()))\nsys.exit(1)")
    assert stopped(process, signal.SIGINT) == ""


def test_a_signal_as_python_ends_changes_nothing():
    code = """
class Last:
    def __del__(self, write=__import__("os").write, wait=time.sleep):
        write(1, b"ready\\n")
        wait(0.3)
        write(1, b"done\\n")
sys.modules["last"] = type(sys)("last")
sys.modules["last"].kept = Last()
"""
    process = ready(code)
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=30) == ("done\n", "")
    assert process.returncode == 0


def test_ignored_signals_stay_ignored():
    def ignore():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    process = ready("ready()", preexec_fn=ignore)
    process.send_signal(signal.SIGINT)
    assert stopped(process, signal.SIGTERM) == f"{MESSAGE}\n"


def test_where_the_commands_run_in_another_program_ctrl_c_has_a_code(monkeypatch):
    from recurate.commands import options

    def interrupted(self, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(options.AskedTable, "read", interrupted)
    done = CliRunner().invoke(app, ["predict", "--example", "digits-class"])
    assert done.exit_code == 130
    assert done.stderr == f"{MESSAGE}\n"
    with pytest.raises(ValueError, match="kept"), reported():  # and nothing else is caught by it
        raise ValueError("kept")


def alive(mark):
    """Return the processes that have a mark in their environment: a run's own, in any session."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()  # of one that has ended there is none
        except OSError:
            continue
        if mark.encode() in environment:
            found.append(int(folder.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in /proc")
@pytest.mark.parametrize("option", ["--jobs", "--workers"])
def test_check_leaves_no_worker(option, tmp_path):
    if option == "--workers":
        pytest.importorskip("distributed")
    mark = f"RECURATE_RUN={tmp_path}"  # which all that it starts inherits
    environment = os.environ | dict([mark.split("=")])
    process = started(
        ["-m", "recurate", "check", option, "2"], start_new_session=True, env=environment
    )
    while len(alive(mark)) < 3 and process.poll() is None:
        time.sleep(0.02)
    assert stopped(process, signal.SIGINT, to=os.killpg) == f"{MESSAGE}\n"  # as a terminal does
    assert not alive(mark)


TELLING = """
from recurate.__main__ import main
from recurate.numerics.simulation.record import Record

keep = Record._keep

def telling(*arguments):
    keep(*arguments)
    print("kept", flush=True)

Record._keep = telling
main()
"""


def test_an_interrupted_simulation_goes_on_as_if_it_had_not_been(tmp_path):
    arguments = [
        *("simulate", "--example", "digits-class", "--lam", "1", "--replicates", "3"),
        *("--generated", "2000", "--steps", "150", "--json"),
    ]
    path = tmp_path / "run.npz"
    # Ctrl-C comes when there is something to keep, long before the first 20 seconds.
    process = started(["-c", TELLING, *arguments, "--checkpoint", path])
    assert process.stdout.readline() == "kept\n"
    assert stopped(process, signal.SIGINT) == f"{MESSAGE}\n"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    whole = CliRunner().invoke(app, arguments)
    resumed = CliRunner().invoke(app, [*arguments, "--checkpoint", str(path)])
    assert json.loads(resumed.stdout) == json.loads(whole.stdout)
