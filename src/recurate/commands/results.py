"""Names of results on the command line."""

from __future__ import annotations

import difflib

from recurate.errors import InputError
from recurate.numerics.text import shown


def require_known(names: list[str], known: list[str]) -> None:
    """Raise InputError if a name is not known; the message has known names that are close to it."""
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name[:100], known, n=3, cutoff=0.4) or known[:3]
            raise InputError(
                f"ID must be a result, such as {', '.join(close)}; got {shown(name)} "
                "(recurate list names all)"
            )
