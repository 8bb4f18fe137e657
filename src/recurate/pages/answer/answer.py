"""The answer of a command: in two sentences, in pictures, and in what the terminal prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from recurate.pages.page import rendered
from recurate.printing.answers.told import Told

if TYPE_CHECKING:
    from recurate.pages.charts.picture import Picture

STYLES: tuple[str, ...] = ()
SCRIPTS = ("page.js",)
"""What a page with an answer has to have, of `assets/`."""


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


def page(answer: Answer, *, command: str, parameters: Mapping[str, Any]) -> str:
    """Return an answer as a page of its own, with the command that made it and its parameters."""
    return rendered(
        "answer/page.html",
        styles=STYLES,
        scripts=SCRIPTS,
        answer=answer,
        command=command,
        parameters=parameters,
    )
