"""Where CIFAR-10's files are: in a folder, in the folder below it, or in the archive."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from recurate.figures.images.labelled import ImageDataError

FOLDER = "cifar-10-batches-py"
"""The folder's name in the archive."""

TRAINING_FILES = tuple(f"data_batch_{number}" for number in range(1, 6))
TEST_FILE = "test_batch"
NAMES_FILE = "batches.meta"
FILES = (*TRAINING_FILES, TEST_FILE, NAMES_FILE)

LARGEST = 2**28
"""Bytes of the largest file that is read: nine times an official one's."""


def check(path: Path) -> None:
    """Raise ImageDataError unless all files are there; they are not read."""
    _using(path, is_read=False)


def contents(path: Path) -> dict[str, tuple[str, bytes]]:
    """Return the content of each of `FILES`, with a name for messages.

    Parameters
    ----------
    path : Path
        The folder ``cifar-10-batches-py``, the folder above it, or the archive.

    Raises
    ------
    ImageDataError
        If files are missing or too large, or the archive is cut off.
    """
    return _using(path, is_read=True)


def _using(path: Path, *, is_read: bool) -> dict[str, tuple[str, bytes]]:
    if path.is_file():
        try:
            with tarfile.open(path) as archive:
                return _from_archive(path, archive, is_read)
        except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
            raise ImageDataError(
                f"{path} must be a folder or the archive cifar-10-python.tar.gz; "
                "got a file that cannot be read as an archive, or not to its end"
            ) from error
    if not path.is_dir():
        raise ImageDataError(
            f"{path} must be a folder with CIFAR-10's files, or their archive; there is none"
        )
    folder = path / FOLDER if (path / FOLDER).is_dir() else path
    files = {name: folder / name for name in FILES if (folder / name).is_file()}
    _require_all(folder, files)
    if not is_read:
        return {}
    return {name: _read(f"{folder}/{name}", file.open("rb")) for name, file in files.items()}


def _from_archive(
    path: Path, archive: tarfile.TarFile, is_read: bool
) -> dict[str, tuple[str, bytes]]:
    # A link might lead anywhere: only files count.
    members = {member.name.rpartition("/")[2]: member for member in archive if member.isfile()}
    _require_all(path, members)
    if not is_read:
        return {}
    # In the archive's order: each step back would unpack everything before it once more.
    ordered = sorted(FILES, key=lambda name: members[name].offset)
    return {name: _read(f"{path}/{name}", archive.extractfile(members[name])) for name in ordered}


def _read(label: str, file: IO[bytes] | None) -> tuple[str, bytes]:
    assert file is not None, "a member that is a file can be opened"
    with closing(file):
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ImageDataError(f"{label} must have at most {LARGEST} bytes; got more")
    return label, content


def _require_all(where: Path, found: Mapping[str, Any]) -> None:
    missing = [name for name in FILES if name not in found]
    if missing:
        raise ImageDataError(
            f"{where} must have CIFAR-10's files in their Python format: {', '.join(FILES)}; "
            f"missing: {'all' if len(missing) == len(FILES) else ', '.join(missing)}"
        )
