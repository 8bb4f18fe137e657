"""The one writer: links, devices, pipes, modes, full disks. Nodes and mounts are the tests' own."""

import contextlib
import errno
import io
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest

from recurate.numerics.files import (
    UNFINISHED,
    Output,
    identity,
    is_standard_output,
    landed,
    opened,
    require_regular,
    write_csv,
    write_text,
    written,
    written_text,
)

from ..special_files import FULL, NULL, device, small_files, tree


@pytest.fixture(autouse=True)
def _nothing_is_unfinished():
    yield
    assert not UNFINISHED


@contextlib.contextmanager
def mounted(*arguments):
    *_, place = arguments
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("needs the right to mount")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fails_with(number, path):
    return pytest.raises(OSError, match=rf"^\[Errno {number}\] .*: '{path}'$")


def as_nobody(function):
    """Run a function as a user whom permissions bind, and return what it says."""
    if os.geteuid() != 0:
        return function()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        said = "nothing"
        with contextlib.suppress(BaseException):
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            try:
                said = str(function())
            except Exception as error:
                said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


@pytest.fixture
def common():
    """A folder that every user may enter: pytest's own are closed when another run begins."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        for folder in (path, *path.parents):
            if folder.stat().st_uid == os.geteuid() and folder != folder.parent:
                with contextlib.suppress(PermissionError):
                    folder.chmod(folder.stat().st_mode | 0o711)
        yield path


# A regular file, or none yet


def test_a_new_file_has_the_mode_that_the_umask_allows(tmp_path):
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "a", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755])
def test_mode_is_kept_and_the_content_replaced(tmp_path, mode):
    path = tmp_path / "a"
    path.write_text("a longer old content")
    path.chmod(mode)
    write_text(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert tree(tmp_path) == ["a"]


def test_mode_is_kept_where_attributes_cannot_be(tmp_path, monkeypatch):
    def refuse(*paths):
        raise OSError(errno.ENOTSUP, "no")

    monkeypatch.setattr(shutil, "copystat", refuse)
    (tmp_path / "a").touch(0o600)
    write_text(tmp_path / "a", "new")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="root gives files away")
def test_owner_and_attributes_are_kept(tmp_path):
    path = tmp_path / "a"
    path.write_text("old")
    os.chown(path, 1234, 4321)
    with contextlib.suppress(OSError):
        os.setxattr(path, "user.colour", b"red")
    before = os.listxattr(path)
    inode = path.stat().st_ino
    write_text(path, "new")
    found = path.stat()
    assert (found.st_uid, found.st_gid) == (1234, 4321)
    assert os.listxattr(path) == before
    assert found.st_ino != inode  # it was replaced
    assert abs(found.st_mtime - (tmp_path / "a").stat().st_ctime) < 1  # and is not of the old day


def test_content_is_flushed_before_it_gets_its_name(tmp_path, monkeypatch):
    done = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(
        os, "fsync", lambda fd: done.append(stat.S_IFMT(os.fstat(fd).st_mode)) or fsync(fd)
    )
    monkeypatch.setattr(os, "replace", lambda a, b: done.append("replace") or replace(a, b))
    write_text(tmp_path / "a", "new")
    assert done == [stat.S_IFREG, "replace", stat.S_IFDIR]


def test_nothing_is_there_while_the_work_goes_on(tmp_path):
    with written(tmp_path / "a") as file:
        file.write(b"half")
        assert tree(tmp_path) == []
    assert (tmp_path / "a").read_bytes() == b"half"


def test_anything_can_write_to_it(tmp_path):
    with written(tmp_path / "a.npz") as file:
        np.savez(file, x=np.arange(3))
    assert np.load(tmp_path / "a.npz")["x"].tolist() == [0, 1, 2]
    with written_text(tmp_path / "a.txt") as text:
        text.write("λ\n\udcff\r\n")
    assert (tmp_path / "a.txt").read_bytes() == "λ\n\\udcff\r\n".encode()
    buffer = io.BytesIO()
    write_csv(buffer, {"t": [0, 1]})
    assert buffer.getvalue() == b"t\n0\n1\n"


def test_a_file_that_is_protected_is_left_alone(common):
    path = common / "a"
    path.write_text("mine")
    path.chmod(0o444)
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)  # its own owner may not write to it
    common.chmod(0o777)
    said = as_nobody(lambda: Output(path))
    assert said == f"PermissionError: [Errno 13] Permission denied: '{path}'"
    assert path.read_text() == "mine"
    assert tree(common) == ["a"]


@pytest.mark.parametrize(
    "name", ["", "missing/a", "folder", "new/", "new/.", "new/..", "folder/", "a/b", "a/"]
)
def test_what_cannot_be_written_is_said_before_the_work(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "a").write_text("x")
    before = tree(tmp_path)
    with pytest.raises(OSError, match=rf": '{name}'$"), written(name):
        pytest.fail("the work has begun")
    assert tree(tmp_path) == before


def test_a_name_as_long_as_names_can_be(tmp_path):
    path = tmp_path / ("a" * 251 + ".csv")
    write_text(path, "x")
    write_text(path, "y")
    assert path.read_text() == "y"


# In place


def test_a_file_in_a_folder_that_is_read_only_is_written_in_place(common):
    folder = common / "folder"
    folder.mkdir()
    path = folder / "a"
    path.write_text("a longer old content")
    path.chmod(0o666)
    folder.chmod(0o555)
    said = as_nobody(lambda: write_text(path, "new"))
    folder.chmod(0o755)
    assert said in (None, "None")
    assert path.read_text() == "new"
    assert tree(folder) == ["a"]


def test_a_new_file_in_such_a_folder_is_refused(common):
    folder = common / "folder"
    folder.mkdir(mode=0o555)
    said = as_nobody(lambda: Output(folder / "a"))
    assert said == f"PermissionError: [Errno 13] Permission denied: '{folder / 'a'}'"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="files of two users")
def test_a_file_of_another_owner_keeps_him(common):
    path = common / "a"
    path.write_text("old")
    path.chmod(0o666)
    for mode in (0o777, 0o1777):  # in the second only its owner may replace a file
        common.chmod(mode)
        assert as_nobody(lambda m=mode: write_text(path, f"new {m}")) == "None"
        assert path.read_text() == f"new {mode}"
        assert path.stat().st_uid == 0
    assert tree(common) == ["a"]


def test_a_file_that_is_mounted_by_itself_is_written_in_place(tmp_path):
    path, other = tmp_path / "a", tmp_path / "other"
    path.write_text("covered")
    other.write_text("a longer old content")
    with mounted("--bind", other, path):
        write_text(path, "new")
        assert path.read_text() == "new"
        assert tree(tmp_path) == ["a", "other"]
    assert (path.read_text(), other.read_text()) == ("covered", "new")


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EBUSY, errno.EPERM])
def test_where_renaming_fails_it_is_written_in_place(tmp_path, monkeypatch, number):
    def refuse(*paths):
        raise OSError(number, "no")

    monkeypatch.setattr(os, "replace", refuse)
    path = tmp_path / "a"
    with fails_with(number, path):  # there is nothing to write to
        write_text(path, "new")
    path.write_text("a longer old content")
    inode = path.stat().st_ino
    write_text(path, "new")
    assert (path.read_text(), path.stat().st_ino) == ("new", inode)
    assert tree(tmp_path) == ["a"]


def test_the_old_content_comes_back_if_the_new_one_fails_in_place(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_text("old content")

    def refuse(*paths):
        raise OSError(errno.EBUSY, "no")

    def fail(descriptor):
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            raise OSError(errno.EIO, "no")

    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(os, "fsync", fail)
    with fails_with(errno.EIO, path):
        write_text(path, "new")
    assert path.read_text() == "old content"
    assert tree(tmp_path) == ["a"]


# Links


def test_the_target_of_a_link_is_replaced(tmp_path):
    (tmp_path / "deep").mkdir()
    target, link, links = tmp_path / "deep" / "a", tmp_path / "link", tmp_path / "links"
    link.symlink_to("deep/a")
    links.symlink_to(link)
    for content in ("first, where there was nothing", "second"):
        write_text(links, content)
        assert target.read_text() == content
        assert link.is_symlink()
        assert links.is_symlink()
        assert not target.is_symlink()
    assert tree(tmp_path) == ["deep", "deep/a", "link", "links"]


def test_links_in_a_circle_are_refused(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    for function in (Output, identity):
        with fails_with(errno.ELOOP, tmp_path / "a"):
            function(tmp_path / "a")
    assert tree(tmp_path) == ["a", "b"]


def test_a_link_to_no_folder_is_refused(tmp_path):
    (tmp_path / "a").symlink_to("missing/b")
    with fails_with(errno.ENOENT, tmp_path / "a"):
        Output(tmp_path / "a")
    (tmp_path / "folder").symlink_to(".")
    with fails_with(errno.EISDIR, tmp_path / "folder"):
        Output(tmp_path / "folder")


def test_another_hard_link_keeps_the_old_content(tmp_path):
    (tmp_path / "a").write_text("old")
    os.link(tmp_path / "a", tmp_path / "b")
    write_text(tmp_path / "a", "new")
    assert [(tmp_path / name).read_text() for name in "ab"] == ["new", "old"]


# Devices, pipes, descriptors


def test_a_device_stays_one(tmp_path):
    path = device(tmp_path / "null", NULL)
    (tmp_path / "link").symlink_to("null")
    for name in ("null", "link"):
        write_text(tmp_path / name, "new")
    found = path.stat()
    assert (stat.S_ISCHR(found.st_mode), found.st_rdev) == (True, NULL)
    assert tree(tmp_path) == ["link", "null"]


def test_a_full_device_is_named(tmp_path):
    path = device(tmp_path / "full", FULL)
    with fails_with(errno.ENOSPC, path):
        write_text(path, "new")
    assert stat.S_ISCHR(path.stat().st_mode)


def test_a_pipe_is_opened_once_and_gets_all_at_the_end(tmp_path):
    path, got = tmp_path / "pipe", []
    os.mkfifo(path)

    def read():
        with open(path, "rb") as pipe:  # a second opening would end the first reading
            got.append(pipe.read())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    content = bytes(range(256)) * 1000  # more than a pipe holds
    with written(path) as file:
        file.write(content)
        assert reader.is_alive()
    reader.join(10)
    assert got == [content]
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert tree(tmp_path) == ["pipe"]


def test_a_pipe_whose_reader_has_gone_is_named(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    output = Output(tmp_path / "pipe")
    os.close(reader)
    output.content.write(b"x")
    error = landed([output])
    output.close()
    assert isinstance(error, BrokenPipeError)
    assert error.filename == str(tmp_path / "pipe")


def test_a_pipe_that_does_not_wait_is_waited_for():
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    got = []

    def read():
        with open(reading, "rb") as pipe:
            got.append(pipe.read())

    reader = threading.Thread(target=read, daemon=True)
    content = b"x" * 300_000
    with written(f"/dev/fd/{writing}") as file:
        file.write(content)
        os.close(writing)
        reader.start()
    reader.join(10)
    assert got == [content]


def test_a_descriptor_is_written_to_where_it_stands(tmp_path):
    path = tmp_path / "a"
    with path.open("wb", buffering=0) as file:
        file.write(b"before, ")
        (tmp_path / "link").symlink_to(f"/proc/self/fd/{file.fileno()}")
        for name in (
            f"/dev/fd/{file.fileno()}",
            tmp_path / "link",
            f"/proc/{os.getpid()}/fd/{file.fileno()}",
        ):
            write_text(name, "new, ")
        file.write(b"after")
    assert path.read_text() == "before, new, new, new, after"
    assert tree(tmp_path) == ["a", "link"]


@pytest.mark.parametrize("number", ["987654", "9" * 30])
def test_a_descriptor_that_is_not_open_is_refused(number):
    for function in (Output, identity):
        if len(number) < 10:
            with fails_with(errno.EBADF, f"/dev/fd/{number}"):
                function(f"/dev/fd/{number}")
    with pytest.raises(OSError, match="fd"):
        Output(f"/dev/fd/{number}")


def test_a_descriptor_for_reading_is_refused_before_the_work(tmp_path):
    (tmp_path / "a").write_text("old")
    with (tmp_path / "a").open() as file, fails_with(errno.EBADF, f"/dev/fd/{file.fileno()}"):
        Output(f"/dev/fd/{file.fileno()}")


def test_a_socket_is_not_replaced(tmp_path, monkeypatch):
    socket = pytest.importorskip("socket")
    monkeypatch.chdir(tmp_path)  # names of sockets are short
    with socket.socket(socket.AF_UNIX) as opened_one:
        opened_one.bind("a")
        with fails_with(errno.ENXIO, "a"):
            write_text("a", "x")
        assert stat.S_ISSOCK(os.stat("a").st_mode)


def test_standard_output(capsysbinary, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    print("before")
    write_text("-", "λ")
    assert capsysbinary.readouterr().out == "before\nλ".encode()
    with contextlib.redirect_stdout(io.StringIO()) as text:  # which has no bytes
        write_text("-", "λ")
    assert text.getvalue() == "λ"
    write_text("./-", "a file")
    assert tree(tmp_path) == ["-"]
    monkeypatch.setattr(sys, "stdout", None)
    with fails_with(errno.EBADF, "standard output"):
        Output("-")


def test_dev_stdout_is_the_descriptor_even_where_it_is_a_file(tmp_path):
    code = (
        "from recurate.numerics.files import write_text\n"
        "print('before')\nwrite_text('/dev/stdout', 'new\\n')\nwrite_text('-', 'more\\n')\n"
        "print('after')"
    )
    with (tmp_path / "a").open("w") as out:
        subprocess.run([sys.executable, "-c", code], stdout=out, check=True)
    assert (tmp_path / "a").read_text() == "before\nnew\nmore\nafter\n"
    assert tree(tmp_path) == ["a"]


# A full disk


def test_a_full_disk_names_the_file_and_changes_nothing(tmp_path):
    with mounted("-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path):
        (tmp_path / "a").write_text("old")
        for name in "ab":
            with fails_with(errno.ENOSPC, tmp_path / name):
                write_text(tmp_path / name, "x" * 100_000)
        assert (tmp_path / "a").read_text() == "old"
        assert tree(tmp_path) == ["a"]


def test_a_limit_of_size_names_the_file_and_changes_nothing(tmp_path):
    (tmp_path / "a").write_text("old")
    for name in "ab":
        with small_files(4096), fails_with(errno.EFBIG, tmp_path / name):
            write_text(tmp_path / name, "x" * 5000)
    assert (tmp_path / "a").read_text() == "old"
    assert tree(tmp_path) == ["a"]


@pytest.mark.parametrize("name", ["write", "fsync", "close"])
def test_errors_of_the_disk_name_the_file(tmp_path, monkeypatch, name):
    (tmp_path / "a").write_text("old")
    function = getattr(os, name)

    def fail(descriptor, *rest):
        found = os.fstat(descriptor)
        done = function(descriptor, *rest)
        if stat.S_ISREG(found.st_mode):
            raise OSError(errno.EIO, "no")
        return done

    output = Output(tmp_path / "a")
    output.content.write(b"x")
    monkeypatch.setattr(os, name, fail)
    error = landed([output])
    output.close()
    assert (error.errno, error.filename) == (errno.EIO, str(tmp_path / "a"))
    assert (tmp_path / "a").read_text() == "old"
    assert tree(tmp_path) == ["a"]


def test_several_files_are_written_all_or_none(tmp_path):
    full = device(tmp_path / "full", FULL)
    (tmp_path / "a").write_text("old")
    with opened([tmp_path / "a", full, tmp_path / "b"]) as outputs:
        for output in outputs:
            output.content.write(b"new")
        error = landed(outputs)
    assert (error.errno, error.filename) == (errno.ENOSPC, str(full))
    assert (tmp_path / "a").read_text() == "old"
    assert tree(tmp_path) == ["a", "full"]


# Which file it is


def test_paths_to_one_file_have_one_identity(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "a").write_text("x")
    (tmp_path / "link").symlink_to("a")
    os.link("a", "hard")
    (tmp_path / "dangling").symlink_to("folder/new")
    (tmp_path / "way").symlink_to("folder")
    same = [["a", "./a", "link", "hard", "folder/../a", tmp_path / "a"]]
    same += [["dangling", "folder/new", "way/new"], ["missing/b", "folder/../missing/b"]]
    same += [["b", "./b"]]
    with open("a") as file:
        same[0].append(f"/dev/fd/{file.fileno()}")
        found = [{identity(path) for path in paths} for paths in same]
    assert [len(ids) for ids in found] == [1, 1, 1, 1]
    assert len(set.union(*found)) == 4


def test_standard_output_has_many_names(tmp_path, capfd):
    (tmp_path / "link").symlink_to("/dev/stdout")
    names = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", tmp_path / "link"]
    assert all(map(is_standard_output, names))
    assert len({identity(name) for name in names[1:]}) == 1
    assert not any(map(is_standard_output, ["./-", "/dev/stderr", "stdout", "/dev/fd/11"]))


def test_only_a_file_on_a_disk_is_regular(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    (tmp_path / "a").write_text("")
    for name in (tmp_path / "a", tmp_path / "new"):
        require_regular(name, "it")
    for name in (tmp_path, tmp_path / "pipe", tmp_path / "link", "-", "/dev/stdout", "/dev/null"):
        with pytest.raises(
            ValueError, match=f"^it must be a file on a disk, or none yet; got {name}"
        ):
            require_regular(name, "it")
