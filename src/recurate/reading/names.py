"""The words in names of columns, by which it is guessed what they hold."""

from __future__ import annotations

import re

_EDGES = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


def words(field: str) -> list[str]:
    """Return the words of a name in small letters, as of "Prompt ID", promptId, annotator1."""
    return [w.casefold() for w in re.split(r"[\W_]+", _EDGES.sub(" ", field)) if w]
