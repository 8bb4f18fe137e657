"""The controls of the page: what each stands for on the command line, and what it is set to.

A state is what the fields of a form hold, by their names: text, as it is typed on the command line.
What is not in it was left blank.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from recurate.reading.tables import EXAMPLES

State = Mapping[str, str]

USUAL: State = {
    "K": "4",
    "lam": "inf",
    "scale": "1",
    "choice": "bradley-terry",
    "keep": "1",
    "share": "0.25",
    "steps": "10",
}
"""What the commands take where nothing is typed."""


@dataclass(frozen=True)
class Control:
    """A control.

    Attributes
    ----------
    name : str
        Of its field.
    label, hint : str
        What it is, and what that means.
    option : str
        That it stands for.
    stops : tuple of str
        Of its slider, ascending; none if it has none.
    entries : tuple of (str, str)
        Of its list, each with what it is called; none if it is a field for text.
    only_with : str
        The choice without which it says nothing.
    """

    name: str
    label: str
    hint: str
    option: str
    stops: tuple[str, ...] = ()
    entries: tuple[tuple[str, str], ...] = ()
    only_with: str = ""


def _few(*numbers: float) -> tuple[str, ...]:
    return tuple(f"{number:g}" for number in numbers)


_DOUBLED = tuple(n * 2**i for i in range(3, 11) for n in (1, 1.5))[:-1]

CONTROLS = (
    Control(
        "example",
        "Table",
        "They come with recurate.",
        "--example",
        entries=tuple((name, name) for name in EXAMPLES),
    ),
    Control(
        "K",
        "Candidates, K",
        "People see so many samples, and choose one.",
        "-K",
        stops=_few(*range(1, 8), *_DOUBLED, math.inf),
    ),
    Control(
        "real-fraction",
        "Share of real data",
        "In each training set; 0 is the pure loop.",
        "--real-fraction",
        stops=_few(*(i / 100 for i in range(101))),
    ),
    Control("lam", "or λ", "Synthetic samples per real one: the share is 1/(1+λ).", "--lam"),
    Control(
        "scale",
        "Scale of rewards, γ",
        "It multiplies rewards: above 1 choices are surer.",
        "--scale",
        stops=_few(*(i / 20 for i in range(1, 20)), *(i / 4 for i in range(4, 21)), *range(6, 11)),
    ),
    Control(
        "choice",
        "How people choose",
        "Which samples the model is trained on.",
        "--choice",
        entries=(
            ("bradley-terry", "by odds e^r (Bradley–Terry)"),
            ("best", "the best of K, for sure"),
            ("top", "the best share of all"),
            ("accept", "each, with probability r"),
        ),
    ),
    Control("keep", "How many of K are kept", "The best ones.", "--choice best:", only_with="best"),
    Control(
        "share", "Share that is kept", "The best part of all.", "--choice top:", only_with="top"
    ),
    Control(
        "steps",
        "Retraining steps",
        "How often the model is retrained.",
        "--steps",
        stops=_few(*range(21), 25, 30, 40, 50, 75, 100, 150, 200),
    ),
    Control(
        "random-clicks", "Random clicks", "Share of choices made at random.", "--random-clicks"
    ),
    Control(
        "flipped-votes",
        "Flipped votes",
        "Share of the others that are turned round.",
        "--flipped-votes",
    ),
    Control("retain", "Kept uncurated", "Share of the model's samples.", "--retain"),
)
"""All controls, in their order."""

FOLDED = ("random-clicks", "flipped-votes", "retain")
"""Those that few people need."""

NOT_OF_A_STEP = ("example", "scale", "steps")
"""Those that a file cannot say, which says what a step is."""

_AMONG_ALL = ("top", "accept")  # choices that are not among K


def state_of(fields: Mapping[str, str], names: Collection[str], start: State) -> State:
    """Return the state of controls of some names.

    Parameters
    ----------
    fields : mapping
        The fields of a form that was sent, or some of them.
    names : collection of str
        Of the controls that there are; other fields do not count.
    start : mapping
        The state of what was not sent.
    """
    sent = {name: fields[name].strip().replace("∞", "inf") for name in names if name in fields}
    if "by" in fields:  # both were sent; whoever has no script says which of the two counts
        sent.pop("lam" if fields["by"] == "real-fraction" else "real-fraction", None)
    found = {**start, **sent}
    for name, other in (("lam", "real-fraction"), ("real-fraction", "lam")):
        if sent.get(name) and not sent.get(other):
            found.pop(other, None)
    choice = found.get("choice") or USUAL["choice"]
    for one in CONTROLS:
        if one.only_with not in ("", choice):
            found.pop(one.name, None)
    if choice in _AMONG_ALL:
        found.pop("K", None)
    return {name: text for name, text in found.items() if text}


def query_of(state: State, names: Collection[str], start: State) -> dict[str, str]:
    """Return fields from which `state_of` makes a state again, in the order of the controls."""
    again = {**state_of(state, names, start), **state}  # what was blanked out is to stay so
    return {one.name: state.get(one.name, "") for one in CONTROLS if one.name in again}


def choice_of(state: State) -> str:
    """Return the rule as it is typed: "best:2", "top:0.25"."""
    choice = state.get("choice", USUAL["choice"])
    part = {"best": state.get("keep", USUAL["keep"]), "top": state.get("share", "")}.get(choice, "")
    return choice if not part or (choice == "best" and part == "1") else f"{choice}:{part}"


def of_choice(text: str) -> State:
    """Return the state that a rule as it is typed stands for."""
    choice, _, part = text.partition(":")
    name = {"best": "keep", "top": "share"}.get(choice)
    return {"choice": choice} | ({name: part} if name and part else {})


def words_of(state: State, names: Collection[str]) -> Iterator[str]:
    """Yield a state as it is typed on the command line."""
    for one in CONTROLS:
        text = choice_of(state) if one.name == "choice" else state.get(one.name, "")
        is_usual = text == USUAL.get(one.name) and one.name in ("scale", "choice")
        if one.name in names and text and not one.only_with and not is_usual:
            yield from (one.option, text)


def fields_of(state: State, names: Collection[str], lam: float | None) -> dict[str, str]:
    """Return what the fields of controls hold: what is typed, and else what is taken.

    Of the share of real data and λ, which are one number, the one that is not typed follows from
    `lam`, if that is known.
    """
    found = {name: state.get(name, USUAL.get(name, "")) for name in names}
    if state.get("choice") == "top":
        found["share"] = state.get("share", "")
    if "lam" in found and "lam" not in state and "real-fraction" in state:
        found["lam"] = "" if lam is None else f"{lam:.6g}"
    elif "real-fraction" in found and "real-fraction" not in state:
        found["real-fraction"] = "" if lam is None else f"{1 / (1 + lam):.6g}"
    return found
