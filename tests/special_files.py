"""Devices, disks without room and listings of folders, for tests of what is written."""

import os
import resource
import stat
from contextlib import contextmanager

import pytest

NULL, FULL = os.makedev(1, 3), os.makedev(1, 7)  # of Linux


def tree(folder):
    """Return the paths of all that lies in a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def device(path, number):
    """Make a device, or skip the test."""
    try:
        os.mknod(path, 0o666 | stat.S_IFCHR, number)
        os.close(os.open(path, os.O_WRONLY))
    except (AttributeError, PermissionError):
        pytest.skip("needs the right to make devices")
    return path


@contextmanager
def small_files(most):
    """Let no file grow beyond a number of bytes, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
