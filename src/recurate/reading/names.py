"""The words in names of columns, by which it is guessed what they hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

RATERS = (
    *("worker", "annotator", "rater", "judge", "labeler", "labeller", "evaluator", "reviewer"),
    *("participant", "respondent", "grader", "assessor", "crowdworker", "coder", "expert"),
)
"""Words in names of columns that say who rated, or are one's ratings."""

_EDGES = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


def words(field: str) -> list[str]:
    """Return the words of a name in small letters, as of "Prompt ID", promptId, annotator1."""
    return [w.casefold() for w in re.split(r"[\W_]+", _EDGES.sub(" ", field)) if w]


def is_like(field: str, known: Collection[str]) -> bool:
    """Return whether one of the words in a name is known, or more than one of what is."""
    return any(word.rstrip("s") in known or word in known for word in words(field))


def other_raters(fields: Sequence[str], field: str) -> list[str]:
    """Return the columns that are called as one of a rater's is, but for a letter or a number."""
    if not is_numbered(field) or not is_like(field, RATERS):
        return []
    stem = _without_number(field)
    return [other for other in fields if other != field and _without_number(other) == stem]


def is_numbered(field: str) -> bool:
    """Return whether a name has a letter or a number of its own, as of rater_a, annotator1."""
    return _without_number(field) != words(field)


def _without_number(field: str) -> list[str]:
    return [word for word in words(field) if len(word) > 1 and not word.isdigit()]
