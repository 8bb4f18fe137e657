"""Writing pages into a folder, where nothing else is harmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from io import DEFAULT_BUFFER_SIZE
from pathlib import Path

from recurate.errors import InputError, as_input_errors
from recurate.numerics.files import Output, opened, require_regular
from recurate.writing import made

GENERATOR = '<meta name="generator" content="recurate"/>'
"""What every page has near its beginning, so that it is known as one of ours."""


@contextmanager
def opened_pages(folder: Path, paths: Iterable[str], option: str) -> Iterator[dict[str, Output]]:
    """Open the pages of a folder, which is made if need be, before the work that fills them.

    What else the folder holds stays as it is. Folders that were made and stay empty are removed.

    Parameters
    ----------
    folder : Path
        The folder.
    paths : iterable of str
        Paths of the pages in it.
    option : str
        The option that names the folder, for errors.

    Raises
    ------
    InputError
        If a file in the place of a page is none of ours, or a file is in the place of a folder.
    OSError
        If one cannot be written.
    """
    places = {path: folder / path for path in paths}
    folders = dict.fromkeys([folder, *(place.parent for place in places.values())])
    with ExitStack() as stack:
        for one in folders:
            stack.enter_context(made(one, option))
        for place in places.values():
            require_own(place, option)
        outputs = stack.enter_context(opened(places.values()))
        yield dict(zip(places, outputs, strict=True))


def require_own(path: Path, option: str) -> None:
    """Raise InputError if a path is something else than a page of ours, or nothing yet."""
    with as_input_errors():
        require_regular(path, f"{option}'s {path.name}")
    if not path.exists():
        return
    with path.open("rb") as file:
        is_own = GENERATOR.encode() in file.read(DEFAULT_BUFFER_SIZE)
    if not is_own:
        raise InputError(
            f"{option} would overwrite {path}, which is no page of recurate's: name another place"
        )
