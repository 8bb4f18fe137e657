"""What was read of parts so far, kept beside the output: none is read again after a stop."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from recurate.errors import InputError
from recurate.numerics.files import written
from recurate.numerics.own_files import discard, remove_left_unfinished
from recurate.reading.parts.held import Held
from recurate.reading.parts.law_file import About, read_law, write_law
from recurate.reading.parts.listing import Part
from recurate.reading.parts.summing import Summed

SUFFIX = ".parts"
"""What the folder's name has after that of the output."""

FEW = 16
"""Up to so many parts, each is a piece of its own."""

LEAST_BYTES, MOST_BYTES = 2**26, 2**28
PIECES, MOST_PIECES = 64, 2**10

_OURS = re.compile(r"[0-9a-f]{32}\.npz")


def pieces_of(parts: Sequence[Part]) -> list[tuple[Part, ...]]:
    """Return neighbouring parts together: each piece is read, and kept, as one.

    A summary has some megabytes and takes some hundredths of a second to make, to keep and to join,
    however few the rows; so of many parts several make a piece. To read one again takes less than a
    second, or a thousandth of the time that all take. Pieces have equally many parts, a power of
    two, so that a part that is mended, and has another size then, is in the same piece and leaves
    all others as they are.
    """
    if len(parts) <= FEW:
        return [(part,) for part in parts]
    total = sum(max(1, part.size) for part in parts)  # a store may not know them
    most = max(LEAST_BYTES, min(total / PIECES, MOST_BYTES), total / MOST_PIECES)
    number = 2 ** math.floor(math.log2(max(1.0, most / total * len(parts))))
    return [tuple(parts[first : first + number]) for first in range(0, len(parts), number)]


class Kept:
    """The folder of what is kept for one output.

    Parameters
    ----------
    out : Path
        The output.
    held : Held
        What all parts have alike: of others, what is kept is of no use.
    """

    def __init__(self, out: Path, held: Held) -> None:
        self.folder = out.with_name(out.name + SUFFIX)
        self._held = held
        if self.folder.exists() and not self.folder.is_dir():
            raise InputError(
                f"what is read of the parts is kept in the folder {self.folder}, and that is a "
                "file: give -o another name"
            )

    def read(self, piece: Sequence[Part]) -> Summed | None:
        """Return what is kept of a piece; None if nothing is."""
        try:
            with self._path(piece).open("rb") as file:
                summary, about = read_law(file)
        except (OSError, ValueError):  # none, or damaged
            return None
        return None if about is None else Summed(summary, about.counts, about.bad)

    def write(self, piece: Sequence[Part], summed: Summed) -> None:
        """Keep what came of a piece."""
        assert summed.summary is not None, "of a piece without bad parts"
        self.folder.mkdir(parents=True, exist_ok=True)
        with written(self._path(piece)) as file:
            write_law(file, summed.summary, About(counts=summed.counts, bad=summed.bad))

    def clear(self) -> None:
        """Remove what is kept, and nothing else."""
        for path in self.folder.glob("*.npz"):
            if _OURS.fullmatch(path.name):
                discard(path)
        remove_left_unfinished(self.folder)
        with suppress(OSError):
            self.folder.rmdir()

    def _path(self, piece: Sequence[Part]) -> Path:
        """Return the file of a piece, whose name is a hash of all that its summary depends on."""
        from recurate import __version__

        depends_on = repr((__version__, self._held, [tuple(part[:3]) for part in piece]))
        key = sha256(depends_on.encode("utf-8", "surrogateescape")).hexdigest()
        return self.folder / f"{key[:32]}.npz"
