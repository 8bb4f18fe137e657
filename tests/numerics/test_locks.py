"""One run at a time for a folder or a file."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from filelock import FileLock

from recurate.numerics.files import UNFINISHED
from recurate.numerics.locks import SUFFIX, InUseError, held

HOLD = """
import sys
from recurate.numerics.locks import held
with held(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder():
    """Return a function that lets another process hold a path, until the test ends."""
    with ExitStack() as stack:

        def hold(path):
            process = subprocess.Popen(
                [sys.executable, "-c", HOLD, str(path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            assert process.stdout.readline() == "held\n"
            return process

        yield hold


def in_another_thread(path):
    def hold():
        with held(path):
            pass

    with ThreadPoolExecutor(1) as pool:
        pool.submit(hold).result()


def test_a_folder_is_refused_with_the_process_that_holds_it(holder, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    process = holder(folder)
    link = tmp_path / "link"
    link.symlink_to(folder)
    for name in (folder, link):
        with pytest.raises(InUseError, match=f"{name} is in use by process {process.pid};"):
            held(name).__enter__()
    process.communicate("")
    with held(folder):
        assert os.listdir(folder) == [SUFFIX]
    assert not os.listdir(folder)
    assert not UNFINISHED


def test_a_file_is_held_before_it_is_there(holder, tmp_path):
    process = holder(tmp_path / "run.npz")
    with pytest.raises(InUseError, match=f"run.npz is in use by process {process.pid};"):
        held(tmp_path / "run.npz").__enter__()
    with held(tmp_path / "other.npz"), held(tmp_path):
        pass
    process.communicate("")
    assert not os.listdir(tmp_path)


def test_who_is_killed_holds_nothing(holder, tmp_path):
    process = holder(tmp_path)
    process.kill()
    process.wait()
    with held(tmp_path):
        pass
    assert not os.listdir(tmp_path)


def test_a_thread_may_take_it_again_and_another_one_may_not(tmp_path):
    with held(tmp_path):
        with held(tmp_path):
            pass
        assert os.listdir(tmp_path) == [SUFFIX]
        with pytest.raises(InUseError, match=f"process {os.getpid()}"):
            in_another_thread(tmp_path)
    in_another_thread(tmp_path)
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x1b[31m 12", b"\xff\xfe", b"7" * 200])
def test_what_a_foreign_lock_file_says_is_not_repeated(tmp_path, content):
    with held(tmp_path):
        (tmp_path / SUFFIX).write_bytes(content)
        with pytest.raises(InUseError, match="is in use by another process;"):
            in_another_thread(tmp_path)


def test_another_host_is_named(tmp_path):
    with held(tmp_path):
        (tmp_path / SUFFIX).write_text("12 elsewhere")
        with pytest.raises(InUseError, match="is in use by process 12 on elsewhere;"):
            in_another_thread(tmp_path)


def test_what_cannot_be_locked_is_used_all_the_same(monkeypatch, tmp_path):
    for path in ("/dev/null", tmp_path / "nowhere" / "run.npz"):
        with held(path):
            pass
    assert not os.listdir(tmp_path)
    fcntl = pytest.importorskip("fcntl")

    def unknown(descriptor, operation):  # as on some network file systems
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", unknown)
    with held(tmp_path):
        pass


def test_who_waits_never_holds_what_another_one_removes(tmp_path):
    """Files are removed while others wait for them: two must never hold the lock at once."""
    inside = []

    def take(_):
        with held(tmp_path, wait=30):
            inside.append(1)
            assert len(inside) == 1
            inside.pop()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(take, range(60)))
    assert not os.listdir(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="Windows removes no open file")
def test_a_lock_file_is_removed_before_the_lock_is_released(monkeypatch, tmp_path):
    """Else who takes it in between would lose the file, and a third one could make another."""
    left, release = [], FileLock.release

    def watched(lock, force=False):
        left.append(os.listdir(tmp_path))
        release(lock, force)

    monkeypatch.setattr(FileLock, "release", watched)
    with held(tmp_path):
        assert os.listdir(tmp_path) == [SUFFIX]
    assert left[0] == []
