"""Where CIFAR-10's files are: in a folder, in the folder below it, or in the archive."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

from recurate.figures.images.labelled import ImageDataError

FOLDER = "cifar-10-batches-py"
"""The folder's name in the archive."""

TRAINING_FILES = tuple(f"data_batch_{number}" for number in range(1, 6))
TEST_FILE = "test_batch"
NAMES_FILE = "batches.meta"
FILES = (*TRAINING_FILES, TEST_FILE, NAMES_FILE)

LARGEST = 2**28
"""Bytes of the largest file that is read: nine times an official one's."""

LARGEST_ARCHIVE = 2**30
"""Bytes of the largest archive, unpacked: six times the official one."""

MOST_MEMBERS = 256
"""Most files and folders of an archive: the official one has ten."""

_LONGEST_HEADER = 2**12  # bytes of a header with a long name, say
_OPEN: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}


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
    OSError
        If a file cannot be read.
    """
    return _using(path, is_read=True)


def _using(path: Path, *, is_read: bool) -> dict[str, tuple[str, bytes]]:
    if path.is_file():
        with path.open("rb") as beginning:
            magic = beginning.read(6)
        unpack = next((_OPEN[begin] for begin in _OPEN if magic.startswith(begin)), None)
        try:
            with closing(_Bounded(path.open("rb") if unpack is None else unpack(path))) as file:
                return _from_archive(path, file, is_read)
        except ImageDataError:
            raise
        except OSError as error:
            if error.errno is not None:  # that of a decompressor has none
                raise
            raise _no_archive(path) from error
        except Exception as error:  # other bytes make the readers fail in any way
            raise _no_archive(path) from error
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


def _no_archive(path: Path) -> ImageDataError:
    return ImageDataError(
        f"{path} must be a folder or the archive cifar-10-python.tar.gz; "
        "got a file that cannot be read as an archive, or not to its end"
    )


class _Bounded:
    """A file, unpacked as it is read, up to what an archive may have and no further."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.longest_read = _LONGEST_HEADER
        self.tell, self.close = file.tell, file.close

    def read(self, size: int) -> bytes:
        """Return so many bytes, or fewer at the end."""
        self._require(size, self.longest_read)
        self._require(self.tell() + size, LARGEST_ARCHIVE)
        return self._file.read(size)

    def seek(self, position: int) -> int:
        """Go to a position, from the beginning."""
        self._require(position, LARGEST_ARCHIVE)
        return self._file.seek(position)

    def _require(self, size: int, most: int) -> None:
        if not 0 <= size <= most:
            raise ImageDataError(
                f"an archive of CIFAR-10 must have at most {LARGEST_ARCHIVE} bytes, in files of at "
                f"most {LARGEST} bytes with short names; got one with more"
            )


def _from_archive(path: Path, file: _Bounded, is_read: bool) -> dict[str, tuple[str, bytes]]:
    archive = tarfile.open(fileobj=cast(IO[bytes], file), mode="r:")  # noqa: SIM115, it is in memory
    found = list(islice(archive, MOST_MEMBERS + 1))
    if len(found) > MOST_MEMBERS:
        raise ImageDataError(f"{path} must be an archive of at most {MOST_MEMBERS} files; got more")
    # A link might lead anywhere: only files count.
    members = {member.name.rpartition("/")[2]: member for member in found if member.isfile()}
    _require_all(path, members)
    if not is_read:
        return {}
    file.longest_read = LARGEST + 1
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
