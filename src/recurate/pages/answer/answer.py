"""The answer of a command: in two sentences, in pictures, and in what the terminal prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from recurate.numerics.text import shortened
from recurate.pages.page import rendered
from recurate.printing.answers.told import Told
from recurate.printing.as_json import as_json

if TYPE_CHECKING:
    from recurate.pages.charts.picture import Picture

STYLES, SCRIPTS = ("chart.css", "answer.css"), ("page.js", "chart.js")
"""What a page with an answer has to have, of `assets/`."""

_LONGEST_VALUE = 500


@dataclass(frozen=True)
class Answer:
    """What a command says of a loop.

    Attributes
    ----------
    title : str
        What was done, and to which table.
    sentences : tuple of str
        The answer.
    told : sequence
        What the terminal prints, in its order: lines, tables with all of their columns, sections.
    pictures : sequence of Picture
        Charts.
    words : mapping
        From words that are used to what they mean.
    """

    title: str
    sentences: tuple[str, ...]
    told: Told
    pictures: Sequence[Picture] = ()
    words: Mapping[str, str] = field(default_factory=dict)


def body(answer: Answer) -> Markup:
    """Return an answer as a part of a page, which has `STYLES` and `SCRIPTS`."""
    return Markup(rendered("answer/body.html", answer=answer))


def page(
    answer: Answer, *, command: str, parameters: Mapping[str, Any], remarks: Sequence[str] = ()
) -> str:
    """Return an answer as a page of its own.

    Parameters
    ----------
    answer : Answer
        The answer.
    command : str
        The command that gives it, as it can be typed again.
    parameters : mapping
        What the answer is for: values of JSON, and mappings and lists of them.
    remarks : sequence of str
        What was said about the table as it was read.
    """
    return rendered(
        "answer/page.html",
        styles=STYLES,
        scripts=SCRIPTS,
        answer=answer,
        command=command,
        parameters=dict(_flat(parameters)),
        remarks=remarks,
    )


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the values within a mapping with the names that lead to them; none is left out."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    elif value not in (None, (), []):
        yield name, shortened(_written(value), _LONGEST_VALUE)


def _written(value: Any) -> str:
    """Return a value of JSON in a line."""
    is_list = isinstance(value, list | tuple)
    if is_list and not any(isinstance(v, list | tuple | Mapping) for v in value):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else " ".join(as_json(value).split())
